// Sessions that a test ends by hand: it sees each batch that is dispatched
// and says how it went.
#pragma once

#include "db/pg_pool.hpp"

#include <vector>

namespace wac::test
{

class FakePool final : public db::Sessions
{
  public:
    explicit FakePool(std::size_t sessions) : sessions_(sessions) {}

    bool has_idle() const noexcept override
    {
        return state == db::Availability::up && running.size() < sessions_;
    }

    void dispatch(db::PgBatch &batch) override
    {
        running.push_back(&batch);
        ++dispatched;
    }

    db::Availability availability() const noexcept override { return state; }

    void commit()
    {
        db::PgBatch *const batch = take();
        batch->on_done(nullptr);
    }

    void fail(const char *sqlstate)
    {
        db::PgFailure failure;
        failure.sqlstate = sqlstate;
        failure.message = "made to fail";
        take()->on_done(&failure);
    }

    void lose()
    {
        db::PgFailure failure;
        failure.session_lost = true;
        failure.message = "made to vanish";
        take()->on_done(&failure);
    }

    db::Availability state = db::Availability::up;
    std::vector<db::PgBatch *> running; // oldest first
    unsigned dispatched = 0;

  private:
    db::PgBatch *take()
    {
        db::PgBatch *const batch = running.front();
        running.erase(running.begin());
        return batch;
    }

    std::size_t sessions_;
};

} // namespace wac::test
