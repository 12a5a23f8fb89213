"""Every conversation of t/vectors/cloud-json over WebSocket through nginx and
a worker: the answers and commands it expects, and the rows it leaves. What
the operator does in it is done with wacctl."""

import base64
import datetime
import json
import pathlib
import re

import pytest

from wac import cloud, websocket
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
    server {
        listen 127.0.0.1:%%PORT%%;
        location / {
            proxy_pass http://workers;
            proxy_http_version 1.1;
            proxy_set_header Upgrade $http_upgrade;
            proxy_set_header Connection upgrade;
            proxy_set_header X-Real-IP $remote_addr;
            proxy_read_timeout 1h;
        }
    }
}
"""

VECTORS = pathlib.Path(__file__).parent / "vectors" / "cloud-json"

DECISION = "a decision about access is of a later issue"
NOT_PLAYED = {
    "sendlog-access-granted": DECISION,
    "sendlog-access-denied": DECISION,
    "sendlog-access-history": DECISION,
}
PLAYED_BELOW = {"sendlog-storage-failure", "getalllog-late-page"}
# (what is sent, what is expected): a code that lets somebody in
NOT_PLAYED_STEPS = {"sendqrcode": {2, 3}}

BLOCKED = {"reg-refused": ["ZX0000000666"]}

# the terminal does not answer, and is asked again or given up
SILENT = {"command-late-reply", "command-retry"}

AGAIN = None  # the step goes on with what was queued before
LIST = ("list_users",)
NEW_LOGS = ("getnewlog",)
USER = {"enrollid": 101, "name": "Alice", "privilege": "USER"}

# What the operator queues before each step that expects a command: words
# of the common vocabulary where there is one, the terminal's where not.
OPERATOR = {
    "access-control": [
        ("setdevlock", "of the step"), ("getdevlock",),
        ("setuserlock", "of the step"), ("setuserlock", "of the step"),
        ("getuserlock", {"enrollid": 1}), ("deleteuserlock", {"enrollid": 1}),
        ("setholiday", "of the step"), ("getholiday",)],
    "adduser-enrol": [
        ("enroll_user", {"enrollid": "20", "backupnum": 50, "name": "Neu"}),
        ("enroll_user", {"enrollid": 21, "name": "Neu2"})],
    "bs-paging": [LIST, AGAIN],
    "command-across-reconnect": [
        ("set_user", {"enrollid": 5, "name": "E", "privilege": "USER",
                      "backupnum": 10, "record": "4321"}), AGAIN],
    "command-late-reply": [
        ("get_user", {"enrollid": 1, "backupnum": 0}, "--max-attempts", 1),
        ("get_user", {"enrollid": 2, "backupnum": 0})],
    "command-retry": [("get_info",), AGAIN, AGAIN, ("get_time",)],
    "deleteuser": [
        ("delete_user", {"enrollid": 101, "backupnum": 10}),
        ("delete_user", {"enrollid": "101"}),
        ("delete_user", {"enrollid": 102}), AGAIN],
    "device-admin": [
        ("set_time",), ("get_time",), ("set_info", {"volume": 8, "sleep": 1}),
        ("get_info",), ("cleanadmin", "--yes"), ("open_door", {"door": 1}),
        ("lock_door", {"mode": "normal"}), ("reboot",)],
    "enableuser": [
        ("enableuser", {"enrollid": 1, "enflag": 0}),
        ("enableuser", {"enrollid": 1, "enflag": 1})],
    "getalllog-late-page": [("get_logs",), AGAIN],
    "getalllog-range": [
        ("get_logs", {"from": "2026-02-01", "to": "2026-02-28"}),
        AGAIN, AGAIN],
    "getnewlog-empty": [NEW_LOGS],
    "getnewlog-total-count": [NEW_LOGS, AGAIN, AGAIN, AGAIN],
    "getuserinfo": [
        ("get_user", {"enrollid": 1, "backupnum": 0}),
        ("get_user", {"enrollid": 1, "backupnum": 10}),
        ("get_user", {"enrollid": 1, "backupnum": 11}),
        ("get_user", {"enrollid": 9, "backupnum": 50})],
    "getuserlist-empty": [LIST, LIST],
    "getuserlist-exclusive": [LIST, AGAIN],
    "getuserlist-inclusive": [LIST, AGAIN, AGAIN, AGAIN],
    "getuserlist-repeating-page": [LIST, AGAIN],
    "interleaved": [LIST, AGAIN],
    "opendoor-not-late": [("get_time",)],
    "reg-replace": [("get_time",)],
    "ret-as-cmd": [("getusername", {"enrollid": 7}), ("get_time",)],
    "sendlog-index-restart": [("clear_logs", "--yes")],
    "setuserinfo": [
        ("set_user", {**USER, "backupnum": 10, "record": "1234"}),
        ("set_user", {**USER, "backupnum": 11, "record": "0001234567"}),
        ("set_user", "record of the step", {**USER, "backupnum": 0}),
        ("set_user", "file of the step", {**USER, "backupnum": 50})],
    "setuserinfo-profile": [
        ("setuserinfo", "of the step"), ("setuserinfo", "of the step")],
    "usernames": [
        ("setusername", "sixty people"), AGAIN,
        ("getusername", {"enrollid": 7}), ("getusername", {"enrollid": 8})],
    "userprofile": [
        ("setuserprofile", "of the step"), ("getuserprofile", {"enrollid": 0})],
}

# how each command of a conversation has ended, in their order
ENDS = {
    "access-control": "+ - + - + + + +",
    "adduser-enrol": "+ -",
    "bs-paging": "+",
    "command-across-reconnect": "+",
    "command-late-reply": "- +",
    "command-retry": "- +",
    "deleteuser": "+ + +",
    "device-admin": "+ + + + + + - sent",
    "enableuser": "+ -",
    "getalllog-late-page": "+",
    "getalllog-range": "+",
    "getnewlog-empty": "+",
    "getnewlog-total-count": "+",
    "getuserinfo": "+ + + -",
    "getuserlist-empty": "+ -",
    "getuserlist-exclusive": "+",
    "getuserlist-inclusive": "+",
    "getuserlist-repeating-page": "+",
    "interleaved": "+",
    "opendoor-not-late": "expired +",
    "reg-replace": "+",
    "ret-as-cmd": "+ +",
    "sendlog-index-restart": "+",
    "setuserinfo": "+ + + -",
    "setuserinfo-profile": "+ +",
    "usernames": "+ + +",
    "userprofile": "+ +",
}
STATUS = {"+": "succeeded", "-": "failed"}


def steps_of(name):
    return json.loads((VECTORS / f"{name}.json").read_text("utf-8"))


ALL = sorted(file.stem for file in VECTORS.glob("*.json")
             if not file.stem.startswith(("type-", "mixed-")))
PLAYED = [name for name in ALL
          if not name.startswith(("http-", "type-", "mixed-"))
          and name not in NOT_PLAYED and name not in PLAYED_BELOW]


@pytest.fixture(scope="module")
def served(module_pair):
    return module_pair(CONF)


@pytest.fixture(scope="module")
def hasty(module_pair):
    """On the same database; a terminal's silence is noticed soon."""
    return module_pair(CONF, command_timeout="2s")


