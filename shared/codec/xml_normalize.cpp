// The declaration's encoding plays no part: four bytes decide.
#include "codec/xml_normalize.hpp"

#include "codec/xml_characters.hpp"

#include <algorithm>

namespace wac::xml
{

namespace
{

constexpr std::string_view kBlanks = " \t\r\n";
constexpr std::string_view kBlanksAndNul{" \t\r\n\0", 5};

enum class Coding { utf8, utf16_little, utf16_big, unknown };

struct Beginning {
    Coding coding;
    std::size_t mark; // bytes of the byte order mark
};

Beginning beginning_of(std::string_view frame) noexcept
{
    using namespace std::string_view_literals;
    if (frame.starts_with("\xef\xbb\xbf"sv)) {
        return {Coding::utf8, 3};
    }
    if (frame.starts_with("\xff\xfe\0\0"sv) || frame.starts_with("\0\0"sv)) {
        return {Coding::unknown, 0}; // UCS-4, if anything
    }
    if (frame.starts_with("\xff\xfe"sv)) {
        return {Coding::utf16_little, 2};
    }
    if (frame.starts_with("\xfe\xff"sv)) {
        return {Coding::utf16_big, 2};
    }
    if (frame.starts_with("<\0"sv) || frame.starts_with("{\0"sv)) {
        return {Coding::utf16_little, 0};
    }
    if (frame.starts_with("\0<"sv) || frame.starts_with("\0{"sv)) {
        return {Coding::utf16_big, 0};
    }
    return {Coding::utf8, 0};
}

ByteOrder order_of(Coding coding) noexcept
{
    return coding == Coding::utf16_big ? ByteOrder::big : ByteOrder::little;
}

std::string_view strip_padding(std::string_view text) noexcept
{
    const std::size_t last = text.find_last_not_of(kBlanksAndNul);
    text = text.substr(0, last == text.npos ? 0 : last + 1);
    return text.substr(std::min(text.find_first_not_of(kBlanks), text.size()));
}

} // namespace

Decoded<std::string_view> normalize(std::string_view frame,
                                    std::string &converted)
{
    const auto [coding, mark] = beginning_of(frame);
    frame.remove_prefix(mark);
    if (coding == Coding::unknown) {
        return tl::make_unexpected(
            Fault{FaultKind::encoding, "the frame begins as no text does"});
    }
    if (coding != Coding::utf8) {
        converted.clear();
        if (!append_utf16(converted, as_bytes(frame), order_of(coding))) {
            return tl::make_unexpected(
                Fault{FaultKind::encoding, "the frame is no whole UTF-16"});
        }
        frame = converted;
    }
    const std::string_view document = strip_padding(frame);
    if (document.empty()) {
        return tl::make_unexpected(
            Fault{FaultKind::empty, "the frame is empty"});
    }
    return document;
}

bool begins_as_xml(std::string_view frame) noexcept
{
    const auto [coding, mark] = beginning_of(frame);
    if (coding == Coding::unknown) {
        return false;
    }
    const std::size_t width = coding == Coding::utf8 ? 1 : 2;
    const std::size_t low = coding == Coding::utf16_big ? 1 : 0;
    for (std::size_t at = mark; at + width <= frame.size(); at += width) {
        const bool ascii = width == 1 || frame[at + 1 - low] == '\0';
        const char c = frame[at + low];
        if (!ascii || kBlanks.find(c) == kBlanks.npos) {
            return ascii && c == '<';
        }
    }
    return false;
}

} // namespace wac::xml
