// Commands as terminals get them: byte for byte the vectors' bodies, common
// words as what they become, native ones as they are.
#include "checks.hpp"
#include "vectors.hpp"

#include "codec/fk.hpp"
#include "proto/fk_commands.hpp"

#include <span>

using namespace wac;
using test::Checks;
using test::fk_vector_body;

namespace
{

using Bins = std::vector<std::string>;

ClaimedCommand claimed(std::string_view cmd_code, std::string_view cmd_param,
                       Bins bins = {}, bool native = false)
{
    ClaimedCommand command;
    command.trans_id = "1001";
    command.cmd_code = cmd_code;
    command.cmd_param = cmd_param;
    command.cmd_bin = std::move(bins);
    command.native = native;
    command.device_now = {2026, 9, 29, 20, 0, 0};
    return command;
}

std::string hex_length(std::size_t length)
{
    std::string bytes;
    for (unsigned shift = 0; shift < 32; shift += 8) {
        bytes.push_back(static_cast<char>(length >> shift & 0xff));
    }
    return bytes;
}

std::string framed(std::string_view json, const Bins &bins = {})
{
    std::string bytes = hex_length(json.size() + 1);
    bytes.append(json).push_back('\0');
    for (const std::string &bin : bins) {
        bytes.append(hex_length(bin.size())).append(bin);
    }
    return bytes;
}

void check_wire(Checks &checks, const ClaimedCommand &command,
                std::string_view cmd_code, std::string_view body)
{
    checks.about(command.cmd_code + " " + command.cmd_param);
    const auto wire = fk::encode_command(command);
    if (!wire) {
        checks.fail(wire.error().text);
        return;
    }
    checks.equal("code", wire->cmd_code, cmd_code);
    checks.that(wire->body == body, "another body: " + wire->body);
    checks.that(!wire->restart, "a restart");
    const Json param(json_loads(command.cmd_param.c_str(), 0, nullptr));
    checks.that(fk::check_command(command.cmd_code, param.get(),
                                  command.cmd_bin.size(), command.native)
                    .has_value(),
                "encoded, but not checked");
}

Bins bins_of(std::string_view vector)
{
    const std::string bytes = fk_vector_body(vector);
    const auto body = fk::decode_body(as_bytes(bytes));
    Bins bins;
    for (const Bytes bin : body ? body->bins : std::vector<Bytes>()) {
        bins.emplace_back(as_text(bin));
    }
    return bins;
}

struct VectorRow {
    std::string_view vector;
    std::string_view cmd_code;
    std::string_view cmd_param; // as jsonb writes it: its order, its blanks
    std::string_view fk_name;
};

// clang-format off
const VectorRow kVectors[] = {
    {"08-set_time.resp", "SET_TIME", R"({"time": "20260929200000"})", {}},
    {"08-set_time.resp", "SET_TIME", R"({"time": ""})", {}},
    {"08-set_time.resp", "SET_TIME", "", {}},
    {"08-set_time.resp", "SET_TIME", "null", {}},
    {"08-set_time.resp", "set_time", "{}", "SET_TIME"},
    {"08-set_time.resp", "set_time", R"({"time": "2026-09-29 20:00"})",
     "SET_TIME"},
    {"08-set_time.resp", "set_time", R"({"time": "2026-09-29T20:00:00"})",
     "SET_TIME"},
    {"60-get_log_data.resp", "GET_LOG_DATA",
     R"({"end_time": "20260131235959", "begin_time": "20260101000000"})", {}},
    {"60-get_log_data.resp", "get_logs",
     R"({"to": "2026-01-31", "from": "2026-01-01"})", "GET_LOG_DATA"},
    {"60-get_log_data.resp", "get_logs",
     R"({"to": "2026-01-31T23:59:59", "from": "20260101000000"})",
     "GET_LOG_DATA"},
    {"61-get_user_id_list.resp", "GET_USER_ID_LIST", "", {}},
    {"61-get_user_id_list.resp", "list_users", "{}", "GET_USER_ID_LIST"},
    {"61-get_user_id_list.resp", "GET_LOG_DATA", "{}", {}},
    {"61-get_user_id_list.resp", "get_logs", "", "GET_LOG_DATA"},
    {"62-get_enroll_data.resp", "GET_ENROLL_DATA",
     R"({"user_id": "12", "backup_number": 0})", {}},
    {"62-get_enroll_data.resp", "GET_ENROLL_DATA",
     R"({"user_id": 12, "backup_number": "0"})", {}},
    {"62-get_enroll_data.resp", "get_user",
     R"({"enrollid": "12", "backupnum": 0})", "GET_ENROLL_DATA"},
    {"63-set_user_info.resp", "SET_USER_INFO",
     R"({"user_id": "857", "user_name": "TEST", "user_photo": "BIN_1",)"
     R"( "user_privilege": "USER", "enroll_data_array": [)"
     R"({"enroll_data": "BIN_2", "backup_number": 0},)"
     R"( {"enroll_data": "BIN_3", "backup_number": 1},)"
     R"( {"enroll_data": "BIN_4", "backup_number": 10},)"
     R"( {"enroll_data": "BIN_5", "backup_number": 11}]})", {}},
    {"64-enter_enroll.resp", "SET_COMMAND",
     R"({"cmd": "enter_enroll", "param": {"user_id": "2",)"
     R"( "backup_number": 0}})", {}},
    {"64-enter_enroll.resp", "enroll_user", R"({"enrollid": "2"})",
     "SET_COMMAND"},
    {"64-enter_enroll.resp", "enroll_user",
     R"({"enrollid": 2, "backupnum": 0})", "SET_COMMAND"},
    {"65-set_web_server_info.resp", "SET_WEB_SERVER_INFO",
     R"({"server_ip": "192.0.2.20", "server_port": 8013})", {}},
    {"65-set_web_server_info.resp", "SET_WEB_SERVER_INFO",
     R"({"port": "8013", "ip_address": "192.0.2.20"})", {}},
    {"65-set_web_server_info.resp", "SET_WEB_SERVER_INFO",
     R"({"port": "8013", "server_ip": "192.0.2.20", "server_port": 8013})",
     {}},
    {"65-set_web_server_info.resp", "set_server",
     R"({"host": "192.0.2.20", "port": 8013})", "SET_WEB_SERVER_INFO"},
    {"66-update_firmware.body", "UPDATE_FIRMWARE",
     R"({"firmware_bin_data": "BIN_1",)"
     R"( "firmware_file_name": "A102D2S2K1Wfs01_um.bin"})", {}},
    {"66-update_firmware.body", "UPDATE_FIRMWARE",
     R"({"firmware_file_name": "A102D2S2K1Wfs01_um.bin"})", {}},
    {"68-get_user_info.resp", "GET_USER_INFO", R"({"user_id": "4"})", {}},
    {"68-get_user_info.resp", "get_user", R"({"enrollid": 4})",
     "GET_USER_INFO"},
    {"69-set_door_status.resp", "SET_DOOR_STATUS",
     R"({"door_status": "open"})", {}},
    {"69-set_door_status.resp", "open_door", "", "SET_DOOR_STATUS"},
    {"69-set_door_status.resp", "open_door", R"({"door": "1"})",
     "SET_DOOR_STATUS"},
};
// clang-format on

void bodies_are_those_of_the_vectors(Checks &checks)
{
    for (const VectorRow &row : kVectors) {
        check_wire(checks,
                   claimed(row.cmd_code, row.cmd_param, bins_of(row.vector)),
                   row.fk_name.empty() ? row.cmd_code : row.fk_name,
                   fk_vector_body(row.vector));
    }
}

struct Row {
    std::string_view cmd_code;
    std::string_view cmd_param;
    std::string_view fk_name;
    std::string_view sent; // JSON, or "" for an empty body
    Bins came = {};
    Bins sent_bins = {};
};

// clang-format off
const Row kWords[] = {
    {"set_user", R"({"enrollid": "12", "credentials": []})",
     "SET_USER_INFO", R"({"user_id":"12","enroll_data_array":[]})"},
    {"set_user",
     R"({"name": "Zoë", "enrollid": "0012", "privilege": 1, "credentials":)"
     R"( [{"record": "1234", "backupnum": 10}, {"backupnum": 0},)"
     R"( {"record": 42, "backupnum": "11"}, {"backupnum": 12}]})",
     "SET_USER_INFO",
     R"({"user_id":"0012","user_name":"Zoë","user_privilege":"MANAGER",)"
     R"("enroll_data_array":[{"backup_number":10,"enroll_data":"BIN_1"},)"
     R"({"backup_number":0,"enroll_data":"BIN_2"},)"
     R"({"backup_number":11,"enroll_data":"BIN_3"},)"
     R"({"backup_number":12,"enroll_data":"BIN_4"}]})",
     {"finger", "face"}, {"1234", "finger", "42", "face"}},
    {"set_user",
     R"({"enrollid": "1", "credentials": [{"backupnum": 0},)"
     R"( {"backupnum": 1, "record": "BIN_1"}, {"backupnum": 2}]})",
     "SET_USER_INFO",
     R"({"user_id":"1","enroll_data_array":[)"
     R"({"backup_number":0,"enroll_data":"BIN_1"},)"
     R"({"backup_number":1,"enroll_data":"BIN_2"},)"
     R"({"backup_number":2,"enroll_data":"BIN_3"}]})",
     {"a", "b", "c"}, {"b", "a", "c"}},
    {"set_user", R"({"enrollid": "1", "backupnum": 11, "record": "0042"})",
     "SET_ENROLL_DATA",
     R"({"user_id":"1","backup_number":11,"enroll_data":"BIN_1"})",
     {}, {"0042"}},
    {"set_user", R"({"enrollid": "1", "backupnum": 3})", "SET_ENROLL_DATA",
     R"({"user_id":"1","backup_number":3,"enroll_data":"BIN_1"})",
     {"x"}, {"x"}},
    {"set_user", R"({"record": "BIN_1", "enrollid": "1", "backupnum": 10})",
     "SET_ENROLL_DATA",
     R"({"user_id":"1","backup_number":10,"enroll_data":"BIN_1"})",
     {"99"}, {"99"}},
    {"delete_user", R"({"enrollid": "12"})", "DELETE_USER",
     R"({"user_id":"12"})"},
    {"rename_user", R"({"name": "A \"B\" /", "enrollid": 7})",
     "SET_USER_NAME", R"({"user_id":"7","user_name":"A \"B\" /"})"},
    {"rename_user", R"({"name": "", "enrollid": 7})",
     "SET_USER_NAME", R"({"user_id":"7","user_name":""})"},
    {"set_privilege", R"({"enrollid": "7", "privilege": "register"})",
     "SET_USER_PRIVILEGE", R"({"user_id":"7","user_privilege":"REGISTER"})"},
    {"set_privilege", R"({"enrollid": "7", "privilege": 0})",
     "SET_USER_PRIVILEGE", R"({"user_id":"7","user_privilege":"USER"})"},
    {"enroll_user", R"({"enrollid": "A-9", "backupnum": 12})", "SET_COMMAND",
     R"({"cmd":"enter_enroll","param":{"backup_number":12,"user_id":"A-9"}})"},
    {"clear_users", "", "CLEAR_ENROLL_DATA", ""},
    {"get_logs", R"({"from": "2024-02-29 07:08"})", "GET_LOG_DATA",
     R"({"begin_time":"20240229070800"})"},
    {"get_logs", R"({"to": "2024-02-29 07:08:09"})", "GET_LOG_DATA",
     R"({"end_time":"20240229070809"})"},
    {"get_logs", R"({"from": "2024-02-29", "to": "2024-02-29"})",
     "GET_LOG_DATA",
     R"({"begin_time":"20240229000000","end_time":"20240229235959"})"},
    {"clear_logs", "{}", "CLEAR_LOG_DATA", ""},
    {"get_status", "", "GET_DEVICE_STATUS", ""},
    {"get_info", "", "GET_DEVICE_SETTING", ""},
    {"set_info",
     R"({"Volume": 5, "Anti-back": "yes", "Alarm_Delay": 1.10,)"
     R"( "Sleep_Time": -1, "Receive_Interval": "10"})",
     "SET_DEVICE_SETTING",
     R"({"Anti-back":"yes","Alarm_Delay":"1.1","Sleep_Time":"-1",)"
     R"("Volume":"5","Receive_Interval":"10"})"},
    {"set_name", R"({"name": "gate 2"})", "SET_FK_NAME",
     R"({"fk_name":"gate 2"})"},
    {"lock_door", R"({"door": 1})", "SET_DOOR_STATUS",
     R"({"door_status":"close"})"},
    {"set_server", R"({"host": "wac.example.net", "port": "443"})",
     "SET_WEB_SERVER_INFO",
     R"({"server_ip":"wac.example.net","server_port":443,)"
     R"("ip_address":"wac.example.net","port":"443"})"},
};

