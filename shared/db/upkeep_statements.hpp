#pragma once

#include "db/statement_queue.hpp"

namespace wac::db
{

std::span<const Statement> upkeep_statements();

} // namespace wac::db
