// From a parser's events to a message: the rules for fields of
// biometric-xml.md 6.2. It knows nothing of libxml2.
#pragma once

#include "codec/xml.hpp"
#include "codec/xml_characters.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace wac::xml
{

class Assembler
{
  public:
    explicit Assembler(Sender sender) : sender_(sender) {}

    /** Forgets the last document; this one has so many tags. */
    void begin(std::size_t tags);

    /** An element. Names are interned: within a document the same name is
     *  always at the same address. */
    void open(const char *name);
    /** A piece of text. */
    void text(std::string_view piece)
    {
        if (depth_ == 2) {
            value_->append(piece);
        } else if (!trim_blanks(piece).empty()) {
            refuse_text();
        }
    }
    void close();

    /** The document is not to be had; the first fault counts, but for one of
     *  the gate, which is worse. */
    void refuse(Fault fault);

    /** After the end of a well-formed document, or a refusal. */
    Decoded<Message> finish();

  private:
    void open_root(std::string_view name);
    void open_field(std::string_view name);
    void refuse_text();
    void add_kind(Kind kind);
    void close_field();
    void check_whole();
    void tell_event(Fault &fault);

    Sender sender_;
    Message message_;
    std::optional<Fault> fault_;
    std::vector<std::string_view> names_; // of the fields so far
    std::string spare_;                   // text of a kind too many
    std::string *value_ = nullptr;        // where the open field's text goes
    int depth_ = 0;
    int kinds_ = 0;
};

} // namespace wac::xml
