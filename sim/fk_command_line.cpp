#include "fk_command_line.hpp"

#include "base/text.hpp"
#include "codec/fk_data_lib.hpp"
#include "fk_fleet.hpp"
#include "fk_statistics.hpp"
#include "fleet_command_line.hpp"

#include <cstdio>
#include <memory>

namespace wac::sim
{

namespace
{

constexpr std::size_t kLargestBlock = 16U << 20;

constexpr std::array<FaultName<FkFaults>, 7> kFaults{{
    {"close-mid-body", &FkFaults::close_mid_body},
    {"slow", &FkFaults::slow},
    {"repeat-part", &FkFaults::repeat_part},
    {"skip-part", &FkFaults::skip_part},
    {"resend-punch", &FkFaults::resend_punch},
    {"two-polls", &FkFaults::two_polls},
    {"foreign-result", &FkFaults::foreign_result},
}};

// ---- options with an inner form --------------------------------------------

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

// ---- groups of options -----------------------------------------------------

void add_terminal_options(CLI::App &command, FkOptions &options)
{
    command.add_option("--url", options.url, "Where the terminals call")
        ->capture_default_str();
    add_fleet_options(command, options);
    add_duration(command, "--interval",
                 "Between polls when nothing happens (10s)",
                 [&options](milliseconds time) { options.interval = time; });
    command
        .add_option("--polls", options.polls,
                    "End each terminal after so many polls")
        ->check(whole_number(1, kAny))
        ->excludes("--duration");
    add_people_options(command, options, FkLogs::kCapacity,
                       10 * std::int64_t{kMostUsers});
    command.add_flag("--image", options.dialect.image,
                     "Punches have a small JPEG");
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
    add_faults(command, options.faults, kFaults);
    add_answer_options(command, options);
    add_errors(command, "COMMAND=TEXT", [&options](const auto &text) {
        take_error(options.errors, text);
    });
}

// ---- the run ---------------------------------------------------------------

Result<Outcome> run(const FkOptions &options)
{
    constexpr std::size_t kLongestName = 32;
    const auto checked = check_fleet(options, kLongestName,
                                     options.faults.two_polls > 0 ? 2 : 1);
    if (!checked) {
        return tl::make_unexpected(checked.error());
    }
    const auto endpoint = find_endpoint(options.url);
    if (!endpoint) {
        return tl::make_unexpected(endpoint.error());
    }
    FkStatistics statistics;
    FkFleet fleet(options, *endpoint, statistics);
    const auto complete = fleet.run();
    if (!complete) {
        return tl::make_unexpected(complete.error());
    }
    const std::string text =
        options.json
            ? json_text(
                  summary_json(statistics, fleet.seconds(), *complete).get()) +
                  '\n'
            : summary(statistics, fleet.seconds());
    std::fputs(text.c_str(), stdout);
    return outcome_of(*complete, statistics);
}

} // namespace

void add_fk_command(CLI::App &program, CommandLine &line)
{
    auto *command = program.add_subcommand(
        "fk", "Terminals of the FK family (request_code over HTTP)");
    auto options = std::make_shared<FkOptions>();
    add_terminal_options(*command, *options);
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
