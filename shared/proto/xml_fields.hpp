// The fields that messages of XML terminals share, checked: ids, times, and a
// message as JSON. Inside proto/ only.
#pragma once

#include "base/error.hpp"
#include "codec/xml.hpp"

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

namespace wac::xml
{

/** 1 to 64 of A-Z a-z 0-9 . _ - that begin with a letter or digit. */
bool valid_id(std::string_view id) noexcept;

/** Digits that fit 63 bits. */
std::optional<std::int64_t> number_of(std::string_view digits) noexcept;

/** LogID, which dialect M must have, as it was received. */
Result<std::string> log_id_of(const Message &message);

/** UserID or AdminID, by "User" or "Admin"; its _Base36 replaces it. "" if
 *  the message names nobody. */
Result<std::string> person_of(const Message &message, std::string_view who);

struct LogTime {
    WallTime wall;
    std::optional<std::int64_t> instant_us; // if the message says an offset
};

Result<LogTime> log_time_of(const Message &message, std::string_view field);

/** All fields as JSON, as received, but secrets and those of `left_out`. */
std::string raw_of(const Message &message,
                   std::initializer_list<std::string_view> left_out);

} // namespace wac::xml
