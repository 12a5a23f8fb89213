// Where the core's log lines go: nginx's error log, a daemon's stderr, a
// test's vector. One line per call, no trailing newline, no secrets.
#pragma once

#include <string_view>

namespace wac
{

enum class LogLevel { debug, info, notice, warn, error };

class Log
{
  public:
    virtual ~Log() = default;
    virtual void write(LogLevel level, std::string_view line) noexcept = 0;
};

/** For what somebody else says already. */
class SilentLog final : public Log
{
  public:
    void write(LogLevel, std::string_view) noexcept override {}
};

} // namespace wac
