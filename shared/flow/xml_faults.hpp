// When frames that are no messages end a connection (biometric-xml.md 5, 6.2):
// at once before the terminal has logged in, and for what no terminal sends;
// otherwise with the third.
#pragma once

#include "codec/xml.hpp"
#include "flow/session.hpp"

#include <array>
#include <cstdint>
#include <optional>

namespace wac::xml
{

class Faults
{
  public:
    /** How the connection is to end, if it is, because of one more. */
    std::optional<CloseCode> add(FaultKind kind, bool logged_in,
                                 std::uint64_t now_ms) noexcept
    {
        switch (kind) {
        case FaultKind::empty:
            return close_if(++empty_ >= kMost);
        case FaultKind::encoding:
            return CloseCode::invalid_data;
        case FaultKind::gate:
            return CloseCode::policy;
        case FaultKind::form:
            break;
        }
        return close_if(!logged_in || is_third(now_ms));
    }

    /** A message came: empty frames are counted anew. */
    void clear_empty() noexcept { empty_ = 0; }

  private:
    static constexpr unsigned kMost = 3;
    static constexpr std::uint64_t kWithinMs = 60000;

    static std::optional<CloseCode> close_if(bool close) noexcept
    {
        return close ? std::optional(CloseCode::policy) : std::nullopt;
    }

    bool is_third(std::uint64_t now_ms) noexcept
    {
        const auto before_last = last_[0];
        last_ = {last_[1], now_ms};
        return before_last && now_ms - *before_last < kWithinMs;
    }

    unsigned empty_ = 0;                                       // in a row
    std::array<std::optional<std::uint64_t>, kMost - 1> last_; // older first
};

} // namespace wac::xml
