// libxml2's push parser, set up as biometric-xml.md 6.3 wants it: no tree,
// no entities, no network; the whole document in one chunk.
#include "codec/xml.hpp"

#include "codec/xml_assemble.hpp"
#include "codec/xml_gate.hpp"
#include "codec/xml_normalize.hpp"

#include <algorithm>
#include <libxml/catalog.h>
#include <libxml/dict.h>
#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <libxml/xmlerror.h>
#include <new>
#include <utility>

namespace wac::xml
{

namespace
{

/** No transport of ours lets more pass; what may be an int. */
constexpr std::size_t kLongestDocument = std::size_t{4} << 20;

/** Every name it has met stays in a context's dictionary. */
constexpr int kMostNames = 4096;

constexpr int kOptions = XML_PARSE_NONET | XML_PARSE_NOERROR |
                         XML_PARSE_NOWARNING | XML_PARSE_IGNORE_ENC;

struct ParserRelease {
    void operator()(xmlParserCtxt *parser) const noexcept
    {
        xmlFreeParserCtxt(parser);
    }
};

using Parser = std::unique_ptr<xmlParserCtxt, ParserRelease>;

/** Takes what libxml2 would print to stderr. */
void silence_errors_of_thread() noexcept
{
    xmlSetStructuredErrorFunc(nullptr, [](void *, xmlError *) noexcept {});
}

/** What libxml2 calls; its first argument is the Decoder's Context. */
template <typename Context>
struct Handler {
    static Context &context(void *pointer) noexcept
    {
        return *static_cast<Context *>(pointer);
    }

    static void start_element(void *pointer, const xmlChar *name,
                              const xmlChar *prefix, const xmlChar *,
                              int namespaces, const xmlChar **, int attributes,
                              int, const xmlChar **) noexcept
    {
        context(pointer).guard([&](Assembler &assembler) {
            if (prefix || namespaces != 0 || attributes != 0) {
                assembler.refuse(
                    {FaultKind::gate, "a tag holds more than a name"});
                return false;
            }
            assembler.open(reinterpret_cast<const char *>(name));
            return true;
        });
    }

    static void end_element(void *pointer, const xmlChar *, const xmlChar *,
                            const xmlChar *) noexcept
    {
        context(pointer).guard([](Assembler &assembler) {
            assembler.close();
            return true;
        });
    }

    static void characters(void *pointer, const xmlChar *text,
                           int length) noexcept
    {
        context(pointer).guard([&](Assembler &assembler) {
            assembler.text({reinterpret_cast<const char *>(text),
                            static_cast<std::size_t>(length)});
            return true;
        });
    }

    static void document_type(void *pointer, const xmlChar *, const xmlChar *,
                              const xmlChar *) noexcept
    {
        context(pointer).guard([](Assembler &assembler) {
            assembler.refuse(
                {FaultKind::gate, "there is a declaration of a document type"});
            return false;
        });
    }

    static xmlSAXHandler table() noexcept
    {
        xmlSAXHandler handler{};
        handler.initialized = XML_SAX2_MAGIC;
        handler.startElementNs = start_element;
        handler.endElementNs = end_element;
        handler.characters = characters;
        handler.cdataBlock = characters;
        // the same again: else each text is looked at for being white space
        handler.ignorableWhitespace = characters;
        handler.internalSubset = document_type;
        return handler;
    }
};

} // namespace

class Decoder::Context
{
  public:
    explicit Context(Sender sender) : assembler_(sender)
    {
        silence_errors_of_thread();
    }

    Decoded<Message> decode(std::string_view frame)
    {
        const auto document = normalize(frame, converted_);
        if (!document) {
            return tl::make_unexpected(document.error());
        }
        if (document->size() > kLongestDocument) {
            return tl::make_unexpected(
                Fault{FaultKind::gate, "it is longer than 4 MiB"});
        }
        const auto tags = pass_gate(*document);
        if (!tags) {
            return tl::make_unexpected(tags.error());
        }
        assembler_.begin(*tags);
        return parse(*document);
    }

    /** An event of the parser, which ends its work if that is false. Nothing
     *  is thrown through libxml2. */
    template <typename Use>
    void guard(Use use) noexcept
    {
        bool goes_on = false;
        try {
            goes_on = use(assembler_);
        } catch (...) {
            exhausted_ = true;
        }
        if (!goes_on) {
            xmlStopParser(parser_.get());
        }
    }

  private:
    Decoded<Message> parse(std::string_view document)
    {
        reset();
        const int error = xmlParseChunk(parser_.get(), document.data(),
                                        static_cast<int>(document.size()), 1);
        exhausted_ = exhausted_ || error == XML_ERR_NO_MEMORY;
        if (error != XML_ERR_OK || parser_->wellFormed == 0) {
            refuse(error);
        }
        if (exhausted_ || xmlDictSize(parser_->dict) > kMostNames) {
            parser_.reset();
        }
        if (exhausted_) {
            throw std::bad_alloc();
        }
        return assembler_.finish();
    }

    /** Ready for a document. */
    void reset()
    {
        exhausted_ = false;
        if (parser_) {
            exhausted_ = xmlCtxtResetPush(parser_.get(), nullptr, 0, nullptr,
                                          nullptr) != 0;
        } else {
            xmlSAXHandler handler = Handler<Context>::table();
            parser_.reset(
                xmlCreatePushParserCtxt(&handler, this, nullptr, 0, nullptr));
            exhausted_ =
                !parser_ || xmlCtxtUseOptions(parser_.get(), kOptions) != 0;
        }
        if (exhausted_) {
            parser_.reset();
            throw std::bad_alloc();
        }
    }

    void refuse(int error)
    {
        assembler_.refuse(
            {FaultKind::form, "it is not well-formed (libxml2's error " +
                                  std::to_string(error) + ")"});
    }

    Parser parser_;
    Assembler assembler_;
    std::string converted_; // the document, if the frame was UTF-16
    bool exhausted_ = false;
};

Decoder::Decoder(Sender sender) : context_(std::make_unique<Context>(sender)) {}

Decoder::~Decoder() = default;

Decoded<Message> Decoder::decode(std::string_view frame)
{
    return context_->decode(frame);
}

void set_up_library()
{
    LIBXML_TEST_VERSION
    xmlInitParser();
    xmlSetExternalEntityLoader(
        [](const char *, const char *,
           xmlParserCtxt *) noexcept -> xmlParserInput * { return nullptr; });
    xmlCatalogSetDefaults(XML_CATA_ALLOW_NONE);
}

// ---- messages ---------------------------------------------------------------

const std::string *Message::find(std::string_view field) const noexcept
{
    const auto found =
        std::find_if(fields.begin(), fields.end(),
                     [field](const Field &each) { return each.name == field; });
    return found == fields.end() ? nullptr : &found->value;
}

std::string_view Message::value(std::string_view field) const noexcept
{
    const std::string *const found = find(field);
    return found ? std::string_view(*found) : std::string_view{};
}

bool valid_serial(std::string_view serial) noexcept
{
    constexpr std::size_t kLongest = 64;
    return !serial.empty() && serial.size() <= kLongest &&
           std::all_of(serial.begin(), serial.end(), [](char c) {
               return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                      (c >= '0' && c <= '9') || c == '.' || c == '_' ||
                      c == '-';
           });
}

} // namespace wac::xml
