// Natural batching: operations that arrive while a batch is under way go out
// together as the next one, in one transaction. An idle system sends at once,
// a loaded one in larger groups. A second batch runs beside the first once it
// would be as large, or if that one is slow: many small ones cost the database
// more than few large ones.
//
// If a batch fails for the sake of one operation it is cut in two until that
// one stands alone, and only its sender hears of it.
//
//   ticket:  idle ──submit()──▶ queued ──▶ in flight ──▶ idle, outcome told
//              ▲                  │  ▲         │
//              └── destroyed ─────┘  └─────────┘ batch cut in two, or deadlock
#pragma once

#include "base/error.hpp"
#include "db/event_loop.hpp"
#include "db/pg_pool.hpp"
#include "proto/operation.hpp"

#include <cstdint>
#include <deque>
#include <list>
#include <memory>
#include <vector>

namespace wac::db
{

class OutcomeListener
{
  public:
    /** The operation's end; on success it is committed. The listener may
     *  destroy its ticket, or submit it again. */
    virtual void on_outcome(const Result<Outcome> &outcome) noexcept = 0;

  protected:
    ~OutcomeListener() = default;
};

class Batch;
class Batcher;

/** One piece of database work, owned by who waits for it. Destroying it takes
 *  the work back: what is queued is not sent, what is in flight is not
 *  reported. */
class Ticket
{
  public:
    explicit Ticket(OutcomeListener &listener) : listener_(listener) {}
    ~Ticket();
    Ticket(const Ticket &) = delete;
    Ticket &operator=(const Ticket &) = delete;

  private:
    friend class Batcher;
    friend class Batch;

    OutcomeListener &listener_;
    const Operation *operation_ = nullptr;
    Batcher *batcher_ = nullptr; // while queued
    std::list<Ticket *>::iterator place_;
    Ticket **in_flight_ = nullptr; // our place in a batch
};

struct BatchLimits {
    std::size_t rows = 500;              // operations in a batch
    std::size_t bytes = 4 * 1024 * 1024; // their weight; one may exceed it
    std::uint64_t overlap_after_ms = 20; // a batch that runs longer is slow
    std::size_t queued_rows = 20000;     // beyond these: overloaded
    std::size_t queued_bytes = 128 * 1024 * 1024;
};

class Batcher final : private WakeListener
{
  public:
    Batcher(EventLoop &loop, Sessions &sessions, BatchLimits limits = {});
    ~Batcher();
    Batcher(const Batcher &) = delete;
    Batcher &operator=(const Batcher &) = delete;

    /** Queues the operation, which stays where it is until the outcome or
     *  the ticket's end. Fails at once if the queue is full or the database
     *  is known to be down; the listener is not called then. */
    Result<void> submit(Ticket &ticket, const Operation &operation);

    /** A session is idle: sends what waits. */
    void on_capacity();

    /** The database is down: fails all that is queued. */
    void on_down();

    /** Voids every ticket; nobody is told. Batches that run still end. */
    void abandon() noexcept;

    std::size_t queued() const noexcept { return queue_.size(); }

  private:
    friend class Ticket;
    friend class Batch;

    void on_wake() noexcept override;
    std::size_t running_rows() const noexcept;
    bool may_send() const noexcept;
    void withdraw(Ticket &ticket) noexcept;
    std::vector<Ticket *> next_tickets();
    std::unique_ptr<Batch> release(Batch &batch);
    void send_again(std::vector<Ticket *> tickets, unsigned attempt);
    void fail(const std::vector<Ticket *> &tickets,
              const Error &error) noexcept;

    Sessions &sessions_;
    const BatchLimits limits_;
    EventLoop &loop_;
    std::unique_ptr<Deferral> flush_;
    std::unique_ptr<Timer> overlap_; // armed while some wait for a batch
    std::uint64_t last_sent_ms_ = 0;
    std::list<Ticket *> queue_;
    std::size_t queued_bytes_ = 0;
    std::deque<std::unique_ptr<Batch>> waiting_; // sent before the queue
    std::list<std::unique_ptr<Batch>> running_;
};

} // namespace wac::db
