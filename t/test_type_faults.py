"""What happens to a connected terminal of the `type` dialect: a newer
connection of it, an operator who blocks it, a database that does not take
what it sends or is away, a worker that ends."""

import contextlib
import json
import signal

import pytest

from wac.dashboard import Dashboard, make_token
from wac.wait import wait_for
from wac.websocket import Closed
from test_cloud_session import CONF
from test_feed import started
from test_type_session import (  # noqa: F401 - fixtures
    ID, TOKEN, assert_turned_away, codes, dashboard, database, device,
    payloads, registered, served)

# what an operator's own rules may do to a row
TRIGGER = """
    CREATE FUNCTION poison() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF NEW.payload->>'number' = '666' THEN
            RAISE EXCEPTION 'not this one' USING ERRCODE = '{state}';
        END IF;
        RETURN NEW;
    END $$;
    CREATE TRIGGER poison BEFORE INSERT ON {table}
        FOR EACH ROW EXECUTE FUNCTION poison();
"""


@contextlib.contextmanager
def locked(database, table):
    """Whoever writes there waits."""
    with database.connect() as holder, holder.transaction():
        holder.execute(f"LOCK TABLE {table} IN EXCLUSIVE MODE")
        yield


def event_types(database):
    return [row["event_type"] for row in
            database.query("SELECT event_type FROM wac_events ORDER BY id")]


# ---- the newest connection wins ---------------------------------------------

@pytest.mark.parametrize("path", ["/first", "/second"],
                         ids=["same worker", "other worker"])
def test_newer_connection(served, database, path):
    """Dashboards do not see it: it was never away."""
    with dashboard(served, database, "/second") as watching:
        started(watching, database)
        old = registered(served, "/first")
        before = database.device(ID)
        with registered(served, path) as new:
            assert old.wait_closed() == 4409
            assert old.connection.close_reason == "replaced"
            row = database.device(ID)
            assert row["session_epoch"] == before["session_epoch"] + 1
            same = row["session_worker"] == before["session_worker"]
            assert same == (path == "/first")
            watching.send(type="command", device_id=ID, command="unlock")
            assert new.recv()["command"] == "unlock"
            new.event("still_here")
            assert new.sync() == []
            watching.wait_for(event_type="still_here")
        watching.wait_for(type="device_status", status="offline")
    assert [frame["status"] for frame in watching.seen
            if frame["type"] == "device_status"] == ["online", "offline"]


def test_many_connections_at_once(served, database):
    """The newest of them is left."""
    terminals = [device(served, path)
                 for path in ["/first", "/second"] * 5]
    for terminal in terminals:
        terminal.send(type="register", device_id=ID, token=TOKEN)

    def left():
        return [terminal for terminal in terminals
                if terminal.connection.open]

    (last,) = wait_for(
        lambda: left() if len(left()) == 1
        and database.device(ID)["session_epoch"] == 10 else None,
        what="all but one to be closed")
    assert {terminal.wait_closed() for terminal in terminals
            if terminal is not last} == {4409}
    assert last.recv()["type"] == "registered"
    last.event("left")
    assert last.sync() == []
    assert event_types(database) == ["left"]
    last.connection.abort()
    served.wait_offline(ID)


# ---- not served any more ----------------------------------------------------

@pytest.mark.parametrize("change, why", [
    ("UPDATE wac_devices SET state = 'blocked'", "blocked"),
    ("UPDATE wac_devices SET state = 'pending'", "waits for approval"),
    ("DELETE FROM wac_devices", None)], ids=["blocked", "pending", "removed"])
def test_not_served_any_more(served, database, change, why):
    with registered(served) as terminal:
        terminal.event("before")
        assert terminal.sync() == []
        database.execute(change)
        terminal.event("after")
        with contextlib.suppress(Closed):  # the first may have ended it
            terminal.telemetry(number=1)
        assert_turned_away(terminal)
    if why:
        wait_for(lambda: database.device(ID)["last_refusal"] == why,
                 what="the refusal's note")
        served.wait_offline(ID)
    assert event_types(database) == ["before"]
    assert database.count("wac_telemetry") == 0


