"""receive_cmd with commands waiting: the oldest one is given out, whole and
to nobody else, and the next one only when it has ended."""

import collections
import concurrent.futures
import datetime
import json
import re
import threading

import pytest
import requests

from wac import vectors
from wac.terminal import Terminal, read_reply, unframe
from wac.wait import wait_for

CONF = """
%%TEST_GLOBALS%%
events { }
http {
    %%TEST_GLOBALS_HTTP%%
    wac_database "%%DATABASE%%";
    wac_time_zone Pacific/Kiritimati;
    server {
        listen 127.0.0.1:%%PORT%%;
        location / { wac_fk on; }
    }
}
"""

CONF_WITH_STATUS = CONF.replace(
    "location / {", "location = /status { stub_status; } location / {")

SN = "D0000000000000A1"

# whatever else happens, a terminal never has two commands
ONE_IN_FLIGHT = """
ALTER TABLE wac_commands ADD CONSTRAINT one_in_flight
    EXCLUDE (sn WITH =) WHERE (trans_status = 'sent')
    DEFERRABLE INITIALLY DEFERRED
"""


# A moment between a statement's snapshot and its locks, in which others
# commit: every look at a device takes a while.
SLOW_DEVICES = """
ALTER TABLE wac_devices RENAME TO wac_devices_kept;
CREATE FUNCTION slowly() RETURNS boolean LANGUAGE plpgsql AS
    'BEGIN PERFORM pg_sleep(0.01); RETURN true; END';
CREATE VIEW wac_devices AS SELECT * FROM wac_devices_kept WHERE slowly();
"""


@pytest.fixture(scope="module")
def server(module_nginx):
    return module_nginx(CONF, workers=2)


@pytest.fixture
def database(module_database):
    return module_database.emptied()


@pytest.fixture
def terminal(server, database):
    database.add_device(SN)
    return Terminal(server.port, SN)


def given_out(reply):
    assert reply.response_code in ("OK", "ERROR_NO_CMD"), reply
    return reply.header("trans_id") if reply.response_code == "OK" else None


def at_once(count, work):
    """work(0) … work(count - 1), each in a thread of its own, begun
    together."""
    barrier = threading.Barrier(count)

    def begin(number):
        barrier.wait()
        return work(number)

    with concurrent.futures.ThreadPoolExecutor(count) as pool:
        return list(pool.map(begin, range(count)))


# ---- in turn ---------------------------------------------------------------

def test_given_out_and_done(terminal, database):
    before = database.value("SELECT now() AS now")
    trans_id = database.queue(SN, "GET_DEVICE_STATUS")
    waiting = database.command(trans_id)
    assert (waiting["trans_status"], waiting["attempts"]) == ("queued", 0)
    assert waiting["sent_at"] is None

    reply = terminal.poll()
    assert reply.response_code == "OK"
    assert reply.header("trans_id") == trans_id
    assert reply.header("cmd_code") == "GET_DEVICE_STATUS"
    sent = database.command(trans_id)
    assert (sent["trans_status"], sent["attempts"]) == ("sent", 1)
    assert sent["sent_at"] >= before
    assert sent["trans_status_update_time"] >= before

    assert terminal.result(trans_id).response_code == "OK"
    assert database.command(trans_id)["trans_status"] == "succeeded"
    reply = terminal.poll()
    assert reply.response_code == "ERROR_NO_CMD"
    assert (reply.header("trans_id"), reply.header("cmd_code")) == ("", "")


def test_oldest_first(terminal, database):
    minutes = {"third": 1, "first": 3, "second": 2}
    now = database.value("SELECT now() AS now")
    ids = {name: database.queue(
        SN, "GET_USER_ID_LIST",
        created_at=now - datetime.timedelta(minutes=age))
        for name, age in minutes.items()}
    for name in ("first", "second", "third"):
        assert given_out(terminal.poll()) == ids[name]
        terminal.result(ids[name])
    assert given_out(terminal.poll()) is None


