// An XML device's order of things, without sockets: what it sends next, and
// what it makes of answers, in both dialects.
#include "checks.hpp"

#include "xml_device.hpp"

using namespace wac;
using namespace wac::sim;
using namespace std::chrono_literals;
using test::Checks;

namespace
{

const Moment kStart{1h};

XmlOptions options_with_backlog(std::uint32_t backlog)
{
    XmlOptions options;
    options.backlog = backlog;
    return options;
}

XmlOptions operation_options()
{
    XmlOptions options = options_with_backlog(1);
    options.dialect = xml::Dialect::operation;
    options.utc_offset_minutes = 330;
    return options;
}

struct Bench {
    explicit Bench(const XmlOptions &wanted)
        : options(wanted),
          device({options, clock, statistics, tokens, decoder}, "T1", 1, kStart)
    {
        xml::set_up_library();
    }

    /** The name of what it sends now, or "" if nothing. */
    std::string next()
    {
        sent = device.next(now);
        if (!sent) {
            return "";
        }
        xml::Decoder server;
        const auto read = server.decode(sent->text);
        message = read ? *read : xml::Message{};
        return read ? message.name : "no XML";
    }

    void answer(const std::string &body)
    {
        const bool is_message = options.dialect == xml::Dialect::message;
        const std::string root = is_message ? "Message" : "Response";
        device.received('<' + root + '>' + body + "</" + root + '>', now);
    }

    void answer_register()
    {
        answer("<Response>Register</Response><DeviceSerialNo>T1"
               "</DeviceSerialNo><Token>tok</Token><Result>OK</Result>");
    }

    void answer_login(const std::string &result)
    {
        answer("<Response>Login</Response><DeviceSerialNo>T1"
               "</DeviceSerialNo><Result>" +
               result + "</Result>");
    }

    void ack(const std::string &id, const std::string &result = "OK")
    {
        answer("<Response>TimeLog_v2</Response><TransID>" + id +
               "</TransID><Result>" + result + "</Result>");
    }

    /** Connected, registered and logged in. */
    void come_online()
    {
        device.linked(now);
        next();
        answer_register();
        next();
        answer_login("OK");
    }

    std::string value(const char *field) const
    {
        return std::string(message.value(field));
    }

