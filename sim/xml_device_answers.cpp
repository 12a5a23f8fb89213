// What a device makes of what comes from the server: answers and requests.
#include "xml_device.hpp"

#include "xml_messages.hpp"

#include <algorithm>
#include <iterator>

namespace wac::sim
{

namespace
{

constexpr milliseconds kLongestRefusalPause{4000};

} // namespace

void XmlDevice::received(std::string_view text, Moment now)
{
    const auto message = decoder_.decode(text);
    if (!message || message->dialect != options_.dialect) {
        ++statistics_.errors;
        return;
    }
    if (message->kind == xml::Kind::request) {
        take_request(*message, now);
    } else if (message->kind != xml::Kind::response) {
        ++statistics_.errors;
    } else if (is_message()) {
        take_response(*message, now);
    } else {
        take_operation_response(*message, now);
    }
}

bool XmlDevice::succeeded(const xml::Message &message) const
{
    return message.value("Result") == (is_message() ? "OK" : "success");
}

void XmlDevice::refuse(std::string_view name, const xml::Message &message)
{
    count(statistics_.refused,
          std::string(name) + ' ' + std::string(message.value("Result")));
}

// ---- answers ---------------------------------------------------------------

void XmlDevice::take_response(const xml::Message &message, Moment now)
{
    if (message.name == "Register" && asked_ && step_ == Step::registering) {
        register_answered(message, now);
    } else if (message.name == "Login" && asked_ && step_ == Step::logging_in) {
        login_answered(message, now);
    } else if (message.name == "KeepAlive" && step_ == Step::online) {
        keepalive_answered(message);
    } else if (is_for_pending(message)) {
        pending_answered(message, now);
    } else {
        ++statistics_.errors; // nobody asked
    }
}

/** Nothing but its fields says what such an answer is for. */
void XmlDevice::take_operation_response(const xml::Message &message, Moment now)
{
    if (step_ == Step::registering && asked_) {
        register_answered(message, now);
    } else if (message.find("ServerTime")) {
        keepalive_answered(message);
    } else if (is_for_pending(message)) {
        pending_answered(message, now);
    } else {
        ++statistics_.errors;
    }
}

void XmlDevice::register_answered(const xml::Message &message, Moment now)
{
    deadline_ = Moment::max();
    const std::string token(message.value(is_message() ? "Token" : "Session"));
    if (!succeeded(message) || token.empty() ||
        message.value("DeviceSerialNo") != sn()) {
        refuse("Register", message);
        leave(options_.reconnect, now);
        return;
    }
    if (!is_message()) {
        come_online(now);
        return;
    }
    ++statistics_.tokens;
    tokens_[sn()] = token;
    step_ = Step::logging_in;
    asked_ = false;
}

void XmlDevice::login_answered(const xml::Message &message, Moment now)
{
    deadline_ = Moment::max();
    if (succeeded(message)) {
        come_online(now);
        return;
    }
    refuse("Login", message);
    if (message.value("Result") == "FailUnknownToken") {
        tokens_.erase(sn());
        step_ = Step::registering;
        asked_ = false;
    } else {
        leave(options_.reconnect, now);
    }
}

void XmlDevice::come_online(Moment now)
{
    registration_answered(asked_at_, now);
    step_ = Step::online;
    deadline_ = Moment::max();
    keepalive_at_ =
        options_.keepalive ? now + *options_.keepalive : Moment::max();
    if (pending_) {
        pending_->send_at = now;
    }
}

/** DevTime comes back byte for byte. */
void XmlDevice::keepalive_answered(const xml::Message &message)
{
    const std::string *echo = message.find("DevTime");
    const auto sent = echo ? std::find(keepalive_times_.begin(),
                                       keepalive_times_.end(), *echo)
                           : keepalive_times_.begin();
    if (!succeeded(message) || sent == keepalive_times_.end()) {
        ++statistics_.errors;
        return;
    }
    keepalive_times_.erase(keepalive_times_.begin(), std::next(sent));
    ++statistics_.keepalives_acked;
}

bool XmlDevice::is_for_pending(const xml::Message &message) const
{
    if (!pending_ || !pending_->sent || step_ != Step::online) {
        return false;
    }
    if (!is_message()) {
        const std::string *id = message.find("LogId");
        return id ? *id == operation_log_id(pending_->admin, pending_->log_id)
                  : !succeeded(message);
    }
    return message.name == (pending_->admin ? adminlog_name(options_)
                                            : timelog_name(options_)) &&
           message.value("TransID") ==
               (options_.old_events ? "" : std::to_string(pending_->log_id));
}

void XmlDevice::pending_answered(const xml::Message &message, Moment now)
{
    if (!succeeded(message)) {
        refuse(pending_->admin ? "AdminLog" : "TimeLog", message);
        pending_->timeout_at = Moment::max();
        pending_->send_at = now + refusal_pause_;
        refusal_pause_ = std::min(refusal_pause_ * 2, kLongestRefusalPause);
    } else if (pending_->acked) {
        ++statistics_.acks_again;
        pending_.reset();
    } else if (dice().roll(options_.faults.lose_ack)) {
        count(statistics_.faults, "lose-ack");
    } else {
        acknowledge(now);
    }
}

void XmlDevice::acknowledge(Moment now)
{
    refusal_pause_ = kFirstPause;
    if (pending_->admin) {
        ++statistics_.admin_logs_acked;
        pending_.reset();
        return;
    }
    ++statistics_.punches_acked;
    statistics_.punch_answers.add(
        std::chrono::duration_cast<std::chrono::microseconds>(
            now - pending_->first_sent_at));
    if (!dice().roll(options_.faults.resend_punch)) {
        pending_.reset();
        return;
    }
    count(statistics_.faults, "resend-punch");
    pending_->acked = true;
    pending_->timeout_at = Moment::max();
    pending_->send_at = now;
}

// ---- requests --------------------------------------------------------------

/** Before Login there is nothing to be asked. */
void XmlDevice::take_request(const xml::Message &message, Moment now)
{
    if (step_ != Step::online) {
        ++statistics_.errors;
        return;
    }
    count(statistics_.commands, message.name);
    if (dice().roll(options_.faults.close_unanswered)) {
        count(statistics_.faults, "close-unanswered");
        leave(options_.reconnect, now);
        return;
    }
    if (options_.no_answer.contains(message.name)) {
        return;
    }
    XmlOutcome outcome = outcome_of(message, now);
    restarts_ = restarts_ || outcome.restart;
    answers_.push_back({xml_response(terminal_, message.name, outcome),
                        now + options_.answer_delay});
    if (outcome.admin_log) {
        queue_admin_log(std::move(*outcome.admin_log));
    }
}

XmlOutcome XmlDevice::outcome_of(const xml::Message &message, Moment now)
{
    const auto error = options_.errors.find(message.name);
    if (error != options_.errors.end()) {
        XmlOutcome outcome;
        outcome.result = error->second;
        return outcome;
    }
    const std::int64_t offset_s = terminal_.clock_offset_s;
    XmlOutcome outcome = execute(terminal_, message, clock_.now_s(now));
    if (terminal_.clock_offset_s != offset_s) {
        punch_times_.clock_set();
    }
    return outcome;
}

} // namespace wac::sim
