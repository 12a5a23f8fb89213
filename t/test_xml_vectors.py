"""Every message of a device in t/vectors/xml against a real worker, in its
state: the answer, and the rows it leaves. Those of the server, cmd-*, are
played by test_xml_commands.py."""

import csv
import datetime
import json
import pathlib
import re

import pytest

from wac import websocket, xml
from wac.xml import OK, CLOUD_ID, OperationTerminal, Terminal, add_device

VECTORS = pathlib.Path(__file__).parent / "vectors" / "xml"

M, O = "TST0000001", "TST0000002"


def index(file):
    with open(file, encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines, delimiter="\t",
                                   quoting=csv.QUOTE_NONE))


INDEX = index(VECTORS / "index.tsv")
OF_DEVICES = {row["name"]: row for row in INDEX
              if row["initiator"] == "device"}
# a test of its own below
STORE_DOWN = "timelog-v2-store-down"
# what DESIGN.md promises overrules these answers: a log that cannot be
# understood is kept as it is and acknowledged, for it blocks a terminal's
# queue otherwise
QUARANTINED = {"timelog-v2-no-logid"}


def request_of(name):
    """UTF-16 and bytes that are no UTF-8 go in a binary message, as nothing
    else could carry them; what can be text is text."""
    content = (VECTORS / f"{name}.request.xml").read_bytes()
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return content


def reply_of(name):
    file = VECTORS / f"{name}.reply.xml"
    return xml.read(file.read_text("utf-8")) if file.exists() else None


def canon_of(name):
    file = VECTORS / f"{name}.canon.json"
    return json.loads(file.read_text("utf-8")) if file.exists() else None


@pytest.fixture(scope="module")
def worker(module_database):
    with xml.running(module_database, enrolment="closed",
                     cloud_id=CLOUD_ID) as running:
        yield running


@pytest.fixture
def database(module_database):
    database = xml.emptied(module_database)
    add_device(database, M)
    add_device(database, O, token=None)
    return database


@pytest.fixture
def terminal(worker, database):
    with websocket.connect(worker.socket) as connection:
        yield Terminal(connection, M)


# ---- comparing -------------------------------------------------------------

def near_now(text, form):
    now = datetime.datetime.now(datetime.timezone.utc).replace(
        tzinfo=None) + datetime.timedelta(hours=8)
    return abs((datetime.datetime.strptime(text, form) - now)
               .total_seconds()) < 60


PLACEHOLDERS = {
    "@TOKEN@": lambda text: re.fullmatch(
        "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", text),
    "@SESSION@": lambda text: re.fullmatch("[A-Za-z0-9_-]{16,64}", text),
    "@NOW@": lambda text: re.fullmatch(
        r"\d{4}-\d\d-\d\d-T\d\d:\d\d:\d\dZ", text)
    and near_now(text, "%Y-%m-%d-T%H:%M:%SZ"),
    "@NOWISO@": lambda text: near_now(text, "%Y-%m-%dT%H:%M:%S"),
}


def check_same(expected, frame):
    """Order, layout and the declaration do not count."""
    assert expected.root == frame.root
    assert expected.fields.keys() == frame.fields.keys(), frame
    for name, value in expected.fields.items():
        if value in PLACEHOLDERS:
            assert PLACEHOLDERS[value](frame.fields[name]), frame
        else:
            assert frame.fields[name] == value, frame


# which column a member is in, and how it is spelled there

METHODS = {"fp": "finger", "pwd": "password", "cd": "card", "card": "card",
           "face": "face", "fp+pwd": "combined", "verifyfail": "other",
           "ilgopen": None}
DIRECTIONS = {"duty_on": "in", "duty_off": "out", "none": None}
RAW = {"ap_stat": "APStat", "job_code": "JobCode", "trans_id": "TransID",
       "attend_only": "AttendOnly", "expired": "Expired", "stat": "Stat"}


def as_raw(value):
    if isinstance(value, bool):
        return "Yes" if value else "No"
    return None if value is None else str(value)


def times_of(canon):
    local = datetime.datetime.fromisoformat(canon["local"])
    instant = datetime.datetime.fromisoformat(
        canon["utc"].replace("Z", "+00:00"))
    offset = datetime.timedelta(minutes=canon["utc_offset_min"])
    assert instant.replace(tzinfo=None) + offset == local
    return {"record_time": local, "record_instant": instant}


def check_punch(canon, row, photo):
    attend = canon["attend"]
    expected = {
        "sn": canon["serial"], "log_id": canon["log_id"],
        "enrollid": canon["user_id"] or "0", **times_of(canon),
        "method": METHODS[canon["method"]],
        "direction": DIRECTIONS.get(attend, attend),
        "latitude": float(canon["lat"]) if "lat" in canon else None,
        "longitude": float(canon["lon"]) if "lon" in canon else None,
        "temperature": canon.get("temp_c"),
        "protocol": "xml", "resends": 0}
    assert {name: row[name] for name in expected} == expected
    assert (len(photo) if photo else 0) == canon["photo_bytes"]


