// How logs are asked for, one by one (biometric-xml.md 3): for get_logs and
// for the backfill. Vendor texts pass the LogID behind the last one, a unit
// in the field took it for a position in its ring; so whoever asks looks at
// the LogID that comes back and believes nothing else.
#pragma once

#include "proto/xml_command_request.hpp"

#include <cstdint>
#include <optional>

namespace wac::xml
{

Request log_count_request();

/** LogCount, at most a million; 0 if the answer has none or is a refusal. */
std::int64_t log_count_in(const Message &answer);

/** The first of a walk is GetFirstGlog. */
Request log_request(std::int64_t position, bool first);

/** The LogID of the log that came; nothing if none came: the end, or an error
 *  that cannot be told from it. */
std::optional<std::int64_t> log_number_in(const Message &answer);

} // namespace wac::xml
