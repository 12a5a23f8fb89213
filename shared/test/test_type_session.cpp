// A connection of the `type` dialect before anybody is let in: what it hears,
// in which order, and how it ends. The database never answers.
#include "checks.hpp"
#include "type_connection.hpp"

#include "flow/type_session.hpp"

using namespace wac;
using test::Checks;

namespace
{

constexpr std::string_view kRegister =
    R"({"type":"register","device_id":"D1","token":"tok"})";
constexpr std::string_view kSubscribe =
    R"({"type":"subscribe","role":"admin","token":"t"})";

struct Bench : test::TypeConnection {
    /** What it hears at once: the codes of errors, else types. */
    std::string heard(std::string_view message)
    {
        session->on_message(std::string(message));
        return codes();
    }

    std::string codes()
    {
        std::string all;
        for (const std::string &frame : peer.sent) {
            const Json json(json_loads(frame.c_str(), 0, nullptr));
            const auto code = json_string(json.get(), "code");
            all += all.empty() ? "" : " ";
            all += code.empty() ? json_string(json.get(), "type") : code;
        }
        peer.sent.clear();
        return all;
    }

    std::unique_ptr<type::Session> session =
        std::make_unique<type::Session>(peer, context);
};

void who_has_not_said_who_it_is_gets_little(Checks &check)
{
    Bench bench;
    check.equal("ping", bench.heard(R"({"type":"ping"})"), "pong");
    check.equal("pong", bench.heard(R"({"type":"pong"})"), "");
    check.equal("telemetry", bench.heard(R"({"type":"telemetry"})"),
                "not_registered");
    check.equal("event", bench.heard(R"({"type":"event","event_type":"x"})"),
                "not_registered");
    check.equal("unknown", bench.heard(R"({"type":"dance"})"), "unknown_type");
    check.equal("the server's own", bench.heard(R"({"type":"registered"})"),
                "unknown_type");
    check.that(!bench.peer.closed, "it stays");
    check.that(!bench.session->registered(), "it is nobody");
}

void an_order_is_named_where_it_is_refused(Checks &check)
{
    Bench bench;
    bench.session->on_message(
        R"({"type":"command","device_id":"D1","command":"unlock","id":4})");
    check.equal("answer", bench.peer.take_sent(),
                R"({"type":"error","code":"forbidden",)"
                R"("message":"only a dashboard may do that",)"
                R"("device_id":"D1","command":"unlock","id":4})"
                "\n");
    check.equal("of nothing", bench.heard(R"({"type":"command"})"),
                "forbidden");
}

void the_third_in_a_row_that_is_no_message_ends_it(Checks &check)
{
    Bench bench;
    check.equal("broken", bench.heard(R"({"type":)"), "malformed");
    check.equal("array", bench.heard("[]"), "malformed");
    check.equal("good", bench.heard(R"({"type":"ping"})"), "pong");
    check.equal("no type", bench.heard(R"({"cmd":"reg"})"), "malformed");
    check.equal("XML", bench.heard("<Message/>"), "malformed");
    check.that(!bench.peer.closed, "two in a row");
    check.equal("empty", bench.heard(""), "malformed");
    check.equal("third", bench.peer.closed, 1003U);
    check.equal("nothing is taken any more", bench.heard(R"({"type":"ping"})"),
                "");
}

void binary_junk_is_told_as_such(Checks &check)
{
    Bench bench;
    for (int i = 0; i < 3; ++i) {
        bench.session->on_message(std::string("\xff\xfe\x00junk", 7));
    }
    check.equal("code", bench.peer.closed, 1007U);
}

void its_first_message_has_a_length_too(Checks &check)
{
    Bench bench;
    const std::string head = R"({"type":"ping","x":")";
    bench.session->on_message(
        head + std::string(1024 * 1024 - head.size() - 2, 'x') + "\"}");
    check.equal("as long as it may be", bench.codes(), "pong");
    bench.session->on_message(std::string(1024 * 1024 + 1, ' '));
    check.equal("longer", bench.peer.closed, 1009U);
}

void messages_are_taken_in_their_order(Checks &check)
{
    Bench bench;
    check.equal("waits", bench.heard(kRegister), "");
    check.equal("so do those behind it", bench.heard(R"({"type":"ping"})"), "");
    check.equal("all of them", bench.heard(R"({"type":"telemetry"})"), "");
    bench.loop.advance(5000);
    check.equal("in turn", bench.codes(), "try_again pong not_registered");
    check.that(!bench.peer.closed, "it stays");
}

