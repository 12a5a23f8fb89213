#include "flow/xml_session.hpp"

#include "flow/cloud_exchange.hpp"
#include "flow/session_log.hpp"
#include "proto/xml_commands.hpp"
#include "proto/xml_operations.hpp"

#include <algorithm>
#include <utility>

namespace wac::xml
{

namespace
{

constexpr std::size_t kMessageBytesBeforeLogin = 8 * 1024;
constexpr std::uint64_t kLoginWithinMs = 15000;
constexpr std::uint64_t kSilentForMs = 180000;
constexpr std::uint64_t kLateForMs = 30000; // answers to commands

Origin origin_of(const Peer &peer, const SessionContext &context)
{
    Origin origin;
    origin.policy = context.options.policy;
    origin.addr = peer.address();
    origin.zone = context.options.zone;
    origin.worker = context.registry.worker();
    origin.cloud_id = context.options.cloud_id;
    return origin;
}

} // namespace

Session::Session(Peer &peer, SessionContext &context)
    : peer_(peer), context_(context),
      unanswered_(std::min(kLateForMs, 2 * context.options.command_timeout_ms)),
      inbox_(peer), driver_(context, static_cast<Driver::Owner &>(*this)),
      delivery_(*this, context, Protocol::xml), pull_(*this, context)
{
}

Session::~Session()
{
    if (registration_.logged_in()) {
        context_.registry.leave(registration_.identity.sn, registration_.epoch,
                                *this);
    }
}

SessionTraits Session::traits() const noexcept
{
    SessionTraits traits;
    traits.register_within_ms = kLoginWithinMs;
    traits.unregistered = CloseCode::policy;
    traits.silent_for_ms = kSilentForMs;
    traits.message_bytes = registered() ? context_.options.xml_message_bytes
                                        : kMessageBytesBeforeLogin;
    return traits;
}

// ---- messages -------------------------------------------------------------

void Session::on_message(std::string message) noexcept
{
    if (closing_ || draining_) {
        return;
    }
    if (message.size() > traits().message_bytes) {
        log(LogLevel::info, "sent a message that is too long");
        close(CloseCode::too_big, "message too long");
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
        pull_.on_quiet();
    }
}

void Session::take(std::string text)
{
    auto message = context_.xml_decoder.decode(text);
    if (!message) {
        take_fault(message.error(), std::move(text));
        return;
    }
    faults_.clear_empty();
    if (message->kind == Kind::response) {
        take_response(*message, text);
    } else {
        converse(std::move(*message), std::move(text));
    }
}

void Session::take_fault(const Fault &fault, std::string text)
{
    if (keep_log(fault, text)) {
        return;
    }
    const auto end =
        faults_.add(fault.kind, registered(), context_.loop.now_ms());
    log(fault.kind == FaultKind::empty ? LogLevel::debug : LogLevel::warn,
        "a frame that is no message: " + fault.text);
    if (end) {
        close(*end, "not the protocol");
    }
}

// A terminal would come again and again with a log that is wrong in its form
// (DESIGN section 2, promise 3). Without a TransID that can be read, it could
// not be told which one. True: it is on its way to the quarantine.
bool Session::keep_log(const Fault &fault, std::string &text)
{
    Message log;
    log.kind = Kind::event;
    log.name = fault.event;
    const Event event = event_of(log);
    if (!registered() || fault.kind != FaultKind::form ||
        fault.trans_id.empty() ||
        (event != Event::timelog && event != Event::adminlog)) {
        return false;
    }
    log.fields.push_back({"TransID", fault.trans_id});
    Exchange &exchange = open(std::move(text));
    driver_.advance(exchange.keep_unreadable(
        std::move(log), as_bytes(driver_.text()), fault.text));
    return true;
}

void Session::take_response(const Message &message, std::string_view text)
{
    const std::string_view stray = stray_reason(message, registration_);
    if (!stray.empty()) {
        log(LogLevel::warn, "an answer refused: " + std::string(stray));
        close(CloseCode::policy, stray);
        return;
    }
    registration_.dialect = message.dialect;
    if (answers_command(message) || pull_.take(message, text)) {
        return;
    }
    log(LogLevel::debug, "an answer to nothing");
    if (unanswered_.heard(message.name)) {
        delivery_.wake();
    }
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

Exchange &Session::open(std::string text)
{
    return driver_.open(origin_of(peer_, context_), std::move(text),
                        registration_, cloud::utc_now_us, system_random);
}

void Session::converse(Message message, std::string text)
{
    Exchange &exchange = open(std::move(text));
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
            std::string(exchange.name()) + ": " + answer.note, exchange.sn());
    }
    if (registration_.epoch != entered_epoch_) {
        enter();
    }
    if (answer.close) {
        close(*answer.close, answer.close_reason);
    }
    end_if_drained();
    take_waiting();
}

