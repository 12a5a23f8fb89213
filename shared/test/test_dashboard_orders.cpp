// What dashboards order: by which role, of which terminal, one after the other;
// how each is answered, and what becomes of it when the store does not.
#include "checks.hpp"
#include "dashboard_bench.hpp"

using namespace wac;
using test::Checks;
using Bench = test::DashboardBench;

namespace
{

void a_viewer_orders_nothing(Checks &check)
{
    Bench bench;
    bench.subscribe("v");
    bench.session->on_message(Bench::order_of("D1", R"(,"id":4)"));
    bench.settle();
    check.equal("answer", *bench.peer.frames.at(0),
                R"({"type":"error","code":"forbidden",)"
                R"("message":"only an operator may do that",)"
                R"("device_id":"D1","command":"unlock","id":4})");
    check.equal("not even asked", bench.postgres.executed("wac_order"), 0U);
    check.equal("it stays", bench.peer.closed, "");
}

void an_operator_orders(Checks &check)
{
    for (const std::string token : {"o", "a"}) {
        Bench bench;
        bench.subscribe(token);
        check.equal("no answer but its result",
                    bench.order("D1", R"(,"id":{"n":1})"), "");
        check.equal("ordered", bench.ordered,
                    "D1 open_door by " + token + "-holder as {\"n\":1}\n");
        check.equal("said", bench.log.count("ordered unlock of D1: command 77"),
                    1U);
    }
}

void what_cannot_be_ordered_is_told(Checks &check)
{
    Bench bench;
    bench.devices["off"].online = false;
    bench.devices["new"].state = "pending";
    bench.devices["bad"].state = "blocked";
    bench.subscribe("a");
    check.equal("unknown", bench.order("D2"), "unknown_device");
    check.equal("offline", bench.order("off"), "device_offline");
    check.equal("pending", bench.order("new"), "not_approved");
    check.equal("blocked", bench.order("bad"), "not_approved");
    check.equal("no device", bench.say(R"({"type":"command"})"), "malformed");
    check.equal("payload", bench.order("D1", R"(,"payload":{"door":"x"})"),
                "bad_command");
    const std::string clear =
        R"({"type":"command","device_id":"D1","command":"clear_logs")";
    check.equal("sure?", bench.say(clear + "}"), "needs_yes");
    check.equal("not so", bench.say(clear + R"(,"yes":"true"})"), "needs_yes");
    check.equal("nothing yet", bench.ordered, "");
    check.equal("yes", bench.say(clear + R"(,"yes":true})"), "");
    check.equal("ordered", bench.ordered, "D1 clear_logs by a-holder as \n");
    bench.roles.erase("a"); // since it subscribed
    check.equal("revoked", bench.order("D1"), "forbidden");
}

// Between the two questions.
void a_terminal_that_goes_meanwhile_is_offline(Checks &check)
{
    Bench bench;
    bench.subscribe("a");
    bench.postgres.holds = "wac_order";
    bench.order("D1");
    bench.postgres.commit();
    bench.settle();
    check.that(bench.postgres.held("wac_order"), "it is being ordered");
    bench.devices["D1"].online = false;
    bench.postgres.commit();
    bench.settle();
    check.equal("told", bench.peer.heard(), "device_offline");
}

void orders_are_taken_one_after_the_other(Checks &check)
{
    Bench bench;
    bench.devices["D2"].online = false;
    bench.subscribe("a");
    bench.postgres.holds = "wac_order";
    for (const std::string device : {"D1", "D2", "D3", "D1"}) {
        check.equal("waits", bench.order(device, R"(,"id":")" + device + '"'),
                    "");
    }
    check.equal("one at a time", bench.postgres.executed("wac_order"), 1U);
    bench.release();
    check.equal("in their order", bench.peer.heard(),
                "device_offline unknown_device");
    check.equal("both", bench.ordered,
                "D1 open_door by a-holder as \"D1\"\n"
                "D1 open_door by a-holder as \"D1\"\n");
}

void one_that_orders_faster_than_it_goes_is_held(Checks &check)
{
    Bench bench;
    bench.subscribe("a");
    bench.postgres.holds = "wac_order";
    int said = 0;
    while (!bench.peer.held && said < 100) {
        bench.session->on_message(Bench::order_of("D9"));
        ++said;
    }
    check.that(bench.peer.held && said > 10, "held");
    bench.settle();
    bench.release();
    check.that(!bench.peer.held, "read from again");
    check.equal("each is answered", bench.peer.frames.size(),
                static_cast<std::size_t>(said));
}

// Else the result of what it orders might be before what it sees.
void orders_wait_until_it_has_its_place(Checks &check)
{
    Bench bench;
    bench.postgres.holds = "wac_feed_position";
    bench.subscribe("a");
    check.equal("waits", bench.order("D9"), "");
    check.equal("not asked", bench.postgres.executed("wac_order"), 0U);
    bench.release();
    check.equal("then", bench.peer.heard(), "unknown_device");
}

void a_store_that_never_answers_has_a_deadline(Checks &check)
{
    Bench bench;
    bench.postgres.holds = "wac_check_token";
    bench.subscribe("a");
    bench.pass(4999);
    check.equal("its token is looked up", bench.peer.heard(), "");
    bench.pass(1);
    check.equal("given up", bench.peer.heard(), "try_again");
    bench.postgres.commit();
    bench.settle();
    check.that(!bench.session->registered(), "too late");
    bench.postgres.holds.clear();
    bench.subscribe("a");
    check.that(bench.session->registered(), "it may try again");

    bench.postgres.holds = "wac_order";
    check.equal("waits", bench.order("D1", R"(,"id":4)"), "");
    check.equal("so does the next", bench.order("D9"), "");
    bench.pass(4999);
    check.equal("not yet", bench.peer.heard(), "");
    bench.pass(1);
    check.equal("given up", bench.peer.heard(), "try_again");
    bench.release();
    check.equal("only the next is answered", bench.peer.heard(),
                "unknown_device");
    check.equal("nothing is ordered", bench.ordered, "");
    check.equal("it stays", bench.peer.closed, "");
}

void a_batch_that_fails_is_told(Checks &check)
{
    Bench bench;
    bench.subscribe("a");
    bench.postgres.holds = "wac_order";
    bench.order("D1");
    bench.postgres.fail("57014");
    bench.settle();
    check.equal("failed", bench.peer.heard(), "try_again");
    bench.order("D1");
    bench.postgres.holds.clear();
    bench.postgres.hang_up();
    bench.settle();
    check.equal("lost", bench.peer.heard(), "try_again");
    check.equal("back", bench.order("D9"), "unknown_device");
    check.equal("nothing was ordered", bench.ordered, "");
}

} // namespace

int main()
{
    using test::unit;
    const CMUnitTest tests[] = {
        cmocka_unit_test(unit<a_viewer_orders_nothing>),
        cmocka_unit_test(unit<an_operator_orders>),
        cmocka_unit_test(unit<what_cannot_be_ordered_is_told>),
        cmocka_unit_test(unit<a_terminal_that_goes_meanwhile_is_offline>),
        cmocka_unit_test(unit<orders_are_taken_one_after_the_other>),
        cmocka_unit_test(unit<one_that_orders_faster_than_it_goes_is_held>),
        cmocka_unit_test(unit<orders_wait_until_it_has_its_place>),
        cmocka_unit_test(unit<a_store_that_never_answers_has_a_deadline>),
        cmocka_unit_test(unit<a_batch_that_fails_is_told>),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
