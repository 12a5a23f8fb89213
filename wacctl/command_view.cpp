#include "command_view.hpp"

#include "command_binaries.hpp"
#include "json_rows.hpp"
#include "secrets.hpp"
#include "terminal_text.hpp"

#include <cstdio>

namespace wac::ctl
{

namespace
{

/** The columns of wac_commands c. Of an answer that waits to be taken in
 *  (result_raw) there is the length alone. */
constexpr const char *kColumns =
    "c.trans_id, c.sn, c.cmd_code, c.native, c.cmd_param, c.trans_status,"
    " c.return_code, c.failure, c.result, c.attempts, c.max_attempts,"
    " c.records, c.records_new, c.records_invalid, c.idempotency_key,"
    " c.requested_by, c.created_at, c.sent_at, c.expires_at,"
    " c.trans_status_update_time, c.late_at, c.result_received_at,"
    " c.taken_in_until, c.progress, c.goes_on, c.request_id,"
    " octet_length(c.result_raw) AS result_raw_bytes,"
    " (SELECT json_agg(octet_length(b) ORDER BY n)"
    "    FROM unnest(c.cmd_bin) WITH ORDINALITY AS u(b, n)) AS cmd_bin_sizes,"
    " (SELECT json_agg(octet_length(b) ORDER BY n)"
    "    FROM unnest(c.result_bin) WITH ORDINALITY AS u(b, n))"
    "    AS result_bin_sizes,"
    " p.parts, p.part_bytes,"
    " extract(epoch FROM now() - c.created_at)::bigint AS created_at_age_s,"
    " extract(epoch FROM now() - c.sent_at)::bigint AS sent_at_age_s,"
    " extract(epoch FROM now() - c.expires_at)::bigint AS expires_at_age_s,"
    " extract(epoch FROM now() - c.trans_status_update_time)::bigint"
    "    AS trans_status_update_time_age_s,"
    " extract(epoch FROM now() - c.late_at)::bigint AS late_at_age_s,"
    " extract(epoch FROM now() - c.result_received_at)::bigint"
    "    AS result_received_at_age_s";

constexpr const char *kHexColumns =
    ", (SELECT json_agg(encode(b, 'hex') ORDER BY n)"
    "     FROM unnest(c.cmd_bin) WITH ORDINALITY AS u(b, n)) AS cmd_bin,"
    "  (SELECT json_agg(encode(b, 'hex') ORDER BY n)"
    "     FROM unnest(c.result_bin) WITH ORDINALITY AS u(b, n)) AS result_bin";

constexpr const char *kFrom =
    " FROM wac_commands c LEFT JOIN LATERAL ("
    "    SELECT max(b.blk_no) AS parts, max(b.upto) AS part_bytes"
    "      FROM wac_command_blocks b"
    "     WHERE b.sn = c.sn AND b.request_code = 'send_cmd_result'"
    "       AND b.trans_id = c.trans_id) p ON true";

Json json_in(const Rows &rows, const char *column)
{
    const auto text = rows.value(0, column).value_or("null");
    return Json(json_loadb(text.data(), text.size(),
                           JSON_DECODE_ANY | JSON_ALLOW_NUL, nullptr));
}

/** "2: 612 bytes, 20 kB"; "-" without. */
std::string sizes_text(const Rows &command, const char *column)
{
    const Json sizes = json_in(command, column);
    if (json_array_size(sizes.get()) == 0) {
        return "-";
    }
    std::string text = std::to_string(json_array_size(sizes.get())) + ":";
    for (std::size_t i = 0; i < json_array_size(sizes.get()); ++i) {
        text += (i ? ", " : " ") +
                size_text(json_integer_value(json_array_get(sizes.get(), i)));
    }
    return text;
}

std::string param_text(const Rows &command)
{
    if (!command.value(0, "cmd_param")) {
        return "-";
    }
    const Json param = json_in(command, "cmd_param");
    return param ? json_text(without_secrets(param.get()).get())
                 : "(unreadable)";
}

/** What the terminal answered. */
void add_answer(Sheet &sheet, const Rows &command)
{
    sheet.add("return_code", cell(command, 0, "return_code"));
    sheet.add("failure", cell(command, 0, "failure"));
    if (command.value(0, "late_at")) {
        sheet.add("late_at", time_with_age(command, 0, "late_at") +
                                 ": the answer came after the end");
    }
    if (command.integer(0, "records") > 0) {
        sheet.add("records",
                  cell(command, 0, "records") + ", " +
                      cell(command, 0, "records_new") + " of them new, " +
                      cell(command, 0, "records_invalid") + " invalid");
    }
    if (const auto parts = parts_text(command, 0); !parts.empty()) {
        sheet.add("arriving", parts);
    }
    if (command.value(0, "result_raw_bytes")) {
        sheet.add("to take in",
                  size_text(command.integer(0, "result_raw_bytes")) +
                      ", received " +
                      time_with_age(command, 0, "result_received_at"));
    }
    sheet.add("result_bin", sizes_text(command, "result_bin_sizes"));
}

void print_result_json(const Rows &command)
{
    if (command.value(0, "result")) {
        const Json result = json_in(command, "result");
        std::puts("\nresult");
        print_json(result ? without_secrets(result.get())
                          : json_of("(unreadable)"));
    }
}

void print_command(const Rows &command)
{
    Sheet sheet;
    const auto text = [&](const char *column) {
        return cell(command, 0, column);
    };
    sheet.add("trans_id", text("trans_id"));
    sheet.add("sn", text("sn"));
    sheet.add("cmd_code",
              text("cmd_code") +
                  (command.boolean(0, "native") ? " (native)" : ""));
    sheet.add("cmd_param", param_text(command));
    sheet.add("cmd_bin", sizes_text(command, "cmd_bin_sizes"));
    sheet.add("trans_status", text("trans_status"));
    sheet.add("attempts", text("attempts") + " of " + text("max_attempts"));
    sheet.add("requested_by", text("requested_by"));
    sheet.add("idempotency_key", text("idempotency_key"));
    for (const char *column :
         {"created_at", "sent_at", "trans_status_update_time", "expires_at"}) {
        sheet.add(column, time_with_age(command, 0, column));
    }
    add_answer(sheet, command);
    sheet.print();
    print_result_json(command);
}

/** The row for programs, and where its binaries went. */
void print_command_json(const Rows &command,
                        const std::vector<SavedBinary> &saved)
{
    const Json row = json_row(command, 0);
    if (!saved.empty()) {
        Json paths(json_array());
        for (const SavedBinary &binary : saved) {
            append(paths, json_of(binary.path));
        }
        set_member(row, "saved", std::move(paths));
    }
    print_json(row);
}

void print_commands(const Rows &commands)
{
    if (commands.empty()) {
        print_line("no commands");
        return;
    }
    Table table({"trans_id", "sn", "cmd_code", "trans_status", "attempts",
                 "return_code", "created_at", "age", "requested_by"});
    for (int row = 0; row < commands.size(); ++row) {
        const auto text = [&](const char *column) {
            return cell(commands, row, column);
        };
        table.add({text("trans_id"), text("sn"), text("cmd_code"),
                   text("trans_status"), text("attempts"), text("return_code"),
                   text("created_at"),
                   age_text(commands.real(row, "created_at_age_s")),
                   text("requested_by")});
    }
    table.print();
}

} // namespace

Error no_command(const std::string &trans_id)
{
    return {ErrorCode::refused, "command: no command " + trans_id};
}

std::string parts_text(const Rows &command, int row)
{
    const long long parts = command.integer(row, "parts");
    return parts ? counted(parts, "part", "parts") + ", " +
                       size_text(command.integer(row, "part_bytes"))
                 : "";
}

std::string failure_text(const Rows &command)
{
    if (command.value(0, "failure")) {
        return command.text(0, "failure");
    }
    if (command.value(0, "return_code")) {
        return "the terminal says " + command.text(0, "return_code");
    }
    return "no reason is known";
}

Result<Rows> find_command(Database &database, const std::string &trans_id,
                          Binaries binaries)
{
    auto command =
        database.query(std::string("SELECT ") + kColumns +
                           (binaries == Binaries::hex ? kHexColumns : "") +
                           kFrom + " WHERE c.trans_id = $1",
                       {trans_id});
    if (command && command->empty()) {
        return tl::make_unexpected(no_command(trans_id));
    }
    return command;
}

Result<Outcome> list_commands(Database &database, const CommandFilter &filter,
                              bool json)
{
    std::string statuses; // their names need no quotes
    for (const std::string &status : filter.statuses) {
        statuses += (statuses.empty() ? "{" : ",") + status;
    }
    const auto commands = database.query(
        std::string("SELECT ") + kColumns + kFrom +
            " WHERE ($1::text = '' OR c.sn = $1)"
            "   AND ($2::text = '' OR c.cmd_code = $2)"
            "   AND ($3::text[] IS NULL OR c.trans_status = ANY ($3::text[]))"
            " ORDER BY c.created_at DESC, length(c.trans_id) DESC,"
            "    c.trans_id DESC LIMIT $4::text::bigint",
        {filter.sn, filter.cmd_code,
         null_if_empty(statuses.empty() ? statuses : statuses + "}"),
         std::to_string(filter.limit)});
    if (!commands) {
        return tl::make_unexpected(commands.error());
    }
    if (json) {
        print_json(json_rows(*commands));
    } else {
        print_commands(*commands);
    }
    return Outcome::done;
}

Result<Outcome> show_command(Database &database, const std::string &trans_id,
                             const std::string &bin_dir, bool json)
{
    const auto command = find_command(database, trans_id,
                                      json ? Binaries::hex : Binaries::sizes);
    if (!command) {
        return tl::make_unexpected(command.error());
    }
    std::vector<SavedBinary> saved;
    if (!bin_dir.empty()) {
        auto files = save_result_binaries(database, trans_id, bin_dir);
        if (!files) {
            return tl::make_unexpected(files.error());
        }
        saved = std::move(*files);
    }
    if (json) {
        print_command_json(*command, saved);
        return Outcome::done;
    }
    print_command(*command);
    for (const SavedBinary &binary : saved) {
        print_line("saved " + binary.path + ", " +
                   size_text(static_cast<long long>(binary.bytes)));
    }
    return Outcome::done;
}

void print_command_result(const Rows &command)
{
    Sheet sheet;
    sheet.add("trans_status", cell(command, 0, "trans_status"));
    sheet.add("attempts", cell(command, 0, "attempts") + " of " +
                              cell(command, 0, "max_attempts"));
    add_answer(sheet, command);
    sheet.print();
    print_result_json(command);
}

} // namespace wac::ctl
