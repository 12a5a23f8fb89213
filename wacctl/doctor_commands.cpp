// What is wrong, in plain words: with the whole system, or with one terminal.
#include "doctor_commands.hpp"

#include "doctor_checks.hpp"
#include "doctor_device.hpp"
#include "json_rows.hpp"
#include "table.hpp"
#include "terminal_text.hpp"

#include <algorithm>
#include <cstdio>

namespace wac::ctl
{

namespace
{

const char *level_name(Level level)
{
    switch (level) {
    case Level::ok:
        return "ok";
    case Level::warning:
        return "warning";
    case Level::problem:
        return "problem";
    }
    return "";
}

void print_findings_json(const Findings &findings, long long problems)
{
    Json checks(json_array());
    for (const Finding &finding : findings) {
        Json check(json_object());
        set_member(check, "level", level_name(finding.level));
        set_member(check, "text", finding.text);
        append(checks, std::move(check));
    }
    Json answer(json_object());
    set_member(answer, "problems", Json(json_integer(problems)));
    set_member(answer, "checks", std::move(checks));
    print_json(answer);
}

void print_findings(const Findings &findings)
{
    for (const Finding &finding : findings) {
        std::printf("%-8s %s\n", level_name(finding.level),
                    escaped(finding.text).c_str());
    }
}

Result<Outcome> examine(const std::string &conninfo, bool json)
{
    const auto findings = examine_system(conninfo);
    if (!findings) {
        return tl::make_unexpected(findings.error());
    }
    const auto problems =
        std::count_if(findings->begin(), findings->end(), [](const Finding &f) {
            return f.level == Level::problem;
        });
    if (json) {
        print_findings_json(*findings, problems);
    } else {
        print_findings(*findings);
    }
    return problems ? Outcome::failed : Outcome::done;
}

Result<Outcome> examine_one(const std::string &conninfo, const std::string &sn,
                            bool json)
{
    auto database = Database::connect(conninfo);
    if (!database) {
        return tl::make_unexpected(database.error());
    }
    return examine_device(*database, sn, json);
}

} // namespace

void add_doctor_command(CLI::App &program, CommandLine &line)
{
    auto *command = program.add_subcommand(
        "doctor", "Find out what is wrong, in general or with one device");
    auto sn = std::make_shared<std::string>();
    command->add_option("SN", *sn,
                        "Tell what came in from this device, what was refused "
                        "and why");
    command->footer("Without SN: checks the database, its settings, the "
                    "schema, rights, and what needs\nattention among the "
                    "devices; exit status 1 if there is a problem.\n\n"
                    "Examples: wacctl doctor\n"
                    "          wacctl doctor HD00123");
    command->callback([&line, sn, command] {
        const bool one = command->get_option("SN")->count() > 0;
        line.action = [&line, sn, one] {
            return one ? examine_one(line.conninfo, *sn, line.json)
                       : examine(line.conninfo, line.json);
        };
    });
}

} // namespace wac::ctl
