// What can be queued for a cloud terminal: the reference, each refusal with
// its reason, and the classes of commands.
#include "checks.hpp"

#include "proto/cloud_commands.hpp"

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
        cloud::check_command(cmd_code, param.get(), bins, native);
    if (!checked && checked.error().code != ErrorCode::refused) {
        return "another error code";
    }
    return checked ? "accepted" : checked.error().text;
}

struct Row {
    std::string_view cmd_code;
    std::string_view cmd_param;
    std::string_view reason; // the first line
    std::size_t bins = 0;
    bool native = false;
};

constexpr std::string_view kBadId =
    "enrollid must be a number from 1 on, without leading zeros";
constexpr std::string_view kNoParameters = "it takes no parameters";

// clang-format off
const Row kRows[] = {
    {"get_user", "", "enrollid is missing"},
    {"get_user", "[]", "the parameters must be a JSON object"},
    {"get_user", R"({"enrollid": "x"})", kBadId},
    {"get_user", R"({"enrollid": "007"})", kBadId},
    {"get_user", R"({"enrollid": 0})", kBadId},
    {"get_user", R"({"enrollid": -1})", kBadId},
    {"get_user", R"({"enrollid": 1.5})", kBadId},
    {"get_user", R"({"enrollid": "99999999999999999999"})", kBadId},
    {"get_user", R"({"enrollid": 1, "backupnum": 256})",
     "backupnum must be a number, 0 to 255"},
    {"get_user", R"({"enrollid": 1, "name": "x"})",
     R"(unknown parameter "name"; known: enrollid)"},
    {"list_users", R"({"a": 1})", kNoParameters},
    {"list_users", "", "it takes no binary", 1},
    {"set_user", R"({"enrollid": 1})",
     "there is nothing to set: neither credentials nor name nor enabled"},
    {"set_user", R"({"enrollid": 1, "name": "a", "privilege": "USER"})",
     "a terminal takes a privilege only together with a credential"},
    {"set_user", R"({"enrollid": 1, "privilege": "OPERATOR"})",
     "privilege must be USER, MANAGER or SUPER"},
    {"set_user", R"({"enrollid": 1, "backupnum": 0})",
     "the record of backupnum 0 is missing, and no binary is left"},
    {"set_user", R"({"enrollid": 1, "backupnum": 0, "record": ""})",
     R"(record must be text or a number, or name a binary, such as "BIN_1")"},
    {"set_user", R"({"enrollid": 1, "backupnum": 0, "record": "BIN_2"})",
     "BIN_2 is named and did not come with the command", 1},
    {"set_user", R"({"enrollid": 1, "backupnum": 0, "record": "x"})",
     "no parameter names BIN_1", 1},
    {"set_user", R"({"enrollid": 1, "credentials": [)"
                 R"({"backupnum": 0, "record": "BIN_1"},)"
                 R"({"backupnum": 1, "record": "BIN_1"}]})",
     "BIN_1 is named twice", 1},
    {"set_user", R"({"enrollid": 1, "credentials": [{}]})",
     "credentials[0].backupnum is missing"},
    {"set_user", R"({"enrollid": 1, "credentials": [1]})",
     "credentials[0] must be an object"},
    {"set_user", R"({"enrollid": 1, "credentials": {}})",
     "credentials must be an array of 0 to 256 objects"},
    {"set_user", R"({"enrollid": 1, "credentials": [{"backupnum": 1, "x": 1}]})",
     R"(unknown parameter credentials[0]."x"; known: backupnum, record)"},
    {"set_user", R"({"enrollid": 1, "enabled": "maybe"})",
     "enabled must be true or false"},
    {"set_privilege", R"({"enrollid": 1, "privilege": "USER"})",
     "set_privilege: a terminal takes a privilege only together with a "
     "credential: use set_user"},
    {"rename_user", R"({"enrollid": 1})", "name is missing"},
    {"rename_user", R"({"enrollid": 1, "name": "a\u0001"})",
     "name must be text of 0 to 255 bytes without control characters"},
    {"get_logs", R"({"from": "2026-13-01"})",
     "from must be a date or a time, such as \"2026-09-29\" or "
     "\"2026-09-29 20:00:00\""},
    {"get_logs", R"({"from": "2026-02-02", "to": "2026-02-01"})",
     "the range ends before it begins"},
    {"get_logs", R"({"from": "2026-02-02T00:00:00Z"})",
     "from must be a date or a time, such as \"2026-09-29\" or "
     "\"2026-09-29 20:00:00\""},
    {"set_time", R"({"time": "2026-02-02"})",
     "time must be a time, such as \"2026-09-29 20:00:00\""},
    {"set_info", "{}", "no setting is named"},
    {"set_info", R"({"volume": 11})", "volume must be a number, 0 to 10"},
    {"set_name", R"({"name": "x"})",
     "set_name: a terminal of the cloud dialect has no name that could be set"},
    {"set_server", "",
     "set_server: the server's address is set in the terminal's menu only"},
    {"open_door", R"({"door": 5})", "door must be a number, 1 to 4"},
    {"open_door", R"({"door": true})", "door must be a number, 1 to 4"},
    {"lock_door", R"({"mode": "shut"})",
     "mode must be normal, open or closed"},

    {"getuserinfo", R"({"enrollid": 1})", "backupnum is missing"},
    {"getuserinfo", R"({"enrollid": 1, "backupnum": 0, "cmd": "x"})",
     R"("cmd" is no parameter)"},
    {"setuserinfo", R"({"enrollid": 1})", "there is nothing to set"},
    {"setusername", R"({"record": []})",
     "record must be an array of 1 to 10000 objects"},
    {"setusername", R"({"record": [{"name": "x"}]})",
     "record[0].enrollid must be a number from 1 on, without leading zeros"},
    {"setuserprofile", R"({"enrollid": -1, "profile": "x"})",
     "enrollid must be a number, 0 or more"},
    {"setdevlock", R"({"threat": 4})", "threat must be a number, 0 to 3"},
    {"setdevlock", R"({"dayzone": [1]})", "dayzone[0] must be an object"},
    {"lockctrl", "", "ctrl is missing"},
    {"upgrade", R"({"md5": "x"})", "url is missing"},

    {"opendor", "",
     "unknown command \"opendor\"; wacctl command codes --protocol cloud "
     "lists the known ones, --native sends it as it is"},
    {"OpenDoor", "",
     "unknown command \"OpenDoor\"; did you mean opendoor? --native sends it "
     "as it is"},
    {"\x1b[m\"", "",
     "unknown command \"?[m?\"; wacctl command codes --protocol cloud lists "
     "the known ones, --native sends it as it is"},

    {"", "", "a native command code is 1 to 64 letters, digits, and _ - .", 0,
     true},
    {"a b", "", "a native command code is 1 to 64 letters, digits, and _ - .",
     0, true},
    {"reg", "", "reg is a message of terminals, and no command to one", 0,
     true},
    {"SendLog", "", "SendLog is a message of terminals, and no command to one",
     0, true},
    {"x", "[]", "the parameters must be a JSON object", 0, true},
    {"x", R"({"ret": 1})", R"("ret" is no parameter)", 0, true},
    {"x", "",
     "a native command carries no binaries: its parameters are all there is",
     1, true},
    {"anything", R"({"a": [null]})", "accepted", 0, true},
};
// clang-format on

