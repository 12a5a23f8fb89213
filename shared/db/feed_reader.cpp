#include "db/feed_reader.hpp"

#include "db/feed_statements.hpp"
#include "db/pg_result.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace wac::db
{

namespace
{

constexpr std::int32_t kMostAdvanced = 1000; // in one look
constexpr std::int64_t kMostRead = 2000;
constexpr std::size_t kMostQuestions = 8;
constexpr std::uint64_t kListenMs = 5000; // it holds for 15 s

// after a look that found something, and then after each that did not
constexpr std::uint64_t kPausesMs[] = {25, 25, 50, 100, 200};
constexpr std::uint64_t kLongestPauseMs = 1000;

PoolLimits one_session()
{
    PoolLimits limits;
    limits.sessions = 1;
    return limits;
}

FeedRow row_at(const PGresult *rows, int row)
{
    FeedRow event;
    event.id = int8_at(rows, row, 0);
    event.sn = string_at(rows, row, 1);
    event.type = string_at(rows, row, 2);
    event.event_type = string_at(rows, row, 3);
    event.payload = string_at(rows, row, 4);
    event.at_us = int8_at(rows, row, 5);
    return event;
}

std::vector<FeedRow> rows_of(const PGresult *rows)
{
    std::vector<FeedRow> events;
    const int count = PQntuples(rows);
    events.reserve(static_cast<std::size_t>(count));
    for (int row = 0; row < count; ++row) {
        events.push_back(row_at(rows, row));
    }
    return events;
}

FeedPosition position_of(const PGresult *rows)
{
    FeedPosition position;
    if (PQntuples(rows) == 1) {
        position.last = int8_at(rows, 0, 0);
        position.first = int8_at(rows, 0, 1);
        position.before = int8_at(rows, 0, 2);
    }
    return position;
}

void read_answer(const PGresult *rows, const FeedQuestion &question,
                 FeedAnswer &answer)
{
    if (std::holds_alternative<AskFeedPosition>(question)) {
        answer.position = position_of(rows);
    } else if (std::holds_alternative<AskFeedRows>(question)) {
        answer.rows = rows_of(rows);
    } else if (std::holds_alternative<AskFeedDevices>(question)) {
        for (int row = 0; row < PQntuples(rows); ++row) {
            answer.devices.push_back({string_at(rows, row, 0),
                                      string_at(rows, row, 1),
                                      int8_at(rows, row, 2)});
        }
    } else {
        for (int row = 0; row < PQntuples(rows); ++row) {
            answer.lapsed.push_back(string_at(rows, row, 0));
        }
    }
}

} // namespace

FeedReader::FeedReader(EventLoop &loop, Log &log, const Conninfo &conninfo,
                       std::string worker)
    : loop_(loop), log_(log), worker_(std::move(worker)),
      pool_(loop, silence_, conninfo, one_session(), *this, this),
      timer_(loop.timer(*this, TimerKind::idle))
{
}

FeedReader::~FeedReader()
{
    pool_.stop();
}

void FeedReader::listen(FeedListener &listener)
{
    listener_ = &listener;
    look();
}

void FeedReader::pause() noexcept
{
    listener_ = nullptr;
    last_.reset();
}

void FeedReader::ask(FeedAsker &asker, FeedQuestion question)
{
    waiting_.push_back({&asker, std::move(question)});
    look();
}

void FeedReader::forget(const FeedAsker &asker) noexcept
{
    waiting_.erase(std::remove_if(waiting_.begin(), waiting_.end(),
                                  [&asker](const Asked &asked) {
                                      return asked.asker == &asker;
                                  }),
                   waiting_.end());
    for (Asked &asked : asked_) {
        if (asked.asker == &asker) {
            asked.asker = nullptr;
        }
    }
}

// ---- when it looks --------------------------------------------------------

void FeedReader::look()
{
    due_ = true;
    if (!started_) {
        started_ = true;
        pool_.start();
        return;
    }
    on_capacity();
}

void FeedReader::on_capacity() noexcept
{
    if (!due_ || running_ || !pool_.has_idle() ||
        (!listener_ && waiting_.empty())) {
        return;
    }
    due_ = false;
    running_ = true;
    rung_ = false;
    timer_->disarm();
    pool_.dispatch(*this);
}

void FeedReader::on_wake() noexcept
{
    look();
}

std::span<const std::string_view> FeedReader::channels() const noexcept
{
    static constexpr std::string_view kChannels[] = {channel::kFeed};
    return kChannels;
}

void FeedReader::on_notification(std::string_view, std::string_view) noexcept
{
    rung_ = true;
    empty_looks_ = 0;
    if (!running_) {
        look();
    }
}

void FeedReader::on_listening() noexcept
{
    due_ = true; // on_capacity() follows
}

// Bells that ring for every twentieth millisecond need not be followed one by
// one: under load the pause gathers more for each look.
void FeedReader::rest(bool found, bool more)
{
    if (found) {
        empty_looks_ = 0;
    }
    std::uint64_t pause_ms = kLongestPauseMs;
    if (more || (!waiting_.empty() && advanced_ >= 0)) {
        pause_ms = 0;
    } else if (empty_looks_ < std::size(kPausesMs)) {
        pause_ms = kPausesMs[empty_looks_];
    } else if (rung_) {
        pause_ms = kPausesMs[0];
    }
    ++empty_looks_;
    if (listener_ || !waiting_.empty()) {
        timer_->arm(pause_ms);
    }
}

// ---- one look -------------------------------------------------------------

bool FeedReader::send(PGconn *connection)
{
    parts_.clear();
    rows_.clear();
    found_last_.reset();
    next_answer_ = 0;
    advanced_ = 0;
    bool ok = true;
    const std::uint64_t now_ms = loop_.now_ms();
    if (listener_ &&
        (listened_ms_ == 0 || now_ms - listened_ms_ >= kListenMs)) {
        listened_ms_ = now_ms;
        parts_.push_back(Part::listen);
        ok = send_feed_listen(connection, worker_);
    }
    parts_.push_back(Part::advance);
    ok = ok && send_feed_advance(connection, kMostAdvanced);
    if (listener_ && last_) {
        parts_.push_back(Part::live);
        read_upto_ = *last_ + kMostRead;
        FeedRange range;
        range.after = *last_;
        range.upto = read_upto_;
        ok = ok && send_feed_read(connection, range);
    } else if (listener_) {
        parts_.push_back(Part::position);
        ok = ok && send_feed_position(connection, std::nullopt);
    }
    while (!waiting_.empty() && asked_.size() < kMostQuestions) {
        asked_.push_back(std::move(waiting_.front()));
        waiting_.pop_front();
        parts_.push_back(Part::question);
        ok = ok && send_question(connection, asked_.back().question);
    }
    return ok;
}

bool FeedReader::send_question(PGconn *connection, const FeedQuestion &question)
{
    if (const auto *position = std::get_if<AskFeedPosition>(&question)) {
        return send_feed_position(connection, position->since_us);
    }
    if (const auto *rows = std::get_if<AskFeedRows>(&question)) {
        FeedRange range;
        range.after = rows->after;
        range.upto = rows->upto;
        range.since_us = rows->since_us;
        range.devices = rows->devices;
        return send_feed_read(connection, range);
    }
    if (const auto *devices = std::get_if<AskFeedDevices>(&question)) {
        return send_feed_snapshot(connection, devices->after, devices->devices,
                                  devices->most);
    }
    return send_feed_lapsed(connection,
                            std::get<AskLapsedTokens>(question).token_hashes);
}

void FeedReader::on_rows(const PGresult *rows, std::size_t statement)
{
    switch (parts_[statement]) {
    case Part::listen:
        break;
    case Part::advance:
        advanced_ = PQntuples(rows) == 1 ? int4_at(rows, 0, 0) : -1;
        break;
    case Part::position:
        found_last_ = position_of(rows).last;
        break;
    case Part::live:
        rows_ = rows_of(rows);
        break;
    case Part::question: {
        Asked &asked = asked_[next_answer_++];
        asked.answer = {};
        read_answer(rows, asked.question, asked.answer);
        break;
    }
    }
}

// Nothing of what a look found counts before it is committed.
void FeedReader::on_done(const PgFailure *failure) noexcept
{
    running_ = false;
    if (failure) {
        if (!failure->session_lost) {
            log_.write(LogLevel::error,
                       "wac: the live feed: " + failure->message);
        }
        listened_ms_ = 0;
        waiting_.insert(waiting_.begin(),
                        std::make_move_iterator(asked_.begin()),
                        std::make_move_iterator(asked_.end()));
        asked_.clear();
        due_ = false; // not at once: the session may be idle again
        timer_->arm(kLongestPauseMs);
        return;
    }
    hand_over();
}

// A place in the feed is known once all that is there has its number.
void FeedReader::hand_over()
{
    const bool complete = advanced_ >= 0 && advanced_ < kMostAdvanced;
    if (found_last_ && complete && listener_) {
        last_ = found_last_;
    }
    const bool full = !rows_.empty() && rows_.back().id == read_upto_;
    const bool found = advanced_ > 0 || !rows_.empty();
    if (!rows_.empty() && listener_) {
        last_ = rows_.back().id;
        listener_->on_feed_rows(std::exchange(rows_, {}));
    }
    std::vector<Asked> asked = std::exchange(asked_, {});
    for (Asked &one : asked) {
        if (!one.asker) {
            continue;
        }
        if (!complete &&
            std::holds_alternative<AskFeedPosition>(one.question)) {
            waiting_.push_back(std::move(one));
            continue;
        }
        one.asker->on_feed_answer(std::move(one.answer));
    }
    rest(found, full || advanced_ >= kMostAdvanced);
}

} // namespace wac::db
