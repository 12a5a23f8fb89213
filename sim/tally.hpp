// Counts by name, and how they and latencies are shown to people and
// programs.
#pragma once

#include "codec/json.hpp"
#include "latency.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace wac::sim
{

/** How often something with a name happened. Names come from the peer:
 *  beyond the hundredth, all are "other". */
using Tally = std::map<std::string, std::uint64_t, std::less<>>;
void count(Tally &tally, std::string_view name);
std::uint64_t total(const Tally &tally);

std::string text_of(double value, int decimals);
std::string text_of(const Tally &tally);
std::string text_of(const Latency &latency);

Json json_of(const Tally &tally);
Json json_of(const Latency &latency);

} // namespace wac::sim
