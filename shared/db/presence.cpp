#include "db/presence.hpp"

#include "db/statements.hpp"

#include <algorithm>
#include <vector>

namespace wac::db
{

namespace
{

constexpr std::uint64_t kIntervalMs = 1000;
constexpr std::size_t kMostDevices = 100000; // noted at a time

} // namespace

// Armed only while something is to be written, it may hold a graceful
// shutdown for that second.
Presence::Presence(EventLoop &loop, Sessions &sessions)
    : loop_(loop), sessions_(sessions),
      timer_(loop.timer(*this, TimerKind::work))
{
}

void Presence::note(Sighting sighting)
{
    auto at = noted_.find(sighting.sn);
    if (at == noted_.end()) {
        if (noted_.size() >= kMostDevices) {
            return;
        }
        at = noted_.try_emplace(sighting.sn).first;
    }
    Entry &entry = at->second;
    entry.refusals += sighting.refusal.empty() ? 0 : 1;
    if (sighting.impostor && !entry.sighting.sn.empty()) {
        entry.sighting.refusal = std::move(sighting.refusal);
        return;
    }
    entry.seen_ms = loop_.now_ms();
    if (sighting.refusal.empty()) {
        sighting.refusal = std::move(entry.sighting.refusal);
    }
    if (!sighting.device_time) {
        sighting.device_time = entry.sighting.device_time;
    }
    entry.sighting = std::move(sighting);
    if (!armed_) {
        armed_ = true;
        timer_->arm(kIntervalMs);
    }
}

void Presence::on_wake() noexcept
{
    armed_ = false;
    due_ = true;
    on_capacity();
}

void Presence::on_capacity()
{
    if (!due_ || !in_flight_.empty() || noted_.empty() ||
        !sessions_.has_idle()) {
        return;
    }
    due_ = false;
    in_flight_.swap(noted_);
    sessions_.dispatch(*this);
}

// In order of sn: two processes that saw the same devices wait for each other
// instead of locking both up.
bool Presence::send(PGconn *connection)
{
    std::vector<AgedSighting> rows;
    rows.reserve(in_flight_.size());
    for (const auto &[sn, entry] : in_flight_) {
        const auto age_ms = loop_.now_ms() - entry.seen_ms;
        rows.push_back({&entry.sighting, static_cast<double>(age_ms) / 1000,
                        entry.refusals});
    }
    std::sort(rows.begin(), rows.end(), [](const auto &a, const auto &b) {
        return a.sighting->sn < b.sighting->sn;
    });
    return send_sightings(connection, rows);
}

void Presence::on_done(const PgFailure *failure) noexcept
{
    Entries written;
    written.swap(in_flight_);
    if (!failure || !failure->session_lost) {
        return;
    }
    for (auto &[sn, entry] : written) {
        const auto [at, absent] = noted_.try_emplace(sn, std::move(entry));
        if (!absent) {
            at->second.refusals += entry.refusals;
        }
    }
    due_ = true;
}

} // namespace wac::db
