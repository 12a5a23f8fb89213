#include "live_fleet.hpp"

#include "cloud_http.hpp"
#include "printable.hpp"
#include "serial_number.hpp"

#include <algorithm>
#include <cstdio>

namespace wac::sim
{

namespace
{

/** A server that does not read gets no more than that beyond what the
 *  kernel holds. */
constexpr std::size_t kMostWaiting = 1U << 20;

} // namespace

/** First calls are spread: real terminals do not start in one instant. */
LiveFleet::LiveFleet(const LiveOptions &options, const Endpoint &endpoint,
                     LiveStatistics &statistics, const LiveDialect &dialect)
    : FleetLoop(options, options.duration || options.punches),
      options_(options), endpoint_(endpoint), statistics_(statistics),
      dialect_(dialect), seeds_(options.seed)
{
    statistics_.devices = options_.devices;
    for (std::uint32_t number = 1; number <= options_.devices; ++number) {
        const auto wait =
            std::chrono::microseconds(1000000) * (number - 1) / options_.ramp;
        members_.emplace_back().device = dialect.make(
            clock(), serial_number(options_.sn, options_.devices, number),
            number, start() + wait);
        add_member();
        schedule(number - 1, members_.back().device->wake_at());
    }
    if (options_.silent_after) {
        fall_silent_after(*options_.silent_after);
    }
}

// ---- of all ----------------------------------------------------------------

bool LiveFleet::make_punch(std::size_t index)
{
    return members_[index].device->make_punch(now());
}

void LiveFleet::close_member(std::size_t index)
{
    members_[index].device->close(now());
}

std::string LiveFleet::status() const
{
    return dialect_.punches
               ? status_line(statistics_, dialect_.punches, seconds())
               : "";
}

std::uint64_t LiveFleet::punches_wanted() const
{
    return options_.punches.value_or(~std::uint64_t{0});
}

bool LiveFleet::all_done() const
{
    return options_.punches && punches_asked() >= *options_.punches &&
           statistics_.punches_waiting() == 0 &&
           statistics_.registered == members_.size() &&
           std::none_of(
               members_.begin(), members_.end(),
               [](const Member &each) { return each.device->has_work(); });
}

/** Links stay open, and nobody is at their end. */
void LiveFleet::fall_silent()
{
    for (Member &member : members_) {
        if (member.has_line()) {
            unwatch(member.socket ? member.socket->fd() : member.exchange->fd(),
                    member.watched);
        }
    }
}

// ---- one terminal ----------------------------------------------------------

void LiveFleet::on_events(std::uint64_t tag, std::uint32_t events)
{
    const auto index = static_cast<std::size_t>(tag);
    advance(members_[index], events);
    tend(index);
}

void LiveFleet::on_time(std::size_t index)
{
    on_events(index, 0);
}

void LiveFleet::advance(Member &member, std::uint32_t events)
{
    if (silent()) {
        return;
    }
    if (member.exchange) {
        advance_exchange(member, events);
    }
    if (!member.socket) {
        return;
    }
    member.socket->advance(events, now());
    if (member.socket->is_open() && !member.linked) {
        member.linked = true;
        member.device->linked(now());
    }
    statistics_.pings += member.socket->take_pings();
    while (member.linked) {
        const auto message = member.socket->take();
        if (!message) {
            break;
        }
        say(member, '<', *message);
        member.device->received(*message, now());
    }
}

void LiveFleet::tend(std::size_t index)
{
    Member &member = members_[index];
    if (silent()) {
        return;
    }
    if (options_.http) {
        while (!member.exchange && !stopping() && begin_exchange(member)) {
            advance_exchange(member, 0);
        }
    } else {
        tend_socket(member);
    }
    if (member.device->finished(now())) {
        set_finished(index);
    }
    if (member.has_line()) {
        watch(
            member.socket ? member.socket->fd() : member.exchange->fd(), index,
            member.socket ? member.socket->events() : member.exchange->events(),
            member.watched);
    }
    schedule(index, wake_at(index));
}

/** A device that cannot send now is woken by its connection. */
Moment LiveFleet::wake_at(std::size_t index) const
{
    const Member &member = members_[index];
    const bool blocked =
        member.exchange ||
        (member.socket && (!member.socket->is_open() ||
                           member.socket->waiting() >= kMostWaiting));
    Moment at = Moment::max();
    if (!is_finished(index) && !blocked && !stopping()) {
        at = member.device->wake_at();
    }
    if (member.socket) {
        at = std::min(at, member.socket->wake_at());
    }
    if (member.exchange) {
        at = std::min(at, member.exchange->wake_at());
    }
    return at;
}

// ---- WebSocket -------------------------------------------------------------

void LiveFleet::tend_socket(Member &member)
{
    if (!member.socket && !stopping() && member.device->wants_link(now())) {
        member.socket = std::make_unique<WebsocketClient>(
            endpoint_, options_.manner, seeds_.number(), now());
        member.linked = false;
        member.watched = 0;
        line_opened();
        member.socket->advance(0, now());
    }
    if (!member.socket) {
        return;
    }
    if (stopping() || member.device->finished(now())) {
        member.socket->close(now());
    } else if (member.socket->is_open()) {
        send_frames(member);
    }
    if (member.socket->is_over()) {
        lose_socket(member);
    }
}

void LiveFleet::send_frames(Member &member)
{
    WebsocketClient &socket = *member.socket;
    while (socket.is_open() && socket.waiting() < kMostWaiting) {
        const auto sending = member.device->next(now());
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
    if (member.device->wants_drop()) {
        socket.drop();
    } else if (socket.is_open() && member.device->finished(now())) {
        socket.close(now());
    }
}

void LiveFleet::lose_socket(Member &member)
{
    const auto end = member.socket->end();
    const bool expected =
        end == WebsocketClient::End::cut || stopping() ||
        (end == WebsocketClient::End::closed && member.device->finished(now()));
    say(member, '!', member.socket->reason());
    statistics_.connect_failures += end == WebsocketClient::End::connect_failed;
    statistics_.errors += end == WebsocketClient::End::refused;
    member.socket.reset();
    member.watched = 0;
    line_closed();
    member.device->link_lost(member.linked && !expected, now());
    member.linked = false;
}

// ---- HTTP ------------------------------------------------------------------

bool LiveFleet::begin_exchange(Member &member)
{
    const auto sending = member.device->next(now());
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
        std::make_unique<HttpExchange>(endpoint_, request, plan, now());
    member.watched = 0;
    line_opened();
    return true;
}

void LiveFleet::advance_exchange(Member &member, std::uint32_t events)
{
    if (!member.exchange->advance(events, now())) {
        return;
    }
    const auto done = std::move(member.exchange);
    member.watched = 0;
    line_closed();
    const auto body = done->end() == HttpExchange::End::answered
                          ? cloud_reply_body(done->reply())
                          : failure(ErrorCode::malformed, done->reason());
    if (body) {
        say(member, '<', *body);
        member.device->received(*body, now());
        return;
    }
    say(member, '!', body.error().text);
    const bool unconnected = done->end() == HttpExchange::End::connect_failed;
    statistics_.connect_failures += unconnected;
    statistics_.errors += !unconnected && done->end() != HttpExchange::End::cut;
    member.device->failed(now());
}

void LiveFleet::say(const Member &member, char direction,
                    std::string_view text) const
{
    constexpr std::size_t kMost = 200;
    if (!options_.verbose) {
        return;
    }
    std::fprintf(stderr, "%s %c %s%s\n", member.device->sn().c_str(), direction,
                 printable(text.substr(0, kMost)).c_str(),
                 text.size() > kMost ? "..." : "");
}

} // namespace wac::sim
