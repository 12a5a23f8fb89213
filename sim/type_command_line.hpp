// `wac-sim type`: its options, and the runs that they ask for.
#pragma once

#include "command_line.hpp"

namespace wac::sim
{

void add_type_command(CLI::App &program, CommandLine &line);

} // namespace wac::sim
