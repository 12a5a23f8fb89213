// What answers to commands become: punches of every recorded one field by
// field, and how a command ends.
#include "fk_answer.hpp"

using namespace wac;
using namespace std::string_literals;
using test::bin_of;
using test::check_success;
using test::Checks;
using test::made;
using test::recorded;

namespace
{

// ---- punches ---------------------------------------------------------------

struct Log {
    std::string_view enrollid;
    WallTime time;
    std::int64_t mode;
    std::int64_t inout;
    std::string_view method;
    std::string_view direction;
    std::string_view raw;
};

struct Logs {
    std::string_view vector;
    std::string_view library;
    std::vector<Log> rows;
};

// clang-format off
const Logs kLogs[] = {
    {"40-result-log-hs101.req", "FKDATAHS101",
        {{"1", {2000, 1, 1, 7, 14, 29}, 1, 0, "finger", "",
          R"({"fk_bin_data_lib":"FKDATAHS101","row":"010000000100011d9111e138"})"},
         {"1", {2025, 6, 5, 10, 14, 47}, 1, 0, "finger", "", ""},
         {"2", {2025, 6, 6, 0, 1, 36}, 1, 0, "finger", "", ""},
         {"3", {2025, 6, 8, 9, 9, 45}, 33, 0, "finger", "",
          R"({"fk_bin_data_lib":"FKDATAHS101","row":"030000000100212df5612825"})"},
         {"5", {2026, 8, 16, 13, 38, 32}, 33, 0, "finger", "",
          R"({"fk_bin_data_lib":"FKDATAHS101","row":"0500000001002120f981b099"})"}}},
    {"41-result-log-hs102.req", "FKDataHS102",
        {{"1042", {2025, 10, 6, 9, 15, 0}, 0x40000000, 0x01000000, "face", "in",
          R"({"fk_bin_data_lib":"FKDataHS102","work_code":0,"row":"31303432000000000000000000000000)"
          R"(01000000f5a1263d0000000100000040"})"},
         {"A-9", {2025, 12, 31, 23, 59, 59}, 0x21000000, 0x12000005, "combined", "in",
          R"({"fk_bin_data_lib":"FKDataHS102","work_code":3,"row":"412d3900000000000000000000000000)"
          R"(0100033bf5c1ffee0500001200000021"})"}}},
    {"42-result-log-hs103.req", "FKDataHS103",
        {{"13", {2026, 3, 26, 17, 36, 10}, 0x10000000, 0x02000000, "finger", "out",
          R"({"fk_bin_data_lib":"FKDataHS103","work_code":0,"row":"31330000000000000000000000000000)"
          R"(000000000000000000000000000000000100000afa313a920000000200000010"})"},
         {"13", {2026, 3, 26, 18, 30, 3}, 0x40000000, 0x02000000, "face", "out", ""}}},
    {"43-result-log-hs105.body", "FKDataHS105",
        {{"77", {2024, 2, 29, 7, 8, 9}, 0x31000000, 0x11000009, "combined", "in",
          R"({"fk_bin_data_lib":"FKDataHS105","work_code":2,"row":"4d00000001000209f121fd200900001100000031"})"}}},
    {"44-result-log-hs100.body", "FKDataHS100",
        {{"5", {2024, 2, 29, 7, 8, 9}, 3, 1, "card", "",
          R"({"fk_bin_data_lib":"FKDataHS100","backup_number":11,"row":"01430b0905000000e827fd20"})"}}},
    {"45-result-log-hs200.body", "FKDataHS200",
        {{"5", {2024, 2, 29, 7, 8, 9}, 3, 17, "card", "",
          R"({"fk_bin_data_lib":"FKDataHS200","backup_number":11,"row":"0109435c05000000e827fd20"})"}}},
    {"48-result-log-empty.req", "FKDataHS101", {}},
    {"54-block-orphan-0.req", "",
        {{"1", {2000, 1, 1, 7, 14, 29}, 1, 0, "finger", "",
          R"({"row":"010000000100011d9111e138"})"}}},
};
// clang-format on

