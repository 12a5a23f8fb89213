// What sessions say in the log: a line of any level but debug only as often as
// all of them together may, and how many were held back.
#pragma once

#include "flow/session.hpp"

#include <string>
#include <string_view>

namespace wac
{

void write_session_note(SessionContext &context, LogLevel level,
                        const std::string &text) noexcept;

/** The same about a terminal; "" if it is not known which. */
void write_device_note(SessionContext &context, std::string_view sn,
                       LogLevel level, const std::string &text) noexcept;

} // namespace wac
