// A registered terminal of the `type` dialect: one message after the other,
// how much of it, which connection is its, and what becomes of what it sent
// when it goes. The ends of messages are played; the database never answers.
#include "checks.hpp"
#include "type_connection.hpp"

#include "flow/type_device.hpp"

using namespace wac;
using namespace wac::type;
using test::Checks;

namespace
{

constexpr std::string_view kTelemetry = R"({"type":"telemetry"})";
constexpr std::string_view kEvent =
    R"({"type":"event","event_type":"door_opened"})";
constexpr std::string_view kRegister =
    R"({"type":"register","device_id":"D1","token":"tok"})";

struct Owner final : DeviceOwner {
    void on_device_rest() noexcept override { ++rests; }
    void on_device_end(CloseCode code, std::string_view) noexcept override
    {
        ended = static_cast<unsigned>(code);
    }
    int rests = 0;
    unsigned ended = 0;
};

struct Bench : test::TypeConnection {
    /** As if it had registered. */
    void enter(std::int64_t epoch = 7)
    {
        Answer answer;
        answer.frame = "registered";
        answer.registration = Registration{"D1", epoch};
        device->on_answer(std::move(answer));
    }

    void take(std::string_view text)
    {
        Received received{std::string(text), loop.now_ms()};
        device->take(std::move(decode_message(as_bytes(text)).value()),
                     std::move(received));
    }

    /** As if what is under way were stored. */
    void stored() { device->on_answer({}); }

