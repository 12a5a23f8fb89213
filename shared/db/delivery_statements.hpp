#pragma once

#include "db/statement_queue.hpp"

namespace wac::db
{

std::span<const Statement> delivery_statements();

/** Commands for terminals that hold a connection or poll by checklive. */
bool send_deliveries(StatementQueue &queue, Operations operations);

} // namespace wac::db
