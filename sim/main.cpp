// wac-sim, terminals without hardware: one subcommand a dialect. Reads the
// whole line first, then runs. Exit 0: it ran to its end and everything was
// acknowledged, 1: not so, 2: the line makes no sense.
#include "cloud_command_line.hpp"
#include "command_line.hpp"
#include "fk_command_line.hpp"
#include "printable.hpp"
#include "type_command_line.hpp"
#include "xml_command_line.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>

namespace
{

using namespace wac;
using namespace wac::sim;

enum Exit { exit_done = 0, exit_failed = 1, exit_usage = 2 };

void report(const std::string &text)
{
    std::fflush(stdout); // in the order in which things happened
    std::fprintf(stderr, "wac-sim: %s\n", printable(text).c_str());
}

void set_up(CLI::App &program, CommandLine &line)
{
    program.name("wac-sim");
    program.description("Simulated attendance terminals, to try a server "
                        "without hardware and to load it.");
    program.set_version_flag("--version", "wac-sim " WAC_VERSION);
    program.require_subcommand(1);
    add_fk_command(program, line);
    add_cloud_command(program, line);
    add_type_command(program, line);
    add_xml_command(program, line);
}

/** Of a misspelt command, CLI11 only says that one is missing. */
std::string reason(const CLI::App &program, const CLI::ParseError &error)
{
    const auto extra = program.remaining(true);
    if (dynamic_cast<const CLI::RequiredError *>(&error) && !extra.empty()) {
        const bool option = extra.front().starts_with("-");
        return std::string("unknown ") + (option ? "option" : "command") +
               " \"" + extra.front() + "\"";
    }
    return error.what();
}

int usage_error(const CLI::App &program, const std::string &why)
{
    std::string command = program.get_name();
    for (const CLI::App *chosen : program.get_subcommands()) {
        command += " " + chosen->get_name();
    }
    report("usage: " + why);
    std::fprintf(stderr, "Try \"%s --help\".\n", command.c_str());
    return exit_usage;
}

int guarded_main(int argc, char **argv)
{
    CommandLine line;
    CLI::App program;
    set_up(program, line);
    try {
        program.parse(argc, argv);
    } catch (const CLI::Success &request) { // --help, --version
        return program.exit(request);
    } catch (const CLI::ParseError &error) {
        return usage_error(program, reason(program, error));
    }
    const auto outcome = line.action();
    if (!outcome && outcome.error().code == ErrorCode::misused) {
        return usage_error(program, outcome.error().text);
    }
    if (!outcome) {
        report(outcome.error().text);
        return exit_failed;
    }
    if (std::fflush(stdout) != 0 || std::ferror(stdout)) {
        report(std::string("standard output: ") + std::strerror(errno));
        return exit_failed;
    }
    return *outcome == Outcome::done ? exit_done : exit_failed;
}

} // namespace

int main(int argc, char **argv)
{
    try {
        return guarded_main(argc, argv);
    } catch (const std::exception &error) { // exhaustion, broken invariants
        report(std::string("gave up: ") + error.what());
        return exit_failed;
    }
}
