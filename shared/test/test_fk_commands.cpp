// Which commands there are and which cannot be had, their classes, what is
// asked of native ones, and the reference that operators read.
#include "checks.hpp"

#include "proto/fk_commands.hpp"

#include <set>

using namespace wac;
using test::Checks;

namespace
{

std::string refusal_of(std::string_view cmd_code, std::string_view cmd_param,
                       std::size_t bins = 0, bool native = false)
{
    const Json param(json_loadb(cmd_param.data(), cmd_param.size(),
                                JSON_DECODE_ANY | JSON_ALLOW_NUL, nullptr));
    if (!param && !cmd_param.empty()) {
        return "the test's own JSON is broken";
    }
    const auto checked = fk::check_command(cmd_code, param.get(), bins, native);
    if (!checked && checked.error().code != ErrorCode::refused) {
        return "another error code";
    }
    return checked ? "accepted" : checked.error().text;
}

void some_commands_are_not_to_be_had(Checks &checks)
{
    checks.equal("get_time", refusal_of("get_time", ""),
                 "get_time: an FK terminal tells its clock with each poll; see "
                 "wacctl device show");
    checks.equal("OPEN_DOOR", refusal_of("OPEN_DOOR", ""),
                 "OPEN_DOOR: its parameters are unknown; open_door opens the "
                 "door, --native sends OPEN_DOOR as it is");
    for (const std::string_view code :
         {"GET_ENROLLEE_COUNT", "", "get_user ", "UPDATE_FIRMWARE2"}) {
        checks.about(code);
        checks.equal("refusal", refusal_of(code, ""),
                     "unknown command \"" + std::string(code) +
                         "\"; wacctl command codes lists the known ones, "
                         "--native sends it as it is");
    }
    checks.about("in another case");
    checks.equal("refusal", refusal_of("Get_Log_Data", ""),
                 "unknown command \"Get_Log_Data\"; did you mean "
                 "GET_LOG_DATA? --native sends it as it is");
    checks.about("hostile name");
    checks.that(refusal_of(std::string("\0\x1b[2J\xff", 6), "")
                    .starts_with("unknown command \"??[2J?\"; wacctl"),
                "it is quoted as it is");
}

void refusals_show_the_form_and_no_secret(Checks &checks)
{
    checks.equal("missing", refusal_of("GET_USER_INFO", ""),
                 "user_id is missing\nform: {\"user_id\": \"12\"}");
    checks.equal("no form", refusal_of("CLEAR_LOG_DATA", R"({"a":1})"),
                 "it takes no parameters");
    const std::string refusal = refusal_of(
        "set_user", R"({"enrollid":"1","backupnum":9,"record":"hunter2"})");
    checks.equal("a secret", refusal.find("hunter"), std::string::npos);
}

void native_commands_are_hardly_checked(Checks &checks)
{
    const auto native = [](std::string_view code, std::string_view param,
                           std::size_t bins = 0) {
        return refusal_of(code, param, bins, true);
    };
    checks.equal("any", native("OPEN_DOOR", R"({"any":["BIN_5"]})", 9),
                 "accepted");
    checks.equal("nothing", native("get_time", ""), "accepted");
    checks.equal("null", native("X", "null"), "accepted");
    checks.equal("32", native(std::string(32, 'A'), ""), "accepted");
    const std::string_view kCode =
        "a native command code is 1 to 32 letters, digits and _";
    checks.equal("33", native(std::string(33, 'A'), ""), kCode);
    checks.equal("none", native("", ""), kCode);
    checks.equal("header", native("A\r\nX: y", ""), kCode);
    checks.equal("array", native("X", "[]"),
                 "the parameters must be a JSON object");
}

struct ClassRow {
    std::string_view cmd_code;
    std::string_view cmd_param;
    std::string_view fk_name;
    bool urgent = false;
    bool destructive = false;
};

// clang-format off
const ClassRow kClasses[] = {
    {"get_user", R"({"enrollid": "1"})", "GET_USER_INFO"},
    {"get_user", "", "GET_USER_INFO"},
    {"get_user", R"({"enrollid": "1", "backupnum": 0})", "GET_ENROLL_DATA"},
    {"set_user", R"({"credentials": []})", "SET_USER_INFO"},
    {"set_user", R"({"backupnum": 10})", "SET_ENROLL_DATA"},
    {"delete_user", "", "DELETE_USER"},
    {"rename_user", "", "SET_USER_NAME"},
    {"set_privilege", "", "SET_USER_PRIVILEGE"},
    {"list_users", "", "GET_USER_ID_LIST"},
    {"enroll_user", "", "SET_COMMAND", true},
    {"clear_users", "", "CLEAR_ENROLL_DATA", false, true},
    {"get_logs", "", "GET_LOG_DATA"},
    {"clear_logs", "", "CLEAR_LOG_DATA", false, true},
    {"get_status", "", "GET_DEVICE_STATUS"},
    {"get_info", "", "GET_DEVICE_SETTING"},
    {"set_info", "", "SET_DEVICE_SETTING"},
    {"get_time", "", ""},
    {"set_time", "", "SET_TIME"},
    {"set_name", "", "SET_FK_NAME"},
    {"open_door", "", "SET_DOOR_STATUS", true},
    {"lock_door", "", "SET_DOOR_STATUS", true},
    {"reboot", "", "RESET_FK", true},
    {"reset", "", "RESET_FK", true},
    {"set_server", "", "SET_WEB_SERVER_INFO", false, true},
    {"RESET_FK", "", "RESET_FK", true},
    {"SET_DOOR_STATUS", "", "SET_DOOR_STATUS", true},
    {"OPEN_DOOR", "", "OPEN_DOOR", true},
    {"SET_COMMAND", R"({"cmd": "enter_enroll"})", "SET_COMMAND", true},
    {"SET_COMMAND", R"({"cmd": "other"})", "SET_COMMAND"},
    {"SET_COMMAND", "[\"cmd\"]", "SET_COMMAND"},
    {"SET_COMMAND", "", "SET_COMMAND"},
    {"CLEAR_LOG_DATA", "", "CLEAR_LOG_DATA", false, true},
    {"CLEAR_ENROLL_DATA", "", "CLEAR_ENROLL_DATA", false, true},
    {"CLEAR_MANAGER", "", "CLEAR_MANAGER", false, true},
    {"CLEAR_ALL_ADMIN", "", "CLEAR_ALL_ADMIN", false, true},
    {"SET_WEB_SERVER_INFO", "", "SET_WEB_SERVER_INFO", false, true},
    {"UPDATE_FIRMWARE", "", "UPDATE_FIRMWARE", false, true},
    {"GET_SLOG_DATA", "", "GET_SLOG_DATA"},
    {"DELETE_USER", "", "DELETE_USER"},
    {"X_UNKNOWN", "", ""},
    {"", "", ""},
};
// clang-format on

void commands_have_their_names_and_classes(Checks &checks)
{
    for (const ClassRow &row : kClasses) {
        checks.about(std::string(row.cmd_code) + std::string(row.cmd_param));
        const Json param(
            json_loadb(row.cmd_param.data(), row.cmd_param.size(), 0, nullptr));
        checks.equal("FK name", fk::fk_name_of(row.cmd_code, param.get()),
                     row.fk_name);
        checks.equal("urgent", fk::is_urgent(row.cmd_code, param.get()),
                     row.urgent);
        checks.equal("destructive", fk::is_destructive(row.cmd_code),
                     row.destructive);
    }
}

/** The binaries that a form shows. */
std::size_t bins_in(std::string_view form)
{
    std::size_t bins = 0;
    for (std::size_t at = form.find("BIN_"); at != form.npos;
         at = form.find("BIN_", at + 1)) {
        ++bins;
    }
    return bins;
}

void every_form_of_the_reference_is_accepted(Checks &checks)
{
    std::set<std::string_view> codes;
    bool common_over = false;
    for (const CommandInfo &info : fk::command_reference()) {
        checks.about(info.cmd_code);
        codes.insert(info.cmd_code);
        checks.equal("form",
                     refusal_of(info.cmd_code, info.form, bins_in(info.form)),
                     "accepted");
        checks.equal("destructive", info.destructive,
                     fk::is_destructive(info.cmd_code));
        checks.that(!info.summary.empty() &&
                        info.summary.find('\n') == info.summary.npos,
                    "its summary is not one line");
        checks.that(!(common_over && info.common), "words come first");
        common_over = !info.common;
    }
    checks.about("reference");
    // 21 words without get_time; 16 and 14 FK commands
    checks.equal("codes", codes.size(), 20U + 16 + 14);
}

} // namespace

int main()
{
    const CMUnitTest tests[] = {
        cmocka_unit_test(test::unit<some_commands_are_not_to_be_had>),
        cmocka_unit_test(test::unit<refusals_show_the_form_and_no_secret>),
        cmocka_unit_test(test::unit<native_commands_are_hardly_checked>),
        cmocka_unit_test(test::unit<commands_have_their_names_and_classes>),
        cmocka_unit_test(test::unit<every_form_of_the_reference_is_accepted>),
    };
    return cmocka_run_group_tests_name("fk_commands", tests, nullptr, nullptr);
}
