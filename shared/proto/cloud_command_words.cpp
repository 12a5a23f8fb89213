// The rows of the common words. What a word needs beyond its parameters'
// names is cloud_command_plan's.
#include "proto/cloud_command_table.hpp"

namespace wac::cloud
{

namespace
{

constexpr Need kRequired = Need::required;
constexpr std::int64_t kMostBackupnum = 255;
constexpr std::int64_t kLongestName = 255;

// clang-format off

constexpr Parameter kEnrollid[] = {
    {"enrollid", Value::enrollid, kRequired},
};
constexpr Parameter kGetUser[] = {
    {"enrollid",  Value::enrollid, kRequired},
    {"backupnum", Value::integer,  Need::optional, 0, kMostBackupnum},
};
constexpr Parameter kCredentialRows[] = {
    {"backupnum", Value::integer, kRequired, 0, kMostBackupnum},
    {"record",    Value::record},
};
constexpr Parameters kCredential = kCredentialRows;
constexpr Parameter kSetCredential[] = {
    {"enrollid",  Value::enrollid,  kRequired},
    {"name",      Value::text,      Need::optional, 0, kLongestName},
    {"privilege", Value::privilege, Need::optional, 0, 0, "admin"},
    {"backupnum", Value::integer,   kRequired, 0, kMostBackupnum},
    {"record",    Value::record},
    {"enabled",   Value::toggle},
};
constexpr Parameter kSetUser[] = {
    {"enrollid",    Value::enrollid,  kRequired},
    {"name",        Value::text,      Need::optional, 0, kLongestName},
    {"privilege",   Value::privilege, Need::optional, 0, 0, "admin"},
    {"credentials", Value::objects,   Need::optional, 0, 256, {}, &kCredential},
    {"enabled",     Value::toggle},
};
constexpr Parameter kRenameUser[] = {
    {"enrollid", Value::enrollid, kRequired},
    {"name",     Value::text,     kRequired, 0, kLongestName},
};
constexpr Parameter kEnrollUser[] = {
    {"enrollid",  Value::enrollid,  kRequired},
    {"backupnum", Value::integer,   Need::optional, 0, kMostBackupnum},
    {"privilege", Value::privilege, Need::optional, 0, 0, "admin"},
    {"name",      Value::text,      Need::optional, 0, kLongestName},
};
constexpr Parameter kGetLogs[] = {
    {"from", Value::from},
    {"to",   Value::to},
};
constexpr Parameter kSetTime[] = {
    {"time", Value::moment},
};
constexpr Parameter kOpenDoor[] = {
    {"door", Value::integer, Need::optional, 1, 4, "doornum"},
};
constexpr Parameter kLockDoor[] = {
    {"mode", Value::lock_mode, Need::optional, 0, 0, "ctrl"},
    {"door", Value::integer,   Need::optional, 1, 4, "doornum"},
};

constexpr std::string_view kEnrollidForm = R"({"enrollid": 12})";

constexpr CommandRule kWords[] = {
    {"get_user", "getuserinfo", "backupnum",
     R"({"enrollid": 12, "backupnum": 0})", "one credential of a user",
     kGetUser},
    {"get_user", "getuserinfo", {}, kEnrollidForm,
     "a user: each credential in turn", kEnrollid},
    {"set_user", "setuserinfo", "backupnum",
     R"({"enrollid": 12, "backupnum": 10, "record": "1234"})",
     "one credential of a user; without record: the --bin file",
     kSetCredential},
    {"set_user", "setuserinfo", {},
     R"({"enrollid": 12, "name": "Ann", "privilege": "USER", )"
     R"("credentials": [{"backupnum": 10, "record": "1234"}, )"
     R"({"backupnum": 50, "record": "BIN_1"}]})",
     "a user: each credential in turn; others stay", kSetUser},
    {"delete_user", "deleteuser", {}, kEnrollidForm,
     "a user, or the credential of a backupnum; 12: all fingers", kGetUser},
    {"rename_user", "setusername", {},
     R"({"enrollid": 12, "name": "Ann"})",
     "the name on the terminal's display", kRenameUser},
    {"set_privilege", {}, {}, {}, {}, {}, Others::refused, Care::none,
     "a terminal takes a privilege only together with a credential: "
     "use set_user"},
    {"list_users", "getuserlist", {}, {}, "who is on the terminal", {}},
    {"enroll_user", "adduser", {},
     R"({"enrollid": 12, "backupnum": 0, "name": "Ann"})",
     "opens the terminal's enrolment screen", kEnrollUser, Others::refused,
     Care::urgent},
    {"clear_users", "cleanuser", {}, {}, "deletes all users", {},
     Others::refused, Care::destructive},
    {"get_logs", "getalllog", {},
     R"({"from": "2026-01-01", "to": "2026-01-31"})",
     "attendance records; without a bound: all", kGetLogs},
    {"clear_logs", "cleanlog", {}, {}, "deletes all attendance records", {},
     Others::refused, Care::destructive},
    {"get_status", "getdevinfo", {}, {}, "the terminal's settings", {}},
    {"get_info", "getdevinfo", {}, {}, "the terminal's settings", {}},
    {"set_info", "setdevinfo", {}, R"({"volume": 5, "language": 0})",
     "settings of the terminal", kDeviceSettings, Others::sent},
    {"get_time", "gettime", {}, {}, "the terminal's clock", {}},
    {"set_time", "settime", {}, R"({"time": "2026-09-29 20:00:00"})",
     "the clock; without time: to the moment of delivery", kSetTime},
    {"set_name", {}, {}, {}, {}, {}, Others::refused, Care::none,
     "a terminal of the cloud dialect has no name that could be set"},
    {"open_door", "opendoor", {}, R"({"door": 1})",
     "opens the door; without door: all doors", kOpenDoor, Others::refused,
     Care::urgent},
    {"lock_door", "lockctrl", {}, R"({"door": 1, "mode": "closed"})",
     "holds the door closed (the default), open, or lets it go: normal",
     kLockDoor, Others::refused, Care::urgent},
    {"reboot", "reboot", {}, {}, "restarts the terminal", {},
     Others::refused, Care::urgent},
    {"reset", "reboot", {}, {},
     "restarts the terminal; nothing is deleted", {}, Others::refused,
     Care::urgent},
    {"set_server", {}, {}, {}, {}, {}, Others::refused, Care::none,
     "the server's address is set in the terminal's menu only"},
};

// clang-format on

} // namespace

std::span<const CommandRule> common_words() noexcept
{
    return kWords;
}

} // namespace wac::cloud
