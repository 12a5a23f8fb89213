#include "fleet_loop.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

namespace wac::sim
{

namespace
{

constexpr std::uint64_t kSignalTag = ~std::uint64_t{0};
constexpr std::chrono::seconds kStopLimit{2};
constexpr std::chrono::seconds kStatusEvery{1};

Moment current_moment()
{
    return std::chrono::steady_clock::now();
}

} // namespace

FleetLoop::FleetLoop(const FleetOptions &options, bool limited)
    : options_(options),
      limited_(limited), clock_{current_moment(), host_wall_s()},
      epoll_(epoll_create1(EPOLL_CLOEXEC)), signals_(end_signals()),
      now_(clock_.start), status_at_(now_ + kStatusEvery),
      status_wanted_(!options.json && isatty(STDOUT_FILENO) == 1)
{
}

double FleetLoop::seconds() const
{
    return std::chrono::duration<double>(now_ - clock_.start).count();
}

// ---- the loop --------------------------------------------------------------

Result<void> FleetLoop::watch_signals()
{
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u64 = kSignalTag;
    if (epoll_.get() < 0 || signals_.get() < 0 ||
        epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, signals_.get(), &event) != 0) {
        return failure(ErrorCode::refused,
                       std::string("epoll: ") + std::strerror(errno));
    }
    return {};
}

Result<bool> FleetLoop::run()
{
    const auto watched = watch_signals();
    if (!watched) {
        return tl::make_unexpected(watched.error());
    }
    while (!over()) {
        take_events(wait_ms());
        now_ = current_moment();
        see_silence();
        close_if_due();
        make_punches();
        wake_members();
        show_status();
    }
    return state_ != State::stopping || !limited_;
}

bool FleetLoop::over() const
{
    if (silent_ && state_ != State::running) {
        return true;
    }
    if (state_ == State::stopping) {
        return lines_open_ == 0 || now_ >= stop_by_;
    }
    return finished_ == turns_.size() && lines_open_ == 0;
}

int FleetLoop::wait_ms() const
{
    Moment at = stop_by_;
    if (!wakes_.empty()) {
        at = std::min(at, wakes_.top().first);
    }
    if (state_ == State::running) {
        at = std::min(at, next_punch_at());
        if (options_.duration) {
            at = std::min(at, clock_.start + *options_.duration);
        }
    }
    if (!silent_) {
        at = std::min(at, silent_at_);
    }
    if (status_wanted_) {
        at = std::min(at, status_at_);
    }
    constexpr milliseconds kLongest{10000};
    const Moment now = current_moment();
    if (at <= now) {
        return 0;
    }
    const auto wait = at - now > kLongest
                          ? kLongest
                          : std::chrono::ceil<milliseconds>(at - now);
    return static_cast<int>(wait.count());
}

void FleetLoop::take_events(int timeout_ms)
{
    std::array<epoll_event, 256> events; // NOLINT: filled by epoll_wait
    const int count = epoll_wait(epoll_.get(), events.data(),
                                 static_cast<int>(events.size()), timeout_ms);
    now_ = current_moment();
    for (int i = 0; i < count; ++i) {
        const epoll_event &event = events[static_cast<std::size_t>(i)];
        if (event.data.u64 == kSignalTag) {
            on_signal();
        } else {
            on_events(event.data.u64, event.events);
        }
    }
}

void FleetLoop::on_signal()
{
    signalfd_siginfo info{};
    if (read(signals_.get(), &info, sizeof info) < 0) {
        return;
    }
    const bool again = state_ == State::stopping;
    state_ = State::stopping;
    stop_by_ = again ? now_ : now_ + kStopLimit;
    for (std::size_t i = 0; i < turns_.size(); ++i) {
        tend(i);
    }
}

void FleetLoop::wake_members()
{
    while (!silent_ && !wakes_.empty() && wakes_.top().first <= now_) {
        const auto [at, index] = wakes_.top();
        wakes_.pop();
        if (at != turns_[index].scheduled) {
            continue; // an earlier entry took its place
        }
        turns_[index].scheduled = Moment::max();
        on_time(index);
    }
}

// ---- what happens to all ---------------------------------------------------

Moment FleetLoop::next_punch_at() const
{
    if (options_.rate <= 0 || silent_ || punches_asked_ >= punches_wanted()) {
        return Moment::max();
    }
    const std::chrono::duration<double> after(
        static_cast<double>(punches_asked_) / options_.rate);
    return clock_.start + std::chrono::duration_cast<Moment::duration>(after);
}

void FleetLoop::make_punches()
{
    while (state_ == State::running && next_punch_at() <= now_) {
        const std::size_t index = punches_asked_ % turns_.size();
        ++punches_asked_;
        if (make_punch(index)) {
            tend(index);
        }
    }
}

void FleetLoop::close_if_due()
{
    const bool late =
        options_.duration && now_ >= clock_.start + *options_.duration;
    if (state_ != State::running || !(late || all_done())) {
        return;
    }
    state_ = State::closing;
    for (std::size_t i = 0; i < turns_.size(); ++i) {
        close_member(i);
        tend(i);
    }
}

void FleetLoop::see_silence()
{
    if (!silent_ && now_ >= silent_at_) {
        silent_ = true;
        wakes_ = {};
        fall_silent();
    }
}

void FleetLoop::show_status()
{
    if (!status_wanted_ || now_ < status_at_) {
        return;
    }
    status_at_ = now_ + kStatusEvery;
    std::fputs(status().c_str(), stdout);
    std::fflush(stdout);
}

// ---- for the fleets --------------------------------------------------------

void FleetLoop::schedule(std::size_t index, Moment at)
{
    if (at < turns_[index].scheduled) {
        turns_[index].scheduled = at;
        wakes_.emplace(at, index);
    }
}

void FleetLoop::set_finished(std::size_t index)
{
    finished_ += !turns_[index].finished;
    turns_[index].finished = true;
}

void FleetLoop::watch(int fd, std::uint64_t tag, std::uint32_t wanted,
                      std::uint32_t &watched)
{
    if (wanted == watched) {
        return;
    }
    epoll_event event{};
    event.events = wanted;
    event.data.u64 = tag;
    // fails only if the kernel has no memory; the deadline ends it then
    epoll_ctl(epoll_.get(), watched == 0 ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, fd,
              &event);
    watched = wanted;
}

void FleetLoop::unwatch(int fd, std::uint32_t &watched)
{
    if (watched != 0) {
        epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd, nullptr);
        watched = 0;
    }
}

} // namespace wac::sim
