// Parameters that cannot be sent: each refusal with its reason, for what is
// missing, unknown, of no use as a value, or contradicts the binaries.
#include "checks.hpp"

#include "proto/fk_commands.hpp"

#include <span>

using namespace wac;
using test::Checks;

namespace
{

std::string refusal_of(std::string_view cmd_code, std::string_view cmd_param,
                       std::size_t bins)
{
    const Json param(json_loadb(cmd_param.data(), cmd_param.size(),
                                JSON_DECODE_ANY | JSON_ALLOW_NUL, nullptr));
    if (!param && !cmd_param.empty()) {
        return "the test's own JSON is broken";
    }
    const auto checked = fk::check_command(cmd_code, param.get(), bins, false);
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
};

constexpr std::string_view kBadId =
    "must be 1 to 32 bytes of text without control characters, or a number";
constexpr std::string_view kBadTime =
    "must be a time of 14 digits, YYYYMMDDhhmmss";
constexpr std::string_view kBadMoment =
    "must be a date or a time, such as \"2026-09-29\" or "
    "\"2026-09-29 20:00:00\"";
constexpr std::string_view kBadNumber =
    "must be a number from 0 to 255: 0-9 finger, 10 password, 11 card, "
    "12 face, 13-16 palm";
constexpr std::string_view kBadBin =
    "must name a binary that comes with the command, such as \"BIN_1\"";
constexpr std::string_view kNoParameters = "it takes no parameters";

// clang-format off
const Row kMissing[] = {
    {"get_user", "", "enrollid is missing"},
    {"get_user", R"({"backupnum": 0})", "enrollid is missing"},
    {"set_user", R"({"enrollid": "1"})", "credentials is missing"},
    {"set_user", R"({"credentials": []})", "enrollid is missing"},
    {"set_user", R"({"enrollid": "1", "credentials": [{}]})",
     "credentials[0].backupnum is missing"},
    {"delete_user", "null", "enrollid is missing"},
    {"rename_user", R"({"enrollid": "1"})", "name is missing"},
    {"set_privilege", R"({"enrollid": "1"})", "privilege is missing"},
    {"enroll_user", R"({"backupnum": 0})", "enrollid is missing"},
    {"set_info", "{}", "no setting is named"},
    {"set_name", "{}", "name is missing"},
    {"set_server", R"({"host": "h"})", "port is missing"},
    {"set_server", R"({"port": 80})", "host is missing"},
    {"GET_ENROLL_DATA", R"({"user_id": "1"})", "backup_number is missing"},
    {"SET_ENROLL_DATA", R"({"user_id": "1", "backup_number": 0})",
     "enroll_data is missing: one binary must come with it"},
    {"SET_ENROLL_DATA", R"({"user_id": "1", "backup_number": 0})",
     "enroll_data is missing: one binary must come with it", 2},
    {"DELETE_USER", "", "user_id is missing"},
    {"SET_USER_NAME", R"({"user_id": "1"})", "user_name is missing"},
    {"SET_USER_PRIVILEGE", R"({"user_id": "1"})",
     "user_privilege is missing"},
    {"SET_FK_NAME", "", "fk_name is missing"},
    {"SET_USER_INFO", R"({"user_id": "1"})", "enroll_data_array is missing"},
    {"SET_USER_INFO",
     R"({"user_id": "1", "enroll_data_array": [{"backup_number": 0}]})",
     "enroll_data_array[0].enroll_data is missing", 1},
    {"GET_USER_INFO", "{}", "user_id is missing"},
    {"SET_WEB_SERVER_INFO", R"({"ip_address": "h"})",
     "server_port is missing"},
    {"SET_WEB_SERVER_INFO", R"({"port": 1})", "server_ip is missing"},
    {"UPDATE_FIRMWARE", "", "firmware_file_name is missing", 1},
    {"SET_COMMAND", R"({"cmd": "enter_enroll"})", "param is missing"},
    {"SET_COMMAND", R"({"cmd": "enter_enroll", "param": {"user_id": "1"}})",
     "param.backup_number is missing"},
    {"SET_DEVICE_SETTING", "", "no setting is named"},
    {"SET_TIMEZONE", "", "TimeZone_No is missing"},
    {"SET_TIMEZONE", R"({"TimeZone_No": "1", "T1": {"start": "0800"}})",
     "T1.end is missing"},
    {"GET_USER_PASSTIME", "", "user_id is missing"},
    {"SET_USER_PASSTIME", R"({"user_id": "1"})",
     "Valide_Date_start is missing"},
    {"SET_DOOR_STATUS", "", "door_status is missing"},
    {"GET_LOG_IMAGE", R"({"user_id": "1"})", "log_time is missing"},
};

const Row kUnknown[] = {
    {"get_user", R"({"enrollid": "1", "name": "x"})",
     R"(unknown parameter "name"; known: enrollid)"},
    {"get_user", R"({"user_id": "1"})",
     R"(unknown parameter "user_id"; known: enrollid)"},
    {"set_user", R"({"enrollid": "1", "backupnum": 0, "name": "x"})",
     R"(unknown parameter "name"; known: enrollid, backupnum, record)", 1},
    {"set_user", R"({"enrollid": "1", "credentials": [{"record": "1", )"
     R"("backupnum": 10, "admin": 1}]})",
     R"(unknown parameter credentials[0]."admin"; known: backupnum, record)"},
    {"set_user", R"({"enrollid": "1", "credentials": [], "enabled": true})",
     "enabled: an FK terminal cannot enable or disable a user"},
    {"set_user", R"({"enrollid": "1", "backupnum": 10, "record": "1", )"
     R"("enabled": true})",
     "enabled: an FK terminal cannot enable or disable a user"},
    {"delete_user", R"({"enrollid": "1", "backupnum": 0})",
     "backupnum: an FK terminal deletes whole users only"},
    {"open_door", R"({"time": 5})",
     R"(unknown parameter "time"; known: door)"},
    {"set_info", R"({"volume": 5})",
     R"(unknown parameter "volume"; known: OpenDoor_Delay, DoorMagnetic_Type, )"
     "DoorMagnetic_Delay, Anti-back, Alarm_Delay, Use_Alarm, Wiegand_Type, "
     "Wiegand_Input, Wiegand_Output, Sleep_Time, Screensavers_Time, "
     "Reverify_Time, Glog_Warning, Volume, Allow_EarlyTime, Allow_LateTime, "
     "Receive_Interval, Show_ResultTime, MutiUser"},
    {"GET_USER_INFO", R"({"user_id": "1", "": 1})",
     R"(unknown parameter ""; known: user_id)"},
    {"GET_USER_INFO", R"({"a\u0007\"é\n": 1})",
     R"(unknown parameter "a?????"; known: user_id)"},
    {"SET_COMMAND", R"({"cmd": "enter_enroll", "param": {"user_id": "1", )"
     R"("backup_number": 0, "x": 1}})",
     R"(unknown parameter param."x"; known: backup_number, user_id)"},
    {"list_users", R"({"from": 1})", kNoParameters},
    {"clear_users", R"({"yes": true})", kNoParameters},
    {"clear_logs", R"({"to": "2026-01-01"})", kNoParameters},
    {"get_status", R"({"a": 1})", kNoParameters},
    {"get_info", R"({"a": 1})", kNoParameters},
    {"reboot", R"({"a": 1})", kNoParameters},
    {"reset", R"({"a": 1})", kNoParameters},
    {"RESET_FK", R"({"a": 1})", kNoParameters},
    {"GET_USER_ID_LIST", R"({"a": 1})", kNoParameters},
    {"CLEAR_LOG_DATA", R"({"a": 1})", kNoParameters},
    {"CLEAR_ENROLL_DATA", R"({"a": 1})", kNoParameters},
    {"GET_DEVICE_STATUS", R"({"dev_id": "x"})", kNoParameters},
    {"GET_ALL_USER_INFO", R"({"a": 1})", kNoParameters},
    {"CLEAR_MANAGER", R"({"a": 1})", kNoParameters},
    {"CLEAR_ALL_ADMIN", R"({"a": 1})", kNoParameters},
    {"GET_DEVICE_SETTING", R"({"a": 1})", kNoParameters},
    {"GET_USER_INFO", "[]", "the parameters must be a JSON object"},
    {"GET_USER_ID_LIST", "[]", "the parameters must be a JSON object"},
    {"GET_USER_ID_LIST", "\"x\"", "the parameters must be a JSON object"},
};

