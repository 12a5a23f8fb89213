// The SQL that brings answers to commands home: kept whole if they are large,
// their records into the tables, the command to its end.
#include "db/result_statements.hpp"

#include "db/attendance_rows.hpp"
#include "db/pg_result.hpp"
#include "db/record_statements.hpp"

namespace wac::db
{

namespace
{

// the last part goes behind the others; a second answer changes nothing
constexpr Statement kReceive{
    "wac_receive",
    "WITH d AS (SELECT sn, state FROM wac_devices WHERE sn = $1::text), w AS ("
    "  UPDATE wac_commands c SET return_code = $3::text,"
    "      result_raw = coalesce((SELECT string_agg(b.body, ''::bytea"
    "              ORDER BY b.blk_no) FROM wac_command_blocks b"
    "          WHERE b.sn = c.sn AND b.request_code = 'send_cmd_result'"
    "            AND b.trans_id = c.trans_id), ''::bytea) || $4::bytea,"
    "      result_received_at = now(), taken_in_until = NULL,"
    "      records = 0, records_new = 0, records_invalid = 0"
    "    FROM d WHERE c.sn = d.sn AND c.trans_id = $2::text"
    "     AND d.state = 'approved' AND c.result_received_at IS NULL"
    "), x AS ("
    "  DELETE FROM wac_command_blocks b USING d"
    "   WHERE b.sn = d.sn AND d.state = 'approved'"
    ") SELECT d.state, c.trans_status, false"
    "    FROM d LEFT JOIN wac_commands c"
    "      ON c.sn = d.sn AND c.trans_id = $2::text"};

// for 20 seconds, which each portion renews
constexpr Statement kTake{
    "wac_take",
    "WITH w AS ("
    "  UPDATE wac_commands SET taken_in_until = now() + interval '20 s'"
    "   WHERE trans_id = (SELECT c.trans_id FROM wac_commands c"
    "         JOIN wac_devices k ON k.sn = c.sn AND k.state = 'approved'"
    "       WHERE c.result_raw IS NOT NULL"
    "         AND (c.taken_in_until IS NULL OR c.taken_in_until < now())"
    "         AND ($1::text IS NULL OR c.trans_id = $1::text)"
    "       ORDER BY c.result_received_at LIMIT 1"
    "         FOR UPDATE OF c SKIP LOCKED)"
    "  RETURNING *"
    ") SELECT d.state, w.sn, d.time_zone, w.trans_id, w.cmd_code,"
    "      w.cmd_param::text, w.trans_status, d.devinfo->>'fk_bin_data_lib',"
    "      w.return_code, w.result_raw, w.records"
    "    FROM w LEFT JOIN wac_devices d ON d.sn = w.sn"};

// A terminal that sent its punches with the names of their modes (fk-http.md
// 8.1) has them stored without a number: the pulled row is the same record.
constexpr Statement kPulled{
    "wac_pulled",
    "WITH d AS ("
    "  SELECT sn, io_modes, coalesce(time_zone, $3::text,"
    "      current_setting('TimeZone')) AS tz"
    "    FROM wac_devices WHERE sn = $1::text AND state = 'approved'"
    "), i AS ("
    "  SELECT * FROM unnest($4::wac_attendance_row[])"
    "), known AS ("
    "  UPDATE wac_attendance_logs l SET resends = l.resends + i.copies + 1"
    "    FROM i, d WHERE l.sn = d.sn AND l.enrollid = i.enrollid"
    "     AND l.record_time = i.record_time AND l.mode IS NULL"
    "     AND i.copies >= 0 AND i.protocol = 'fk'"
    "  RETURNING i.n"
    "), w AS ("
    "  INSERT INTO wac_attendance_logs AS l (sn, enrollid, record_time,"
    "      record_instant, mode, \"inout\", event, verifymode, name, method,"
    "      direction, temperature, photo_id, protocol, raw, resends, log_id,"
    "      latitude, longitude)"
    "  SELECT d.sn, enrollid, record_time, coalesce(instant,"
    "      record_time AT TIME ZONE tz), mode, \"inout\", event, verifymode,"
    "      name, method, coalesce(io_modes->>\"inout\"::text, direction),"
    "      temperature, CASE WHEN photo IS NOT NULL THEN"
    "          (SELECT p.id FROM wac_photos p"
    "            WHERE p.sn = d.sn AND p.sha256 = photo) END,"
    "      protocol, raw::jsonb, copies, log_id, latitude, longitude"
    "    FROM i, d WHERE copies >= 0 AND n NOT IN (SELECT n FROM known)"
    "  ON CONFLICT ON CONSTRAINT wac_attendance_logs_once DO UPDATE SET"
    "      resends = l.resends + excluded.resends + 1,"
    "      photo_id = coalesce(l.photo_id, excluded.photo_id)"
    "  RETURNING xmax = 0 AS fresh"
    ") UPDATE wac_commands SET records_new = records_new +"
    "      (SELECT count(*)::int4 FROM w WHERE fresh)"
    "   WHERE trans_id = $2::text AND sn = $1::text"};

// a list says less of a person than an enrolment did, and mostly nothing new
constexpr Statement kListed{
    "wac_listed",
    "WITH d AS ("
    "  SELECT sn FROM wac_devices WHERE sn = $1::text AND state = 'approved'"
    "), i AS ("
    "  SELECT DISTINCT ON (enrollid) * FROM unnest($3::text[], $4::text[],"
    "      $5::int8[], $6::int8[], $7::text[])"
    "      AS t(enrollid, privilege, admin, enabled, raw) ORDER BY enrollid"
    "), w AS ("
    "  INSERT INTO wac_users AS u (sn, enrollid, privilege, admin, enabled,"
    "      raw)"
    "  SELECT d.sn, enrollid, privilege, admin::int4, enabled <> 0, raw::jsonb"
    "    FROM i, d"
    "  ON CONFLICT (sn, enrollid) DO UPDATE SET"
    "      privilege = coalesce(excluded.privilege, u.privilege),"
    "      admin = coalesce(excluded.admin, u.admin),"
    "      enabled = coalesce(excluded.enabled, u.enabled),"
    "      raw = coalesce(u.raw, '{}') || excluded.raw, updated_at = now()"
    "    WHERE (u.privilege, u.admin, u.enabled) IS DISTINCT FROM"
    "          (excluded.privilege, excluded.admin, excluded.enabled)"
    "       OR NOT coalesce(u.raw, '{}') @> excluded.raw"
    "  RETURNING xmax = 0 AS fresh"
    ") UPDATE wac_commands SET records_new = records_new +"
    "      (SELECT count(*)::int4 FROM w WHERE fresh)"
    "   WHERE trans_id = $2::text AND sn = $1::text"};

// before the person is stored
constexpr Statement kNewPerson{
    "wac_new_person", "UPDATE wac_commands SET records_new = records_new + 1"
                      " WHERE trans_id = $2::text AND sn = $1::text"
                      "   AND NOT EXISTS (SELECT FROM wac_users"
                      "       WHERE sn = $1::text AND enrollid = $3::text)"};

constexpr Statement kAdminLogs{
    "wac_admin_logs",
    "WITH d AS ("
    "  SELECT sn, coalesce(time_zone, $3::text,"
    "      current_setting('TimeZone')) AS tz"
    "    FROM wac_devices WHERE sn = $1::text AND state = 'approved'"
    "), i AS ("
    "  SELECT DISTINCT ON (record_time, log_id, admin_id, user_id, action) *"
    "    FROM unnest($4::text[], $5::text[], $6::text[], $7::text[],"
    "        $8::timestamp[], $9::text[])"
    "        AS t(log_id, admin_id, user_id, action, record_time, raw)"
    "   ORDER BY record_time, log_id, admin_id, user_id, action"
    "), w AS ("
    "  INSERT INTO wac_admin_logs AS l (sn, log_id, admin_id, user_id, action,"
    "      record_time, record_instant, raw)"
    "  SELECT d.sn, log_id, admin_id, user_id, action, record_time,"
    "      record_time AT TIME ZONE tz, raw::jsonb FROM i, d"
    "  ON CONFLICT ON CONSTRAINT wac_admin_logs_once DO UPDATE SET"
    "      resends = l.resends + 1"
    "  RETURNING xmax = 0 AS fresh"
    ") UPDATE wac_commands SET records_new = records_new +"
    "      (SELECT count(*)::int4 FROM w WHERE fresh)"
    "   WHERE trans_id = $2::text AND sn = $1::text"};

// nothing if the rows before are not those that the sender knows of: then
// somebody else is at it
constexpr Statement kPortion{
    "wac_portion",
    "WITH d AS (SELECT sn, state FROM wac_devices WHERE sn = $1::text), w AS ("
    "  UPDATE wac_commands c SET records = c.records + $3::int4,"
    "      records_invalid = c.records_invalid + $4::int4,"
    "      progress = coalesce($6::text::jsonb, c.progress),"
    "      goes_on = $6::text IS NOT NULL,"
    "      taken_in_until = now() + interval '20 s'"
    "    FROM d WHERE c.sn = d.sn AND c.trans_id = $2::text"
    "     AND d.state = 'approved'"
    "     AND c.records = coalesce($5::int4, c.records)"
    "  RETURNING c.trans_status"
    ") SELECT d.state, w.trans_status, false FROM d LEFT JOIN w ON true"};

// a command that has ended keeps its state: its answer came late
constexpr Statement kEnd{
    "wac_end",
    "WITH d AS (SELECT sn, state FROM wac_devices WHERE sn = $1::text), w AS ("
    "  UPDATE wac_commands c SET"
    "      trans_status = CASE WHEN o.open THEN $5::text"
    "                          ELSE c.trans_status END,"
    "      trans_status_update_time = CASE WHEN o.open THEN now()"
    "                          ELSE c.trans_status_update_time END,"
    "      late_at = CASE WHEN o.open THEN NULL ELSE now() END,"
    "      failure = CASE WHEN o.open THEN $7::text ELSE c.failure END,"
    "      return_code = $6::text,"
    "      records = c.records + $3::int4,"
    "      records_invalid = c.records_invalid + $4::int4,"
    "      result = CASE WHEN c.records + $3::int4 = 0 THEN $8::text::jsonb"
    "          ELSE coalesce($8::text::jsonb, '{}') || jsonb_build_object("
    "              'stored', jsonb_build_object("
    "                  'records', c.records + $3::int4,"
    "                  'new', c.records_new,"
    "                  'invalid', c.records_invalid + $4::int4)) END,"
    "      result_bin = $9::bytea[], result_raw = NULL,"
    "      taken_in_until = NULL, progress = NULL, goes_on = false,"
    "      result_received_at = coalesce(c.result_received_at, now())"
    "    FROM d, (SELECT trans_id, trans_status IN ('queued', 'sent') AS open"
    "        FROM wac_commands WHERE trans_id = $2::text FOR UPDATE) o"
    "   WHERE c.trans_id = o.trans_id AND c.sn = d.sn"
    "     AND d.state = 'approved' RETURNING c.trans_status"
    ") SELECT d.state, w.trans_status, EXISTS (SELECT FROM wac_commands r"
    "      WHERE r.sn = d.sn AND r.trans_status = 'queued' AND NOT r.native"
    "        AND r.cmd_code IN ('RESET_FK', 'reset', 'reboot')"
    "        AND r.expires_at > now())"
    "    FROM d LEFT JOIN w ON true"};

constexpr Statement kStatements[] = {kReceive,   kTake,      kPulled,  kListed,
                                     kNewPerson, kAdminLogs, kPortion, kEnd};

// ---- rows -----------------------------------------------------------------

void read_command_state(const PGresult *rows, int row, int column,
                        Outcome &outcome)
{
    read_state(rows, row, column, outcome);
    const auto status = command_status_of(text_at(rows, row, column + 1));
    if (!status) {
        return;
    }
    outcome.detail = std::make_shared<const Outcome::Detail>(
        CommandState{*status, bool_at(rows, row, column + 2)});
}

void read_taken(const PGresult *rows, int row, int column, Outcome &outcome)
{
    read_state(rows, row, column, outcome);
    TakenResult taken;
    taken.sn = string_at(rows, row, column + 1);
    taken.zone = string_at(rows, row, column + 2);
    taken.command.trans_id = string_at(rows, row, column + 3);
    taken.command.cmd_code = string_at(rows, row, column + 4);
    taken.command.cmd_param = string_at(rows, row, column + 5);
    taken.command.status = command_status_of(text_at(rows, row, column + 6))
                               .value_or(CommandStatus::failed);
    taken.command.was_sent = true;
    taken.command.library = string_at(rows, row, column + 7);
    taken.return_code = string_at(rows, row, column + 8);
    taken.body = string_at(rows, row, column + 9);
    taken.rows_done = static_cast<std::size_t>(int4_at(rows, row, column + 10));
    outcome.detail = std::make_shared<const Outcome::Detail>(std::move(taken));
}

// ---- parameters -----------------------------------------------------------

bool send_pulled(StatementQueue &queue, const StoreResult &op)
{
    std::vector<AttendanceRow> rows;
    rows.reserve(op.records.logs.size());
    for (const AttendanceRecord &record : op.records.logs) {
        rows.push_back({op.sn, op.protocol, op.zone, &record, record.photo, 0,
                        static_cast<std::int32_t>(rows.size())});
    }
    if (rows.empty()) {
        return true;
    }
    mark_copies(rows);
    bool ok = true;
    for (const AttendanceRow &row : rows) {
        ok = ok && send_photo(queue, op.sn, row.photo);
    }
    PgRows records = parameter_of(rows, queue);
    PgParameters p;
    p.add(op.sn);
    p.add(op.trans_id);
    p.add_or_null(op.zone);
    p.add(records);
    return ok && queue.put(kPulled, p);
}

bool send_listed(StatementQueue &queue, const StoreResult &op)
{
    if (op.records.users.empty()) {
        return true;
    }
    PgArray enrollid(PgType::text), privilege(PgType::text),
        admin(PgType::int8), enabled(PgType::int8), raw(PgType::text);
    for (const ListedUser &user : op.records.users) {
        enrollid.add(user.enrollid);
        privilege.add_or_null(user.privilege);
        admin.add_int8(user.admin);
        enabled.add_int8(user.enabled);
        raw.add(user.raw);
    }
    PgParameters p;
    p.add(op.sn);
    p.add(op.trans_id);
    add_columns(p, {&enrollid, &privilege, &admin, &enabled, &raw});
    return queue.put(kListed, p);
}

bool send_admin_logs(StatementQueue &queue, const StoreResult &op)
{
    if (op.records.admin_logs.empty()) {
        return true;
    }
    PgArray log_id(PgType::text), admin_id(PgType::text), user_id(PgType::text),
        action(PgType::text), record_time(PgType::timestamp), raw(PgType::text);
    for (const AdminRecord &record : op.records.admin_logs) {
        log_id.add(record.log_id);
        admin_id.add_or_null(record.admin_id);
        user_id.add_or_null(record.user_id);
        action.add(record.action);
        record_time.add_timestamp(record.record_time);
        raw.add(record.raw);
    }
    PgParameters p;
    p.add(op.sn);
    p.add(op.trans_id);
    p.add_or_null(op.zone);
    add_columns(p, {&log_id, &admin_id, &user_id, &action, &record_time, &raw});
    return queue.put(kAdminLogs, p);
}

bool send_person(StatementQueue &queue, const StoreResult &op)
{
    if (!op.records.enrolment) {
        return true;
    }
    PgParameters p;
    p.add(op.sn);
    p.add(op.trans_id);
    p.add(op.records.enrolment->enrollid);
    return queue.put(kNewPerson, p) &&
           send_enrolment(queue, *op.records.enrolment, kNobody);
}

bool send_invalid(StatementQueue &queue, const StoreResult &op)
{
    if (op.records.invalid.empty()) {
        return true;
    }
    Quarantine rows;
    rows.sn = op.sn;
    rows.protocol = op.protocol;
    rows.request = op.request;
    rows.reason = op.records.invalid_reason;
    rows.frame = as_bytes(op.records.invalid);
    return send_quarantine(queue, rows, kNobody);
}

void add_counts(PgParameters &p, const StoreResult &op)
{
    p.add(op.sn);
    p.add(op.trans_id);
    p.add_int4(static_cast<std::int32_t>(op.records.rows));
    p.add_int4(static_cast<std::int32_t>(op.records.invalid_rows));
}

bool send_end(StatementQueue &queue, std::size_t n, const StoreResult &op)
{
    const CommandEnd &end = *op.end;
    PgArray bins(PgType::bytea);
    for (const std::string &bin : end.result_bin) {
        bins.add(bin);
    }
    PgParameters p;
    add_counts(p, op);
    p.add(name_of(end.status));
    p.add_or_null(end.return_code);
    p.add_or_null(end.failure);
    p.add_or_null(end.result);
    p.add(bins);
    return queue.put(kEnd, p, n, read_command_state);
}

bool send_portion(StatementQueue &queue, std::size_t n, const StoreResult &op)
{
    PgParameters p;
    add_counts(p, op);
    op.rows_before ? p.add_int4(static_cast<std::int32_t>(*op.rows_before))
                   : p.add_null();
    p.add_or_null(op.goes_on_with);
    return queue.put(kPortion, p, n, read_command_state);
}

bool send_result(StatementQueue &queue, std::size_t n, const StoreResult &op)
{
    const bool records = send_pulled(queue, op) && send_listed(queue, op) &&
                         send_admin_logs(queue, op) && send_person(queue, op) &&
                         send_invalid(queue, op);
    return records &&
           (op.end ? send_end(queue, n, op) : send_portion(queue, n, op));
}

} // namespace

std::span<const Statement> result_statements()
{
    return kStatements;
}

bool send_results(StatementQueue &queue, Operations operations)
{
    bool ok = true;
    each<StoreResult>(operations, [&](std::size_t n, const StoreResult &op) {
        ok = ok && send_result(queue, n, op);
    });
    each<ReceiveResult>(
        operations, [&](std::size_t n, const ReceiveResult &op) {
            PgParameters p;
            p.add(op.sn);
            p.add(op.trans_id);
            p.add_or_null(op.return_code);
            p.add(op.last_part.empty() ? std::string_view("")
                                       : as_text(op.last_part));
            ok = ok && queue.put(kReceive, p, n, read_command_state);
        });
    each<TakeResult>(operations, [&](std::size_t n, const TakeResult &op) {
        PgParameters p;
        p.add_or_null(op.trans_id);
        ok = ok && queue.put(kTake, p, n, read_taken);
    });
    return ok;
}

} // namespace wac::db
