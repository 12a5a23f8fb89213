// Lengths of time on the command line: 90s, 15m, 24h, 30d; seconds without a
// letter.
#pragma once

#include <CLI/CLI.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace wac::ctl
{

/** In seconds, 1 to those of so many days; nothing for any other text. */
std::optional<long long> duration_seconds(std::string_view text,
                                          long long most_days = 30);

/** Refuses what duration_seconds() does not take, and says why. */
CLI::Validator duration(long long most_days = 30);

} // namespace wac::ctl