    XmlOptions options;
    HostClock clock{kStart, seconds_of({2026, 9, 29, 20, 0, 0})};
    XmlStatistics statistics;
    Tokens tokens;
    xml::Decoder decoder{xml::Sender::server};
    XmlDevice device;
    Moment now = kStart;
    std::optional<LiveSending> sent;
    xml::Message message;
};

void it_registers_logs_in_and_drains(Checks &checks)
{
    Bench bench(options_with_backlog(2));
    checks.equal("offline", bench.next(), "");
    bench.device.linked(bench.now);
    checks.equal("first", bench.next(), "Register");
    checks.equal("id", bench.value("CloudId"), "wac-sim");
    checks.equal("waits", bench.next(), "");
    bench.answer_register();
    checks.equal("then", bench.next(), "Login");
    checks.equal("token", bench.value("Token"), "tok");
    checks.equal("waits", bench.next(), "");
    bench.answer_login("OK");
    checks.equal("log", bench.next(), "TimeLog_v2");
    checks.equal("id", bench.value("LogID"), "1");
    checks.equal("trans", bench.value("TransID"), "1");
    checks.equal("time", bench.value("Time"), "2026-09-29-T19:59:58Z");
    checks.equal("one at a time", bench.next(), "");
    bench.ack("1");
    checks.equal("second", bench.next(), "TimeLog_v2");
    checks.equal("id", bench.value("LogID"), "2");
    bench.ack("2");
    checks.equal("silence", bench.next(), "");
    checks.equal("acked", bench.statistics.punches_acked, 2U);
    checks.equal("errors", bench.statistics.errors, 0U);
    checks.equal("kept", bench.tokens["T1"], "tok");
}

void a_kept_token_logs_in_at_once(Checks &checks)
{
    Bench bench(options_with_backlog(0));
    bench.tokens["T1"] = "old";
    bench.device.linked(bench.now);
    checks.equal("first", bench.next(), "Login");
    checks.equal("token", bench.value("Token"), "old");
    bench.answer_login("FailUnknownToken");
    checks.equal("drops it", bench.next(), "Register");
    checks.that(!bench.device.wants_drop(), "on the same link");
    bench.answer_register();
    bench.next();
    bench.answer_login("Fail");
    checks.that(bench.device.wants_drop(), "a plain refusal ends it");
    checks.equal("with its token", bench.tokens["T1"], "tok");
    bench.device.link_lost(true, bench.now);
    checks.that(!bench.device.wants_link(bench.now + 9999ms), "pauses");
    checks.that(bench.device.wants_link(bench.now + 10s), "10 s");
}

void a_refused_register_ends_the_link(Checks &checks)
{
    Bench bench(options_with_backlog(0));
    bench.device.linked(bench.now);
    bench.next();
    bench.answer("<Response>Register</Response><DeviceSerialNo>T1"
                 "</DeviceSerialNo><Result>Fail</Result>");
    checks.that(bench.device.wants_drop(), "it leaves");
    checks.equal("refused", bench.statistics.refused["Register Fail"], 1U);
    checks.that(bench.tokens.empty(), "no token");
}

void only_its_own_ok_acknowledges(Checks &checks)
{
    Bench bench(options_with_backlog(1));
    bench.come_online();
    bench.next();
    const std::string text = bench.sent->text;
    bench.ack("2");
    bench.answer("<Response>TimeLog</Response><TransID>1</TransID>"
                 "<Result>OK</Result>");
    bench.answer("<Response>TimeLog_v2</Response><Result>OK</Result>");
    bench.device.received("no XML", bench.now);
    checks.equal("errors", bench.statistics.errors, 4U);
    checks.equal("acked", bench.statistics.punches_acked, 0U);
    bench.ack("1", "Fail");
    checks.equal("pauses", bench.next(), "");
    bench.now += 250ms;
    checks.equal("again", bench.next(), "TimeLog_v2");
    checks.equal("the same", bench.sent->text, text);
    bench.now += 5s;
    checks.equal("unanswered, again", bench.next(), "TimeLog_v2");
    bench.ack("1");
    checks.equal("acked", bench.statistics.punches_acked, 1U);
    checks.equal("resends", bench.statistics.resends, 2U);
    checks.equal("refused", bench.statistics.refused["TimeLog Fail"], 1U);
}

void after_three_resends_it_calls_anew(Checks &checks)
{
    Bench bench(options_with_backlog(1));
    bench.come_online();
    for (int i = 0; i < 4; ++i) {
        checks.equal("sent", bench.next(), "TimeLog_v2");
        bench.now += 5s;
    }
    checks.equal("no more", bench.next(), "");
    checks.that(bench.device.wants_drop(), "it leaves");
    bench.device.link_lost(true, bench.now);
    bench.now += 10s;
    bench.device.linked(bench.now);
    checks.equal("with its token", bench.next(), "Login");
    bench.answer_login("OK");
    checks.equal("the same log", bench.next(), "TimeLog_v2");
    checks.equal("id", bench.value("LogID"), "1");
    checks.equal("not lost", bench.statistics.links_lost, 0U);
}

void faults(Checks &checks)
{
    XmlOptions options = options_with_backlog(1);
    options.faults.lose_ack = 1;
    Bench lossy(options);
    lossy.come_online();
    lossy.next();
    lossy.ack("1");
    checks.equal("acked", lossy.statistics.punches_acked, 0U);
    lossy.now += 5s;
    checks.equal("again", lossy.next(), "TimeLog_v2");
    options.faults = {};
    options.faults.resend_punch = 1;
    Bench eager(options);
    eager.come_online();
    eager.next();
    eager.ack("1");
    checks.equal("once more", eager.next(), "TimeLog_v2");
    eager.ack("1");
    checks.equal("acked once", eager.statistics.punches_acked, 1U);
    checks.equal("again", eager.statistics.acks_again, 1U);
    checks.equal("and then quiet", eager.next(), "");
}

void requests_are_answered_in_their_order(Checks &checks)
{
    Bench bench(options_with_backlog(1));
    bench.answer("<Request>GetTime</Request>");
    checks.equal("before Login", bench.statistics.errors, 1U);
    bench.come_online();
    bench.answer("<Request>GetTime</Request>");
    bench.answer("<Request>RemoteEnroll</Request><UserID>77</UserID>"
                 "<Backup>RemoteEnrollFace</Backup>");
    checks.equal("answer", bench.next(), "GetTime");
    checks.that(bench.message.kind == xml::Kind::response, "a response");
    checks.equal("time", bench.value("Time"), "2026-09-29-T20:00:00Z");
    checks.equal("second", bench.next(), "RemoteEnroll");
    checks.equal("then the log", bench.next(), "TimeLog_v2");
    bench.ack("1");
    checks.equal("and what was enrolled", bench.next(), "AdminLog_v2");
    checks.equal("whom", bench.value("UserID"), "77");
    bench.answer("<Response>AdminLog_v2</Response><TransID>1</TransID>"
                 "<Result>OK</Result>");
    checks.equal("acked", bench.statistics.admin_logs_acked, 1U);
}

void a_reboot_follows_its_answer(Checks &checks)
{
    Bench bench(options_with_backlog(0));
    bench.come_online();
    bench.answer("<Request>LockControl</Request><Mode>5</Mode>");
    checks.equal("answer", bench.next(), "LockControl");
    checks.that(!bench.device.wants_drop(), "let it go out");
    bench.now = bench.device.wake_at();
    checks.equal("then", bench.next(), "");
    checks.that(bench.device.wants_drop(), "it drops the link");
    bench.device.link_lost(true, bench.now);
    checks.that(bench.device.wants_link(bench.now + 1s), "and comes back");
    checks.equal("not lost", bench.statistics.links_lost, 0U);
}

void keepalives_want_their_echo(Checks &checks)
{
    Bench bench(options_with_backlog(0));
    bench.come_online();
    checks.that(bench.device.wake_at() == kStart + 30s, "30 s");
    bench.now += 30s;
    checks.equal("event", bench.next(), "KeepAlive");
    checks.equal("time", bench.value("DevTime"), "2026-09-29-T20:00:30Z");
    bench.answer("<Response>KeepAlive</Response><Result>OK</Result>"
                 "<DevTime>2026-09-29-T20:00:30Z</DevTime>");
    bench.answer("<Response>KeepAlive</Response><Result>OK</Result>"
                 "<DevTime>2026-9-29-T20:00:30Z</DevTime>");
    checks.equal("acked", bench.statistics.keepalives_acked, 1U);
    checks.equal("changed", bench.statistics.errors, 1U);
}

void old_events_have_no_transid(Checks &checks)
{
    XmlOptions options = options_with_backlog(1);
    options.old_events = true;
    options.photo = 2000;
    Bench bench(options);
    bench.come_online();
    checks.equal("event", bench.next(), "TimeLog");
    checks.that(!bench.message.find("TransID"), "no TransID");
    checks.equal("photo", bench.value("Photo"), "Yes");
    checks.equal("a JPEG", bench.value("LogImage").substr(0, 4), "/9j/");
    bench.answer("<Response>TimeLog</Response><Result>OK</Result>");
    checks.equal("acked", bench.statistics.punches_acked, 1U);
}

void dialect_operation(Checks &checks)
{
    XmlOptions options = operation_options();
    options.admin_logs = 1;
    Bench bench(options);
    bench.device.linked(bench.now);
    checks.equal("first", bench.next(), "Register");
    bench.answer("<Result>success</Result><Session>s</Session>"
                 "<DeviceSerialNo>T1</DeviceSerialNo>");
    checks.equal("no Login", bench.next(), "TimeLog_v2");
    checks.equal("id", bench.value("LogId"), "LOG1");
    checks.equal("time", bench.value("PunchTime"), "2026-09-29T19:59:59");
    checks.equal("offset", bench.value("GMT"), "5.50");
    bench.answer("<Result>success</Result><LogId>LOG2</LogId>");
    checks.equal("another's", bench.statistics.punches_acked, 0U);
    bench.answer("<Result>success</Result><LogId>LOG1</LogId>");
    checks.equal("its own", bench.statistics.punches_acked, 1U);
    checks.equal("then", bench.next(), "AdminLog_v2");
    bench.answer("<Result>success</Result><LogId>ADMIN1</LogId>");
    checks.equal("acked", bench.statistics.admin_logs_acked, 1U);
    bench.now += 30s;
    checks.equal("sign of life", bench.next(), "KeepAlive");
    bench.answer("<Result>success</Result>"
                 "<ServerTime>2026-09-29T20:00:30</ServerTime>");
    checks.equal("answered", bench.statistics.keepalives_acked, 1U);
    bench.device.received("<Message><Request>GetTime</Request></Message>",
                          bench.now);
    checks.equal("errors", bench.statistics.errors, 2U);
    checks.equal("no answer", bench.next(), "");
}

} // namespace

int main()
{
    const CMUnitTest tests[] = {
        cmocka_unit_test(test::unit<it_registers_logs_in_and_drains>),
        cmocka_unit_test(test::unit<a_kept_token_logs_in_at_once>),
        cmocka_unit_test(test::unit<a_refused_register_ends_the_link>),
        cmocka_unit_test(test::unit<only_its_own_ok_acknowledges>),
        cmocka_unit_test(test::unit<after_three_resends_it_calls_anew>),
        cmocka_unit_test(test::unit<faults>),
        cmocka_unit_test(test::unit<requests_are_answered_in_their_order>),
        cmocka_unit_test(test::unit<a_reboot_follows_its_answer>),
        cmocka_unit_test(test::unit<keepalives_want_their_echo>),
        cmocka_unit_test(test::unit<old_events_have_no_transid>),
        cmocka_unit_test(test::unit<dialect_operation>),
    };
    return cmocka_run_group_tests_name("sim_xml_device", tests, nullptr,
                                       nullptr);
}
