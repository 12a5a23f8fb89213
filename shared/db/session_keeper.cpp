#include "db/session_keeper.hpp"

#include "db/pg_result.hpp"
#include "db/statements.hpp"

#include "base/text.hpp"

#include <utility>

namespace wac::db
{

namespace
{

// A process that has not been heard of for 20 s counts as dead.
constexpr std::uint64_t kBeatMs = 5000;
constexpr unsigned kBeatsToReview = 6;
constexpr std::uint64_t kGatherMs = 5; // ends of sessions that come together

PoolLimits one_session()
{
    PoolLimits limits;
    limits.sessions = 1;
    return limits;
}

} // namespace

SessionKeeper::SessionKeeper(EventLoop &loop, const Conninfo &conninfo,
                             std::string worker)
    : worker_(std::move(worker)),
      pool_(loop, silence_, conninfo, one_session(), *this, this),
      beat_(loop.timer(*this, TimerKind::idle))
{
}

SessionKeeper::~SessionKeeper()
{
    pool_.stop();
}

void SessionKeeper::start(SessionKeeperListener &listener)
{
    listener_ = &listener;
    pool_.start();
}

void SessionKeeper::note_closed(std::string sn, std::int64_t epoch)
{
    closed_.push_back({std::move(sn), epoch});
    if (!running_ && closed_.size() == 1) {
        beat_->arm(kGatherMs);
    }
}

void SessionKeeper::finish()
{
    if (pool_.availability() == Availability::down) {
        farewell_ = Farewell::done; // others will find that we are gone
        return;
    }
    farewell_ = Farewell::wanted;
    due_ = true;
    on_capacity();
}

bool SessionKeeper::finished() const noexcept
{
    return farewell_ == Farewell::done;
}

void SessionKeeper::on_wake() noexcept
{
    due_ = true;
    on_capacity();
    if (!running_) { // the database is away: ask again
        beat_->arm(kBeatMs);
    }
}

// One batch does all that is due, and each beat something is.
void SessionKeeper::on_capacity() noexcept
{
    if (!due_ || running_ || farewell_ == Farewell::done || !pool_.has_idle()) {
        return;
    }
    due_ = false;
    running_ = true;
    beat_->disarm();
    pool_.dispatch(*this);
}

bool SessionKeeper::send(PGconn *connection)
{
    review_statement_ = kNoReview;
    in_flight_ = std::exchange(closed_, {});
    std::size_t statements = 0;
    bool ok = true;
    if (!in_flight_.empty()) {
        ok = send_closed_sessions(connection, in_flight_);
        ++statements;
    }
    if (farewell_ != Farewell::none) {
        farewell_ = Farewell::under_way;
        return ok && send_worker_farewell(connection, worker_);
    }
    ok = ok && send_worker_beat(connection, worker_);
    ++statements;
    if (review_due_) {
        review_due_ = false;
        beats_ = 0;
        review_statement_ = statements;
        ok = ok && send_session_review(connection, worker_,
                                       listener_->held_sessions());
    }
    return ok;
}

void SessionKeeper::on_rows(const PGresult *rows, std::size_t statement)
{
    if (statement != review_statement_) {
        return;
    }
    for (int row = 0; row < PQntuples(rows); ++row) {
        const std::string sn(text_at(rows, row, 0));
        listener_->on_session_opened(sn, int8_at(rows, row, 1));
        listener_->on_command_waits(sn);
    }
}

void SessionKeeper::on_done(const PgFailure *failure) noexcept
{
    running_ = false;
    if (failure) { // said again on the next session
        closed_.insert(closed_.end(), in_flight_.begin(), in_flight_.end());
        review_due_ = true;
        if (farewell_ == Farewell::under_way) {
            farewell_ = Farewell::wanted;
        }
    } else if (farewell_ == Farewell::under_way) {
        farewell_ = Farewell::done;
        return;
    }
    in_flight_.clear();
    if (++beats_ >= kBeatsToReview) {
        review_due_ = true;
    }
    const bool more = !closed_.empty() || farewell_ == Farewell::wanted;
    beat_->arm(more && !failure ? 0 : kBeatMs);
}

std::span<const std::string_view> SessionKeeper::channels() const noexcept
{
    static constexpr std::string_view kChannels[] = {channel::kCommands,
                                                     channel::kSessions};
    return kChannels;
}

void SessionKeeper::on_notification(std::string_view channel,
                                    std::string_view payload) noexcept
{
    if (channel == channel::kCommands) {
        listener_->on_command_waits(payload);
        return;
    }
    const std::size_t blank = payload.find(' ');
    const auto epoch = parse_integer<std::int64_t>(payload.substr(0, blank));
    if (channel == channel::kSessions && epoch &&
        blank != std::string_view::npos) {
        listener_->on_session_opened(payload.substr(blank + 1), *epoch);
    }
}

void SessionKeeper::on_listening() noexcept
{
    due_ = true; // on_capacity() follows
    review_due_ = true;
}

} // namespace wac::db
