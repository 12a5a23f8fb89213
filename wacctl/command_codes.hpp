// The reference of commands: what a terminal can be told, and with which
// parameters.
#pragma once

#include "command_line.hpp"

namespace wac::ctl
{

/** All commands of a dialect, FK if `protocol` is ""; or those of one name,
 *  of all dialects if `protocol` is "". */
Result<Outcome> print_command_codes(const std::string &cmd_code,
                                    const std::string &protocol, bool json);

} // namespace wac::ctl
