#include "db/statements.hpp"

#include "db/pg_parameters.hpp"
#include "db/sha256.hpp"

#include <algorithm>
#include <tuple>
#include <unordered_map>

namespace wac::db
{

namespace
{

// Nested loops over indexes, whatever the statistics were when a plan was
// cached: a batch is small beside the tables.
constexpr const char *kSettings =
    "SELECT set_config(name, value, false) FROM (VALUES"
    " ('enable_seqscan', 'off'), ('enable_hashjoin', 'off'),"
    " ('enable_mergejoin', 'off'), ('jit', 'off'),"
    " ('plan_cache_mode', 'force_generic_plan'),"
    " ('statement_timeout', '10s'), ('lock_timeout', '5s'),"
    " ('idle_in_transaction_session_timeout', '30s'),"
    " ('DateStyle', 'ISO'), ('IntervalStyle', 'postgres')"
    ") AS s(name, value)";

constexpr const char *kSchemaVersion =
    "SELECT coalesce(max(version), 0)::int4 FROM wac_schema_migrations";

struct Statement {
    const char *name;
    const char *text;
};

constexpr Statement kPoll{"wac_poll",
                          "SELECT i.n, d.state"
                          "  FROM unnest($1::int4[], $2::text[]) AS i(n, sn)"
                          "  JOIN wac_devices d ON d.sn = i.sn"};

// What strangers can create is bounded: a thousand devices wait for approval
// at most, and open enrolment takes in twenty thousand an hour.
constexpr Statement kContact{
    "wac_contact",
    "WITH i AS ("
    "  SELECT * FROM unnest($1::int4[], $2::text[], $3::text[], $4::text[],"
    "      $5::text[], $6::text[], $7::timestamp[], $8::text[], $9::text[],"
    "      $10::text[], $11::text[]) AS t(n, sn, protocol, policy, addr,"
    "      zone, device_time, devinfo, name, firmware, model)"
    "), one AS ("
    "  SELECT DISTINCT ON (sn) *,"
    "      EXISTS (SELECT FROM wac_devices k WHERE k.sn = i.sn) AS known,"
    "      extract(epoch FROM (device_time AT TIME ZONE coalesce("
    "          (SELECT k.time_zone FROM wac_devices k WHERE k.sn = i.sn),"
    "          zone, current_setting('TimeZone'))) - now())::float8 AS skew"
    "    FROM i ORDER BY sn, devinfo IS NULL, n"
    "), w AS ("
    "  INSERT INTO wac_devices AS d (sn, protocol, state, status, model,"
    "      firmware, devinfo, name, clock_skew_s, last_seen, last_addr)"
    "  SELECT sn, protocol,"
    "      CASE policy WHEN 'open' THEN 'approved' ELSE 'pending' END,"
    "      'online', model, firmware, devinfo::jsonb, name, skew, now(),"
    "      addr::inet"
    "    FROM one"
    "   WHERE known"
    "      OR policy = 'approve' AND (SELECT count(*) FROM"
    "          (SELECT FROM wac_devices WHERE state = 'pending' LIMIT 1000) p"
    "         ) < 1000"
    "      OR policy = 'open' AND (SELECT count(*) FROM"
    "          (SELECT FROM wac_devices"
    "            WHERE created_at > now() - interval '1 hour'"
    "            LIMIT 20000) p) < 20000"
    "   ORDER BY sn"
    "  ON CONFLICT (sn) DO UPDATE SET"
    "      state = CASE WHEN d.state = 'pending' THEN excluded.state"
    "                   ELSE d.state END,"
    "      protocol = CASE WHEN d.last_seen IS NULL THEN excluded.protocol"
    "                      ELSE d.protocol END,"
    "      status = 'online',"
    "      model = coalesce(excluded.model, d.model),"
    "      firmware = coalesce(excluded.firmware, d.firmware),"
    "      devinfo = coalesce(excluded.devinfo, d.devinfo),"
    "      name = coalesce(d.name, excluded.name),"
    "      clock_skew_s = coalesce(excluded.clock_skew_s, d.clock_skew_s),"
    "      last_seen = now(),"
    "      last_addr = coalesce(excluded.last_addr, d.last_addr)"
    "  RETURNING d.sn, d.state"
    ") SELECT i.n, w.state FROM w JOIN i ON i.sn = w.sn"};

constexpr Statement kAttendance{
    "wac_attendance",
    "WITH i AS ("
    "  SELECT * FROM unnest($1::int4[], $2::text[], $3::text[], $4::text[],"
    "      $5::text[], $6::text[], $7::timestamp[], $8::int8[], $9::int8[],"
    "      $10::int8[], $11::int8[], $12::text[], $13::text[], $14::text[],"
    "      $15::bytea[], $16::text[], $17::int4[]) AS t(n, sn, protocol,"
    "      zone, enrollid, name, record_time, mode, \"inout\", event,"
    "      verifymode, method, direction, m50_method, photo, raw, copies)"
    "), d AS ("
    "  SELECT i.*, k.state, k.io_modes, k.devinfo,"
    "      coalesce(k.time_zone, i.zone, current_setting('TimeZone')) AS tz"
    "    FROM i JOIN wac_devices k ON k.sn = i.sn"
    "), w AS ("
    "  INSERT INTO wac_attendance_logs AS l (sn, enrollid, name,"
    "      record_time, record_instant, mode, \"inout\", event, verifymode,"
    "      method, direction, photo_id, protocol, raw, resends)"
    "  SELECT sn, enrollid, name, record_time,"
    "      record_time AT TIME ZONE tz, mode, \"inout\", event, verifymode,"
    "      CASE WHEN m50_method IS NOT NULL"
    "            AND upper(devinfo->>'fk_bin_data_lib') IN ('M50', 'M60')"
    "           THEN m50_method ELSE method END,"
    "      coalesce(io_modes->>\"inout\"::text, direction),"
    "      CASE WHEN photo IS NOT NULL THEN"
    "          (SELECT p.id FROM wac_photos p"
    "            WHERE p.sn = d.sn AND p.sha256 = d.photo) END,"
    "      protocol, raw::jsonb, copies"
    "    FROM d WHERE state = 'approved' AND copies >= 0"
    "  ON CONFLICT ON CONSTRAINT wac_attendance_logs_once DO UPDATE SET"
    "      resends = l.resends + excluded.resends + 1,"
    "      photo_id = coalesce(l.photo_id, excluded.photo_id)"
    ") SELECT n, state FROM d"};

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
    "      raw = excluded.raw, updated_at = now()"
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

constexpr Statement kEvent{
    "wac_event",
    "WITH d AS (SELECT sn, state FROM wac_devices WHERE sn = $1::text), w AS ("
    "  INSERT INTO wac_events (sn, event_type, payload)"
    "  SELECT sn, $2::text, $3::text::jsonb FROM d WHERE state = 'approved'"
    ") SELECT state FROM d"};

constexpr Statement kQuarantine{
    "wac_quarantine",
    "WITH d AS (SELECT sn, state FROM wac_devices WHERE sn = $1::text), w AS ("
    "  INSERT INTO wac_quarantine AS q (sn, protocol, request, reason, frame)"
    "  SELECT sn, $2::text, $3::text, $4::text, $5::bytea"
    "    FROM d WHERE state = 'approved'"
    "  ON CONFLICT ON CONSTRAINT wac_quarantine_once"
    "      DO UPDATE SET resends = q.resends + 1"
    ") SELECT state FROM d"};

constexpr Statement kSightings{
    "wac_sightings",
    "UPDATE wac_devices d SET status = 'online',"
    "    last_seen = greatest(d.last_seen,"
    "        now() - make_interval(secs => t.age_s)),"
    "    last_addr = coalesce(t.addr::inet, d.last_addr),"
    "    clock_skew_s = coalesce(extract(epoch FROM"
    "        (t.device_time AT TIME ZONE coalesce(d.time_zone, t.zone,"
    "             current_setting('TimeZone')))"
    "        - (now() - make_interval(secs => t.age_s)))::float8,"
    "        d.clock_skew_s),"
    "    refusals = d.refusals + t.refusals,"
    "    last_refusal = coalesce(t.refusal, d.last_refusal)"
    "  FROM unnest($1::text[], $2::float8[], $3::text[], $4::text[],"
    "      $5::timestamp[], $6::int8[], $7::text[])"
    "      AS t(sn, age_s, addr, zone, device_time, refusals, refusal)"
    " WHERE d.sn = t.sn"};

constexpr Statement kStatements[] = {kPoll,  kContact,    kAttendance,
                                     kPhoto, kUser,       kCredential,
                                     kEvent, kQuarantine, kSightings};

// The natural key of wac_attendance_logs_once.
struct RecordKey {
    std::string_view sn;
    const AttendanceRecord *record;

