#include "flow/type_session.hpp"

#include <utility>

namespace wac::type
{

namespace
{

constexpr unsigned kMostNoMessages = 3; // in a row
constexpr std::size_t kLongestMessage = 1024 * 1024;
constexpr std::uint64_t kRoleWithinMs = 30000;
constexpr std::uint64_t kSilentForMs = 90000;

bool is_utf8(std::string_view text) noexcept
{
    return Json(json_stringn(text.data(), text.size())) != nullptr;
}

} // namespace

Session::Session(Peer &peer, SessionContext &context)
    : peer_(peer), context_(context), inbox_(peer)
{
}

Session::~Session()
{
    if (device_) {
        device_->leave_behind(inbox_.take_all());
    }
}

bool Session::is_device() const noexcept
{
    return device_ && device_->registered();
}

bool Session::registered() const noexcept
{
    return is_device() || (dashboard_ && dashboard_->admitted());
}

SessionTraits Session::traits() const noexcept
{
    SessionTraits traits = dashboard_ ? Dashboard::traits() : SessionTraits();
    traits.register_within_ms = kRoleWithinMs;
    traits.unregistered = CloseCode::no_role;
    traits.silent_for_ms = is_device() ? kSilentForMs : 0;
    traits.message_bytes = kLongestMessage;
    return traits;
}

// ---- messages -------------------------------------------------------------

void Session::on_message(std::string message) noexcept
{
    if (closing_ || draining_) {
        return;
    }
    if (message.size() > kLongestMessage) { // the connection's first
        close(CloseCode::too_big, "message too long");
        return;
    }
    const std::size_t bytes = message.size();
    inbox_.add({std::move(message), context_.loop.now_ms()}, bytes);
    take_waiting();
}

void Session::take_waiting()
{
    const bool done = inbox_.work(
        [this] { return !(device_ && device_->busy()) && !closing_; },
        [this](Received received) { take(std::move(received)); });
    if (done) {
        end_if_drained();
    }
}

void Session::take(Received received)
{
    auto message = decode_message(as_bytes(received.text));
    if (!message) {
        no_message(received.text);
        return;
    }
    no_messages_ = 0;
    switch (message->verb) {
    case Verb::register_:
        take_register(std::move(*message), std::move(received));
        return;
    case Verb::telemetry:
    case Verb::event:
        take_data(std::move(*message), std::move(received));
        return;
    case Verb::subscribe:
        take_subscribe(std::move(*message));
        return;
    case Verb::command:
        take_command(std::move(*message));
        return;
    case Verb::ping:
        peer_.send(pong());
        break;
    case Verb::pong:
        break;
    case Verb::other:
        refuse("unknown_type", "there is no such type");
        break;
    }
    if (device_) {
        device_->note_alive();
    }
}

void Session::take_register(Message message, Received received)
{
    if (dashboard_) {
        refuse("forbidden", "the connection is a dashboard's");
        return;
    }
    if (!device_) {
        device_ = std::make_unique<Device>(peer_, context_,
                                           static_cast<DeviceOwner &>(*this));
    }
    device_->take(std::move(message), std::move(received));
}

void Session::take_data(Message message, Received received)
{
    if (is_device()) {
        device_->take(std::move(message), std::move(received));
    } else {
        refuse("not_registered", "register first");
    }
}

void Session::take_subscribe(Message message)
{
    if (is_device()) {
        refuse("forbidden", "the connection is a device's");
        return;
    }
    if (!dashboard_) {
        dashboard_ = std::make_unique<Dashboard>(
            peer_, context_, static_cast<DashboardOwner &>(*this));
    }
    dashboard_->on_message(std::move(message));
}

void Session::take_command(Message message)
{
    if (dashboard_) {
        dashboard_->on_message(std::move(message));
        return;
    }
    ErrorSubject about;
    const auto order = read_order(message);
    if (order) {
        about = {order->device_id, order->command, order->id};
    }
    peer_.send(type::error("forbidden", "only a dashboard may do that", about));
}

void Session::no_message(std::string_view text)
{
    refuse("malformed", "not a JSON object with a type");
    if (++no_messages_ >= kMostNoMessages) {
        note("sends what is no message", LogLevel::info);
        close(is_utf8(text) ? CloseCode::unsupported_data
                            : CloseCode::invalid_data,
              "not the protocol");
    }
}

void Session::note(std::string_view text, LogLevel level) noexcept
{
    std::string who("connection from ");
    who += peer_.address();
    if (is_device()) {
        who += ", device " + device_->sn();
    }
    write_session_note(context_, level, who.append(", ").append(text));
}

void Session::refuse(std::string_view code, std::string_view why)
{
    peer_.send(type::error(code, why));
}

void Session::on_written() noexcept
{
    if (dashboard_) {
        dashboard_->on_written();
    }
}

void Session::on_device_rest() noexcept
{
    take_waiting();
}

// ---- its end --------------------------------------------------------------

// What a terminal has sent already is taken all the same: it would not send
// it again.
void Session::drain() noexcept
{
    draining_ = true;
    if (device_) {
        device_->stop();
    }
    end_if_drained();
}

bool Session::at_rest() const noexcept
{
    return inbox_.empty() && (!device_ || device_->at_rest()) &&
           (!dashboard_ || !dashboard_->busy());
}

void Session::end_if_drained() noexcept
{
    if (draining_ && at_rest()) {
        close(CloseCode::going_away, "the server stops");
    }
}

// What waits now was sent by a terminal that was replaced; of any other end it
// is the cause, or comes after it.
void Session::close(CloseCode code, std::string_view reason) noexcept
{
    if (closing_) {
        return;
    }
    closing_ = true;
    if (code != CloseCode::replaced) {
        inbox_.clear();
    }
    if (device_) {
        device_->stop();
    }
    peer_.close(code, reason);
}

void Session::on_device_end(CloseCode code, std::string_view reason) noexcept
{
    close(code, reason);
}

void Session::on_dashboard_end(CloseCode code, std::string_view reason) noexcept
{
    close(code, reason);
}

void Session::on_dashboard_note(LogLevel level,
                                const std::string &text) noexcept
{
    note(text, level);
}

void Session::on_dashboard_rest() noexcept
{
    end_if_drained();
}

} // namespace wac::type
