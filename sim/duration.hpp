// Lengths of time on the command line: 500ms, 30s, 5m, 2h, 7d; seconds
// without a unit.
#pragma once

#include <CLI/CLI.hpp>
#include <chrono>
#include <optional>
#include <string_view>

namespace wac::sim
{

/** 1 ms to 30 days; nothing for any other text. */
std::optional<std::chrono::milliseconds> duration_of(std::string_view text);

/** Refuses what duration_of() does not take. */
CLI::Validator duration();

} // namespace wac::sim
