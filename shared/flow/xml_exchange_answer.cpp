// What an XML terminal hears, what ends its connection, and what is noted of
// it (biometric-xml.md 2.2, 4).
#include "flow/xml_exchange.hpp"

#include <utility>

namespace wac::xml
{

std::string Exchange::caller() const
{
    return origin_.addr.empty() ? "an unknown address"
                                : std::string(origin_.addr);
}

Step Exchange::accept()
{
    if (registers()) {
        note_ = message_.dialect == Dialect::operation
                    ? ""
                    : "a token was handed out to " + caller();
    }
    if (connected_ && registration_.logged_in()) {
        note_ = "taken over by a connection from " + caller();
    } else if (connected_) {
        note_ += " while another connection of it lives";
        note_level_ = LogLevel::warn;
    }
    if (registers()) {
        return answer(register_accepted(message_, token_), true);
    }
    if (logs_in()) {
        return answer(login_reply(message_, LoginVerdict::accepted), true);
    }
    if (event_of(message_) == Event::keepalive) {
        return answer(
            keepalive_reply(message_, registration_.wall_clock(clock_())),
            true);
    }
    return answer(event_reply(message_, true), true);
}

/** What says no without a reason. */
std::string Exchange::refusal() const
{
    if (registers()) {
        return register_refused(message_);
    }
    return logs_in() ? login_reply(message_, LoginVerdict::refused)
                     : event_reply(message_, false);
}

// It is not of this connection, or no terminal says it: a log is told so, as
// far as it can be told apart from others.
Step Exchange::stray(std::string_view reason)
{
    note_ = "refused: " + std::string(reason);
    note_level_ = LogLevel::warn;
    const bool told =
        message_.kind == Kind::event && message_.find("TransID") != nullptr;
    Step step = answer(told ? event_reply(message_, false) : "", false);
    std::get<Answer>(step).sighting.reset();
    return hang_up(std::move(step), reason);
}

Step Exchange::ignore(std::string note)
{
    note_ = "ignored: " + std::move(note);
    note_level_ = LogLevel::debug;
    Step step = answer({}, false);
    if (!registration_.logged_in()) {
        std::get<Answer>(step).sighting.reset();
    }
    return step;
}

// A terminal whose token is not known drops it and registers. So shall one
// that is to be let in by its CloudId.
Step Exchange::refuse_admission()
{
    const std::string &why = admission_->refusal();
    const auto sighting = admission_->sighting();
    const bool bad_token =
        sighting && sighting->impostor && logs_in() && why == kUnknownToken;
    const bool unknown = !sighting && logs_in() && wants_cloud_id() &&
                         origin_.policy == Enrolment::open;
    Step step = refuse(why, !sighting            ? Whose::nobody
                            : sighting->impostor ? Whose::impostor
                                                 : Whose::device);
    if (bad_token || unknown) {
        std::get<Answer>(step).body =
            login_reply(message_, LoginVerdict::unknown_token);
    }
    return step;
}

Step Exchange::refuse_state(std::optional<DeviceState> state)
{
    Step step = refuse(!state                           ? "unknown"
                       : *state == DeviceState::pending ? "waits for approval"
                                                        : "blocked",
                       state ? Whose::device : Whose::nobody);
    return registration_.logged_in() ? hang_up(std::move(step), "not approved")
                                     : step;
}

Step Exchange::refuse(std::string_view why, Whose whose)
{
    records_ = 0;
    note_ = "refused: " + std::string(why);
    note_level_ = LogLevel::info;
    if (connected_) {
        note_ += ", from " + caller() + " while another connection of it lives";
        note_level_ = LogLevel::warn;
    }
    Step step = answer(refusal(), false);
    std::optional<Sighting> &sighting = std::get<Answer>(step).sighting;
    if (whose == Whose::nobody) {
        sighting.reset();
        return step;
    }
    sighting->refusal = name();
    sighting->refusal += " refused: " + std::string(why);
    sighting->device_time.reset();
    sighting->impostor = whose == Whose::impostor;
    if (sighting->impostor) {
        sighting->addr.clear();
    }
    return step;
}

// That the database is away is logged by its pool, once.
Step Exchange::try_again(const Error &error)
{
    if (state_ == State::refreshing) { // what was known will do
        return accept();
    }
    note_ = error.text;
    note_level_ = error.code == ErrorCode::rejected      ? LogLevel::error
                  : error.code == ErrorCode::unavailable ? LogLevel::debug
                                                         : LogLevel::info;
    records_ = 0;
    Step step = answer(refusal(), false);
    std::get<Answer>(step).sighting.reset();
    return step;
}

Step Exchange::hang_up(Step step, std::string_view reason) const
{
    Answer &end = std::get<Answer>(step);
    end.close = CloseCode::policy;
    end.close_reason = reason;
    return step;
}

Sighting Exchange::sighting() const
{
    Sighting sighting;
    sighting.sn = sn_;
    sighting.addr = origin_.addr;
    sighting.zone = origin_.zone;
    sighting.connected = true;
    if (event_of(message_) == Event::keepalive) {
        sighting.device_time = device_time_of(message_);
    }
    return sighting;
}

Step Exchange::answer(std::string body, bool accepted)
{
    state_ = State::replied;
    Answer end;
    end.body = std::move(body);
    end.accepted = accepted;
    end.records = records_;
    end.note = std::move(note_);
    end.note_level = note_level_;
    end.sighting = sighting();
    return end;
}

} // namespace wac::xml