void recorded_logs(Checks &checks)
{
    for (const Logs &wanted : kLogs) {
        checks.about(wanted.vector);
        const auto answer = recorded(
            wanted.vector, {"GET_LOG_DATA", std::string(wanted.library), ""});
        check_success(checks, *answer);
        const ResultRecords records = answer->all();
        checks.equal("rows()", answer->result ? answer->result->rows() : 99,
                     wanted.rows.size());
        checks.equal("rows", records.rows, wanted.rows.size());
        checks.equal("logs", records.logs.size(), wanted.rows.size());
        checks.equal("invalid", records.invalid_rows, 0U);
        for (std::size_t i = 0;
             i < std::min(records.logs.size(), wanted.rows.size()); ++i) {
            const AttendanceRecord &log = records.logs[i];
            const Log &row = wanted.rows[i];
            checks.equal("enrollid", log.enrollid, row.enrollid);
            checks.that(log.record_time == row.time, "another time");
            checks.equal("mode", log.mode, std::optional(row.mode));
            checks.equal("inout", log.inout, std::optional(row.inout));
            checks.equal("method", log.method, row.method);
            checks.equal("direction", log.direction, row.direction);
            checks.equal("m50_method", log.m50_method, "");
            checks.that(!log.event && !log.verifymode && log.photo.empty(),
                        "there is more");
            if (!row.raw.empty()) {
                checks.equal("raw", log.raw, row.raw);
            }
        }
    }
}

void portions_of_a_large_log(Checks &checks)
{
    const auto answer =
        recorded("50d-block-joined.body", {"get_logs", "FKDataHS103", "{}"});
    check_success(checks, *answer);
    if (!answer->result) {
        return;
    }
    const auto ids = [&answer](std::size_t first, std::size_t count) {
        const auto records = answer->result->portion(first, count);
        std::string text = std::to_string(records.rows) + ':';
        for (const AttendanceRecord &log : records.logs) {
            text += ' ' + log.enrollid;
        }
        return text;
    };
    checks.equal("rows", answer->result->rows(), 60U);
    checks.equal("0", ids(0, 3), "3: 100 101 102");
    checks.equal("10", ids(10, 2), "2: 110 111");
    checks.equal("the last", ids(58, 10), "2: 158 159");
    checks.equal("behind", ids(60, 10), "0:");
    checks.equal("far behind", ids(SIZE_MAX, SIZE_MAX), "0:");
    checks.equal("none", ids(5, 0), "0:");

    const auto all = answer->all();
    checks.that(all.logs.size() == 60 &&
                    all.logs[0].record_time == WallTime{2026, 1, 1, 8, 0, 0} &&
                    all.logs[59].record_time == WallTime{2026, 1, 4, 8, 59, 59},
                "other times");
}

/** Views into records must stay good where the records go. */
void records_can_be_moved(Checks &checks)
{
    const auto answer =
        recorded("40-result-log-hs101.req", {"GET_LOG_DATA", "FKDataHS101"});
    ResultRecords first = answer->all();
    const ResultRecords records = std::move(first);
    checks.equal("raw", records.logs.empty() ? "" : records.logs[4].raw,
                 R"({"fk_bin_data_lib":"FKDataHS101",)"
                 R"("row":"0500000001002120f981b099"})");
}

void invalid_rows_are_put_aside(Checks &checks)
{
    std::string rows = bin_of("40-result-log-hs101.req");
    rows.replace(12 + 8, 4, 4, '\0');
    const auto one = made(R"({"log_count":5,"one_log_size":12})",
                          {"GET_LOG_DATA", "FKDataHS101"}, {as_bytes(rows)});
    const ResultRecords records = one->all();
    checks.equal("rows", records.rows, 5U);
    checks.equal("logs", records.logs.size(), 4U);
    checks.equal("invalid", records.invalid_rows, 1U);
    checks.that(records.invalid == rows.substr(12, 12), "other bytes");
    checks.equal("reason", records.invalid_reason,
                 "1 row of GET_LOG_DATA has no valid time or user id");

    std::string text_rows = bin_of("42-result-log-hs103.req");
    text_rows += text_rows.substr(0, 48);
    for (const std::size_t at : {0U, 48U, 96U}) {
        text_rows[at] = '\x01';
    }
    const auto three = made(R"({"log_count":3,"one_log_size":48})",
                            {"get_logs", "FKDataHS103"}, {as_bytes(text_rows)});
    const ResultRecords garbled = three->all();
    checks.equal("logs", garbled.logs.size(), 0U);
    checks.that(garbled.invalid == text_rows, "other bytes");
    checks.equal("reason", garbled.invalid_reason,
                 "3 rows of GET_LOG_DATA have no valid time or user id");
    const ResultRecords last = three->result->portion(2, 1);
    checks.equal("in the portion", last.invalid_rows, 1U);
}

void the_answer_may_name_its_library(Checks &checks)
{
    const std::string row = bin_of("44-result-log-hs100.body");
    const auto answer =
        made(R"({"fk_bin_data_lib":"FKDataHS100","log_count":1})",
             {"GET_LOG_DATA", "FKDataHS103"}, {as_bytes(row)});
    check_success(checks, *answer);
    const ResultRecords records = answer->all();
    checks.equal("backup number",
                 records.logs.empty() ? "" : records.logs[0].raw,
                 R"({"fk_bin_data_lib":"FKDataHS100","backup_number":11,)"
                 R"("row":"01430b0905000000e827fd20"})");
}

