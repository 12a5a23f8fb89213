#include "proto/cloud_command_values.hpp"

#include "base/text.hpp"
#include "codec/cloud.hpp"

#include <algorithm>
#include <new>
#include <utility>
#include <vector>

namespace wac::cloud
{

namespace
{

bool is_digit(char c) noexcept
{
    return c >= '0' && c <= '9';
}

std::string_view view_of(const json_t *value) noexcept
{
    return json_is_string(value) ? std::string_view{json_string_value(value),
                                                    json_string_length(value)}
                                 : std::string_view{};
}

/** A number, or the text of one without leading zeros: "007" is another user
 *  than 7 to those who wrote it. */
std::optional<std::int64_t> plain_integer(const json_t *value) noexcept
{
    if (json_is_integer(value)) {
        return json_integer_value(value);
    }
    const std::string_view text = view_of(value);
    if (text.size() > 1 && text.starts_with('0')) {
        return std::nullopt;
    }
    return parse_integer<std::int64_t>(text);
}

Json integer_to_send(const json_t *value, std::int64_t least, std::int64_t most)
{
    const auto number = plain_integer(value);
    return number && *number >= least && *number <= most
               ? Json(json_integer(*number))
               : Json();
}

Json text_to_send(const json_t *value, std::int64_t least, std::int64_t most)
{
    const std::string_view text = view_of(value);
    const auto size = static_cast<std::int64_t>(text.size());
    const bool plain = std::none_of(text.begin(), text.end(), [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return byte < 0x20 || byte == 0x7f;
    });
    return json_is_string(value) && plain && size >= least && size <= most
               ? json_of(text)
               : Json();
}

Json record_to_send(const json_t *value)
{
    if (json_is_integer(value) && json_integer_value(value) >= 0) {
        return json_of(std::to_string(json_integer_value(value)));
    }
    return view_of(value).empty() ? Json() : json_of(view_of(value));
}

/** The place of a word in `words`, or that number itself. */
Json word_to_send(const json_t *value,
                  std::initializer_list<std::string_view> words)
{
    const auto found =
        std::find_if(words.begin(), words.end(), [value](auto word) {
            return equals_ignoring_case(word, view_of(value));
        });
    if (found != words.end()) {
        return Json(json_integer(found - words.begin()));
    }
    return integer_to_send(value, 0,
                           static_cast<std::int64_t>(words.size()) - 1);
}

/** "2026-09-29 20:00:00" of a time with or without seconds, with a T for the
 *  blank, or of 14 digits. A date alone gets `time_of_day`. */
Json moment(const json_t *value, std::string_view time_of_day)
{
    std::string text(view_of(value));
    if (text.size() == 14 && std::all_of(text.begin(), text.end(), is_digit)) {
        for (const auto &[at, mark] :
             {std::pair{12, ':'}, {10, ':'}, {8, ' '}, {6, '-'}, {4, '-'}}) {
            text.insert(text.begin() + at, mark);
        }
    } else if (text.find_first_of(" T") == std::string::npos) {
        text.append(" ").append(time_of_day);
    } else if (std::count(text.begin(), text.end(), ':') == 1) {
        text.append(":00");
    }
    const auto time = parse_time(text);
    return time && !time->utc_offset_s
               ? json_of(format_time(time->wall, TimeStyle::blank))
               : Json();
}

Json toggle(const json_t *value, bool as_number)
{
    const auto on = truth_of(value);
    if (!on) {
        return Json();
    }
    return as_number ? Json(json_integer(*on ? 1 : 0))
                     : Json(json_boolean(*on));
}

std::string range_of(const Parameter &parameter)
{
    return std::to_string(parameter.least) +
           (parameter.most >= INT32_MAX
                ? " or more"
                : " to " + std::to_string(parameter.most));
}

} // namespace

Json value_to_send(const Parameter &parameter, const json_t *value)
{
    switch (parameter.kind) {
    case Value::enrollid:
        return integer_to_send(value, 1, INT64_MAX);
    case Value::integer:
        return integer_to_send(value, parameter.least, parameter.most);
    case Value::toggle:
        return toggle(value, true);
    case Value::truth:
        return toggle(value, false);
    case Value::text:
        return text_to_send(value, parameter.least, parameter.most);
    case Value::record:
        return record_to_send(value);
    case Value::privilege:
        return word_to_send(value, {"USER", "MANAGER", "SUPER"});
    case Value::moment:
        return moment(value, {});
    case Value::from:
        return moment(value, "00:00:00");
    case Value::to:
        return moment(value, "23:59:59");
    case Value::lock_mode:
        return word_to_send(value, {"normal", "open", "closed"});
    case Value::any:
        return shared(value);
    case Value::objects:
    case Value::people:
        break;
    }
    return Json();
}

std::string demand_of(const Parameter &parameter)
{
    switch (parameter.kind) {
    case Value::enrollid:
        return "must be a number from 1 on, without leading zeros";
    case Value::integer:
        return "must be a number, " + range_of(parameter);
    case Value::toggle:
    case Value::truth:
        return "must be true or false";
    case Value::text:
        return "must be text of " + range_of(parameter) +
               " bytes without control characters";
    case Value::record:
        return "must be text or a number, or name a binary, such as \"BIN_1\"";
    case Value::privilege:
        return "must be USER, MANAGER or SUPER";
    case Value::moment:
        return "must be a time, such as \"2026-09-29 20:00:00\"";
    case Value::from:
    case Value::to:
        return "must be a date or a time, such as \"2026-09-29\" or "
               "\"2026-09-29 20:00:00\"";
    case Value::lock_mode:
        return "must be normal, open or closed";
    case Value::objects:
    case Value::people:
        return "must be an array of " + range_of(parameter) + " objects";
    case Value::any:
        break;
    }
    return {};
}

std::optional<std::size_t> bin_number(std::string_view text) noexcept
{
    constexpr std::string_view kForm = "BIN_";
    if (!text.starts_with(kForm) || text.size() == kForm.size() ||
        text[kForm.size()] == '0') {
        return std::nullopt;
    }
    return parse_integer<std::size_t>(text.substr(kForm.size()));
}

bool is_number_credential(std::int64_t backupnum) noexcept
{
    return backupnum == 10 || backupnum == 11;
}

Json number_or_text(const std::string &record, bool always_string)
{
    const bool digits = !record.empty() &&
                        std::all_of(record.begin(), record.end(), is_digit) &&
                        (record.size() == 1 || record.front() != '0');
    const auto number = parse_integer<std::uint32_t>(record);
    return digits && number && !always_string ? Json(json_integer(*number))
                                              : json_of(record);
}

std::string quoted(std::string_view text)
{
    constexpr std::size_t kMost = 40;
    std::string plain = "\"";
    for (const char c : text.substr(0, kMost)) {
        plain.push_back(c >= ' ' && c <= '~' && c != '"' ? c : '?');
    }
    return plain.append(text.size() > kMost ? "...\"" : "\"");
}

Json json_of(std::string_view text)
{
    return Json(json_stringn(text.data(), text.size()));
}

void set_member(json_t *object, std::string_view name, Json value)
{
    if (json_object_setn_new(object, name.data(), name.size(),
                             value.release()) != 0) {
        throw std::bad_alloc();
    }
}

void append_item(json_t *array, Json value)
{
    if (json_array_append_new(array, value.release()) != 0) {
        throw std::bad_alloc();
    }
}

Json shared(const json_t *value) noexcept
{
    return Json(json_incref(const_cast<json_t *>(value)));
}

} // namespace wac::cloud
