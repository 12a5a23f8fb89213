// send_cmd_result: reads the answer to a command by the command that it
// answers (fk-http.md 3.2, 6), and says how that one ended. Finding what is
// in it for the tables is fk_result_content's, making records of it, a
// portion at a time, fk_result_records'.
#include "base/text.hpp"
#include "proto/fk_commands.hpp"
#include "proto/fk_result.hpp"
#include "proto/fk_result_content.hpp"

#include <algorithm>

namespace wac::fk
{

namespace
{

constexpr std::size_t kLongestCode = 64;

std::string with_reason(const Json &json, const std::string &not_decoded)
{
    const Json result(json_copy(json.get()));
    json_object_set_new(result.get(), "not_decoded",
                        json_stringn(not_decoded.data(), not_decoded.size()));
    return json_text(result.get());
}

/** Whether the content has this binary, or all of it but a closing NUL. */
bool holds(const ResultContent &content, Bytes bin) noexcept
{
    if (const auto *logs = std::get_if<LogArray>(&content)) {
        return logs->bytes().data() == bin.data();
    }
    if (const auto *users = std::get_if<UserIdArray>(&content)) {
        return users->bytes().data() == bin.data();
    }
    if (const auto *logs = std::get_if<ManagementLogArray>(&content)) {
        return logs->bytes().data() == bin.data();
    }
    const auto *user = std::get_if<StoreEnrolment>(&content);
    if (!user) {
        return false;
    }
    return user->photo.data() == bin.data() ||
           std::any_of(user->credentials.begin(), user->credentials.end(),
                       [bin](const StoredCredential &credential) {
                           return credential.data.data() == bin.data();
                       });
}

} // namespace

std::string clean_return_code(std::string_view return_code)
{
    std::string shown(return_code.substr(0, kLongestCode));
    std::replace_if(
        shown.begin(), shown.end(), [](char c) { return c < 0x20 || c > 0x7e; },
        '?');
    return shown;
}

bool says_success(std::string_view return_code) noexcept
{
    return return_code.empty() || equals_ignoring_case(return_code, "OK") ||
           equals_ignoring_case(return_code, "Success");
}

Result<CommandResult> CommandResult::read(const CommandRecord &command,
                                          std::string_view sn,
                                          std::string_view return_code,
                                          const Body &body)
{
    CommandResult result(sn, return_code, body);
    if (!body.json || !says_success(return_code)) {
        return result;
    }
    const auto read = result.read_as(command);
    if (!read && read.error().code == ErrorCode::refused) {
        result.not_decoded_ = read.error().text;
    } else if (!read) {
        return tl::make_unexpected(read.error());
    }
    return result;
}

Result<void> CommandResult::read_as(const CommandRecord &command)
{
    const Json param = load_json(command.cmd_param);
    fk_name_ = fk_name_of(command.cmd_code, param.get());
    library_ = json_string(body_->json.get(), "fk_bin_data_lib");
    if (library_.empty()) {
        library_ = command.library;
    }
    if (!has_content(fk_name_)) {
        return {};
    }
    auto content = read_content({fk_name_, param.get(), sn_, library_, body_});
    if (!content) {
        return tl::make_unexpected(content.error());
    }
    is_read_ = true;
    content_ = std::move(*content);
    return {};
}

CommandEnd CommandResult::end() const
{
    CommandEnd end;
    end.return_code = clean_return_code(return_code_);
    if (!says_success(return_code_)) {
        end.status = CommandStatus::failed;
        end.failure = "the terminal answered " + end.return_code;
    }
    end.result = not_decoded_.empty() ? std::string(body_->json_text)
                                      : with_reason(body_->json, not_decoded_);
    end.result_bin = bins_left();
    return end;
}

std::vector<std::string> CommandResult::bins_left() const
{
    std::vector<std::string> left;
    for (const Bytes bin : body_->bins) {
        const bool stays = !is_read_ || !holds(content_, bin);
        left.emplace_back(stays ? as_text(bin) : std::string_view{});
    }
    while (is_read_ && !left.empty() && left.back().empty()) {
        left.pop_back();
    }
    return left;
}

CommandEnd unreadable_result(std::string_view return_code, Bytes body,
                             std::string_view why)
{
    CommandEnd end;
    end.status = CommandStatus::failed;
    end.return_code = clean_return_code(return_code);
    if (!says_success(return_code)) {
        end.failure = "the terminal answered " + end.return_code + "; ";
    }
    end.failure += why;
    end.result_bin.emplace_back(as_text(body));
    return end;
}

} // namespace wac::fk
