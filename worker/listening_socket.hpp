// The Unix socket that nginx connects to: made at a path, or handed over by
// systemd. Accepting is the Listener's.
//
// Whoever holds the lock on PATH.lock owns PATH: so a socket file that nobody
// answers on is known to be stale, and may be replaced. The lock file stays;
// removing it would let two processes lock two files of one name.
#pragma once

#include "base/error.hpp"
#include "descriptor.hpp"

#include <memory>
#include <optional>
#include <string>
#include <sys/stat.h>

namespace wac::worker
{

struct SocketOptions {
    std::string path = "/run/wac/worker.sock";
    mode_t mode = 0660;
    std::string group; // "": the process's own
};

class ListeningSocket
{
  public:
    /** Binds and listens. Mode and group are set before anybody can
     *  connect. Fails if somebody else listens at the path. */
    static Result<ListeningSocket> make(const SocketOptions &options);

    /** The socket of systemd's socket activation ($LISTEN_FDS); nothing if
     *  there is none. Its file is systemd's. */
    static Result<std::optional<ListeningSocket>> inherited();

    ListeningSocket(ListeningSocket &&) = default;
    ListeningSocket &operator=(ListeningSocket &&) = delete;
    ~ListeningSocket() { close(); }

    /** Stops listening and removes the file, if it is still ours. */
    void close() noexcept;

    int fd() const noexcept { return socket_.get(); }
    /** For the log. */
    const std::string &name() const noexcept { return name_; }

  private:
    ListeningSocket(Descriptor socket, std::string name)
        : socket_(std::move(socket)), name_(std::move(name))
    {
    }

    struct File {
        std::string path;
        dev_t device;
        ino_t inode;
        Descriptor lock;
    };

    Descriptor socket_;
    std::string name_;
    std::unique_ptr<File> file_; // if we made it
};

/** Whether a Unix socket can have this path. */
Result<void> check_socket_path(const std::string &path);

/** The number of a group; nothing if there is none of this name. */
std::optional<gid_t> group_number(const std::string &name);

} // namespace wac::worker
