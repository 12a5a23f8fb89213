"""Connections of the cloud dialect that are no use, and peers that do not do
their part: strangers, garbage, too much, too slow, no pongs. The others are
served meanwhile."""

import json
import socket
import threading

import pytest
from websockets.exceptions import InvalidState

from wac import cloud, websocket
from wac.cloud import punch, reg, sendlog
from wac.raw_websocket import CLOSE, PING, PONG, TEXT, RawWebSocket

# A worker that ends a connection before its handshake is not to be passed
# over for it (max_fails=0): a stranger could take all workers away. The other
# port has small buffers.
CONF = """
%%TEST_GLOBALS%%
events { }
http {
    %%TEST_GLOBALS_HTTP%%
    upstream workers {
        server unix:%%FIRST%% max_fails=0;
        server unix:%%SECOND%% max_fails=0;
    }
    proxy_http_version 1.1;
    proxy_set_header Upgrade $http_upgrade;
    proxy_set_header Connection upgrade;
    proxy_set_header Sec-WebSocket-Protocol "";
    proxy_read_timeout 1h;
    server {
        listen 127.0.0.1:%%PORT%%;
        location / { proxy_pass http://workers; }
        location /first { proxy_pass http://unix:%%FIRST%%:/; }
    }
    server {
        listen 127.0.0.1:%%PORT2%% sndbuf=4k rcvbuf=4k;
        location / {
            proxy_pass http://unix:%%FIRST%%;
            proxy_buffer_size 2k;
        }
    }
}
"""

SN = "ZX0006800001"


@pytest.fixture(scope="module")
def served(module_pair):
    return module_pair(CONF)


@pytest.fixture
def database(served):
    return served.emptied()


def rows(database):
    return database.count("wac_attendance_logs")


# ---- connections that are no use -------------------------------------------

def test_never_registered(own):
    served = own(register_timeout="2s")  # which the terminal must keep to
    with served.connect() as silent, served.connect() as busy, \
            served.terminal(SN) as terminal:
        busy.send('{"cmd":"heartbeat","sn":""}')
        assert silent.wait_closed() == 1008
        assert busy.wait_closed() == 1008
        assert terminal.punch()["result"] is True
        assert terminal.connection.open


def test_another_sn_on_the_connection(served, database):
    database.add_device("OTHER", protocol="cloud")
    with served.terminal(SN) as terminal:
        terminal.send(sendlog("OTHER", [punch()]))
        reply = terminal.reply()
        assert (reply["ret"], reply["result"]) == ("sendlog", False)
        assert terminal.connection.wait_closed() == 1008
    assert rows(database) == 0
    served.wait_offline(SN)
    assert database.device("OTHER")["status"] == "offline"


def test_garbage(served, database):
    """Twenty in a row; a good frame in between is forgiveness."""
    with served.terminal(SN) as terminal:
        for _ in range(19):
            terminal.send("hello")
        assert terminal.punch()["result"] is True
        for _ in range(19):
            terminal.send(b"\x00\xff\xfe")
        assert terminal.punch()["result"] is True
        for _ in range(20):
            terminal.send("[]")
        assert terminal.connection.wait_closed() == 1003


def test_too_large(own):
    served = own(max_message="64k")
    with served.terminal(SN) as terminal, served.terminal("OTHER") as other:
        frame = sendlog(SN, [punch(image="A" * 60000)])
        assert terminal.ask(frame)["result"] is True
        terminal.send(sendlog(SN, [punch(number=2, image="A" * 66000)]))
        assert terminal.connection.wait_closed() == 1009
        assert other.punch()["result"] is True
    assert rows(served.database) == 2


def test_large_in_fragments(own):
    """Each of them may be small."""
    served = own(max_message="64k")
    with served.terminal(SN) as terminal:
        # the latter is the library's, closed in the midst of a message
        with pytest.raises((websocket.Closed, InvalidState)):
            for _ in range(100):
                terminal.connection.send(["A" * 1000] * 100)
        assert terminal.connection.wait_closed() == 1009


def test_binary_and_fragments(served, database):
    with served.terminal(SN) as terminal:
        texts = [cloud.compact(sendlog(SN, [punch(number=number)]))
                 for number in range(4)]
        terminal.send(texts[0].encode())
        assert terminal.reply()["result"] is True
        terminal.send(list(texts[1]))  # a character each
        assert terminal.reply()["result"] is True
        text = texts[2].encode()
        terminal.send([text[:10], b"", text[10:]])
        assert terminal.reply()["result"] is True
        long = sendlog(SN, [punch(number=5, image="A" * 3000000)])
        whole = cloud.compact(long)
        terminal.send([whole[at:at + 100000]
                       for at in range(0, len(whole), 100000)])
        assert terminal.reply()["result"] is True
    assert rows(database) == 4


def test_a_ping_between_fragments(served, database):
    text = cloud.compact(reg(SN))
    with RawWebSocket(served.nginx.port) as raw:
        raw.send(text[:20], TEXT, final=False)
        raw.send(b"are you there", PING)
        assert raw.next(PONG) == b"are you there"
        raw.send(text[20:], opcode=0)
        assert json.loads(raw.next(TEXT))["result"] is True


