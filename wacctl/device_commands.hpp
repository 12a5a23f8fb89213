#pragma once

#include "command_line.hpp"

namespace wac::ctl
{

/** `device list|show|add|set|approve|block|remove`. */
void add_device_commands(CLI::App &program, CommandLine &line);

} // namespace wac::ctl
