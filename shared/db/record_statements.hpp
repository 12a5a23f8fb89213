#pragma once

#include "db/statement_queue.hpp"

namespace wac::db
{

std::span<const Statement> record_statements();

/** Punches, enrolments, events and quarantine, in an order that lets a
 *  punch's photo be found by the punch. */
bool send_records(StatementQueue &queue, Operations operations);

bool send_enrolment(StatementQueue &queue, const StoreEnrolment &op,
                    std::size_t owner);
bool send_quarantine(StatementQueue &queue, const Quarantine &op,
                     std::size_t owner);

} // namespace wac::db
