// One libpq connection in pipeline mode: connecting, preparing the statements,
// then running batches one after the other, each a transaction of its own.
//
//   closed ──open()──▶ connecting ──▶ preparing ──▶ ready
//     ▲                    │              │           │
//     └──── close(), server lost, deadline passed ────┘
//
// It is handed one server's parameters with the address already looked up,
// and never connects again by itself: that is the pool's business.
#pragma once

#include "base/log.hpp"
#include "db/conninfo.hpp"
#include "db/event_loop.hpp"
#include "db/notifications.hpp"
#include "db/pg_result.hpp"

#include <memory>
#include <string>

namespace wac::db
{

/** Statements that commit together. Its owner keeps it alive until on_done. */
class PgBatch
{
  public:
    /** Queues its statements on a connection in pipeline mode, without the
     *  sync. False: libpq refused; the session is then given up. */
    virtual bool send(PGconn *connection) = 0;

    /** The result of its statement number `statement`, counted from 0. Not
     *  yet committed. */
    virtual void on_rows(const PGresult *rows, std::size_t statement) = 0;

    /** The end: committed if `failure` is null. Called exactly once; the
     *  session is ready for another batch unless it was lost. */
    virtual void on_done(const PgFailure *failure) noexcept = 0;

  protected:
    ~PgBatch() = default;
};

class PgSession;

class PgSessionListener
{
  public:
    /** It became ready, or idle again after a batch. */
    virtual void on_session_idle(PgSession &) noexcept = 0;
    /** It is closed; a batch under way has heard of it already. */
    virtual void on_session_lost(PgSession &,
                                 const std::string &reason) noexcept = 0;

  protected:
    ~PgSessionListener() = default;
};

class PgSession final : private ReadinessListener, private WakeListener
{
  public:
    enum class State {
        closed,
        connecting, // open() was called; libpq negotiates
        preparing,  // connected; settings, schema version, statements
        ready,      // runs batches
    };

    /** With `notifications` it listens to all of our channels. */
    PgSession(EventLoop &loop, Log &log, PgSessionListener &listener,
              NotificationListener *notifications = nullptr);
    ~PgSession();
    PgSession(const PgSession &) = delete;
    PgSession &operator=(const PgSession &) = delete;

    /** Starts connecting. Both limits in milliseconds: until ready, and for
     *  each batch. Success or failure comes by the listener, a failure
     *  perhaps from inside this call. */
    void open(const Parameters &parameters, std::uint64_t connect_limit_ms,
              std::uint64_t batch_limit_ms);

    /** Closes without telling the listener. A batch under way is failed. */
    void close() noexcept;

    State state() const noexcept { return state_; }
    bool idle() const noexcept { return state_ == State::ready && !batch_; }

    /** Sends a batch; only when idle(). */
    void run(PgBatch &batch);

  private:
    class Preparation;
    struct Release {
        void operator()(PGconn *connection) const noexcept
        {
            PQfinish(connection);
        }
    };

    void on_ready(bool readable, bool writable) noexcept override;
    void on_wake() noexcept override;

    void advance_connect();
    void begin_preparing();
    void start(PgBatch &batch);
    void transfer(bool readable);
    bool flush();
    void take_results();
    void take_notifications();
    void take_result(PgResult result);
    void finish_batch();
    void lose(std::string reason);
    void end_watch() noexcept;
    void tear_down(const std::string &reason) noexcept;

    EventLoop &loop_;
    Log &log_;
    PgSessionListener &listener_;
    NotificationListener *const notifications_;
    State state_ = State::closed;
    std::unique_ptr<PGconn, Release> connection_;
    std::unique_ptr<Watch> watch_; // see end_watch()
    std::unique_ptr<Timer> deadline_;
    std::uint64_t batch_limit_ms_ = 0;
    std::unique_ptr<Preparation> preparation_;
    PgBatch *batch_ = nullptr;
    std::size_t statement_ = 0; // next result belongs to it
    unsigned empty_results_ = 0;
    std::unique_ptr<PgFailure> failure_;
};

} // namespace wac::db
