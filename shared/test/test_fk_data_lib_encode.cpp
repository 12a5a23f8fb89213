// Rows of the data libraries, written and read again.
#include "fk_rows.hpp"

#include "codec/fk_data_lib.hpp"

#include <vector>

using namespace wac;
using namespace std::string_literals;
using namespace std::string_view_literals;
using test::array_of;
using test::Checks;
using test::shown;

namespace
{

constexpr std::array kLibraries{
    "FKDataHS001"sv, "FKDataHS100"sv, "FKDataHS101"sv, "FKDataHS102"sv,
    "FKDataHS103"sv, "FKDataHS104"sv, "FKDataHS105"sv, "FKDataHS200"sv};

void logs_survive_a_round_trip(Checks &checks)
{
    for (const std::string_view library : kLibraries) {
        checks.about(library);
        std::string bytes;
        std::vector<fk::LogRow> rows;
        for (std::int32_t i = 0; i < 20; ++i) {
            fk::LogRow row;
            row.user_id = std::to_string(4294967295U - 7U * i);
            row.io_time =
                WallTime{2020 + i, 1 + i % 12U, 1U + i, 23, 59, 39U + i};
            row.verify_mode = i;
            row.io_mode = i % 4;
            row.work_code = i;
            row.backup_number = i;
            const auto appended = fk::append_log_row(bytes, library, row);
            checks.equal("error", appended ? "" : appended.error().text, "");
            rows.push_back(row);
        }
        const auto array = fk::LogArray::open(library, 0, as_bytes(bytes));
        checks.equal("size", array ? array->size() : 0, rows.size());
        for (std::size_t i = 0; array && i < array->size(); ++i) {
            const fk::LogRow row = array->at(i);
            checks.equal("user_id", row.user_id, rows[i].user_id);
            checks.equal("time", shown(row.io_time), shown(rows[i].io_time));
            checks.equal("verify_mode", row.verify_mode, rows[i].verify_mode);
            checks.equal("io_mode", row.io_mode, rows[i].io_mode);
            checks.that(!row.work_code || row.work_code == rows[i].work_code,
                        "another work code");
            checks.that(!row.backup_number ||
                            row.backup_number == rows[i].backup_number,
                        "another backup number");
        }
    }
}

void recorded_rows_are_written_as_they_came(Checks &checks)
{
    const std::pair<std::string_view, std::string_view> kRecorded[] = {
        {"40-result-log-hs101.req", "FKDataHS101"},
        {"41-result-log-hs102.req", "FKDataHS102"},
        {"43-result-log-hs105.body", "FKDataHS105"},
        {"44-result-log-hs100.body", "FKDataHS100"},
        {"45-result-log-hs200.body", "FKDataHS200"},
        {"50d-block-joined.body", "FKDataHS103"},
    };
    for (const auto &[vector, library] : kRecorded) {
        const std::string bytes = array_of(vector);
        const auto array = fk::LogArray::open(library, 0, as_bytes(bytes));
        std::string written;
        for (std::size_t i = 0; array && i < array->size(); ++i) {
            static_cast<void>(
                fk::append_log_row(written, library, array->at(i)));
        }
        checks.that(written == bytes, vector);
    }
    const std::pair<std::string_view, std::string_view> kUsers[] = {
        {"34-result-userlist-hs101.req", "FKDataHS101"},
        {"35-result-userlist-hs103.req", "FKDataHS103"},
        {"36-result-userlist-hs102.body", "FKDataHS102"},
        {"37-result-userlist-hs100.body", "FKDataHS200"},
    };
    for (const auto &[vector, library] : kUsers) {
        const std::string bytes = array_of(vector);
        const auto array = fk::UserIdArray::open(library, 0, as_bytes(bytes));
        std::string written;
        for (std::size_t i = 0; array && i < array->size(); ++i) {
            static_cast<void>(
                fk::append_user_id_row(written, library, array->at(i)));
        }
        checks.that(written == bytes, vector);
    }
}

fk::LogRow some_log()
{
    fk::LogRow row;
    row.user_id = "7";
    row.io_time = WallTime{2026, 1, 2, 3, 4, 5};
    row.verify_mode = 1;
    return row;
}

void values_that_do_not_fit_are_refused(Checks &checks)
{
    const auto outcome = [](std::string_view library, const fk::LogRow &row) {
        std::string out = "before";
        const auto appended = fk::append_log_row(out, library, row);
        if (appended) {
            return "appended"s;
        }
        if (out != "before") {
            return "half a row"s;
        }
        return appended.error().code == ErrorCode::malformed ? "malformed"s
                                                             : "refused"s;
    };
    const auto with_id = [&outcome](std::string_view library,
                                    std::string_view id) {
        fk::LogRow row = some_log();
        row.user_id = id;
        return outcome(library, row);
    };
    checks.equal("text", with_id("FKDataHS101", "A-9"), "malformed");
    checks.equal("zeros", with_id("FKDataHS101", "007"), "malformed");
    checks.equal("no id", with_id("FKDataHS105", ""), "malformed");
    checks.equal("2^32", with_id("FKDataHS200", "4294967296"), "malformed");
    checks.equal("sign", with_id("FKDataHS100", "-1"), "malformed");
    const std::string longest(16, 'a');
    checks.equal("16", with_id("FKDataHS102", longest), "appended");
    checks.equal("17", with_id("FKDataHS102", longest + 'a'), "malformed");
    checks.equal("32", with_id("FKDataHS103", longest + longest), "appended");
    checks.equal("empty", with_id("FKDataHS103", ""), "malformed");
    checks.equal("line feed", with_id("FKDataHS103", "1\n"), "malformed");
    checks.equal("M50", with_id("M50", "1"), "refused");

    fk::LogRow row = some_log();
    row.verify_mode = 64;
    checks.equal("kind 64", outcome("FKDataHS100", row), "malformed");
    checks.equal("mode 64", outcome("FKDataHS101", row), "appended");
    row.verify_mode = 256;
    checks.equal("mode 256", outcome("FKDataHS101", row), "malformed");
    row.verify_mode = 0xffffffff;
    checks.equal("mode 2^32-1", outcome("FKDataHS102", row), "appended");
    row.verify_mode = -1;
    checks.equal("mode -1", outcome("FKDataHS102", row), "malformed");
    row = some_log();
    row.io_mode = 4;
    checks.equal("io 4", outcome("FKDataHS100", row), "malformed");
    row.io_mode = 32;
    checks.equal("io 32", outcome("FKDataHS200", row), "malformed");
    row = some_log();
    row.backup_number = 32;
    checks.equal("backup 32", outcome("FKDataHS200", row), "malformed");
    row = some_log();
    row.work_code = 256;
    checks.equal("work code", outcome("FKDataHS105", row), "malformed");
    row = some_log();
    row.io_time.reset();
    checks.equal("no time", outcome("FKDataHS101", row), "malformed");
    row.io_time = WallTime{2924, 1, 1, 0, 0, 0};
    checks.equal("year 2924", outcome("FKDataHS103", row), "malformed");
    checks.equal("year 2924, B", outcome("FKDataHS100", row), "appended");
}

void users_survive_a_round_trip(Checks &checks)
{
    for (const std::string_view library : kLibraries) {
        checks.about(library);
        fk::UserIdRow row;
        row.user_id = "4294967295";
        row.privilege = 3;
        row.enabled = true;
        row.backup_number = 255;
        row.flags = 0xffff;
        std::string bytes;
        const auto appended = fk::append_user_id_row(bytes, library, row);
        checks.equal("error", appended ? "" : appended.error().text, "");
        const auto array = fk::UserIdArray::open(library, 0, as_bytes(bytes));
        checks.equal("size", array ? array->size() : 0, 1U);
        const auto again =
            array && array->size() == 1 ? array->at(0) : fk::UserIdRow{};
        checks.equal("user_id", again.user_id, row.user_id);
        checks.equal("privilege", again.privilege, row.privilege);
        checks.that(again.enabled, "not enabled");
        checks.that(again.flags == row.flags ||
                        again.backup_number == row.backup_number,
                    "other credentials");
    }
    std::string out;
    fk::UserIdRow text;
    text.user_id = "A";
    checks.that(!fk::append_user_id_row(out, "FKDataHS101", text) &&
                    out.empty(),
                "text in a number");
    text.user_id = "1";
    text.privilege = 256;
    checks.that(!fk::append_user_id_row(out, "FKDataHS101", text),
                "privilege 256");
}

} // namespace

int main()
{
    const CMUnitTest tests[] = {
        cmocka_unit_test(test::unit<logs_survive_a_round_trip>),
        cmocka_unit_test(test::unit<recorded_rows_are_written_as_they_came>),
        cmocka_unit_test(test::unit<values_that_do_not_fit_are_refused>),
        cmocka_unit_test(test::unit<users_survive_a_round_trip>),
    };
    return cmocka_run_group_tests_name("fk_data_lib_encode", tests, nullptr,
                                       nullptr);
}
