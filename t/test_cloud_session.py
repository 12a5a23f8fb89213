"""Sessions of the cloud dialect over WebSocket: who is let in, whose
connection is a terminal's, how it ends; across two workers behind nginx."""

import hashlib
import signal

import pytest

from wac import cloud
from wac.cloud import Terminal, punch, reg, sendlog
from wac.wait import wait_for

# /ws: either worker; /first and /second: that one
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
    proxy_set_header Sec-WebSocket-Protocol "";
    proxy_set_header X-Real-IP $remote_addr;
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

# every change of a terminal's presence, in its order
WATCH_STATUS = """
CREATE TABLE test_status (id serial, sn text, status text);
CREATE FUNCTION test_status() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO test_status (sn, status) VALUES (NEW.sn, NEW.status);
    RETURN NULL;
END $$;
CREATE TRIGGER test_status AFTER UPDATE ON wac_devices FOR EACH ROW
    WHEN (OLD.status IS DISTINCT FROM NEW.status)
    EXECUTE FUNCTION test_status();
"""


@pytest.fixture(scope="module")
def served(module_pair):
    return module_pair(CONF)


@pytest.fixture
def database(served):
    return served.emptied()


def statuses(database):
    return [row["status"] for row in
            database.query("SELECT status FROM test_status ORDER BY id")]


def rows(database):
    return database.count("wac_attendance_logs")


# ---- registering -----------------------------------------------------------

def test_registered(served, database):
    with served.terminal(SN) as terminal:
        row = database.device(SN)
        assert (row["state"], row["status"]) == ("approved", "online")
        assert (row["protocol"], row["cpusn"]) == ("cloud", cloud.CPUSN)
        assert (row["model"], row["firmware"]) == ("tfs30", "TH600 V9.9")
        assert row["devinfo"] == cloud.TH_INFO
        assert row["session_epoch"] == 1
        assert terminal.punch()["result"] is True
    served.wait_offline(SN)
    assert rows(database) == 1


@pytest.mark.parametrize("end", ["close", "abort"])
def test_its_end_is_the_terminals(served, database, end):
    """Written at once: upkeep would take twenty seconds."""
    terminal = served.terminal(SN)
    assert database.device(SN)["status"] == "online"
    getattr(terminal.connection, end)()
    served.wait_offline(SN)


def test_again_on_the_same_connection(served, database):
    with served.terminal(SN) as terminal:
        first = database.device(SN)
        terminal.register()
        second = database.device(SN)
        assert second["session_epoch"] == first["session_epoch"] + 1
        assert second["session_worker"] == first["session_worker"]
        assert terminal.punch()["result"] is True
        assert terminal.connection.open
        assert database.device(SN)["status"] == "online"
    served.wait_offline(SN)


@pytest.mark.parametrize("path", ["/", "/ws", "/pub/chat", "/any/other?x=1"])
def test_any_path(served, database, path):
    with served.terminal(SN, path=path) as terminal:
        assert terminal.punch()["result"] is True
    assert rows(database) == 1


def test_sn_in_another_case(served, database):
    """One terminal, spelled as the operator did."""
    database.add_device(SN, protocol="cloud")
    with served.terminal(SN.lower(), "/first") as one:
        assert one.punch(number=1)["result"] is True
        assert one.ask(sendlog(SN.title(), [punch(number=2)]))["result"]
        with served.terminal(SN, "/second") as two:
            assert one.connection.wait_closed() == 1000
            assert two.punch(number=2)["result"] is True
    assert {row["sn"] for row in database.punches()} == {SN}
    assert rows(database) == 2
    assert database.count("wac_devices") == 1


def test_sn_left_out(served, database):
    """Older firmware says it once."""
    with served.terminal(SN) as terminal:
        frame = sendlog(SN, [punch()])
        del frame["sn"]
        assert terminal.ask(frame)["result"] is True
    assert database.punches()[0]["sn"] == SN


def test_before_registering(served, database):
    """A known terminal may send at once, one that nobody knows not."""
    database.add_device("KNOWN", protocol="cloud")
    with Terminal(served.connect(), "KNOWN") as terminal:
        assert terminal.punch()["result"] is True
        assert database.device("KNOWN")["session_epoch"] == 0
        terminal.register()
        assert database.device("KNOWN")["status"] == "online"
    with Terminal(served.connect(), "") as terminal:
        reply = terminal.ask({"cmd": "sendlog", "record": [punch()]})
        assert reply["result"] is False
    assert rows(database) == 1


