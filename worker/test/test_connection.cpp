// Connections through the real libwebsockets on the real loop, with sessions
// of the test's own.
#include "checks.hpp"

#include "server.hpp"
#include "web_client.hpp"

#include <algorithm>
#include <vector>

using namespace wac;
using namespace wac::worker;
using namespace wac::test;

namespace
{

/** What sessions saw, and how they are to behave. */
struct Script {
    std::vector<std::string> messages;
    std::vector<Peer *> peers;
    int alive = 0;
    bool registered = true;
    std::function<void(Peer &, const std::string &)> act;
};

class ScriptedSession final : public Session
{
  public:
    ScriptedSession(Script &script, Peer &peer) : script_(script), peer_(peer)
    {
        ++script_.alive;
        script_.peers.push_back(&peer);
    }
    ~ScriptedSession() override { --script_.alive; }

    void on_message(std::string message) noexcept override
    {
        script_.messages.push_back(message);
        if (script_.act) {
            script_.act(peer_, message);
        } else {
            peer_.send("re:" + message);
        }
    }

    void drain() noexcept override
    {
        peer_.send("last words");
        peer_.close(CloseCode::going_away, "restart");
    }

    bool registered() const noexcept override { return script_.registered; }

  private:
    Script &script_;
    Peer &peer_;
};

struct Lines final : Log {
    void write(LogLevel, std::string_view line) noexcept override
    {
        lines.emplace_back(line);
    }
    bool say(const char *part) const
    {
        return std::any_of(lines.begin(), lines.end(),
                           [part](const std::string &line) {
                               return line.find(part) != line.npos;
                           });
    }
    std::vector<std::string> lines;
};

struct Bench {
    explicit Bench(const ConnectionLimits &limits = {},
                   std::size_t max_connections = 10)
        : server(loop, log, swept_often(limits), max_connections,
                 [this](std::string_view first,
                        Peer &peer) -> std::unique_ptr<Session> {
                     return first.starts_with("junk")
                                ? nullptr
                                : std::make_unique<ScriptedSession>(script,
                                                                    peer);
                 })
    {
        started = server.start().has_value();
    }

    static ConnectionLimits swept_often(ConnectionLimits limits)
    {
        limits.sweep_ms = 2;
        return limits;
    }

    WebClient client()
    {
        return {loop, [this](int fd) { server.on_connection(fd); }};
    }

    WebClient connected(const std::string &headers = "")
    {
        WebClient made = client();
        started = made.shake_hands(headers) && started;
        return made;
    }

