// Chance that can be repeated: the same seed gives the same decisions. One
// for each terminal, so that what one does never depends on what others do.
#pragma once

#include <cstdint>

namespace wac::sim
{

class Dice
{
  public:
    explicit Dice(std::uint64_t seed) : state_(seed) {}

    /** splitmix64 */
    std::uint64_t number() noexcept
    {
        state_ += 0x9e3779b97f4a7c15;
        std::uint64_t value = state_;
        value = (value ^ value >> 30) * 0xbf58476d1ce4e5b9;
        value = (value ^ value >> 27) * 0x94d049bb133111eb;
        return value ^ value >> 31;
    }

    /** From 0 up to, but not including, 1. */
    double fraction() noexcept
    {
        return static_cast<double>(number() >> 11) * 0x1p-53;
    }

    bool roll(double probability) noexcept
    {
        return probability > 0 && fraction() < probability;
    }

  private:
    std::uint64_t state_;
};

} // namespace wac::sim
