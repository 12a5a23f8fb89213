// wacctl, the operators' command line. Reads the whole line first, then does
// the one thing it asks for. Exit 0: done, 1: refused or failed, 2: the line
// makes no sense.
#include "attendance_commands.hpp"
#include "command_commands.hpp"
#include "command_line.hpp"
#include "device_commands.hpp"
#include "doctor_commands.hpp"
#include "migrate_commands.hpp"
#include "quarantine_commands.hpp"
#include "report.hpp"
#include "tail_commands.hpp"
#include "token_commands.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>

namespace
{

using namespace wac;
using namespace wac::ctl;

enum Exit { exit_done = 0, exit_failed = 1, exit_usage = 2 };

void set_up(CLI::App &program, CommandLine &line)
{
    program.name("wacctl");
    program.description("The operators' command line of wac, the cloud end "
                        "of biometric attendance terminals.");
    program.set_version_flag("--version", "wacctl " WAC_VERSION);
    program
        .add_option("--database", line.conninfo,
                    "PostgreSQL connection string or URI; a password in "
                    "it is seen by others in the list of processes")
        ->envname("WAC_DATABASE_URL")
        ->type_name("CONNINFO");
    program.add_flag("--json", line.json,
                     "JSON output, for programs; may stand anywhere");
    // from here on: what a command does not know belongs to the program
    program.fallthrough();
    program.require_subcommand(1);
    add_migrate_command(program, line);
    add_device_commands(program, line);
    add_command_commands(program, line);
    add_attendance_commands(program, line);
    add_quarantine_commands(program, line);
    add_tail_command(program, line);
    add_token_commands(program, line);
    add_doctor_command(program, line);
    program.footer(
        "Exit status: 0 done, 1 refused or failed, 2 wrong usage.\n"
        "Each command has its own --help.\n\n"
        "Examples:\n"
        "  export WAC_DATABASE_URL=\"host=/run/postgresql dbname=wac\"\n"
        "  wacctl migrate\n"
        "  wacctl device list --state pending\n"
        "  wacctl device approve HD00123\n"
        "  wacctl command send HD00123 get_logs --wait 30s\n"
        "  wacctl doctor HD00123");
}

/** CLI11 quotes what it did not expect; a connection string given without
 *  --database is not to be printed. */
std::string without_conninfo(std::string text, int argc, char **argv)
{
    for (int i = 1; i < argc; ++i) {
        const std::string argument = argv[i];
        if (argument.find("://") == std::string::npos &&
            argument.find("password") == std::string::npos) {
            continue;
        }
        for (auto at = text.find(argument); at != std::string::npos;
             at = text.find(argument)) {
            text.replace(at, argument.size(), "(connection string)");
        }
    }
    return text;
}

/** The commands that were recognised, the program first. */
std::vector<const CLI::App *> chosen(const CLI::App &program)
{
    std::vector<const CLI::App *> path{&program};
    while (!path.back()->get_subcommands().empty()) {
        path.push_back(path.back()->get_subcommands().front());
    }
    return path;
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
    std::string command;
    for (const CLI::App *app : chosen(program)) {
        command += (command.empty() ? "" : " ") + app->get_name();
    }
    report({ErrorCode::misused, "usage: " + why});
    std::fprintf(stderr, "Try \"%s --help\".\n", command.c_str());
    return exit_usage;
}

int run(const CommandLine &line)
{
    const auto outcome = line.action();
    if (!outcome) {
        report(outcome.error());
        return outcome.error().code == ErrorCode::misused ? exit_usage
                                                          : exit_failed;
    }
    if (std::fflush(stdout) != 0 || std::ferror(stdout)) {
        report({ErrorCode::refused,
                std::string("standard output: ") + std::strerror(errno)});
        return exit_failed;
    }
    return *outcome == Outcome::done ? exit_done : exit_failed;
}

int guarded_main(int argc, char **argv)
{
    prepare_terminal_text();
    CommandLine line;
    CLI::App program;
    set_up(program, line);
    try {
        program.parse(argc, argv);
    } catch (const CLI::Success &request) { // --help, --version
        return program.exit(request);
    } catch (const CLI::ParseError &error) {
        return usage_error(
            program, without_conninfo(reason(program, error), argc, argv));
    }
    if (line.needs_database && line.conninfo.empty()) {
        return usage_error(program, "no database: give --database CONNINFO or "
                                    "set WAC_DATABASE_URL");
    }
    return run(line);
}

} // namespace

int main(int argc, char **argv)
{
    try {
        return guarded_main(argc, argv);
    } catch (const std::exception &error) { // exhaustion, broken invariants
        report({ErrorCode::refused, std::string("gave up: ") + error.what()});
        return exit_failed;
    }
}
