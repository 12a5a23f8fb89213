"""Sessions of the `type` dialect (cloud-json.md 6.3): who is let in, whose a
connection is, what of its messages is kept, how it ends."""

import hashlib
import re

import pytest

from wac.dashboard import Dashboard, Device, make_token
from wac.wait import wait_for
from test_cloud_session import CONF
from test_feed import started

ID = "6f1c2d3e-0000-4000-8000-000000000001"
OTHER = "6f1c2d3e-0000-4000-8000-000000000002"
TOKEN = "tok_one"

AUTH_FAILED = {"type": "error", "code": "auth_failed",
               "message": "the device is not known by that token"}


@pytest.fixture(scope="module")
def served(module_pair):
    return module_pair(CONF)


@pytest.fixture
def database(served):
    return served.emptied()


def hashed(token):
    return hashlib.sha256(token.encode()).digest()


def device(served, path="/ws", device_id=ID, token=TOKEN):
    return Device(served.connect(path), device_id, token)


def registered(served, path="/ws", **who):
    made = device(served, path, **who)
    made.register()
    return made


def dashboard(served, database, path="/ws"):
    return Dashboard(served.connect(path), make_token(database)).subscribe()


def assert_turned_away(talker):
    assert talker.recv() == AUTH_FAILED
    assert talker.wait_closed() == 4401


def payloads(database, table, sn=ID):
    return [row["payload"] for row in
            database.query(f"SELECT payload FROM {table} WHERE sn = %s "
                           "ORDER BY id", (sn,))]


def codes(frames):
    return [frame["code"] for frame in frames]


# ---- registering ------------------------------------------------------------

def test_registered(served, database):
    """Under `open` the first contact approves, and its token is kept."""
    with device(served) as terminal:
        answer = terminal.register()
        assert answer.pop("type") == "registered"
        assert answer.pop("device_id") == ID
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z",
                            answer.pop("server_time"))
        assert answer == {}
        row = database.device(ID)
        assert (row["protocol"], row["state"]) == ("type", "approved")
        assert (row["status"], row["session_epoch"]) == ("online", 1)
        assert bytes(row["token_hash"]) == hashed(TOKEN)
        assert str(row["last_addr"]) == "127.0.0.1"
    served.wait_offline(ID)


def test_the_first_token_is_kept(served, database):
    with registered(served):
        with device(served, token="tok_two") as other:
            other.send(type="register", device_id=ID, token="tok_two")
            assert_turned_away(other)
        wait_for(lambda: database.device(ID)["refusals"] == 1,
                 what="the refusal's note")
        row = database.device(ID)
        assert row["last_refusal"] == "wrong token"
        assert bytes(row["token_hash"]) == hashed(TOKEN)
        assert row["status"] == "online"
        registered(served).connection.abort()


@pytest.mark.parametrize("frame, columns", [
    ({"device_id": ID, "token": "wrong"}, {"token_hash": hashed(TOKEN)}),
    ({"device_id": ID, "token": ""}, {"token_hash": hashed(TOKEN)}),
    ({"device_id": ID}, {"token_hash": hashed(TOKEN)}),
    ({"device_id": ID, "token": [TOKEN]}, {"token_hash": hashed(TOKEN)}),
    ({"device_id": ID, "token": TOKEN},
     {"token_hash": hashed(TOKEN), "state": "blocked"}),
    ({"device_id": ID, "token": TOKEN},
     {"token_hash": hashed(TOKEN), "state": "pending"}),
    ({"device_id": ID, "token": TOKEN}, {}),
    ({"device_id": ID, "token": TOKEN},
     {"protocol": "fk", "last_seen": "2026-01-01"}),
    ({"device_id": OTHER, "token": TOKEN}, {"token_hash": hashed(TOKEN)}),
    ({"device_id": "", "token": TOKEN}, {}),
    ({"device_id": "a b", "token": TOKEN}, {}),
    ({"device_id": "x" * 65, "token": TOKEN}, {}),
    ({"device_id": {"id": ID}, "token": TOKEN}, {}),
    ({"token": TOKEN}, {}),
    ({}, {}),
], ids=["wrong token", "empty token", "no token", "token in an array",
        "blocked", "pending", "no token made", "another dialect", "unknown",
        "empty id", "blank in id", "long id", "object as id", "no id",
        "nothing"])
