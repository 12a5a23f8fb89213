// The SQL that stores what terminals report: punches, people, events, and what
// could not be understood.
#include "db/record_statements.hpp"

#include "db/attendance_rows.hpp"

namespace wac::db
{

namespace
{

// One row a record in, one row an operation out: n is the operation's number,
// with its first record. The look for a record with its modes as numbers is
// not an EXISTS, which could be planned as a hash of the whole table.
constexpr Statement kAttendance{
    "wac_attendance",
    "WITH i AS ("
    "  SELECT * FROM unnest($1::wac_attendance_row[])"
    "), d AS ("
    "  SELECT i.*, k.state, k.io_modes, k.devinfo,"
    "      coalesce(k.time_zone, i.zone, current_setting('TimeZone')) AS tz"
    "    FROM i JOIN wac_devices k ON k.sn = i.sn"
    "), w AS ("
    "  INSERT INTO wac_attendance_logs AS l (sn, enrollid, name,"
    "      record_time, record_instant, mode, \"inout\", event, verifymode,"
    "      method, direction, temperature, photo_id, protocol, raw, resends,"
    "      log_id, latitude, longitude)"
    "  SELECT sn, enrollid, name, record_time, coalesce(instant,"
    "      record_time AT TIME ZONE tz), mode, \"inout\", event, verifymode,"
    "      CASE WHEN m50_method IS NOT NULL"
    "            AND upper(devinfo->>'fk_bin_data_lib') IN ('M50', 'M60')"
    "           THEN m50_method ELSE method END,"
    "      coalesce(io_modes->>\"inout\"::text, direction), temperature,"
    "      CASE WHEN photo IS NOT NULL THEN"
    "          (SELECT p.id FROM wac_photos p"
    "            WHERE p.sn = d.sn AND p.sha256 = d.photo) END,"
    "      protocol, raw::jsonb, copies, log_id, latitude, longitude"
    "    FROM d WHERE state = 'approved' AND copies >= 0"
    "     AND (mode IS NOT NULL OR protocol <> 'fk' OR ("
    "         SELECT true FROM wac_attendance_logs x WHERE x.sn = d.sn"
    "            AND x.enrollid = d.enrollid"
    "            AND x.record_time = d.record_time AND x.mode IS NOT NULL"
    "          LIMIT 1) IS NULL)"
    "  ON CONFLICT ON CONSTRAINT wac_attendance_logs_once DO UPDATE SET"
    "      resends = l.resends + excluded.resends + 1,"
    "      photo_id = coalesce(l.photo_id, excluded.photo_id)"
    ") SELECT n, state FROM d WHERE n IS NOT NULL"};

// A punch that names its modes (fk-http.md 8.1) and was pulled before: there
// they are a number. Counted here, and not inserted above.
constexpr Statement kNamedModes{
    "wac_named_modes",
    "UPDATE wac_attendance_logs l SET resends = l.resends + i.copies + 1,"
    "    photo_id = coalesce(l.photo_id, CASE WHEN i.photo IS NOT NULL THEN"
    "        (SELECT p.id FROM wac_photos p"
    "          WHERE p.sn = i.sn AND p.sha256 = i.photo) END)"
    "  FROM unnest($1::text[], $2::text[], $3::timestamp[], $4::int4[],"
    "      $5::bytea[]) AS i(sn, enrollid, record_time, copies, photo)"
    "  JOIN wac_devices k ON k.sn = i.sn AND k.state = 'approved'"
    " WHERE l.sn = i.sn AND l.enrollid = i.enrollid"
    "   AND l.record_time = i.record_time AND l.mode IS NOT NULL"};

constexpr Statement kPhoto{
    "wac_photo", "INSERT INTO wac_photos (sn, sha256, content)"
                 " SELECT d.sn, $2::bytea, $3::bytea FROM wac_devices d"
                 "  WHERE d.sn = $1::text AND d.state = 'approved'"
                 " ON CONFLICT (sn, sha256) DO NOTHING"};

constexpr Statement kUser{
    "wac_user",
    "WITH d AS (SELECT sn, state FROM wac_devices WHERE sn = $1::text), w AS ("
    "  INSERT INTO wac_users AS u (sn, enrollid, name, privilege, admin,"
    "      enabled, photo_id, raw)"
    "  SELECT sn, $2::text, $3::text, $4::text, $5::int4, $6::bool,"
    "      (SELECT p.id FROM wac_photos p"
    "        WHERE p.sn = d.sn AND p.sha256 = $7::bytea), $8::text::jsonb"
    "    FROM d WHERE state = 'approved'"
    "  ON CONFLICT (sn, enrollid) DO UPDATE SET"
    "      name = coalesce(excluded.name, u.name),"
    "      privilege = coalesce(excluded.privilege, u.privilege),"
    "      admin = coalesce(excluded.admin, u.admin),"
    "      enabled = coalesce(excluded.enabled, u.enabled),"
    "      photo_id = coalesce(excluded.photo_id, u.photo_id),"
    "      raw = coalesce(excluded.raw, u.raw), updated_at = now()"
    ") SELECT state FROM d"};

constexpr Statement kCredential{
    "wac_credential",
    "INSERT INTO wac_credentials AS c (sn, enrollid, backupnum, name, record,"
    "      data, admin, privilege)"
    " SELECT d.sn, $2::text, $3::int4, $4::text, $5::text, $6::bytea,"
    "      $7::int4, $8::text FROM wac_devices d"
    "  WHERE d.sn = $1::text AND d.state = 'approved'"
    " ON CONFLICT (sn, enrollid, backupnum) DO UPDATE SET"
    "      name = coalesce(excluded.name, c.name), record = excluded.record,"
    "      data = excluded.data, admin = coalesce(excluded.admin, c.admin),"
    "      privilege = coalesce(excluded.privilege, c.privilege),"
    "      updated_at = now()"};

// One row an operation, in and out. They are numbered in the order in which
// the terminal sent them.
constexpr Statement kEvents{
    "wac_events",
    "WITH d AS ("
    "  SELECT i.*, k.state FROM unnest($1::int4[], $2::text[], $3::text[],"
    "      $4::text[]) AS i(n, sn, event_type, payload)"
    "    JOIN wac_devices k ON k.sn = i.sn"
    "), w AS ("
    "  INSERT INTO wac_events (sn, event_type, payload)"
    "  SELECT sn, event_type, payload::jsonb FROM d WHERE state = 'approved'"
    "   ORDER BY n"
    ") SELECT n, state FROM d"};

constexpr Statement kTelemetry{
    "wac_telemetry",
    "WITH d AS ("
    "  SELECT i.*, k.state FROM unnest($1::int4[], $2::text[], $3::text[])"
    "      AS i(n, sn, payload) JOIN wac_devices k ON k.sn = i.sn"
    "), w AS ("
    "  INSERT INTO wac_telemetry (sn, payload)"
    "  SELECT sn, payload::jsonb FROM d WHERE state = 'approved' ORDER BY n"
    ") SELECT n, state FROM d"};

constexpr Statement kAdminRecords{
    "wac_admin_records",
    "WITH d AS ("
    "  SELECT sn, state, coalesce(time_zone, $2::text,"
    "      current_setting('TimeZone')) AS tz"
    "    FROM wac_devices WHERE sn = $1::text"
    "), i AS ("
    "  SELECT DISTINCT ON (record_time, log_id, admin_id, user_id, action) *"
    "    FROM unnest($3::text[], $4::text[], $5::text[], $6::text[],"
    "        $7::timestamp[], $8::timestamptz[], $9::text[]) AS t(log_id,"
    "        admin_id, user_id, action, record_time, instant, raw)"
    "   ORDER BY record_time, log_id, admin_id, user_id, action"
    "), w AS ("
    "  INSERT INTO wac_admin_logs AS l (sn, log_id, admin_id, user_id, action,"
    "      record_time, record_instant, raw)"
    "  SELECT d.sn, log_id, admin_id, user_id, action, record_time,"
    "      coalesce(instant, record_time AT TIME ZONE tz), raw::jsonb"
    "    FROM i, d WHERE d.state = 'approved'"
    "  ON CONFLICT ON CONSTRAINT wac_admin_logs_once DO UPDATE SET"
    "      resends = l.resends + 1"
    ") SELECT state FROM d"};

// What came in parts is put together first.
constexpr Statement kQuarantine{
    "wac_quarantine",
    "WITH d AS (SELECT sn, state FROM wac_devices WHERE sn = $1::text), w AS ("
    "  INSERT INTO wac_quarantine AS q (sn, protocol, request, reason, frame)"
    "  SELECT sn, $2::text, $3::text, $4::text,"
    "      coalesce((SELECT string_agg(b.body, ''::bytea ORDER BY b.blk_no)"
    "          FROM wac_command_blocks b WHERE b.sn = d.sn"
    "           AND b.request_code = $3::text AND b.trans_id = $6::text),"
    "          ''::bytea) || $5::bytea"
    "    FROM d WHERE state = 'approved'"
    "  ON CONFLICT ON CONSTRAINT wac_quarantine_once"
    "      DO UPDATE SET resends = q.resends + 1"
    "), x AS ("
    "  DELETE FROM wac_command_blocks b USING d"
    "   WHERE b.sn = d.sn AND d.state = 'approved'"
    "     AND b.request_code = $3::text AND b.trans_id = $6::text"
    ") SELECT state FROM d"};

constexpr Statement kStatements[] = {kAttendance, kNamedModes,   kPhoto,
                                     kUser,       kCredential,   kEvents,
                                     kTelemetry,  kAdminRecords, kQuarantine};

bool send_credential(StatementQueue &queue, const StoreEnrolment &op,
                     const StoredCredential &credential)
{
    PgParameters p;
    p.add(op.sn);
    p.add(op.enrollid);
    p.add_int4(credential.backupnum);
    p.add_or_null(op.name);
    if (credential.is_text) {
        p.add(credential.data);
        p.add_null();
    } else {
        p.add_null();
        p.add(credential.data);
    }
    p.add_int4(op.admin);
    p.add_or_null(op.privilege);
    return queue.put(kCredential, p);
}

bool send_named_modes(StatementQueue &queue,
                      const std::vector<AttendanceRow> &rows)
{
    PgArray sn(PgType::text), enrollid(PgType::text),
        record_time(PgType::timestamp), copies(PgType::int4),
        photo(PgType::bytea);
    bool any = false;
    for (const AttendanceRow &row : rows) {
        if (row.record->mode || row.copies < 0 ||
            row.protocol != Protocol::fk) {
            continue;
        }
        any = true;
        sn.add(row.sn);
        enrollid.add(row.record->enrollid);
        record_time.add_timestamp(row.record->record_time);
        copies.add_int4(row.copies);
        photo.add_or_null(queue.hash_of(row.photo));
    }
    if (!any) {
        return true;
    }
    PgParameters p;
    add_columns(p, {&sn, &enrollid, &record_time, &copies, &photo});
    return queue.put(kNamedModes, p);
}

bool send_attendance(StatementQueue &queue, Operations operations)
{
    std::vector<AttendanceRow> rows;
    rows.reserve(operations.size());
    each<StoreAttendance>(
        operations, [&](std::size_t n, const StoreAttendance &op) {
            std::optional number(static_cast<std::int32_t>(n));
            for (const AttendanceRecord &record : op.records) {
                rows.push_back({op.sn, op.protocol, op.zone, &record,
                                record.photo, 0, number});
                number.reset();
            }
        });
    if (rows.empty()) {
        return true;
    }
    mark_copies(rows);
    PgRows records = parameter_of(rows, queue);
    PgParameters p;
    p.add(records);
    return send_named_modes(queue, rows) &&
           queue.put(kAttendance, p, kRowNamesIt);
}

bool send_photos(StatementQueue &queue, Operations operations)
{
    bool ok = true;
    each<StoreAttendance>(operations,
                          [&](std::size_t, const StoreAttendance &op) {
                              for (const AttendanceRecord &r : op.records) {
                                  ok = ok && send_photo(queue, op.sn, r.photo);
                              }
                          });
    return ok;
}

bool send_events(StatementQueue &queue, Operations operations)
{
    PgArray n(PgType::int4), sn(PgType::text), event_type(PgType::text),
        payload(PgType::text);
    bool any = false;
    each<StoreEvent>(operations, [&](std::size_t index, const StoreEvent &op) {
        any = true;
        n.add_int4(static_cast<std::int32_t>(index));
        sn.add(op.sn);
        event_type.add(op.event_type);
        payload.add(op.payload);
    });
    if (!any) {
        return true;
    }
    PgParameters p;
    add_columns(p, {&n, &sn, &event_type, &payload});
    return queue.put(kEvents, p, kRowNamesIt);
}

bool send_telemetry(StatementQueue &queue, Operations operations)
{
    PgArray n(PgType::int4), sn(PgType::text), payload(PgType::text);
    bool any = false;
    each<StoreTelemetry>(operations,
                         [&](std::size_t index, const StoreTelemetry &op) {
                             any = true;
                             n.add_int4(static_cast<std::int32_t>(index));
                             sn.add(op.sn);
                             payload.add(op.payload);
                         });
    if (!any) {
        return true;
    }
    PgParameters p;
    add_columns(p, {&n, &sn, &payload});
    return queue.put(kTelemetry, p, kRowNamesIt);
}

bool send_admin_records(StatementQueue &queue, std::size_t owner,
                        const StoreAdminLogs &op)
{
    PgArray log_id(PgType::text), admin_id(PgType::text), user_id(PgType::text),
        action(PgType::text), record_time(PgType::timestamp),
        instant(PgType::timestamptz), raw(PgType::text);
    for (const AdminRecord &record : op.records) {
        log_id.add(record.log_id);
        admin_id.add_or_null(record.admin_id);
        user_id.add_or_null(record.user_id);
        action.add(record.action);
        record_time.add_timestamp(record.record_time);
        instant.add_int8(record.instant_us);
        raw.add(record.raw);
    }
    PgParameters p;
    p.add(op.sn);
    p.add_or_null(op.zone);
    add_columns(p, {&log_id, &admin_id, &user_id, &action, &record_time,
                    &instant, &raw});
    return queue.put(kAdminRecords, p, owner);
}

} // namespace

std::span<const Statement> record_statements()
{
    return kStatements;
}

bool send_photo(StatementQueue &queue, const std::string &sn, Bytes photo)
{
    if (photo.empty()) {
        return true;
    }
    PgParameters p;
    p.add(sn);
    p.add(queue.hash_of(photo));
    p.add(photo);
    return queue.put(kPhoto, p);
}

bool send_enrolment(StatementQueue &queue, const StoreEnrolment &op,
                    std::size_t owner)
{
    PgParameters p;
    p.add(op.sn);
    p.add(op.enrollid);
    p.add_or_null(op.name);
    p.add_or_null(op.privilege);
    p.add_int4(op.admin);
    p.add_bool(op.enabled);
    p.add_or_null(queue.hash_of(op.photo));
    p.add_or_null(op.raw);
    bool ok = send_photo(queue, op.sn, op.photo) && queue.put(kUser, p, owner);
    for (const StoredCredential &credential : op.credentials) {
        ok = ok && send_credential(queue, op, credential);
    }
    return ok;
}

bool send_quarantine(StatementQueue &queue, const Quarantine &op,
                     std::size_t owner)
{
    PgParameters p;
    p.add(op.sn);
    p.add(name_of(op.protocol));
    p.add_or_null(op.request);
    p.add(op.reason);
    p.add(op.frame.empty() ? std::string_view("") : as_text(op.frame));
    p.add_or_null(op.task_id);
    return queue.put(kQuarantine, p, owner);
}

bool send_invalid(StatementQueue &queue, const std::string &sn,
                  Protocol protocol, const InvalidRecords &invalid)
{
    if (invalid.frame.empty()) {
        return true;
    }
    Quarantine rows;
    rows.sn = sn;
    rows.protocol = protocol;
    rows.request = invalid.request;
    rows.reason = invalid.reason;
    rows.frame = as_bytes(invalid.frame);
    return send_quarantine(queue, rows, kNobody);
}

bool send_records(StatementQueue &queue, Operations operations)
{
    bool ok =
        send_photos(queue, operations) && send_attendance(queue, operations);
    each<StoreAttendance>(
        operations, [&](std::size_t, const StoreAttendance &op) {
            ok = ok && send_invalid(queue, op.sn, op.protocol, op.invalid);
        });
    each<StoreEnrolment>(operations,
                         [&](std::size_t n, const StoreEnrolment &op) {
                             ok = ok && send_enrolment(queue, op, n);
                         });
    ok = ok && send_telemetry(queue, operations) &&
         send_events(queue, operations);
    each<StoreAdminLogs>(operations,
                         [&](std::size_t n, const StoreAdminLogs &op) {
                             ok = ok && send_admin_records(queue, n, op);
                         });
    each<Quarantine>(operations, [&](std::size_t n, const Quarantine &op) {
        ok = ok && send_quarantine(queue, op, n);
    });
    return ok;
}

} // namespace wac::db
