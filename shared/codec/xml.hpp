// XML as terminals speak it over WebSocket (biometric-xml.md): a flat list of
// text elements under one root. The reader refuses everything else before
// libxml2 sees it; the writer escapes. No I/O, no clock; what a message means
// is decided in proto/.
#pragma once

#include "base/wall_time.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

namespace wac::xml
{

// ---- in -------------------------------------------------------------------

/** Told apart by the root element. */
enum class Dialect {
    message,   // <Message>: M, the field's
    operation, // <Request><Operation>: O, the specification's; its answers
               // are <Response>
};

enum class Kind {
    request,  // M: the terminal wants something of us (Register, Login)
    event,    // M: a log, a sign of life; in O: every operation
    response, // M: the answer to a request of ours; in O: every answer
    none,     // M without any of the three: never answered
};

/** One text element below the root; white space around its value is gone. */
struct Field {
    std::string name;
    std::string value;
};

struct Message {
    Dialect dialect = Dialect::message;
    Kind kind = Kind::none;
    std::string name; // of the request, event, response, operation; an answer
                      // in O has none
    std::vector<Field> fields; // all others, in their order

    /** Null if absent. Names are case-sensitive. */
    const std::string *find(std::string_view field) const noexcept;
    /** "" if absent. */
    std::string_view value(std::string_view field) const noexcept;
};

/** Why a frame is no message, by what is to be done about it (section 6.2). */
enum class FaultKind {
    empty,    // white space, or a mark alone: ignored and counted
    encoding, // neither UTF-8 nor UTF-16: 1007
    gate,     // what no terminal sends (DTD, attributes, depth …): 1008
    form,     // not well-formed, or not the flat form of a message
};

struct Fault {
    FaultKind kind;
    std::string text; // for the log: names of fields, never values

    // Of an event whose form is wrong, so that the terminal can be answered:
    // its name, and its TransID, each as far as it could be read without
    // doubt; else "".
    std::string event{};
    std::string trans_id{};
};

template <typename T>
using Decoded = tl::expected<T, Fault>;

/** Whether a connection that begins so speaks XML (section 5, points 2 to 4):
 *  the first byte after marks and white space is '<', in UTF-8 or UTF-16. */
bool begins_as_xml(std::string_view frame) noexcept;

/** The name of a terminal: 1 to 64 of A-Z a-z 0-9 . _ - */
bool valid_serial(std::string_view serial) noexcept;

/** Sets libxml2 up for the process (section 6.3): once, before any thread. */
void set_up_library();

/** Who sends the frames that a Decoder reads. */
enum class Sender {
    terminal, // roots Message and Request
    server,   // roots Message and Response: for a terminal's simulation
};

/** Reads frames, one after the other, with one parser context that it renews
 *  as its dictionary grows. One for a thread, and made on that thread. */
class Decoder
{
  public:
    explicit Decoder(Sender sender = Sender::terminal);
    ~Decoder();
    Decoder(const Decoder &) = delete;
    Decoder &operator=(const Decoder &) = delete;

    /** One whole frame; its length is bounded by the transport. */
    Decoded<Message> decode(std::string_view frame);

  private:
    class Context;
    std::unique_ptr<Context> context_;
};

// ---- out ------------------------------------------------------------------

/** A message, its elements in the order in which they are added. Bytes that
 *  are no UTF-8, and characters that XML 1.0 has no place for, are left out of
 *  values; names are written as they are. */
class Writer
{
  public:
    /** `root`: Message, or Response in dialect O. */
    explicit Writer(std::string_view root);

    Writer &text(std::string_view name, std::string_view value);
    Writer &number(std::string_view name, std::int64_t value);

    /** The document on one line, with its declaration. */
    std::string encode() const;

  private:
    std::string root_;
    std::string body_;
};

// ---- times (section 2.6, 2.9) -----------------------------------------------

/** "2026-9-6-T8:5:7Z", the Z meaning nothing; also "2026-05-12T09:15:30".
 *  Nothing for what is no time of the calendar, or has blanks around it. */
std::optional<WallTime> parse_time(std::string_view text) noexcept;

/** "2026-05-12-T09:15:30Z" */
std::string format_time(const WallTime &time);
/** "2026-05-12T09:15:30" */
std::string format_iso_time(const WallTime &time);

/** UtcTimezoneMinutes, perhaps printed as unsigned 32 bits; nothing outside
 *  -720 to 840. */
std::optional<int> parse_offset_minutes(std::string_view text) noexcept;
/** GMT of dialect O, to minutes: hours, with a fraction or as h:mm; nothing
 *  outside -720 to 840. */
std::optional<int> parse_gmt(std::string_view text) noexcept;

// ---- values ---------------------------------------------------------------

/** Yes, True, Y, T, 1 in any case, and their opposites. */
std::optional<bool> truth_of(std::string_view text) noexcept;

/** base64 of UTF-16LE, padded with NULs, to UTF-8 (section 2.8); it ends at
 *  the first NUL. Nothing if it is not that. */
std::optional<std::string> decode_name(std::string_view base64);
/** The inverse, cut to `most` UTF-16 units and padded with NULs to one more. */
std::string encode_name(std::string_view utf8, std::size_t most = 12);

/** base64 of 4 bytes, little-endian, or plain digits. */
std::optional<std::uint32_t> decode_card(std::string_view text);
std::string encode_card(std::uint32_t card);

} // namespace wac::xml
