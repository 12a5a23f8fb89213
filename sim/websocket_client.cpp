#include "websocket_client.hpp"

#include "base64.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <unistd.h>

namespace wac::sim
{

namespace
{

constexpr std::size_t kLargestHead = 16384;
constexpr int kMostReads = 64; // at once; others want their turn too
constexpr std::uint16_t kNormalClosure = 1000;

std::string random_key(Dice &dice)
{
    std::string bytes;
    for (int i = 0; i < 16; ++i) {
        bytes += static_cast<char>(dice.number() & 0xff);
    }
    return base64(bytes);
}

} // namespace

WebsocketClient::WebsocketClient(const Endpoint &to,
                                 const WebsocketManner &manner,
                                 std::uint64_t seed, Moment now)
    : manner_(manner), dice_(seed), key_(random_key(dice_)),
      output_(ws_request(to, key_, manner.headers)),
      deadline_(now + kHandshakeLimit)
{
    fd_ = socket(to.address.ss_family,
                 SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd_ < 0) {
        finish_by_errno(End::connect_failed, "socket", errno);
        return;
    }
    if (to.address.ss_family != AF_UNIX) { // a frame is not held back
        const int on = 1;
        setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    }
    const auto *address = reinterpret_cast<const sockaddr *>(&to.address);
    if (connect(fd_, address, to.length) == 0) {
        state_ = State::shaking;
    } else if (errno != EINPROGRESS) {
        finish_by_errno(End::connect_failed, "connect", errno);
    }
}

WebsocketClient::~WebsocketClient()
{
    if (fd_ >= 0) {
        ::close(fd_);
    }
}

std::uint32_t WebsocketClient::events() const noexcept
{
    switch (state_) {
    case State::connecting:
        return EPOLLOUT;
    case State::shaking:
    case State::open:
    case State::closing:
        return waiting() > 0 ? EPOLLIN | EPOLLOUT : EPOLLIN;
    case State::over:
        break;
    }
    return 0;
}

Moment WebsocketClient::wake_at() const noexcept
{
    return state_ == State::open || state_ == State::over ? Moment::max()
                                                          : deadline_;
}

void WebsocketClient::finish(End end, std::string reason)
{
    if (state_ == State::over) {
        return;
    }
    state_ = State::over;
    end_ = end;
    reason_ = std::move(reason);
    if (fd_ >= 0) {
        ::close(fd_);
        fd_ = -1;
    }
}

void WebsocketClient::finish_by_errno(End end, const char *what, int number)
{
    finish(end, std::string(what) + ": " + std::strerror(number));
}

bool WebsocketClient::advance(std::uint32_t events, Moment now)
{
    if (state_ == State::connecting && events != 0) {
        see_connection();
    }
    if (state_ != State::connecting && state_ != State::over) {
        send_some();
    }
    const bool readable = (events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0;
    if (state_ != State::connecting && state_ != State::over && readable) {
        receive_some();
    }
    if (now >= wake_at()) {
        finish(state_ == State::closing      ? End::closed
               : state_ == State::connecting ? End::connect_failed
                                             : End::refused,
               "no answer in time");
    }
    return state_ == State::over;
}

void WebsocketClient::see_connection()
{
    int error = 0;
    socklen_t size = sizeof error;
    if (getsockopt(fd_, SOL_SOCKET, SO_ERROR, &error, &size) != 0) {
        error = errno;
    }
    if (error != 0) {
        finish_by_errno(End::connect_failed, "connect", error);
    } else {
        state_ = State::shaking;
    }
}

// ---- in --------------------------------------------------------------------

void WebsocketClient::receive_some()
{
    std::array<char, 16384> buffer; // NOLINT: filled by recv
    for (int i = 0; i < kMostReads && state_ != State::over; ++i) {
        const ssize_t got = recv(fd_, buffer.data(), buffer.size(), 0);
        if (got > 0) {
            const std::string_view bytes(buffer.data(),
                                         static_cast<std::size_t>(got));
            if (state_ == State::shaking) {
                head_ += bytes;
                see_handshake();
            } else {
                reader_.feed(bytes);
                read_messages();
            }
        } else if (got == 0) {
            finish(state_ == State::closing   ? End::closed
                   : state_ == State::shaking ? End::refused
                                              : End::broken,
                   "the connection ended");
        } else if (errno == EAGAIN) {
            return;
        } else if (errno != EINTR) {
            finish_by_errno(state_ == State::closing ? End::closed
                                                     : End::broken,
                            "receive", errno);
        }
    }
}

void WebsocketClient::see_handshake()
{
    const std::size_t end = head_.find("\r\n\r\n");
    if (end == head_.npos) {
        if (head_.size() > kLargestHead) {
            finish(End::refused, "an answer without an end");
        }
        return;
    }
    const auto checked =
        check_ws_reply(std::string_view(head_).substr(0, end), key_);
    if (!checked) {
        finish(End::refused, checked.error().text);
        return;
    }
    state_ = State::open;
    reader_.feed(std::string_view(head_).substr(end + 4));
    head_ = {};
    read_messages();
}

void WebsocketClient::read_messages()
{
    while (state_ == State::open || state_ == State::closing) {
        auto next = reader_.next();
        if (!next) {
            finish(End::broken, next.error().text);
            return;
        }
        if (!*next) {
            return;
        }
        switch ((*next)->opcode) {
        case WsOpcode::ping:
            ++pings_;
            if (manner_.pongs && state_ == State::open) {
                put(WsOpcode::pong, (*next)->payload);
                send_some();
            }
            break;
        case WsOpcode::close:
            see_close((*next)->payload);
            break;
        case WsOpcode::pong:
            break;
        default:
            messages_.push_back(std::move((*next)->payload));
        }
    }
}

/** A server that hears its own close echoed ends the connection. */
void WebsocketClient::see_close(const std::string &payload)
{
    if (state_ == State::open) {
        put(WsOpcode::close, payload.substr(0, 2));
        send_some();
    }
    const auto code = ws_close_code(payload);
    finish(End::closed,
           "closed" + (code ? ", " + std::to_string(*code) : std::string()));
}

std::optional<std::string> WebsocketClient::take()
{
    if (messages_.empty()) {
        return std::nullopt;
    }
    std::string message = std::move(messages_.front());
    messages_.pop_front();
    return message;
}

std::uint64_t WebsocketClient::take_pings()
{
    return std::exchange(pings_, 0);
}

// ---- out -------------------------------------------------------------------

void WebsocketClient::put(WsOpcode opcode, std::string_view payload, bool final)
{
    output_ += ws_frame(opcode, payload,
                        static_cast<std::uint32_t>(dice_.number()), final);
}

void WebsocketClient::send(std::string_view message)
{
    const WsOpcode opcode = manner_.binary ? WsOpcode::binary : WsOpcode::text;
    const std::size_t piece =
        manner_.fragment > 0 ? manner_.fragment : message.size() + 1;
    put(opcode, message.substr(0, piece), piece >= message.size());
    for (std::size_t at = piece; at < message.size(); at += piece) {
        put(WsOpcode::continuation, message.substr(at, piece),
            at + piece >= message.size());
    }
    send_some();
}

void WebsocketClient::send_half(std::string_view message)
{
    const std::string frame = ws_frame(
        WsOpcode::text, message, static_cast<std::uint32_t>(dice_.number()));
    output_ += frame.substr(0, frame.size() / 2);
    send_some();
    finish(End::cut, "closed in the middle, as planned");
}

void WebsocketClient::send_some()
{
    while (waiting() > 0 && state_ != State::over) {
        const ssize_t done =
            ::send(fd_, output_.data() + sent_, waiting(), MSG_NOSIGNAL);
        if (done >= 0) {
            sent_ += static_cast<std::size_t>(done);
        } else if (errno == EAGAIN) {
            break;
        } else if (errno == EPIPE || errno == ECONNRESET) {
            sent_ = output_.size(); // what the peer said may still be there
        } else if (errno != EINTR) {
            finish_by_errno(End::broken, "send", errno);
        }
    }
    if (waiting() == 0) {
        output_.clear();
        sent_ = 0;
    }
}

void WebsocketClient::close(Moment now)
{
    if (state_ == State::open) {
        put(WsOpcode::close, ws_close_payload(kNormalClosure));
        send_some();
        if (state_ != State::over) {
            state_ = State::closing;
            deadline_ = now + kCloseLimit;
        }
    } else if (state_ != State::closing) {
        finish(End::cut, "ended");
    }
}

} // namespace wac::sim
