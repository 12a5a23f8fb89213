#pragma once

#include "db/statement_queue.hpp"

#include <cstdint>
#include <span>
#include <string_view>

namespace wac::db
{

std::span<const Statement> session_statements();

/** Connections that become the sessions of their terminals. */
bool send_openings(StatementQueue &queue, Operations operations);

} // namespace wac::db
