// The FK request head: what every recorded request carries, and the rules
// for names, equal headers and part numbers that no recording shows.
#include "checks.hpp"
#include "vectors.hpp"

#include "base/text.hpp"
#include "codec/fk.hpp"

using namespace wac;
using fk::RequestCode;
using fk::TaskIdHeader;
using test::Checks;

namespace
{

constexpr std::string_view kPoll = "ReceiveCommandAction";
constexpr std::string_view kLog = "RTLogSendAction";
constexpr std::string_view kEnroll = "RTEnrollDataAction";

struct Row {
    std::string_view name;
    RequestCode code;
    std::string_view dev_id;
    std::string_view task_id;
    std::string_view cmd_return_code = "";
    std::string_view blk_no = "0";
    TaskIdHeader task_id_header = TaskIdHeader::trans_id;
    std::string_view dev_model = "";
};

constexpr std::string_view kHs101 = "D0000000000000A1";
constexpr std::string_view kHs102 = "AMDB00000000001";
constexpr std::string_view kHs103 = "C0000000000000B2";
constexpr std::string_view kNumeric = "2023000001";
constexpr std::string_view kM60 = "ENS0000001";

// clang-format off
const std::vector<Row> kRows{
    {"01-receive_cmd-hs101.req",          RequestCode::receive_cmd, kHs101, kPoll},
    {"02-receive_cmd-hs103.req",          RequestCode::receive_cmd, kHs103, kPoll},
    {"03-receive_cmd-seed-minimal.req",   RequestCode::receive_cmd, "001", "", "", ""},
    {"04-receive_cmd-cmd_id-dialect.req", RequestCode::receive_cmd, kHs102, kPoll, "", "0", TaskIdHeader::cmd_id},
    {"05-receive_cmd-absolute-uri.req",   RequestCode::receive_cmd, kM60, kPoll},
    {"10-glog-hs101.req",                 RequestCode::realtime_glog, kHs101, kLog},
    {"11-glog-hs102.req",                 RequestCode::realtime_glog, kHs102, kLog, "", "0", TaskIdHeader::cmd_id},
    {"12-glog-hs103-image.req",           RequestCode::realtime_glog, kHs103, kLog},
    {"13-glog-m60.req",                   RequestCode::realtime_glog, kM60, kLog},
    {"14-glog-seed-array.req",            RequestCode::realtime_glog, kHs101, kLog},
    {"15-glog-unframed.req",              RequestCode::realtime_glog, kNumeric, kLog, "", "0", TaskIdHeader::trans_id, "AIFACE"},
    {"18-door-status.req",                RequestCode::realtime_door_status, kHs101, kLog},
    {"19-unknown-code.req",               RequestCode::realtime_other, kHs101, kLog},
    {"20-enroll-photo-2fp.req",           RequestCode::realtime_enroll_data, kHs101, kEnroll},
    {"21-enroll-no-photo.req",            RequestCode::realtime_enroll_data, kHs103, kEnroll},
    {"30-result-ok-empty.req",            RequestCode::send_cmd_result, kHs101, "1001", "OK"},
    {"32-result-error.req",               RequestCode::send_cmd_result, kHs101, "1003", "ERROR_INVALID_PARAMTER"},
    {"34-result-userlist-hs101.req",      RequestCode::send_cmd_result, kNumeric, "1004", "OK"},
    {"35-result-userlist-hs103.req",      RequestCode::send_cmd_result, kHs103, "1005", "OK"},
    {"38-result-device-status.req",       RequestCode::send_cmd_result, kHs101, "1006", "OK"},
    {"39-result-userinfo-0x7b.req",       RequestCode::send_cmd_result, kNumeric, "1007", "OK"},
    {"40-result-log-hs101.req",           RequestCode::send_cmd_result, kNumeric, "1010", "OK"},
    {"41-result-log-hs102.req",           RequestCode::send_cmd_result, kHs102, "1011", "OK", "0", TaskIdHeader::cmd_id},
    {"42-result-log-hs103.req",           RequestCode::send_cmd_result, kHs103, "1012", "OK"},
    {"48-result-log-empty.req",           RequestCode::send_cmd_result, kHs101, "1013", "OK"},
    {"50a-block-1.req",                   RequestCode::send_cmd_result, kHs103, "1020", "OK", "1"},
    {"50b-block-2.req",                   RequestCode::send_cmd_result, kHs103, "1020", "OK", "2"},
    {"50c-block-0.req",                   RequestCode::send_cmd_result, kHs103, "1020", "OK", "0"},
    {"52-block-gap.req",                  RequestCode::send_cmd_result, kHs103, "1020", "OK", "3"},
    {"54-block-orphan-0.req",             RequestCode::send_cmd_result, kHs101, "1021", "OK"},
    {"55-block-negative.req",             RequestCode::send_cmd_result, kHs101, "1022", "OK", "-1"},
    {"56a-block-tiny-1.req",              RequestCode::send_cmd_result, kHs101, "1023", "OK", "1"},
    {"56b-block-tiny-2.req",              RequestCode::send_cmd_result, kHs101, "1023", "OK", "2"},
    {"56c-block-tiny-3.req",              RequestCode::send_cmd_result, kHs101, "1023", "OK", "3"},
    {"56d-block-tiny-0.req",              RequestCode::send_cmd_result, kHs101, "1023", "OK", "0"},
    {"67-result-enroll-data.req",         RequestCode::send_cmd_result, kHs101, "201", "OK"},
};
// clang-format on

void check_request(Checks &checks, const Row &row)
{
    const auto http = test::parse_http(test::fk_vector(row.name));
    fk::RequestHead head;
    for (const auto &[name, value] : http.headers) {
        head.take(name, value);
    }
    checks.that(http.first_line.starts_with("POST ") &&
                    http.first_line.ends_with(" HTTP/1.0"),
                "request line");
    checks.equal("Content-Length", http.header("Content-Length"),
                 std::to_string(http.body.size()));
    checks.that(fk::request_code_of(head.request_code) == row.code,
                "another request_code");
    checks.that(fk::valid_request_code(head.request_code), "request_code");
    checks.that(fk::valid_dev_id(head.dev_id), "dev_id is not valid");
    checks.equal("dev_id", head.dev_id, row.dev_id);
    checks.equal("task id", head.task_id, row.task_id);
    checks.that(head.task_id_header == row.task_id_header, "task id's header");
    checks.equal("cmd_return_code", head.cmd_return_code, row.cmd_return_code);
    checks.equal("blk_no", head.blk_no, row.blk_no);
    checks.equal("dev_model", head.dev_model, row.dev_model);

    const auto number = fk::block_number(head.blk_no);
    const bool negative = row.blk_no == "-1";
    checks.equal("part number is valid", number.has_value(), !negative);
    if (number && !row.blk_no.empty()) {
        checks.equal("part number", std::to_string(*number), row.blk_no);
    }
}

void every_request_has_the_head_of_its_row(Checks &checks)
{
    std::set<std::string> handled;
    for (const Row &row : kRows) {
        checks.about(row.name);
        check_request(checks, row);
        handled.emplace(row.name);
    }
    checks.about("vectors");
    for (const std::string &name : test::fk_vector_names(".req")) {
        checks.that(handled.contains(name), "no test mentions " + name);
    }
}

void request_codes_are_case_sensitive(Checks &checks)
{
    const std::pair<std::string_view, RequestCode> kCodes[] = {
        {"receive_cmd", RequestCode::receive_cmd},
        {"send_cmd_result", RequestCode::send_cmd_result},
        {"realtime_glog", RequestCode::realtime_glog},
        {"realtime_enroll_data", RequestCode::realtime_enroll_data},
        {"realtime_door_status", RequestCode::realtime_door_status},
        {"realtime_slog", RequestCode::realtime_other},
        {"realtime_glog2", RequestCode::realtime_other},
        {"Realtime_glog", RequestCode::unknown},
        {"RECEIVE_CMD", RequestCode::unknown},
        {"send_glog_data", RequestCode::unknown},
        {"", RequestCode::unknown},
    };
    for (const auto &[text, code] : kCodes) {
        checks.that(fk::request_code_of(text) == code, text);
    }
}

void ids_and_codes_have_an_alphabet(Checks &checks)
{
    const std::string longest(32, 'a');
    for (const std::string &text :
         {std::string("receive_cmd"), longest, std::string("Opera_glog"),
          std::string("a0_Z9")}) {
        checks.that(fk::valid_request_code(text), text);
        checks.that(fk::valid_dev_id(text), text);
    }
    checks.that(fk::valid_dev_id("C26-01"), "a dash in a dev_id");
    checks.that(!fk::valid_request_code("a-b"), "a dash in a code");
    for (const std::string &text :
         {std::string(), longest + "a", std::string("a b"), std::string("a/b"),
          std::string("a\0b", 3), std::string("\xc3\xa9"), std::string("a'b"),
          std::string("a@"), std::string("["), std::string("`"),
          std::string("{"), std::string(":")}) {
        checks.that(!fk::valid_request_code(text), "code: " + text);
        checks.that(!fk::valid_dev_id(text), "dev_id: " + text);
    }
}

void names_match_in_any_case_and_the_first_wins(Checks &checks)
{
    fk::RequestHead head;
    checks.that(head.take("Request_Code", "receive_cmd"), "Request_Code");
    checks.that(head.take("REQUEST_CODE", "realtime_glog"), "REQUEST_CODE");
    checks.equal("request_code", head.request_code, "receive_cmd");
    checks.that(head.take("dev_id", ""), "dev_id");
    checks.that(head.take("Dev_Id", "001"), "Dev_Id");
    checks.equal("dev_id", head.dev_id, "001");
    checks.that(head.take("blk_len", "125"), "blk_len");
    checks.that(head.take("dev_model", "AIFACE"), "dev_model");
    for (const std::string_view name :
         {"Content-Type", "HOST", "request-code", "dev_id ", "", "trans"}) {
        checks.that(!head.take(name, "x"), name);
    }
}

struct Taken {
    std::string_view task_id;
    TaskIdHeader header;

