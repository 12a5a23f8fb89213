"""What dashboards order of terminals of all dialects (cloud-json.md 6.3,
DESIGN section 6). The dashboard comes through one nginx to one worker, the
terminals through another nginx to another worker."""

import contextlib

import pytest

from wac import websocket
from wac.cloud import Terminal as CloudTerminal
from wac.dashboard import Dashboard, Device, make_token
from wac.sim_live import xml_fields, xml_text
from wac.terminal import Terminal as FkTerminal
from wac.wait import wait_for
from test_feed import started

CONF = """
%%TEST_GLOBALS%%
events { }
http {
    %%TEST_GLOBALS_HTTP%%
    wac_database "%%DATABASE%%";
    wac_enrolment open;
    server {
        listen 127.0.0.1:%%PORT%%;
        location / {
            wac_fk on;
            proxy_pass http://unix:%%FIRST%%;
            proxy_http_version 1.1;
            proxy_set_header Upgrade $http_upgrade;
            proxy_set_header Connection upgrade;
            proxy_set_header X-Real-IP $remote_addr;
            proxy_read_timeout 1h;
        }
    }
}
"""

SN = "ZX0006800001"
NOBODY = "nobody"  # holds terminals that are not there

# orders as dashboards write them
UNLOCK = {"command": "unlock", "payload": {"door": 1}}


class Sides:
    """Side a is the dashboards', side b the terminals'."""

    def __init__(self, pair, nginx):
        self.pair = pair
        self.port_b = nginx.port

    def a(self, **options):
        return self.pair.connect(**options)

    def b(self):
        return websocket.connect(f"ws://127.0.0.1:{self.port_b}/ws")


@pytest.fixture(scope="module")
def sides(module_pair, module_nginx):
    pair = module_pair(CONF)
    return Sides(pair, module_nginx(CONF.replace("%%FIRST%%", "%%SECOND%%"),
                                    SECOND=pair.second.socket))


@pytest.fixture
def database(sides):
    sides.pair.database.execute(
        "DELETE FROM wac_devices WHERE session_worker = %s", (NOBODY,))
    database = sides.pair.emptied()
    make_token(database)
    return database


@pytest.fixture
def watching(sides, database):
    """A dashboard of side a, subscribed."""
    with subscribed(sides.a(), database) as dashboard:
        yield dashboard


def subscribed(connection, database, token="token-of-tester"):
    dashboard = Dashboard(connection, token).subscribe()
    started(dashboard, database)
    return dashboard


def order(dashboard, device_id=SN, **more):
    dashboard.send(**{"type": "command", "device_id": device_id, **UNLOCK,
                      **more})


def result_of(dashboard, id):
    frame = dashboard.wait_for(event_type="command_result", payload__id=id)
    return frame["device_id"], frame["payload"]


def refusal(dashboard):
    """What an order is answered with; nothing else is."""
    return dashboard.wait_for(type="error")


# ---- terminals of the four dialects: each gives how it was told -------------

@contextlib.contextmanager
def type_device(sides):
    with Device(sides.b(), SN, "tok_one") as device:
        device.register()
        yield device


@contextlib.contextmanager
def cloud_terminal(sides):
    with CloudTerminal(sides.b(), SN) as terminal:
        terminal.register()
        yield terminal


class XmlTerminal:
    """Registered and logged in. What it keeps of old logs it does not
    tell."""

    def __init__(self, connection):
        self.connection = connection
        token = self.ask("Register")["Token"]
        assert self.ask("Login", Token=token)["Result"] == "OK"

    def say(self, **fields):
        self.connection.send(xml_text(
            "Message", TerminalType="F500", TerminalID=1, DeviceSerialNo=SN,
            **fields))

    def ask(self, name, **fields):
        self.say(Request=name, **fields)
        _, answer = xml_fields(self.connection.recv())
        assert answer["Response"] == name
        return answer

    def request(self, name):
        """The next request of this name; others are answered."""
        while True:
            _, request = xml_fields(self.connection.recv())
            if request["Request"] == name:
                return request
            self.say(Response=request["Request"],
                     Result="OK" if request["Request"] == "SetTime"
                     else "Fail")


def told_type(sides, go):
    with type_device(sides) as device:
        go()
        assert device.recv() == {"type": "command", "device_id": SN,
                                 "id": {"n": 7}, **UNLOCK}
        yield


def told_cloud(sides, go):
    with cloud_terminal(sides) as terminal:
        go()
        command = terminal.command()
        assert (command["cmd"], command["doornum"]) == ("opendoor", 1)
        terminal.answer(command)
        yield


