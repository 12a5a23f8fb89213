// Rows of the management log (fk-http.md 7.4).
#include "fk_rows.hpp"

#include "codec/fk_data_lib.hpp"

using namespace wac;
using test::array_of;
using test::Checks;
using test::shown;

namespace
{

void recorded_management_logs(Checks &checks)
{
    const std::string numeric = array_of("46-result-slog-16.body");
    const auto short_rows = fk::ManagementLogArray::open(16, as_bytes(numeric));
    checks.equal("rows", short_rows ? short_rows->size() : 0, 1U);
    const fk::ManagementLogRow enrol =
        short_rows ? short_rows->at(0) : fk::ManagementLogRow{};
    checks.equal("kind", enrol.kind, 3);
    checks.equal("kind_name", enrol.kind_name, "enrol_user");
    checks.equal("backup", enrol.backup_number, 0);
    checks.equal("item", enrol.item_code, 0xff);
    checks.equal("item_name", enrol.item_name, "");
    checks.equal("operator", enrol.operator_id, "1");
    checks.equal("target", enrol.target_id, "857");
    checks.equal("time", shown(enrol.time), "2024-02-29 07:08:00");

    const std::string text = array_of("47-result-slog-40.body");
    const auto long_rows = fk::ManagementLogArray::open(40, as_bytes(text));
    checks.equal("rows", long_rows ? long_rows->size() : 0, 1U);
    const fk::ManagementLogRow change =
        long_rows ? long_rows->at(0) : fk::ManagementLogRow{};
    checks.equal("kind", change.kind, 18);
    checks.equal("kind_name", change.kind_name, "modify_user");
    checks.equal("backup", change.backup_number, 0);
    checks.equal("item", change.item_code, 0x81);
    checks.equal("item_name", change.item_name, "name");
    checks.equal("operator", change.operator_id, "1");
    checks.equal("target", change.target_id, "1042");
    checks.equal("time", shown(change.time), "2024-02-29 07:08:00");
}

void kinds_of_the_management_log(Checks &checks)
{
    const std::pair<int, std::string_view> kKinds[] = {
        {0, ""},
        {2, ""},
        {3, "enrol_user"},
        {8, "delete_all_logs"},
        {14, "door"},
        {18, "modify_user"},
        {19, "delete_user"},
        {20, ""},
        {255, ""},
    };
    for (const auto &[kind, name] : kKinds) {
        std::string bytes(16, '\0');
        bytes[1] = static_cast<char>(kind);
        bytes[3] = '\x86';
        const auto array = fk::ManagementLogArray::open(16, as_bytes(bytes));
        const auto row = array->at(0);
        checks.equal(std::to_string(kind), row.kind_name, name);
        checks.equal("item of " + std::to_string(kind), row.item_name,
                     kind == 18 ? "card" : "");
        checks.that(!row.time, "a time out of nothing");
    }
}

void garbled_ids_of_the_management_log(Checks &checks)
{
    std::string bytes = array_of("47-result-slog-40.body");
    const auto time_of = [](const std::string &row) {
        return shown(
            fk::ManagementLogArray::open(40, as_bytes(row))->at(0).time);
    };
    bytes[20] = '\0'; // no target: a change of the machine itself
    checks.equal("no target", time_of(bytes), "2024-02-29 07:08:00");
    bytes[20] = '\n';
    checks.equal("target", time_of(bytes), "invalid");
    bytes[20] = '1';
    bytes[4] = '\xff';
    checks.equal("operator", time_of(bytes), "invalid");
}

} // namespace

int main()
{
    const CMUnitTest tests[] = {
        cmocka_unit_test(test::unit<recorded_management_logs>),
        cmocka_unit_test(test::unit<kinds_of_the_management_log>),
        cmocka_unit_test(test::unit<garbled_ids_of_the_management_log>),
    };
    return cmocka_run_group_tests_name("fk_management_log", tests, nullptr,
                                       nullptr);
}
