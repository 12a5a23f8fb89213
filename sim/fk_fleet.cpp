#include "fk_fleet.hpp"

#include "fk_reply.hpp"
#include "printable.hpp"
#include "serial_number.hpp"

#include <algorithm>
#include <cstdio>

namespace wac::sim
{

namespace
{

/** First calls are spread: real terminals do not start in one instant. */
constexpr std::chrono::microseconds kStartEvery{2000};

} // namespace

FkFleet::FkFleet(const FkOptions &options, const Endpoint &endpoint,
                 FkStatistics &statistics)
    : FleetLoop(options, options.duration || options.polls), options_(options),
      statistics_(statistics)
{
    statistics_.devices = options_.devices;
    for (std::uint32_t number = 1; number <= options_.devices; ++number) {
        const auto wait = std::min<std::chrono::microseconds>(
            kStartEvery * (number - 1),
            options_.interval * (number - 1) / options_.devices);
        members_.emplace_back(
            FkDevice(options_, clock(), statistics_, endpoint,
                     serial_number(options_.sn, options_.devices, number),
                     number, start() + wait));
        add_member();
        schedule(number - 1, wake_at(number - 1));
    }
}

// ---- of all ----------------------------------------------------------------

void FkFleet::on_events(std::uint64_t tag, std::uint32_t events)
{
    const auto index = static_cast<std::size_t>(tag >> 1);
    advance(index, tag & 1, events);
    tend(index);
}

void FkFleet::on_time(std::size_t index)
{
    advance(index, 0, 0);
    advance(index, 1, 0);
    tend(index);
}

bool FkFleet::make_punch(std::size_t index)
{
    FkDevice &device = members_[index].device;
    return !device.closed() && device.make_punch(now());
}

void FkFleet::close_member(std::size_t index)
{
    members_[index].device.close(now());
}

std::string FkFleet::status() const
{
    return status_line(statistics_, seconds());
}

// ---- one device ------------------------------------------------------------

void FkFleet::tend(std::size_t index)
{
    Member &member = members_[index];
    while (!stopping() && !member.lines[0].exchange) {
        auto sending = member.device.next(now());
        if (!sending) {
            break;
        }
        begin(index, *sending);
    }
    if (member.device.finished(now())) {
        set_finished(index);
    }
    schedule(index, wake_at(index));
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
        member.device.endpoint(), sending.bytes, sending.plan, now());
    opened.kind = sending.kind;
    opened.label = sending.label;
    opened.watched = 0;
    line_opened();
}

void FkFleet::advance(std::size_t index, std::size_t line, std::uint32_t events)
{
    HttpExchange *exchange = members_[index].lines[line].exchange.get();
    if (!exchange) {
        return;
    }
    if (exchange->advance(events, now())) {
        conclude(index, line);
    } else {
        Line &watched = members_[index].lines[line];
        watch(exchange->fd(), static_cast<std::uint64_t>(index) << 1 | line,
              exchange->events(), watched.watched);
    }
}

void FkFleet::conclude(std::size_t index, std::size_t line)
{
    Member &member = members_[index];
    const Line done = std::move(member.lines[line]);
    member.lines[line] = {};
    line_closed();
    const auto reply = outcome_of(done);
    if (line == 1) { // the terminal has forgotten that it asked
        return;
    }
    if (reply) {
        member.device.answered(*reply, now());
    } else {
        member.device.failed(now());
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
        now() - exchange.started_at());
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
                               now() - line.exchange->started_at())
                               .count();
    std::fprintf(stderr, "%s: %s, %.1f ms\n", line.label.c_str(),
                 printable(outcome).c_str(), took_ms);
}

Moment FkFleet::wake_at(std::size_t index) const
{
    const Member &member = members_[index];
    Moment at = Moment::max();
    if (!is_finished(index) && !stopping()) {
        at = member.device.wake_at();
    }
    for (const Line &line : member.lines) {
        if (line.exchange) {
            at = std::min(at, line.exchange->wake_at());
        }
    }
    return at;
}

} // namespace wac::sim