@pytest.fixture
def database(served):
    return served.emptied()


# ---- playing one -----------------------------------------------------------

def is_command(step):
    return isinstance(step.get("frame"), dict) and "cmd" in step["frame"]


def check_matches(expected, frame, absent=()):
    """A subset, with placeholders; arrays element by element."""
    for key, value in expected.items():
        if value == "$opt":
            continue
        assert key in frame, (key, frame)
        check_value(value, frame[key], key)
    for key in absent:
        assert key not in frame, frame


def check_value(expected, value, key):
    if expected == "$any":
        return
    if expected == "$time":
        assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", value), value
    elif isinstance(expected, dict):
        check_matches(expected, value)
    elif isinstance(expected, list):
        assert len(expected) == len(value), key
        for one, other in zip(expected, value):
            check_value(one, other, key)
    else:
        assert value == expected and type(value) is type(expected), key


class Player:
    def __init__(self, served, database, wacctl, name, tmp_path):
        self.served = served
        self.database = database
        self.wacctl = wacctl
        self.name = name
        self.tmp_path = tmp_path
        self.steps = steps_of(name)
        self.connections = {}
        self.sn = self.steps[0]["frame"].get("sn")
        self.queued = []
        self._orders = iter(OPERATOR.get(name, []))
        self._unread = {}  # a frame that an optional step did not want

    def play(self):
        skipped = NOT_PLAYED_STEPS.get(self.name, set())
        try:
            for number, step in enumerate(self.steps):
                if number not in skipped:
                    self._play(step)
            self._settle()
        finally:
            for connection in self.connections.values():
                connection.abort()
        assert next(self._orders, "none") == "none"

    def _play(self, step):
        label = step.get("conn", "")
        if label not in self.connections:
            self.connections[label] = self.served.connect()
        connection = self.connections[label]
        if step["dir"] == "device":
            self._act(connection, step)
        else:
            self._expect(label, connection, step)

    def _act(self, connection, step):
        action = step.get("action")
        if action == "close":
            connection.close()
        elif action == "drop":
            connection.abort()
            self._after_drop()
        else:
            connection.send(self._wire_form(step))

    def _wire_form(self, step):
        frame = step["frame"]
        text = frame if isinstance(frame, str) else cloud.compact(frame)
        text = text.replace("$now", f"{datetime.datetime.now():%F %T}")
        return text.encode() if "opcode 2" in step.get("note", "") else text

    def _after_drop(self):
        """What the terminal misses while it is away."""
        if self.name == "opendoor-not-late":
            self.served.wait_offline(self.sn)
            trans_id = self._queue("open_door")
            self.database.set_command(trans_id, expires_at="now()")

    def _expect(self, label, connection, step):
        if is_command(step):
            self._operate(step)
        if step.get("action") == "close":
            assert connection.wait_closed() != 1006
            return
        frame = self._unread.pop(label, None) or self._receive(connection,
                                                               step)
        if frame is None:
            return
        if step.get("optional") and not same_kind(step["frame"], frame):
            self._unread[label] = frame
            return
        check_matches(step["frame"], frame, step.get("absent", ()))

    @staticmethod
    def _receive(connection, step):
        try:
            message = connection.recv()
        except websocket.Closed:
            if step.get("optional"):
                return None
            raise
        assert isinstance(message, str)
        assert message.startswith(('{"ret":', '{"cmd":')), message
        return json.loads(message)

    def _settle(self):
        """Commands are over, and nothing was sent that no step expects."""
        wait_for(lambda: self._statuses() == self._expected_ends(), 30,
                 f"{self._expected_ends()} of the commands")
        for label, connection in self.connections.items():
            assert label not in self._unread
            if connection.open and self.name not in BLOCKED:
                terminal = cloud.Terminal(connection, self.sn)
                if self.sn:
                    terminal.hears_nothing_more()

    # the operator

    def _operate(self, step):
        order = next(self._orders)
        if order is AGAIN:
            return
        cmd_code, *rest = order
        of_step = {key: value for key, value in step["frame"].items()
                   if key not in ("cmd", "stn", "count")}
        arguments = []
        for word in rest:
            if word == "of the step":
                arguments += self._param(of_step)
            elif word == "sixty people":
                arguments += self._param({"record": self._everybody()})
            elif word == "record of the step":
                rest[1]["record"] = of_step["record"]
            elif word == "file of the step":
                file = self.tmp_path / "photo.jpg"
                file.write_bytes(base64.b64decode(of_step["record"]))
                arguments += ["--bin", file]
            elif isinstance(word, dict):
                arguments += self._param(word)
            else:
                arguments.append(word)
        self._queue(cmd_code, *arguments)

    def _param(self, param):
        file = self.tmp_path / "param.json"
        file.write_text(json.dumps(param))
        return ["--param", f"@{file}"]

    def _everybody(self):
        return [entry for step in self.steps if is_command(step)
                for entry in step["frame"].get("record", [])
                if step["frame"]["cmd"] == "setusername"]

    def _queue(self, cmd_code, *arguments):
        row = self.wacctl("command", "send", self.sn, cmd_code, *arguments,
                          json=True, database=self.database).json
        self.queued.append(row["trans_id"])
        return row["trans_id"]

    def _statuses(self):
        return [self.database.command(trans_id)["trans_status"]
                for trans_id in self.queued]

    def _expected_ends(self):
        return [STATUS.get(word, word)
                for word in ENDS.get(self.name, "").split()]


