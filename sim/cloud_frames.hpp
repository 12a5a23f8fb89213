// The frames that a simulated `cloud` terminal sends, as JSON. When it sends
// them is cloud_device.cpp's.
#pragma once

#include "cloud_execute.hpp"

#include <span>

namespace wac::sim
{

/** One record of a log, as sendlog and the pages of getalllog have it. */
Json log_json(CloudFamily family, const CloudPunch &punch);

/** enrollid, name, backupnum, admin and record of a credential that the
 *  terminal holds. */
Json user_json(const CloudTerminal &terminal, const CloudEnrolment &of);

std::string reg_frame(const CloudTerminal &terminal, std::int64_t now_s);

/** `photo` is the size of each punch's picture; 0: none. */
std::string sendlog_frame(const CloudTerminal &terminal,
                          std::span<const CloudPunch> punches,
                          std::size_t logindex, std::size_t photo);

std::string senduser_frame(const CloudTerminal &terminal,
                           const CloudEnrolment &of);

std::string checklive_frame(const CloudTerminal &terminal, std::int64_t now_s);

/** The answer to a command; `as_cmd`: in disguise (cloud-json.md 1.2). */
std::string result_frame(const CloudTerminal &terminal, std::string_view name,
                         const CloudOutcome &outcome, bool as_cmd);

} // namespace wac::sim
