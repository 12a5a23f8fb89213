#include "xml_device.hpp"

#include "xml_messages.hpp"

#include <algorithm>

namespace wac::sim
{

namespace
{

constexpr std::size_t kMostKeepalives = 100; // that wait for an answer

} // namespace

XmlDevice::XmlDevice(const XmlShared &shared, std::string sn,
                     std::uint64_t number, Moment first_call)
    : LiveDevice(shared.options, shared.statistics, std::move(sn), number,
                 first_call),
      options_(shared.options), clock_(shared.clock),
      statistics_(shared.statistics), tokens_(shared.tokens),
      decoder_(shared.decoder), asked_at_(first_call)
{
    terminal_.sn = this->sn();
    terminal_.clock_offset_s = options_.clock_offset_s;
    terminal_.utc_offset_minutes = options_.utc_offset_minutes;
    terminal_.make_users(options_.users);
    const std::int64_t backlog_from =
        clock_.start_s + options_.clock_offset_s - options_.backlog;
    terminal_.logs.make(CloudFamily::ai, options_.logs, options_.users,
                        backlog_from - 1);
    for (std::uint32_t i = 0; i < options_.backlog; ++i) {
        queue_punch(i % options_.users + 1, backlog_from + i);
    }
    for (std::uint32_t i = 0; i < options_.admin_logs; ++i) {
        queue_admin_log({0, backlog_from + i, 1, 0, "EnterMenu"});
    }
}

bool XmlDevice::is_message() const
{
    return options_.dialect == xml::Dialect::message;
}

std::int64_t XmlDevice::now_s(Moment now) const
{
    return clock_.now_s(now) + terminal_.clock_offset_s;
}

// ---- what it has to say ----------------------------------------------------

bool XmlDevice::make_punch(Moment now)
{
    const XmlUsers &users = terminal_.users;
    if (users.empty() || terminal_.logs.size() >= CloudLogs::kCapacity) {
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

void XmlDevice::queue_punch(std::int64_t user_id, std::int64_t time_s)
{
    last_user_ = user_id;
    punches_.push_back(terminal_.logs.size());
    terminal_.logs.add(cloud_punch(
        CloudFamily::ai, user_id,
        punch_times_.take(std::to_string(user_id), time_s), punch_number_++));
    ++statistics_.punches_made;
}

void XmlDevice::queue_admin_log(XmlAdminLog log)
{
    log.log_id = ++admin_number_;
    admin_logs_.push_back(std::move(log));
    ++statistics_.admin_logs_made;
}

bool XmlDevice::has_work() const
{
    return pending_ || !punches_.empty() || !admin_logs_.empty() ||
           !answers_.empty();
}

// ---- the link --------------------------------------------------------------

void XmlDevice::on_linked(Moment)
{
    step_ = is_message() && tokens_.contains(sn()) ? Step::logging_in
                                                   : Step::registering;
    asked_ = restarts_ = false;
    deadline_ = keepalive_at_ = restart_at_ = Moment::max();
    refusal_pause_ = kFirstPause;
    keepalive_times_.clear();
}

void XmlDevice::on_lost(Moment)
{
    step_ = Step::registering;
    answers_.clear();
    deadline_ = restart_at_ = Moment::max();
    if (pending_ && pending_->acked) {
        pending_.reset();
    } else if (pending_) {
        pending_->timeouts = 0;
        pending_->send_at = pending_->timeout_at = Moment::max();
    }
}

void XmlDevice::expect_answer(Moment now)
{
    asked_ = true;
    asked_at_ = now;
    deadline_ = now + kPatience;
}

LiveSending XmlDevice::greet(Moment now)
{
    expect_answer(now);
    return sending(step_ == Step::registering
                       ? xml_register(options_, sn())
                       : xml_login(sn(), tokens_.at(sn())));
}

// ---- what comes next -------------------------------------------------------

/** Nobody answers, or it is to restart. */
bool XmlDevice::is_late(Moment now)
{
    if (now >= restart_at_) {
        leave(options_.reboot_time, now);
        return true;
    }
    if (now >= deadline_) {
        ++statistics_.unanswered;
        ++statistics_.given_up;
        deadline_ = Moment::max();
        leave(options_.reconnect, now);
        return true;
    }
    return false;
}

std::optional<LiveSending> XmlDevice::next(Moment now)
{
    if (!may_send(now) || is_late(now)) {
        return std::nullopt;
    }
    if (!answers_.empty() && now >= answers_.front().ready_at) {
        return send_answer(now);
    }
    if (step_ != Step::online) {
        return asked_ ? std::nullopt : std::optional{greet(now)};
    }
    if (restarts_) {
        return std::nullopt;
    }
    if (auto pending = send_pending(now)) {
        return pending;
    }
    if (!wants_drop() && !closed() && now >= keepalive_at_) {
        return send_keepalive(now);
    }
    return std::nullopt;
}

Moment XmlDevice::wake_at() const
{
    Moment at = link_wake_at();
    if (!is_linked() || wants_drop()) {
        return at;
    }
    at = std::min({at, deadline_, restart_at_});
    if (!answers_.empty()) {
        at = std::min(at, answers_.front().ready_at);
    }
    if (step_ == Step::online && pending_) {
        at = std::min({at, pending_->send_at, pending_->timeout_at});
    }
    return closed() ? at : std::min(at, keepalive_at_);
}

LiveSending XmlDevice::send_answer(Moment now)
{
    constexpr milliseconds kOnItsWay{100}; // before the link is cut
    std::string text = std::move(answers_.front().text);
    answers_.pop_front();
    ++statistics_.results_sent;
    if (restarts_ && answers_.empty()) {
        restart_at_ = now + kOnItsWay;
    }
    return sending(std::move(text));
}

LiveSending XmlDevice::send_keepalive(Moment now)
{
    ++statistics_.keepalives;
    keepalive_at_ = now + *options_.keepalive;
    keepalive_times_.push_back(xml::format_time(wall_time(now_s(now))));
    if (keepalive_times_.size() > kMostKeepalives) {
        keepalive_times_.pop_front(); // nobody answers
    }
    return sending(xml_keepalive(options_, terminal_, now_s(now)));
}

// ---- what the server is to acknowledge -------------------------------------

/** Punches go first. */
void XmlDevice::make_pending(Moment now)
{
    Pending made;
    made.first_sent_at = made.send_at = now;
    if (!punches_.empty()) {
        const std::size_t index = punches_.front();
        punches_.pop_front();
        made.log_id = static_cast<std::int64_t>(index) + 1;
        made.text = xml_timelog(options_, terminal_, index);
        ++statistics_.punches_sent;
    } else {
        made.admin = true;
        made.log_id = admin_logs_.front().log_id;
        made.text = xml_adminlog(options_, terminal_, admin_logs_.front());
        admin_logs_.pop_front();
        ++statistics_.admin_logs_sent;
    }
    pending_ = std::move(made);
}

std::optional<LiveSending> XmlDevice::send_pending(Moment now)
{
    constexpr std::uint32_t kTimes = 3;
    if (pending_ && now >= pending_->timeout_at) {
        if (pending_->acked) { // it only waited for more
            ++statistics_.unanswered;
            pending_.reset();
        } else if (pending_->timeouts == kTimes) {
            ++statistics_.given_up;
            leave(options_.reconnect, now);
            return std::nullopt;
        } else {
            ++pending_->timeouts;
            pending_->send_at = now;
        }
    }
    if (!pending_) {
        if (punches_.empty() && admin_logs_.empty()) {
            return std::nullopt;
        }
        make_pending(now);
    }
    if (now < pending_->send_at) {
        return std::nullopt;
    }
    statistics_.resends += pending_->sent;
    pending_->sent = true;
    pending_->send_at = Moment::max();
    pending_->timeout_at = now + options_.resend_every;
    return sending(pending_->text);
}

} // namespace wac::sim