/** Of the one parameter `name` of a command: what it may not be. */
struct ValueRow {
    std::string_view cmd_code;
    std::string_view before; // the other members
    std::string_view name;
    std::string_view reason;
    std::vector<std::string_view> values; // as JSON
    std::size_t bins = 0;
};

const ValueRow kBadValues[] = {
    {"DELETE_USER", "", "user_id", kBadId,
     {"\"\"", "-1", "1.5", "true", "null", "[]", "{}", "\"a\\u0000b\"",
      "\"a\\nb\"", "\"\\u007f\"", "\"123456789012345678901234567890123\"",
      "\"ééééééééééééééééé\""}},
    {"delete_user", "", "enrollid", kBadId, {"\"\"", "[1]", "\"\\t\""}},
    {"SET_USER_NAME", R"("user_id": "1", )", "user_name",
     "must be text without control characters, at most 255 bytes",
     {"7", "null", "\"a\\u0000\"", "\"\\r\\n\""}},
    {"SET_FK_NAME", "", "fk_name", "must be 1 to 255 ASCII characters",
     {"\"\"", "\"é\"", "\"a\\n\"", "1", "\"\\u007f\""}},
    {"SET_TIME", "", "time", kBadTime,
     {"\"260929200000\"", "\"2026-09-29 20:00:00\"", "\"20260229000000\"",
      "\"20260929240000\"", "20260929200000", "null", "\"2026092920000\"",
      "\" 20260929200000\"", "\"2026092920000x\""}},
    {"GET_LOG_DATA", "", "end_time", kBadTime, {"\"2026-01-31\"", "null"}},
    {"GET_SLOG_DATA", "", "begin_time", kBadTime, {"\"0\"", "false"}},
    {"GET_LOG_IMAGE", R"("user_id": "1", )", "log_time", kBadTime,
     {"\"\"", "\"now\""}},
    {"set_time", "", "time",
     "must be a time, such as \"2026-09-29 20:00:00\"",
     {"\"2026-09-29\"", "\"\"", "\"2026-09-29 25:00\"", "\"20:00\"", "1",
      "\"2026-09-29 20:00:00Z\"", "\"2026-09-29t20:00:00\""}},
    {"get_logs", "", "from", kBadMoment,
     {"\"\"", "\"2026-02-29\"", "\"2026-1-1\"", "\"2026/01/01\"", "null",
      "\"2026-01-01 24:00\"", "20260101", "\"260101000000\"",
      "\"2026-01-01-00:00\"", "\"2026-01-01 00:00:0\""}},
    {"get_logs", "", "to", kBadMoment, {"\"yesterday\"", "{}"}},
    {"GET_ENROLL_DATA", R"("user_id": "1", )", "backup_number", kBadNumber,
     {"-1", "256", "1.0", "\"\"", "\"1x\"", "\" 1\"", "\"-1\"", "\"0x1\"",
      "null", "true", "\"99999999999999999999\""}},
    {"enroll_user", R"("enrollid": "1", )", "backupnum", kBadNumber,
     {"256", "\"finger\"", "null"}},
    {"set_privilege", R"("enrollid": "1", )", "privilege",
     "must be USER, MANAGER, OPERATOR or REGISTER",
     {"\"ADMIN\"", "4", "-1", "\"\"", "null", "true", "\"USER \"", "1.0"}},
    {"set_server", R"("port": 1, )", "host",
     "must be an address or a host name",
     {"\"\"", "\"a b\"", "\"http://h/\"", "1", "\"h\\u0000\"", "\"é\""}},
    {"set_server", R"("host": "h", )", "port",
     "must be a number from 1 to 65535",
     {"0", "65536", "\"\"", "\"80 \"", "80.0", "-1", "null"}},
    {"open_door", "", "door", "must be 1: an FK terminal has one door",
     {"0", "2", "\"2\"", "null", "\"front\""}},
    {"lock_door", "", "door", "must be 1: an FK terminal has one door", {"2"}},
    {"SET_DOOR_STATUS", "", "door_status", "must be \"open\" or \"close\"",
     {"\"OPEN\"", "\"\"", "1", "\"closed\"", "true"}},
    {"SET_COMMAND", R"("param": {"user_id": "1", "backup_number": 0}, )",
     "cmd", "must be \"enter_enroll\"; --native sends other ones",
     {"\"reboot\"", "1"}},
    {"SET_COMMAND", R"("cmd": "enter_enroll", )", "param",
     "must be an object", {"[]", "\"x\"", "null"}},
    {"SET_DEVICE_SETTING", "", "Volume",
     "must be a number, or text of at most 255 bytes",
     {"true", "null", "[]", "\"\\n\""}},
    {"SET_TIMEZONE", R"("TimeZone_No": 1, )", "T2", "must be an object",
     {"\"0800\"", "[]"}},
    {"SET_USER_PASSTIME",
     R"("user_id": "1", "Valide_Date_start": "", "Valide_Date_end": "", )",
     "Week_TimeZone_No",
     "must be an array of seven numbers, from Sunday on",
     {"\"1\"", "[]", "[1,2,3,4,5,6]", "[1,2,3,4,5,6,7,8]",
      "[1,2,3,4,5,6,null]", "{\"a\":1}"}},
    {"SET_ENROLL_DATA", R"("user_id": "1", "backup_number": 0, )",
     "enroll_data", kBadBin,
     {"\"1234\"", "\"BIN_0\"", "\"BIN_01\"", "\"bin_1\"", "\"BIN_\"", "1",
      "\"BIN_1 \"", "\"BIN_-1\"", "\"BIN_+1\"", "\"\"", "null",
      "\"BIN_18446744073709551617\""}, 1},
    {"SET_USER_INFO", R"("user_id": "1", "enroll_data_array": [], )",
     "user_photo", kBadBin, {"\"\"", "null", "\"photo.jpg\""}},
    {"set_user", R"("enrollid": "1", "backupnum": 10, )", "record",
     "must be 1 to 40 bytes of text, or name a binary, such as \"BIN_1\"",
     {"\"\"", "null", "\"12\\u000034\"", "1.5",
      "\"12345678901234567890123456789012345678901\""}},
    {"set_user", R"("enrollid": "1", )", "credentials",
     "must be an array of at most 256 objects", {"{}", "null", "\"x\""}},
    {"UPDATE_FIRMWARE", R"("firmware_bin_data": "BIN_1", )",
     "firmware_file_name",
     "must be 1 to 255 bytes of text without control characters",
     {"\"\"", "1", "\"a\\u0000\""}, 1},
};

