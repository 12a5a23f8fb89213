// All terminals of one dialect over WebSocket on one loop: opens their links
// and carries their frames both ways. Where the URL says HTTP, each frame is
// an exchange of its own (CloudSolution 3.0).
#pragma once

#include "fleet_loop.hpp"
#include "http_exchange.hpp"
#include "live_device.hpp"

#include <deque>
#include <functional>
#include <memory>

namespace wac::sim
{

/** What the fleet does not know of its dialect. */
struct LiveDialect {
    std::function<std::unique_ptr<LiveDevice>(const HostClock &, std::string sn,
                                              std::uint64_t number,
                                              Moment first_call)>
        make;
    const char *punches; // what the status line calls them; null: none
};

class LiveFleet final : public FleetLoop
{
  public:
    /** `endpoint` is what options.url was resolved to. All outlive it. */
    LiveFleet(const LiveOptions &options, const Endpoint &endpoint,
              LiveStatistics &statistics, const LiveDialect &dialect);

  private:
    struct Member {
        bool has_line() const { return socket || exchange; }

        std::unique_ptr<LiveDevice> device;
        std::unique_ptr<WebsocketClient> socket;
        std::unique_ptr<HttpExchange> exchange;
        bool linked = false;       // the device knows of its socket
        std::uint32_t watched = 0; // events that epoll knows
    };

    void on_events(std::uint64_t tag, std::uint32_t events) override;
    void on_time(std::size_t index) override;
    void tend(std::size_t index) override;
    bool make_punch(std::size_t index) override;
    void close_member(std::size_t index) override;
    std::string status() const override;
    std::uint64_t punches_wanted() const override;
    bool all_done() const override;
    void fall_silent() override;

    void advance(Member &member, std::uint32_t events);
    void tend_socket(Member &member);
    void send_frames(Member &member);
    void lose_socket(Member &member);
    void advance_exchange(Member &member, std::uint32_t events);
    bool begin_exchange(Member &member);
    Moment wake_at(std::size_t index) const;
    void say(const Member &member, char direction, std::string_view text) const;

    const LiveOptions &options_;
    const Endpoint &endpoint_;
    LiveStatistics &statistics_;
    const LiveDialect &dialect_;
    std::deque<Member> members_;
    Dice seeds_; // of the sockets
};

} // namespace wac::sim
