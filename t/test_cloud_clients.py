"""WebSocket clients that are not ours, as terminals: npm's ws, the library
that most others are measured by, and Python's websockets; through nginx,
plain and with TLS."""

import json
import ssl
import subprocess

import pytest

from wac import websocket
from wac.cloud import Terminal
from wac.wait import wait_for

CONF = """
%%TEST_GLOBALS%%
events { }
http {
    %%TEST_GLOBALS_HTTP%%
    upstream workers {
        server unix:%%FIRST%% max_fails=0;
        server unix:%%SECOND%% max_fails=0;
    }
    server {
        listen 127.0.0.1:%%PORT%%;
        listen 127.0.0.1:%%PORT2%% ssl;
        ssl_certificate %%KEYS%%/cert.pem;
        ssl_certificate_key %%KEYS%%/key.pem;
        location / {
            proxy_pass http://workers;
            proxy_http_version 1.1;
            proxy_set_header Upgrade $http_upgrade;
            proxy_set_header Connection upgrade;
            proxy_set_header Sec-WebSocket-Protocol "";
            proxy_read_timeout 1h;
        }
    }
}
"""

SN = "ZX0006800001"

# registers, sends a batch, does one command, and tells what it heard
CLIENT = """
const WebSocket = require("ws");
const fs = require("fs");
const [url, sn, ca] = process.argv.slice(2);
const heard = [];
const options = ca ? { ca: fs.readFileSync(ca) } : {};
const socket = new WebSocket(url, options);
const send = (frame) => socket.send(JSON.stringify(frame));
socket.on("open", () => send({ cmd: "reg", sn, devinfo: {} }));
socket.on("message", (data, isBinary) => {
    const frame = JSON.parse(data);
    heard.push({ frame, isBinary });
    if (frame.ret === "reg") {
        send({ cmd: "sendlog", sn, count: 1, logindex: 5, record: [
            { enrollid: 3, time: "2026-03-02 08:00:00", mode: 1, inout: 0,
              event: 0, image: "A".repeat(300000) }] });
    } else if (frame.cmd) {
        send({ ret: frame.cmd, sn, time: "2026-03-02 08:00:00" });
    }
    if (heard.length === 3) {
        socket.ping("there?");
    }
});
socket.on("pong", (data) => {
    heard.push({ pong: data.toString() });
    socket.close(1000);
});
socket.on("error", (error) => heard.push({ error: String(error) }));
socket.on("close", (code) => console.log(
    JSON.stringify({ heard, code, extensions: socket.extensions })));
"""


@pytest.fixture(scope="module")
def keys(tmp_path_factory):
    """A certificate for 127.0.0.1, which is its own authority."""
    folder = tmp_path_factory.mktemp("keys")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes",
         "-days", "2", "-subj", "/CN=127.0.0.1",
         "-addext", "subjectAltName=IP:127.0.0.1",
         "-keyout", folder / "key.pem", "-out", folder / "cert.pem"],
        check=True, capture_output=True)
    return folder


@pytest.fixture(scope="module")
def served(module_pair, keys):
    return module_pair(CONF, marks={"KEYS": keys})


@pytest.fixture
def database(served):
    return served.emptied()


@pytest.fixture(scope="module")
def node_client(node_folder):
    """A directory with npm's ws and the client above."""
    (node_folder / "client.js").write_text(CLIENT)
    return node_folder


def url(served, scheme):
    port = {"ws": "PORT", "wss": "PORT2"}[scheme]
    return served.url("/pub/chat", port, scheme)


@pytest.mark.parametrize("scheme", ["ws", "wss"])
def test_npm_ws(served, database, node_client, keys, scheme):
    """It asks for compression, which we need not agree to."""
    database.add_device(SN, protocol="cloud")
    trans_id = database.queue(SN, "get_time")
    run = subprocess.run(
        ["node", node_client / "client.js", url(served, scheme), SN,
         keys / "cert.pem"], capture_output=True, text=True, timeout=60)
    assert run.returncode == 0, run
    told = json.loads(run.stdout)
    frames = [each["frame"] for each in told["heard"] if "frame" in each]
    assert not any(each.get("isBinary") for each in told["heard"])
    kinds = [frame.get("ret") or frame.get("cmd") for frame in frames]
    assert kinds[0] == "reg"
    assert sorted(kinds[1:]) == ["gettime", "sendlog"]
    assert all(frame["result"] is True for frame in frames if "ret" in frame)
    assert told["heard"][-1] == {"pong": "there?"}
    assert told["code"] == 1000
    wait_for(lambda: database.command(trans_id)["trans_status"]
             == "succeeded", what="the command")
    assert len(database.punches()) == 1
    served.wait_offline(SN)


@pytest.mark.parametrize("scheme", ["ws", "wss"])
@pytest.mark.parametrize("compression", [None, "deflate"])
def test_python_websockets(served, database, keys, scheme, compression):
    context = ssl.create_default_context(cafile=keys / "cert.pem")
    connection = websocket.connect(
        url(served, scheme), compression=compression,
        subprotocols=["chat"] if compression else None,
        **({"ssl": context} if scheme == "wss" else {}))
    with Terminal(connection, SN) as terminal:
        terminal.register()
        assert terminal.punch(image="A" * 300000)["result"] is True
        trans_id = database.queue(SN, "get_time")
        terminal.answer(terminal.command(), time="2026-03-02 08:00:00")
        connection.ping(b"there?")
        wait_for(lambda: database.command(trans_id)["trans_status"]
                 == "succeeded", what="the command")
        connection.close()
    served.wait_offline(SN)
    assert len(database.punches()) == 1


def test_many_small_ones(served, database):
    """Each with a connection of its own, for one message."""
    for number in range(100):
        with served.terminal(f"T{number:03}") as terminal:
            assert terminal.punch()["result"] is True
            terminal.connection.close()
    wait_for(lambda: not database.query(
        "SELECT sn FROM wac_devices WHERE status = 'online'"),
        what="all to be offline")
    assert len(database.punches()) == 100
    assert database.count("wac_devices") == 100
