// Strict about UTF-8, as PostgreSQL is: libxml2 2.9 lets some sequences pass
// that are longer than they need be.
#include "codec/xml_characters.hpp"

#include <cstdint>
#include <cstring>

namespace wac::xml
{

namespace
{

unsigned byte_at(std::string_view text, std::size_t at) noexcept
{
    return at < text.size() ? static_cast<unsigned char>(text[at]) : 0;
}

void append_utf8(std::string &out, char32_t c)
{
    const auto put = [&out](char32_t byte) { out += static_cast<char>(byte); };
    if (c < 0x80) {
        put(c);
        return;
    }
    if (c < 0x800) {
        put(0xc0 | c >> 6);
    } else {
        if (c < 0x10000) {
            put(0xe0 | c >> 12);
        } else {
            put(0xf0 | c >> 18);
            put(0x80 | (c >> 12 & 0x3f));
        }
        put(0x80 | (c >> 6 & 0x3f));
    }
    put(0x80 | (c & 0x3f));
}

bool is_high_surrogate(char32_t unit) noexcept
{
    return unit >> 10 == 0xd800 >> 10;
}

bool is_low_surrogate(char32_t unit) noexcept
{
    return unit >> 10 == 0xdc00 >> 10;
}

} // namespace

std::size_t character_length(std::string_view text) noexcept
{
    const unsigned first = byte_at(text, 0);
    if (first < 0x80) {
        return text.empty() ? 0 : 1;
    }
    if (first < 0xc2 || first > 0xf4) {
        return 0;
    }
    const std::size_t length = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    for (std::size_t at = 1; at < length; ++at) {
        if (byte_at(text, at) >> 6 != 2) {
            return 0;
        }
    }
    const unsigned second = byte_at(text, 1);
    const bool overlong =
        (first == 0xe0 && second < 0xa0) || (first == 0xf0 && second < 0x90);
    const bool surrogate = first == 0xed && second > 0x9f;
    const bool beyond = first == 0xf4 && second > 0x8f;
    return overlong || surrogate || beyond ? 0 : length;
}

char32_t code_point_of(std::string_view character) noexcept
{
    constexpr unsigned kBitsOfFirst[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
    char32_t c = byte_at(character, 0) & kBitsOfFirst[character.size()];
    for (std::size_t at = 1; at < character.size(); ++at) {
        c = c << 6 | (byte_at(character, at) & 0x3f);
    }
    return c;
}

bool is_xml_character(char32_t c) noexcept
{
    if (c < 0x20) {
        return c == '\t' || c == '\n' || c == '\r';
    }
    return c < 0xd800 || (c > 0xdfff && c < 0xfffe) ||
           (c > 0xffff && c < 0x110000);
}

std::size_t find_nul_or_foreign(std::string_view text) noexcept
{
    // Eight bytes of plain ASCII at a time: subtracting 1 from each sets the
    // highest bit of a NUL, and what is not ASCII has it set (or makes a
    // borrow look like a NUL, which costs only a second look).
    constexpr std::uint64_t kOnes = 0x0101010101010101;
    constexpr std::uint64_t kHighest = 0x8080808080808080;
    std::size_t at = 0;
    while (at < text.size()) {
        std::uint64_t word = 0;
        if (text.size() - at >= sizeof(word)) {
            std::memcpy(&word, text.data() + at, sizeof(word));
            if ((((word - kOnes) | word) & kHighest) == 0) {
                at += sizeof(word);
                continue;
            }
        }
        const std::size_t length = character_length(text.substr(at));
        if (length == 0 || text[at] == '\0') {
            return at;
        }
        at += length;
    }
    return std::string_view::npos;
}

bool append_utf16(std::string &out, Bytes utf16, ByteOrder order)
{
    const auto unit_at = [&](std::size_t at) -> char32_t {
        const unsigned a = utf16[at], b = utf16[at + 1];
        return order == ByteOrder::little ? b << 8 | a : a << 8 | b;
    };
    if (utf16.size() % 2 != 0) {
        return false;
    }
    for (std::size_t at = 0; at < utf16.size(); at += 2) {
        char32_t c = unit_at(at);
        if (is_high_surrogate(c)) {
            at += 2;
            const char32_t low = at < utf16.size() ? unit_at(at) : 0;
            if (!is_low_surrogate(low)) {
                return false;
            }
            c = 0x10000 + ((c & 0x3ff) << 10 | (low & 0x3ff));
        } else if (is_low_surrogate(c)) {
            return false;
        }
        append_utf8(out, c);
    }
    return true;
}

} // namespace wac::xml
