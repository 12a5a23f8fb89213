// What can be queued for an XML terminal: the reference, each refusal with
// its reason, and the classes of commands.
#include "checks.hpp"

#include "proto/xml_commands.hpp"

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
    const auto checked =
        xml::check_command(cmd_code, param.get(), bins, native);
    if (!checked && checked.error().code != ErrorCode::refused) {
        return "another error code";
    }
    return checked ? "accepted"
                   : checked.error().text.substr(
                         0, checked.error().text.find('\n'));
}

struct Row {
    std::string_view cmd_code;
    std::string_view cmd_param;
    std::string_view reason; // the first line
    std::size_t bins = 0;
    bool native = false;
};

constexpr std::string_view kBadId = "enrollid must be a number, 1 to 99999999";
constexpr std::string_view kBadName =
    "a native command code is 1 to 64 letters, digits, and _ - ., and begins "
    "with a letter";
constexpr std::string_view kKinds =
    "an XML terminal has credentials 0 to 9, 10, 11, 20 and 50";

// clang-format off
const Row kRows[] = {
    {"get_user", "", "enrollid is missing"},
    {"get_user", "[]", "the parameters must be a JSON object"},
    {"get_user", R"({"enrollid": 0})", kBadId},
    {"get_user", R"({"enrollid": "007"})", kBadId},
    {"get_user", R"({"enrollid": 100000000})", kBadId},
    {"get_user", R"({"enrollid": 1, "backupnum": 12})", kKinds},
    {"get_user", R"({"enrollid": 1, "x": 1})",
     R"(unknown parameter "x"; known: enrollid, backupnum)"},
    {"list_users", R"({"a": 1})", "it takes no parameters"},
    {"list_users", "", "it takes no binary", 1},
    {"set_user", R"({"enrollid": 1})",
     "there is nothing to set: neither credentials nor name, privilege nor "
     "enabled"},
    {"set_user", R"({"enrollid": 1, "privilege": "MANAGER"})", "accepted"},
    {"set_user", R"({"enrollid": 1, "privilege": "BOSS"})",
     "privilege must be USER, MANAGER or SUPER"},
    {"set_user", R"({"enrollid": 1, "record": "1"})", "backupnum is missing"},
    {"set_user", R"({"enrollid": 1, "backupnum": 10, "record": "12a"})",
     "the record of backupnum 10 must be 1 to 16 digits"},
    {"set_user", R"({"enrollid": 1, "backupnum": 11, "record": "4294967296"})",
     "the record of backupnum 11 must be the card's number, at most "
     "4294967295"},
    {"set_user", R"({"enrollid": 1, "backupnum": 0, "record": "*"})",
     "the record of backupnum 0 must be a template in base64"},
    {"set_user", R"({"enrollid": 1, "backupnum": 50, "record": "AAEC"})",
     "the record of backupnum 50 must be a JPEG; a face template is "
     "backupnum 20"},
    {"set_user", R"({"enrollid": 1, "backupnum": 30, "record": "AAEC"})",
     kKinds},
    {"set_user", R"({"enrollid": 1, "backupnum": 50})", "accepted", 1},
    {"set_user", R"({"enrollid": 1, "backupnum": 50})",
     "the record of backupnum 50 is missing, and no binary is left"},
    {"set_user", R"({"enrollid": 1, "name": "x"})",
     "no parameter names BIN_1", 1},
    {"delete_user", R"({"enrollid": 1, "backupnum": 50})",
     "an XML terminal deletes the credentials 0 to 9, 10 and 11, or the whole "
     "user"},
    {"enroll_user", R"({"enrollid": 1, "backupnum": 10})",
     "an XML terminal enrols fingers (0 to 9), a card (11) and the face (20 "
     "or 50)"},
    {"get_logs", R"({"from": "2026-02-02", "to": "2026-02-01"})",
     "the range ends before it begins"},
    {"set_info", "{}", "no setting is named"},
    {"set_info", R"({"a b": 1})", R"("a b" is no name of a field)"},
    {"set_info", R"({"a": [1]})",
     R"("a" must be text, a number, true or false)"},
    {"set_server", R"({"host": "h"})", "port is missing"},
    {"set_server", R"({"host": "http://h/"})",
     "host must be a URL of ws:// or wss:// without port beside it, or the "
     "name of a host"},
    {"set_server", R"({"host": "ws://h/", "port": 1})",
     "host must be a URL of ws:// or wss:// without port beside it, or the "
     "name of a host"},
    {"open_door", R"({"door": 2})", "door must be a number, 1 to 1"},
    {"lock_door", R"({"mode": "shut"})",
     "mode must be normal, open or closed"},

    {"LockControl", R"({"Mode": 1})", "accepted"},
    {"LockControl", R"({"Request": "x"})", R"("Request" is no parameter)"},
    {"lockcontrol", "",
     "unknown command \"lockcontrol\"; did you mean LockControl? --native "
     "sends it as it is"},
    {"open", "",
     "unknown command \"open\"; wacctl command codes --protocol xml lists the "
     "known ones, --native sends it as it is"},

    {"", "", kBadName, 0, true},
    {"1a", "", kBadName, 0, true},
    {"a><b", "", kBadName, 0, true},
    {"Login", "", "Login is a message of terminals, and no command to one", 0,
     true},
    {"register", "",
     "register is a message of terminals, and no command to one", 0, true},
    {"X", "[]", "the parameters must be a JSON object", 0, true},
    {"X", R"({"a": {}})", R"("a" must be text, a number, true or false)", 0,
     true},
    {"X", R"({"a><b": 1})", R"("a><b" is no name of a field)", 0, true},
    {"X", R"({"a": "<b>&"})", "accepted", 0, true},
    {"X", "",
     "a native command carries no binaries: its parameters are all there is",
     1, true},
};
// clang-format on

