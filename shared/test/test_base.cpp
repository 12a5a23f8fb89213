// The base headers: bytes, text and wall-clock time.
#include "checks.hpp"

#include "base/bytes.hpp"
#include "base/error.hpp"
#include "base/text.hpp"
#include "base/wall_time.hpp"

using namespace wac;
using test::Checks;

namespace
{

void bytes_and_text_are_views_of_each_other(Checks &checks)
{
    const std::string_view text("a\0\xff", 3);
    const Bytes bytes = as_bytes(text);
    checks.equal("size", bytes.size(), 3U);
    checks.equal("last byte", unsigned{bytes[2]}, 0xffU);
    checks.that(as_text(bytes).data() == text.data(), "a copy");
    checks.that(as_text(bytes) == text, "other text");
    checks.that(as_text(Bytes{}).empty(), "nothing is not empty");
}

void integers_are_little_endian(Checks &checks)
{
    const unsigned char kBytes[] = {0x91, 0x11, 0xe1, 0xf8, 0x55};
    checks.equal("word", load_le32(kBytes), 0xf8e11191U);
}

void ascii_case_is_ignored_and_nothing_else(Checks &checks)
{
    checks.that(equals_ignoring_case("Request_Code", "rEQUEST_cODE"), "case");
    checks.that(equals_ignoring_case("", ""), "empty");
    checks.that(!equals_ignoring_case("a", "ab"), "length");
    checks.that(!equals_ignoring_case("@", "`"), "@ is no letter");
    checks.that(!equals_ignoring_case("[", "{"), "[ is no letter");
    checks.that(!equals_ignoring_case("\xc3\x8b", "\xc3\xab"), "not ASCII");
}

void integers_fill_their_text(Checks &checks)
{
    const auto small = [](std::string_view text) {
        return parse_integer<std::int32_t>(text);
    };
    checks.equal("0", small("0"), std::optional(0));
    checks.equal("-7", small("-7"), std::optional(-7));
    checks.equal("007", small("007"), std::optional(7));
    checks.equal("most", small("2147483647"), std::optional(2147483647));
    for (const std::string_view text :
         {"", "-", "+1", " 1", "1 ", "1a", "0x1", "2147483648", "1.0"}) {
        checks.equal(text, small(text), std::nullopt);
    }
    checks.equal("unsigned", parse_integer<std::uint32_t>("-1"), std::nullopt);
}

void dates_follow_the_calendar(Checks &checks)
{
    const WallTime kValid[] = {{2024, 2, 29, 23, 59, 59},
                               {2000, 2, 29, 0, 0, 0},
                               {1, 1, 1, 0, 0, 0},
                               {9999, 12, 31, 23, 59, 59}};
    const WallTime kInvalid[] = {
        {},
        {2026, 2, 29, 0, 0, 0},
        {1900, 2, 29, 0, 0, 0},
        {2026, 0, 1, 0, 0, 0},
        {2026, 13, 1, 0, 0, 0},
        {2026, 4, 31, 0, 0, 0},
        {2026, 1, 0, 0, 0, 0},
        {2026, 1, 1, 24, 0, 0},
        {2026, 1, 1, 0, 60, 0},
        {2026, 1, 1, 0, 0, 60},
        {0, 1, 1, 0, 0, 0},
        {10000, 1, 1, 0, 0, 0},
    };
    const auto shown = [](const WallTime &time) {
        return std::to_string(time.year) + '-' + std::to_string(time.month) +
               '-' + std::to_string(time.day);
    };
    for (const WallTime &time : kValid) {
        checks.that(time.valid(), shown(time) + " is not valid");
    }
    for (const WallTime &time : kInvalid) {
        checks.that(!time.valid(), shown(time) + " is valid");
    }
}

void timestamps_count_from_2000(Checks &checks)
{
    constexpr std::int64_t kSecond = 1000000;
    constexpr std::int64_t kDay = 86400 * kSecond;
    const std::pair<WallTime, std::int64_t> kStamps[] = {
        {{2000, 1, 1, 0, 0, 0}, 0},
        {{2000, 1, 1, 7, 14, 29}, (7 * 3600 + 14 * 60 + 29) * kSecond},
        {{1999, 12, 31, 23, 59, 59}, -kSecond},
        {{2000, 3, 1, 0, 0, 0}, 60 * kDay},
        {{2026, 9, 29, 20, 0, 0}, 844027200 * kSecond},
        {{1, 1, 1, 0, 0, 0}, -730119 * kDay},
    };
    for (const auto &[time, stamp] : kStamps) {
        checks.equal(std::to_string(time.year), time.since_2000_us(), stamp);
        checks.that(WallTime::from_since_2000_us(stamp) == time, "and back");
    }
}

void failures_carry_a_code_and_a_sentence(Checks &checks)
{
    const Result<int> result = failure(ErrorCode::refused, "no");
    checks.that(!result && result.error().code == ErrorCode::refused, "code");
    checks.equal("text", result ? "" : result.error().text, "no");
}

} // namespace

int main()
{
    const CMUnitTest tests[] = {
        cmocka_unit_test(test::unit<bytes_and_text_are_views_of_each_other>),
        cmocka_unit_test(test::unit<integers_are_little_endian>),
        cmocka_unit_test(test::unit<ascii_case_is_ignored_and_nothing_else>),
        cmocka_unit_test(test::unit<integers_fill_their_text>),
        cmocka_unit_test(test::unit<dates_follow_the_calendar>),
        cmocka_unit_test(test::unit<timestamps_count_from_2000>),
        cmocka_unit_test(test::unit<failures_carry_a_code_and_a_sentence>),
    };
    return cmocka_run_group_tests_name("base", tests, nullptr, nullptr);
}
