#include "db/upkeep.hpp"

#include "db/statements.hpp"

namespace wac::db
{

namespace
{

constexpr std::uint64_t kIntervalMs = 5000;

// a little less, or a process that comes at its own time would find its own
// last turn just not old enough
constexpr double kDueAfterS = 4.5;

} // namespace

Upkeep::Upkeep(EventLoop &loop, Sessions &sessions)
    : sessions_(sessions), timer_(loop.timer(*this, TimerKind::idle))
{
}

void Upkeep::start(UpkeepListener &listener)
{
    listener_ = &listener;
    due_ = true;
    on_capacity();
}

void Upkeep::on_wake() noexcept
{
    due_ = true;
    on_capacity();
}

void Upkeep::on_capacity()
{
    if (due_ && sessions_.has_idle()) {
        due_ = false;
        sessions_.dispatch(*this);
    }
}

bool Upkeep::send(PGconn *connection)
{
    result_waits_ = false;
    return send_upkeep(connection, kDueAfterS);
}

void Upkeep::on_rows(const PGresult *rows, std::size_t statement)
{
    if (statement == kUpkeepVerdict && PQntuples(rows) == 1) {
        result_waits_ = bool_at(rows, 0, 0);
    }
}

void Upkeep::on_done(const PgFailure *failure) noexcept
{
    timer_->arm(kIntervalMs);
    if (!failure && result_waits_) {
        listener_->on_result_waits();
    }
}

} // namespace wac::db