    bool operator==(const Taken &) const = default;
};

Taken take_all(
    std::initializer_list<std::pair<std::string_view, std::string_view>> lines)
{
    fk::RequestHead head;
    for (const auto &[name, value] : lines) {
        head.take(name, value);
    }
    return {head.task_id, head.task_id_header};
}

void trans_id_wins_over_cmd_id(Checks &checks)
{
    const Taken kTrans{"1", TaskIdHeader::trans_id};
    const Taken kCmd{"2", TaskIdHeader::cmd_id};
    checks.that(take_all({}) == Taken{"", TaskIdHeader::trans_id}, "neither");
    checks.that(take_all({{"trans_id", "1"}, {"cmd_id", "2"}}) == kTrans,
                "trans_id first");
    checks.that(take_all({{"cmd_id", "2"}, {"trans_id", "1"}}) == kTrans,
                "cmd_id first");
    checks.that(take_all({{"cmd_id", "2"},
                          {"Trans_Id", "1"},
                          {"trans_id", "3"},
                          {"cmd_id", "4"}}) == kTrans,
                "two of each");
    checks.that(take_all({{"CMD_ID", "2"}, {"cmd_id", "3"}}) == kCmd,
                "two cmd_id");
    checks.that(take_all({{"trans_id", ""}, {"cmd_id", "2"}}) == kCmd,
                "an empty trans_id first");
    checks.that(take_all({{"cmd_id", "2"}, {"trans_id", ""}}) == kCmd,
                "an empty trans_id last");
    checks.that(take_all({{"cmd_id", ""}}) == Taken{"", TaskIdHeader::cmd_id},
                "an empty cmd_id");
    checks.that(take_all({{"cmd_id", ""}, {"trans_id", "1"}}) == kTrans,
                "an empty cmd_id first");
}

void part_numbers_are_decimal(Checks &checks)
{
    const auto shown = [](std::string_view text) {
        const auto number = fk::block_number(text);
        return number ? std::to_string(*number) : number.error().text;
    };
    const std::pair<std::string_view, std::string_view> kNumbers[] = {
        {"", "0"},
        {"0", "0"},
        {"007", "7"},
        {"4294967295", "4294967295"},
        {"4294967296", "blk_no is out of range"},
        {"-1", "blk_no is negative"},
        {"-0", "blk_no is negative"},
        {"-", "blk_no is not a number"},
        {"+1", "blk_no is not a number"},
        {"1 ", "blk_no is not a number"},
        {"0x1", "blk_no is not a number"},
        {"--1", "blk_no is not a number"},
    };
    for (const auto &[text, wanted] : kNumbers) {
        checks.equal(text, shown(text), wanted);
    }
}

} // namespace

int main()
{
    const CMUnitTest tests[] = {
        cmocka_unit_test(test::unit<every_request_has_the_head_of_its_row>),
        cmocka_unit_test(test::unit<request_codes_are_case_sensitive>),
        cmocka_unit_test(test::unit<ids_and_codes_have_an_alphabet>),
        cmocka_unit_test(
            test::unit<names_match_in_any_case_and_the_first_wins>),
        cmocka_unit_test(test::unit<trans_id_wins_over_cmd_id>),
        cmocka_unit_test(test::unit<part_numbers_are_decimal>),
    };
    return cmocka_run_group_tests_name("fk_head", tests, nullptr, nullptr);
}
