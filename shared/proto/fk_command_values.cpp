#include "proto/fk_command_values.hpp"

#include "base/text.hpp"
#include "codec/fk.hpp"
#include "codec/fk_values.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <string>

namespace wac::fk
{

namespace
{

constexpr std::size_t kLongestId = 32;
constexpr std::size_t kLongestText = 255;
constexpr std::size_t kLongestRecord = 40; // the SDK's buffer, section 6.4
constexpr std::size_t kDaysOfWeek = 7;
constexpr std::int64_t kLargestPort = 65535;

bool is_digit(char c) noexcept
{
    return c >= '0' && c <= '9';
}

bool is_text_of(std::string_view text, std::size_t longest) noexcept
{
    return text.size() <= longest &&
           std::none_of(text.begin(), text.end(), [](char c) {
               const auto byte = static_cast<unsigned char>(c);
               return byte < 0x20 || byte == 0x7f;
           });
}

/** A number, or the text of one. */
std::optional<std::int64_t> integer_of(const json_t *value) noexcept
{
    if (json_is_integer(value)) {
        return json_integer_value(value);
    }
    return parse_integer<std::int64_t>(text_of(value));
}

/** The text itself, or the digits of a number. */
std::optional<std::string> text_or_digits(const json_t *value)
{
    if (json_is_string(value)) {
        return std::string(text_of(value));
    }
    if (json_is_integer(value) && json_integer_value(value) >= 0) {
        return std::to_string(json_integer_value(value));
    }
    return std::nullopt;
}

/** As text_or_digits, and signs and fractions: 1.10 is sent as "1.1". */
std::optional<std::string> text_or_number(const json_t *value)
{
    if (json_is_integer(value)) {
        return std::to_string(json_integer_value(value));
    }
    if (json_is_real(value)) {
        std::array<char, 32> digits{};
        const auto end =
            std::to_chars(digits.data(), digits.data() + digits.size(),
                          json_real_value(value))
                .ptr;
        return std::string(digits.data(), end);
    }
    return text_or_digits(value);
}

Json bounded(const std::optional<std::string> &text, std::size_t shortest,
             std::size_t longest)
{
    return text && text->size() >= shortest && is_text_of(*text, longest)
               ? json_of(*text)
               : Json();
}

Json integer_to_send(const json_t *value, std::int64_t least, std::int64_t most)
{
    const auto number = integer_of(value);
    return number && *number >= least && *number <= most
               ? Json(json_integer(*number))
               : Json();
}

Json one_of(const json_t *value, std::initializer_list<std::string_view> words)
{
    const std::string_view text = text_of(value);
    return json_is_string(value) &&
                   std::find(words.begin(), words.end(), text) != words.end()
               ? json_of(text)
               : Json();
}

Json ascii_name(const json_t *value)
{
    const std::string_view text = text_of(value);
    const bool ascii = std::all_of(text.begin(), text.end(),
                                   [](char c) { return c >= ' ' && c <= '~'; });
    return ascii && !text.empty() && text.size() <= kLongestText ? json_of(text)
                                                                 : Json();
}

Json host(const json_t *value)
{
    const std::string_view text = text_of(value);
    const bool plain = std::all_of(text.begin(), text.end(), [](char c) {
        return is_digit(c) ||
               (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z') || c == '.' ||
               c == '-' || c == '_' || c == ':';
    });
    return plain && !text.empty() && text.size() <= kLongestText ? json_of(text)
                                                                 : Json();
}

Json digits_of_time(const json_t *value, bool may_be_empty)
{
    const std::string_view text = text_of(value);
    const bool empty = may_be_empty && json_is_string(value) && text.empty();
    return empty || (text.size() == 14 && parse_time(text)) ? json_of(text)
                                                            : Json();
}

/** "YYYY-MM-DD", "YYYY-MM-DD hh:mm", "YYYY-MM-DD hh:mm:ss", with a T for the
 *  blank, or 14 digits. A date alone gets `time_of_day`, hhmmss. */
Json moment(const json_t *value, std::string_view time_of_day)
{
    constexpr std::size_t kDate = 10, kMinutes = 16;
    const std::string_view text = text_of(value);
    if (text.size() == 14) {
        return digits_of_time(value, false);
    }
    std::string whole(text);
    if (whole.size() > kDate && whole[kDate] == 'T') {
        whole[kDate] = ' ';
    }
    if (whole.size() == kDate && !time_of_day.empty()) {
        whole.append(" ").append(time_of_day);
    } else if (whole.size() == kMinutes) {
        whole.append(":00");
    }
    if (whole.size() != 19 || !parse_time(whole)) {
        return Json();
    }
    std::erase_if(whole, [](char c) { return !is_digit(c); });
    return json_of(whole);
}

Json hhmm(const json_t *value)
{
    const std::string_view text = text_of(value);
    const bool digits =
        text.size() == 4 && std::all_of(text.begin(), text.end(), is_digit);
    return digits && text <= "2400" && text.substr(2) < "60" ? json_of(text)
                                                             : Json();
}

Json privilege(const json_t *value)
{
    const auto text = text_or_digits(value);
    const Privilege known = privilege_of(text.value_or(""));
    const bool named = known.number && *known.number >= 0 && *known.number <= 3;
    return named ? json_of(known.text) : Json();
}

Json week(const json_t *value)
{
    if (json_array_size(value) != kDaysOfWeek) {
        return Json();
    }
    Json days(json_array());
    for (std::size_t i = 0; i < kDaysOfWeek; ++i) {
        Json day = value_to_send(Kind::number_text, json_array_get(value, i));
        if (!day || json_array_append_new(days.get(), day.release()) != 0) {
            return Json();
        }
    }
    return days;
}

Json bin_reference(const json_t *value)
{
    const std::string_view text = text_of(value);
    return bin_number(text) ? json_of(text) : Json();
}

} // namespace

Json value_to_send(Kind kind, const json_t *value)
{
    switch (kind) {
    case Kind::user_id:
        return bounded(text_or_digits(value), 1, kLongestId);
    case Kind::user_name:
    case Kind::text_or_empty:
        return json_is_string(value)
                   ? bounded(text_or_digits(value), 0, kLongestText)
                   : Json();
    case Kind::ascii_name:
        return ascii_name(value);
    case Kind::text:
        return json_is_string(value)
                   ? bounded(text_or_digits(value), 1, kLongestText)
                   : Json();
    case Kind::number_text:
        return bounded(text_or_digits(value), 1, kLongestText);
    case Kind::record:
        return bounded(text_or_digits(value), 1, kLongestRecord);
    case Kind::setting:
        return bounded(text_or_number(value), 0, kLongestText);
    case Kind::time:
        return digits_of_time(value, false);
    case Kind::time_or_empty:
        return digits_of_time(value, true);
    case Kind::moment:
        return moment(value, {});
    case Kind::moment_from:
        return moment(value, "00:00:00");
    case Kind::moment_to:
        return moment(value, "23:59:59");
    case Kind::hhmm:
        return hhmm(value);
    case Kind::backup_number:
        return integer_to_send(value, 0, kLargestBackupNumber);
    case Kind::privilege:
        return privilege(value);
    case Kind::host:
        return host(value);
    case Kind::port:
        return integer_to_send(value, 1, kLargestPort);
    case Kind::door_status:
        return one_of(value, {"open", "close"});
    case Kind::door:
        return integer_to_send(value, 1, 1);
    case Kind::enter_enroll:
        return one_of(value, {"enter_enroll"});
    case Kind::bin:
        return bin_reference(value);
    case Kind::week:
        return week(value);
    case Kind::object:
    case Kind::objects:
    case Kind::refused:
        break;
    }
    return Json();
}

std::string_view demand_of(Kind kind) noexcept
{
    switch (kind) {
    case Kind::user_id:
        return "must be 1 to 32 bytes of text without control characters, or "
               "a number";
    case Kind::user_name:
    case Kind::text_or_empty:
        return "must be text without control characters, at most 255 bytes";
    case Kind::ascii_name:
        return "must be 1 to 255 ASCII characters";
    case Kind::text:
        return "must be 1 to 255 bytes of text without control characters";
    case Kind::number_text:
        return "must be a number, or text";
    case Kind::record:
        return "must be 1 to 40 bytes of text, or name a binary, such as "
               "\"BIN_1\"";
    case Kind::setting:
        return "must be a number, or text of at most 255 bytes";
    case Kind::time:
    case Kind::time_or_empty:
        return "must be a time of 14 digits, YYYYMMDDhhmmss";
    case Kind::moment:
        return "must be a time, such as \"2026-09-29 20:00:00\"";
    case Kind::moment_from:
    case Kind::moment_to:
        return "must be a date or a time, such as \"2026-09-29\" or "
               "\"2026-09-29 20:00:00\"";
    case Kind::hhmm:
        return "must be a time of day of 4 digits, hhmm";
    case Kind::backup_number:
        return "must be a number from 0 to 255: 0-9 finger, 10 password, "
               "11 card, 12 face, 13-16 palm";
    case Kind::privilege:
        return "must be USER, MANAGER, OPERATOR or REGISTER";
    case Kind::host:
        return "must be an address or a host name";
    case Kind::port:
        return "must be a number from 1 to 65535";
    case Kind::door_status:
        return "must be \"open\" or \"close\"";
    case Kind::door:
        return "must be 1: an FK terminal has one door";
    case Kind::enter_enroll:
        return "must be \"enter_enroll\"; --native sends other ones";
    case Kind::bin:
        return "must name a binary that comes with the command, such as "
               "\"BIN_1\"";
    case Kind::object:
        return "must be an object";
    case Kind::objects:
        return "must be an array";
    case Kind::week:
        return "must be an array of seven numbers, from Sunday on";
    case Kind::refused:
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

bool is_text_credential(std::int64_t backup_number) noexcept
{
    return backup_number == 10 || backup_number == 11;
}

std::string_view text_of(const json_t *value) noexcept
{
    return json_is_string(value) ? std::string_view{json_string_value(value),
                                                    json_string_length(value)}
                                 : std::string_view{};
}

Json json_of(std::string_view text)
{
    return Json(json_stringn(text.data(), text.size()));
}

} // namespace wac::fk