def test_no_command_when_blocked(served, database):
    """It is disconnected rather than told."""
    with registered(served) as terminal:
        database.execute("UPDATE wac_devices SET state = 'blocked'")
        trans_id = database.queue(ID, "unlock", native=True)
        assert terminal.recv()["code"] == "auth_failed"
        assert terminal.wait_closed() == 4401
    row = database.command(trans_id)
    assert (row["trans_status"], row["attempts"]) == ("queued", 0)


# ---- what cannot be stored as what it is ------------------------------------

@pytest.mark.parametrize("more", [
    {}, {"event_type": ""}, {"event_type": "x" * 129}, {"event_type": 7},
    {"event_type": "a\nb"}, {"event_type": None}],
    ids=["none", "empty", "long", "number", "control", "null"])
def test_an_event_without_a_name(served, database, more):
    """Kept whole; its terminal hears of it."""
    frame = {"type": "event", "device_id": ID, **more,
             "payload": {"number": 1}}
    with registered(served) as terminal:
        terminal.send(**frame)
        (error,) = terminal.sync()
        assert (error["code"], error["device_id"]) == ("malformed", ID)
    assert database.count("wac_events") == 0
    row = database.one("SELECT * FROM wac_quarantine")
    assert (row["sn"], row["protocol"], row["request"]) \
        == (ID, "type", "event")
    assert "event_type" in row["reason"]
    assert json.loads(bytes(row["frame"])) == frame


@pytest.mark.parametrize("state", ["22P02", "23514"])
@pytest.mark.parametrize("kind, table", [("telemetry", "wac_telemetry"),
                                         ("event", "wac_events")])
def test_poison(own, kind, table, state):
    """What the database will never take goes to the quarantine whole; what
    came with it is stored."""
    served = own()
    database = served.database
    database.execute(TRIGGER.format(table=table, state=state))
    with registered(served) as terminal:
        for number in (1, 666, 2):
            terminal.send(type=kind, payload={"number": number},
                          **({"event_type": "e"} if kind == "event" else {}))
        assert terminal.sync() == []
    assert payloads(database, table) == [{"number": 1}, {"number": 2}]
    row = database.one("SELECT * FROM wac_quarantine")
    assert (row["sn"], row["request"]) == (ID, kind)
    assert "not this one" in row["reason"]
    assert json.loads(bytes(row["frame"]))["payload"] == {"number": 666}


@pytest.mark.parametrize("text, kept", [
    ('"a\\u0000b"', "a\ufffdb"), ('"\\ud800"', "\ufffd"),
    ("1e400", "1e400"), ("9" * 400, "9" * 400), ('{"a":1,"a":2}', {"a": 2})],
    ids=["NUL", "surrogate", "large", "long", "twice"])
def test_what_json_of_the_database_has_not(served, database, text, kept):
    """Kept as near to it as it can be, as the cloud dialect does."""
    with registered(served) as terminal:
        terminal.connection.send(f'{{"type":"telemetry","payload":{text}}}')
        assert terminal.sync() == []
    assert payloads(database, "wac_telemetry") == [kept]


# ---- the database is slow, or away ------------------------------------------

def test_slow(own):
    """Nothing is taken before what came before it has had its end, and the
    terminal hears what was lost."""
    served = own(timeout="2s")
    with registered(served) as terminal:
        with locked(served.database, "wac_events"):
            terminal.event("lost")
            (error,) = terminal.sync()
        assert (error["code"], error["device_id"]) == ("try_again", ID)
        assert "event lost" in error["message"]
        terminal.event("stored")
        assert terminal.sync() == []
    # the statement that nobody waited for may be carried out all the same
    assert set(event_types(served.database)) - {"lost"} == {"stored"}


def test_no_pong_before_the_commit(served, database):
    """While the table is held there is none."""
    with registered(served) as terminal:
        with locked(database, "wac_events"):
            terminal.event("waits")
            terminal.send(type="ping")
            terminal.connection.ping(b"the connection's own")
            with pytest.raises(TimeoutError):
                terminal.recv(timeout=0.2)
        assert terminal.recv() == {"type": "pong"}
    assert event_types(database) == ["waits"]


