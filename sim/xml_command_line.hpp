// `wac-sim xml`: its options and its run.
#pragma once

#include "command_line.hpp"

namespace wac::sim
{

void add_xml_command(CLI::App &program, CommandLine &line);

} // namespace wac::sim
