// A terminal's wall clock: a date and a time of day without a zone, as its
// display shows it. What instant it was is decided in the database, where
// the device's zone is known.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace wac
{

struct WallTime {
    int year = 0;
    unsigned month = 0;
    unsigned day = 0;
    unsigned hour = 0;
    unsigned minute = 0;
    unsigned second = 0;

    /** A date of the calendar, years 1 to 9999, and a time of day. */
    bool valid() const noexcept
    {
        using namespace std::chrono;
        return year >= 1 && year <= 9999 && month <= 12 && day <= 31 &&
               hour < 24 && minute < 60 && second < 60 &&
               year_month_day{std::chrono::year{year},
                              std::chrono::month{month}, std::chrono::day{day}}
                   .ok();
    }

    /** Microseconds since 2000-01-01 00:00:00 of the same clock:
     *  PostgreSQL's binary `timestamp`. Only for a valid time. */
    std::int64_t since_2000_us() const noexcept
    {
        using namespace std::chrono;
        const sys_days date{year_month_day{std::chrono::year{year},
                                           std::chrono::month{month},
                                           std::chrono::day{day}}};
        const sys_days epoch{year_month_day{std::chrono::year{2000},
                                            std::chrono::month{1},
                                            std::chrono::day{1}}};
        const auto days = static_cast<std::int64_t>((date - epoch).count());
        return ((days * 24 + hour) * 3600 + minute * 60 + second) * 1000000;
    }

    /** The inverse, to the second. */
    static WallTime from_since_2000_us(std::int64_t us) noexcept
    {
        using namespace std::chrono;
        const sys_days epoch{year_month_day{std::chrono::year{2000},
                                            std::chrono::month{1},
                                            std::chrono::day{1}}};
        const auto time = epoch + floor<seconds>(microseconds{us});
        const auto date = floor<days>(time);
        const year_month_day ymd{date};
        const hh_mm_ss clock{time - date};
        return {static_cast<int>(ymd.year()),
                static_cast<unsigned>(ymd.month()),
                static_cast<unsigned>(ymd.day()),
                static_cast<unsigned>(clock.hours().count()),
                static_cast<unsigned>(clock.minutes().count()),
                static_cast<unsigned>(clock.seconds().count())};
    }

    bool operator==(const WallTime &) const = default;
};

} // namespace wac
