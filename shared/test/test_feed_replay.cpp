// What one listener is sent before it is live, and what it loses when it does
// not read: where all terminals are, or what it missed, without a gap and
// without a double to what comes meanwhile.
#include "checks.hpp"
#include "feed_bench.hpp"

using namespace wac;
using test::Checks;
using test::FeedBench;
using test::Listener;
using test::numbers;

namespace
{

constexpr std::size_t kMuch = 256U << 10;
constexpr std::size_t kTooMuch = 2U << 20;
constexpr std::size_t kEnough = 8U << 20;

type::Subscription since_id(std::int64_t id)
{
    type::Subscription wanted;
    wanted.since_id = id;
    return wanted;
}

type::Subscription since_us(std::int64_t us)
{
    type::Subscription wanted;
    wanted.since_us = us;
    return wanted;
}

void what_was_missed_comes_in_pages(Checks &check)
{
    FeedBench bench;
    bench.table.add_events(1234);
    Listener listener(bench.feed, since_id(100));
    bench.settle();
    check.equal("all of it", listener.heard(), numbers(101, 1234));
    for (const std::string_view page :
         {"100-600 ", "600-1100 ", "1100-1234 "}) {
        check.that(bench.table.reads.find(page) != std::string::npos, page);
    }
    bench.table.add_events(2);
    bench.look();
    check.equal("then what comes", listener.heard(), "1235 1236");
}

// Each page waits; meanwhile more comes, which those who are live hear at once.
void what_comes_meanwhile_is_neither_lost_nor_doubled(Checks &check)
{
    FeedBench bench;
    Listener live(bench.feed);
    bench.settle();
    bench.table.add_events(1100);
    bench.look();
    check.equal("the live one", live.heard(), numbers(1, 1100));

    bench.postgres.holds = "wac_feed";
    Listener late(bench.feed, since_id(0));
    for (int i = 0; i < 12; ++i) {
        bench.look();
        bench.table.add_events(7);
        bench.postgres.commit();
        bench.settle();
    }
    bench.postgres.holds.clear();
    bench.postgres.commit();
    bench.look();
    bench.look();
    const std::int64_t last = bench.table.last;
    check.equal("the live one goes on", live.heard(), numbers(1101, last));
    check.equal("the late one", late.heard(), numbers(1, last));
    bench.table.add_events(3);
    bench.look();
    check.equal("both are live", late.heard(), live.heard());
}

// The reader has much to read itself: it comes by what was there before.
void one_that_begins_ahead_of_the_reader_waits_for_it(Checks &check)
{
    FeedBench bench;
    Listener live(bench.feed);
    bench.settle();
    bench.table.add_events(5000);
    bench.postgres.holds = "wac_feed";
    Listener late(bench.feed);
    bench.settle();
    bench.postgres.commit();
    bench.settle();
    check.equal("the reader", bench.reader.last(), 2000);
    check.equal("is placed", late.placed, 1);
    bench.postgres.holds.clear();
    bench.postgres.commit();
    bench.look();
    check.equal("the live one", live.heard(), numbers(1, 5000));
    check.equal("nothing of before", late.heard(), "");
    bench.table.add_events(1);
    bench.look();
    check.equal("then all that comes", late.heard(), "5001");
}

void a_page_that_fails_is_read_again(Checks &check)
{
    FeedBench bench;
    bench.table.add_events(700);
    bench.postgres.holds = "wac_feed_read";
    Listener listener(bench.feed, since_id(0));
    bench.settle();
    check.that(bench.postgres.held("wac_feed_read"), "its first page");
    bench.postgres.fail("57014");
    bench.settle();
    bench.look();
    check.that(bench.postgres.held("wac_feed_read"), "the same page");
    bench.table.add_events(5);
    bench.postgres.holds.clear();
    bench.postgres.hang_up();
    bench.settle();
    bench.look();
    check.equal("all of it, once", listener.heard(), numbers(1, 705));
}

void a_time_begins_with_what_was_received_then(Checks &check)
{
    FeedBench bench;
    bench.table.add_events(9);
    bench.table.rows.at(7).at_us = 3; // number 8 was received earlier
    Listener listener(bench.feed, since_us(6));
    Listener future(bench.feed, since_us(1000));
    bench.settle();
    check.equal("not what is older", listener.heard(), "6 7 9");
    check.equal("later than all", future.heard(), "");
    bench.table.add_events(1);
    bench.look();
    check.equal("goes on", listener.heard(), "10");
    check.equal("whatever the hour", future.heard(), "10");
}

void its_filter_holds_for_what_it_missed(Checks &check)
{
    FeedBench bench;
    bench.table.add("D1", "event", "attendance");
    bench.table.add("D2", "event", "attendance");
    bench.table.add("D1", "telemetry");
    bench.table.add("D1", "event", "admin_log");
    bench.table.add("D2", "event", "attendance");
    type::Subscription wanted = since_id(0);
    wanted.devices = {"D1"};
    wanted.types = {"attendance", "telemetry"};
    Listener listener(bench.feed, wanted);
    bench.settle();
    check.equal("missed", listener.heard(), "1 3");
    check.that(bench.table.reads.find("0-5 of D1 ") != std::string::npos,
               "only its devices' are read");
    check.that(bench.table.reads.find("4-5 ") == std::string::npos,
               "what was read is not read again");
    bench.table.add("D2", "telemetry");
    bench.table.add("D1", "event", "attendance");
    bench.look();
    check.equal("live", listener.heard(), "7");
}

void it_is_told_when_its_beginning_is_not_there(Checks &check)
{
    FeedBench bench;
    bench.table.add_events(20);
    bench.table.rows.erase(bench.table.rows.begin(),
                           bench.table.rows.begin() + 15);
    Listener old(bench.feed, since_id(14));
    Listener fits(bench.feed, since_id(15));
    Listener last(bench.feed, since_id(20));
    Listener future(bench.feed, since_id(21));
    bench.settle();
    check.equal("too old", old.heard(), "since_too_old 16 17 18 19 20");
    check.that(bench.table.reads.find("14-20 ") == std::string::npos,
               "what is gone is not read");
    check.equal("just kept", fits.heard(), "16 17 18 19 20");
    check.equal("the newest", last.heard(), "");
    check.equal("not there yet", future.heard(), "bad_since");
    bench.table.add_events(1);
    bench.look();
    for (Listener *one : {&old, &fits, &last, &future}) {
        check.equal("live", one->heard(), "21");
    }
}

void it_begins_with_where_all_terminals_are(Checks &check)
{
    FeedBench bench;
    bench.table.devices = {{"D1", "online", 5}, {"D2", "offline", 6}};
    Listener all(bench.feed);
    type::Subscription wanted;
    wanted.devices = {"D2"};
    Listener one(bench.feed, wanted);
    wanted.types = {"telemetry"};
    Listener telemetry(bench.feed, wanted);
    Listener resumed(bench.feed, since_id(0));
    bench.settle();
    check.equal("frame", *all.peer.frames.at(0),
                type::device_status("D1", "online", 5));
    check.equal("all", all.heard(), "D1:online D2:offline");
    check.equal("its own", one.heard(), "D2:offline");
    check.equal("not asked for", telemetry.heard(), "");
    check.equal("it knows them", resumed.heard(), "");
}

void many_terminals_come_in_pages(Checks &check)
{
    FeedBench bench;
    for (int n = 10000; n < 11000; ++n) {
        bench.table.devices.push_back({"D" + std::to_string(n), "online", 1});
    }
    bench.postgres.holds = "wac_feed_snapshot";
    Listener listener(bench.feed);
    bench.settle();
    bench.table.add_events(2); // while they are read
    bench.postgres.commit();
    bench.settle();
    check.equal("the first page", listener.peer.frames.size(), 1000U);
    listener.heard();
    bench.postgres.holds.clear();
    bench.postgres.commit();
    bench.look();
    check.equal("the next one was empty", bench.table.snapshots,
                "'' 'D10999' ");
    check.equal("then what came meanwhile", listener.heard(), "1 2");
}

void one_that_does_not_read_gets_no_further_page(Checks &check)
{
    FeedBench bench;
    bench.table.add_events(900);
    bench.postgres.holds = "wac_feed_read";
    Listener listener(bench.feed, since_id(0));
    bench.settle();
    listener.peer.queued = kMuch;
    bench.postgres.commit();
    bench.settle();
    bench.postgres.holds.clear();
    if (bench.postgres.held("wac_feed_read")) { // the reader's own
        bench.postgres.commit();
    }
    bench.look();
    check.equal("one page", listener.heard(), numbers(1, 500));
    bench.table.add_events(100);
    bench.look();
    check.equal("nothing more", listener.heard(), "");
    listener.peer.queued = 0;
    listener.subscription->on_written();
    bench.settle();
    check.equal("it goes on where it was", listener.heard(),
                numbers(501, 1000));
    check.equal("nothing is lost", listener.subscription->lost(), 0U);
    listener.subscription->on_written();
    bench.table.add_events(1);
    bench.look();
    check.equal("and is live", listener.heard(), "1001");
}

void one_that_does_not_read_gets_no_further_terminals(Checks &check)
{
    FeedBench bench;
    for (int n = 10000; n < 11001; ++n) {
        bench.table.devices.push_back({"D" + std::to_string(n), "online", 1});
    }
    Listener listener(bench.feed);
    listener.peer.queued = kMuch;
    bench.settle();
    check.equal("not asked for", bench.table.snapshots, "");
    listener.peer.queued = kMuch - 1;
    listener.subscription->on_written();
    bench.settle();
    check.equal("then all", listener.peer.frames.size(), 1001U);
}

void a_slow_one_loses_telemetry_first(Checks &check)
{
    FeedBench bench;
    Listener slow(bench.feed);
    Listener quick(bench.feed);
    bench.settle();
    slow.peer.queued = kTooMuch;
    bench.table.add("D1", "telemetry");
    bench.table.add("D1", "event", "attendance");
    bench.table.add("D1", "telemetry");
    bench.table.add("D1", "device_status");
    bench.look();
    check.equal("events only", slow.heard(), "2 4");
    check.equal("counted", slow.subscription->lost(), 2U);
    check.equal("the other", quick.heard(), "1 2 3 4");
    slow.peer.queued = kTooMuch - 1;
    bench.table.add("D1", "telemetry");
    bench.look();
    check.equal("again", slow.heard(), "5");
    check.equal("no more", slow.subscription->lost(), 2U);
}

void a_slower_one_is_ended_before_it_loses_an_event(Checks &check)
{
    FeedBench bench;
    Listener slow(bench.feed);
    Listener quick(bench.feed);
    bench.settle();
    slow.peer.queued = kEnough - 1;
    bench.table.add_events(1);
    bench.look();
    check.equal("still sent", slow.heard(), "1");
    check.equal("not ended", slow.peer.closed, "");
    slow.peer.queued = kEnough;
    bench.table.add_events(3);
    bench.look();
    slow.peer.queued = 0;
    bench.table.add_events(1);
    bench.look();
    check.equal("ended once", slow.peer.closed,
                "1008 too slow for what it subscribed to\n");
    check.equal("nothing behind a gap", slow.heard(), "");
    check.equal("the other", quick.heard(), numbers(1, 5));
    const SessionTraits traits = Subscription::traits();
    check.that(traits.queued_bytes > kEnough, "before its peer ends it");
}

void a_replay_ends_a_slow_one_too(Checks &check)
{
    FeedBench bench;
    bench.table.add_events(10);
    bench.postgres.holds = "wac_feed_read";
    Listener slow(bench.feed, since_id(0));
    bench.settle();
    slow.peer.queued = kEnough;
    bench.postgres.holds.clear();
    bench.postgres.commit();
    bench.settle();
    check.equal("ended", slow.peer.closed.substr(0, 4), "1008");
    slow.peer.queued = 0;
    slow.subscription->on_written();
    bench.look();
    check.equal("nothing behind a gap", slow.heard(), "");
}

} // namespace

