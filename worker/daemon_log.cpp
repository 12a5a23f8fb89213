#include "daemon_log.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>
#include <sys/stat.h>
#include <unistd.h>

namespace wac::worker
{

namespace
{

constexpr std::size_t kLongestLine = 2048;

struct Level {
    LogLevel level;
    const char *name;
    int priority; // syslog(3)
};

constexpr std::array<Level, 5> kLevels{{
    {LogLevel::debug, "debug", 7},
    {LogLevel::info, "info", 6},
    {LogLevel::notice, "notice", 5},
    {LogLevel::warn, "warn", 4},
    {LogLevel::error, "error", 3},
}};

const Level &entry_of(LogLevel level) noexcept
{
    const auto found = std::find_if(
        kLevels.begin(), kLevels.end(),
        [level](const Level &each) { return each.level == level; });
    return found == kLevels.end() ? kLevels.back() : *found;
}

/** $JOURNAL_STREAM names journald's socket as device:inode; a child may have
 *  inherited the name and write elsewhere. */
bool is_journal(int fd)
{
    const char *const variable = std::getenv("JOURNAL_STREAM");
    struct stat file {
    };
    return variable && fstat(fd, &file) == 0 &&
           std::to_string(file.st_dev) + ":" + std::to_string(file.st_ino) ==
               variable;
}

int print_head(char *to, std::size_t room, const Level &level,
               bool journal) noexcept
{
    if (journal) {
        return std::snprintf(to, room, "<%d>", level.priority);
    }
    timespec now{};
    clock_gettime(CLOCK_REALTIME, &now);
    tm local{};
    localtime_r(&now.tv_sec, &local);
    const std::size_t length =
        std::strftime(to, room, "%Y/%m/%d %H:%M:%S", &local);
    const int more = std::snprintf(to + length, room - length,
                                   ".%03ld [%s] %d: ", now.tv_nsec / 1000000,
                                   level.name, getpid());
    return static_cast<int>(length) + more;
}

} // namespace

std::optional<LogLevel> log_level_of(std::string_view name) noexcept
{
    for (const Level &each : kLevels) {
        if (name == each.name) {
            return each.level;
        }
    }
    return std::nullopt;
}

DaemonLog::DaemonLog(LogLevel least)
    : least_(least), journal_(is_journal(STDERR_FILENO))
{
}

void DaemonLog::write(LogLevel level, std::string_view line) noexcept
{
    if (level < least_) {
        return;
    }
    char text[kLongestLine];
    auto length = static_cast<std::size_t>(
        print_head(text, sizeof text, entry_of(level), journal_));
    for (const char c : line.substr(0, sizeof text - length - 1)) {
        // what came from a terminal must not begin a line of its own
        text[length++] = static_cast<unsigned char>(c) < ' ' ? ' ' : c;
    }
    text[length++] = '\n';
    // a log that is full or gone stops nobody
    while (::write(STDERR_FILENO, text, length) < 0 && errno == EINTR) {
    }
}

} // namespace wac::worker
