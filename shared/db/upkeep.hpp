// What time brings, looked after now and then: commands expire, open uploads
// are swept, silent devices go offline. Every process asks; the database lets
// one of them do it.
#pragma once

#include "db/event_loop.hpp"
#include "db/pg_pool.hpp"

#include <memory>

namespace wac::db
{

class UpkeepListener
{
  public:
    /** A large answer waits to be taken in, perhaps since its process died. */
    virtual void on_result_waits() noexcept = 0;

  protected:
    ~UpkeepListener() = default;
};

class Upkeep final : private WakeListener, private PgBatch
{
  public:
    Upkeep(EventLoop &loop, Sessions &sessions);

    /** Begins; the first time is due at once. */
    void start(UpkeepListener &listener);

    /** A session is idle: does what is due. */
    void on_capacity();

  private:
    void on_wake() noexcept override;
    bool send(PGconn *connection) override;
    void on_rows(const PGresult *rows, std::size_t statement) override;
    void on_done(const PgFailure *failure) noexcept override;

    Sessions &sessions_;
    std::unique_ptr<Timer> timer_;
    UpkeepListener *listener_ = nullptr;
    bool due_ = false;
    bool result_waits_ = false;
};

} // namespace wac::db