int main()
{
    using test::unit;
    const CMUnitTest tests[] = {
        cmocka_unit_test(unit<what_was_missed_comes_in_pages>),
        cmocka_unit_test(
            unit<what_comes_meanwhile_is_neither_lost_nor_doubled>),
        cmocka_unit_test(
            unit<one_that_begins_ahead_of_the_reader_waits_for_it>),
        cmocka_unit_test(unit<a_page_that_fails_is_read_again>),
        cmocka_unit_test(unit<a_time_begins_with_what_was_received_then>),
        cmocka_unit_test(unit<its_filter_holds_for_what_it_missed>),
        cmocka_unit_test(unit<it_is_told_when_its_beginning_is_not_there>),
        cmocka_unit_test(unit<it_begins_with_where_all_terminals_are>),
        cmocka_unit_test(unit<many_terminals_come_in_pages>),
        cmocka_unit_test(unit<one_that_does_not_read_gets_no_further_page>),
        cmocka_unit_test(
            unit<one_that_does_not_read_gets_no_further_terminals>),
        cmocka_unit_test(unit<a_slow_one_loses_telemetry_first>),
        cmocka_unit_test(unit<a_slower_one_is_ended_before_it_loses_an_event>),
        cmocka_unit_test(unit<a_replay_ends_a_slow_one_too>),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