const Row kFkNames[] = {
    {"SET_ENROLL_DATA", R"({"user_id": "12", "backup_number": 0})", {},
     R"({"user_id":"12","backup_number":0,"enroll_data":"BIN_1"})",
     {std::string("a\0b", 3)}, {std::string("a\0b", 3)}},
    {"DELETE_USER", R"({"user_id": 12})", {}, R"({"user_id":"12"})"},
    {"SET_USER_NAME", R"({"user_id": "12", "user_name": "Ω"})", {},
     R"({"user_id":"12","user_name":"Ω"})"},
    {"SET_USER_PRIVILEGE", R"({"user_id": "1", "user_privilege": "2"})", {},
     R"({"user_id":"1","user_privilege":"OPERATOR"})"},
    {"GET_LOG_DATA", R"({"end_time": "", "begin_time": "20260101000000"})",
     {}, R"({"begin_time":"20260101000000","end_time":""})"},
    {"SET_FK_NAME", R"({"fk_name": "~ gate"})", {}, R"({"fk_name":"~ gate"})"},
    {"CLEAR_LOG_DATA", "", {}, ""},
    {"CLEAR_ENROLL_DATA", "{}", {}, ""},
    {"GET_DEVICE_STATUS", " { } ", {}, ""},
    {"SET_USER_INFO", R"({"user_id": "1", "enroll_data_array": []})", {},
     R"({"user_id":"1","enroll_data_array":[]})"},
    {"SET_USER_INFO",
     R"({"user_id": "1", "enroll_data_array": [{"backup_number": 10,)"
     R"( "enroll_data": "BIN_1"}], "user_photo": "BIN_2"})", {},
     R"({"user_id":"1","user_photo":"BIN_2","enroll_data_array":[)"
     R"({"backup_number":10,"enroll_data":"BIN_1"}]})",
     {"1234", ""}, {"1234", ""}},
    {"SET_WEB_SERVER_INFO",
     R"({"server_ip": "::1", "port": 1, "token_id": "t"})", {},
     R"({"server_ip":"::1","server_port":1,"ip_address":"::1",)"
     R"("port":"1","token_id":"t"})"},
    {"GET_ALL_USER_INFO", "", {}, ""},
    {"CLEAR_MANAGER", "", {}, ""},
    {"CLEAR_ALL_ADMIN", "", {}, ""},
    {"GET_DEVICE_SETTING", "", {}, ""},
    {"SET_DEVICE_SETTING", R"({"MutiUser": ""})", {}, R"({"MutiUser":""})"},
    {"GET_TIMEZONE", "", {}, ""},
    {"GET_TIMEZONE", R"({"TimeZone_No": 1})", {}, R"({"TimeZone_No":"1"})"},
    {"SET_TIMEZONE",
     R"({"T6": {"end": "2400", "start": "0000"}, "TimeZone_No": "1"})", {},
     R"({"TimeZone_No":"1","T6":{"start":"0000","end":"2400"}})"},
    {"GET_USER_PASSTIME", R"({"user_id": "1"})", {}, R"({"user_id":"1"})"},
    {"SET_USER_PASSTIME",
     R"({"user_id": "1", "Valide_Date_end": "", "Week_TimeZone_No":)"
     R"( [0, "1", 2, 3, 4, 5, 6], "Valide_Date_start": "20260101"})", {},
     R"({"user_id":"1","Valide_Date_start":"20260101","Valide_Date_end":"",)"
     R"("Week_TimeZone_No":["0","1","2","3","4","5","6"]})"},
    {"SET_DOOR_STATUS", R"({"door_status": "close"})", {},
     R"({"door_status":"close"})"},
    {"GET_SLOG_DATA", R"({"begin_time": "20260101000000"})", {},
     R"({"begin_time":"20260101000000"})"},
    {"GET_SLOG_DATA",
     R"({"begin_time": "20260101000000", "end_time": "20260101000000"})", {},
     R"({"begin_time":"20260101000000","end_time":"20260101000000"})"},
    {"GET_LOG_IMAGE", R"({"user_id": "1", "log_time": "20260929173610"})", {},
     R"({"user_id":"1","log_time":"20260929173610"})"},
};