def test_turned_away(closed, frame, columns):
    """The same answer for all of them."""
    database = closed.emptied()
    database.add_device(ID, **{"protocol": "type", **columns})
    with Device(closed.connect(), ID, TOKEN) as terminal:
        terminal.send(type="register", **frame)
        assert_turned_away(terminal)
    assert database.count("wac_devices") == 1
    row = database.device(ID)
    assert (row["status"], row["session_epoch"]) == ("offline", 0)
    assert row["token_hash"] == columns.get("token_hash")


@pytest.fixture(scope="module")
def closed(module_pair, module_databases, template):
    return module_pair(CONF, database=module_databases(template.name),
                       enrolment="closed")


def test_pending_until_approved(own, wacctl):
    """Then its token is made: what it showed before proves nothing."""
    served = own(enrolment="approve")
    database = served.database
    with device(served) as terminal:
        terminal.send(type="register", device_id=ID, token=TOKEN)
        assert_turned_away(terminal)
    row = database.device(ID)
    assert (row["state"], row["token_hash"]) == ("pending", None)
    wait_for(lambda: database.device(ID)["last_refusal"]
             == "waits for approval", what="the refusal's note")
    wacctl("device", "approve", ID, database=database)
    with device(served) as terminal:
        terminal.send(type="register", device_id=ID, token=TOKEN)
        assert_turned_away(terminal)
    told = wacctl("device", "token", ID, database=database).stdout
    with registered(served, token=told.split()[-1]):
        assert database.device(ID)["status"] == "online"


def test_again_on_the_same_connection(served, database):
    with registered(served) as terminal:
        terminal.register()
        assert database.device(ID)["session_epoch"] == 2
        terminal.send(type="register", device_id=OTHER, token=TOKEN)
        assert terminal.recv()["code"] == "already_registered"
        terminal.telemetry(number=1)
        assert terminal.sync() == []
        assert database.count("wac_devices") == 1
        assert database.device(ID)["status"] == "online"
        terminal.send(type="register", device_id=ID, token="wrong")
        assert_turned_away(terminal)
    assert payloads(database, "wac_telemetry") == [{"number": 1}]
    served.wait_offline(ID)


def test_before_registering(served, database):
    database.add_device(ID, protocol="type", token_hash=hashed(TOKEN))
    with device(served) as terminal:
        terminal.telemetry(number=1)
        terminal.event("door_opened")
        assert codes(terminal.sync()) == ["not_registered"] * 2
        terminal.register()
    assert database.count("wac_telemetry") == 0
    assert database.count("wac_events") == 0


def test_no_role_in_time(own):
    """Pings do not make up for it; those who have said who they are stay."""
    served = own(register_timeout="3s")  # which the first two must keep to
    with registered(served) as terminal, \
            dashboard(served, served.database) as watching, \
            device(served) as nobody:
        assert nobody.sync() == []
        assert nobody.wait_closed() == 4408
        assert terminal.sync() == []
        watching.sync()


# ---- one connection is one device's, or a dashboard's -----------------------

def test_another_device(served, database):
    database.add_device(OTHER, protocol="type", token_hash=hashed(TOKEN))
    with registered(served) as terminal:
        for kind in ({"type": "telemetry", "payload": {"number": 1}},
                     {"type": "event", "event_type": "door_opened"}):
            terminal.send(device_id=OTHER, **kind)
            error = terminal.recv()
            assert error["code"] == "device_mismatch"
            assert error["device_id"] == OTHER
        terminal.send(type="telemetry", payload={"number": 2})
        assert terminal.sync() == []
    assert [(row["sn"], row["payload"]) for row in
            database.query("SELECT sn, payload FROM wac_telemetry")] \
        == [(ID, {"number": 2})]
    assert database.count("wac_events") == 0


def test_a_device_never_becomes_a_dashboard(served, database):
    token = make_token(database)
    with Device(served.connect(f"/ws?token={token}"), ID, TOKEN) as terminal:
        terminal.register()
        terminal.send(type="subscribe", role="admin", token=token)
        terminal.send(type="command", device_id=ID, command="unlock", id=7)
        errors = terminal.sync()
        assert codes(errors) == ["forbidden"] * 2
        assert (errors[1]["device_id"], errors[1]["command"],
                errors[1]["id"]) == (ID, "unlock", 7)
        terminal.event("seen_by_nobody")
        assert terminal.sync() == []
    assert database.count("wac_commands") == 0


def test_a_dashboard_never_becomes_a_device(served, database):
    with dashboard(served, database) as watching:
        watching.sync()
        watching.send(type="register", device_id=ID, token=TOKEN)
        watching.send(type="telemetry", device_id=ID, payload={})
        assert codes(watching.sync()) == ["forbidden", "not_registered"]
    assert database.count("wac_devices") == 0
    assert database.count("wac_telemetry") == 0


