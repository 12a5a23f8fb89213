#include "proto/cloud_command_answer.hpp"

#include "base/text.hpp"
#include "codec/cloud.hpp"
#include "proto/cloud_command_values.hpp"

#include <algorithm>
#include <array>

namespace wac::cloud
{

namespace
{

constexpr std::int64_t kPhoto = 50;
constexpr std::int64_t kFirstFace = 20;

bool is_one_of(std::string_view name,
               std::initializer_list<std::string_view> names) noexcept
{
    return std::any_of(names.begin(), names.end(), [name](auto known) {
        return equals_ignoring_case(known, name);
    });
}

/** Cut at 255 bytes, and no character in two. */
std::string shortened(std::string text)
{
    constexpr std::size_t kMost = 255;
    if (text.size() > kMost) {
        std::size_t end = kMost;
        while (end > 0 &&
               (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) {
            --end;
        }
        text.resize(end);
    }
    return text;
}

std::string_view picture_reason(std::int64_t reason) noexcept
{
    switch (reason) {
    case 1:
        return "refused, or the picture is too large";
    case 5:
        return "no face in the picture";
    case 6:
        return "several faces in the picture";
    case 7:
        return "the picture's dimensions are too large";
    case 8:
        return "the face is too near";
    case 9:
        return "the face is too far";
    case 10:
        return "the picture's quality is too low";
    case 11:
        return "the face is cut off or off centre";
    case 12:
        return "the face is that of another user";
    default:
        return {};
    }
}

std::string_view file_reason(std::int64_t reason) noexcept
{
    switch (reason) {
    case 2:
        return "the checksum does not fit";
    case 3:
        return "the operation failed";
    case 4:
        return "the format is wrong";
    case 5:
        return "not found";
    default:
        return {};
    }
}

/** Numbers mean one thing for pictures, another for files. */
std::string_view words_of(std::int64_t reason, const json_t *frame) noexcept
{
    const std::string_view name = command_of(frame);
    std::string_view words;
    if (is_one_of(name, {"setuserinfo", "adduser"})) {
        const auto backupnum = integer_of(field(frame, "backupnum"));
        const bool picture =
            !backupnum || *backupnum == kPhoto || *backupnum >= kFirstFace;
        if (picture) {
            words = picture_reason(reason);
        }
    } else if (is_one_of(name, {"upgrade", "forceota", "getdir", "getfile",
                                "writefile"})) {
        words = file_reason(reason);
    }
    if (words.empty() && reason == 1) {
        words = field(frame, "enrollid")
                    ? "refused, or there is no such user or credential"
                    : "refused";
    }
    return words;
}

std::string failure_text(const std::string &reason, const std::string &message,
                         const json_t *frame)
{
    const auto number = parse_integer<std::int64_t>(reason);
    std::string text;
    if (number) {
        const std::string_view words = words_of(*number, frame);
        text = std::string(words.empty() ? "refused" : words) + " (reason " +
               reason + ")";
    } else {
        text = reason.empty() ? "refused" : reason;
    }
    return message.empty() ? text : text + ": " + message;
}

bool is_named(const char *key, std::initializer_list<std::string_view> names)
{
    return is_one_of(trim(key), names);
}

} // namespace

std::string_view command_of(const json_t *frame) noexcept
{
    return json_string(frame, "cmd");
}

Verdict verdict_of(const json_t *answer, const json_t *frame)
{
    if (truth_of(field(answer, "result")).value_or(true)) {
        return {true, false, "0", {}};
    }
    std::string reason = shortened(text_of(field(answer, "reason")));
    if (reason.empty()) {
        reason = shortened(text_of(field(answer, "reson"))); // as printed once
    }
    std::string message = shortened(text_of(field(answer, "msg")));
    Verdict verdict;
    verdict.done = false;
    verdict.missing = reason == "1" || (reason.empty() && message.empty());
    verdict.failure = failure_text(reason, message, frame);
    verdict.return_code = !reason.empty()    ? std::move(reason)
                          : !message.empty() ? std::move(message)
                                             : "false";
    return verdict;
}

std::string result_of(const json_t *answer, const json_t *frame)
{
    const bool credential =
        is_one_of(command_of(frame), {"getuserinfo", "getallusers"});
    Json kept(json_object());
    const char *key;
    json_t *value;
    json_object_foreach(const_cast<json_t *>(answer), key, value)
    {
        const bool wanted =
            credential ? is_named(key, {"enrollid", "name", "backupnum",
                                        "admin", "reason", "reson", "msg"})
                       : !is_named(key, {"cmd", "ret", "sn", "result"});
        if (wanted) {
            set_member(kept.get(), key, shared(value));
        }
    }
    return json_object_size(kept.get()) > 0 ? write_json(kept.get()) : "";
}

CommandEnd end_by(const json_t *answer, const json_t *frame)
{
    Verdict verdict = verdict_of(answer, frame);
    CommandEnd end;
    end.status =
        verdict.done ? CommandStatus::succeeded : CommandStatus::failed;
    end.return_code = std::move(verdict.return_code);
    end.failure = std::move(verdict.failure);
    end.result = result_of(answer, frame);
    return end;
}

} // namespace wac::cloud
