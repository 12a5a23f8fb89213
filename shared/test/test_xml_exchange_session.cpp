// A connection of an XML terminal before it is let in: in which order it is
// answered, what ends it, how much it may send. The database never answers.
#include "checks.hpp"
#include "type_connection.hpp"

#include "flow/xml_session.hpp"

using namespace wac;
using test::Checks;

namespace
{

constexpr std::string_view kLogin =
    "<Message><Request>Login</Request><DeviceSerialNo>S1</DeviceSerialNo>"
    "<Token>t</Token></Message>";
constexpr std::string_view kEvent =
    "<Message><Event>KeepAlive</Event><DeviceSerialNo>S1</DeviceSerialNo>"
    "</Message>";

struct Bench : test::TypeConnection {
    Bench() { xml::set_up_library(); }

    /** The code by which it ends after this message; 0: it does not. */
    unsigned closed_after(std::string_view message)
    {
        session->on_message(std::string(message));
        return peer.closed.value_or(0);
    }

    std::unique_ptr<xml::Session> session =
        std::make_unique<xml::Session>(peer, context);
};

void a_silent_database_lets_nobody_in(Checks &check)
{
    Bench bench;
    bench.session->on_message(std::string(kLogin));
    check.equal("not yet", bench.peer.take_sent(), "");
    bench.loop.advance(bench.options.timeout_ms);
    const std::string sent = bench.peer.take_sent();
    check.that(sent.find("<Result>Fail</Result>") != sent.npos, sent);
    check.that(!bench.session->registered(), "nobody");
    check.that(!bench.peer.closed, "it stays");
}

void answers_keep_their_order(Checks &check)
{
    Bench bench;
    bench.session->on_message(std::string(kLogin));
    bench.session->on_message("<Message><Request>Register</Request>"
                              "<DeviceSerialNo>S1</DeviceSerialNo></Message>");
    bench.loop.advance(bench.options.timeout_ms);
    check.that(bench.peer.take_sent().find("<Response>Login<") !=
                   std::string::npos,
               "the first");
    bench.loop.advance(bench.options.timeout_ms);
    check.that(bench.peer.take_sent().find("<Response>Register<") !=
                   std::string::npos,
               "then the second");
}

void one_that_sends_much_is_held(Checks &check)
{
    Bench bench;
    bench.session->on_message(std::string(kLogin));
    for (int i = 0; i < 20; ++i) {
        bench.session->on_message(std::string(kEvent));
    }
    check.that(bench.peer.held, "held");
    bench.loop.advance(bench.options.timeout_ms);
    check.that(!bench.peer.held, "and let go");
}

void before_login_any_fault_ends_it(Checks &check)
{
    check.equal("form", Bench().closed_after("<Message>"), 1008U);
    check.equal("gate", Bench().closed_after("<!DOCTYPE a><Message/>"), 1008U);
    check.equal("encoding", Bench().closed_after("<Message>\xff</Message>"),
                1007U);
    check.equal("a request",
                Bench().closed_after(
                    "<Message><Request>LockControl</Request></Message>"),
                1008U);
    Bench empty;
    check.equal("empty", empty.closed_after(" "), 0U);
    check.equal("empty", empty.closed_after("\xef\xbb\xbf"), 0U);
    check.equal("the third", empty.closed_after("\r\n"), 1008U);
    check.equal("said", empty.peer.take_sent(), "");
}

void what_is_not_asked_for_is_dropped(Checks &check)
{
    Bench bench;
    check.equal("event", bench.closed_after(kEvent), 0U);
    check.equal("answer",
                bench.closed_after("<Message><Response>GetTime</Response>"
                                   "<DeviceSerialNo>S1</DeviceSerialNo>"
                                   "</Message>"),
                0U);
    check.equal("said", bench.peer.take_sent(), "");
    check.equal("the other dialect",
                bench.closed_after("<Request><Operation>KeepAlive</Operation>"
                                   "</Request>"),
                1008U);
}

void little_is_taken_before_login(Checks &check)
{
    Bench bench;
    const std::string large = "<Message><Event>x</Event><Photo>" +
                              std::string(8 * 1024, 'A') + "</Photo></Message>";
    check.equal("too big", bench.closed_after(large), 1009U);
    const SessionTraits traits = Bench().session->traits();
    check.equal("limit", traits.message_bytes, 8U * 1024);
    check.equal("login within", traits.register_within_ms, 15000U);
    check.equal("silence", traits.silent_for_ms, 180000U);
    check.that(traits.unregistered == CloseCode::policy, "1008");
}

void draining_answers_what_is_under_way(Checks &check)
{
    Bench idle;
    idle.session->drain();
    check.equal("idle", idle.peer.closed.value_or(0), 1001U);
    Bench busy;
    busy.session->on_message(std::string(kLogin));
    busy.session->drain();
    check.that(!busy.peer.closed, "waits");
    busy.loop.advance(busy.options.timeout_ms);
    check.that(busy.peer.take_sent().find("Fail") != std::string::npos,
               "is answered");
    check.equal("then closed", busy.peer.closed.value_or(0), 1001U);
}

void nobody_hears_of_a_connection_that_is_gone(Checks &check)
{
    Bench bench;
    bench.session->on_message(std::string(kLogin));
    bench.session.reset();
    bench.loop.advance(bench.options.timeout_ms * 2);
    check.equal("silence", bench.peer.take_sent(), "");
}

} // namespace

int main()
{
    using test::unit;
    const CMUnitTest tests[] = {
        cmocka_unit_test(unit<a_silent_database_lets_nobody_in>),
        cmocka_unit_test(unit<answers_keep_their_order>),
        cmocka_unit_test(unit<one_that_sends_much_is_held>),
        cmocka_unit_test(unit<before_login_any_fault_ends_it>),
        cmocka_unit_test(unit<what_is_not_asked_for_is_dropped>),
        cmocka_unit_test(unit<little_is_taken_before_login>),
        cmocka_unit_test(unit<draining_answers_what_is_under_way>),
        cmocka_unit_test(unit<nobody_hears_of_a_connection_that_is_gone>),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
