// One HTTP request on a TCP connection of its own, without ever blocking:
// connect, send, read to the end of the connection. It knows nothing of what
// it carries. Whoever owns it watches fd() for events(), and calls advance()
// when these come or wake_at() has passed.
//
//   connecting  from the start, until the kernel says how it ended
//   sending     until all bytes, or those before the intended cut, are out
//   receiving   until the peer closes
//   over        answered, or not: end() tells
#pragma once

#include "endpoint.hpp"
#include "host_clock.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace wac::sim
{

/** How the request is sent; by default at once and whole. */
struct SendPlan {
    std::optional<std::size_t> cut_at; // closes after so many bytes
    bool slow = false;                 // ten pieces, with a pause between
};

class HttpExchange
{
  public:
    enum class End {
        answered,       // whatever was read up to the peer's close
        connect_failed, // no connection
        broken,         // the connection was lost
        timed_out,      // the deadline passed
        cut,            // closed by plan
    };

    static constexpr std::chrono::seconds kDeadline{20};

    /** Starts to connect; it may be over at once. */
    HttpExchange(const Endpoint &to, std::string request, SendPlan plan,
                 Moment now);
    ~HttpExchange();
    HttpExchange(const HttpExchange &) = delete;
    HttpExchange &operator=(const HttpExchange &) = delete;

    /** -1 once it is over. */
    int fd() const noexcept { return fd_; }

    /** What epoll should report. */
    std::uint32_t events() const noexcept;

    /** When advance() must be called even without events. */
    Moment wake_at() const noexcept;

    /** Goes as far as it can. Returns whether it is over. */
    bool advance(std::uint32_t events, Moment now);

    End end() const noexcept { return end_; }
    const std::string &reply() const noexcept { return reply_; }
    /** Why it failed, for people. */
    const std::string &reason() const noexcept { return reason_; }
    Moment started_at() const noexcept { return started_at_; }

  private:
    enum class State { connecting, sending, receiving, over };

    void finish(End end, std::string reason);
    void finish_by_errno(End end, const char *what, int number);
    void see_connection();
    void send_some(Moment now);
    void receive_some();

    State state_ = State::connecting;
    int fd_ = -1;
    std::string request_;
    std::size_t sent_ = 0;
    SendPlan plan_;
    Moment started_at_;
    Moment next_piece_at_;
    std::string reply_;
    End end_ = End::broken;
    std::string reason_;
};

} // namespace wac::sim