def test_of_one_moment_by_number(terminal, database):
    """9 before 10: decimal numbers, though they are text."""
    now = database.value("SELECT now() AS now")
    for trans_id in ("10", "9", "1000", "1001", "1002", "999"):
        database.queue(SN, "GET_USER_ID_LIST", trans_id=trans_id,
                       created_at=now)
    for trans_id in ("9", "10", "999", "1000", "1001", "1002"):
        assert given_out(terminal.poll()) == trans_id
        terminal.result(trans_id)


def test_the_next_one_waits_for_the_result(terminal, database):
    first = database.queue(SN, "GET_DEVICE_STATUS")
    second = database.queue(SN, "GET_DEVICE_STATUS")
    assert given_out(terminal.poll()) == first
    assert database.command(second)["trans_status"] == "queued"
    assert database.command(second)["attempts"] == 0
    terminal.result(first)
    assert given_out(terminal.poll()) == second
    assert database.command(first)["trans_status"] == "succeeded"


def test_a_thousand_in_order(terminal, database):
    ids = [row["trans_id"] for row in database.query(
        "INSERT INTO wac_commands (sn, cmd_code) "
        "SELECT %s, 'GET_DEVICE_STATUS' FROM generate_series(1, 1000) "
        "RETURNING trans_id", (SN,))]
    for trans_id in sorted(ids, key=int):
        assert given_out(terminal.poll()) == trans_id
        assert terminal.result(trans_id).response_code == "OK"
    assert given_out(terminal.poll()) is None
    assert database.query(
        "SELECT trans_status, attempts, count(*) FROM wac_commands "
        "GROUP BY 1, 2") \
        == [{"trans_status": "succeeded", "attempts": 1, "count": 1000}]


# ---- to whom ---------------------------------------------------------------

@pytest.mark.parametrize("state", ["pending", "blocked"])
def test_only_to_approved_devices(server, database, state):
    database.add_device(SN, state=state)
    terminal = Terminal(server.port, SN)
    trans_id = database.queue(SN, "GET_DEVICE_STATUS")
    assert given_out(terminal.poll()) is None
    row = database.command(trans_id)
    assert (row["trans_status"], row["attempts"]) == ("queued", 0)
    database.execute("UPDATE wac_devices SET state = 'approved'")
    assert given_out(terminal.poll()) == trans_id


def test_not_after_blocking(terminal, database):
    """The worker has seen the device approved."""
    assert given_out(terminal.poll()) is None
    trans_id = database.queue(SN, "GET_DEVICE_STATUS")
    database.execute("UPDATE wac_devices SET state = 'blocked'")
    assert given_out(terminal.poll()) is None
    assert database.command(trans_id)["trans_status"] == "queued"


def test_of_another_device(terminal, database):
    database.add_device("OTHER")
    trans_id = database.queue("OTHER", "GET_DEVICE_STATUS")
    assert given_out(terminal.poll()) is None
    assert given_out(Terminal(terminal.port, "OTHER").poll()) == trans_id


# ---- at once ---------------------------------------------------------------

def test_many_polls_of_one_device(nginx, databases, template):
    """Each of these may be given out once only, and never two at a time: no
    poll may miss what another poll has just done."""
    database = databases(template.name)
    database.add_device(SN)
    database.execute(ONE_IN_FLIGHT)
    database.execute(SLOW_DEVICES)
    server = nginx(CONF, database=database, workers=2)
    terminal = Terminal(server.port, SN)
    ids = [database.queue(SN, "GET_DEVICE_STATUS", max_attempts=1)
           for _ in range(60)]
    answers = at_once(4, lambda _: [given_out(terminal.poll())
                                    for _ in range(15)])
    given = collections.Counter(
        trans_id for some in answers for trans_id in some if trans_id)
    while (trans_id := given_out(terminal.poll())) is not None:
        given[trans_id] += 1
    assert given == {trans_id: 1 for trans_id in ids}
    for row in database.query("SELECT * FROM wac_commands"):
        assert (row["trans_status"], row["failure"], row["attempts"]) \
            == ("failed", "no answer after 1 delivery", 1)


