// Frames of the `type` dialect (cloud-json.md 6), read and written: the
// protocol's vectors, what is refused, names, times, and every frame that we
// write.
#include "checks.hpp"

#include "codec/cloud.hpp"
#include "codec/type.hpp"

#include <filesystem>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

using namespace wac;
using test::Checks;
using namespace std::string_view_literals;

namespace
{

Json json_of(std::string_view text)
{
    return Json(json_loadb(text.data(), text.size(), JSON_DECODE_ANY, nullptr));
}

Result<type::Message> decoded(std::string_view text)
{
    return type::decode_message(as_bytes(text));
}

const std::map<std::string_view, type::Verb> kVerbs{
    {"register", type::Verb::register_}, {"telemetry", type::Verb::telemetry},
    {"event", type::Verb::event},        {"ping", type::Verb::ping},
    {"pong", type::Verb::pong},          {"subscribe", type::Verb::subscribe},
    {"command", type::Verb::command},    {"dance", type::Verb::other}};

/** The frames of terminals and dashboards in a conversation. */
std::vector<const json_t *> frames_to_us(const json_t *steps)
{
    std::vector<const json_t *> frames;
    for (std::size_t i = 0; i < json_array_size(steps); ++i) {
        const json_t *step = json_array_get(steps, i);
        const json_t *frame = json_object_get(step, "frame");
        if (frame && json_string(step, "dir") != "server") {
            frames.push_back(frame);
        }
    }
    return frames;
}

void check_vector_frame(Checks &checks, const json_t *frame)
{
    const bool dirty = json_is_string(frame);
    const std::string text = dirty ? std::string(cloud::verbatim_of(frame))
                                   : cloud::write_json(frame);
    const auto message = decoded(text);
    checks.equal(text, message.has_value(), !dirty);
    if (!message) {
        return;
    }
    const auto known = kVerbs.find(json_string(frame, "type"));
    checks.that(known != kVerbs.end() && known->second == message->verb, text);
    const auto device_id = type::device_id_of(*message);
    checks.equal(text, device_id ? *device_id : "refused",
                 json_string(frame, "device_id"));
}

void vectors_decode_to_what_they_are(Checks &checks)
{
    std::size_t count = 0;
    const auto folder = std::filesystem::path(WAC_VECTORS) / "cloud-json";
    for (const auto &entry : std::filesystem::directory_iterator(folder)) {
        const std::string name = entry.path().stem().string();
        if (!name.starts_with("type-")) {
            continue;
        }
        const Json steps(json_load_file(entry.path().c_str(), 0, nullptr));
        for (const json_t *frame : frames_to_us(steps.get())) {
            checks.about(name);
            check_vector_frame(checks, frame);
            ++count;
        }
    }
    checks.about("");
    checks.that(count > 30, "there are frames");
}

void what_is_no_message_is_malformed(Checks &checks)
{
    const std::string deep =
        "{\"type\":\"ping\",\"a\":" + std::string(40, '[') +
        std::string(40, ']') + "}";
    std::string huge = "{\"type\":\"ping\",\"a\":[0";
    for (std::size_t i = 0; i < cloud::kMostValues; ++i) {
        huge += ",0";
    }
    huge += "]}";
    for (const std::string_view text :
         {""sv, "{"sv, "[]"sv, "1"sv, "\"ping\""sv, "{}"sv,
          R"({"Type":"ping"})"sv, R"({"type":1})"sv, R"({"type":null})"sv,
          R"({"type":["ping"]})"sv, R"({"type":"ping"} x)"sv,
          std::string_view(deep), std::string_view(huge)}) {
        const auto message = decoded(text);
        checks.that(!message && message.error().code == ErrorCode::malformed,
                    text.substr(0, 40));
    }
}

void names_are_taken_in_their_own_case(Checks &checks)
{
    const auto message =
        decoded(R"({"type":"Ping","TYPE":"ping","Device_ID":"x","TOKEN":"t"})");
    checks.that(message && message->verb == type::Verb::other, "the verb");
    checks.equal("type", message->type, "Ping");
    checks.equal("device_id", type::device_id_of(*message).value_or("?"), "");
    checks.equal("token", type::token_of(*message), "");
    const auto twice = decoded(R"({"type":"dance","type":"pong"})");
    checks.that(twice && twice->verb == type::Verb::pong, "the last counts");
}

void a_device_id_is_a_serial_number_or_absent(Checks &checks)
{
    const std::string longest(64, 'x');
    const std::map<std::string, std::string> samples{
        {R"("6f1c2d3e-0000-4000-8000-000000000001")",
         "6f1c2d3e-0000-4000-8000-000000000001"},
        {'"' + longest + '"', longest},
        {'"' + longest + "x\"", "malformed"},
        {R"("")", "malformed"},
        {R"("a b")", "malformed"},
        {R"("a\\b")", "malformed"},
        {R"("Алия")", "malformed"},
        {"5", "malformed"},
        {"null", "malformed"},
    };
    for (const auto &[value, wanted] : samples) {
        const auto message =
            decoded(R"({"type":"event","device_id":)" + value + '}');
        const auto id = type::device_id_of(*message);
        checks.equal(value, id ? *id : std::string(id.error().code), wanted);
    }
}

void names_have_a_length_and_no_controls(Checks &checks)
{
    std::string most, more;
    for (int i = 0; i < 128; ++i) {
        most += "я";
    }
    more = most + "x";
    for (const std::string_view name : {"door_opened"sv, "a b"sv, "😀"sv,
                                        "\xc2\xa0"sv, std::string_view(most)}) {
        checks.that(type::valid_name(name), name);
    }
    for (const std::string_view name :
         {""sv, "a\n"sv, "\x7f"sv, "\0"sv, "x\xc2\x85y"sv, "\xc2\x80"sv,
          std::string_view(more)}) {
        checks.that(!type::valid_name(name), name);
    }
}

void payloads_pass_as_they_are(Checks &checks)
{
    const std::map<std::string_view, std::string_view> samples{
        {R"({"type":"telemetry"})", "{}"},
        {R"({"type":"telemetry","payload":null})", "null"},
        {R"({"type":"telemetry","payload":[1, "x" ,23.5]})", R"([1,"x",23.5])"},
        {R"({"type":"telemetry","payload":{"b":1,"a":{"Ключ":36.60}}})",
         R"({"b":1,"a":{"Ключ":36.6}})"},
        {R"({"type":"telemetry","payload":"a\u0000b"})", "\"a\ufffdb\""},
        {R"({"type":"telemetry","payload":{"\u0000":99999999999999999999}})",
         "{\"\ufffd\":\"99999999999999999999\"}"}};
    for (const auto &[sent, wanted] : samples) {
        checks.equal(sent, type::payload_text(*decoded(sent)), wanted);
    }
}

void timestamps_are_utc_with_milliseconds(Checks &checks)
{
    const std::int64_t time = WallTime{2026, 3, 2, 8, 0, 1}.since_2000_us();
    const std::map<std::int64_t, std::string_view> samples{
        {0, "2000-01-01T00:00:00.000Z"},
        {time, "2026-03-02T08:00:01.000Z"},
        {time + 250999, "2026-03-02T08:00:01.250Z"},
        {time + 7000, "2026-03-02T08:00:01.007Z"},
        {time - 1, "2026-03-02T08:00:00.999Z"},
        {-1, "1999-12-31T23:59:59.999Z"},
        {-1000000, "1999-12-31T23:59:59.000Z"},
        {INT64_MAX, "9999-12-31T23:59:59.000Z"},
        {INT64_MIN, "0001-01-01T00:00:00.000Z"}};
    for (const auto &[us, wanted] : samples) {
        checks.equal(wanted, type::format_timestamp(us), wanted);
    }
}

void frames_are_compact_json(Checks &checks)
{
    const std::vector<std::pair<std::string, std::string_view>> frames{
        {type::ping(), R"({"type":"ping"})"},
        {type::pong(), R"({"type":"pong"})"},
        {type::registered("D1", 250000),
         R"({"type":"registered","device_id":"D1",)"
         R"("server_time":"2000-01-01T00:00:00.250Z"})"},
        {type::device_status("D1", "online", 0),
         R"({"type":"device_status","device_id":"D1","status":"online",)"
         R"("timestamp":"2000-01-01T00:00:00.000Z"})"},
        {type::telemetry("D1", R"({"t": 1.50})", 0, 7),
         R"({"type":"telemetry","device_id":"D1","payload":{"t": 1.50},)"
         R"("timestamp":"2000-01-01T00:00:00.000Z","id":7})"},
        {type::event("D1", "a\"b\n", "[]", 0, 8),
         R"({"type":"event","device_id":"D1","event_type":"a\"b\n",)"
         R"("payload":[],"timestamp":"2000-01-01T00:00:00.000Z","id":8})"},
        {type::command("unlock", "{}", "D1", ""),
         R"({"type":"command","command":"unlock","payload":{},)"
         R"("device_id":"D1"})"},
        {type::command("set", "5", "D1", R"({"a":1})"),
         R"({"type":"command","command":"set","payload":5,)"
         R"("device_id":"D1","id":{"a":1}})"},
        {type::error("malformed", "no \xff"),
         "{\"type\":\"error\",\"code\":\"malformed\",\"message\":\"no "
         "\ufffd\"}"},
        {type::error("device_offline", "x", {"D1", "unlock", "\"c-1\""}),
         R"({"type":"error","code":"device_offline","message":"x",)"
         R"("device_id":"D1","command":"unlock","id":"c-1"})"}};
    for (const auto &[frame, wanted] : frames) {
        checks.equal("frame", frame, wanted);
        checks.that(json_is_object(json_of(frame).get()), frame);
    }
}

} // namespace

int main()
{
    const CMUnitTest tests[] = {
        cmocka_unit_test(test::unit<vectors_decode_to_what_they_are>),
        cmocka_unit_test(test::unit<what_is_no_message_is_malformed>),
        cmocka_unit_test(test::unit<names_are_taken_in_their_own_case>),
        cmocka_unit_test(test::unit<a_device_id_is_a_serial_number_or_absent>),
        cmocka_unit_test(test::unit<names_have_a_length_and_no_controls>),
        cmocka_unit_test(test::unit<payloads_pass_as_they_are>),
        cmocka_unit_test(test::unit<timestamps_are_utc_with_milliseconds>),
        cmocka_unit_test(test::unit<frames_are_compact_json>),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
