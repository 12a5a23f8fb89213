#include "device_changes.hpp"

#include "base/text.hpp"
#include "codec/cloud.hpp"
#include "codec/xml.hpp"
#include "device_cloud.hpp"
#include "device_view.hpp"
#include "json_rows.hpp"
#include "report.hpp"
#include "terminal_text.hpp"

#include <algorithm>

namespace wac::ctl
{

namespace
{

/** What the codec of the dialect takes for a serial number. */
Result<void> check_sn(const std::string &sn, const std::string &protocol)
{
    const auto plain = [](char c) {
        const char lower = ascii_lower(c);
        return (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') ||
               c == '_' || c == '-';
    };
    if (protocol == "fk") {
        if (sn.empty() || sn.size() > 32 ||
            !std::all_of(sn.begin(), sn.end(), plain)) {
            return failure(ErrorCode::misused,
                           "device add: \"" + sn +
                               "\" is not a serial number of an fk terminal: "
                               "1 to 32 letters, digits, _ and -");
        }
        return {};
    }
    if (protocol == "xml" && !xml::valid_serial(sn)) {
        return failure(ErrorCode::misused,
                       "device add: \"" + sn +
                           "\" is not a serial number of an xml terminal: 1 "
                           "to 64 letters, digits, . _ and -");
    }
    if (!cloud::valid_sn(sn)) {
        return failure(ErrorCode::misused,
                       "device add: \"" + sn +
                           "\" is not a serial number: 1 to 64 printable "
                           "ASCII characters without spaces, quotes and "
                           "backslashes");
    }
    return {};
}

/** The zone as PostgreSQL spells it. Stricter than PostgreSQL, which takes
 *  anything like UTC+7 for a POSIX zone, seven hours on the wrong side. */
Result<Parameter> known_time_zone(Database &database, const std::string &zone)
{
    if (zone.empty()) {
        return Parameter();
    }
    const auto found = database.query(
        "SELECT name FROM pg_timezone_names WHERE lower(name) = lower($1)",
        {zone});
    if (!found) {
        return tl::make_unexpected(found.error());
    }
    if (found->empty()) {
        return failure(ErrorCode::bad_data,
                       "device: time zone \"" + zone +
                           "\" not recognized: give an IANA name such as "
                           "Asia/Jakarta or Europe/Berlin");
    }
    return Parameter(found->text(0, "name"));
}

bool direction_name(std::string_view text)
{
    return !text.empty() && text.front() >= 'a' && text.front() <= 'z' &&
           std::all_of(text.begin(), text.end(), [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                      c == '_' || c == '-';
           });
}

/** An object from whole numbers to directions. */
bool describes_io_modes(const json_t *value)
{
    if (!json_is_object(value)) {
        return false;
    }
    const char *key;
    json_t *direction;
    json_object_foreach(const_cast<json_t *>(value), key, direction)
    {
        const auto number = parse_integer<unsigned>(key);
        if (!number || std::to_string(*number) != key ||
            !direction_name(json_string(value, key))) {
            return false;
        }
    }
    return true;
}

Result<Parameter> checked_io_modes(const std::string &text)
{
    if (text.empty()) {
        return Parameter();
    }
    const Json value(
        json_loadb(text.data(), text.size(), JSON_REJECT_DUPLICATES, nullptr));
    if (!value || !describes_io_modes(value.get())) {
        return failure(ErrorCode::misused,
                       "device set: --io-modes takes a JSON object from whole "
                       "numbers to directions in lower case, such as "
                       "{\"0\": \"in\", \"1\": \"out\"}");
    }
    return Parameter(json_text(value.get()));
}

std::string exists_already(const std::string &sn, const std::string &state)
{
    const std::string text = "device add: " + sn + " exists already and is ";
    if (state == "approved") {
        return text + "approved; to change it: wacctl device set " + sn;
    }
    return text + state + "; to let it in: wacctl device approve " + sn;
}

Result<void> confirm(Database &database, const std::string &sn, bool json,
                     const std::string &text)
{
    if (!json) {
        print_line(text);
        return {};
    }
    const auto device = find_device(database, sn);
    if (!device) {
        return tl::make_unexpected(device.error());
    }
    print_json(json_row(*device, 0));
    return {};
}

/** "12 punches, 3 users, 1 quarantined frame and 0 waiting commands". */
std::string records_of(const Rows &device)
{
    return counted(device.integer(0, "attendance_logs"), "punch", "punches") +
           ", " + counted(device.integer(0, "users"), "user", "users") + ", " +
           counted(device.integer(0, "quarantined"), "quarantined frame",
                   "quarantined frames") +
           " and " +
           counted(device.integer(0, "commands"), "waiting command",
                   "waiting commands");
}

/** A row, if the device is there and takes such options. */
Result<Rows> store_changes(Database &database, const DeviceChange &change,
                           const Parameter &zone, const Parameter &io_modes,
                           const CloudOptions &options)
{
    const auto flag = [](bool given) {
        return Parameter(given ? "true" : "false");
    };
    std::string removed;
    for (const std::string &key : options.removed) {
        removed += (removed.empty() ? "" : ",") + key;
    }
    return database.query(
        "UPDATE wac_devices SET"
        "    name = CASE WHEN $2::bool THEN $3 ELSE name END,"
        "    time_zone = CASE WHEN $4::bool THEN $5 ELSE time_zone END,"
        "    io_modes = CASE WHEN $6::bool THEN $7::jsonb ELSE io_modes END,"
        "    cloud_options = CASE WHEN $8::bool THEN"
        "        nullif((coalesce(cloud_options, '{}') || $9::jsonb)"
        "               - $10::text[], '{}') ELSE cloud_options END"
        " WHERE sn = $1 AND (NOT $8::bool OR protocol = 'cloud')"
        " RETURNING sn",
        {change.sn, flag(change.name.has_value()),
         null_if_empty(change.name.value_or("")),
         flag(change.time_zone.has_value()), zone,
         flag(change.io_modes.has_value()), io_modes,
         flag(!change.cloud_options.empty()), json_text(options.set.get()),
         "{" + removed + "}"});
}

Error why_unchanged(Database &database, const std::string &sn)
{
    const auto device = find_device(database, sn);
    return device ? Error{ErrorCode::refused,
                          "device set: " + sn + " speaks " +
                              device->text(0, "protocol") +
                              ": --cloud-option is for the dialect cloud"}
                  : device.error();
}

std::string new_state(const Rows &changed)
{
    const std::string state = changed.text(0, "state");
    const std::string previous = changed.text(0, "previous_state");
    return "device " + changed.text(0, "sn") + " is " + state +
           (previous == state ? " already" : " (was " + previous + ")");
}

} // namespace

Result<Outcome> add_device(Database &database, const NewDevice &device,
                           bool json)
{
    if (const auto good = check_sn(device.sn, device.protocol); !good) {
        return tl::make_unexpected(good.error());
    }
    const auto zone = known_time_zone(database, device.time_zone);
    if (!zone) {
        return tl::make_unexpected(zone.error());
    }
    const auto made = database.query(
        "WITH made AS ("
        "  INSERT INTO wac_devices (sn, protocol, state, name, time_zone)"
        "  VALUES ($1, $2, 'approved', $3, $4)"
        "  ON CONFLICT (sn) DO NOTHING RETURNING sn"
        ") SELECT (SELECT count(*) FROM made) AS made,"
        "    (SELECT state FROM wac_devices WHERE sn = $1) AS state",
        {device.sn, device.protocol, null_if_empty(device.name), *zone});
    if (!made) {
        return tl::make_unexpected(made.error());
    }
    if (made->integer(0, "made") == 0) {
        return failure(ErrorCode::refused,
                       exists_already(device.sn, made->text(0, "state")));
    }
    return confirm(database, device.sn, json,
                   "device " + device.sn + " added and approved" +
                       (device.protocol == "type"
                            ? "; it needs a token to register: wacctl device "
                              "token " +
                                  device.sn
                            : ""))
        .map([] { return Outcome::done; });
}

Result<Outcome> set_device(Database &database, const DeviceChange &change,
                           bool json)
{
    const auto io_modes = checked_io_modes(change.io_modes.value_or(""));
    if (!io_modes) {
        return tl::make_unexpected(io_modes.error());
    }
    const auto options = read_cloud_options(change.cloud_options);
    if (!options) {
        return tl::make_unexpected(options.error());
    }
    const auto zone = known_time_zone(database, change.time_zone.value_or(""));
    if (!zone) {
        return tl::make_unexpected(zone.error());
    }
    const auto changed =
        store_changes(database, change, *zone, *io_modes, *options);
    if (!changed) {
        return tl::make_unexpected(changed.error());
    }
    if (changed->empty()) {
        return tl::make_unexpected(why_unchanged(database, change.sn));
    }
    return confirm(database, change.sn, json,
                   "device " + change.sn + " changed")
        .map([] { return Outcome::done; });
}

Result<Outcome> set_states(Database &database,
                           const std::vector<std::string> &sns,
                           const std::string &state, bool json)
{
    Outcome outcome = Outcome::done;
    const Json changes(json_array());
    for (const std::string &sn : sns) {
        const auto changed = database.query(
            "WITH was AS (SELECT sn, state FROM wac_devices"
            "             WHERE sn = $1 FOR UPDATE)"
            " UPDATE wac_devices d SET state = $2 FROM was"
            "  WHERE d.sn = was.sn"
            " RETURNING d.sn, d.state, was.state AS previous_state",
            {sn, state});
        if (!changed) {
            return tl::make_unexpected(changed.error());
        }
        if (changed->empty()) {
            report(no_device(sn));
            outcome = Outcome::failed;
        } else if (json) {
            append(changes, json_row(*changed, 0));
        } else {
            print_line(new_state(*changed));
        }
    }
    if (json) {
        print_json(changes);
    }
    return outcome;
}

Result<Outcome> remove_device(Database &database, const std::string &sn,
                              bool yes, bool json)
{
    const auto device = find_device(database, sn);
    if (!device) {
        return tl::make_unexpected(device.error());
    }
    if (!yes) {
        return failure(ErrorCode::refused,
                       "device remove: this forgets " + sn +
                           " with its state, name and time zone; its " +
                           records_of(*device) + " stay. Add --yes to do it");
    }
    const auto removed = database.query(
        "DELETE FROM wac_devices WHERE sn = $1 RETURNING sn", {sn});
    if (!removed) {
        return tl::make_unexpected(removed.error());
    }
    if (removed->empty()) {
        return tl::make_unexpected(no_device(sn));
    }
    if (json) {
        print_json(json_row(*device, 0));
    } else {
        print_line("device " + sn + " removed; its " + records_of(*device) +
                   " stay");
    }
    return Outcome::done;
}

} // namespace wac::ctl
