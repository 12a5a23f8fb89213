#pragma once

#include "command_line.hpp"

namespace wac::ctl
{

/** `command send|list|show|cancel|codes`. */
void add_command_commands(CLI::App &program, CommandLine &line);

} // namespace wac::ctl
