// The live feed (schema/006_feed.sql) as wacctl reads it: what comes in from
// all terminals, in the order of its numbers, each event once.
#pragma once

#include "codec/type.hpp"
#include "database.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace wac::ctl
{

struct FeedFilter {
    std::vector<std::string> devices; // none: all
    std::vector<std::string> types;   // of frames or of events; none: all
    std::optional<type::Since> since; // nothing: from now on
};

class LiveFeed
{
  public:
    /** `database` and `filter` outlive it. */
    static Result<LiveFeed> begin(Database &database, const FeedFilter &filter);

    /** The next events, a portion of them; no rows if there are none yet.
     *  Columns: id, sn, type, event_type, payload, at, at_us (microseconds
     *  since 2000 in UTC). */
    Result<Rows> next();

    /** Until there may be more, at most a second. */
    Result<void> wait();

  private:
    LiveFeed(Database &database, const FeedFilter &filter)
        : database_(&database), filter_(&filter)
    {
    }
    Result<void> say_that_we_listen();
    Result<void> advance();
    Result<void> find_beginning();
    Result<Rows> read();

    Database *database_;
    const FeedFilter *filter_;
    std::int64_t last_ = 0; // all events up to it were looked at
    std::int64_t upto_ = 0; // and so far they have numbers
    unsigned empty_looks_ = 0;
    std::optional<std::chrono::steady_clock::time_point> listened_;
};

} // namespace wac::ctl
