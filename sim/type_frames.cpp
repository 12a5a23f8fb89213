#include "type_frames.hpp"

#include "base/text.hpp"
#include "json_build.hpp"
#include "printable.hpp"

namespace wac::sim
{

namespace
{

Json frame(const char *type)
{
    Json object(json_object());
    set(object, "type", json_text_value(type));
    return object;
}

/** `text` was looked at when the command line was read. */
Json parsed(const std::string &text)
{
    return Json(json_loadb(text.data(), text.size(), JSON_DECODE_ANY, nullptr));
}

Json texts(const std::vector<std::string> &list)
{
    Json array(json_array());
    for (const std::string &text : list) {
        append(array, json_text_value(text));
    }
    return array;
}

/** A member as compact JSON with a blank before it; "" if there is none. */
std::string shown(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    return value ? ' ' + json_text(value) : "";
}

} // namespace

std::string type_register(const std::string &device, const std::string &token)
{
    Json object = frame("register");
    set(object, "device_id", json_text_value(device));
    set(object, "token", json_text_value(token));
    return json_text(object.get());
}

std::string type_telemetry(const std::string &device,
                           const std::string &payload)
{
    Json object = frame("telemetry");
    set(object, "device_id", json_text_value(device));
    set(object, "payload", parsed(payload));
    return json_text(object.get());
}

std::string type_event(const std::string &device, const std::string &event_type,
                       const std::string &payload)
{
    Json object = frame("event");
    set(object, "device_id", json_text_value(device));
    set(object, "event_type", json_text_value(event_type));
    set(object, "payload", parsed(payload));
    return json_text(object.get());
}

std::string made_readings(std::uint64_t number)
{
    constexpr std::uint64_t kSteps = 40;
    Json object(json_object());
    set(object, "temperature",
        Json(json_real(20 + static_cast<double>(number % kSteps) / 4)));
    set(object, "humidity",
        Json(json_integer(static_cast<json_int_t>(40 + number % kSteps))));
    set(object, "n", Json(json_integer(static_cast<json_int_t>(number))));
    return json_text(object.get());
}

std::string command_done_payload(const json_t *command)
{
    Json object(json_object());
    set(object, "command", json_text_value(json_string(command, "command")));
    if (const json_t *id = json_object_get(command, "id")) {
        set(object, "id", Json(json_deep_copy(id)));
    }
    set(object, "result", Json(json_true()));
    return json_text(object.get());
}

std::string type_signal(const char *name)
{
    return json_text(frame(name).get());
}

// ---- dashboards ------------------------------------------------------------

std::string type_subscribe(const DashboardOptions &options,
                           const std::string &since)
{
    Json object = frame("subscribe");
    set(object, "role", json_text_value("admin"));
    if (!options.token.empty()) {
        set(object, "token", json_text_value(options.token));
    }
    if (!options.devices_wanted.empty()) {
        set(object, "devices", texts(options.devices_wanted));
    }
    if (!options.types_wanted.empty()) {
        set(object, "types", texts(options.types_wanted));
    }
    if (const auto id = parse_integer<std::int64_t>(since)) {
        set(object, "since", Json(json_integer(*id)));
    } else if (!since.empty()) {
        set(object, "since", json_text_value(since));
    }
    return json_text(object.get());
}

std::string type_order(const TypeOrder &order)
{
    Json object = frame("command");
    set(object, "device_id", json_text_value(order.device));
    set(object, "command", json_text_value(order.command));
    if (!order.payload.empty()) {
        set(object, "payload", parsed(order.payload));
    }
    return json_text(object.get());
}

// ---- for people ------------------------------------------------------------

std::string type_line(const json_t *frame)
{
    std::string line;
    for (const char *key : {"timestamp", "device_id", "type", "status",
                            "event_type", "code", "command", "message"}) {
        const std::string_view text = json_string(frame, key);
        if (!text.empty()) {
            line += (line.empty() ? "" : " ") + std::string(text);
        }
    }
    return printable(line + shown(frame, "payload"));
}

std::string command_line_of(const std::string &device, const json_t *command)
{
    const std::string id = shown(command, "id");
    return printable(
        device + ": command " + std::string(json_string(command, "command")) +
        shown(command, "payload") + (id.empty() ? "" : " (id" + id + ')'));
}

} // namespace wac::sim
