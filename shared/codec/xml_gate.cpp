// It and the parser must agree on where text ends and a tag begins. They do,
// since each of their steps ends at the same bytes: a comment at "-->", CDATA
// at "]]>", a tag at the first ">", none of which it lets pass inside quotes.
#include "codec/xml_gate.hpp"

#include "codec/xml_characters.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

namespace wac::xml
{

namespace
{

Fault gate(std::string text)
{
    return Fault{FaultKind::gate, std::move(text)};
}

/** What ends a tag, or has no place in one. */
constexpr auto kStops = [] {
    std::array<bool, 256> stops{};
    for (const unsigned char c : {'>', '=', '"', '\'', '&', '<'}) {
        stops[c] = true;
    }
    return stops;
}();

class Gate
{
  public:
    explicit Gate(std::string_view document) : document_(document) {}

    Decoded<std::size_t> pass()
    {
        skip_declaration();
        while (!refusal_) {
            at_ = document_.find('<', at_);
            if (at_ == document_.npos) {
                return tags_;
            }
            take_markup(document_.substr(at_));
        }
        return tl::make_unexpected(gate(refusal_));
    }

  private:
    void skip_declaration() noexcept
    {
        constexpr std::string_view kDeclaration = "<?xml";
        if (document_.starts_with(kDeclaration) &&
            document_.size() > kDeclaration.size() &&
            is_blank(document_[kDeclaration.size()])) {
            skip_past("?>", kDeclaration.size());
        }
    }

    void take_markup(std::string_view markup) noexcept
    {
        const char second = markup.size() > 1 ? markup[1] : '\0';
        if (second != '!' && second != '?') {
            take_tag(markup);
        } else if (second == '?') {
            refusal_ = "there is a processing instruction";
        } else if (markup.starts_with("<!--")) {
            skip_past("-->", 4);
        } else if (markup.starts_with("<![CDATA[")) {
            skip_past("]]>", 9);
        } else {
            refusal_ = "there is a declaration of a document type";
        }
    }

    void take_tag(std::string_view tag) noexcept
    {
        const std::size_t most = std::min(tag.size(), kLongestTag);
        std::size_t end = 1;
        while (end < most && !kStops[static_cast<unsigned char>(tag[end])]) {
            ++end;
        }
        if (end == kLongestTag) {
            refusal_ = "a tag is longer than 80 bytes";
        } else if (end == tag.size()) {
            at_ = document_.size();
        } else if (tag[end] != '>') {
            refusal_ = "a tag holds more than a name";
        } else if (is_blank(tag[1])) {
            refusal_ = "there is white space at the beginning of a tag";
        } else {
            at_ += end + 1;
            count(tag.substr(0, end + 1));
        }
    }

    void count(std::string_view tag) noexcept
    {
        const bool closing = tag[1] == '/';
        const bool both = !closing && tag[tag.size() - 2] == '/';
        tags_ += both ? 2 : 1;
        if (tags_ > kMostTags) {
            refusal_ = "there are more than 160 tags";
        } else if (closing) {
            depth_ -= depth_ > 0 ? 1 : 0;
        } else if (depth_ >= kDeepest) {
            refusal_ = "there is an element inside a field";
        } else if (!both) {
            ++depth_;
        }
    }

    void skip_past(std::string_view end, std::size_t from) noexcept
    {
        const std::size_t found = document_.find(end, at_ + from);
        at_ = found == document_.npos ? document_.size() : found + end.size();
    }

    std::string_view document_;
    const char *refusal_ = nullptr;
    std::size_t at_ = 0;
    std::size_t tags_ = 0;
    int depth_ = 0;
};

} // namespace

Decoded<std::size_t> pass_gate(std::string_view document)
{
    const std::size_t odd = find_nul_or_foreign(document);
    if (odd == document.npos) {
        return Gate(document).pass();
    }
    const std::string place = " at byte " + std::to_string(odd);
    return tl::make_unexpected(
        document[odd] == '\0'
            ? gate("there is a NUL" + place)
            : Fault{FaultKind::encoding, "it is not UTF-8" + place});
}

} // namespace wac::xml
