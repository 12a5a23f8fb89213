// Whole FK messages over HTTP: requests equal to the recorded ones byte for
// byte, replies read as strictly as terminals read them.
#include "checks.hpp"
#include "vectors.hpp"

#include "base/text.hpp"
#include "codec/fk.hpp"

using namespace wac;
using fk::TaskIdHeader;
using test::Checks;

namespace
{

// ---- replies -------------------------------------------------------------

struct Row {
    std::string_view name;
    std::string_view response_code;
    bool with_task_id = false;
    std::string_view trans_id = "";
    bool with_cmd_code = false;
    std::string_view cmd_code = "";
    std::string_view json_text = "";
};

// clang-format off
const std::vector<Row> kReplies{
    {"06-no-command.resp",            "ERROR_NO_CMD", true, "", true, ""},
    {"07-no-command-both-names.resp", "ERROR_NO_CMD", true, "", true, ""},
    {"08-set_time.resp",              "OK", true, "1001", true, "SET_TIME", R"({"time":"20260929200000"})"},
    {"09-reset_fk.resp",              "RESET_FK", true, "1002", true, ""},
    {"16-glog-ok.resp",               "OK"},
    {"17-glog-error.resp",            "ERROR_DB_ACCESS"},
    {"31-result-ok.resp",             "OK", true, "1001", true, ""},
    {"33-result-canceled.resp",       "ERROR_CANCELED", true, "1003", true, ""},
    {"51-block-ok.resp",              "OK", true, "1020", true, ""},
    {"53-block-gap.resp",             "ERROR_ADD_BLOCK_DATA", true, "1020", true, ""},
    {"60-get_log_data.resp",          "OK", true, "1030", true, "GET_LOG_DATA",
     R"({"begin_time":"20260101000000","end_time":"20260131235959"})"},
    {"61-get_user_id_list.resp",      "OK", true, "1031", true, "GET_USER_ID_LIST"},
    {"62-get_enroll_data.resp",       "OK", true, "201", true, "GET_ENROLL_DATA", R"({"user_id":"12","backup_number":0})"},
    {"63-set_user_info.resp",         "OK", true, "1032", true, "SET_USER_INFO",
     R"({"user_id":"857","user_name":"TEST","user_privilege":"USER","user_photo":"BIN_1","enroll_data_array":[)"
     R"({"backup_number":0,"enroll_data":"BIN_2"},{"backup_number":1,"enroll_data":"BIN_3"},)"
     R"({"backup_number":10,"enroll_data":"BIN_4"},{"backup_number":11,"enroll_data":"BIN_5"}]})"},
    {"64-enter_enroll.resp",          "OK", true, "1033", true, "SET_COMMAND",
     R"({"cmd":"enter_enroll","param":{"backup_number":0,"user_id":"2"}})"},
    {"65-set_web_server_info.resp",   "OK", true, "1034", true, "SET_WEB_SERVER_INFO",
     R"({"server_ip":"192.0.2.20","server_port":8013,"ip_address":"192.0.2.20","port":"8013"})"},
    {"68-get_user_info.resp",         "OK", true, "1035", true, "GET_USER_INFO", R"({"user_id":"4"})"},
    {"69-set_door_status.resp",       "OK", true, "1036", true, "SET_DOOR_STATUS", R"({"door_status":"open"})"},
};
// clang-format on

bool equal_replies(const fk::Reply &a, const fk::Reply &b)
{
    return a.response_code == b.response_code && a.trans_id == b.trans_id &&
           a.cmd_code == b.cmd_code && a.with_task_id == b.with_task_id &&
           a.with_cmd_code == b.with_cmd_code &&
           a.task_id_header == b.task_id_header && a.body == b.body;
}

void check_reply(Checks &checks, const Row &row, const std::string &http)
{
    const auto reply = fk::decode_reply(http);
    if (!reply) {
        checks.fail(reply.error().text);
        return;
    }
    checks.equal("response_code", reply->response_code, row.response_code);
    checks.that(reply->response_code.data() >= http.data() &&
                    reply->response_code.data() < http.data() + http.size(),
                "response_code is no view into the reply");
    checks.equal("with_task_id", reply->with_task_id, row.with_task_id);
    checks.equal("trans_id", reply->trans_id, row.trans_id);
    checks.equal("with_cmd_code", reply->with_cmd_code, row.with_cmd_code);
    checks.equal("cmd_code", reply->cmd_code, row.cmd_code);
    checks.that(reply->task_id_header == TaskIdHeader::trans_id, "task id");

    const auto body = fk::decode_body(as_bytes(reply->body));
    checks.equal("json", body ? body->json_text : "malformed", row.json_text);
    checks.that(body &&
                    fk::encode_body(row.json_text, body->bins) == reply->body,
                "our encoding of the body differs");

    const std::string ours = fk::encode_reply(*reply);
    const auto again = fk::decode_reply(ours);
    checks.that(again && equal_replies(*again, *reply), "not its own reading");
}

void every_reply_is_read_strictly(Checks &checks)
{
    std::set<std::string> handled;
    for (const Row &row : kReplies) {
        checks.about(row.name);
        check_reply(checks, row, test::fk_vector(row.name));
        handled.emplace(row.name);
    }
    checks.about("vectors");
    for (const std::string &name : test::fk_vector_names(".resp")) {
        checks.that(handled.contains(name), "no test mentions " + name);
    }
}

void replies_have_exactly_these_bytes(Checks &checks)
{
    fk::Reply reply;
    reply.response_code = "OK";
    checks.equal("punch", fk::encode_reply(reply),
                 "HTTP/1.1 200 OK\r\n"
                 "Content-Type: application/octet-stream\r\n"
                 "Content-Length: 0\r\n"
                 "Connection: close\r\n"
                 "response_code: OK\r\n\r\n");
    reply.response_code = "ERROR_NO_CMD";
    reply.with_task_id = reply.with_cmd_code = true;
    reply.task_id_header = TaskIdHeader::cmd_id;
    const std::string no_command = fk::encode_reply(reply);
    checks.that(no_command.ends_with("\r\nresponse_code: ERROR_NO_CMD\r\n"
                                     "cmd_id: \r\ncmd_code: \r\n\r\n"),
                "no command");
    const auto read = fk::decode_reply(no_command);
    checks.that(read && equal_replies(*read, reply), "cmd_id is not read back");
    reply.body = fk::encode_body("{}");
    reply.trans_id = "7";
    reply.cmd_code = "SET_TIME";
    const std::string command = fk::encode_reply(reply);
    checks.that(command.find("\r\nContent-Length: 7\r\n") != command.npos &&
                    command.find("\r\ncmd_id: 7\r\ncmd_code: SET_TIME\r\n") !=
                        command.npos,
                "command");
}

std::string replaced(std::string text, std::string_view what,
                     std::string_view with)
{
    return text.replace(text.find(what), what.size(), with);
}

void terminals_refuse_what_they_do_not_know(Checks &checks)
{
    const std::string good = test::fk_vector("08-set_time.resp");
    const auto error = [&good](std::string_view what, std::string_view with) {
        const auto reply = fk::decode_reply(replaced(good, what, with));
        return reply ? "accepted" : reply.error().text;
    };
    checks.equal("same", error("OK", "OK"), "accepted");
    checks.equal("1.0", error("HTTP/1.1", "HTTP/1.0"), "accepted");
    checks.equal("no reason", error("200 OK", "200"), "accepted");
    checks.equal("blanks", error("SET_TIME", " SET_TIME\t"), "accepted");
    const std::string_view kStatus =
        "the status line does not say HTTP/1.x 200";
    checks.equal("500", error("200 OK", "500 Oops"), kStatus);
    checks.equal("2000", error("200 OK", "2000"), kStatus);
    checks.equal("1.2", error("HTTP/1.1", "HTTP/1.2"), kStatus);
    checks.equal("no version", error("HTTP/1.1", "HTTP"), kStatus);
    checks.equal("Response_code", error("response_code", "Response_code"),
                 "response_code is not spelled so");
    checks.equal("Response-Code", error("response_code", "Response-Code"),
                 "response_code is missing");
    checks.equal("Trans_id", error("trans_id", "Trans_id"),
                 "trans_id is not spelled so");
    checks.equal("CMD_CODE", error("cmd_code", "CMD_CODE"),
                 "cmd_code is not spelled so");
    checks.equal("content-length", error("Content-Length", "content-length"),
                 "Content-Length is not spelled so");
    checks.equal("content-type", error("Content-Type", "content-type"),
                 "Content-Type is not spelled so");
    checks.equal("no length", error("Content-Length", "X-Length"),
                 "Content-Length is missing");
    for (const std::string_view length : {"29", "31", "-30", "30 30", "x"}) {
        checks.equal(length,
                     error("Content-Length: 30",
                           "Content-Length: " + std::string(length)),
                     "Content-Length is not the body's 30 bytes");
    }
    checks.equal("chunked",
                 error("Server: nginx", "transfer-encoding: chunked"),
                 "Transfer-Encoding is not understood by terminals");
    checks.equal("gzip", error("Server: nginx", "Content-Encoding: gzip"),
                 "Content-Encoding is not understood by terminals");
    checks.equal("twice", error("Server: nginx", "response_code: OK"),
                 "response_code is duplicate");
    checks.equal("no colon", error("Server: nginx", "Server"),
                 "a header line has no name");
    checks.equal("no name", error("Server: nginx", ": nginx"),
                 "a header line has no name");
    checks.equal("empty code", error("response_code: OK", "response_code: "),
                 "response_code is missing");
    for (const std::string_view text : {"", "\r\n\r\n", "HTTP/1.1 200 OK\r\n",
                                        "HTTP/1.1 200 OK\r\n\r\n", "\r\n"}) {
        checks.that(!fk::decode_reply(text), "accepted an incomplete reply");
    }
}

// ---- requests ------------------------------------------------------------

/** What a request says, taken from its text. */
fk::Request request_of(const test::HttpMessage &http)
{
    fk::RequestHead head;
    for (const auto &[name, value] : http.headers) {
        head.take(name, value);
    }
    fk::Request request;
    request.target = http.first_line.substr(5, http.first_line.rfind(' ') - 5);
    request.host = http.header("HOST");
    request.request_code = head.request_code;
    request.dev_id = head.dev_id;
    request.task_id = head.task_id;
    request.cmd_return_code = head.cmd_return_code;
    if (!head.blk_no.empty()) {
        request.blk_no = fk::block_number(head.blk_no).value();
    }
    request.task_id_header = head.task_id_header;
    request.body = http.body;
    return request;
}

void requests_equal_the_recorded_ones(Checks &checks)
{
    // These carry what Request cannot say: the line order of the vendor
    // text, a dev_model header, a negative part number.
    const std::set<std::string> kOthers{"03-receive_cmd-seed-minimal.req",
                                        "15-glog-unframed.req",
                                        "55-block-negative.req"};
    for (const std::string &name : test::fk_vector_names(".req")) {
        if (kOthers.contains(name)) {
            continue;
        }
        checks.about(name);
        const std::string recorded = test::fk_vector(name);
        const auto request = request_of(test::parse_http(recorded));
        checks.that(fk::encode_request(request) == recorded, "bytes differ");
    }
}

void optional_request_lines_can_be_left_out(Checks &checks)
{
    fk::Request request;
    request.request_code = "receive_cmd";
    request.dev_id = "001";
    request.repeat_content_type = false;
    const auto http = test::parse_http(fk::encode_request(request));
    std::string names;
    for (const auto &[name, value] : http.headers) {
        names += name + ' ';
    }
    checks.equal("first line", http.first_line, "POST / HTTP/1.0");
    checks.equal("names", names,
                 "Accept Accept-Language Accept-Encoding User-Agent "
                 "Content-Type Connection request_code Content-Length "
                 "dev_id ");
}

} // namespace

int main()
{
    const CMUnitTest tests[] = {
        cmocka_unit_test(test::unit<every_reply_is_read_strictly>),
        cmocka_unit_test(test::unit<replies_have_exactly_these_bytes>),
        cmocka_unit_test(test::unit<terminals_refuse_what_they_do_not_know>),
        cmocka_unit_test(test::unit<requests_equal_the_recorded_ones>),
        cmocka_unit_test(test::unit<optional_request_lines_can_be_left_out>),
    };
    return cmocka_run_group_tests_name("fk_reply", tests, nullptr, nullptr);
}
