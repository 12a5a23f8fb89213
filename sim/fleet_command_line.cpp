#include "fleet_command_line.hpp"

#include "descriptor.hpp"

namespace wac::sim
{

namespace
{

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

} // namespace

// ---- groups of options -----------------------------------------------------

void add_fleet_options(CLI::App &command, FleetOptions &options)
{
    command
        .add_option("--sn", options.sn,
                    "Serial number; with several devices, what theirs begin "
                    "with")
        ->capture_default_str();
    command.add_option("--devices", options.devices, "How many terminals")
        ->check(whole_number(1, kMostDevices))
        ->capture_default_str();
    add_duration(
        command, "--duration",
        "End after this time; what waits is still sent, for 10 s at most",
        [&options](milliseconds time) { options.duration = time; });
    command
        .add_option("--seed", options.seed,
                    "Of all chance: the same seed, the same faults")
        ->check(whole_number(0, kAny))
        ->capture_default_str();
    command.add_flag("--verbose", options.verbose,
                     "A line for every message on standard error");
    command.add_flag("--json", options.json,
                     "At the end one JSON object, and nothing before");
}

void add_people_options(CLI::App &command, FleetOptions &options,
                        std::int64_t most_logs, std::int64_t most_old_logs)
{
    command
        .add_option("--rate", options.rate,
                    "New punches a second, all terminals together")
        ->check(real_number(1000000))
        ->capture_default_str();
    command
        .add_option("--backlog", options.backlog,
                    "Punches that wait in each terminal at the start")
        ->check(whole_number(0, most_logs))
        ->capture_default_str();
    command
        .add_option("--users", options.users,
                    "People in each terminal, with ids from 1")
        ->check(whole_number(0, kMostUsers))
        ->capture_default_str();
    command
        .add_option("--logs", options.logs,
                    "Old punches in each terminal's log, as sent before")
        ->check(whole_number(0, most_old_logs))
        ->capture_default_str();
    command
        .add_option("--clock-offset", options.clock_offset_s,
                    "Seconds that the terminals' clocks are fast")
        ->check(whole_number(-800000000, 800000000));
}

void add_answer_options(CLI::App &command, FleetOptions &options)
{
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
}

void add_url(CLI::App &command, LiveOptions &options, const char *help)
{
    command.add_option("url,--url", options.url, help)->capture_default_str();
}

void add_live_options(CLI::App &command, LiveOptions &options)
{
    command
        .add_option("--ramp", options.ramp,
                    "How many of them start in a second")
        ->check(whole_number(1, kMostDevices))
        ->capture_default_str();
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
                     "Messages in binary frames");
    command
        .add_option("--fragment", options.manner.fragment,
                    "Bytes of a frame; a message has as many as it needs")
        ->check(whole_number(1, kAny));
    command.add_flag_callback(
        "--no-pong", [&options] { options.manner.pongs = false; },
        "Pings are not answered");
    add_duration(
        command, "--silent-after",
        "From then on terminals neither send nor read, with their links open",
        [&options](milliseconds time) { options.silent_after = time; });
}

// ---- options with an inner form --------------------------------------------

std::optional<std::pair<std::string, double>>
probability_of(const std::string &text)
{
    const std::size_t sign = std::min(text.find('='), text.size());
    const auto probability =
        real_of(sign < text.size() ? text.substr(sign + 1) : "");
    if (!probability || *probability < 0 || *probability > 1) {
        return std::nullopt;
    }
    return std::pair{text.substr(0, sign), *probability};
}

void add_errors(CLI::App &command, const char *form,
                const std::function<void(const std::string &)> &take)
{
    command
        .add_option_function<std::vector<std::string>>(
            "--error",
            [take](const auto &list) {
                std::for_each(list.begin(), list.end(), take);
            },
            "What a command fails with; may be given several times")
        ->type_name(form);
}

// ---- the run ---------------------------------------------------------------

Result<void> check_fleet(const FleetOptions &options, std::size_t longest_name,
                         std::uint64_t lines)
{
    const std::string longest =
        options.sn +
        (options.devices > 1 ? std::to_string(options.devices) : "");
    const bool named =
        !longest.empty() && longest.size() <= longest_name &&
        std::all_of(longest.begin(), longest.end(), [](char c) {
            return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
                   (c >= 'a' && c <= 'z') || c == '_' || c == '-';
        });
    if (!named) {
        return failure(ErrorCode::misused, "--sn: \"" + longest +
                                               "\" is not 1 to " +
                                               std::to_string(longest_name) +
                                               " letters, digits, _ or -");
    }
    if (options.users == 0 && (options.backlog > 0 || options.rate > 0)) {
        return failure(ErrorCode::misused,
                       "--users 0: there is nobody to punch");
    }
    return raise_descriptor_limit(options.devices * lines);
}

Result<Endpoint> live_endpoint(const LiveOptions &options,
                               const std::string &path)
{
    const std::string &url = options.url;
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

} // namespace wac::sim
