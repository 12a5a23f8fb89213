#include "descriptor.hpp"

#include <csignal>
#include <string>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

namespace wac::sim
{

Descriptor::~Descriptor()
{
    if (fd_ >= 0) {
        close(fd_);
    }
}

int end_signals()
{
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    sigprocmask(SIG_BLOCK, &signals, nullptr);
    return signalfd(-1, &signals, SFD_NONBLOCK | SFD_CLOEXEC);
}

Result<void> raise_descriptor_limit(std::uint64_t sockets)
{
    constexpr rlim_t kOthers = 32;
    const rlim_t needed = sockets + kOthers;
    rlimit limit{};
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    if (limit.rlim_max != RLIM_INFINITY && limit.rlim_max < needed) {
        return failure(ErrorCode::misused,
                       "so many devices need " + std::to_string(needed) +
                           " open files, and this process may have " +
                           std::to_string(limit.rlim_max) +
                           " (see ulimit -Hn)");
    }
    return {};
}

} // namespace wac::sim
