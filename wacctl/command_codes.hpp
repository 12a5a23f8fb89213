// The reference of commands: what a terminal can be told, and with which
// parameters.
#pragma once

#include "command_line.hpp"

namespace wac::ctl
{

/** All of them, or those of one name; "" for all. */
Result<Outcome> print_command_codes(const std::string &cmd_code, bool json);

} // namespace wac::ctl
