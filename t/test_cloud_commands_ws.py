"""Commands to terminals on a WebSocket: from wacctl or plain SQL through the
worker that holds the terminal to the rows of the answer; one at a time, as
often as allowed, and never late."""

import base64
import concurrent.futures
import json

import pytest

from wac.cloud import (Obedient, Terminal, pages, punch, reg, sendlog,
                       senduser)
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
    proxy_http_version 1.1;
    proxy_set_header Upgrade $http_upgrade;
    proxy_set_header Connection upgrade;
    proxy_read_timeout 1h;
    server {
        listen 127.0.0.1:%%PORT%%;
        location / { proxy_pass http://workers; }
        location /first { proxy_pass http://unix:%%FIRST%%:/; }
        location /second { proxy_pass http://unix:%%SECOND%%:/; }
    }
}
"""

SN = "ZX0006800001"
NOW = "2026-03-02 10:00:00"

ENDED = ("succeeded", "failed", "expired", "cancelled")


@pytest.fixture(scope="module")
def served(module_pair):
    """It waits for a terminal as long as the protocol says: a test that was
    held up is not taken for a silent terminal."""
    return module_pair(CONF)


@pytest.fixture(scope="module")
def hasty(module_pair):
    """On the same database; a terminal's silence is noticed soon."""
    return module_pair(CONF, command_timeout="2s")


@pytest.fixture
def database(served):
    return served.emptied()


@pytest.fixture
def patient(pair, databases, template):
    """A pair of the test's own."""
    return pair(CONF, database=databases(template.name))


@pytest.fixture
def terminal(served, database):
    with served.terminal(SN) as made:
        yield made


@pytest.fixture
def quiet(hasty, database):
    """A terminal that may be silent on purpose."""
    with hasty.terminal(SN) as made:
        yield made


def ended(database, trans_id, timeout=15):
    """The row when the command has ended."""
    def row():
        found = database.command(trans_id)
        return found if found["trans_status"] in ENDED else None

    return wait_for(row, timeout, f"command {trans_id} to end")


def wait_state(database, trans_id, state):
    wait_for(lambda: database.command(trans_id)["trans_status"] == state,
             what=f"command {trans_id} to be {state}")


@pytest.fixture
def send(database, wacctl):
    """send(code, {…}, "--flag", …): wacctl command send SN … --wait 20s, its
    output; the exit status is `status`."""
    def send_and_wait(code, param=None, *more, status=0):
        arguments = [code]
        if param is not None:
            arguments += ["--param", json.dumps(param)]
        run = wacctl("command", "send", SN, *arguments, *more, "--wait=20s",
                     json=True, check=False)
        assert run.returncode == status, run
        return run.json

    return send_and_wait


# ---- each kind, with wacctl ------------------------------------------------

def test_get_time(terminal, send):
    with Obedient(terminal, {"gettime": {"time": NOW, "result": None}}) as it:
        row = send("get_time")
        assert it.heard == [{"cmd": "gettime"}]
    assert row["trans_status"] == "succeeded"
    assert (row["return_code"], row["result"]) == ("0", {"time": NOW})
    assert row["attempts"] == 1


def test_set_time(database, terminal, send):
    """Of the moment of delivery, in the terminal's zone; both spellings."""
    database.execute("UPDATE wac_devices SET time_zone = 'Asia/Kolkata'")
    with Obedient(terminal, {"settime": {}}) as it:
        send("set_time")
        (frame,) = it.heard
    assert list(frame) == ["cmd", "cloudtime", "time"]
    assert frame["time"] == frame["cloudtime"]
    off = database.value(
        "SELECT abs(extract(epoch FROM now() AT TIME ZONE 'Asia/Kolkata' - "
        "%s::timestamp))::float8 AS s", (frame["time"],))
    assert off < 60


def test_list_users(database, terminal, send):
    entries = [{"enrollid": number, "admin": number % 2, "backupnum": backup}
               for number in range(1, 51) for backup in (0, 11)]
    answers = pages(entries, 40)
    with Obedient(terminal, {"getuserlist": answers}) as it:
        row = send("list_users")
        assert [frame["stn"] for frame in it.heard] \
            == [True, False, False, False]
    assert (row["result"]["pages"], row["result"]["count"]) == (3, 100)
    users = database.query("SELECT * FROM wac_users")
    assert {user["enrollid"]: (user["admin"], user["raw"]["backupnums"])
            for user in users} \
        == {str(number): (number % 2, [0, 11]) for number in range(1, 51)}
    assert row["records"] == 100


def test_get_logs(database, terminal, send):
    """Those that were pushed before are there once; twice pulled, too."""
    records = [punch(enrollid=number, number=number)
               for number in range(120)]
    for record in records[100:]:
        assert terminal.ask(sendlog(SN, [record]))["result"]
    with Obedient(terminal, {"getalllog": pages(records, 50)
                             + pages(records, 50)}) as it:
        first = send("get_logs", {"from": "2026-03-01", "to": "2026-03-31"})
        second = send("get_logs")
        assert it.heard[0]["from"] == "2026-03-01"
        assert it.heard[0]["to"] == "2026-03-31"
        assert "from" not in it.heard[4]
    assert (first["records"], first["records_new"]) == (120, 100)
    assert (second["records"], second["records_new"]) == (120, 0)
    stored = {(row["enrollid"], f"{row['record_time']:%F %T}")
              for row in database.punches()}
    assert stored == {(str(record["enrollid"]), record["time"])
                      for record in records}
    assert len(database.punches()) == 120


def test_bad_records_among_logs(database, terminal, send):
    records = [punch(1, 1), {"time": "junk"}, punch(2, 2)]
    with Obedient(terminal, {"getalllog": pages(records, 50)}):
        row = send("get_logs")
    assert (row["records"], row["records_invalid"]) == (3, 1)
    assert len(database.punches()) == 2
    quarantined = database.one("SELECT * FROM wac_quarantine")
    assert b"junk" in quarantined["frame"]


def test_get_user(database, terminal, send):
    """Its credentials as they are: texts, leading zeroes and all."""
    photo = b"\xff\xd8" + bytes(range(256)) + b"\xff\xd9"
    credentials = {0: "00aa(100)bb", 10: 1234, 11: "0001234567",
                   50: base64.b64encode(photo).decode()}

    def answer(frame):
        record = credentials.get(frame["backupnum"])
        if record is None:
            return {"result": False, "reason": 1}
        return {"name": "Zoë", "admin": 1, "record": record}

    with Obedient(terminal, {"getuserinfo": answer}) as it:
        row = send("get_user", {"enrollid": 7})
        assert {frame["enrollid"] for frame in it.heard} == {7}
    found = {key: value for key, value in row["result"].items()
             if key != "stored"}
    assert found == {"enrollid": 7, "name": "Zoë", "admin": 1,
                     "backupnums": [0, 10, 11, 50]}
    stored = {one["backupnum"]: one["record"] for one in
              database.query("SELECT * FROM wac_credentials")}
    assert stored == {number: str(record)
                      for number, record in credentials.items()}
    user = database.one("SELECT * FROM wac_users")
    assert (user["enrollid"], user["name"], user["admin"]) == ("7", "Zoë", 1)
    assert database.one("SELECT * FROM wac_photos")["content"] == photo
    assert "0001234567" not in json.dumps(row)


def test_get_user_who_is_not_there(database, terminal, send):
    refused = {"result": False, "reason": 1}
    with Obedient(terminal, {"getuserinfo": lambda _: refused}):
        row = send("get_user", {"enrollid": 7}, status=1)
    assert "no such user" in row["failure"]
    assert database.count("wac_users") == 0


def test_set_user(terminal, send, tmp_path):
    photo = tmp_path / "photo.jpg"
    photo.write_bytes(b"\xff\xd8 photo \xff\xd9")
    user = {"enrollid": 12, "name": "Ann", "privilege": "MANAGER",
            "credentials": [{"backupnum": 10, "record": "0123"},
                            {"backupnum": 11, "record": "1234567"},
                            {"backupnum": 0, "record": "00aa(5)"},
                            {"backupnum": 50, "record": "BIN_1"}],
            "enabled": True}
    with Obedient(terminal, {"setuserinfo": lambda _: {},
                             "enableuser": {}}) as it:
        row = send("set_user", user, "--bin", str(photo))
    assert row["trans_status"] == "succeeded"
    *credentials, enabling = it.heard
    assert [(frame["backupnum"], frame["record"]) for frame in credentials] \
        == [(10, "0123"), (11, 1234567), (0, "00aa(5)"),
            (50, base64.b64encode(photo.read_bytes()).decode())]
    for frame in credentials:
        assert list(frame) == ["cmd", "enrollid", "name", "backupnum",
                               "admin", "record"]
        assert (frame["enrollid"], frame["name"]) == (12, "Ann")
    assert (enabling["cmd"], enabling["enflag"]) == ("enableuser", 1)


def test_set_user_is_refused_half_way(terminal, send):
    user = {"enrollid": 12, "credentials": [
        {"backupnum": 10, "record": "1"}, {"backupnum": 50, "record": "AA=="},
        {"backupnum": 11, "record": "2"}]}
    answers = [{}, {"result": False, "reason": 12, "msg": "face is double"}]
    with Obedient(terminal, {"setuserinfo": answers}) as it:
        row = send("set_user", user, status=1)
        assert len(it.heard) == 2
    assert row["return_code"] == "12"
    assert "credential 50" in row["failure"]
    assert "face is double" in row["failure"]


def test_delete_user(terminal, send):
    """13 means everything, 12 where 13 is refused."""
    answers = [{"result": False, "reason": 1}, {}]
    with Obedient(terminal, {"deleteuser": answers}) as it:
        send("delete_user", {"enrollid": "12"})
        assert [frame["backupnum"] for frame in it.heard] == [13, 12]


def test_open_door(terminal, send, database):
    with Obedient(terminal, {"opendoor": {}}) as it:
        row = send("open_door", {"door": 2})
        assert it.heard == [{"cmd": "opendoor", "doornum": 2}]
    assert (row["attempts"], row["max_attempts"]) == (1, 1)


def test_refused_by_the_terminal(terminal, send):
    with Obedient(terminal, {"lockctrl": {"result": False, "reason": 1}}):
        row = send("lock_door", status=1)
    assert (row["trans_status"], row["return_code"]) == ("failed", "1")


def test_native(terminal, send):
    """Whatever it is, as it is; the answer as it is."""
    param = {"b": "blanks stay", "a": [1, 2.5, {"x": None}], "é": "王"}
    with Obedient(terminal, {"VendorThing_7": {"more": {"x": [1]}}}) as it:
        row = send("VendorThing_7", param, "--native")
        (frame,) = it.heard
    assert frame == {"cmd": "VendorThing_7", **param}
    assert row["result"] == {"more": {"x": [1]}}


# ---- reboot ----------------------------------------------------------------

def test_reboot(served, database, terminal, send):
    """No answer: it is done when the terminal is back."""
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(send, "reboot")
        assert terminal.command() == {"cmd": "reboot"}
        terminal.connection.abort()
        served.wait_offline(SN)
        command = database.one("SELECT * FROM wac_commands")
        assert command["trans_status"] == "sent"
        with served.terminal(SN) as again:
            assert waiting.result()["trans_status"] == "succeeded"
            again.hears_nothing_more()


def test_reboot_of_one_that_answers_first(served, database, terminal):
    """Some do."""
    trans_id = database.queue(SN, "reboot")
    terminal.answer(terminal.command())
    terminal.connection.abort()
    assert ended(database, trans_id)["trans_status"] == "succeeded"


# ---- silence ---------------------------------------------------------------

def test_no_answer(database, quiet):
    """As often as allowed, then the next command."""
    terminal = quiet
    silent = database.queue(SN, "get_info", max_attempts=2)
    following = database.queue(SN, "get_time")
    assert terminal.command() == {"cmd": "getdevinfo"}
    assert terminal.command() == {"cmd": "getdevinfo"}
    terminal.answer(terminal.command(), time=NOW)
    row = ended(database, silent)
    assert (row["trans_status"], row["attempts"]) == ("failed", 2)
    assert row["failure"] == "no answer after 2 deliveries"
    assert ended(database, following)["trans_status"] == "succeeded"
    terminal.hears_nothing_more()


def test_answered_at_the_second_time(database, quiet):
    terminal = quiet
    trans_id = database.queue(SN, "get_time")
    terminal.command()
    terminal.answer(terminal.command(), time=NOW)
    row = ended(database, trans_id)
    assert (row["trans_status"], row["attempts"]) == ("succeeded", 2)


def test_a_door_is_told_once(database, quiet):
    terminal = quiet
    trans_id = database.queue(SN, "open_door")
    assert terminal.command() == {"cmd": "opendoor"}
    row = ended(database, trans_id)
    assert (row["trans_status"], row["attempts"]) == ("failed", 1)
    terminal.hears_nothing_more()


def test_a_late_answer(database, quiet):
    """Of the command before, which has failed: it is not the answer to the
    next of the same name, and is itself answered with nothing."""
    terminal = quiet
    first = database.queue(SN, "get_user", {"enrollid": 1, "backupnum": 0},
                           max_attempts=1)
    second = database.queue(SN, "get_user", {"enrollid": 2, "backupnum": 0})
    older = terminal.command()
    newer = terminal.command()
    assert (older["enrollid"], newer["enrollid"]) == (1, 2)
    terminal.answer(older, name="a", admin=0, record="00aa")
    assert database.command(second)["trans_status"] == "sent"
    terminal.answer(newer, name="b", admin=0, record="00bb")
    assert ended(database, second)["result"]["enrollid"] == 2
    assert ended(database, first)["trans_status"] == "failed"
    stored = database.one("SELECT * FROM wac_credentials")
    assert (stored["enrollid"], stored["record"]) == ("2", "00bb")
    terminal.hears_nothing_more()


def test_late_logs_are_kept(database, quiet):
    """Asking for them again could be too late: they were given out."""
    terminal = quiet
    trans_id = database.queue(SN, "getnewlog", max_attempts=1)
    command = terminal.command()
    ended(database, trans_id)
    terminal.answer(command, **pages([punch(3, 3)], 50)[0])
    wait_for(lambda: database.count("wac_attendance_logs")
             or database.count("wac_quarantine"), what="the late record")
    terminal.answer(command, result=False)
    assert database.command(trans_id)["trans_status"] == "failed"


# ---- lost connections ------------------------------------------------------

def test_connection_lost_in_flight(served, database, terminal):
    """It goes out again with the next registration, on any worker."""
    trans_id = database.queue(SN, "get_time")
    terminal.command()
    terminal.connection.abort()
    served.wait_offline(SN)
    wait_state(database, trans_id, "queued")
    with served.terminal(SN) as again:
        again.answer(again.command(), time=NOW)
        row = ended(database, trans_id)
        assert (row["trans_status"], row["attempts"]) == ("succeeded", 2)


def test_registered_anew_in_flight(patient):
    """What was given out to the connection before is given out to this one,
    long before anybody loses patience."""
    database = patient.database
    with patient.terminal(SN, "/first") as old:
        trans_id = database.queue(SN, "get_time")
        old.command()
        with patient.terminal(SN, "/second") as new:
            new.answer(new.command(), time=NOW)
            row = ended(database, trans_id)
            assert (row["trans_status"], row["attempts"]) == ("succeeded", 2)


def test_registered_again_in_flight(patient):
    """On the same connection."""
    database = patient.database
    with patient.terminal(SN) as terminal:
        trans_id = database.queue(SN, "get_time")
        terminal.command()
        terminal.send(reg(SN))
        assert terminal.reply()["ret"] == "reg"
        terminal.answer(terminal.command(), time=NOW)
        row = ended(database, trans_id)
        assert (row["trans_status"], row["attempts"]) == ("succeeded", 2)
        terminal.hears_nothing_more()


def test_a_door_is_not_told_after_a_reconnect(served, database, terminal):
    door = database.queue(SN, "open_door")
    assert terminal.command() == {"cmd": "opendoor"}
    terminal.connection.abort()
    row = ended(database, door)
    assert (row["trans_status"], row["attempts"]) == ("failed", 1)
    database.queue(SN, "get_time")
    with served.terminal(SN) as again:
        assert again.command() == {"cmd": "gettime"}


def test_a_door_of_long_ago(served, database):
    database.add_device(SN, protocol="cloud")
    door = database.queue(SN, "open_door")
    database.set_command(door, expires_at="now()")
    database.queue(SN, "get_time")
    with served.terminal(SN) as terminal:
        assert terminal.command() == {"cmd": "gettime"}
        row = ended(database, door)
        assert (row["trans_status"], row["attempts"]) == ("expired", 0)


def test_cut_while_paging(served, database, terminal):
    """The records of the first page are kept; the list is fetched anew."""
    records = [punch(number, number) for number in range(20)]
    answers = pages(records, 10)
    trans_id = database.queue(SN, "get_logs")
    terminal.answer(terminal.command(), **answers[0])
    assert terminal.command()["stn"] is False
    assert len(database.punches()) == 10
    terminal.connection.abort()
    served.wait_offline(SN)
    with served.terminal(SN) as again:
        for stn, answer in zip((True, False, False), answers):
            command = again.command()
            assert command["stn"] is stn
            again.answer(command, **answer)
        row = ended(database, trans_id)
    assert row["trans_status"] == "succeeded"
    assert len(database.punches()) == 20


# ---- order and tact --------------------------------------------------------

def test_one_at_a_time_in_order(database, terminal):
    ids = [database.queue(SN, "get_user", {"enrollid": number,
                                           "backupnum": 0})
           for number in range(1, 21)]
    for number in range(1, 21):
        command = terminal.command()
        assert command["enrollid"] == number
        terminal.hears_nothing_more()
        terminal.answer(command, name="", admin=0, record="00")
    for trans_id in ids:
        assert ended(database, trans_id)["attempts"] == 1


def test_a_door_goes_before(database, terminal):
    """Whatever was queued before it, but not into the middle of that."""
    database.queue(SN, "get_info")
    command = terminal.command()
    database.queue(SN, "get_time")
    door = database.queue(SN, "open_door")
    terminal.hears_nothing_more()
    terminal.answer(command)
    command = terminal.command()
    assert command == {"cmd": "opendoor"}
    terminal.answer(command)
    assert ended(database, door)["trans_status"] == "succeeded"
    assert terminal.command() == {"cmd": "gettime"}


def test_records_between_pages(database, terminal):
    """They are answered; the list goes on."""
    trans_id = database.queue(SN, "list_users")
    entries = [{"enrollid": number, "admin": 0, "backupnum": 0}
               for number in (1, 2, 3, 4)]
    for number, answer in enumerate(pages(entries, 2)):
        command = terminal.command()
        assert terminal.punch(number=number)["result"] is True
        reply = terminal.ask(senduser(SN, 9, number, "00ff"))
        assert reply["result"] is True
        terminal.answer(command, **answer)
    assert ended(database, trans_id)["result"]["count"] == 4
    assert len(database.punches()) == 3
    assert database.count("wac_credentials") == 3


def test_answers_come_before_the_next_command(database, terminal):
    """A terminal that was told something while its batch waits for an
    answer sends it again (cloud-json.md 1.1)."""
    with database.connect() as lock, lock.transaction():
        lock.execute("LOCK TABLE wac_attendance_logs IN EXCLUSIVE MODE")
        terminal.send(sendlog(SN, [punch()]))
        wait_for(lambda: database.query(
            "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' "
            "AND datname = %s", (database.name,)), what="the insert")
        trans_id = database.queue(SN, "get_time")
        wait_state(database, trans_id, "sent")
    first = json.loads(terminal.connection.recv())
    second = json.loads(terminal.connection.recv())
    assert (first.get("ret"), second.get("cmd")) == ("sendlog", "gettime")


def test_answered_in_disguise(database, terminal):
    """With cmd for ret; it is no message to be answered."""
    trans_id = database.queue(SN, "getusername", {"enrollid": 7})
    command = terminal.command()
    terminal.send({"cmd": "getusername", "sn": SN, "result": 1,
                   "record": "Person 7"})
    assert command["enrollid"] == 7
    assert ended(database, trans_id)["result"] == {"record": "Person 7"}
    terminal.hears_nothing_more()


def test_answers_to_nothing(database, terminal):
    """Are not answered, and end nothing."""
    terminal.send({"ret": "gettime", "sn": SN, "time": NOW})
    terminal.send({"ret": "nothing", "sn": SN, "result": True})
    trans_id = database.queue(SN, "get_time")
    command = terminal.command()
    terminal.send({"ret": "getdevinfo", "sn": SN, "result": True})
    terminal.hears_nothing_more()
    assert database.command(trans_id)["trans_status"] == "sent"
    terminal.answer(command, time=NOW)
    assert ended(database, trans_id)["trans_status"] == "succeeded"


def test_cancelled(database, terminal, wacctl):
    """In the queue: it is never sent. On its way: its answer comes late."""
    first = database.queue(SN, "get_info")
    second = database.queue(SN, "get_time")
    command = terminal.command()
    wacctl("command", "cancel", first, second)
    terminal.answer(command, volume=5)
    third = database.queue(SN, "getdevlock")
    command = terminal.command()
    assert command == {"cmd": "getdevlock"}
    terminal.answer(command)
    ended(database, third)
    assert database.command(first)["trans_status"] == "cancelled"
    row = database.command(second)
    assert (row["trans_status"], row["attempts"]) == ("cancelled", 0)


# ---- who wakes whom --------------------------------------------------------

@pytest.mark.parametrize("path", ["/first", "/second"])
def test_the_worker_that_holds_it(served, database, path):
    """By plain SQL, on one or the other."""
    with served.terminal(SN, path) as terminal:
        trans_id = database.value(
            "INSERT INTO wac_commands (sn, cmd_code) VALUES (%s, 'get_time') "
            "RETURNING trans_id", (SN,))
        terminal.answer(terminal.command(), time=NOW)
        assert ended(database, trans_id)["attempts"] == 1


def test_many_at_once_by_sql(served, database):
    """In one statement, for terminals of both workers."""
    terminals = [served.terminal(f"T{number:02}",
                                 "/first" if number % 2 else "/second")
                 for number in range(12)]
    with database.connect() as connection:
        connection.execute(
            "INSERT INTO wac_commands (sn, cmd_code) SELECT sn, 'get_time' "
            "FROM wac_devices, generate_series(1, 3)")
    try:
        for _ in range(3):
            for terminal in terminals:
                terminal.answer(terminal.command(), time=NOW)
        wait_for(lambda: database.query(
            "SELECT trans_status, attempts, count(*)::int FROM wac_commands "
            "GROUP BY 1, 2") == [{"trans_status": "succeeded", "attempts": 1,
                                  "count": 36}], what="all commands")
    finally:
        for terminal in terminals:
            terminal.connection.abort()


def test_queued_while_offline(served, database):
    database.add_device(SN, protocol="cloud")
    ids = [database.queue(SN, code) for code in ("get_time", "get_info")]
    with served.terminal(SN) as terminal:
        for _ in ids:
            terminal.answer(terminal.command(), time=NOW)
        for trans_id in ids:
            assert ended(database, trans_id)["trans_status"] == "succeeded"


def test_bad_parameters(database, terminal):
    """By plain SQL, which nobody checks: it fails, the next one goes."""
    bad = [database.queue(SN, *what) for what in (
        ("get_user", {}), ("no_such_command",),
        ("open_door", {"door": 9}), ("set_name", {"name": "x"}))]
    database.queue(SN, "get_time")
    assert terminal.command() == {"cmd": "gettime"}
    for trans_id in bad:
        row = ended(database, trans_id)
        assert row["trans_status"] == "failed" and row["failure"]


def test_not_before_registering(served, database):
    """A connection that only sends is no way to the terminal."""
    database.add_device(SN, protocol="cloud")
    trans_id = database.queue(SN, "get_time")
    with Terminal(served.connect(), SN) as terminal:
        assert terminal.punch()["result"] is True
        terminal.hears_nothing_more()
        assert database.command(trans_id)["attempts"] == 0
        terminal.register()
        assert terminal.command() == {"cmd": "gettime"}


# ---- the database goes away ------------------------------------------------

def test_restart_before_delivery(own_cluster, pair):
    """Queued when no worker was listening: it is found all the same. The
    terminal has not noticed anything."""
    cluster, database = own_cluster()
    served = pair(CONF, database=database)
    served.allow_lost_database()
    with served.terminal(SN) as terminal:
        cluster.restart()
        trans_id = database.queue(SN, "get_time")
        terminal.answer(terminal.command(timeout=40), time=NOW)
        assert ended(database, trans_id)["trans_status"] == "succeeded"
        again = database.queue(SN, "get_info")
        terminal.answer(terminal.command(timeout=40))
        assert ended(database, again)["trans_status"] == "succeeded"
    served.wait_offline(SN, 40)


def test_restart_before_the_answer(own_cluster, pair):
    """What was answered is not lost: it is stored when that is possible."""
    cluster, database = own_cluster()
    served = pair(CONF, database=database)
    served.allow_lost_database()
    with served.terminal(SN) as terminal:
        trans_id = database.queue(SN, "list_users")
        command = terminal.command()
        cluster.stop()
        first, last = pages([{"enrollid": 1, "admin": 0, "backupnum": 0}], 9)
        terminal.answer(command, **first)
        cluster.start()
        terminal.answer(terminal.command(timeout=40), **last)
        row = ended(database, trans_id, 40)
        assert (row["trans_status"], row["attempts"]) == ("succeeded", 1)
    assert database.count("wac_users") == 1


def test_registers_again_while_its_answer_waits(own_cluster, pair):
    """On the same connection, as soon as the database is back: the answer
    that is kept meanwhile is stored, and the next command goes out."""
    cluster, database = own_cluster()
    served = pair(CONF, database=database)
    served.allow_lost_database()
    with served.terminal(SN) as terminal:
        first = database.queue(SN, "get_time")
        command = terminal.command()
        cluster.stop()
        terminal.answer(command, time=NOW)
        cluster.start()
        wait_for(lambda: terminal.ask(reg(SN))["result"], 40,
                 "the registration")
        row = ended(database, first)
        assert (row["trans_status"], row["attempts"]) == ("succeeded", 1)
        second = database.queue(SN, "get_info")
        terminal.answer(terminal.command(), volume=8)
        assert ended(database, second)["trans_status"] == "succeeded"


def test_answer_that_the_database_refuses(patient):
    """It is refused for ever: the command fails, and the next goes out."""
    database = patient.database
    database.execute(
        "CREATE FUNCTION wac_refuses() RETURNS trigger LANGUAGE plpgsql AS $$"
        " BEGIN RAISE check_violation USING MESSAGE = 'wac_refuses it'; END $$")
    database.execute(
        "CREATE TRIGGER wac_refuses BEFORE UPDATE ON wac_commands"
        " FOR EACH ROW WHEN (NEW.result->>'volume' = '8')"
        " EXECUTE FUNCTION wac_refuses()")
    with patient.terminal(SN) as terminal:
        first = database.queue(SN, "get_info")
        terminal.answer(terminal.command(), volume=8)
        row = ended(database, first)
        assert row["trans_status"] == "failed"
        assert "the database cannot hold the answer" in row["failure"]
        second = database.queue(SN, "get_info")
        terminal.answer(terminal.command(), volume=7)
        assert ended(database, second)["trans_status"] == "succeeded"


def test_listening_sessions_killed(patient):
    """An operator's pg_terminate_backend."""
    database = patient.database
    patient.allow_lost_database()
    with patient.terminal(SN) as terminal:
        for _ in range(5):
            database.query("SELECT pg_terminate_backend(pid) "
                           "FROM pg_stat_activity WHERE datname = %s "
                           "AND pid <> pg_backend_pid()", (database.name,))
            trans_id = database.queue(SN, "get_time")
            terminal.answer(terminal.command(timeout=40), time=NOW)
            ended(database, trans_id)
