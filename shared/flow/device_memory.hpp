// What this process last saw a device say of itself, as a number: a poll that
// says the same again need not write it. Forgetting costs one write, so the
// memory is small and is emptied when full.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>
#include <unordered_map>

namespace wac
{

class DeviceMemory
{
  public:
    /** Whether the device's last kept report was the same. */
    bool knows(std::string_view sn, std::string_view report) const
    {
        const auto at = reports_.find(hash(sn));
        return at != reports_.end() && at->second == hash(report);
    }

    /** Whether this process has seen a report of the device, which then had
     *  a row in the database. */
    bool has(std::string_view sn) const { return reports_.contains(hash(sn)); }

    void keep(std::string_view sn, std::string_view report)
    {
        if (reports_.size() >= kMostDevices) {
            reports_.clear();
        }
        reports_[hash(sn)] = hash(report);
    }

    void forget(std::string_view sn) { reports_.erase(hash(sn)); }

  private:
    static constexpr std::size_t kMostDevices = 200000;

    static std::uint64_t hash(std::string_view text) noexcept
    {
        return std::hash<std::string_view>{}(text);
    }

    std::unordered_map<std::uint64_t, std::uint64_t> reports_;
};

} // namespace wac
