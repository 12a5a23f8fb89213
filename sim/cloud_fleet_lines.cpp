// One terminal's connection: what the fleet does with WebSockets and HTTP
// exchanges.
#include "cloud_fleet.hpp"

#include "cloud_http.hpp"
#include "printable.hpp"

#include <algorithm>
#include <cstdio>
#include <sys/epoll.h>

namespace wac::sim
{

namespace
{

/** A server that does not read gets no more than that beyond what the
 *  kernel holds. */
constexpr std::size_t kMostWaiting = 1U << 20;

} // namespace

void CloudFleet::advance(std::size_t index, std::uint32_t events)
{
    Member &member = members_[index];
    if (silent_) {
        return;
    }
    if (member.exchange) {
        advance_exchange(member, events);
    }
    if (!member.socket) {
        return;
    }
    member.socket->advance(events, now_);
    if (member.socket->is_open() && !member.linked) {
        member.linked = true;
        member.device.linked(now_);
    }
    statistics_.pings += member.socket->take_pings();
    while (member.linked) {
        const auto message = member.socket->take();
        if (!message) {
            break;
        }
        say(member, '<', *message);
        member.device.received(*message, now_);
    }
}

void CloudFleet::tend(std::size_t index)
{
    Member &member = members_[index];
    if (silent_) {
        return;
    }
    if (options_.http) {
        while (!member.exchange && state_ != State::stopping &&
               begin_exchange(member)) {
            advance_exchange(member, 0);
        }
    } else {
        tend_socket(member);
    }
    if (!member.finished && member.device.finished(now_)) {
        member.finished = true;
        ++finished_;
    }
    watch(index);
    schedule(index);
}

// ---- WebSocket -------------------------------------------------------------

void CloudFleet::tend_socket(Member &member)
{
    const bool stopping = state_ == State::stopping;
    if (!member.socket && !stopping && member.device.wants_link(now_)) {
        member.socket = std::make_unique<WebsocketClient>(
            endpoint_, options_.manner, seeds_.number(), now_);
        member.linked = false;
        member.watched = 0;
        ++lines_open_;
        member.socket->advance(0, now_);
    }
    if (!member.socket) {
        return;
    }
    if (stopping || member.device.finished(now_)) {
        member.socket->close(now_);
    } else if (member.socket->is_open()) {
        send_frames(member);
    }
    if (member.socket->is_over()) {
        lose_socket(member);
    }
}

void CloudFleet::send_frames(Member &member)
{
    WebsocketClient &socket = *member.socket;
    while (socket.is_open() && socket.waiting() < kMostWaiting) {
        const auto sending = member.device.next(now_);
        if (!sending) {
            break;
        }
        say(member, '>', sending->text);
        if (sending->half) {
            socket.send_half(sending->text);
        } else {
            socket.send(sending->text);
        }
    }
    if (member.device.wants_drop()) {
        socket.drop();
    } else if (socket.is_open() && member.device.finished(now_)) {
        socket.close(now_);
    }
}

void CloudFleet::lose_socket(Member &member)
{
    const auto end = member.socket->end();
    const bool expected =
        end == WebsocketClient::End::cut || state_ == State::stopping ||
        (end == WebsocketClient::End::closed && member.device.finished(now_));
    say(member, '!', member.socket->reason());
    statistics_.connect_failures += end == WebsocketClient::End::connect_failed;
    statistics_.errors += end == WebsocketClient::End::refused;
    member.socket.reset();
    member.watched = 0;
    --lines_open_;
    member.device.link_lost(member.linked && !expected, now_);
    member.linked = false;
}

// ---- HTTP ------------------------------------------------------------------

bool CloudFleet::begin_exchange(Member &member)
{
    const auto sending = member.device.next(now_);
    if (!sending) {
        return false;
    }
    say(member, '>', sending->text);
    const std::string request =
        cloud_request(endpoint_, sending->text, options_.manner.headers);
    SendPlan plan;
    if (sending->half) {
        plan.cut_at = request.size() - sending->text.size() / 2;
    }
    member.exchange =
        std::make_unique<HttpExchange>(endpoint_, request, plan, now_);
    member.watched = 0;
    ++lines_open_;
    return true;
}

void CloudFleet::advance_exchange(Member &member, std::uint32_t events)
{
    if (!member.exchange->advance(events, now_)) {
        return;
    }
    const auto done = std::move(member.exchange);
    member.watched = 0;
    --lines_open_;
    const auto body = done->end() == HttpExchange::End::answered
                          ? cloud_reply_body(done->reply())
                          : failure(ErrorCode::malformed, done->reason());
    if (body) {
        say(member, '<', *body);
        member.device.received(*body, now_);
        return;
    }
    say(member, '!', body.error().text);
    const bool unconnected = done->end() == HttpExchange::End::connect_failed;
    statistics_.connect_failures += unconnected;
    statistics_.errors += !unconnected && done->end() != HttpExchange::End::cut;
    member.device.failed(now_);
}

// ---- both ------------------------------------------------------------------

void CloudFleet::watch(std::size_t index)
{
    Member &member = members_[index];
    if (!member.has_line()) {
        return;
    }
    const std::uint32_t wanted =
        member.socket ? member.socket->events() : member.exchange->events();
    if (wanted == member.watched) {
        return;
    }
    epoll_event event{};
    event.events = wanted;
    event.data.u64 = index;
    // fails only if the kernel has no memory; the deadline ends it then
    epoll_ctl(epoll_.get(), member.watched == 0 ? EPOLL_CTL_ADD : EPOLL_CTL_MOD,
              member.socket ? member.socket->fd() : member.exchange->fd(),
              &event);
    member.watched = wanted;
}

/** A device that cannot send now is woken by its connection. */
void CloudFleet::schedule(std::size_t index)
{
    Member &member = members_[index];
    const bool blocked =
        member.exchange ||
        (member.socket && (!member.socket->is_open() ||
                           member.socket->waiting() >= kMostWaiting));
    Moment at = Moment::max();
    if (!member.finished && !blocked && state_ != State::stopping) {
        at = member.device.wake_at();
    }
    if (member.socket) {
        at = std::min(at, member.socket->wake_at());
    }
    if (member.exchange) {
        at = std::min(at, member.exchange->wake_at());
    }
    if (at < member.scheduled) {
        member.scheduled = at;
        wakes_.emplace(at, index);
    }
}

void CloudFleet::say(const Member &member, char direction,
                     std::string_view text) const
{
    constexpr std::size_t kMost = 200;
    if (!options_.verbose) {
        return;
    }
    std::fprintf(stderr, "%s %c %s%s\n", member.device.terminal().sn.c_str(),
                 direction, printable(text.substr(0, kMost)).c_str(),
                 text.size() > kMost ? "..." : "");
}

} // namespace wac::sim
