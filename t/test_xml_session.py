"""Sessions of the XML dialects: whose connection is a terminal's, what else
may be said on it, how it ends; across two workers behind nginx."""

import signal

import pytest

from test_cloud_session import CONF, WATCH_STATUS, statuses
from wac import xml
from wac.raw_websocket import CLOSE, RawWebSocket
from wac.wait import wait_for
from wac.xml import (OK, SN, TOKEN, OperationTerminal, add_device, adminlog,
                     call, check_row, message, online, operation, timelog)

OTHER = "TST0000009"
CONTINUATION = 0


@pytest.fixture(scope="module")
def served(module_pair):
    return module_pair(CONF, register_timeout="10s")


@pytest.fixture
def database(served):
    return served.emptied()


# ---- frames of somebody else -----------------------------------------------

@pytest.mark.parametrize("frame, told", [
    (timelog(OTHER, 3), True),
    (adminlog(OTHER, 3), True),
    (timelog(OTHER, 3, TransID=None), False),
    (message(Event="KeepAlive", DeviceSerialNo=OTHER), False),
    (message(Request="Login", DeviceSerialNo=OTHER, Token=TOKEN), False),
    (message(Request="Register", DeviceSerialNo=OTHER), False),
    (message(Response="GetGlogPosInfo", DeviceSerialNo=OTHER, LogCount=3),
     False),
    (message(Request="LockControl", DeviceSerialNo=SN, Mode=1), False),
    (message(Request="GetUserData", UserID=1), False),
    (operation("Register", DeviceSerialNo=SN), False),
    (operation("KeepAlive"), False),
])
def test_not_of_this_connection(served, database, frame, told):
    for sn in (SN, OTHER):
        add_device(database, sn)
    with online(served) as terminal, online(served, OTHER) as other:
        terminal.send(frame)
        if told:
            assert terminal.reply().result == "Fail"
        assert terminal.wait_closed() == 1008
        assert other.log(7) == OK
    assert [row["log_id"] for row in database.punches()] == ["7"]
    assert database.count("wac_admin_logs") == 0


def test_dialect_is_fixed_by_the_first_message(served, database):
    with call(served, kind=OperationTerminal) as terminal:
        assert terminal.register().result == "success"
        terminal.send(timelog(SN, 1))
        assert terminal.reply().result == "Fail"
        assert terminal.wait_closed() == 1008
    with call(served, OTHER) as terminal:
        terminal.send(message(Event="KeepAlive", DeviceSerialNo=OTHER))
        terminal.send(operation("Register", DeviceSerialNo=OTHER))
        assert terminal.wait_closed() == 1008
    for frame in ('{"cmd":"reg","sn":"A"}', '{"type":"ping"}'):
        with call(served, OTHER) as terminal:
            assert terminal.register().result == OK
            terminal.send(frame)
            assert terminal.wait_closed() in (1007, 1008)
    assert database.punches() == []


def test_events_before_login(served, database):
    """No answer, no row; the token alone lets it in."""
    add_device(database, SN)
    with call(served) as terminal:
        terminal.send(timelog(SN, 1))
        terminal.send(adminlog(SN, 1))
        assert terminal.register().result == "Fail"
        terminal.send(timelog(SN, 1))
        assert terminal.login() == OK
        assert terminal.log(2) == OK
    assert [row["log_id"] for row in database.punches()] == ["2"]
    assert database.count("wac_admin_logs") == 0


# ---- the newest session wins -----------------------------------------------

@pytest.mark.parametrize("path", ["/first", "/second"],
                         ids=["same worker", "other worker"])
def test_takeover(served, database, path):
    """By Login only; the terminal does not go offline in between."""
    add_device(database, SN)
    database.execute(WATCH_STATUS)
    try:
        with online(served, path="/first") as old, \
                call(served, path=path) as new:
            assert new.register().result == "Fail"
            assert new.login("guess") == "FailUnknownToken"
            assert old.log(1) == OK
            assert new.login(TOKEN) == OK
            assert old.wait_closed() == 1000
            assert "newer" in old.connection.close_reason
            assert new.log(2) == OK
            assert statuses(database) == ["online"]
        served.wait_offline(SN)
        assert statuses(database) == ["online", "offline"]
        log = "".join(worker.log() for worker in served.workers)
        assert "taken over by a connection from 127.0.0.1" in log
        assert "replaced by a newer connection, was from 127.0.0.1" in log
    finally:
        database.execute("DROP TABLE test_status CASCADE;"
                         "DROP FUNCTION test_status CASCADE")


def test_takeover_in_dialect_o(served, database):
    """Which has no Login."""
    with call(served, path="/first", kind=OperationTerminal) as old, \
            call(served, path="/second", kind=OperationTerminal) as new:
        sessions = {old.register().fields["Session"],
                    new.register().fields["Session"]}
        assert len(sessions) == 2
        assert old.wait_closed() == 1000
        assert new.log() == "success"


# ---- dialect O -------------------------------------------------------------

