#include "tally.hpp"

#include "json_build.hpp"
#include "printable.hpp"

#include <array>
#include <cstdio>

namespace wac::sim
{

void count(Tally &tally, std::string_view name)
{
    constexpr std::size_t kMostNames = 100;
    constexpr std::size_t kLongestName = 64;
    name = name.substr(0, kLongestName);
    const auto known = tally.find(name);
    if (known != tally.end()) {
        ++known->second;
    } else {
        ++tally[std::string(tally.size() < kMostNames ? name : "other")];
    }
}

std::string text_of(double value, int decimals)
{
    std::array<char, 64> text{};
    std::snprintf(text.data(), text.size(), "%.*f", decimals, value);
    return text.data();
}

std::string text_of(const Tally &tally)
{
    std::string text;
    for (const auto &[name, times] : tally) {
        text += (text.empty() ? "" : ", ") + printable(name) + ' ' +
                std::to_string(times);
    }
    return text.empty() ? "none" : text;
}

std::string text_of(const Latency &latency)
{
    if (latency.count() == 0) {
        return "none";
    }
    return "p50 " + text_of(latency.percentile_ms(0.5), 1) + " ms, p95 " +
           text_of(latency.percentile_ms(0.95), 1) + " ms, max " +
           text_of(latency.max_ms(), 1) + " ms";
}

Json json_of(const Tally &tally)
{
    Json object(json_object());
    for (const auto &[name, times] : tally) {
        set(object, printable(name).c_str(),
            Json(json_integer(static_cast<json_int_t>(times))));
    }
    return object;
}

Json json_of(const Latency &latency)
{
    Json object(json_object());
    set(object, "p50", Json(json_real(latency.percentile_ms(0.5))));
    set(object, "p95", Json(json_real(latency.percentile_ms(0.95))));
    set(object, "max", Json(json_real(latency.max_ms())));
    return object;
}

std::uint64_t total(const Tally &tally)
{
    std::uint64_t sum = 0;
    for (const auto &[name, times] : tally) {
        sum += times;
    }
    return sum;
}

} // namespace wac::sim