def test_address(served, database):
    """As nginx sees it, whatever the terminal says. A name of its own: what
    is written behind of the tests before would be their address."""
    sn = "ZX0006800078"
    connection = served.connect(local_addr=("127.0.0.77", 0),
                                headers={"X-Real-IP": "192.0.2.1",
                                         "X-Forwarded-For": "192.0.2.2"})
    with Terminal(connection, sn) as terminal:
        terminal.register()
        assert str(database.device(sn)["last_addr"]) == "127.0.0.77"


# ---- who is let in ---------------------------------------------------------

def test_pending_until_approved(own, wacctl):
    served = own(enrolment="approve")
    database = served.database
    with Terminal(served.connect(), SN) as terminal:
        reply = terminal.ask(reg(SN))
        assert reply["result"] is False and reply["reason"]
        row = database.device(SN)
        assert (row["state"], row["session_worker"]) == ("pending", None)
        assert row["status"] == "offline"
        assert terminal.punch()["result"] is False
        wacctl("device", "approve", SN, database=database)
        terminal.register()
        assert terminal.punch()["result"] is True
        assert database.device(SN)["status"] == "online"
    assert rows(database) == 1


def test_closed_to_strangers(own):
    served = own(enrolment="closed")
    served.database.add_device("KNOWN", protocol="cloud")
    with Terminal(served.connect(), SN) as terminal:
        assert terminal.ask(reg(SN)) == {
            "ret": "reg", "result": False, "reason": "did not reg"}
        assert terminal.punch()["result"] is False
    with served.terminal("KNOWN") as terminal:
        assert terminal.punch()["result"] is True
    assert served.database.count("wac_devices") == 1
    assert [row["sn"] for row in served.database.punches()] == ["KNOWN"]


def test_blocked_while_connected(served, database, wacctl):
    with served.terminal(SN) as terminal:
        assert terminal.punch(number=1)["result"] is True
        wacctl("device", "block", SN, database=database)
        reply = terminal.punch(number=2)
        assert (reply["result"], reply["reason"]) == (False, "blocked")
        assert rows(database) == 1
        assert terminal.ask(reg(SN))["result"] is False


def test_no_command_when_blocked(served, database):
    """It is disconnected rather than told."""
    with served.terminal(SN) as terminal:
        database.execute("UPDATE wac_devices SET state = 'blocked'")
        trans_id = database.queue(SN, "get_time")
        assert terminal.connection.wait_closed() == 1008
        row = database.command(trans_id)
        assert (row["trans_status"], row["attempts"]) == ("queued", 0)
    served.wait_offline(SN)


def test_cpusn_is_bound(served, database):
    with served.terminal(SN) as terminal:
        with Terminal(served.connect(), SN) as other:
            reply = other.ask(reg(SN, cpusn="987654321"))
            assert reply["result"] is False and "cpusn" in reply["reason"]
            reply = other.ask(reg(SN, cpusn=None))
            assert reply["result"] is True  # some say it not always
        wait_for(lambda: "cpusn" in (database.device(SN)["last_refusal"]
                                     or ""), what="the refusal's note")
        assert database.device(SN)["cpusn"] == cloud.CPUSN
        assert terminal.connection.wait_closed() == 1000


def test_impostor_is_not_the_terminal(served, database):
    """Its refusal is noted; where and when it called is not the
    terminal's. A name of its own: what is written behind of the tests before
    must not meet its row."""
    sn = "ZX0006800077"
    database.add_device(sn, protocol="cloud", cpusn=cloud.CPUSN,
                        last_seen="2026-01-01", last_addr="198.51.100.7")
    before = database.device(sn)
    with Terminal(served.connect(), sn) as other:
        assert other.ask(reg(sn, cpusn="987654321"))["result"] is False
        wait_for(lambda: database.device(sn)["refusals"] == 1,
                 what="the refusal's note")
    after = database.device(sn)
    for column in ("last_seen", "last_addr", "status"):
        assert after[column] == before[column]


def test_sn_of_another_dialect(served, database):
    database.add_device(SN, protocol="fk", last_seen="2026-01-01")
    with Terminal(served.connect(), SN) as terminal:
        assert terminal.ask(reg(SN))["result"] is False
    assert database.device(SN)["protocol"] == "fk"


def test_token(served, database):
    """Once for a connection."""
    database.add_device(SN, protocol="cloud",
                        token_hash=hashlib.sha256(b"tok_one").digest())
    with Terminal(served.connect(), SN) as terminal:
        for wrong in ({}, {"token": "tok_two"}, {"token": ""}):
            reply = terminal.ask(reg(SN, **wrong))
            assert (reply["result"], reply["reason"]) == (False, "bad token")
        assert terminal.punch()["result"] is False
        assert rows(database) == 0
        terminal.register(token="tok_one")
        assert terminal.punch()["result"] is True
    assert rows(database) == 1


