#pragma once

#include "db/statement_queue.hpp"

namespace wac::db
{

std::span<const Statement> device_statements();

bool send_contacts(StatementQueue &queue, Operations operations);
bool send_polls(StatementQueue &queue, Operations operations);
bool send_identifications(StatementQueue &queue, Operations operations);

} // namespace wac::db
