#include "command_codes.hpp"

#include "base/text.hpp"
#include "json_rows.hpp"
#include "proto/fk_commands.hpp"
#include "table.hpp"

#include <cstdio>

namespace wac::ctl
{

namespace
{

using fk::CommandInfo;

std::string text_of(std::string_view view, const char *none)
{
    return view.empty() ? none : std::string(view);
}

Json code_json(const CommandInfo &info)
{
    Json code(json_object());
    set_member(code, "cmd_code", info.cmd_code);
    set_member(code, "form",
               info.form.empty() ? Json(json_null()) : json_of(info.form));
    set_member(code, "summary", info.summary);
    set_member(code, "common", Json(json_boolean(info.common)));
    set_member(code, "destructive", Json(json_boolean(info.destructive)));
    set_member(code, "urgent",
               Json(json_boolean(fk::is_urgent(info.cmd_code, nullptr))));
    return code;
}

void print_table(const std::vector<CommandInfo> &codes)
{
    Table table({"cmd_code", "summary", "cmd_param"});
    for (const CommandInfo &info : codes) {
        table.add({std::string(info.cmd_code),
                   std::string(info.summary) +
                       (info.destructive ? " (needs --yes)" : ""),
                   text_of(info.form, "-")});
    }
    table.print();
}

void print_sheet(const CommandInfo &info)
{
    Sheet sheet;
    sheet.add("cmd_code", std::string(info.cmd_code));
    sheet.add("summary", std::string(info.summary));
    sheet.add("cmd_param", text_of(info.form, "none"));
    if (info.destructive) {
        sheet.add("--yes", "needed");
    }
    if (fk::is_urgent(info.cmd_code, nullptr)) {
        sheet.add("--ttl", "30s, at most 120s; given out once");
    }
    sheet.print();
}

} // namespace

Result<Outcome> print_command_codes(const std::string &cmd_code, bool json)
{
    std::vector<CommandInfo> codes;
    for (const CommandInfo &info : fk::command_reference()) {
        if (cmd_code.empty() || equals_ignoring_case(info.cmd_code, cmd_code)) {
            codes.push_back(info);
        }
    }
    if (codes.empty()) {
        return failure(ErrorCode::refused,
                       "command codes: no command " + cmd_code +
                           "; \"wacctl command codes\" lists them, and others "
                           "go to the terminal as they are with --native");
    }
    if (json) {
        Json list(json_array());
        for (const CommandInfo &info : codes) {
            append(list, code_json(info));
        }
        print_json(list);
    } else if (cmd_code.empty()) {
        print_table(codes);
    } else {
        for (const CommandInfo &info : codes) {
            std::fputs(&info == codes.data() ? "" : "\n", stdout);
            print_sheet(info);
        }
    }
    return Outcome::done;
}

} // namespace wac::ctl
