// RFC 6455 from the client's side, as bytes: the handshake, frames out, frames
// in. Deliberately not libwebsockets, which the worker uses: a bug that both
// ends share would not show. It knows no sockets.
#pragma once

#include "base/error.hpp"
#include "endpoint.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace wac::sim
{

enum class WsOpcode : std::uint8_t {
    continuation = 0,
    text = 1,
    binary = 2,
    close = 8,
    ping = 9,
    pong = 10,
};

/** A control frame, or a whole message. */
struct WsMessage {
    WsOpcode opcode = WsOpcode::text;
    std::string payload;
};

/** What asks for the upgrade. `key` is the base64 of 16 bytes; `headers` are
 *  whole lines without their ends. */
std::string ws_request(const Endpoint &to, std::string_view key,
                       const std::vector<std::string> &headers);

/** What a server answers to a key. */
std::string ws_accept(std::string_view key);

/** Whether this reply, up to and without its empty line, is the upgrade. */
Result<void> check_ws_reply(std::string_view head, std::string_view key);

/** One masked frame. */
std::string ws_frame(WsOpcode opcode, std::string_view payload,
                     std::uint32_t mask, bool final = true);

/** A close frame's payload. */
std::string ws_close_payload(std::uint16_t code);

/** The code in a close frame's payload; nothing: it gives none. */
std::optional<std::uint16_t> ws_close_code(std::string_view payload);

/** Reads a server's frames, joins fragments, and is strict about all that a
 *  server must not do. */
class WsReader
{
  public:
    void feed(std::string_view bytes) { buffer_.append(bytes); }

    /** The next message or control frame that is whole. An error is final. */
    Result<std::optional<WsMessage>> next();

    /** Above any command; a server that sends more is stopped. */
    static constexpr std::size_t kLargest = 64U << 20;

  private:
    struct Head {
        bool final;
        WsOpcode opcode;
        std::size_t size; // of the head
        std::uint64_t length;
    };

    Result<std::optional<Head>> head() const;
    Result<void> check(const Head &head) const;
    std::optional<WsMessage> take(const Head &head);

    std::string buffer_;
    std::size_t read_ = 0;               // of buffer_
    std::optional<WsMessage> fragments_; // of a message that goes on
};

} // namespace wac::sim
