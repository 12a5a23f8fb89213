// A device's order of things, without sockets: what it sends next, and what
// it makes of answers.
#include "checks.hpp"

#include "fk_device.hpp"
#include "fk_reply.hpp"

using namespace wac;
using namespace wac::sim;
using namespace std::chrono_literals;
using test::Checks;

namespace
{

const Moment kStart{1h};

struct Bench {
    explicit Bench(const FkOptions &wanted)
        : options(wanted), endpoint(find_endpoint(wanted.url).value()),
          device(options, clock, statistics, endpoint, "T1", 1, kStart)
    {
    }

    /** What it sends now: its request_code, or "" if nothing. */
    std::string next()
    {
        sent = device.next(now);
        return sent ? header("request_code") : "";
    }

    std::string header(const std::string &name) const
    {
        const std::string start = "\r\n" + name + ": ";
        const auto at = sent->bytes.find(start);
        if (at == std::string::npos) {
            return "none";
        }
        const auto begin = at + start.size();
        return sent->bytes.substr(begin,
                                  sent->bytes.find("\r\n", begin) - begin);
    }

    std::string body() const
    {
        return sent->bytes.substr(sent->bytes.find("\r\n\r\n") + 4);
    }

    void answer(const char *response_code, const std::string &cmd_code = "",
                const std::string &command_body = "")
    {
        fk::Reply reply;
        reply.response_code = response_code;
        reply.trans_id = cmd_code.empty() ? "" : "1001";
        reply.cmd_code = cmd_code;
        reply.body = command_body;
        device.answered(reply, now);
    }

    std::string user_id() const
    {
        const std::string bytes = body();
        const auto read = fk::decode_body(as_bytes(bytes));
        return fk::decode_realtime_glog(read.value())->user_id;
    }

