#include "fk_fleet.hpp"

#include "fk_reply.hpp"
#include "printable.hpp"
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

/** First calls are spread: real terminals do not start in one instant. */
constexpr std::chrono::microseconds kStartEvery{2000};

Moment current_moment()
{
    return std::chrono::steady_clock::now();
}

} // namespace

FkFleet::FkFleet(const FkOptions &options, const Endpoint &endpoint)
    : options_(options), clock_{current_moment(), host_wall_s()},
      epoll_(epoll_create1(EPOLL_CLOEXEC)), signals_(end_signals()),
      now_(clock_.start), status_at_(now_ + kStatusEvery),
      status_wanted_(!options.json && isatty(STDOUT_FILENO) == 1)
{
    prepare(endpoint);
}

void FkFleet::prepare(const Endpoint &endpoint)
{
    statistics_.devices = options_.devices;
    for (std::uint32_t number = 1; number <= options_.devices; ++number) {
        const auto wait = std::min<std::chrono::microseconds>(
            kStartEvery * (number - 1),
            options_.interval * (number - 1) / options_.devices);
        members_.emplace_back(
            FkDevice(options_, clock_, statistics_, endpoint,
                     serial_number(options_.sn, options_.devices, number),
                     number, clock_.start + wait));
        schedule(number - 1);
    }
}

double FkFleet::seconds() const
{
    return std::chrono::duration<double>(now_ - clock_.start).count();
}

// ---- the loop --------------------------------------------------------------

Result<void> FkFleet::watch_signals()
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

Result<bool> FkFleet::run()
{
    const auto watched = watch_signals();
    if (!watched) {
        return tl::make_unexpected(watched.error());
    }
    while (!over()) {
        take_events(wait_ms());
        now_ = current_moment();
        close_if_due();
        make_punches();
        wake_members();
        show_status();
    }
    const bool unlimited = !options_.duration && !options_.polls;
    return state_ != State::stopping || unlimited;
}

bool FkFleet::over() const
{
    if (state_ == State::stopping) {
        return lines_open_ == 0 || now_ >= stop_by_;
    }
    return finished_ == members_.size() && lines_open_ == 0;
}

int FkFleet::wait_ms() const
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

Moment FkFleet::next_punch_at() const
{
    if (options_.rate <= 0) {
        return Moment::max();
    }
    const std::chrono::duration<double> after(
        static_cast<double>(punches_asked_) / options_.rate);
    return clock_.start + std::chrono::duration_cast<Moment::duration>(after);
}

void FkFleet::take_events(int timeout_ms)
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

void FkFleet::on_signal()
{
    signalfd_siginfo info{};
    if (read(signals_.get(), &info, sizeof info) < 0) {
        return;
    }
    const bool again = state_ == State::stopping;
    state_ = State::stopping;
    stop_by_ = again ? now_ : now_ + kStopLimit;
}

void FkFleet::on_events(std::uint64_t tag, std::uint32_t events)
{
    const auto index = static_cast<std::size_t>(tag >> 1);
    advance(index, tag & 1, events);
    tend(index);
}

void FkFleet::wake_members()
{
    while (!wakes_.empty() && wakes_.top().first <= now_) {
        const auto [at, index] = wakes_.top();
        wakes_.pop();
        if (at != members_[index].scheduled) {
            continue; // an earlier entry took its place
        }
        members_[index].scheduled = Moment::max();
        advance(index, 0, 0);
        advance(index, 1, 0);
        tend(index);
    }
}

void FkFleet::make_punches()
{
    while (state_ == State::running && next_punch_at() <= now_) {
        const std::size_t index = punches_asked_ % members_.size();
        ++punches_asked_;
        FkDevice &device = members_[index].device;
        if (!device.closed() && device.make_punch(now_)) {
            tend(index);
        }
    }
}

void FkFleet::close_if_due()
{
    if (state_ != State::running || !options_.duration ||
        now_ < clock_.start + *options_.duration) {
        return;
    }
    state_ = State::closing;
    for (std::size_t i = 0; i < members_.size(); ++i) {
        members_[i].device.close(now_);
        tend(i);
    }
}

void FkFleet::show_status()
{
    if (!status_wanted_ || now_ < status_at_) {
        return;
    }
    status_at_ = now_ + kStatusEvery;
    std::fputs(status_line(statistics_, seconds()).c_str(), stdout);
    std::fflush(stdout);
}

// ---- one device ------------------------------------------------------------