void one_that_sends_faster_than_it_is_taken_is_held(Checks &check)
{
    Bench bench;
    bench.heard(kRegister);
    for (int i = 0; i < 15; ++i) {
        bench.heard(R"({"type":"ping"})");
    }
    check.that(!bench.peer.held, "fifteen");
    bench.heard(R"({"type":"ping"})");
    check.that(bench.peer.held, "sixteen wait");
    bench.loop.advance(5000);
    check.that(!bench.peer.held, "taken");
    check.equal("none is lost", bench.peer.sent.size(), 17U);

    Bench large;
    large.heard(kRegister);
    const std::string megabyte =
        R"({"type":"ping","x":")" + std::string(1024 * 1024 - 22, 'x') + "\"}";
    for (int i = 0; i < 4; ++i) {
        check.that(!large.peer.held, "less than 4 MiB");
        large.heard(megabyte);
    }
    check.that(large.peer.held, "bytes count, too");
    large.loop.advance(5000);
    check.that(!large.peer.held, "taken");
    large.heard(megabyte);
    check.that(!large.peer.held, "what is taken counts no more");
}

void a_dashboard_is_no_device(Checks &check)
{
    Bench bench;
    check.equal("subscribes", bench.heard(kSubscribe), "");
    check.equal("then registers", bench.heard(kRegister), "forbidden");
    check.equal("sends", bench.heard(R"({"type":"telemetry"})"),
                "not_registered");
    check.equal("pings", bench.heard(R"({"type":"ping"})"), "pong");
    check.that(!bench.session->registered(), "its token is not known yet");
    bench.loop.advance(5000);
    check.equal("nor is it later", bench.codes(), "try_again");
}

void a_dashboards_refusal_is_its_own(Checks &check)
{
    Bench bench;
    check.equal("role", bench.heard(R"({"type":"subscribe","role":"boss"})"),
                "bad_role");
    check.that(!bench.peer.closed, "it may try again");
    check.equal("no token",
                bench.heard(R"({"type":"subscribe","role":"admin"})"),
                "auth_failed");
    check.equal("closed", bench.peer.closed, 4401U);
}

void it_says_what_it_wants_of_its_connection(Checks &check)
{
    Bench bench;
    auto traits = bench.session->traits();
    check.equal("role within", traits.register_within_ms, 30000U);
    check.that(traits.unregistered == CloseCode::no_role, "by 4408");
    check.equal("length", traits.message_bytes, 1024U * 1024U);
    check.equal("no silence yet", traits.silent_for_ms, 0U);
    bench.heard(kSubscribe);
    traits = bench.session->traits();
    check.equal("a dashboard's queue", traits.queued_messages,
                Dashboard::traits().queued_messages);
    check.equal("role within, still", traits.register_within_ms, 30000U);
    check.equal("length, still", traits.message_bytes, 1024U * 1024U);
}

void the_process_ends_when_all_is_taken(Checks &check)
{
    Bench idle;
    idle.session->drain();
    check.equal("at once", idle.peer.closed, 1001U);

    Bench busy;
    busy.heard(kRegister);
    busy.heard(R"({"type":"ping"})");
    busy.session->drain();
    check.that(!busy.peer.closed, "something is under way");
    busy.heard(R"({"type":"dance"})");
    busy.loop.advance(5000);
    check.equal("what came before", busy.codes(), "try_again pong");
    check.equal("then", busy.peer.closed, 1001U);

    Bench dashboard;
    dashboard.heard(kSubscribe);
    dashboard.session->drain();
    check.that(!dashboard.peer.closed, "its token is looked up");
    dashboard.loop.advance(5000);
    check.equal("then", dashboard.peer.closed, 1001U);
}

void it_may_go_at_any_time(Checks &check)
{
    for (const std::string_view last : {kRegister, kSubscribe}) {
        Bench bench;
        bench.heard(last);
        bench.heard(R"({"type":"ping"})");
        bench.session.reset();
        bench.loop.advance(60000);
        check.equal("nothing is left", bench.peer.take_sent(), "");
        check.equal("nothing waits", bench.loop.next_timer_ms(), -1);
    }
}

} // namespace

int main()
{
    using test::unit;
    const CMUnitTest tests[] = {
        cmocka_unit_test(unit<who_has_not_said_who_it_is_gets_little>),
        cmocka_unit_test(unit<an_order_is_named_where_it_is_refused>),
        cmocka_unit_test(unit<the_third_in_a_row_that_is_no_message_ends_it>),
        cmocka_unit_test(unit<binary_junk_is_told_as_such>),
        cmocka_unit_test(unit<its_first_message_has_a_length_too>),
        cmocka_unit_test(unit<messages_are_taken_in_their_order>),
        cmocka_unit_test(unit<one_that_sends_faster_than_it_is_taken_is_held>),
        cmocka_unit_test(unit<a_dashboard_is_no_device>),
        cmocka_unit_test(unit<a_dashboards_refusal_is_its_own>),
        cmocka_unit_test(unit<it_says_what_it_wants_of_its_connection>),
        cmocka_unit_test(unit<the_process_ends_when_all_is_taken>),
        cmocka_unit_test(unit<it_may_go_at_any_time>),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
