#include "xml_command_line.hpp"

#include "fleet_command_line.hpp"
#include "live_fleet.hpp"
#include "xml_device.hpp"

#include <cstdio>
#include <filesystem>
#include <memory>

namespace wac::sim
{

namespace
{

constexpr std::int64_t kLargestPhoto = 4 << 20;
constexpr std::uint32_t kMostAdminLogs = 1000000;

constexpr std::array<FaultName<LiveFaults>, 4> kFaults{{
    {"close-mid-frame", &LiveFaults::close_mid_frame},
    {"resend-punch", &LiveFaults::resend_punch},
    {"lose-ack", &LiveFaults::lose_ack},
    {"close-unanswered", &LiveFaults::close_unanswered},
}};

struct XmlRun {
    XmlOptions options;
    std::string token_path; // "": tokens are forgotten with the run
};

/** "SetTime=Fail" */
void take_error(std::map<std::string, std::string> &errors,
                const std::string &text)
{
    const std::size_t sign = text.find('=');
    const bool clean = std::all_of(text.begin(), text.end(),
                                   [](char c) { return c >= ' ' && c <= '~'; });
    if (sign == text.npos || sign == 0 || sign + 1 == text.size() || !clean) {
        throw CLI::ValidationError("--error",
                                   "\"" + text + "\" is not REQUEST=RESULT");
    }
    errors[text.substr(0, sign)] = text.substr(sign + 1);
}

// ---- groups of options -----------------------------------------------------

void add_terminal_options(CLI::App &command, XmlRun &run)
{
    XmlOptions &options = run.options;
    add_url(command, options,
            "Where the terminals call: ws:// or unix:/socket[:/path]");
    command
        .add_option_function<std::string>(
            "--dialect",
            [&options](const auto &text) {
                options.dialect = text == "message" ? xml::Dialect::message
                                                    : xml::Dialect::operation;
            },
            "message (<Message>, with Register and Login) or operation "
            "(<Request><Operation>)")
        ->check(CLI::IsMember({"message", "operation"}));
    add_fleet_options(command, options);
    command.add_option("--cloud-id", options.cloud_id, "What Register says")
        ->capture_default_str();
    command
        .add_option("--token-file", run.token_path,
                    "Keeps the tokens that Register brings: SN TOKEN")
        ->type_name("FILE");
    command
        .add_option("--punches", options.punches,
                    "End when so many new punches (0: the backlog) are "
                    "acknowledged, all terminals together")
        ->check(whole_number(0, kAny));
}

void add_content_options(CLI::App &command, XmlOptions &options)
{
    add_people_options(command, options, CloudLogs::kCapacity,
                       CloudLogs::kCapacity);
    command
        .add_option("--admin-logs", options.admin_logs,
                    "Admin logs that wait in each terminal at the start")
        ->check(whole_number(0, kMostAdminLogs));
    command
        .add_option("--photo", options.photo,
                    "Punches have a JPEG of about so many bytes")
        ->check(whole_number(0, kLargestPhoto));
    command
        .add_option("--utc-offset", options.utc_offset_minutes,
                    "Minutes that logs say their clock is ahead of UTC")
        ->check(whole_number(-720, 840));
    command.add_flag("--old-events", options.old_events,
                     "TimeLog and AdminLog, without TransID");
}

void add_manner_options(CLI::App &command, XmlOptions &options)
{
    add_duration(command, "--keepalive", "Between KeepAlives (30s)",
                 [&options](milliseconds time) { options.keepalive = time; });
    command.add_flag_callback(
        "--no-keepalive", [&options] { options.keepalive.reset(); },
        "None of them");
    add_duration(command, "--reconnect", "The pause before a new link (10s)",
                 [&options](milliseconds time) { options.reconnect = time; });
    add_duration(
        command, "--resend", "To the resend of what is not answered (5s)",
        [&options](milliseconds time) { options.resend_every = time; });
    add_duration(command, "--reboot-time", "How long a reboot takes (1s)",
                 [&options](milliseconds time) { options.reboot_time = time; });
    add_live_options(command, options);
    add_faults(command, options.faults, kFaults);
    add_answer_options(command, options);
    add_errors(command, "REQUEST=RESULT", [&options](const auto &text) {
        take_error(options.errors, text);
    });
}

// ---- the run ---------------------------------------------------------------

/** A file that is not there yet holds none. */
Result<Tokens> kept_tokens(const std::string &path)
{
    if (path.empty() || !std::filesystem::exists(path)) {
        return Tokens{};
    }
    return read_tokens(path);
}

Result<void> check(const XmlOptions &options)
{
    constexpr std::size_t kLongestName = 64;
    if (options.rate <= 0 && options.punches.value_or(0) > 0) {
        return failure(ErrorCode::misused,
                       "--punches without --rate: nobody punches");
    }
    return check_fleet(options, kLongestName);
}

struct Ran {
    bool complete;
    double seconds;
};

Result<Ran> run_fleet(const XmlOptions &options, Tokens &tokens,
                      XmlStatistics &statistics)
{
    const auto endpoint = live_endpoint(options, "/ws");
    if (!endpoint) {
        return tl::make_unexpected(endpoint.error());
    }
    xml::set_up_library();
    xml::Decoder decoder(xml::Sender::server);
    const LiveDialect dialect{
        [&](const HostClock &clock, std::string sn, std::uint64_t number,
            Moment first_call) {
            return std::make_unique<XmlDevice>(
                XmlShared{options, clock, statistics, tokens, decoder},
                std::move(sn), number, first_call);
        },
        "punches"};
    LiveFleet fleet(options, *endpoint, statistics, dialect);
    const auto complete = fleet.run();
    if (!complete) {
        return tl::make_unexpected(complete.error());
    }
    return Ran{*complete, fleet.seconds()};
}

Result<Outcome> run(XmlRun &run)
{
    const XmlOptions &options = run.options;
    const auto checked = check(options);
    if (!checked) {
        return tl::make_unexpected(checked.error());
    }
    auto tokens = kept_tokens(run.token_path);
    if (!tokens) {
        return tl::make_unexpected(tokens.error());
    }
    XmlStatistics statistics;
    const auto ran = run_fleet(options, *tokens, statistics);
    if (!ran) {
        return tl::make_unexpected(ran.error());
    }
    const Summary said = summary(statistics, ran->seconds, ran->complete);
    std::fputs((options.json ? said.json() : said.text()).c_str(), stdout);
    if (!run.token_path.empty()) {
        const auto written = write_tokens(run.token_path, *tokens);
        if (!written) {
            return tl::make_unexpected(written.error());
        }
    }
    const bool all = statistics.admin_logs_acked == statistics.admin_logs_made;
    return all ? outcome_of(ran->complete, statistics) : Outcome::failed;
}

} // namespace

void add_xml_command(CLI::App &program, CommandLine &line)
{
    auto *command = program.add_subcommand(
        "xml", "Terminals of the XML dialects (WebSocket)");
    auto asked = std::make_shared<XmlRun>();
    add_terminal_options(*command, *asked);
    add_content_options(*command, asked->options);
    add_manner_options(*command, asked->options);
    command->footer("It ends after --duration or --punches, or by Ctrl-C. "
                    "Exit status 0: it ran to its\nend and every log was "
                    "acknowledged; 1: not so; 2: wrong usage.\n\n"
                    "Example: wac-sim xml --devices 100 --rate 50 "
                    "--duration 1m");
    command->callback(
        [&line, asked] { line.action = [asked] { return run(*asked); }; });
}

} // namespace wac::sim
