// Times of the cloud dialect (cloud-json.md 2.2, 2.7).
#include "checks.hpp"

#include "codec/cloud.hpp"

#include <string>

using namespace wac;
using cloud::TimeStyle;
using test::Checks;

namespace
{

struct Sample {
    std::string_view text;
    std::string_view wall; // as format_time writes it
    TimeStyle style = TimeStyle::blank;
    std::optional<int> utc_offset_s = std::nullopt;
};

void both_styles_with_or_without_an_offset(Checks &checks)
{
    constexpr std::string_view kWall = "2026-03-02 08:00:01";
    constexpr auto iso = TimeStyle::iso;
    const Sample kSamples[] = {
        {"2026-03-02 08:00:01", kWall},
        {" 2026-03-02 08:00:01\r\n", kWall},
        {"2026-3-2 8:00:01", kWall},
        {"2026-03-02   08:00:01", kWall},
        {"2026-03-02T08:00:01", kWall, iso},
        {"2026-03-02t08:00:01z", kWall, iso, 0},
        {"2026-03-02T08:00:01Z", kWall, iso, 0},
        {"2026-03-02T08:00:01.123456789Z", kWall, iso, 0},
        {"2026-03-02 08:00:01.5", kWall},
        {"2026-03-02T08:00:01,5", kWall, iso},
        {"2026-03-02T08:00:01+03:30", kWall, iso, 12600},
        {"2026-03-02T08:00:01-0500", kWall, iso, -18000},
        {"2026-03-02T08:00:01+08", kWall, iso, 28800},
        {"2026-03-02T08:00:01-00:00", kWall, iso, 0},
        {"2026-03-02 08:00:01 +14:00", kWall, TimeStyle::blank, 50400},
        {"2026-03-02 08:00:01Z", kWall, TimeStyle::blank, 0},
        {"2024-02-29 23:59:59", "2024-02-29 23:59:59"},
        {"0001-01-01 00:00:00", "0001-01-01 00:00:00"},
    };
    for (const Sample &sample : kSamples) {
        checks.about(sample.text);
        const auto time = cloud::parse_time(sample.text);
        if (!time) {
            checks.fail("it is no time");
            continue;
        }
        checks.equal("wall", cloud::format_time(time->wall, TimeStyle::blank),
                     sample.wall);
        checks.that(time->style == sample.style, "the style");
        checks.equal("offset", time->utc_offset_s, sample.utc_offset_s);
    }
}

void what_is_no_time_of_the_calendar(Checks &checks)
{
    for (const std::string_view text : {"",
                                        "   ",
                                        "0000-00-00 00:00:00",
                                        "2026-02-29 08:00:00",
                                        "2026-13-01 08:00:00",
                                        "2026-00-01 08:00:00",
                                        "2026-04-31 08:00:00",
                                        "2026-03-02 24:00:00",
                                        "2026-03-02 08:60:00",
                                        "2026-03-02 08:00:60",
                                        "2026-03-02",
                                        "2026-03-02 ",
                                        "2026-03-02 08:00",
                                        "2026-03-02 08:0:01",
                                        "2026-03-02 08:00:1",
                                        "2026-03-0208:00:01",
                                        "2026/03/02 08:00:01",
                                        "26-03-02 08:00:01",
                                        "12026-03-02 08:00:01",
                                        "2026-003-02 08:00:01",
                                        "2026-03-02X08:00:01",
                                        "2026-03-02T 08:00:01",
                                        "2026-03-02 08:00:01.",
                                        "2026-03-02 08:00:01x",
                                        "2026-03-02 08:00:01 PM",
                                        "2026-03-02T08:00:01ZZ",
                                        "2026-03-02T08:00:01+",
                                        "2026-03-02T08:00:01+3",
                                        "2026-03-02T08:00:01+03:",
                                        "2026-03-02T08:00:01+03:3",
                                        "2026-03-02T08:00:01+16:00",
                                        "2026-03-02T08:00:01+03:60",
                                        "2026-03-02T08:00:01+03:30x",
                                        "-2026-03-02 08:00:01",
                                        "20260302080001",
                                        "now"}) {
        checks.that(!cloud::parse_time(text), text);
    }
}

void times_written(Checks &checks)
{
    const WallTime time{2026, 3, 2, 8, 0, 1};
    checks.equal("blank", cloud::format_time(time, TimeStyle::blank),
                 "2026-03-02 08:00:01");
    checks.equal("iso", cloud::format_time(time, TimeStyle::iso),
                 "2026-03-02T08:00:01Z");
    checks.equal("the first", cloud::format_time({1, 1, 1}, TimeStyle::blank),
                 "0001-01-01 00:00:00");
}

} // namespace

int main()
{
    const CMUnitTest tests[] = {
        cmocka_unit_test(test::unit<both_styles_with_or_without_an_offset>),
        cmocka_unit_test(test::unit<what_is_no_time_of_the_calendar>),
        cmocka_unit_test(test::unit<times_written>),
    };
    return cmocka_run_group_tests_name("cloud_time", tests, nullptr, nullptr);
}
