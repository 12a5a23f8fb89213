#include "command_send.hpp"

#include "bytea.hpp"
#include "command_input.hpp"
#include "command_view.hpp"
#include "command_wait.hpp"
#include "device_view.hpp"
#include "json_rows.hpp"
#include "proto/command_dialects.hpp"
#include "report.hpp"

#include <pwd.h>
#include <unistd.h>

namespace wac::ctl
{

namespace
{

constexpr long long kLongestUrgent = 120; // seconds; the trigger's limit too

struct Queued {
    std::string trans_id;
    bool existing = false; // its idempotency key was known
};

tl::unexpected<Error> refusal(const std::string &text)
{
    return failure(ErrorCode::refused, "command send: " + text);
}

std::string requester(const SendOptions &options)
{
    if (options.requested_by) {
        return *options.requested_by;
    }
    const passwd *user = getpwuid(getuid());
    return (user ? std::string(user->pw_name) : std::to_string(getuid())) +
           "@wacctl";
}

/** What has nothing to do with the parameters' form: what it would do, and
 *  when. */
Result<void> check_consequences(const CommandDialect &dialect,
                                const SendOptions &options, const json_t *param)
{
    if (!options.yes && dialect.is_destructive(options.cmd_code)) {
        return refusal(options.cmd_code + " " + dialect.loss(options.cmd_code) +
                       ". Add --yes to do it to " + options.sn);
    }
    if (!dialect.is_urgent(options.cmd_code, param)) {
        return {};
    }
    if (options.ttl_s.value_or(0) > kLongestUrgent) {
        return refusal("--ttl " + std::to_string(*options.ttl_s) +
                       "s: " + options.cmd_code +
                       " is done within 120 s or not at all: later, nobody "
                       "would expect it");
    }
    if (options.max_attempts.value_or(1) > 1) {
        return refusal("--max-attempts " +
                       std::to_string(*options.max_attempts) + ": " +
                       options.cmd_code +
                       " is given out once: it could be carried out twice");
    }
    return {};
}

Result<void> check_command(const SendOptions &options,
                           const CommandInput &input, const Rows &device)
{
    const std::string protocol = device.text(0, "protocol");
    const CommandDialect *dialect = command_dialect(protocol);
    if (!dialect) {
        return refusal("device " + options.sn + " speaks \"" + protocol +
                       "\", which this build does not know");
    }
    const auto sound = dialect->check(options.cmd_code, input.param.get(),
                                      input.binaries.size(), options.native);
    if (!sound) {
        return refusal(sound.error().text);
    }
    return check_consequences(*dialect, options, input.param.get());
}

Result<Rows> find_addressee(Database &database, const std::string &sn)
{
    auto device = database.query(
        "SELECT sn, protocol, state, status,"
        "    extract(epoch FROM now() - last_seen)::float8 AS last_seen_age_s"
        "  FROM wac_devices WHERE sn = $1",
        {sn});
    if (!device) {
        return device;
    }
    if (device->empty()) {
        return tl::make_unexpected(no_device(sn));
    }
    if (device->text(0, "state") == "blocked") {
        return refusal("device " + sn +
                       " is blocked, and nothing is delivered to it: \"wacctl "
                       "device approve " +
                       sn + "\" lets it in again");
    }
    return device;
}

/** The first five parameters of both statements below. */
Parameters identity(const SendOptions &options, const CommandInput &input)
{
    return {null_if_empty(options.idempotency_key),
            options.sn,
            options.cmd_code,
            options.native ? "true" : "false",
            null_if_empty(input.param_text),
            input.binaries.empty() ? Parameter()
                                   : Parameter(bytea_array(input.binaries))};
}

/** The command that has this idempotency key, if there is one. The key of
 *  another command is refused. */
Result<std::optional<Queued>> find_existing(Database &database,
                                            const SendOptions &options,
                                            const CommandInput &input)
{
    const auto found = database.query(
        "SELECT trans_id, sn, cmd_code,"
        "    sn = $2::text AND cmd_code = $3::text AND native = $4::bool"
        "    AND cmd_param IS NOT DISTINCT FROM $5::jsonb"
        "    AND cmd_bin IS NOT DISTINCT FROM $6::bytea[] AS same"
        "  FROM wac_commands WHERE idempotency_key = $1::text",
        identity(options, input));
    if (!found) {
        return tl::make_unexpected(found.error());
    }
    if (found->empty()) {
        return std::optional<Queued>();
    }
    if (!found->boolean(0, "same")) {
        return refusal(
            "--idempotency-key " + options.idempotency_key +
            " belongs to another command: " + found->text(0, "trans_id") +
            ", " + found->text(0, "cmd_code") + " for " + found->text(0, "sn"));
    }
    return Queued{found->text(0, "trans_id"), true};
}

/** Nothing if somebody else took the idempotency key first. */
Result<std::optional<Queued>> insert(Database &database,
                                     const SendOptions &options,
                                     const CommandInput &input)
{
    const auto number = [](const std::optional<long long> &value) {
        return value ? Parameter(std::to_string(*value)) : Parameter();
    };
    auto parameters = identity(options, input);
    parameters.push_back(number(options.ttl_s));
    parameters.push_back(number(options.max_attempts));
    parameters.push_back(null_if_empty(requester(options)));
    const auto made = database.query(
        "INSERT INTO wac_commands (idempotency_key, sn, cmd_code, native,"
        "    cmd_param, cmd_bin, expires_at, max_attempts, requested_by)"
        " VALUES ($1, $2, $3, $4::bool, $5::jsonb, $6::bytea[],"
        "    now() + make_interval(secs => $7::text::float8),"
        "    $8::text::int4, $9)"
        " ON CONFLICT (idempotency_key) DO NOTHING RETURNING trans_id",
        parameters);
    if (!made) {
        return tl::make_unexpected(made.error());
    }
    if (made->empty()) {
        return std::optional<Queued>();
    }
    return Queued{made->text(0, "trans_id"), false};
}

void warn_of_pending(const std::string &sn)
{
    report({ErrorCode::refused,
            "device " + sn +
                " is pending: nothing is delivered before its approval "
                "(\"wacctl device approve " +
                sn + "\")"});
}

/** A repeated request finds its command whatever became of the device; only a
 *  new one is examined. */
Result<Queued> queue_command(Database &database, const SendOptions &options)
{
    const auto input = read_command_input(options.param, options.bin_files);
    if (!input) {
        return tl::make_unexpected(input.error());
    }
    if (!options.idempotency_key.empty()) {
        const auto existing = find_existing(database, options, *input);
        if (!existing) {
            return tl::make_unexpected(existing.error());
        }
        if (*existing) {
            return **existing;
        }
    }
    const auto device = find_addressee(database, options.sn);
    if (!device) {
        return tl::make_unexpected(device.error());
    }
    if (const auto sound = check_command(options, *input, *device); !sound) {
        return tl::make_unexpected(sound.error());
    }
    auto queued = insert(database, options, *input);
    if (queued && !*queued) {
        queued = find_existing(database, options, *input);
    }
    if (!queued) {
        return tl::make_unexpected(queued.error());
    }
    if (!*queued) {
        return refusal("the command of --idempotency-key " +
                       options.idempotency_key +
                       " was deleted just now; send again");
    }
    if (device->text(0, "state") == "pending") {
        warn_of_pending(options.sn);
    }
    return **queued;
}

/** Why the command may have to wait. An FK terminal polls every few seconds;
 *  one that holds a connection may have nothing to say for hours. */
std::string silence(const Rows &device)
{
    constexpr double kLongSilence = 600;
    if (device.text(0, "state") != "approved") {
        return "";
    }
    if (!device.value(0, "last_seen_age_s")) {
        return "; the terminal was never heard";
    }
    if (device.text(0, "protocol") != "fk") {
        return device.text(0, "status") == "online"
                   ? ""
                   : "; the terminal is offline, last heard " +
                         last_heard(device, 0);
    }
    return device.real(0, "last_seen_age_s") > kLongSilence
               ? "; the terminal was last heard " + last_heard(device, 0)
               : "";
}

Result<void> print_queued(Database &database, const Queued &queued)
{
    const auto command =
        find_command(database, queued.trans_id, Binaries::sizes);
    if (!command) {
        return tl::make_unexpected(command.error());
    }
    const std::string sn = command->text(0, "sn");
    const std::string what =
        queued.trans_id + " for " + sn + ": " + command->text(0, "cmd_code");
    const std::string status = command->text(0, "trans_status");
    if (queued.existing) {
        print_line("exists already: " + what + ", " + status + ", made " +
                   age_text(command->real(0, "created_at_age_s")));
        return {};
    }
    const auto device = find_addressee(database, sn);
    print_line("queued " + what + ", expires " +
               age_text(command->real(0, "expires_at_age_s")) +
               (device ? silence(*device) : ""));
    return {};
}

Result<void> print_queued_json(Database &database, const Queued &queued)
{
    const auto command = find_command(database, queued.trans_id, Binaries::hex);
    if (!command) {
        return tl::make_unexpected(command.error());
    }
    const Json row = json_row(*command, 0);
    set_member(row, "existing", Json(json_boolean(queued.existing)));
    print_json(row);
    return {};
}

/** The right form of the parameters stands in further lines. */
Result<Outcome> report_refusal(const Error &error)
{
    const auto end = error.text.find('\n');
    if (end == std::string::npos) {
        return tl::make_unexpected(error);
    }
    report({error.code, error.text.substr(0, end)});
    print_hint(error.text.substr(end + 1));
    return Outcome::failed;
}

} // namespace

Result<Outcome> send_command(Database &database, const SendOptions &options,
                             bool json)
{
    const auto queued = queue_command(database, options);
    if (!queued) {
        return report_refusal(queued.error());
    }
    if (json && !options.wait_s) {
        return print_queued_json(database, *queued).map([] {
            return Outcome::done;
        });
    }
    if (!json) {
        if (const auto told = print_queued(database, *queued); !told) {
            return tl::make_unexpected(told.error());
        }
    }
    return options.wait_s ? wait_for_command(database,
                                             {queued->trans_id, *options.wait_s,
                                              queued->existing},
                                             json)
                          : Result<Outcome>(Outcome::done);
}

} // namespace wac::ctl