def same_kind(expected, frame):
    """Whether it is the frame of an optional step."""
    return all(expected.get(key) == frame.get(key) for key in ("cmd", "ret"))


@pytest.fixture
def play(request, served, database, wacctl, tmp_path):
    def play_vector(name):
        by = (request.getfixturevalue("hasty") if name in SILENT
              else served)
        for sn in BLOCKED.get(name, []):
            database.add_device(sn, state="blocked", protocol="cloud")
        player = Player(by, database, wacctl, name, tmp_path)
        player.play()
        return player

    return play_vector


# ---- all of them -----------------------------------------------------------

def test_all_are_here():
    """Those of other transports are played by other tests."""
    assert (len(ALL), len(PLAYED)) == (79, 66)
    assert set(NOT_PLAYED) < set(ALL) and set(OPERATOR) < set(ALL)
    assert set(OPERATOR) == set(ENDS)
    assert PLAYED_BELOW < set(ALL)
    with_commands = {name for name in [*PLAYED, *PLAYED_BELOW]
                     if any(step["dir"] == "server" and is_command(step)
                            for step in steps_of(name))}
    assert with_commands == set(OPERATOR)


@pytest.mark.parametrize("name", PLAYED)
def test_played(play, database, name):
    """And the rows: each record once, each credential as it came."""
    play(name)
    assert stored_punches(database) == expected_punches(name)
    assert stored_credentials(database) == expected_credentials(name)
    quarantined = 1 if name == "sendlog-bad-record" else 0
    assert database.count("wac_quarantine") == quarantined


