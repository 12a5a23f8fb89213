"""The conversations of the `type` dialect, t/vectors/cloud-json/type-*.json,
and the one of two dialects on one path, played against real workers."""

import contextlib
import hashlib
import json

import pytest

from wac import cloud
from wac.dashboard import make_token
from wac.websocket import Closed
from test_cloud_vectors import CONF, VECTORS, check_matches, steps_of

ONE = "6f1c2d3e-0000-4000-8000-000000000001"
TWO = "6f1c2d3e-0000-4000-8000-000000000002"
SN = "ZX0006800001"  # of the cloud dialect

PLAYED = sorted(file.stem for kind in ("type-*", "mixed-*")
                for file in VECTORS.glob(f"{kind}.json"))

# rows of telemetry, of events, of commands, of punches
STORED = {
    "mixed-dialects-one-endpoint": (0, 0, 0, 1),
    "type-command": (0, 0, 2, 0),
    "type-register-telemetry-event": (1, 1, 0, 0),
    "type-replace": (0, 0, 1, 0),
}


@pytest.fixture(scope="module")
def served(module_pair):
    return module_pair(CONF, enrolment="closed")


@pytest.fixture
def database(served):
    database = served.emptied()
    for device_id, token in ((ONE, "tok_one"), (TWO, "tok_two")):
        database.add_device(
            device_id, protocol="type",
            token_hash=hashlib.sha256(token.encode()).digest())
    database.add_device(SN, protocol="cloud")
    make_token(database, token="tok_admin")
    return database


class Conversation:
    """One connection of a vector. What a dashboard is sent of itself, where
    all terminals are, is kept apart."""

    def __init__(self, connection):
        self.connection = connection
        self.dialect = "type"
        self.snapshot = {}
        self.seen = []
        self.closed = False

    def send(self, step):
        frame = step["frame"]
        if isinstance(frame, dict) and "cmd" in frame:
            self.dialect = "cloud"
        self.connection.send(frame if isinstance(frame, str)
                             else cloud.compact(frame))
        if step["dir"] == "admin" and is_welcome(frame):
            self._read_snapshot()

    def _read_snapshot(self):
        while len(self.snapshot) < 3:
            frame = json.loads(self.connection.recv())
            assert frame["type"] == "device_status" and "id" not in frame
            self.snapshot[frame["device_id"]] = frame

    def expect(self, step):
        if step.get("action") == "close":
            self._expect_close(step)
        elif step.get("optional"):
            self._expect_in_snapshot(step["frame"])
        else:
            frame = json.loads(self.connection.recv())
            self.seen.append(frame)
            check_matches(step["frame"], frame, step.get("absent", ()))

    def _expect_close(self, step):
        code = int(step["note"][:4])
        assert self.connection.wait_closed() == code
        with pytest.raises(Closed):
            self.connection.recv()
        self.closed = True

    def _expect_in_snapshot(self, expected):
        """A server's ping is optional too; hears_nothing_more() is it that
        finds one."""
        if expected["type"] == "device_status":
            check_matches(expected, self.snapshot[expected["device_id"]])

    def hears_nothing_more(self):
        if self.closed:
            return
        if self.dialect == "cloud":
            cloud.Terminal(self.connection, SN).hears_nothing_more()
            return
        self.connection.send('{"type":"ping"}')
        while (frame := json.loads(self.connection.recv())) \
                != {"type": "pong"}:
            self.seen.append(frame)
            # a dashboard hears how its commands have ended
            assert frame.get("event_type") == "command_result", frame


def is_welcome(frame):
    return frame.get("role") == "admin" and "token" in frame


@contextlib.contextmanager
def played(served, name):
    """Gives the conversations by their labels, still open."""
    talks = {}
    try:
        play(served, name, talks)
        yield talks
    finally:
        for talk in talks.values():
            talk.connection.abort()


def play(served, name, talks):
    for step in steps_of(name):
        label = step.get("conn", "")
        if label not in talks:
            talks[label] = Conversation(served.connect())
        talk = talks[label]
        if step["dir"] == "server":
            talk.expect(step)
        elif step.get("action") == "close":
            talk.connection.close()
            talk.closed = True
        elif not step.get("optional"):
            talk.send(step)


@pytest.mark.parametrize("name", PLAYED)
def test_vector(served, database, name):
    with played(served, name) as talks:
        for talk in talks.values():
            talk.hears_nothing_more()
    assert STORED.get(name, (0, 0, 0, 0)) == tuple(
        database.count(table) for table in
        ("wac_telemetry", "wac_events", "wac_commands",
         "wac_attendance_logs"))
    assert database.count("wac_quarantine") == 0
    assert database.count("wac_devices") == 3


def test_a_replaced_device_has_not_been_away(served, database):
    """No offline and online pair reaches the dashboard."""
    with played(served, "type-replace") as talks:
        dashboard = talks["adm"]
        talks["b"].connection.close()
        while dashboard.seen[-1].get("status") != "offline":
            dashboard.seen.append(json.loads(dashboard.connection.recv()))
    assert [frame["status"] for frame in dashboard.seen
            if frame["type"] == "device_status"] == ["online", "offline"]


def test_all_were_played():
    assert len(PLAYED) == 9
    assert set(STORED) <= set(PLAYED)