const Row kBins[] = {
    {"SET_ENROLL_DATA",
     R"({"user_id": "1", "backup_number": 0, "enroll_data": "BIN_2"})",
     "BIN_2 is named and did not come with the command", 1},
    {"SET_ENROLL_DATA",
     R"({"user_id": "1", "backup_number": 0, "enroll_data": "BIN_1"})",
     "BIN_1 is named and did not come with the command"},
    {"SET_ENROLL_DATA",
     R"({"user_id": "1", "backup_number": 0, "enroll_data": "BIN_1"})",
     "no parameter names BIN_2", 2},
    {"SET_USER_INFO", R"({"user_id": "1", "enroll_data_array": []})",
     "no parameter names BIN_1", 1},
    {"SET_USER_INFO",
     R"({"user_id": "1", "user_photo": "BIN_1", "enroll_data_array": )"
     R"([{"backup_number": 0, "enroll_data": "BIN_1"}]})",
     "BIN_1 is named twice", 1},
    {"SET_USER_INFO",
     R"({"user_id": "1", "user_photo": "BIN_3", "enroll_data_array": )"
     R"([{"backup_number": 0, "enroll_data": "BIN_1"}]})",
     "no parameter names BIN_2", 3},
    {"SET_USER_INFO",
     R"({"user_id": "1", "enroll_data_array": )"
     R"([{"backup_number": 10, "enroll_data": "1234"}]})",
     "enroll_data_array[0].enroll_data must name a binary that comes with "
     "the command, such as \"BIN_1\""},
    {"GET_USER_ID_LIST", "", "it takes no binary", 1},
    {"open_door", "", "no parameter names BIN_1", 1},
    {"reset", "", "it takes no binary", 1},
    {"set_user", R"({"enrollid": "1", "credentials": []})",
     "no parameter names BIN_1", 1},
    {"set_user", R"({"enrollid": "1", "credentials": [{"backupnum": 0}]})",
     "the record of backupnum 0 is missing, and no binary is left"},
    {"set_user", R"({"enrollid": "1", "credentials": [{"backupnum": 0}]})",
     "no parameter names BIN_2", 2},
    {"set_user",
     R"({"enrollid": "1", "credentials": [)"
     R"({"backupnum": 0, "record": "BIN_1"}, )"
     R"({"backupnum": 1, "record": "BIN_1"}]})", "BIN_1 is named twice", 1},
    {"set_user",
     R"({"enrollid": "1", "credentials": [)"
     R"({"backupnum": 10, "record": "1234"}]})",
     "no parameter names BIN_1", 1},
    {"set_user", R"({"enrollid": "1", "backupnum": 0, "record": "secret"})",
     "the record of backupnum 0 is binary and comes with --bin; 10, "
     "password, and 11, card, are text"},
    {"set_user", R"({"enrollid": "1", "backupnum": 12, "record": "BIN_9"})",
     "BIN_9 is named and did not come with the command", 1},
};