def records_of(frame):
    for key in ("record", "records", "data"):
        if key in frame:
            found = frame[key]
            return found if isinstance(found, list) else [found]
    return []


def frames_of(name, *kinds):
    """Of the terminal, with a name among `kinds`; mended where dirty."""
    mended = {"sendlog-dirty-json": 2, "senduser-leading-zero-number": 1}
    frames = []
    for step in steps_of(name):
        frame = step.get("frame")
        if step["dir"] != "device" or frame is None:
            continue
        if isinstance(frame, str) and name in mended:
            frame = mend(frame)
        if isinstance(frame, dict) \
                and (frame.get("cmd") or frame.get("ret")) in kinds:
            frames.append(frame)
    return frames


def mend(text):
    """What cloud-json.md 1.3 says of such frames, by other means than ours:
    no comma before a bracket, no blanks at the ends of texts, a number with
    leading zeroes is a text."""
    text = re.sub(r",\s*([\]}])", r"\1", text)
    text = re.sub(r'"\s*([^"]*?)\s*"', r'"\1"', text)
    text = re.sub(r'":(0\d+)', r'":"\1"', text)
    return json.loads(text)


def number(value):
    return None if value is None else int(value)


def expected_punches(name):
    found = set()
    for frame in frames_of(name, "sendlog", "getnewlog", "getalllog"):
        for record in records_of(frame):
            if "enrollid" not in record or record["time"].startswith("0000"):
                continue
            found.add((str(record["enrollid"]),
                       record["time"].strip().replace("T", " "),
                       number(record.get("mode")),
                       number(record.get("inout")),
                       number(record.get("event"))))
    return sorted(found, key=str)


def stored_punches(database):
    return sorted(((row["enrollid"], f"{row['record_time']:%F %T}",
                    row["mode"], row["inout"], row["event"])
                   for row in database.punches()), key=str)


def expected_credentials(name):
    found = {}
    for frame in frames_of(name, "senduser", "getuserinfo"):
        if frame.get("record") is not None:
            found[str(frame["enrollid"]), frame["backupnum"]] \
                = str(frame["record"])
    if name == "command-late-reply":  # one of them answers nothing
        del found["1", 0]
    return found


def stored_credentials(database):
    return {(row["enrollid"], row["backupnum"]): row["record"]
            for row in database.query("SELECT * FROM wac_credentials")}


# ---- rows of some ----------------------------------------------------------

def test_a_retransmitted_batch(play, database):
    play("sendlog-retransmit")
    (row,) = database.punches()
    assert row["resends"] == 2


def test_raw_is_what_came(play, database):
    play("sendlog-seed-v2")
    (frame,) = frames_of("sendlog-seed-v2", "sendlog")
    rows = database.punches()
    assert len(rows) == 2
    for record, row in zip(records_of(frame), rows):
        for key, value in record.items():
            if key != "image":
                assert row["raw"][key] == value, key
        assert row["verifymode"] == record["verifymode"]
        assert row["temperature"] == record["temp"]
        assert row["protocol"] == "cloud"


def test_images(play, database):
    play("sendlog-image")
    (frame,) = frames_of("sendlog-image", "sendlog")
    (row,) = database.punches()
    photo = database.one("SELECT * FROM wac_photos")
    assert row["photo_id"] == photo["id"]
    assert photo["content"] == base64.b64decode(records_of(frame)[0]["image"])
    assert "image" not in row["raw"] \
        or len(str(row["raw"]["image"])) < 100


def test_an_image_behind_its_type(play, database):
    play("sendlog-image-dataurl")
    (row,) = database.punches()
    assert row["temperature"] == 36.5
    assert database.one("SELECT * FROM wac_photos")["content"][:2] \
        == b"\xff\xd8"