    Owner owner;
    std::unique_ptr<Device> device =
        std::make_unique<Device>(peer, context, owner);
};

void it_enters_the_registry(Checks &check)
{
    Bench bench;
    check.that(!bench.device->registered(), "not yet");
    bench.enter();
    check.that(bench.device->registered(), "then it has");
    check.equal("known", bench.registry.size(), 1U);
    check.equal("heard first", bench.peer.take_sent(), "registered\n");
    check.equal("tells its owner", bench.owner.rests, 1);
    bench.device.reset();
    check.equal("left", bench.registry.size(), 0U);
}

void the_newest_connection_wins(Checks &check)
{
    Bench bench;
    bench.enter(7);
    Owner newer_owner;
    test::FakePeer newer_peer;
    Device newer(newer_peer, bench.context, newer_owner);
    Answer answer;
    answer.registration = Registration{"D1", 8};
    newer.on_answer(std::move(answer));
    check.equal("older", bench.owner.ended, 4409U);
    check.equal("newer", newer_owner.ended, 0U);
    bench.device.reset();
    check.equal("still there", bench.registry.size(), 1U);
}

void the_overtaken_one_ends_itself(Checks &check)
{
    Bench bench;
    bench.enter(9);
    Owner late_owner;
    Device late(bench.peer, bench.context, late_owner);
    Answer answer;
    answer.registration = Registration{"D1", 8};
    late.on_answer(std::move(answer));
    check.equal("late", late_owner.ended, 4409U);
    check.equal("first", bench.owner.ended, 0U);
}

void registering_again_keeps_the_connection(Checks &check)
{
    Bench bench;
    bench.enter(7);
    bench.enter(8);
    check.equal("not replaced by itself", bench.owner.ended, 0U);
    check.equal("known once", bench.registry.size(), 1U);
}

void it_waits_for_the_database_as_long_as_it_may(Checks &check)
{
    Bench bench;
    bench.enter();
    bench.peer.take_sent();
    bench.take(kEvent);
    check.that(bench.device->busy(), "under way");
    check.that(!bench.device->at_rest(), "not at rest");
    bench.loop.advance(4999);
    check.that(bench.device->busy(), "still");
    check.equal("nothing said", bench.peer.take_sent(), "");
    bench.loop.advance(1);
    check.that(!bench.device->busy(), "given up");
    check.equal("answer", bench.peer.take_sent(),
                R"({"type":"error","code":"try_again",)"
                R"("message":"event door_opened was not stored",)"
                R"("device_id":"D1"})"
                "\n");
    check.equal("log", bench.log.count("wac: device D1, lost"), 1U);
    check.equal("its owner knows", bench.owner.rests, 2);
}

void a_registration_waits_no_longer_either(Checks &check)
{
    Bench bench;
    bench.take(kRegister);
    bench.loop.advance(5000);
    check.equal("answer", bench.peer.take_sent(),
                R"({"type":"error","code":"try_again",)"
                R"("message":"the database cannot be asked now",)"
                R"("device_id":"D1"})"
                "\n");
    check.equal("the connection stays", bench.owner.ended, 0U);
    check.that(!bench.device->busy(), "the next may come");
}

void one_that_is_turned_away_is_closed(Checks &check)
{
    Bench bench;
    Answer answer;
    answer.frame = "error";
    answer.turned_away = true;
    bench.device->on_answer(std::move(answer));
    check.equal("told", bench.peer.take_sent(), "error\n");
    check.equal("closed", bench.owner.ended, 4401U);
}

/** How many of them were taken. */
unsigned send_telemetry(Bench &bench, unsigned count)
{
    unsigned taken = 0;
    for (unsigned i = 0; i < count; ++i) {
        bench.take(kTelemetry);
        if (bench.device->busy()) {
            ++taken;
            bench.stored();
        }
    }
    return taken;
}

void telemetry_has_its_rate(Checks &check)
{
    Bench bench;
    bench.enter();
    bench.peer.take_sent();
    check.equal("at once", send_telemetry(bench, 60), 50U);
    check.equal("told once", bench.peer.take_sent(),
                R"({"type":"error","code":"rate_limited",)"
                R"("message":"more than 50 telemetry messages a second",)"
                R"("device_id":"D1"})"
                "\n");
    bench.loop.advance(100);
    check.equal("a tenth of a second later", send_telemetry(bench, 60), 5U);
    check.equal("told already", bench.peer.take_sent(), "");
    bench.loop.advance(900);
    check.equal("the rest of the second", send_telemetry(bench, 60), 45U);
    check.that(!bench.peer.take_sent().empty(), "told again");
    bench.loop.advance(3600000);
    check.equal("an hour saves nothing up", send_telemetry(bench, 60), 50U);
    for (unsigned i = 0; i < 60; ++i) {
        bench.take(kEvent);
        check.that(bench.device->busy(), "events have none");
        bench.stored();
    }
}

void what_was_sent_outlives_the_connection(Checks &check)
{
    Bench bench;
    bench.enter();
    bench.take(kEvent);
    const std::uint64_t now = bench.loop.now_ms();
    std::list<Received> waiting;
    waiting.push_back({std::string(kTelemetry), now});
    waiting.push_back({R"({"type":"ping"})", now});
    waiting.push_back({"junk", now});
    waiting.push_back({std::string(kRegister), now});
    waiting.push_back({std::string(kEvent), now});
    bench.device->leave_behind(std::move(waiting));
    bench.device.reset();
    check.equal("the first goes on", bench.log.count("lost"), 0U);
    bench.loop.advance(5000);
    check.equal("till its time is over", bench.log.count("lost"), 1U);
    bench.loop.advance(5000);
    check.equal("then the next", bench.log.count("lost"), 2U);
    bench.loop.advance(5000);
    check.equal("one after the other", bench.log.count("lost"), 3U);
    bench.loop.advance(60000);
    check.equal("and no more", bench.log.count("lost"), 3U);
    check.equal("nobody is told", bench.peer.take_sent(), "registered\n");
}

void a_strangers_messages_do_not(Checks &check)
{
    Bench bench;
    bench.take(kRegister);
    std::list<Received> waiting;
    waiting.push_back({std::string(kTelemetry), bench.loop.now_ms()});
    bench.device->leave_behind(std::move(waiting));
    bench.device.reset();
    check.equal("nothing is under way", bench.loop.next_timer_ms(), -1);
}

void a_question_does_not_either(Checks &check)
{
    Bench bench;
    bench.enter();
    bench.take(kRegister);
    bench.device->leave_behind({});
    bench.device.reset();
    bench.loop.advance(60000);
    check.equal("nobody misses it", bench.log.lines, "");
}

} // namespace

int main()
{
    using test::unit;
    const CMUnitTest tests[] = {
        cmocka_unit_test(unit<it_enters_the_registry>),
        cmocka_unit_test(unit<the_newest_connection_wins>),
        cmocka_unit_test(unit<the_overtaken_one_ends_itself>),
        cmocka_unit_test(unit<registering_again_keeps_the_connection>),
        cmocka_unit_test(unit<it_waits_for_the_database_as_long_as_it_may>),
        cmocka_unit_test(unit<a_registration_waits_no_longer_either>),
        cmocka_unit_test(unit<one_that_is_turned_away_is_closed>),
        cmocka_unit_test(unit<telemetry_has_its_rate>),
        cmocka_unit_test(unit<what_was_sent_outlives_the_connection>),
        cmocka_unit_test(unit<a_strangers_messages_do_not>),
        cmocka_unit_test(unit<a_question_does_not_either>),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
