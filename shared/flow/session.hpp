// A terminal's or a dashboard's session on one WebSocket connection, without
// the WebSocket: whole messages in, whole messages out. The worker owns both
// ends: it makes a session at the first message, which tells the dialect, and
// destroys it when the connection is gone.
//
//   Peer            what a session may ask of its connection
//   Session         what a connection tells its session
//   SessionContext  what all sessions of a process share, and what those that
//                   are gone have left to be done
#pragma once

#include "base/log.hpp"
#include "base/rate_limit.hpp"
#include "db/event_loop.hpp"
#include "db/store.hpp"
#include "proto/device.hpp"

#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <string_view>

namespace wac
{

class Feed;
class SessionRegistry;

namespace xml
{
class Decoder;
}

/** RFC 6455 section 7.4 */
enum class CloseCode : std::uint16_t {
    normal = 1000,
    going_away = 1001,
    unsupported_data = 1003,
    invalid_data = 1007,
    policy = 1008,
    too_big = 1009,
    internal_error = 1011,
    try_again = 1013,
    // cloud-json.md 6.3
    unauthorized = 4401,
    no_role = 4408,
    replaced = 4409,
};

using SharedMessage = std::shared_ptr<const std::string>;

/** What a dialect wants of its connections. 0: as the operator set it. */
struct SessionTraits {
    std::uint64_t register_within_ms = 0;
    CloseCode unregistered = CloseCode::policy; // if it did not
    std::uint64_t silent_for_ms = 0;            // without a frame or a pong
    bool may_be_silent = false;                 // whatever the operator set
    std::size_t message_bytes = 0;              // of one received message
    std::size_t queued_messages = 0;            // to be written
    std::size_t queued_bytes = 0;
};

/** The connection as its session sees it. No call comes back into the
 *  session from inside; after close() no message arrives any more, and the
 *  session lives until the connection is gone. */
class Peer
{
  public:
    /** One text message. A peer that does not take what is queued for it is
     *  closed by the connection. */
    virtual void send(std::string message) noexcept = 0;

    /** The same for one of many that others get, too: only queued, and written
     *  together with those that follow. */
    virtual void send(SharedMessage message) noexcept = 0;

    /** Of what waits to be written. */
    virtual std::size_t queued_bytes() const noexcept = 0;

    /** Closes once what is queued was sent, or could not be. */
    virtual void close(CloseCode code, std::string_view reason) noexcept = 0;

    /** While true, nothing more is read from it. */
    virtual void hold(bool on) noexcept = 0;

    /** Its address as text, as nginx told it; "" if unknown. */
    virtual std::string_view address() const noexcept = 0;

    /** The token of the request by which it came: of "Authorization: Bearer"
     *  or of the query's "token"; "" if there was none. */
    virtual std::string_view token() const noexcept = 0;

  protected:
    ~Peer() = default;
};

class Session
{
  public:
    virtual ~Session() = default;

    /** One whole message, text or binary; at most the configured length. */
    virtual void on_message(std::string message) noexcept = 0;

    /** The process ends: takes no new work, answers what is under way, then
     *  asks its peer to close with 1001. */
    virtual void drain() noexcept = 0;

    /** Whether the other end has said who it is and was let in: connections
     *  that have not are closed after a while. */
    virtual bool registered() const noexcept = 0;

    virtual SessionTraits traits() const noexcept { return {}; }

    /** All that was queued is written. */
    virtual void on_written() noexcept {}
};

/** What a session still has to do when its connection is gone. It ends by
 *  itself, soon; the process waits for that while it drains, and then ends
 *  it. */
class Leftover
{
  public:
    virtual ~Leftover() = default;
};

/** What the operator set for all sessions. Times in milliseconds. */
struct SessionOptions {
    Enrolment policy = Enrolment::approve;
    std::string zone; // of devices without their own; "": the database's
    std::uint64_t timeout_ms = 5000;            // longest wait for the database
    std::uint64_t command_timeout_ms = 20000;   // one answer of a terminal
    std::string cloud_id;                       // of XML terminals; "": any
    std::size_t xml_message_bytes = 512 * 1024; // after Login
};

struct SessionContext {
    db::EventLoop &loop;
    Log &log;
    db::Store &store;
    SessionRegistry &registry;
    Feed &feed;
    xml::Decoder &xml_decoder;
    const SessionOptions &options;
    RateLimit &warnings;
    std::list<std::unique_ptr<Leftover>> leftovers{};
};

/** The session for a connection whose first message is this one; it is not
 *  taken yet. The message tells the dialect (biometric-xml.md 5, cloud-json.md
 *  6); JSON that is of none is answered as the dialect `type` answers it. Null
 *  for white space, or a mark alone: the next message decides. Null, too, for
 *  what begins neither as XML nor as JSON: the peer is closed then. */
std::unique_ptr<Session> make_session(std::string_view first_message,
                                      Peer &peer, SessionContext &context);

} // namespace wac
