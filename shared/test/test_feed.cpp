// The live feed of one process: when it asks the database, who is handed which
// event, and that none is lost or doubled when a look fails, the database goes
// away, or a listener does.
#include "checks.hpp"
#include "feed_bench.hpp"

using namespace wac;
using test::Checks;
using test::FeedBench;
using test::Listener;

namespace
{

type::Subscription filter(std::vector<std::string> devices,
                          std::vector<std::string> types = {})
{
    type::Subscription wanted;
    wanted.devices = std::move(devices);
    wanted.types = std::move(types);
    return wanted;
}

void it_asks_only_while_somebody_listens(Checks &check)
{
    FeedBench bench;
    bench.loop.advance(60000);
    bench.settle();
    check.equal("connections", bench.postgres.connections, 0U);
    check.equal("timers", bench.loop.next_timer_ms(), -1);

    std::optional<Listener> first(bench.feed);
    bench.settle();
    check.equal("connected", bench.postgres.connections, 1U);
    check.equal("says that it listens",
                bench.postgres.executed("wac_feed_listen"), 1U);
    std::optional<Listener> second(bench.feed);
    bench.settle();
    check.equal("listeners", bench.feed.size(), 2U);
    first.reset();
    unsigned before = bench.looks();
    bench.look();
    check.that(bench.looks() > before, "it goes on for the second");

    second.reset();
    check.equal("nobody left", bench.feed.size(), 0U);
    before = bench.looks();
    for (int i = 0; i < 60; ++i) {
        bench.look();
    }
    bench.postgres.notify("wac_feed");
    bench.settle();
    check.equal("looks while nobody is there", bench.looks(), before);
    check.equal("timers then", bench.loop.next_timer_ms(), -1);

    Listener third(bench.feed);
    bench.settle();
    bench.table.add_events(1);
    bench.look();
    check.equal("the third hears", third.heard(), "1");
    check.equal("one session for all", bench.postgres.connections, 1U);
}

void everybody_gets_what_he_wants_once_and_in_order(Checks &check)
{
    FeedBench bench;
    Listener all(bench.feed);
    Listener one(bench.feed, filter({"D1"}));
    Listener two(bench.feed, filter({"D2", "D3"}, {"event", "telemetry"}));
    Listener punches(bench.feed, filter({}, {"attendance"}));
    Listener other_case(bench.feed, filter({"d1"}));
    Listener other_type(bench.feed, filter({}, {"Event"}));
    bench.settle();

    bench.table.add("D1", "event", "attendance");
    bench.table.add("D2", "telemetry");
    bench.table.add("D1", "device_status");
    bench.table.add("D3", "event", "door_opened");
    bench.table.add("D4", "event", "attendance");
    bench.table.add("D2", "device_status");
    bench.look();
    bench.look();
    check.equal("a frame for all", all.peer.frames.at(0),
                one.peer.frames.at(0));
    check.equal("no filter", all.heard(), "1 2 3 4 5 6");
    check.equal("a device", one.heard(), "1 3");
    check.equal("devices and types", two.heard(), "2 4");
    check.equal("an event's type", punches.heard(), "1 5");
    check.equal("device in another case", other_case.heard(), "");
    check.equal("type in another case", other_type.heard(), "");
}

void frames_are_those_of_the_dialect(Checks &check)
{
    FeedBench bench;
    Listener listener(bench.feed);
    bench.settle();
    bench.table.add("D1", "event", "attendance");
    bench.table.add("D1", "telemetry");
    bench.table.add("D1", "device_status");
    bench.look();
    const std::string payload = R"({"status":"online"})";
    const auto &frames = listener.peer.frames;
    check.equal("frames", frames.size(), 3U);
    check.equal("event", *frames.at(0),
                type::event("D1", "attendance", payload, 1, 1));
    check.equal("telemetry", *frames.at(1),
                type::telemetry("D1", payload, 2, 2));
    check.equal("status", *frames.at(2),
                type::device_status("D1", "online", 3, 3));
}

void what_is_there_already_is_not_sent(Checks &check)
{
    FeedBench bench;
    bench.table.add_events(700);
    Listener listener(bench.feed);
    check.equal("not placed yet", listener.placed, 0);
    bench.settle();
    check.equal("placed", listener.placed, 1);
    bench.table.add_events(1);
    bench.look();
    check.equal("only what comes", listener.heard(), "701");
    check.equal("nothing else was read",
                bench.table.reads.starts_with("700-2700 "), true);
}

void a_bell_is_followed_at_once(Checks &check)
{
    FeedBench bench;
    Listener listener(bench.feed);
    bench.settle();
    bench.table.add_events(1);
    bench.postgres.notify("wac_feed");
    bench.settle();
    check.equal("without any time", listener.heard(), "1");
}

// Somebody else numbers, or there is more than one look can number: nobody
// knows yet what was committed before.
void a_place_is_known_when_all_has_its_number(Checks &check)
{
    for (const std::int32_t advanced : {-1, 1000}) {
        FeedBench bench;
        bench.table.advanced = advanced;
        bench.postgres.holds = "wac_feed";
        Listener early(bench.feed);
        for (int i = 0; i < 3; ++i) {
            bench.look();
            bench.table.add_events(1);
            bench.postgres.commit();
            bench.settle();
        }
        bench.look();
        check.equal("not placed", early.placed, 0);
        check.equal("nothing is known", bench.reader.last(), std::nullopt);
        bench.table.advanced = 999;
        bench.postgres.holds.clear();
        bench.postgres.commit();
        bench.settle();
        check.equal("placed", early.placed, 1);
        bench.table.advanced = 0;
        bench.table.add_events(1);
        bench.look();
        check.equal("what came after", early.heard(), "4");
    }
}

// It failed behind the statements that had given their rows already.
void a_look_that_fails_is_repeated_a_second_later(Checks &check)
{
    FeedBench bench;
    Listener listener(bench.feed);
    bench.settle();
    bench.table.add_events(3);
    bench.postgres.holds = "wac_feed";
    Listener late(bench.feed); // its question comes last
    bench.settle();
    check.that(bench.postgres.held("wac_feed_position"), "it is asked");
    const unsigned before = bench.looks();
    bench.postgres.fail("57014");
    bench.settle();
    check.equal("nothing was handed over", listener.heard(), "");
    check.equal("nor answered", late.placed, 0);
    check.equal("said", bench.log.count("made to fail"), 1U);
    check.equal("not repeated at once", bench.looks(), before);
    check.equal("but", bench.loop.next_timer_ms(), 1000);

    bench.postgres.holds.clear();
    bench.table.add_events(2);
    bench.look();
    check.equal("without a gap", listener.heard(), "1 2 3 4 5");
    check.equal("answered", late.placed, 1);
    bench.table.add_events(1);
    bench.look();
    check.equal("nor a double", listener.heard(), "6");
    check.equal("the late one", late.heard(), "6");
}

void a_database_that_goes_away_takes_nothing_along(Checks &check)
{
    FeedBench bench;
    Listener listener(bench.feed);
    bench.settle();
    bench.table.add_events(3);
    bench.postgres.holds = "wac_feed_read";
    bench.look();
    check.that(bench.postgres.held("wac_feed_read"), "a look is under way");
    Listener late(bench.feed);
    bench.table.add_events(2);
    bench.postgres.holds.clear();
    bench.postgres.hang_up();
    bench.settle();
    check.equal("it is back", bench.postgres.connections, 2U);
    check.equal("says again that it listens",
                bench.postgres.executed("wac_feed_listen"), 2U);
    check.equal("no gap", listener.heard(), "1 2 3 4 5");
    check.equal("placed", late.placed, 1);
    bench.table.add_events(1);
    bench.look();
    check.equal("no double", listener.heard(), "6");
    check.equal("the late one", late.heard(), "6");
}

void one_that_goes_leaves_the_others_alone(Checks &check)
{
    FeedBench bench;
    Listener stays(bench.feed);
    bench.settle();
    bench.postgres.holds = "wac_feed";
    std::optional<Listener> goes(bench.feed);
    bench.settle();
    check.that(bench.postgres.held("wac_feed_position"), "it is being placed");
    std::optional<Listener> waits(bench.feed); // for the next look
    bench.table.add_events(2);
    goes.reset();
    waits.reset();
    bench.postgres.holds.clear();
    bench.postgres.commit();
    bench.settle();
    check.equal("listeners", bench.feed.size(), 1U);
    bench.look();
    check.equal("the one that stays", stays.heard(), "1 2");
    check.equal("asked for it alone",
                bench.postgres.executed("wac_feed_position"), 3U);
}

// The last one went, perhaps while the first look was under way; a week later
// all that was then is not kept any more.
void the_next_to_listen_begins_anew(Checks &check)
{
    for (const bool was_live : {true, false}) {
        FeedBench bench;
        check.about(was_live ? "it was live" : "it was not yet");
        bench.postgres.holds = was_live ? "" : "wac_feed_position";
        std::optional<Listener> first(bench.feed);
        bench.settle();
        check.equal("the first look", bench.postgres.held("wac_feed_position"),
                    !was_live);
        first.reset();
        if (!was_live) {
            bench.postgres.holds.clear();
            bench.postgres.commit();
            bench.settle();
        }
        check.equal("nobody listens, nothing is known", bench.reader.last(),
                    std::nullopt);
        bench.table.add_events(5000);
        bench.table.rows.erase(bench.table.rows.begin(),
                               bench.table.rows.end() - 10);
        Listener second(bench.feed);
        bench.settle();
        bench.table.add_events(1);
        bench.look();
        check.equal("it is live", second.heard(), "5001");
    }
}

void tokens_are_looked_at_now_and_then(Checks &check)
{
    FeedBench bench;
    Listener one(bench.feed, {}, "t1");
    Listener two(bench.feed, {}, "t2");
    Listener again(bench.feed, {}, "t1");
    bench.settle();
    bench.loop.advance(19999);
    bench.settle();
    check.equal("not yet", bench.table.asked_tokens, "");
    bench.table.lapsed = {"t1"};
    bench.loop.advance(1);
    bench.settle();
    check.equal("each once", bench.table.asked_tokens, "t1 t2 ");
    const std::string why = "4401 the token is not valid any more\n";
    check.equal("its first", one.peer.closed, why);
    check.equal("and its other", again.peer.closed, why);
    check.equal("not the other's", two.peer.closed, "");

    bench.table.add_events(1);
    bench.look();
    check.equal("hears nothing more", one.heard(), "");
    check.equal("the other does", two.heard(), "1");
    bench.loop.advance(19000);
    bench.settle();
    check.equal("every 20 s", bench.table.asked_tokens, "t1 t2 t1 t2 ");
    check.equal("ended once", one.peer.closed, why);
}

} // namespace

int main()
{
    using test::unit;
    const CMUnitTest tests[] = {
        cmocka_unit_test(unit<it_asks_only_while_somebody_listens>),
        cmocka_unit_test(unit<everybody_gets_what_he_wants_once_and_in_order>),
        cmocka_unit_test(unit<frames_are_those_of_the_dialect>),
        cmocka_unit_test(unit<what_is_there_already_is_not_sent>),
        cmocka_unit_test(unit<a_bell_is_followed_at_once>),
        cmocka_unit_test(unit<a_place_is_known_when_all_has_its_number>),
        cmocka_unit_test(unit<a_look_that_fails_is_repeated_a_second_later>),
        cmocka_unit_test(unit<a_database_that_goes_away_takes_nothing_along>),
        cmocka_unit_test(unit<one_that_goes_leaves_the_others_alone>),
        cmocka_unit_test(unit<the_next_to_listen_begins_anew>),
        cmocka_unit_test(unit<tokens_are_looked_at_now_and_then>),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
