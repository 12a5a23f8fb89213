// Answers that leave something out, contradict themselves, or have rows of a
// layout that nobody knows.
#include "fk_answer.hpp"

using namespace wac;
using namespace std::string_literals;
using test::Answer;
using test::bin_of;
using test::Checks;
using test::made;
using test::not_decoded;

namespace
{

void lists_may_be_described_badly(Checks &checks)
{
    const std::string two = bin_of("42-result-log-hs103.req");
    const std::string none;
    struct Sample {
        std::string_view json;
        std::string_view library;
        std::vector<Bytes> bins;
        std::size_t rows;
    };
    const Sample kSamples[] = {
        {R"({"log_array":"BIN_2","log_count":2,"one_log_size":48})",
         "",
         {as_bytes("x"), as_bytes(two)},
         2},
        {R"({"log_array":"","log_count":2,"one_log_size":48})",
         "",
         {as_bytes(two)},
         2},
        {R"({"log_array":null,"log_count":2,"one_log_size":"48"})",
         "",
         {as_bytes(two)},
         2},
        {R"({"one_log_size":48})", "", {as_bytes(two)}, 2},
        {R"({"log_count":2})", "FKDataHS103", {as_bytes(two)}, 2},
        {R"({"log_count":2})", "", {as_bytes(two)}, 2},
        {R"({"log_count":2,"one_log_size":0})", "?", {as_bytes(two)}, 2},
        {R"({})", "FKDataHS103", {as_bytes(two)}, 2},
        {R"({"log_count":0,"one_log_size":12})", "", {}, 0},
        {R"({"log_count":"0"})", "", {}, 0},
        {R"({"log_count":0,"log_array":"BIN_1"})", "M50", {}, 0},
        {R"({"log_count":0,"log_array":"BIN_1"})", "M50", {as_bytes(none)}, 0},
        {R"({})", "", {}, 0},
    };
    for (const Sample &sample : kSamples) {
        checks.about(sample.json);
        const auto answer =
            made(sample.json, {"GET_LOG_DATA", std::string(sample.library)},
                 sample.bins);
        checks.equal("error", answer->error(), "");
        checks.equal("not_decoded", not_decoded(*answer), "");
        checks.equal("rows", answer->all().logs.size(), sample.rows);
    }
    const auto nothing =
        std::make_unique<Answer>("", test::Asked{"GET_LOG_DATA"});
    checks.equal("no body", nothing->error(), "");
    checks.equal("its rows", nothing->all().rows, 0U);
    checks.equal("its result", nothing->end().result, "");
}

void contradictions_are_malformed(Checks &checks)
{
    const std::string two = bin_of("42-result-log-hs103.req");
    const std::string cut = two.substr(0, 95);
    const std::string finger = "finger";
    struct Sample {
        std::string_view cmd_code;
        std::string_view json;
        std::vector<Bytes> bins;
        std::string_view error;
    };
    const Sample kSamples[] = {
        {"GET_LOG_DATA",
         R"({"log_count":3,"one_log_size":48})",
         {as_bytes(two)},
         "log_count is 3, but 2 rows came"},
        {"GET_LOG_DATA",
         R"({"log_count":1,"one_log_size":48})",
         {as_bytes(two)},
         "log_count is 1, but 2 rows came"},
        {"GET_LOG_DATA",
         R"({"log_count":0,"one_log_size":48})",
         {as_bytes(two)},
         "log_count is 0, but 2 rows came"},
        {"GET_LOG_DATA",
         R"({"log_count":2,"one_log_size":48})",
         {as_bytes(cut)},
         "log_array of 95 bytes is not a whole number of rows of 48"},
        {"GET_LOG_DATA",
         R"({"log_count":3})",
         {as_bytes(two)},
         "log_count is 3, but 2 rows came"},
        {"GET_LOG_DATA",
         "{}",
         {as_bytes(cut)},
         "95 bytes are not a whole number of rows of 48"},
        {"GET_LOG_DATA",
         R"({"log_count":2,"one_log_size":48})",
         {},
         "log_count is 2, but 0 rows came"},
        {"GET_LOG_DATA",
         R"({"log_count":2})",
         {},
         "log_count is 2, but 0 rows came"},
        {"GET_LOG_DATA",
         R"({"log_count":2,"log_array":"BIN_1"})",
         {},
         "log_array names a binary that did not come"},
        {"GET_LOG_DATA",
         R"({"log_count":2,"one_log_size":48,"log_array":"BIN_2"})",
         {as_bytes(two)},
         "log_array names a binary that did not come"},
        {"GET_LOG_DATA", R"({"log_count":-1})", {}, "log_count is no count"},
        {"GET_LOG_DATA",
         R"({"log_count":"many"})",
         {},
         "log_count is no count"},
        {"GET_LOG_DATA", R"({"log_count":[2]})", {}, "log_count is no count"},
        {"GET_LOG_DATA",
         R"({"log_count":9223372036854775807,"one_log_size":48})",
         {as_bytes(two)},
         "log_count is 9223372036854775807, but 2 rows came"},
        {"GET_LOG_DATA",
         R"({"log_count":2,"one_log_size":9223372036854775807})",
         {as_bytes(two)},
         "log_array of 96 bytes is not a whole number of rows of "
         "9223372036854775807"},
        {"list_users",
         R"({"user_id_count":2,"one_user_id_size":8})",
         {as_bytes("12345678")},
         "user_id_count is 2, but 1 rows came"},
        {"GET_USER_ID_LIST",
         R"({"user_id_count":1,"user_id_array":"BIN_1"})",
         {},
         "user_id_array names a binary that did not come"},
        {"GET_SLOG_DATA",
         R"({"log_count":2,"one_log_size":16})",
         {as_bytes("0123456789abcdef")},
         "log_count is 2, but 1 rows came"},
        {"GET_ENROLL_DATA",
         R"({"enroll_data":"BIN_2"})",
         {as_bytes(finger)},
         "enroll_data names a binary that did not come"},
        {"GET_USER_INFO",
         R"({"user_id":"1","user_photo":"BIN_1"})",
         {},
         "the user's fields name binaries that did not come"},
        {"GET_USER_INFO",
         R"({"user_id":"1","enroll_data_array":[)"
         R"({"backup_number":0,"enroll_data":"BIN_1"},)"
         R"({"backup_number":1,"enroll_data":"BIN_2"}]})",
         {as_bytes(finger)},
         "the user's fields name binaries that did not come"},
    };
    for (const Sample &sample : kSamples) {
        checks.about(sample.json);
        const auto answer = made(sample.json,
                                 {std::string(sample.cmd_code), "FKDataHS103",
                                  R"({"user_id":"1","backup_number":0})"},
                                 sample.bins);
        checks.equal("error", answer->error(),
                     "malformed: " + std::string(sample.error));
    }
}

void rows_of_unknown_layout_are_kept(Checks &checks)
{
    const std::string rows(96, 'x');
    struct Sample {
        std::string_view cmd_code;
        std::string_view library;
        std::string_view json;
        std::string_view reason;
    };
    const Sample kSamples[] = {
        {"GET_LOG_DATA", "M50", R"({"log_count":8,"one_log_size":12})",
         "no layout is known for log rows of 12 bytes of library M50"},
        {"GET_LOG_DATA", "M50", R"({"log_count":8})",
         "no layout is known for log rows of 12 bytes of library M50"},
        {"GET_LOG_DATA", "FKDataHS101", R"({"log_count":6,"one_log_size":16})",
         "no layout is known for log rows of 16 bytes of library FKDataHS101"},
        {"GET_LOG_DATA", "", R"({"log_count":4,"one_log_size":24})",
         "no layout is known for log rows of 24 bytes of an unknown library"},
        {"GET_LOG_DATA", "", "{}",
         "no layout is known for log rows of unstated size of an unknown "
         "library"},
        {"GET_LOG_DATA", "", R"({"log_count":8,"log_array":[1]})",
         "log_array names no binary"},
        {"GET_USER_ID_LIST", "M60",
         R"({"user_id_count":12,"one_user_id_size":8})",
         "no layout is known for user rows of 8 bytes of library M60"},
        {"GET_SLOG_DATA", "", R"({"log_count":8,"one_log_size":12})",
         "no layout is known for management log rows of 12 bytes"},
        {"GET_USER_INFO", "", R"({"x":1})", "the answer describes no user"},
        {"GET_USER_INFO", "", R"({"user_id":"1\n"})",
         "user_id holds a control character"},
        {"GET_USER_INFO", "", R"({"user_name":"A"})", "user_id is missing"},
        {"GET_ENROLL_DATA", "", R"({"enroll_data":"BIN_1"})",
         "the command names no credential"},
    };
    for (const Sample &sample : kSamples) {
        checks.about(sample.json);
        const auto answer = made(
            sample.json,
            {std::string(sample.cmd_code), std::string(sample.library), "[]"},
            {as_bytes(rows), {}, as_bytes("more")});
        checks.equal("error", answer->error(), "");
        checks.equal("rows", answer->result ? answer->result->rows() : 9, 0U);
        checks.equal("looked at", answer->all().rows, 0U);
        const CommandEnd end = answer->end();
        checks.that(end.status == CommandStatus::succeeded, "it has failed");
        checks.equal("not_decoded", not_decoded(*answer), sample.reason);
        checks.that(end.result_bin == std::vector{rows, ""s, "more"s},
                    "other binaries");
    }
    const auto named = made(R"({"a":1.5,"log_count":1,"one_log_size":96})",
                            {"GET_LOG_DATA", ""}, {as_bytes(rows)});
    checks.equal("result", named->end().result,
                 R"({"a":1.5,"log_count":1,"one_log_size":96,"not_decoded":)"
                 R"("no layout is known for log rows of 96 bytes of an )"
                 R"(unknown library"})");
    const std::string dialect = R"({"log_count":1,"Glog":[{"user_id":"1"}]})";
    const Answer bare(dialect, {"GET_LOG_DATA", "FKDataHS101"});
    checks.equal("bare JSON", not_decoded(bare),
                 "bare JSON carries no log_array");
}

} // namespace

int main()
{
    const CMUnitTest tests[] = {
        cmocka_unit_test(test::unit<lists_may_be_described_badly>),
        cmocka_unit_test(test::unit<contradictions_are_malformed>),
        cmocka_unit_test(test::unit<rows_of_unknown_layout_are_kept>),
    };
    return cmocka_run_group_tests_name("fk_result_odd", tests, nullptr,
                                       nullptr);
}
