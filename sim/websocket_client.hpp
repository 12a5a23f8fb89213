// A WebSocket to a server, without ever blocking: connect, handshake, then
// messages both ways. It knows nothing of what they say. Whoever owns it
// watches fd() for events(), and calls advance() when these come or wake_at()
// has passed.
//
//   connecting  from the start, until the kernel says how it ended
//   shaking     the upgrade is asked for
//   open        messages go
//   closing     a close frame went out: waits for the peer's end of it
//   over        end() tells why
#pragma once

#include "dice.hpp"
#include "host_clock.hpp"
#include "websocket_frames.hpp"

#include <deque>

namespace wac::sim
{

/** How a terminal uses its WebSocket. */
struct WebsocketManner {
    bool binary = false;      // JSON in binary frames
    bool pongs = true;        // answers pings
    std::size_t fragment = 0; // bytes of a frame; 0: a message is one
    std::vector<std::string> headers;
};

class WebsocketClient
{
  public:
    enum class End {
        connect_failed, // no connection
        refused,        // no upgrade
        broken,         // lost, or the server broke the protocol
        closed,         // by either side, as the protocol wants it
        cut,            // by drop() or send_half()
    };

    static constexpr std::chrono::seconds kHandshakeLimit{20};
    static constexpr std::chrono::seconds kCloseLimit{2};

    /** Starts to connect; it may be over at once. `manner` outlives it. */
    WebsocketClient(const Endpoint &to, const WebsocketManner &manner,
                    std::uint64_t seed, Moment now);
    ~WebsocketClient();
    WebsocketClient(const WebsocketClient &) = delete;
    WebsocketClient &operator=(const WebsocketClient &) = delete;

    /** -1 once it is over. */
    int fd() const noexcept { return fd_; }
    std::uint32_t events() const noexcept;
    Moment wake_at() const noexcept;

    /** Goes as far as it can. Returns whether it is over. */
    bool advance(std::uint32_t events, Moment now);

    bool is_open() const noexcept { return state_ == State::open; }
    bool is_over() const noexcept { return state_ == State::over; }

    /** Bytes that the kernel has not taken yet. */
    std::size_t waiting() const noexcept { return output_.size() - sent_; }

    /** Only while it is open. */
    void send(std::string_view message);
    /** Breaks off in the middle of this message. */
    void send_half(std::string_view message);
    /** The next message from the server. */
    std::optional<std::string> take();
    /** Pings since the last question. */
    std::uint64_t take_pings();

    /** Says good-bye. */
    void close(Moment now);
    /** Goes without a word. */
    void drop() { finish(End::cut, "dropped by the terminal"); }

    End end() const noexcept { return end_; }
    /** Why it ended, for people. */
    const std::string &reason() const noexcept { return reason_; }

  private:
    enum class State { connecting, shaking, open, closing, over };

    void finish(End end, std::string reason);
    void finish_by_errno(End end, const char *what, int number);
    void see_connection();
    void see_handshake();
    void receive_some();
    void send_some();
    void read_messages();
    void see_close(const std::string &payload);
    void put(WsOpcode opcode, std::string_view payload, bool final = true);

    const WebsocketManner &manner_;
    State state_ = State::connecting;
    int fd_ = -1;
    Dice dice_;
    std::string key_;
    std::string output_;
    std::size_t sent_ = 0; // of output_
    std::string head_;     // of the handshake's answer, until it is whole
    WsReader reader_;
    std::deque<std::string> messages_;
    std::uint64_t pings_ = 0;
    Moment deadline_;
    End end_ = End::broken;
    std::string reason_;
};

} // namespace wac::sim
