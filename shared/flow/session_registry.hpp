// Which terminal is connected to this process, so that a command or a newer
// registration finds its session; told to and by the database (SessionKeeper),
// where the newest registration of all processes is known by its epoch.
#pragma once

#include "db/session_keeper.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

namespace wac
{

/** A session that terminals' commands can be sent to. */
class LiveSession
{
  public:
    /** A command may wait for it. */
    virtual void on_command_waits() noexcept = 0;
    /** The terminal registered anew, here or elsewhere: this one ends. */
    virtual void on_replaced() noexcept = 0;

  protected:
    ~LiveSession() = default;
};

class SessionRegistry final : private db::SessionKeeperListener
{
  public:
    explicit SessionRegistry(db::SessionKeeper &keeper) : keeper_(keeper) {}

    SessionRegistry(const SessionRegistry &) = delete;
    SessionRegistry &operator=(const SessionRegistry &) = delete;

    /** Begins listening; before the first session. */
    void start();

    /** Of the process, as the database knows it. */
    const std::string &worker() const noexcept { return keeper_.worker(); }

    /** The session is the terminal's now; an older one of this process hears
     *  on_replaced(). */
    void enter(const std::string &sn, std::int64_t epoch, LiveSession &session);

    /** The session is over. The terminal goes offline unless a newer session
     *  of it exists anywhere. */
    void leave(const std::string &sn, std::int64_t epoch,
               const LiveSession &session) noexcept;

    std::size_t size() const noexcept { return sessions_.size(); }

  private:
    struct Entry {
        std::int64_t epoch;
        LiveSession *session;
    };

    void on_command_waits(std::string_view sn) noexcept override;
    void on_session_opened(std::string_view sn,
                           std::int64_t epoch) noexcept override;
    std::vector<db::HeldSession> held_sessions() const override;

    db::SessionKeeper &keeper_;
    std::unordered_map<std::string, Entry> sessions_; // by sn
};

} // namespace wac