# ---- the newest registration wins ------------------------------------------

@pytest.mark.parametrize("path", ["/first", "/second"],
                         ids=["same worker", "other worker"])
def test_newer_registration(served, database, path):
    database.add_device(SN, protocol="cloud")
    database.execute(WATCH_STATUS)
    try:
        old = served.terminal(SN, "/first")
        before = database.device(SN)
        with served.terminal(SN, path) as new:
            assert old.connection.wait_closed() == 1000
            assert "newer" in old.connection.close_reason
            row = database.device(SN)
            assert row["session_epoch"] == before["session_epoch"] + 1
            same = row["session_worker"] == before["session_worker"]
            assert same == (path == "/first")
            # the old one's end is written by now: it comes with this beat
            trans_id = database.queue(SN, "get_time")
            new.answer(new.command(), time="2026-03-02 08:00:00")
            wait_for(lambda: database.command(trans_id)["trans_status"]
                     == "succeeded", what="the command")
            assert new.punch()["result"] is True
            assert statuses(database) == ["online"]
        served.wait_offline(SN)
        assert statuses(database) == ["online", "offline"]
    finally:
        database.execute("DROP TABLE test_status CASCADE;"
                         "DROP FUNCTION test_status CASCADE")


def test_the_older_ones_late_end(served, database):
    """A connection that was given up is closed by its own end much later."""
    with served.terminal(SN, "/first") as old, \
            served.terminal(SN, "/second") as new:
        old.connection.wait_closed()
        old.connection.abort()
        assert new.punch()["result"] is True
        assert database.device(SN)["status"] == "online"


def test_many_registrations_at_once(served, database):
    """One of them is left, and it is the newest."""
    connections = [served.connect("/first" if number % 2 else "/second")
                   for number in range(10)]
    for connection in connections:
        connection.send(cloud.compact(reg(SN)))

    def still_open():
        return [connection for connection in connections if connection.open]

    (last,) = wait_for(lambda: still_open() if len(still_open()) == 1
                       and database.device(SN)["session_epoch"] == 10
                       else None, what="all but one to be closed")
    terminal = Terminal(last, SN)
    assert terminal.reply()["ret"] == "reg"
    assert terminal.punch()["result"] is True
    assert database.device(SN)["status"] == "online"
    last.abort()
    served.wait_offline(SN)


# ---- workers that die ------------------------------------------------------

def test_killed_worker(own):
    """Its terminals go offline once it was silent for long enough, which
    this test does not wait for; they come back to the other one."""
    served = own()
    database = served.database
    lost = served.terminal("LOST", "/first")
    name = served.name_of("LOST")
    with served.terminal("KEPT", "/second") as kept:
        served.first.kill()
        assert lost.connection.wait_closed() == 1006
        assert database.device("LOST")["status"] == "online"
        database.execute("UPDATE wac_workers SET seen_at = now() - "
                         "interval '21 s' WHERE worker = %s", (name,))
        served.wait_offline("LOST", timeout=30)
        assert database.device("KEPT")["status"] == "online"
        assert kept.punch()["result"] is True
        with served.terminal("LOST") as again:
            assert again.punch()["result"] is True
            assert served.holder("LOST") is served.second


@pytest.mark.slow
def test_silent_worker(own):
    """Stopped for so long that the others think it is dead, its terminals
    are its own again when it goes on."""
    served = own()
    database = served.database
    with served.terminal(SN, "/first") as terminal:
        name = served.name_of(SN)
        served.first.send_signal(signal.SIGSTOP)
        try:
            database.execute("UPDATE wac_workers SET seen_at = now() - "
                             "interval '21 s' WHERE worker = %s", (name,))
            served.wait_offline(SN, timeout=30)
        finally:
            served.first.send_signal(signal.SIGCONT)
        wait_for(lambda: served.name_of(SN) == name, 60,
                 "the worker to have its terminal again")
        assert database.device(SN)["status"] == "online"
        assert terminal.punch()["result"] is True


def test_stopped_worker(own):
    """In order: sockets close with 1001, nothing is left online."""
    served = own()
    served.allow_missing_sockets()
    terminal = served.terminal(SN, "/first")
    wait_for(lambda: served.database.count("wac_workers") == 2,
             what="both to have said that they live")
    assert served.first.stop() == 0
    assert terminal.connection.wait_closed() == 1001
    row = served.database.device(SN)
    assert (row["status"], row["session_worker"]) == ("offline", None)
    assert served.database.count("wac_workers") == 1
    with served.terminal(SN) as again:
        assert again.punch()["result"] is True
