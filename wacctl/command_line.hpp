// What the command line chose. Each <noun>_commands.cpp hangs its commands
// into the parser; a command's callback leaves here what is to be done, and
// main() does it once the whole line has been read, so that options such as
// --json may stand anywhere on it.
#pragma once

#include "base/text.hpp"
#include "database.hpp"

#include <CLI/CLI.hpp>
#include <functional>
#include <memory>
#include <string>

namespace wac::ctl
{

/** What the program ends with; usage errors are main's own. */
enum class Outcome { done, failed };

struct CommandLine {
    std::string conninfo;
    bool json = false;
    bool needs_database = true; // false: the command asks none

    /** The chosen command. It has reported every failure that it expresses
     *  as Outcome::failed; an Error is for main to report. */
    std::function<Result<Outcome>()> action;
};

/** An id or a count: a whole number above zero. CLI11's own check answers
 *  with the limits of double. */
inline CLI::Validator positive_number()
{
    return CLI::Validator(
        [](const std::string &text) -> std::string {
            const auto number = parse_integer<long long>(text);
            return number && *number > 0
                       ? ""
                       : "\"" + text + "\" is not a whole number above 0";
        },
        "NUMBER");
}

/** Makes `work(database)` the action of `command`. */
template <typename Work>
void on_database(CLI::App &command, CommandLine &line, Work work)
{
    command.callback([&line, work] {
        line.action = [&line, work]() -> Result<Outcome> {
            auto database = Database::connect(line.conninfo);
            if (!database) {
                return tl::make_unexpected(database.error());
            }
            return work(*database);
        };
    });
}

} // namespace wac::ctl
