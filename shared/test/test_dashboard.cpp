// A dashboard on its connection: who is let in, what it sees, and how it ends.
#include "checks.hpp"
#include "dashboard_bench.hpp"

using namespace wac;
using test::Checks;
using Bench = test::DashboardBench;

namespace
{

void a_token_lets_it_in(Checks &check)
{
    Bench bench;
    bench.table.devices = {{"D1", "online", 5}};
    check.that(!bench.session->registered(), "nobody");
    check.equal("where they are", bench.subscribe("v"), "D1:online");
    check.that(bench.session->registered(), "somebody");
    check.equal("said", bench.log.count("\"v-holder\" listens"), 1U);
    bench.table.add_events(1);
    bench.look();
    check.equal("and what comes", bench.peer.heard(), "1");

    Bench other;
    other.peer.came_with = "o";
    other.subscribe("");
    check.that(other.session->registered(), "by its request's");
    bench.session.reset();
    check.equal("its place is free", bench.feed.size(), 0U);
}

void without_one_it_is_turned_away(Checks &check)
{
    for (const std::string token : {"", "x", "vv"}) {
        Bench bench;
        bench.session->on_message(Bench::subscription_by(token));
        check.equal(token, bench.order("D1"), "auth_failed");
        check.equal(token, bench.peer.closed, "4401 auth_failed\n");
        check.that(!bench.session->registered(), token);
        check.equal("nothing more", bench.order("D1"), "");
        check.equal("nobody listens", bench.feed.size(), 0U);
    }
}

void another_subscription_replaces_the_first(Checks &check)
{
    Bench bench;
    bench.subscribe("v");
    const std::string again = R"({"type":"subscribe","role":"admin",)"
                              R"("token":"v","types":["telemetry"]})";
    check.equal("again", bench.say(again), "");
    check.equal("one place", bench.feed.size(), 1U);
    bench.table.add_events(1);
    bench.table.add("D1", "telemetry");
    bench.look();
    check.equal("by the new filter", bench.peer.heard(), "2");
    check.equal("a bad one", bench.say(R"({"type":"subscribe","role":"boss"})"),
                "bad_role");
    bench.table.add("D1", "telemetry");
    bench.look();
    check.equal("changes nothing", bench.peer.heard(), "3");
}

void a_place_that_is_not_found_in_time_is_given_up(Checks &check)
{
    Bench bench;
    bench.postgres.holds = "wac_feed_position";
    bench.subscribe("a");
    check.equal("an order waits for it", bench.order("D9"), "");
    bench.pass(4999);
    check.equal("not yet", bench.peer.heard(), "");
    bench.pass(1);
    check.equal("given up", bench.peer.heard(), "try_again unknown_device");
    check.equal("nobody listens", bench.feed.size(), 0U);
    bench.release();
    bench.table.add_events(1);
    bench.look();
    check.equal("too late", bench.peer.heard(), "");

    check.equal("again", bench.subscribe("a"), "");
    bench.pass(5000);
    bench.table.add_events(1);
    bench.look();
    check.equal("now it is live", bench.peer.heard(), "2");
}

void it_drains_when_it_has_answered(Checks &check)
{
    Bench bench;
    bench.subscribe("a");
    bench.postgres.holds = "wac_order";
    bench.order("D9");
    bench.order("D8");
    bench.session->drain();
    check.equal("under way", bench.peer.closed, "");
    check.equal("no new work", bench.order("D7"), "");
    bench.release();
    check.equal("answered", bench.peer.heard(),
                "unknown_device unknown_device");
    check.equal("closed", bench.peer.closed, "1001 the server stops\n");

    Bench idle;
    idle.subscribe("a");
    idle.session->drain();
    check.equal("idle", idle.peer.closed, "1001 the server stops\n");
}

void one_that_is_gone_is_not_answered(Checks &check)
{
    Bench bench;
    bench.subscribe("a");
    bench.postgres.holds = "wac_";
    bench.order("D1");
    bench.look();
    bench.session.reset();
    bench.release();
    check.equal("nothing said", bench.peer.heard(), "");
    check.equal("nor ordered", bench.ordered, "");
    check.equal("nobody listens", bench.feed.size(), 0U);
}

void a_slow_one_is_closed_with_the_reason(Checks &check)
{
    Bench bench;
    bench.subscribe("a");
    bench.peer.queued = 2U << 20;
    bench.table.add("D1", "telemetry");
    bench.table.add_events(1);
    bench.look();
    check.equal("no telemetry", bench.peer.heard(), "2");
    bench.peer.queued = 8U << 20;
    bench.table.add_events(2);
    bench.look();
    check.equal("closed", bench.peer.closed,
                "1008 too slow for what it subscribed to\n");
    check.equal("nothing behind a gap", bench.peer.heard(), "");
    check.equal("said", bench.log.count("\"a-holder\": too slow"), 1U);
    check.equal("nor is anything taken", bench.order("D9"), "");
}

void a_revoked_one_is_closed(Checks &check)
{
    Bench bench;
    bench.subscribe("a");
    bench.table.lapsed = {std::string(as_text(sha256(as_bytes("a"))))};
    bench.pass(20000);
    check.equal("closed", bench.peer.closed,
                "4401 the token is not valid any more\n");
}

// Its filters have many pages to read, and its peer takes them one by one.
void it_reads_on_when_its_peer_has_written(Checks &check)
{
    Bench bench;
    bench.table.add_events(600);
    bench.peer.queued = 256U << 10;
    bench.say(R"({"type":"subscribe","role":"admin","token":"v","since":0})");
    check.equal("its peer is full", bench.peer.heard(), "");
    bench.peer.queued = 0;
    bench.session->on_written();
    bench.settle();
    check.equal("then all", bench.peer.heard(), test::numbers(1, 600));
}

} // namespace

int main()
{
    using test::unit;
    const CMUnitTest tests[] = {
        cmocka_unit_test(unit<a_token_lets_it_in>),
        cmocka_unit_test(unit<without_one_it_is_turned_away>),
        cmocka_unit_test(unit<another_subscription_replaces_the_first>),
        cmocka_unit_test(unit<a_place_that_is_not_found_in_time_is_given_up>),
        cmocka_unit_test(unit<it_drains_when_it_has_answered>),
        cmocka_unit_test(unit<one_that_is_gone_is_not_answered>),
        cmocka_unit_test(unit<a_slow_one_is_closed_with_the_reason>),
        cmocka_unit_test(unit<a_revoked_one_is_closed>),
        cmocka_unit_test(unit<it_reads_on_when_its_peer_has_written>),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
