#include "config.hpp"

#include "base/duration.hpp"
#include "base/text.hpp"
#include "base/time_zone.hpp"
#include "config_file.hpp"
#include "daemon_log.hpp"
#include "db/conninfo.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdlib>
#include <functional>
#include <optional>

namespace wac::worker
{

namespace
{

constexpr std::uint64_t kLargestMessage = 64U << 20;
constexpr std::size_t kLargestXml = 4U << 20; // the codec takes no more
constexpr std::uint64_t kMostConnections = 1000000;

// ---- values -----------------------------------------------------------------

/** What is wrong with a value; nothing if it was taken. */
using Fault = std::optional<std::string>;
using Setter = std::function<Fault(const std::string &value)>;

void add(CLI::App &program, const std::string &name, const char *type,
         const char *help, const Setter &set)
{
    program
        .add_option_function<std::string>(
            name,
            [name, set](const std::string &value) {
                if (const Fault fault = set(value)) {
                    throw CLI::ValidationError(name, *fault);
                }
            },
            help)
        ->type_name(type);
}

Setter duration(std::uint64_t &ms, std::uint64_t least_ms)
{
    return [&ms, least_ms](const std::string &value) -> Fault {
        const auto time = parse_duration(value);
        if (!time) {
            return "\"" + value +
                   "\" is not a length of time such as 500ms, 30s, 5m or 2h";
        }
        ms = static_cast<std::uint64_t>(time->count());
        return ms < least_ms
                   ? Fault{"\"" + value + "\" is too short: " +
                           std::to_string(least_ms) + "ms is the least"}
                   : std::nullopt;
    };
}

/** Bytes, or with k or m. */
Setter size(std::size_t &bytes, std::size_t least, std::size_t most)
{
    return [&bytes, least, most](const std::string &value) -> Fault {
        const std::size_t digits =
            std::min(value.find_first_not_of("0123456789"), value.size());
        const auto number = parse_integer<std::uint64_t>(
            std::string_view(value).substr(0, digits));
        const std::string unit = value.substr(digits);
        const unsigned shift = unit == "m" || unit == "M"   ? 20
                               : unit == "k" || unit == "K" ? 10
                                                            : 0;
        if (!number || (shift == 0 && !unit.empty()) ||
            *number > most >> shift || *number << shift < least) {
            return "\"" + value + "\" is not a size from " +
                   std::to_string(least >> 10) + "k to " +
                   std::to_string(most >> 20) + "m";
        }
        bytes = *number << shift;
        return std::nullopt;
    };
}

Setter count(std::size_t &number, std::uint64_t most)
{
    return [&number, most](const std::string &value) -> Fault {
        const auto read = parse_integer<std::uint64_t>(value);
        if (!read || *read < 1 || *read > most) {
            return "\"" + value + "\" is not a whole number from 1 to " +
                   std::to_string(most);
        }
        number = *read;
        return std::nullopt;
    };
}

Fault set_mode(mode_t &mode, const std::string &value)
{
    unsigned read = 0;
    const char *const end = value.data() + value.size();
    const auto [stop, error] = std::from_chars(value.data(), end, read, 8);
    if (error != std::errc{} || stop != end || read > 0777) {
        return "\"" + value + "\" is not a file mode such as 0660";
    }
    mode = read;
    return std::nullopt;
}

Fault set_enrolment(Enrolment &policy, const std::string &value)
{
    for (const Enrolment each :
         {Enrolment::approve, Enrolment::open, Enrolment::closed}) {
        if (value == name_of(each)) {
            policy = each;
            return std::nullopt;
        }
    }
    return "\"" + value + "\" is none of approve, open, closed";
}

Fault set_log_level(LogLevel &level, const std::string &value)
{
    const auto known = log_level_of(value);
    if (!known) {
        return "\"" + value + "\" is none of debug, info, notice, warn, error";
    }
    level = *known;
    return std::nullopt;
}

/** For a setter that only looks at the value before keeping it. */
Setter kept(std::string &text,
            const std::function<Fault(const std::string &)> &fault)
{
    return [&text, fault](const std::string &value) -> Fault {
        if (Fault found = fault(value)) {
            return found;
        }
        text = value;
        return std::nullopt;
    };
}

/** Not the value itself: it may hold a password. */
Fault database_fault(const std::string &value)
{
    const auto conninfo = db::parse_conninfo(value);
    return conninfo ? std::nullopt : Fault{conninfo.error().text};
}

Fault path_fault(const std::string &value)
{
    const auto checked = check_socket_path(value);
    return checked ? std::nullopt : Fault{checked.error().text};
}

Fault group_fault(const std::string &value)
{
    return group_number(value) ? std::nullopt
                               : Fault{"there is no group \"" + value + "\""};
}

/** Not the value itself: it is a secret of a kind. */
Fault cloud_id_fault(const std::string &value)
{
    return !value.empty() && value.size() <= 64
               ? std::nullopt
               : Fault{"it has 1 to 64 characters"};
}

Fault zone_fault(const std::string &value)
{
    return is_time_zone(value)
               ? std::nullopt
               : Fault{"\"" + value + "\" is no time zone of this system"};
}

// ---- the options ------------------------------------------------------------

void add_own_settings(CLI::App &program, Config &config)
{
    add(program, "--database", "CONNINFO",
        "PostgreSQL connection string or URI; a password in it is seen by "
        "others in the list of processes",
        kept(config.database, database_fault));
    add(program, "--listen", "PATH",
        "The Unix socket that nginx connects to (/run/wac/worker.sock); not "
        "used with socket activation",
        kept(config.socket.path, path_fault));
    add(program, "--socket-mode", "MODE", "Its access mode (0660)",
        [&](const auto &value) { return set_mode(config.socket.mode, value); });
    add(program, "--socket-group", "NAME",
        "Its group: one that nginx's workers are in",
        kept(config.socket.group, group_fault));
    add(program, "--max-connections", "NUMBER", "Connections at a time (20000)",
        count(config.max_connections, kMostConnections));
    add(program, "--drain-timeout", "TIME", "How long ending may take (10s)",
        duration(config.drain_timeout_ms, 0));
    add(program, "--log-level", "LEVEL",
        "debug, info, notice, warn or error (notice)", [&](const auto &value) {
            return set_log_level(config.log_level, value);
        });
}

void add_session_settings(CLI::App &program, Config &config)
{
    SessionOptions &session = config.session;
    add(program, "--enrolment", "POLICY",
        "What a terminal without a row is: approve (it waits for an "
        "operator), open, closed (approve)",
        [&](const auto &value) {
            return set_enrolment(session.policy, value);
        });
    add(program, "--time-zone", "NAME",
        "Of terminals that have none of their own (this host's)",
        kept(session.zone, zone_fault));
    add(program, "--timeout", "TIME",
        "Longest wait for the database before \"try again\" (5s)",
        duration(session.timeout_ms, 1));
    add(program, "--command-timeout", "TIME",
        "How long a terminal may take for a command (20s)",
        duration(session.command_timeout_ms, 1));
    add(program, "--cloud-id", "TEXT",
        "What XML terminals must have as their CloudId; one that has it may "
        "register anew (any)",
        kept(session.cloud_id, cloud_id_fault));
    add(program, "--max-xml", "SIZE",
        "Largest message of an XML terminal that is logged in (512k)",
        size(session.xml_message_bytes, 8U << 10, kLargestXml));
}

void add_connection_settings(CLI::App &program, Config &config)
{
    ConnectionLimits &limits = config.limits;
    add(program, "--max-message", "SIZE", "Largest message taken (8m)",
        size(limits.message_bytes, 1U << 10, kLargestMessage));
    add(program, "--register-timeout", "TIME",
        "A connection that has not registered by then is closed (30s)",
        duration(limits.register_timeout_ms, 1));
    add(program, "--idle-limit", "TIME",
        "A terminal silent for so long is disconnected; 0: never (0)",
        duration(limits.idle_limit_ms, 0));
    add(program, "--ping", "TIME",
        "Between pings that keep the way to a terminal open; 0: none (60s)",
        duration(limits.ping_interval_ms, 0));
}

void add_settings(CLI::App &program, Config &config)
{
    add_own_settings(program, config);
    add_session_settings(program, config);
    add_connection_settings(program, config);
}

// ---- file and command line --------------------------------------------------

/** CLI11's sentence; what it did not expect may be a connection string. */
std::string sentence(const CLI::ParseError &error)
{
    const std::string text = error.what();
    return text.find("://") == text.npos && text.find("password") == text.npos
               ? text
               : "an argument was not expected (it is not shown: it may hold "
                 "a password)";
}

Result<void> apply_file(Config &config, const std::string &file)
{
    const auto settings = read_settings(file);
    if (!settings) {
        return tl::make_unexpected(settings.error());
    }
    CLI::App program;
    program.set_help_flag();
    add_settings(program, config);
    for (const Setting &setting : *settings) {
        if (!program.get_option_no_throw("--" + setting.key)) {
            return failure(ErrorCode::misused, setting.place +
                                                   ": unknown key \"" +
                                                   setting.key + "\"");
        }
        try {
            program.parse(std::vector<std::string>{"--" + setting.key + "=" +
                                                   setting.value});
        } catch (const CLI::ParseError &error) {
            return failure(ErrorCode::misused,
                           setting.place + ": " + sentence(error));
        }
    }
    return {};
}

void set_up(CLI::App &program, CommandLine &line, std::string &file)
{
    program.name("wac-worker");
    program.description("The WebSocket side of wac: serves the terminals "
                        "that nginx passes on to its socket.");
    program.set_version_flag("--version", "wac-worker " WAC_VERSION);
    program
        .add_option("-c,--config", file,
                    "File of \"key = value\" lines; the keys are these "
                    "options without --")
        ->type_name("FILE");
    program.add_flag("-t,--check", line.check,
                     "Check the configuration and exit");
    add_settings(program, line.config);
    program.footer(
        "$WAC_DATABASE_URL is the database if nothing else names one.\n"
        "Exit status: 0 ended in order, 1 wrong configuration or failed.");
}

Result<void> parse(CommandLine &line, std::string &file,
                   std::vector<std::string> arguments)
{
    CLI::App program;
    set_up(program, line, file);
    std::reverse(arguments.begin(), arguments.end()); // as CLI11 wants them
    try {
        program.parse(std::move(arguments));
    } catch (const CLI::CallForHelp &) {
        line.answer = program.help();
    } catch (const CLI::CallForVersion &) {
        line.answer = program.version() + "\n";
    } catch (const CLI::ParseError &error) {
        return failure(ErrorCode::misused, sentence(error));
    }
    return {};
}

Result<void> complete(Config &config)
{
    const char *const variable = std::getenv("WAC_DATABASE_URL");
    if (config.database.empty() && variable && *variable) {
        if (const Fault fault = database_fault(variable)) {
            return failure(ErrorCode::misused, "$WAC_DATABASE_URL: " + *fault);
        }
        config.database = variable;
    }
    if (config.database.empty()) {
        return failure(ErrorCode::misused,
                       "no database: set \"database\" or $WAC_DATABASE_URL");
    }
    if (config.session.zone.empty()) {
        config.session.zone = local_time_zone();
    }
    return {};
}

} // namespace

Result<CommandLine> read_command_line(std::vector<std::string> arguments)
{
    // the arguments overrule the file, whose name is among them
    CommandLine line;
    std::string file;
    auto done = parse(line, file, arguments);
    if (done && line.answer.empty() && !file.empty()) {
        line.config = {};
        done = apply_file(line.config, file);
        if (done) {
            done = parse(line, file, std::move(arguments));
        }
    }
    if (done && line.answer.empty()) {
        done = complete(line.config);
    }
    return done ? Result<CommandLine>{std::move(line)}
                : tl::make_unexpected(done.error());
}

} // namespace wac::worker
