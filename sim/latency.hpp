// How long answers took, as a histogram: its size does not grow with their
// number, and a percentile is right to about 3 %.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <chrono>
#include <cstdint>

namespace wac::sim
{

class Latency
{
  public:
    void add(std::chrono::microseconds time)
    {
        const auto us =
            static_cast<std::uint64_t>(std::max<std::int64_t>(time.count(), 0));
        ++buckets_[std::min(bucket_of(us), kBuckets - 1)];
        ++count_;
        max_us_ = std::max(max_us_, us);
    }

    std::uint64_t count() const { return count_; }
    double max_ms() const { return static_cast<double>(max_us_) / 1000; }

    /** What so large a part (0 to 1) of the answers did not exceed. */
    double percentile_ms(double part) const
    {
        const double wanted = part * static_cast<double>(count_);
        std::uint64_t seen = 0;
        for (std::size_t i = 0; i < kBuckets; ++i) {
            seen += buckets_[i];
            if (seen > 0 && static_cast<double>(seen) >= wanted) {
                return std::min(static_cast<double>(highest_of(i)) / 1000,
                                max_ms());
            }
        }
        return max_ms();
    }

  private:
    // Below 64 every value has its bucket; above, each power of two has 32.
    static constexpr unsigned kFineBits = 5;
    static constexpr std::size_t kFine = 1U << kFineBits;
    static constexpr std::size_t kBuckets = kFine * 36;

    static std::size_t bucket_of(std::uint64_t us)
    {
        if (us < kFine) {
            return us;
        }
        const auto shift =
            static_cast<unsigned>(std::bit_width(us)) - kFineBits - 1;
        return kFine * shift + (us >> shift);
    }

    static std::uint64_t highest_of(std::size_t bucket)
    {
        if (bucket < kFine) {
            return bucket;
        }
        const std::size_t shift = bucket / kFine - 1;
        return ((bucket - kFine * shift + 1) << shift) - 1;
    }

    std::array<std::uint64_t, kBuckets> buckets_{};
    std::uint64_t count_ = 0;
    std::uint64_t max_us_ = 0;
};

} // namespace wac::sim
