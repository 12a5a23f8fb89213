// One epoll loop for all terminals of a fleet: wakes them in time, lets people
// punch at the wanted rate, and knows when all is over. What their connections
// are is left to the fleets that are derived from it.
//
//   running   devices talk; punches are made
//   closing   the duration has passed, or all that was wanted is done:
//             devices send what waits, then all is over
//   stopping  a signal came: what is under way may end, for 2 s at most
#pragma once

#include "descriptor.hpp"
#include "fleet_options.hpp"

#include <queue>
#include <vector>

namespace wac::sim
{

class FleetLoop
{
  public:
    virtual ~FleetLoop() = default;
    FleetLoop(const FleetLoop &) = delete;
    FleetLoop &operator=(const FleetLoop &) = delete;

    /** To the end. Returns whether it came to that by itself, or by the
     *  signal that a run without a limit ends with. */
    Result<bool> run();

    double seconds() const;

  protected:
    /** `limited`: it would end by itself. */
    FleetLoop(const FleetOptions &options, bool limited);

    // what a fleet makes of it; members have numbers from 0
    virtual void on_events(std::uint64_t tag, std::uint32_t events) = 0;
    virtual void on_time(std::size_t index) = 0;
    /** Carries on with what it wants to send. */
    virtual void tend(std::size_t index) = 0;
    virtual bool make_punch(std::size_t index) = 0;
    virtual void close_member(std::size_t index) = 0;
    virtual std::string status() const = 0;
    virtual std::uint64_t punches_wanted() const { return ~std::uint64_t{0}; }
    /** All that was wanted is done. */
    virtual bool all_done() const { return false; }

    void add_member() { turns_.emplace_back(); }
    /** Calls on_time() at `at`, if nothing is to happen before. */
    void schedule(std::size_t index, Moment at);
    void set_finished(std::size_t index);
    bool is_finished(std::size_t index) const { return turns_[index].finished; }
    /** `watched` is what epoll knows of this descriptor: 0, nothing. */
    void watch(int fd, std::uint64_t tag, std::uint32_t wanted,
               std::uint32_t &watched);
    void unwatch(int fd, std::uint32_t &watched);

    /** Nobody moves from `after` the start on. */
    void fall_silent_after(milliseconds after) { silent_at_ = start() + after; }
    virtual void fall_silent() {}
    bool silent() const { return silent_; }

    bool stopping() const { return state_ == State::stopping; }
    const HostClock &clock() const { return clock_; }
    Moment start() const { return clock_.start; }
    Moment now() const { return now_; }
    std::uint64_t punches_asked() const { return punches_asked_; }
    void line_opened() { ++lines_open_; }
    void line_closed() { --lines_open_; }

  private:
    enum class State { running, closing, stopping };

    struct Turn {
        Moment scheduled = Moment::max(); // the earliest entry in wakes_
        bool finished = false;
    };

    using Wake = std::pair<Moment, std::size_t>;

    Result<void> watch_signals();
    bool over() const;
    int wait_ms() const;
    Moment next_punch_at() const;
    void take_events(int timeout_ms);
    void on_signal();
    void see_silence();
    void close_if_due();
    void make_punches();
    void wake_members();
    void show_status();

    const FleetOptions &options_;
    const bool limited_;
    HostClock clock_;
    Descriptor epoll_;
    Descriptor signals_;
    State state_ = State::running;
    std::vector<Turn> turns_;
    std::priority_queue<Wake, std::vector<Wake>, std::greater<>> wakes_;
    Moment now_;
    Moment stop_by_ = Moment::max();
    Moment silent_at_ = Moment::max();
    Moment status_at_;
    std::uint64_t punches_asked_ = 0;
    std::size_t lines_open_ = 0;
    std::size_t finished_ = 0;
    bool silent_ = false;
    bool status_wanted_;
};

} // namespace wac::sim
