// All terminals of `wac-sim fk` on one loop: starts what a device wants to
// send, and hands it what came back.
#pragma once

#include "fk_device.hpp"
#include "fleet_loop.hpp"

#include <array>
#include <deque>
#include <memory>

namespace wac::sim
{

class FkFleet final : public FleetLoop
{
  public:
    /** `endpoint` is what options.url was resolved to. */
    FkFleet(const FkOptions &options, const Endpoint &endpoint,
            FkStatistics &statistics);

  private:
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
    };

    void on_events(std::uint64_t tag, std::uint32_t events) override;
    void on_time(std::size_t index) override;
    void tend(std::size_t index) override;
    bool make_punch(std::size_t index) override;
    void close_member(std::size_t index) override;
    std::string status() const override;

    void begin(std::size_t index, const FkSending &sending);
    void advance(std::size_t index, std::size_t line, std::uint32_t events);
    void open_line(std::size_t index, std::size_t line,
                   const FkSending &sending);
    void conclude(std::size_t index, std::size_t line);
    Result<fk::Reply> outcome_of(const Line &line);
    void say(const Line &line, const std::string &outcome) const;
    Moment wake_at(std::size_t index) const;

    const FkOptions &options_;
    FkStatistics &statistics_;
    std::deque<Member> members_;
};

} // namespace wac::sim
