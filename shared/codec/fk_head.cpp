// The protocol's own HTTP header lines (fk-http.md 1.1, 1.3, 4): what each
// may hold, and which of them a request carried. Who sends header lines to
// RequestHead, and what is answered to a bad one, is the caller's business.
#include "codec/fk.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

namespace wac::fk
{

namespace
{

constexpr std::size_t kLongestName = 32;

bool is_digit(char c) noexcept
{
    return c >= '0' && c <= '9';
}

bool is_word_character(char c) noexcept
{
    const char lower = ascii_lower(c);
    return (lower >= 'a' && lower <= 'z') || is_digit(c) || c == '_';
}

/** The first line with a value wins: an empty one says nothing. */
void keep_first(std::string_view &field, std::string_view value) noexcept
{
    if (field.empty()) {
        field = value;
    }
}

} // namespace

RequestCode request_code_of(std::string_view text) noexcept
{
    static constexpr std::array<std::pair<std::string_view, RequestCode>, 5>
        kCodes{{
            {"receive_cmd", RequestCode::receive_cmd},
            {"send_cmd_result", RequestCode::send_cmd_result},
            {"realtime_glog", RequestCode::realtime_glog},
            {"realtime_enroll_data", RequestCode::realtime_enroll_data},
            {"realtime_door_status", RequestCode::realtime_door_status},
        }};
    for (const auto &[name, code] : kCodes) {
        if (name == text) {
            return code;
        }
    }
    return text.starts_with("realtime_") ? RequestCode::realtime_other
                                         : RequestCode::unknown;
}

bool valid_request_code(std::string_view text) noexcept
{
    return !text.empty() && text.size() <= kLongestName &&
           std::all_of(text.begin(), text.end(), is_word_character);
}

bool valid_dev_id(std::string_view text) noexcept
{
    return !text.empty() && text.size() <= kLongestName &&
           std::all_of(text.begin(), text.end(),
                       [](char c) { return is_word_character(c) || c == '-'; });
}

bool RequestHead::take(std::string_view name, std::string_view value) noexcept
{
    static constexpr std::array<
        std::pair<std::string_view, std::string_view RequestHead::*>, 5>
        kFields{{
            {"request_code", &RequestHead::request_code},
            {"dev_id", &RequestHead::dev_id},
            {"cmd_return_code", &RequestHead::cmd_return_code},
            {"blk_no", &RequestHead::blk_no},
            {"dev_model", &RequestHead::dev_model},
        }};
    for (const auto &[known, field] : kFields) {
        if (equals_ignoring_case(name, known)) {
            keep_first(this->*field, value);
            return true;
        }
    }
    if (equals_ignoring_case(name, "trans_id")) {
        if (task_id_header == TaskIdHeader::cmd_id && !value.empty()) {
            task_id = value;
            task_id_header = TaskIdHeader::trans_id;
        }
        keep_first(task_id, value);
        return true;
    }
    if (equals_ignoring_case(name, "cmd_id")) {
        // Even an empty cmd_id tells which name the answer has to use.
        if (task_id.empty()) {
            task_id = value;
            task_id_header = TaskIdHeader::cmd_id;
        }
        return true;
    }
    return equals_ignoring_case(name, "blk_len");
}

Result<std::uint32_t> block_number(std::string_view blk_no)
{
    if (blk_no.empty()) {
        return 0U;
    }
    const bool negative = blk_no.front() == '-';
    const std::string_view digits = blk_no.substr(negative ? 1 : 0);
    if (digits.empty() ||
        !std::all_of(digits.begin(), digits.end(), is_digit)) {
        return failure(ErrorCode::malformed, "blk_no is not a number");
    }
    if (negative) {
        return failure(ErrorCode::malformed, "blk_no is negative");
    }
    const auto number = parse_integer<std::uint32_t>(digits);
    if (!number) {
        return failure(ErrorCode::malformed, "blk_no is out of range");
    }
    return *number;
}

} // namespace wac::fk
