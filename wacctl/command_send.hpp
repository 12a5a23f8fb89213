// Queues a command for a terminal. Whatever can be known to be wrong with it
// is refused here, before it is queued: the terminal would answer hours later,
// or not at all.
#pragma once

#include "command_line.hpp"

namespace wac::ctl
{

struct SendOptions {
    std::string sn;
    std::string cmd_code;
    std::optional<std::string> param; // JSON, @FILE or @-
    std::vector<std::string> bin_files;
    bool native = false;
    bool yes = false;
    std::optional<long long> ttl_s;
    std::optional<long long> wait_s;
    std::optional<long long> max_attempts;
    std::string idempotency_key;
    std::optional<std::string> requested_by; // none: the user of this process
};

Result<Outcome> send_command(Database &database, const SendOptions &options,
                             bool json);

} // namespace wac::ctl
