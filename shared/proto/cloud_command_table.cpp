// The rows of the terminals' own commands. Parameters stand in the order in
// which they are sent, that of cloud-json.md and of the vectors: jsonb
// forgets the operator's. Ranges are those that the protocol's texts print.
#include "proto/cloud_command_table.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <array>

namespace wac::cloud
{

namespace
{

constexpr Need kRequired = Need::required;
constexpr Need kMay = Need::optional;
constexpr Others kSent = Others::sent;
constexpr std::int64_t kMostBackupnum = 255;
constexpr std::int64_t kMost = INT32_MAX;

// clang-format off

// ---- users -----------------------------------------------------------------

constexpr Parameter kEnrollid[] = {
    {"enrollid", Value::enrollid, kRequired},
};
constexpr Parameter kCredential[] = {
    {"enrollid",  Value::enrollid, kRequired},
    {"backupnum", Value::integer,  kRequired, 0, kMostBackupnum},
};
constexpr Parameter kSetUserInfo[] = {
    {"enrollid",  Value::enrollid, kRequired},
    {"name",      Value::text,     kMay, 0, 255},
    {"backupnum", Value::integer,  kMay, 0, kMostBackupnum},
    {"admin",     Value::integer,  kMay, 0, 2},
    {"record",    Value::record},
};
constexpr Parameter kSetUserName[] = {
    {"record", Value::people, kRequired, 1, 10000},
};
constexpr Parameter kEnableUser[] = {
    {"enrollid", Value::enrollid, kRequired},
    {"enflag",   Value::toggle,   kRequired},
};
constexpr Parameter kSetUserProfile[] = {
    {"enrollid", Value::integer, kRequired, 0, INT64_MAX},
    {"profile",  Value::text,    kRequired, 0, 200},
};
constexpr Parameter kGetUserProfile[] = {
    {"enrollid", Value::integer, kRequired, 0, INT64_MAX},
};
constexpr Parameter kAddUser[] = {
    {"enrollid",  Value::enrollid, kRequired},
    {"backupnum", Value::integer,  kMay, 0, kMostBackupnum},
    {"admin",     Value::integer,  kMay, 0, 2},
    {"name",      Value::text,     kMay, 0, 255},
    {"flag",      Value::integer,  kMay, 0, 255},
};

// ---- logs ------------------------------------------------------------------

constexpr Parameter kGetAllLog[] = {
    {"from", Value::from},
    {"to",   Value::to},
};

// ---- the terminal ----------------------------------------------------------

constexpr Parameter kSetTime[] = {
    {"cloudtime", Value::moment},
    {"time",      Value::moment},
};
constexpr Parameter kOpenDoor[] = {
    {"doornum", Value::integer, kMay, 1, 4},
};
constexpr Parameter kLockCtrl[] = {
    {"ctrl",    Value::integer, kRequired, 0, 2},
    {"doornum", Value::integer, kMay, 1, 4},
};
constexpr Parameter kDays[] = {
    {"days", Value::integer, kRequired, 1, kMost},
};
constexpr Parameter kUpgrade[] = {
    {"url", Value::text, kRequired, 1, 1024},
    {"md5", Value::text, kMay, 0, 64},
};
constexpr Parameter kPath[] = {
    {"path", Value::text, kRequired, 1, 1024},
};
constexpr Parameter kFile[] = {
    {"path",   Value::text,    kRequired, 1, 1024},
    {"offset", Value::integer, kMay, 0, INT64_MAX},
};

// ---- access control --------------------------------------------------------

constexpr Parameter kSetDevLock[] = {
    {"opendelay",  Value::integer, kMay, 0, kMost},
    {"doorsensor", Value::integer, kMay, 0, 2},
    {"alarmdelay", Value::integer, kMay, 0, 255},
    {"threat",     Value::integer, kMay, 0, 3},
    {"InputAlarm", Value::integer, kMay, 0, 2},
    {"antpass",    Value::integer, kMay, 0, 2},
    {"interlock",  Value::toggle},
    {"mutiopen",   Value::integer, kMay, 0, 4},
    {"tryalarm",   Value::integer, kMay, 0, 10},
    {"tamper",     Value::toggle},
    {"wgformat",   Value::toggle},
    {"wgoutput",   Value::integer, kMay, 0, 2},
    {"cardoutput", Value::toggle},
    {"dayzone",    Value::objects, kMay, 0, 8},
    {"weekzone",   Value::objects, kMay, 0, 8},
    {"lockgroup",  Value::objects, kMay, 0, 5},
    {"nopentime",  Value::objects, kMay, 0, 7},
};
constexpr Parameter kSetUserLock[] = {
    {"record", Value::people, kRequired, 1, 10000},
};
constexpr Parameter kSetHoliday[] = {
    {"holidays", Value::objects, kMay, 0, 30},
    {"record",   Value::objects, kMay, 0, 30},
};
constexpr Parameter kFirstPage[] = {
    {"stn", Value::truth},
};

// ---- the commands ----------------------------------------------------------

constexpr std::string_view kEnrollidForm = R"({"enrollid": 12})";
constexpr std::string_view kCredentialForm =
    R"({"enrollid": 12, "backupnum": 0})";
constexpr std::string_view kUserInfoForm =
    R"({"enrollid": 12, "name": "Ann", "backupnum": 10, "admin": 0, )"
    R"("record": "1234"})";
constexpr std::string_view kUserLockForm =
    R"({"record": [{"enrollid": 12, "weekzone": 1, "group": 1, )"
    R"("starttime": "2026-01-01 00:00:00", )"
    R"("endtime": "2099-12-31 23:59:00"}]})";
constexpr std::string_view kHolidayForm =
    R"({"holidays": [{"name": "New Year", "startday": "01-01", )"
    R"("endday": "01-01", "shift": 0, "dayzone": 0}]})";
constexpr std::string_view kSomeForm = "{}";

/** A row whose name is what the terminal gets; unless said otherwise, it
 *  passes parameters on that the table does not know. */
constexpr CommandRule own(std::string_view name, std::string_view form,
                          std::string_view summary, Parameters parameters = {},
                          Care care = Care::none, Others others = kSent)
{
    return {name, name, {}, form, summary, parameters, others, care};
}

constexpr CommandRule kCommands[] = {
    own("getuserlist", {}, "who is on the terminal"),
    own("getuserids", {}, "the numbers of all users (BS)"),
    own("getunuserdid", {}, "a number that no user has (BS)"),
    own("checkuserid", kEnrollidForm, "whether a user is there (BS)",
        kEnrollid),
    own("getallusers", {}, "all users with their credentials (newer)"),
    own("getuserinfo", kCredentialForm, "one credential of a user",
        kCredential),
    own("setuserinfo", kUserInfoForm,
        "one credential of a user, or fields of a user", kSetUserInfo),
    own("deleteuser", kCredentialForm,
        "one credential; 12: all fingers, 13: the whole user", kCredential),
    own("getusername", kEnrollidForm, "a user's name", kEnrollid),
    own("setusername", R"({"record": [{"enrollid": 12, "name": "Ann"}]})",
        "names of users", kSetUserName),
    own("enableuser", R"({"enrollid": 12, "enflag": 0})",
        "lets a user in, or not", kEnableUser),
    own("cleanuser", {}, "deletes all users", {}, Care::destructive),
    own("cleanadmin", {}, "makes all administrators plain users", {},
        Care::destructive),
    own("setuserprofile", R"({"enrollid": 12, "profile": "see HR"})",
        "a text that a user is shown; enrollid 0: everybody",
        kSetUserProfile),
    own("getuserprofile", kEnrollidForm, "a text that a user is shown",
        kGetUserProfile),
    own("adduser",
        R"({"enrollid": 12, "backupnum": 0, "admin": 0, "name": "Ann", )"
        R"("flag": 10})",
        "opens the terminal's enrolment screen", kAddUser, Care::urgent),
    own("checkregstatus", kEnrollidForm, "how far an enrolment is (BS)"),
    own("canceladduser", {}, "closes the enrolment screen (BS)"),
    own("deleteuserface", kEnrollidForm, "a user's face (BS)", kEnrollid),

    own("getnewlog", {}, "attendance records that were not fetched yet"),
    own("getalllog", R"({"from": "2026-01-01", "to": "2026-01-31"})",
        "attendance records; without a bound: all", kGetAllLog),
    own("cleanlog", {}, "deletes all attendance records", {},
        Care::destructive),
    own("cleanlogphoto", {}, "deletes the photos of punches (BS)", {},
        Care::destructive),

    own("settime", R"({"cloudtime": "2026-09-29 20:00:00"})",
        "the clock; without cloudtime: to the moment of delivery", kSetTime),
    own("gettime", {}, "the terminal's clock"),
    own("setdevinfo", R"({"volume": 5, "language": 0})",
        "settings of the terminal", kDeviceSettings),
    own("getdevinfo", {}, "the terminal's settings"),
    own("getdevcap", {}, "what the terminal can do (BS)"),
    own("getreg", {}, "its last registration (BS)"),
    own("opendoor", R"({"doornum": 1})",
        "opens the door; without doornum: all doors", kOpenDoor,
        Care::urgent),
    own("lockctrl", R"({"ctrl": 2, "doornum": 1})",
        "0: the door's normal state, 1: held open, 2: held closed (BS)",
        kLockCtrl, Care::urgent),
    own("getdoorstatus", {}, "the state of the door (BS)"),
    own("disabledevice", {}, "locks the terminal's input"),
    own("enabledevice", {}, "releases the terminal's input"),
    own("reboot", {}, "restarts the terminal", {}, Care::urgent),
    own("initsys", {}, "deletes all users and records, keeps settings", {},
        Care::destructive),
    own("cleandatebase", {}, "deletes the database (BS)", {},
        Care::destructive),
    own("initmenu", {}, "the menu's settings as they were made (BS)", {},
        Care::destructive),
    own("cleaninactiveuser", R"({"days": 365})",
        "deletes users who did not come for so long (BS)", kDays,
        Care::destructive),
    own("upgrade", R"({"url": "http://192.0.2.20/f.bin", "md5": "…"})",
        "replaces the terminal's program (BS)", kUpgrade, Care::destructive),
    own("forceota", {}, "replaces the terminal's program (BS)", {},
        Care::destructive),
    own("setotaserver", kSomeForm, "where programs come from (BS)"),
    own("getotaserver", {}, "where programs come from (BS)"),
    own("getdir", R"({"path": "/"})", "files of the terminal (BS)", kPath),
    own("getfile", R"({"path": "/x", "offset": 0})", "a piece of a file (BS)",
        kFile),
    own("writefile", R"({"path": "/x", "offset": 0})",
        "writes a piece of a file (BS)", kFile, Care::destructive),
    own("setscreensaver", kSomeForm, "the screen saver (BS)"),
    own("setvoice", kSomeForm, "the voice (BS)"),
    own("keypad", kSomeForm, "keys as if pressed (BS)"),
    own("verify", kSomeForm, "asks somebody to verify (BS)"),
    own("setdepartment", kSomeForm, "departments (BS)"),
    own("getdepartment", {}, "departments (BS)"),
    own("setcompanyname", kSomeForm, "the company's name (BS)"),
    own("getcompanyname", {}, "the company's name (BS)"),
    own("setbelltime", kSomeForm, "when the bell rings (BS)"),
    own("getbelltime", {}, "when the bell rings (BS)"),
    own("setshift", kSomeForm, "shifts (BS)"),
    own("getshift", {}, "shifts (BS)"),

    own("setdevlock", R"({"opendelay": 5, "tamper": 1})",
        "settings of the lock, hours and groups of admission", kSetDevLock),
    own("getdevlock", {},
        "settings of the lock, hours and groups of admission"),
    own("setuserlock", kUserLockForm, "when users are let in", kSetUserLock),
    own("getuserlock", kEnrollidForm, "when a user is let in", kEnrollid),
    own("deleteuserlock", kEnrollidForm, "forgets when a user is let in",
        kEnrollid),
    own("cleanuserlock", {}, "forgets when users are let in, of all", {},
        Care::destructive),
    own("setholiday", kHolidayForm, "holidays", kSetHoliday),
    own("getholiday", {}, "holidays", kFirstPage),
    own("setquestionnaire", kSomeForm, "questions at a punch"),
    own("getquestionnaire", {}, "questions at a punch", kFirstPage),
    own("cleanquestionnaire", {}, "no questions any more (BS)"),
};

// clang-format on

constexpr std::array<std::string_view, 19> kMessages{
    "reg",          "sendlog",   "sendrtlog", "rtlog",        "pushlog",
    "senduser",     "sendimage", "sendpin",   "sendqrcode",   "senduserpic",
    "senduserinfo", "checklive", "heartbeat", "ping",         "sendgps",
    "otacheck",     "otaget",    "talkcall",  "vicheckonline"};

} // namespace

std::span<const CommandRule> terminal_commands() noexcept
{
    return kCommands;
}

const CommandRule *find_rule(std::string_view cmd_code,
                             const json_t *cmd_param) noexcept
{
    for (const auto rules : {common_words(), terminal_commands()}) {
        for (const CommandRule &rule : rules) {
            if (rule.cmd_code == cmd_code &&
                (rule.when.empty() ||
                 json_object_getn(cmd_param, rule.when.data(),
                                  rule.when.size()))) {
                return &rule;
            }
        }
    }
    return nullptr;
}

bool is_terminal_message(std::string_view name) noexcept
{
    return std::any_of(kMessages.begin(), kMessages.end(),
                       [name](std::string_view known) {
                           return equals_ignoring_case(known, name);
                       });
}

} // namespace wac::cloud
