#include "proto/xml_command_answer.hpp"

#include "proto/cloud_command_values.hpp"
#include "proto/xml_operations.hpp"

#include <algorithm>
#include <array>

namespace wac::xml
{

namespace
{

constexpr std::array<std::string_view, 4> kEnvelope{
    "TerminalType", "TerminalID", "DeviceSerialNo", "Result"};

bool is_envelope(std::string_view field) noexcept
{
    return std::find(kEnvelope.begin(), kEnvelope.end(), field) !=
           kEnvelope.end();
}

/** RemoteEnroll and its companions have a ResultCode and no Result. */
std::string_view code_of(const Message &answer) noexcept
{
    const std::string_view result = answer.value("Result");
    return result.empty() ? answer.value("ResultCode") : result;
}

bool is_success(const Message &answer, std::string_view code) noexcept
{
    return code.empty() || code == "OK" || code.starts_with("Success") ||
           (answer.name == "QueryRemoteEnrollStatus" && code != "Fail");
}

/** As people read it: names from base64, a signed number from its unsigned
 *  print. */
std::string readable(const Message &answer, const Field &field)
{
    if (field.name == "Name" || field.name == "UserMessage") {
        return decode_name(field.value).value_or(field.value);
    }
    const bool offset = field.name == "UtcTimezoneMinutes" ||
                        (field.name == "Value" &&
                         answer.value("ParamName") == "UtcTimezoneMinutes");
    const auto minutes =
        offset ? parse_offset_minutes(field.value) : std::nullopt;
    return minutes ? std::to_string(*minutes) : field.value;
}

/** GetDeviceInfo says a secret setting under a plain name. */
bool is_kept(const Message &answer, const Field &field) noexcept
{
    const bool secret =
        is_secret(field.name) ||
        (field.name == "Value" && is_secret(answer.value("ParamName")));
    return !secret && !is_envelope(field.name);
}

} // namespace

Verdict verdict_of(const Message &answer)
{
    const std::string_view code = code_of(answer);
    Verdict verdict;
    verdict.return_code = code.empty() ? "OK" : code;
    verdict.done = is_success(answer, code);
    if (verdict.done) {
        return verdict;
    }
    std::string_view reason = answer.value("Error");
    if (reason.empty()) {
        reason = answer.value("Reason");
    }
    verdict.missing = code == "Fail" && reason.empty();
    verdict.failure = code == "Fail" ? "refused" : std::string(code);
    if (!reason.empty()) {
        verdict.failure.append(": ").append(reason);
    }
    return verdict;
}

std::string result_of(const Message &answer)
{
    const Json kept(json_object());
    for (const Field &field : answer.fields) {
        if (is_kept(answer, field)) {
            cloud::set_member(kept.get(), field.name,
                              cloud::json_of(readable(answer, field)));
        }
    }
    return json_object_size(kept.get()) > 0 ? json_text(kept.get()) : "";
}

CommandEnd end_by(const Message &answer)
{
    Verdict verdict = verdict_of(answer);
    CommandEnd end;
    end.status =
        verdict.done ? CommandStatus::succeeded : CommandStatus::failed;
    end.return_code = std::move(verdict.return_code);
    end.failure = std::move(verdict.failure);
    end.result = result_of(answer);
    return end;
}

CommandEnd end_with(const Json &result)
{
    CommandEnd end;
    end.return_code = "OK";
    end.result = json_text(result.get());
    return end;
}

} // namespace wac::xml
