"""Logs of XML terminals: acknowledged when they are committed, and not
before; each of them once, whatever fails meanwhile; what is kept of them."""

import base64
import datetime
import threading

import pytest

from wac import websocket, xml
from wac.dashboard import Dashboard, make_token
from wac.wait import wait_for
from wac.websocket import TIMEOUT
from wac.xml import (JPEG, OK, SN, OperationTerminal, Terminal, add_device,
                     adminlog, message, moment, timelog)

O = "TST0000002"
IMAGE = base64.b64encode(JPEG).decode()


@pytest.fixture(scope="module")
def worker(module_database):
    with xml.running(module_database, enrolment="open",
                     time_zone="Europe/Berlin") as running:
        yield running


@pytest.fixture
def database(module_database):
    database = xml.emptied(module_database)
    add_device(database, SN)
    return database


def connected(worker, sn=SN):
    terminal = Terminal(websocket.connect(worker.socket), sn)
    assert terminal.login() == OK
    return terminal


@pytest.fixture
def terminal(worker, database):
    with connected(worker) as made:
        yield made


def log_ids(database, table="wac_attendance_logs"):
    return [row["log_id"] for row in database.query(
        f"SELECT log_id FROM {table} ORDER BY id")]


def waits_for_lock(database):
    return database.query(
        "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' "
        "AND datname = %s", (database.name,))


# ---- committed, then acknowledged ------------------------------------------

def test_committed_when_it_is_acknowledged(terminal, database):
    """Seen by another connection at once, each time."""
    for number in range(20):
        assert terminal.log(number) == OK
        assert database.count("wac_attendance_logs") == number + 1


@pytest.mark.parametrize("table, frame", [
    ("wac_attendance_logs", timelog(SN, 1)),
    ("wac_admin_logs", adminlog(SN, 1)),
    ("wac_events", message(Event="OpLog_v2", DeviceSerialNo=SN, TransID=1)),
    ("wac_quarantine", timelog(SN, 1, UserID="';--")),
])
def test_nothing_is_said_before(terminal, database, table, frame):
    with database.connect() as lock, lock.transaction():
        lock.execute(f"LOCK TABLE {table} IN EXCLUSIVE MODE")
        terminal.send(frame)
        wait_for(lambda: waits_for_lock(database), what="the insert")
        with pytest.raises(TimeoutError):
            terminal.reply(0.1)
        assert database.count(table) == 0
    assert terminal.reply().result == OK
    assert database.count(table) == 1


def test_database_stopped(own_cluster):
    """Fail: the terminal keeps it. Back: OK, and it is there once. The
    connection lasts."""
    cluster, database = own_cluster()
    add_device(database, SN)
    with xml.running(database, timeout="2s") as worker:
        worker.allow_log("lost database at|cannot use database at")
        with connected(worker) as terminal, \
                OperationTerminal(websocket.connect(worker.socket),
                                  O) as other:
            assert terminal.log(1) == OK
            cluster.stop()
            assert terminal.log(2) == "Fail"
            assert terminal.ask(adminlog(SN, 2)).result == "Fail"
            assert terminal.keep_alive().result == OK
            assert terminal.login() == "Fail"
            assert other.register().result == "fail"
            cluster.start()
            wait_for(lambda: terminal.log(2) == OK, 30, "the log's OK")
            assert terminal.ask(adminlog(SN, 2)).result == OK
            assert terminal.login() == OK
    assert log_ids(database) == ["1", "2"]
    assert log_ids(database, "wac_admin_logs") == ["2"]


def test_database_that_hangs(database, proxy):
    """Fail in time; what it did all the same is no second row."""
    with xml.running(database.conninfo_by(proxy.conninfo),
                     timeout="2s") as worker, \
            connected(worker) as terminal:
        worker.allow_log("lost database at|cannot use database at")
        proxy.hang()
        assert terminal.log(1) == "Fail"
        assert terminal.log(1, Event="TimeLog") == "Fail"
        proxy.pass_through()
        wait_for(lambda: terminal.log(1) == OK, 30, "the log's OK")
        assert log_ids(database) == ["1"]


