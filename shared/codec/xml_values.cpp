// Values inside fields (biometric-xml.md 2.1, 2.8): truth, names and cards.
#include "codec/xml.hpp"

#include "base/text.hpp"
#include "codec/cloud_records.hpp"
#include "codec/xml_characters.hpp"

#include <algorithm>
#include <initializer_list>

namespace wac::xml
{

namespace
{

constexpr std::size_t kCardBytes = 4;
constexpr std::size_t kCardText = 8; // the base64 of these, with its padding

bool is_one_of(std::string_view text,
               std::initializer_list<std::string_view> words) noexcept
{
    return std::any_of(words.begin(), words.end(), [text](auto word) {
        return equals_ignoring_case(text, word);
    });
}

void append_unit(std::string &utf16, char32_t unit)
{
    utf16 += static_cast<char>(unit & 0xff);
    utf16 += static_cast<char>(unit >> 8);
}

/** In UTF-16LE, whole characters only; NULs and what is no UTF-8 left out. */
std::string utf16_of(std::string_view utf8, std::size_t most_units)
{
    std::string utf16;
    while (!utf8.empty()) {
        const std::size_t length = character_length(utf8);
        if (length == 0 || utf8.front() == '\0') {
            utf8.remove_prefix(1);
            continue;
        }
        const char32_t c = code_point_of(utf8.substr(0, length));
        utf8.remove_prefix(length);
        const std::size_t units = c < 0x10000 ? 1 : 2;
        if (utf16.size() / 2 + units > most_units) {
            break;
        }
        if (units == 1) {
            append_unit(utf16, c);
        } else {
            append_unit(utf16, 0xd800 + ((c - 0x10000) >> 10));
            append_unit(utf16, 0xdc00 + ((c - 0x10000) & 0x3ff));
        }
    }
    return utf16;
}

/** The bytes before the first unit that is NUL. */
Bytes before_nul(Bytes utf16) noexcept
{
    for (std::size_t at = 0; at + 1 < utf16.size(); at += 2) {
        if (utf16[at] == 0 && utf16[at + 1] == 0) {
            return utf16.first(at);
        }
    }
    return utf16;
}

} // namespace

std::optional<bool> truth_of(std::string_view text) noexcept
{
    if (is_one_of(text, {"yes", "true", "y", "t", "1"})) {
        return true;
    }
    if (is_one_of(text, {"no", "false", "n", "f", "0"})) {
        return false;
    }
    return std::nullopt;
}

std::optional<std::string> decode_name(std::string_view base64)
{
    const auto bytes = cloud::decode_base64(base64);
    std::string name;
    if (!bytes || bytes->size() % 2 != 0 ||
        !append_utf16(name, before_nul(as_bytes(*bytes)), ByteOrder::little)) {
        return std::nullopt;
    }
    return name;
}

std::string encode_name(std::string_view utf8, std::size_t most)
{
    std::string utf16 = utf16_of(utf8, most);
    utf16.resize(2 * (most + 1), '\0');
    return cloud::encode_base64(as_bytes(utf16));
}

std::optional<std::uint32_t> decode_card(std::string_view text)
{
    // digits are never this long and padded, so there is no doubt
    if (text.size() == kCardText && text.ends_with("==")) {
        const auto bytes = cloud::decode_base64(text);
        return bytes && bytes->size() == kCardBytes
                   ? std::optional{load_le32(as_bytes(*bytes))}
                   : std::nullopt;
    }
    return parse_integer<std::uint32_t>(text);
}

std::string encode_card(std::uint32_t card)
{
    std::string bytes;
    for (std::size_t i = 0; i < kCardBytes; ++i) {
        bytes += static_cast<char>(card >> (8 * i) & 0xff);
    }
    return cloud::encode_base64(as_bytes(bytes));
}

} // namespace wac::xml
