#include "type_device.hpp"

#include "type_frames.hpp"

#include <algorithm>

namespace wac::sim
{

TypeDevice::TypeDevice(const TypeOptions &options, TypeStatistics &statistics,
                       Tell tell, std::string sn, std::uint64_t number,
                       Moment first_call)
    : LiveDevice(options, statistics, std::move(sn), number, first_call),
      options_(options), statistics_(statistics), tell_(std::move(tell)),
      asked_at_(first_call)
{
    for (std::uint32_t i = 0; i < options.backlog; ++i) {
        queue_report();
    }
}

// ---- what it has to say ----------------------------------------------------

void TypeDevice::queue(std::string text)
{
    unsent_.push_back({std::move(text), {}, false});
    ++statistics_.punches_made;
}

void TypeDevice::queue_report()
{
    const std::string payload =
        options_.payload.empty() ? made_readings(number_++) : options_.payload;
    queue(options_.event_type.empty()
              ? type_telemetry(sn(), payload)
              : type_event(sn(), options_.event_type, payload));
}

bool TypeDevice::make_punch(Moment)
{
    constexpr std::size_t kMostWaiting = 1000000;
    if (unsent_.size() >= kMostWaiting) {
        ++statistics_.punches_not_made;
        return false;
    }
    queue_report();
    return true;
}

void TypeDevice::queue_what_is_due(Moment now)
{
    while (!later_.empty() && now >= later_.front().at) {
        queue(std::move(later_.front().text));
        later_.pop_front();
    }
    if (!closed() && now >= telemetry_at_) {
        telemetry_at_ = now + *options_.interval;
        queue(type_telemetry(sn(), options_.payload.empty()
                                       ? made_readings(number_++)
                                       : options_.payload));
    }
}

bool TypeDevice::has_work() const
{
    return !unsent_.empty() || !unconfirmed_.empty() || !later_.empty();
}

// ---- the link --------------------------------------------------------------

void TypeDevice::on_linked(Moment)
{
    register_sent_ = registered_ = false;
    deadline_ = Moment::max();
}

void TypeDevice::on_lost(Moment)
{
    registered_ = false;
    deadline_ = telemetry_at_ = Moment::max();
    confirming_ = refusals_ = pongs_owed_ = 0;
    unsent_.insert(unsent_.begin(),
                   std::make_move_iterator(unconfirmed_.begin()),
                   std::make_move_iterator(unconfirmed_.end()));
    unconfirmed_.clear();
}

milliseconds TypeDevice::next_pause()
{
    constexpr int kMostDoublings = 5;
    const milliseconds pause =
        std::min(options_.reconnect * (1 << std::min(pauses_, kMostDoublings)),
                 options_.reconnect * kLongestPause);
    ++pauses_;
    return pause;
}

// ---- what comes next -------------------------------------------------------

bool TypeDevice::is_late(Moment now)
{
    if (now < deadline_) {
        return false;
    }
    ++statistics_.unanswered;
    ++statistics_.given_up;
    deadline_ = Moment::max();
    leave(next_pause(), now);
    return true;
}

/** Once for all that are on their way, or often enough in a long queue. */
bool TypeDevice::ping_due() const
{
    return confirming_ == 0 && !unconfirmed_.empty() &&
           (unsent_.empty() || unconfirmed_.size() >= options_.batch);
}

std::optional<LiveSending> TypeDevice::next(Moment now)
{
    if (!may_send(now) || is_late(now)) {
        return std::nullopt;
    }
    if (pongs_owed_ > 0) {
        --pongs_owed_;
        return sending(type_signal("pong"));
    }
    if (!registered_) {
        return register_sent_ ? std::nullopt
                              : std::optional{send_register(now)};
    }
    queue_what_is_due(now);
    if (ping_due()) {
        return send_ping(now);
    }
    if (!unsent_.empty() &&
        unconfirmed_.size() < std::size_t{2} * options_.batch) {
        return send_message(now);
    }
    return std::nullopt;
}

Moment TypeDevice::wake_at() const
{
    Moment at = link_wake_at();
    if (!is_linked() || wants_drop()) {
        return at;
    }
    at = std::min(at, deadline_);
    if (registered_ && !closed()) {
        at = std::min(at, telemetry_at_);
    }
    if (registered_ && !later_.empty()) {
        at = std::min(at, later_.front().at);
    }
    return at;
}

LiveSending TypeDevice::send_register(Moment now)
{
    register_sent_ = true;
    asked_at_ = now;
    deadline_ = now + kPatience;
    const auto own = options_.tokens.find(sn());
    return sending(
        type_register(sn(), own != options_.tokens.end() ? own->second
                            : options_.token.empty()     ? made_token(sn())
                                                         : options_.token));
}

LiveSending TypeDevice::send_message(Moment now)
{
    Message message = std::move(unsent_.front());
    unsent_.pop_front();
    statistics_.resends += message.sent;
    statistics_.punches_sent += !message.sent;
    message.sent_at = message.sent ? message.sent_at : now;
    message.sent = true;
    unconfirmed_.push_back(std::move(message));
    return sending(unconfirmed_.back().text);
}

LiveSending TypeDevice::send_ping(Moment now)
{
    confirming_ = unconfirmed_.size();
    asked_at_ = now;
    deadline_ = now + kPatience;
    return sending(type_signal("ping"));
}

// ---- what comes from the server --------------------------------------------

void TypeDevice::received(std::string_view text, Moment now)
{
    const Json frame(json_loadb(text.data(), text.size(), 0, nullptr));
    const std::string_view type = json_string(frame.get(), "type");
    if (type.empty()) {
        ++statistics_.errors;
        return;
    }
    count(statistics_.frames, type);
    if (type == "registered") {
        registered(frame.get(), now);
    } else if (type == "pong") {
        ponged(now);
    } else if (type == "ping") {
        ++statistics_.pings;
        pongs_owed_ += options_.manner.pongs;
    } else if (type == "error") {
        refused(frame.get());
    } else if (type == "command") {
        take_command(frame.get(), now);
    } else {
        ++statistics_.errors; // a name that devices do not get
    }
}

void TypeDevice::registered(const json_t *frame, Moment now)
{
    if (!register_sent_ || registered_ ||
        json_string(frame, "device_id") != sn()) {
        ++statistics_.errors;
        return;
    }
    registration_answered(asked_at_, now);
    registered_ = true;
    pauses_ = 0;
    deadline_ = Moment::max();
    telemetry_at_ =
        options_.interval ? now + *options_.interval : Moment::max();
}

void TypeDevice::ponged(Moment now)
{
    if (confirming_ == 0) {
        ++statistics_.errors;
        return;
    }
    const std::size_t dropped = std::min(refusals_, confirming_);
    statistics_.punches_dropped += dropped;
    statistics_.punches_acked += confirming_ - dropped;
    for (; confirming_ > 0; --confirming_) {
        statistics_.punch_answers.add(
            std::chrono::duration_cast<std::chrono::microseconds>(
                now - unconfirmed_.front().sent_at));
        unconfirmed_.pop_front();
    }
    refusals_ = 0;
    deadline_ = Moment::max();
}

void TypeDevice::refused(const json_t *frame)
{
    count(statistics_.refused, json_string(frame, "code"));
    refusals_ += registered_;
}

void TypeDevice::take_command(const json_t *frame, Moment now)
{
    const std::string name(json_string(frame, "command"));
    count(statistics_.commands, name);
    if (dice().roll(options_.faults.close_unanswered)) {
        count(statistics_.faults, "close-unanswered");
        leave(next_pause(), now);
        return;
    }
    if (tell_) {
        tell_(command_line_of(sn(), frame));
    }
    if (options_.command_done && !options_.no_answer.contains(name)) {
        later_.push_back(
            {type_event(sn(), "command_done", command_done_payload(frame)),
             now + options_.answer_delay});
    }
}

} // namespace wac::sim
