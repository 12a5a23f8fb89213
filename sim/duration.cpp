#include "duration.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace wac::sim
{

namespace
{

constexpr std::int64_t kLongest_ms = 30LL * 24 * 3600 * 1000;

struct Unit {
    std::string_view name;
    std::int64_t ms;
};

constexpr std::array<Unit, 5> kUnits{{
    {"ms", 1},
    {"s", 1000},
    {"m", 60000},
    {"h", 3600000},
    {"", 1000},
}};

} // namespace

std::optional<std::chrono::milliseconds> duration_of(std::string_view text)
{
    const std::size_t digits =
        std::min(text.find_first_not_of("0123456789"), text.size());
    const auto number = parse_integer<std::int64_t>(text.substr(0, digits));
    const auto unit =
        std::find_if(kUnits.begin(), kUnits.end(), [&](const Unit &each) {
            return each.name == text.substr(digits);
        });
    if (!number || unit == kUnits.end() || *number < 1 ||
        *number > kLongest_ms / unit->ms) {
        return std::nullopt;
    }
    return std::chrono::milliseconds(*number * unit->ms);
}

CLI::Validator duration()
{
    return CLI::Validator(
        [](const std::string &text) -> std::string {
            return duration_of(text) ? ""
                                     : "\"" + text +
                                           "\" is not a length of time such "
                                           "as 500ms, 30s, 5m or 2h";
        },
        "TIME");
}

} // namespace wac::sim
