// The SQL of the core, all of it, and how operations become its parameters.
// Operations of one kind that go out together share one execution where the
// statement takes arrays: polls, contacts, punches, sightings. The rarer ones
// with bulk in them run once each, so that a photo is copied by libpq only.
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

/** Which operation of a batch a row of a result belongs to. */
inline constexpr std::size_t kRowNamesIt = static_cast<std::size_t>(-1);
inline constexpr std::size_t kNobody = static_cast<std::size_t>(-2);

/** Queues all operations of a batch; null entries are skipped. For each
 *  statement queued, `owners` gets the index of the operation whose state its
 *  result holds, kRowNamesIt if each row starts with that index, or kNobody.
 *  False if libpq refused. */
bool send_operations(PGconn *connection,
                     std::span<const Operation *const> operations,
                     std::vector<std::size_t> &owners);

/** Queues the written-behind signs of life, one statement. `age_s` of each:
 *  how long ago it was, in seconds. Rows must be sorted by sn. */
struct AgedSighting {
    const Sighting *sighting;
    double age_s;
    std::int64_t refusals;
};
bool send_sightings(PGconn *connection, std::span<const AgedSighting> rows);

/** Bytes that an operation puts into libpq's buffer, roughly. */
std::size_t weight_of(const Operation &operation) noexcept;

} // namespace wac::db