def test_away(own_cluster, pair):
    """Who is connected stays it; nobody hears that something was taken."""
    cluster, database = own_cluster()
    served = pair_of(pair, database, timeout="2s")
    token = make_token(database)
    with registered(served, "/first") as terminal, \
            device(served, "/second", "other") as comes, \
            Dashboard(served.connect("/first"), token) as watching:
        assert terminal.sync() == []
        cluster.stop()
        for number in range(3):
            terminal.event("lost")
        terminal.telemetry(number=1)
        assert codes(terminal.sync()) == ["try_again"] * 4
        assert not is_let_in(comes)
        watching.subscribe()
        assert watching.wait_for(type="error")["code"] == "try_again"
        cluster.start()
        wait_for(lambda: takes(terminal), 30, "the database to be back")
        wait_for(lambda: is_let_in(comes), 30, "the second worker's too")
        watching.subscribe()
        watching.wait_for(type="device_status", status="online")
    assert set(event_types(database)) == {"stored"}
    assert database.count("wac_telemetry") == 0


def pair_of(pair, database, **options):
    served = pair(CONF, database=database, **options)
    served.allow_lost_database()
    return served


def takes(terminal):
    terminal.event("stored")
    return terminal.sync() == []


def is_let_in(comes):
    """The only other answer: the database is away, as each worker finds."""
    comes.send(type="register", device_id=comes.device_id, token=comes.token)
    answer = comes.recv()
    if answer["type"] == "registered":
        return True
    assert answer["code"] == "try_again"
    return False


def test_away_for_a_moment(own_cluster, pair):
    """It is tried again: the dialect knows no second delivery."""
    cluster, database = own_cluster()
    served = pair_of(pair, database, timeout="30s")
    with registered(served) as terminal:
        cluster.stop()
        for number in range(10):
            terminal.event(f"e{number}")
        cluster.start()
        assert terminal.sync() == []
    assert event_types(database) == [f"e{number}" for number in range(10)]


# ---- the connection ends ----------------------------------------------------

def test_what_it_sent_before_it_went(served, database):
    """It would not send it again."""
    terminal = registered(served)
    for number in range(12):
        terminal.event(f"e{number}")
    terminal.connection.close()
    wait_for(lambda: database.count("wac_events") == 12, what="all of them")
    assert event_types(database) == [f"e{number}" for number in range(12)]
    served.wait_offline(ID)


def test_stopped_worker(own):
    """What it has been sent is stored; sockets close with 1001."""
    served = own(timeout="60s", drain_timeout="60s")
    served.allow_missing_sockets()
    terminal = registered(served, "/first")
    with locked(served.database, "wac_events"):
        for number in range(5):
            terminal.event(f"e{number}")
        terminal.connection.ping(b"all of them are there")
        served.first.send_signal(signal.SIGTERM)
        served.first.wait_for_log("ending: 1 connections")
    assert terminal.wait_closed() == 1001
    assert event_types(served.database) == [f"e{n}" for n in range(5)]
    assert served.first.wait() == 0
    served.wait_offline(ID)
    with registered(served) as again:
        assert served.holder(ID) is served.second
        assert again.sync() == []


@pytest.mark.parametrize("drain_timeout, stored", [("60s", 5), ("100ms", 0)],
                         ids=["waits for it", "has no time"])
def test_stopped_worker_and_a_terminal_that_has_gone(own, drain_timeout,
                                                     stored):
    """What it left behind is stored first, as far as there is time."""
    served = own(timeout="60s", drain_timeout=drain_timeout)
    served.allow_missing_sockets()
    terminal = registered(served, "/first")
    with locked(served.database, "wac_events"):
        for number in range(5):
            terminal.event(f"e{number}")
        terminal.connection.ping(b"all of them are there")
        terminal.connection.abort()
        served.first.send_signal(signal.SIGTERM)
        served.first.wait_for_log("ending: ")
        if not stored:
            assert served.first.wait() == 0
    assert served.first.wait() == 0
    # the statement under way may be carried out all the same
    assert stored <= len(event_types(served.database)) <= max(stored, 1)
