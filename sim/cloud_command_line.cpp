#include "cloud_command_line.hpp"

#include "base/text.hpp"
#include "cloud_fleet.hpp"
#include "option_values.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <limits>
#include <memory>

namespace wac::sim
{

namespace
{

constexpr std::uint32_t kMostDevices = 100000;
constexpr std::uint32_t kMostUsers = 1000000;
constexpr std::uint32_t kMostBatch = 10000;
constexpr std::int64_t kLargestPhoto = 4 << 20;
constexpr std::int64_t kAny = std::numeric_limits<std::int64_t>::max();

// ---- options with an inner form --------------------------------------------

struct FaultName {
    std::string_view name;
    double CloudFaults::*probability;
};

constexpr std::array<FaultName, 3> kFaultNames{{
    {"close-mid-frame", &CloudFaults::close_mid_frame},
    {"resend-punch", &CloudFaults::resend_punch},
    {"close-unanswered", &CloudFaults::close_unanswered},
}};

void take_fault(CloudFaults &faults, const std::string &text)
{
    const std::size_t sign = std::min(text.find('='), text.size());
    const auto known =
        std::find_if(kFaultNames.begin(), kFaultNames.end(),
                     [name = std::string_view(text).substr(0, sign)](
                         const FaultName &each) { return each.name == name; });
    const auto probability =
        real_of(sign < text.size() ? text.substr(sign + 1) : "");
    if (known == kFaultNames.end() || !probability || *probability < 0 ||
        *probability > 1) {
        throw CLI::ValidationError("--fault",
                                   "\"" + text +
                                       "\" is not a fault's name with a "
                                       "probability from 0 to 1");
    }
    faults.*known->probability = *probability;
}

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

void take_header(std::vector<std::string> &headers, const std::string &text)
{
    const bool clean = std::all_of(text.begin(), text.end(),
                                   [](char c) { return c >= ' ' && c <= '~'; });
    const std::size_t colon = text.find(": ");
    if (!clean || colon == 0 || colon == text.npos || text.find(' ') < colon) {
        throw CLI::ValidationError("--header",
                                   "\"" + text + "\" is not NAME: VALUE");
    }
    headers.push_back(text);
}

// ---- groups of options -----------------------------------------------------

void add_fleet_options(CLI::App &command, CloudOptions &options)
{
    command
        .add_option("url,--url", options.url,
                    "Where the terminals call: ws://, http:// (CloudSolution "
                    "3.0) or unix:/socket[:/path]")
        ->capture_default_str();
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
    command
        .add_option("--sn", options.sn,
                    "Serial number; with several devices, what theirs begin "
                    "with")
        ->capture_default_str();
    command.add_option("--devices", options.devices, "How many terminals")
        ->check(whole_number(1, kMostDevices))
        ->capture_default_str();
    command
        .add_option("--ramp", options.ramp,
                    "How many of them start in a second")
        ->check(whole_number(1, kMostDevices))
        ->capture_default_str();
    add_duration(command, "--interval",
                 "Between checklives (10s over HTTP, none over WebSocket)",
                 [&options](milliseconds time) { options.interval = time; });
    add_duration(
        command, "--duration",
        "End after this time; what waits is still sent, for 10 s at most",
        [&options](milliseconds time) { options.duration = time; });
    command
        .add_option("--punches", options.punches,
                    "End when so many new punches (0: the backlog) are "
                    "acknowledged, all terminals together")
        ->check(whole_number(0, kAny));
    command
        .add_option("--seed", options.seed,
                    "Of all chance: the same seed, the same faults")
        ->check(whole_number(0, kAny))
        ->capture_default_str();
    command.add_flag("--verbose", options.verbose,
                     "A line for every frame on standard error");
    command.add_flag("--json", options.json,
                     "At the end one JSON object, and nothing before");
}

void add_content_options(CLI::App &command, CloudOptions &options)
{
    command
        .add_option("--rate", options.rate,
                    "New punches a second, all terminals together")
        ->check(real_number(1000000))
        ->capture_default_str();
    command
        .add_option("--batch", options.batch, "Punches of one sendlog, at most")
        ->check(whole_number(1, kMostBatch))
        ->capture_default_str();
    command
        .add_option("--backlog", options.backlog,
                    "Punches that wait in each terminal at the start")
        ->check(whole_number(0, CloudLogs::kCapacity))
        ->capture_default_str();
    command
        .add_option("--users", options.users,
                    "People in each terminal, with ids from 1")
        ->check(whole_number(0, kMostUsers))
        ->capture_default_str();
    command
        .add_option("--logs", options.logs,
                    "Old punches in each terminal's log, as sent before")
        ->check(whole_number(0, CloudLogs::kCapacity))
        ->capture_default_str();
    command
        .add_option("--photo", options.photo,
                    "Punches have a JPEG of about so many bytes")
        ->check(whole_number(0, kLargestPhoto));
    command.add_flag("--send-users", options.send_users,
                     "Each terminal sends its people, once");
    command
        .add_option("--clock-offset", options.clock_offset_s,
                    "Seconds that the terminals' clocks are fast, until the "
                    "server sets them")
        ->check(whole_number(-800000000, 800000000));
}

void add_manner_options(CLI::App &command, CloudOptions &options)
{
    command.add_flag_callback(
        "--realistic", [&options] { options.timing = kRealTiming; },
        "With the pauses of real terminals: 2 s to the reg, 20 s to a resend");
    add_duration(command, "--reboot-time", "How long a reboot takes (1s)",
                 [&options](milliseconds time) { options.reboot_time = time; });
    command
        .add_option_function<std::vector<std::string>>(
            "--header",
            [&options](const auto &list) {
                for (const std::string &text : list) {
                    take_header(options.manner.headers, text);
                }
            },
            "Of every request; may be given several times")
        ->type_name("NAME: VALUE");
    command.add_flag("--binary", options.manner.binary,
                     "JSON in binary frames");
    command
        .add_option("--fragment", options.manner.fragment,
                    "Bytes of a frame; a message has as many as it needs")
        ->check(whole_number(1, kAny));
    command.add_flag_callback(
        "--no-pong", [&options] { options.manner.pongs = false; },
        "Pings are not answered");
}

void add_fault_options(CLI::App &command, CloudOptions &options)
{
    command
        .add_option_function<std::vector<std::string>>(
            "--fault",
            [&options](const auto &list) {
                for (const std::string &text : list) {
                    take_fault(options.faults, text);
                }
            },
            "Probabilities of close-mid-frame, resend-punch, close-unanswered")
        ->delimiter(',')
        ->type_name("NAME=P,...");
    command
        .add_option("--storm", options.storm,
                    "Sends so many copies of every sendlog and senduser, "
                    "whatever is answered")
        ->check(whole_number(0, 1000000));
    add_duration(
        command, "--silent-after",
        "From then on terminals neither send nor read, with their links open",
        [&options](milliseconds time) { options.silent_after = time; });
    add_duration(
        command, "--answer-delay", "How long a command takes",
        [&options](milliseconds time) { options.answer_delay = time; });
    command.add_flag("--answer-as-cmd", options.answer_as_cmd,
                     "Answers to commands have cmd instead of ret");
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
        ->type_name("COMMAND=REASON");
}

// ---- the run ---------------------------------------------------------------

Result<void> check(const CloudOptions &options)
{
    constexpr std::size_t kLongestName = 32;
    const std::string longest =
        options.sn +
        (options.devices > 1 ? std::to_string(options.devices) : "");
    const bool named =
        !longest.empty() && longest.size() <= kLongestName &&
        std::all_of(longest.begin(), longest.end(), [](char c) {
            return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
                   (c >= 'a' && c <= 'z') || c == '_' || c == '-';
        });
    if (!named) {
        return failure(ErrorCode::misused,
                       "--sn: \"" + longest +
                           "\" is not 1 to 32 letters, digits, _ or -");
    }
    if (options.users == 0 && (options.backlog > 0 || options.rate > 0)) {
        return failure(ErrorCode::misused,
                       "--users 0: there is nobody to punch");
    }
    if (options.rate <= 0 && options.punches.value_or(0) > 0) {
        return failure(ErrorCode::misused,
                       "--punches without --rate: nobody punches");
    }
    return raise_descriptor_limit(options.devices);
}

/** What a URL without a path calls. */
Result<Endpoint> endpoint_of(const CloudOptions &options)
{
    const std::string &url = options.url;
    const std::string path = options.http ? "/api/device-http" : "/ws";
    if (url.starts_with("unix:")) {
        auto endpoint = unix_endpoint(url);
        if (endpoint && endpoint->target.empty()) {
            endpoint->target = path;
        }
        return endpoint;
    }
    const std::string scheme = options.http ? "http://" : "ws://";
    const bool bare = url.find('/', scheme.size()) == url.npos;
    return find_endpoint(bare ? url + path : url, scheme);
}

Result<Outcome> run(CloudOptions &options)
{
    options.http = options.url.starts_with("http");
    const auto checked = check(options);
    if (!checked) {
        return tl::make_unexpected(checked.error());
    }
    const auto endpoint = endpoint_of(options);
    if (!endpoint) {
        return tl::make_unexpected(endpoint.error());
    }
    CloudFleet fleet(options, *endpoint);
    const auto complete = fleet.run();
    if (!complete) {
        return tl::make_unexpected(complete.error());
    }
    const CloudStatistics &statistics = fleet.statistics();
    const std::string text =
        options.json
            ? json_text(
                  summary_json(statistics, fleet.seconds(), *complete).get()) +
                  '\n'
            : summary(statistics, fleet.seconds());
    std::fputs(text.c_str(), stdout);
    return *complete && statistics.punches_waiting() == 0 ? Outcome::done
                                                          : Outcome::failed;
}

} // namespace

void add_cloud_command(CLI::App &program, CommandLine &line)
{
    auto *command = program.add_subcommand(
        "cloud", "Terminals of the cmd/ret JSON dialect (WebSocket or HTTP)");
    auto options = std::make_shared<CloudOptions>();
    add_fleet_options(*command, *options);
    add_content_options(*command, *options);
    add_manner_options(*command, *options);
    add_fault_options(*command, *options);
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
