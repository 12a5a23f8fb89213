// A `cloud` device's order of things, without sockets: what it sends next,
// and what it makes of answers.
#include "checks.hpp"

#include "cloud_device.hpp"
#include "cloud_http.hpp"

using namespace wac;
using namespace wac::sim;
using namespace std::chrono_literals;
using test::Checks;

namespace
{

const Moment kStart{1h};

struct Bench {
    explicit Bench(const CloudOptions &wanted)
        : options(wanted), device(options, clock, statistics, "T1", 1, kStart)
    {
    }

    /** What it sends now: its cmd, "ret" and its name, or "" if nothing. */
    std::string next()
    {
        sent = device.next(now);
        if (!sent) {
            return "";
        }
        json.reset(json_loads(sent->text.c_str(), 0, nullptr));
        const std::string cmd(json_string(json.get(), "cmd"));
        return cmd.empty()
                   ? "ret " + std::string(json_string(json.get(), "ret"))
                   : cmd;
    }

    json_int_t number(const char *key) const
    {
        return json_integer_value(json_object_get(json.get(), key));
    }

    void answer(const std::string &text) { device.received(text, now); }

    /** Connected and registered. */
    void come_online()
    {
        device.linked(now);
        next();
        answer(R"({"ret":"reg","result":true})");
    }

    void ack(int count, int logindex)
    {
        answer(R"({"ret":"sendlog","result":true,"count":)" +
               std::to_string(count) + R"(,"logindex":)" +
               std::to_string(logindex) + '}');
    }

