#include "websocket_frames.hpp"

#include "base/text.hpp"
#include "base64.hpp"

#include <array>
#include <openssl/evp.h>

namespace wac::sim
{

namespace
{

constexpr std::size_t kLargestControl = 125;

tl::unexpected<Error> malformed(std::string text)
{
    return failure(ErrorCode::malformed, std::move(text));
}

unsigned octet(char c)
{
    return static_cast<unsigned char>(c);
}

/** The value of a header; the last if there are several. */
std::string_view header(std::string_view head, std::string_view name)
{
    std::string_view value;
    for (std::size_t at = head.find("\r\n"); at != head.npos;
         at = head.find("\r\n", at + 2)) {
        const std::string_view line =
            head.substr(at + 2, head.find("\r\n", at + 2) - at - 2);
        const std::size_t colon = std::min(line.find(':'), line.size());
        if (equals_ignoring_case(line.substr(0, colon), name)) {
            value = line.substr(std::min(colon + 1, line.size()));
            value.remove_prefix(
                std::min(value.find_first_not_of(" \t"), value.size()));
            value = value.substr(0, value.find_last_not_of(" \t") + 1);
        }
    }
    return value;
}

} // namespace

// ---- the handshake ---------------------------------------------------------

std::string ws_request(const Endpoint &to, std::string_view key,
                       const std::vector<std::string> &headers)
{
    std::string request = "GET " + to.target + " HTTP/1.1\r\nHost: " + to.host +
                          "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                          "Sec-WebSocket-Key: " +
                          std::string(key) +
                          "\r\nSec-WebSocket-Version: 13\r\n";
    for (const std::string &line : headers) {
        request += line + "\r\n";
    }
    return request + "\r\n";
}

std::string ws_accept(std::string_view key)
{
    const std::string text =
        std::string(key) + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha1(),
               nullptr);
    return base64({reinterpret_cast<const char *>(digest.data()), size});
}

Result<void> check_ws_reply(std::string_view head, std::string_view key)
{
    const std::string status(head.substr(0, head.find("\r\n")));
    if (!status.starts_with("HTTP/1.1 101")) {
        return malformed("no upgrade: " + status);
    }
    if (!equals_ignoring_case(header(head, "Upgrade"), "websocket") ||
        !equals_ignoring_case(header(head, "Connection"), "upgrade")) {
        return malformed("101 without the upgrade's headers");
    }
    if (header(head, "Sec-WebSocket-Accept") != ws_accept(key)) {
        return malformed("a wrong Sec-WebSocket-Accept");
    }
    if (!header(head, "Sec-WebSocket-Extensions").empty() ||
        !header(head, "Sec-WebSocket-Protocol").empty()) {
        return malformed("an extension or protocol that nobody asked for");
    }
    return {};
}

// ---- out -------------------------------------------------------------------

std::string ws_frame(WsOpcode opcode, std::string_view payload,
                     std::uint32_t mask, bool final)
{
    constexpr unsigned kMasked = 0x80;
    const auto byte = [](std::uint64_t value) {
        return static_cast<char>(value & 0xff);
    };
    const std::uint64_t length = payload.size();
    std::string frame;
    frame.reserve(length + 14);
    frame += byte((final ? 0x80U : 0U) | static_cast<unsigned>(opcode));
    const unsigned width = length < 126 ? 0 : length <= 0xffff ? 2 : 8;
    frame += byte(kMasked | (width == 0   ? length
                             : width == 2 ? std::uint64_t{126}
                                          : std::uint64_t{127}));
    for (unsigned i = width; i > 0; --i) {
        frame += byte(length >> (8 * (i - 1)));
    }
    std::array<char, 4> key{};
    for (unsigned i = 0; i < key.size(); ++i) {
        key.at(i) = byte(mask >> (24 - 8 * i));
        frame += key.at(i);
    }
    for (std::size_t i = 0; i < payload.size(); ++i) {
        frame += byte(octet(payload[i]) ^ octet(key.at(i % 4)));
    }
    return frame;
}

std::string ws_close_payload(std::uint16_t code)
{
    return {static_cast<char>(code >> 8), static_cast<char>(code & 0xff)};
}

std::optional<std::uint16_t> ws_close_code(std::string_view payload)
{
    if (payload.size() < 2) {
        return std::nullopt;
    }
    return static_cast<std::uint16_t>(octet(payload[0]) << 8 |
                                      octet(payload[1]));
}

// ---- in --------------------------------------------------------------------

Result<std::optional<WsReader::Head>> WsReader::head() const
{
    const std::string_view bytes = std::string_view(buffer_).substr(read_);
    if (bytes.size() < 2) {
        return std::nullopt;
    }
    const unsigned first = octet(bytes[0]);
    const unsigned second = octet(bytes[1]);
    if ((first & 0x70) != 0) {
        return malformed("a frame with reserved bits");
    }
    if ((second & 0x80) != 0) {
        return malformed("a masked frame from a server");
    }
    const unsigned code = second & 0x7f;
    const unsigned width = code == 127 ? 8 : code == 126 ? 2 : 0;
    if (bytes.size() < 2 + width) {
        return std::nullopt;
    }
    std::uint64_t length = width == 0 ? code : 0;
    for (unsigned i = 0; i < width; ++i) {
        length = length << 8 | octet(bytes[2 + i]);
    }
    if ((width == 2 && length < 126) || (width == 8 && length <= 0xffff)) {
        return malformed("a length in more bytes than it needs");
    }
    const Head head{(first & 0x80) != 0, static_cast<WsOpcode>(first & 0x0f),
                    2 + width, length};
    const auto checked = check(head);
    if (!checked) {
        return tl::make_unexpected(checked.error());
    }
    return head;
}

Result<void> WsReader::check(const Head &head) const
{
    switch (head.opcode) {
    case WsOpcode::close:
    case WsOpcode::ping:
    case WsOpcode::pong:
        return head.final && head.length <= kLargestControl
                   ? Result<void>{}
                   : malformed("a control frame that is long, or in parts");
    case WsOpcode::continuation:
        if (!fragments_) {
            return malformed("the continuation of nothing");
        }
        break;
    case WsOpcode::text:
    case WsOpcode::binary:
        if (fragments_) {
            return malformed("a message inside another");
        }
        break;
    default:
        return malformed("an unknown opcode");
    }
    const std::uint64_t before = fragments_ ? fragments_->payload.size() : 0;
    return head.length > kLargest - before
               ? Result<void>(malformed("a message without an end"))
               : Result<void>{};
}

std::optional<WsMessage> WsReader::take(const Head &head)
{
    std::string payload = buffer_.substr(read_ + head.size, head.length);
    read_ += head.size + head.length;
    if (read_ == buffer_.size()) {
        buffer_.clear();
        read_ = 0;
    }
    if (head.opcode >= WsOpcode::close) {
        return WsMessage{head.opcode, std::move(payload)};
    }
    if (!fragments_) {
        fragments_ = WsMessage{head.opcode, {}};
    }
    fragments_->payload += payload;
    if (!head.final) {
        return std::nullopt;
    }
    auto whole = std::move(fragments_);
    fragments_.reset();
    return whole;
}

Result<std::optional<WsMessage>> WsReader::next()
{
    for (;;) {
        const auto found = head();
        if (!found) {
            return tl::make_unexpected(found.error());
        }
        if (!*found ||
            buffer_.size() - read_ - (*found)->size < (*found)->length) {
            buffer_.erase(0, read_);
            read_ = 0;
            return std::nullopt;
        }
        auto message = take(**found);
        if (message) {
            return message;
        }
    }
}

} // namespace wac::sim
