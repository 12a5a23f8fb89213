// What dashboards write: subscriptions with their filters and where they
// begin, and orders of commands.
#include "checks.hpp"

#include "base/wall_time.hpp"
#include "codec/cloud.hpp"
#include "codec/type.hpp"

#include <string>
#include <vector>

using namespace wac;
using test::Checks;

namespace
{

type::Read<type::Subscription> subscribed(const std::string &members)
{
    const std::string text =
        R"({"type":"subscribe","role":"admin")" + members + '}';
    const auto message = type::decode_message(as_bytes(text));
    if (!message) {
        return tl::make_unexpected(
            type::Fault{"the test's own JSON is broken", ""});
    }
    return type::read_subscription(*message);
}

/** The fault's code, "" for none. */
std::string code_of(const std::string &members)
{
    const auto wanted = subscribed(members);
    return wanted ? "" : std::string(wanted.error().code);
}

std::string repeated(std::string_view text, std::size_t times)
{
    std::string all;
    for (std::size_t i = 0; i < times; ++i) {
        all += (i == 0 ? "" : ",");
        all += text;
    }
    return all;
}

void the_only_role_is_admin(Checks &checks)
{
    for (const std::string_view text :
         {R"({"type":"subscribe"})", R"({"type":"subscribe","role":"boss"})",
          R"({"type":"subscribe","role":"Admin"})",
          R"({"type":"subscribe","role":["admin"]})"}) {
        const auto message = type::decode_message(as_bytes(text));
        const auto wanted = type::read_subscription(*message);
        checks.that(!wanted && wanted.error().code == "bad_role" &&
                        !wanted.error().message.empty(),
                    text);
    }
    const auto bare = subscribed("");
    checks.that(bare && bare->token.empty() && bare->devices.empty() &&
                    bare->types.empty() && !bare->since_id && !bare->since_us,
                "the specification's own message");
    checks.equal("token", subscribed(R"(,"token":" t ")")->token, " t ");
}

void filters_are_bounded_names(Checks &checks)
{
    for (const std::string &members : std::vector<std::string>{
             R"(,"devices":5)", R"(,"devices":{})", R"(,"devices":[5])",
             R"(,"devices":["a b"])", R"(,"devices":"")", R"(,"devices":[""])",
             R"(,"types":[["event"]])", R"(,"types":["a\n"])",
             R"(,"types":true)",
             ",\"devices\":[" + repeated("\"D\"", 10001) + "]",
             ",\"types\":[" + repeated("\"e\"", 101) + "]"}) {
        checks.equal(members.substr(0, 60), code_of(members), "bad_filter");
    }
    for (const std::string &members : std::vector<std::string>{
             "", R"(,"devices":[],"types":[])", R"(,"devices":null)",
             R"(,"since":null)", R"(,"types":"attendance")",
             ",\"devices\":[" + repeated("\"D\"", 10000) + "]",
             ",\"types\":[" + repeated("\"e\"", 100) + "]"}) {
        checks.equal(members.substr(0, 60), code_of(members), "");
    }
}

void filters_let_pass_what_they_name(Checks &checks)
{
    const auto all = subscribed("");
    checks.that(all->takes("D1", "telemetry", ""), "no filter");
    const auto some = subscribed(
        R"(,"devices":["D3","D1","D3"],"types":["event","device_status"])");
    checks.equal("devices", some->devices.size(), 2U);
    checks.that(some->takes("D1", "event", "attendance"), "an event");
    checks.that(some->takes("D3", "device_status", ""), "a status");
    checks.that(!some->takes("D3", "telemetry", ""), "telemetry");
    checks.that(!some->takes("D2", "event", "x"), "another device");
    const auto named = subscribed(R"(,"devices":"D1","types":["attendance"])");
    checks.that(named->takes("D1", "event", "attendance"), "its event type");
    checks.that(!named->takes("D1", "event", "admin_log"), "another's");
    checks.that(!named->takes("D1", "event", ""), "none");
    checks.that(!named->takes("d1", "event", "attendance"), "another case");
}

void a_beginning_is_an_id_or_a_time(Checks &checks)
{
    const std::int64_t time = WallTime{2026, 3, 2, 8, 0, 1}.since_2000_us();
    const std::int64_t hour = 3600 * 1000000LL;
    checks.equal("number", subscribed(R"(,"since":17)")->since_id, 17);
    checks.equal("text", subscribed(R"(,"since":"17")")->since_id, 17);
    checks.equal("zero", subscribed(R"(,"since":0)")->since_id, 0);
    const auto at = [](const std::string &text) {
        return subscribed(R"(,"since":")" + text + '"')
            .value_or(type::Subscription())
            .since_us;
    };
    checks.equal("Z", at("2026-03-02T08:00:01Z"), time);
    checks.equal("fraction", at("2026-03-02T08:00:01.999Z"), time + 999000);
    checks.equal("digit", at("2026-03-02T08:00:01.5Z"), time + 500000);
    checks.equal("digits", at("2026-03-02T08:00:01.1234567Z"), time + 123456);
    checks.equal("none", at("2026-03-02T08:00:01"), time);
    checks.equal("blank", at("2026-03-02 08:00:01"), time);
    checks.equal("east", at("2026-03-02T10:00:01+02:00"), time);
    checks.equal("west", at("2026-03-02T02:00:01-0500"), time - hour);
    checks.that(!subscribed(R"(,"since":"2026-03-02T08:00:01Z")")->since_id,
                "and no id");
    for (const std::string_view value :
         {"-1", "1.5", "true", "[]", R"("")", R"("-1")", R"("soon")",
          R"("2026-02-30T00:00:00Z")", R"("99999999999999999999")",
          R"("2026-03-02")", R"("2026-03-02T08:00:01X")"}) {
        checks.equal(value, code_of(",\"since\":" + std::string(value)),
                     "bad_since");
    }
}

type::Read<type::Order> ordered(const std::string &members)
{
    const std::string text = R"({"type":"command")" + members + '}';
    const auto message = type::decode_message(as_bytes(text));
    return type::read_order(*message);
}

void an_order_names_terminal_and_command(Checks &checks)
{
    const auto order =
        ordered(R"(,"device_id":"D1","command":"unlock","payload":{"door":2},)"
                R"("id":{"n":1.5},"native":true)");
    checks.equal("device_id", order->device_id, "D1");
    checks.equal("command", order->command, "unlock");
    checks.equal("payload", cloud::write_json(order->payload.get()),
                 R"({"door":2})");
    checks.equal("id", order->id, R"({"n":1.5})");
    checks.that(order->native, "native");

    const auto bare = ordered(R"(,"device_id":"D1","command":"set")");
    checks.equal("payload", cloud::write_json(bare->payload.get()), "{}");
    checks.equal("id", bare->id, "");
    checks.that(!bare->native, "not native");
    checks.equal("a payload of another type",
                 cloud::write_json(
                     ordered(R"(,"device_id":"D","command":"c","payload":[1])")
                         ->payload.get()),
                 "[1]");

    for (const std::string &members : std::vector<std::string>{
             R"(,"command":"unlock")", R"(,"device_id":"D1")",
             R"(,"device_id":5,"command":"unlock")",
             R"(,"device_id":"D1","command":"")",
             R"(,"device_id":"D1","command":["unlock"])",
             R"(,"device_id":"D1","command":"x","id":")" +
                 std::string(1023, 'i') + '"'}) {
        const auto refused = ordered(members);
        checks.that(!refused && refused.error().code == "malformed",
                    members.substr(0, 60));
    }
    const std::string longest(1022, 'i');
    checks.that(
        ordered(R"(,"device_id":"D1","command":"x","id":")" + longest + '"')
            .has_value(),
        "the longest id");
}

} // namespace

int main()
{
    const CMUnitTest tests[] = {
        cmocka_unit_test(test::unit<the_only_role_is_admin>),
        cmocka_unit_test(test::unit<filters_are_bounded_names>),
        cmocka_unit_test(test::unit<filters_let_pass_what_they_name>),
        cmocka_unit_test(test::unit<a_beginning_is_an_id_or_a_time>),
        cmocka_unit_test(test::unit<an_order_names_terminal_and_command>),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