    bool operator==(const RecordKey &other) const
    {
        return sn == other.sn && record->enrollid == other.record->enrollid &&
               record->record_time == other.record->record_time &&
               record->mode == other.record->mode &&
               record->inout == other.record->inout &&
               record->event == other.record->event;
    }
};

struct RecordKeyHash {
    std::size_t operator()(const RecordKey &key) const noexcept
    {
        const std::hash<std::string_view> text;
        return text(key.sn) ^ text(key.record->enrollid) * 31 ^
               std::hash<std::int64_t>{}(
                   key.record->record_time.since_2000_us());
    }
};

// Collects operations by kind, then queues them in an order that lets a
// punch's photo be found by the punch.
class Sender
{
  public:
    Sender(PGconn *connection, std::span<const Operation *const> operations,
           std::vector<std::size_t> &owners)
        : connection_(connection), operations_(operations), owners_(owners)
    {
    }

    bool send()
    {
        return send_photos() && send_attendance() && send_single() &&
               send_contacts() && send_polls();
    }

  private:
    template <typename Kind, typename Visitor>
    void each(Visitor visit)
    {
        for (std::size_t n = 0; n < operations_.size(); ++n) {
            if (!operations_[n]) {
                continue;
            }
            if (const Kind *kind = std::get_if<Kind>(operations_[n])) {
                visit(n, *kind);
            }
        }
    }

