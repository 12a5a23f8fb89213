// One WebSocket connection: joins fragments to messages, makes the session
// at the first one, and is its session's Peer. Made when the handshake is
// done and destroyed when lws says that the connection is gone; in between,
// everything that ends it is left to lws, which calls back later.
//
//      open ──close()──> closing ──all sent──> closed ──lws──> (destroyed)
//        └──────kill()──────┴──────kill()────────┴──> dead ──lws──> (destroyed)
//
// What is sent goes out at once if nothing is before it, otherwise when lws
// says that the socket takes it. Messages that many get are framed by us and
// written together: a thousand events cost a few calls, not a thousand.
//
// There may be tens of thousands: no timer and no buffer of its own while
// idle: the server's sweep calls all of them now and then.
#pragma once

#include "base/log.hpp"
#include "base/rate_limit.hpp"
#include "flow/session.hpp"

#include <cstdint>
#include <deque>
#include <functional>
#include <libwebsockets.h>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace wac::worker
{

/** The session for a connection that begins with this message; null if no
 *  dialect does. */
using SessionMaker = std::function<std::unique_ptr<Session>(
    std::string_view first_message, Peer &peer)>;

/** Times in milliseconds; 0 where it says so turns a limit off. */
struct ConnectionLimits {
    std::size_t message_bytes = 8U << 20;      // of one received message
    std::size_t queued_messages = 64;          // to be sent
    std::size_t queued_bytes = 4U << 20;       // to be sent
    unsigned unknown_messages = 3;             // before a session is made
    std::uint64_t register_timeout_ms = 30000; // until its session is let in
    std::uint64_t idle_limit_ms = 0;           // without a message; 0: none
    std::uint64_t ping_interval_ms = 60000;    // 0: no pings
    unsigned unanswered_pings = 3;             // of one that has answered
    std::uint64_t write_timeout_ms = 60000;    // to take one message
    std::uint64_t close_timeout_ms = 5000;     // to take what is queued
    std::uint64_t sweep_ms = 1000;             // between looks at all this
};

/** What all connections of the process share. */
struct ConnectionContext {
    const db::EventLoop &loop;
    Log &log;
    RateLimit &warnings;
    const ConnectionLimits &limits;
    const SessionMaker &make_session;
    /** Has lws look at its timeouts soon: it does so only after its own
     *  events. */
    std::function<void()> wake_lws;
    std::vector<unsigned char> output; // where a message is made ready
};

class Connection final : public Peer
{
  public:
    Connection(lws *wsi, ConnectionContext &context, std::string address,
               std::string token);
    Connection(const Connection &) = delete;
    Connection &operator=(const Connection &) = delete;

    /** A part of a message; `rest` bytes of its frame are still to come. */
    void on_part(std::string_view part, std::size_t rest, bool last);
    void on_pong() noexcept;

    /** The other end's close frame came. Whether it wants an answer;
     *  otherwise it is one, and lws is to close. */
    bool on_peer_close() const noexcept;

    /** Whether the connection goes on; otherwise lws is to close it. */
    bool on_writable();

    /** Looks after everything that time brings. */
    void sweep(std::uint64_t now_ms);
    void drain() noexcept;

    void send(std::string message) noexcept override;
    void send(SharedMessage message) noexcept override;
    std::size_t queued_bytes() const noexcept override { return queued_bytes_; }
    void close(CloseCode code, std::string_view reason) noexcept override;
    void hold(bool on) noexcept override;
    std::string_view address() const noexcept override { return address_; }
    std::string_view token() const noexcept override { return token_; }

    /** Ends it without a word: the other end does not listen. */
    void kill() noexcept;

    std::list<Connection>::iterator place; // in the server's list

  private:
    enum class State : std::uint8_t {
        open,    // messages are taken and sent
        closing, // what is queued is sent, then the close frame
        closed,  // that was sent: the other end's is waited for
        dead,    // the rest is lws's
    };

    SessionTraits traits() const noexcept;
    bool registered() const noexcept;
    bool reads_slowly() const noexcept;
    bool keeps_us_waiting(std::uint64_t now_ms) const noexcept;
    void take(std::string message);
    void note_unknown();
    void apply_hold() noexcept;
    void send_now(std::string_view message) noexcept;
    bool queue(SharedMessage message) noexcept;
    bool write_next();
    bool write_several();
    enum class Written { all, nothing, broken };
    Written write_together();
    bool write_close();
    bool write(std::string_view payload, lws_write_protocol kind);
    void ping(std::uint64_t now_ms);
    void note(LogLevel level, std::string_view what) noexcept;

    lws *const wsi_;
    ConnectionContext &context_;
    const std::string address_;
    const std::string token_;
    std::unique_ptr<Session> session_;
    std::string received_; // of the message that is not complete yet
    std::unique_ptr<std::deque<SharedMessage>> queue_; // null: empty
    std::size_t queued_bytes_ = 0;
    std::string close_reason_;
    std::uint64_t opened_ms_;
    std::uint64_t last_message_ms_;
    std::uint64_t last_heard_ms_; // of a message or a pong
    std::uint64_t last_ping_ms_;
    std::uint64_t last_write_ms_; // or when there came something to write
    std::uint64_t close_by_ms_ = 0;
    CloseCode close_code_ = CloseCode::normal;
    State state_ = State::open;
    bool session_holds_ = false;
    bool held_ = false; // nothing is read
    bool ping_due_ = false;
    bool has_ponged_ = false;
    std::uint8_t unanswered_pings_ = 0;
    std::uint8_t unknown_messages_ = 0;
};

} // namespace wac::worker
