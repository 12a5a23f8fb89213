// The client's side of RFC 6455 as bytes, with the examples of its sections
// 1.3 and 5.7, and every way in which a server may break it.
#include "checks.hpp"

#include "websocket_frames.hpp"

using namespace wac;
using namespace wac::sim;
using namespace std::string_literals;
using test::Checks;

namespace
{

constexpr std::string_view kKey = "dGhlIHNhbXBsZSBub25jZQ==";

std::string good_reply()
{
    return "HTTP/1.1 101 Switching Protocols\r\nupgrade: WebSocket\r\n"
           "connection:  upgrade \r\nSec-WebSocket-Accept: " +
           ws_accept(kKey);
}

/** The message, "none" or "error". */
std::string read(const std::string &bytes)
{
    WsReader reader;
    reader.feed(bytes);
    const auto next = reader.next();
    return !next ? "error" : !*next ? "none" : (*next)->payload;
}

void handshake(Checks &checks)
{
    checks.equal("accept", ws_accept(kKey), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    Endpoint to;
    to.host = "h:1";
    to.target = "/pub/chat?token=1";
    checks.equal("request", ws_request(to, kKey, {"X-A: b"}),
                 "GET /pub/chat?token=1 HTTP/1.1\r\nHost: h:1\r\n"
                 "Upgrade: websocket\r\nConnection: Upgrade\r\n"
                 "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                 "Sec-WebSocket-Version: 13\r\nX-A: b\r\n\r\n");
    checks.that(check_ws_reply(good_reply(), kKey).has_value(), "good");
    const auto refuses = [&checks](const std::string &what,
                                   const std::string &head) {
        checks.that(!check_ws_reply(head, kKey).has_value(), what);
    };
    refuses("another status", "HTTP/1.1 200 OK");
    refuses("no headers", "HTTP/1.1 101 Switching Protocols");
    refuses("another key's", good_reply() + "x");
    refuses("an extension",
            good_reply() + "\r\nSec-WebSocket-Extensions: permessage-deflate");
}

void frames_out(Checks &checks)
{
    checks.equal("masked hello", ws_frame(WsOpcode::text, "Hello", 0x37fa213d),
                 "\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58");
    checks.equal("fragment", ws_frame(WsOpcode::continuation, "", 0, false),
                 "\x00\x80\0\0\0\0"s);
    checks.equal(
        "126",
        ws_frame(WsOpcode::binary, std::string(126, 'x'), 0).substr(0, 4),
        "\x82\xfe\x00\x7e"s);
    checks.equal(
        "65536",
        ws_frame(WsOpcode::binary, std::string(65536, 'x'), 0).substr(0, 10),
        "\x82\xff\0\0\0\0\0\x01\0\0"s);
    checks.equal("close", ws_close_payload(1001), "\x03\xe9"s);
    checks.equal("its code", ws_close_code("\x03\xe9"s), 1001);
    checks.equal("none", ws_close_code(""), std::nullopt);
}

void frames_in(Checks &checks)
{
    checks.equal("hello", read("\x81\x05Hello"), "Hello");
    checks.equal("fragments", read("\x01\x03Hel\x80\x02lo"), "Hello");
    checks.equal("cut", read("\x81\x05Hell"), "none");
    checks.equal("cut head", read("\x81\x7e\x01"), "none");
    checks.equal("ping", read("\x89\x05Hello"), "Hello");
    checks.equal("256", read("\x82\x7e\x01\x00"s + std::string(256, 'y')),
                 std::string(256, 'y'));
    checks.equal("65536",
                 read("\x82\x7f\0\0\0\0\0\x01\0\0"s + std::string(65536, 'y')),
                 std::string(65536, 'y'));
}

void a_control_frame_between_fragments(Checks &checks)
{
    WsReader reader;
    const std::string bytes = "\x01\x03Hel\x89\x01!\x80\x02lo\x81\x01z";
    std::string seen;
    for (const char each : bytes) { // byte by byte
        reader.feed({&each, 1});
        const auto next = reader.next();
        if (next && *next) {
            seen += (*next)->payload + '|';
        }
    }
    checks.equal("order", seen, "!|Hello|z|");
}

void broken_frames(Checks &checks)
{
    const auto refuses = [&checks](const char *what, const std::string &bytes) {
        checks.equal(what, read(bytes), "error");
    };
    refuses("masked", "\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58");
    refuses("reserved bits", "\xc1\x05Hello");
    refuses("unknown opcode", "\x83\x01x");
    refuses("continuation of nothing", "\x80\x02lo");
    refuses("message in a message", "\x01\x03Hel\x81\x02lo");
    refuses("ping in parts", "\x09\x01x");
    refuses("long ping", "\x89\x7e\x00\x7e"s + std::string(126, 'x'));
    refuses("long length", "\x81\x7e\x00\x05Hello"s);
    refuses("no end", "\x81\x7f\xff\xff\xff\xff\xff\xff\xff\xff"s);
    refuses("too long", "\x81\x7f\0\0\0\0\x04\0\0\x01"s);
}

} // namespace

int main()
{
    const CMUnitTest tests[] = {
        cmocka_unit_test(test::unit<handshake>),
        cmocka_unit_test(test::unit<frames_out>),
        cmocka_unit_test(test::unit<frames_in>),
        cmocka_unit_test(test::unit<a_control_frame_between_fragments>),
        cmocka_unit_test(test::unit<broken_frames>),
    };
    return cmocka_run_group_tests_name("sim_websocket", tests, nullptr,
                                       nullptr);
}
