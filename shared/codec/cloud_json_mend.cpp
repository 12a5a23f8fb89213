// Mends, beside what the protocol text lists: control characters inside
// strings (kept, as escapes), backslashes that escape nothing (kept; they
// are second bytes of GBK characters), NULs and lone surrogates (U+FFFD),
// numbers that fit no 64-bit integer or double (kept, as strings).
#include "codec/cloud_json_mend.hpp"

#include "base/text.hpp"
#include "codec/cloud.hpp"

#include <array>
#include <charconv>
#include <cstdint>
#include <system_error>
#include <utility>

namespace wac::cloud
{

namespace
{

constexpr std::string_view kReplacement = "\xef\xbf\xbd"; // U+FFFD

/** What a byte is: outside of strings the first three, inside the last. */
enum : unsigned char { kBlank = 1, kDigit = 2, kNumeric = 4, kPlain = 8 };

constexpr auto kClasses = [] {
    std::array<unsigned char, 256> classes{};
    for (unsigned c = 0x20; c < 0x80; ++c) {
        const bool plain = c != '"' && c != '\\';
        classes[c] = plain ? kPlain : 0;
    }
    for (const unsigned char c : {' ', '\t', '\r', '\n'}) {
        classes[c] |= kBlank;
    }
    for (unsigned char c = '0'; c <= '9'; ++c) {
        classes[c] |= kDigit | kNumeric;
    }
    for (const unsigned char c : {'+', '-', '.', 'e', 'E'}) {
        classes[c] |= kNumeric;
    }
    return classes;
}();

bool is(unsigned char kind, char c) noexcept
{
    return (kClasses[static_cast<unsigned char>(c)] & kind) != 0;
}

/** Where a run of such bytes that begins at `at` ends. */
std::size_t end_of_run(unsigned char kind, std::string_view text,
                       std::size_t at) noexcept
{
    while (at < text.size() && is(kind, text[at])) {
        ++at;
    }
    return at;
}

/** How many bytes the UTF-8 character at the beginning takes: 1 to 4, or 0
 *  if there is none. */
std::size_t utf8_length(std::string_view text) noexcept
{
    const auto byte = [text](std::size_t at) -> unsigned {
        return at < text.size() ? static_cast<unsigned char>(text[at]) : 0;
    };
    const unsigned first = byte(0);
    if (first < 0x80) {
        return 1;
    }
    if (first < 0xc2 || first > 0xf4) {
        return 0;
    }
    const std::size_t length = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    for (std::size_t at = 1; at < length; ++at) {
        if (byte(at) >> 6 != 2) {
            return 0;
        }
    }
    const bool overlong =
        (first == 0xe0 && byte(1) < 0xa0) || (first == 0xf0 && byte(1) < 0x90);
    const bool surrogate = first == 0xed && byte(1) > 0x9f;
    const bool beyond = first == 0xf4 && byte(1) > 0x8f;
    return overlong || surrogate || beyond ? 0 : length;
}

/** The four digits of an escape \u. */
std::optional<unsigned> escaped_unit(std::string_view text) noexcept
{
    unsigned unit = 0;
    const std::string_view digits = text.substr(0, 4);
    const char *const end = digits.data() + digits.size();
    if (digits.size() < 4 ||
        std::from_chars(digits.data(), end, unit, 16).ptr != end) {
        return std::nullopt;
    }
    return unit;
}

bool is_high_surrogate(unsigned unit) noexcept
{
    return unit >> 10 == 0x36;
}
bool is_low_surrogate(unsigned unit) noexcept
{
    return unit >> 10 == 0x37;
}

/** What follows a number's integer: ".5", "e-3", ".5E+3". */
bool is_fraction(std::string_view text) noexcept
{
    if (text.starts_with('.')) {
        const std::size_t end = end_of_run(kDigit, text, 1);
        if (end == 1) {
            return false;
        }
        text.remove_prefix(end);
    }
    if (text.empty()) {
        return true;
    }
    if (ascii_lower(text.front()) != 'e') {
        return false;
    }
    text.remove_prefix(1);
    if (text.starts_with('+') || text.starts_with('-')) {
        text.remove_prefix(1);
    }
    return !text.empty() && end_of_run(kDigit, text, 0) == text.size();
}

/** Whether it is a number that JSON, or the types it becomes, cannot hold
 *  as it is written. */
bool must_be_text(std::string_view number) noexcept
{
    const std::size_t first = number.starts_with('-') ? 1 : 0;
    const std::size_t point = end_of_run(kDigit, number, first);
    if (point == first) {
        return false;
    }
    const bool zeros = point - first > 1 && number[first] == '0';
    const std::string_view fraction = number.substr(point);
    if (fraction.empty()) {
        return zeros || !parse_integer<std::int64_t>(number);
    }
    if (!is_fraction(fraction)) {
        return false;
    }
    double value = 0;
    return zeros ||
           std::from_chars(number.data(), number.data() + number.size(), value)
                   .ec != std::errc{};
}

class Mender
{
  public:
    explicit Mender(std::string_view text) : text_(text) {}

