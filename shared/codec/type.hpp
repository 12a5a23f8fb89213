// The `type` JSON dialect of terminals and dashboards over WebSocket
// (cloud-json.md 6): what a frame says, and the frames that they get. Names of
// members and their values are taken in their own case only; members that
// nobody asks for are ignored. No I/O, no clock; what a message means is
// decided in proto/.
#pragma once

#include "base/bytes.hpp"
#include "base/error.hpp"
#include "codec/json.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace wac::type
{

// ---- in -------------------------------------------------------------------

enum class Verb {
    register_,
    telemetry,
    event,
    ping,
    pong,
    subscribe,
    command,
    other, // unknown
};

struct Message {
    Json object; // a JSON object, never null
    Verb verb = Verb::other;
    std::string_view type; // its name for that; a view of `object`
};

/** One frame: a JSON object with a text under "type". The bounds and the
 *  leniency are those of cloud::read_json; no string holds a NUL character.
 *  Fails with ErrorCode::malformed. */
Result<Message> decode_message(Bytes text);

/** A name that somebody chose for an event or a command: 1 to 128 characters,
 *  none of them a control character. */
bool valid_name(std::string_view name) noexcept;

/** Why a message is not taken, as the answer `error` says it. */
struct Fault {
    std::string_view code; // static text
    std::string message;
};

template <typename T>
using Read = tl::expected<T, Fault>;

/** The terminal it speaks of; "" if it names none. `malformed`: what it names
 *  can be no terminal (cloud::valid_sn). */
Read<std::string> device_id_of(const Message &message);

/** Text exactly as it is, "" if there is none. Views of the message. */
std::string_view token_of(const Message &message) noexcept;
std::string_view role_of(const Message &message) noexcept;

/** `malformed` if it is not there, or no valid_name. */
Read<std::string_view> event_type_of(const Message &message);

/** Any value; null if it is not there. */
const json_t *payload_of(const Message &message) noexcept;

/** The same as compact JSON; {} if it is not there. */
std::string payload_text(const Message &message);

/** What somebody wants to see of the live feed. */
struct Subscription {
    std::string token;                    // "" if it carries none
    std::vector<std::string> devices;     // sorted; none: all
    std::vector<std::string> types;       // likewise
    std::optional<std::int64_t> since_id; // events after this one
    std::optional<std::int64_t> since_us; // events from this time on: since
                                          // 2000 in UTC

    /** Whether it is to see such an event. Its types are types of frames and
     *  of events. */
    bool takes(std::string_view device_id, std::string_view type,
               std::string_view event_type) const noexcept;
};

inline constexpr std::size_t kMostDevices = 10000;
inline constexpr std::size_t kMostTypes = 100;

/** A `subscribe`. `bad_role`: other than admin. `bad_filter`: its `devices`
 *  (an array of device ids, or one) or `types` (device_status, telemetry,
 *  event, or event types such as attendance). `bad_since`: neither an id of
 *  the feed nor an ISO 8601 time, which is of UTC unless it has an offset. */
Read<Subscription> read_subscription(const Message &message);

/** The same of texts that came another way: a query, a command line. */
struct Since {
    std::optional<std::int64_t> id;
    std::optional<std::int64_t> us;
};
std::optional<Since> parse_since(std::string_view text) noexcept;

/** What somebody wants a terminal to do. */
struct Order {
    std::string device_id;
    std::string command;
    Json payload;   // an empty object if it carries none
    std::string id; // the orderer's own name for it: JSON text, "" for none
    bool native = false; // `command` is the terminal's own name
};

/** A `command`. `malformed` if it names no terminal or no command, or has an
 *  id of more than 1024 bytes. */
Read<Order> read_order(const Message &message);

// ---- out ------------------------------------------------------------------

/** "2026-03-02T08:00:01.250Z", from microseconds since 2000 in UTC. */
std::string format_timestamp(std::int64_t us);

std::string registered(std::string_view device_id, std::int64_t server_time_us);
std::string pong();
std::string ping();

/** One event of the live feed. `id`, by which somebody can go on after it, is
 *  left out if there is none. Payloads are JSON text and are taken as they
 *  are. */
std::string device_status(std::string_view device_id, std::string_view status,
                          std::int64_t timestamp_us,
                          std::optional<std::int64_t> id = {});
std::string telemetry(std::string_view device_id, std::string_view payload,
                      std::int64_t timestamp_us,
                      std::optional<std::int64_t> id = {});
std::string event(std::string_view device_id, std::string_view event_type,
                  std::string_view payload, std::int64_t timestamp_us,
                  std::optional<std::int64_t> id = {});

/** For a terminal. `payload` and `id` are JSON text; `id` "" for none. */
std::string command(std::string_view command, std::string_view payload,
                    std::string_view device_id, std::string_view id);

/** What an error is about; empty: not said. */
struct ErrorSubject {
    std::string_view device_id{};
    std::string_view command{};
    std::string_view id{}; // JSON text
};
std::string error(std::string_view code, std::string_view message,
                  const ErrorSubject &about = {});

} // namespace wac::type
