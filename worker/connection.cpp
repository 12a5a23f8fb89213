#include "connection.hpp"

#include <algorithm>
#include <cerrno>
#include <sys/socket.h>
#include <utility>

namespace wac::worker
{

namespace
{

constexpr std::size_t kLongestReason = 123; // RFC 6455 section 5.5
constexpr std::size_t kKeptOutput = 64U << 10;

// not empty: lws keeps a pong without payload to itself
constexpr std::string_view kPing = "wac";

// A Unix socket takes that much whole or not at all: it is one buffer of the
// kernel's.
constexpr std::size_t kWrittenTogether = 16U << 10;
constexpr unsigned kWritesATurn = 4;
constexpr std::size_t kLongestHead = 10; // RFC 6455 section 5.2, unmasked

// lws's own LWS_WRITE_CLOSE, which its public header leaves a gap for
constexpr auto kWriteClose = static_cast<lws_write_protocol>(4);

/** What a limit is, if the dialect has an opinion and the operator another:
 *  the tighter one. 0: none. */
template <typename Limit>
Limit tighter(Limit operators, Limit dialects) noexcept
{
    return operators == 0 || (dialects != 0 && dialects < operators)
               ? dialects
               : operators;
}

void append_frame(std::vector<unsigned char> &out, std::string_view text)
{
    out.push_back(0x81); // a whole text message
    const std::size_t size = text.size();
    if (size < 126) {
        out.push_back(static_cast<unsigned char>(size));
    } else if (size < 65536) {
        out.push_back(126);
        out.push_back(static_cast<unsigned char>(size >> 8));
        out.push_back(static_cast<unsigned char>(size));
    } else {
        out.push_back(127);
        for (int shift = 56; shift >= 0; shift -= 8) {
            out.push_back(static_cast<unsigned char>(size >> shift));
        }
    }
    const Bytes bytes = as_bytes(text); // char by char it would be slow
    out.insert(out.end(), bytes.data(), bytes.data() + bytes.size());
}

} // namespace

Connection::Connection(lws *wsi, ConnectionContext &context,
                       std::string address, std::string token)
    : wsi_(wsi), context_(context), address_(std::move(address)),
      token_(std::move(token)), opened_ms_(context.loop.now_ms()),
      last_message_ms_(opened_ms_), last_heard_ms_(opened_ms_),
      last_ping_ms_(opened_ms_), last_write_ms_(opened_ms_)
{
}

SessionTraits Connection::traits() const noexcept
{
    return session_ ? session_->traits() : SessionTraits{};
}

void Connection::on_part(std::string_view part, std::size_t rest, bool last)
{
    if (state_ != State::open) {
        return;
    }
    last_message_ms_ = context_.loop.now_ms();
    last_heard_ms_ = last_message_ms_;
    const std::size_t most =
        tighter(context_.limits.message_bytes, traits().message_bytes);
    const std::size_t room = most - std::min(most, received_.size());
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
            note_unknown();
            return;
        }
    }
    session_->on_message(std::move(message));
}

