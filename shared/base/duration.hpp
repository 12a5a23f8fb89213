// Lengths of time as operators write them: 500ms, 30s, 5m, 2h, 7d; seconds
// without a unit.
#pragma once

#include "base/text.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

namespace wac
{

/** 0 to 30 days; nothing for any other text. */
inline std::optional<std::chrono::milliseconds>
parse_duration(std::string_view text) noexcept
{
    struct Unit {
        std::string_view name;
        std::int64_t ms;
    };
    constexpr std::array<Unit, 6> kUnits{{{"ms", 1},
                                          {"s", 1000},
                                          {"m", 60000},
                                          {"h", 3600000},
                                          {"d", 86400000},
                                          {"", 1000}}};
    constexpr std::int64_t kLongest_ms = 30 * 86400000LL;

    const std::size_t digits =
        std::min(text.find_first_not_of("0123456789"), text.size());
    const auto number = parse_integer<std::int64_t>(text.substr(0, digits));
    const auto unit =
        std::find_if(kUnits.begin(), kUnits.end(), [&](const Unit &each) {
            return each.name == text.substr(digits);
        });
    if (!number || unit == kUnits.end() || *number > kLongest_ms / unit->ms) {
        return std::nullopt;
    }
    return std::chrono::milliseconds(*number * unit->ms);
}

} // namespace wac
