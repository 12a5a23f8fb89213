// Commands to terminals: queued here, delivered when the terminal calls.
#include "command_commands.hpp"

#include "command_cancel.hpp"
#include "command_codes.hpp"
#include "command_send.hpp"
#include "command_view.hpp"
#include "duration.hpp"

#include <algorithm>

namespace wac::ctl
{

namespace
{

const std::vector<std::string> kStatuses{"queued", "sent",      "succeeded",
                                         "failed", "cancelled", "expired"};

constexpr long long kMostAttempts = 100;

/** As wac_commands takes it. */
CLI::Validator trans_id()
{
    return CLI::Validator(
        [](const std::string &text) -> std::string {
            const bool digits =
                std::all_of(text.begin(), text.end(),
                            [](char c) { return c >= '0' && c <= '9'; });
            return digits && !text.empty() && text.size() <= 16
                       ? ""
                       : "\"" + text + "\" is not a trans_id: 1 to 16 digits";
        },
        "NUMBER");
}

CLI::Validator attempts()
{
    return CLI::Validator(
        [](const std::string &text) -> std::string {
            const auto number = parse_integer<long long>(text);
            return number && *number > 0 && *number <= kMostAttempts
                       ? ""
                       : "\"" + text + "\" is not a whole number from 1 to " +
                             std::to_string(kMostAttempts);
        },
        "NUMBER");
}

CLI::Validator key()
{
    return CLI::Validator(
        [](const std::string &text) -> std::string {
            return text.empty() || text.size() > 255
                       ? "a key has 1 to 255 bytes"
                       : "";
        },
        "KEY");
}

/** An option that takes a length of time. */
void add_duration(CLI::App &command, const std::string &name,
                  std::optional<long long> &seconds, const std::string &help)
{
    command
        .add_option_function<std::string>(
            name,
            [&seconds](const std::string &text) {
                seconds = duration_seconds(text);
            },
            help)
        ->check(duration());
}

constexpr const char *kSendFooter =
    "What can be sent, and with which parameters: wacctl command codes\n\n"
    "A command waits until its terminal calls or is connected, and expires "
    "with its --ttl. Commands\nthat clear something, replace the firmware or "
    "send the terminal "
    "to another server\nneed --yes.\nExit status with --wait: 0 if the command "
    "succeeded, 1 if it failed or the wait was over;\nthe command then stays "
    "queued. Ctrl-C ends the wait, not the command.\n\n"
    "Examples: wacctl command send HD00123 get_logs --param '{\"from\": "
    "\"2026-01-01\"}' --wait 60s\n"
    "          wacctl command send HD00123 open_door --wait 30s\n"
    "          wacctl command send HD00123 SET_ENROLL_DATA --bin finger.bin "
    "\\\n"
    "              --param '{\"user_id\": \"12\", \"backup_number\": 0, "
    "\"enroll_data\": \"BIN_1\"}'";

void add_send_content(CLI::App &command, SendOptions &options)
{
    command.add_option("SN", options.sn, "The device's serial number")
        ->required();
    command
        .add_option("CODE", options.cmd_code,
                    "get_logs, GET_LOG_DATA, getalllog and so on: wacctl "
                    "command codes")
        ->required();
    command
        .add_option("--param", options.param,
                    "Its parameters, a JSON object; @FILE reads them from a "
                    "file, @- from standard input (secrets on the command line "
                    "are seen by others)")
        ->type_name("JSON");
    command
        .add_option("--bin", options.bin_files,
                    "A file for BIN_1, the next for BIN_2 …; 16 MB in all")
        ->type_name("FILE")
        ->allow_extra_args(false);
    command.add_flag("--native", options.native,
                     "Pass CODE and parameters to the terminal as they are, "
                     "whatever they mean");
    command.add_flag("--yes", options.yes,
                     "Do it, even if something is lost by it");
}

void add_send(CLI::App &commands, CommandLine &line)
{
    auto *command =
        commands.add_subcommand("send", "Queue a command for a terminal");
    auto options = std::make_shared<SendOptions>();
    add_send_content(*command, *options);
    add_duration(*command, "--ttl", options->ttl_s,
                 "Forget it after this time if the terminal has not called: "
                 "90s, 15m, 24h, 30d; default 24h, for door, reboot and enrol "
                 "commands 30s and at most 120s");
    add_duration(*command, "--wait", options->wait_s,
                 "Follow it until it ends, at most so long");
    command
        ->add_option("--max-attempts", options->max_attempts,
                     "How often it is given out without an answer; default 3")
        ->check(attempts());
    command
        ->add_option("--idempotency-key", options->idempotency_key,
                     "Send it once, however often this is repeated with the "
                     "same key")
        ->check(key());
    command
        ->add_option("--requested-by", options->requested_by,
                     "Who asks for it; default: you")
        ->type_name("WHO");
    command->footer(kSendFooter);
    on_database(*command, line, [&line, options](Database &database) {
        return send_command(database, *options, line.json);
    });
}

void add_list(CLI::App &commands, CommandLine &line)
{
    auto *command = commands.add_subcommand("list", "Show the newest commands");
    auto filter = std::make_shared<CommandFilter>();
    command->add_option("--sn", filter->sn, "Only commands for this device");
    command
        ->add_option("--status", filter->statuses,
                     "Only commands in this state; may be given again")
        ->check(CLI::IsMember(kStatuses))
        ->allow_extra_args(false);
    command->add_option("--code", filter->cmd_code,
                        "Only commands of this name");
    command->add_option("--limit", filter->limit, "At most so many")
        ->check(positive_number())
        ->capture_default_str();
    command->footer("Example: wacctl command list --sn HD00123 --status queued "
                    "--status sent");
    on_database(*command, line, [&line, filter](Database &database) {
        return list_commands(database, *filter, line.json);
    });
}

void add_show(CLI::App &commands, CommandLine &line)
{
    auto *command = commands.add_subcommand(
        "show", "Show one command: what it is, and what came of it");
    struct Options {
        std::string trans_id;
        std::string bin_dir;
    };
    auto options = std::make_shared<Options>();
    command->add_option("TRANS_ID", options->trans_id, "Its number")
        ->required()
        ->check(trans_id());
    command
        ->add_option("--bin-dir", options->bin_dir,
                     "Save the binaries of the answer there, as BIN_1, BIN_2 …")
        ->type_name("DIR")
        ->check(CLI::Validator(
            [](const std::string &text) -> std::string {
                return text.empty() ? "no directory is named" : "";
            },
            ""));
    command->footer("Passwords, cards, templates and photos are not shown. "
                    "With --json everything is there,\ncmd_bin and result_bin "
                    "in hexadecimal.\n\n"
                    "Examples: wacctl command show 1001\n"
                    "          wacctl command show 1001 --bin-dir answer");
    on_database(*command, line, [&line, options](Database &database) {
        return show_command(database, options->trans_id, options->bin_dir,
                            line.json);
    });
}

void add_cancel(CLI::App &commands, CommandLine &line)
{
    auto *command = commands.add_subcommand(
        "cancel", "Take commands back that have not ended");
    auto ids = std::make_shared<std::vector<std::string>>();
    command->add_option("TRANS_ID", *ids, "Their numbers")
        ->required()
        ->check(trans_id());
    command->footer("A queued command is never delivered then. One that was "
                    "sent may still be carried out.\n\n"
                    "Example: wacctl command cancel 1001 1002");
    on_database(*command, line, [&line, ids](Database &database) {
        return cancel_commands(database, *ids, line.json);
    });
}

void add_codes(CLI::App &commands, CommandLine &line)
{
    auto *command = commands.add_subcommand(
        "codes", "Tell which commands there are, and their parameters");
    struct Options {
        std::string code;
        std::string protocol;
    };
    auto options = std::make_shared<Options>();
    command->add_option("CODE", options->code, "Only this one");
    command
        ->add_option("--protocol", options->protocol,
                     "Only those of terminals that speak it; default: fk, "
                     "with CODE all")
        ->check(CLI::IsMember({"fk", "cloud", "type", "xml"}));
    command->footer(
        "Common words, such as get_user and open_door, are "
        "translated for each terminal; the\nothers are the "
        "terminals' own: in capitals those of FK. A terminal of the "
        "dialect type takes\nany name. Needs no database.\n\n"
        "Examples: wacctl command codes --protocol cloud\n"
        "          wacctl command codes set_user");
    command->callback([&line, options] {
        line.needs_database = false;
        line.action = [&line, options] {
            return print_command_codes(options->code, options->protocol,
                                       line.json);
        };
    });
}

} // namespace

void add_command_commands(CLI::App &program, CommandLine &line)
{
    auto *command = program.add_subcommand(
        "command", "Send commands to terminals, follow and cancel them");
    command->require_subcommand(1);
    add_send(*command, line);
    add_list(*command, line);
    add_show(*command, line);
    add_cancel(*command, line);
    add_codes(*command, line);
}

} // namespace wac::ctl
