// The SQL about proof: tokens of terminals, of people and of programs, and what
// those may order.
#pragma once

#include "db/statement_queue.hpp"

namespace wac::db
{

std::span<const Statement> token_statements();

/** KeepToken, KeepLogCursor, CheckToken and OrderCommand of a batch. */
bool send_token_operations(StatementQueue &queue, Operations operations);

} // namespace wac::db
