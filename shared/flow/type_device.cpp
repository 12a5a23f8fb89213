#include "flow/type_device.hpp"

#include "proto/type_commands.hpp"

#include <utility>

namespace wac::type
{

Device::Device(Peer &peer, SessionContext &context, DeviceOwner &owner)
    : peer_(peer), context_(context), owner_(owner),
      delivery_(*this, context, Protocol::type)
{
}

Device::~Device()
{
    if (registered()) {
        context_.registry.leave(registration_.sn, registration_.epoch, *this);
    }
}

Origin Device::origin() const
{
    return {context_.options.policy, std::string(peer_.address()),
            context_.options.zone, context_.registry.worker()};
}

// ---- messages -------------------------------------------------------------

void Device::take(Message message, Received received)
{
    if (message.verb == Verb::telemetry && !limit_.take(received.at_ms)) {
        if (limit_.tell(received.at_ms)) {
            peer_.send(type::error("rate_limited",
                                   "more than 50 telemetry messages a second",
                                   {registration_.sn}));
        }
        return;
    }
    conversation_ = std::make_unique<Conversation>(
        context_, origin(), registration_.sn, std::move(received),
        static_cast<ConversationOwner &>(*this));
    conversation_->begin(std::move(message));
}

void Device::on_answer(Answer answer) noexcept
{
    conversation_.reset();
    if (!answer.frame.empty()) {
        peer_.send(std::move(answer.frame));
    }
    if (answer.sighting) {
        context_.store.note(std::move(*answer.sighting));
    }
    if (!answer.note.empty()) {
        write_device_note(context_, registration_.sn, answer.note_level,
                          answer.note);
    }
    if (answer.registration) {
        enter(std::move(*answer.registration));
    }
    if (answer.turned_away) {
        owner_.on_device_end(CloseCode::unauthorized, "auth_failed");
    }
    owner_.on_device_rest();
}

void Device::enter(Registration registration)
{
    registration_ = std::move(registration);
    context_.registry.enter(registration_.sn, registration_.epoch, *this);
    delivery_.restart();
}

void Device::note_alive()
{
    if (!registered()) {
        return;
    }
    Sighting sighting;
    sighting.sn = registration_.sn;
    sighting.addr = peer_.address();
    sighting.zone = context_.options.zone;
    sighting.connected = true;
    context_.store.note(std::move(sighting));
}

void Device::leave_behind(std::list<Received> waiting)
{
    if (conversation_ && !conversation_->carries_data()) {
        conversation_.reset();
    }
    if (registered() && (conversation_ || !waiting.empty())) {
        Remainder::leave(context_, origin(), registration_.sn, limit_,
                         std::move(conversation_), std::move(waiting));
    }
}

// ---- its end --------------------------------------------------------------

void Device::on_replaced() noexcept
{
    write_device_note(context_, registration_.sn, LogLevel::info,
                      "replaced by a newer connection");
    owner_.on_device_end(CloseCode::replaced, "replaced");
}

// ---- commands -------------------------------------------------------------

void Device::on_command_waits() noexcept
{
    delivery_.wake();
}

DeliveryTarget Device::target() const
{
    return {registration_.sn, registration_.epoch};
}

Result<std::unique_ptr<CommandTalk>>
Device::begin(const ClaimedCommand &command)
{
    auto run = CommandRun::begin(command, registration_.sn);
    if (!run) {
        return tl::make_unexpected(run.error());
    }
    return std::make_unique<CommandRun>(std::move(*run));
}

// Nothing that a terminal sends has an answer that a command could be taken
// for: a door does not wait for telemetry.
bool Device::quiet() const noexcept
{
    return true;
}

void Device::send_frame(std::string frame)
{
    peer_.send(std::move(frame));
}

void Device::on_not_approved() noexcept
{
    peer_.send(type::error("auth_failed", "the device is not served any more"));
    owner_.on_device_end(CloseCode::unauthorized, "not approved");
}

void Device::on_delivery_note(LogLevel level, const std::string &text) noexcept
{
    write_device_note(context_, registration_.sn, level, text);
}

void Device::on_delivery_rest() noexcept
{
    owner_.on_device_rest();
}

} // namespace wac::type
