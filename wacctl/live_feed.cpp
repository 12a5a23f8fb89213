#include "live_feed.hpp"

#include <algorithm>

namespace wac::ctl
{

namespace
{

using Clock = std::chrono::steady_clock;

constexpr int kPortion = 1000;

constexpr const char *kRead =
    "SELECT id, sn, type, event_type, payload, at,"
    "    (extract(epoch FROM at - timestamptz '2000-01-01 00:00:00+00')"
    "     * 1000000)::bigint AS at_us"
    "  FROM wac_feed_events"
    " WHERE id > $1::bigint AND id <= $2::bigint"
    "   AND ($3::text[] IS NULL OR sn = ANY ($3::text[]))"
    "   AND ($4::text[] IS NULL OR type = ANY ($4::text[])"
    "        OR event_type = ANY ($4::text[]))"
    "   AND ($5::timestamptz IS NULL OR at >= $5::timestamptz)"
    " ORDER BY id LIMIT $6::int";

/** A parameter for a text[], NULL if there is none. */
Parameter text_array(const std::vector<std::string> &texts)
{
    std::string array;
    for (const std::string &text : texts) {
        array += array.empty() ? "{\"" : ",\"";
        for (const char c : text) {
            array += c == '"' || c == '\\' ? "\\" : "";
            array += c;
        }
        array += '"';
    }
    return texts.empty() ? Parameter() : Parameter(array + "}");
}

Parameter instant(const std::optional<type::Since> &since)
{
    return since && since->us ? Parameter(type::format_timestamp(*since->us))
                              : Parameter();
}

} // namespace

Result<LiveFeed> LiveFeed::begin(Database &database, const FeedFilter &filter)
{
    LiveFeed feed(database, filter);
    auto ready = database.execute("LISTEN wac_feed");
    if (ready) {
        ready = feed.say_that_we_listen();
    }
    if (ready) {
        ready = feed.advance();
    }
    if (ready) {
        ready = feed.find_beginning();
    }
    if (!ready) {
        return tl::make_unexpected(ready.error());
    }
    return feed;
}

/** Else nothing rings. */
Result<void> LiveFeed::say_that_we_listen()
{
    constexpr auto kEvery = std::chrono::seconds(5);
    const auto now = Clock::now();
    if (listened_ && now - *listened_ < kEvery) {
        return {};
    }
    const auto said = database_->query("SELECT wac_feed_listen('wacctl')");
    if (!said) {
        return tl::make_unexpected(said.error());
    }
    listened_ = now;
    return {};
}

/** Gives their numbers to those that have none yet, unless somebody else is
 *  doing so. */
Result<void> LiveFeed::advance()
{
    for (;;) {
        const auto advanced =
            database_->query("SELECT wac_feed_advance($1::int) AS added",
                             {std::to_string(kPortion)});
        if (!advanced) {
            return tl::make_unexpected(advanced.error());
        }
        if (advanced->integer(0, "added") < kPortion) {
            break;
        }
    }
    const auto state = database_->query("SELECT last_id FROM wac_feed_state");
    if (!state) {
        return tl::make_unexpected(state.error());
    }
    upto_ = state->integer(0, "last_id");
    return {};
}

Result<void> LiveFeed::find_beginning()
{
    if (filter_->since && filter_->since->id) {
        last_ = *filter_->since->id;
        return {};
    }
    last_ = upto_;
    if (!filter_->since) {
        return {};
    }
    const auto first = database_->query(
        "SELECT coalesce(min(id) - 1, $2::bigint) AS before FROM wac_feed"
        " WHERE at >= $1::timestamptz",
        {instant(filter_->since), std::to_string(upto_)});
    if (!first) {
        return tl::make_unexpected(first.error());
    }
    last_ = std::min<std::int64_t>(first->integer(0, "before"), upto_);
    return {};
}

Result<Rows> LiveFeed::read()
{
    auto rows = database_->query(
        kRead, {std::to_string(last_), std::to_string(upto_),
                text_array(filter_->devices), text_array(filter_->types),
                instant(filter_->since), std::to_string(kPortion)});
    if (rows) {
        last_ = rows->size() < kPortion ? std::max(last_, upto_)
                                        : rows->integer(rows->size() - 1, "id");
    }
    return rows;
}

Result<Rows> LiveFeed::next()
{
    if (last_ >= upto_) {
        auto ready = say_that_we_listen();
        if (ready) {
            ready = advance();
        }
        if (!ready) {
            return tl::make_unexpected(ready.error());
        }
    }
    auto rows = read();
    if (rows && !rows->empty()) {
        empty_looks_ = 0;
    }
    return rows;
}

/** The bell does not ring for every batch: after it has rung there may be
 *  more soon. */
Result<void> LiveFeed::wait()
{
    constexpr unsigned kSoon_ms = 50;
    constexpr unsigned kMostDoublings = 5;
    constexpr unsigned kLongest_ms = 1000;
    const unsigned pause_ms = std::min(
        kSoon_ms << std::min(empty_looks_, kMostDoublings), kLongest_ms);
    const auto rung =
        database_->wait_for_notification(std::chrono::milliseconds(pause_ms));
    if (!rung) {
        return tl::make_unexpected(rung.error());
    }
    empty_looks_ = *rung ? 0 : empty_looks_ + 1;
    return {};
}

} // namespace wac::ctl
