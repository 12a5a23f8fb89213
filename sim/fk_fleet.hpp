// All terminals of `wac-sim fk` on one epoll loop: starts what a device wants
// to send, hands it what came back, wakes it in time, lets people punch at
// the wanted rate, and knows when all is over.
//
//   running   devices poll; punches are made
//   closing   the duration has passed: devices drain, then all is over
//   stopping  a signal came: exchanges under way may end, for 2 s at most
#pragma once

#include "descriptor.hpp"
#include "fk_device.hpp"

#include <array>
#include <deque>
#include <memory>
#include <queue>

namespace wac::sim
{

class FkFleet
{
  public:
    /** `endpoint` is what options.url was resolved to. */
    FkFleet(const FkOptions &options, const Endpoint &endpoint);

    /** To the end. Returns whether it came to that by itself, or by the
     *  signal that a run without a limit ends with. */
    Result<bool> run();

    const FkStatistics &statistics() const { return statistics_; }
    double seconds() const;

  private:
    enum class State { running, closing, stopping };

    /** A connection of a device; the second is for polls sent twice. */
    struct Line {
        std::unique_ptr<HttpExchange> exchange;
        FkKind kind = FkKind::poll;
        std::string label;
        std::uint32_t watched = 0; // events that epoll knows
    };

    struct Member {
        explicit Member(FkDevice made) : device(std::move(made)) {}

        FkDevice device;
        std::array<Line, 2> lines;
        Moment scheduled = Moment::max(); // the earliest entry in wakes_
        bool finished = false;
    };

    using Wake = std::pair<Moment, std::size_t>;

    void prepare(const Endpoint &endpoint);
    Result<void> watch_signals();
    int wait_ms() const;
    Moment next_punch_at() const;
    void take_events(int timeout_ms);
    void on_signal();
    void on_events(std::uint64_t tag, std::uint32_t events);
    void wake_members();
    void make_punches();
    void close_if_due();
    void show_status();
    bool over() const;

    void tend(std::size_t index);
    void begin(std::size_t index, const FkSending &sending);
    void advance(std::size_t index, std::size_t line, std::uint32_t events);
    void open_line(std::size_t index, std::size_t line,
                   const FkSending &sending);
    void watch(std::size_t index, std::size_t line);
    void conclude(std::size_t index, std::size_t line);
    Result<fk::Reply> outcome_of(const Line &line);
    void say(const Line &line, const std::string &outcome) const;
    void schedule(std::size_t index);

    const FkOptions &options_;
    HostClock clock_;
    FkStatistics statistics_;
    Descriptor epoll_;
    Descriptor signals_;
    State state_ = State::running;
    std::deque<Member> members_;
    std::priority_queue<Wake, std::vector<Wake>, std::greater<>> wakes_;
    Moment now_;
    Moment stop_by_ = Moment::max();
    Moment status_at_;
    std::uint64_t punches_asked_ = 0;
    std::size_t lines_open_ = 0;
    std::size_t finished_ = 0;
    bool status_wanted_;
};

} // namespace wac::sim
