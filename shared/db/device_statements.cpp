// The SQL about devices: who is there, may it speak, does something wait.
#include "db/device_statements.hpp"

#include "db/pg_result.hpp"

namespace wac::db
{

namespace
{

// Whether a command waits is a look into a small partial index.
constexpr Statement kPoll{
    "wac_poll",
    "SELECT i.n, d.state, (SELECT now() FROM wac_commands c"
    "      WHERE c.sn = d.sn AND c.trans_status IN ('queued', 'sent')"
    "      LIMIT 1)"
    "  FROM unnest($1::int4[], $2::text[]) AS i(n, sn)"
    "  JOIN wac_devices d ON d.sn = i.sn"};

// What strangers can create is bounded: a thousand devices wait for approval
// at most, and open enrolment takes in twenty thousand an hour.
constexpr Statement kContact{
    "wac_contact",
    "WITH i AS ("
    "  SELECT * FROM unnest($1::int4[], $2::text[], $3::text[], $4::text[],"
    "      $5::text[], $6::text[], $7::timestamp[], $8::text[], $9::text[],"
    "      $10::text[], $11::text[], $12::text[], $13::bool[], $14::bytea[])"
    "      AS t(n, sn, protocol, policy, addr, zone, device_time, devinfo,"
    "      name, firmware, model, cpusn, connected, token_hash)"
    "), one AS ("
    "  SELECT DISTINCT ON (sn) *,"
    "      EXISTS (SELECT FROM wac_devices k WHERE k.sn = i.sn) AS known,"
    "      extract(epoch FROM (device_time AT TIME ZONE coalesce("
    "          (SELECT k.time_zone FROM wac_devices k WHERE k.sn = i.sn),"
    "          zone, current_setting('TimeZone'))) - now())::float8 AS skew"
    "    FROM i ORDER BY sn, devinfo IS NULL, n"
    "), w AS ("
    "  INSERT INTO wac_devices AS d (sn, protocol, state, status, model,"
    "      firmware, devinfo, name, clock_skew_s, last_seen, last_addr, cpusn,"
    "      token_hash)"
    "  SELECT sn, protocol,"
    "      CASE policy WHEN 'open' THEN 'approved' ELSE 'pending' END,"
    "      CASE WHEN connected THEN 'offline' ELSE 'online' END,"
    "      model, firmware, devinfo::jsonb, name, skew, now(),"
    "      addr::inet, cpusn,"
    "      CASE policy WHEN 'open' THEN token_hash END"
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
    "      status = CASE WHEN excluded.status = 'online' THEN 'online'"
    "                    ELSE d.status END,"
    "      model = coalesce(excluded.model, d.model),"
    "      firmware = coalesce(excluded.firmware, d.firmware),"
    "      devinfo = coalesce(excluded.devinfo, d.devinfo),"
    "      name = coalesce(d.name, excluded.name),"
    "      clock_skew_s = coalesce(excluded.clock_skew_s, d.clock_skew_s),"
    "      last_seen = now(),"
    "      last_addr = coalesce(excluded.last_addr, d.last_addr),"
    "      cpusn = coalesce(d.cpusn, excluded.cpusn),"
    "      token_hash = coalesce(d.token_hash, excluded.token_hash)"
    "  RETURNING d.sn, d.state"
    ") SELECT i.n, w.state, (SELECT now() FROM wac_commands c"
    "      WHERE c.sn = w.sn AND c.trans_status IN ('queued', 'sent')"
    "      LIMIT 1)"
    "    FROM w JOIN i ON i.sn = w.sn"};

// A null age: it was not the device itself.
constexpr Statement kSightings{
    "wac_sightings",
    "UPDATE wac_devices d SET"
    "    status = CASE WHEN t.connected THEN d.status ELSE 'online' END,"
    "    last_seen = greatest(d.last_seen,"
    "        now() - make_interval(secs => t.age_s)),"
    "    last_addr = CASE"
    "        WHEN d.last_seen > now() - make_interval(secs => t.age_s)"
    "        THEN coalesce(d.last_addr, t.addr::inet)"
    "        ELSE coalesce(t.addr::inet, d.last_addr) END,"
    "    clock_skew_s = coalesce(extract(epoch FROM"
    "        (t.device_time AT TIME ZONE coalesce(d.time_zone, t.zone,"
    "             current_setting('TimeZone')))"
    "        - (now() - make_interval(secs => t.age_s)))::float8,"
    "        d.clock_skew_s),"
    "    refusals = d.refusals + t.refusals,"
    "    last_refusal = coalesce(t.refusal, d.last_refusal)"
    "  FROM unnest($1::text[], $2::float8[], $3::text[], $4::text[],"
    "      $5::timestamp[], $6::int8[], $7::text[], $8::bool[])"
    "      AS t(sn, age_s, addr, zone, device_time, refusals, refusal,"
    "      connected)"
    " WHERE d.sn = t.sn"};

// Who a message of a terminal is from; serial numbers come in any case.
constexpr Statement kIdentify{
    "wac_identify",
    "SELECT i.n, d.state, d.sn, d.protocol, d.last_seen IS NOT NULL, d.cpusn,"
    "      d.token_hash, d.model, d.firmware, d.devinfo ? 'facesize',"
    "      d.cloud_options::text, (now() AT TIME ZONE coalesce(d.time_zone,"
    "          i.zone, current_setting('TimeZone')))::timestamp,"
    "      EXISTS (SELECT FROM wac_commands c WHERE c.sn = d.sn"
    "          AND c.trans_status IN ('queued', 'sent')),"
    "      d.token_offer, d.log_cursor, d.session_worker IS NOT NULL"
    "  FROM unnest($1::int4[], $2::text[], $3::text[], $4::text[])"
    "      AS i(n, sn, zone, protocol)"
    "  CROSS JOIN LATERAL ("
    "      SELECT * FROM wac_devices k WHERE k.sn = i.sn"
    "      UNION ALL (SELECT * FROM wac_devices k"
    "          WHERE i.protocol = 'cloud' AND k.protocol = 'cloud'"
    "            AND lower(k.sn) = lower(i.sn) ORDER BY k.sn LIMIT 1)"
    "      LIMIT 1) d"};

constexpr Statement kStatements[] = {kPoll, kContact, kSightings, kIdentify};

void read_identity(const PGresult *rows, int row, int column, Outcome &outcome)
{
    read_state(rows, row, column, outcome);
    DeviceIdentity device;
    device.sn = string_at(rows, row, column + 1);
    device.protocol =
        protocol_of(text_at(rows, row, column + 2)).value_or(Protocol::cloud);
    device.seen = bool_at(rows, row, column + 3);
    device.cpusn = string_at(rows, row, column + 4);
    device.token_hash = string_at(rows, row, column + 5);
    device.model = string_at(rows, row, column + 6);
    device.firmware = string_at(rows, row, column + 7);
    device.has_faces = bool_at(rows, row, column + 8);
    device.options = string_at(rows, row, column + 9);
    device.now = WallTime::from_since_2000_us(int8_at(rows, row, column + 10));
    outcome.command_waits = bool_at(rows, row, column + 11);
    device.offered_token_hash = string_at(rows, row, column + 12);
    if (!null_at(rows, row, column + 13)) {
        device.log_cursor = int8_at(rows, row, column + 13);
    }
    device.connected = bool_at(rows, row, column + 14);
    outcome.detail = std::make_shared<const Outcome::Detail>(std::move(device));
}

void read_contact(const PGresult *rows, int row, int column, Outcome &outcome)
{
    read_state(rows, row, column, outcome);
    outcome.command_waits = !null_at(rows, row, column + 1);
    outcome.asked_at_us = int8_at(rows, row, column + 1);
}

} // namespace

std::span<const Statement> device_statements()
{
    return kStatements;
}

bool send_contacts(StatementQueue &queue, Operations operations)
{
    PgArray n(PgType::int4), sn(PgType::text), protocol(PgType::text),
        policy(PgType::text), addr(PgType::text), zone(PgType::text),
        device_time(PgType::timestamp), devinfo(PgType::text),
        name(PgType::text), firmware(PgType::text), model(PgType::text),
        cpusn(PgType::text), connected(PgType::boolean),
        token_hash(PgType::bytea);
    bool any = false;
    each<Contact>(operations, [&](std::size_t index, const Contact &op) {
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
        cpusn.add_or_null(op.cpusn);
        connected.add_bool(op.connected);
        token_hash.add_or_null(op.token_hash);
    });
    if (!any) {
        return true;
    }
    PgParameters p;
    add_columns(p, {&n, &sn, &protocol, &policy, &addr, &zone, &device_time,
                    &devinfo, &name, &firmware, &model, &cpusn, &connected,
                    &token_hash});
    return queue.put(kContact, p, kRowNamesIt, read_contact);
}

bool send_polls(StatementQueue &queue, Operations operations)
{
    PgArray n(PgType::int4), sn(PgType::text);
    bool any = false;
    each<Poll>(operations, [&](std::size_t index, const Poll &op) {
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
    return queue.put(kPoll, p, kRowNamesIt, read_contact);
}

bool send_identifications(StatementQueue &queue, Operations operations)
{
    PgArray n(PgType::int4), sn(PgType::text), zone(PgType::text),
        protocol(PgType::text);
    bool any = false;
    each<Identify>(operations, [&](std::size_t index, const Identify &op) {
        any = true;
        n.add_int4(static_cast<std::int32_t>(index));
        sn.add(op.sn);
        zone.add_or_null(op.zone);
        protocol.add(name_of(op.protocol));
    });
    if (!any) {
        return true;
    }
    PgParameters p;
    add_columns(p, {&n, &sn, &zone, &protocol});
    return queue.put(kIdentify, p, kRowNamesIt, read_identity);
}

bool send_sightings(PGconn *connection, std::span<const AgedSighting> rows)
{
    PgArray sn(PgType::text), age(PgType::float8), addr(PgType::text),
        zone(PgType::text), device_time(PgType::timestamp),
        refusals(PgType::int8), refusal(PgType::text),
        connected(PgType::boolean);
    for (const AgedSighting &row : rows) {
        sn.add(row.sighting->sn);
        age.add_float8(row.sighting->impostor ? std::nullopt
                                              : std::optional(row.age_s));
        addr.add_or_null(row.sighting->addr);
        zone.add_or_null(row.sighting->zone);
        device_time.add_timestamp(row.sighting->device_time);
        refusals.add_int8(row.refusals);
        refusal.add_or_null(row.sighting->refusal);
        connected.add_bool(row.sighting->connected || row.sighting->impostor);
    }
    PgParameters p;
    add_columns(p, {&sn, &age, &addr, &zone, &device_time, &refusals, &refusal,
                    &connected});
    return p.send(connection, kSightings.name);
}

} // namespace wac::db
