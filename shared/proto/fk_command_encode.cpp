// Commands as bytes. A known command goes by its plan; a native one is passed
// through as the text that it is, for firmware reads numbers in its own way.
#include "proto/fk_commands.hpp"

#include "codec/fk.hpp"
#include "proto/fk_command_parameters.hpp"
#include "proto/fk_command_plan.hpp"
#include "proto/fk_command_values.hpp"

#include <algorithm>

namespace wac::fk
{

namespace
{

constexpr std::string_view kRestart = "RESET_FK";
constexpr std::string_view kSetTime = "SET_TIME";

tl::unexpected<Error> refuse(std::string text)
{
    return failure(ErrorCode::refused, std::move(text));
}

std::string unreadable(const json_error_t &error)
{
    return "the parameters cannot be read as JSON, at byte " +
           std::to_string(error.position);
}

/** JSON text without the blanks between its parts; all else stays, numbers
 *  as they are spelled. */
std::string compact(std::string_view json_text)
{
    std::string out;
    out.reserve(json_text.size());
    bool in_string = false;
    bool escaped = false;
    for (const char c : json_text) {
        const bool blank = c == ' ' || c == '\t' || c == '\r' || c == '\n';
        if (in_string || !blank) {
            out.push_back(c);
        }
        if (c == '"' && !escaped) {
            in_string = !in_string;
        }
        escaped = in_string && c == '\\' && !escaped;
    }
    return out;
}

/** What jansson says of a number that is out of its range is no reason to
 *  refuse text that nobody here computes with. */
Result<std::string> native_parameters(std::string_view text)
{
    if (text.empty()) {
        return std::string();
    }
    json_error_t error{};
    const Json json(json_loadb(text.data(), text.size(),
                               JSON_DECODE_ANY | JSON_DECODE_INT_AS_REAL,
                               &error));
    if (!json && json_error_code(&error) != json_error_numeric_overflow) {
        return refuse(unreadable(error));
    }
    std::string parameters = compact(text);
    if (json_is_null(json.get())) {
        return std::string();
    }
    if (!parameters.starts_with('{')) {
        return refuse("the parameters must be a JSON object");
    }
    return parameters;
}

Result<void> check_native(std::string_view cmd_code, const json_t *cmd_param)
{
    if (!valid_request_code(cmd_code)) {
        return refuse("a native command code is 1 to 32 letters, digits and _");
    }
    if (cmd_param && !json_is_object(cmd_param) && !json_is_null(cmd_param)) {
        return refuse("the parameters must be a JSON object");
    }
    return {};
}

Result<WireCommand> encode_native(const ClaimedCommand &command)
{
    if (auto valid = check_native(command.cmd_code, nullptr); !valid) {
        return tl::make_unexpected(std::move(valid.error()));
    }
    const auto parameters = native_parameters(command.cmd_param);
    if (!parameters) {
        return tl::make_unexpected(parameters.error());
    }
    std::vector<Bytes> bins;
    for (const std::string &bin : command.cmd_bin) {
        bins.push_back(as_bytes(bin));
    }
    return WireCommand{command.cmd_code, encode_body(*parameters, bins), false};
}

Result<CommandPlan> plan_of(const ClaimedCommand &command)
{
    json_error_t error{};
    const Json param = load_json(command.cmd_param, JSON_DECODE_ANY, &error);
    if (!param && !command.cmd_param.empty()) {
        return refuse(unreadable(error));
    }
    return plan_command(command.cmd_code, param.get(), command.cmd_bin.size());
}

std::string digits(int value, std::size_t width)
{
    const std::string text = std::to_string(value);
    return std::string(width - std::min(width, text.size()), '0') + text;
}

/** YYYYMMDDhhmmss. */
std::string digits_of(const WallTime &time)
{
    std::string text = digits(time.year, 4);
    for (const unsigned part :
         {time.month, time.day, time.hour, time.minute, time.second}) {
        text += digits(static_cast<int>(part), 2);
    }
    return text;
}

} // namespace

Result<void> check_command(std::string_view cmd_code, const json_t *cmd_param,
                           std::size_t bins, bool native)
{
    if (native) {
        return check_native(cmd_code, cmd_param);
    }
    return plan_command(cmd_code, cmd_param, bins).map([](const CommandPlan &) {
    });
}

Result<WireCommand> encode_command(const ClaimedCommand &command)
{
    if (command.native) {
        return encode_native(command);
    }
    auto plan = plan_of(command);
    if (!plan) {
        return tl::make_unexpected(std::move(plan.error()));
    }
    if (plan->fk_name == kRestart) {
        return WireCommand{"", "", true};
    }
    json_t *param = plan->param.get();
    if (plan->fk_name == kSetTime && json_string(param, "time").empty()) {
        set_member(param, "time", json_of(digits_of(command.device_now)));
    }
    std::vector<Bytes> bins;
    for (const WireBin &bin : plan->bins) {
        bins.push_back(
            as_bytes(bin.file ? command.cmd_bin[*bin.file] : bin.text));
    }
    const std::string text =
        json_object_size(param) > 0 ? json_text(param) : std::string();
    return WireCommand{std::string(plan->fk_name), encode_body(text, bins),
                       false};
}

} // namespace wac::fk