const Row kContradictions[] = {
    {"GET_LOG_DATA",
     R"({"begin_time": "20260102000000", "end_time": "20260101000000"})",
     "the range ends before it begins"},
    {"get_logs", R"({"from": "2026-01-02", "to": "2026-01-01"})",
     "the range ends before it begins"},
    {"SET_WEB_SERVER_INFO",
     R"({"server_ip": "a", "ip_address": "b", "port": 1})",
     "server_ip and ip_address differ"},
    {"SET_WEB_SERVER_INFO",
     R"({"server_ip": "a", "server_port": 1, "port": "2"})",
     "server_port and port differ"},
    {"SET_TIMEZONE",
     R"({"TimeZone_No": 1, "T1": {"start": "0860", "end": "1200"}})",
     "T1.start must be a time of day of 4 digits, hhmm"},
    {"SET_TIMEZONE",
     R"({"TimeZone_No": 1, "T1": {"start": "0800", "end": "2401"}})",
     "T1.end must be a time of day of 4 digits, hhmm"},
    {"SET_USER_INFO", R"({"user_id": "1", "enroll_data_array": [1]})",
     "enroll_data_array[0] must be an object"},
};
// clang-format on

std::string first_line(const std::string &text)
{
    return text.substr(0, text.find('\n'));
}

