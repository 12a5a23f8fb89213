#pragma once

#include "command_line.hpp"

namespace wac::ctl
{

/** `attendance list|export`. */
void add_attendance_commands(CLI::App &program, CommandLine &line);

} // namespace wac::ctl
