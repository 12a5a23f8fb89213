// Requests that a terminal has left unanswered, by name. Where requests carry
// no number, one of the same name has to wait until the late answer has come,
// or is not to be expected any more: the two answers could not be told apart
// (biometric-xml.md 3).
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace wac
{

class Unanswered
{
  public:
    /** Answers may come late by so much. */
    explicit Unanswered(std::uint64_t late_ms) noexcept : late_ms_(late_ms) {}

    void add(std::string_view name, std::uint64_t now_ms)
    {
        std::erase_if(names_, [&](const Name &each) {
            return each.name == name || each.until_ms <= now_ms;
        });
        names_.push_back({std::string(name), now_ms + late_ms_});
    }

    /** An answer came that nothing waits for. Whether it was a late one. */
    bool heard(std::string_view name) noexcept
    {
        return std::erase_if(names_, [&](const Name &each) {
                   return each.name == name;
               }) > 0;
    }

    /** How long a request of that name has to wait. */
    std::uint64_t wait_ms(std::string_view name,
                          std::uint64_t now_ms) const noexcept
    {
        const auto found =
            std::find_if(names_.begin(), names_.end(),
                         [&](const Name &each) { return each.name == name; });
        return found == names_.end() || found->until_ms <= now_ms
                   ? 0
                   : found->until_ms - now_ms;
    }

  private:
    struct Name {
        std::string name;
        std::uint64_t until_ms;
    };
    std::uint64_t late_ms_;
    std::vector<Name> names_; // a few at most: each took its time to time out
};

} // namespace wac
