// Characters of UTF-8 and UTF-16, and which of them XML 1.0 has a place for.
// Only for the codec of XML.
#pragma once

#include "base/bytes.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace wac::xml
{

enum class ByteOrder { little, big };

/** How many bytes the UTF-8 character at the beginning of the text takes: 1
 *  to 4, or 0 if there is none. */
std::size_t character_length(std::string_view text) noexcept;

/** Of one whole UTF-8 character. */
char32_t code_point_of(std::string_view character) noexcept;

/** The production Char of XML 1.0. */
bool is_xml_character(char32_t code_point) noexcept;

/** Where the first NUL, or the first byte that is no UTF-8, is; npos if there
 *  is neither. */
std::size_t find_nul_or_foreign(std::string_view text) noexcept;

/** UTF-16 as UTF-8. False if the length is odd or a surrogate alone. */
bool append_utf16(std::string &out, Bytes utf16, ByteOrder order);

/** White space of XML. */
constexpr bool is_blank(char c) noexcept
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/** Without white space at both ends. Inline, as it is done to every text. */
constexpr std::string_view trim_blanks(std::string_view text) noexcept
{
    while (!text.empty() && is_blank(text.front())) {
        text.remove_prefix(1);
    }
    while (!text.empty() && is_blank(text.back())) {
        text.remove_suffix(1);
    }
    return text;
}

} // namespace wac::xml
