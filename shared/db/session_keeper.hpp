// The sessions of this process as the database knows them: that the process
// lives (a beat every few seconds), which of its sessions have ended, which
// have been replaced by a newer one elsewhere, for which a command waits.
//
// News come by NOTIFY on a session of their own; when that was down, and now
// and then, what is held here is compared with the database, so that no news
// is missed for long.
#pragma once

#include "base/log.hpp"
#include "db/event_loop.hpp"
#include "db/notifications.hpp"
#include "db/pg_pool.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace wac::db
{

struct HeldSession {
    std::string sn;
    std::int64_t epoch;
};

class SessionKeeperListener
{
  public:
    /** A command may wait for this terminal. */
    virtual void on_command_waits(std::string_view sn) noexcept = 0;
    /** The terminal's newest session has this epoch; any other is over. */
    virtual void on_session_opened(std::string_view sn,
                                   std::int64_t epoch) noexcept = 0;
    /** All that are held here now. */
    virtual std::vector<HeldSession> held_sessions() const = 0;

  protected:
    ~SessionKeeperListener() = default;
};

class SessionKeeper final : private WakeListener,
                            private PgBatch,
                            private NotificationListener,
                            private PoolListener
{
  public:
    /** `worker` names the process among all of all hosts. */
    SessionKeeper(EventLoop &loop, const Conninfo &conninfo,
                  std::string worker);
    ~SessionKeeper();
    SessionKeeper(const SessionKeeper &) = delete;
    SessionKeeper &operator=(const SessionKeeper &) = delete;

    const std::string &worker() const noexcept { return worker_; }

    void start(SessionKeeperListener &listener);

    /** The session is over: written behind, soon. */
    void note_closed(std::string sn, std::int64_t epoch);

    /** Says goodbye once all closed sessions are written. */
    void finish();
    /** Whether that is done. */
    bool finished() const noexcept;

  private:
    enum class Farewell { none, wanted, under_way, done };
    static constexpr std::size_t kNoReview = static_cast<std::size_t>(-1);

    void on_wake() noexcept override;
    bool send(PGconn *connection) override;
    void on_rows(const PGresult *rows, std::size_t statement) override;
    void on_done(const PgFailure *failure) noexcept override;
    std::span<const std::string_view> channels() const noexcept override;
    void on_notification(std::string_view channel,
                         std::string_view payload) noexcept override;
    void on_listening() noexcept override;
    void on_capacity() noexcept override;
    void on_down() noexcept override {}

    const std::string worker_;
    SessionKeeperListener *listener_ = nullptr;
    SilentLog silence_; // the Store's pool says what becomes of the database
    PgPool pool_; // one session: it listens, and carries what is said here
    std::unique_ptr<Timer> beat_;
    bool due_ = false;
    bool review_due_ = false;
    unsigned beats_ = 0; // since the last review
    bool running_ = false;
    std::vector<HeldSession> closed_; // to be written
    std::vector<HeldSession> in_flight_;
    std::size_t review_statement_ = kNoReview;
    Farewell farewell_ = Farewell::none;
};

} // namespace wac::db
