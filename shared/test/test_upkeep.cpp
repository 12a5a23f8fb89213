// Upkeep as its process sees it: when it asks, and whom it tells.
#include "checks.hpp"
#include "fake_loop.hpp"
#include "fake_pool.hpp"

#include "db/statements.hpp"
#include "db/upkeep.hpp"

using namespace wac;
using test::Checks;

namespace
{

class Listener final : public db::UpkeepListener
{
  public:
    void on_result_waits() noexcept override { ++told; }

    int told = 0;
};

struct Bench {
    explicit Bench(std::size_t sessions = 1) : pool(sessions) {}

    /** The last statement's one row. */
    void answer(bool result_waits)
    {
        const db::PgResult rows(PQmakeEmptyPGresult(nullptr, PGRES_TUPLES_OK));
        PGresAttDesc column{};
        char name[] = "exists";
        column.name = name;
        column.format = 1;
        PQsetResultAttrs(rows.get(), 1, &column);
        char value = result_waits ? '\1' : '\0';
        PQsetvalue(rows.get(), 0, 0, &value, 1);
        pool.running.front()->on_rows(rows.get(), db::kUpkeepVerdict);
    }

    test::FakeLoop loop;
    test::FakePool pool;
    Listener listener;
    db::Upkeep upkeep{loop, pool};
};

void it_asks_at_once_and_every_five_seconds(Checks &check)
{
    Bench bench;
    bench.upkeep.start(bench.listener);
    check.equal("at once", bench.pool.dispatched, 1U);
    bench.loop.advance(60000);
    check.equal("not before the last is done", bench.pool.dispatched, 1U);
    bench.pool.commit();
    bench.loop.advance(4999);
    check.equal("not before its time", bench.pool.dispatched, 1U);
    bench.loop.advance(1);
    check.equal("then again", bench.pool.dispatched, 2U);
    bench.pool.lose();
    bench.loop.advance(5000);
    check.equal("after a failure too", bench.pool.dispatched, 3U);
    bench.pool.commit();
}

void it_waits_for_an_idle_session(Checks &check)
{
    Bench bench(0);
    bench.upkeep.start(bench.listener);
    bench.loop.advance(60000);
    check.equal("none is idle", bench.pool.dispatched, 0U);
}

void it_tells_of_results_that_wait(Checks &check)
{
    Bench bench;
    bench.upkeep.start(bench.listener);
    bench.answer(false);
    bench.pool.commit();
    check.equal("none", bench.listener.told, 0);
    bench.loop.advance(5000);
    bench.answer(true);
    check.equal("not before the commit", bench.listener.told, 0);
    bench.pool.commit();
    check.equal("one", bench.listener.told, 1);
    bench.loop.advance(5000);
    bench.answer(true);
    bench.pool.fail("57014");
    check.equal("not after a failure", bench.listener.told, 1);
}

} // namespace

int main()
{
    using test::unit;
    const CMUnitTest tests[] = {
        cmocka_unit_test(unit<it_asks_at_once_and_every_five_seconds>),
        cmocka_unit_test(unit<it_waits_for_an_idle_session>),
        cmocka_unit_test(unit<it_tells_of_results_that_wait>),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
