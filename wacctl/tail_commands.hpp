#pragma once

#include "command_line.hpp"

namespace wac::ctl
{

/** `tail`. */
void add_tail_command(CLI::App &program, CommandLine &line);

} // namespace wac::ctl