void FkFleet::tend(std::size_t index)
{
    Member &member = members_[index];
    while (state_ != State::stopping && !member.lines[0].exchange) {
        auto sending = member.device.next(now_);
        if (!sending) {
            break;
        }
        begin(index, *sending);
    }
    if (!member.finished && member.device.finished(now_)) {
        member.finished = true;
        ++finished_;
    }
    schedule(index);
}

void FkFleet::begin(std::size_t index, const FkSending &sending)
{
    if (sending.twice && !members_[index].lines[1].exchange) {
        open_line(index, 1, sending);
        advance(index, 1, 0);
    }
    open_line(index, 0, sending);
    advance(index, 0, 0);
}

void FkFleet::open_line(std::size_t index, std::size_t line,
                        const FkSending &sending)
{
    Member &member = members_[index];
    Line &opened = member.lines[line];
    opened.exchange = std::make_unique<HttpExchange>(
        member.device.endpoint(), sending.bytes, sending.plan, now_);
    opened.kind = sending.kind;
    opened.label = sending.label;
    opened.watched = 0;
    ++lines_open_;
}

void FkFleet::advance(std::size_t index, std::size_t line, std::uint32_t events)
{
    HttpExchange *exchange = members_[index].lines[line].exchange.get();
    if (!exchange) {
        return;
    }
    if (exchange->advance(events, now_)) {
        conclude(index, line);
    } else {
        watch(index, line);
    }
}

void FkFleet::watch(std::size_t index, std::size_t line)
{
    Line &watched = members_[index].lines[line];
    const std::uint32_t wanted = watched.exchange->events();
    if (wanted == watched.watched) {
        return;
    }
    epoll_event event{};
    event.events = wanted;
    event.data.u64 = static_cast<std::uint64_t>(index) << 1 | line;
    // fails only if the kernel has no memory; the deadline ends it then
    epoll_ctl(epoll_.get(),
              watched.watched == 0 ? EPOLL_CTL_ADD : EPOLL_CTL_MOD,
              watched.exchange->fd(), &event);
    watched.watched = wanted;
}

void FkFleet::conclude(std::size_t index, std::size_t line)
{
    Member &member = members_[index];
    const Line done = std::move(member.lines[line]);
    member.lines[line] = {};
    --lines_open_;
    const auto reply = outcome_of(done);
    if (line == 1) { // the terminal has forgotten that it asked
        return;
    }
    if (reply) {
        member.device.answered(*reply, now_);
    } else {
        member.device.failed(now_);
    }
}

/** Counts, and tells people. */
Result<fk::Reply> FkFleet::outcome_of(const Line &line)
{
    const HttpExchange &exchange = *line.exchange;
    auto reply =
        exchange.end() == HttpExchange::End::answered
            ? read_reply(exchange.reply(), options_.dialect.task_id_header)
            : failure(ErrorCode::malformed, exchange.reason());
    if (!reply) {
        statistics_.connect_failures +=
            exchange.end() == HttpExchange::End::connect_failed;
        statistics_.errors +=
            exchange.end() != HttpExchange::End::connect_failed &&
            exchange.end() != HttpExchange::End::cut;
        say(line, reply.error().text);
        return reply;
    }
    const auto took = std::chrono::duration_cast<std::chrono::microseconds>(
        now_ - exchange.started_at());
    if (line.kind == FkKind::punch) {
        statistics_.punch_answers.add(took);
    } else if (line.kind == FkKind::poll) {
        statistics_.poll_answers.add(took);
    }
    say(line, std::string(reply->response_code) +
                  (reply->cmd_code.empty() ? "" : " " + reply->cmd_code) +
                  (reply->trans_id.empty() ? "" : " task " + reply->trans_id));
    return reply;
}

void FkFleet::say(const Line &line, const std::string &outcome) const
{
    if (!options_.verbose) {
        return;
    }
    const double took_ms = std::chrono::duration<double, std::milli>(
                               now_ - line.exchange->started_at())
                               .count();
    std::fprintf(stderr, "%s: %s, %.1f ms\n", line.label.c_str(),
                 printable(outcome).c_str(), took_ms);
}

void FkFleet::schedule(std::size_t index)
{
    Member &member = members_[index];
    Moment at = Moment::max();
    if (!member.finished && state_ != State::stopping) {
        at = member.device.wake_at();
    }
    for (const Line &line : member.lines) {
        if (line.exchange) {
            at = std::min(at, line.exchange->wake_at());
        }
    }
    if (at < member.scheduled) {
        member.scheduled = at;
        wakes_.emplace(at, index);
    }
}

} // namespace wac::sim
