// A few sessions to one logical server, kept up: each slot looks names up,
// tries the servers of the connection string in turn, and after a round
// without success waits, longer each time. The state of the whole is logged
// once per change, never per request.
#pragma once

#include "base/log.hpp"
#include "db/conninfo.hpp"
#include "db/event_loop.hpp"
#include "db/pg_session.hpp"
#include "db/resolver.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace wac::db
{

/** Whether it makes sense to wait for a session. */
enum class Availability {
    connecting, // none is ready yet, or the last was lost just now
    up,         // at least one is ready
    down,       // none is ready and the last round of attempts failed
};

/** Where the batcher puts its batches: the pool, or a test's fake. */
class Sessions
{
  public:
    virtual ~Sessions() = default;
    /** If none is, on_capacity() comes when one becomes so. */
    virtual bool has_idle() const noexcept = 0;
    /** Sends a batch on an idle session; there must be one. */
    virtual void dispatch(PgBatch &batch) = 0;
    virtual Availability availability() const noexcept = 0;
};

class PoolListener
{
  public:
    /** A session is idle. */
    virtual void on_capacity() noexcept = 0;
    /** No session is ready, and none could be made in a whole round. */
    virtual void on_down() noexcept = 0;

  protected:
    ~PoolListener() = default;
};

struct PoolLimits {
    unsigned sessions = 2;
    std::uint64_t batch_limit_ms = 15000;
    std::uint64_t first_backoff_ms = 100;
    std::uint64_t longest_backoff_ms = 2000;
};

class PgPool final : public Sessions
{
  public:
    /** With `notifications` its sessions listen. Of several pools to one
     *  database one has the log, the others a SilentLog. */
    PgPool(EventLoop &loop, Log &log, Conninfo conninfo, PoolLimits limits,
           PoolListener &listener,
           NotificationListener *notifications = nullptr);
    ~PgPool() override;

    /** Starts connecting all sessions. */
    void start();

    /** Closes all sessions; batches under way are failed. */
    void stop() noexcept;

    bool has_idle() const noexcept override;
    void dispatch(PgBatch &batch) override;
    Availability availability() const noexcept override;

  private:
    class Slot;

    Slot *idle_slot() const noexcept;

    void on_slot_idle();
    void on_slot_lost(const std::string &server, const std::string &reason);
    void on_round_failed(const std::string &reason);
    unsigned ready_sessions() const noexcept;

    EventLoop &loop_;
    Log &log_;
    const Conninfo conninfo_;
    const PoolLimits limits_;
    PoolListener &listener_;
    NotificationListener *const notifications_;
    std::vector<std::unique_ptr<Slot>> slots_;
    bool round_failed_ = false;
    std::optional<Availability> announced_; // last state that was logged
};

} // namespace wac::db
