#include "proto/xml_backfill.hpp"

#include "proto/xml_command_answer.hpp"
#include "proto/xml_fields.hpp"
#include "proto/xml_log_request.hpp"
#include "proto/xml_operations.hpp"

#include <algorithm>

namespace wac::xml
{

namespace
{

constexpr std::int64_t kSpareRequests = 64; // the search and wrong counts

/** What of one log is to be stored. */
StoreAttendance store_of(const Message &answer, std::string sn,
                         std::string_view zone)
{
    auto store = handle_timelog(answer, sn, zone);
    if (store) {
        return std::move(*store);
    }
    StoreAttendance aside;
    aside.sn = std::move(sn);
    aside.protocol = Protocol::xml;
    aside.zone = zone;
    aside.invalid.request = answer.name;
    aside.invalid.reason = store.error().text;
    aside.invalid.frame = raw_of(answer, {});
    return aside;
}

} // namespace

Backfill::Backfill(std::optional<std::int64_t> cursor, WallTime device_now)
    : request_{"SetTime", {}}, cursor_(cursor)
{
    request_.add("Time", format_time(device_now));
}

std::optional<std::string> Backfill::frame() const
{
    return state_ == State::done ? std::nullopt
                                 : std::optional(encode(request_));
}

bool Backfill::answered_by(const Message &message) const
{
    return state_ != State::done && answers(message, request_);
}

std::optional<StoreAttendance>
Backfill::take(const Message &answer, std::string sn, std::string_view zone)
{
    if (state_ == State::set_time) {
        state_ = State::count;
        request_ = log_count_request();
        return std::nullopt;
    }
    if (state_ == State::count) {
        count_ = log_count_in(answer);
        requests_left_ = count_ + kSpareRequests;
        if (count_ == 0) {
            state_ = State::done;
        } else if (cursor_) {
            ask(State::newest, count_ - 1);
        } else {
            begin_up(0);
        }
        return std::nullopt;
    }
    const auto log = log_number_in(answer);
    const bool stored = log && is_wanted(*log);
    if (stored) {
        reached_ = log;
    }
    move(log, stored);
    repeats_ = log && last_ == log ? repeats_ + 1 : 0;
    last_ = log;
    return stored ? std::optional(store_of(answer, std::move(sn), zone))
                  : std::nullopt;
}

/** While walking, above the cursor and not the one before again. Positions
 *  may hold a smaller LogID than the one before: the terminal began to count
 *  again. */
bool Backfill::is_wanted(std::int64_t log) const noexcept
{
    if (state_ == State::ahead) {
        return reached_ ? log > *reached_ : is_above(log);
    }
    return state_ == State::up && is_above(log) && log != reached_;
}

void Backfill::move(std::optional<std::int64_t> log, bool stored)
{
    switch (state_) {
    case State::newest:
        found_newest(log);
        break;
    case State::search:
        if (log && !is_above(*log)) {
            low_ = position_ + 1;
        } else {
            high_ = position_;
        }
        search();
        break;
    case State::check:
        if (log) {
            go_ahead();
        } else { // it counts again from the beginning
            cursor_.reset();
            begin_up(0);
        }
        break;
    case State::up:
        if (!log) {
            state_ = State::done;
        } else if (position_ + 1 < count_ && !(log == last_ && repeats_ > 0)) {
            ask(State::up, position_ + 1);
        } else {
            go_ahead();
        }
        break;
    case State::ahead:
        if (stored) {
            go_ahead();
        } else {
            state_ = State::done;
        }
        break;
    case State::set_time:
    case State::count:
    case State::done:
        break;
    }
}

void Backfill::found_newest(std::optional<std::int64_t> log)
{
    if (!log || is_above(*log)) {
        low_ = 0;
        high_ = count_ - 1;
        search();
    } else if (*log == *cursor_) {
        go_ahead();
    } else {
        ask(State::check, *cursor_);
    }
}

void Backfill::search()
{
    if (low_ >= high_) {
        begin_up(high_);
    } else {
        ask(State::search, low_ + (high_ - low_) / 2);
    }
}

void Backfill::begin_up(std::int64_t position)
{
    ask(State::up, position);
}

/** LogIDs are not less than positions, so this is past the last position, or
 *  for a unit that takes it for a LogID, the next log. */
void Backfill::go_ahead()
{
    const auto largest = reached_ ? reached_ : cursor_;
    if (!largest || *largest == INT64_MAX) {
        state_ = State::done;
        return;
    }
    ask(State::ahead, *largest + 1);
}

void Backfill::ask(State state, std::int64_t position)
{
    if (requests_left_-- <= 0) {
        state_ = State::done;
        return;
    }
    request_ = log_request(position, first_);
    first_ = false;
    state_ = state;
    position_ = position;
}

} // namespace wac::xml
