#include "flow/type_exchange.hpp"

#include "base/sha256.hpp"

#include <utility>

namespace wac::type
{

namespace
{

/** No later attempt would succeed. */
bool is_final(const Error &error) noexcept
{
    return error.code == ErrorCode::bad_data ||
           error.code == ErrorCode::rejected;
}

std::string_view words_of(std::optional<DeviceState> state) noexcept
{
    if (!state) {
        return "unknown";
    }
    return *state == DeviceState::pending ? "waits for approval" : "blocked";
}

} // namespace

Step Exchange::run(Operation operation, State state)
{
    operation_ = std::move(operation);
    state_ = state;
    return Run{&operation_};
}

Step Exchange::start(Message message, Bytes text)
{
    message_ = std::move(message);
    text_ = text;
    return carries_data() ? store() : introduce();
}

Step Exchange::resume(const Result<Outcome> &outcome)
{
    switch (state_) {
    case State::admitting:
        return outcome ? admitted(*outcome) : try_again(outcome.error());
    case State::opening:
        return outcome ? opened(*outcome) : try_again(outcome.error());
    case State::storing:
    case State::quarantining:
        return outcome ? stored(*outcome) : not_stored(outcome.error());
    case State::fresh:
    case State::ended:
        break;
    }
    return end({});
}

Step Exchange::expire()
{
    if (carries_data()) {
        return lost("try_again", trouble_);
    }
    return try_again({ErrorCode::timed_out,
                      "the database did not answer within the timeout"});
}

// ---- who it is ------------------------------------------------------------

Step Exchange::introduce()
{
    auto named = device_id_of(message_);
    if (!named || named->empty()) {
        return turn_away("no device_id that can be one", std::nullopt);
    }
    device_id_ = std::move(*named);
    if (!sn_.empty() && device_id_ != sn_) {
        return refuse("already_registered",
                      "the connection is of another device");
    }
    Contact contact = contact_of(message_, device_id_, origin_.policy,
                                 origin_.addr, origin_.zone);
    contact.connected = true;
    admission_.emplace(std::move(contact),
                       static_cast<const Admission::Judge &>(*this));
    return run(admission_->start(), State::admitting);
}

std::string_view Exchange::objection(const DeviceIdentity &identity) const
{
    const std::string_view token = token_of(message_);
    if (token.empty()) {
        return "it showed no token";
    }
    if (identity.token_hash.empty()) {
        return "no token was made for it";
    }
    return token_matches(token, identity.token_hash)
               ? std::string_view()
               : std::string_view("wrong token");
}

Step Exchange::admitted(const Outcome &outcome)
{
    if (auto next = admission_->resume(outcome)) {
        return run(std::move(*next), State::admitting);
    }
    if (!admission_->admitted()) {
        return turn_away(admission_->refusal(), admission_->sighting());
    }
    return run(OpenSession{device_id_, origin_.worker, origin_.addr},
               State::opening);
}

Step Exchange::opened(const Outcome &outcome)
{
    const auto *session = outcome.get<OpenedSession>();
    if (outcome.state != DeviceState::approved) {
        return turn_away(words_of(outcome.state), std::nullopt);
    }
    if (!session) {
        return try_again({ErrorCode::misused, "no session was opened"});
    }
    Step step = end(type::registered(device_id_, clock_()));
    Answer &answer = std::get<Answer>(step);
    answer.registration = Registration{device_id_, session->epoch};
    answer.sighting = sighting();
    return step;
}

// ---- what it brings -------------------------------------------------------

Step Exchange::store()
{
    auto named = device_id_of(message_);
    if (!named) {
        return refuse(named.error().code, named.error().message);
    }
    device_id_ = sn_;
    if (!named->empty() && *named != sn_) {
        device_id_ = std::move(*named);
        return refuse("device_mismatch", "the connection is of another device");
    }
    records_ = 1;
    if (message_.verb == Verb::telemetry) {
        return run(handle_telemetry(message_, sn_, texts_), State::storing);
    }
    auto event = handle_event(message_, sn_, texts_);
    if (!event) {
        frame_ = type::error("malformed", event.error().text, {sn_});
        return quarantine(std::move(event.error().text));
    }
    return run(std::move(*event), State::storing);
}

Step Exchange::stored(const Outcome &outcome)
{
    if (outcome.state != DeviceState::approved) {
        records_ = 0;
        auto refused = sighting();
        refused.refusal = words_of(outcome.state);
        return turn_away(words_of(outcome.state),
                         outcome.state ? std::optional(std::move(refused))
                                       : std::nullopt);
    }
    Step step = end(std::move(frame_));
    std::get<Answer>(step).sighting = sighting();
    return step;
}

// Nobody would send it again: what the database will never hold as what it is
// is kept whole, anything else is tried again.
Step Exchange::not_stored(const Error &error)
{
    if (!is_final(error)) {
        trouble_ = error.text;
        return RunAgain{&operation_};
    }
    if (state_ == State::quarantining) {
        return lost("rejected", error.text);
    }
    return quarantine("the database cannot hold it: " + error.text);
}

Step Exchange::quarantine(std::string reason)
{
    records_ = 0;
    note_ = "quarantined: " + reason;
    note_level_ = LogLevel::warn;
    Quarantine operation;
    operation.sn = sn_;
    operation.protocol = Protocol::type;
    operation.request = message_.type;
    operation.reason = std::move(reason);
    operation.frame = text_;
    return run(std::move(operation), State::quarantining);
}

Step Exchange::lost(std::string_view code, std::string_view why)
{
    records_ = 0;
    note_ = "lost";
    if (!why.empty()) {
        note_ += ": ";
        note_ += why;
    }
    note_level_ = LogLevel::warn;
    std::string what(message_.type);
    if (const auto name = event_type_of(message_);
        message_.verb == Verb::event && name) {
        what += " ";
        what += *name;
    }
    return end(type::error(code, what + " was not stored", {device_id_}));
}

// ---- ends -----------------------------------------------------------------

Step Exchange::refuse(std::string_view code, std::string_view why)
{
    note_ = "refused: " + std::string(code);
    return end(type::error(code, why, {device_id_}));
}

// One answer for all of them: it does not help to guess.
Step Exchange::turn_away(std::string_view why, std::optional<Sighting> sighting)
{
    note_ = "refused";
    if (sn_.empty() && !device_id_.empty()) {
        note_ += " " + device_id_;
    }
    note_ += " from " + origin_.addr + ": ";
    note_ += why;
    note_level_ = LogLevel::info;
    Step step = end(
        type::error("auth_failed", "the device is not known by that token"));
    Answer &answer = std::get<Answer>(step);
    answer.sighting = std::move(sighting);
    answer.turned_away = true;
    return step;
}

// That the database is away is logged by its pool, once.
Step Exchange::try_again(const Error &error)
{
    note_ = error.text;
    note_level_ = is_final(error)                        ? LogLevel::error
                  : error.code == ErrorCode::unavailable ? LogLevel::debug
                                                         : LogLevel::info;
    return end(type::error("try_again", "the database cannot be asked now",
                           {device_id_}));
}

Sighting Exchange::sighting() const
{
    Sighting sighting;
    sighting.sn = device_id_;
    sighting.addr = origin_.addr;
    sighting.zone = origin_.zone;
    sighting.connected = true;
    return sighting;
}

Step Exchange::end(std::string frame)
{
    state_ = State::ended;
    Answer answer;
    answer.frame = std::move(frame);
    answer.records = records_;
    answer.note = std::move(note_);
    answer.note_level = note_level_;
    return answer;
}

} // namespace wac::type
