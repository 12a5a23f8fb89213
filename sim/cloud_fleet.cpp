#include "cloud_fleet.hpp"

#include "serial_number.hpp"

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

CloudFleet::CloudFleet(const CloudOptions &options, const Endpoint &endpoint)
    : options_(options),
      endpoint_(endpoint), clock_{current_moment(), host_wall_s()},
      epoll_(epoll_create1(EPOLL_CLOEXEC)), signals_(end_signals()),
      seeds_(options.seed), now_(clock_.start), status_at_(now_ + kStatusEvery),
      status_wanted_(!options.json && isatty(STDOUT_FILENO) == 1)
{
    prepare();
}

/** First calls are spread: real terminals do not start in one instant. */
void CloudFleet::prepare()
{
    statistics_.devices = options_.devices;
    for (std::uint32_t number = 1; number <= options_.devices; ++number) {
        const auto wait =
            std::chrono::microseconds(1000000) * (number - 1) / options_.ramp;
        members_.emplace_back(
            CloudDevice(options_, clock_, statistics_,
                        serial_number(options_.sn, options_.devices, number),
                        number, clock_.start + wait));
        schedule(number - 1);
    }
}

double CloudFleet::seconds() const
{
    return std::chrono::duration<double>(now_ - clock_.start).count();
}

Result<void> CloudFleet::watch_signals()
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

Result<bool> CloudFleet::run()
{
    const auto watched = watch_signals();
    if (!watched) {
        return tl::make_unexpected(watched.error());
    }
    while (!over()) {
        take_events(wait_ms());
        now_ = current_moment();
        fall_silent();
        close_if_due();
        make_punches();
        wake_members();
        show_status();
    }
    const bool unlimited = !options_.duration && !options_.punches;
    return state_ != State::stopping || unlimited;
}

bool CloudFleet::over() const
{
    if (silent_ && state_ != State::running) {
        return true;
    }
    if (state_ == State::stopping) {
        return lines_open_ == 0 || now_ >= stop_by_;
    }
    return finished_ == members_.size() && lines_open_ == 0;
}

int CloudFleet::wait_ms() const
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
    if (options_.silent_after && !silent_) {
        at = std::min(at, clock_.start + *options_.silent_after);
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

void CloudFleet::take_events(int timeout_ms)
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
            const auto index = static_cast<std::size_t>(event.data.u64);
            advance(index, event.events);
            tend(index);
        }
    }
}

void CloudFleet::on_signal()
{
    signalfd_siginfo info{};
    if (read(signals_.get(), &info, sizeof info) < 0) {
        return;
    }
    const bool again = state_ == State::stopping;
    state_ = State::stopping;
    stop_by_ = again ? now_ : now_ + kStopLimit;
    for (std::size_t i = 0; i < members_.size(); ++i) {
        tend(i);
    }
}

void CloudFleet::wake_members()
{
    while (!silent_ && !wakes_.empty() && wakes_.top().first <= now_) {
        const auto [at, index] = wakes_.top();
        wakes_.pop();
        if (at != members_[index].scheduled) {
            continue; // an earlier entry took its place
        }
        members_[index].scheduled = Moment::max();
        advance(index, 0);
        tend(index);
    }
}

// ---- what happens to all ---------------------------------------------------

Moment CloudFleet::next_punch_at() const
{
    if (options_.rate <= 0 || silent_ ||
        punches_asked_ >= options_.punches.value_or(~std::uint64_t{0})) {
        return Moment::max();
    }
    const std::chrono::duration<double> after(
        static_cast<double>(punches_asked_) / options_.rate);
    return clock_.start + std::chrono::duration_cast<Moment::duration>(after);
}

void CloudFleet::make_punches()
{
    while (state_ == State::running && next_punch_at() <= now_) {
        const std::size_t index = punches_asked_ % members_.size();
        ++punches_asked_;
        if (members_[index].device.make_punch(now_)) {
            tend(index);
        }
    }
}

bool CloudFleet::all_acknowledged() const
{
    return options_.punches && punches_asked_ >= *options_.punches &&
           statistics_.punches_waiting() == 0 &&
           statistics_.enrolments_waiting == 0 &&
           statistics_.registered == members_.size();
}

void CloudFleet::close_if_due()
{
    const bool late =
        options_.duration && now_ >= clock_.start + *options_.duration;
    if (state_ != State::running || !(late || all_acknowledged())) {
        return;
    }
    state_ = State::closing;
    for (std::size_t i = 0; i < members_.size(); ++i) {
        members_[i].device.close(now_);
        tend(i);
    }
}

/** Links stay open, and nobody is at their end. */
void CloudFleet::fall_silent()
{
    if (silent_ || !options_.silent_after ||
        now_ < clock_.start + *options_.silent_after) {
        return;
    }
    silent_ = true;
    wakes_ = {};
    for (Member &member : members_) {
        if (member.watched != 0) {
            const int fd =
                member.socket ? member.socket->fd() : member.exchange->fd();
            epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd, nullptr);
            member.watched = 0;
        }
    }
}

void CloudFleet::show_status()
{
    if (!status_wanted_ || now_ < status_at_) {
        return;
    }
    status_at_ = now_ + kStatusEvery;
    std::fputs(status_line(statistics_, seconds()).c_str(), stdout);
    std::fflush(stdout);
}

} // namespace wac::sim
