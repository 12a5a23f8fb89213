// Packed dates of binary rows (fk-http.md 7.1).
#include "fk_rows.hpp"

#include "codec/fk_data_fields.hpp"

using namespace wac;
using namespace std::string_view_literals;
using test::Checks;
using test::le32;
using test::shown;

namespace
{

std::uint32_t word(unsigned year, unsigned month, unsigned day, unsigned hour,
                   unsigned minute)
{
    return year | month << 12 | day << 16 | hour << 21 | minute << 26;
}

struct Moment {
    WallTime time;
    std::string_view word_a; // its bytes
    std::string_view word_b;
};

// the table of t/vectors/fk/README.md
constexpr std::array<Moment, 4> kMoments{{
    {{2000, 1, 1, 7, 14}, "\x91\x11\xe1\x38"sv, "\xd0\x17\xe1\x38"sv},
    {{2024, 2, 29, 7, 8}, "\xf1\x21\xfd\x20"sv, "\xe8\x27\xfd\x20"sv},
    {{2026, 3, 26, 17, 36}, "\xf9\x31\x3a\x92"sv, "\xea\x37\x3a\x92"sv},
    {{2099, 12, 31, 23, 59}, "\x1d\xc3\xff\xee"sv, "\x33\xc8\xff\xee"sv},
}};

void date_words_of_the_table(Checks &checks)
{
    for (const Moment &moment : kMoments) {
        checks.about(shown(moment.time));
        const auto a = fk::time_of_word_a(as_bytes(moment.word_a), 0);
        checks.equal("word A", shown(a), shown(moment.time));
        const auto b = fk::time_of_word_b(as_bytes(moment.word_b), 0);
        checks.equal("word B", shown(b), shown(moment.time));
        checks.that(le32(fk::word_a_of(moment.time).value_or(0)) ==
                        moment.word_a,
                    "another word A is made");
        checks.that(le32(fk::word_b_of(moment.time).value_or(0)) ==
                        moment.word_b,
                    "another word B is made");
    }
}

void valid_bits_say_nothing(Checks &checks)
{
    for (unsigned valid = 0; valid < 4; ++valid) {
        const auto bytes = le32((0x923a31f8U & ~3U) | valid);
        checks.equal(std::to_string(valid),
                     shown(fk::time_of_word_a(as_bytes(bytes), 10)),
                     "2026-03-26 17:36:10");
    }
}

void a_year_of_word_b_may_count_from_1900(Checks &checks)
{
    const auto time = [](unsigned year) {
        return shown(
            fk::time_of_word_b(as_bytes(le32(word(year, 1, 2, 3, 4))), 5));
    };
    checks.equal("124", time(124), "2024-01-02 03:04:05");
    checks.equal("0", time(0), "1900-01-02 03:04:05");
    checks.equal("1899", time(1899), "3799-01-02 03:04:05");
    checks.equal("1900", time(1900), "1900-01-02 03:04:05");
    checks.equal("4095", time(4095), "4095-01-02 03:04:05");
}

void times_beyond_the_last_are_carried_over(Checks &checks)
{
    struct Odd {
        std::uint32_t word;
        unsigned second;
        std::string_view time;
    };
    const Odd kOdd[] = {
        {word(2024, 2, 28, 24, 0), 0, "2024-02-29 00:00:00"},
        {word(2024, 12, 31, 24, 60), 60, "2025-01-01 01:01:00"},
        {word(2024, 2, 29, 23, 59), 60, "2024-03-01 00:00:00"},
        {word(2024, 5, 5, 12, 60), 7, "2024-05-05 13:00:07"},
        {word(4095, 12, 31, 24, 0), 0, "4096-01-01 00:00:00"},
        {word(2024, 2, 28, 25, 0), 0, "invalid"},
        {word(2024, 2, 28, 31, 63), 255, "invalid"},
        {word(2024, 2, 28, 12, 61), 0, "invalid"},
        {word(2024, 2, 28, 12, 0), 61, "invalid"},
        {word(2024, 0, 28, 12, 0), 0, "invalid"},
        {word(2024, 13, 28, 12, 0), 0, "invalid"},
        {word(2024, 2, 0, 12, 0), 0, "invalid"},
        {word(2023, 2, 29, 12, 0), 0, "invalid"},
        {word(2023, 2, 29, 24, 0), 0, "invalid"},
        {0, 0, "invalid"},
        {0xffffffff, 255, "invalid"},
    };
    for (const Odd &odd : kOdd) {
        checks.equal(
            std::to_string(odd.word),
            shown(fk::time_of_word_b(as_bytes(le32(odd.word)), odd.second)),
            odd.time);
    }
}

void words_hold_only_so_many_years(Checks &checks)
{
    checks.that(!fk::word_a_of({1899, 12, 31}), "A 1899");
    checks.that(fk::word_a_of({1900, 1, 1}).has_value(), "A 1900");
    checks.that(fk::word_a_of({2923, 1, 1}).has_value(), "A 2923");
    checks.that(!fk::word_a_of({2924, 1, 1}), "A 2924");
    checks.that(!fk::word_b_of({1899, 12, 31}), "B 1899");
    checks.that(fk::word_b_of({4095, 1, 1}).has_value(), "B 4095");
    checks.that(!fk::word_b_of({4096, 1, 1}), "B 4096");
    checks.that(!fk::word_a_of({2024, 2, 30}), "no date");
}

} // namespace

int main()
{
    const CMUnitTest tests[] = {
        cmocka_unit_test(test::unit<date_words_of_the_table>),
        cmocka_unit_test(test::unit<valid_bits_say_nothing>),
        cmocka_unit_test(test::unit<a_year_of_word_b_may_count_from_1900>),
        cmocka_unit_test(test::unit<times_beyond_the_last_are_carried_over>),
        cmocka_unit_test(test::unit<words_hold_only_so_many_years>),
    };
    return cmocka_run_group_tests_name("fk_data_fields", tests, nullptr,
                                       nullptr);
}
