#include "live_device.hpp"

#include <algorithm>

namespace wac::sim
{

LiveDevice::LiveDevice(const LiveOptions &options, LiveStatistics &statistics,
                       std::string sn, std::uint64_t number, Moment first_call)
    : options_(options), statistics_(statistics), sn_(std::move(sn)),
      dice_(Dice(options.seed + number).number()), connect_at_(first_call),
      drain_until_(first_call)
{
}

// ---- the link --------------------------------------------------------------

bool LiveDevice::wants_link(Moment now) const
{
    return !options_.http && !linked_ && now >= connect_at_ && !finished(now);
}

void LiveDevice::linked(Moment now)
{
    ++statistics_.links;
    linked_ = true;
    drop_ = false;
    connect_at_ = Moment::max();
    on_linked(now);
}

void LiveDevice::link_lost(bool opened, Moment now)
{
    const bool by_plan = drop_;
    statistics_.links_lost += opened && !by_plan;
    linked_ = false;
    drop_ = false;
    on_lost(now);
    if (!by_plan) {
        connect_at_ = now + next_pause();
    }
}

void LiveDevice::leave(milliseconds pause, Moment now)
{
    drop_ = true;
    connect_at_ = now + pause;
}

bool LiveDevice::may_send(Moment now) const
{
    return (linked_ || options_.http) && !drop_ && !finished(now);
}

Moment LiveDevice::link_wake_at() const
{
    if (drop_) {
        return Moment::max();
    }
    const Moment at = closed_ ? drain_until_ : Moment::max();
    return linked_ || options_.http ? at : std::min(at, connect_at_);
}

void LiveDevice::registration_answered(Moment sent_at, Moment now)
{
    ++statistics_.registrations;
    statistics_.registered += !ever_registered_;
    ever_registered_ = true;
    statistics_.reg_answers.add(
        std::chrono::duration_cast<std::chrono::microseconds>(now - sent_at));
}

// ---- chance ----------------------------------------------------------------

LiveSending LiveDevice::sending(std::string text)
{
    LiveSending sending{std::move(text)};
    if (dice_.roll(options_.faults.close_mid_frame)) {
        sending.half = true;
        count(statistics_.faults, "close-mid-frame");
    }
    return sending;
}

milliseconds LiveDevice::part_of(milliseconds whole)
{
    return milliseconds(static_cast<milliseconds::rep>(
        dice_.fraction() * static_cast<double>(whole.count())));
}

// ---- the end ---------------------------------------------------------------

void LiveDevice::close(Moment now)
{
    if (!closed_) {
        closed_ = true;
        drain_until_ = now + kDrainLimit;
    }
}

bool LiveDevice::finished(Moment now) const
{
    return closed_ && (!has_work() || now >= drain_until_);
}

} // namespace wac::sim
