#include "flow/admission.hpp"

namespace wac
{

Operation Admission::start() const
{
    return Identify{contact_.sn, contact_.zone, contact_.protocol};
}

std::optional<Operation> Admission::resume(const Outcome &outcome)
{
    if (state_ != State::introducing) {
        return identified(outcome);
    }
    known_ = outcome.state.has_value();
    if (outcome.state != DeviceState::approved) {
        return refuse_state(outcome.state);
    }
    state_ = State::recognizing;
    return start();
}

std::optional<Operation> Admission::identified(const Outcome &outcome)
{
    const bool introduced = state_ == State::recognizing;
    const auto *identity = outcome.get<DeviceIdentity>();
    known_ = identity != nullptr;
    if (!identity || !outcome.state) {
        return introduced || contact_.policy == Enrolment::closed
                   ? refuse_state(std::nullopt)
                   : introduce();
    }
    if (identity->protocol != contact_.protocol && identity->seen) {
        impostor_ = true;
        return refuse("the name is that of a terminal of another dialect");
    }
    if (outcome.state == DeviceState::blocked) {
        return refuse_state(outcome.state);
    }
    // of one that waits for approval nothing is proved yet
    const bool waits = outcome.state == DeviceState::pending;
    const std::string_view why =
        waits ? std::string_view() : judge_.objection(*identity);
    if (!why.empty() && (introduced || contact_.policy != Enrolment::open ||
                         !identity->token_hash.empty())) {
        impostor_ = true;
        return refuse(why);
    }
    if (!introduced) {
        return introduce();
    }
    if (waits) {
        return refuse_state(outcome.state);
    }
    identity_ = *identity;
    admitted_ = true;
    return std::nullopt;
}

std::optional<Operation> Admission::introduce()
{
    state_ = State::introducing;
    return contact_;
}

std::optional<Operation> Admission::refuse(std::string_view why)
{
    refusal_ = why;
    return std::nullopt;
}

std::optional<Operation>
Admission::refuse_state(std::optional<DeviceState> state)
{
    if (!state) {
        return refuse("unknown");
    }
    return refuse(*state == DeviceState::pending ? "waits for approval"
                                                 : "blocked");
}

std::optional<Sighting> Admission::sighting() const
{
    if (!known_ || admitted_) {
        return std::nullopt;
    }
    Sighting sighting;
    sighting.sn = contact_.sn;
    if (!impostor_) {
        sighting.addr = contact_.addr;
    }
    sighting.zone = contact_.zone;
    sighting.refusal = refusal_;
    sighting.connected = true;
    sighting.impostor = impostor_;
    return sighting;
}

} // namespace wac
