#include "type_command_line.hpp"

#include "base/text.hpp"
#include "fleet_command_line.hpp"
#include "live_fleet.hpp"
#include "type_dashboard.hpp"
#include "type_device.hpp"

#include <cstdio>
#include <memory>

namespace wac::sim
{

namespace
{

constexpr std::uint32_t kMostWaiting = 1000000;
constexpr std::size_t kLongestName = 64;

constexpr std::array<FaultName<LiveFaults>, 2> kFaults{{
    {"close-mid-frame", &LiveFaults::close_mid_frame},
    {"close-unanswered", &LiveFaults::close_unanswered},
}};

void show_line(const std::string &line)
{
    std::puts(line.c_str());
    std::fflush(stdout);
}

// ---- options with an inner form --------------------------------------------

CLI::Validator json_value()
{
    return CLI::Validator(
        [](const std::string &text) -> std::string {
            const Json value(
                json_loadb(text.data(), text.size(), JSON_DECODE_ANY, nullptr));
            return value ? "" : "\"" + text + "\" is not JSON";
        },
        "JSON");
}

/** "DEVICE COMMAND" or "DEVICE COMMAND JSON". */
void take_order(std::vector<TypeOrder> &orders, const std::string &text)
{
    const std::size_t first = text.find(' ');
    const std::size_t second =
        first == text.npos ? text.npos : text.find(' ', first + 1);
    TypeOrder order{
        text.substr(0, first),
        first == text.npos ? "" : text.substr(first + 1, second - first - 1),
        second == text.npos ? "" : text.substr(second + 1)};
    const bool sound =
        order.payload.empty() ||
        Json(json_loadb(order.payload.data(), order.payload.size(),
                        JSON_DECODE_ANY, nullptr));
    if (order.device.empty() || order.command.empty() || !sound) {
        throw CLI::ValidationError(
            "--send", "\"" + text + "\" is not DEVICE COMMAND [JSON]");
    }
    orders.push_back(std::move(order));
}

// ---- groups of options -----------------------------------------------------

struct DeviceRun {
    TypeOptions options;
    std::string tokens_path;
};

void add_device_options(CLI::App &command, DeviceRun &run)
{
    TypeOptions &options = run.options;
    add_url(command, options,
            "Where the devices call: ws:// or unix:/socket[:/path]");
    add_fleet_options(command, options);
    command.add_option("--token", options.token,
                       "Of every device (wac-sim-token-of-SN)");
    command
        .add_option("--tokens", run.tokens_path,
                    "A file with a line for each device: SN TOKEN")
        ->type_name("FILE");
    command
        .add_option("--payload", options.payload,
                    "Of every message (readings that are made up)")
        ->check(json_value());
    add_duration(
        command, "--reconnect",
        "The first pause before a new link (1s); it doubles up to 30 times "
        "that",
        [&options](milliseconds time) { options.reconnect = time; });
    add_live_options(command, options);
    add_faults(command, options.faults, kFaults);
}

void add_run_options(CLI::App &command, TypeOptions &options)
{
    add_duration(command, "--interval",
                 "Between the telemetry of each device (5s)",
                 [&options](milliseconds time) { options.interval = time; });
    command.add_flag_callback(
        "--no-telemetry", [&options] { options.interval.reset(); },
        "Nothing in an interval");
    command
        .add_option("--rate", options.rate,
                    "More messages a second, all devices together: telemetry, "
                    "or with --event events")
        ->check(real_number(1000000))
        ->capture_default_str();
    command
        .add_option("--event", options.event_type,
                    "Messages of --rate and --backlog are events of this type")
        ->type_name("TYPE");
    command
        .add_option("--backlog", options.backlog,
                    "Messages that wait in each device at the start")
        ->check(whole_number(0, kMostWaiting))
        ->capture_default_str();
    command
        .add_option("--count", options.punches,
                    "End when so many messages of --rate (0: the backlog) are "
                    "taken, all devices together")
        ->check(whole_number(0, kAny));
    command
        .add_option("--batch", options.batch,
                    "Messages between two pings, about")
        ->check(whole_number(1, kMostWaiting))
        ->capture_default_str();
    add_answer_options(command, options);
    command.add_flag("--command-done", options.command_done,
                     "Reports each command as an event command_done");
}

void add_dashboard_options(CLI::App &command, DashboardOptions &options)
{
    add_url(command, options,
            "Where the dashboard calls: ws:// or unix:/socket[:/path]");
    command.add_option("--token", options.token, "Of an operator or viewer");
    command
        .add_option("--since", options.since,
                    "First what came after this id or time")
        ->type_name("ID|TIME");
    command.add_option("--device", options.devices_wanted,
                       "Only of these devices; may be given several times");
    command.add_option("--type", options.types_wanted,
                       "Only of these types; may be given several times");
    command
        .add_option_function<std::vector<std::string>>(
            "--send",
            [&options](const auto &list) {
                for (const std::string &text : list) {
                    take_order(options.orders, text);
                }
            },
            "Gives a command, once; may be given several times")
        ->type_name("\"DEVICE COMMAND [JSON]\"");
    command.add_option("--count", options.punches, "End after so many frames")
        ->check(whole_number(1, kAny));
    command
        .add_option("--dashboards", options.devices,
                    "How many; each has its own count")
        ->check(whole_number(1, kMostDevices))
        ->capture_default_str();
    add_duration(command, "--duration", "End after this time",
                 [&options](milliseconds time) { options.duration = time; });
    add_duration(command, "--reconnect", "The pause before a new link (1s)",
                 [&options](milliseconds time) { options.reconnect = time; });
    command.add_flag("--quiet", options.quiet,
                     "Counts frames instead of showing them");
    command.add_flag("--verbose", options.verbose,
                     "A line for every message on standard error");
    command.add_flag("--json", options.json,
                     "Frames as they come, or --quiet's counts as an object");
    add_live_options(command, options);
}

// ---- runs ------------------------------------------------------------------

Result<bool> run_fleet(const LiveOptions &options, TypeStatistics &statistics,
                       const LiveDialect &dialect, double &seconds)
{
    const auto endpoint = live_endpoint(options, "/ws");
    if (!endpoint) {
        return tl::make_unexpected(endpoint.error());
    }
    LiveFleet fleet(options, *endpoint, statistics, dialect);
    auto complete = fleet.run();
    seconds = fleet.seconds();
    return complete;
}

Result<Outcome> run_devices(DeviceRun &run)
{
    TypeOptions &options = run.options;
    const auto checked = check_fleet(options, kLongestName);
    if (!checked) {
        return tl::make_unexpected(checked.error());
    }
    if (!run.tokens_path.empty()) {
        auto tokens = read_tokens(run.tokens_path);
        if (!tokens) {
            return tl::make_unexpected(tokens.error());
        }
        options.tokens = std::move(*tokens);
    }
    if (options.rate <= 0 && options.punches.value_or(0) > 0) {
        return failure(ErrorCode::misused,
                       "--count without --rate: nothing is sent");
    }
    TypeStatistics statistics;
    const LiveDialect dialect{
        [&options, &statistics](const HostClock &, std::string sn,
                                std::uint64_t number, Moment first_call) {
            return std::make_unique<TypeDevice>(
                options, statistics, options.json ? Tell() : show_line,
                std::move(sn), number, first_call);
        },
        "messages"};
    double seconds = 0;
    const auto complete = run_fleet(options, statistics, dialect, seconds);
    if (!complete) {
        return tl::make_unexpected(complete.error());
    }
    const Summary said = summary(statistics, seconds, *complete);
    std::fputs((options.json ? said.json() : said.text()).c_str(), stdout);
    return outcome_of(*complete, statistics);
}

Result<Outcome> run_dashboards(DashboardOptions &options)
{
    options.sn = "DASHBOARD";
    const auto checked = check_fleet(options, kLongestName);
    if (!checked) {
        return tl::make_unexpected(checked.error());
    }
    TypeStatistics statistics;
    const LiveDialect dialect{
        [&options, &statistics](const HostClock &, std::string name,
                                std::uint64_t number, Moment first_call) {
            return std::make_unique<TypeDashboard>(
                options, statistics, options.quiet ? Tell() : show_line,
                std::move(name), number, first_call);
        },
        nullptr};
    double seconds = 0;
    const auto complete = run_fleet(options, statistics, dialect, seconds);
    if (!complete) {
        return tl::make_unexpected(complete.error());
    }
    if (options.quiet) {
        const Summary said = dashboard_summary(statistics, seconds, *complete);
        std::fputs((options.json ? said.json() : said.text()).c_str(), stdout);
    }
    const bool good = *complete && statistics.refused.empty() &&
                      statistics.registered == statistics.devices;
    return good ? Outcome::done : Outcome::failed;
}

// ---- subcommands -----------------------------------------------------------

/** Sends a few messages, and is done when they are taken. */
void add_one_shot(CLI::App &type, CommandLine &line, bool event)
{
    auto *command =
        event ? type.add_subcommand("event", "A device sends an event")
              : type.add_subcommand("telemetry", "A device sends telemetry");
    const auto run = std::make_shared<DeviceRun>();
    TypeOptions &options = run->options;
    if (event) {
        command
            ->add_option("type", options.event_type,
                         "Of the event, such as door_opened")
            ->required();
    }
    options.interval.reset();
    options.backlog = 1;
    options.punches = 0;
    options.duration = std::chrono::seconds(10);
    add_device_options(*command, *run);
    command->add_option("--count", options.backlog, "How many messages")
        ->check(whole_number(1, kMostWaiting))
        ->capture_default_str();
    command->callback(
        [&line, run] { line.action = [run] { return run_devices(*run); }; });
}

void add_run(CLI::App &type, CommandLine &line)
{
    auto *command = type.add_subcommand(
        "run", "Devices that stay, report and take commands");
    auto run = std::make_shared<DeviceRun>();
    add_device_options(*command, *run);
    add_run_options(*command, run->options);
    command->footer(
        "It ends after --duration or --count, or by Ctrl-C. Exit status 0: it "
        "ran to its\nend and every message was taken; 1: not so; 2: wrong "
        "usage.\n\nExample: wac-sim type run --devices 100 --rate 500 --event "
        "door_opened --duration 1m");
    command->callback(
        [&line, run] { line.action = [run] { return run_devices(*run); }; });
}

void add_dashboard(CLI::App &type, CommandLine &line)
{
    auto *command =
        type.add_subcommand("dashboard", "Shows the live feed, a line a frame");
    auto options = std::make_shared<DashboardOptions>();
    add_dashboard_options(*command, *options);
    command->footer("Exit status 0: it was let in and nothing was refused; 1: "
                    "not so; 2: wrong usage.\n\nExample: wac-sim type "
                    "dashboard --token T --device GATE1 --send \"GATE1 "
                    "unlock\"");
    command->callback([&line, options] {
        line.action = [options] { return run_dashboards(*options); };
    });
}

} // namespace

void add_type_command(CLI::App &program, CommandLine &line)
{
    auto *type = program.add_subcommand(
        "type", "Devices and dashboards of the type JSON dialect (WebSocket)");
    type->require_subcommand(1);
    add_one_shot(*type, line, false);
    add_one_shot(*type, line, true);
    add_run(*type, line);
    add_dashboard(*type, line);
}

} // namespace wac::sim
