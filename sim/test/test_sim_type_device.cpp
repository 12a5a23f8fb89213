// A `type` device's and a dashboard's order of things, without sockets: frames
// in, frames out.
#include "checks.hpp"

#include "type_dashboard.hpp"
#include "type_device.hpp"
#include "type_frames.hpp"

using namespace wac;
using namespace wac::sim;
using namespace std::chrono_literals;
using test::Checks;

namespace
{

const Moment kStart{1h};

/** What a device or a dashboard sends now, by its type; "" if nothing. */
struct Talk {
    std::string next(LiveDevice &device)
    {
        sent = device.next(now);
        json.reset(sent ? json_loads(sent->text.c_str(), 0, nullptr) : nullptr);
        return std::string(json_string(json.get(), "type"));
    }

    Moment now = kStart;
    TypeStatistics statistics;
    std::vector<std::string> told;
    std::optional<LiveSending> sent;
    Json json;
};

TypeOptions options_with_backlog(std::uint32_t backlog)
{
    TypeOptions options;
    options.backlog = backlog;
    return options;
}

struct Bench : Talk {
    explicit Bench(const TypeOptions &wanted)
        : options(wanted),
          device(
              options, statistics,
              [this](const std::string &line) { told.push_back(line); }, "D1",
              1, kStart)
    {
    }

    std::string next() { return Talk::next(device); }
    void answer(const std::string &text) { device.received(text, now); }

    void come_online()
    {
        device.linked(now);
        next();
        answer(R"({"type":"registered","device_id":"D1"})");
    }

