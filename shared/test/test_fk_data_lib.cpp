// Rows of the data libraries (fk-http.md 7.2, 7.3): which layout an array
// has, and every recorded one row by row.
#include "fk_rows.hpp"

#include "codec/fk_data_lib.hpp"

#include <vector>

using namespace wac;
using namespace std::string_literals;
using namespace std::string_view_literals;
using test::array_of;
using test::Checks;
using test::le32;
using test::shown;

namespace
{

// ---- layouts ---------------------------------------------------------------

std::string layout_name(fk::LogLayout layout)
{
    switch (layout) {
    case fk::LogLayout::hs100:
        return "hs100";
    case fk::LogLayout::hs101:
        return "hs101";
    case fk::LogLayout::hs102:
        return "hs102";
    case fk::LogLayout::hs103:
        return "hs103";
    case fk::LogLayout::hs105:
        return "hs105";
    case fk::LogLayout::hs200:
        return "hs200";
    }
    return "?";
}

std::string layout_name(fk::UserIdLayout layout)
{
    switch (layout) {
    case fk::UserIdLayout::hs100:
        return "hs100";
    case fk::UserIdLayout::hs101:
        return "hs101";
    case fk::UserIdLayout::hs102:
        return "hs102";
    case fk::UserIdLayout::hs103:
        return "hs103";
    }
    return "?";
}

/** Layout and row size, or the kind of error. */
template <typename Array>
std::string opened(std::string_view library, std::size_t row_size)
{
    const auto array = Array::open(library, row_size, {});
    if (!array) {
        return array.error().code == ErrorCode::refused ? "refused" : "?";
    }
    return layout_name(array->layout()) + ' ' +
           std::to_string(array->row_size());
}

struct Choice {
    std::string_view library;
    std::size_t row_size;
    std::string_view layout;
};

void log_layouts_follow_library_and_size(Checks &checks)
{
    const Choice kChoices[] = {
        {"FKDataHS001", 0, "hs101 12"},
        {"FKDataHS100", 0, "hs100 12"},
        {"FKDataHS101", 0, "hs101 12"},
        {"FKDataHS102", 0, "hs102 32"},
        {"FKDataHS103", 0, "hs103 48"},
        {"FKDataHS104", 0, "hs101 12"},
        {"FKDataHS105", 0, "hs105 20"},
        {"FKDataHS200", 0, "hs200 12"},
        {"FKDATAHS103", 0, "hs103 48"},
        {"fkdatahs200", 12, "hs200 12"},
        {"FKDataHS100", 12, "hs100 12"},
        {"FKDataHS103", 12, "hs101 12"},
        {"FKDataHS105", 12, "hs101 12"},
        {"FKDataHS999", 12, "hs101 12"},
        {"", 12, "hs101 12"},
        {"FKDataHS100", 48, "hs103 48"},
        {"", 20, "hs105 20"},
        {"", 32, "hs102 32"},
        {"", 48, "hs103 48"},
        {"FKDataHS104", 16, "hs101 16"},
        {"fkdatahs104", 16, "hs101 16"},
        {"FKDataHS101", 16, "refused"},
        {"", 16, "refused"},
        {"", 0, "refused"},
        {"FKDataHS999", 0, "refused"},
        {"FKDataHS103", 47, "refused"},
        {"FKDataHS101", 1, "refused"},
        {"M50", 0, "refused"},
        {"M50", 12, "refused"},
        {"m60", 48, "refused"},
        {"FKDataHS101", SIZE_MAX, "refused"},
    };
    for (const Choice &choice : kChoices) {
        checks.equal(std::string(choice.library) + ' ' +
                         std::to_string(choice.row_size),
                     opened<fk::LogArray>(choice.library, choice.row_size),
                     choice.layout);
    }
}

void user_layouts_follow_library_and_size(Checks &checks)
{
    const Choice kChoices[] = {
        {"FKDataHS001", 0, "hs101 8"},
        {"FKDataHS100", 0, "hs100 8"},
        {"FKDataHS101", 0, "hs101 8"},
        {"FKDataHS102", 0, "hs102 20"},
        {"FKDataHS103", 0, "hs103 36"},
        {"FKDataHS104", 0, "hs101 8"},
        {"FKDataHS105", 0, "hs101 8"},
        {"FKDataHS200", 0, "hs100 8"},
        {"FKDataHS200", 8, "hs100 8"},
        {"FKDataHS103", 8, "hs101 8"},
        {"", 8, "hs101 8"},
        {"FKDataHS100", 20, "hs102 20"},
        {"", 36, "hs103 36"},
        {"", 0, "refused"},
        {"", 12, "refused"},
        {"FKDataHS101", 7, "refused"},
        {"M50", 0, "refused"},
        {"M60", 8, "refused"},
    };
    for (const Choice &choice : kChoices) {
        checks.equal(std::string(choice.library) + ' ' +
                         std::to_string(choice.row_size),
                     opened<fk::UserIdArray>(choice.library, choice.row_size),
                     choice.layout);
    }
}

void arrays_hold_whole_rows_only(Checks &checks)
{
    const std::string bytes(97, 'x');
    for (const std::size_t size : {1U, 47U, 49U, 95U, 97U}) {
        const auto array =
            fk::LogArray::open("FKDataHS103", 48, as_bytes(bytes).first(size));
        checks.that(!array && array.error().code == ErrorCode::malformed,
                    std::to_string(size));
    }
    const auto two =
        fk::LogArray::open("FKDataHS103", 48, as_bytes(bytes).first(96));
    checks.equal("96 bytes", two ? two->size() : 0, 2U);
    const auto users = fk::UserIdArray::open("", 36, as_bytes(bytes).first(37));
    checks.that(!users && users.error().code == ErrorCode::malformed, "users");
    const auto slog = fk::ManagementLogArray::open(16, as_bytes(bytes));
    checks.that(!slog && slog.error().code == ErrorCode::malformed, "slog");
    const auto other = fk::ManagementLogArray::open(0, {});
    checks.that(!other && other.error().code == ErrorCode::refused, "slog 0");
}

void sizes_by_library(Checks &checks)
{
    checks.equal("log", fk::log_row_size("fkdatahs103"), std::optional(48U));
    checks.equal("log 105", fk::log_row_size("FKDataHS105"),
                 std::optional(20U));
    checks.equal("user", fk::user_id_row_size("FKDataHS102"),
                 std::optional(20U));
    checks.that(!fk::log_row_size("M50") && !fk::user_id_row_size(""),
                "sizes of unknown libraries");
}

// ---- recorded rows ---------------------------------------------------------

struct Log {
    std::string_view user_id;
    std::string_view time;
    std::int64_t verify_mode;
    std::int64_t io_mode;
    std::optional<std::int32_t> work_code = {};
    std::optional<std::int32_t> backup_number = {};
};

void check_log(Checks &checks, const fk::LogRow &row, const Log &wanted)
{
    checks.equal("user_id", row.user_id, wanted.user_id);
    checks.equal("io_time", shown(row.io_time), wanted.time);
    checks.equal("verify_mode", row.verify_mode, wanted.verify_mode);
    checks.equal("io_mode", row.io_mode, wanted.io_mode);
    checks.equal("work_code", row.work_code, wanted.work_code);
    checks.equal("backup_number", row.backup_number, wanted.backup_number);
}

void recorded_logs(Checks &checks)
{
    struct Recorded {
        std::string_view vector;
        std::string_view library;
        std::vector<Log> rows;
    };
    // clang-format off
    const Recorded kRecorded[] = {
        {"40-result-log-hs101.req", "FKDATAHS101",
            {{"1", "2000-01-01 07:14:29", 1, 0},
             {"1", "2025-06-05 10:14:47", 1, 0},
             {"2", "2025-06-06 00:01:36", 1, 0},
             {"3", "2025-06-08 09:09:45", 33, 0},
             {"5", "2026-08-16 13:38:32", 33, 0}}},
        {"41-result-log-hs102.req", "FKDataHS102",
            {{"1042", "2025-10-06 09:15:00", 0x40000000, 0x01000000, 0},
             {"A-9", "2025-12-31 23:59:59", 0x21000000, 0x12000005, 3}}},
        {"42-result-log-hs103.req", "FKDataHS103",
            {{"13", "2026-03-26 17:36:10", 0x10000000, 0x02000000, 0},
             {"13", "2026-03-26 18:30:03", 0x40000000, 0x02000000, 0}}},
        {"43-result-log-hs105.body", "FKDataHS105",
            {{"77", "2024-02-29 07:08:09", 0x31000000, 0x11000009, 2}}},
        {"44-result-log-hs100.body", "FKDataHS100",
            {{"5", "2024-02-29 07:08:09", 3, 1, {}, 11}}},
        {"45-result-log-hs200.body", "FKDataHS200",
            {{"5", "2024-02-29 07:08:09", 3, 17, {}, 11}}},
        {"48-result-log-empty.req", "FKDataHS101", {}},
        {"54-block-orphan-0.req", "FKDataHS101",
            {{"1", "2000-01-01 07:14:29", 1, 0}}},
    };
    // clang-format on
    for (const Recorded &recorded : kRecorded) {
        checks.about(recorded.vector);
        const std::string bytes = array_of(recorded.vector);
        const auto array =
            fk::LogArray::open(recorded.library, 0, as_bytes(bytes));
        checks.equal("rows", array ? array->size() : 99, recorded.rows.size());
        for (std::size_t i = 0; array && i < array->size(); ++i) {
            check_log(checks, array->at(i), recorded.rows[i]);
        }
    }
}

void the_large_recorded_log(Checks &checks)
{
    const std::string bytes = array_of("50d-block-joined.body");
    const auto array = fk::LogArray::open("", 48, as_bytes(bytes));
    checks.equal("rows", array ? array->size() : 0, 60U);
    for (std::size_t i = 0; array && i < array->size(); ++i) {
        checks.equal("user_id", array->at(i).user_id, std::to_string(100 + i));
        checks.that(array->at(i).io_time.has_value(), "a time is invalid");
    }
    if (array && array->size() == 60) {
        checks.equal("first", shown(array->at(0).io_time),
                     "2026-01-01 08:00:00");
        checks.equal("last", shown(array->at(59).io_time),
                     "2026-01-04 08:59:59");
    }
}

struct Listed {
    std::string_view user_id;
    std::int32_t privilege;
    bool enabled;
    std::optional<std::int32_t> backup_number;
    std::optional<std::uint16_t> flags;
};

void recorded_users(Checks &checks)
{
    struct Recorded {
        std::string_view vector;
        std::string_view library;
        std::vector<Listed> rows;
    };
    // clang-format off
    const Recorded kRecorded[] = {
        {"34-result-userlist-hs101.req", "FKDataHS101",
            {{"1", 1, true, {}, 8}, {"2", 2, true, {}, 8},
             {"3", 1, true, {}, 8}}},
        {"35-result-userlist-hs103.req", "FKDataHS103",
            {{"1", 1, true, {}, 0x000c}, {"0013", 0, true, {}, 0x000d},
             {"EMP_7", 0, false, {}, 0x4002}}},
        {"36-result-userlist-hs102.body", "FKDataHS102",
            {{"1042", 0, true, {}, 0x0010}, {"A-9", 1, true, {}, 0x0003}}},
        {"37-result-userlist-hs100.body", "FKDataHS100",
            {{"5", 0, true, 0, {}}, {"5", 0, true, 10, {}},
             {"6", 1, true, 11, {}}}},
    };
    // clang-format on
    for (const Recorded &recorded : kRecorded) {
        checks.about(recorded.vector);
        const std::string bytes = array_of(recorded.vector);
        const auto array =
            fk::UserIdArray::open(recorded.library, 0, as_bytes(bytes));
        checks.equal("rows", array ? array->size() : 99, recorded.rows.size());
        for (std::size_t i = 0; array && i < array->size(); ++i) {
            const fk::UserIdRow row = array->at(i);
            const Listed &wanted = recorded.rows[i];
            checks.equal("user_id", row.user_id, wanted.user_id);
            checks.equal("privilege", row.privilege, wanted.privilege);
            checks.equal("enabled", row.enabled, wanted.enabled);
            checks.equal("backup", row.backup_number, wanted.backup_number);
            checks.equal("flags", row.flags, wanted.flags);
        }
    }
}

void flags_count_credentials(Checks &checks)
{
    struct Sample {
        std::uint16_t flags;
        bool password, card, face;
        unsigned fingers, veins, palms;
    };
    const Sample kSamples[] = {
        {0x0000, false, false, false, 0, 0, 0},
        {0x0008, false, false, false, 1, 0, 0},
        {0x000c, false, false, true, 1, 0, 0},
        {0x000d, true, false, true, 1, 0, 0},
        {0x4002, false, true, false, 0, 0, 2},
        {0x0078, false, false, false, 15, 0, 0},
        {0x1f80, false, false, false, 0, 63, 0},
        {0x8000, false, false, false, 0, 0, 0},
        {0xffff, true, true, true, 15, 63, 3},
    };
    for (const Sample &sample : kSamples) {
        checks.about(std::to_string(sample.flags));
        const fk::UserFlags has = fk::user_flags_of(sample.flags);
        checks.equal("password", has.password, sample.password);
        checks.equal("card", has.card, sample.card);
        checks.equal("face", has.face, sample.face);
        checks.equal("fingers", has.fingers, sample.fingers);
        checks.equal("veins", has.veins, sample.veins);
        checks.equal("palms", has.palms, sample.palms);
    }
}

// ---- odd rows --------------------------------------------------------------

void rows_without_a_date_keep_the_rest(Checks &checks)
{
    std::string bytes = array_of("41-result-log-hs102.req").substr(32);
    bytes.replace(20, 4, le32(0));
    const auto array = fk::LogArray::open("FKDataHS102", 32, as_bytes(bytes));
    const fk::LogRow row = array->at(0);
    check_log(checks, row, {"A-9", "invalid", 0x21000000, 0x12000005, 3});
    checks.that(as_text(row.bytes) == bytes, "other bytes");
}

void ids_of_text_must_be_clean(Checks &checks)
{
    const std::string good = array_of("42-result-log-hs103.req").substr(0, 48);
    struct Id {
        std::string_view bytes;
        std::string_view user_id;
    };
    const Id kIds[] = {
        {"13\0garbage"sv, "13"},
        {"Zo\xc3\xab"sv, "Zo\xc3\xab"},
        {"abcdefghijklmnopqrstuvwxyz012345"sv,
         "abcdefghijklmnopqrstuvwxyz012345"},
        {"\0"
         "13"sv,
         ""},
        {"1\n"sv, ""},
        {"1\x7f"sv, ""},
        {"\xff"sv, ""},
        {"\xc3"sv, ""},
        {"\xed\xa0\x80"sv, ""},
    };
    for (const Id &id : kIds) {
        std::string bytes = good;
        bytes.replace(0, 32, 32, '\0');
        bytes.replace(0, id.bytes.size(), id.bytes);
        const auto row = fk::LogArray::open("", 48, as_bytes(bytes))->at(0);
        checks.equal("user_id", row.user_id, id.user_id);
        checks.equal("valid", row.io_time.has_value(), !id.user_id.empty());
        checks.equal("verify_mode", row.verify_mode, 0x10000000);
    }
}

void the_long_hs104_row_has_a_work_code(Checks &checks)
{
    const std::string bytes =
        array_of("40-result-log-hs101.req").substr(0, 12) + "\x07\0\0\0"s;
    const auto array = fk::LogArray::open("FKDataHS104", 16, as_bytes(bytes));
    check_log(checks, array->at(0), {"1", "2000-01-01 07:14:29", 1, 0, 7});
}

} // namespace

int main()
{
    const CMUnitTest tests[] = {
        cmocka_unit_test(test::unit<log_layouts_follow_library_and_size>),
        cmocka_unit_test(test::unit<user_layouts_follow_library_and_size>),
        cmocka_unit_test(test::unit<arrays_hold_whole_rows_only>),
        cmocka_unit_test(test::unit<sizes_by_library>),
        cmocka_unit_test(test::unit<recorded_logs>),
        cmocka_unit_test(test::unit<the_large_recorded_log>),
        cmocka_unit_test(test::unit<recorded_users>),
        cmocka_unit_test(test::unit<flags_count_credentials>),
        cmocka_unit_test(test::unit<rows_without_a_date_keep_the_rest>),
        cmocka_unit_test(test::unit<ids_of_text_must_be_clean>),
        cmocka_unit_test(test::unit<the_long_hs104_row_has_a_work_code>),
    };
    return cmocka_run_group_tests_name("fk_data_lib", tests, nullptr, nullptr);
}