void Connection::note_unknown()
{
    if (unknown_messages_ == 0) {
        note(LogLevel::info, "speaks no dialect that is served here");
    }
    if (state_ == State::open &&
        ++unknown_messages_ >= context_.limits.unknown_messages) {
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
    last_heard_ms_ = context_.loop.now_ms();
    unanswered_pings_ = 0;
}

bool Connection::on_writable()
{
    if (state_ == State::closed || state_ == State::dead) {
        return true;
    }
    last_write_ms_ = context_.loop.now_ms();
    bool written = true;
    if (queue_) {
        written = queue_->size() > 1 ? write_several() : write_next();
    } else if (state_ == State::closing) {
        written = write_close();
    } else if (std::exchange(ping_due_, false)) {
        written = write(kPing, LWS_WRITE_PING);
    }
    if (queue_ || ping_due_ || state_ == State::closing) {
        lws_callback_on_writable(wsi_);
    } else if (session_) {
        session_->on_written();
    }
    return written;
}

bool Connection::write_next()
{
    const SharedMessage message = std::move(queue_->front());
    queue_->pop_front();
    queued_bytes_ -= message->size();
    if (queue_->empty()) {
        queue_.reset(); // an idle connection keeps no memory for it
    }
    apply_hold();
    return write(*message, LWS_WRITE_TEXT);
}

// Several, as each turn costs as much as a write.
bool Connection::write_several()
{
    Written written = Written::all;
    for (unsigned turn = 0; turn < kWritesATurn && written == Written::all &&
                            queue_ && queue_->size() > 1;
         ++turn) {
        written = write_together();
    }
    return written != Written::broken;
}

// Past lws, which would make one call of each message. It has nothing of its
// own under way here: what it could not write before goes first, and then it
// calls us.
Connection::Written Connection::write_together()
{
    if (lws_partial_buffered(wsi_)) {
        return Written::nothing;
    }
    auto &output = context_.output;
    output.clear();
    std::size_t taken = 0;
    std::size_t bytes = 0;
    for (const SharedMessage &message : *queue_) {
        if (output.size() + kLongestHead + message->size() > kWrittenTogether) {
            break;
        }
        append_frame(output, *message);
        bytes += message->size();
        ++taken;
    }
    if (taken == 0) {
        return write_next() ? Written::all : Written::broken;
    }
    const ssize_t sent = ::send(lws_get_socket_fd(wsi_), output.data(),
                                output.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent < 0) {
        return errno == EAGAIN || errno == EINTR ? Written::nothing
                                                 : Written::broken;
    }
    if (static_cast<std::size_t>(sent) < output.size()) {
        return Written::broken; // in the middle of a message
    }
    queue_->erase(queue_->begin(),
                  queue_->begin() + static_cast<std::ptrdiff_t>(taken));
    queued_bytes_ -= bytes;
    if (queue_->empty()) {
        queue_.reset();
    }
    apply_hold();
    return Written::all;
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
    const Bytes bytes = as_bytes(payload);
    std::copy(bytes.begin(), bytes.end(), output.begin() + LWS_PRE);
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
    if (!queue_ && !lws_partial_buffered(wsi_)) {
        send_now(message);
        return;
    }
    try {
        send(std::make_shared<const std::string>(std::move(message)));
    } catch (const std::exception &error) {
        note(LogLevel::error, error.what());
        kill();
    }
}

void Connection::send(SharedMessage message) noexcept
{
    if (state_ != State::open) {
        return;
    }
    const bool first = !queue_;
    if (!queue(std::move(message))) {
        note(LogLevel::info, "does not take what is sent to it");
        kill();
        return;
    }
    apply_hold();
    if (first) {
        last_write_ms_ = context_.loop.now_ms();
        lws_callback_on_writable(wsi_);
    }
}

/** Whether there was room for it. */
bool Connection::queue(SharedMessage message) noexcept
{
    const SessionTraits traits = this->traits();
    const ConnectionLimits &limits = context_.limits;
    const std::size_t most_messages = traits.queued_messages
                                          ? traits.queued_messages
                                          : limits.queued_messages;
    const std::size_t most_bytes =
        traits.queued_bytes ? traits.queued_bytes : limits.queued_bytes;
    const std::size_t size = message->size();
    if (queue_ && (queue_->size() >= most_messages ||
                   size > most_bytes - std::min(most_bytes, queued_bytes_))) {
        return false;
    }
    try {
        if (!queue_) {
            queue_ = std::make_unique<std::deque<SharedMessage>>();
        }
        queue_->push_back(std::move(message));
    } catch (const std::exception &) { // no memory for it
        return false;
    }
    queued_bytes_ += size;
    return true;
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

bool Connection::reads_slowly() const noexcept
{
    return queue_ && !traits().queued_messages &&
           queue_->size() >= context_.limits.queued_messages / 2;
}

// Nothing more is read either from one that reads slowly itself.
void Connection::apply_hold() noexcept
{
    const bool on = state_ == State::open && (session_holds_ || reads_slowly());
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
           (queue_ || lws_partial_buffered(wsi_));
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
    if (held_) { // it may speak, and we do not listen
        last_heard_ms_ = now_ms;
    }
    if (keeps_us_waiting(now_ms)) {
        note(LogLevel::info, "does not take what is sent to it");
        kill();
    } else if (!registered()) {
        const SessionTraits traits = this->traits();
        if (now_ms - opened_ms_ >=
            tighter(limits.register_timeout_ms, traits.register_within_ms)) {
            note(LogLevel::info, "did not register in time");
            close(traits.unregistered, "not registered");
        }
    } else if (const std::uint64_t silent_for_ms = traits().silent_for_ms;
               silent_for_ms != 0 && now_ms - last_heard_ms_ >= silent_for_ms) {
        note(LogLevel::info, "was silent for too long");
        close(CloseCode::policy, "silent");
    } else if (limits.idle_limit_ms != 0 && !traits().may_be_silent &&
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
