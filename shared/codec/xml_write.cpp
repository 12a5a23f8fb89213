// XML as terminals get it: on one line, everything but plain text escaped.
#include "codec/xml.hpp"

#include "codec/xml_characters.hpp"

#include <algorithm>

namespace wac::xml
{

namespace
{

/** What stands for a character that markup, or a parser's folding of line
 *  ends, would change; empty for all others. */
std::string_view escape_of(char c) noexcept
{
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&apos;";
    case '\t':
        return "&#9;";
    case '\n':
        return "&#10;";
    case '\r':
        return "&#13;";
    default:
        return {};
    }
}

/** Neither escaped nor looked at as a character of several bytes. */
bool is_plain(char c) noexcept
{
    return c >= ' ' && c <= '~' && escape_of(c).empty();
}

void append_escaped(std::string &out, std::string_view text)
{
    while (!text.empty()) {
        const auto plain = static_cast<std::size_t>(
            std::find_if_not(text.begin(), text.end(), is_plain) -
            text.begin());
        out += text.substr(0, plain);
        text.remove_prefix(plain);
        const std::size_t length = character_length(text);
        if (length == 0) {
            text.remove_prefix(std::min<std::size_t>(1, text.size()));
            continue;
        }
        const std::string_view character = text.substr(0, length);
        if (const auto escape = escape_of(text.front()); !escape.empty()) {
            out += escape;
        } else if (is_xml_character(code_point_of(character))) {
            out += character;
        }
        text.remove_prefix(length);
    }
}

void append_tag(std::string &out, std::string_view start, std::string_view name)
{
    out += start;
    out += name;
    out += '>';
}

} // namespace

Writer::Writer(std::string_view root) : root_(root) {}

Writer &Writer::text(std::string_view name, std::string_view value)
{
    append_tag(body_, "<", name);
    append_escaped(body_, value);
    append_tag(body_, "</", name);
    return *this;
}

Writer &Writer::number(std::string_view name, std::int64_t value)
{
    return text(name, std::to_string(value));
}

std::string Writer::encode() const
{
    constexpr std::string_view kDeclaration = "<?xml version=\"1.0\"?>";
    std::string document;
    document.reserve(kDeclaration.size() + 2 * root_.size() + 5 + body_.size());
    document += kDeclaration;
    append_tag(document, "<", root_);
    document += body_;
    append_tag(document, "</", root_);
    return document;
}

} // namespace wac::xml
