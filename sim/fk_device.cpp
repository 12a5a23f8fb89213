#include "fk_device.hpp"

#include "base/text.hpp"
#include "fk_bodies.hpp"
#include "fk_execute.hpp"

#include <algorithm>

namespace wac::sim
{

namespace
{

constexpr milliseconds kFirstBackOff{250};
constexpr milliseconds kLongestBackOff{10000};
constexpr std::chrono::seconds kRestart{1};

} // namespace

FkDevice::FkDevice(const FkOptions &options, const HostClock &clock,
                   FkStatistics &statistics, Endpoint endpoint, std::string sn,
                   std::uint64_t number, Moment first_call)
    : options_(options), clock_(clock), statistics_(statistics),
      endpoint_(std::move(endpoint)),
      dice_(Dice(options.seed + number).number()), interval_(options.interval),
      back_off_(kFirstBackOff), asleep_until_(first_call), poll_at_(first_call),
      retry_at_(first_call), drain_until_(first_call)
{
    terminal_.sn = std::move(sn);
    terminal_.library = options.dialect.library;
    terminal_.clock_offset_s = options.clock_offset_s;
    terminal_.settings["Receive_Interval"] =
        std::to_string(std::max<std::int64_t>(interval_.count() / 1000, 1));
    terminal_.make_users(options.users);
    const std::int64_t backlog_from =
        clock.start_s + options.clock_offset_s - options.backlog;
    terminal_.logs.make(options.dialect.library, options.logs, options.users,
                        backlog_from - 1);
    for (std::uint32_t i = 0; i < options.backlog; ++i) {
        queue_punch(backlog_from + i);
    }
}

std::int64_t FkDevice::now_s(Moment now) const
{
    return clock_.now_s(now) + terminal_.clock_offset_s;
}

bool FkDevice::something_waits() const
{
    return !punches_.empty() || !enrolments_.empty();
}

bool FkDevice::make_punch(Moment now)
{
    return queue_punch(now_s(now));
}

bool FkDevice::queue_punch(std::int64_t time_s)
{
    const FkUsers &users = terminal_.users;
    if (users.empty() || punches_.size() >= FkLogs::kCapacity) {
        ++statistics_.punches_not_made;
        return false;
    }
    auto user = users.upper_bound(last_user_);
    if (user == users.end()) {
        user = users.begin();
    }
    last_user_ = user->first;
    FkPunch punch =
        punch_of(terminal_.library, last_user_,
                 punch_times_.take(last_user_, time_s), punch_number_++);
    terminal_.logs.add(punch);
    punches_.push_back(std::move(punch));
    ++statistics_.punches_made;
    return true;
}

// ---- what comes next -------------------------------------------------------

std::optional<FkSending> FkDevice::next(Moment now)
{
    if (now < asleep_until_ || under_way_ || finished(now)) {
        return std::nullopt;
    }
    if (resend_) {
        return send_punch();
    }
    if (foreign_) {
        return send_foreign_result();
    }
    if (upload_) {
        return now >= upload_->ready_at ? std::optional{send_part()}
                                        : std::nullopt;
    }
    const bool drains = something_waits() && now >= retry_at_;
    if (!closed_ && (poll_at_once_ || (now >= poll_at_ && !drains))) {
        return send_poll(now);
    }
    if (!drains) {
        return std::nullopt;
    }
    return enrolments_.empty() ? send_punch() : send_enrolment();
}

Moment FkDevice::wake_at() const
{
    if (under_way_) {
        return Moment::max();
    }
    Moment at = closed_ ? drain_until_ : Moment::max();
    if (resend_ || foreign_ || poll_at_once_) {
        at = asleep_until_;
    } else if (upload_) {
        at = std::min(at, upload_->ready_at);
    } else {
        at = closed_ ? at : std::min(at, poll_at_);
        at = something_waits() ? std::min(at, retry_at_) : at;
    }
    return std::max(at, asleep_until_);
}

void FkDevice::close(Moment now)
{
    if (!closed_) {
        closed_ = true;
        poll_at_once_ = false;
        drain_until_ = now + kDrainLimit;
    }
}

bool FkDevice::finished(Moment now) const
{
    if (!closed_ || under_way_) {
        return false;
    }
    const bool empty = !something_waits() && !resend_ && !foreign_ && !upload_;
    return empty || now >= drain_until_;
}

// ---- answers ---------------------------------------------------------------

void FkDevice::answered(const fk::Reply &reply, Moment now)
{
    const FkKind kind = *under_way_;
    const bool ok = reply.response_code == "OK";
    under_way_.reset();
    const bool success =
        ok || (kind == FkKind::poll && (reply.response_code == "ERROR_NO_CMD" ||
                                        reply.response_code == "RESET_FK"));
    if (!success) {
        count(statistics_.refused, reply.response_code);
    }
    switch (kind) {
    case FkKind::punch:
        punch_answered(ok, now);
        break;
    case FkKind::enrolment:
        enrolment_answered(ok, now);
        break;
    case FkKind::poll:
        poll_answered(reply, now);
        break;
    case FkKind::result:
        if (reply.response_code == "RESET_FK") {
            count(statistics_.commands, "RESET_FK");
            restart(now);
        } else {
            part_answered(ok, now);
        }
        break;
    case FkKind::foreign_result:
        foreign_ = false;
        break;
    }
}

void FkDevice::failed(Moment now)
{
    const FkKind kind = *under_way_;
    under_way_.reset();
    switch (kind) {
    case FkKind::punch:
        punch_answered(false, now);
        break;
    case FkKind::enrolment:
        enrolment_answered(false, now);
        break;
    case FkKind::poll:
        poll_answered({}, now);
        break;
    case FkKind::result:
        part_answered(false, now);
        break;
    case FkKind::foreign_result:
        foreign_ = false;
        break;
    }
}

void FkDevice::punch_answered(bool ok, Moment now)
{
    if (resend_) {
        resend_.reset();
        drained_or_failed(true, !something_waits(), now);
        return;
    }
    if (ok) {
        ++statistics_.punches_acked;
        if (dice_.roll(options_.faults.resend_punch)) {
            resend_ = punches_.front();
            count(statistics_.faults, "resend-punch");
        }
        punches_.pop_front();
        first_punch_was_sent_ = false;
    }
    drained_or_failed(ok, !something_waits(), now);
}

void FkDevice::enrolment_answered(bool ok, Moment now)
{
    if (ok) {
        ++statistics_.enrolments_acked;
        enrolments_.pop_front();
    }
    drained_or_failed(ok, !something_waits(), now);
}

/** The loop goes on to the poll when nothing waits any more, and when
 *  something failed. */
void FkDevice::drained_or_failed(bool ok, bool empty, Moment now)
{
    if (ok) {
        back_off_ = kFirstBackOff;
        retry_at_ = now;
    } else {
        retry_at_ = now + back_off_;
        back_off_ = std::min(back_off_ * 2, kLongestBackOff);
    }
    if (!ok || empty) {
        poll_at_ = now;
    }
}

void FkDevice::poll_answered(const fk::Reply &reply, Moment now)
{
    if (options_.polls && polls_ >= *options_.polls) {
        close(now);
    }
    foreign_ = dice_.roll(options_.faults.foreign_result);
    const bool ok = reply.response_code == "OK";
    if (reply.response_code == "RESET_FK" ||
        (ok && reply.cmd_code == "RESET_FK")) {
        count(statistics_.commands, "RESET_FK");
        restart(now);
    } else if (ok && !reply.cmd_code.empty()) {
        take_command(reply, now);
    } else {
        idle(now);
    }
}

void FkDevice::take_command(const fk::Reply &reply, Moment now)
{
    count(statistics_.commands, reply.cmd_code);
    if (options_.no_answer.contains(reply.cmd_code)) {
        idle(now);
        return;
    }
    FkOutcome outcome;
    const auto error = options_.errors.find(reply.cmd_code);
    if (error != options_.errors.end()) {
        outcome.return_code = error->second;
    } else {
        const std::int64_t offset_s = terminal_.clock_offset_s;
        outcome = execute(terminal_, options_.dialect, reply.cmd_code,
                          reply.body, clock_.now_s(now));
        if (terminal_.clock_offset_s != offset_s) {
            punch_times_.clock_set();
        }
    }
    if (!outcome.answered) {
        idle(now);
        return;
    }
    const auto interval =
        parse_integer<std::int64_t>(terminal_.settings["Receive_Interval"]);
    if (reply.cmd_code == "SET_DEVICE_SETTING" && interval) {
        interval_ = std::chrono::seconds(*interval);
    }
    enrolments_.insert(enrolments_.end(), outcome.enrolments.begin(),
                       outcome.enrolments.end());
    upload_ = Upload{reply.trans_id, std::move(outcome.return_code),
                     std::move(outcome.body), now + options_.answer_delay};
}

/** A result that was not taken is dropped, as real firmware does. */
void FkDevice::part_answered(bool ok, Moment now)
{
    if (!ok) {
        upload_.reset();
        idle(now);
        return;
    }
    const std::size_t parts =
        part_count(options_.dialect, upload_->body.size());
    if (upload_->part + 1 == parts) {
        upload_.reset();
        ++statistics_.results_sent;
        poll_at_once_ = !closed_;
        return;
    }
    if (!upload_->repeated && dice_.roll(options_.faults.repeat_part)) {
        upload_->repeated = true;
        count(statistics_.faults, "repeat-part");
        return;
    }
    upload_->repeated = false;
    ++upload_->part;
    if (upload_->part + 1 < parts && dice_.roll(options_.faults.skip_part)) {
        ++upload_->part;
        count(statistics_.faults, "skip-part");
    }
}

void FkDevice::idle(Moment now)
{
    poll_at_ = now + interval_;
}

/** What the terminal holds stays, its clock too; a new server address counts
 *  from here on. */
void FkDevice::restart(Moment now)
{
    upload_.reset();
    resend_.reset();
    foreign_ = false;
    poll_at_once_ = false;
    asleep_until_ = now + kRestart;
    poll_at_ = asleep_until_;
    retry_at_ = asleep_until_;
    back_off_ = kFirstBackOff;
    if (terminal_.web_server) {
        auto endpoint =
            numeric_endpoint(terminal_.web_server->address,
                             terminal_.web_server->port, endpoint_.target);
        if (endpoint) {
            endpoint_ = std::move(*endpoint);
        }
        terminal_.web_server.reset();
    }
}

} // namespace wac::sim
