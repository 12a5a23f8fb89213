#pragma once

#include "command_line.hpp"

namespace wac::ctl
{

/** `quarantine list|show`. */
void add_quarantine_commands(CLI::App &program, CommandLine &line);

} // namespace wac::ctl