# ---- once ------------------------------------------------------------------

def test_resent(terminal, database):
    """A TransID, an image or the event's version make no other log."""
    assert terminal.log(1) == OK
    assert terminal.log(1, TransID="again") == OK
    assert terminal.log(1, Event="TimeLog", TransID=None) == OK
    (row,) = database.punches()
    assert row["resends"] == 2
    for _ in range(3):
        assert terminal.ask(adminlog(SN, 1)).result == OK
    assert database.one("SELECT * FROM wac_admin_logs")["resends"] == 2


def test_resent_over_another_connection(worker, terminal, database):
    assert terminal.log(1) == OK
    with connected(worker) as again:
        assert again.log(1) == OK
    assert database.punches()[0]["resends"] == 1
    assert len(database.punches()) == 1


def test_two_door_events_of_one_second(terminal, database):
    """Only their LogIDs differ."""
    same = {"Time": moment(5), "UserID": 0, "Action": "IlgOpen",
            "AttendStat": "None"}
    for log_id in (10, 11, 10):
        assert terminal.log(log_id, **same) == OK
    rows = database.punches()
    assert [(row["log_id"], row["resends"]) for row in rows] == [
        ("10", 1), ("11", 0)]
    assert {(row["enrollid"], row["method"]) for row in rows} == {("0", None)}


@pytest.mark.parametrize("other", [
    {"UserID": 43}, {"Time": moment(9)}, {"LogID": 2}], ids=str)
def test_parts_of_the_key(terminal, database, other):
    """A LogID alone does not tell a log: terminals count anew."""
    assert terminal.log(1) == OK
    assert terminal.log(**{"log_id": 1, "Time": moment(1), **other}) == OK
    assert len(database.punches()) == 2


def test_in_flight_answered_in_order(terminal, database):
    """More than are taken in at once; different in what they cost."""
    expected = []
    for number in range(60):
        kind = number % 4
        frame = (timelog(SN, number) if kind == 0 else
                 adminlog(SN, number) if kind == 1 else
                 timelog(SN, number, Photo="Yes", LogImage=IMAGE)
                 if kind == 2 else timelog(SN, number, Time="never"))
        terminal.send(frame)
        expected.append(("AdminLog_v2" if kind == 1 else "TimeLog_v2",
                         str(number), OK))
    heard = [terminal.reply().fields for _ in expected]
    assert [(fields["Response"], fields["TransID"], fields["Result"])
            for fields in heard] == expected
    assert log_ids(database) == [str(number) for number in range(60)
                                 if number % 4 in (0, 2)]
    assert database.count("wac_admin_logs") == 15
    assert database.count("wac_quarantine") == 15
    assert database.count("wac_photos") == 1


# ---- workers that die ------------------------------------------------------

class Load(threading.Thread):
    """Logs, one after the other, each until it is acknowledged."""

    def __init__(self, worker, sn):
        super().__init__(daemon=True)
        self.worker = worker
        self.sn = sn
        self.acknowledged = []
        self.ending = False
        self.lives = 0

    def run(self):
        while not self.ending:
            try:
                with connected(self.worker, self.sn) as terminal:
                    self.lives += 1
                    self._talk(terminal)
            except (OSError, TimeoutError, websocket.Closed,
                    websocket.websockets.WebSocketException):
                threading.Event().wait(0.05)  # a terminal's pause

    def _talk(self, terminal):
        while not self.ending:
            number = len(self.acknowledged) + 1
            if terminal.log(number) == OK:
                self.acknowledged.append(str(number))


