// Members of messages in whatever type, and under whatever spelling of its
// name, a terminal chose to send them.
#include "codec/cloud.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <system_error>

namespace wac::cloud
{

namespace
{

/** jansson wants a value that is not const to look into it. */
json_t *unconst(const json_t *value) noexcept
{
    return const_cast<json_t *>(value);
}

std::string_view without_plus(std::string_view number) noexcept
{
    const bool plus = number.size() > 1 && number.front() == '+' &&
                      number[1] >= '0' && number[1] <= '9';
    return plus ? number.substr(1) : number;
}

/** Nothing from 2^53 on: there a double no longer tells integers apart. */
std::optional<std::int64_t> integer_of_real(double value) noexcept
{
    constexpr double kLimit = 9007199254740992.0;
    if (std::abs(value) < kLimit && std::trunc(value) == value) {
        return static_cast<std::int64_t>(value);
    }
    return std::nullopt;
}

std::optional<double> real_of_text(std::string_view text) noexcept
{
    double value = 0;
    const char *const end = text.data() + text.size();
    const auto [stopped, error] = std::from_chars(text.data(), end, value);
    if (error != std::errc{} || stopped != end || !std::isfinite(value)) {
        return std::nullopt;
    }
    return value;
}

} // namespace

std::string_view trim(std::string_view text) noexcept
{
    constexpr std::string_view kBlanks = " \t\r\n";
    const std::size_t first = text.find_first_not_of(kBlanks);
    if (first == text.npos) {
        return {};
    }
    return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

const json_t *field(const json_t *object, std::string_view name) noexcept
{
    if (const json_t *const exact =
            json_object_getn(object, name.data(), name.size())) {
        return exact;
    }
    const json_t *found = nullptr;
    for (void *at = json_object_iter(unconst(object)); at;
         at = json_object_iter_next(unconst(object), at)) {
        const std::string_view key{json_object_iter_key(at),
                                   json_object_iter_key_len(at)};
        if (key.size() >= name.size() &&
            equals_ignoring_case(trim(key), name)) {
            found = json_object_iter_value(at);
        }
    }
    return found;
}

std::optional<std::int64_t> integer_of(const json_t *value) noexcept
{
    if (json_is_integer(value)) {
        return json_integer_value(value);
    }
    if (json_is_string(value)) {
        const auto number =
            parse_integer<std::int64_t>(without_plus(trim(verbatim_of(value))));
        if (number) {
            return number;
        }
    }
    const auto real = number_of(value);
    return real ? integer_of_real(*real) : std::nullopt;
}

std::optional<double> number_of(const json_t *value) noexcept
{
    if (json_is_number(value)) {
        return json_number_value(value);
    }
    return json_is_string(value)
               ? real_of_text(without_plus(trim(verbatim_of(value))))
               : std::nullopt;
}

std::string text_of(const json_t *value)
{
    if (json_is_string(value)) {
        return std::string(trim(verbatim_of(value)));
    }
    if (const auto integer = integer_of(value)) {
        return std::to_string(*integer);
    }
    return json_is_real(value) ? write_json(value) : std::string();
}

std::string_view verbatim_of(const json_t *value) noexcept
{
    return json_is_string(value) ? std::string_view{json_string_value(value),
                                                    json_string_length(value)}
                                 : std::string_view{};
}

std::optional<bool> truth_of(const json_t *value) noexcept
{
    if (json_is_boolean(value)) {
        return json_is_true(value);
    }
    if (const auto number = integer_of(value)) {
        return *number == 0 || *number == 1 ? std::optional(*number == 1)
                                            : std::nullopt;
    }
    const std::string_view word = trim(verbatim_of(value));
    if (equals_ignoring_case(word, "true")) {
        return true;
    }
    if (equals_ignoring_case(word, "false")) {
        return false;
    }
    return std::nullopt;
}

bool valid_sn(std::string_view sn) noexcept
{
    constexpr std::size_t kLongest = 64;
    return !sn.empty() && sn.size() <= kLongest &&
           std::all_of(sn.begin(), sn.end(), [](char c) {
               return c > ' ' && c <= '~' && c != '"' && c != '\'' && c != '\\';
           });
}

} // namespace wac::cloud