def told_fk(sides, go):
    """It asks for itself, at the nginx of its side."""
    terminal = FkTerminal(sides.port_b, SN)
    terminal.poll()
    sides.pair.wait_online(SN)
    go()
    reply = wait_for(lambda: (reply := terminal.poll()).header("trans_id")
                     and reply, what="a poll to get it")
    assert reply.header("cmd_code") == "SET_DOOR_STATUS"
    assert terminal.result(reply.header("trans_id")).response_code == "OK"
    yield


def told_xml(sides, go):
    with sides.b() as connection:
        terminal = XmlTerminal(connection)
        go()
        assert terminal.request("LockControl") == {
            "Request": "LockControl", "Mode": "1"}
        terminal.say(Response="LockControl", Result="OK")
        yield


@pytest.mark.parametrize("told, cmd_code", [
    (told_type, "unlock"), (told_cloud, "open_door"), (told_fk, "open_door"),
    (told_xml, "open_door")], ids=["type", "cloud", "fk", "xml"])
def test_told(sides, database, watching, told, cmd_code):
    """And every dashboard hears how it ended, the one that ordered it by its
    own name for it."""
    with subscribed(sides.b(), database) as other:
        for _ in told(sides, lambda: order(watching, id={"n": 7})):
            for dashboard in (watching, other):
                sn, payload = result_of(dashboard, {"n": 7})
                assert sn == SN
                assert payload["cmd_code"] == cmd_code
                assert payload["trans_status"] == "succeeded"
                assert payload["requested_by"] == "tester"
                row = database.command(payload["trans_id"])
                assert row["attempts"] == 1
        watching.sync()
    assert not [frame for frame in watching.seen if frame["type"] == "error"]


def test_refused_by_the_terminal(sides, database, watching):
    with cloud_terminal(sides) as terminal:
        order(watching, command="get_time", payload={}, id="t")
        terminal.answer(terminal.command(), result=False, reason=1)
        _, payload = result_of(watching, "t")
        assert payload["trans_status"] == "failed"
        assert payload["failure"]


def test_many_orders(sides, database, watching):
    """One after the other, each with its own name."""
    ids = [1, "1", 1.5, None, True, [1], {"a": "\u20ac"}, "x" * 1000] * 3
    with type_device(sides) as device:
        for number, name in enumerate(ids):
            order(watching, command=f"c{number}", payload={"n": number},
                  id=name)
        for number, name in enumerate(ids):
            frame = device.recv()
            assert (frame["command"], frame["payload"]) \
                == (f"c{number}", {"n": number})
            assert frame["id"] == name and type(frame["id"]) is type(name)
        for number, name in enumerate(ids):
            frame = watching.wait_for(payload__cmd_code=f"c{number}")
            assert frame["payload"]["id"] == name


# ---- who may ----------------------------------------------------------------

@pytest.mark.parametrize("role", ["operator", "admin"])
def test_roles_that_may(sides, database, role):
    make_token(database, "other", role)
    with type_device(sides) as device, \
            subscribed(sides.a(), database, "token-of-other") as dashboard:
        order(dashboard)
        assert device.recv()["command"] == "unlock"
    assert database.value("SELECT requested_by FROM wac_commands") == "other"


def test_a_viewer_may_not(sides, database):
    make_token(database, "eyes", "viewer")
    with type_device(sides) as device, \
            subscribed(sides.a(), database, "token-of-eyes") as dashboard:
        order(dashboard, id=7)
        error = refusal(dashboard)
        assert error.pop("message")
        assert error == {"type": "error", "code": "forbidden",
                         "device_id": SN, "command": "unlock", "id": 7}
        assert device.sync() == []
    assert database.count("wac_commands") == 0


@pytest.mark.parametrize("change", [
    "DELETE FROM wac_api_tokens",
    "UPDATE wac_api_tokens SET expires_at = now()",
    "UPDATE wac_api_tokens SET role = 'viewer'"],
    ids=["revoked", "expired", "a viewer now"])
def test_a_token_that_has_lapsed_orders_nothing(sides, database, watching,
                                                change):
    """At once, though the connection may live a little longer."""
    with type_device(sides) as device:
        order(watching, command="before")
        assert device.recv()["command"] == "before"
        database.execute(change)
        order(watching, command="after")
        assert refusal(watching)["code"] == "forbidden"
        assert device.sync() == []
    assert database.count("wac_commands") == 1


# ---- what is refused --------------------------------------------------------

ONLINE = {"status": "online", "session_worker": NOBODY, "state": "approved"}


