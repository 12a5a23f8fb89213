#include "duration.hpp"

#include "base/text.hpp"

#include <algorithm>

namespace wac::ctl
{

namespace
{

constexpr long long kDay = 24LL * 3600;

/** Seconds of a unit; 0 if it is none. */
long long unit_seconds(char unit)
{
    switch (unit) {
    case 's':
        return 1;
    case 'm':
        return 60;
    case 'h':
        return 3600;
    case 'd':
        return kDay;
    default:
        return 0;
    }
}

/** The digits before the unit, and the unit; 0 without digits. */
std::pair<std::string_view, long long> parts_of(std::string_view text)
{
    long long unit = 1;
    if (!text.empty() && unit_seconds(text.back()) > 0) {
        unit = unit_seconds(text.back());
        text.remove_suffix(1);
    }
    const bool digits =
        !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
            return c >= '0' && c <= '9';
        });
    return {text, digits ? unit : 0};
}

std::string refuse_other_than_duration(const std::string &text,
                                       long long most_days)
{
    const auto [digits, unit] = parts_of(text);
    if (unit == 0) {
        return "\"" + text +
               "\" is not a length of time: a whole number with s, m, h or d, "
               "such as 90s or 24h";
    }
    if (digits.find_first_not_of('0') == std::string_view::npos) {
        return "\"" + text + "\" is no time at all: 1s is the least";
    }
    return duration_seconds(text, most_days)
               ? ""
               : "\"" + text + "\" is more than " + std::to_string(most_days) +
                     " days";
}

} // namespace

std::optional<long long> duration_seconds(std::string_view text,
                                          long long most_days)
{
    const auto [digits, unit] = parts_of(text);
    const auto number = parse_integer<long long>(digits);
    if (unit == 0 || !number || *number < 1 ||
        *number > most_days * kDay / unit) {
        return std::nullopt;
    }
    return *number * unit;
}

CLI::Validator duration(long long most_days)
{
    return CLI::Validator(
        [most_days](const std::string &text) {
            return refuse_other_than_duration(text, most_days);
        },
        "TIME");
}

} // namespace wac::ctl
