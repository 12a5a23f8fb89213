#include "device_view.hpp"

#include "command_view.hpp"
#include "terminal_text.hpp"

#include <cstdio>

namespace wac::ctl
{

namespace
{

std::string seconds_text(const Rows &rows, int row, const char *column)
{
    if (!rows.value(row, column)) {
        return "-";
    }
    char text[32];
    std::snprintf(text, sizeof text, "%+.0f s", rows.real(row, column));
    return text;
}

/** Commands of the device d: how many wait (q), how many it has, and the one
 *  it got last (s), with the parts of its answer. */
constexpr const char *kWaitingColumns =
    "q.commands_queued, q.queued_since,"
    " extract(epoch FROM now() - q.queued_since)::bigint"
    "    AS queued_since_age_s,"
    " coalesce(s.commands_sent, 0) AS commands_sent, s.sent_trans_id,"
    " s.sent_cmd_code, s.sent_since,"
    " extract(epoch FROM now() - s.sent_since)::bigint AS sent_since_age_s,"
    " s.parts, s.part_bytes";

constexpr const char *kWaiting =
    " CROSS JOIN LATERAL (SELECT count(*) AS commands_queued,"
    "        min(created_at) AS queued_since FROM wac_commands"
    "    WHERE sn = d.sn AND trans_status = 'queued') q"
    " LEFT JOIN LATERAL (SELECT count(*) OVER () AS commands_sent,"
    "        c.trans_id AS sent_trans_id, c.cmd_code AS sent_cmd_code,"
    "        c.sent_at AS sent_since, p.parts, p.part_bytes"
    "    FROM wac_commands c LEFT JOIN LATERAL (SELECT max(blk_no) AS parts,"
    "            max(upto) AS part_bytes FROM wac_command_blocks b"
    "        WHERE b.sn = c.sn AND b.request_code = 'send_cmd_result'"
    "          AND b.trans_id = c.trans_id) p ON true"
    "    WHERE c.sn = d.sn AND c.trans_status = 'sent'"
    "    ORDER BY c.sent_at DESC NULLS LAST LIMIT 1) s ON true";

} // namespace

Result<Rows> find_devices(Database &database, const DeviceFilter &filter)
{
    return database.query(std::string("SELECT ") + kDeviceColumns +
                              " FROM wac_devices d"
                              " WHERE ($1::text = '' OR d.state = $1)"
                              "   AND ($2::text = '' OR d.protocol = $2)"
                              " ORDER BY d.sn",
                          {filter.state, filter.protocol});
}

Result<Rows> find_device(Database &database, const std::string &sn)
{
    auto device = database.query(
        std::string("SELECT ") + kDeviceColumns +
            ", (SELECT count(*) FROM wac_attendance_logs a"
            "    WHERE a.sn = d.sn) AS attendance_logs"
            ", (SELECT count(*) FROM wac_users u WHERE u.sn = d.sn) AS users"
            ", (SELECT count(*) FROM wac_quarantine q"
            "    WHERE q.sn = d.sn) AS quarantined"
            ", (SELECT count(*) FROM wac_commands c WHERE c.sn = d.sn"
            "     AND c.trans_status IN ('queued', 'sent')) AS commands, " +
            kWaitingColumns + " FROM wac_devices d" + kWaiting +
            " WHERE d.sn = $1",
        {sn});
    if (device && device->empty()) {
        return tl::make_unexpected(no_device(sn));
    }
    return device;
}

Error no_device(const std::string &sn)
{
    return {ErrorCode::refused, "device: no device " + sn};
}

std::string last_heard(const Rows &devices, int row)
{
    return devices.value(row, "last_seen_age_s")
               ? age_text(devices.real(row, "last_seen_age_s"))
               : "never";
}

void print_devices(const Rows &devices)
{
    if (devices.empty()) {
        print_line("no devices");
        return;
    }
    Table table({"sn", "protocol", "state", "status", "last_seen", "name",
                 "last_refusal", "refusals", "last_addr", "model"});
    for (int row = 0; row < devices.size(); ++row) {
        const auto text = [&](const char *column) {
            return cell(devices, row, column);
        };
        table.add({text("sn"), text("protocol"), text("state"), text("status"),
                   last_heard(devices, row), text("name"), text("last_refusal"),
                   text("refusals"), text("last_addr"), text("model")});
    }
    table.print();
}

std::string queued_commands(const Rows &device)
{
    const std::string count = cell(device, 0, "commands_queued");
    return device.value(0, "queued_since")
               ? count + ", the oldest made " +
                     age_text(device.real(0, "queued_since_age_s"))
               : count;
}

std::string sent_commands(const Rows &device)
{
    if (device.integer(0, "commands_sent") == 0) {
        return "0";
    }
    const std::string parts = parts_text(device, 0);
    const std::string text =
        device.text(0, "commands_sent") + ": " +
        device.text(0, "sent_trans_id") + " " +
        device.text(0, "sent_cmd_code") +
        (device.value(0, "sent_since_age_s")
             ? ", " + age_text(device.real(0, "sent_since_age_s"))
             : "");
    return parts.empty() ? text : text + ", " + parts + " received";
}

void add_dialect_lines(Sheet &sheet, const Rows &device)
{
    const std::string protocol = device.text(0, "protocol");
    if (protocol == "cloud") {
        sheet.add("cloud_options", cell(device, 0, "cloud_options"));
    }
    if (protocol == "xml") {
        sheet.add("token_offer", cell(device, 0, "token_offer"));
        sheet.add("log_cursor", cell(device, 0, "log_cursor"));
    }
    if (protocol != "fk") {
        sheet.add("session_worker", cell(device, 0, "session_worker"));
        sheet.add("session_epoch", cell(device, 0, "session_epoch"));
    }
}

Sheet device_sheet(const Rows &device)
{
    Sheet sheet;
    for (const char *column :
         {"sn", "protocol", "state", "status", "name", "time_zone", "io_modes",
          "cpusn", "model", "firmware", "devinfo", "token_hash"}) {
        sheet.add(column, cell(device, 0, column));
    }
    add_dialect_lines(sheet, device);
    sheet.add("clock_skew_s", seconds_text(device, 0, "clock_skew_s"));
    sheet.add("last_seen", time_with_age(device, 0, "last_seen"));
    sheet.add("last_addr", cell(device, 0, "last_addr"));
    sheet.add("last_refusal", cell(device, 0, "last_refusal"));
    sheet.add("refusals", cell(device, 0, "refusals"));
    sheet.add("created_at", time_with_age(device, 0, "created_at"));
    return sheet;
}

} // namespace wac::ctl
