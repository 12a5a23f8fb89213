// The rows. Parameters stand in the order in which they are sent: that of
// the vendor's text and of the vectors, whatever the operator's order; jsonb
// forgets that one anyway.
#include "proto/fk_command_table.hpp"

namespace wac::fk
{

namespace
{

constexpr Need kRequired = Need::required;
constexpr Need kLoneBin = Need::or_lone_bin;

// clang-format off

// ---- parameters of FK commands -------------------------------------------

constexpr Parameter kUser[] = {
    {"user_id", Kind::user_id, kRequired},
};
constexpr Parameter kUserAndNumber[] = {
    {"user_id",       Kind::user_id,       kRequired},
    {"backup_number", Kind::backup_number, kRequired},
};
constexpr Parameter kSetEnrollData[] = {
    {"user_id",       Kind::user_id,       kRequired},
    {"backup_number", Kind::backup_number, kRequired},
    {"enroll_data",   Kind::bin,           kLoneBin},
};
constexpr Parameter kSetTime[] = {
    {"time", Kind::time_or_empty},
};
constexpr Parameter kSetUserName[] = {
    {"user_id",   Kind::user_id,   kRequired},
    {"user_name", Kind::user_name, kRequired},
};
constexpr Parameter kSetUserPrivilege[] = {
    {"user_id",        Kind::user_id,   kRequired},
    {"user_privilege", Kind::privilege, kRequired},
};
constexpr Parameter kTimeRange[] = {
    {"begin_time", Kind::time_or_empty},
    {"end_time",   Kind::time_or_empty},
};
constexpr Parameter kSetFkName[] = {
    {"fk_name", Kind::ascii_name, kRequired},
};
constexpr Parameter kEnrollDataRows[] = {
    {"backup_number", Kind::backup_number, kRequired},
    {"enroll_data",   Kind::bin,           kRequired},
};
constexpr Parameters kEnrollData = kEnrollDataRows;
constexpr Parameter kSetUserInfo[] = {
    {"user_id",           Kind::user_id, kRequired},
    {"user_name",         Kind::user_name},
    {"user_privilege",    Kind::privilege},
    {"user_photo",        Kind::bin},
    {"enroll_data_array", Kind::objects, kRequired, {}, &kEnrollData},
};
constexpr Parameter kSetWebServerInfo[] = {
    {"server_ip",   Kind::host},
    {"server_port", Kind::port},
    {"ip_address",  Kind::host},
    {"port",        Kind::port},
    {"token_id",    Kind::text},
};
constexpr Parameter kUpdateFirmware[] = {
    {"firmware_file_name", Kind::text, kRequired},
    {"firmware_bin_data",  Kind::bin,  kLoneBin},
};
constexpr Parameter kEnterEnrollRows[] = {
    {"backup_number", Kind::backup_number, kRequired},
    {"user_id",       Kind::user_id,       kRequired},
};
constexpr Parameters kEnterEnroll = kEnterEnrollRows;
constexpr Parameter kSetCommand[] = {
    {"cmd",   Kind::enter_enroll, kRequired},
    {"param", Kind::object,       kRequired, {}, &kEnterEnroll},
};
constexpr Parameter kDeviceSetting[] = {
    {"OpenDoor_Delay",     Kind::setting},
    {"DoorMagnetic_Type",  Kind::setting},
    {"DoorMagnetic_Delay", Kind::setting},
    {"Anti-back",          Kind::setting},
    {"Alarm_Delay",        Kind::setting},
    {"Use_Alarm",          Kind::setting},
    {"Wiegand_Type",       Kind::setting},
    {"Wiegand_Input",      Kind::setting},
    {"Wiegand_Output",     Kind::setting},
    {"Sleep_Time",         Kind::setting},
    {"Screensavers_Time",  Kind::setting},
    {"Reverify_Time",      Kind::setting},
    {"Glog_Warning",       Kind::setting},
    {"Volume",             Kind::setting},
    {"Allow_EarlyTime",    Kind::setting},
    {"Allow_LateTime",     Kind::setting},
    {"Receive_Interval",   Kind::setting},
    {"Show_ResultTime",    Kind::setting},
    {"MutiUser",           Kind::setting},
};
constexpr Parameter kGetTimezone[] = {
    {"TimeZone_No", Kind::number_text},
};
constexpr Parameter kPeriodRows[] = {
    {"start", Kind::hhmm, kRequired},
    {"end",   Kind::hhmm, kRequired},
};
constexpr Parameters kPeriod = kPeriodRows;
constexpr Parameter kSetTimezone[] = {
    {"TimeZone_No", Kind::number_text, kRequired},
    {"T1", Kind::object, Need::optional, {}, &kPeriod},
    {"T2", Kind::object, Need::optional, {}, &kPeriod},
    {"T3", Kind::object, Need::optional, {}, &kPeriod},
    {"T4", Kind::object, Need::optional, {}, &kPeriod},
    {"T5", Kind::object, Need::optional, {}, &kPeriod},
    {"T6", Kind::object, Need::optional, {}, &kPeriod},
};
constexpr Parameter kSetUserPasstime[] = {
    {"user_id",           Kind::user_id,       kRequired},
    {"Valide_Date_start", Kind::text_or_empty, kRequired},
    {"Valide_Date_end",   Kind::text_or_empty, kRequired},
    {"Week_TimeZone_No",  Kind::week,          kRequired},
};
constexpr Parameter kSetDoorStatus[] = {
    {"door_status", Kind::door_status, kRequired},
};
constexpr Parameter kGetLogImage[] = {
    {"user_id",  Kind::user_id, kRequired},
    {"log_time", Kind::time,    kRequired},
};

// ---- parameters of the common words ----------------------------------------

constexpr Parameter kEnrollid[] = {
    {"enrollid", Kind::user_id, kRequired, "user_id"},
};
constexpr Parameter kGetCredential[] = {
    {"enrollid",  Kind::user_id,       kRequired, "user_id"},
    {"backupnum", Kind::backup_number, kRequired, "backup_number"},
};
constexpr std::string_view kNoEnabled =
    "an FK terminal cannot enable or disable a user";
constexpr Parameter kSetCredential[] = {
    {"enrollid",  Kind::user_id,       kRequired,      "user_id"},
    {"backupnum", Kind::backup_number, kRequired,      "backup_number"},
    {"record",    Kind::record,        Need::optional, "enroll_data"},
    {"enabled",   Kind::refused,       Need::optional, {}, nullptr, kNoEnabled},
};
constexpr Parameter kCredentialRows[] = {
    {"backupnum", Kind::backup_number, kRequired,      "backup_number"},
    {"record",    Kind::record,        Need::optional, "enroll_data"},
};
constexpr Parameters kCredentials = kCredentialRows;
constexpr Parameter kSetUser[] = {
    {"enrollid",    Kind::user_id,   kRequired,      "user_id"},
    {"name",        Kind::user_name, Need::optional, "user_name"},
    {"privilege",   Kind::privilege, Need::optional, "user_privilege"},
    {"credentials", Kind::objects,   kRequired,      "enroll_data_array",
     &kCredentials},
    {"enabled",     Kind::refused,   Need::optional, {}, nullptr, kNoEnabled},
};
constexpr Parameter kDeleteUser[] = {
    {"enrollid",  Kind::user_id, kRequired,      "user_id"},
    {"backupnum", Kind::refused, Need::optional, {}, nullptr,
     "an FK terminal deletes whole users only"},
};
constexpr Parameter kRenameUser[] = {
    {"enrollid", Kind::user_id,   kRequired, "user_id"},
    {"name",     Kind::user_name, kRequired, "user_name"},
};
constexpr Parameter kSetPrivilege[] = {
    {"enrollid",  Kind::user_id,   kRequired, "user_id"},
    {"privilege", Kind::privilege, kRequired, "user_privilege"},
};
constexpr Parameter kEnrollUser[] = {
    {"backupnum", Kind::backup_number, Need::optional, "backup_number"},
    {"enrollid",  Kind::user_id,       kRequired,      "user_id"},
};
constexpr Parameter kGetLogs[] = {
    {"from", Kind::moment_from, Need::optional, "begin_time"},
    {"to",   Kind::moment_to,   Need::optional, "end_time"},
};
constexpr Parameter kSetClock[] = {
    {"time", Kind::moment},
};
constexpr Parameter kSetName[] = {
    {"name", Kind::ascii_name, kRequired, "fk_name"},
};
constexpr Parameter kDoor[] = {
    {"door", Kind::door},
};
constexpr Parameter kSetServer[] = {
    {"host", Kind::host, kRequired, "server_ip"},
    {"port", Kind::port, kRequired, "server_port"},
};

// ---- the commands ----------------------------------------------------------

constexpr std::string_view kSetUserForm =
    R"({"enrollid": "12", "name": "Ann", "privilege": "USER", )"
    R"("credentials": [{"backupnum": 10, "record": "1234"}, )"
    R"({"backupnum": 0, "record": "BIN_1"}]})";
constexpr std::string_view kSetUserInfoForm =
    R"({"user_id": "12", "user_name": "Ann", "user_privilege": "USER", )"
    R"("user_photo": "BIN_1", "enroll_data_array": )"
    R"([{"backup_number": 0, "enroll_data": "BIN_2"}]})";
constexpr std::string_view kUserForm = R"({"user_id": "12"})";
constexpr std::string_view kEnrollidForm = R"({"enrollid": "12"})";
constexpr std::string_view kTimeRangeForm =
    R"({"begin_time": "20260101000000", "end_time": "20260131235959"})";
constexpr std::string_view kSettingForm =
    R"({"Receive_Interval": "10", "Volume": "5"})";
constexpr std::string_view kDoorForm = R"({"door": 1})";

constexpr CommandRule kRules[] = {
    {"get_user", "GET_ENROLL_DATA", "backupnum",
     R"({"enrollid": "12", "backupnum": 0})",
     "one credential of a user", kGetCredential},
    {"get_user", "GET_USER_INFO", {}, kEnrollidForm,
     "a user with photo and all credentials", kEnrollid},
    {"set_user", "SET_ENROLL_DATA", "backupnum",
     R"({"enrollid": "12", "backupnum": 10, "record": "1234"})",
     "one credential of a user; without record: the --bin file",
     kSetCredential},
    {"set_user", "SET_USER_INFO", {}, kSetUserForm,
     "a whole user; credentials that are left out are deleted", kSetUser},
    {"delete_user", "DELETE_USER", {}, kEnrollidForm,
     "a user with all credentials", kDeleteUser},
    {"rename_user", "SET_USER_NAME", {},
     R"({"enrollid": "12", "name": "Ann"})",
     "the name on the terminal's display", kRenameUser},
    {"set_privilege", "SET_USER_PRIVILEGE", {},
     R"({"enrollid": "12", "privilege": "MANAGER"})",
     "USER, MANAGER, OPERATOR or REGISTER", kSetPrivilege},
    {"list_users", "GET_USER_ID_LIST", {}, {},
     "who is on the terminal", {}},
    {"enroll_user", "SET_COMMAND", {},
     R"({"enrollid": "12", "backupnum": 0})",
     "opens the terminal's enrolment screen", kEnrollUser, Care::urgent},
    {"clear_users", "CLEAR_ENROLL_DATA", {}, {},
     "deletes all users", {}, Care::destructive},
    {"get_logs", "GET_LOG_DATA", {},
     R"({"from": "2026-01-01", "to": "2026-01-31"})",
     "attendance records; without a bound: all", kGetLogs},
    {"clear_logs", "CLEAR_LOG_DATA", {}, {},
     "deletes all attendance records", {}, Care::destructive},
    {"get_status", "GET_DEVICE_STATUS", {}, {},
     "counts of users, credentials and records", {}},
    {"get_info", "GET_DEVICE_SETTING", {}, {}, "the terminal's settings", {}},
    {"set_info", "SET_DEVICE_SETTING", {}, kSettingForm,
     "settings of the terminal", kDeviceSetting},
    {"get_time", {}, {}, {}, {}, {}, Care::none,
     "an FK terminal tells its clock with each poll; see wacctl device show"},
    {"set_time", "SET_TIME", {}, R"({"time": "2026-09-29 20:00:00"})",
     "the clock; without time: to the moment of delivery", kSetClock},
    {"set_name", "SET_FK_NAME", {}, R"({"name": "gate 2"})",
     "the terminal's own name", kSetName},
    {"open_door", "SET_DOOR_STATUS", {}, kDoorForm, "opens the door",
     kDoor, Care::urgent},
    {"lock_door", "SET_DOOR_STATUS", {}, kDoorForm, "closes the door",
     kDoor, Care::urgent},
    {"reboot", "RESET_FK", {}, {}, "restarts the terminal", {}, Care::urgent},
    {"reset", "RESET_FK", {}, {},
     "restarts the terminal; nothing is deleted", {}, Care::urgent},
    {"set_server", "SET_WEB_SERVER_INFO", {},
     R"({"host": "192.0.2.20", "port": 8013})",
     "sends the terminal to another server", kSetServer, Care::destructive},

    {"GET_ENROLL_DATA", "GET_ENROLL_DATA", {},
     R"({"user_id": "12", "backup_number": 0})",
     "one credential of a user", kUserAndNumber},
    {"SET_ENROLL_DATA", "SET_ENROLL_DATA", {},
     R"({"user_id": "12", "backup_number": 0, "enroll_data": "BIN_1"})",
     "one credential of a user", kSetEnrollData},
    {"SET_TIME", "SET_TIME", {}, R"({"time": "20260929200000"})",
     "the clock; without time: to the moment of delivery", kSetTime},
    {"RESET_FK", "RESET_FK", {}, {},
     "restarts the terminal; nothing is deleted", {}, Care::urgent},
    {"DELETE_USER", "DELETE_USER", {}, kUserForm,
     "a user with all credentials", kUser},
    {"SET_USER_NAME", "SET_USER_NAME", {},
     R"({"user_id": "12", "user_name": "Ann"})",
     "the name on the terminal's display", kSetUserName},
    {"SET_USER_PRIVILEGE", "SET_USER_PRIVILEGE", {},
     R"({"user_id": "12", "user_privilege": "MANAGER"})",
     "USER, MANAGER, OPERATOR or REGISTER", kSetUserPrivilege},
    {"GET_USER_ID_LIST", "GET_USER_ID_LIST", {}, {},
     "who is on the terminal", {}},
    {"GET_LOG_DATA", "GET_LOG_DATA", {}, kTimeRangeForm,
     "attendance records; without a bound: all", kTimeRange},
    {"SET_FK_NAME", "SET_FK_NAME", {}, R"({"fk_name": "gate 2"})",
     "the terminal's own name", kSetFkName},
    {"CLEAR_LOG_DATA", "CLEAR_LOG_DATA", {}, {},
     "deletes all attendance records", {}, Care::destructive},
    {"CLEAR_ENROLL_DATA", "CLEAR_ENROLL_DATA", {}, {},
     "deletes all users", {}, Care::destructive},
    {"GET_DEVICE_STATUS", "GET_DEVICE_STATUS", {}, {},
     "counts of users, credentials and records", {}},
    {"SET_USER_INFO", "SET_USER_INFO", {}, kSetUserInfoForm,
     "a whole user; credentials that are left out are deleted",
     kSetUserInfo},
    {"GET_USER_INFO", "GET_USER_INFO", {}, kUserForm,
     "a user with photo and all credentials", kUser},
    {"SET_WEB_SERVER_INFO", "SET_WEB_SERVER_INFO", {},
     R"({"server_ip": "192.0.2.20", "server_port": 8013})",
     "sends the terminal to another server", kSetWebServerInfo,
     Care::destructive},

    {"UPDATE_FIRMWARE", "UPDATE_FIRMWARE", {},
     R"({"firmware_file_name": "x.bin", "firmware_bin_data": "BIN_1"})",
     "replaces the terminal's program", kUpdateFirmware, Care::destructive},
    {"SET_COMMAND", "SET_COMMAND", {},
     R"({"cmd": "enter_enroll", "param": )"
     R"({"user_id": "12", "backup_number": 0}})",
     "opens the terminal's enrolment screen", kSetCommand, Care::urgent},
    {"GET_ALL_USER_INFO", "GET_ALL_USER_INFO", {}, {},
     "all users, each as an enrolment of its own", {}},
    {"CLEAR_MANAGER", "CLEAR_MANAGER", {}, {},
     "makes all managers plain users", {}, Care::destructive},
    {"CLEAR_ALL_ADMIN", "CLEAR_ALL_ADMIN", {}, {},
     "CLEAR_MANAGER of M60 terminals", {}, Care::destructive},
    {"GET_DEVICE_SETTING", "GET_DEVICE_SETTING", {}, {},
     "the terminal's settings", {}},
    {"SET_DEVICE_SETTING", "SET_DEVICE_SETTING", {}, kSettingForm,
     "settings of the terminal", kDeviceSetting},
    {"GET_TIMEZONE", "GET_TIMEZONE", {}, R"({"TimeZone_No": "1"})",
     "one table of admission hours", kGetTimezone},
    {"SET_TIMEZONE", "SET_TIMEZONE", {},
     R"({"TimeZone_No": "1", "T1": {"start": "0800", "end": "1200"}})",
     "one table of admission hours, T1 to T6", kSetTimezone},
    {"GET_USER_PASSTIME", "GET_USER_PASSTIME", {}, kUserForm,
     "when a user is let in", kUser},
    {"SET_USER_PASSTIME", "SET_USER_PASSTIME", {},
     R"({"user_id": "12", "Valide_Date_start": "20260101", )"
     R"("Valide_Date_end": "20261231", )"
     R"("Week_TimeZone_No": ["0", "1", "1", "1", "1", "1", "0"]})",
     "when a user is let in, the week from Sunday on", kSetUserPasstime},
    {"SET_DOOR_STATUS", "SET_DOOR_STATUS", {}, R"({"door_status": "open"})",
     "opens or closes the door", kSetDoorStatus, Care::urgent},
    {"GET_SLOG_DATA", "GET_SLOG_DATA", {}, kTimeRangeForm,
     "management records; without a bound: all", kTimeRange},
    {"GET_LOG_IMAGE", "GET_LOG_IMAGE", {},
     R"({"user_id": "12", "log_time": "20260929173610"})",
     "the photo of a punch", kGetLogImage},
    {"OPEN_DOOR", "OPEN_DOOR", {}, {}, {}, {}, Care::urgent,
     "its parameters are unknown; open_door opens the door, "
     "--native sends OPEN_DOOR as it is"},
};

// clang-format on

} // namespace

std::span<const CommandRule> command_rules() noexcept
{
    return kRules;
}

const CommandRule *find_rule(std::string_view cmd_code,
                             const json_t *cmd_param) noexcept
{
    for (const CommandRule &rule : kRules) {
        if (rule.cmd_code == cmd_code &&
            (rule.when.empty() ||
             json_object_getn(cmd_param, rule.when.data(), rule.when.size()))) {
            return &rule;
        }
    }
    return nullptr;
}

} // namespace wac::fk
