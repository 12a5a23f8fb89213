#include "listener.hpp"

#include <cerrno>
#include <cstring>
#include <string>
#include <sys/socket.h>

namespace wac::worker
{

namespace
{

// connections taken before others of the loop have their turn
constexpr int kAtOnce = 64;
constexpr std::uint64_t kPause_ms = 200;

} // namespace

Listener::Listener(db::EventLoop &loop, Log &log, ConnectionTaker &taker)
    : loop_(loop), log_(log), taker_(taker),
      resume_(loop.timer(*this, db::TimerKind::idle))
{
}

Result<void> Listener::start(ListeningSocket socket)
{
    auto watch = loop_.watch(socket.fd(), *this);
    if (!watch) {
        return tl::make_unexpected(watch.error());
    }
    socket_.emplace(std::move(socket));
    watch_ = std::move(*watch);
    watch_->want(db::Interest::read);
    return {};
}

void Listener::stop() noexcept
{
    resume_->disarm();
    watch_.reset();
    socket_.reset();
}

void Listener::on_ready(bool, bool) noexcept
{
    for (int i = 0; i < kAtOnce; ++i) {
        const int fd = accept4(socket_->fd(), nullptr, nullptr,
                               SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd >= 0) {
            taker_.on_connection(fd);
        } else if (errno == EAGAIN) {
            return;
        } else if (errno != EINTR && errno != ECONNABORTED) {
            pause(errno);
            return;
        }
    }
}

void Listener::on_wake() noexcept
{
    watch_->want(db::Interest::read);
}

void Listener::pause(int error) noexcept
{
    watch_->want(db::Interest::none);
    resume_->arm(kPause_ms);
    if (warnings_.pass(loop_.now_ms())) {
        log_.write(LogLevel::error,
                   std::string("cannot accept connections for now: ") +
                       std::strerror(error));
    }
}

} // namespace wac::worker
