// Accepts on the listening socket and hands the connections on. When
// descriptors or memory run out it pauses: the connections wait in the
// kernel, and the loop does not spin.
#pragma once

#include "base/log.hpp"
#include "base/rate_limit.hpp"
#include "db/event_loop.hpp"
#include "listening_socket.hpp"

#include <memory>
#include <optional>

namespace wac::worker
{

class ConnectionTaker
{
  public:
    /** A connection, non-blocking; it is the taker's to close. */
    virtual void on_connection(int fd) noexcept = 0;

  protected:
    ~ConnectionTaker() = default;
};

class Listener final : private db::ReadinessListener, private db::WakeListener
{
  public:
    Listener(db::EventLoop &loop, Log &log, ConnectionTaker &taker);

    Result<void> start(ListeningSocket socket);

    /** No further connections; the socket file goes. */
    void stop() noexcept;

  private:
    void on_ready(bool readable, bool writable) noexcept override;
    void on_wake() noexcept override;
    void pause(int error) noexcept;

    db::EventLoop &loop_;
    Log &log_;
    ConnectionTaker &taker_;
    std::unique_ptr<db::Timer> resume_;
    std::optional<ListeningSocket> socket_;
    std::unique_ptr<db::Watch> watch_;
    RateLimit warnings_{1};
};

} // namespace wac::worker
