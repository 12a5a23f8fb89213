// The length-prefixed body of both directions ("BSComm buffer", fk-http.md
// section 2) and the two field types that every message shares: integers
// that may come as text, and wall-clock times. Error texts name lengths and
// offsets only; the bytes themselves may be secrets.
#include "codec/fk.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <new>
#include <string>

namespace wac::fk
{

namespace
{

constexpr std::size_t kPrefixSize = 4;

/** Far above the thirty or so of the largest enrolment seen; keeps a body of
 *  nothing but zero-length binaries from growing four times its size. */
constexpr std::size_t kMostBins = 1024;

constexpr std::string_view kBlanks = " \t\r\n";

tl::unexpected<Error> malformed(std::string text)
{
    return failure(ErrorCode::malformed, std::move(text));
}

std::string_view strip_padding(std::string_view text) noexcept
{
    constexpr std::string_view kPadding{"\0\r\n \t", 5};
    const std::size_t last = text.find_last_not_of(kPadding);
    return text.substr(0, last == text.npos ? 0 : last + 1);
}

std::string_view strip_byte_order_mark(std::string_view text) noexcept
{
    constexpr std::string_view kMark = "\xef\xbb\xbf";
    return text.starts_with(kMark) ? text.substr(kMark.size()) : text;
}

/** jansson's own words quote the input, so it gets ours. */
std::string describe(const json_error_t &error)
{
    const std::string place = " at byte " + std::to_string(error.position);
    switch (json_error_code(&error)) {
    case json_error_premature_end_of_input:
        return "JSON ends too early" + place;
    case json_error_end_of_input_expected:
        return "JSON is followed by other data" + place;
    case json_error_invalid_utf8:
        return "JSON is not valid UTF-8" + place;
    case json_error_null_character:
        return "JSON text holds a NUL character" + place;
    case json_error_numeric_overflow:
        return "JSON number is out of range" + place;
    case json_error_stack_overflow:
        return "JSON is nested too deep" + place;
    default:
        return "JSON is malformed" + place;
    }
}

Result<Body> parse_object(std::string_view padded, bool framed)
{
    Body body;
    body.framed = framed;
    body.json_text = strip_byte_order_mark(strip_padding(padded));
    if (body.json_text.empty()) {
        return malformed("the body holds no JSON");
    }
    json_error_t error{};
    body.json = load_json(body.json_text, 0, &error);
    if (!body.json) {
        // Out of memory is the one failure that jansson has no words for.
        if (error.text[0] == '\0') {
            throw std::bad_alloc();
        }
        return malformed(describe(error));
    }
    if (!json_is_object(body.json.get())) {
        return malformed("JSON is not an object");
    }
    return body;
}

Result<std::vector<Bytes>> cut_bins(Bytes rest)
{
    std::vector<Bytes> bins;
    while (rest.size() >= kPrefixSize) {
        if (bins.size() == kMostBins) {
            return malformed("more than " + std::to_string(kMostBins) +
                             " binaries");
        }
        const std::size_t length = load_le32(rest);
        rest = rest.subspan(kPrefixSize);
        if (length > rest.size()) {
            return malformed("BIN_" + std::to_string(bins.size() + 1) +
                             " of length " + std::to_string(length) +
                             " exceeds the " + std::to_string(rest.size()) +
                             " bytes left");
        }
        bins.push_back(rest.first(length));
        rest = rest.subspan(length);
    }
    return bins;
}

bool prefix_fits(Bytes bytes) noexcept
{
    return bytes.size() >= kPrefixSize &&
           load_le32(bytes) <= bytes.size() - kPrefixSize;
}

Result<Body> decode_framed(Bytes bytes)
{
    if (bytes.size() < kPrefixSize) {
        return malformed("a body of " + std::to_string(bytes.size()) +
                         " bytes is shorter than a length prefix");
    }
    if (!prefix_fits(bytes)) {
        return malformed("length prefix " + std::to_string(load_le32(bytes)) +
                         " exceeds the body of " +
                         std::to_string(bytes.size()) + " bytes");
    }
    const std::size_t length = load_le32(bytes);
    Result<Body> body =
        parse_object(as_text(bytes.subspan(kPrefixSize, length)), true);
    if (!body) {
        return body;
    }
    auto bins = cut_bins(bytes.subspan(kPrefixSize + length));
    if (!bins) {
        return tl::make_unexpected(std::move(bins.error()));
    }
    body->bins = std::move(*bins);
    return body;
}

bool begins_like_an_object(Bytes bytes) noexcept
{
    const std::string_view text = strip_byte_order_mark(as_text(bytes));
    const std::size_t first = text.find_first_not_of(kBlanks);
    return first != text.npos && text[first] == '{';
}

void append_le32(std::string &out, std::size_t value)
{
    for (unsigned shift = 0; shift < 32; shift += 8) {
        out.push_back(static_cast<char>(value >> shift & 0xff));
    }
}

} // namespace

// Layout, both directions; n and m are unsigned 32-bit little-endian:
//
//   offset  size  name    meaning
//   0       4     n       length of the JSON with its terminator bytes
//   4       n     json    one object in UTF-8, then 00, 0a 00 or nothing
//   4+n     4     m       length of BIN_1, may be 0   } again for BIN_2 and
//   8+n     m     bytes   BIN_1                       } on, to the end
//   end     0-3   -       padding, not counted anywhere
//
// A body without the prefix is bare JSON. Framed goes first: JSON of 123
// bytes makes a prefix whose first byte is `{`.
Result<Body> decode_body(Bytes bytes)
{
    if (bytes.empty()) {
        Body nothing;
        nothing.framed = true;
        return nothing;
    }
    Result<Body> framed = decode_framed(bytes);
    if (framed || !begins_like_an_object(bytes)) {
        return framed;
    }
    Result<Body> bare = parse_object(as_text(bytes), false);
    // When both readings fail, a prefix that fits shows which was meant.
    return !bare && prefix_fits(bytes) ? std::move(framed) : std::move(bare);
}

std::string encode_body(std::string_view json_text,
                        const std::vector<Bytes> &bins)
{
    std::string out;
    if (json_text.empty() && bins.empty()) {
        return out;
    }
    // Binaries need an object before them, or no reader finds them.
    const std::string_view json = json_text.empty() ? "{}" : json_text;
    std::size_t size = kPrefixSize + json.size() + 1;
    for (const Bytes bin : bins) {
        size += kPrefixSize + bin.size();
    }
    out.reserve(size);
    append_le32(out, json.size() + 1);
    out.append(json).push_back('\0');
    for (const Bytes bin : bins) {
        append_le32(out, bin.size());
        out.append(as_text(bin));
    }
    return out;
}

std::optional<Bytes> Body::bin(const json_t *reference) const noexcept
{
    constexpr std::string_view kForm = "BIN_";
    if (!json_is_string(reference)) {
        return std::nullopt;
    }
    const std::string_view text{json_string_value(reference),
                                json_string_length(reference)};
    if (!text.starts_with(kForm)) {
        return std::nullopt;
    }
    const auto number = parse_integer<std::size_t>(text.substr(kForm.size()));
    if (!number || *number == 0 || *number > bins.size()) {
        return std::nullopt;
    }
    return bins[*number - 1];
}

namespace
{

std::optional<std::int64_t> integer_of_real(double value) noexcept
{
    constexpr double kLimit = 9223372036854775808.0; // 2^63, exact
    if (value >= -kLimit && value < kLimit && std::trunc(value) == value) {
        return static_cast<std::int64_t>(value);
    }
    return std::nullopt;
}

std::optional<std::int64_t> integer_of_text(std::string_view text) noexcept
{
    const std::size_t first = text.find_first_not_of(kBlanks);
    if (first == text.npos) {
        return std::nullopt;
    }
    text = text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
    if (text.size() > 1 && text.front() == '+' && text[1] != '-') {
        text.remove_prefix(1);
    }
    return parse_integer<std::int64_t>(text);
}

using TimeDigits = std::array<char, 14>;

/** The digits of a time in any of its three forms, century included. */
std::optional<TimeDigits> digits_of_time(std::string_view text) noexcept
{
    constexpr std::string_view kDashed = "0000-00-00 00:00:00";
    TimeDigits digits{'2', '0'};
    if (text.size() != 12 && text.size() != 14 &&
        text.size() != kDashed.size()) {
        return std::nullopt;
    }
    std::size_t next = text.size() == 12 ? 2 : 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text.size() == kDashed.size() && kDashed[i] != '0') {
            if (text[i] != kDashed[i]) {
                return std::nullopt;
            }
            continue;
        }
        if (text[i] < '0' || text[i] > '9') {
            return std::nullopt;
        }
        digits[next++] = text[i];
    }
    return digits;
}

} // namespace

std::optional<std::int64_t> integer_field(const json_t *object,
                                          const char *key) noexcept
{
    const json_t *value = json_object_get(object, key);
    if (json_is_integer(value)) {
        return json_integer_value(value);
    }
    if (json_is_real(value)) {
        return integer_of_real(json_real_value(value));
    }
    if (json_is_string(value)) {
        return integer_of_text(json_string(object, key));
    }
    return std::nullopt;
}

std::optional<WallTime> parse_time(std::string_view text) noexcept
{
    const auto digits = digits_of_time(text);
    if (!digits) {
        return std::nullopt;
    }
    const auto number = [&digits](std::size_t first, std::size_t count) {
        unsigned value = 0;
        for (std::size_t i = first; i < first + count; ++i) {
            value = value * 10 + static_cast<unsigned>((*digits)[i] - '0');
        }
        return value;
    };
    const WallTime time{static_cast<int>(number(0, 4)),
                        number(4, 2),
                        number(6, 2),
                        number(8, 2),
                        number(10, 2),
                        number(12, 2)};
    return time.valid() ? std::optional{time} : std::nullopt;
}

} // namespace wac::fk