@pytest.mark.parametrize("device, said, code", [
    (None, {}, "unknown_device"),
    ({"protocol": "type", "status": "offline"}, {}, "device_offline"),
    ({"protocol": "cloud", "status": "offline"}, {}, "device_offline"),
    ({"protocol": "type", "state": "pending"}, {}, "not_approved"),
    ({"protocol": "type", "state": "blocked"}, {}, "not_approved"),
    ({"protocol": "type"}, {"command": "get_user"}, "bad_command"),
    ({"protocol": "cloud"}, {"command": "dance"}, "bad_command"),
    ({"protocol": "fk"}, {"command": "dance"}, "bad_command"),
    ({"protocol": "xml"}, {"command": "dance"}, "bad_command"),
    ({"protocol": "cloud"}, {"payload": {"door": "x"}}, "bad_command"),
    ({"protocol": "cloud"}, {"payload": [1]}, "bad_command"),
    ({"protocol": "cloud"}, {"command": "clear_logs", "payload": {}},
     "needs_yes"),
    ({"protocol": "fk"}, {"command": "clear_logs", "payload": {}},
     "needs_yes"),
    ({"protocol": "xml"}, {"command": "clear_users", "payload": {}},
     "needs_yes"),
    ({"protocol": "cloud"},
     {"command": "cleanlog", "payload": {}, "native": True}, "needs_yes"),
    ({"protocol": "cloud"},
     {"command": "clear_logs", "payload": {}, "yes": "true"}, "needs_yes"),
    ({"protocol": "type"}, {"command": "clear_all", "payload": {}},
     "needs_yes"),
])
def test_refused(database, watching, device, said, code):
    """With the name that the order had, and nothing is queued."""
    if device:
        database.add_device(SN, **{**ONLINE, **device})
    order(watching, id="o-1", **said)
    error = refusal(watching)
    assert error.pop("message")
    assert error == {"type": "error", "code": code, "device_id": SN,
                     "command": said.get("command", "unlock"), "id": "o-1"}
    # it is served as before
    assert {frame["type"] for frame in watching.sync()} <= {"device_status"}
    assert database.count("wac_commands") == 0


@pytest.mark.parametrize("more", [
    {"device_id": None}, {"device_id": ""}, {"device_id": "a b"},
    {"command": None}, {"command": ""}, {"command": 7},
    {"command": "x" * 129}, {"id": "x" * 1100}],
    ids=["device null", "no device", "blank in device", "command null",
         "empty command", "number", "long command", "long id"])
def test_no_orders(sides, database, watching, more):
    with type_device(sides) as device:
        order(watching, **more)
        assert refusal(watching)["code"] == "malformed"
        assert device.sync() == []
    assert database.count("wac_commands") == 0


def test_yes(sides, database, watching):
    with cloud_terminal(sides) as terminal:
        order(watching, command="clear_logs", payload={}, yes=True, id=1)
        command = terminal.command()
        assert command["cmd"] == "cleanlog"
        terminal.answer(command)
        assert result_of(watching, 1)[1]["trans_status"] == "succeeded"


def test_native(sides, database, watching):
    """As it is, whatever the common vocabulary has under that name."""
    with cloud_terminal(sides) as terminal:
        order(watching, command="vendorthing", payload={"a": [1, "b"]},
              native=True, id=1)
        command = terminal.command()
        assert (command["cmd"], command["a"]) == ("vendorthing", [1, "b"])
        terminal.answer(command, c=2)
        _, payload = result_of(watching, 1)
        assert payload["result"]["c"] == 2


# ---- nothing fires later ----------------------------------------------------

def test_an_offline_device_is_told_nothing_when_it_comes(sides, database,
                                                         watching):
    with type_device(sides):
        pass
    sides.pair.wait_offline(SN)
    order(watching)
    assert refusal(watching)["code"] == "device_offline"
    with type_device(sides) as device:
        assert device.sync() == []
    assert database.count("wac_commands") == 0


def test_an_order_that_nobody_took_ends(sides, database, watching):
    """Its terminal had gone without a word: half a minute later the order is
    void, and the dashboard hears that."""
    database.add_device(SN, protocol="cloud", **ONLINE)
    order(watching, command="get_time", payload={}, id=1)
    wait_for(lambda: database.count("wac_commands"), what="the order")
    row = database.one("SELECT *, expires_at - created_at AS life "
                       "FROM wac_commands")
    assert row["life"].total_seconds() == 30
    database.set_command(row["trans_id"], expires_at="now()")
    with cloud_terminal(sides) as terminal:
        terminal.hears_nothing_more()
    _, payload = result_of(watching, 1)
    assert payload["trans_status"] == "expired"
    with cloud_terminal(sides) as terminal:
        terminal.hears_nothing_more()
