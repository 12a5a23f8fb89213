// How operations become SQL. Operations of one kind that go out together share
// one execution where the statement takes arrays: polls, contacts, punches,
// sightings. The rarer ones with bulk in them run once each, so that a photo
// is copied by libpq only.
//
//   device_statements   polls, contacts, sightings
//   record_statements   punches, enrolments, events, quarantine
//   command_statements  commands, messages in parts, answers
//   delivery_statements commands for live connections and checklive
//   session_statements  whose connection is the newest, who holds it
//   upkeep_statements   what is done now and then, for nobody
#pragma once

#include "proto/operation.hpp"

#include <libpq-fe.h>
#include <span>
#include <string>
#include <vector>

namespace wac::db
{

/** One query that sets what our sessions need. */
const char *session_settings();

/** Returns one int4: the version of the schema, or fails with 42P01. */
const char *schema_version_query();

/** Queues the preparation of every statement. */
bool prepare_statements(PGconn *connection);

/** Whose outcome the rows of a statement are: an operation of the batch, the
 *  operation that each row names in its first column, or nobody's. */
inline constexpr std::size_t kRowNamesIt = static_cast<std::size_t>(-1);
inline constexpr std::size_t kNobody = static_cast<std::size_t>(-2);

/** Reads a row, from `column` on, into its operation's outcome. */
using ReadRow = void(const PGresult *rows, int row, int column,
                     Outcome &outcome);

struct StatementReply {
    std::size_t owner;
    ReadRow *read;
};

/** Queues all operations of a batch; null entries are skipped. `replies` gets
 *  one entry per statement queued. False if libpq refused. */
bool send_operations(PGconn *connection,
                     std::span<const Operation *const> operations,
                     std::vector<StatementReply> &replies);

/** Queues the written-behind signs of life, one statement. `age_s` of each:
 *  how long ago it was, in seconds. Rows must be sorted by sn. */
struct AgedSighting {
    const Sighting *sighting;
    double age_s;
    std::int64_t refusals;
};
bool send_sightings(PGconn *connection, std::span<const AgedSighting> rows);

/** Queues what upkeep does, several statements; does nothing if another
 *  process did it in the last `interval_s` seconds. The last one returns one
 *  bool: whether a large answer waits to be taken in. */
bool send_upkeep(PGconn *connection, double interval_s);
inline constexpr std::size_t kUpkeepVerdict = 8; // number of that statement

/** Each queues one statement for db::SessionKeeper: connections that have
 *  ended; that the process lives; what it holds against what the database
 *  knows, giving rows of sn and epoch where there is news; its last words. */
struct HeldSession;
bool send_closed_sessions(PGconn *connection,
                          std::span<const HeldSession> sessions);
bool send_worker_beat(PGconn *connection, const std::string &worker);
bool send_session_review(PGconn *connection, const std::string &worker,
                         std::span<const HeldSession> sessions);
bool send_worker_farewell(PGconn *connection, const std::string &worker);

/** Bytes that an operation puts into libpq's buffer, roughly. */
std::size_t weight_of(const Operation &operation) noexcept;

} // namespace wac::db
