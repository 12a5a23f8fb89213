"""Requests to XML terminals: every cmd-* of t/vectors/xml, by its own name
and by the common vocabulary; one at a time, never late; the rows of the
answers."""

import base64
import json

import pytest

from test_xml_vectors import (INDEX, VECTORS, check_same, reply_of, request_of)
from wac import websocket, xml
from wac.wait import wait_for
from wac.xml import (JPEG, OK, SN, Obedient, OperationTerminal, Terminal,
                     timelog)

O = "TST0000002"
ENDED = ("succeeded", "failed", "expired", "cancelled")
OF_SERVERS = [row["name"] for row in INDEX if row["initiator"] == "server"]

# how those end whose answer is not a plain yes
FAILED = {
    "cmd-getuserdata-missing": ("Fail", "refused"),
    "cmd-setuserdata-nocert": ("Fail", "refused: No Certificates"),
    "cmd-enrollfacebyphoto-fail": ("Fail", None),
    "cmd-remoteenroll-busy": ("MenuProcessing", "MenuProcessing"),
    "cmd-getnextglog-end": ("Fail", "refused"),
    "cmd-exitremoteenroll": ("NotStartedRemoteEnroll",
                             "NotStartedRemoteEnroll"),
}
# rows of people, of credentials, of logs that an answer leaves
ROWS = {
    "cmd-getuserdata": (1, 2, 0),
    "cmd-getfirstuserdata": (1, 2, 0),
    "cmd-getnextuserdata-last": (1, 2, 0),
    "cmd-getnextuserdataext": (1, 2, 0),
    "cmd-getfacedata": (None, 1, 0),
    "cmd-getfingerdata": (None, 1, 0),
    "cmd-getfirstglog": (0, 0, 1),
    "cmd-getnextglog": (0, 0, 1),
}
# the same by the words of all terminals
WORDS = {
    "cmd-lockcontrol-open": ("open_door", None),
    "cmd-lockcontrol-reboot": ("reboot", None),
    "cmd-getdevicestatusall": ("get_status", None),
    "cmd-gettime": ("get_time", None),
    "cmd-settime": ("set_time", {"time": "2026-05-12 09:15:30"}),
    "cmd-emptytimelog": ("clear_logs", None),
    "cmd-emptyuserenrollmentdata": ("clear_users", None),
    "cmd-deleteuser": ("delete_user", {"enrollid": 42}),
    "cmd-setdeviceinfo": ("set_info", {"SoundVolume": 5}),
    "cmd-remoteenroll": ("enroll_user", {"enrollid": 42, "backupnum": 0}),
    "cmd-setdeviceinfoext-url": (
        "set_server", {"host": "wss://cloud.example.net/ws"}),
}


@pytest.fixture(scope="module")
def worker(module_database):
    """It waits for a terminal as long as the protocol says: a test that was
    held up is not taken for a silent terminal."""
    with xml.running(module_database, enrolment="open") as running:
        yield running


@pytest.fixture(scope="module")
def hasty(module_database):
    """On the same database; a terminal's silence is noticed soon."""
    with xml.running(module_database, enrolment="open",
                     command_timeout="2s") as running:
        yield running


@pytest.fixture
def database(module_database):
    database = xml.emptied(module_database)
    xml.add_device(database, SN)
    return database


@pytest.fixture
def terminal(worker, database):
    """Which has nothing more to say after its Login."""
    with Terminal(websocket.connect(worker.socket), SN) as made:
        assert made.login() == OK
        yield made.settle()


@pytest.fixture
def quiet(hasty, database):
    """One that may be silent on purpose."""
    with Terminal(websocket.connect(hasty.socket), SN) as made:
        assert made.login() == OK
        yield made.settle()


def ended(database, trans_id):
    def row():
        found = database.command(trans_id)
        return found if found["trans_status"] in ENDED else None

    return wait_for(row, 20, f"command {trans_id} to end")


@pytest.fixture
def send(database, wacctl):
    """wacctl command send … --wait; the command's row."""
    def send_and_wait(code, param=None, *more, status=0):
        arguments = [code]
        if param is not None:
            arguments += ["--param", json.dumps(param)]
        run = wacctl("command", "send", SN, *arguments, *more, "--wait=20s",
                     json=True, check=False, database=database)
        assert run.returncode == status, run
        return run.json

    return send_and_wait


def check_rows(database, name):
    users, credentials, logs = ROWS.get(name, (0, 0, 0))
    if users is not None:
        assert database.count("wac_users") == users
    assert database.count("wac_credentials") == credentials
    assert len(database.punches()) == logs


# ---- each of the vectors ---------------------------------------------------