    TypeOptions options;
    TypeDevice device;
};

void it_registers_and_reports(Checks &checks)
{
    Bench bench(options_with_backlog(0));
    bench.device.linked(bench.now);
    checks.equal("first", bench.next(), "register");
    checks.equal("frame", bench.sent->text,
                 R"({"type":"register","device_id":"D1",)"
                 R"("token":"wac-sim-token-of-D1"})");
    checks.equal("waits", bench.next(), "");
    bench.answer(R"({"type":"registered","device_id":"D2"})");
    checks.equal("not for it", bench.statistics.errors, 1U);
    bench.answer(R"({"type":"registered","device_id":"D1"})");
    checks.equal("registered", bench.statistics.registered, 1U);
    checks.that(bench.device.wake_at() == kStart + 5s, "in 5 s");
    bench.now += 5s;
    checks.equal("telemetry", bench.next(), "telemetry");
    checks.equal("frame", bench.sent->text,
                 R"({"type":"telemetry","device_id":"D1","payload":)"
                 R"({"temperature":20.0,"humidity":40,"n":0}})");
    checks.equal("was it taken", bench.next(), "ping");
    checks.equal("waits", bench.next(), "");
    checks.equal("not yet", bench.statistics.punches_acked, 0U);
    bench.answer(R"({"type":"pong"})");
    checks.equal("taken", bench.statistics.punches_acked, 1U);
    bench.answer(R"({"type":"pong"})");
    checks.equal("nobody asked", bench.statistics.errors, 2U);
}

void a_pong_is_for_what_was_before_its_ping(Checks &checks)
{
    TypeOptions options = options_with_backlog(3);
    options.batch = 2;
    options.event_type = "door_opened";
    options.payload = R"({"door":1})";
    Bench bench(options);
    bench.come_online();
    checks.equal("1", bench.next(), "event");
    checks.equal("frame", bench.sent->text,
                 R"({"type":"event","device_id":"D1",)"
                 R"("event_type":"door_opened","payload":{"door":1}})");
    checks.equal("2", bench.next(), "event");
    checks.equal("batch", bench.next(), "ping");
    checks.equal("3", bench.next(), "event");
    checks.equal("one ping at a time", bench.next(), "");
    bench.answer(R"({"type":"pong"})");
    checks.equal("two", bench.statistics.punches_acked, 2U);
    checks.equal("for the third", bench.next(), "ping");
    bench.answer(R"({"type":"pong"})");
    checks.equal("three", bench.statistics.punches_acked, 3U);
    checks.that(!bench.device.has_work(), "done");
}

void what_was_not_confirmed_is_sent_again(Checks &checks)
{
    Bench bench(options_with_backlog(2));
    bench.come_online();
    bench.next();
    const std::string first = bench.sent->text;
    bench.next();
    bench.next();
    bench.device.link_lost(true, bench.now);
    checks.that(!bench.device.wants_link(bench.now + 999ms), "1 s");
    checks.that(bench.device.wants_link(bench.now + 1s), "then");
    bench.come_online();
    checks.equal("again", bench.next(), "telemetry");
    checks.equal("in order", bench.sent->text, first);
    checks.equal("second", bench.next(), "telemetry");
    checks.equal("ping", bench.next(), "ping");
    bench.answer(R"({"type":"pong"})");
    checks.equal("taken", bench.statistics.punches_acked, 2U);
    checks.equal("resends", bench.statistics.resends, 2U);
    checks.equal("lost", bench.statistics.links_lost, 1U);
}

void an_error_before_the_pong_is_a_loss(Checks &checks)
{
    Bench bench(options_with_backlog(2));
    bench.come_online();
    bench.next();
    bench.next();
    bench.next();
    bench.answer(R"({"type":"error","code":"rate_limited","message":"x"})");
    bench.answer(R"({"type":"pong"})");
    checks.equal("taken", bench.statistics.punches_acked, 1U);
    checks.equal("dropped", bench.statistics.punches_dropped, 1U);
    checks.equal("waiting", bench.statistics.punches_waiting(), 0U);
    checks.equal("why", bench.statistics.refused["rate_limited"], 1U);
}

void its_pauses_double(Checks &checks)
{
    Bench bench(options_with_backlog(0));
    for (const auto pause : {1s, 2s, 4s, 8s, 16s, 30s, 30s}) {
        bench.device.linked(bench.now);
        bench.next();
        bench.answer(R"({"type":"error","code":"auth_failed","message":""})");
        bench.device.link_lost(true, bench.now);
        checks.that(!bench.device.wants_link(bench.now + pause - 1ms),
                    "not before");
        bench.now += pause;
        checks.that(bench.device.wants_link(bench.now), "but then");
    }
    bench.come_online();
    bench.device.link_lost(true, bench.now);
    checks.that(bench.device.wants_link(bench.now + 1s), "from the start");
    checks.equal("refused", bench.statistics.refused["auth_failed"], 7U);
    checks.equal("no loss", bench.statistics.punches_dropped, 0U);
}

void silence_ends_the_link(Checks &checks)
{
    Bench bench(options_with_backlog(0));
    bench.device.linked(bench.now);
    bench.next();
    checks.that(bench.device.wake_at() == kStart + TypeDevice::kPatience,
                "waits for the answer");
    bench.now += TypeDevice::kPatience;
    checks.equal("nothing", bench.next(), "");
    checks.that(bench.device.wants_drop(), "it leaves");
    checks.equal("given up", bench.statistics.given_up, 1U);
}

void pings_and_commands_are_answered(Checks &checks)
{
    TypeOptions options = options_with_backlog(0);
    options.command_done = true;
    options.no_answer.insert("hush");
    Bench bench(options);
    bench.come_online();
    bench.answer(R"({"type":"ping"})");
    checks.equal("pong", bench.next(), "pong");
    checks.equal("once", bench.next(), "");
    bench.answer(R"({"type":"command","command":"unlock",)"
                 R"("payload":{"s":5},"device_id":"D1","id":"c-1"})");
    bench.answer(R"({"type":"command","command":"hush"})");
    checks.equal("told", bench.told.empty() ? "" : bench.told.front(),
                 R"(D1: command unlock {"s":5} (id "c-1"))");
    checks.equal("event", bench.next(), "event");
    checks.equal("frame", bench.sent->text,
                 R"({"type":"event","device_id":"D1",)"
                 R"("event_type":"command_done","payload":)"
                 R"({"command":"unlock","id":"c-1","result":true}})");
    checks.equal("taken?", bench.next(), "ping");
    checks.equal("counted", bench.statistics.commands["unlock"], 1U);
    checks.equal("both", bench.statistics.commands["hush"], 1U);
    for (const char *odd :
         {"", "[]", "{}", R"({"type":1})", R"({"type":"device_status"})"}) {
        bench.answer(odd);
    }
    checks.equal("odd frames", bench.statistics.errors, 5U);
}

// ---- dashboards ------------------------------------------------------------

struct Watch : Talk {
    explicit Watch(const DashboardOptions &wanted)
        : options(wanted),
          dashboard(
              options, statistics,
              [this](const std::string &line) { told.push_back(line); }, "A", 1,
              kStart)
    {
    }

