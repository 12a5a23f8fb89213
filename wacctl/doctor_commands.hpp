#pragma once

#include "command_line.hpp"

namespace wac::ctl
{

/** `doctor [SN]`. */
void add_doctor_command(CLI::App &program, CommandLine &line);

} // namespace wac::ctl