def test_all_are_here():
    assert len(OF_SERVERS) == 45
    assert FAILED.keys() | ROWS.keys() | WORDS.keys() <= set(OF_SERVERS)


def check_request(terminal, database, name):
    """As it stands there; its answer ends it."""
    expected = xml.read(request_of(name))
    fields = dict(expected.fields)
    trans_id = database.queue(SN, fields.pop("Request"), fields or None)
    check_same(expected, terminal.request())
    terminal.send(xml_text(name))
    row = ended(database, trans_id)
    if name in FAILED:
        return_code, failure = FAILED[name]
        assert (row["trans_status"], row["return_code"]) == (
            "failed", return_code), name
        assert failure is None or row["failure"] == failure
    else:
        assert row["trans_status"] == "succeeded", row
        assert row["return_code"] in (OK, "Success")
    assert row["attempts"] == 1


@pytest.mark.parametrize("name", sorted(ROWS))
def test_request_for_rows(terminal, database, name):
    check_request(terminal, database, name)
    check_rows(database, name)


def test_requests(terminal, database):
    """All others, one after the other; they leave no rows."""
    for name in OF_SERVERS:
        if name not in ROWS:
            check_request(terminal, database, name)
    check_rows(database, None)
    terminal.hears_nothing_more()


def xml_text(name):
    return (VECTORS / f"{name}.reply.xml").read_text("utf-8")


def test_words(terminal, database):
    for name, (code, param) in WORDS.items():
        trans_id = database.queue(SN, code, param)
        check_same(xml.read(request_of(name)), terminal.request())
        terminal.send(xml_text(name))
        assert ended(database, trans_id)["trans_status"] == "succeeded", name


def test_results_for_people_to_read(terminal, database):
    """Names as text, signed numbers, no secrets."""
    results = {}
    for name in ("cmd-getdepartment", "cmd-getdeviceinfo", "cmd-gettime",
                 "cmd-getfirmwareversion", "cmd-getuserdata",
                 "cmd-lockcontrolstatus"):
        fields = dict(xml.read(request_of(name)).fields)
        trans_id = database.queue(SN, fields.pop("Request"), fields or None)
        terminal.request()
        terminal.send(xml_text(name))
        results[name] = ended(database, trans_id)["result"]
    assert results["cmd-getdepartment"] == {"DeptNo": "3", "Name": "Sales"}
    assert results["cmd-getdeviceinfo"]["Value"] == "-300"
    assert results["cmd-gettime"] == {"Time": "2026-5-12-T9:15:30Z"}
    assert results["cmd-lockcontrolstatus"] == {"Mode": "6"}
    assert results["cmd-getfirmwareversion"]["Version"] == "TestFace v1.2.3"
    person = results["cmd-getuserdata"]
    assert person["Name"] == "Ana Ruiz"
    assert "012345" not in str(results) and "koRRAA" not in str(results)


# ---- with wacctl -----------------------------------------------------------

def test_get_user(terminal, database, send):
    """The person with all that there is of them."""
    person = dict(reply_of("cmd-getuserdata").fields)
    script = {
        "GetUserData": person,
        "GetFingerData": lambda request: {
            "FingerData": f"AAA{request.fields['FingerNo']}",
            "Duress": "No"},
        "GetFaceData": {"FaceEnrolled": "Yes", "FaceData": "AAEC"},
        "GetUserPhoto": {"PhotoSize": len(JPEG),
                         "PhotoData": base64.b64encode(JPEG).decode()}}
    with Obedient(terminal, script) as it:
        row = send("get_user", {"enrollid": 42})
        names = it.names()
    assert row["trans_status"] == "succeeded"
    assert names[0] == "GetUserData" and names.count("GetFingerData") == 2
    user = database.one("SELECT * FROM wac_users")
    assert (user["enrollid"], user["name"], user["privilege"],
            user["enabled"]) == ("42", "Ana Ruiz", "USER", True)
    records = {row["backupnum"]: row["record"] for row in database.query(
        "SELECT backupnum, record FROM wac_credentials")}
    assert records[10] == "012345"
    assert records[11] == str(int.from_bytes(
        base64.b64decode("koRRAA=="), "little"))
    assert (records[0], records[1]) == ("AAA0", "AAA1")
    assert records[20] == "AAEC"


def test_list_users(terminal, database, send):
    """By the person behind each, until there is no more."""
    def next_user(request):
        after = int(request.fields["UserID"])
        return {"UserID": after + 10, "Privilege": "Manager",
                "Enabled": "Yes", "Fingers": 0, "FaceEnrolled": "No",
                "More": "Yes" if after < 20 else "No"}

    with Obedient(terminal, {"GetNextUserDataExt": next_user}) as it:
        row = send("list_users")
        assert [frame.fields["UserID"] for frame in it.heard] == [
            "0", "10", "20"]
    assert row["trans_status"] == "succeeded"
    users = database.query("SELECT * FROM wac_users ORDER BY enrollid")
    assert [user["enrollid"] for user in users] == ["10", "20", "30"]
    assert {user["privilege"] for user in users} == {"MANAGER"}