const Row kNative[] = {
    {"OPEN_DOOR", "", {}, ""},
    {"OPEN_DOOR", " null ", {}, ""},
    {"OPEN_DOOR", "{}", {}, "{}"},
    {"RESET_FK", R"({"a": 1})", {}, R"({"a":1})"},
    {"SET_COMMAND",
     R"( { "z" : 1.10 , "a" : [ 1e400 , 12345678901234567890123 ,)"
     "\n\t-0.0 ] } ", {},
     R"({"z":1.10,"a":[1e400,12345678901234567890123,-0.0]})"},
    {"GET_LOG_DATA", R"({"s": "a \" b\\", "t" : "\\\" , \u00e9 Ω"})", {},
     R"({"s":"a \" b\\","t":"\\\" , \u00e9 Ω"})"},
    {"X_1", R"({"ref": "BIN_7"})", {}, R"({"ref":"BIN_7"})",
     {"a", ""}, {"a", ""}},
    {"get_user", "", {}, "{}", {"bin"}, {"bin"}},
};
// clang-format on

void check_rows(Checks &checks, std::span<const Row> rows, bool native)
{
    for (const Row &row : rows) {
        const std::string body =
            row.sent.empty() ? std::string() : framed(row.sent, row.sent_bins);
        check_wire(checks,
                   claimed(row.cmd_code, row.cmd_param, row.came, native),
                   row.fk_name.empty() ? row.cmd_code : row.fk_name, body);
    }
}

