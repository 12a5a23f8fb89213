#pragma once

#include "db/statement_queue.hpp"

namespace wac::db
{

std::span<const Statement> command_statements();

/** Commands given out and answered, and messages in parts. */
bool send_commands(StatementQueue &queue, Operations operations);

} // namespace wac::db