void refusals_have_their_reason(Checks &checks)
{
    for (const Row &row : kRows) {
        checks.about(std::string(row.cmd_code) + ' ' +
                     std::string(row.cmd_param));
        const std::string refusal =
            refusal_of(row.cmd_code, row.cmd_param, row.bins, row.native);
        checks.equal("first line", refusal.substr(0, refusal.find('\n')),
                     row.reason);
    }
    checks.about("a form");
    checks.equal("get_user", refusal_of("get_user", ""),
                 "enrollid is missing\nform: {\"enrollid\": 12}");
}

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
    for (const CommandInfo &info : cloud::command_reference()) {
        checks.about(info.cmd_code);
        codes.insert(info.cmd_code);
        checks.equal("form",
                     refusal_of(info.cmd_code, info.form, bins_in(info.form)),
                     "accepted");
        checks.equal("destructive", info.destructive,
                     cloud::is_destructive(info.cmd_code));
        checks.that(!info.summary.empty() &&
                        info.summary.find('\n') == info.summary.npos,
                    "no summary of one line");
        common_over = common_over || !info.common;
        checks.that(!info.common || !common_over, "a common word comes late");
    }
    checks.about("the reference");
    checks.that(codes.size() > 80, "few commands");
    for (const std::string_view refused :
         {"set_privilege", "set_name", "set_server"}) {
        checks.that(codes.count(refused) == 0, refused);
    }
}

/** The trigger wac_command_limits has the same names. */
void commands_have_their_classes(Checks &checks)
{
    const std::set<std::string_view> urgent{
        "open_door", "opendoor", "lock_door", "lockctrl",
        "reboot",    "reset",    "adduser",   "enroll_user"};
    const std::set<std::string_view> destructive{
        "clear_users",       "clear_logs",    "cleanuser",     "cleanlog",
        "cleanadmin",        "cleandatebase", "cleanlogphoto", "cleanuserlock",
        "cleaninactiveuser", "initsys",       "initmenu",      "upgrade",
        "forceota",          "writefile"};
    for (const CommandInfo &info : cloud::command_reference()) {
        checks.about(info.cmd_code);
        checks.equal("urgent", cloud::is_urgent(info.cmd_code, nullptr),
                     urgent.count(info.cmd_code) == 1);
        checks.equal("destructive", info.destructive,
                     destructive.count(info.cmd_code) == 1);
    }
    checks.about("in another case");
    checks.that(cloud::is_destructive("CleanUser"), "CleanUser");
    checks.that(cloud::is_urgent("OPENDOOR", nullptr), "OPENDOOR");
    checks.that(!cloud::is_destructive("frobnicate"), "frobnicate");
}

void a_loss_is_told(Checks &checks)
{
    const std::string general = cloud::loss_by("cleandatebase");
    checks.that(!general.empty(), "no general loss");
    for (const std::string_view code :
         {"clear_users", "clear_logs", "initsys", "cleanadmin", "upgrade",
          "forceota", "writefile"}) {
        checks.that(cloud::loss_by(code) != general, code);
    }
    checks.equal("a word", cloud::loss_by("clear_logs"),
                 cloud::loss_by("cleanlog"));
}

} // namespace

int main()
{
    const CMUnitTest tests[] = {
        cmocka_unit_test(test::unit<refusals_have_their_reason>),
        cmocka_unit_test(test::unit<every_form_of_the_reference_is_accepted>),
        cmocka_unit_test(test::unit<commands_have_their_classes>),
        cmocka_unit_test(test::unit<a_loss_is_told>),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
