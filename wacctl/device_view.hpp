// How the command line reads devices: one row, or lists for people and
// machines. Shared by `device` and `doctor`.
#pragma once

#include "database.hpp"
#include "table.hpp"

namespace wac::ctl
{

/** The columns of wac_devices d. Of tokens no more is told than whether
 *  there is one: their hashes are secrets too. The ages are in seconds, by the
 *  database's clock. */
inline constexpr const char *kDeviceColumns =
    "d.sn, d.protocol, d.state, d.status, d.cpusn, d.model, d.firmware,"
    " d.devinfo, d.name, d.time_zone, d.io_modes,"
    " CASE WHEN d.token_hash IS NOT NULL THEN 'set' END AS token_hash,"
    " CASE WHEN d.token_offer IS NOT NULL THEN 'set' END AS token_offer,"
    " d.cloud_options, d.log_cursor, d.session_worker, d.session_epoch,"
    " d.clock_skew_s, d.last_seen, d.last_addr, d.last_refusal, d.refusals,"
    " d.created_at,"
    " extract(epoch FROM now() - d.last_seen)::bigint AS last_seen_age_s,"
    " extract(epoch FROM now() - d.created_at)::bigint AS created_at_age_s";

struct DeviceFilter {
    std::string state;
    std::string protocol;
};

Result<Rows> find_devices(Database &database, const DeviceFilter &filter);

/** The device's row, the counts attendance_logs, users, quarantined and
 *  commands (those that have not ended), and more about these. The error is
 *  "no device SN". */
Result<Rows> find_device(Database &database, const std::string &sn);

Error no_device(const std::string &sn);

void print_devices(const Rows &devices);

/** What only terminals of its dialect have. */
void add_dialect_lines(Sheet &sheet, const Rows &device);

/** The device's columns, name by name, with ages. */
Sheet device_sheet(const Rows &device);

/** "2, the oldest made 3 min ago", "0". */
std::string queued_commands(const Rows &device);

/** "1: 1001 GET_LOG_DATA, 12 s ago, 3 parts, 24 kB received", "0". */
std::string sent_commands(const Rows &device);

/** "12 s ago", "never". */
std::string last_heard(const Rows &devices, int row);

} // namespace wac::ctl
