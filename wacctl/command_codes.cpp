#include "command_codes.hpp"

#include "base/text.hpp"
#include "json_rows.hpp"
#include "proto/command_dialects.hpp"
#include "table.hpp"

#include <cstdio>

namespace wac::ctl
{

namespace
{

/** A command and whose it is. */
struct Code {
    const CommandDialect *dialect;
    CommandInfo info;

    bool urgent() const { return dialect->is_urgent(info.cmd_code, nullptr); }
};

std::string text_of(std::string_view view, const char *none)
{
    return view.empty() ? none : std::string(view);
}

Json code_json(const Code &entry)
{
    const CommandInfo &info = entry.info;
    Json code(json_object());
    set_member(code, "protocol", name_of(entry.dialect->protocol));
    set_member(code, "cmd_code", info.cmd_code);
    set_member(code, "form",
               info.form.empty() ? Json(json_null()) : json_of(info.form));
    set_member(code, "summary", info.summary);
    set_member(code, "common", Json(json_boolean(info.common)));
    set_member(code, "destructive", Json(json_boolean(info.destructive)));
    set_member(code, "urgent", Json(json_boolean(entry.urgent())));
    return code;
}

void print_table(const std::vector<Code> &codes)
{
    Table table({"cmd_code", "summary", "cmd_param"});
    for (const Code &code : codes) {
        const CommandInfo &info = code.info;
        table.add({std::string(info.cmd_code),
                   std::string(info.summary) +
                       (info.destructive ? " (needs --yes)" : ""),
                   text_of(info.form, "-")});
    }
    table.print();
}

void print_sheet(const Code &code)
{
    const CommandInfo &info = code.info;
    Sheet sheet;
    sheet.add("protocol", std::string(name_of(code.dialect->protocol)));
    sheet.add("cmd_code", std::string(info.cmd_code));
    sheet.add("summary", std::string(info.summary));
    sheet.add("cmd_param", text_of(info.form, "none"));
    if (info.destructive) {
        sheet.add("--yes", "needed");
    }
    if (code.urgent()) {
        sheet.add("--ttl", "30s, at most 120s; given out once");
    }
    sheet.print();
}

std::vector<Code> find_codes(const std::string &cmd_code,
                             const std::string &protocol)
{
    const std::string wanted =
        protocol.empty() && cmd_code.empty() ? "fk" : protocol;
    std::vector<Code> codes;
    for (const CommandDialect &dialect : command_dialects()) {
        if (!wanted.empty() && name_of(dialect.protocol) != wanted) {
            continue;
        }
        for (const CommandInfo &info : dialect.reference()) {
            if (cmd_code.empty() ||
                equals_ignoring_case(info.cmd_code, cmd_code)) {
                codes.push_back({&dialect, info});
            }
        }
    }
    return codes;
}

} // namespace

Result<Outcome> print_command_codes(const std::string &cmd_code,
                                    const std::string &protocol, bool json)
{
    const std::vector<Code> codes = find_codes(cmd_code, protocol);
    if (codes.empty()) {
        return failure(ErrorCode::refused,
                       "command codes: no command " + cmd_code +
                           "; \"wacctl command codes --protocol fk\" (or "
                           "cloud, type, xml) lists them, and others go to "
                           "the terminal as they are with --native");
    }
    if (json) {
        Json list(json_array());
        for (const Code &code : codes) {
            append(list, code_json(code));
        }
        print_json(list);
    } else if (cmd_code.empty()) {
        print_table(codes);
    } else {
        for (const Code &code : codes) {
            std::fputs(&code == codes.data() ? "" : "\n", stdout);
            print_sheet(code);
        }
    }
    return Outcome::done;
}

} // namespace wac::ctl