    Result<std::optional<std::string>> run()
    {
        while (at_ < text_.size()) {
            take_token();
            if (depth_ > kDeepest) {
                return failure(ErrorCode::malformed, "JSON is nested too deep");
            }
            if (values_ > kMostValues) {
                return failure(ErrorCode::malformed,
                               "JSON holds more than " +
                                   std::to_string(kMostValues) + " values");
            }
        }
        if (!changed_) {
            return std::nullopt;
        }
        mended_.append(text_.substr(copied_));
        return std::move(mended_);
    }

  private:
    void take_token()
    {
        const bool after_string = std::exchange(after_string_, false);
        const char c = text_[at_];
        if (is(kBlank, c)) {
            after_string_ = after_string;
            ++at_;
        } else if (c == '"') {
            ++values_;
            take_string();
            after_string_ = true;
        } else if (c == ',') {
            take_comma();
        } else if (c == ':') {
            values_ -= after_string; // it was a key
            ++at_;
        } else if (c == '{' || c == '[') {
            ++values_;
            ++depth_;
            ++at_;
        } else if (c == '}' || c == ']') {
            depth_ -= depth_ > 0;
            ++at_;
        } else {
            ++values_;
            take_scalar();
        }
    }

    void take_comma()
    {
        const std::size_t next = end_of_run(kBlank, text_, at_ + 1);
        if (next < text_.size() && (text_[next] == ']' || text_[next] == '}')) {
            replace(1, "");
        }
        at_ = next;
    }

    void take_scalar()
    {
        const std::size_t end = end_of_run(kNumeric, text_, at_);
        const std::string_view number = text_.substr(at_, end - at_);
        if (must_be_text(number)) {
            replace(number.size(), '"' + std::string(number) + '"');
        }
        at_ = end > at_ ? end : at_ + 1;
    }

    void take_string()
    {
        ++at_;
        for (;;) {
            at_ = end_of_run(kPlain, text_, at_);
            if (at_ == text_.size()) {
                return;
            }
            const auto c = static_cast<unsigned char>(text_[at_]);
            if (c == '"') {
                ++at_;
                return;
            }
            if (c == '\\') {
                take_escape();
            } else if (c < 0x20) {
                replace(1, escape_of(c));
                ++at_;
            } else {
                take_character();
            }
        }
    }

    /** Of more than one byte. */
    void take_character()
    {
        const std::size_t length = utf8_length(text_.substr(at_, 4));
        if (length == 0) {
            replace(1, kReplacement);
        }
        at_ += length == 0 ? 1 : length;
    }

    static std::string escape_of(unsigned char control)
    {
        constexpr std::string_view kDigits = "0123456789abcdef";
        if (control == 0) {
            return std::string(kReplacement);
        }
        return {
            '\\', 'u', '0', '0', kDigits[control >> 4], kDigits[control & 0xf]};
    }

    void take_escape()
    {
        constexpr std::string_view kEscapes = "\"\\/bfnrt";
        const std::string_view rest = text_.substr(at_ + 1);
        if (!rest.empty() && kEscapes.find(rest.front()) != rest.npos) {
            at_ += 2;
            return;
        }
        const auto unit =
            rest.starts_with('u') ? escaped_unit(rest.substr(1)) : std::nullopt;
        if (unit) {
            take_unit(*unit);
            return;
        }
        replace(1, "\\\\");
        ++at_;
    }

    void take_unit(unsigned unit)
    {
        constexpr std::size_t kLength = 6; // \uXXXX
        const std::string_view rest = text_.substr(at_ + kLength);
        const auto second = rest.starts_with("\\u")
                                ? escaped_unit(rest.substr(2))
                                : std::nullopt;
        if (is_high_surrogate(unit) && second && is_low_surrogate(*second)) {
            at_ += 2 * kLength;
            return;
        }
        if (unit == 0 || is_high_surrogate(unit) || is_low_surrogate(unit)) {
            replace(kLength, kReplacement);
        }
        at_ += kLength;
    }

    /** Puts `by` in the place of the next `length` bytes. */
    void replace(std::size_t length, std::string_view by)
    {
        mended_.append(text_.substr(copied_, at_ - copied_)).append(by);
        copied_ = at_ + length;
        changed_ = true;
    }

    std::string_view text_;
    std::size_t at_ = 0;
    std::size_t values_ = 0;
    std::size_t depth_ = 0;
    bool after_string_ = false;

    std::string mended_; // stands for text_ up to copied_
    std::size_t copied_ = 0;
    bool changed_ = false;
};

} // namespace

Result<std::optional<std::string>> mend_json(std::string_view text)
{
    return Mender(text).run();
}

std::string mend_text(std::string_view text)
{
    std::string mended;
    mended.reserve(text.size());
    while (!text.empty()) {
        const std::size_t length =
            text.front() == '\0' ? 0 : utf8_length(text.substr(0, 4));
        mended.append(length == 0 ? kReplacement : text.substr(0, length));
        text.remove_prefix(length == 0 ? 1 : length);
    }
    return mended;
}

} // namespace wac::cloud
