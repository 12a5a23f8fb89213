#include "connection.hpp"

#include <algorithm>
#include <utility>

namespace wac::worker
{

namespace
{

constexpr std::size_t kLongestReason = 123; // RFC 6455 section 5.5
constexpr std::size_t kKeptOutput = 64U << 10;

// not empty: lws keeps a pong without payload to itself
constexpr std::string_view kPing = "wac";

// lws's own LWS_WRITE_CLOSE, which its public header leaves a gap for
constexpr auto kWriteClose = static_cast<lws_write_protocol>(4);

} // namespace

Connection::Connection(lws *wsi, ConnectionContext &context,
                       std::string address)
    : wsi_(wsi), context_(context), address_(std::move(address)),
      opened_ms_(context.loop.now_ms()), last_message_ms_(opened_ms_),
      last_ping_ms_(opened_ms_), last_write_ms_(opened_ms_)
{
}

void Connection::on_part(std::string_view part, std::size_t rest, bool last)
{
    if (state_ != State::open) {
        return;
    }
    last_message_ms_ = context_.loop.now_ms();
    const std::size_t room = context_.limits.message_bytes - received_.size();
    if (part.size() > room || rest > room - part.size()) {
        note(LogLevel::info, "sent a message that is too long");
        received_ = {};
        close(CloseCode::too_big, "message too long");
        return;
    }
    received_.append(part);
    if (last) {
        take(std::exchange(received_, {}));
    }
}

void Connection::take(std::string message)
{
    if (!session_) {
        session_ = context_.make_session(message, *this);
        if (!session_) {
            ignore_unknown();
            return;
        }
    }
    session_->on_message(std::move(message));
}

void Connection::ignore_unknown()
{
    if (unknown_messages_ == 0) {
        note(LogLevel::info, "speaks no dialect that is served here");
    }
    if (++unknown_messages_ >= context_.limits.unknown_messages) {
        close(CloseCode::unsupported_data, "unknown dialect");
    }
}

bool Connection::on_peer_close() const noexcept
{
    return state_ == State::open || state_ == State::closing;
}

void Connection::on_pong() noexcept
{
    has_ponged_ = true;
    unanswered_pings_ = 0;
}

bool Connection::on_writable()
{
    if (state_ == State::closed || state_ == State::dead) {
        return true;
    }
    last_write_ms_ = context_.loop.now_ms();
    bool written = true;
    if (!queue_.empty()) {
        written = write_next();
    } else if (state_ == State::closing) {
        written = write_close();
    } else if (std::exchange(ping_due_, false)) {
        written = write(kPing, LWS_WRITE_PING);
    }
    if (!queue_.empty() || ping_due_ || state_ == State::closing) {
        lws_callback_on_writable(wsi_);
    }
    return written;
}

bool Connection::write_next()
{
    const std::string message = std::move(queue_.front());
    queue_.erase(queue_.begin());
    queued_bytes_ -= message.size();
    if (queue_.empty()) {
        queue_ = {}; // an idle connection keeps no memory for it
    }
    apply_hold();
    return write(message, LWS_WRITE_TEXT);
}

// Not by lws_close_reason() and a return of -1: on libuv, Debian's build of
// lws (as any with _DEBUG) closes such a connection twice, to try that out,
// and the second time before the close frame is sent.
bool Connection::write_close()
{
    state_ = State::closed;
    const auto code = static_cast<std::uint16_t>(close_code_);
    std::string payload{static_cast<char>(code >> 8),
                        static_cast<char>(code & 0xff)};
    payload += close_reason_;
    return write(payload, kWriteClose);
}

// lws wants room for the frame's head before the payload, and keeps a copy
// of what the socket does not take.
bool Connection::write(std::string_view payload, lws_write_protocol kind)
{
    auto &output = context_.output;
    output.resize(LWS_PRE + payload.size() + 1);
    std::copy(payload.begin(), payload.end(), output.begin() + LWS_PRE);
    const int written =
        lws_write(wsi_, output.data() + LWS_PRE, payload.size(), kind);
    if (output.size() > kKeptOutput) {
        output = {};
    }
    return written >= 0;
}

void Connection::send(std::string message) noexcept
{
    if (state_ != State::open) {
        return;
    }
    if (queue_.empty() && !lws_partial_buffered(wsi_)) {
        send_now(message);
        return;
    }
    const ConnectionLimits &limits = context_.limits;
    if (!queue_.empty() &&
        (queue_.size() >= limits.queued_messages ||
         message.size() > limits.queued_bytes - queued_bytes_)) {
        note(LogLevel::info, "does not take what is sent to it");
        kill();
        return;
    }
    try {
        const std::size_t size = message.size();
        queue_.push_back(std::move(message));
        queued_bytes_ += size;
    } catch (const std::exception &error) {
        note(LogLevel::error, error.what());
        kill();
        return;
    }
    apply_hold();
    lws_callback_on_writable(wsi_);
}

// Nothing is before it, and lws keeps what the socket does not take: there is
// no need to wait for a turn. On libuv that would be four epoll_ctl() for one
// send(), as lws's plug-in starts its watcher anew at every change.
void Connection::send_now(std::string_view message) noexcept
{
    last_write_ms_ = context_.loop.now_ms();
    bool written = false;
    try {
        written = write(message, LWS_WRITE_TEXT);
    } catch (const std::exception &error) {
        note(LogLevel::error, error.what());
    }
    if (!written) {
        kill();
    }
}

void Connection::close(CloseCode code, std::string_view reason) noexcept
{
    if (state_ != State::open) {
        return;
    }
    state_ = State::closing;
    close_code_ = code;
    close_by_ms_ = context_.loop.now_ms() + context_.limits.close_timeout_ms;
    try {
        close_reason_ = reason.substr(0, kLongestReason);
    } catch (const std::exception &) { // the code will do
    }
    apply_hold(); // the other end's own close frame is to be seen
    lws_callback_on_writable(wsi_);
}

void Connection::hold(bool on) noexcept
{
    session_holds_ = on;
    apply_hold();
}

// Nothing more is read either from one that reads slowly itself.
void Connection::apply_hold() noexcept
{
    const bool on = state_ == State::open &&
                    (session_holds_ ||
                     queue_.size() >= context_.limits.queued_messages / 2);
    if (on != held_) {
        held_ = on;
        lws_rx_flow_control(wsi_, on ? 0 : 1);
    }
}

void Connection::kill() noexcept
{
    if (state_ != State::dead) {
        state_ = State::dead;
        lws_set_timeout(wsi_, PENDING_TIMEOUT_USER_OK, LWS_TO_KILL_ASYNC);
        context_.wake_lws();
    }
}

bool Connection::registered() const noexcept
{
    return session_ && session_->registered();
}

bool Connection::keeps_us_waiting(std::uint64_t now_ms) const noexcept
{
    return now_ms - last_write_ms_ >= context_.limits.write_timeout_ms &&
           (!queue_.empty() || lws_partial_buffered(wsi_));
}

void Connection::sweep(std::uint64_t now_ms)
{
    const ConnectionLimits &limits = context_.limits;
    if (state_ != State::open) {
        if (now_ms >= close_by_ms_) {
            kill();
        }
        return;
    }
    if (keeps_us_waiting(now_ms)) {
        note(LogLevel::info, "does not take what is sent to it");
        kill();
    } else if (!registered()) {
        if (now_ms - opened_ms_ >= limits.register_timeout_ms) {
            note(LogLevel::info, "did not register in time");
            close(CloseCode::policy, "not registered");
        }
    } else if (limits.idle_limit_ms != 0 &&
               now_ms - last_message_ms_ >= limits.idle_limit_ms) {
        note(LogLevel::info, "was silent for too long");
        close(CloseCode::normal, "idle");
    }
    if (state_ == State::open && limits.ping_interval_ms != 0 &&
        now_ms - last_ping_ms_ >= limits.ping_interval_ms) {
        ping(now_ms);
    }
}

// Many terminals answer no ping: only one that did before on this connection
// is given up when it stops.
void Connection::ping(std::uint64_t now_ms)
{
    if (has_ponged_ && unanswered_pings_ >= context_.limits.unanswered_pings) {
        note(LogLevel::info, "answers pings no more");
        close(CloseCode::internal_error, "no pong");
        return;
    }
    last_ping_ms_ = now_ms;
    unanswered_pings_ = static_cast<std::uint8_t>(
        std::min<unsigned>(unanswered_pings_ + 1U, 255U));
    ping_due_ = true;
    lws_callback_on_writable(wsi_);
}

void Connection::drain() noexcept
{
    if (session_ && state_ == State::open) {
        session_->drain();
    } else {
        close(CloseCode::going_away, "restart");
    }
}

void Connection::note(LogLevel level, std::string_view what) noexcept
{
    if (!context_.warnings.pass(context_.loop.now_ms())) {
        return;
    }
    try {
        context_.log.write(
            level, "connection from " +
                       (address_.empty() ? "an unknown address" : address_) +
                       " " + std::string(what));
    } catch (const std::exception &) { // no memory for a log line
    }
}

} // namespace wac::worker
