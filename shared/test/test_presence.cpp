// The write-behind: how often it writes, and that refusals are not lost with
// a session.
#include "checks.hpp"
#include "fake_loop.hpp"
#include "fake_pool.hpp"

#include "db/presence.hpp"

using namespace wac;
using test::Checks;

namespace
{

Sighting sighting(const std::string &sn, const std::string &refusal = "")
{
    Sighting s;
    s.sn = sn;
    s.refusal = refusal;
    return s;
}

void many_sightings_are_one_statement_a_second(Checks &check)
{
    test::FakeLoop loop;
    test::FakePool pool(1);
    db::Presence presence(loop, pool);
    for (int i = 0; i < 100; ++i) {
        presence.note(sighting("D1"));
        presence.note(sighting("D2", "pending"));
        loop.advance(5);
    }
    check.equal("within the second", pool.dispatched, 0U);
    loop.advance(500);
    check.equal("after it", pool.dispatched, 1U);
    pool.commit();
    loop.advance(5000);
    check.equal("nothing more to write", pool.dispatched, 1U);
    check.equal("no timer holds a shutdown", loop.next_timer_ms(), -1);
}

void it_waits_for_an_idle_session(Checks &check)
{
    test::FakeLoop loop;
    test::FakePool pool(0);
    db::Presence presence(loop, pool);
    presence.note(sighting("D1"));
    loop.advance(1000);
    check.equal("none is idle", pool.dispatched, 0U);
    test::FakePool idle(1);
    db::Presence other(loop, idle);
    other.note(sighting("D1"));
    loop.advance(1000);
    check.equal("one is", idle.dispatched, 1U);
    idle.commit();
}

void a_lost_session_keeps_them(Checks &check)
{
    test::FakeLoop loop;
    test::FakePool pool(1);
    db::Presence presence(loop, pool);
    presence.note(sighting("D1", "pending"));
    loop.advance(1000);
    pool.lose();
    presence.on_capacity();
    check.equal("written again", pool.dispatched, 2U);
    pool.fail("22P02");
    presence.on_capacity();
    check.equal("but a fault of its own is not repeated", pool.dispatched, 2U);
}

} // namespace

int main()
{
    using test::unit;
    const CMUnitTest tests[] = {
        cmocka_unit_test(unit<many_sightings_are_one_statement_a_second>),
        cmocka_unit_test(unit<it_waits_for_an_idle_session>),
        cmocka_unit_test(unit<a_lost_session_keeps_them>),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
