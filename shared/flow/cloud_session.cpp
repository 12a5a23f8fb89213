#include "flow/cloud_session.hpp"

#include "base/text.hpp"
#include "flow/session_log.hpp"

#include <utility>

namespace wac
{

namespace cloud
{

namespace
{

constexpr unsigned kMostUnanswerable = 20; // in a row

Origin origin_of(const Peer &peer, const SessionContext &context)
{
    Origin origin;
    origin.channel = Channel::socket;
    origin.policy = context.options.policy;
    origin.addr = peer.address();
    origin.zone = context.options.zone;
    origin.token = peer.token();
    origin.worker = context.registry.worker();
    return origin;
}

/** Punches that were asked for by a command that has ended meanwhile. */
bool brings_logs(const Message &message)
{
    return equals_ignoring_case(message.name, "getnewlog") ||
           equals_ignoring_case(message.name, "getalllog");
}

} // namespace

Session::Session(Peer &peer, SessionContext &context)
    : peer_(peer), context_(context), inbox_(peer),
      driver_(context, static_cast<Driver::Owner &>(*this)),
      delivery_(*this, context, Protocol::cloud)
{
}

Session::~Session()
{
    if (registration_.epoch > 0) {
        context_.registry.leave(registration_.identity.sn, registration_.epoch,
                                *this);
    }
}

// ---- messages -------------------------------------------------------------

void Session::on_message(std::string message) noexcept
{
    if (closing_ || draining_) {
        return;
    }
    const std::size_t bytes = message.size();
    inbox_.add(std::move(message), bytes);
    take_waiting();
}

void Session::take_waiting()
{
    const bool done = inbox_.work(
        [this] { return !driver_.busy() && !closing_ && !draining_; },
        [this](std::string text) { take(std::move(text)); });
    if (done && quiet()) {
        delivery_.on_quiet();
    }
}

void Session::take(std::string text)
{
    auto message = decode_message(as_bytes(text));
    if (!message || message->kind == Kind::neither) {
        unanswerable();
        return;
    }
    unanswerable_ = 0;
    if (!belongs_here(*message)) {
        return;
    }
    if (answers_command(*message)) {
        return;
    }
    if (message->kind == Kind::reply && !brings_logs(*message)) {
        log(LogLevel::debug, message->name + " answers nothing");
        return;
    }
    converse(std::move(*message), std::move(text));
}

bool Session::answers_command(const Message &message)
{
    auto *const run = static_cast<CommandRun *>(delivery_.asked());
    if (!run || !run->answered_by(message)) {
        return false;
    }
    delivery_.answered(run->take(message));
    return true;
}

void Session::unanswerable()
{
    log(LogLevel::info, "a frame that is no message");
    if (++unanswerable_ >= kMostUnanswerable) {
        close(CloseCode::unsupported_data, "not the protocol");
    }
}

// A connection is of one terminal.
bool Session::belongs_here(const Message &message)
{
    if (!registration_.known() || message.sn.empty() ||
        equals_ignoring_case(message.sn, registration_.identity.sn)) {
        return true;
    }
    log(LogLevel::warn, message.name + " refused: it names another sn");
    if (message.kind == Kind::command) {
        Reply reply(message.name, false);
        reply.text("reason", "the connection is of another sn");
        peer_.send(reply.encode());
    }
    close(CloseCode::policy, "another sn");
    return false;
}

void Session::converse(Message message, std::string text)
{
    Exchange &exchange = driver_.open(origin_of(peer_, context_),
                                      std::move(text), registration_);
    driver_.advance(
        exchange.start(std::move(message), as_bytes(driver_.text())));
}

void Session::on_answer(const Exchange &exchange, Answer answer) noexcept
{
    if (!answer.body.empty()) {
        peer_.send(std::move(answer.body));
    }
    if (answer.sighting) {
        context_.store.note(std::move(*answer.sighting));
    }
    if (!answer.note.empty()) {
        log(answer.note_level,
            std::string(exchange.name()) + ": " + answer.note);
    }
    if (registration_.epoch != entered_epoch_) {
        enter();
    }
    end_if_drained();
    take_waiting();
}

void Session::enter()
{
    entered_epoch_ = registration_.epoch;
    context_.registry.enter(registration_.identity.sn, entered_epoch_, *this);
    if (!closing_) {
        delivery_.restart();
    }
}

// ---- its end --------------------------------------------------------------

void Session::drain() noexcept
{
    draining_ = true;
    delivery_.stop();
    end_if_drained();
}

void Session::end_if_drained() noexcept
{
    if (draining_ && !driver_.busy() && !delivery_.storing()) {
        close(CloseCode::going_away, "the server stops");
    }
}

void Session::close(CloseCode code, std::string_view reason) noexcept
{
    if (!closing_) {
        closing_ = true;
        inbox_.clear();
        delivery_.stop();
        peer_.close(code, reason);
    }
}

void Session::on_replaced() noexcept
{
    log(LogLevel::info, "replaced by a newer connection");
    close(CloseCode::normal, "replaced by a newer connection");
}

void Session::log(LogLevel level, const std::string &text) noexcept
{
    write_device_note(context_, registration_.identity.sn, level, text);
}

// ---- commands -------------------------------------------------------------

void Session::on_command_waits() noexcept
{
    delivery_.wake();
}

DeliveryTarget Session::target() const
{
    return {registration_.identity.sn, registration_.epoch};
}

Result<std::unique_ptr<CommandTalk>>
Session::begin(const ClaimedCommand &command)
{
    auto run = CommandRun::begin(command, registration_.profile,
                                 registration_.options.always_string);
    if (!run) {
        return tl::make_unexpected(run.error());
    }
    return std::make_unique<CommandRun>(std::move(*run));
}

bool Session::quiet() const noexcept
{
    return !driver_.busy() && inbox_.empty() && !closing_;
}

void Session::send_frame(std::string frame)
{
    peer_.send(std::move(frame));
}

void Session::on_not_approved() noexcept
{
    close(CloseCode::policy, "not approved");
}

void Session::on_delivery_note(LogLevel level, const std::string &text) noexcept
{
    log(level, text);
}

void Session::on_delivery_rest() noexcept
{
    end_if_drained();
}

} // namespace cloud

} // namespace wac
