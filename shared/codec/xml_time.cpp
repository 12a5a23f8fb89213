// Times and offsets (biometric-xml.md 2.6, 2.9). What instant a time was is
// decided in the database.
#include "codec/xml.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

namespace wac::xml
{

namespace
{

constexpr int kLeastOffset = -720;
constexpr int kMostOffset = 840;

bool take(std::string_view &rest, char c) noexcept
{
    if (!rest.starts_with(c)) {
        return false;
    }
    rest.remove_prefix(1);
    return true;
}

/** So many digits, or as many of them as there are. */
bool take_number(std::string_view &rest, std::size_t least, std::size_t most,
                 unsigned &value) noexcept
{
    std::size_t count = 0;
    for (value = 0; count < most && count < rest.size(); ++count) {
        const char c = rest[count];
        if (c < '0' || c > '9') {
            break;
        }
        value = value * 10 + static_cast<unsigned>(c - '0');
    }
    rest.remove_prefix(count);
    return count >= least;
}

/** ".5" or ":30", or nothing, to the end, in minutes. */
std::optional<unsigned> minutes_past(std::string_view rest) noexcept
{
    unsigned number = 0;
    if (rest.empty()) {
        return 0;
    }
    if (take(rest, ':')) {
        const bool whole = take_number(rest, 2, 2, number) && rest.empty();
        return whole && number < 60 ? std::optional{number} : std::nullopt;
    }
    if (!take(rest, '.')) {
        return std::nullopt;
    }
    constexpr std::size_t kMostDigits = 6;
    const std::size_t digits = rest.size();
    if (!take_number(rest, 1, kMostDigits, number) || !rest.empty()) {
        return std::nullopt;
    }
    unsigned whole = 1;
    for (std::size_t i = 0; i < digits; ++i) {
        whole *= 10;
    }
    return (number * 60 + whole / 2) / whole;
}

std::optional<int> within_range(std::int64_t minutes) noexcept
{
    if (minutes < kLeastOffset || minutes > kMostOffset) {
        return std::nullopt;
    }
    return static_cast<int>(minutes);
}

std::string format(const char *pattern, const WallTime &time)
{
    std::array<char, 80> text{};
    const int length =
        std::snprintf(text.data(), text.size(), pattern, time.year, time.month,
                      time.day, time.hour, time.minute, time.second);
    return {text.data(), static_cast<std::size_t>(length)};
}

} // namespace

std::optional<WallTime> parse_time(std::string_view text) noexcept
{
    WallTime time;
    unsigned year = 0;
    const bool date = take_number(text, 4, 4, year) && take(text, '-') &&
                      take_number(text, 1, 2, time.month) && take(text, '-') &&
                      take_number(text, 1, 2, time.day);
    take(text, '-');
    const bool clock = take(text, 'T') && take_number(text, 1, 2, time.hour) &&
                       take(text, ':') &&
                       take_number(text, 1, 2, time.minute) &&
                       take(text, ':') && take_number(text, 1, 2, time.second);
    take(text, 'Z');
    time.year = static_cast<int>(year);
    if (!date || !clock || !text.empty() || !time.valid()) {
        return std::nullopt;
    }
    return time;
}

std::string format_time(const WallTime &time)
{
    return format("%04d-%02u-%02u-T%02u:%02u:%02uZ", time);
}

std::string format_iso_time(const WallTime &time)
{
    return format("%04d-%02u-%02uT%02u:%02u:%02u", time);
}

std::optional<int> parse_offset_minutes(std::string_view text) noexcept
{
    constexpr std::int64_t kWrap = std::int64_t{1} << 32;
    const auto minutes = parse_integer<std::int64_t>(text);
    if (!minutes) {
        return std::nullopt;
    }
    const bool wrapped = *minutes >= kWrap / 2 && *minutes < kWrap;
    return within_range(wrapped ? *minutes - kWrap : *minutes);
}

std::optional<int> parse_gmt(std::string_view text) noexcept
{
    const bool west = take(text, '-');
    if (!west) {
        take(text, '+');
    }
    unsigned hours = 0;
    if (!take_number(text, 1, 2, hours)) {
        return std::nullopt;
    }
    const auto past = minutes_past(text);
    if (!past) {
        return std::nullopt;
    }
    const auto minutes = static_cast<int>(hours * 60 + *past);
    return within_range(west ? -minutes : minutes);
}

} // namespace wac::xml
