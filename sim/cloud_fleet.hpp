// All terminals of `wac-sim cloud` on one epoll loop: opens their links and
// carries their frames, over WebSocket or HTTP, wakes them in time, lets
// people punch at the wanted rate, and knows when all is over.
//
//   running   devices talk; punches are made
//   closing   the duration has passed, or all punches are acknowledged:
//             devices send what waits, links are closed, then all is over
//   stopping  a signal came: links are closed, for 2 s at most
#pragma once

#include "cloud_device.hpp"
#include "descriptor.hpp"
#include "http_exchange.hpp"

#include <deque>
#include <memory>
#include <queue>

namespace wac::sim
{

class CloudFleet
{
  public:
    /** `endpoint` is what options.url was resolved to. */
    CloudFleet(const CloudOptions &options, const Endpoint &endpoint);

    /** To the end. Returns whether it came to that by itself, or by the
     *  signal that a run without a limit ends with. */
    Result<bool> run();

    const CloudStatistics &statistics() const { return statistics_; }
    double seconds() const;

  private:
    enum class State { running, closing, stopping };

    struct Member {
        explicit Member(CloudDevice made) : device(std::move(made)) {}

        bool has_line() const { return socket || exchange; }

        CloudDevice device;
        std::unique_ptr<WebsocketClient> socket;
        std::unique_ptr<HttpExchange> exchange;
        bool linked = false;              // the device knows of its socket
        std::uint32_t watched = 0;        // events that epoll knows
        Moment scheduled = Moment::max(); // the earliest entry in wakes_
        bool finished = false;
    };

    using Wake = std::pair<Moment, std::size_t>;

    void prepare();
    Result<void> watch_signals();
    int wait_ms() const;
    Moment next_punch_at() const;
    void take_events(int timeout_ms);
    void on_signal();
    void wake_members();
    void make_punches();
    void close_if_due();
    bool all_acknowledged() const;
    void fall_silent();
    void show_status();
    bool over() const;

    void advance(std::size_t index, std::uint32_t events);
    void tend(std::size_t index);
    void tend_socket(Member &member);
    void send_frames(Member &member);
    void lose_socket(Member &member);
    void advance_exchange(Member &member, std::uint32_t events);
    bool begin_exchange(Member &member);
    void watch(std::size_t index);
    void schedule(std::size_t index);
    void say(const Member &member, char direction, std::string_view text) const;

    const CloudOptions &options_;
    const Endpoint &endpoint_;
    HostClock clock_;
    CloudStatistics statistics_;
    Descriptor epoll_;
    Descriptor signals_;
    State state_ = State::running;
    std::deque<Member> members_;
    std::priority_queue<Wake, std::vector<Wake>, std::greater<>> wakes_;
    Dice seeds_; // of the sockets
    Moment now_;
    Moment stop_by_ = Moment::max();
    Moment status_at_;
    std::uint64_t punches_asked_ = 0;
    std::size_t lines_open_ = 0;
    std::size_t finished_ = 0;
    bool silent_ = false;
    bool status_wanted_;
};

} // namespace wac::sim
