// The rows. Of a request its form is an example, with the fields that VD and
// the newer vendor code know; whatever is given is sent.
#include "proto/xml_command_table.hpp"

#include <array>

namespace wac::xml
{

namespace
{

constexpr Need kRequired = Need::required;
constexpr Need kMay = Need::optional;
constexpr std::int64_t kMostUser = 99999999;
constexpr std::int64_t kMostBackupnum = 50;
constexpr std::int64_t kLongestName = 255;

// clang-format off

// ---- common words ----------------------------------------------------------

constexpr Parameter kEnrollid[] = {
    {"enrollid", Value::integer, kRequired, 1, kMostUser},
};
constexpr Parameter kOneCredential[] = {
    {"enrollid",  Value::integer, kRequired, 1, kMostUser},
    {"backupnum", Value::integer, kMay, 0, kMostBackupnum},
};
constexpr Parameter kCredentialRows[] = {
    {"backupnum", Value::integer, kRequired, 0, kMostBackupnum},
    {"record",    Value::record},
};
constexpr Parameters kCredential = kCredentialRows;
constexpr Parameter kSetUser[] = {
    {"enrollid",    Value::integer,   kRequired, 1, kMostUser},
    {"name",        Value::text,      kMay, 0, kLongestName},
    {"privilege",   Value::privilege},
    {"backupnum",   Value::integer,   kMay, 0, kMostBackupnum},
    {"record",      Value::record},
    {"credentials", Value::objects,   kMay, 0, 64, {}, &kCredential},
    {"enabled",     Value::truth},
};
constexpr Parameter kRenameUser[] = {
    {"enrollid", Value::integer, kRequired, 1, kMostUser},
    {"name",     Value::text,    kRequired, 0, kLongestName},
};
constexpr Parameter kSetPrivilege[] = {
    {"enrollid",  Value::integer,   kRequired, 1, kMostUser},
    {"privilege", Value::privilege, kRequired},
};
constexpr Parameter kGetLogs[] = {
    {"from", Value::from},
    {"to",   Value::to},
};
constexpr Parameter kSetTime[] = {
    {"time", Value::moment},
};
constexpr Parameter kSetName[] = {
    {"name", Value::text, kRequired, 1, 64},
};
constexpr Parameter kOpenDoor[] = {
    {"door", Value::integer, kMay, 1, 1},
};
constexpr Parameter kLockDoor[] = {
    {"mode", Value::lock_mode},
    {"door", Value::integer, kMay, 1, 1},
};
constexpr Parameter kSetServer[] = {
    {"host", Value::text,    kRequired, 1, 255},
    {"port", Value::integer, kMay, 1, 65535},
};

constexpr std::string_view kEnrollidForm = R"({"enrollid": 12})";

constexpr CommandRule kWords[] = {
    {"get_user", "GetUserData", {}, R"({"enrollid": 12, "backupnum": 0})",
     "a user with all templates, or one credential; 50: the photo",
     kOneCredential},
    {"set_user", "SetUserData", {},
     R"({"enrollid": 12, "name": "Ann", "privilege": "USER", )"
     R"("credentials": [{"backupnum": 10, "record": "1234"}, )"
     R"({"backupnum": 50, "record": "BIN_1"}]})",
     "a user: what is not given stays. 0-9 fingers, 10 PIN, 11 card, "
     "20 face template, 50 a JPEG to enrol the face from", kSetUser},
    {"delete_user", "SetUserData", {}, kEnrollidForm,
     "a user, or one of their credentials by backupnum: a finger, 10, 11",
     kOneCredential},
    {"rename_user", "SetUserData", {}, R"({"enrollid": 12, "name": "Ann"})",
     "the name on the terminal's display, 12 characters", kRenameUser},
    {"set_privilege", "SetUserData", {},
     R"({"enrollid": 12, "privilege": "MANAGER"})",
     "USER, MANAGER or SUPER (Administrator)", kSetPrivilege},
    {"list_users", "GetNextUserDataExt", {}, {}, "all users, one by one", {}},
    {"enroll_user", "RemoteEnroll", {},
     R"({"enrollid": 12, "backupnum": 0})",
     "opens the terminal's enrolment screen: 0-9 a finger, 11 a card, 20 or "
     "50 the face", kOneCredential, Others::refused, Care::urgent},
    {"clear_users", "EmptyUserEnrollmentData", {}, {}, "deletes all users",
     {}, Others::refused, Care::destructive},
    {"get_logs", "GetNextGlog", {},
     R"({"from": "2026-01-01", "to": "2026-01-31"})",
     "attendance records, one by one; without a bound: all", kGetLogs},
    {"clear_logs", "EmptyTimeLog", {}, {}, "deletes all attendance records",
     {}, Others::refused, Care::destructive},
    {"get_status", "GetDeviceStatusAll", {}, {},
     "how many users, faces, … there are; door and alarm", {}},
    {"get_info", "GetDeviceInfoAll", {}, {}, "the terminal's settings", {}},
    {"set_info", "SetDeviceInfo", {}, R"({"SoundVolume": 5, "Language": 0})",
     "settings of the terminal, one by one", {}, Others::sent},
    {"get_time", "GetTime", {}, {}, "the terminal's clock", {}},
    {"set_time", "SetTime", {}, R"({"time": "2026-09-29 20:00:00"})",
     "the clock; without time: to the moment of delivery", kSetTime},
    {"set_name", "SetDeviceInfoExt", {}, R"({"name": "gate 2"})",
     "the terminal's own name", kSetName},
    {"open_door", "LockControl", {}, {}, "opens the door", kOpenDoor,
     Others::refused, Care::urgent},
    {"lock_door", "LockControl", {}, R"({"mode": "closed"})",
     "holds the door closed (the default), open, or lets it go: normal",
     kLockDoor, Others::refused, Care::urgent},
    {"reboot", "LockControl", {}, {}, "restarts the terminal", {},
     Others::refused, Care::urgent},
    {"reset", "LockControl", {}, {},
     "restarts the terminal; nothing is deleted", {}, Others::refused,
     Care::urgent},
    {"set_server", "SetDeviceInfoExt", {},
     R"({"host": "wss://wac.example.net/ws"})",
     "sends the terminal to another server: a URL, or host and port",
     kSetServer, Others::refused, Care::destructive},
};

// ---- requests --------------------------------------------------------------

constexpr CommandRule own(std::string_view name, std::string_view form,
                          std::string_view summary, Care care = Care::none)
{
    return {name, name, {}, form, summary, {}, Others::sent, care};
}

constexpr Care kDestructive = Care::destructive;
constexpr std::string_view kUser = R"({"UserID": 12})";
constexpr std::string_view kStatus = R"({"ParamName": "DoorStatus"})";
constexpr std::string_view kSetting =
    R"({"ParamName": "SoundVolume", "Value": 5})";
constexpr std::string_view kTimeZone =
    R"({"TimeZoneNo": 1, "TimeSection_0": "480,1080"})";
constexpr std::string_view kPhoto =
    R"({"UserID": 12, "PhotoSize": 91, "PhotoData": "base64"})";

constexpr CommandRule kRequests[] = {
    own("GetUserData", kUser, "a user; PIN and card come back in clear"),
    own("SetUserData", R"({"UserID": 12, "Type": "Set", "Name": "base64"})",
        "a user; Type Delete deletes them"),
    own("GetFirstUserData", {}, "the first user"),
    own("GetNextUserData", {}, "the next user"),
    own("GetNextUserDataExt", R"({"UserID": 0})", "the user behind this one"),
    own("GetUserPassword", kUser, "a user's PIN"),
    own("GetUserCardNo", kUser, "a user's card"),
    own("GetUserQR", kUser, "a user's QR code (newer)"),
    own("GetUserPhoto", kUser, "a user's photo"),
    own("SetUserPhoto", kPhoto, "a user's photo; PhotoSize 0 deletes it"),
    own("EnrollFaceByPhoto", kPhoto,
        "a face from a JPEG of at most 32768 bytes"),
    own("GetFingerData", R"({"UserID": 12, "FingerNo": 0, "FingerOnly": 1})",
        "one fingerprint"),
    own("SetFingerData",
        R"({"UserID": 12, "Privilege": "User", "FingerNo": 0, )"
        R"("DuplicationCheck": 1, "Duress": 0, "FingerData": "base64"})",
        "one fingerprint; without FingerData: deletes it"),
    own("GetFaceData", kUser, "a face template"),
    own("SetFaceData",
        R"({"UserID": 12, "Privilege": "User", "DuplicationCheck": false, )"
        R"("FaceData": "base64"})", "a face template"),
    own("RemoteEnroll",
        R"({"UserID": 12, "Backup": "RemoteEnrollFP", "FingerNo": 0})",
        "opens the enrolment screen: RemoteEnrollFace, FP, Card, QR",
        Care::urgent),
    own("ExitRemoteEnroll", {}, "closes the enrolment screen"),
    own("QueryRemoteEnrollStatus", {}, "how far an enrolment is (newer)"),
    own("GetUserAttendOnly", kUser, "whether a user may only punch (newer)"),
    own("SetUserAttendOnly", R"({"UserID": 12, "Value": true})",
        "whether a user may only punch (newer)"),
    own("GetUserMessage", kUser, "a text that a user is shown (newer)"),
    own("SetUserMessage", R"({"UserID": 12, "UserMessage": "base64"})",
        "a text that a user is shown (newer)"),
    own("EmptyUserEnrollmentData", {}, "deletes all users", kDestructive),
    own("TakeOffManager", {}, "makes all managers plain users", kDestructive),

    own("GetGlogPosInfo", {}, "how many attendance records there are"),
    own("GetFirstGlog", R"({"BeginLogPos": 0})", "one attendance record"),
    own("GetNextGlog", R"({"BeginLogPos": 1})", "one attendance record"),
    own("DeleteGlogWithPos", R"({"EndPos": 10})",
        "deletes so many of the oldest attendance records", kDestructive),
    own("EmptyTimeLog", {}, "deletes all attendance records", kDestructive),
    own("EmptyManageLog", {}, "deletes all admin logs", kDestructive),
    own("EmptyAllData", {}, "deletes all users and logs", kDestructive),

    own("GetTime", {}, "the terminal's clock"),
    own("SetTime", R"({"Time": "2026-09-29-T20:00:00Z"})",
        "the clock, as its display shows it"),
    own("GetDeviceStatus", kStatus, "one number of its state"),
    own("GetDeviceStatusAll", {}, "its state"),
    own("GetDeviceInfo", R"({"ParamName": "SoundVolume"})", "one setting"),
    own("GetDeviceInfoAll", {}, "the terminal's settings"),
    own("SetDeviceInfo", kSetting, "one setting"),
    own("GetDeviceInfoExt", R"({"ParamName": "WebServerUrl"})",
        "one setting of several values"),
    own("SetDeviceInfoExt",
        R"({"ParamName": "WebServerUrl", "Value1": "wss://…"})",
        "one setting of several values; WebServerUrl moves the terminal",
        kDestructive),
    own("EnableDevice", R"({"Enable": true})",
        "releases or locks the terminal's input"),
    own("LockControl", R"({"Mode": 1})",
        "1 open, 2 closed, 3 held open, 4 normal, 5 restarts, 6 ends an alarm",
        Care::urgent),
    own("LockControlStatus", {}, "the state of the door"),
    own("GetFirmwareVersion", {}, "the terminal's program"),
    own("FirmwareUpgradeHttp", R"({"Size": 36, "Data": "base64 of a URL"})",
        "replaces the terminal's program", kDestructive),
    own("GetEthernetSetting", {}, "the wired network"),
    own("SetEthernet", R"({"DHCP": true})", "the wired network",
        kDestructive),
    own("GetWiFiSetting", {}, "the wireless network"),
    own("SetWiFi", R"({"Use": true, "SSID": "x", "Key": "y"})",
        "the wireless network", kDestructive),
    own("GetPowerSetting", {}, "sleep and restarts"),
    own("SetPowerSetting", R"({"idle_time_for_sleep": 0})",
        "sleep and restarts"),
    own("GetDepartment", R"({"DeptNo": 3})", "the name of a department"),
    own("SetDepartment", R"({"DeptNo": 3, "Data": "base64"})",
        "the name of a department"),
    own("GetProxyDept", R"({"ProxyNo": 0})", "a department's deputy"),
    own("SetProxyDept", R"({"ProxyNo": 0, "Data": "base64"})",
        "a department's deputy"),
    own("GetAutoAttendance", {}, "which key is pressed when"),
    own("SetAutoAttendance", R"({"TimeSection_0": "0,720,0"})",
        "which key is pressed when"),
    own("GetAccessTimeZone", R"({"TimeZoneNo": 1})", "hours of admission"),
    own("SetAccessTimeZone", kTimeZone, "hours of admission"),
    own("GetBellTime", {}, "when the bell rings"),
    own("SetBellTime",
        R"({"BellRingTimes": 3, "BellCount": 1, "Bell_0": "1,0,8,30"})",
        "when the bell rings"),
};

// clang-format on

} // namespace

std::span<const CommandRule> common_words() noexcept
{
    return kWords;
}

std::span<const CommandRule> terminal_requests() noexcept
{
    return kRequests;
}

const CommandRule *find_rule(std::string_view cmd_code) noexcept
{
    for (const auto rules : {common_words(), terminal_requests()}) {
        for (const CommandRule &rule : rules) {
            if (rule.cmd_code == cmd_code) {
                return &rule;
            }
        }
    }
    return nullptr;
}

} // namespace wac::xml
