// Punches made ready for one statement, which cannot touch one row twice.
#pragma once

#include "proto/operation.hpp"

#include <string_view>
#include <vector>

namespace wac::db
{

struct AttendanceRow {
    const StoreAttendance *operation; // null for a pulled row
    std::string_view sn;
    const AttendanceRecord *record;
    Bytes photo;
    std::int32_t copies; // further ones of it among the rows; -1: is one
};

/** Finds rows of equal natural key (wac_attendance_logs_once): the first is
 *  told how many more there are, and the photo of one if it has none itself.
 *  Puts the rows into the key's order, so that two sessions that hold the
 *  same records wait for each other instead of locking both up. */
void mark_copies(std::vector<AttendanceRow> &rows);

} // namespace wac::db
