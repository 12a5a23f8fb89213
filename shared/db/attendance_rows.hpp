// Punches made ready for one statement, which cannot touch one row twice.
#pragma once

#include "db/statement_queue.hpp"
#include "proto/operation.hpp"

#include <optional>
#include <string_view>
#include <vector>

namespace wac::db
{

struct AttendanceRow {
    std::string_view sn;
    Protocol protocol;
    std::string_view zone; // of a device without its own; "": the database's
    const AttendanceRecord *record;
    Bytes photo;
    std::int32_t copies; // further ones of it among the rows; -1: is one
    std::optional<std::int32_t> n; // what it is known by in the statement
};

/** Finds rows of equal natural key (wac_attendance_logs_once): the first is
 *  told how many more there are, and the photo of one if it has none itself.
 *  Puts the rows into the key's order, so that two sessions that hold the
 *  same records wait for each other instead of locking both up. */
void mark_copies(std::vector<AttendanceRow> &rows);

/** As an array of wac_attendance_row. The hashes of photos are the queue's. */
PgRows parameter_of(const std::vector<AttendanceRow> &rows,
                    StatementQueue &queue);

} // namespace wac::db
