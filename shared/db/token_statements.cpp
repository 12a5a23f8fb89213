#include "db/token_statements.hpp"

#include "db/pg_result.hpp"

namespace wac::db
{

namespace
{

// A token that was handed out counts beside the one before it until it is
// shown: the terminal may not have got it.
constexpr Statement kKeepToken{
    "wac_keep_token",
    "WITH d AS (SELECT sn, state FROM wac_devices WHERE sn = $1::text), w AS ("
    "  UPDATE wac_devices k SET"
    "      token_hash = CASE WHEN $3::bool THEN $2::bytea"
    "                        ELSE k.token_hash END,"
    "      token_offer = CASE WHEN $3::bool THEN NULL ELSE $2::bytea END"
    "    FROM d WHERE k.sn = d.sn AND d.state = 'approved'"
    ") SELECT state FROM d"};

constexpr Statement kKeepLogCursor{
    "wac_keep_log_cursor",
    "WITH d AS (SELECT sn, state FROM wac_devices WHERE sn = $1::text), w AS ("
    "  UPDATE wac_devices k SET log_cursor = $2::int8"
    "    FROM d WHERE k.sn = d.sn AND d.state = 'approved'"
    ") SELECT state FROM d"};

// When it was used last is written once a minute at most.
constexpr Statement kCheckToken{
    "wac_check_token",
    "WITH t AS ("
    "  SELECT name, role FROM wac_api_tokens WHERE token_hash = $1::bytea"
    "     AND (expires_at IS NULL OR expires_at > now())"
    "), w AS ("
    "  UPDATE wac_api_tokens k SET last_used_at = now() FROM t"
    "   WHERE k.name = t.name AND (k.last_used_at IS NULL"
    "      OR k.last_used_at < now() - interval '1 minute')"
    ") SELECT 'approved', name, role FROM t"};

// What is ordered from a dashboard is meant for now: half a minute is its time
// to live.
constexpr Statement kOrder{
    "wac_order",
    "WITH d AS ("
    "  SELECT sn, state, protocol, status = 'online' AS online,"
    "      EXISTS (SELECT FROM wac_api_tokens WHERE token_hash = $2::bytea"
    "          AND (expires_at IS NULL OR expires_at > now())"
    "          AND role <> 'viewer') AS may_order"
    "    FROM wac_devices WHERE sn = $1::text"
    "), w AS ("
    "  INSERT INTO wac_commands (sn, cmd_code, cmd_param, native,"
    "      requested_by, request_id, expires_at)"
    "  SELECT sn, $3::text, $4::text::jsonb, $5::bool, $6::text, $7::text,"
    "      now() + interval '30 s'"
    "    FROM d WHERE state = 'approved' AND online AND may_order"
    "     AND $3::text IS NOT NULL"
    "  RETURNING trans_id"
    ") SELECT d.state, d.protocol, d.online, d.may_order, w.trans_id"
    "    FROM d LEFT JOIN w ON true"};

constexpr Statement kStatements[] = {kKeepToken, kKeepLogCursor, kCheckToken,
                                     kOrder};

Role role_of(std::string_view word) noexcept
{
    if (word == "admin") {
        return Role::admin;
    }
    return word == "operator" ? Role::operator_ : Role::viewer;
}

void read_holder(const PGresult *rows, int row, int column, Outcome &outcome)
{
    read_state(rows, row, column, outcome);
    outcome.detail = std::make_shared<const Outcome::Detail>(
        TokenHolder{string_at(rows, row, column + 1),
                    role_of(text_at(rows, row, column + 2))});
}

void read_ordered(const PGresult *rows, int row, int column, Outcome &outcome)
{
    read_state(rows, row, column, outcome);
    OrderedDevice device;
    device.protocol =
        protocol_of(text_at(rows, row, column + 1)).value_or(Protocol::cloud);
    device.online = bool_at(rows, row, column + 2);
    device.may_order = bool_at(rows, row, column + 3);
    device.trans_id = string_at(rows, row, column + 4);
    outcome.detail = std::make_shared<const Outcome::Detail>(std::move(device));
}

bool send_order(StatementQueue &queue, std::size_t n, const OrderCommand &op)
{
    PgParameters p;
    p.add(op.sn);
    p.add(op.token_hash);
    p.add_or_null(op.cmd_code);
    p.add_or_null(op.cmd_param);
    p.add_bool(op.native);
    p.add_or_null(op.requested_by);
    p.add_or_null(op.request_id);
    return queue.put(kOrder, p, n, read_ordered);
}

} // namespace

std::span<const Statement> token_statements()
{
    return kStatements;
}

bool send_token_operations(StatementQueue &queue, Operations operations)
{
    bool ok = true;
    each<KeepToken>(operations, [&](std::size_t n, const KeepToken &op) {
        PgParameters p;
        p.add(op.sn);
        p.add(op.token_hash);
        p.add_bool(op.proved);
        ok = ok && queue.put(kKeepToken, p, n);
    });
    each<KeepLogCursor>(operations,
                        [&](std::size_t n, const KeepLogCursor &op) {
                            PgParameters p;
                            p.add(op.sn);
                            p.add_int8(op.log_id);
                            ok = ok && queue.put(kKeepLogCursor, p, n);
                        });
    each<CheckToken>(operations, [&](std::size_t n, const CheckToken &op) {
        PgParameters p;
        p.add(op.token_hash);
        ok = ok && queue.put(kCheckToken, p, n, read_holder);
    });
    each<OrderCommand>(operations, [&](std::size_t n, const OrderCommand &op) {
        ok = ok && send_order(queue, n, op);
    });
    return ok;
}

} // namespace wac::db