def test_operation_dialect(served, database):
    with call(served, kind=OperationTerminal) as terminal:
        assert terminal.register().fields["DeviceSerialNo"] == SN
        check_row(database, status="online", protocol="xml",
                  token_hash=None, token_offer=None)
        assert terminal.log("LOG1") == "success"
        assert terminal.log("LOG1") == "success"
        reply = terminal.ask(operation("OpLog", LogId="7", Card="123"))
        assert reply.root == "Response" and reply.result == "success"
        # without a time: kept aside
        assert terminal.log("LOG2", PunchTime=None) == "success"
        trans_id = database.queue(SN, "GetTime")
        reply = terminal.ask(operation("KeepAlive"))
        assert reply.fields.keys() == {"Result", "ServerTime"}
        assert terminal.heard_no_request()
        wait_for(lambda: database.command(trans_id)["trans_status"]
                 == "failed", what="the command to be refused")
    (row,) = database.punches()
    assert (row["log_id"], row["resends"]) == ("LOG1", 1)
    assert database.one("SELECT * FROM wac_events")["payload"] == {
        "LogId": "7"}
    assert database.count("wac_quarantine") == 1


# ---- its end ---------------------------------------------------------------

@pytest.mark.parametrize("before", ["nothing", "register", "events"])
def test_login_must_come_in_time(own, before):
    """15 seconds, or what the operator says if that is less."""
    served = own(register_timeout="2s")
    with call(served) as terminal:
        if before == "register":
            assert terminal.register().result == OK
        elif before == "events":
            terminal.send(timelog(SN, 1))
        assert terminal.wait_closed() == 1008


def test_login_that_never_ends(own):
    """Nor does a message that was begun, or a byte now and then, put it
    off."""
    served = own(register_timeout="2s")
    with RawWebSocket(served.nginx.ports["PORT"]) as raw:
        raw.send(message(Event="KeepAlive", DeviceSerialNo=SN))
        raw.send("<Message><Request>", final=False)
        for _ in range(3):
            raw.send("L", CONTINUATION, final=False)
        assert int.from_bytes(raw.next(CLOSE)[:2], "big") == 1008


def test_message_limits(own):
    """8 KiB before Login, then what the operator allows."""
    served = own(max_xml="64k")
    add_device(served.database, SN)

    def padded(frame, size):
        return frame + " " * (size - len(frame))

    login = message(Request="Login", DeviceSerialNo=SN, Token=TOKEN)
    with call(served) as terminal:
        assert terminal.ask(padded(login, 8192)).result == OK
        assert terminal.ask(padded(timelog(SN, 1), 65536)).result == OK
        terminal.send(padded(timelog(SN, 2), 65537))
        assert terminal.wait_closed() == 1009
    for first in (True, False):
        with call(served) as terminal:
            if not first:
                terminal.send(timelog(SN, 3))
            terminal.send(padded(login, 8193))
            assert terminal.wait_closed() == 1009
    assert len(served.database.punches()) == 1


@pytest.mark.parametrize("end", ["close", "abort"])
def test_its_end_is_the_terminals(served, database, end):
    add_device(database, SN)
    terminal = online(served)
    getattr(terminal.connection, end)()
    served.wait_offline(SN)


def test_worker_stops(own):
    """What is under way is answered first."""
    served = own()
    served.allow_missing_sockets()
    add_device(served.database, SN)
    with online(served, path="/first") as terminal:
        terminal.send(timelog(SN, 1))
        assert terminal.reply().result == OK
        served.first.send_signal(signal.SIGTERM)
        assert terminal.wait_closed() == 1001
        assert served.first.wait() == 0
    check_row(served.database, status="offline", session_worker=None)
    with online(served) as terminal:
        assert terminal.log(2) == OK


def keep_alive(terminal, database, minutes_off):
    """With the time of a clock that is off by so many minutes."""
    now = database.value("SELECT (now() AT TIME ZONE %s)::timestamp(0) "
                         "+ make_interval(mins => %s)",
                         (xml.ZONE, minutes_off))
    terminal.keep_alive(DevTime=f"{now:%Y-%m-%d-T%H:%M:%SZ}")


def wait_for_clock(database, sn, minutes_off):
    """Until a worker has written down how far that clock is off."""
    def noted():
        skew = database.device(sn)["clock_skew_s"]
        return skew is not None and abs(skew - 60 * minutes_off) < 15

    wait_for(noted, what=f"a clock {minutes_off} minutes off to be noted")


def test_address_and_clock(served, database):
    """As nginx sees it; how far its clock is off. A terminal of its own: what
    the tests before left to be written is of another."""
    sn = "TST0000077"
    add_device(database, sn)
    with call(served, sn, local_addr=("127.0.0.77", 0)) as terminal:
        assert terminal.login() == OK
        keep_alive(terminal, database, -10)
        wait_for_clock(database, sn, -10)
        assert str(database.device(sn)["last_addr"]) == "127.0.0.77"


def test_an_older_address_does_not_replace_a_newer_one(served, database):
    """Each worker writes down on its own when a terminal came: one that was
    held up does so behind the other."""
    sn, behind = "TST0000078", "TST0000079"
    for one in (sn, behind):
        add_device(database, one)
    with call(served, sn, "/first", local_addr=("127.0.0.77", 0)) as old, \
            call(served, sn, "/second", local_addr=("127.0.0.78", 0)) as new:
        assert old.login() == OK
        keep_alive(old, database, -10)
        served.first.send_signal(signal.SIGSTOP)
        try:
            assert new.login() == OK
            keep_alive(new, database, -20)
            wait_for_clock(database, sn, -20)
        finally:
            served.first.send_signal(signal.SIGCONT)
        with online(served, behind, "/first") as last:
            keep_alive(last, database, -30)
            wait_for_clock(database, behind, -30)
    assert str(database.device(sn)["last_addr"]) == "127.0.0.78"
