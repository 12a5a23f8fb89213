// `wac-sim fk`: its options.
#pragma once

#include "command_line.hpp"

namespace wac::sim
{

void add_fk_command(CLI::App &program, CommandLine &line);

} // namespace wac::sim