def test_worker_killed_under_load(database):
    """Each that was acknowledged is there, once."""
    names = [f"L{number}" for number in range(8)]
    for sn in names:
        add_device(database, sn)
    # a login that was late is not let in, and ends a load
    with xml.running(database, timeout="30s") as worker:
        loads = [Load(worker, sn) for sn in names]
        for load in loads:
            load.start()
        for life in (1, 2, 3):
            wait_for(lambda: all(load.lives >= life for load in loads),
                     30, "all to be connected")
            seen = [len(load.acknowledged) for load in loads]
            wait_for(lambda: all(len(load.acknowledged) > count + 5
                                 for load, count in zip(loads, seen)),
                     30, "logs of all")
            if life < 3:
                worker.kill()
                worker.start()
        for load in loads:
            load.ending = True
        for load in loads:
            load.join(TIMEOUT)
    for load in loads:
        stored = [row["log_id"] for row in database.punches(load.sn)]
        assert len(set(stored)) == len(stored)
        assert stored[:len(load.acknowledged)] == load.acknowledged
        assert len(stored) <= len(load.acknowledged) + 1


# ---- what is kept ----------------------------------------------------------

def test_photo(terminal, database):
    """One row for the same image, in both dialects."""
    assert terminal.log(1, Photo="Yes", LogImage=IMAGE) == OK
    assert terminal.log(2, Photo="True", LogImage=IMAGE) == OK
    assert terminal.log(3, Photo="No", LogImage=IMAGE) == OK
    assert terminal.log(4, Photo="Yes") == OK
    rows = database.punches()
    photo = database.one("SELECT * FROM wac_photos")
    assert bytes(photo["content"]) == JPEG and photo["sn"] == SN
    assert [row["photo_id"] for row in rows] == [photo["id"], photo["id"],
                                                 None, None]
    assert all(IMAGE not in str(row["raw"]) for row in rows)


def test_large_photo(terminal, database):
    content = b"\xff\xd8\xff" + bytes(range(256)) * 1400
    assert terminal.log(1, Photo="Yes", LogImage=base64.b64encode(
        content).decode()) == OK
    assert bytes(database.one("SELECT * FROM wac_photos")["content"]) \
        == content


@pytest.mark.parametrize("bad", [
    {"LogID": None}, {"LogID": ""}, {"LogID": "1e3"}, {"LogID": 1 << 63},
    {"Time": None}, {"Time": "2026-02-30-T00:00:00Z"},
    {"Time": "2026-05-12-T24:00:00Z"}, {"UserID": None}, {"UserID": "a b"},
], ids=str)
def test_quarantine(terminal, database, bad):
    """Whole, as it came, and acknowledged, so that the next one comes."""
    frame = timelog(SN, **{"log_id": 1, **bad})
    reply = terminal.ask(frame)
    assert (reply.fields["TransID"], reply.result) == ("1", OK)
    assert terminal.ask(frame).result == OK
    row = database.one("SELECT * FROM wac_quarantine")
    assert (row["sn"], row["protocol"], row["request"], row["resends"]) == (
        SN, "xml", "TimeLog_v2", 1)
    assert bytes(row["frame"]).decode() == frame and row["reason"]
    assert database.punches() == []
    assert terminal.log(7) == OK


def test_admin_log_in_quarantine(terminal, database):
    bad = adminlog(SN, 1, Time="2026-13-01-T00:00:00Z")
    assert terminal.ask(bad).result == OK
    row = database.one("SELECT * FROM wac_quarantine")
    assert row["request"] == "AdminLog_v2"
    assert database.count("wac_admin_logs") == 0


def test_secrets_of_unknown_events(terminal, database):
    assert terminal.ask(message(
        Event="UserChanged", DeviceSerialNo=SN, UserID=7, PWD="1234",
        Card="99", FaceData="AAAA", Token=xml.TOKEN)).result == OK
    event = database.one("SELECT * FROM wac_events")
    assert event["event_type"] == "UserChanged"
    assert event["payload"] == {"DeviceSerialNo": SN, "UserID": "7"}


# ---- times -----------------------------------------------------------------

def stored_times(database):
    row = database.one(
        "SELECT record_time, record_instant AT TIME ZONE 'UTC' AS utc "
        "FROM wac_attendance_logs")
    return f"{row['record_time']:%F %T}", f"{row['utc']:%F %T}"


