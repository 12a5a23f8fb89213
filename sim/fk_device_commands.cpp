// The commands about the terminal itself and its log of punches.
#include "fk_command.hpp"

#include "base/text.hpp"
#include "codec/fk_data_lib.hpp"
#include "endpoint.hpp"
#include "fk_bodies.hpp"
#include "json_build.hpp"

#include <algorithm>
#include <limits>
#include <stdexcept>

namespace wac::sim
{

namespace
{

FkOutcome set_time(const FkCommand &command)
{
    const auto time = fk::parse_time(json_string(command.parameters(), "time"));
    // what the date words of all libraries hold
    if (!time || time->year < 2000 || time->year > 2099) {
        return fk_invalid_parameter();
    }
    command.terminal.clock_offset_s = seconds_of(*time) - command.host_now_s;
    return {};
}

FkOutcome set_fk_name(const FkCommand &command)
{
    const json_t *name = json_object_get(command.parameters(), "fk_name");
    if (!json_is_string(name)) {
        return fk_invalid_parameter();
    }
    command.terminal.name = json_string(command.parameters(), "fk_name");
    return {};
}

/** Both spellings are in the field (fk-http.md 6.1). Terminals take digits,
 *  not names; the new address counts from the next restart on. */
FkOutcome set_web_server_info(const FkCommand &command)
{
    const json_t *parameters = command.parameters();
    std::string_view address = json_string(parameters, "server_ip");
    auto port = fk::integer_field(parameters, "server_port");
    if (address.empty() || !port) {
        address = json_string(parameters, "ip_address");
        port = fk::integer_field(parameters, "port");
    }
    if (!port || *port < 1 || *port > 65535) {
        return fk_invalid_parameter();
    }
    const FkWebServer server{std::string(address),
                             static_cast<std::uint16_t>(*port)};
    if (!numeric_endpoint(server.address, server.port, "/")) {
        return fk_invalid_parameter();
    }
    command.terminal.web_server = server;
    return {};
}

FkOutcome set_door_status(const FkCommand &command)
{
    const std::string_view door =
        json_string(command.parameters(), "door_status");
    if (door != "open" && door != "close") {
        return fk_invalid_parameter();
    }
    command.terminal.door = door;
    return {};
}

// ---- settings --------------------------------------------------------------

struct Setting {
    const char *name;
    const char *value;
};

/** Every value is text (fk-http.md 6.2). */
constexpr Setting kSettings[] = {
    {"OpenDoor_Delay", "5"},     {"DoorMagnetic_Type", "0"},
    {"DoorMagnetic_Delay", "5"}, {"Anti-back", "no"},
    {"Alarm_Delay", "10"},       {"Use_Alarm", "no"},
    {"Wiegand_Type", "26"},      {"Wiegand_Input", "0"},
    {"Wiegand_Output", "0"},     {"Sleep_Time", "0"},
    {"Screensavers_Time", "60"}, {"Reverify_Time", "0"},
    {"Glog_Warning", "1000"},    {"Volume", "5"},
    {"Allow_EarlyTime", "0"},    {"Allow_LateTime", "0"},
    {"Receive_Interval", "10"},  {"Show_ResultTime", "2"},
    {"MutiUser", "1"},
};

FkOutcome get_device_setting(const FkCommand &command)
{
    const Json result(json_object());
    for (const Setting &setting : kSettings) {
        const auto changed = command.terminal.settings.find(setting.name);
        set(result, setting.name,
            json_text_value(changed == command.terminal.settings.end()
                                ? setting.value
                                : changed->second));
    }
    FkOutcome outcome;
    outcome.body = framed(command.dialect, json_text(result.get()));
    return outcome;
}

FkOutcome set_device_setting(const FkCommand &command)
{
    std::map<std::string, std::string> wanted;
    for (const Setting &setting : kSettings) {
        const json_t *value =
            json_object_get(command.parameters(), setting.name);
        if (!value) {
            continue;
        }
        if (!json_is_string(value)) {
            return fk_invalid_parameter();
        }
        wanted[setting.name] = json_string(command.parameters(), setting.name);
    }
    const auto interval = wanted.find("Receive_Interval");
    if (wanted.size() != json_object_size(command.parameters()) ||
        (interval != wanted.end() &&
         parse_integer<std::uint16_t>(interval->second).value_or(0) == 0)) {
        return fk_invalid_parameter();
    }
    for (auto &[name, value] : wanted) {
        command.terminal.settings[name] = std::move(value);
    }
    return {};
}

// ---- the log ---------------------------------------------------------------

/** A bound of GET_LOG_DATA: `otherwise` if it is left out or empty, nothing
 *  if it is no time. */
std::optional<std::int64_t> bound(const json_t *object, const char *key,
                                  std::int64_t otherwise)
{
    const json_t *value = json_object_get(object, key);
    const std::string_view text = json_string(object, key);
    if (!value || json_is_null(value) ||
        (json_is_string(value) && text.empty())) {
        return otherwise;
    }
    const auto time = fk::parse_time(text);
    return time ? std::optional{seconds_of(*time)} : std::nullopt;
}

void append_row(std::string &rows, const std::string &library,
                const FkPunch &punch)
{
    fk::LogRow row;
    row.user_id = punch.user_id;
    row.io_time = wall_time(punch.time_s);
    row.verify_mode = punch.verify_mode;
    row.io_mode = punch.io_mode;
    const auto appended = fk::append_log_row(rows, library, row);
    if (!appended) {
        throw std::logic_error("log row: " + appended.error().text);
    }
}

FkOutcome get_log_data(const FkCommand &command)
{
    using Limits = std::numeric_limits<std::int64_t>;
    const auto begin = bound(command.parameters(), "begin_time", Limits::min());
    const auto end = bound(command.parameters(), "end_time", Limits::max());
    if (!begin || !end) {
        return fk_invalid_parameter();
    }
    const FkLogs &logs = command.terminal.logs;
    std::string rows;
    std::int64_t count = 0;
    for (std::size_t i = 0; i < logs.size(); ++i) {
        const FkPunch punch = logs.at(i);
        if (punch.time_s >= *begin && punch.time_s <= *end) {
            append_row(rows, command.terminal.library, punch);
            ++count;
        }
    }
    const auto size = fk::log_row_size(command.terminal.library);
    const Json result(json_object());
    if (command.dialect.log_array) {
        set(result, "log_array", json_text_value("BIN_1"));
    }
    set(result, "log_count", integer(command.dialect, count));
    set(result, "one_log_size",
        integer(command.dialect, static_cast<std::int64_t>(size.value_or(0))));
    FkOutcome outcome;
    outcome.body = framed(command.dialect, json_text(result.get()), {rows});
    return outcome;
}

FkOutcome clear_log_data(const FkCommand &command)
{
    command.terminal.logs.clear();
    return {};
}

// ---- numbers ---------------------------------------------------------------

struct Census {
    std::int64_t managers = 0;
    std::int64_t fingers = 0;
    std::int64_t passwords = 0;
    std::int64_t cards = 0;
    std::int64_t faces = 0;
};

Census census_of(const FkUsers &users)
{
    Census census;
    for (const auto &[user_id, user] : users) {
        census.managers += user.privilege != "USER";
        for (const FkCredential &each : user.credentials) {
            census.fingers += each.backup_number < 10;
            census.passwords += each.backup_number == 10;
            census.cards += each.backup_number == 11;
            census.faces += each.backup_number == 12;
        }
    }
    return census;
}

FkOutcome get_device_status(const FkCommand &command)
{
    const FkTerminal &terminal = command.terminal;
    const auto users = static_cast<std::int64_t>(terminal.users.size());
    const auto logs = static_cast<std::int64_t>(terminal.logs.size());
    const Census census = census_of(terminal.users);
    const Json result(json_object());
    const auto add = [&](const char *key, std::int64_t value) {
        set(result, key, integer(command.dialect, value));
    };
    add("all_log_count", logs);
    add("face_count", census.faces);
    add("fp_count", census.fingers);
    add("idcard_count", census.cards);
    add("manager_count", census.managers);
    add("password_count", census.passwords);
    add("total_log_count", logs);
    add("total_log_max", static_cast<std::int64_t>(FkLogs::kCapacity));
    add("total_user_count", users);
    add("user_count", users - census.managers);
    FkOutcome outcome;
    outcome.body = framed(command.dialect, json_text(result.get()));
    return outcome;
}

constexpr FkCommandRow kCommands[] = {
    {"SET_TIME", set_time},
    {"SET_FK_NAME", set_fk_name},
    {"SET_WEB_SERVER_INFO", set_web_server_info},
    {"SET_DOOR_STATUS", set_door_status},
    {"GET_DEVICE_SETTING", get_device_setting},
    {"SET_DEVICE_SETTING", set_device_setting},
    {"GET_LOG_DATA", get_log_data},
    {"CLEAR_LOG_DATA", clear_log_data},
    {"GET_DEVICE_STATUS", get_device_status},
};

} // namespace

std::span<const FkCommandRow> fk_device_commands()
{
    return kCommands;
}

} // namespace wac::sim
