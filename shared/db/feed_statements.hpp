// The SQL of the live feed (schema/006_feed.sql): its own session runs them,
// outside of the batches of operations.
#pragma once

#include "db/statement_queue.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace wac::db
{

std::span<const Statement> feed_statements();

/** What was committed since the last time gets its numbers; one row, the
 *  count. */
bool send_feed_advance(PGconn *connection, std::int32_t most);

/** That this process listens, for a while. */
bool send_feed_listen(PGconn *connection, const std::string &worker);

/** One row: the number of the feed's last event, of its first one that is
 *  still kept, and of the last one before `since_us` (microseconds since 2000
 *  in UTC; of the last one at all if nothing). */
bool send_feed_position(PGconn *connection,
                        std::optional<std::int64_t> since_us);

/** The events numbered `after` < id <= `upto`, of these terminals (none: of
 *  all), received from `since_us` on. Columns: id, sn, type, event_type,
 *  payload, at. */
struct FeedRange {
    std::int64_t after = 0;
    std::int64_t upto = 0;
    std::optional<std::int64_t> since_us;
    std::span<const std::string> devices;
};
bool send_feed_read(PGconn *connection, const FeedRange &range);

/** Up to `most` approved terminals behind `after` in the order of sn, of
 *  these (none: of all): sn, status, and when they were last seen, or now. */
bool send_feed_snapshot(PGconn *connection, const std::string &after,
                        std::span<const std::string> devices,
                        std::int32_t most);

/** Those of the tokens that are not valid any more: one row each, its hash. */
bool send_feed_lapsed(PGconn *connection,
                      std::span<const std::string> token_hashes);

} // namespace wac::db
