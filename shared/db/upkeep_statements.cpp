// The SQL of upkeep: what time does to commands, messages in parts and
// devices. One process does it at a time, and none sooner than it is due: the
// first statement takes the turn, the others do nothing without it.
#include "db/upkeep_statements.hpp"

namespace wac::db
{

namespace
{

constexpr Statement kTurn{
    "wac_turn",
    "UPDATE wac_upkeep SET ran_at = now()"
    " WHERE ran_at < now() - make_interval(secs => CASE task"
    "           WHEN 'devices' THEN 12 * $1::float8 ELSE $1::float8 END)"
    "   AND pg_try_advisory_xact_lock(8602266024763025267)"};

// An answer that is still arriving keeps its command alive; a restart and a
// person who enrols take their time.
constexpr Statement kExpire{
    "wac_expire",
    "UPDATE wac_commands SET trans_status = 'expired',"
    "    trans_status_update_time = now(), failure = CASE attempts"
    "        WHEN 0 THEN 'not delivered in time'"
    "        ELSE 'no answer in time' END"
    " WHERE trans_id IN (SELECT c.trans_id FROM wac_commands c"
    "     WHERE c.trans_status IN ('queued', 'sent')"
    "       AND c.expires_at <= now() AND c.result_received_at IS NULL"
    "       AND (c.trans_status = 'queued'"
    "            OR coalesce(c.sent_at, '-infinity') < now() -"
    "                CASE WHEN wac_restarts(c.cmd_code, c.cmd_param)"
    "                     THEN interval '120 s'"
    "                     WHEN wac_enrols(c.cmd_code)"
    "                     THEN interval '100 s' ELSE interval '15 s' END"
    "               AND NOT EXISTS (SELECT FROM wac_command_blocks b"
    "                   WHERE b.sn = c.sn AND b.trans_id = c.trans_id"
    "                     AND b.received_at > now() - interval '15 s'))"
    "       AND (SELECT ran_at = now() FROM wac_upkeep"
    "             WHERE task = 'commands')"
    "     ORDER BY c.expires_at LIMIT 1000 FOR UPDATE OF c SKIP LOCKED)"};

// Ten minutes are long for any terminal; mostly its next poll says so first.
constexpr Statement kTimeOut{
    "wac_time_out",
    "UPDATE wac_commands SET trans_status_update_time = now(),"
    "    trans_status = CASE WHEN attempts < max_attempts THEN 'queued'"
    "                        ELSE 'failed' END,"
    "    failure = CASE WHEN attempts >= max_attempts THEN"
    "        'no answer after ' || attempts || CASE attempts"
    "            WHEN 1 THEN ' delivery' ELSE ' deliveries' END END"
    " WHERE trans_id IN (SELECT c.trans_id FROM wac_commands c"
    "     WHERE c.trans_status = 'sent' AND c.result_received_at IS NULL"
    "       AND coalesce(c.sent_at, '-infinity')"
    "               < now() - interval '10 min'"
    "       AND NOT EXISTS (SELECT FROM wac_command_blocks b"
    "           WHERE b.sn = c.sn AND b.trans_id = c.trans_id"
    "             AND b.received_at > now() - interval '10 min')"
    "       AND (SELECT ran_at = now() FROM wac_upkeep"
    "             WHERE task = 'commands')"
    "     ORDER BY coalesce(c.sent_at, '-infinity') LIMIT 1000"
    "     FOR UPDATE OF c SKIP LOCKED)"};

// Uploads of which no part came for half an hour (fk-http.md section 4).
constexpr Statement kSweep{
    "wac_sweep",
    "DELETE FROM wac_command_blocks b"
    " WHERE b.received_at < now() - interval '30 min'"
    "   AND NOT EXISTS (SELECT FROM wac_command_blocks n"
    "       WHERE n.sn = b.sn AND n.request_code = b.request_code"
    "         AND n.trans_id = b.trans_id"
    "         AND n.received_at >= now() - interval '30 min')"
    "   AND (SELECT ran_at = now() FROM wac_upkeep WHERE task = 'commands')"};

// Processes that hold connections say every five seconds that they live.
constexpr Statement kDeadWorkers{
    "wac_dead_workers",
    "WITH dead AS ("
    "  DELETE FROM wac_workers WHERE seen_at < now() - interval '20 s'"
    "     AND (SELECT ran_at = now() FROM wac_upkeep WHERE task = 'commands')"
    "  RETURNING worker"
    ") UPDATE wac_devices SET status = 'offline', session_worker = NULL"
    "   WHERE sn IN (SELECT d.sn FROM wac_devices d"
    "       WHERE d.session_worker IN (SELECT worker FROM dead)"
    "          OR d.session_worker IS NOT NULL"
    "         AND d.last_seen < now() - interval '30 s'"
    "         AND (SELECT ran_at = now() FROM wac_upkeep"
    "               WHERE task = 'devices')"
    "         AND NOT EXISTS (SELECT FROM wac_workers k"
    "             WHERE k.worker = d.session_worker)"
    "       ORDER BY d.sn FOR UPDATE)"};

// Terminals poll every few seconds to every two minutes, those of the cloud
// dialect every minute at most; one with a connection may say nothing for
// hours.
constexpr Statement kOffline{
    "wac_offline",
    "UPDATE wac_devices SET status = 'offline'"
    " WHERE sn IN (SELECT d.sn FROM wac_devices d"
    "     WHERE d.status = 'online' AND d.session_worker IS NULL"
    "       AND d.last_seen < now() - CASE d.protocol"
    "           WHEN 'cloud' THEN interval '150 s'"
    "           ELSE interval '5 min' END"
    "       AND (SELECT ran_at = now() FROM wac_upkeep WHERE task = 'devices')"
    "     ORDER BY d.sn FOR UPDATE SKIP LOCKED)"};

// The feed is kept up while nobody listens, too, a little at a time, so that
// whoever comes need not wait for it. What is older than a week has left it.
constexpr Statement kFeed{
    "wac_feed_upkeep",
    "SELECT wac_feed_advance(2000)"
    " WHERE (SELECT ran_at = now() FROM wac_upkeep WHERE task = 'commands')"};

constexpr Statement kForget{
    "wac_feed_forget",
    "WITH f AS ("
    "  DELETE FROM wac_feed WHERE id IN (SELECT id FROM ("
    "      SELECT id, at FROM wac_feed ORDER BY id LIMIT 20000) AS first"
    "    WHERE at < now() - interval '7 days')"
    "   AND (SELECT ran_at = now() FROM wac_upkeep WHERE task = 'devices')"
    "  RETURNING kind, ref"
    ") DELETE FROM wac_feed_notices n USING f"
    "   WHERE n.id = f.ref AND n.kind = f.kind"};

constexpr Statement kResultWaits{
    "wac_result_waits",
    "SELECT EXISTS (SELECT FROM wac_commands WHERE result_raw IS NOT NULL"
    "    AND (taken_in_until IS NULL OR taken_in_until < now()))"};

constexpr Statement kStatements[] = {kTurn,  kExpire,      kTimeOut,
                                     kSweep, kDeadWorkers, kOffline,
                                     kFeed,  kForget,      kResultWaits};

} // namespace

std::span<const Statement> upkeep_statements()
{
    return kStatements;
}

bool send_upkeep(PGconn *connection, double interval_s)
{
    PgParameters turn;
    turn.add_float8(interval_s);
    const PgParameters none;
    bool ok = turn.send(connection, kTurn.name);
    for (const Statement &statement :
         {kExpire, kTimeOut, kSweep, kDeadWorkers, kOffline, kFeed, kForget,
          kResultWaits}) {
        ok = ok && none.send(connection, statement.name);
    }
    return ok;
}

} // namespace wac::db
