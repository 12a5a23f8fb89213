// The SQL that gives commands to terminals of the cloud dialect: over a live
// connection, where the session knows what is under way, or as the answer to
// a checklive, where only the database does.
#include "db/delivery_statements.hpp"

#include "db/command_statements.hpp"
#include "db/pg_result.hpp"

namespace wac::db
{

namespace
{

// One at a time for a terminal. A new registration ends what an earlier one
// had been given: a restart is done then, anything else goes back to the queue
// or ends; so does, for a terminal that polls, what it has not answered within
// a minute. The last column: somebody else is at it, ask again. What must be
// done at once goes before what came before it.
constexpr Statement kNext{
    "wac_next",
    "WITH d AS MATERIALIZED ("
    "  SELECT sn, state, session_epoch, session_worker,"
    "      coalesce(time_zone, $2::text, current_setting('TimeZone')) AS tz"
    "    FROM wac_devices WHERE sn = $1::text"
    "), mine AS MATERIALIZED ("
    "  SELECT sn FROM d WHERE state = 'approved'"
    "     AND $3::bool AND current_setting('wac.claim', true) = 'true'"
    "     AND CASE WHEN $4::bool THEN session_epoch = $5::int8"
    "              ELSE session_worker IS NULL END"
    "), restarted AS MATERIALIZED ("
    "  SELECT c.trans_id FROM mine JOIN wac_commands c USING (sn)"
    "   WHERE c.trans_status = 'sent'"
    "     AND wac_restarts(c.cmd_code, c.cmd_param)"
    "     AND ($6::bool OR NOT $4::bool"
    "          AND c.sent_at < now() - interval '2 s')"
    "     FOR UPDATE OF c SKIP LOCKED"
    "), lost AS MATERIALIZED ("
    "  SELECT c.trans_id, c.created_at, CASE"
    "      WHEN c.expires_at <= now() THEN 'expired'"
    "      WHEN c.attempts >= c.max_attempts THEN 'failed'"
    "      ELSE 'queued' END AS fate"
    "    FROM mine JOIN wac_commands c USING (sn)"
    "   WHERE c.trans_status = 'sent' AND c.result_received_at IS NULL"
    "     AND NOT wac_restarts(c.cmd_code, c.cmd_param)"
    "     AND CASE WHEN $4::bool THEN $6::bool"
    "         ELSE NOT c.goes_on AND coalesce(c.sent_at, '-infinity')"
    "             < now() - interval '60 s' END"
    "     FOR UPDATE OF c SKIP LOCKED"
    "), stale AS MATERIALIZED ("
    "  SELECT c.trans_id FROM mine JOIN wac_commands c USING (sn)"
    "   WHERE c.trans_status = 'queued' AND c.expires_at <= now()"
    "   ORDER BY c.created_at, length(c.trans_id), c.trans_id LIMIT 20"
    "     FOR UPDATE OF c SKIP LOCKED"
    "), further AS MATERIALIZED ("
    "  SELECT c.trans_id FROM mine JOIN wac_commands c USING (sn)"
    "   WHERE c.trans_status = 'sent' AND c.goes_on AND NOT $4::bool"
    "   LIMIT 1 FOR UPDATE OF c SKIP LOCKED"
    "), first AS MATERIALIZED ("
    "  SELECT c.trans_id, c.created_at, CASE"
    "      WHEN wac_restarts(c.cmd_code, c.cmd_param) THEN 1"
    "      WHEN c.max_attempts = 1"
    "       AND c.expires_at <= c.created_at + interval '121 s' THEN 1"
    "      ELSE 3 END AS rank"
    "    FROM mine JOIN wac_commands c USING (sn)"
    "   WHERE c.trans_status = 'queued' AND c.expires_at > now()"
    "     AND NOT EXISTS (SELECT FROM wac_commands b"
    "         WHERE b.sn = c.sn AND b.trans_status = 'sent'"
    "           AND b.result_received_at IS NULL"
    "           AND b.trans_id NOT IN (SELECT trans_id FROM lost)"
    "           AND b.trans_id NOT IN (SELECT trans_id FROM restarted))"
    "   ORDER BY rank, c.created_at, length(c.trans_id), c.trans_id LIMIT 1"
    "     FOR UPDATE OF c SKIP LOCKED"
    "), chosen AS MATERIALIZED ("
    "  SELECT trans_id, rank FROM ("
    "      SELECT trans_id, 0 AS rank, NULL AS created_at FROM further"
    "      UNION ALL SELECT trans_id, rank, created_at FROM first"
    "      UNION ALL SELECT trans_id, 2, created_at FROM lost"
    "          WHERE fate = 'queued'"
    "    ) AS all_of_them"
    "   ORDER BY rank, created_at, length(trans_id), trans_id LIMIT 1"
    "), fates AS ("
    "  SELECT trans_id, 'sent' AS fate, rank > 0 AS given FROM chosen"
    "  UNION ALL SELECT trans_id, 'succeeded', false FROM restarted"
    "  UNION ALL SELECT trans_id, fate, false FROM lost"
    "      WHERE trans_id NOT IN (SELECT trans_id FROM chosen)"
    "  UNION ALL SELECT trans_id, 'expired', false FROM stale"
    "), w AS ("
    "  UPDATE wac_commands c SET trans_status = f.fate,"
    "      trans_status_update_time = now(), goes_on = false,"
    "      progress = CASE WHEN f.fate = 'sent' AND NOT f.given"
    "                      THEN c.progress END,"
    "      attempts = c.attempts + f.given::int,"
    "      sent_at = CASE WHEN f.fate = 'sent' THEN now()"
    "                     ELSE c.sent_at END,"
    "      failure = CASE f.fate"
    "          WHEN 'failed' THEN CASE WHEN $4::bool"
    "              THEN 'no answer after ' || c.attempts ||"
    "                  CASE c.attempts WHEN 1 THEN ' delivery'"
    "                                  ELSE ' deliveries' END"
    "              ELSE 'terminal takes no commands over HTTP' END"
    "          WHEN 'expired' THEN CASE c.attempts"
    "              WHEN 0 THEN 'not delivered in time'"
    "              ELSE 'no answer in time' END"
    "          ELSE c.failure END"
    "    FROM fates f WHERE c.trans_id = f.trans_id"
    "  RETURNING c.trans_id, c.cmd_code, c.cmd_param, c.cmd_bin, c.native,"
    "      c.progress, c.request_id"
    ") SELECT d.state, w.trans_id, w.cmd_code, w.cmd_param::text, w.cmd_bin,"
    "      w.native, (now() AT TIME ZONE d.tz)::timestamp, w.progress::text,"
    "      d.state = 'approved' AND NOT"
    "          ($3::bool AND current_setting('wac.claim', true) = 'true'),"
    "      w.request_id"
    "    FROM d LEFT JOIN w ON w.trans_id = (SELECT trans_id FROM chosen)"};

constexpr Statement kRelease{
    "wac_release",
    "WITH d AS (SELECT sn, state FROM wac_devices WHERE sn = $1::text), w AS ("
    "  UPDATE wac_commands c SET trans_status_update_time = now(),"
    "      progress = NULL, goes_on = false,"
    "      attempts = c.attempts - (NOT $3::bool)::int, trans_status = CASE"
    "          WHEN c.expires_at <= now() THEN 'expired'"
    "          WHEN $3::bool AND c.attempts >= c.max_attempts THEN 'failed'"
    "          ELSE 'queued' END,"
    "      failure = CASE"
    "          WHEN c.expires_at <= now() THEN CASE"
    "              WHEN NOT $3::bool AND c.attempts = 1"
    "              THEN 'not delivered in time'"
    "              ELSE 'no answer in time' END"
    "          WHEN $3::bool AND c.attempts >= c.max_attempts"
    "          THEN 'no answer after ' || c.attempts ||"
    "              CASE c.attempts WHEN 1 THEN ' delivery'"
    "                              ELSE ' deliveries' END END"
    "    FROM d WHERE c.sn = d.sn AND c.trans_id = $2::text"
    "     AND c.trans_status = 'sent' AND c.result_received_at IS NULL"
    ") SELECT state FROM d"};

// the one that is under way; else one that has ended just now, whose answer
// comes late
constexpr Statement kFind{
    "wac_find_command",
    "WITH d AS (SELECT sn, state, coalesce(time_zone,"
    "      current_setting('TimeZone')) AS tz"
    "    FROM wac_devices WHERE sn = $1::text)"
    " SELECT d.state, c.trans_id, c.cmd_code, c.cmd_param::text, c.cmd_bin,"
    "      c.native, (now() AT TIME ZONE d.tz)::timestamp, c.progress::text"
    "    FROM d LEFT JOIN LATERAL (SELECT * FROM wac_commands k"
    "      WHERE k.sn = d.sn AND k.result_received_at IS NULL"
    "        AND k.late_at IS NULL AND k.attempts > 0"
    "        AND (k.trans_status = 'sent'"
    "             OR k.trans_status IN ('cancelled', 'expired', 'failed')"
    "                AND k.sent_at > now() - interval '10 min')"
    "      ORDER BY k.trans_status = 'sent' DESC, k.sent_at DESC LIMIT 1) c"
    "    ON true"};

constexpr Statement kStatements[] = {kNext, kRelease, kFind};

bool send_next(StatementQueue &queue, std::size_t n, const ClaimNext &op,
               bool first)
{
    const bool locked = !first || put_claim_turn(queue, op.sn);
    PgParameters p;
    p.add(op.sn);
    p.add_or_null(op.zone);
    p.add_bool(first);
    p.add_bool(op.transport == ClaimNext::Transport::socket);
    p.add_int8(op.epoch);
    p.add_bool(op.fresh);
    return locked && queue.put(kNext, p, n, read_claim);
}

// As for polls of the FK dialect: in order of sn, and of two for one terminal
// in one batch the second takes nothing.
bool send_all_next(StatementQueue &queue, Operations operations)
{
    bool ok = true;
    each_by_sn<ClaimNext>(operations,
                          [&](std::size_t n, const ClaimNext &op, bool first) {
                              ok = ok && send_next(queue, n, op, first);
                          });
    return ok;
}

} // namespace

std::span<const Statement> delivery_statements()
{
    return kStatements;
}

bool send_deliveries(StatementQueue &queue, Operations operations)
{
    bool ok = true;
    each<ReleaseCommand>(operations,
                         [&](std::size_t n, const ReleaseCommand &op) {
                             PgParameters p;
                             p.add(op.sn);
                             p.add(op.trans_id);
                             p.add_bool(op.was_sent);
                             ok = ok && queue.put(kRelease, p, n);
                         });
    ok = ok && send_all_next(queue, operations);
    each<FindCommand>(operations, [&](std::size_t n, const FindCommand &op) {
        PgParameters p;
        p.add(op.sn);
        ok = ok && queue.put(kFind, p, n, read_claim);
    });
    return ok;
}

} // namespace wac::db
