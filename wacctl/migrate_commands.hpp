#pragma once

#include "command_line.hpp"

namespace wac::ctl
{

/** `migrate`. */
void add_migrate_command(CLI::App &program, CommandLine &line);

} // namespace wac::ctl