    bool queue(const Statement &statement, const PgParameters &parameters,
               std::size_t owner)
    {
        if (!parameters.send(connection_, statement.name)) {
            return false;
        }
        owners_.push_back(owner);
        return true;
    }

    /** Once per photo and batch; empty for none. */
    std::string_view hash_of(Bytes photo)
    {
        if (photo.empty()) {
            return {};
        }
        const auto [at, is_new] = hashes_.try_emplace(photo.data());
        if (is_new) {
            at->second = sha256(photo);
        }
        return as_text(at->second);
    }

    bool queue_photo(const std::string &sn, Bytes photo)
    {
        PgParameters p;
        p.add(sn);
        p.add(hash_of(photo));
        p.add(photo);
        return queue(kPhoto, p, kNobody);
    }

    bool send_photos()
    {
        bool ok = true;
        each<StoreAttendance>([&](std::size_t, const StoreAttendance &op) {
            for (const AttendanceRecord &record : op.records) {
                ok = ok &&
                     (record.photo.empty() || queue_photo(op.sn, record.photo));
            }
        });
        each<StoreEnrolment>([&](std::size_t, const StoreEnrolment &op) {
            ok = ok && (op.photo.empty() || queue_photo(op.sn, op.photo));
        });
        return ok;
    }

    struct Row {
        std::size_t n;
        const StoreAttendance *operation;
        const AttendanceRecord *record;
        Bytes photo;
        std::int32_t copies; // further ones of it in this batch, -1: is one
    };

    static auto key_of(const Row &row)
    {
        const AttendanceRecord &r = *row.record;
        return std::tuple(
            std::string_view(row.operation->sn), std::string_view(r.enrollid),
            r.record_time.since_2000_us(), r.mode, r.inout, r.event);
    }

    // A statement cannot touch one row twice: of records that are equal, the
    // first is inserted and the others only ask for the device's state.
    // Inserted in the order of the key, so that two sessions that hold the
    // same records wait for each other instead of locking both up.
    std::vector<Row> attendance_rows()
    {
        std::vector<Row> rows;
        std::unordered_map<RecordKey, std::size_t, RecordKeyHash> seen;
        each<StoreAttendance>([&](std::size_t n, const StoreAttendance &op) {
            for (const AttendanceRecord &record : op.records) {
                const auto [at, is_new] =
                    seen.try_emplace({op.sn, &record}, rows.size());
                if (!is_new) {
                    Row &first = rows[at->second];
                    ++first.copies;
                    if (first.photo.empty()) {
                        first.photo = record.photo;
                    }
                }
                rows.push_back(
                    {n, &op, &record, record.photo, is_new ? 0 : -1});
            }
        });
        std::sort(rows.begin(), rows.end(), [](const Row &a, const Row &b) {
            return key_of(a) < key_of(b);
        });
        return rows;
    }

