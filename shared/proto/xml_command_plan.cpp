#include "proto/xml_command_plan.hpp"

#include "base/text.hpp"
#include "codec/cloud.hpp"
#include "proto/cloud_command_values.hpp"
#include "proto/xml_command_table.hpp"

#include <algorithm>
#include <array>

namespace wac::xml
{

namespace
{

// LockControl (2.7)
constexpr std::int64_t kOpen = 1;
constexpr std::int64_t kClosed = 2;
constexpr std::int64_t kHeldOpen = 3;
constexpr std::int64_t kNormal = 4;
constexpr std::int64_t kRestart = 5;

std::optional<WallTime> time_of(const json_t *param, const char *key)
{
    const auto time = cloud::parse_time(json_string(param, key));
    return time ? std::optional(time->wall) : std::nullopt;
}

// ---- the terminal ----------------------------------------------------------

Planned get_logs(const CommandRule &, const json_t *param, const PlanInput &)
{
    const auto from = time_of(param, "from");
    const auto to = time_of(param, "to");
    if (from && to && from->since_2000_us() > to->since_2000_us()) {
        return refuse("the range ends before it begins");
    }
    return way_of_logs(from, to);
}

Planned set_time(const CommandRule &rule, const json_t *param,
                 const PlanInput &input)
{
    Request request{std::string(rule.wire), {}};
    request.add("Time",
                format_time(time_of(param, "time").value_or(input.device_now)));
    return one(std::move(request));
}

/** Text, a number or a truth as it is sent; nothing for anything else. */
std::optional<std::string> text_to_send(const json_t *value)
{
    if (json_is_boolean(value)) {
        return json_is_true(value) ? "Yes" : "No";
    }
    if (json_is_string(value)) {
        return std::string(cloud::verbatim_of(value));
    }
    return json_is_number(value) ? std::optional(json_text(value))
                                 : std::nullopt;
}

/** The name of an element; beside, longer ones close a connection. */
bool is_field_name(std::string_view name) noexcept
{
    constexpr std::size_t kLongest = 64;
    const auto letter = [](char c) {
        const char low = ascii_lower(c);
        return (low >= 'a' && low <= 'z') || c == '_';
    };
    return !name.empty() && name.size() <= kLongest && letter(name.front()) &&
           std::all_of(name.begin(), name.end(), [&](char c) {
               return letter(c) || (c >= '0' && c <= '9') || c == '-' ||
                      c == '.';
           });
}

/** The members of an object, in their order, as fields. */
Result<std::vector<Field>> fields_of(const json_t *param)
{
    constexpr std::size_t kMost = 70; // of the 80 that a message may have
    std::vector<Field> fields;
    const char *key = nullptr;
    json_t *value = nullptr;
    json_object_foreach(const_cast<json_t *>(param), key, value)
    {
        auto text = text_to_send(value);
        if (!is_field_name(key)) {
            return refuse(cloud::quoted(key) + " is no name of a field");
        }
        if (!text) {
            return refuse(cloud::quoted(key) +
                          " must be text, a number, true or false");
        }
        for (const std::string_view kind : {"Request", "Response", "Event"}) {
            if (key == kind) {
                return refuse(cloud::quoted(key) + " is no parameter");
            }
        }
        fields.push_back({key, std::move(*text)});
    }
    if (fields.size() > kMost) {
        return refuse("there are more than " + std::to_string(kMost) +
                      " parameters");
    }
    return fields;
}

Planned set_info(const CommandRule &rule, const json_t *param,
                 const PlanInput &)
{
    auto settings = fields_of(param);
    if (!settings) {
        return tl::make_unexpected(std::move(settings.error()));
    }
    if (settings->empty()) {
        return refuse("no setting is named");
    }
    std::vector<Step> steps;
    for (const Field &setting : *settings) {
        Step &step = steps.emplace_back();
        step.label = setting.name;
        step.request.name = rule.wire;
        step.request.add("ParamName", setting.name).add("Value", setting.value);
    }
    return way_of_steps(std::move(steps));
}

std::unique_ptr<Way> extended_setting(const CommandRule &rule,
                                      std::string_view name,
                                      std::string_view value)
{
    Request request{std::string(rule.wire), {}};
    return one(std::move(request.add("ParamName", name).add("Value1", value)));
}

Planned set_name(const CommandRule &rule, const json_t *param,
                 const PlanInput &)
{
    return extended_setting(rule, "DeviceName", json_string(param, "name"));
}

/** A bare address would select another protocol (section 1). */
Planned set_server(const CommandRule &rule, const json_t *param,
                   const PlanInput &)
{
    std::string url(json_string(param, "host"));
    const json_t *port = json_object_get(param, "port");
    const bool is_url = url.find("://") != url.npos;
    const bool spoken = url.starts_with("ws://") || url.starts_with("wss://");
    if (url.find(' ') != url.npos || (is_url && (port || !spoken))) {
        return refuse("host must be a URL of ws:// or wss:// without port "
                      "beside it, or the name of a host");
    }
    if (!is_url && !port) {
        return refuse("port is missing");
    }
    if (!is_url) {
        url = "ws://" + url + ":" + std::to_string(json_integer_value(port)) +
              "/";
    }
    return extended_setting(rule, "WebServerUrl", url);
}

Planned control_lock(const CommandRule &rule, const json_t *param,
                     const PlanInput &)
{
    constexpr std::array<std::int64_t, 3> kModes{kNormal, kHeldOpen, kClosed};
    std::int64_t mode = kRestart;
    if (rule.cmd_code == "open_door") {
        mode = kOpen;
    } else if (rule.cmd_code == "lock_door") {
        const json_t *given = json_object_get(param, "mode");
        mode = given
                   ? kModes[static_cast<std::size_t>(json_integer_value(given))]
                   : kClosed;
    }
    Request request{std::string(rule.wire), {}};
    return one(std::move(request.add("Mode", mode)));
}

// ---- all of them -----------------------------------------------------------

constexpr Shape kShapes[] = {
    {"get_logs", get_logs},      {"set_time", set_time},
    {"set_info", set_info},      {"set_name", set_name},
    {"set_server", set_server},  {"open_door", control_lock},
    {"lock_door", control_lock}, {"reboot", control_lock},
    {"reset", control_lock},
};

Planned plan_word(const CommandRule &rule, const PlanInput &input)
{
    auto param = cloud::read_parameters(rule, input.param);
    if (!param) {
        return tl::make_unexpected(std::move(param.error()));
    }
    if (rule.cmd_code != "set_user" && !input.bins.empty()) {
        return refuse("it takes no binary");
    }
    for (const auto shapes : {user_shapes(), Shapes(kShapes)}) {
        for (const Shape &shape : shapes) {
            if (shape.command == rule.cmd_code) {
                return shape.make(rule, param->get(), input);
            }
        }
    }
    return one(Request{std::string(rule.wire), {}});
}

tl::unexpected<Error> unknown_command(std::string_view cmd_code)
{
    std::string text = "unknown command " + cloud::quoted(cmd_code);
    for (const auto rules : {common_words(), terminal_requests()}) {
        for (const CommandRule &rule : rules) {
            if (equals_ignoring_case(rule.cmd_code, cmd_code)) {
                return refuse(text.append("; did you mean ")
                                  .append(rule.cmd_code)
                                  .append("? --native sends it as it is"));
            }
        }
    }
    return refuse(text + "; wacctl command codes --protocol xml lists the "
                         "known ones, --native sends it as it is");
}

} // namespace

tl::unexpected<Error> refuse(std::string text)
{
    return failure(ErrorCode::refused, std::move(text));
}

std::unique_ptr<Way> one(Request request)
{
    std::vector<Step> steps;
    steps.push_back({std::move(request), {}});
    return way_of_steps(std::move(steps));
}

Result<std::unique_ptr<Way>> plan_command(const PlanInput &input)
{
    const CommandRule *rule = find_rule(input.cmd_code);
    if (!rule) {
        return unknown_command(input.cmd_code);
    }
    auto plan = rule->cmd_code == rule->wire ? plan_native(input)
                                             : plan_word(*rule, input);
    if (!plan && !rule->form.empty()) {
        plan.error().text.append("\nform: ").append(rule->form);
    }
    return plan;
}

Result<std::unique_ptr<Way>> plan_native(const PlanInput &input)
{
    const std::string_view name = input.cmd_code;
    if (!is_field_name(name)) {
        return refuse("a native command code is 1 to 64 letters, digits, "
                      "and _ - ., and begins with a letter");
    }
    for (const std::string_view message : {"Register", "Login"}) {
        if (equals_ignoring_case(name, message)) {
            return refuse(std::string(name) + " is a message of terminals, "
                                              "and no command to one");
        }
    }
    if (!input.bins.empty()) {
        return refuse("a native command carries no binaries: its parameters "
                      "are all there is");
    }
    const bool none = !input.param || json_is_null(input.param);
    if (!none && !json_is_object(input.param)) {
        return refuse("the parameters must be a JSON object");
    }
    auto fields = fields_of(none ? nullptr : input.param);
    if (!fields) {
        return tl::make_unexpected(std::move(fields.error()));
    }
    return one(Request{std::string(name), std::move(*fields)});
}

} // namespace wac::xml