    std::string next() { return Talk::next(dashboard); }
    void answer(const std::string &text) { dashboard.received(text, now); }

    DashboardOptions options;
    TypeDashboard dashboard;
};

void a_dashboard_subscribes_orders_and_shows(Checks &checks)
{
    DashboardOptions options;
    options.token = "t";
    options.since = "17";
    options.devices_wanted = {"D1"};
    options.types_wanted = {"event"};
    options.orders = {{"D1", "unlock", R"({"s":5})"}};
    options.punches = 2;
    Watch watch(options);
    watch.dashboard.linked(watch.now);
    checks.equal("first", watch.next(), "subscribe");
    checks.equal("frame", watch.sent->text,
                 R"({"type":"subscribe","role":"admin","token":"t",)"
                 R"("devices":["D1"],"types":["event"],"since":17})");
    checks.equal("was it taken", watch.next(), "ping");
    checks.equal("waits", watch.next(), "");
    watch.answer(R"({"type":"pong"})");
    checks.equal("subscribed", watch.statistics.registered, 1U);
    checks.equal("order", watch.next(), "command");
    checks.equal("frame", watch.sent->text,
                 R"({"type":"command","device_id":"D1",)"
                 R"("command":"unlock","payload":{"s":5}})");
    checks.equal("once", watch.next(), "");
    watch.answer(R"({"type":"event","device_id":"D1","event_type":"e",)"
                 R"("payload":{},"timestamp":"2026-01-02T03:04:05.678Z",)"
                 R"("id":21})");
    checks.equal("line", watch.told.empty() ? "" : watch.told.back(),
                 "2026-01-02T03:04:05.678Z D1 event e {}");
    watch.dashboard.link_lost(true, watch.now);
    watch.dashboard.linked(watch.now);
    watch.next();
    checks.equal("goes on",
                 json_integer_value(json_object_get(watch.json.get(), "since")),
                 21);
    watch.next();
    watch.answer(R"({"type":"pong"})");
    checks.equal("no second order", watch.next(), "");
    watch.answer(R"({"type":"error","code":"device_offline",)"
                 R"("message":"gone","id":5})");
    checks.equal("refused", watch.statistics.refused["device_offline"], 1U);
    checks.that(watch.dashboard.finished(watch.now), "it has seen two");
}

} // namespace

int main()
{
    const CMUnitTest tests[] = {
        cmocka_unit_test(test::unit<it_registers_and_reports>),
        cmocka_unit_test(test::unit<a_pong_is_for_what_was_before_its_ping>),
        cmocka_unit_test(test::unit<what_was_not_confirmed_is_sent_again>),
        cmocka_unit_test(test::unit<an_error_before_the_pong_is_a_loss>),
        cmocka_unit_test(test::unit<its_pauses_double>),
        cmocka_unit_test(test::unit<silence_ends_the_link>),
        cmocka_unit_test(test::unit<pings_and_commands_are_answered>),
        cmocka_unit_test(test::unit<a_dashboard_subscribes_orders_and_shows>),
    };
    return cmocka_run_group_tests_name("sim_type_device", tests, nullptr,
                                       nullptr);
}
