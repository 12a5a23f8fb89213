// Follows a command until it ends, for `command send --wait`. The command does
// not depend on it: whoever stops waiting leaves it as it is.
#pragma once

#include "command_line.hpp"

namespace wac::ctl
{

struct WaitOptions {
    std::string trans_id;
    long long wait_s = 0;
    bool existing = false; // told with --json, as by `command send`
};

/** Done if the command succeeded. On a terminal its state is one line that is
 *  redrawn, elsewhere a line a change, with `json` only the row at the end. */
Result<Outcome> wait_for_command(Database &database, const WaitOptions &options,
                                 bool json);

} // namespace wac::ctl
