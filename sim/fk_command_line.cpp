#include "fk_command_line.hpp"

#include "base/text.hpp"
#include "codec/fk_data_lib.hpp"
#include "descriptor.hpp"
#include "fk_fleet.hpp"
#include "fk_statistics.hpp"
#include "option_values.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <memory>

namespace wac::sim
{

namespace
{

constexpr std::uint32_t kMostDevices = 100000;
constexpr std::uint32_t kMostUsers = 1000000;
constexpr std::size_t kLargestBlock = 16U << 20;

// ---- options with an inner form ---------------------------------------------

struct FaultName {
    std::string_view name;
    double FkFaults::*probability;
};

constexpr std::array<FaultName, 7> kFaultNames{{
    {"close-mid-body", &FkFaults::close_mid_body},
    {"slow", &FkFaults::slow},
    {"repeat-part", &FkFaults::repeat_part},
    {"skip-part", &FkFaults::skip_part},
    {"resend-punch", &FkFaults::resend_punch},
    {"two-polls", &FkFaults::two_polls},
    {"foreign-result", &FkFaults::foreign_result},
}};

void take_fault(FkFaults &faults, const std::string &text)
{
    const std::size_t sign = std::min(text.find('='), text.size());
    const auto known =
        std::find_if(kFaultNames.begin(), kFaultNames.end(),
                     [name = std::string_view(text).substr(0, sign)](
                         const FaultName &each) { return each.name == name; });
    if (known == kFaultNames.end()) {
        std::string names;
        for (const FaultName &each : kFaultNames) {
            names += (names.empty() ? "" : ", ") + std::string(each.name);
        }
        throw CLI::ValidationError("--fault",
                                   "\"" + text + "\" is none of " + names);
    }
    const auto probability =
        real_of(sign < text.size() ? text.substr(sign + 1) : "");
    if (!probability || *probability < 0 || *probability > 1) {
        throw CLI::ValidationError(
            "--fault", "\"" + text + "\" has no probability from 0 to 1");
    }
    faults.*known->probability = *probability;
}

/** "CODE=ERROR_TEXT"; both stand in headers. */
void take_error(std::map<std::string, std::string> &errors,
                const std::string &text)
{
    constexpr std::size_t kLongest = 64;
    const std::size_t sign = text.find('=');
    const bool clean = std::all_of(text.begin(), text.end(),
                                   [](char c) { return c > ' ' && c <= '~'; });
    if (sign == text.npos || sign == 0 || !clean || sign + 1 == text.size() ||
        text.size() - sign - 1 > kLongest) {
        throw CLI::ValidationError(
            "--error",
            "\"" + text + "\" is not COMMAND=ERROR_TEXT without blanks");
    }
    errors[text.substr(0, sign)] = text.substr(sign + 1);
}

/** "HS103" stands for "FKDataHS103"; other spellings are kept as they are. */
void take_library(FkDialect &dialect, const std::string &text)
{
    dialect.library = text.starts_with("HS") ? "FKData" + text : text;
    if (!fk::log_row_size(dialect.library)) {
        throw CLI::ValidationError(
            "--library", "\"" + text +
                             "\" is none of HS100, HS101, HS102, HS103, "
                             "HS104, HS105, HS200");
    }
}

// ---- groups of options
// -------------------------------------------------------

void add_fleet_options(CLI::App &command, FkOptions &options)
{
    command.add_option("--url", options.url, "Where the terminals call")
        ->capture_default_str();
    command
        .add_option("--sn", options.sn,
                    "Serial number (dev_id); with several devices, what "
                    "theirs begin with")
        ->capture_default_str();
    command.add_option("--devices", options.devices, "How many terminals")
        ->check(whole_number(1, kMostDevices))
        ->capture_default_str();
    add_duration(command, "--interval",
                 "Between polls when nothing happens (10s)",
                 [&options](milliseconds time) { options.interval = time; });
    auto *duration = command.add_option_function<std::string>(
        "--duration",
        [&options](const auto &text) { options.duration = duration_of(text); },
        "End after this time; what waits is still sent, for 10 s at most");
    duration->check(wac::sim::duration());
    command
        .add_option("--polls", options.polls,
                    "End each terminal after so many polls")
        ->check(whole_number(1, std::numeric_limits<std::int64_t>::max()))
        ->excludes(duration);
    command
        .add_option("--seed", options.seed,
                    "Of all chance: the same seed, the same faults")
        ->check(whole_number(0, std::numeric_limits<std::int64_t>::max()))
        ->capture_default_str();
    command.add_flag("--verbose", options.verbose,
                     "A line for every exchange on standard error");
    command.add_flag("--json", options.json,
                     "At the end one JSON object, and nothing before");
}

void add_content_options(CLI::App &command, FkOptions &options)
{
    command
        .add_option("--rate", options.rate,
                    "New punches a second, all terminals together")
        ->check(real_number(1000000))
        ->capture_default_str();
    command
        .add_option("--backlog", options.backlog,
                    "Punches that wait in each terminal at the start")
        ->check(whole_number(0, FkLogs::kCapacity))
        ->capture_default_str();
    command
        .add_option("--users", options.users,
                    "People in each terminal, with ids from 1")
        ->check(whole_number(0, kMostUsers))
        ->capture_default_str();
    command
        .add_option("--logs", options.logs,
                    "Old punches in each terminal's log, as sent before")
        ->check(whole_number(0, 10 * std::int64_t{kMostUsers}))
        ->capture_default_str();
    command.add_flag("--image", options.dialect.image,
                     "Punches have a small JPEG");
    command
        .add_option("--clock-offset", options.clock_offset_s,
                    "Seconds that the terminals' clocks are fast")
        ->check(whole_number(-800000000, 800000000));
}

void add_dialect_options(CLI::App &command, FkOptions &options)
{
    FkDialect &dialect = options.dialect;
    command
        .add_option_function<std::string>(
            "--library",
            [&dialect](const auto &text) { take_library(dialect, text); },
            "fk_bin_data_lib: FKDataHS100 to 105, FKDataHS200 (FKDataHS101)")
        ->type_name("NAME");
    command
        .add_option("--block-size", dialect.block_size,
                    "Bytes of a part of a result")
        ->check(whole_number(1, kLargestBlock))
        ->capture_default_str();
    command
        .add_option_function<std::string>(
            "--task-id-header",
            [&dialect](const auto &text) {
                dialect.task_id_header = text == "cmd_id"
                                             ? fk::TaskIdHeader::cmd_id
                                             : fk::TaskIdHeader::trans_id;
            },
            "How the firmware calls the task id")
        ->check(CLI::IsMember({"trans_id", "cmd_id"}));
    command
        .add_option_function<std::string>(
            "--terminator",
            [&dialect](const auto &text) {
                dialect.terminator = text == "nul"     ? FkTerminator::nul
                                     : text == "lfnul" ? FkTerminator::lf_nul
                                                       : FkTerminator::none;
            },
            "What JSON ends with")
        ->check(CLI::IsMember({"nul", "lfnul", "none"}));
    command.add_flag_callback(
        "--no-blk", [&dialect] { dialect.blocks = false; },
        "No blk_no and blk_len, and results in one piece");
    command.add_flag_callback(
        "--no-second-content-type",
        [&dialect] { dialect.second_content_type = false; },
        "Content-Type only once");
    command.add_flag("--absolute-target", dialect.absolute_target,
                     "POST http://host instead of POST /");
    command.add_flag("--counts-as-strings", dialect.counts_as_strings,
                     "Numbers in JSON as text");
    command.add_flag_callback(
        "--no-log-array", [&dialect] { dialect.log_array = false; },
        "GET_LOG_DATA's result does not name its binary");
}

void add_fault_options(CLI::App &command, FkOptions &options)
{
    command
        .add_option_function<std::vector<std::string>>(
            "--fault",
            [&options](const auto &list) {
                for (const std::string &text : list) {
                    take_fault(options.faults, text);
                }
            },
            "Probabilities of close-mid-body, slow, repeat-part, skip-part, "
            "resend-punch, two-polls, foreign-result")
        ->delimiter(',')
        ->type_name("NAME=P,...");
    add_duration(
        command, "--answer-delay", "How long a command takes",
        [&options](milliseconds time) { options.answer_delay = time; });
    command
        .add_option_function<std::vector<std::string>>(
            "--no-answer",
            [&options](const auto &list) {
                options.no_answer.insert(list.begin(), list.end());
            },
            "Commands that are never answered")
        ->delimiter(',')
        ->type_name("COMMAND,...");
    command
        .add_option_function<std::vector<std::string>>(
            "--error",
            [&options](const auto &list) {
                for (const std::string &text : list) {
                    take_error(options.errors, text);
                }
            },
            "What a command fails with; may be given several times")
        ->type_name("COMMAND=TEXT");
}

// ---- the run
// -----------------------------------------------------------------

Result<void> check(const FkOptions &options)
{
    const std::string longest =
        options.sn +
        (options.devices > 1 ? std::to_string(options.devices) : "");
    if (!fk::valid_dev_id(longest)) {
        return failure(ErrorCode::misused,
                       "--sn: \"" + longest +
                           "\" is not 1 to 32 letters, digits, _ or -");
    }
    if (options.users == 0 && (options.backlog > 0 || options.rate > 0)) {
        return failure(ErrorCode::misused,
                       "--users 0: there is nobody to punch");
    }
    const std::uint64_t lines = options.faults.two_polls > 0 ? 2 : 1;
    return raise_descriptor_limit(options.devices * lines);
}

Result<Outcome> run(const FkOptions &options)
{
    const auto checked = check(options);
    if (!checked) {
        return tl::make_unexpected(checked.error());
    }
    const auto endpoint = find_endpoint(options.url);
    if (!endpoint) {
        return tl::make_unexpected(endpoint.error());
    }
    FkFleet fleet(options, *endpoint);
    const auto complete = fleet.run();
    if (!complete) {
        return tl::make_unexpected(complete.error());
    }
    const FkStatistics &statistics = fleet.statistics();
    const bool all_acknowledged = statistics.punches_waiting() == 0;
    const std::string text =
        options.json
            ? json_text(
                  summary_json(statistics, fleet.seconds(), *complete).get()) +
                  '\n'
            : summary(statistics, fleet.seconds());
    std::fputs(text.c_str(), stdout);
    return *complete && all_acknowledged ? Outcome::done : Outcome::failed;
}

} // namespace

void add_fk_command(CLI::App &program, CommandLine &line)
{
    auto *command = program.add_subcommand(
        "fk", "Terminals of the FK family (request_code over HTTP)");
    auto options = std::make_shared<FkOptions>();
    add_fleet_options(*command, *options);
    add_content_options(*command, *options);
    add_dialect_options(*command, *options);
    add_fault_options(*command, *options);
    command->footer("It ends after --duration or --polls, or by Ctrl-C. Exit "
                    "status 0: it ran to its end\nand every punch was "
                    "acknowledged; 1: not so; 2: wrong usage.\n\n"
                    "Example: wac-sim fk --devices 100 --rate 50 "
                    "--duration 1m");
    command->callback([&line, options] {
        line.action = [options] { return run(*options); };
    });
}

} // namespace wac::sim
