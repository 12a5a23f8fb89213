// Times and offsets of the XML dialects (biometric-xml.md 2.6, 2.9).
#include "checks.hpp"

#include "codec/xml.hpp"

using namespace wac;
using test::Checks;

namespace
{

void times_padded_or_not(Checks &checks)
{
    struct Sample {
        std::string_view text;
        WallTime wanted;
    };
    for (const auto &[text, wanted] : std::initializer_list<Sample>{
             {"2026-05-12-T09:15:30Z", {2026, 5, 12, 9, 15, 30}},
             {"2026-9-6-T8:5:7Z", {2026, 9, 6, 8, 5, 7}},
             {"2026-9-6-T8:55:20Z", {2026, 9, 6, 8, 55, 20}},
             {"2026-05-12-T09:15:30", {2026, 5, 12, 9, 15, 30}},
             {"2026-05-12T09:15:30", {2026, 5, 12, 9, 15, 30}},
             {"2026-5-1T9:1:3Z", {2026, 5, 1, 9, 1, 3}},
             {"2024-02-29-T23:59:59Z", {2024, 2, 29, 23, 59, 59}},
             {"0001-1-1-T0:0:0Z", {1, 1, 1, 0, 0, 0}}}) {
        const auto time = xml::parse_time(text);
        checks.that(time && *time == wanted, text);
    }
}

void what_is_no_time_of_the_calendar(Checks &checks)
{
    for (const std::string_view text : {"",
                                        "Z",
                                        "2026-02-30-T09:15:30Z",
                                        "2026-13-01-T09:15:30Z",
                                        "2026-00-01-T09:15:30Z",
                                        "2026-01-00-T09:15:30Z",
                                        "0000-01-01-T09:15:30Z",
                                        "2026-05-12-T24:00:00Z",
                                        "2026-05-12-T09:60:00Z",
                                        "2026-05-12-T09:15:60Z",
                                        "2026-05-12-T09:15Z",
                                        "2026-05-12-T09:15:Z",
                                        "2026-05-12",
                                        "2026-05-12-09:15:30Z",
                                        "2026-05-12 09:15:30",
                                        "2026-05-12--T09:15:30Z",
                                        "2026-05-12-T09:15:30ZZ",
                                        "2026-05-12-T09:15:30.5Z",
                                        "2026-05-12-T09:15:30+08:00",
                                        "26-05-12-T09:15:30Z",
                                        "02026-05-12-T09:15:30Z",
                                        "2026-005-12-T09:15:30Z",
                                        "2026-05-012-T09:15:30Z",
                                        "2026-05-12-T009:15:30Z",
                                        "2026-05-12-t09:15:30z",
                                        " 2026-05-12-T09:15:30Z",
                                        "2026-05-12-T09:15:30Z ",
                                        "2026-05-12-T-9:15:30Z",
                                        "2026/05/12-T09:15:30Z",
                                        "-2026-05-12-T09:15:30Z"}) {
        checks.that(!xml::parse_time(text), text);
    }
}

void times_written(Checks &checks)
{
    const WallTime time{2026, 5, 2, 9, 5, 3};
    checks.equal("M", xml::format_time(time), "2026-05-02-T09:05:03Z");
    checks.equal("O", xml::format_iso_time(time), "2026-05-02T09:05:03");
    checks.equal("the first", xml::format_time({1, 1, 1, 0, 0, 0}),
                 "0001-01-01-T00:00:00Z");
}

struct Offset {
    std::string_view text;
    std::optional<int> minutes;
};

void offsets_in_minutes(Checks &checks)
{
    for (const auto &[text, minutes] :
         std::initializer_list<Offset>{{"480", 480},
                                       {"0", 0},
                                       {"-300", -300},
                                       {"4294966996", -300},
                                       {"4294967295", -1},
                                       {"4294966576", -720},
                                       {"4294966575", {}},
                                       {"840", 840},
                                       {"841", {}},
                                       {"-720", -720},
                                       {"-721", {}},
                                       {"99999", {}},
                                       {"4294967296", {}},
                                       {"4294967776", {}},
                                       {"-4294966816", {}},
                                       {"9223372036854775808", {}},
                                       {"", {}},
                                       {"x", {}},
                                       {"480 ", {}},
                                       {"8.5", {}}}) {
        checks.equal(text, xml::parse_offset_minutes(text), minutes);
    }
}

void offsets_in_hours(Checks &checks)
{
    for (const auto &[text, minutes] : std::initializer_list<Offset>{
             {"8", 480},        {"+8", 480},     {"08", 480},
             {"0", 0},          {"-0", 0},       {"-5", -300},
             {"5.5", 330},      {"5.50", 330},   {"5.75", 345},
             {"5.333333", 320}, {"-3.5", -210},  {"5:30", 330},
             {"+05:30", 330},   {"-3:30", -210}, {"-0:30", -30},
             {"14", 840},       {"-12", -720},   {"14:01", {}},
             {"-12:01", {}},    {"15", {}},      {"480", {}},
             {"5:60", {}},      {"5:3", {}},     {"5:300", {}},
             {"5:", {}},        {"5.", {}},      {"5.x", {}},
             {"5.1234567", {}}, {".5", {}},      {"", {}},
             {"-", {}},         {"+-8", {}},     {"GMT+8", {}},
             {"8 ", {}}}) {
        checks.equal(text, xml::parse_gmt(text), minutes);
    }
}

} // namespace

int main()
{
    const CMUnitTest tests[] = {
        cmocka_unit_test(test::unit<times_padded_or_not>),
        cmocka_unit_test(test::unit<what_is_no_time_of_the_calendar>),
        cmocka_unit_test(test::unit<times_written>),
        cmocka_unit_test(test::unit<offsets_in_minutes>),
        cmocka_unit_test(test::unit<offsets_in_hours>),
    };
    return cmocka_run_group_tests_name("xml_time", tests, nullptr, nullptr);
}
