// Signs of life and refusals of devices, written behind: one statement every
// second at most, never one per request. What is not written yet when the
// process dies is lost; nothing that was acknowledged depends on it.
#pragma once

#include "db/event_loop.hpp"
#include "db/pg_pool.hpp"
#include "proto/operation.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>

namespace wac::db
{

class Presence final : private WakeListener, private PgBatch
{
  public:
    Presence(EventLoop &loop, Sessions &sessions);

    /** Notes it; a later one of the same device replaces it, refusals add
     *  up. */
    void note(Sighting sighting);

    /** A session is idle: writes what is due. */
    void on_capacity();

  private:
    struct Entry {
        Sighting sighting;
        std::uint64_t seen_ms = 0;
        std::int64_t refusals = 0;
    };
    using Entries = std::unordered_map<std::string, Entry>; // by sn

    void on_wake() noexcept override;
    bool send(PGconn *connection) override;
    void on_rows(const PGresult *, std::size_t) override {}
    void on_done(const PgFailure *failure) noexcept override;

    EventLoop &loop_;
    Sessions &sessions_;
    std::unique_ptr<Timer> timer_;
    bool armed_ = false;
    bool due_ = false;
    Entries noted_;
    Entries in_flight_;
};

} // namespace wac::db
