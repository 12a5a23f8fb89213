#include "proto/fk_command_plan.hpp"

#include "base/text.hpp"
#include "codec/fk.hpp"
#include "proto/fk_command_parameters.hpp"
#include "proto/fk_command_values.hpp"

#include <algorithm>

namespace wac::fk
{

namespace
{

tl::unexpected<Error> refuse(std::string text)
{
    return failure(ErrorCode::refused, std::move(text));
}

std::string bin_name(std::size_t number)
{
    return "BIN_" + std::to_string(number);
}

// ---- binaries --------------------------------------------------------------

/** Each reference leads to a binary, each binary has its reference. */
Result<void> check_bins(std::vector<std::size_t> named, std::size_t bins)
{
    std::sort(named.begin(), named.end());
    std::size_t expected = 1;
    for (const std::size_t number : named) {
        if (number > bins) {
            return refuse(bin_name(number) +
                          " is named and did not come with the command");
        }
        if (number < expected) {
            return refuse(bin_name(number) + " is named twice");
        }
        if (number > expected) {
            break;
        }
        ++expected;
    }
    if (expected <= bins) {
        return refuse("no parameter names " + bin_name(expected));
    }
    return {};
}

/** A binary that came alone is the one that the command is about. */
Result<void> fill_lone_bin(Parameters known, json_t *param, std::size_t bins)
{
    for (const Parameter &parameter : known) {
        if (parameter.need != Need::or_lone_bin ||
            json_object_getn(param, parameter.name.data(),
                             parameter.name.size())) {
            continue;
        }
        if (bins != 1) {
            return refuse(std::string(parameter.name) +
                          " is missing: one binary must come with it");
        }
        set_member(param, parameter.name, json_of(bin_name(1)));
    }
    return {};
}

std::vector<WireBin> files(std::size_t bins)
{
    std::vector<WireBin> all(bins);
    for (std::size_t i = 0; i < bins; ++i) {
        all[i].file = i;
    }
    return all;
}

/** The objects of a set_user that hold a record each. */
std::vector<json_t *> record_holders(json_t *param)
{
    const json_t *array = json_object_get(param, "enroll_data_array");
    std::vector<json_t *> holders;
    for (std::size_t i = 0; i < json_array_size(array); ++i) {
        holders.push_back(json_array_get(array, i));
    }
    return array ? holders : std::vector<json_t *>{param};
}

/** The first binary, counted from 1, that nothing names. */
std::size_t next_unnamed(const std::vector<std::size_t> &named)
{
    std::size_t next = 1;
    while (std::find(named.begin(), named.end(), next) != named.end()) {
        ++next;
    }
    return next;
}

/** Makes each record of a set_user a binary of the wire body: text, the
 *  binary that it names, or the next one that no record names. */
Result<std::vector<WireBin>> take_records(json_t *param, std::size_t bins)
{
    const auto holders = record_holders(param);
    std::vector<std::size_t> named;
    for (const json_t *holder : holders) {
        if (const auto number =
                bin_number(json_string(holder, "enroll_data"))) {
            named.push_back(*number);
        }
    }
    std::vector<WireBin> taken;
    for (json_t *holder : holders) {
        const std::string_view record = json_string(holder, "enroll_data");
        const auto backup_number =
            integer_field(holder, "backup_number").value_or(-1);
        const std::string whose =
            "the record of backupnum " + std::to_string(backup_number);
        WireBin bin;
        if (record.empty()) {
            named.push_back(next_unnamed(named));
            bin.file = named.back() - 1;
            if (named.back() > bins) {
                return refuse(whose + " is missing, and no binary is left");
            }
        } else if (const auto number = bin_number(record)) {
            bin.file = *number - 1;
        } else if (is_text_credential(backup_number)) {
            bin.text = record;
        } else {
            return refuse(whose + " is binary and comes with --bin; "
                                  "10, password, and 11, card, are text");
        }
        taken.push_back(std::move(bin));
        set_member(holder, "enroll_data", json_of(bin_name(taken.size())));
    }
    if (auto fits = check_bins(std::move(named), bins); !fits) {
        return tl::make_unexpected(std::move(fits.error()));
    }
    return taken;
}

// ---- what some commands need beyond their rows -----------------------------

Result<Json> in_order(Json param)
{
    const std::string_view begin = json_string(param.get(), "begin_time");
    const std::string_view end = json_string(param.get(), "end_time");
    if (!begin.empty() && !end.empty() && begin > end) {
        return refuse("the range ends before it begins");
    }
    return param;
}

Result<Json> some_setting(Json param)
{
    if (json_object_size(param.get()) == 0) {
        return refuse("no setting is named");
    }
    return param;
}

/** The value under either spelling, or under both if they agree. */
Result<Json> either(const json_t *param, const char *name, const char *other)
{
    json_t *one = json_object_get(param, name);
    json_t *two = json_object_get(param, other);
    if (one && two && !json_equal(one, two)) {
        return refuse(std::string(name) + " and " + other + " differ");
    }
    if (!one && !two) {
        return refuse(std::string(name) + " is missing");
    }
    return Json(json_incref(one ? one : two));
}

/** Firmware knows either the vendor text's spelling or the vendor page's,
 *  which has the port as text: both are sent (fk-http.md 6.1). */
Result<Json> both_spellings(Json param)
{
    auto address = either(param.get(), "server_ip", "ip_address");
    auto port = either(param.get(), "server_port", "port");
    if (!address || !port) {
        return address ? std::move(port) : std::move(address);
    }
    const auto number = json_integer_value(port->get());
    Json both(json_object());
    set_member(both.get(), "server_ip", Json(json_incref(address->get())));
    set_member(both.get(), "server_port", std::move(*port));
    set_member(both.get(), "ip_address", std::move(*address));
    set_member(both.get(), "port", json_of(std::to_string(number)));
    if (json_t *token = json_object_get(param.get(), "token_id")) {
        set_member(both.get(), "token_id", Json(json_incref(token)));
    }
    return both;
}

Result<Json> enter_enroll(Json param)
{
    const auto number = integer_field(param.get(), "backup_number");
    Json user(json_object());
    set_member(user.get(), "backup_number",
               Json(json_integer(number.value_or(0))));
    set_member(user.get(), "user_id",
               json_of(json_string(param.get(), "user_id")));
    Json command(json_object());
    set_member(command.get(), "cmd", json_of("enter_enroll"));
    set_member(command.get(), "param", std::move(user));
    return command;
}

Result<Json> door(std::string_view status)
{
    Json param(json_object());
    set_member(param.get(), "door_status", json_of(status));
    return param;
}

Result<Json> open_door(Json)
{
    return door("open");
}

Result<Json> lock_door(Json)
{
    return door("close");
}

struct Shape {
    std::string_view command; // a common word, or what it becomes
    Result<Json> (*make)(Json param);
};

constexpr Shape kShapes[] = {
    {"GET_LOG_DATA", in_order},
    {"GET_SLOG_DATA", in_order},
    {"SET_DEVICE_SETTING", some_setting},
    {"SET_WEB_SERVER_INFO", both_spellings},
    {"enroll_user", enter_enroll},
    {"open_door", open_door},
    {"lock_door", lock_door},
};

Result<Json> shaped(const CommandRule &rule, Json param)
{
    for (const Shape &shape : kShapes) {
        if (shape.command == rule.cmd_code || shape.command == rule.fk_name) {
            return shape.make(std::move(param));
        }
    }
    return param;
}

Result<std::vector<WireBin>> place_bins(const CommandRule &rule, json_t *param,
                                        std::size_t bins)
{
    if (rule.cmd_code == "set_user") {
        return take_records(param, bins);
    }
    if (rule.parameters.empty() && bins > 0) {
        return refuse("it takes no binary");
    }
    auto fits = fill_lone_bin(rule.parameters, param, bins);
    if (fits) {
        fits = check_bins(named_bins(rule.parameters, param), bins);
    }
    if (!fits) {
        return tl::make_unexpected(std::move(fits.error()));
    }
    return files(bins);
}

Result<CommandPlan> plan_by(const CommandRule &rule, const json_t *cmd_param,
                            std::size_t bins)
{
    auto param = read_parameters(rule.parameters, cmd_param);
    if (!param) {
        return tl::make_unexpected(std::move(param.error()));
    }
    auto placed = place_bins(rule, param->get(), bins);
    if (!placed) {
        return tl::make_unexpected(std::move(placed.error()));
    }
    param = shaped(rule, std::move(*param));
    if (!param) {
        return tl::make_unexpected(std::move(param.error()));
    }
    return CommandPlan{rule.fk_name, std::move(*param), std::move(*placed)};
}

tl::unexpected<Error> unknown_command(std::string_view cmd_code)
{
    std::string text = "unknown command " + quoted(cmd_code);
    for (const CommandRule &rule : command_rules()) {
        if (equals_ignoring_case(rule.cmd_code, cmd_code)) {
            return refuse(text.append("; did you mean ")
                              .append(rule.cmd_code)
                              .append("? --native sends it as it is"));
        }
    }
    return refuse(text + "; wacctl command codes lists the known ones, "
                         "--native sends it as it is");
}

} // namespace

Result<CommandPlan> plan_command(std::string_view cmd_code,
                                 const json_t *cmd_param, std::size_t bins)
{
    const CommandRule *rule = find_rule(cmd_code, cmd_param);
    if (!rule) {
        return unknown_command(cmd_code);
    }
    if (!rule->refusal.empty()) {
        return refuse(std::string(cmd_code) + ": " +
                      std::string(rule->refusal));
    }
    auto plan = plan_by(*rule, cmd_param, bins);
    if (!plan && !rule->form.empty()) {
        plan.error().text.append("\nform: ").append(rule->form);
    }
    return plan;
}

} // namespace wac::fk
