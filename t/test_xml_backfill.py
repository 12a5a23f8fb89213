"""After Login an XML terminal of dialect M is asked for the logs that it kept:
what is asked, how far it was remembered, what comes between, and terminals
that do not know what they have."""

import pytest

from wac import websocket, xml
from wac.wait import wait_for
from wac.xml import OK, SN, Obedient, Terminal, add_device, message, moment



@pytest.fixture(scope="module")
def worker(module_database):
    with xml.running(module_database, enrolment="open") as running:
        yield running


@pytest.fixture(scope="module")
def hasty(module_database):
    """On the same database; a terminal's silence is noticed soon. The others
    must not be taken for silent when the machine is slow: they are asked for
    no more logs then."""
    with xml.running(module_database, enrolment="open",
                     command_timeout="2s") as running:
        yield running


@pytest.fixture
def database(module_database):
    database = xml.emptied(module_database)
    add_device(database, SN)
    return database


@pytest.fixture
def connected(worker, database):
    """Makes terminals that have logged in."""
    made = []

    def make(to=worker):
        made.append(Terminal(websocket.connect(to.socket), SN))
        assert made[-1].login() == OK
        return made[-1]

    yield make
    for terminal in made:
        terminal.connection.abort()


def kept_log(log_id, **more):
    return {"LogID": log_id, "Time": moment(log_id % 36000), "UserID": 7,
            "Action": "FACE", "AttendStat": "DutyOn", "Photo": "No", **more}


class Kept:
    """The logs of a terminal by position, as a script for Obedient."""

    def __init__(self, logs, count=None, shift=0):
        self.logs = logs
        self.count = len(logs) if count is None else count
        self.shift = shift  # BeginLogPos is a LogID: this one is the first
        self.asked = []

    def script(self, **more):
        return {"GetGlogPosInfo": lambda _: {"LogCount": self.count},
                "GetFirstGlog": self.at, "GetNextGlog": self.at, **more}

    def at(self, request):
        position = int(request.fields["BeginLogPos"])
        self.asked.append(position)
        position -= self.shift
        if not 0 <= position < len(self.logs):
            return {"Result": "Fail"}
        return self.logs[position]


def first(count, begin=1):
    return [kept_log(log_id) for log_id in range(begin, begin + count)]


def log_ids(database):
    return sorted(int(row["log_id"]) for row in database.punches())


def cursor(database):
    return database.device(SN)["log_cursor"]


def wait_cursor(database, value):
    wait_for(lambda: cursor(database) == value, what=f"the cursor {value}")


def check_takes_commands(database):
    """From a terminal that is told how to answer GetTime."""
    trans_id = database.queue(SN, "GetTime")
    wait_for(lambda: database.command(trans_id)["trans_status"]
             == "succeeded", what="the command")


# ---- as it is meant --------------------------------------------------------

def test_all_of_a_new_terminal(connected, database):
    """SetTime, how many, and then each from the oldest on."""
    kept = Kept(first(7))
    with Obedient(connected(), kept.script()) as it:
        wait_cursor(database, 7)
        assert it.names()[:3] == ["SetTime", "GetGlogPosInfo",
                                  "GetFirstGlog"]
        assert set(it.names()[3:]) == {"GetNextGlog"}
    assert log_ids(database) == list(range(1, 8))
    assert all(row["resends"] == 0 for row in database.punches())
    (row,) = [row for row in database.punches() if row["log_id"] == "3"]
    assert (row["enrollid"], row["method"], row["direction"]) == (
        "7", "face", "in")
    assert row["record_instant"] == database.value(
        "SELECT timestamptz '2026-05-12 08:00:03+08'")


@pytest.mark.parametrize("new", [0, 1, 2, 40])
def test_those_above_the_cursor(connected, database, new):
    """Searched for, not walked to."""
    add_device_cursor(database, 200)
    kept = Kept(first(200 + new))
    with Obedient(connected(), kept.script()) as it:
        wait_for(lambda: "GetGlogPosInfo" in it.names()
                 and cursor(database) == 200 + new
                 and 200 + new in {position + 1 for position in kept.asked},
                 what="the newest to be seen")
        wait_for(lambda: len(database.punches()) == new, what="the logs")
        assert len(kept.asked) <= new + 12
    assert log_ids(database) == list(range(201, 201 + new))


def add_device_cursor(database, log_id):
    database.execute("UPDATE wac_devices SET log_cursor = %s", (log_id,))