    bool send_attendance()
    {
        const std::vector<Row> rows = attendance_rows();
        if (rows.empty()) {
            return true;
        }

        PgArray n(PgType::int4), sn(PgType::text), protocol(PgType::text),
            zone(PgType::text), enrollid(PgType::text), name(PgType::text),
            record_time(PgType::timestamp), mode(PgType::int8),
            inout(PgType::int8), event(PgType::int8), verifymode(PgType::int8),
            method(PgType::text), direction(PgType::text),
            m50_method(PgType::text), photo(PgType::bytea), raw(PgType::text),
            copies(PgType::int4);
        for (const Row &row : rows) {
            const AttendanceRecord &r = *row.record;
            n.add_int4(static_cast<std::int32_t>(row.n));
            sn.add(row.operation->sn);
            protocol.add(name_of(row.operation->protocol));
            zone.add_or_null(row.operation->zone);
            enrollid.add(r.enrollid);
            name.add_or_null(r.name);
            record_time.add_timestamp(r.record_time);
            mode.add_int8(r.mode);
            inout.add_int8(r.inout);
            event.add_int8(r.event);
            verifymode.add_int8(r.verifymode);
            method.add_or_null(r.method);
            direction.add_or_null(r.direction);
            m50_method.add_or_null(r.m50_method);
            photo.add_or_null(hash_of(row.photo));
            raw.add_or_null(r.raw);
            copies.add_int4(row.copies);
        }
        PgParameters p;
        for (PgArray *column :
             {&n, &sn, &protocol, &zone, &enrollid, &name, &record_time, &mode,
              &inout, &event, &verifymode, &method, &direction, &m50_method,
              &photo, &raw, &copies}) {
            p.add(*column);
        }
        return queue(kAttendance, p, kRowNamesIt);
    }

    bool send_single()
    {
        bool ok = true;
        each<StoreEnrolment>([&](std::size_t n, const StoreEnrolment &op) {
            ok = ok && send_enrolment(n, op);
        });
        each<StoreEvent>([&](std::size_t n, const StoreEvent &op) {
            PgParameters p;
            p.add(op.sn);
            p.add(op.event_type);
            p.add(op.payload);
            ok = ok && queue(kEvent, p, n);
        });
        each<Quarantine>([&](std::size_t n, const Quarantine &op) {
            PgParameters p;
            p.add(op.sn);
            p.add(name_of(op.protocol));
            p.add_or_null(op.request);
            p.add(op.reason);
            p.add(op.frame.empty() ? std::string_view("") : as_text(op.frame));
            ok = ok && queue(kQuarantine, p, n);
        });
        return ok;
    }

    bool send_enrolment(std::size_t n, const StoreEnrolment &op)
    {
        PgParameters p;
        p.add(op.sn);
        p.add(op.enrollid);
        p.add_or_null(op.name);
        p.add_or_null(op.privilege);
        p.add_int4(op.admin);
        p.add_bool(op.enabled);
        p.add_or_null(hash_of(op.photo));
        p.add_or_null(op.raw);
        bool ok = queue(kUser, p, n);
        for (const StoredCredential &credential : op.credentials) {
            PgParameters c;
            c.add(op.sn);
            c.add(op.enrollid);
            c.add_int4(credential.backupnum);
            c.add_or_null(op.name);
            if (credential.is_text) {
                c.add(credential.data);
                c.add_null();
            } else {
                c.add_null();
                c.add(credential.data);
            }
            c.add_int4(op.admin);
            c.add_or_null(op.privilege);
            ok = ok && queue(kCredential, c, kNobody);
        }
        return ok;
    }