def test_an_order_without_a_subscription(served, database):
    make_token(database)
    with registered(served, "/first") as terminal:
        with Dashboard(served.connect("/ws?token=token-of-tester")) as other:
            other.send(type="command", device_id=ID, command="unlock")
            assert codes(other.sync()) == ["forbidden"]
        assert terminal.sync() == []
    assert database.count("wac_commands") == 0


# ---- messages ---------------------------------------------------------------

def test_in_order_and_committed_by_the_pong(served, database):
    """Each is stored before the next one is taken, and the feed has them in
    that order."""
    with dashboard(served, database, "/second") as watching, \
            registered(served, "/first") as terminal:
        started(watching, database)
        for number in range(50):
            terminal.telemetry(number=number)
            terminal.event(f"e{number}", number=number)
        assert terminal.sync() == []
        numbers = [{"number": number} for number in range(50)]
        assert payloads(database, "wac_telemetry") == numbers
        assert payloads(database, "wac_events") == numbers
        watching.wait_for(event_type="e49")
    seen = [(frame["type"], frame["payload"]["number"])
            for frame in watching.seen
            if frame["device_id"] == ID and "payload" in frame]
    assert seen == [(kind, number) for number in range(50)
                    for kind in ("telemetry", "event")]


@pytest.mark.parametrize("payload", [
    {}, {"a": [1, {"b": None}], "c": "\u00e4\u20ac\U0001f600"}, [1, 2], "text",
    17, 0.1, True, None])
def test_any_payload(served, database, payload):
    with dashboard(served, database) as watching, \
            registered(served) as terminal:
        started(watching, database)
        terminal.send(type="telemetry", payload=payload)
        terminal.send(type="event", event_type="e", payload=payload)
        assert terminal.sync() == []
        assert watching.wait_for(type="telemetry")["payload"] == payload
        assert watching.wait_for(event_type="e")["payload"] == payload
    assert payloads(database, "wac_telemetry") == [payload]
    assert payloads(database, "wac_events") == [payload]


def test_more_telemetry_than_is_taken(served, database):
    """What is above fifty a second is dropped; events never are."""
    count = 400
    with registered(served) as terminal:
        begun = database.value("SELECT clock_timestamp() AS t")
        for number in range(count):
            terminal.telemetry(number=number)
        for number in range(100):
            terminal.event("e", number=number)
        errors = terminal.sync()
        ended = database.value("SELECT clock_timestamp() AS t")
    seconds = (ended - begun).total_seconds()
    stored = payloads(database, "wac_telemetry")
    assert stored[:50] == [{"number": number} for number in range(50)]
    assert len(stored) <= 50 + 50 * seconds + 1
    assert set(codes(errors)) == ({"rate_limited"} if len(stored) < count
                                  else set())
    assert len(errors) <= seconds + 1  # one a second says it
    assert len(payloads(database, "wac_events")) == 100


def test_no_messages(served, database):
    """Three in a row; a good one between them is a new start."""
    wrong = ['{"type":"telemetry",', "[]", '"ping"', "{}", '{"type":7}',
             '{"Type":"ping"}', '{"type":"ping"} x']
    with registered(served) as terminal:
        for text in wrong:
            terminal.connection.send(text)
            assert terminal.recv()["code"] == "malformed", text
            assert terminal.sync() == []
        for text in ("x", "{", "null"):
            terminal.connection.send(text)
            assert terminal.recv()["code"] == "malformed"
        assert terminal.wait_closed() == 1003
    with registered(served) as terminal:
        for _ in range(3):
            terminal.connection.send(b"\xff\xfe\x00\x01")
            assert terminal.recv()["code"] == "malformed"
        assert terminal.wait_closed() == 1007


def test_unknown_types(served, database):
    with registered(served) as terminal:
        for kind in ("dance", "PING", "registered", "cmd", ""):
            terminal.send(type=kind)
        assert codes(terminal.sync()) == ["unknown_type"] * 5
        terminal.send(type="pong")
        assert terminal.sync() == []


def test_a_message_too_long(served, database):
    with registered(served) as terminal:
        terminal.telemetry(filling="x" * 1000000)
        assert terminal.sync() == []
        terminal.telemetry(filling="x" * 1100000)
        assert terminal.wait_closed() == 1009
    assert database.count("wac_telemetry") == 1