def test_deliveries_of_many_polls_are_counted(terminal, database):
    """A repeated one is heard as often as it is said to have been sent."""
    ids = [database.queue(SN, "GET_DEVICE_STATUS") for _ in range(5)]
    given = collections.Counter(
        trans_id for _ in range(3)
        for trans_id in at_once(16, lambda _: given_out(terminal.poll()))
        if trans_id)
    rows = {row["trans_id"]: row
            for row in database.query("SELECT * FROM wac_commands")}
    assert {trans_id: rows[trans_id]["attempts"] for trans_id in ids} \
        == {trans_id: given[trans_id] for trans_id in ids}
    assert max(given.values()) <= 3


def test_a_door_asked_for_by_many_polls_at_once(nginx, database):
    """All asked before it was given out to one of them: it is not lost, for
    which a door's command would fail."""
    database.add_device(SN)
    server = nginx(CONF_WITH_STATUS, workers=1)
    terminal = Terminal(server.port, SN)
    trans_id = database.queue(SN, "open_door")

    def under_way():
        status = requests.get(f"http://127.0.0.1:{server.port}/status").text
        return int(re.search(r"Writing: (\d+)", status)[1]) - 1

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        with database.connect() as lock, lock.transaction():
            lock.execute("LOCK TABLE wac_devices IN ACCESS EXCLUSIVE MODE")
            polls = [pool.submit(terminal.poll) for _ in range(8)]
            wait_for(lambda: under_way() == 8, what="all polls")
        answers = [given_out(poll.result()) for poll in polls]
    assert sorted(answers, key=str) == sorted([trans_id] + [None] * 7, key=str)
    row = database.command(trans_id)
    assert (row["trans_status"], row["attempts"]) == ("sent", 1)


def test_many_devices(server, database):
    devices = [f"D{number:03}" for number in range(50)]
    ids = {}
    for sn in devices:
        database.add_device(sn)
        ids[sn] = database.queue(sn, "GET_USER_INFO", {"user_id": sn})

    def poll(number):
        return Terminal(server.port, devices[number]).poll()

    for sn, reply in zip(devices, at_once(len(devices), poll)):
        assert given_out(reply) == ids[sn]
        assert json.loads(unframe(reply.body)[0]) == {"user_id": sn}
    assert database.value("SELECT sum(attempts)::int AS attempts "
                          "FROM wac_commands") == 50


# ---- bytes -----------------------------------------------------------------

@pytest.mark.parametrize("name, cmd_code, cmd_param", [
    ("08-set_time", "SET_TIME", {"time": "20260929200000"}),
    ("60-get_log_data", "GET_LOG_DATA",
     {"end_time": "20260131235959", "begin_time": "20260101000000"}),
    ("61-get_user_id_list", "GET_USER_ID_LIST", None),
    ("62-get_enroll_data", "GET_ENROLL_DATA",
     {"backup_number": 0, "user_id": "12"}),
    ("68-get_user_info", "GET_USER_INFO", {"user_id": "4"}),
    ("69-set_door_status", "SET_DOOR_STATUS", {"door_status": "open"}),
    ("69-set_door_status", "open_door", None),
    ("62-get_enroll_data", "get_user", {"enrollid": "12", "backupnum": 0}),
])
def test_answer_is_the_captured_one(terminal, database, name, cmd_code,
                                    cmd_param):
    captured = read_reply(vectors.load(f"{name}.resp"))
    database.queue(SN, cmd_code, cmd_param,
                   trans_id=captured.header("trans_id"))
    assert terminal.poll().essence == captured.essence


def test_task_id_is_named_as_the_poll_named_it(terminal, database):
    trans_id = database.queue(SN, "GET_DEVICE_STATUS")
    reply = terminal.poll(task_id_header="cmd_id")
    assert reply.header("cmd_id") == trans_id
    assert reply.header("cmd_code") == "GET_DEVICE_STATUS"
    assert not reply.has("trans_id")
    reply = terminal.result(trans_id, task_id_header="cmd_id")
    assert (reply.response_code, reply.header("cmd_id")) == ("OK", trans_id)
    assert database.command(trans_id)["trans_status"] == "succeeded"


def test_native_command(terminal, database):
    """Passed through as the same JSON value, without blanks."""
    param = {"b": "blanks stay", "a": [1, 2.5, {"x": None}], "é": "王",
             "BIN": "BIN_2", "quote": 'a " b, \\ c'}
    bins = [b"first", b"", bytes(range(256))]
    database.queue(SN, "VENDOR_Thing_7", param, cmd_bin=bins, native=True)
    reply = terminal.poll()
    assert reply.header("cmd_code") == "VENDOR_Thing_7"
    text, sent_bins = unframe(reply.body)
    assert json.loads(text) == param
    assert text == json.dumps(json.loads(text), separators=(",", ":"),
                              ensure_ascii=False)
    assert sent_bins == bins


