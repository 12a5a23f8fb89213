// Holds back log lines that a misbehaving terminal could repeat many times a
// second: so many in a second, then only a count of those held back.
#pragma once

#include <cstdint>

namespace wac
{

class RateLimit
{
  public:
    explicit RateLimit(unsigned per_second) : per_second_(per_second) {}

    /** Whether one more may pass at `now_ms`. */
    bool pass(std::uint64_t now_ms) noexcept
    {
        if (now_ms - second_began_ms_ >= 1000) {
            second_began_ms_ = now_ms;
            passed_ = 0;
        }
        if (passed_ < per_second_) {
            ++passed_;
            return true;
        }
        ++held_back_;
        return false;
    }

    /** How many were held back since the last call. */
    std::uint64_t take_held_back() noexcept
    {
        const std::uint64_t count = held_back_;
        held_back_ = 0;
        return count;
    }

  private:
    unsigned per_second_;
    unsigned passed_ = 0;
    std::uint64_t second_began_ms_ = 0;
    std::uint64_t held_back_ = 0;
};

} // namespace wac
