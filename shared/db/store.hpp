// The persistence of one process: pool, batcher, write-behind and upkeep, put
// together. Everything runs on the loop it was given; nothing blocks.
#pragma once

#include "db/batcher.hpp"
#include "db/pg_pool.hpp"
#include "db/presence.hpp"
#include "db/upkeep.hpp"

namespace wac::db
{

class Store final : private PoolListener
{
  public:
    Store(EventLoop &loop, Log &log, Conninfo conninfo,
          PoolLimits pool_limits = {}, BatchLimits batch_limits = {})
        : pool_(loop, log, std::move(conninfo), pool_limits, *this),
          batcher_(loop, pool_, batch_limits), presence_(loop, pool_),
          upkeep_(loop, pool_)
    {
    }

    /** Voids what is under way without telling anybody. */
    ~Store()
    {
        batcher_.abandon();
        pool_.stop();
    }

    Store(const Store &) = delete;
    Store &operator=(const Store &) = delete;

    /** Starts connecting; what is submitted before waits for it. */
    void start(UpkeepListener &listener)
    {
        upkeep_.start(listener);
        pool_.start();
    }

    /** See Batcher::submit. */
    Result<void> submit(Ticket &ticket, const Operation &operation)
    {
        return batcher_.submit(ticket, operation);
    }

    /** See Presence::note. */
    void note(Sighting sighting) { presence_.note(std::move(sighting)); }

  private:
    void on_capacity() noexcept override
    {
        presence_.on_capacity();
        upkeep_.on_capacity();
        batcher_.on_capacity();
    }

    void on_down() noexcept override { batcher_.on_down(); }

    PgPool pool_;
    Batcher batcher_;
    Presence presence_;
    Upkeep upkeep_;
};

} // namespace wac::db
