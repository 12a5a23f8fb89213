// `wacctl doctor SN`: what came in from one terminal, what was refused and
// why, and what to do about it.
#pragma once

#include "command_line.hpp"

namespace wac::ctl
{

/** Of an unknown device it says where to look. */
Result<Outcome> examine_device(Database &database, const std::string &sn,
                               bool json);

} // namespace wac::ctl
