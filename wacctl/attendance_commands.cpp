// Punches: a look at the newest, and all of them for other programs.
#include "attendance_commands.hpp"

#include "attendance_export.hpp"
#include "base/text.hpp"
#include "base/wall_time.hpp"
#include "json_rows.hpp"
#include "table.hpp"

namespace wac::ctl
{

namespace
{

/** The decimal number of exactly these characters. */
std::optional<unsigned> digits(std::string_view text, std::size_t at,
                               std::size_t count)
{
    if (text.size() < at + count) {
        return std::nullopt;
    }
    return parse_integer<unsigned>(text.substr(at, count));
}

/** YYYY-MM-DD, or that with HH:MM or HH:MM:SS after a space or a T. */
bool is_wall_time(std::string_view text)
{
    const bool with_time = text.size() == 16 || text.size() == 19;
    if ((text.size() != 10 && !with_time) || text[4] != '-' || text[7] != '-' ||
        (with_time &&
         ((text[10] != ' ' && text[10] != 'T') || text[13] != ':')) ||
        (text.size() == 19 && text[16] != ':')) {
        return false;
    }
    const auto year = digits(text, 0, 4), month = digits(text, 5, 2),
               day = digits(text, 8, 2);
    const auto hour = with_time ? digits(text, 11, 2) : 0U,
               minute = with_time ? digits(text, 14, 2) : 0U,
               second = text.size() == 19 ? digits(text, 17, 2) : 0U;
    return year && month && day && hour && minute && second &&
           WallTime{
               static_cast<int>(*year), *month, *day, *hour, *minute, *second}
               .valid();
}

std::string refuse_other_than_wall_time(const std::string &text)
{
    return is_wall_time(text)
               ? ""
               : "\"" + text +
                     "\" is not a date, or a date and time, of the calendar: "
                     "YYYY-MM-DD or \"YYYY-MM-DD HH:MM[:SS]\"";
}

void add_filter(CLI::App &command, AttendanceFilter &filter)
{
    const CLI::Validator wall_time(refuse_other_than_wall_time, "TIME");
    command.add_option("--sn", filter.sn, "Only punches of this device");
    command.add_option("--enrollid", filter.enrollid,
                       "Only punches of this person");
    command
        .add_option("--from", filter.from,
                    "Only from this record_time on (the terminal's own "
                    "clock); a date, or \"YYYY-MM-DD HH:MM:SS\"")
        ->check(wall_time);
    command
        .add_option("--to", filter.to,
                    "Only before this record_time; a date alone includes "
                    "that day")
        ->check(wall_time);
}

Result<Outcome> list(Database &database, const AttendanceFilter &filter,
                     long long limit, bool json)
{
    auto parameters = parameters_of(filter);
    parameters.emplace_back(std::to_string(limit));
    const auto rows = database.query(
        std::string("SELECT ") + kAttendanceColumns +
            ", a.photo_id IS NOT NULL AS photo" +
            " FROM wac_attendance_logs a WHERE " + kAttendanceCondition +
            " ORDER BY a.id DESC LIMIT $5::text::bigint",
        parameters);
    if (!rows) {
        return tl::make_unexpected(rows.error());
    }
    if (json) {
        print_json(json_rows(*rows));
    } else {
        print_rows(*rows,
                   {"id", "record_time", "sn", "enrollid", "name", "method",
                    "direction", "mode", "inout", "resends", "photo",
                    "created_at"},
                   "no punches");
    }
    return Outcome::done;
}

void add_list(CLI::App &attendance, CommandLine &line)
{
    auto *command =
        attendance.add_subcommand("list", "Show the newest punches");
    struct Options {
        AttendanceFilter filter;
        long long limit = 50;
    };
    auto options = std::make_shared<Options>();
    add_filter(*command, options->filter);
    command->add_option("--limit", options->limit, "At most so many")
        ->check(positive_number())
        ->capture_default_str();
    command->footer("Example: wacctl attendance list --sn HD00123 --from "
                    "2024-01-31 --limit 10");
    on_database(*command, line, [&line, options](Database &database) {
        return list(database, options->filter, options->limit, line.json);
    });
}

void add_export(CLI::App &attendance, CommandLine &line)
{
    auto *command = attendance.add_subcommand(
        "export", "Write all punches, oldest first, to standard output");
    struct Options {
        AttendanceFilter filter;
        std::string format;
    };
    auto options = std::make_shared<Options>();
    command
        ->add_option("--format", options->format,
                     "csv (default) or ndjson, one JSON object a line")
        ->check(CLI::IsMember(std::vector<std::string>{"csv", "ndjson"}));
    add_filter(*command, options->filter);
    command->footer(
        "CSV follows RFC 4180, with the names of the columns in its first "
        "line. A text that a\nspreadsheet would take for a formula (= + - @ "
        "first) has a ' before it. Takes little\nmemory, however many punches "
        "there are.\n\n"
        "Examples: wacctl attendance export --from 2024-01-01 --to 2024-01-31 "
        ">january.csv\n"
        "          wacctl attendance export --format ndjson | jq .enrollid");
    on_database(*command, line,
                [&line, options](Database &database) -> Result<Outcome> {
                    if (line.json && options->format == "csv") {
                        return failure(ErrorCode::misused,
                                       "attendance export: --json and "
                                       "--format csv contradict each other");
                    }
                    const bool csv = !line.json && options->format != "ndjson";
                    return export_attendance(database, options->filter,
                                             csv ? ExportFormat::csv
                                                 : ExportFormat::ndjson)
                        .map([] { return Outcome::done; });
                });
}

} // namespace

void add_attendance_commands(CLI::App &program, CommandLine &line)
{
    auto *attendance =
        program.add_subcommand("attendance", "List and export punches");
    attendance->require_subcommand(1);
    add_list(*attendance, line);
    add_export(*attendance, line);
}

} // namespace wac::ctl