void words_become_fk_commands(Checks &checks)
{
    check_rows(checks, kWords, false);
}

void fk_commands_are_put_in_form(Checks &checks)
{
    check_rows(checks, kFkNames, false);
}

void native_commands_pass_as_they_are(Checks &checks)
{
    check_rows(checks, kNative, true);
}

void a_restart_is_no_command(Checks &checks)
{
    for (const std::string_view code : {"RESET_FK", "reset", "reboot"}) {
        checks.about(code);
        const auto wire = fk::encode_command(claimed(code, ""));
        checks.that(wire && wire->restart, "no restart");
        checks.equal("code", wire ? wire->cmd_code : "none", "");
        checks.equal("body", wire ? wire->body : "none", "");
    }
}

void the_clock_is_set_to_the_moment_of_delivery(Checks &checks)
{
    ClaimedCommand command = claimed("set_time", "");
    command.device_now = {812, 1, 2, 3, 4, 5};
    check_wire(checks, command, "SET_TIME",
               framed(R"({"time":"08120102030405"})"));
}

std::string refusal_of(const ClaimedCommand &command)
{
    const auto wire = fk::encode_command(command);
    return wire ? "accepted" : wire.error().text;
}

void what_cannot_be_encoded_says_why(Checks &checks)
{
    // Anyone who can write a row can queue a command.
    checks.equal("garbage", refusal_of(claimed("GET_USER_INFO", "{\"a")),
                 "the parameters cannot be read as JSON, at byte 3");
    checks.equal("native garbage",
                 refusal_of(claimed("X", "{\"a\":}", {}, true)),
                 "the parameters cannot be read as JSON, at byte 6");
    checks.equal("native array", refusal_of(claimed("X", "[1]", {}, true)),
                 "the parameters must be a JSON object");
    checks.equal("native number", refusal_of(claimed("X", "1e999", {}, true)),
                 "the parameters must be a JSON object");
    checks.equal("native code", refusal_of(claimed("A\r\nB: c", "", {}, true)),
                 "a native command code is 1 to 32 letters, digits and _");
    checks.equal("number", refusal_of(claimed("DELETE_USER", "7")),
                 "the parameters must be a JSON object\n"
                 "form: {\"user_id\": \"12\"}");
    const std::string deep = R"({"user_id":)" + std::string(100000, '[') + "1";
    checks.equal("deep", refusal_of(claimed("DELETE_USER", deep)),
                 "the parameters cannot be read as JSON, at byte 2059");
    checks.equal("deep, native", refusal_of(claimed("X", deep, {}, true)),
                 "the parameters cannot be read as JSON, at byte 2059");
    checks.equal(
        "no binary",
        refusal_of(claimed("UPDATE_FIRMWARE", R"({"firmware_file_name":)"
                                              R"("x"})")),
        "firmware_bin_data is missing: one binary must come with "
        "it\nform: {\"firmware_file_name\": \"x.bin\", "
        "\"firmware_bin_data\": \"BIN_1\"}");
}

} // namespace

int main()
{
    const CMUnitTest tests[] = {
        cmocka_unit_test(test::unit<bodies_are_those_of_the_vectors>),
        cmocka_unit_test(test::unit<words_become_fk_commands>),
        cmocka_unit_test(test::unit<fk_commands_are_put_in_form>),
        cmocka_unit_test(test::unit<native_commands_pass_as_they_are>),
        cmocka_unit_test(test::unit<a_restart_is_no_command>),
        cmocka_unit_test(
            test::unit<the_clock_is_set_to_the_moment_of_delivery>),
        cmocka_unit_test(test::unit<what_cannot_be_encoded_says_why>),
    };
    return cmocka_run_group_tests_name("fk_command_encode", tests, nullptr,
                                       nullptr);
}
