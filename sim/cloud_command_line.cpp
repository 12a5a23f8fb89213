#include "cloud_command_line.hpp"

#include "base/text.hpp"
#include "cloud_device.hpp"
#include "fleet_command_line.hpp"
#include "live_fleet.hpp"

#include <cstdio>
#include <memory>

namespace wac::sim
{

namespace
{

constexpr std::uint32_t kMostBatch = 10000;
constexpr std::int64_t kLargestPhoto = 4 << 20;

constexpr std::array<FaultName<LiveFaults>, 3> kFaults{{
    {"close-mid-frame", &LiveFaults::close_mid_frame},
    {"resend-punch", &LiveFaults::resend_punch},
    {"close-unanswered", &LiveFaults::close_unanswered},
}};

/** "opendoor=1" */
void take_error(std::map<std::string, int> &errors, const std::string &text)
{
    const std::size_t sign = std::min(text.find('='), text.size());
    const auto reason = parse_integer<int>(
        std::string_view(text).substr(std::min(sign + 1, text.size())));
    if (sign == 0 || !reason) {
        throw CLI::ValidationError("--error",
                                   "\"" + text + "\" is not COMMAND=REASON");
    }
    errors[text.substr(0, sign)] = *reason;
}

// ---- groups of options -----------------------------------------------------

void add_terminal_options(CLI::App &command, CloudOptions &options)
{
    add_url(command, options,
            "Where the terminals call: ws://, http:// (CloudSolution 3.0) or "
            "unix:/socket[:/path]");
    command
        .add_option_function<std::string>(
            "--family",
            [&options](const auto &text) {
                options.family = text == "th"   ? CloudFamily::th
                                 : text == "ai" ? CloudFamily::ai
                                                : CloudFamily::bs;
            },
            "Firmware: th (with cpusn), ai or bs")
        ->check(CLI::IsMember({"th", "ai", "bs"}));
    add_fleet_options(command, options);
    add_duration(command, "--interval",
                 "Between checklives (10s over HTTP, none over WebSocket)",
                 [&options](milliseconds time) { options.interval = time; });
    command
        .add_option("--punches", options.punches,
                    "End when so many new punches (0: the backlog) are "
                    "acknowledged, all terminals together")
        ->check(whole_number(0, kAny));
}

void add_content_options(CLI::App &command, CloudOptions &options)
{
    add_people_options(command, options, CloudLogs::kCapacity,
                       CloudLogs::kCapacity);
    command
        .add_option("--batch", options.batch, "Punches of one sendlog, at most")
        ->check(whole_number(1, kMostBatch))
        ->capture_default_str();
    command
        .add_option("--photo", options.photo,
                    "Punches have a JPEG of about so many bytes")
        ->check(whole_number(0, kLargestPhoto));
    command.add_flag("--send-users", options.send_users,
                     "Each terminal sends its people, once");
}

void add_manner_options(CLI::App &command, CloudOptions &options)
{
    add_live_options(command, options);
    command.add_flag_callback(
        "--realistic", [&options] { options.timing = kRealTiming; },
        "With the pauses of real terminals: 2 s to the reg, 20 s to a resend");
    add_duration(command, "--reboot-time", "How long a reboot takes (1s)",
                 [&options](milliseconds time) { options.reboot_time = time; });
    add_faults(command, options.faults, kFaults);
    command
        .add_option("--storm", options.storm,
                    "Sends so many copies of every sendlog and senduser, "
                    "whatever is answered")
        ->check(whole_number(0, 1000000));
    add_answer_options(command, options);
    command.add_flag("--answer-as-cmd", options.answer_as_cmd,
                     "Answers to commands have cmd instead of ret");
    add_errors(command, "COMMAND=REASON", [&options](const auto &text) {
        take_error(options.errors, text);
    });
}

// ---- the run ---------------------------------------------------------------

Result<Outcome> run(CloudOptions &options)
{
    constexpr std::size_t kLongestName = 32;
    options.http = options.url.starts_with("http");
    if (options.rate <= 0 && options.punches.value_or(0) > 0) {
        return failure(ErrorCode::misused,
                       "--punches without --rate: nobody punches");
    }
    const auto checked = check_fleet(options, kLongestName);
    if (!checked) {
        return tl::make_unexpected(checked.error());
    }
    const auto endpoint =
        live_endpoint(options, options.http ? "/api/device-http" : "/ws");
    if (!endpoint) {
        return tl::make_unexpected(endpoint.error());
    }
    CloudStatistics statistics;
    const LiveDialect dialect{
        [&options, &statistics](const HostClock &clock, std::string sn,
                                std::uint64_t number, Moment first_call) {
            return std::make_unique<CloudDevice>(
                options, clock, statistics, std::move(sn), number, first_call);
        },
        "punches"};
    LiveFleet fleet(options, *endpoint, statistics, dialect);
    const auto complete = fleet.run();
    if (!complete) {
        return tl::make_unexpected(complete.error());
    }
    const Summary said = summary(statistics, fleet.seconds(), *complete);
    std::fputs((options.json ? said.json() : said.text()).c_str(), stdout);
    return outcome_of(*complete, statistics);
}

} // namespace

void add_cloud_command(CLI::App &program, CommandLine &line)
{
    auto *command = program.add_subcommand(
        "cloud", "Terminals of the cmd/ret JSON dialect (WebSocket or HTTP)");
    auto options = std::make_shared<CloudOptions>();
    add_terminal_options(*command, *options);
    add_content_options(*command, *options);
    add_manner_options(*command, *options);
    command->footer("It ends after --duration or --punches, or by Ctrl-C. "
                    "Exit status 0: it ran to its\nend and every punch was "
                    "acknowledged; 1: not so; 2: wrong usage.\n\n"
                    "Example: wac-sim cloud --devices 100 --rate 50 "
                    "--duration 1m");
    command->callback([&line, options] {
        line.action = [options] { return run(*options); };
    });
}

} // namespace wac::sim
