#include "proto/cloud_command_plan.hpp"

#include "base/text.hpp"
#include "codec/cloud.hpp"
#include "proto/cloud_command_values.hpp"

#include <algorithm>
#include <array>

namespace wac::cloud
{

namespace
{

tl::unexpected<Error> refuse(std::string text)
{
    return failure(ErrorCode::refused, std::move(text));
}

Json number(std::int64_t value)
{
    return Json(json_integer(value));
}

// ---- lists -----------------------------------------------------------------

Result<CommandPlan> pages(const CommandRule &rule, Json param,
                          const PlanInput &)
{
    json_object_del(param.get(), "stn");
    Json first(json_object());
    set_member(first.get(), "stn", Json(json_true()));
    json_object_update(first.get(), param.get());
    return one_frame(rule.wire, first.get(), Course::pages);
}

/** Both spellings: days for most firmware, seconds for BS. */
Result<CommandPlan> logs(const CommandRule &rule, Json param,
                         const PlanInput &input)
{
    constexpr std::size_t kDate = 10;
    const std::string from(json_string(param.get(), "from"));
    const std::string to(json_string(param.get(), "to"));
    if (!from.empty() && !to.empty() && from > to) {
        return refuse("the range ends before it begins");
    }
    const auto add = [&](const std::string &time, const char *day,
                         const char *second) {
        if (time.empty()) {
            return;
        }
        set_member(param.get(), day, json_of(time.substr(0, kDate)));
        if (!json_object_get(param.get(), second)) {
            set_member(param.get(), second, json_of(time));
        }
    };
    add(from, "from", "starttime");
    add(to, "to", "endtime");
    return pages(rule, std::move(param), input);
}

Result<CommandPlan> credentials(const CommandRule &, Json param,
                                const PlanInput &input)
{
    return plan_credentials(std::move(param), input);
}

// ---- the terminal ----------------------------------------------------------

/** Both spellings: cloudtime for most firmware, time for BS. */
Result<CommandPlan> set_time(const CommandRule &rule, Json param,
                             const PlanInput &input)
{
    const json_t *given = json_object_get(param.get(), "cloudtime");
    const json_t *other = json_object_get(param.get(), "time");
    Json time = given ? shared(given)
                : other
                    ? shared(other)
                    : json_of(format_time(input.device_now, TimeStyle::blank));
    Json both(json_object());
    set_member(both.get(), "cloudtime", shared(time.get()));
    set_member(both.get(), "time", shared(other ? other : time.get()));
    json_object_update_missing(both.get(), param.get());
    return one_frame(rule.wire, both.get());
}

Result<CommandPlan> lock_door(const CommandRule &rule, Json param,
                              const PlanInput &)
{
    constexpr std::int64_t kClosed = 2;
    Json sent(json_object());
    const json_t *mode = json_object_get(param.get(), "ctrl");
    set_member(sent.get(), "ctrl", mode ? shared(mode) : number(kClosed));
    json_object_update_missing(sent.get(), param.get());
    return one_frame(rule.wire, sent.get());
}

Result<CommandPlan> some_setting(const CommandRule &rule, Json param,
                                 const PlanInput &)
{
    if (json_object_size(param.get()) == 0) {
        return refuse("no setting is named");
    }
    return one_frame(rule.wire, param.get());
}

Result<CommandPlan> first_page(const CommandRule &rule, Json param,
                               const PlanInput &)
{
    Json sent(json_object());
    set_member(sent.get(), "stn", Json(json_true()));
    json_object_update(sent.get(), param.get());
    return one_frame(rule.wire, sent.get());
}

// ---- all of them -----------------------------------------------------------

constexpr Shape kShapes[] = {
    {"getuserlist", pages},
    {"getallusers", pages},
    {"getnewlog", pages},
    {"getalllog", logs},
    {"set_user", credentials},
    {"setuserinfo", credentials},
    {"settime", set_time},
    {"lock_door", lock_door},
    {"setdevinfo", some_setting},
    {"setdevlock", some_setting},
    {"setholiday", some_setting},
    {"getholiday", first_page},
    {"getquestionnaire", first_page},
};

Result<CommandPlan> shaped(const CommandRule &rule, Json param,
                           const PlanInput &input)
{
    for (const std::string_view command : {rule.cmd_code, rule.wire}) {
        for (const auto shapes : {user_shapes(), Shapes(kShapes)}) {
            for (const Shape &shape : shapes) {
                if (shape.command == command) {
                    return shape.make(rule, std::move(param), input);
                }
            }
        }
    }
    return one_frame(rule.wire, param.get());
}

Result<CommandPlan> plan_by(const CommandRule &rule, const PlanInput &input)
{
    if (rule.wire != "setuserinfo" && !input.bins.empty()) {
        return refuse("it takes no binary");
    }
    auto param = read_parameters(rule, input.param);
    if (!param) {
        return tl::make_unexpected(std::move(param.error()));
    }
    return shaped(rule, std::move(*param), input);
}

tl::unexpected<Error> unknown_command(std::string_view cmd_code)
{
    std::string text = "unknown command " + quoted(cmd_code);
    for (const auto rules : {common_words(), terminal_commands()}) {
        for (const CommandRule &rule : rules) {
            if (equals_ignoring_case(rule.cmd_code, cmd_code)) {
                return refuse(text.append("; did you mean ")
                                  .append(rule.cmd_code)
                                  .append("? --native sends it as it is"));
            }
        }
    }
    return refuse(text + "; wacctl command codes --protocol cloud lists the "
                         "known ones, --native sends it as it is");
}

} // namespace

CommandPlan one_frame(std::string_view name, const json_t *param, Course course)
{
    CommandPlan plan;
    plan.course = course;
    plan.steps.push_back({frame_of(name, param), {}});
    return plan;
}

Json frame_of(std::string_view name, const json_t *param)
{
    Json frame(json_object());
    set_member(frame.get(), "cmd", json_of(name));
    if (param) {
        json_object_update(frame.get(), const_cast<json_t *>(param));
    }
    return frame;
}

Step enabling_step(const json_t *param, const char *enabled)
{
    const json_t *flag = json_object_get(param, enabled);
    Json sent(json_object());
    set_member(sent.get(), "enrollid",
               shared(json_object_get(param, "enrollid")));
    set_member(sent.get(), "enflag", shared(flag));
    set_member(sent.get(), "enable", shared(flag));
    return {frame_of("enableuser", sent.get()), "enabled"};
}

Result<CommandPlan> plan_command(const PlanInput &input)
{
    const CommandRule *rule = find_rule(input.cmd_code, input.param);
    if (!rule) {
        return unknown_command(input.cmd_code);
    }
    if (!rule->refusal.empty()) {
        return refuse(std::string(input.cmd_code) + ": " +
                      std::string(rule->refusal));
    }
    auto plan = plan_by(*rule, input);
    if (!plan && !rule->form.empty()) {
        plan.error().text.append("\nform: ").append(rule->form);
    }
    return plan;
}

Result<CommandPlan> plan_native(const PlanInput &input)
{
    constexpr std::size_t kLongestName = 64;
    const std::string_view name = input.cmd_code;
    const bool plain = std::all_of(name.begin(), name.end(), [](char c) {
        const char low = ascii_lower(c);
        return (low >= 'a' && low <= 'z') || (c >= '0' && c <= '9') ||
               c == '_' || c == '-' || c == '.';
    });
    if (name.empty() || name.size() > kLongestName || !plain) {
        return refuse("a native command code is 1 to 64 letters, digits, "
                      "and _ - .");
    }
    if (is_terminal_message(name)) {
        return refuse(std::string(name) + " is a message of terminals, and "
                                          "no command to one");
    }
    if (!input.bins.empty()) {
        return refuse("a native command carries no binaries: its parameters "
                      "are all there is");
    }
    const bool none = !input.param || json_is_null(input.param);
    if (!none && !json_is_object(input.param)) {
        return refuse("the parameters must be a JSON object");
    }
    for (const char *key : {"cmd", "ret"}) {
        if (json_object_get(input.param, key)) {
            return refuse(quoted(key) + " is no parameter");
        }
    }
    return one_frame(name, none ? nullptr : input.param);
}

} // namespace wac::cloud