void check_rows(Checks &checks, std::span<const Row> rows)
{
    for (const Row &row : rows) {
        checks.about(row.cmd_code);
        const std::string refusal =
            refusal_of(row.cmd_code, row.cmd_param, row.bins);
        checks.equal(row.cmd_param, first_line(refusal), row.reason);
    }
}

void missing_parameters_are_named(Checks &checks)
{
    check_rows(checks, kMissing);
}

void unknown_parameters_are_refused(Checks &checks)
{
    check_rows(checks, kUnknown);
    checks.about("a long name");
    const std::string name(5000, 'x');
    checks.equal("refusal",
                 refusal_of("SET_FK_NAME", "{\"" + name + "\":1}", 0),
                 "unknown parameter \"" + name.substr(0, 40) +
                     "...\"; known: fk_name\nform: {\"fk_name\": \"gate 2\"}");
}

void bad_values_are_refused(Checks &checks)
{
    for (const ValueRow &row : kBadValues) {
        for (const std::string_view value : row.values) {
            std::string param = "{" + std::string(row.before);
            param.append("\"").append(row.name).append("\": ");
            param.append(value).append("}");
            checks.about(std::string(row.cmd_code) + " " + param);
            const std::string refusal =
                refusal_of(row.cmd_code, param, row.bins);
            checks.equal("refusal", first_line(refusal),
                         std::string(row.name) + " " + std::string(row.reason));
        }
    }
}

void binaries_fit_their_references(Checks &checks)
{
    check_rows(checks, kBins);
}

void contradictions_are_refused(Checks &checks)
{
    check_rows(checks, kContradictions);
}

void many_items_are_refused(Checks &checks)
{
    std::string items;
    for (int i = 0; i < 257; ++i) {
        items.append(i == 0 ? "" : ",")
            .append(R"({"backup_number":10,"enroll_data":"BIN_)")
            .append(std::to_string(i + 1))
            .append("\"}");
    }
    const std::string param =
        R"({"user_id":"1","enroll_data_array":[)" + items + "]}";
    checks.equal("257", first_line(refusal_of("SET_USER_INFO", param, 257)),
                 "enroll_data_array must be an array of at most 256 objects");
}

} // namespace

int main()
{
    const CMUnitTest tests[] = {
        cmocka_unit_test(test::unit<missing_parameters_are_named>),
        cmocka_unit_test(test::unit<unknown_parameters_are_refused>),
        cmocka_unit_test(test::unit<bad_values_are_refused>),
        cmocka_unit_test(test::unit<binaries_fit_their_references>),
        cmocka_unit_test(test::unit<contradictions_are_refused>),
        cmocka_unit_test(test::unit<many_items_are_refused>),
    };
    return cmocka_run_group_tests_name("fk_command_refusals", tests, nullptr,
                                       nullptr);
}