    FkOptions options;
    HostClock clock{kStart, seconds_of({2026, 9, 29, 20, 0, 0})};
    FkStatistics statistics;
    Endpoint endpoint;
    FkDevice device;
    Moment now = kStart;
    std::optional<FkSending> sent;
};

FkOptions options_with_backlog(std::uint32_t backlog)
{
    FkOptions options;
    options.url = "http://127.0.0.1:8090/fk";
    options.backlog = backlog;
    return options;
}

void it_drains_and_polls_and_sleeps(Checks &checks)
{
    Bench bench(options_with_backlog(2));
    checks.equal("first", bench.next(), "realtime_glog");
    checks.equal("task", bench.header("trans_id"), "RTLogSendAction");
    checks.equal("host", bench.header("HOST"), "127.0.0.1:8090");
    checks.equal("user", bench.user_id(), "1");
    checks.equal("one at a time", bench.next(), "");
    bench.answer("OK");
    checks.equal("second", bench.next(), "realtime_glog");
    checks.equal("user", bench.user_id(), "2");
    bench.answer("OK");
    checks.equal("poll", bench.next(), "receive_cmd");
    bench.answer("ERROR_NO_CMD");
    checks.equal("idle", bench.next(), "");
    checks.that(bench.device.wake_at() == kStart + 10s, "interval");
    bench.now = kStart + 3s;
    checks.that(bench.device.make_punch(bench.now), "punch");
    checks.equal("woken", bench.next(), "realtime_glog");
    bench.answer("OK");
    checks.equal("then polls", bench.next(), "receive_cmd");
    bench.answer("ERROR_NO_CMD");
    bench.now = kStart + 13s;
    checks.equal("interval over", bench.next(), "receive_cmd");
    checks.equal("acked", bench.statistics.punches_acked, 3U);
    checks.equal("waiting", bench.statistics.punches_waiting(), 0U);
}

void a_refused_punch_stays_first(Checks &checks)
{
    Bench bench(options_with_backlog(2));
    bench.next();
    const std::string body = bench.body();
    bench.answer("ERROR_DB_ACCESS");
    checks.equal("polls meanwhile", bench.next(), "receive_cmd");
    bench.answer("ERROR_NO_CMD");
    checks.equal("pauses", bench.next(), "");
    checks.that(bench.device.wake_at() == kStart + 250ms, "back-off");
    bench.now = bench.device.wake_at();
    checks.equal("again", bench.next(), "realtime_glog");
    checks.equal("the same", bench.body(), body);
    bench.device.failed(bench.now);
    bench.next();
    bench.answer("ERROR_NO_CMD");
    checks.that(bench.device.wake_at() == bench.now + 500ms, "back-off grows");
    checks.equal("refused", bench.statistics.refused["ERROR_DB_ACCESS"], 1U);
    checks.equal("sent", bench.statistics.punches_sent, 1U);
    checks.equal("resends", bench.statistics.resends, 1U);
}

void a_result_goes_up_in_parts(Checks &checks)
{
    FkOptions options;
    options.dialect.block_size = 50;
    options.polls = 2;
    Bench bench(options);
    bench.next();
    bench.answer("OK", "GET_USER_ID_LIST");
    std::string joined;
    for (const char *blk_no : {"1", "2", "3", "0"}) {
        checks.about(blk_no);
        checks.equal("part", bench.next(), "send_cmd_result");
        checks.equal("blk_no", bench.header("blk_no"), blk_no);
        checks.equal("task", bench.header("trans_id"), "1001");
        checks.equal("code", bench.header("cmd_return_code"), "OK");
        joined += bench.body();
        bench.answer("OK");
    }
    checks.about("after");
    const auto body = fk::decode_body(as_bytes(joined));
    checks.that(body && body->bins.size() == 1 &&
                    body->bins[0].size() == 10 * 8,
                "the joined body");
    checks.equal("polls at once", bench.next(), "receive_cmd");
    checks.equal("results", bench.statistics.results_sent, 1U);
    checks.that(!bench.device.finished(bench.now), "finished early");
    bench.answer("ERROR_NO_CMD");
    checks.that(bench.device.finished(bench.now), "not finished");
}

void a_refused_result_is_dropped(Checks &checks)
{
    FkOptions options;
    options.dialect.block_size = 50;
    Bench bench(options);
    bench.next();
    bench.answer("OK", "GET_USER_ID_LIST");
    bench.next();
    bench.answer("ERROR_ADD_BLOCK_DATA");
    checks.equal("dropped", bench.next(), "");
    checks.equal("results", bench.statistics.results_sent, 0U);
    bench.now += 10s;
    checks.equal("polls", bench.next(), "receive_cmd");
}

void parts_are_repeated_and_skipped_by_fault(Checks &checks)
{
    FkOptions options;
    options.dialect.block_size = 50;
    options.faults.repeat_part = 1;
    options.faults.skip_part = 1;
    Bench bench(options);
    bench.next();
    bench.answer("OK", "GET_USER_ID_LIST");
    for (const char *blk_no : {"1", "1", "3", "3", "0"}) {
        bench.next();
        checks.equal(blk_no, bench.header("blk_no"), blk_no);
        bench.answer("OK");
    }
    checks.equal("over", bench.next(), "receive_cmd");
}

void commands_may_go_unanswered_or_fail(Checks &checks)
{
    FkOptions options;
    options.no_answer = {"SET_TIME"};
    options.errors = {{"SET_FK_NAME", "ERROR_NOT_SUPPORTED"}};
    options.answer_delay = 300ms;
    Bench bench(options);
    bench.next();
    bench.answer("OK", "SET_TIME");
    checks.equal("silent", bench.next(), "");
    checks.that(bench.device.wake_at() == kStart + 10s, "waits an interval");
    bench.now += 10s;
    bench.next();
    bench.answer("OK", "SET_FK_NAME", fk::encode_body(R"({"fk_name":"x"})"));
    checks.equal("takes its time", bench.next(), "");
    bench.now += 300ms;
    checks.equal("answers", bench.next(), "send_cmd_result");
    checks.equal("code", bench.header("cmd_return_code"),
                 "ERROR_NOT_SUPPORTED");
    checks.equal("name", bench.device.terminal().name, "");
}

void a_restart_keeps_what_it_holds(Checks &checks)
{
    for (const bool by_code : {false, true}) {
        checks.about(by_code ? "cmd_code" : "response_code");
        Bench bench(options_with_backlog(0));
        bench.next();
        bench.answer(
            "OK", "SET_WEB_SERVER_INFO",
            fk::encode_body(R"({"server_ip":"192.0.2.7","server_port":81})"));
        bench.next();
        bench.answer("OK");
        bench.next();
        by_code ? bench.answer("OK", "RESET_FK") : bench.answer("RESET_FK");
        checks.that(bench.device.make_punch(bench.now), "punch");
        checks.equal("down", bench.next(), "");
        bench.now = bench.device.wake_at();
        checks.that(bench.now == kStart + 1s, "a second");
        checks.equal("back", bench.next(), "realtime_glog");
        checks.equal("new server", bench.header("HOST"), "192.0.2.7:81");
        checks.equal("users", bench.device.terminal().users.size(), 10U);
        checks.equal("counted", bench.statistics.commands["RESET_FK"], 1U);
    }
}

void enrolments_go_before_punches(Checks &checks)
{
    Bench bench(options_with_backlog(0));
    bench.next();
    bench.answer("OK", "SET_COMMAND",
                 fk::encode_body(R"({"cmd":"enter_enroll","param":)"
                                 R"({"user_id":"2","backup_number":1}})"));
    bench.device.make_punch(bench.now);
    for (const char *code :
         {"send_cmd_result", "receive_cmd", "realtime_enroll_data",
          "realtime_glog", "receive_cmd"}) {
        checks.equal("next", bench.next(), code);
        bench.answer(code == std::string_view("receive_cmd") ? "ERROR_NO_CMD"
                                                             : "OK");
    }
    checks.equal("enrolments", bench.statistics.enrolments_acked, 1U);
}

void a_closed_device_drains_and_ends(Checks &checks)
{
    Bench bench(options_with_backlog(2));
    bench.device.close(bench.now);
    bench.next();
    bench.answer("OK");
    checks.that(!bench.device.finished(bench.now), "too early");
    bench.next();
    bench.answer("ERROR");
    checks.equal("no poll", bench.next(), "");
    bench.now += FkDevice::kDrainLimit;
    checks.that(bench.device.finished(bench.now), "never ends");
    checks.equal("nothing more", bench.next(), "");
}

void no_two_punches_of_a_person_are_the_same(Checks &checks)
{
    PunchTimes times;
    checks.equal("first", times.take("1", 100), 100);
    checks.equal("same second", times.take("1", 100), 101);
    checks.equal("another", times.take("2", 100), 100);
    times.clock_set();
    checks.equal("set back", times.take("1", 40), 40);
    checks.equal("still before", times.take("1", 99), 99);
    checks.equal("over the old ones", times.take("1", 100), 102);
}

void a_command_needs_its_own_task_header(Checks &checks)
{
    fk::Reply reply;
    reply.response_code = "OK";
    reply.trans_id = "5";
    reply.cmd_code = "SET_TIME";
    reply.with_task_id = reply.with_cmd_code = true;
    const std::string http = fk::encode_reply(reply);
    checks.that(read_reply(http, fk::TaskIdHeader::trans_id).has_value(),
                "trans_id");
    checks.that(!read_reply(http, fk::TaskIdHeader::cmd_id), "cmd_id");
    reply.trans_id.clear();
    checks.that(
        !read_reply(fk::encode_reply(reply), fk::TaskIdHeader::trans_id),
        "no task id");
}

} // namespace

int main()
{
    const CMUnitTest tests[] = {
        cmocka_unit_test(test::unit<it_drains_and_polls_and_sleeps>),
        cmocka_unit_test(test::unit<a_refused_punch_stays_first>),
        cmocka_unit_test(test::unit<a_result_goes_up_in_parts>),
        cmocka_unit_test(test::unit<a_refused_result_is_dropped>),
        cmocka_unit_test(test::unit<parts_are_repeated_and_skipped_by_fault>),
        cmocka_unit_test(test::unit<commands_may_go_unanswered_or_fail>),
        cmocka_unit_test(test::unit<a_restart_keeps_what_it_holds>),
        cmocka_unit_test(test::unit<enrolments_go_before_punches>),
        cmocka_unit_test(test::unit<a_closed_device_drains_and_ends>),
        cmocka_unit_test(test::unit<no_two_punches_of_a_person_are_the_same>),
        cmocka_unit_test(test::unit<a_command_needs_its_own_task_header>),
    };
    return cmocka_run_group_tests_name("sim_device", tests, nullptr, nullptr);
}
