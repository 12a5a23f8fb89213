#include "cloud_device.hpp"

#include <algorithm>

namespace wac::sim
{

namespace
{

constexpr milliseconds kLongestBackOff{4000};
constexpr milliseconds kHttpInterval{10000};

} // namespace

CloudDevice::CloudDevice(const CloudOptions &options, const HostClock &clock,
                         CloudStatistics &statistics, std::string sn,
                         std::uint64_t number, Moment first_call)
    : LiveDevice(options, statistics, std::move(sn), number, first_call),
      options_(options), clock_(clock), statistics_(statistics),
      back_off_(kFirstPause), interval_(options.interval), reg_at_(first_call),
      reg_sent_at_(first_call), send_at_(first_call),
      checklive_at_(Moment::max())
{
    if (options.http && !interval_) {
        interval_ = kHttpInterval;
    }
    terminal_.sn = this->sn();
    terminal_.family = options.family;
    terminal_.clock_offset_s = options.clock_offset_s;
    terminal_.make_users(options.users);
    const std::int64_t backlog_from =
        clock.start_s + options.clock_offset_s - options.backlog;
    terminal_.logs.make(options.family, options.logs, options.users,
                        backlog_from - 1);
    for (std::uint32_t i = 0; i < options.backlog; ++i) {
        queue_punch(i % options.users + 1, backlog_from + i);
    }
    if (options.send_users) {
        for (const auto &[enrollid, user] : terminal_.users) {
            for (const auto &[backupnum, record] : user.credentials) {
                enrolments_.push_back({enrollid, backupnum});
            }
        }
    }
}

std::int64_t CloudDevice::now_s(Moment now) const
{
    return clock_.now_s(now) + terminal_.clock_offset_s;
}

bool CloudDevice::something_waits() const
{
    return pending_ || !punches_.empty() || !enrolments_.empty();
}

bool CloudDevice::make_punch(Moment now)
{
    const CloudUsers &users = terminal_.users;
    if (users.empty() || punches_.size() >= CloudLogs::kCapacity) {
        ++statistics_.punches_not_made;
        return false;
    }
    auto user = users.upper_bound(last_user_);
    if (user == users.end()) {
        user = users.begin();
    }
    queue_punch(user->first, now_s(now));
    return true;
}

void CloudDevice::queue_punch(std::int64_t enrollid, std::int64_t time_s)
{
    last_user_ = enrollid;
    const CloudPunch punch = cloud_punch(
        terminal_.family, enrollid,
        punch_times_.take(std::to_string(enrollid), time_s), punch_number_++);
    punches_.push_back({punch, terminal_.logs.size()});
    terminal_.logs.add(punch);
    ++statistics_.punches_made;
}

// ---- the link --------------------------------------------------------------

void CloudDevice::on_linked(Moment now)
{
    registered_ = reg_sent_ = false;
    reg_at_ = now + options_.timing.reg_after;
}

void CloudDevice::on_lost(Moment)
{
    registered_ = false;
    answers_.clear();
    if (pending_) {
        pending_->awaited = 0;
        pending_->timeouts = 0;
        pending_->send_at = pending_->timeout_at = Moment::max();
        pending_->copies = pending_->acked ? 0 : pending_->copies;
        settle_pending();
    }
}

/** Leaves the link of its own accord; over HTTP it only registers anew. */
void CloudDevice::hang_up(milliseconds pause, Moment now)
{
    if (options_.http) {
        answers_.clear();
        registered_ = false;
        reg_at_ = now + pause;
        return;
    }
    leave(pause, now);
}

milliseconds CloudDevice::next_pause()
{
    if (options_.timing.connect_within) {
        return part_of(*options_.timing.connect_within);
    }
    const milliseconds pause = back_off_ / 2 + part_of(back_off_);
    back_off_ = std::min(back_off_ * 2, kLongestBackOff);
    return pause;
}

// ---- what comes next -------------------------------------------------------

std::optional<LiveSending> CloudDevice::next(Moment now)
{
    if (under_way_ || !may_send(now)) {
        return std::nullopt;
    }
    if (!answers_.empty() && now >= answers_.front().ready_at) {
        return send_answer();
    }
    if (!registered_) {
        return now >= reg_at_ ? std::optional{send_reg(now)} : std::nullopt;
    }
    if (auto pending = send_pending(now)) {
        return pending;
    }
    if (wants_drop()) {
        return std::nullopt;
    }
    if (interval_ && !closed() && now >= checklive_at_) {
        return send_checklive(now);
    }
    return std::nullopt;
}

Moment CloudDevice::wake_at() const
{
    if (under_way_ || wants_drop()) {
        return Moment::max();
    }
    Moment at = link_wake_at();
    if (!is_linked() && !options_.http) {
        return at;
    }
    if (!answers_.empty()) {
        at = std::min(at, answers_.front().ready_at);
    }
    if (!registered_) {
        return std::min(at, reg_at_);
    }
    if (pending_) {
        at = std::min(at, pending_at());
    } else if (something_waits()) {
        at = std::min(at, send_at_);
    }
    return interval_ && !closed() ? std::min(at, checklive_at_) : at;
}

// ---- the end ---------------------------------------------------------------

bool CloudDevice::has_work() const
{
    return something_waits() || !answers_.empty();
}

bool CloudDevice::finished(Moment now) const
{
    return !under_way_ && LiveDevice::finished(now);
}

} // namespace wac::sim