def test_cut_inside_a_frame(served, database):
    with RawWebSocket(served.nginx.port) as raw:
        raw.send(cloud.compact(reg(SN)))
        assert json.loads(raw.next(TEXT))["result"] is True
        frame = raw.frame(cloud.compact(sendlog(SN, [punch()])).encode())
        raw.socket.sendall(frame[:-5])
    served.wait_offline(SN)
    assert rows(database) == 0


def test_not_a_websocket(served):
    """Such as a browser that looks what is there."""
    import requests
    reply = requests.get(f"http://127.0.0.1:{served.nginx.port}/ws",
                         timeout=15)
    assert reply.status_code == 426


# ---- peers that do not do their part ---------------------------------------

def test_slow_reader(served, database):
    """It asks and does not read: nothing more is read from it, the others are
    served, and when it reads again it has missed nothing."""
    frames = [RawWebSocket.frame(cloud.compact(
        {"cmd": "x", "sn": "SLOW", "n": number}).encode())
        for number in range(50)]
    asked, enough = [0], threading.Event()

    def ask():
        while not enough.is_set():
            asked[0] += len(frames)
            slow.socket.sendall(b"".join(frames))

    asking = threading.Thread(target=ask, daemon=True)
    with RawWebSocket(served.nginx.ports["PORT2"],
                      receive_buffer=2048) as slow:
        # what waits here is read in the end: megabytes, where the kernel
        # is left to choose
        slow.socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        slow.send(cloud.compact(reg("SLOW")))
        assert json.loads(slow.next(TEXT))["result"] is True
        with served.terminal(SN, "/first") as other:
            asking.start()
            punches = since_last = stored = 0
            while since_last < 100:  # of the other's, and none of its own
                punches += 1
                assert other.punch(number=punches)["result"] is True
                before, stored = stored, database.count("wac_events")
                since_last = since_last + 1 if stored == before > 0 else 0
        enough.set()
        answered = 0
        while asking.is_alive() or answered < asked[0]:
            if answered == asked[0]:
                asking.join(1)
                continue
            assert json.loads(slow.next(TEXT))["ret"] == "x"
            answered += 1
    assert database.count("wac_events") == answered == asked[0]
    assert rows(database) == punches


def test_pings_may_be_ignored(own):
    """Many terminals do not answer them."""
    served = own(ping="100ms")
    with RawWebSocket(served.nginx.port) as raw:
        raw.send(cloud.compact(reg(SN)))
        for _ in range(6):
            raw.next(PING)
        raw.send(cloud.compact(sendlog(SN, [punch()])))
        assert json.loads(raw.next(TEXT))["result"] is True
    assert rows(served.database) == 1


def test_pings_no_longer_answered(own):
    """By one that did: it has gone without a word."""
    served = own(ping="100ms")
    with RawWebSocket(served.nginx.port) as raw:
        raw.send(cloud.compact(reg(SN)))
        raw.send(raw.next(PING), PONG)
        assert raw.next(CLOSE)[:2] == (1011).to_bytes(2, "big")
    served.wait_offline(SN)


def test_idle_limit(own):
    served = own(idle_limit="500ms")
    with served.terminal(SN) as terminal:
        assert terminal.connection.wait_closed() == 1000
    served.wait_offline(SN)


# ---- handshakes ------------------------------------------------------------

KEY = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="
HANDSHAKES = {
    "no key": ["Sec-WebSocket-Version: 13"],
    "no version": [KEY],
    "another version": [KEY, "Sec-WebSocket-Version: 12"],
    "a short key": ["Sec-WebSocket-Key: x", "Sec-WebSocket-Version: 13"],
    "a subprotocol": [KEY, "Sec-WebSocket-Version: 13",
                      "Sec-WebSocket-Protocol: chat"],
    "an extension": [KEY, "Sec-WebSocket-Version: 13",
                     "Sec-WebSocket-Extensions: permessage-deflate; x=\"1\""],
    "long headers": [KEY, "Sec-WebSocket-Version: 13",
                     f"X-Long: {'x' * 7000}", f"Origin: {'y' * 7000}"],
    "many headers": [KEY, "Sec-WebSocket-Version: 13",
                     *(f"X-{number}: {number}" for number in range(300))],
    "a long cookie": [KEY, "Sec-WebSocket-Version: 13",
                      f"Cookie: {'z' * 7500}"],
    "no upgrade": None,
}


@pytest.mark.parametrize("headers", HANDSHAKES.values(), ids=HANDSHAKES)
def test_handshake_of_a_stranger(served, database, headers):
    """Whatever it hears, the workers are there for the others after it."""
    lines = ["GET /ws HTTP/1.1", "Host: t"]
    if headers is not None:
        lines += ["Upgrade: websocket", "Connection: Upgrade", *headers]
    for _ in range(4):
        with socket.create_connection(("127.0.0.1", served.nginx.port),
                                      timeout=60) as stranger:
            stranger.sendall("\r\n".join([*lines, "", ""]).encode())
            print(stranger.recv(65536)[:300])
    for number in range(4):
        with served.terminal(f"T{number}") as terminal:
            assert terminal.punch()["result"] is True
