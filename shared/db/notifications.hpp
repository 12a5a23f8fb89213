// What a session that listens hears from NOTIFY.
#pragma once

#include <span>
#include <string_view>

namespace wac::db
{

/** The channels, and their payloads. */
namespace channel
{
inline constexpr std::string_view kCommands = "wac_commands"; // sn
inline constexpr std::string_view kSessions = "wac_sessions"; // epoch SP sn
inline constexpr std::string_view kFeed = "wac_feed";         // nothing
} // namespace channel

class NotificationListener
{
  public:
    /** What it wants to hear. */
    virtual std::span<const std::string_view> channels() const noexcept = 0;
    virtual void on_notification(std::string_view channel,
                                 std::string_view payload) noexcept = 0;
    /** Listening begins now; what was said before may have been missed. */
    virtual void on_listening() noexcept = 0;

  protected:
    ~NotificationListener() = default;
};

} // namespace wac::db