@pytest.mark.parametrize("zone, time, fields, local, utc", [
    ("Etc/GMT-8", "2026-5-2-T9:5:7Z", {}, "2026-05-02 09:05:07",
     "2026-05-02 01:05:07"),
    # the message's own offset, also as an unsigned number
    ("Etc/GMT-8", "2026-05-12-T09:15:30Z", {"UtcTimezoneMinutes": 330},
     "2026-05-12 09:15:30", "2026-05-12 03:45:30"),
    ("Etc/GMT-8", "2026-05-12-T09:15:30Z",
     {"UtcTimezoneMinutes": 4294966996}, "2026-05-12 09:15:30",
     "2026-05-12 14:15:30"),
    # one that is none
    ("Etc/GMT-8", "2026-05-12-T09:15:30Z", {"UtcTimezoneMinutes": 841},
     "2026-05-12 09:15:30", "2026-05-12 01:15:30"),
    # by the calendar of its zone, or of the worker's
    ("America/New_York", "2026-01-12-T09:00:00Z", {}, "2026-01-12 09:00:00",
     "2026-01-12 14:00:00"),
    ("America/New_York", "2026-07-12-T09:00:00Z", {}, "2026-07-12 09:00:00",
     "2026-07-12 13:00:00"),
    (None, "2026-07-12-T09:00:00Z", {}, "2026-07-12 09:00:00",
     "2026-07-12 07:00:00"),
    # a clock that is years ahead
    ("Etc/GMT-8", "2099-12-31-T23:59:59Z", {}, "2099-12-31 23:59:59",
     "2099-12-31 15:59:59"),
])
def test_times(terminal, database, zone, time, fields, local, utc):
    database.execute("UPDATE wac_devices SET time_zone = %s", (zone,))
    assert terminal.log(1, Time=time, **fields) == OK
    assert stored_times(database) == (local, utc)


@pytest.mark.parametrize("gmt, utc", [
    ("8", "01:15:30"), ("+8", "01:15:30"), ("5.5", "03:45:30"),
    ("5:45", "03:30:30"), ("-3", "12:15:30"), ("99", "07:15:30"),
    (None, "07:15:30")])
def test_times_of_dialect_o(worker, database, gmt, utc):
    with OperationTerminal(websocket.connect(worker.socket), O) as terminal:
        assert terminal.register().result == "success"
        assert terminal.log(PunchTime="2026-05-12T09:15:30",
                            GMT=gmt) == "success"
    assert stored_times(database) == ("2026-05-12 09:15:30",
                                      f"2026-05-12 {utc}")


def test_server_time_is_the_terminals(worker, database):
    """In its own zone, as its display shows it."""
    database.execute("UPDATE wac_devices SET time_zone = 'Asia/Kathmandu'")
    now = datetime.datetime.now(datetime.timezone.utc)
    local = now.replace(tzinfo=None) + datetime.timedelta(minutes=345)
    with connected(worker) as again:
        told = datetime.datetime.strptime(
            again.keep_alive().fields["ServerTime"], "%Y-%m-%d-T%H:%M:%SZ")
        assert abs((told - local).total_seconds()) < 10
        request = again.request()
        set_to = datetime.datetime.strptime(request.fields["Time"],
                                            "%Y-%m-%d-T%H:%M:%SZ")
        assert request.request == "SetTime"
        assert abs((set_to - local).total_seconds()) < 10


# ---- dashboards ------------------------------------------------------------

def test_seen_live(worker, terminal, database):
    """From when the subscription has begun."""
    token = make_token(database)
    numbers = iter(range(1, 100))
    with Dashboard(websocket.connect(worker.socket), token) as dashboard:
        dashboard.subscribe(types=["attendance", "admin_log"])

        def seen():
            number = next(numbers)
            assert terminal.log(number, BodyTemperature100=3655) == OK
            try:
                return dashboard.wait_for(0.5, payload__log_id=str(number))
            except TimeoutError:
                return None

        event = wait_for(seen, what="the event")
        assert (event["device_id"], event["event_type"]) == (SN, "attendance")
        assert event["payload"]["temperature"] == 36.55
        assert terminal.ask(adminlog(SN, 5)).result == OK
        event = dashboard.wait_for(event_type="admin_log")
        assert event["payload"]["action"] == "EnrollFace"
