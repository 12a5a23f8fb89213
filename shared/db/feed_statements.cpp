#include "db/feed_statements.hpp"

#include <limits>

namespace wac::db
{

namespace
{

constexpr Statement kAdvance{"wac_feed_advance",
                             "SELECT wac_feed_advance($1::int4)"};

constexpr Statement kListen{"wac_feed_listen",
                            "SELECT wac_feed_listen($1::text)"};

constexpr Statement kPosition{
    "wac_feed_position",
    "SELECT s.last_id, coalesce((SELECT min(id) FROM wac_feed),"
    "      s.last_id + 1), CASE WHEN $1::timestamptz IS NULL THEN s.last_id"
    "      ELSE coalesce((SELECT min(f.id) FROM wac_feed f"
    "              WHERE f.at >= $1::timestamptz) - 1, s.last_id) END"
    "  FROM wac_feed_state s"};

constexpr Statement kRead{
    "wac_feed_read",
    "SELECT id, sn, type, event_type, payload::text, at FROM wac_feed_events"
    " WHERE id > $1::int8 AND id <= $2::int8 AND at >= $3::timestamptz"
    "   AND ($4::text[] IS NULL OR sn = ANY ($4::text[]))"
    " ORDER BY id"};

constexpr Statement kSnapshot{
    "wac_feed_snapshot",
    "SELECT sn, status, coalesce(last_seen, now()) FROM wac_devices"
    " WHERE sn > $1::text AND state = 'approved'"
    "   AND ($2::text[] IS NULL OR sn = ANY ($2::text[]))"
    " ORDER BY sn LIMIT $3::int4"};

constexpr Statement kLapsed{
    "wac_feed_lapsed",
    "SELECT t.hash FROM unnest($1::bytea[]) AS t(hash)"
    " WHERE NOT EXISTS (SELECT FROM wac_api_tokens k"
    "     WHERE k.token_hash = t.hash"
    "       AND (k.expires_at IS NULL OR k.expires_at > now()))"};

constexpr Statement kStatements[] = {kAdvance, kListen,   kPosition,
                                     kRead,    kSnapshot, kLapsed};

// PostgreSQL's -infinity
constexpr std::int64_t kEver = std::numeric_limits<std::int64_t>::min();

/** Outlives the parameters. No texts are a null. */
PgArray column_of(std::span<const std::string> texts,
                  PgType type = PgType::text)
{
    PgArray column(type);
    for (const std::string &text : texts) {
        column.add(text);
    }
    return column;
}

} // namespace

std::span<const Statement> feed_statements()
{
    return kStatements;
}

bool send_feed_advance(PGconn *connection, std::int32_t most)
{
    PgParameters p;
    p.add_int4(most);
    return p.send(connection, kAdvance.name);
}

bool send_feed_listen(PGconn *connection, const std::string &worker)
{
    PgParameters p;
    p.add(worker);
    return p.send(connection, kListen.name);
}

bool send_feed_position(PGconn *connection,
                        std::optional<std::int64_t> since_us)
{
    PgParameters p;
    if (since_us) {
        p.add_int8(*since_us);
    } else {
        p.add_null();
    }
    return p.send(connection, kPosition.name);
}

bool send_feed_read(PGconn *connection, const FeedRange &range)
{
    PgArray devices = column_of(range.devices);
    PgParameters p;
    p.add_int8(range.after);
    p.add_int8(range.upto);
    p.add_int8(range.since_us.value_or(kEver));
    p.add(devices);
    return p.send(connection, kRead.name);
}

bool send_feed_snapshot(PGconn *connection, const std::string &after,
                        std::span<const std::string> devices, std::int32_t most)
{
    PgArray column = column_of(devices);
    PgParameters p;
    p.add(after);
    p.add(column);
    p.add_int4(most);
    return p.send(connection, kSnapshot.name);
}

bool send_feed_lapsed(PGconn *connection,
                      std::span<const std::string> token_hashes)
{
    PgArray hashes = column_of(token_hashes, PgType::bytea);
    PgParameters p;
    p.add(hashes);
    return p.send(connection, kLapsed.name);
}

} // namespace wac::db