def test_set_user_keeps_the_rest(terminal, database, send):
    """What is there is read first."""
    person = dict(reply_of("cmd-getuserdata").fields)
    with Obedient(terminal, {"GetUserData": person, "SetUserData": {},
                             "SetFingerData": {}}) as it:
        send("set_user", {"enrollid": 42, "name": "Bo", "credentials": [
            {"backupnum": 10, "record": "777"},
            {"backupnum": 3, "record": "AAEC"}]})
        change = next(frame.fields for frame in it.heard
                      if frame.request == "SetUserData")
        finger = next(frame.fields for frame in it.heard
                      if frame.request == "SetFingerData")
    assert base64.b64decode(change["Name"]).decode("utf-16-le").rstrip(
        "\0") == "Bo"
    assert (change["UserID"], change["Type"], change["PWD"],
            change["Privilege"]) == ("42", "Set", "777", "User")
    assert (finger["FingerNo"], finger["FingerData"]) == ("3", "AAEC")


def test_native(terminal, send):
    """A request of a firmware nobody has heard of."""
    with Obedient(terminal, {"SetTrIcon2": {"IconNo": 4}}) as it:
        row = send("SetTrIcon2", {"IconNo": 4, "Status": True,
                                  "Text": "<&>"}, "--native")
        (frame,) = it.heard
    assert frame.fields == {"Request": "SetTrIcon2", "IconNo": "4",
                            "Status": "Yes", "Text": "<&>"}
    assert (row["trans_status"], row["result"]) == ("succeeded",
                                                    {"IconNo": "4"})


@pytest.mark.parametrize("code, param", [
    ("unlock_everything", None), ("get_user", None),
    ("get_user", {"enrollid": "a"}), ("Register", None),
    ("GetTime", {"Request": "LockControl"}), ("GetTime", {"a b": 1}),
    ("set_server", {"host": "http://x.example"}),
])
def test_refused(terminal, database, wacctl, code, param):
    """By wacctl, which queues nothing; by the worker, which sends
    nothing."""
    arguments = [] if param is None else ["--param", json.dumps(param)]
    run = wacctl("command", "send", SN, code, *arguments, "--yes",
                 check=False, database=database)
    assert run.returncode != 0 and run.stderr
    assert database.count("wac_commands") == 0
    row = ended(database, database.queue(SN, code, param))
    assert row["trans_status"] == "failed" and row["failure"]
    terminal.hears_nothing_more()


# ---- one at a time, and never late -----------------------------------------

def test_one_in_flight(terminal, database):
    """What the terminal says of its own meanwhile is answered, and what
    answers something else is no answer."""
    first = database.queue(SN, "GetTime")
    second = database.queue(SN, "GetFirmwareVersion")
    request = terminal.request()
    assert request.request == "GetTime"
    assert terminal.log(1) == OK
    terminal.send(timelog(SN, 2))
    terminal.answer(request, Response="GetFirmwareVersion", Version="x")
    terminal.answer(request, Response="GetUserData", UserID=1)
    assert terminal.reply().result == OK
    terminal.hears_nothing_more()
    assert database.command(second)["trans_status"] == "queued"
    terminal.answer(request, Time=xml.moment(1))
    assert ended(database, first)["trans_status"] == "succeeded"
    request = terminal.request()
    terminal.answer(request, Version="1")
    assert ended(database, second)["result"]["Version"] == "1"


def test_answer_about_another(terminal, database):
    """The echoed keys tell."""
    trans_id = database.queue(SN, "GetUserData", {"UserID": 42})
    request = terminal.request()
    terminal.answer(request, UserID=43, Name="")
    terminal.hears_nothing_more()
    assert database.command(trans_id)["trans_status"] == "sent"
    terminal.answer(request, Name="", Privilege="User")
    assert ended(database, trans_id)["trans_status"] == "succeeded"
    assert database.one("SELECT * FROM wac_users")["enrollid"] == "42"


def test_retries(quiet, database):
    """As often as it may be tried."""
    terminal = quiet
    trans_id = database.queue(SN, "GetTime", max_attempts=2)
    terminal.request()
    request = terminal.request()
    assert database.command(trans_id)["attempts"] == 2
    terminal.answer(request, Time=xml.moment(1))
    assert ended(database, trans_id)["trans_status"] == "succeeded"


