"""Clients of the `type` dialect that are not ours, through nginx and while a
worker is restarted: devices and dashboards of npm's ws, dashboards of
Python's websockets, each written as its library's users write them."""

import asyncio
import contextlib
import datetime
import json
import os
import subprocess
import threading

import pytest
import websockets

from wac.dashboard import Dashboard, Device, make_token
from wac.wait import wait_for
from test_feed import started

# whose worker is restarted finds the other one meanwhile
CONF = """
%%TEST_GLOBALS%%
events { }
http {
    %%TEST_GLOBALS_HTTP%%
    upstream first {
        server unix:%%FIRST%% max_fails=0;
        server unix:%%SECOND%% backup;
    }
    upstream second {
        server unix:%%SECOND%% max_fails=0;
        server unix:%%FIRST%% backup;
    }
    proxy_http_version 1.1;
    proxy_set_header Upgrade $http_upgrade;
    proxy_set_header Connection upgrade;
    proxy_read_timeout 1h;
    server {
        listen 127.0.0.1:%%PORT%%;
        location /first/ { proxy_pass http://first/; }
        location /second/ { proxy_pass http://second/; }
    }
}
"""

ID = "6f1c2d3e-0000-4000-8000-000000000001"
TOKEN = "tok_one"

# What the protocol page demands of a device: it registers when it is
# connected, tells commands, answers the server's ping, comes back after one,
# two, four seconds, and sends telemetry every five. It has no listener for
# errors: one that a library reports would end it.
DEVICE = """
import WebSocket from "ws";

const { DEVICE_ID: device_id, DEVICE_TOKEN: token } = process.env;
let socket;
let attempts = 0;

const say = (frame) => socket.send(JSON.stringify(frame));

function open() {
    socket = new WebSocket("%URL%");
    socket.on("open", () => {
        attempts = 0;
        say({ type: "register", device_id, token });
    });
    socket.on("message", (data) => {
        const frame = JSON.parse(data);
        switch (frame.type) {
        case "command": console.log("command", frame.command); break;
        case "ping": say({ type: "pong" }); break;
        default: console.log(frame.type);
        }
    });
    socket.on("close", (code) => {
        console.log("closed", code);
        setTimeout(open, Math.min(1000 * 2 ** attempts++, 30000));
    });
}

open();
setInterval(() => {
    if (socket.readyState === WebSocket.OPEN) {
        say({ type: "telemetry", device_id,
              payload: { temperature: 23.5, humidity: 61 } });
    }
}, 5000);
"""

# shows its token by the URL, orders something of whoever comes, and goes when
# that was done
DASHBOARD = """
import WebSocket from "ws";

const heard = [];
const socket = new WebSocket("%URL%");
const say = (frame) => socket.send(JSON.stringify(frame));
socket.on("open", () => say({ type: "subscribe", role: "admin" }));
socket.on("message", (data, isBinary) => {
    const frame = JSON.parse(data);
    heard.push({ ...frame, isBinary });
    if (frame.type === "device_status" && frame.status === "online") {
        say({ type: "command", device_id: frame.device_id,
              command: "unlock", payload: {}, id: "n-1" });
    } else if (frame.event_type === "command_result") {
        socket.close(1000);
    }
});
socket.on("close", (code) => console.log(JSON.stringify({ heard, code })));
"""


@pytest.fixture(scope="module")
def served(module_pair):
    served = module_pair(CONF)
    served.allow_missing_sockets()
    return served


@pytest.fixture
def database(served):
    return served.emptied()


class Node:
    """A script that runs until it is killed, or to its end."""

    def __init__(self, folder, name, script, url, **environment):
        file = folder / f"{name}.mjs"
        file.write_text(script.replace("%URL%", url))
        self._log = folder / f"{name}.log"
        with open(self._log, "wb") as log:
            self.process = subprocess.Popen(
                ["node", file], stdin=subprocess.DEVNULL, stdout=log,
                stderr=log, env={**os.environ, **environment})

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait(10)

    def lines(self):
        return self._log.read_text().splitlines()

    def wait_for(self, line, times=1):
        wait_for(lambda: self.lines().count(line) >= times
                 or self.process.poll() is not None, 30, line)
        assert self.lines().count(line) >= times, self.lines()


