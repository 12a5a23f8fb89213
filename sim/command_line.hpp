// What the command line chose: a dialect's subcommand leaves here what is to
// be done, and main() does it once the whole line has been read.
#pragma once

#include "base/error.hpp"

#include <CLI/CLI.hpp>
#include <functional>

namespace wac::sim
{

/** What the program ends with; usage errors are main's own. */
enum class Outcome { done, failed };

struct CommandLine {
    /** An Error is for main to report: misused is a usage error. */
    std::function<Result<Outcome>()> action;
};

} // namespace wac::sim
