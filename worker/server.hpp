// The WebSocket server: libwebsockets as a guest on our loop, without a
// socket of its own to listen on; connections are handed to it. Accepts any
// path and query; asks for no subprotocol, origin or extension; leaves
// UTF-8 to the codecs; answers plain HTTP with 426.
//
// One per process: lws's log is global.
#pragma once

#include "base/log.hpp"
#include "base/rate_limit.hpp"
#include "connection.hpp"
#include "listener.hpp"
#include "loop_uv.hpp"

#include <libwebsockets.h>
#include <list>
#include <memory>

namespace wac::worker
{

class Server final : public ConnectionTaker, private db::WakeListener
{
  public:
    Server(LoopUv &loop, Log &log, const ConnectionLimits &limits,
           std::size_t max_connections, SessionMaker make_session);
    ~Server();
    Server(const Server &) = delete;
    Server &operator=(const Server &) = delete;

    Result<void> start();

    void on_connection(int fd) noexcept override;

    /** Sessions end what is under way and close; new ones are not begun. */
    void drain() noexcept;

    /** Ends all connections at once. The loop must run once more before
     *  lws has given back everything. */
    void stop() noexcept;

    /** Sockets, those included whose handshake is not done. */
    std::size_t connections() const noexcept { return sockets_; }

  private:
    /** What lws keeps for each of its connections, at first zeroed. */
    struct Slot {
        Connection *connection;
    };

    static const lws_protocols kProtocols[2];

    static int on_lws(lws *wsi, lws_callback_reasons reason, void *user,
                      void *in, std::size_t length) noexcept;
    int on_event(lws *wsi, lws_callback_reasons reason, Slot *slot,
                 std::string_view data);
    void open(lws *wsi, Slot *slot);
    void close(Slot *slot) noexcept;
    void on_wake() noexcept override;

    Log &log_;
    LoopUv &loop_;
    const ConnectionLimits limits_;
    const std::size_t max_connections_;
    const SessionMaker make_session_;
    RateLimit warnings_{5};
    ConnectionContext context_;
    std::unique_ptr<db::Timer> sweep_;
    lws_context *lws_ = nullptr;
    lws_context *stopped_ = nullptr;
    lws_vhost *vhost_ = nullptr;
    std::list<Connection> connections_;
    std::size_t sockets_ = 0;
    bool draining_ = false;
};

/** How many connections this process can have: raises its limit of open files
 *  as far as needed and allowed. */
std::size_t make_room_for(std::size_t connections);

} // namespace wac::worker
