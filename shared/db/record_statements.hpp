#pragma once

#include "db/statement_queue.hpp"

namespace wac::db
{

std::span<const Statement> record_statements();

/** Punches, enrolments, events and quarantine, in an order that lets a
 *  punch's photo be found by the punch. */
bool send_records(StatementQueue &queue, Operations operations);

/** A photo, before whatever refers to it; nothing for an empty one. */
bool send_photo(StatementQueue &queue, const std::string &sn, Bytes photo);

bool send_enrolment(StatementQueue &queue, const StoreEnrolment &op,
                    std::size_t owner);
bool send_quarantine(StatementQueue &queue, const Quarantine &op,
                     std::size_t owner);

} // namespace wac::db