@contextlib.contextmanager
def watching(served, database):
    token = make_token(database)
    with Dashboard(served.connect("/second/ws"), token) as dashboard:
        started(dashboard.subscribe(), database)
        yield dashboard


def restarted(worker):
    assert worker.stop() == 0
    worker.start()


def next_of(dashboard, **wanted):
    """The first such frame from now on."""
    dashboard.seen.clear()
    return dashboard.wait_for(timeout=30, **wanted)


def test_npm_ws_device(served, database, node_folder):
    with watching(served, database) as dashboard, \
            Node(node_folder, "device", DEVICE, served.url("/first/ws"),
                 DEVICE_ID=ID, DEVICE_TOKEN=TOKEN) as device:
        dashboard.wait_for(type="device_status", status="online")
        assert served.holder(ID) is served.first
        for turn in (1, 2):
            telemetry = next_of(dashboard, type="telemetry")
            assert telemetry["device_id"] == ID
            assert telemetry["payload"] == {"temperature": 23.5,
                                            "humidity": 61}
            dashboard.send(type="command", device_id=ID, command="unlock",
                           payload={})
            device.wait_for("command unlock", turn)
            if turn == 1:
                restarted(served.first)
                device.wait_for("closed 1001")
                device.wait_for("registered", 2)
        assert device.process.poll() is None
    served.wait_offline(ID)
    assert device.lines() == ["registered", "command unlock", "closed 1001",
                              "registered", "command unlock"]


def test_npm_ws_dashboard(served, database, node_folder):
    """Its library asks for compression, which we need not agree to."""
    token = make_token(database)
    url = served.url(f"/first/ws?token={token}")
    with Device(served.connect("/second/ws"), ID, TOKEN) as device, \
            Node(node_folder, "dashboard", DASHBOARD, url) as dashboard:
        device.register()
        assert device.recv()["command"] == "unlock"
        assert dashboard.process.wait(30) == 0
    (line,) = dashboard.lines()
    told = json.loads(line)
    assert told["code"] == 1000
    assert not any(frame["isBinary"] for frame in told["heard"])
    result = told["heard"][-1]
    assert (result["device_id"], result["payload"]["id"],
            result["payload"]["trans_status"]) == (ID, "n-1", "succeeded")


class Watcher(threading.Thread):
    """Comes back by itself where it was, until it has seen `last`. From a
    time on, so that it knows its place before it has seen anything."""

    def __init__(self, url, **options):
        super().__init__(daemon=True)
        self.place = f"{datetime.datetime.now(datetime.timezone.utc):%FT%TZ}"
        self.url = url
        self.options = options
        self.seen = []
        self.connections = 0

    def run(self):
        asyncio.run(self._watch())

    async def _watch(self):
        async for socket in websockets.connect(self.url, **self.options):
            self.connections += 1
            with contextlib.suppress(websockets.ConnectionClosed):
                await socket.send(json.dumps(
                    {"type": "subscribe", "role": "admin",
                     "since": self.place}))
                async for message in socket:
                    frame = json.loads(message)
                    self.place = frame["id"]
                    self.seen.append(frame)
                    if frame.get("event_type") == "last":
                        await socket.close()
                        return

    def events(self):
        return [frame["event_type"] for frame in self.seen
                if frame["type"] == "event"]


@pytest.mark.parametrize("compression", [None, "deflate"])
def test_python_websockets_dashboard(served, database, compression):
    """It shows its token in a header."""
    token = make_token(database)
    watcher = Watcher(served.url("/first/ws"), compression=compression,
                      extra_headers={"Authorization": f"Bearer {token}"})
    watcher.start()
    with Device(served.connect("/second/ws"), ID, TOKEN) as device:
        device.register()
        for number in range(30):
            device.event(f"e{number}")
        wait_for(lambda: "e29" in watcher.events(), what="the first half")
        for number in range(30, 60):
            device.event(f"e{number}")
            if number == 40:
                restarted(served.first)
        device.event("last")
        assert device.sync() == []
        watcher.join(60)
    assert watcher.events() == [*(f"e{n}" for n in range(60)), "last"]
    ids = [frame["id"] for frame in watcher.seen]
    assert ids == list(range(ids[0], ids[0] + len(ids)))
    assert watcher.connections > 1
