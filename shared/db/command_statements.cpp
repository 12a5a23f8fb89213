// The SQL that gives commands out, and keeps messages that come in parts.
#include "db/command_statements.hpp"

#include "db/pg_result.hpp"

namespace wac::db
{

namespace
{

// of all parts of one message (fk-http.md section 4)
constexpr std::int32_t kLongestUpload = 16 * 1024 * 1024;

// Before each claim: of two polls at once, one gets a command and the other
// nothing. A statement of its own, so that the claim sees all that the holder
// of the lock before has committed.
constexpr Statement kTurn{
    "wac_claim_turn",
    "SELECT set_config('wac.claim', pg_try_advisory_xact_lock("
    "    hashtextextended('wac_commands ' || $1::text, 0))::text, true)"};

// One statement, atomic. A terminal polls when it is idle, so what was sent to
// it before it asked has lost its answer: it is given out again, or ends. A
// restart overtakes everything and has no answer to wait for; a native one is
// a command by its name, which a terminal looks for at a poll only.
constexpr Statement kClaim{
    "wac_claim",
    "WITH d AS MATERIALIZED ("
    "  SELECT sn, state, coalesce(time_zone, $2::text,"
    "      current_setting('TimeZone')) AS tz"
    "    FROM wac_devices WHERE sn = $1::text"
    "), mine AS MATERIALIZED ("
    "  SELECT sn FROM d WHERE state = 'approved'"
    "     AND $4::bool AND current_setting('wac.claim', true) = 'true'"
    "), restarts AS MATERIALIZED ("
    "  SELECT c.trans_id, c.created_at FROM mine JOIN wac_commands c USING (sn)"
    "   WHERE c.trans_status = 'queued' AND c.expires_at > now()"
    "     AND c.cmd_code IN ('RESET_FK', 'reset', 'reboot')"
    "     AND NOT (c.native AND $3::bool)"
    "     FOR UPDATE OF c SKIP LOCKED"
    "), lost AS MATERIALIZED ("
    "  SELECT c.trans_id, CASE"
    "      WHEN c.expires_at <= now() THEN 'expired'"
    "      WHEN c.attempts >= c.max_attempts THEN 'failed'"
    "      ELSE 'queued' END AS fate"
    "    FROM mine JOIN wac_commands c USING (sn)"
    "   WHERE c.trans_status = 'sent' AND c.result_received_at IS NULL"
    "     AND NOT $3::bool"
    "     AND coalesce(c.sent_at, '-infinity') < $5::timestamptz"
    "     FOR UPDATE OF c SKIP LOCKED"
    "), stale AS MATERIALIZED ("
    "  SELECT c.trans_id FROM mine JOIN wac_commands c USING (sn)"
    "   WHERE c.trans_status = 'queued' AND c.expires_at <= now()"
    "   ORDER BY c.created_at, length(c.trans_id), c.trans_id LIMIT 20"
    "     FOR UPDATE OF c SKIP LOCKED"
    "), first AS MATERIALIZED ("
    "  SELECT c.trans_id, c.created_at"
    "    FROM mine JOIN wac_commands c USING (sn)"
    "   WHERE c.trans_status = 'queued' AND c.expires_at > now()"
    "     AND NOT $3::bool"
    "     AND NOT EXISTS (SELECT FROM wac_commands b"
    "         WHERE b.sn = c.sn AND b.trans_status = 'sent'"
    "           AND b.result_received_at IS NULL"
    "           AND b.sent_at >= $5::timestamptz)"
    "   ORDER BY c.created_at, length(c.trans_id), c.trans_id LIMIT 1"
    "     FOR UPDATE OF c SKIP LOCKED"
    "), chosen AS MATERIALIZED ("
    "  SELECT trans_id, rank = 1 AS restart FROM ("
    "      SELECT trans_id, 1 AS rank, created_at FROM restarts"
    "      UNION ALL SELECT trans_id, 2, NULL FROM lost WHERE fate = 'queued'"
    "      UNION ALL SELECT trans_id, 3, created_at FROM first"
    "    ) AS all_of_them"
    "   ORDER BY rank, created_at, length(trans_id), trans_id LIMIT 1"
    "), fates AS ("
    "  SELECT trans_id, CASE WHEN restart THEN 'succeeded' ELSE 'sent' END"
    "      AS fate, true AS given FROM chosen"
    "  UNION ALL SELECT trans_id, 'succeeded', true FROM restarts"
    "      WHERE trans_id NOT IN (SELECT trans_id FROM chosen)"
    "  UNION ALL SELECT trans_id, fate, false FROM lost"
    "      WHERE trans_id NOT IN (SELECT trans_id FROM chosen)"
    "  UNION ALL SELECT trans_id, 'expired', false FROM stale"
    "), w AS ("
    "  UPDATE wac_commands c SET trans_status = f.fate,"
    "      trans_status_update_time = now(),"
    "      attempts = c.attempts + f.given::int,"
    "      sent_at = CASE WHEN f.given THEN now() ELSE c.sent_at END,"
    "      failure = CASE f.fate"
    "          WHEN 'failed' THEN 'no answer after ' || c.attempts ||"
    "              CASE c.attempts WHEN 1 THEN ' delivery'"
    "                              ELSE ' deliveries' END"
    "          WHEN 'expired' THEN CASE c.attempts"
    "              WHEN 0 THEN 'not delivered in time'"
    "              ELSE 'no answer in time' END"
    "          ELSE c.failure END"
    "    FROM fates f WHERE c.trans_id = f.trans_id"
    "  RETURNING c.trans_id, c.cmd_code, c.cmd_param, c.cmd_bin, c.native"
    ") SELECT d.state, w.trans_id, w.cmd_code, w.cmd_param::text, w.cmd_bin,"
    "      w.native, (now() AT TIME ZONE d.tz)::timestamp"
    "    FROM d LEFT JOIN w ON w.trans_id = (SELECT trans_id FROM chosen)"};

constexpr Statement kRefuse{
    "wac_refuse",
    "WITH d AS (SELECT sn, state FROM wac_devices WHERE sn = $1::text), w AS ("
    "  UPDATE wac_commands c SET trans_status = 'failed',"
    "      failure = $3::text, trans_status_update_time = now()"
    "    FROM d WHERE c.sn = d.sn AND c.trans_id = $2::text"
    "     AND c.trans_status IN ('sent', 'succeeded')"
    ") SELECT state FROM d"};

// A terminal sends one message at a time: a new one ends what was left open.
constexpr Statement kDropUpload{
    "wac_drop_upload",
    "WITH d AS (SELECT sn, state FROM wac_devices WHERE sn = $1::text), w AS ("
    "  DELETE FROM wac_command_blocks b USING d"
    "   WHERE b.sn = d.sn AND d.state = 'approved'"
    ") SELECT state FROM d"};

// fk-http.md section 4: the part that follows is kept, the last one may come
// again, and any other leaves a gap behind that only the right one closes.
constexpr Statement kBlock{
    "wac_block",
    "WITH d AS (SELECT sn, state FROM wac_devices WHERE sn = $1::text),"
    " last AS ("
    "  SELECT blk_no, upto, body FROM wac_command_blocks"
    "   WHERE sn = $1::text AND request_code = $2::text"
    "     AND trans_id = $3::text ORDER BY blk_no DESC LIMIT 1"
    "), v AS ("
    "  SELECT d.sn, d.state, l.blk_no, coalesce(l.upto, 0) AS upto, CASE"
    "      WHEN d.state <> 'approved' THEN 'refused'"
    "      WHEN $4::int4 = l.blk_no AND $5::bytea = l.body THEN 'repeated'"
    "      WHEN $4::int4 <> coalesce(l.blk_no, 0) + 1"
    "        OR octet_length($5::bytea) = 0 THEN 'refused'"
    "      WHEN coalesce(l.upto, 0) + octet_length($5::bytea) > $6::int4"
    "          THEN 'too long'"
    "      ELSE 'stored' END AS verdict"
    "    FROM d LEFT JOIN last l ON true"
    "), stored AS ("
    "  INSERT INTO wac_command_blocks"
    "      (sn, request_code, trans_id, blk_no, body, upto)"
    "  SELECT sn, $2::text, $3::text, $4::int4, $5::bytea,"
    "      upto + octet_length($5::bytea)"
    "    FROM v WHERE verdict = 'stored'"
    "  ON CONFLICT DO NOTHING"
    "), gap AS ("
    "  UPDATE wac_command_blocks b SET gap = true FROM v"
    "   WHERE v.verdict IN ('refused', 'too long') AND b.sn = v.sn"
    "     AND v.state = 'approved' AND b.request_code = $2::text"
    "     AND b.trans_id = $3::text AND b.blk_no = v.blk_no"
    ") SELECT state, verdict FROM v"};

constexpr Statement kFindUpload{
    "wac_find_upload",
    "WITH d AS ("
    "  SELECT sn, state, devinfo->>'fk_bin_data_lib' AS library"
    "    FROM wac_devices WHERE sn = $1::text"
    "), last AS ("
    "  SELECT upto, gap FROM wac_command_blocks"
    "   WHERE sn = $1::text AND request_code = $2::text"
    "     AND trans_id = $3::text ORDER BY blk_no DESC LIMIT 1"
    ") SELECT d.state, l.upto, l.gap,"
    "      CASE WHEN NOT l.gap AND l.upto <= $4::int4 THEN"
    "          (SELECT string_agg(b.body, ''::bytea ORDER BY b.blk_no)"
    "             FROM wac_command_blocks b"
    "            WHERE b.sn = d.sn AND b.request_code = $2::text"
    "              AND b.trans_id = $3::text) END,"
    "      d.library, EXISTS (SELECT FROM wac_commands r"
    "          WHERE r.sn = d.sn AND r.trans_status = 'queued'"
    "            AND NOT r.native"
    "            AND r.cmd_code IN ('RESET_FK', 'reset', 'reboot')"
    "            AND r.expires_at > now()),"
    "      c.trans_id, c.cmd_code, c.cmd_param::text, c.trans_status,"
    "      c.attempts > 0,"
    "      c.result_received_at IS NOT NULL OR c.late_at IS NOT NULL"
    "    FROM d LEFT JOIN last l ON true"
    "      LEFT JOIN wac_commands c ON c.sn = d.sn AND c.trans_id = $3::text"
    "          AND $2::text = 'send_cmd_result'"};

constexpr Statement kStatements[] = {kTurn,       kClaim, kRefuse,
                                     kDropUpload, kBlock, kFindUpload};

// ---- rows -----------------------------------------------------------------

void read_block(const PGresult *rows, int row, int column, Outcome &outcome)
{
    read_state(rows, row, column, outcome);
    const std::string_view word = text_at(rows, row, column + 1);
    outcome.detail = std::make_shared<const Outcome::Detail>(
        word == "stored" || word == "repeated" ? BlockVerdict::stored
        : word == "too long"                   ? BlockVerdict::too_long
                                               : BlockVerdict::refused);
}

void read_upload(const PGresult *rows, int row, int column, Outcome &outcome)
{
    read_state(rows, row, column, outcome);
    FoundUpload found;
    found.open = !null_at(rows, row, column + 1);
    found.bytes = static_cast<std::uint64_t>(int8_at(rows, row, column + 1));
    found.gap = bool_at(rows, row, column + 2);
    found.joined = string_at(rows, row, column + 3);
    found.restart_waits = bool_at(rows, row, column + 5);
    if (!null_at(rows, row, column + 6)) {
        CommandRecord &command = found.command.emplace();
        command.library = string_at(rows, row, column + 4);
        command.trans_id = string_at(rows, row, column + 6);
        command.cmd_code = string_at(rows, row, column + 7);
        command.cmd_param = string_at(rows, row, column + 8);
        command.status = command_status_of(text_at(rows, row, column + 9))
                             .value_or(CommandStatus::failed);
        command.was_sent = bool_at(rows, row, column + 10);
        command.has_result = bool_at(rows, row, column + 11);
    }
    outcome.detail = std::make_shared<const Outcome::Detail>(std::move(found));
}

// ---- parameters -----------------------------------------------------------

bool send_drop(StatementQueue &queue, const std::string &sn, std::size_t owner)
{
    PgParameters p;
    p.add(sn);
    return queue.put(kDropUpload, p, owner);
}

bool send_block(StatementQueue &queue, std::size_t n, const StoreBlock &op)
{
    const bool ready = op.blk_no != 1 || send_drop(queue, op.sn, kNobody);
    PgParameters p;
    p.add(op.sn);
    p.add(op.request_code);
    p.add(op.task_id);
    p.add_int4(static_cast<std::int32_t>(op.blk_no));
    p.add(op.body.empty() ? std::string_view("") : as_text(op.body));
    p.add_int4(kLongestUpload);
    return ready && queue.put(kBlock, p, n, read_block);
}

bool send_find(StatementQueue &queue, std::size_t n, const FindUpload &op)
{
    PgParameters p;
    p.add(op.sn);
    p.add(op.request_code);
    p.add(op.task_id);
    p.add_int4(static_cast<std::int32_t>(op.join_bytes));
    return queue.put(kFindUpload, p, n, read_upload);
}

bool send_refusal(StatementQueue &queue, std::size_t n, const RefuseCommand &op)
{
    PgParameters p;
    p.add(op.sn);
    p.add(op.trans_id);
    p.add(op.reason);
    return queue.put(kRefuse, p, n);
}

// In order of sn. The transaction holds its locks to the commit, so of two
// polls of one terminal in one batch the second is told to take nothing.
bool send_claims(StatementQueue &queue, Operations operations)
{
    bool ok = true;
    each_by_sn<ClaimCommand>(
        operations, [&](std::size_t n, const ClaimCommand &op, bool first) {
            ok = ok && (!first || put_claim_turn(queue, op.sn));
            PgParameters p;
            p.add(op.sn);
            p.add_or_null(op.zone);
            p.add_bool(op.restart_only);
            p.add_bool(first);
            p.add_int8(op.asked_at_us);
            ok = ok && queue.put(kClaim, p, n, read_claim);
        });
    return ok;
}

} // namespace

std::span<const Statement> command_statements()
{
    return kStatements;
}

void read_claim(const PGresult *rows, int row, int column, Outcome &outcome)
{
    read_state(rows, row, column, outcome);
    if (PQnfields(rows) > column + 8) {
        outcome.command_waits = bool_at(rows, row, column + 8);
    }
    if (null_at(rows, row, column + 1)) {
        return;
    }
    ClaimedCommand command;
    command.trans_id = string_at(rows, row, column + 1);
    command.cmd_code = string_at(rows, row, column + 2);
    command.cmd_param = string_at(rows, row, column + 3);
    for (const Bytes bin : array_at(rows, row, column + 4)) {
        command.cmd_bin.emplace_back(as_text(bin));
    }
    command.native = bool_at(rows, row, column + 5);
    command.device_now =
        WallTime::from_since_2000_us(int8_at(rows, row, column + 6));
    if (PQnfields(rows) > column + 7) {
        command.progress = string_at(rows, row, column + 7);
    }
    if (PQnfields(rows) > column + 9) {
        command.request_id = string_at(rows, row, column + 9);
    }
    outcome.detail =
        std::make_shared<const Outcome::Detail>(std::move(command));
}

bool put_claim_turn(StatementQueue &queue, const std::string &sn)
{
    PgParameters p;
    p.add(sn);
    return queue.put(kTurn, p);
}

bool send_commands(StatementQueue &queue, Operations operations)
{
    bool ok = send_claims(queue, operations);
    each<RefuseCommand>(operations,
                        [&](std::size_t n, const RefuseCommand &op) {
                            ok = ok && send_refusal(queue, n, op);
                        });
    each<StoreBlock>(operations, [&](std::size_t n, const StoreBlock &op) {
        ok = ok && send_block(queue, n, op);
    });
    each<FindUpload>(operations, [&](std::size_t n, const FindUpload &op) {
        ok = ok && send_find(queue, n, op);
    });
    each<DropUpload>(operations, [&](std::size_t n, const DropUpload &op) {
        ok = ok && send_drop(queue, op.sn, n);
    });
    const auto close = [&](std::size_t, const auto &op) {
        ok = ok && (!op.closes_upload || send_drop(queue, op.sn, kNobody));
    };
    each<StoreAttendance>(operations, close);
    each<StoreEnrolment>(operations, close);
    each<StoreEvent>(operations, close);
    each<StoreResult>(operations, close);
    return ok;
}

} // namespace wac::db
