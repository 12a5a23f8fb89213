#pragma once

#include "command_line.hpp"

namespace wac::ctl
{

/** `token create|list|revoke`. */
void add_token_commands(CLI::App &program, CommandLine &line);

} // namespace wac::ctl