// ---- ends ------------------------------------------------------------------

void answers_without_records(Checks &checks)
{
    const auto done = recorded("30-result-ok-empty.req", {"SET_TIME", "", ""});
    check_success(checks, *done);
    checks.equal("rows", done->all().rows, 0U);

    const auto status =
        recorded("38-result-device-status.req", {"GET_DEVICE_STATUS"});
    check_success(checks, *status);
    checks.equal("result", status->end().result,
                 R"({"face_count":1,"fp_count":3,"idcard_count":0,)"
                 R"("manager_count":1,"password_count":2,)"
                 R"("total_log_count":1688,"total_user_count":4,)"
                 R"("user_count":3})");

    for (const char *cmd_code : {"GET_LOG_IMAGE", "VENDOR_MAGIC", ""}) {
        checks.about(cmd_code);
        const auto other = made(R"({"log_count":7,"a":"BIN_9"})", {cmd_code},
                                {as_bytes("x"), {}, as_bytes(""), {}});
        check_success(checks, *other, 4);
        checks.equal("rows", other->all().rows, 0U);
        checks.equal("first", other->end().result_bin[0], "x");
    }
}

void refusals_of_the_terminal(Checks &checks)
{
    const auto parameter = recorded(
        "32-result-error.req", {"SET_TIME", "", "", "ERROR_INVALID_PARAMTER"});
    CommandEnd end = parameter->end();
    checks.that(end.status == CommandStatus::failed, "it has succeeded");
    checks.equal("return_code", end.return_code, "ERROR_INVALID_PARAMTER");
    checks.equal("failure", end.failure,
                 "the terminal answered ERROR_INVALID_PARAMTER");
    checks.equal("result", end.result, "");

    // nothing is read, so nothing can be malformed
    const auto logs = made(R"({"log_count":99,"one_log_size":12})",
                           {"GET_LOG_DATA", "FKDataHS101", "", "Error"},
                           {as_bytes("0123456789ab")});
    checks.equal("error", logs->error(), "");
    end = logs->end();
    checks.that(end.status == CommandStatus::failed, "it has succeeded");
    checks.equal("result", end.result, R"({"log_count":99,"one_log_size":12})");
    checks.that(end.result_bin == std::vector{"0123456789ab"s}, "binaries");
    checks.equal("rows", logs->all().rows, 0U);

    const std::string code = "E\n\xff" + std::string(100, 'x');
    end = made("{}", {"GET_LOG_DATA", "", "", code})->end();
    checks.equal("return_code", end.return_code, "E??" + std::string(61, 'x'));
    checks.equal("failure", end.failure,
                 "the terminal answered E??" + std::string(61, 'x'));
}

void words_of_success(Checks &checks)
{
    for (const std::string_view code : {"OK", "ok", "Success", "SUCCESS", ""}) {
        checks.that(fk::says_success(code), code);
    }
    for (const std::string_view code :
         {"Error", "OK ", " ", "OKAY", "ERROR_NO_ID", "0"}) {
        checks.that(!fk::says_success(code), code);
    }
}

void unreadable_answers_are_kept_whole(Checks &checks)
{
    const std::string body = "\x05\0\0\0{\"a\""s;
    CommandEnd end =
        fk::unreadable_result("OK", as_bytes(body), "JSON ends too early");
    checks.that(end.status == CommandStatus::failed, "it has succeeded");
    checks.equal("return_code", end.return_code, "OK");
    checks.equal("failure", end.failure, "JSON ends too early");
    checks.equal("result", end.result, "");
    checks.that(end.result_bin == std::vector{body}, "other bytes");
    end = fk::unreadable_result("Error", as_bytes(body), "why");
    checks.equal("failure", end.failure, "the terminal answered Error; why");
}

} // namespace

int main()
{
    const CMUnitTest tests[] = {
        cmocka_unit_test(test::unit<recorded_logs>),
        cmocka_unit_test(test::unit<portions_of_a_large_log>),
        cmocka_unit_test(test::unit<records_can_be_moved>),
        cmocka_unit_test(test::unit<invalid_rows_are_put_aside>),
        cmocka_unit_test(test::unit<the_answer_may_name_its_library>),
        cmocka_unit_test(test::unit<answers_without_records>),
        cmocka_unit_test(test::unit<refusals_of_the_terminal>),
        cmocka_unit_test(test::unit<words_of_success>),
        cmocka_unit_test(test::unit<unreadable_answers_are_kept_whole>),
    };
    return cmocka_run_group_tests_name("fk_result", tests, nullptr, nullptr);
}
