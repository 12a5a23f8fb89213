#pragma once

#include "db/statement_queue.hpp"

namespace wac::db
{

std::span<const Statement> result_statements();

/** Answers to commands: kept, taken in, done. */
bool send_results(StatementQueue &queue, Operations operations);

} // namespace wac::db