def check_admin_log(canon, row):
    expected = {
        "sn": canon["serial"], "log_id": canon["log_id"],
        "admin_id": canon["admin_id"], "user_id": canon["user_id"],
        "action": canon["action"], **times_of(canon), "resends": 0}
    assert {name: row[name] for name in expected} == expected


def check_raw(canon, raw):
    """All else is in what was received."""
    for member, name in RAW.items():
        if member in canon:
            assert raw.get(name) == as_raw(canon[member]), name


def check_stored(database, canon):
    """This one row, and no other."""
    punches = database.query(
        "SELECT l.*, p.content FROM wac_attendance_logs l "
        "LEFT JOIN wac_photos p ON p.id = l.photo_id")
    admin_logs = database.query("SELECT * FROM wac_admin_logs")
    if canon is None:
        assert not punches and not admin_logs
        return
    (row,) = punches + admin_logs
    check_raw(canon, row["raw"])
    if canon["kind"] == "adminlog":
        check_admin_log(canon, row)
    else:
        check_punch(canon, row, row["content"])


# ---- all of them -----------------------------------------------------------

def bring_to(state, terminal):
    if state == "registered":
        assert terminal.register().result == OK
        terminal.token = xml.TOKEN  # the older one is good until then
    elif state.startswith("loggedin"):
        assert terminal.login() == OK
        terminal.settle()
    elif state == "op-registered":
        operation = OperationTerminal(terminal.connection, O)
        assert operation.register().result == "success"
    else:
        assert state == "new"


def check_not_answered(row, terminal):
    """The next answer is to what is sent next."""
    if row["dialect"] == "O":
        operation = OperationTerminal(terminal.connection, O)
        assert operation.register().result == "success"
    elif row["state"] == "new":
        assert terminal.register().result == OK
    else:
        terminal.hears_nothing_more()


def test_all_are_here():
    assert len(INDEX) == 92 and len(OF_DEVICES) == 47
    assert len(list(VECTORS.glob("*.request.xml"))) == len(INDEX)
    assert {row["state"].split(",")[0] for row in OF_DEVICES.values()} == {
        "new", "registered", "loggedin", "op-registered"}
    for row in INDEX:
        assert (reply_of(row["name"]) is not None) == (row["reply"] == "reply")
        assert (canon_of(row["name"]) is not None) == (row["canon"] == "canon")


@pytest.mark.parametrize("name", sorted(OF_DEVICES.keys() - {STORE_DOWN}))
def test_played(worker, database, terminal, name):
    row = OF_DEVICES[name]
    bring_to(row["state"], terminal)
    if "already stored" in row["state"]:
        assert terminal.ask(request_of("timelog-v2")).result == OK
    terminal.send(request_of(name))
    expected = reply_of(name)
    if expected is None:
        check_not_answered(row, terminal)
    else:
        if name in QUARANTINED:
            expected.fields["Result"] = OK
        check_same(expected, terminal.reply())
    if name == "register-bad-cloudid":
        assert terminal.wait_closed() == 1008
    elif "already stored" in row["state"]:
        (punch,) = database.punches()
        assert punch["resends"] == 1
    else:
        check_stored(database, canon_of(name))
    check_kept_aside(database, name)


def check_kept_aside(database, name):
    if name == "event-unknown":
        event = database.one("SELECT * FROM wac_events")
        assert (event["sn"], event["event_type"]) == (M, "OpLog_v2")
        assert event["payload"]["LogID"] == "9"
    else:
        assert database.count("wac_events") == 0
    if name in QUARANTINED:
        aside = database.one("SELECT * FROM wac_quarantine")
        assert (aside["sn"], aside["protocol"]) == (M, "xml")
        assert aside["frame"] == request_of(name).encode()
    else:
        assert database.count("wac_quarantine") == 0


def test_store_down(database):
    """Fail, and the terminal keeps the log; then it comes again."""
    with xml.running(database, timeout="2s") as worker, \
            Terminal(websocket.connect(worker.socket), M) as terminal:
        assert terminal.login() == OK
        with database.connect() as lock, lock.transaction():
            lock.execute("LOCK TABLE wac_attendance_logs IN EXCLUSIVE MODE")
            check_same(reply_of(STORE_DOWN),
                       terminal.ask(request_of(STORE_DOWN)))
        xml.wait_for(lambda: terminal.ask(request_of(STORE_DOWN)).result
                     == OK, what="the log to be taken")
    check_stored_once(database)


def check_stored_once(database):
    (punch,) = database.punches()
    assert punch["log_id"] == "1042"


@pytest.mark.parametrize("name", ["timelog-v2", "timelog-v2-photo",
                                  "adminlog-v2", "op-timelog-v2"])
def test_binary_messages_are_read_too(database, terminal, name):
    """Nothing else changes."""
    bring_to(OF_DEVICES[name]["state"], terminal)
    terminal.send((VECTORS / f"{name}.request.xml").read_bytes())
    check_same(reply_of(name), terminal.reply())
    check_stored(database, canon_of(name))
