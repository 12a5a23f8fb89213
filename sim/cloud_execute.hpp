// What a server's command does to a simulated `cloud` terminal, and what the
// terminal answers (cloud-json.md section 3): no clock, no I/O. `reboot` is
// not here: it concerns the connection, not what the terminal holds.
#pragma once

#include "cloud_terminal.hpp"

namespace wac::sim
{

/** A credential that is to be sent. */
struct CloudEnrolment {
    std::int64_t enrollid = 0;
    int backupnum = 0;
};

struct CloudOutcome {
    bool result = true;
    std::optional<int> reason; // of a failure
    Json fields;               // beyond ret, sn, result and reason; may be null
    std::optional<CloudEnrolment> enrolment; // to send afterwards
};

/** `command` is the whole object. `host_now_s` is the host's wall clock,
 *  without the terminal's offset. */
CloudOutcome execute(CloudTerminal &terminal, std::string_view name,
                     const json_t *command, std::int64_t host_now_s);

} // namespace wac::sim