    CloudOptions options;
    HostClock clock{kStart, seconds_of({2026, 9, 29, 20, 0, 0})};
    CloudStatistics statistics;
    CloudDevice device;
    Moment now = kStart;
    std::optional<LiveSending> sent;
    Json json;
};

CloudOptions options_with_backlog(std::uint32_t backlog)
{
    CloudOptions options;
    options.backlog = backlog;
    options.batch = 2;
    return options;
}

CloudOptions real_options(std::uint32_t backlog)
{
    CloudOptions options = options_with_backlog(backlog);
    options.timing = kRealTiming;
    options.timing.first_log_within = 0ms;
    return options;
}

void it_registers_and_drains(Checks &checks)
{
    Bench bench(options_with_backlog(3));
    checks.that(bench.device.wants_link(bench.now), "it calls");
    checks.equal("offline", bench.next(), "");
    bench.device.linked(bench.now);
    checks.equal("first", bench.next(), "reg");
    checks.equal("waits", bench.next(), "");
    bench.answer(R"({"ret":"reg","result":true,)"
                 R"("cloudtime":"2030-01-01 00:00:00"})");
    checks.equal("backlog", bench.next(), "sendlog");
    checks.equal("count", bench.number("count"), 2);
    checks.equal("logindex", bench.number("logindex"), 0);
    checks.equal("one at a time", bench.next(), "");
    bench.ack(2, 0);
    checks.equal("second", bench.next(), "sendlog");
    checks.equal("logindex", bench.number("logindex"), 2);
    bench.ack(1, 2);
    checks.equal("silence", bench.next(), "");
    checks.equal("acked", bench.statistics.punches_acked, 3U);
    checks.that(bench.device.make_punch(bench.now), "punch");
    checks.equal("live", bench.next(), "sendlog");
    checks.equal("index", bench.number("logindex"), 3);
    checks.that(bench.sent->text.find("2030-01-01 00:00:0") !=
                    std::string::npos,
                "its clock was set");
}

void only_its_own_numbers_acknowledge(Checks &checks)
{
    Bench bench(options_with_backlog(2));
    bench.come_online();
    bench.next();
    const std::string text = bench.sent->text;
    bench.answer(R"({"ret":"sendlog","result":true})");
    bench.ack(1, 0);
    bench.ack(2, 1);
    bench.answer(R"({"ret":"senduser","result":true})");
    bench.answer("no JSON");
    checks.equal("acked", bench.statistics.punches_acked, 0U);
    checks.equal("errors", bench.statistics.errors, 5U);
    bench.now += 5s;
    checks.equal("again", bench.next(), "sendlog");
    checks.equal("the same", bench.sent->text, text);
    bench.ack(2, 0);
    bench.ack(2, 0);
    bench.ack(2, 0);
    checks.equal("once", bench.statistics.punches_acked, 2U);
    checks.equal("then again", bench.statistics.acks_again, 2U);
    checks.equal("resends", bench.statistics.resends, 1U);
}

void a_refusal_is_repeated_after_a_pause(Checks &checks)
{
    Bench bench(options_with_backlog(1));
    bench.come_online();
    bench.next();
    bench.answer(R"({"ret":"sendlog","result":false,"reason":1})");
    checks.equal("pauses", bench.next(), "");
    bench.now += 400ms;
    checks.equal("again", bench.next(), "sendlog");
    bench.ack(1, 0);
    checks.equal("acked", bench.statistics.punches_acked, 1U);
    checks.equal("refused", bench.statistics.refused["sendlog 1"], 1U);
}

void real_ones_give_up_after_three_resends(Checks &checks)
{
    Bench bench(real_options(1));
    bench.device.linked(bench.now);
    checks.equal("not yet", bench.next(), "");
    checks.that(bench.device.wake_at() == kStart + 2s, "2 s to the reg");
    bench.now += 2s;
    checks.equal("now", bench.next(), "reg");
    bench.answer(R"({"ret":"reg","result":true})");
    for (int i = 0; i < 4; ++i) {
        checks.equal("sent", bench.next(), "sendlog");
        bench.answer(R"({"ret":"sendlog","result":false,"reason":1})");
        checks.equal("and then quiet", bench.next(), "");
        bench.now += 20s;
    }
    checks.equal("no more", bench.next(), "");
    checks.that(bench.device.wants_drop(), "it leaves");
    bench.device.link_lost(true, bench.now);
    checks.that(!bench.device.wants_link(bench.now + 3999ms), "pauses");
    bench.now += 4s; // 24 s after the last one
    checks.that(bench.device.wants_link(bench.now), "calls again");
    bench.device.linked(bench.now);
    bench.answer(R"({"ret":"reg","result":true})"); // nobody asked
    bench.now += 2s;
    checks.equal("registers", bench.next(), "reg");
    bench.answer(R"({"ret":"reg","result":true})");
    checks.equal("the same", bench.next(), "sendlog");
    checks.equal("logindex", bench.number("logindex"), 0);
    checks.equal("given up", bench.statistics.given_up, 1U);
    checks.equal("not lost", bench.statistics.links_lost, 0U);
}

void real_ones_resend_after_each_command(Checks &checks)
{
    Bench bench(real_options(1));
    bench.now += 2s;
    bench.device.linked(bench.now);
    bench.now += 2s;
    bench.next();
    bench.answer(R"({"ret":"reg","result":true})");
    checks.equal("sent", bench.next(), "sendlog");
    for (int i = 0; i < 3; ++i) {
        bench.answer(R"({"cmd":"gettime"})");
        checks.equal("answer", bench.next(), "ret gettime");
        checks.equal("resent", bench.next(), "sendlog");
        checks.equal("once", bench.next(), "");
    }
    checks.equal("resends", bench.statistics.resends, 3U);
}

void a_storm_waits_for_all_its_answers(Checks &checks)
{
    CloudOptions options = options_with_backlog(3);
    options.storm = 3;
    Bench bench(options);
    bench.come_online();
    for (int i = 0; i < 4; ++i) {
        checks.equal("copy", bench.next(), "sendlog");
        checks.equal("of the first", bench.number("logindex"), 0);
    }
    checks.equal("no more", bench.next(), "");
    for (int i = 0; i < 3; ++i) {
        bench.ack(2, 0);
        checks.equal("waits", bench.next(), "");
    }
    checks.equal("acked once", bench.statistics.punches_acked, 2U);
    bench.ack(2, 0);
    checks.equal("goes on", bench.next(), "sendlog");
    checks.equal("with the next", bench.number("logindex"), 2);
    bench.ack(1, 2); // the copies of this one are never answered
    for (int i = 0; i < 3; ++i) {
        checks.equal("copy", bench.next(), "sendlog");
    }
    bench.now += 5s;
    checks.equal("gives them up", bench.next(), "");
    checks.equal("unanswered", bench.statistics.unanswered, 3U);
    checks.equal("all acked", bench.statistics.punches_waiting(), 0U);
}

void commands_are_answered_first(Checks &checks)
{
    CloudOptions options = options_with_backlog(1);
    options.no_answer = {"opendoor"};
    options.errors = {{"gettime", 7}};
    Bench bench(options);
    bench.come_online();
    bench.answer(R"({"cmd":"adduser","enrollid":77,"backupnum":0,)"
                 R"("admin":0,"name":"Neu"})");
    bench.answer(R"({"cmd":"opendoor"})");
    bench.answer(R"({"cmd":"gettime"})");
    checks.equal("answer", bench.next(), "ret adduser");
    checks.equal("answer", bench.next(), "ret gettime");
    checks.equal("as ordered", bench.number("reason"), 7);
    checks.equal("the person", bench.next(), "senduser");
    checks.equal("enrollid", bench.number("enrollid"), 77);
    bench.answer(R"({"ret":"senduser","result":true,"enrollid":78})");
    checks.equal("not its answer", bench.next(), "");
    bench.answer(R"({"ret":"senduser","result":true})");
    checks.equal("then the punch", bench.next(), "sendlog");
    checks.equal("enrolments", bench.statistics.enrolments_acked, 1U);
    checks.equal("commands", total(bench.statistics.commands), 3U);
}

void a_reboot_drops_the_link(Checks &checks)
{
    Bench bench(options_with_backlog(0));
    bench.come_online();
    bench.answer(R"({"cmd":"reboot"})");
    checks.equal("no answer", bench.next(), "");
    checks.that(bench.device.wants_drop(), "drops");
    bench.device.link_lost(true, bench.now);
    checks.that(!bench.device.wants_link(bench.now), "is away");
    checks.that(bench.device.wants_link(bench.now + 1s), "comes back");
}

void a_refused_reg_is_repeated(Checks &checks)
{
    Bench bench(options_with_backlog(1));
    bench.device.linked(bench.now);
    bench.next();
    bench.answer(R"({"ret":"reg","result":false,"reason":"did not reg"})");
    checks.equal("pauses", bench.next(), "");
    bench.now += 400ms;
    checks.equal("again", bench.next(), "reg");
    checks.equal("reason", bench.statistics.refused["reg: did not reg"], 1U);
    bench.now += 5s;
    checks.equal("unanswered", bench.next(), "reg");
    checks.equal("no log before", bench.next(), "");
}

void over_http_everything_waits_for_its_answer(Checks &checks)
{
    CloudOptions options = options_with_backlog(1);
    options.http = true;
    options.family = CloudFamily::bs;
    Bench bench(options);
    checks.equal("first", bench.next(), "reg");
    bench.device.failed(bench.now);
    checks.equal("pauses", bench.next(), "");
    bench.now += 400ms;
    checks.equal("again", bench.next(), "reg");
    bench.answer(R"({"ret":"reg","result":true,"tryseconds":30})");
    checks.equal("punch", bench.next(), "sendlog");
    bench.answer(R"({"ret":"sendlog","result":true,"count":1})");
    bench.now += 400ms;
    checks.equal("bs wants a mark", bench.next(), "sendlog");
    bench.answer(R"({"ret":"sendlog","result":true,"count":1,"mark":true})");
    checks.equal("acked", bench.statistics.punches_acked, 1U);
    checks.that(bench.device.wake_at() == kStart + 30400ms, "tryseconds");
    bench.now = kStart + 31s;
    checks.equal("checklive", bench.next(), "checklive");
    bench.answer(R"({"cmd":"gettime","sn":"T1"})");
    checks.equal("result", bench.next(), "ret gettime");
    bench.answer(R"({"ret":"gettime","result":true})");
    checks.equal("idle", bench.next(), "");
    bench.device.make_punch(bench.now);
    bench.next();
    bench.answer(R"({"cmd":"gettime","sn":"T1"})"); // must not come here
    checks.equal("not executed", bench.statistics.commands["gettime"], 1U);
    checks.equal("errors", bench.statistics.errors, 1U);
}

void replies_over_http(Checks &checks)
{
    const std::string ok = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n";
    const auto body = [](const std::string &http) {
        return cloud_reply_body(http).value_or("error");
    };
    checks.equal("good", body(ok + "\r\n{}"), "{}");
    checks.equal("short", body(ok + "\r\n{"), "error");
    checks.equal("long", body(ok + "\r\n{}}"), "error");
    checks.equal("chunked", body(ok + "Transfer-Encoding: chunked\r\n\r\n{}"),
                 "error");
    checks.equal("status",
                 body("HTTP/1.1 503 No\r\nContent-Length: 2\r\n\r\n{}"),
                 "error");
    checks.equal("no length", body("HTTP/1.1 200 OK\r\n\r\n{}"), "error");
    checks.equal("no head", body("HTTP/1.1 200 OK\r\n"), "error");
    checks.equal("nothing", body(""), "error");
}

} // namespace

int main()
{
    const CMUnitTest tests[] = {
        cmocka_unit_test(test::unit<it_registers_and_drains>),
        cmocka_unit_test(test::unit<only_its_own_numbers_acknowledge>),
        cmocka_unit_test(test::unit<a_refusal_is_repeated_after_a_pause>),
        cmocka_unit_test(test::unit<real_ones_give_up_after_three_resends>),
        cmocka_unit_test(test::unit<real_ones_resend_after_each_command>),
        cmocka_unit_test(test::unit<a_storm_waits_for_all_its_answers>),
        cmocka_unit_test(test::unit<commands_are_answered_first>),
        cmocka_unit_test(test::unit<a_reboot_drops_the_link>),
        cmocka_unit_test(test::unit<a_refused_reg_is_repeated>),
        cmocka_unit_test(test::unit<over_http_everything_waits_for_its_answer>),
        cmocka_unit_test(test::unit<replies_over_http>),
    };
    return cmocka_run_group_tests_name("sim_cloud_device", tests, nullptr,
                                       nullptr);
}
