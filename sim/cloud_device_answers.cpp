// What a device makes of what comes from the server: answers and commands.
#include "cloud_device.hpp"

#include "cloud_command.hpp"
#include "json_build.hpp"

#include <cstdlib>

namespace wac::sim
{

namespace
{

bool is_number(const json_t *value, std::size_t wanted)
{
    return json_is_integer(value) &&
           json_integer_value(value) == static_cast<json_int_t>(wanted);
}

bool succeeded(const json_t *object)
{
    return json_is_true(json_object_get(object, "result"));
}

} // namespace

void CloudDevice::received(std::string_view text, Moment now)
{
    const Json object(json_loadb(text.data(), text.size(), 0, nullptr));
    const std::string_view cmd = json_string(object.get(), "cmd");
    const std::string_view ret = json_string(object.get(), "ret");
    if (cmd.empty() == ret.empty() ||
        (under_way_ && !fits(cmd.empty() ? ret : ""))) {
        ++statistics_.errors;
        failed(now);
        return;
    }
    under_way_.reset();
    if (cmd.empty()) {
        take_answer(ret, object.get(), now);
    } else {
        take_command(cmd, object.get(), now);
    }
}

/** Whether this can be the answer to what is under way; an empty `ret` stands
 *  for a command. */
bool CloudDevice::fits(std::string_view ret) const
{
    switch (*under_way_) {
    case CloudKind::reg:
        return ret == "reg";
    case CloudKind::enrolment:
        return ret == "senduser";
    case CloudKind::punches:
        return ret == "sendlog";
    case CloudKind::checklive:
        return ret.empty() || ret == "checklive";
    case CloudKind::result:
        break;
    }
    return true;
}

void CloudDevice::failed(Moment now)
{
    if (!under_way_) {
        return;
    }
    if (pending_ && (*under_way_ == CloudKind::punches ||
                     *under_way_ == CloudKind::enrolment)) {
        pending_->awaited = 0;
        pending_->send_at = now + next_pause();
    } else if (*under_way_ == CloudKind::reg) {
        reg_at_ = now + next_pause();
    }
    under_way_.reset();
}

// ---- answers ---------------------------------------------------------------

void CloudDevice::take_answer(std::string_view ret, const json_t *object,
                              Moment now)
{
    if (ret == "reg") {
        reg_answered(object, now);
    } else if (ret == "sendlog") {
        sendlog_answered(object, now);
    } else if (ret == "senduser") {
        senduser_answered(object, now);
    } else if (ret != "checklive" && !options_.http) {
        ++statistics_.errors; // of a name that it never sends
    }
}

void CloudDevice::reg_answered(const json_t *object, Moment now)
{
    if (!reg_sent_) {
        ++statistics_.errors;
        return;
    }
    if (!succeeded(object)) {
        refuse(object);
        reg_at_ = now + (options_.timing.resend_after_refusal
                             ? next_pause()
                             : options_.timing.reg_every);
        return;
    }
    registration_answered(reg_sent_at_, now);
    registered_ = true;
    back_off_ = kFirstPause;
    set_clock(object, now);
    const auto seconds = json_number(object, "tryseconds");
    if (seconds && *seconds >= 5 && *seconds <= 300 && !options_.interval &&
        options_.family == CloudFamily::bs) {
        interval_ = std::chrono::seconds(*seconds);
    }
    send_at_ = now + part_of(options_.timing.first_log_within);
    checklive_at_ = interval_ ? now + *interval_ : Moment::max();
    if (pending_) {
        pending_->send_at = send_at_;
    }
}

/** Taken as it stands: terminals know no zones. A second more or less is the
 *  message's way. */
void CloudDevice::set_clock(const json_t *object, Moment now)
{
    const auto time = time_of(json_string(object, "cloudtime"));
    if (time && std::llabs(*time - now_s(now)) > 1) {
        terminal_.clock_offset_s = *time - clock_.now_s(now);
        punch_times_.clock_set();
    }
}

/** Both numbers must come back; over HTTP, where the answer cannot be
 *  another's, they may be left out (cloud-json.md 2.2, 5.1). */
void CloudDevice::sendlog_answered(const json_t *object, Moment now)
{
    const json_t *const count = json_object_get(object, "count");
    const json_t *const logindex = json_object_get(object, "logindex");
    const auto is = [&](std::size_t wanted_count, std::size_t wanted_index) {
        return ((options_.http && !count) || is_number(count, wanted_count)) &&
               ((options_.http && !logindex) ||
                is_number(logindex, wanted_index));
    };
    const bool is_pending =
        pending_ && pending_->sent && pending_->kind == CloudKind::punches;
    if (is_pending && (is(pending_->count, pending_->logindex) ||
                       (!succeeded(object) && !count))) {
        const bool marked = !options_.http ||
                            options_.family != CloudFamily::bs ||
                            json_is_true(json_object_get(object, "mark"));
        pending_answered(succeeded(object) && marked, object, now);
    } else if (last_acked_ && is(last_acked_->count, last_acked_->logindex)) {
        ++statistics_.acks_again;
    } else {
        ++statistics_.errors;
    }
}

void CloudDevice::senduser_answered(const json_t *object, Moment now)
{
    const auto enrollid = json_number(object, "enrollid");
    if (pending_ && pending_->sent && pending_->kind == CloudKind::enrolment &&
        (!enrollid || *enrollid == pending_->enrollid)) {
        pending_answered(succeeded(object), object, now);
    } else if (last_enrollid_ && (!enrollid || *enrollid == *last_enrollid_)) {
        ++statistics_.acks_again;
    } else {
        ++statistics_.errors;
    }
}

void CloudDevice::pending_answered(bool satisfied, const json_t *object,
                                   Moment now)
{
    pending_->awaited -= pending_->awaited > 0;
    if (!satisfied) {
        refuse(object);
        if (!pending_->acked && options_.timing.resend_after_refusal) {
            pending_->timeout_at = Moment::max();
            pending_->send_at = now + next_pause();
        } else if (!pending_->acked && options_.http) {
            pending_->send_at = now + options_.timing.resend_every;
        }
    } else if (pending_->acked) {
        ++statistics_.acks_again;
    } else {
        acknowledge(now);
    }
    settle_pending();
}

void CloudDevice::acknowledge(Moment now)
{
    pending_->acked = true;
    pending_->send_at = Moment::max();
    back_off_ = kFirstPause;
    if (pending_->kind == CloudKind::enrolment) {
        ++statistics_.enrolments_acked;
        last_enrollid_ = pending_->enrollid;
        return;
    }
    last_acked_ = Acked{pending_->logindex, pending_->count};
    statistics_.punches_acked += pending_->count;
    statistics_.punch_answers.add(
        std::chrono::duration_cast<std::chrono::microseconds>(
            now - pending_->first_sent_at));
    if (dice().roll(options_.faults.resend_punch)) {
        ++pending_->copies;
        count(statistics_.faults, "resend-punch");
    }
}

void CloudDevice::refuse(const json_t *object)
{
    const json_t *reason = json_object_get(object, "reason");
    std::string name(json_string(object, "ret"));
    if (reason) {
        name += json_is_string(reason) ? ": " : " ";
        name += json_is_string(reason) ? json_string_value(reason)
                                       : json_text(reason);
    }
    count(statistics_.refused, name);
}

// ---- commands --------------------------------------------------------------

void CloudDevice::take_command(std::string_view name, const json_t *object,
                               Moment now)
{
    count(statistics_.commands, name);
    if (dice().roll(options_.faults.close_unanswered)) {
        count(statistics_.faults, "close-unanswered");
        hang_up(next_pause(), now);
        return;
    }
    if (options_.no_answer.contains(std::string(name))) {
        return;
    }
    if (name == "reboot") { // no answer
        hang_up(options_.reboot_time, now);
        return;
    }
    const CloudOutcome outcome = outcome_of(name, object, now);
    answers_.push_back(
        {result_frame(terminal_, name, outcome, options_.answer_as_cmd),
         now + options_.answer_delay});
    if (outcome.enrolment) {
        enrolments_.push_back(*outcome.enrolment);
    }
    if (options_.timing.resend_after_command && pending_ && pending_->sent &&
        !pending_->acked) {
        pending_->send_at = now + options_.answer_delay;
    }
}

CloudOutcome CloudDevice::outcome_of(std::string_view name,
                                     const json_t *object, Moment now)
{
    const auto error = options_.errors.find(std::string(name));
    if (error != options_.errors.end()) {
        return cloud_failed(error->second);
    }
    const std::int64_t offset_s = terminal_.clock_offset_s;
    CloudOutcome outcome = execute(terminal_, name, object, clock_.now_s(now));
    if (terminal_.clock_offset_s != offset_s) {
        punch_times_.clock_set();
    }
    return outcome;
}

} // namespace wac::sim
