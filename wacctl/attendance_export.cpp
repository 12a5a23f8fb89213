#include "attendance_export.hpp"

#include "csv.hpp"
#include "terminal_text.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>

namespace wac::ctl
{

namespace
{

Result<void> write_line(const std::string &line)
{
    if (std::fwrite(line.data(), 1, line.size(), stdout) != line.size()) {
        return failure(ErrorCode::refused,
                       std::string("standard output: ") + std::strerror(errno));
    }
    return {};
}

Result<void> export_csv(Database &database, const std::string &statement,
                        const Parameters &parameters)
{
    const CsvTarget target =
        writes_to_terminal() ? CsvTarget::terminal : CsvTarget::file;
    // an answer without rows has the names of the columns too
    const auto names = database.query(statement + " LIMIT 0", parameters);
    if (!names) {
        return tl::make_unexpected(names.error());
    }
    if (auto written = write_line(csv_header(*names)); !written) {
        return written;
    }
    return database.for_each_row(
        statement, parameters, [target](const Rows &row) {
            return write_line(csv_record(row, 0, target));
        });
}

/** The server makes the JSON: its numbers come out as they are stored. */
Result<void> export_ndjson(Database &database, const std::string &statement,
                           const Parameters &parameters)
{
    return database.for_each_row(
        "SELECT row_to_json(r) AS punch FROM (" + statement + ") r", parameters,
        [](const Rows &row) {
            return write_line(escaped_json(row.text(0, "punch")) + "\n");
        });
}

} // namespace

Parameters parameters_of(const AttendanceFilter &filter)
{
    return {null_if_empty(filter.sn), null_if_empty(filter.enrollid),
            null_if_empty(filter.from), null_if_empty(filter.to)};
}

Result<void> export_attendance(Database &database,
                               const AttendanceFilter &filter,
                               ExportFormat format)
{
    const std::string statement = std::string("SELECT ") + kAttendanceColumns +
                                  " FROM wac_attendance_logs a WHERE " +
                                  kAttendanceCondition + " ORDER BY a.id";
    const Parameters parameters = parameters_of(filter);
    return format == ExportFormat::csv
               ? export_csv(database, statement, parameters)
               : export_ndjson(database, statement, parameters);
}

} // namespace wac::ctl
