#include "summary.hpp"

#include "json_build.hpp"

#include <algorithm>

namespace wac::sim
{

Summary::Summary(double seconds, bool complete) : object_(json_object())
{
    line("time", text_of(seconds, 1) + " s");
    set(object_, "complete", Json(json_boolean(complete)));
    set(object_, "seconds", Json(json_real(seconds)));
}

void Summary::number(const char *key, std::uint64_t value)
{
    std::string label = key;
    std::replace(label.begin(), label.end(), '_', ' ');
    line(std::move(label), std::to_string(value));
    set(object_, key, Json(json_integer(static_cast<json_int_t>(value))));
}

void Summary::tally(const char *key, const char *label, const Tally &tally)
{
    line(label, text_of(tally));
    set(object_, key, json_of(tally));
}

void Summary::latency(const char *key, const char *label,
                      const Latency &latency)
{
    line(label, text_of(latency));
    set(object_, key, json_of(latency));
}

void Summary::line(std::string label, const std::string &value)
{
    constexpr std::size_t kWidth = 18;
    label.resize(std::max(kWidth, label.size() + 1), ' ');
    text_ += label + value + '\n';
}

} // namespace wac::sim
