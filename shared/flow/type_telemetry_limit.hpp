// How much telemetry one terminal may send (cloud-json.md 6.3): fifty messages
// at once, and fifty a second in the long run. No clock of its own.
#pragma once

#include "base/rate_limit.hpp"

#include <algorithm>
#include <cstdint>

namespace wac::type
{

class TelemetryLimit
{
  public:
    static constexpr std::uint64_t kPerSecond = 50;

    /** Whether one that came at `now_ms` is taken. */
    bool take(std::uint64_t now_ms) noexcept
    {
        constexpr std::uint64_t kMost = kPerSecond * kPrice;
        credit_ = std::min(kMost, credit_ + (now_ms - last_ms_) * kPerSecond);
        last_ms_ = now_ms;
        if (credit_ < kPrice) {
            return false;
        }
        credit_ -= kPrice;
        return true;
    }

    /** Whether the terminal is to hear that one was not: once a second is
     *  enough. */
    bool tell(std::uint64_t now_ms) noexcept { return errors_.pass(now_ms); }

  private:
    static constexpr std::uint64_t kPrice = 1000; // of one message

    std::uint64_t credit_ = kPerSecond * kPrice;
    std::uint64_t last_ms_ = 0;
    RateLimit errors_{1};
};

} // namespace wac::type