void Session::enter()
{
    entered_epoch_ = registration_.epoch;
    context_.registry.enter(registration_.identity.sn, entered_epoch_, *this);
    if (closing_) {
        return;
    }
    delivery_.restart();
    if (registration_.dialect == Dialect::message) {
        pull_logs();
    }
}

void Session::pull_logs()
{
    if (draining_) {
        return;
    }
    pull_.start(
        CatchUp(registration_.identity.sn, context_.options.zone,
                Backfill(registration_.identity.log_cursor,
                         registration_.wall_clock(cloud::utc_now_us()))));
}

// ---- its end --------------------------------------------------------------

void Session::drain() noexcept
{
    draining_ = true;
    delivery_.stop();
    pull_.stop();
    end_if_drained();
}

bool Session::at_rest() const noexcept
{
    return !driver_.busy() && !delivery_.storing();
}

void Session::end_if_drained() noexcept
{
    if (draining_ && at_rest()) {
        close(CloseCode::going_away, "the server stops");
    }
}

void Session::close(CloseCode code, std::string_view reason) noexcept
{
    if (!closing_) {
        closing_ = true;
        inbox_.clear();
        delivery_.stop();
        pull_.stop();
        peer_.close(code, reason);
    }
}

void Session::on_replaced() noexcept
{
    const std::string_view from = peer_.address();
    log(LogLevel::info,
        "replaced by a newer connection, was from " +
            std::string(from.empty() ? "an unknown address" : from));
    close(CloseCode::normal, "replaced by a newer connection");
}

void Session::log(LogLevel level, const std::string &text) noexcept
{
    log(level, text, registration_.identity.sn);
}

void Session::log(LogLevel level, const std::string &text,
                  const std::string &sn) noexcept
{
    write_device_note(context_, sn, level, text);
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
    if (registration_.dialect == Dialect::operation) {
        return failure(ErrorCode::refused,
                       "no command is known that a terminal which speaks "
                       "<Request> takes");
    }
    auto run = CommandRun::begin(command);
    if (!run) {
        return tl::make_unexpected(run.error());
    }
    return std::make_unique<CommandRun>(std::move(*run));
}

bool Session::quiet() const noexcept
{
    return !driver_.busy() && inbox_.empty() && !closing_ && !pull_.asking();
}

void Session::send_frame(std::string frame)
{
    peer_.send(std::move(frame));
}

std::uint64_t Session::wait_ms(const CommandTalk &talk) const
{
    return unanswered_.wait_ms(
        static_cast<const CommandRun &>(talk).request_name(),
        context_.loop.now_ms());
}

void Session::on_silence(const CommandTalk &talk)
{
    unanswered_.add(static_cast<const CommandRun &>(talk).request_name(),
                    context_.loop.now_ms());
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

// ---- logs that it kept ------------------------------------------------------

bool Session::may_pull() const noexcept
{
    return quiet() && delivery_.idle();
}

void Session::on_pull_note(LogLevel level, const std::string &text) noexcept
{
    log(level, text);
}

void Session::on_pull_given_up(std::string_view request)
{
    unanswered_.add(request, context_.loop.now_ms());
    if (quiet()) {
        delivery_.on_quiet();
    }
}

} // namespace wac::xml
