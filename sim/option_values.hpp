// What the values of options may be, for all subcommands.
#pragma once

#include "duration.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace wac::sim
{

/** A whole number from `least` to `most`, said without the limits of
 *  double. */
CLI::Validator whole_number(std::int64_t least, std::int64_t most);

/** A finite number; nothing for any other text. */
std::optional<double> real_of(const std::string &text);

/** From 0 to `most`. */
CLI::Validator real_number(double most);

/** An option with a length of time. */
void add_duration(CLI::App &command, const char *name, const char *help,
                  const std::function<void(std::chrono::milliseconds)> &take);

} // namespace wac::sim
