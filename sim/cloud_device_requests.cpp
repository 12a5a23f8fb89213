// What a device sends, and when what is pending is sent again.
#include "cloud_device.hpp"

#include <algorithm>

namespace wac::sim
{

LiveSending CloudDevice::send(CloudKind kind, std::string text)
{
    if (options_.http) {
        under_way_ = kind;
    }
    return sending(std::move(text));
}

LiveSending CloudDevice::send_reg(Moment now)
{
    reg_sent_ = true;
    reg_sent_at_ = now;
    reg_at_ = now + options_.timing.reg_every;
    return send(CloudKind::reg, reg_frame(terminal_, now_s(now)));
}

LiveSending CloudDevice::send_answer()
{
    std::string text = std::move(answers_.front().text);
    answers_.pop_front();
    ++statistics_.results_sent;
    return send(CloudKind::result, std::move(text));
}

LiveSending CloudDevice::send_checklive(Moment now)
{
    ++statistics_.checklives;
    checklive_at_ = now + *interval_;
    return send(CloudKind::checklive, checklive_frame(terminal_, now_s(now)));
}

// ---- what the server is to acknowledge -------------------------------------

/** People go first. A batch ends where the log was cleaned in between. */
void CloudDevice::make_pending(Moment now)
{
    Pending made;
    made.first_sent_at = now;
    made.send_at = now;
    made.copies = options_.storm;
    if (!enrolments_.empty()) {
        const CloudEnrolment enrolment = enrolments_.front();
        enrolments_.pop_front();
        made.kind = CloudKind::enrolment;
        made.enrollid = enrolment.enrollid;
        made.text = senduser_frame(terminal_, enrolment);
        ++statistics_.enrolments_sent;
    } else {
        std::vector<CloudPunch> batch;
        made.logindex = punches_.front().logindex;
        while (!punches_.empty() && batch.size() < options_.batch &&
               punches_.front().logindex == made.logindex + batch.size()) {
            batch.push_back(punches_.front().punch);
            punches_.pop_front();
        }
        made.count = batch.size();
        made.text =
            sendlog_frame(terminal_, batch, made.logindex, options_.photo);
        statistics_.punches_sent += batch.size();
    }
    pending_ = std::move(made);
}

Moment CloudDevice::pending_at() const
{
    const Moment at = std::min(pending_->send_at, pending_->timeout_at);
    return pending_->copies > 0 && pending_->sent
               ? std::min(at, pending_->copy_at)
               : at;
}

/** The answer did not come in time. Real terminals ask three times, then try
 *  a new link; one that has its acknowledgement only waited for more. */
bool CloudDevice::resend_wanted(Moment now)
{
    constexpr std::uint32_t kTimes = 3;
    if (pending_->acked) {
        statistics_.unanswered += pending_->awaited;
        pending_->awaited = 0;
        pending_->timeout_at = Moment::max();
        settle_pending();
        return false;
    }
    if (pending_->timeouts == kTimes) {
        ++statistics_.given_up;
        hang_up(options_.timing.give_up_pause, now);
        return false;
    }
    ++pending_->timeouts;
    return true;
}

std::optional<LiveSending> CloudDevice::send_pending(Moment now)
{
    if (pending_ && now >= pending_->timeout_at) {
        if (resend_wanted(now)) {
            pending_->send_at = now;
        } else if (wants_drop()) {
            return std::nullopt;
        }
    }
    if (!pending_) {
        if (!something_waits() || now < send_at_) {
            return std::nullopt;
        }
        make_pending(now);
    }
    return now >= pending_at() ? std::optional{transmit(now)} : std::nullopt;
}

LiveSending CloudDevice::transmit(Moment now)
{
    Pending &pending = *pending_;
    statistics_.resends += pending.sent;
    if (now >= pending.send_at) {
        pending.send_at = Moment::max();
    } else {
        --pending.copies;
        count(statistics_.faults, "copy");
    }
    if (!options_.http) { // an HTTP exchange has its own deadline
        pending.timeout_at = now + options_.timing.resend_every;
    }
    pending.copy_at = now + options_.timing.copies_every;
    pending.sent = true;
    ++pending.awaited;
    return send(pending.kind, pending.text);
}

/** Whether it may make room for the next one. */
void CloudDevice::settle_pending()
{
    if (pending_->acked && pending_->copies == 0 && pending_->awaited == 0) {
        pending_.reset();
    }
}

} // namespace wac::sim
