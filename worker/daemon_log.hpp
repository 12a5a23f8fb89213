// The daemon's log: standard error, one line a call. Under systemd with the
// priority in front that journald reads, elsewhere with the time.
#pragma once

#include "base/log.hpp"

#include <optional>

namespace wac::worker
{

/** By its name in the configuration. */
std::optional<LogLevel> log_level_of(std::string_view name) noexcept;

class DaemonLog final : public Log
{
  public:
    explicit DaemonLog(LogLevel least);

    void write(LogLevel level, std::string_view line) noexcept override;

  private:
    LogLevel least_;
    bool journal_;
};

} // namespace wac::worker