def test_no_second_request_before_the_late_answer(database):
    """Of the same name: nobody could tell which of them was answered. What is
    urgent does not wait for it."""
    with xml.running(database, command_timeout="5s") as worker, \
            Terminal(websocket.connect(worker.socket), SN) as terminal:
        assert terminal.login() == OK
        terminal.settle()
        silent = database.queue(SN, "GetTime", max_attempts=1)
        late = terminal.request()
        assert ended(database, silent)["trans_status"] == "failed"
        again = database.queue(SN, "GetTime")
        door = database.queue(SN, "open_door")
        request = terminal.request()
        assert request.request == "LockControl"
        terminal.answer(request)
        assert ended(database, door)["trans_status"] == "succeeded"
        row = database.command(again)
        assert (row["trans_status"], row["attempts"]) == ("queued", 0)
        terminal.answer(late, Time=xml.moment(1))
        terminal.answer(terminal.request(), Time=xml.moment(2))
        row = ended(database, again)
        assert (row["attempts"], row["result"]["Time"]) == (1, xml.moment(2))


def test_a_terminal_that_is_not_ready(quiet, database, send):
    """It is asked again, not for ever."""
    busy = {"Result": "Device Not Ready"}
    with Obedient(quiet, {"GetTime": [busy, busy, busy, {"Time": "x"}],
                          "GetFirmwareVersion": busy}) as it:
        row = send("GetTime")
        assert (row["trans_status"], row["attempts"]) == ("succeeded", 1)
        row = send("GetFirmwareVersion", status=1)
        assert row["return_code"] == "Device Not Ready"
        assert it.names() == ["GetTime"] * 4 + ["GetFirmwareVersion"] * 4


def test_retried_on_the_next_connection(worker, terminal, database):
    trans_id = database.queue(SN, "GetTime")
    terminal.request()
    terminal.connection.abort()
    with Terminal(websocket.connect(worker.socket), SN) as again:
        assert again.login() == OK
        with Obedient(again, {"GetTime": {"Time": xml.moment(1)}}):
            row = ended(database, trans_id)
    assert (row["trans_status"], row["attempts"]) == ("succeeded", 2)


def test_door_is_not_opened_late(worker, database):
    """Neither by the word nor by the terminal's own request."""
    late = [database.queue(SN, "open_door"),
            database.queue(SN, "LockControl", {"Mode": 1})]
    for trans_id in late:
        row = database.command(trans_id)
        assert (row["expires_at"] - row["created_at"]).total_seconds() <= 30
        database.set_command(trans_id, expires_at="now()")
    with Terminal(websocket.connect(worker.socket), SN) as terminal:
        assert terminal.login() == OK
        terminal.settle().hears_nothing_more()
        wait_for(lambda: {database.command(trans_id)["trans_status"]
                          for trans_id in late} == {"expired"},
                 what="both to be expired")
        terminal.hears_nothing_more()


def test_door_is_opened_once(quiet, database):
    """No answer came: nobody knows whether it did."""
    terminal = quiet
    trans_id = database.queue(SN, "open_door")
    assert terminal.request().fields["Mode"] == "1"
    assert ended(database, trans_id)["trans_status"] == "failed"
    terminal.hears_nothing_more()  # but it is served
    assert database.command(trans_id)["attempts"] == 1


@pytest.mark.parametrize("code, param", [("reboot", None),
                                         ("LockControl", {"Mode": 5})])
def test_reboot_ends_when_it_is_back(worker, terminal, database, code, param):
    trans_id = database.queue(SN, code, param)
    request = terminal.request()
    assert request.fields == {"Request": "LockControl", "Mode": "5"}
    terminal.connection.abort()
    assert database.command(trans_id)["trans_status"] == "sent"
    with Terminal(websocket.connect(worker.socket), SN) as again:
        assert again.login() == OK
        assert ended(database, trans_id)["trans_status"] == "succeeded"
        again.settle().hears_nothing_more()


def test_nothing_is_sent_before_login(worker, database):
    database.queue(SN, "GetTime")
    with Terminal(websocket.connect(worker.socket), SN) as terminal:
        assert terminal.login("guess") == "FailUnknownToken"
        terminal.send(timelog(SN, 1))
        assert terminal.login("guess") == "FailUnknownToken"
        assert terminal.heard_no_request()


def test_not_of_dialect_o(worker, database):
    """Of which no requests are known: whoever sends a command hears so."""
    before = database.queue(O, "open_door")
    with OperationTerminal(websocket.connect(worker.socket), O) as terminal:
        assert terminal.register().result == "success"
        for trans_id in (before, database.queue(O, "GetTime", native=True)):
            row = ended(database, trans_id)
            assert row["trans_status"] == "failed"
            assert "<Request>" in row["failure"]
        assert terminal.log() == "success"
        assert terminal.heard_no_request()