    Lines log;
    LoopUv loop;
    Script script;
    bool started = false;
    Server server;
};

void messages_of_all_shapes(Checks &checks)
{
    Bench bench;
    WebClient client = bench.connected("X-Real-IP: 10.1.2.3\r\n");
    client.send(op_text, "one");
    checks.equal("text", client.receive_frame().payload, "re:one");
    client.send(op_binary, "two");
    const Frame answer = client.receive_frame();
    checks.equal("binary", answer.payload, "re:two");
    checks.equal("answered as text", answer.opcode, op_text);
    client.send(op_text, "th", false);
    client.send(op_ping, "between");
    client.send(op_continuation, "re", false);
    client.send(op_continuation, "e");
    const Frame pong = client.receive_frame();
    checks.equal("pong", pong.opcode, op_pong);
    checks.equal("its data", pong.payload, "between");
    checks.equal("fragments", client.receive_frame().payload, "re:three");
    const std::string large(300000, 'x');
    client.send(op_text, large);
    checks.that(client.receive_frame().payload == "re:" + large, "large");
    client.send(op_text, "\xff\xfe");
    checks.equal("no UTF-8", client.receive_frame().payload, "re:\xff\xfe");
    checks.equal("address", bench.script.peers.at(0)->address(), "10.1.2.3");
    checks.equal("one session", bench.script.peers.size(), 1U);
    checks.that(bench.started, "started");
}

void the_client_closes(Checks &checks)
{
    Bench bench;
    WebClient polite = bench.connected();
    polite.send(op_text, "x");
    polite.receive_frame();
    polite.send(op_close, "\x03\xe8");
    checks.equal("echoed", polite.receive_frame().close_code(), 1000);
    checks.that(polite.gone(), "gone");
    checks.equal("session destroyed", bench.script.alive, 0);

    WebClient rude = bench.connected();
    rude.send(op_text, "x");
    checks.equal("session", bench.script.alive, 1);
    rude.hang_up();
    while (bench.script.alive > 0) {
        bench.loop.run_once();
    }
    checks.equal("no connections", bench.server.connections(), 0U);
}

void too_large(Checks &checks)
{
    ConnectionLimits limits;
    limits.message_bytes = 1000;
    Bench bench(limits);
    WebClient client = bench.connected();
    client.send(op_text, std::string(1000, 'x'));
    checks.equal("just fits", client.receive_frame().payload.size(), 1003U);
    client.send(op_text, std::string(600, 'x'), false);
    client.send(op_continuation, std::string(401, 'x'));
    checks.equal("code", client.receive_frame().close_code(), 1009);
    client.send(op_text, "after");
    client.send(op_close, "\x03\xf1");
    checks.that(client.gone(), "gone");
    checks.equal("never delivered", bench.script.messages.size(), 1U);
}

// ten bytes of a frame that claims 2^40
void a_claim_is_enough(Checks &checks)
{
    Bench bench;
    WebClient client = bench.connected();
    const char head[] = "\x81\xff\0\0\x01\0\0\0\0\0\0\0\0\0ten bytes.";
    client.write({head, sizeof head - 1});
    checks.equal("code", client.receive_frame().close_code(), 1009);
}

void unknown_dialects(Checks &checks)
{
    ConnectionLimits limits;
    limits.unknown_messages = 3;
    Bench bench(limits);
    WebClient changed = bench.connected();
    changed.send(op_text, "junk");
    changed.send(op_text, "known");
    checks.equal("then one that is", changed.receive_frame().payload,
                 "re:known");
    WebClient client = bench.connected();
    client.send(op_text, "junk 1");
    client.send(op_text, "junk 2");
    client.send(op_text, "junk 3");
    checks.equal("code", client.receive_frame().close_code(), 1003);
    checks.that(bench.log.say("no dialect"), "logged");
}

void a_session_closes(Checks &checks)
{
    Bench bench;
    bench.script.act = [](Peer &peer, const std::string &) {
        peer.send("first");
        peer.close(CloseCode::policy, "because");
        peer.send("never");
        peer.close(CloseCode::normal, "again");
    };
    WebClient client = bench.connected();
    client.send(op_text, "x");
    client.send(op_text, "ignored");
    checks.equal("what was queued", client.receive_frame().payload, "first");
    const Frame end = client.receive_frame();
    checks.equal("code", end.close_code(), 1008);
    checks.equal("reason", end.payload.substr(2), "because");
    checks.equal("waits for the answer", bench.script.alive, 1);
    client.send(op_close, "\x03\xf0");
    checks.that(client.gone(), "gone");
    checks.equal("one message", bench.script.messages.size(), 1U);
    checks.equal("session", bench.script.alive, 0);
}

void no_answer_to_a_close(Checks &checks)
{
    ConnectionLimits limits;
    limits.close_timeout_ms = 1;
    Bench bench(limits);
    bench.script.act = [](Peer &peer, const std::string &) {
        peer.close(CloseCode::policy, "because");
    };
    WebClient client = bench.connected();
    client.send(op_text, "x");
    while (bench.server.connections() > 0) {
        bench.loop.run_once();
    }
    checks.equal("killed", bench.script.alive, 0);
    checks.equal("after the close frame", client.receive_frame().close_code(),
                 1008);
}

void a_session_holds(Checks &checks)
{
    Bench bench;
    bench.script.act = [](Peer &peer, const std::string &message) {
        peer.send(message);
        if (message == "hold") {
            peer.hold(true);
        }
    };
    WebClient client = bench.connected();
    client.send(op_text, "hold");
    client.send(op_text, "2");
    client.send(op_text, std::string(50000, '3'));
    checks.equal("first", client.receive_frame().payload, "hold");
    for (int i = 0; i < 100; ++i) {
        client.turn();
    }
    checks.equal("held", bench.script.messages.size(), 1U);
    bench.script.peers.at(0)->hold(false);
    checks.equal("second", client.receive_frame().payload, "2");
    checks.equal("third", client.receive_frame().payload.size(), 50000U);
}

void a_reader_that_does_not_read(Checks &checks)
{
    ConnectionLimits limits;
    limits.queued_messages = 8;
    limits.queued_bytes = 1U << 20;
    Bench bench(limits);
    int sent = 0;
    bench.script.act = [&sent](Peer &peer, const std::string &) {
        for (; sent < 20; ++sent) {
            peer.send(std::string(100000, 'x'));
        }
    };
    WebClient client = bench.connected();
    client.send(op_text, "x");
    while (bench.server.connections() > 0) {
        bench.loop.run_once();
    }
    checks.equal("all were said", sent, 20);
    checks.that(bench.log.say("does not take"), "logged");
}

void a_slow_reader_gets_all(Checks &checks)
{
    Bench bench;
    bench.script.act = [](Peer &peer, const std::string &) {
        for (int i = 0; i < 20; ++i) {
            peer.send(std::string(100000, static_cast<char>('a' + i)));
        }
    };
    WebClient client = bench.connected();
    client.send(op_text, "x");
    std::size_t whole = 0;
    for (int i = 0; i < 20; ++i) {
        const std::string payload = client.receive_frame().payload;
        whole += payload == std::string(100000, static_cast<char>('a' + i));
    }
    checks.equal("in order", whole, 20U);
}

void who_does_not_register(Checks &checks)
{
    ConnectionLimits limits;
    limits.register_timeout_ms = 1;
    Bench bench(limits);
    bench.script.registered = false;
    WebClient silent = bench.connected();
    WebClient talking = bench.connected();
    talking.send(op_text, "x");
    checks.equal("answered", talking.receive_frame().payload, "re:x");
    while (!bench.log.say("did not register")) {
        bench.loop.run_once();
    }
    checks.equal("silent", silent.receive_frame().close_code(), 1008);
    checks.equal("talking", talking.receive_frame().close_code(), 1008);
}

void idle_limit(Checks &checks)
{
    ConnectionLimits limits;
    limits.idle_limit_ms = 1;
    Bench bench(limits);
    WebClient client = bench.connected();
    client.send(op_text, "x");
    checks.equal("answered", client.receive_frame().payload, "re:x");
    while (!bench.log.say("silent")) {
        bench.loop.run_once();
    }
    checks.equal("code", client.receive_frame().close_code(), 1000);
}

/** Every sweep pings. */
ConnectionLimits pinging()
{
    ConnectionLimits limits;
    limits.ping_interval_ms = 1;
    limits.unanswered_pings = 1;
    return limits;
}

Frame next_frame(Bench &bench, WebClient &client)
{
    Frame frame;
    while ((frame = client.receive_frame()).opcode < 0 && !client.gone()) {
        bench.loop.run_once();
    }
    return frame;
}

void pings(Checks &checks)
{
    Bench bench(pinging());
    WebClient mute = bench.connected();
    mute.send(op_text, "x");
    mute.receive_frame();
    for (int i = 0; i < 3; ++i) {
        checks.equal("a mute one is kept", next_frame(bench, mute).opcode,
                     op_ping);
    }
    mute.send(op_pong, "wac");
    while (!bench.log.say("answers pings no more")) {
        bench.loop.run_once();
    }
    Frame last;
    while ((last = next_frame(bench, mute)).opcode == op_ping) {
    }
    checks.equal("one that answered is not", last.close_code(), 1011);
}

void draining(Checks &checks)
{
    Bench bench;
    WebClient talking = bench.connected();
    talking.send(op_text, "x");
    talking.receive_frame();
    WebClient silent = bench.connected();
    bench.server.drain();
    checks.equal("session's way", talking.receive_frame().payload,
                 "last words");
    checks.equal("code", talking.receive_frame().close_code(), 1001);
    checks.equal("without one", silent.receive_frame().close_code(), 1001);
    WebClient late = bench.client();
    checks.that(late.gone(), "no new ones");
    talking.send(op_close, "\x03\xe9");
    silent.send(op_close, "\x03\xe9");
    while (bench.server.connections() > 0) {
        bench.loop.run_once();
    }
    checks.equal("sessions", bench.script.alive, 0);
}

void stopping_ends_all(Checks &checks)
{
    Bench bench;
    WebClient client = bench.connected();
    client.send(op_text, "x");
    WebClient half = bench.client();
    half.write("GET / HTT");
    bench.server.stop();
    checks.equal("sessions", bench.script.alive, 0);
    checks.that(half.gone(), "half a handshake");
}

void too_many(Checks &checks)
{
    Bench bench({}, 2);
    WebClient first = bench.connected();
    WebClient second = bench.connected();
    WebClient third = bench.client();
    checks.that(third.gone(), "third");
    checks.that(bench.log.say("--max-connections"), "logged");
    first.hang_up();
    while (bench.server.connections() > 1) {
        bench.loop.run_once();
    }
    checks.that(bench.client().shake_hands(), "room again");
}

void plain_http(Checks &checks)
{
    Bench bench;
    WebClient client = bench.client();
    client.write("GET /ws HTTP/1.1\r\nHost: x\r\n\r\n");
    checks.that(client.read_until("\r\n\r\n").starts_with("HTTP/1.1 426"),
                "status");
    checks.equal("body", client.read_until("\n"), "WebSocket only\n");
    checks.that(client.gone(), "closed");
    WebClient other = bench.client();
    other.write("GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\n"
                "Upgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n\r\n");
    checks.that(other.read_until("\r\n").find(" 426") != std::string::npos,
                "no HTTP/2");
}

} // namespace

int main()
{
    const CMUnitTest tests[] = {
        cmocka_unit_test(test::unit<messages_of_all_shapes>),
        cmocka_unit_test(test::unit<the_client_closes>),
        cmocka_unit_test(test::unit<too_large>),
        cmocka_unit_test(test::unit<a_claim_is_enough>),
        cmocka_unit_test(test::unit<unknown_dialects>),
        cmocka_unit_test(test::unit<a_session_closes>),
        cmocka_unit_test(test::unit<no_answer_to_a_close>),
        cmocka_unit_test(test::unit<a_session_holds>),
        cmocka_unit_test(test::unit<a_reader_that_does_not_read>),
        cmocka_unit_test(test::unit<a_slow_reader_gets_all>),
        cmocka_unit_test(test::unit<who_does_not_register>),
        cmocka_unit_test(test::unit<idle_limit>),
        cmocka_unit_test(test::unit<pings>),
        cmocka_unit_test(test::unit<draining>),
        cmocka_unit_test(test::unit<stopping_ends_all>),
        cmocka_unit_test(test::unit<too_many>),
        cmocka_unit_test(test::unit<plain_http>),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