def test_invalid_records(play, database):
    """Two of three; beside the one that is stored."""
    play("sendlog-bad-record")
    row = database.one("SELECT * FROM wac_quarantine")
    assert (row["request"], row["protocol"]) == ("sendlog", "cloud")
    assert row["reason"].startswith("2 of 3 records")
    assert b"0000-00-00" in row["frame"]
    (stored,) = database.punches()
    assert stored["enrollid"] == "3"


@pytest.mark.parametrize("name, key, record", [
    ("senduser-leading-zero-number", ("102", 11), "0001234567"),
    ("senduser-pwd-card", ("2", 11), "0001234567"),
    ("senduser-pwd-card", ("3", 11), "4294967295"),
    ("senduser-pwd-card", ("101", 10), "1234"),
])
def test_records_of_credentials_are_texts(play, database, name, key, record):
    play(name)
    assert stored_credentials(database)[key] == record


def test_a_photo_of_a_user(play, database):
    play("senduser-photo")
    (frame,) = frames_of("senduser-photo", "senduser")
    user = database.one("SELECT * FROM wac_users")
    photo = database.one("SELECT * FROM wac_photos")
    assert user["photo_id"] == photo["id"]
    assert photo["content"] == base64.b64decode(frame["record"])


def test_a_name_alone(play, database):
    play("senduser-name-only")
    user = database.one("SELECT * FROM wac_users")
    assert (user["enrollid"], user["name"]) == ("101072", "Tan")
    assert database.count("wac_credentials") == 0


def test_people_of_a_list(play, database):
    play("getuserlist-inclusive")
    listed = {}
    for frame in frames_of("getuserlist-inclusive", "getuserlist"):
        for entry in frame["record"]:
            listed.setdefault(str(entry["enrollid"]), []) \
                .append(entry["backupnum"])
    stored = {row["enrollid"]: row["raw"]["backupnums"]
              for row in database.query("SELECT * FROM wac_users")}
    assert stored == listed
    command = database.one("SELECT * FROM wac_commands")
    assert (command["result"]["pages"], command["result"]["count"]) == (3, 95)
    assert (command["records"], command["records_new"]) == (95, 95)


def test_a_list_that_repeats_itself(play, database):
    play("getuserlist-repeating-page")
    assert database.one("SELECT * FROM wac_commands")["result"]["count"] == 3


def test_a_page_that_never_comes(play, database):
    play("getalllog-late-page")
    row = database.one("SELECT * FROM wac_commands")
    assert (row["result"]["count"], row["result"]["incomplete"]) == (50, True)
    assert database.count("wac_attendance_logs") == 51


def test_a_late_answer_completes_nothing(play, database):
    play("command-late-reply")
    first, second = database.query("SELECT * FROM wac_commands "
                                   "ORDER BY created_at")
    assert first["failure"] == "no answer after 1 delivery"
    assert second["result"]["enrollid"] == 2


def test_no_secret_is_kept_of_a_pin(play, database):
    play("bs-extras")
    rows = database.query("SELECT payload::text FROM wac_events")
    assert rows and not any("4711" in row["payload"] for row in rows)


def test_nothing_of_a_refused_terminal(play, database):
    play("reg-refused")
    wait_for(lambda: database.one("SELECT * FROM wac_devices")["refusals"]
             == 1, what="the refusal's note")
    row = database.one("SELECT * FROM wac_devices")
    assert (row["status"], row["session_worker"]) == ("offline", None)


def test_devinfo_is_kept_whole(play, database):
    play("reg-aiface")
    frame = steps_of("reg-aiface")[0]["frame"]
    row = database.one("SELECT * FROM wac_devices")
    assert row["devinfo"] == frame["devinfo"]
    assert (row["model"], row["cpusn"]) \
        == (frame["devinfo"]["modelname"], None)


# ---- the storage fails -----------------------------------------------------

def test_storage_failure(own_cluster, pair):
    """Between the steps of the vector. Its pause is ours."""
    cluster, database = own_cluster()
    served = pair(CONF, database=database, timeout="2s")
    served.allow_lost_database()
    steps = steps_of("sendlog-storage-failure")
    with served.connect() as connection:
        for step in steps:
            if step["dir"] == "server":
                check_matches(step["frame"], json.loads(connection.recv()))
                continue
            if step is steps[2]:
                cluster.stop()
            elif step is steps[4]:
                cluster.start()
                wait_for(lambda: ready(connection), what="the workers")
            connection.send(cloud.compact(step["frame"]))
        (row,) = database.punches()
        assert row["resends"] == 0


def ready(connection):
    """A worker waits a moment before it tries again. What it does not know
    it stores."""
    connection.send('{"cmd":"vendorping"}')
    return json.loads(connection.recv())["result"]
