#include "listening_socket.hpp"

#include "base/text.hpp"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <grp.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <vector>

namespace wac::worker
{

namespace
{

constexpr int kBacklog = 4096; // the kernel takes net.core.somaxconn at most
constexpr int kFirstInherited = 3; // sd_listen_fds(3)

tl::unexpected<Error> system_failure(const std::string &what, int error)
{
    return failure(ErrorCode::misused, what + ": " + std::strerror(error));
}

sockaddr_un address_of(const std::string &path)
{
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.data(), path.size());
    return address;
}

Descriptor new_socket()
{
    return Descriptor(
        socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
}

Result<Descriptor> take_lock(const std::string &path)
{
    const std::string name = path + ".lock";
    Descriptor lock(
        open(name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!lock) {
        return system_failure("\"" + name + "\"", errno);
    }
    if (flock(lock.get(), LOCK_EX | LOCK_NB) != 0) {
        return errno == EWOULDBLOCK
                   ? failure(ErrorCode::refused,
                             "another wac-worker listens on \"" + path + "\"")
                   : system_failure("\"" + name + "\"", errno);
    }
    return lock;
}

/** Removes a socket file that nobody listens on; anything else is left and
 *  is a fault. */
Result<void> remove_stale(const std::string &path)
{
    struct stat found {
    };
    if (lstat(path.c_str(), &found) != 0) {
        return errno == ENOENT ? Result<void>{}
                               : system_failure("\"" + path + "\"", errno);
    }
    if (!S_ISSOCK(found.st_mode)) {
        return failure(ErrorCode::refused,
                       "\"" + path + "\" exists and is no socket");
    }
    const Descriptor probe = new_socket();
    const sockaddr_un address = address_of(path);
    if (probe &&
        connect(probe.get(), reinterpret_cast<const sockaddr *>(&address),
                sizeof address) != 0 &&
        errno == ECONNREFUSED) {
        return unlink(path.c_str()) == 0
                   ? Result<void>{}
                   : system_failure("cannot replace \"" + path + "\"", errno);
    }
    return failure(ErrorCode::refused,
                   "another program listens on \"" + path + "\"");
}

Result<void> set_access(const SocketOptions &options)
{
    const std::string what = "\"" + options.path + "\"";
    if (!options.group.empty()) {
        const auto group = group_number(options.group);
        if (!group) {
            return failure(ErrorCode::misused,
                           "there is no group \"" + options.group + "\"");
        }
        if (chown(options.path.c_str(), static_cast<uid_t>(-1), *group) != 0) {
            return system_failure("cannot give " + what + " to group \"" +
                                      options.group + "\"",
                                  errno);
        }
    }
    if (chmod(options.path.c_str(), options.mode) != 0) {
        return system_failure("cannot set the mode of " + what, errno);
    }
    return {};
}

/** Nobody can connect between bind() and listen(). */
Result<void> bind_at(int fd, const SocketOptions &options)
{
    const sockaddr_un address = address_of(options.path);
    const mode_t before = umask(0777);
    const int bound =
        bind(fd, reinterpret_cast<const sockaddr *>(&address), sizeof address);
    const int error = errno;
    umask(before);
    if (bound != 0) {
        return system_failure("cannot listen on \"" + options.path + "\"",
                              error);
    }
    auto ready = set_access(options);
    if (ready && listen(fd, kBacklog) != 0) {
        ready =
            system_failure("cannot listen on \"" + options.path + "\"", errno);
    }
    if (!ready) {
        unlink(options.path.c_str());
    }
    return ready;
}

int socket_option(int fd, int option)
{
    int value = -1;
    socklen_t length = sizeof value;
    return getsockopt(fd, SOL_SOCKET, option, &value, &length) == 0 ? value
                                                                    : -1;
}

} // namespace

Result<void> check_socket_path(const std::string &path)
{
    if (path.empty() || path.front() != '/') {
        return failure(ErrorCode::misused,
                       "\"" + path + "\" is no absolute path of a socket");
    }
    if (path.size() >= sizeof(sockaddr_un::sun_path)) {
        return failure(ErrorCode::misused,
                       "\"" + path + "\" is too long for a socket: " +
                           std::to_string(sizeof(sockaddr_un::sun_path) - 1) +
                           " bytes are the most");
    }
    return {};
}

std::optional<gid_t> group_number(const std::string &name)
{
    std::vector<char> buffer(1024);
    group entry{};
    group *found = nullptr;
    int status = 0;
    while ((status = getgrnam_r(name.c_str(), &entry, buffer.data(),
                                buffer.size(), &found)) == ERANGE) {
        buffer.resize(buffer.size() * 2);
    }
    return status == 0 && found ? std::optional{entry.gr_gid} : std::nullopt;
}

Result<ListeningSocket> ListeningSocket::make(const SocketOptions &options)
{
    if (auto checked = check_socket_path(options.path); !checked) {
        return tl::make_unexpected(checked.error());
    }
    auto lock = take_lock(options.path);
    if (!lock) {
        return tl::make_unexpected(lock.error());
    }
    if (auto free = remove_stale(options.path); !free) {
        return tl::make_unexpected(free.error());
    }
    Descriptor socket = new_socket();
    if (!socket) {
        return system_failure("no socket", errno);
    }
    if (auto bound = bind_at(socket.get(), options); !bound) {
        return tl::make_unexpected(bound.error());
    }
    struct stat made {
    };
    if (lstat(options.path.c_str(), &made) != 0) {
        return system_failure("\"" + options.path + "\"", errno);
    }
    ListeningSocket listening(std::move(socket), options.path);
    listening.file_.reset(
        new File{options.path, made.st_dev, made.st_ino, std::move(*lock)});
    return listening;
}

Result<std::optional<ListeningSocket>> ListeningSocket::inherited()
{
    const char *const pid = std::getenv("LISTEN_PID");
    const char *const count = std::getenv("LISTEN_FDS");
    if (!pid || !count || parse_integer<pid_t>(pid) != getpid()) {
        return std::nullopt;
    }
    const int sockets = parse_integer<int>(count).value_or(-1);
    unsetenv("LISTEN_PID");
    unsetenv("LISTEN_FDS");
    unsetenv("LISTEN_FDNAMES");
    if (sockets == 0) {
        return std::nullopt;
    }
    if (sockets != 1) {
        return failure(ErrorCode::misused,
                       "socket activation: one socket is needed, "
                       "$LISTEN_FDS says otherwise");
    }
    if (socket_option(kFirstInherited, SO_ACCEPTCONN) != 1 ||
        socket_option(kFirstInherited, SO_DOMAIN) != AF_UNIX ||
        socket_option(kFirstInherited, SO_TYPE) != SOCK_STREAM) {
        return failure(ErrorCode::misused,
                       "socket activation: descriptor 3 is no listening "
                       "Unix stream socket");
    }
    const int flags = fcntl(kFirstInherited, F_GETFL);
    fcntl(kFirstInherited, F_SETFL, flags | O_NONBLOCK);
    fcntl(kFirstInherited, F_SETFD, FD_CLOEXEC);
    return ListeningSocket(Descriptor(kFirstInherited), "systemd's socket");
}

void ListeningSocket::close() noexcept
{
    if (file_) {
        struct stat found {
        };
        if (lstat(file_->path.c_str(), &found) == 0 &&
            found.st_dev == file_->device && found.st_ino == file_->inode) {
            unlink(file_->path.c_str());
        }
    }
    socket_.reset();
    file_.reset(); // the lock last
}

} // namespace wac::worker
