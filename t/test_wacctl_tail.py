"""wacctl tail: the live feed for people and for programs. The terminals' side
is played with SQL."""

import contextlib
import itertools
import json
import queue
import signal
import subprocess
import threading

import pytest

from wac import paths
from wac.wait import wait_for

TIMEOUT = 20


@pytest.fixture
def terminals(database):
    for sn in ("D1", "D2"):
        database.add_device(sn, protocol="type")
    return database


def measure(database, sn, payload="{}"):
    database.execute("INSERT INTO wac_telemetry (sn, payload) VALUES (%s, %s)",
                     (sn, payload))


def happen(database, sn, event_type, payload="{}"):
    database.execute("INSERT INTO wac_events (sn, event_type, payload)"
                     " VALUES (%s, %s, %s)", (sn, event_type, payload))


def punch(database, sn, enrollid, **columns):
    columns = {"sn": sn, "enrollid": enrollid, "protocol": "fk",
               "record_time": "2026-03-02 08:00:01", **columns}
    marks = ", ".join(["%s"] * len(columns))
    database.execute(f"INSERT INTO wac_attendance_logs ({', '.join(columns)})"
                     f" VALUES ({marks})", tuple(columns.values()))


class Tail:
    """One that runs; what it prints, line by line."""

    def __init__(self, database, *words):
        self.process = subprocess.Popen(
            [paths.WACCTL, "tail", *words, "--database", database.conninfo],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.lines = queue.Queue()
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def read(self):
        for line in self.process.stdout:
            self.lines.put(line.rstrip("\n"))

    def line(self):
        return self.lines.get(timeout=TIMEOUT)

    def frame(self):
        return json.loads(self.line())

    def end(self):
        """Its exit status, and that it said nothing more."""
        status = self.process.wait(TIMEOUT)
        self.reader.join(TIMEOUT)
        assert self.lines.empty()
        assert self.process.stderr.read() == ""
        return status


@pytest.fixture
def tail(database):
    with contextlib.ExitStack() as stack:
        def start(*words):
            made = Tail(database, *words)
            stack.callback(made.process.wait)
            stack.callback(made.process.kill)
            return made
        yield start


def frames(wacctl, *words):
    run = wacctl("tail", "--since", "0", *words, json=True)
    return [json.loads(line) for line in run.stdout.splitlines()]


def test_events_come_as_they_happen(terminals, tail):
    """Each is printed before the next one happens."""
    running = tail("--since", "0", "--json", "--count", "4")
    measure(terminals, "D1", '{"t": 23.5}')
    frame = running.frame()
    assert frame.pop("timestamp").endswith("Z")
    assert frame == {"type": "telemetry", "device_id": "D1",
                     "payload": {"t": 23.5}, "id": 1}
    happen(terminals, "D2", "door_opened", '{"door": 1}')
    assert running.frame()["event_type"] == "door_opened"
    terminals.execute("UPDATE wac_devices SET status = 'online'"
                      " WHERE sn = 'D1'")
    frame = running.frame()
    assert (frame["type"], frame["status"]) == ("device_status", "online")
    assert "payload" not in frame
    punch(terminals, "D1", "7", name="Ann", temperature=36.6)
    frame = running.frame()
    assert (frame["event_type"], frame["id"]) == ("attendance", 4)
    assert frame["payload"]["temperature"] == 36.6
    assert running.end() == 0


def test_it_begins_with_what_is_new(terminals, wacctl, tail):
    """What was there before it began is not shown, even unnumbered."""
    measure(terminals, "D1", '{"n": 1}')
    running = tail("--json", "--count", "1")
    numbers = itertools.count(2)

    def printed_after_another():
        measure(terminals, "D1", json.dumps({"n": next(numbers)}))
        return not running.lines.empty()

    wait_for(printed_after_another, TIMEOUT, "an event")
    assert running.frame()["payload"]["n"] > 1
    assert running.end() == 0


def test_people_read_lines(terminals, wacctl):
    punch(terminals, "D1", "7", name="Ann Lee", method="face", raw="{}")
    happen(terminals, "D1", "opened\x1b[31m", '{"token": "secret", "a": [1]}')
    measure(terminals, "D2", "[1, 2]")
    terminals.execute("UPDATE wac_devices SET status = 'online'"
                      " WHERE sn = 'D2'")
    lines = wacctl("tail", "--since", "0", "--count", "4").stdout.splitlines()
    assert len(lines) == 4
    rest = [line.split("  ", 1)[1] for line in lines]
    assert rest[0].startswith("D1  attendance  enrollid=7 name=\"Ann Lee\" ")
    assert "method=face" in rest[0] and "null" not in rest[0]
    assert rest[1].startswith("D1  opened\\x1b[31m  ")
    assert "secret" not in rest[1] and "a=[1]" in rest[1]
    assert rest[2:] == ["D2  telemetry  [1,2]", "D2  online"]


@pytest.mark.parametrize("words, ids", (
    ((), [1, 2, 3, 4]),
    (("--device", "D1"), [1, 2]),
    (("--device", "D1", "--device", "D2"), [1, 2, 3, 4]),
    (("--type", "telemetry"), [1, 3]),
    (("--type", "event"), [2, 4]),
    (("--type", "attendance", "--type", "telemetry"), [1, 3, 4]),
    (("--device", "D2", "--type", "attendance"), [4]),
))
def test_filters(terminals, wacctl, words, ids):
    measure(terminals, "D1")
    happen(terminals, "D1", "door_opened")
    measure(terminals, "D2")
    punch(terminals, "D2", "7")
    found = frames(wacctl, *words, "--count", str(len(ids)))
    assert [frame["id"] for frame in found] == ids


def test_a_filter_with_odd_names(terminals, wacctl):
    terminals.add_device('a,{b}', protocol="type")
    measure(terminals, "D1")
    measure(terminals, "a,{b}")
    found = frames(wacctl, "--device", "a,{b}", "--device", 'x"\\',
                   "--count", "1")
    assert found[0]["device_id"] == "a,{b}"


def test_since(terminals, wacctl):
    for number in range(3):
        measure(terminals, "D1", json.dumps({"n": number}))
    first = frames(wacctl, "--count", "3")[0]
    later = wacctl("tail", "--since", "2", "--count", "1", json=True)
    assert json.loads(later.stdout)["id"] == 3
    again = wacctl("tail", "--since", first["timestamp"], "--count", "3",
                   json=True)
    assert [json.loads(line)["id"]
            for line in again.stdout.splitlines()] == [1, 2, 3]


def test_portions_follow_each_other(terminals, wacctl):
    """More than one portion of a thousand, each event once."""
    terminals.execute("INSERT INTO wac_telemetry (sn, payload)"
                      " SELECT 'D1', to_jsonb(n)"
                      "   FROM generate_series(1, 2500) AS n")
    found = frames(wacctl, "--count", "2500")
    assert [frame["id"] for frame in found] == list(range(1, 2501))
    assert {frame["payload"] for frame in found} == set(range(1, 2501))


def test_an_interrupt_ends_it(terminals, tail):
    running = tail("--since", "0")
    measure(terminals, "D1")
    running.line()
    running.process.send_signal(signal.SIGINT)
    assert running.end() == 0


@pytest.mark.parametrize("words", (
    ("--since", "soon"), ("--since", "-1"), ("--since", "2026-02-30"),
    ("--count", "0"), ("--count", "x")))
def test_bad_usage(wacctl, database, words):
    run = wacctl("tail", *words, check=False)
    assert run.returncode == 2 and run.stderr.startswith("wacctl: ")


def test_a_database_that_ends(tail, own_cluster):
    server, database = own_cluster()
    database.add_device("D1", protocol="type")
    running = Tail(database, "--since", "0")
    measure(database, "D1")
    assert "telemetry" in running.line()
    server.stop()
    assert running.process.wait(TIMEOUT) == 1
    assert running.process.stderr.read().startswith("wacctl: database: ")
