// Punches for other programs: CSV and NDJSON, row by row as the database
// sends them, so that memory does not grow with their number.
#pragma once

#include "database.hpp"

namespace wac::ctl
{

/** "" is no condition. */
struct AttendanceFilter {
    std::string sn;
    std::string enrollid;
    std::string from;
    std::string to;
};

/** The columns of wac_attendance_logs a. */
inline constexpr const char *kAttendanceColumns =
    "a.id, a.sn, a.enrollid, a.name, a.record_time, a.record_instant, a.mode,"
    " a.\"inout\", a.event, a.verifymode, a.method, a.direction,"
    " a.temperature, a.log_id, a.photo_id, a.latitude, a.longitude,"
    " a.protocol, a.raw, a.resends, a.created_at";

/** The filter as a condition on $1 to $4. A --to without a time of day means
 *  that whole day. */
inline constexpr const char *kAttendanceCondition =
    "($1::text IS NULL OR a.sn = $1)"
    " AND ($2::text IS NULL OR a.enrollid = $2)"
    " AND ($3::text IS NULL OR a.record_time >= $3::text::timestamp)"
    " AND ($4::text IS NULL OR a.record_time < $4::text::timestamp"
    "      + CASE WHEN length($4) = 10 THEN interval '1 day'"
    "             ELSE interval '0' END)";

Parameters parameters_of(const AttendanceFilter &filter);

enum class ExportFormat { csv, ndjson };

Result<void> export_attendance(Database &database,
                               const AttendanceFilter &filter,
                               ExportFormat format);

} // namespace wac::ctl