    bool send_contacts()
    {
        PgArray n(PgType::int4), sn(PgType::text), protocol(PgType::text),
            policy(PgType::text), addr(PgType::text), zone(PgType::text),
            device_time(PgType::timestamp), devinfo(PgType::text),
            name(PgType::text), firmware(PgType::text), model(PgType::text);
        bool any = false;
        each<Contact>([&](std::size_t index, const Contact &op) {
            any = true;
            n.add_int4(static_cast<std::int32_t>(index));
            sn.add(op.sn);
            protocol.add(name_of(op.protocol));
            policy.add(name_of(op.policy));
            addr.add_or_null(op.addr);
            zone.add_or_null(op.zone);
            device_time.add_timestamp(op.device_time);
            devinfo.add_or_null(op.devinfo);
            name.add_or_null(op.name);
            firmware.add_or_null(op.firmware);
            model.add_or_null(op.model);
        });
        if (!any) {
            return true;
        }
        PgParameters p;
        for (PgArray *column :
             {&n, &sn, &protocol, &policy, &addr, &zone, &device_time, &devinfo,
              &name, &firmware, &model}) {
            p.add(*column);
        }
        return queue(kContact, p, kRowNamesIt);
    }

    bool send_polls()
    {
        PgArray n(PgType::int4), sn(PgType::text);
        bool any = false;
        each<Poll>([&](std::size_t index, const Poll &op) {
            any = true;
            n.add_int4(static_cast<std::int32_t>(index));
            sn.add(op.sn);
        });
        if (!any) {
            return true;
        }
        PgParameters p;
        p.add(n);
        p.add(sn);
        return queue(kPoll, p, kRowNamesIt);
    }

    PGconn *connection_;
    std::span<const Operation *const> operations_;
    std::vector<std::size_t> &owners_;
    std::unordered_map<const unsigned char *, Sha256> hashes_;
};

} // namespace

const char *session_settings()
{
    return kSettings;
}

const char *schema_version_query()
{
    return kSchemaVersion;
}

bool prepare_statements(PGconn *connection)
{
    for (const Statement &statement : kStatements) {
        if (PQsendPrepare(connection, statement.name, statement.text, 0,
                          nullptr) != 1) {
            return false;
        }
    }
    return true;
}

bool send_operations(PGconn *connection,
                     std::span<const Operation *const> operations,
                     std::vector<std::size_t> &owners)
{
    return Sender(connection, operations, owners).send();
}

bool send_sightings(PGconn *connection, std::span<const AgedSighting> rows)
{
    PgArray sn(PgType::text), age(PgType::float8), addr(PgType::text),
        zone(PgType::text), device_time(PgType::timestamp),
        refusals(PgType::int8), refusal(PgType::text);
    for (const AgedSighting &row : rows) {
        sn.add(row.sighting->sn);
        age.add_float8(row.age_s);
        addr.add_or_null(row.sighting->addr);
        zone.add_or_null(row.sighting->zone);
        device_time.add_timestamp(row.sighting->device_time);
        refusals.add_int8(row.refusals);
        refusal.add_or_null(row.sighting->refusal);
    }
    PgParameters p;
    for (PgArray *column :
         {&sn, &age, &addr, &zone, &device_time, &refusals, &refusal}) {
        p.add(*column);
    }
    return p.send(connection, kSightings.name);
}

std::size_t weight_of(const Operation &operation) noexcept
{
    constexpr std::size_t kRow = 256;
    struct Weigher {
        std::size_t operator()(const Poll &) const { return kRow; }
        std::size_t operator()(const Contact &op) const
        {
            return kRow + op.devinfo.size();
        }
        std::size_t operator()(const StoreAttendance &op) const
        {
            std::size_t sum = 0;
            for (const AttendanceRecord &record : op.records) {
                sum += kRow + record.raw.size() + record.photo.size();
            }
            return sum;
        }
        std::size_t operator()(const StoreEnrolment &op) const
        {
            std::size_t sum = kRow + op.raw.size() + op.photo.size();
            for (const StoredCredential &credential : op.credentials) {
                sum += kRow + credential.data.size();
            }
            return sum;
        }
        std::size_t operator()(const StoreEvent &op) const
        {
            return kRow + op.payload.size();
        }
        std::size_t operator()(const Quarantine &op) const
        {
            return kRow + op.frame.size();
        }
    };
    return std::visit(Weigher{}, operation);
}

} // namespace wac::db
