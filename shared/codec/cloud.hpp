// The cmd/ret JSON dialect of terminals, over HTTP (CloudSolution 3.0) and
// WebSocket (cloud-json.md): a lenient reader for what firmware sends, a
// strict writer for what it gets. No I/O, no clock; what a message means is
// decided in proto/.
#pragma once

#include "base/bytes.hpp"
#include "base/error.hpp"
#include "base/wall_time.hpp"
#include "codec/json.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace wac::cloud
{

// ---- in -------------------------------------------------------------------

/** Bounds of one message: values of any kind in it, and their nesting. The
 *  length in bytes is bounded by the transport. */
inline constexpr std::size_t kMostValues = 200000;
inline constexpr std::size_t kDeepest = 32;

/** JSON text as terminals write it (section 1.3) to a value: trailing commas,
 *  numbers with leading zeros or out of range (they become strings), white
 *  space and NULs around it and bytes that are not UTF-8 (they become U+FFFD)
 *  are taken; a key twice: the last one counts. Never holds a NUL character
 *  in a string. Fails with ErrorCode::malformed. */
Result<Json> read_json(Bytes text);

/** What kind of frame it is, by its keys. A frame with both is a command. */
enum class Kind {
    command, // has "cmd": the terminal wants an answer
    reply,   // has "ret": an answer to a command of ours
    neither,
};

struct Message {
    Json object; // a JSON object, never null
    Kind kind = Kind::neither;
    std::string name; // value of cmd or ret, without blanks around it
    std::string sn;   // "" if it has none
};

/** One frame. Fails if it is no JSON object. */
Result<Message> decode_message(Bytes text);

/** A member by its name, ignoring case and blanks around the key as written
 *  by the terminal; null if absent. The exact key is found first, else the
 *  last one. */
const json_t *field(const json_t *object, std::string_view name) noexcept;

/** An integer, a real without a fraction below 2^53, or text that is one. */
std::optional<std::int64_t> integer_of(const json_t *value) noexcept;

/** Number or text that is one. */
std::optional<double> number_of(const json_t *value) noexcept;

/** Text without blanks around it; a number as decimal text; "" for anything
 *  else, null included. */
std::string text_of(const json_t *value);

/** A string exactly as it is; "" for anything else. Borrowed. */
std::string_view verbatim_of(const json_t *value) noexcept;

/** true, 1 and "true" or "1", and their opposites. */
std::optional<bool> truth_of(const json_t *value) noexcept;

/** The text without blanks and line ends around it. */
std::string_view trim(std::string_view text) noexcept;

/** A serial number that can be one: 1 to 64 printable ASCII characters
 *  without blanks, quotes, backslashes. */
bool valid_sn(std::string_view sn) noexcept;

// ---- times ----------------------------------------------------------------

/** How a peer writes times: "2026-03-02 08:00:01" or "2026-03-02T08:00:01",
 *  the latter as an instant in UTC with a Z when we write it. */
enum class TimeStyle { blank, iso };

struct TimeText {
    WallTime wall;                   // as printed
    std::optional<int> utc_offset_s; // of "Z" or "+hh:mm" behind it
    TimeStyle style = TimeStyle::blank;
};

/** Both styles, month, day and hour also without a leading zero, a fraction
 *  of a second dropped. Nothing for what is no time of the calendar. */
std::optional<TimeText> parse_time(std::string_view text) noexcept;

/** "2026-03-02 08:00:01" or "2026-03-02T08:00:01Z". */
std::string format_time(const WallTime &time, TimeStyle style);

// ---- out ------------------------------------------------------------------

/** A value as compact JSON, as it was received: keys in their order, reals
 *  with the fewest digits that mean the same. `omitted` is a member, known by
 *  its address, to leave out. */
std::string write_json(const json_t *value, const json_t *omitted = nullptr);

/** An answer, its keys in the order in which they were added, "ret" and
 *  "result" first. */
class Reply
{
  public:
    Reply(std::string_view ret, bool result);

    /** What is not UTF-8 in it becomes U+FFFD. */
    Reply &text(const char *key, std::string_view value);
    Reply &number(const char *key, std::int64_t value);
    Reply &flag(const char *key, bool value);
    /** A value as it was received; absent if null. */
    Reply &echo(const char *key, const json_t *value);

    /** Compact and strictly valid JSON. */
    std::string encode() const;

  private:
    Json object_;
};

} // namespace wac::cloud
