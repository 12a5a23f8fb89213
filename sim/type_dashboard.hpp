// A dashboard of the `type` dialect (cloud-json.md 6.1), without sockets: it
// subscribes, sends its orders once, and shows what comes. A ping behind the
// subscribe says by its pong that it was taken, and so does what it is shown.
// Over its next link it goes on behind the last event that it has seen.
#pragma once

#include "codec/json.hpp"
#include "live_device.hpp"
#include "type_options.hpp"
#include "type_statistics.hpp"

namespace wac::sim
{

class TypeDashboard final : public LiveDevice
{
  public:
    TypeDashboard(const DashboardOptions &options, TypeStatistics &statistics,
                  Tell tell, std::string name, std::uint64_t number,
                  Moment first_call);

    bool make_punch(Moment) override { return false; }
    std::optional<LiveSending> next(Moment now) override;
    Moment wake_at() const override { return link_wake_at(); }
    void received(std::string_view text, Moment now) override;
    bool has_work() const override { return false; }

  private:
    enum class Step { subscribe, ping, orders, watch };

    void on_linked(Moment now) override;
    void on_lost(Moment) override {}
    milliseconds next_pause() override { return options_.reconnect; }
    /** Once a link: by the pong, or by what it is shown before that. */
    void let_in(Moment now);
    void show(const json_t *frame, Moment now);

    const DashboardOptions &options_;
    TypeStatistics &statistics_;
    Tell tell_;
    Step step_ = Step::subscribe;
    bool subscribed_ = false;
    std::size_t pongs_owed_ = 0;
    std::size_t orders_sent_ = 0;
    std::uint64_t shown_ = 0;
    std::string since_;
    Moment asked_at_;
};

} // namespace wac::sim
