#include "http_exchange.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <sys/epoll.h>
#include <unistd.h>

namespace wac::sim
{

namespace
{

constexpr std::size_t kPieces = 10; // of a slow request
constexpr milliseconds kPieceEvery{200};

/** Above any command; a peer that sends more is stopped. */
constexpr std::size_t kLargestReply = 64U << 20;

} // namespace

HttpExchange::HttpExchange(const Endpoint &to, std::string request,
                           SendPlan plan, Moment now)
    : request_(std::move(request)), plan_(plan), started_at_(now),
      next_piece_at_(now)
{
    fd_ = socket(to.address.ss_family,
                 SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd_ < 0) {
        finish_by_errno(End::connect_failed, "socket", errno);
        return;
    }
    const auto *address = reinterpret_cast<const sockaddr *>(&to.address);
    if (connect(fd_, address, to.length) == 0) {
        state_ = State::sending;
    } else if (errno != EINPROGRESS) {
        finish_by_errno(End::connect_failed, "connect", errno);
    }
}

HttpExchange::~HttpExchange()
{
    if (fd_ >= 0) {
        close(fd_);
    }
}

std::uint32_t HttpExchange::events() const noexcept
{
    switch (state_) {
    case State::connecting:
        return EPOLLOUT;
    case State::sending: // an answer may come before all is sent
        return plan_.slow ? EPOLLIN : EPOLLIN | EPOLLOUT;
    case State::receiving:
        return EPOLLIN;
    case State::over:
        break;
    }
    return 0;
}

Moment HttpExchange::wake_at() const noexcept
{
    const Moment deadline = started_at_ + kDeadline;
    const bool pausing = state_ == State::sending && plan_.slow;
    return pausing ? std::min(deadline, next_piece_at_) : deadline;
}

void HttpExchange::finish(End end, std::string reason)
{
    state_ = State::over;
    end_ = end;
    reason_ = std::move(reason);
    if (fd_ >= 0) {
        close(fd_);
        fd_ = -1;
    }
}

void HttpExchange::finish_by_errno(End end, const char *what, int number)
{
    finish(end, std::string(what) + ": " + std::strerror(number));
}

void HttpExchange::see_connection()
{
    int error = 0;
    socklen_t size = sizeof error;
    if (getsockopt(fd_, SOL_SOCKET, SO_ERROR, &error, &size) != 0) {
        error = errno;
    }
    if (error != 0) {
        finish_by_errno(End::connect_failed, "connect", error);
    } else {
        state_ = State::sending;
    }
}

void HttpExchange::send_some(Moment now)
{
    const std::size_t end =
        std::min(plan_.cut_at.value_or(request_.size()), request_.size());
    while (sent_ < end) {
        if (plan_.slow && now < next_piece_at_) {
            return;
        }
        const std::size_t piece =
            plan_.slow ? request_.size() / kPieces + 1 : end;
        const ssize_t done = send(fd_, request_.data() + sent_,
                                  std::min(piece, end - sent_), MSG_NOSIGNAL);
        if (done < 0) {
            if (errno == EPIPE || errno == ECONNRESET) {
                // what the peer said before it closed may still be there
                state_ = State::receiving;
            } else if (errno != EAGAIN && errno != EINTR) {
                finish_by_errno(End::broken, "send", errno);
            } else if (plan_.slow) { // it is not woken by EPOLLOUT
                next_piece_at_ = now + kPieceEvery;
            }
            return;
        }
        sent_ += static_cast<std::size_t>(done);
        next_piece_at_ = now + kPieceEvery;
    }
    if (plan_.cut_at) {
        finish(End::cut, "closed in the middle, as planned");
    } else {
        state_ = State::receiving;
        request_ = {};
    }
}

void HttpExchange::receive_some()
{
    std::array<char, 16384> buffer; // NOLINT: filled by recv
    for (;;) {
        const ssize_t got = recv(fd_, buffer.data(), buffer.size(), 0);
        if (got > 0) {
            reply_.append(buffer.data(), static_cast<std::size_t>(got));
            if (reply_.size() > kLargestReply) {
                finish(End::broken, "the answer does not end");
                return;
            }
        } else if (got == 0) {
            if (reply_.empty()) {
                finish(End::broken, "closed without an answer");
            } else {
                finish(End::answered, {});
            }
            return;
        } else if (errno == EAGAIN) {
            return;
        } else if (errno != EINTR) {
            finish_by_errno(End::broken, "receive", errno);
            return;
        }
    }
}

bool HttpExchange::advance(std::uint32_t events, Moment now)
{
    if (state_ == State::connecting && events != 0) {
        see_connection();
    }
    if (state_ == State::sending) {
        send_some(now);
    }
    // once all is sent, a fast peer may have answered already
    const bool readable = (events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0;
    if (state_ == State::receiving || (state_ == State::sending && readable)) {
        receive_some();
    }
    if (state_ != State::over && now >= started_at_ + kDeadline) {
        finish(End::timed_out, "no answer within 20 s");
    }
    return state_ == State::over;
}

} // namespace wac::sim