void refusals_give_their_reason(Checks &checks)
{
    for (const Row &row : kRows) {
        checks.about(std::string(row.cmd_code) + ' ' +
                     std::string(row.cmd_param));
        checks.equal(
            "refusal",
            refusal_of(row.cmd_code, row.cmd_param, row.bins, row.native),
            row.reason);
    }
}

void a_refusal_shows_the_form_and_no_value(Checks &checks)
{
    const Json param(json_loads(
        R"({"enrollid":1,"backupnum":10,"record":"12secret"})", 0, nullptr));
    const auto checked = xml::check_command("set_user", param.get(), 0, false);
    const std::string text = checked ? "" : checked.error().text;
    checks.that(text.find("\nform: {") != text.npos, "no form: " + text);
    checks.that(text.find("secret") == text.npos, "the value is shown");
}

void classes_are_known(Checks &checks)
{
    for (const std::string_view code :
         {"clear_users", "clear_logs", "set_server", "EmptyTimeLog",
          "EmptyManageLog", "EmptyAllData", "EmptyUserEnrollmentData",
          "TakeOffManager", "DeleteGlogWithPos", "FirmwareUpgradeHttp",
          "SetDeviceInfoExt", "SetEthernet", "emptyalldata"}) {
        checks.about(code);
        checks.that(xml::is_destructive(code), "is not destructive");
        checks.that(!xml::is_urgent(code, nullptr), "is urgent");
        checks.that(!xml::loss_by(code).empty(), "no loss");
    }
    for (const std::string_view code :
         {"open_door", "lock_door", "reboot", "reset", "enroll_user",
          "LockControl", "RemoteEnroll", "lockcontrol"}) {
        checks.about(code);
        checks.that(xml::is_urgent(code, nullptr), "is not urgent");
        checks.that(!xml::is_destructive(code), "is destructive");
    }
    for (const std::string_view code :
         {"get_user", "set_name", "GetTime", "Unknown"}) {
        checks.about(code);
        checks.that(!xml::is_urgent(code, nullptr) &&
                        !xml::is_destructive(code),
                    "has a class");
    }
    checks.that(xml::loss_by("clear_logs") == xml::loss_by("EmptyTimeLog") &&
                    xml::loss_by("clear_logs") != xml::loss_by("clear_users"),
                "losses are mixed up");
}

void the_reference_has_every_word(Checks &checks)
{
    const std::set<std::string_view> kWords{
        "get_user",      "set_user",   "delete_user", "rename_user",
        "set_privilege", "list_users", "enroll_user", "clear_users",
        "get_logs",      "clear_logs", "get_status",  "get_info",
        "set_info",      "get_time",   "set_time",    "set_name",
        "open_door",     "lock_door",  "reboot",      "reset",
        "set_server"};
    std::set<std::string_view> common;
    std::set<std::string_view> all;
    for (const CommandInfo &info : xml::command_reference()) {
        checks.about(info.cmd_code);
        checks.that(all.insert(info.cmd_code).second, "is there twice");
        checks.that(!info.summary.empty(), "has no summary");
        checks.equal(
            "check of its form",
            refusal_of(info.cmd_code, info.form,
                       info.form.find("BIN_1") != info.form.npos ? 1 : 0),
            "accepted");
        if (info.common) {
            common.insert(info.cmd_code);
        }
    }
    checks.about("common words");
    checks.that(common == kWords, "others than those of the design");
}

} // namespace

int main()
{
    const CMUnitTest tests[] = {
        cmocka_unit_test(test::unit<refusals_give_their_reason>),
        cmocka_unit_test(test::unit<a_refusal_shows_the_form_and_no_value>),
        cmocka_unit_test(test::unit<classes_are_known>),
        cmocka_unit_test(test::unit<the_reference_has_every_word>),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
