// The host's wall clock, which simulated terminals set theirs by. Times are
// whole seconds since 2000-01-01 00:00:00 of a wall clock.
#pragma once

#include "base/wall_time.hpp"

#include <chrono>

namespace wac::sim
{

using Moment = std::chrono::steady_clock::time_point;
using std::chrono::milliseconds;

inline WallTime wall_time(std::int64_t time_s)
{
    return WallTime::from_since_2000_us(time_s * 1000000);
}

inline std::int64_t seconds_of(const WallTime &time)
{
    return time.since_2000_us() / 1000000;
}

/** In the zone of this host. */
std::int64_t host_wall_s();

/** Read once and then counted on. */
struct HostClock {
    Moment start;
    std::int64_t start_s = 0;

    std::int64_t now_s(Moment now) const
    {
        return start_s +
               std::chrono::duration_cast<std::chrono::seconds>(now - start)
                   .count();
    }
};

} // namespace wac::sim