def test_none(connected, database):
    """It hears nothing more of it."""
    terminal = connected().settle()
    terminal.hears_nothing_more()
    assert cursor(database) is None


def test_what_it_pushes_too(connected, database):
    """Is there once, whichever way it came first."""
    kept = Kept(first(30))
    terminal = connected()
    with Obedient(terminal, kept.script()) as it:
        for log_id in (29, 30, 3):
            terminal.send(xml.timelog(
                SN, log_id, UserID=7, Action="FACE", AttendStat="DutyOn"))
        wait_cursor(database, 30)
        wait_for(lambda: len(it.answers) == 3, what="the answers")
        assert {frame.result for frame in it.answers} == {OK}
    assert log_ids(database) == list(range(1, 31))
    assert sum(row["resends"] for row in database.punches()) == 3


def test_each_is_committed_before_the_next(connected, database):
    """And the terminal's own messages are answered meanwhile."""
    terminal = connected()
    for name in ("SetTime", "GetGlogPosInfo"):
        request = terminal.request()
        assert request.request == name
        terminal.answer(request, LogCount=3)
    for log_id in (1, 2):
        request = terminal.request()
        assert database.count("wac_attendance_logs") == log_id - 1
        terminal.keep_alive()
        assert terminal.heard_no_request()
        terminal.answer(request, **kept_log(log_id))
    terminal.request()
    assert log_ids(database) == [1, 2]


def test_one_that_cannot_be_understood(connected, database):
    """Is kept aside, and those behind it are not lost."""
    logs = first(5)
    logs[2]["Time"] = "2026-02-31-T00:00:00Z"
    with Obedient(connected(), Kept(logs).script()):
        wait_cursor(database, 5)
    assert log_ids(database) == [1, 2, 4, 5]
    aside = database.one("SELECT * FROM wac_quarantine")
    assert (aside["sn"], aside["protocol"]) == (SN, "xml")
    assert b"2026-02-31" in bytes(aside["frame"])


# ---- terminals that have it otherwise --------------------------------------

def test_count_too_large(connected, database):
    with Obedient(connected(), Kept(first(5), count=5000).script()) as it:
        wait_cursor(database, 5)
        assert it.names().count("GetNextGlog") < 12
    assert log_ids(database) == list(range(1, 6))


def test_count_too_small(connected, database):
    """Those that came while it was asked are fetched as well, by a unit that
    takes LogIDs for positions."""
    kept = Kept(first(9), count=1, shift=1)
    with Obedient(connected(), kept.script()):
        wait_for(lambda: kept.asked, what="a request")
        wait_for(lambda: cursor(database) or kept.asked[-1:] == [0],
                 what="its end")
    assert set(log_ids(database)) <= set(range(1, 10))


@pytest.mark.parametrize("count", ["x", "", -3, 1 << 70, 999999999999])
def test_count_that_is_none(connected, database, count):
    """It ends, and the terminal is served as ever."""
    terminal = connected()
    with Obedient(terminal, Kept(first(2), count=count).script(
            GetTime={"Time": moment(1)})) as it:
        wait_for(lambda: "GetGlogPosInfo" in it.names(), what="the count")
        check_takes_commands(database)
    assert set(log_ids(database)) <= {1, 2}


def test_the_same_log_for_ever(connected, database):
    with Obedient(connected(), {
            "GetGlogPosInfo": {"LogCount": 500},
            "GetFirstGlog": kept_log(3), "GetNextGlog": kept_log(3)}) as it:
        wait_cursor(database, 3)
        asked = len(it.heard)
        it.terminal.send(message(Event="KeepAlive", DeviceSerialNo=SN))
        wait_for(lambda: it.answers, what="the answer")
        assert len(it.heard) == asked < 80
    assert log_ids(database) == [3]


def test_it_counts_anew(connected, database):
    """After EmptyTimeLog: the cursor is above all that there is."""
    add_device_cursor(database, 1000)
    with Obedient(connected(), Kept(first(4)).script()):
        wait_for(lambda: len(database.punches()) == 4, what="the logs")
        wait_cursor(database, 4)
    assert log_ids(database) == [1, 2, 3, 4]


@pytest.mark.parametrize("silent", ["SetTime", "GetGlogPosInfo",
                                    "GetFirstGlog"])