def test_native_number_beyond_64_bits(terminal, database):
    trans_id = database.queue(SN, "VENDOR", {}, native=True)
    database.set_command(trans_id, cmd_param="'{\"n\": 123456789012345678901"
                                             "2, \"f\": 1.10}'")
    text, _ = unframe(terminal.poll().body)
    assert text == '{"f":1.10,"n":1234567890123456789012}'


def test_native_command_without_parameters(terminal, database):
    database.queue(SN, "VENDOR", native=True)
    reply = terminal.poll()
    assert (reply.header("cmd_code"), reply.body) == ("VENDOR", b"")


@pytest.mark.parametrize("cmd_code, columns, word", [
    ("GET_USER_INFO", {}, "user_id is missing"),
    ("SET_DOOR_STATUS", {"cmd_param": {"door_status": "ajar"}},
     "door_status"),
    ("get_time", {}, "clock"),                  # FK has no such command
    ("NO_SUCH_COMMAND", {}, ""),
    ("SET_ENROLL_DATA", {"cmd_param": {"user_id": "1", "backup_number": 0,
                                       "enroll_data": "BIN_2"},
                         "cmd_bin": [b"x"]}, "BIN_2"),
    ("VENDOR", {"cmd_param": [1], "native": True}, "object"),
    ("VENDOR\r\nX-Evil: 1", {"native": True}, "native command code"),
])
def test_parameters_that_make_no_sense(terminal, database, cmd_code, columns,
                                       word):
    trans_id = database.queue(SN, cmd_code, **columns)
    following = database.queue(SN, "GET_DEVICE_STATUS")
    reply = terminal.poll()
    assert reply.response_code == "ERROR_GET_PARAM"
    assert (reply.header("trans_id"), reply.header("cmd_code")) == ("", "")
    assert reply.body == b"" and not reply.has("X-Evil")
    row = database.command(trans_id)
    assert row["trans_status"] == "failed"
    assert row["failure"] and word in row["failure"]
    assert given_out(terminal.poll()) == following


# ---- the clock -------------------------------------------------------------

@pytest.mark.parametrize("cmd_code", ["SET_TIME", "set_time"])
@pytest.mark.parametrize("time_zone, offset_minutes", [
    ("Asia/Kolkata", 330),  # the device's own
    (None, 14 * 60),        # wac_time_zone
])
def test_set_time_at_the_terminal(server, database, cmd_code, time_zone,
                                  offset_minutes):
    """Of the moment of delivery, however long it waited."""
    database.add_device(SN, time_zone=time_zone)
    database.execute("INSERT INTO wac_commands (sn, cmd_code, created_at) "
                     "VALUES (%s, %s, now() - interval '9 hours')",
                     (SN, cmd_code))
    reply = Terminal(server.port, SN).poll()
    assert reply.header("cmd_code") == "SET_TIME"
    param = json.loads(unframe(reply.body)[0])
    zone = datetime.timezone(datetime.timedelta(minutes=offset_minutes))
    now = datetime.datetime.now(zone).replace(tzinfo=None)
    told = datetime.datetime.strptime(param.pop("time"), "%Y%m%d%H%M%S")
    assert abs(now - told) < datetime.timedelta(minutes=2)
    assert param == {}


def test_set_time_without_any_zone(nginx, databases, template):
    """Then the database's own; its test server has UTC."""
    database = databases(template.name)
    server = nginx(CONF.replace("wac_time_zone Pacific/Kiritimati;", ""),
                   database=database, workers=2)
    database.add_device(SN)
    database.queue(SN, "SET_TIME")
    told = json.loads(unframe(Terminal(server.port, SN).poll().body)[0])
    told = datetime.datetime.strptime(told["time"], "%Y%m%d%H%M%S")
    now = datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None)
    assert abs(now - told) < datetime.timedelta(minutes=2)
