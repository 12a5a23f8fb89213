// The SQL about live connections: whose session is the newest, which process
// holds it, which processes live.
#include "db/session_statements.hpp"

#include "db/pg_result.hpp"
#include "db/session_keeper.hpp"

namespace wac::db
{

namespace
{

// The other process that held the terminal until now is told.
constexpr Statement kOpen{
    "wac_session_open",
    "WITH d AS MATERIALIZED ("
    "  SELECT sn, state, session_worker FROM wac_devices"
    "   WHERE sn = $1::text FOR UPDATE"
    "), w AS ("
    "  UPDATE wac_devices k SET status = 'online', session_worker = $2::text,"
    "      session_epoch = k.session_epoch + 1, last_seen = now(),"
    "      last_addr = coalesce($3::text::inet, k.last_addr)"
    "    FROM d WHERE k.sn = d.sn AND d.state = 'approved'"
    "  RETURNING k.session_epoch"
    ") SELECT d.state, w.session_epoch, CASE WHEN d.session_worker <> $2::text"
    "      THEN pg_notify('wac_sessions', w.session_epoch || ' ' || d.sn)::text"
    "      END FROM d LEFT JOIN w ON true"};

// Only the newest session's end is the terminal's. What it had been given
// loses its answer, but for a restart.
constexpr Statement kClosed{
    "wac_sessions_closed",
    "WITH c AS MATERIALIZED ("
    "  SELECT d.sn FROM unnest($1::text[], $2::int8[]) AS t(sn, epoch)"
    "    JOIN wac_devices d ON d.sn = t.sn AND d.session_epoch = t.epoch"
    "   ORDER BY d.sn FOR UPDATE OF d"
    "), w AS ("
    "  UPDATE wac_devices d SET status = 'offline', session_worker = NULL"
    "    FROM c WHERE d.sn = c.sn"
    ") UPDATE wac_commands k SET trans_status_update_time = now(),"
    "      trans_status = CASE"
    "          WHEN k.expires_at <= now() THEN 'expired'"
    "          WHEN k.attempts >= k.max_attempts THEN 'failed'"
    "          ELSE 'queued' END,"
    "      failure = CASE WHEN k.expires_at <= now()"
    "                       OR k.attempts >= k.max_attempts"
    "          THEN 'the connection ended before an answer' END"
    "    FROM c WHERE k.sn = c.sn AND k.trans_status = 'sent'"
    "     AND k.result_received_at IS NULL"
    "     AND NOT wac_restarts(k.cmd_code, k.cmd_param)"};

constexpr Statement kBeat{
    "wac_worker_beat", "INSERT INTO wac_workers (worker) VALUES ($1::text)"
                       " ON CONFLICT (worker) DO UPDATE SET seen_at = now()"};

// What this process holds, against what the database knows. A terminal that
// nobody holds is ours again (we were silent for too long); one that the
// database believes to be here and is not has gone. The rows are news.
constexpr Statement kReview{
    "wac_sessions_review",
    "WITH t AS MATERIALIZED ("
    "  SELECT * FROM unnest($2::text[], $3::int8[]) AS t(sn, epoch)"
    "), ours AS ("
    "  UPDATE wac_devices d SET session_worker = $1::text, status = 'online'"
    "    FROM t WHERE d.sn = t.sn AND d.session_epoch = t.epoch"
    "     AND d.session_worker IS NULL"
    "), gone AS ("
    "  UPDATE wac_devices d SET session_worker = NULL, status = 'offline'"
    "   WHERE d.session_worker = $1::text"
    "     AND d.last_seen < now() - interval '30 s'"
    "     AND NOT EXISTS (SELECT FROM t WHERE t.sn = d.sn)"
    ") SELECT d.sn, d.session_epoch FROM t JOIN wac_devices d USING (sn)"
    "   WHERE d.session_epoch <> t.epoch"
    "      OR EXISTS (SELECT FROM wac_commands c"
    "          WHERE c.sn = d.sn AND c.trans_status = 'queued')"};

constexpr Statement kFarewell{
    "wac_worker_farewell",
    "WITH w AS (DELETE FROM wac_workers WHERE worker = $1::text)"
    " UPDATE wac_devices SET status = 'offline', session_worker = NULL"
    "  WHERE session_worker = $1::text"};

constexpr Statement kStatements[] = {kOpen, kClosed, kBeat, kReview, kFarewell};

void read_opened(const PGresult *rows, int row, int column, Outcome &outcome)
{
    read_state(rows, row, column, outcome);
    if (!null_at(rows, row, column + 1)) {
        outcome.detail = std::make_shared<const Outcome::Detail>(
            OpenedSession{int8_at(rows, row, column + 1)});
    }
}

bool send_arrays(PGconn *connection, const Statement &statement,
                 const std::string *worker,
                 std::span<const HeldSession> sessions)
{
    PgArray sn(PgType::text), epoch(PgType::int8);
    for (const HeldSession &session : sessions) {
        sn.add(session.sn);
        epoch.add_int8(session.epoch);
    }
    PgParameters p;
    if (worker) {
        p.add(*worker);
    }
    add_columns(p, {&sn, &epoch});
    return p.send(connection, statement.name);
}

} // namespace

std::span<const Statement> session_statements()
{
    return kStatements;
}

// In order of sn, as everything that locks devices.
bool send_openings(StatementQueue &queue, Operations operations)
{
    bool ok = true;
    each_by_sn<OpenSession>(operations,
                            [&](std::size_t n, const OpenSession &op, bool) {
                                PgParameters p;
                                p.add(op.sn);
                                p.add(op.worker);
                                p.add_or_null(op.addr);
                                ok = ok && queue.put(kOpen, p, n, read_opened);
                            });
    return ok;
}

bool send_closed_sessions(PGconn *connection,
                          std::span<const HeldSession> sessions)
{
    return send_arrays(connection, kClosed, nullptr, sessions);
}

bool send_worker_beat(PGconn *connection, const std::string &worker)
{
    PgParameters p;
    p.add(worker);
    return p.send(connection, kBeat.name);
}

bool send_session_review(PGconn *connection, const std::string &worker,
                         std::span<const HeldSession> sessions)
{
    return send_arrays(connection, kReview, &worker, sessions);
}

bool send_worker_farewell(PGconn *connection, const std::string &worker)
{
    PgParameters p;
    p.add(worker);
    return p.send(connection, kFarewell.name);
}

} // namespace wac::db
