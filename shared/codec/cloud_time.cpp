// Times of the cloud dialect (cloud-json.md 2.2, 2.7). What instant a time
// without an offset was is decided in the database.
#include "codec/cloud.hpp"

#include "base/text.hpp"

#include <array>
#include <cstdio>

namespace wac::cloud
{

namespace
{

/** Takes a text apart from its beginning. */
class Cursor
{
  public:
    explicit Cursor(std::string_view rest) : rest_(rest) {}

    bool at_end() const noexcept { return rest_.empty(); }

    bool take(char c) noexcept
    {
        if (rest_.empty() || ascii_lower(rest_.front()) != c) {
            return false;
        }
        rest_.remove_prefix(1);
        return true;
    }

    bool take_blanks() noexcept
    {
        bool taken = false;
        while (take(' ')) {
            taken = true;
        }
        return taken;
    }

    /** So many digits, or as many of them as there are. */
    std::optional<unsigned> take_number(std::size_t least,
                                        std::size_t most) noexcept
    {
        unsigned value = 0;
        std::size_t count = 0;
        while (count < most && next_is_digit()) {
            value = value * 10 + static_cast<unsigned>(rest_.front() - '0');
            rest_.remove_prefix(1);
            ++count;
        }
        return count < least ? std::nullopt : std::optional{value};
    }

    /** Whether there is none, or one of one digit or more. */
    bool skip_fraction() noexcept
    {
        if (!take('.') && !take(',')) {
            return true;
        }
        const bool any = next_is_digit();
        while (next_is_digit()) {
            rest_.remove_prefix(1);
        }
        return any;
    }

  private:
    bool next_is_digit() const noexcept
    {
        return !rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9';
    }

    std::string_view rest_;
};

bool read_date(Cursor &cursor, WallTime &wall) noexcept
{
    const auto year = cursor.take_number(4, 4);
    if (!year || !cursor.take('-')) {
        return false;
    }
    const auto month = cursor.take_number(1, 2);
    if (!month || !cursor.take('-')) {
        return false;
    }
    const auto day = cursor.take_number(1, 2);
    wall.year = static_cast<int>(*year);
    wall.month = *month;
    wall.day = day.value_or(0);
    return day.has_value();
}

bool read_time_of_day(Cursor &cursor, WallTime &wall) noexcept
{
    const auto hour = cursor.take_number(1, 2);
    if (!hour || !cursor.take(':')) {
        return false;
    }
    const auto minute = cursor.take_number(2, 2);
    if (!minute || !cursor.take(':')) {
        return false;
    }
    const auto second = cursor.take_number(2, 2);
    wall.hour = *hour;
    wall.minute = *minute;
    wall.second = second.value_or(0);
    return second.has_value() && cursor.skip_fraction();
}

/** Nothing, "Z", "+hh:mm", "+hhmm" or "+hh", to the end. */
bool read_offset(Cursor &cursor, std::optional<int> &offset_s) noexcept
{
    constexpr unsigned kMostHours = 15; // PostgreSQL's bound
    cursor.take_blanks();
    if (cursor.at_end()) {
        return true;
    }
    if (cursor.take('z')) {
        offset_s = 0;
        return cursor.at_end();
    }
    const bool west = cursor.take('-');
    if (!west && !cursor.take('+')) {
        return false;
    }
    const auto hours = cursor.take_number(2, 2);
    const bool colon = cursor.take(':');
    const bool whole = !colon && cursor.at_end();
    const auto minutes = whole ? std::optional{0U} : cursor.take_number(2, 2);
    if (!hours || !minutes || *hours > kMostHours || *minutes > 59) {
        return false;
    }
    const int seconds = static_cast<int>(*hours * 3600 + *minutes * 60);
    offset_s = west ? -seconds : seconds;
    return cursor.at_end();
}

} // namespace

std::optional<TimeText> parse_time(std::string_view text) noexcept
{
    Cursor cursor(trim(text));
    TimeText time;
    if (!read_date(cursor, time.wall)) {
        return std::nullopt;
    }
    if (cursor.take('t')) {
        time.style = TimeStyle::iso;
    } else if (!cursor.take_blanks()) {
        return std::nullopt;
    }
    if (!read_time_of_day(cursor, time.wall) || !time.wall.valid() ||
        !read_offset(cursor, time.utc_offset_s)) {
        return std::nullopt;
    }
    return time;
}

std::string format_time(const WallTime &time, TimeStyle style)
{
    const bool iso = style == TimeStyle::iso;
    std::array<char, 64> text{};
    const int length = std::snprintf(
        text.data(), text.size(), "%04d-%02u-%02u%c%02u:%02u:%02u%s", time.year,
        time.month, time.day, iso ? 'T' : ' ', time.hour, time.minute,
        time.second, iso ? "Z" : "");
    return {text.data(), static_cast<std::size_t>(length)};
}

} // namespace wac::cloud