def test_no_answer(connected, hasty, database, silent):
    """It is left alone, and commands come to it."""
    trans_id = database.queue(SN, "GetTime")
    terminal = connected(hasty)
    with Obedient(terminal, {**Kept(first(2)).script(), silent: None,
                             "GetTime": {"Time": moment(1)}}) as it:
        wait_for(lambda: silent in it.names(), 30, "the request")
        wait_for(lambda: database.command(trans_id)["trans_status"]
                 == "succeeded", what="the command")
        check_takes_commands(database)
        assert it.names().count(silent) == 1
    assert database.punches() == []


@pytest.mark.parametrize("refused", ["SetTime", "GetGlogPosInfo",
                                     "GetFirstGlog"])
def test_refused(connected, database, refused):
    terminal = connected()
    with Obedient(terminal, {**Kept(first(2)).script(),
                             refused: {"Result": "Fail"},
                             "GetTime": {"Time": moment(1)}}) as it:
        wait_for(lambda: refused in it.names(), what="the request")
        check_takes_commands(database)
        if refused == "SetTime":  # some cannot, and have logs
            wait_cursor(database, 2)
        else:
            assert database.punches() == []


# ---- what comes between ----------------------------------------------------

def test_it_goes_away(connected, database):
    """What came counts; the next time it goes on from there, or from the
    cursor that was kept before."""
    kept = Kept(first(150))
    gone = connected()

    def leave(request):
        if len(kept.asked) == 130:
            gone.connection.abort()
            return None
        return kept.at(request)

    with Obedient(gone, kept.script(GetNextGlog=leave)):
        assert gone.connection.wait_closed() == 1006
    wait_for(lambda: len(database.punches()) >= 130, what="what came")
    assert cursor(database) >= 100
    kept.asked.clear()
    with Obedient(connected(), kept.script()):
        wait_cursor(database, 150)
    assert log_ids(database) == list(range(1, 151))
    assert len(kept.asked) < 70


def test_commands_go_first(connected, database):
    """The request behind the one that is under way is the command's."""
    kept = Kept(first(40))

    def at(request):
        if len(kept.asked) == 20:
            trans_id = database.queue(SN, "GetTime")
            wait_for(lambda: database.command(trans_id)["trans_status"]
                     == "sent", what="the command to be claimed")
        return kept.at(request)

    with Obedient(connected(), kept.script(
            GetNextGlog=at, GetTime={"Time": moment(1)})) as it:
        wait_cursor(database, 40)
        logs = it.names()[2:]
        assert logs.index("GetTime") == 21 and len(logs) == 42
    assert log_ids(database) == list(range(1, 41))


def test_answers_to_other_positions_are_none(connected, database):
    """An answer that was not asked for stores nothing."""
    terminal = connected()
    request = terminal.request()
    terminal.answer(request, Response="GetNextGlog", **kept_log(5))
    terminal.answer(request)
    request = terminal.request()
    terminal.answer(request, LogCount=0)
    terminal.send(message(Response="GetFirstGlog", DeviceSerialNo=SN,
                          **kept_log(6), Result=OK))
    terminal.hears_nothing_more()
    assert database.punches() == []


def test_blocked_meanwhile(connected, database):
    """Nothing more is stored of it."""
    kept = Kept(first(200))
    terminal = connected()

    def at(request):
        if len(kept.asked) == 10:
            database.execute("UPDATE wac_devices SET state = 'blocked'")
        return kept.at(request)

    with Obedient(terminal, kept.script(GetNextGlog=at)):
        wait_for(lambda: len(kept.asked) >= 11, what="eleven requests")
        terminal.send(message(Event="TimeLog_v2", DeviceSerialNo=SN,
                              LogID=1, TransID=1))
        assert terminal.wait_closed() == 1008
    assert len(database.punches()) <= 11


# ---- by a command ----------------------------------------------------------

def test_get_logs(connected, database, wacctl):
    """Those of a range, each once, those that it pushed before too."""
    logs = [kept_log(100 + day, Time=f"2026-05-{day:02}-T08:00:00Z")
            for day in range(1, 13)]
    terminal = connected().settle()
    assert terminal.log(**{"log_id": 106, **logs[5]}) == OK
    with Obedient(terminal, Kept(logs).script()):
        row = wacctl("command", "send", SN, "get_logs", "--param",
                     '{"from": "2026-05-03", "to": "2026-05-10"}',
                     "--wait=20s", json=True, database=database).json
    assert row["trans_status"] == "succeeded", row
    assert row["result"]["count"] == 8
    assert log_ids(database) == list(range(103, 111))
