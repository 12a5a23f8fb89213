// What `wac-sim xml` was asked for: how many terminals of which dialect, what
// they hold and how they misbehave.
#pragma once

#include "codec/xml.hpp"
#include "fleet_options.hpp"
#include "token_file.hpp"

#include <map>

namespace wac::sim
{

struct XmlOptions : LiveOptions {
    xml::Dialect dialect = xml::Dialect::message;
    std::string cloud_id = "wac-sim";
    std::uint32_t admin_logs = 0; // that wait in each terminal at the start
    std::size_t photo = 0;        // bytes of a punch's picture
    bool old_events = false;      // TimeLog and AdminLog, without TransID
    std::optional<int> utc_offset_minutes;
    std::optional<milliseconds> keepalive{30000};
    milliseconds reconnect{10000};
    milliseconds resend_every{5000}; // what is not answered; three times
    milliseconds reboot_time{1000};
    std::map<std::string, std::string> errors; // request: Result
};

} // namespace wac::sim
