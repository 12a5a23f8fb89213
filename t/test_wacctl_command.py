"""wacctl command: what is queued and what is refused, following a command to
its end, and what must not be seen on a screen. The terminals' side is played
with SQL."""

import contextlib
import datetime
import fcntl
import json
import os
import pty
import re
import signal
import struct
import subprocess
import termios

import pytest

from wac import paths
from wac.wait import wait_for

SN = "HD001"
STEERING = set("\x1b\u009b\u202e\x7f\a\b")


@pytest.fixture
def database(module_database):
    return module_database.emptied()


@pytest.fixture
def terminal(database):
    """A database with one approved terminal that was heard just now."""
    database.add_device(SN)
    database.execute("UPDATE wac_devices SET last_seen = now()")
    return database


def refused(run, status=1):
    assert run.returncode == status, run
    assert run.stderr.startswith("wacctl: "), run
    assert run.stdout == "", run
    return run.stderr


def command(database, trans_id):
    return database.one(
        "SELECT *, extract(epoch FROM expires_at - created_at)::int AS ttl"
        " FROM wac_commands WHERE trans_id = %s", (trans_id,))


def add(database, cmd_code="GET_LOG_DATA", sn=SN, **columns):
    """A command made by SQL; its trans_id."""
    columns = {"sn": sn, "cmd_code": cmd_code, **columns}
    marks = ", ".join(["%s"] * len(columns))
    return database.value(
        f"INSERT INTO wac_commands ({', '.join(columns)}) VALUES ({marks})"
        " RETURNING trans_id", tuple(columns.values()))


def change(database, trans_id, **columns):
    """What a terminal, or time, does to a command."""
    settings = "".join(f", {name} = %s" for name in columns)
    database.execute(
        f"UPDATE wac_commands SET trans_status_update_time = now(){settings}"
        " WHERE trans_id = %s", (*columns.values(), trans_id))


def ago(**time):
    """In minutes, which are shown alike for half a minute."""
    return datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(
        **time)


def hand_out(database, trans_id):
    database.execute(
        "UPDATE wac_commands SET trans_status = 'sent', sent_at = now(),"
        " attempts = attempts + 1, trans_status_update_time = now()"
        " WHERE trans_id = %s", (trans_id,))


def add_part(database, trans_id, blk_no, upto):
    database.execute(
        "INSERT INTO wac_command_blocks (trans_id, sn, blk_no, body, upto)"
        " VALUES (%s, %s, %s, 'x', %s)", (trans_id, SN, blk_no, upto))


def only_trans_id(database):
    """Of the command that wacctl is about to queue, once it has."""
    (row,) = wait_for(lambda: database.query(
        "SELECT trans_id FROM wac_commands"), what="the command")
    return row["trans_id"]


# --- send: what is queued

def test_send(wacctl, terminal):
    run = wacctl("command", "send", SN, "GET_LOG_DATA")
    trans_id = re.fullmatch(
        r"queued (\d+) for HD001: GET_LOG_DATA, expires in 24 h\n",
        run.stdout)[1]
    assert run.stderr == ""
    row = command(terminal, trans_id)
    assert (row["sn"], row["cmd_code"]) == (SN, "GET_LOG_DATA")
    assert (row["trans_status"], row["native"]) == ("queued", False)
    assert row["cmd_param"] is row["cmd_bin"] is row["idempotency_key"] is None
    assert (row["ttl"], row["max_attempts"]) == (24 * 3600, 3)
    assert re.fullmatch(r".+@wacctl", row["requested_by"])


def test_send_json(wacctl, terminal):
    row = wacctl("command", "send", SN, "get_logs", "--param",
                 '{"from": "2026-01-01"}', "--requested-by", "ann",
                 "--max-attempts", "5", json=True).json
    stored = terminal.one("SELECT * FROM wac_commands")
    assert row.keys() >= stored.keys() - {"result_raw"}
    assert row["trans_id"] == stored["trans_id"]
    assert row["existing"] is False
    assert row["cmd_param"] == {"from": "2026-01-01"}
    assert (row["requested_by"], row["max_attempts"]) == ("ann", 5)
    assert (row["trans_status"], row["sent_at"]) == ("queued", None)


@pytest.mark.parametrize("options, ttl", (
    (("--ttl", "90"), 90), (("--ttl", "90s"), 90), (("--ttl", "15m"), 900),
    (("--ttl=2h",), 7200), (("--ttl", "30d"), 30 * 86400)))
def test_ttl(wacctl, terminal, options, ttl):
    row = wacctl("command", "send", SN, "get_logs", *options, json=True).json
    assert command(terminal, row["trans_id"])["ttl"] == ttl


@pytest.mark.parametrize("option", ("--ttl", "--wait"))
def test_bad_times(wacctl, terminal, option):
    for text in ("", "0", "0s", "-5", "1.5h", "90x", "s", " 5s", "5 s", "+5",
                 "31d", "2592001", "99999999999999999999d", "0x10"):
        run = wacctl("command", "send", SN, "get_logs", f"{option}={text}",
                     check=False)
        assert option in refused(run, 2), text
    assert terminal.count("wac_commands") == 0


def test_urgent_commands(wacctl, terminal):
    for code in ("open_door", "reboot", "RESET_FK"):
        row = wacctl("command", "send", SN, code, json=True).json
        assert command(terminal, row["trans_id"])["ttl"] == 30
        assert row["max_attempts"] == 1
    wacctl("command", "send", SN, "open_door", "--ttl", "120")
    count = terminal.count("wac_commands")
    for option, value in (("--ttl", "121"), ("--ttl", "1h"),
                          ("--max-attempts", "2")):
        error = refused(wacctl("command", "send", SN, "open_door", option,
                               value, check=False))
        assert option in error and "open_door" in error
    assert terminal.count("wac_commands") == count


DESTRUCTIVE = (
    ("clear_logs", None, "punches"),
    ("CLEAR_LOG_DATA", None, "punches"),
    ("clear_users", None, "users"),
    ("CLEAR_ENROLL_DATA", None, "users"),
    ("CLEAR_MANAGER", None, "managers"),
    ("set_server", '{"host": "192.0.2.20", "port": 8013}', "server"),
)


@pytest.mark.parametrize("code, param, loss", DESTRUCTIVE)
def test_destructive_commands(wacctl, terminal, code, param, loss):
    line = ["command", "send", SN, code]
    line += ["--param", param] if param else []
    error = refused(wacctl(*line, check=False))
    assert "--yes" in error and loss in error
    assert terminal.count("wac_commands") == 0
    wacctl(*line, "--yes")
    assert terminal.count("wac_commands") == 1


def test_destructive_commands_in_native_form(wacctl, terminal):
    refused(wacctl("command", "send", SN, "CLEAR_LOG_DATA", "--native",
                   check=False))
    wacctl("command", "send", SN, "get_logs", "--yes")  # is no harm


def test_native(wacctl, terminal):
    row = wacctl("command", "send", SN, "BREW_TEA", "--native", "--param",
                 '{"cups": [1, {"milk": null}]}', json=True).json
    stored = command(terminal, row["trans_id"])
    assert stored["native"] is row["native"] is True
    assert stored["cmd_param"] == {"cups": [1, {"milk": None}]}
    refused(wacctl("command", "send", SN, "BREW_TEA", check=False))
    for code in ("A\r\nB", "", "X Y", "\x1b[2J"):
        error = refused(wacctl("command", "send", "--native", SN, code,
                               check=False))
        assert "\x1b" not in error


def test_device_states(wacctl, terminal):
    for sn, columns in (("P1", {"state": "pending"}),
                        ("B1", {"state": "blocked"}),
                        ("T1", {"protocol": "type"})):
        terminal.add_device(sn, **columns)
    assert "no device NONE" in refused(
        wacctl("command", "send", "NONE", "get_logs", check=False))
    assert "blocked" in refused(
        wacctl("command", "send", "B1", "get_logs", check=False))
    assert "get_logs" in refused(
        wacctl("command", "send", "T1", "get_logs", check=False))
    assert terminal.count("wac_commands") == 0
    run = wacctl("command", "send", "P1", "get_logs")
    assert run.stdout.startswith("queued ")
    assert "pending" in run.stderr and "device approve P1" in run.stderr


def test_send_tells_of_a_silent_terminal(wacctl, terminal):
    terminal.execute("UPDATE wac_devices SET last_seen = now() - interval '5h'")
    assert "the terminal was last heard 5 h ago" in wacctl(
        "command", "send", SN, "get_logs").stdout
    terminal.execute("UPDATE wac_devices SET last_seen = NULL")
    assert "the terminal was never heard" in wacctl(
        "command", "send", SN, "get_logs").stdout


# --- send: parameters and binaries

def test_param_is_checked(wacctl, terminal):
    run = wacctl("command", "send", SN, "GET_USER_INFO", check=False)
    error = refused(run)
    assert "user_id is missing" in error
    assert 'form: {"user_id": "12"}' in error.splitlines()[-1]
    assert "frobnicate" in refused(wacctl(
        "command", "send", SN, "frobnicate", check=False))
    assert terminal.count("wac_commands") == 0


BAD_JSON = (
    ('{"a": 1', "line 1, column 7"),
    ('{"a":\n 1,\n}', "line 3, column 1"),
    ("{a: 1}", "near 'a'"),
    ('{"a": 1} x', "end of file expected"),
    ('{"a": 1, "a": 2}', "duplicate"),
    ('{"a": "\\u0000"}', "\\u0000"),
    ("[1]", "an array"), ('"x"', "a text"), ("7", "a number"),
    ("null", "is null"), ("true", "true or false"), ("", "is empty"),
    (" \n", "is empty"),
)


def test_param_must_be_an_object(wacctl, terminal):
    for text, complaint in BAD_JSON:
        run = wacctl("command", "send", SN, "X", "--native", "--param", text,
                     check=False)
        error = refused(run, 2)
        assert "--param" in error and complaint in error, text
    assert terminal.count("wac_commands") == 0


def test_param_from_elsewhere(wacctl, terminal, tmp_path):
    file = tmp_path / "param.json"
    file.write_text('{"user_id":\n "007"}\n')
    send = ("command", "send", SN, "GET_USER_INFO", "--param")
    for run in (wacctl(*send, f"@{file}", json=True),
                wacctl(*send, "@-", stdin=file.read_text(), json=True)):
        assert run.json["cmd_param"] == {"user_id": "007"}
    assert "No such file" in refused(wacctl(*send, "@/nowhere", check=False))
    assert "directory" in refused(wacctl(*send, f"@{tmp_path}", check=False))
    assert "too long" in refused(wacctl(*send, "@/dev/zero", check=False))
    # the text of a file is not for the screen, nor that of standard input
    error = refused(wacctl(*send, "@-", stdin='{"record": hunter2}',
                           check=False), 2)
    assert "line 1, column" in error and "hunter2" not in error


def test_param_is_stored_as_given(wacctl, terminal):
    text = '{"b": 1.50, "a": "ü\\n\\u001b", "c": 12345678901234567}'
    row = wacctl("command", "send", SN, "X", "--native", "--param", text,
                 json=True).json
    assert terminal.value(
        "SELECT cmd_param = %s::jsonb AND cmd_param->>'b' = '1.50'"
        " FROM wac_commands", (text,))
    assert row["cmd_param"]["c"] == 12345678901234567


def binaries(tmp_path, *contents):
    options = []
    for n, content in enumerate(contents):
        file = tmp_path / f"bin{n}"
        file.write_bytes(content)
        options += ["--bin", file]
    return options


USER = json.dumps({"user_id": "12", "user_name": "Ann", "user_photo": "BIN_1",
                   "enroll_data_array": [{"backup_number": 0,
                                          "enroll_data": "BIN_2"}]})


def test_binaries(wacctl, terminal, tmp_path):
    contents = (bytes(range(256)), b"\x00\"{},\\x" * 1000)
    # before the positionals too: an option takes one file
    row = wacctl("command", "send", *binaries(tmp_path, *contents), SN,
                 "SET_USER_INFO", "--param", USER, json=True).json
    stored = command(terminal, row["trans_id"])["cmd_bin"]
    assert [bytes(binary) for binary in stored] == list(contents)
    assert [bytes.fromhex(text) for text in row["cmd_bin"]] == list(contents)
    assert row["cmd_bin_sizes"] == [256, 7000]


def test_bad_binaries(wacctl, terminal, tmp_path):
    def send(*options):
        return refused(wacctl("command", "send", SN, "SET_USER_INFO",
                              "--param", USER, *options, check=False))

    assert "No such file" in send("--bin", tmp_path / "nothing")
    assert "directory" in send("--bin", tmp_path)
    assert "too long" in send("--bin", "/dev/zero")
    assert "is empty" in send(*binaries(tmp_path, b""))
    half = bytes(8 * 1024 * 1024)
    assert "16 MB" in send(*binaries(tmp_path, half, half + b"x"))
    assert "BIN_2" in send(*binaries(tmp_path, b"one"))
    assert terminal.count("wac_commands") == 0


def test_sixteen_megabytes(wacctl, terminal, tmp_path):
    firmware = os.urandom(16 * 1024 * 1024)
    wacctl("command", "send", SN, "UPDATE_FIRMWARE", "--yes", "--param",
           '{"firmware_file_name": "x.bin"}', *binaries(tmp_path, firmware))
    assert bytes(terminal.value("SELECT cmd_bin[1] FROM wac_commands")
                 ) == firmware


# --- send: the idempotency key

KEYED = ("command", "send", SN, "GET_USER_INFO", "--idempotency-key", "k1")


def test_idempotency_key(wacctl, terminal):
    param = ("--param", '{"user_id": "12"}')
    first = wacctl(*KEYED, *param, json=True).json
    again = wacctl(*KEYED, "--param", '{ "user_id":"12" }', json=True).json
    assert (first["existing"], again["existing"]) == (False, True)
    assert again["trans_id"] == first["trans_id"]
    change(terminal, first["trans_id"], trans_status="succeeded")
    text = wacctl(*KEYED, *param).stdout
    assert text.startswith(f"exists already: {first['trans_id']} for HD001: ")
    assert "succeeded" in text
    # whatever became of the device since
    terminal.execute("UPDATE wac_devices SET state = 'blocked'")
    assert wacctl(*KEYED, *param, json=True).json["existing"]
    terminal.execute("DELETE FROM wac_devices")
    assert wacctl(*KEYED, *param, json=True).json["existing"]
    assert terminal.count("wac_commands") == 1


def test_idempotency_key_of_something_else(wacctl, terminal, tmp_path):
    terminal.add_device("HD002")
    param = ("--param", '{"user_id": "12"}')
    made = wacctl(*KEYED, *param, json=True).json["trans_id"]
    key = KEYED[-2:]
    for other in (
            (*KEYED, "--param", '{"user_id": "13"}'),
            (*KEYED, *param, "--native"),
            (*KEYED, *param, *binaries(tmp_path, b"x")),
            ("command", "send", "HD002", "GET_USER_INFO", *param, *key),
            ("command", "send", SN, "get_logs", *key)):
        error = refused(wacctl(*other, check=False))
        assert "k1" in error and made in error
    assert terminal.count("wac_commands") == 1
    for bad in ("", "x" * 256):
        refused(wacctl("command", "send", SN, "get_logs",
                       f"--idempotency-key={bad}", check=False), 2)


def test_idempotency_key_in_a_race(wacctl, terminal):
    """Several processes meet at the insert: a transaction holds the key."""
    with terminal.connect() as session:
        session.execute("BEGIN")
        session.execute(
            "INSERT INTO wac_commands (sn, cmd_code, idempotency_key)"
            " VALUES (%s, 'get_logs', 'k1')", (SN,))
        runs = [subprocess.Popen(
            [paths.WACCTL, "command", "send", SN, "get_logs", "--json",
             "--idempotency-key", "k1", "--database", terminal.conninfo],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            for _ in range(3)]
        wait_for(lambda: terminal.value(
            "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type ="
            " 'Lock' AND application_name = 'wacctl'"
            " AND datname = current_database()") == 3, what="three at the key")
        session.execute("ROLLBACK")  # now one of them wins
    answers = [json.loads(run.communicate(timeout=30)[0]) for run in runs]
    assert [run.returncode for run in runs] == [0, 0, 0]
    assert len({answer["trans_id"] for answer in answers}) == 1
    assert sorted(answer["existing"] for answer in answers) == [
        False, True, True]
    assert terminal.count("wac_commands") == 1


# --- wait

@contextlib.contextmanager
def waiting(database, *options, code="get_logs", wait="60s"):
    """wacctl while it waits; its trans_id."""
    with subprocess.Popen(
            [paths.WACCTL, "command", "send", SN, code, "--wait", wait,
             "--database", database.conninfo, *options],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as run:
        try:
            yield run, only_trans_id(database)
        finally:
            run.kill()


def next_state(run):
    """Without its time."""
    return re.sub(r" \(\d+ s\)\n$", "", run.stdout.readline())


def test_wait_for_success(wacctl, terminal):
    with waiting(terminal) as (run, trans_id):
        assert run.stdout.readline().startswith(f"queued {trans_id} for")
        assert next_state(run) == "queued"
        hand_out(terminal, trans_id)
        assert next_state(run) == "sent, attempt 1 of 3"
        change(terminal, trans_id, trans_status="queued")
        assert next_state(run) == "queued again, no answer to attempt 1 of 3"
        hand_out(terminal, trans_id)
        assert next_state(run) == "sent, attempt 2 of 3"
        add_part(terminal, trans_id, 1, 1234567)
        assert next_state(run) == (
            "sent, attempt 2 of 3, part 1, 1.2 MB received")
        change(terminal, trans_id, result_received_at="now", records=0,
               result_raw=b'\x40\0\0\0{"log_count":"9000","one_log_size":12}')
        assert next_state(run) == ("sent, attempt 2 of 3, answer received, "
                                   "taken in 0 of 9000 rows")
        change(terminal, trans_id, trans_status="succeeded", result_raw=None,
               return_code="OK", records=9000, records_new=8000,
               records_invalid=1, result='{"log_count": 9000}',
               result_bin=[b"abc", b"secret"])
        output, errors = run.communicate(timeout=30)
        assert (run.returncode, errors) == (0, "")
    for part in ("succeeded", "OK", "9000, 8000 of them new, 1 invalid",
                 "2: 3 bytes, 6 bytes", '"log_count": 9000'):
        assert part in output
    assert "secret" not in output and "73656372" not in output


@pytest.mark.parametrize("columns, told", (
    ({"trans_status": "failed", "return_code": "ERROR_X"}, "says ERROR_X"),
    ({"trans_status": "failed", "failure": "no answer after 3 deliveries"},
     "no answer after 3 deliveries"),
    ({"trans_status": "expired", "failure": "not delivered in time"},
     "not delivered in time"),
    ({"trans_status": "cancelled"}, "cancelled")))
def test_wait_for_another_end(wacctl, terminal, columns, told):
    with waiting(terminal) as (run, trans_id):
        change(terminal, trans_id, **columns)
        output, errors = run.communicate(timeout=30)
        assert run.returncode == 1
    assert errors.startswith(f"wacctl: command {trans_id} ")
    assert columns["trans_status"] in errors and told in errors
    assert columns["trans_status"] in output


@pytest.mark.parametrize("status, code", (("succeeded", 0), ("failed", 1)))
def test_wait_with_json(wacctl, terminal, status, code):
    with waiting(terminal, "--json") as (run, trans_id):
        hand_out(terminal, trans_id)
        change(terminal, trans_id, trans_status=status, return_code="R",
               result_bin=[b"abc"], result='{"a": [1]}')
        output, _ = run.communicate(timeout=30)
        assert run.returncode == code
    row = json.loads(output)
    assert (row["trans_id"], row["trans_status"]) == (trans_id, status)
    assert (row["result"], row["result_bin"]) == ({"a": [1]}, ["616263"])
    assert row["existing"] is False


def test_wait_is_over(wacctl, terminal):
    run = wacctl("command", "send", SN, "get_logs", "--wait", "1", check=False)
    trans_id = only_trans_id(terminal)
    assert run.returncode == 1
    for part in ("stays queued", f"wacctl command show {trans_id}",
                 f"wacctl command cancel {trans_id}"):
        assert part in run.stderr
    assert command(terminal, trans_id)["trans_status"] == "queued"
    run = wacctl("command", "send", SN, "get_logs", "--wait", "1", check=False,
                 json=True)
    assert run.returncode == 1 and run.json["trans_status"] == "queued"


def test_wait_is_interrupted(wacctl, terminal):
    with waiting(terminal) as (run, trans_id):
        run.stdout.readline()
        assert next_state(run) == "queued"
        run.send_signal(signal.SIGINT)
        _, errors = run.communicate(timeout=30)
        assert run.returncode == 1
    assert "interrupted" in errors and "stays queued" in errors
    assert f"wacctl command cancel {trans_id}" in errors
    assert command(terminal, trans_id)["trans_status"] == "queued"


def test_wait_loses_its_connection(wacctl, terminal):
    with waiting(terminal) as (run, trans_id):
        run.stdout.readline()
        assert next_state(run) == "queued"
        terminal.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                       " WHERE application_name = 'wacctl'"
                       " AND datname = current_database()")
        _, errors = run.communicate(timeout=30)
        assert run.returncode == 1
    assert errors.startswith("wacctl: ")
    assert f"command {trans_id} was queued" in errors
    assert f"wacctl command show {trans_id}" in errors
    assert command(terminal, trans_id)["trans_status"] == "queued"


def test_wait_for_one_that_ended_long_ago(wacctl, terminal):
    line = ("command", "send", SN, "get_logs", "--idempotency-key", "k",
            "--wait", "60")
    trans_id = add(terminal, "get_logs", idempotency_key="k")
    change(terminal, trans_id, trans_status="succeeded", return_code="OK")
    assert wacctl(*line, json=True).json["existing"]
    assert "exists already" in wacctl(*line).stdout


class Screen:
    """wacctl with its standard output on a terminal."""

    def __init__(self, *arguments, columns=80):
        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ,
                    struct.pack("HHHH", 24, columns, 0, 0))
        self.output = ""
        self.run = subprocess.Popen([paths.WACCTL, *map(str, arguments)],
                                    stdout=slave, stderr=slave)
        os.close(slave)

    def _read(self):
        try:
            more = os.read(self.master, 65536)
        except OSError:  # EIO: the other side is closed
            more = b""
        self.output += more.decode()
        return more

    def until(self, text):
        while text not in self.output:
            assert self._read(), self.output

    def end(self):
        while self._read():
            pass
        os.close(self.master)
        return self.run.wait(30)


def test_wait_on_a_terminal(wacctl, terminal):
    """One line, redrawn, that fits and leaves nothing behind."""
    screen = Screen("command", "send", SN, "get_logs", "--wait", "60s",
                    "--database", terminal.conninfo, columns=40)
    trans_id = only_trans_id(terminal)
    screen.until("\rqueued (")
    hand_out(terminal, trans_id)
    screen.until("\rsent, attempt 1 of 3 (")
    for n in range(1, 4):
        add_part(terminal, trans_id, n, n * 4000)
    screen.until("part 3, 12 kB")
    change(terminal, trans_id, trans_status="succeeded", return_code="OK")
    assert screen.end() == 0
    assert not set(screen.output) & STEERING
    _, live, *rest = screen.output.split("\r\n")
    drawn = live.split("\r")
    assert "queued" in drawn[1]
    assert max(map(len, drawn[:-2])) < 40
    assert set(drawn[-2]) == {" "}  # wiped before the result
    assert drawn[-1].startswith("trans_status")
    assert any(line.startswith("return_code") for line in rest)


# --- list

def test_list(wacctl, terminal):
    assert wacctl("command", "list").stdout == "no commands\n"
    terminal.add_device("HD002")
    first = add(terminal, requested_by="ann")
    second = add(terminal, "get_logs", sn="HD002")
    third = add(terminal, "open_door")
    change(terminal, first, trans_status="failed", return_code="ERROR",
           attempts=2)
    change(terminal, second, trans_status="sent")

    def listed(*options):
        return [row["trans_id"] for row in
                wacctl("command", "list", *options, json=True).json]

    assert listed() == [third, second, first]
    assert listed("--limit", "1") == [third]
    assert listed("--sn", SN) == [third, first]
    assert listed("--status", "sent") == [second]
    assert listed("--status", "sent", "--status", "failed") == [second, first]
    assert listed("--code", "get_logs") == [second]
    assert listed("--sn", "' OR true --") == []
    head, *lines = wacctl("command", "list").stdout.splitlines()
    assert head.split() == [
        "trans_id", "sn", "cmd_code", "trans_status", "attempts",
        "return_code", "created_at", "age", "requested_by"]
    assert lines[2].split()[:6] == [first, SN, "GET_LOG_DATA", "failed", "2",
                                    "ERROR"]
    assert lines[2].endswith(" ago  ann")


def test_list_is_newest_first_by_number_too(wacctl, terminal):
    for trans_id in ("9", "10", "100"):
        add(terminal, trans_id=trans_id, created_at="2026-01-01")
    assert [row["trans_id"] for row in
            wacctl("command", "list", json=True).json] == ["100", "10", "9"]


# --- show

SECRETS = ("1234pin", "777card", "hunter2", "TEMPLATE", "t0ken")

SECRET_PARAM = {
    "enrollid": "12", "name": "Ann", "record": "1234pin", "passwordCount": 1,
    "credentials": [{"backupnum": 10, "record": "1234pin"},
                    {"backupnum": 0, "record": "BIN_1", "x": "777card"}],
    "users": [{"pwd": "hunter2", "card": 777, "IDCard_No": "777card"}],
    "blob": "TEMPLATE" * 40, "token_id": "t0ken", "Password": "hunter2"}


def test_show(wacctl, terminal):
    trans_id = add(
        terminal, "set_user", cmd_param=json.dumps(SECRET_PARAM),
        cmd_bin=[b"abc", b"TEMPLATE"], idempotency_key="k7",
        requested_by="ann")
    hand_out(terminal, trans_id)
    change(terminal, trans_id, sent_at=ago(minutes=20))
    add_part(terminal, trans_id, 1, 8192)
    add_part(terminal, trans_id, 2, 16384)
    text = wacctl("command", "show", trans_id).stdout
    for part in (trans_id, SN, "set_user", "sent", "1 of 3", "ann", "k7",
                 "in 24 h", "20 min ago", "2 parts, 16 kB",
                 "2: 3 bytes, 8 bytes",
                 '"enrollid":"12"', '"name":"Ann"', '"record":"(hidden)"',
                 '"record":"BIN_1"', '"backupnum":10', '"passwordCount":1'):
        assert part in text, part
    for secret in SECRETS:
        assert secret not in text
    row = wacctl("command", "show", trans_id, json=True).json
    assert row["cmd_param"] == SECRET_PARAM
    assert row["cmd_bin"] == [b"abc".hex(), b"TEMPLATE".hex()]
    assert (row["parts"], row["part_bytes"]) == (2, 16384)
    assert row["result_bin"] is None


def test_show_of_a_result(wacctl, terminal):
    trans_id = add(terminal, "FOO", native=True)
    change(terminal, trans_id, trans_status="expired", late_at="now",
           failure="no answer in time", return_code="OK", records=7,
           records_new=5, records_invalid=2,
           result=json.dumps({"list": [SECRET_PARAM], "n": 5}),
           result_bin=[b"TEMPLATE"])
    text = wacctl("command", "show", trans_id).stdout
    for part in ("FOO (native)", "expired", "no answer in time",
                 "came after the end", "7, 5 of them new, 2 invalid",
                 "1: 8 bytes", '"n": 5', '"record": "(hidden)"'):
        assert part in text, part
    for secret in SECRETS:
        assert secret not in text
    row = wacctl("command", "show", trans_id, json=True).json
    assert row["result"]["list"] == [SECRET_PARAM]
    assert row["result_bin"] == [b"TEMPLATE".hex()]


def test_show_of_an_answer_to_take_in(wacctl, terminal):
    trans_id = add(terminal)
    change(terminal, trans_id, trans_status="sent", result_received_at="now",
           result_raw=bytes(2500000))
    assert "2.5 MB, received" in wacctl("command", "show", trans_id).stdout
    row = wacctl("command", "show", trans_id, json=True).json
    assert row["result_raw_bytes"] == 2500000 and "result_raw" not in row


def test_show_of_no_command(wacctl, terminal):
    for verb in ("show", "cancel"):
        run = wacctl("command", verb, "99", check=False)
        assert "no command 99" in refused(run)
        for text in ("x", "-1", "12345678901234567", "1;2", "'"):
            run = wacctl("command", verb, text, check=False)
            refused(run, 2)


def test_bin_dir(wacctl, terminal, tmp_path):
    contents = [bytes(range(256)), b"", b"three"]
    trans_id = add(terminal, result_bin=contents)
    where = tmp_path / "answer"
    run = wacctl("command", "show", trans_id, "--bin-dir", where)
    assert f"saved {where}/BIN_3, 5 bytes\n" in run.stdout
    files = [where / f"BIN_{n}" for n in (1, 2, 3)]
    assert [file.read_bytes() for file in files] == contents
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}

    files[0].unlink()
    files[2].write_text("mine")
    run = wacctl("command", "show", trans_id, "--bin-dir", where, check=False)
    assert "BIN_2" in refused(run) and "exists already" in run.stderr
    assert not files[0].exists() and files[2].read_text() == "mine"

    row = wacctl("command", "show", trans_id, "--bin-dir", tmp_path,
                 json=True).json
    assert row["saved"] == [f"{tmp_path}/BIN_{n}" for n in (1, 2, 3)]


def test_bin_dir_that_cannot_be(wacctl, terminal, tmp_path):
    trans_id = add(terminal, result_bin=[b"x"])
    (tmp_path / "file").write_text("")
    (tmp_path / "links").mkdir()
    (tmp_path / "links" / "BIN_1").symlink_to(tmp_path / "target")
    for where in (tmp_path / "file", tmp_path / "a" / "b", tmp_path / "links"):
        refused(wacctl("command", "show", trans_id, "--bin-dir", where,
                       check=False))
    assert not (tmp_path / "target").exists()
    without = add(terminal)
    assert "no binaries" in refused(wacctl(
        "command", "show", without, "--bin-dir", tmp_path, check=False))


# --- cancel

def test_cancel(wacctl, terminal):
    queued, sent, ended = (add(terminal) for _ in range(3))
    hand_out(terminal, sent)
    change(terminal, ended, trans_status="succeeded")
    run = wacctl("command", "cancel", queued, ended, "99", sent, check=False)
    assert run.returncode == 1
    assert f"command {ended} is succeeded already" in run.stderr
    assert "no command 99" in run.stderr
    of_queued, of_sent = run.stdout.splitlines()
    assert of_queued == (f"command {queued} (GET_LOG_DATA for HD001) is "
                         "cancelled")
    assert "may still carry it out" in of_sent and "late" in of_sent
    assert [command(terminal, trans_id)["trans_status"]
            for trans_id in (queued, sent, ended)] == [
                "cancelled", "cancelled", "succeeded"]
    changed = command(terminal, queued)
    assert changed["trans_status_update_time"] > changed["created_at"]
    assert f"{queued} is cancelled already" in refused(
        wacctl("command", "cancel", queued, check=False))


def test_cancel_json(wacctl, terminal):
    trans_id = add(terminal)
    assert wacctl("command", "cancel", trans_id, json=True).json == [
        {"trans_id": trans_id, "sn": SN, "cmd_code": "GET_LOG_DATA",
         "trans_status": "cancelled", "previous_status": "queued"}]
    run = wacctl("command", "cancel", trans_id, json=True, check=False)
    assert run.returncode == 1 and run.json == []


def test_cancel_meets_the_answer(wacctl, terminal):
    """What ends first ends it."""
    trans_id = add(terminal)
    hand_out(terminal, trans_id)
    with terminal.connect() as session:
        session.execute("BEGIN")
        session.execute("UPDATE wac_commands SET trans_status = 'succeeded'")
        run = subprocess.Popen(
            [paths.WACCTL, "command", "cancel", trans_id, "--database",
             terminal.conninfo], stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True)
        wait_for(lambda: terminal.value(
            "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type ="
            " 'Lock' AND application_name = 'wacctl'"
            " AND datname = current_database()"), what="the lock")
        session.execute("COMMIT")
    _, errors = run.communicate(timeout=30)
    assert run.returncode == 1 and "is succeeded already" in errors
    assert command(terminal, trans_id)["trans_status"] == "succeeded"


# --- codes

def test_codes(wacctl, database):
    text = wacctl("command", "codes", database=None,
                  env={"PATH": os.environ["PATH"]}).stdout
    lines = text.splitlines()
    assert lines[0].split() == ["cmd_code", "summary", "cmd_param"]
    for code in ("get_logs", "GET_LOG_DATA", "UPDATE_FIRMWARE"):
        assert any(line.startswith(code + " ") for line in lines)
    assert all("--yes" in line for line in lines
               if line.startswith(("clear_", "CLEAR_")))
    shown = wacctl("command", "codes", "open_door", database=None).stdout
    assert '{"door": 1}' in shown and "120s" in shown
    assert wacctl("command", "codes", "get_log_data", database=None,
                  json=True).json[0]["cmd_code"] == "GET_LOG_DATA"
    assert "no command TEA" in refused(wacctl("command", "codes", "TEA",
                                              check=False, database=None))


def test_codes_can_be_sent(wacctl, terminal, tmp_path):
    """The reference's own forms are accepted."""
    codes = wacctl("command", "codes", json=True).json
    bins = binaries(tmp_path, b"photo", b"finger")
    for code in codes:
        form = code["form"]
        files = [] if not form else bins[:2 * form.count("BIN_")]
        param = ["--param", form] if form else []
        wacctl("command", "send", SN, code["cmd_code"], *param, *files,
               "--yes")
    assert terminal.count("wac_commands") == len(codes) > 40


# --- the command line

COMMANDS = ("send", "list", "show", "cancel", "codes")

WRONG = (
    ("command", "subcommand"),
    ("command frobnicate", 'unknown command "frobnicate"'),
    ("command send", "required"),
    ("command send HD001", "CODE is required"),
    ("command send HD001 get_logs extra", "extra"),
    ("command send HD001 get_logs --max-attempts 0", "--max-attempts"),
    ("command send HD001 get_logs --max-attempts 101", "--max-attempts"),
    ("command list --status done", "--status"),
    ("command list --limit 0", "--limit"),
    ("command show", "TRANS_ID is required"),
    ("command show 1 2", "2"),
    ("command cancel", "TRANS_ID is required"),
)


def test_wrong_usage(wacctl, terminal):
    for line, complaint in WRONG:
        run = wacctl(*line.split(), check=False)
        assert complaint in refused(run, 2), line
    for option in ("--param", "--bin", "--ttl", "--idempotency-key"):
        run = wacctl("command", "send", SN, "get_logs", option, check=False,
                     database=None)
        assert option in refused(run, 2)
    assert "--bin-dir" in refused(wacctl(
        "command", "show", "1", "--bin-dir", "", check=False), 2)
    assert terminal.count("wac_commands") == 0


def test_help(wacctl, database):
    for verb in COMMANDS:
        text = wacctl("command", verb, "--help", database=None).stdout
        assert f"Usage: wacctl command {verb}" in text and "Example" in text
    assert "wacctl command codes" in wacctl(
        "command", "send", "--help", database=None).stdout


def test_no_control_characters(wacctl, terminal):
    hostile = "\x1b[31mred\u009b\u202e\r\n\x7f"
    trans_id = add(terminal, hostile, requested_by=hostile,
                   cmd_param=json.dumps({"a": hostile}))
    change(terminal, trans_id, trans_status="failed", failure=hostile,
           return_code=hostile, result=json.dumps({hostile: hostile}))
    for line in (f"command show {trans_id}", "command list", "doctor HD001",
                 f"command cancel {trans_id}", "device show HD001"):
        for options in ((), ("--json",)):
            screen = Screen(*line.split(), *options, "--database",
                            terminal.conninfo, columns=200)
            assert screen.end() in (0, 1)
            assert not set(screen.output) & STEERING, screen.output


# --- device show and doctor

def test_device_show(wacctl, terminal):
    def shown():
        text = wacctl("device", "show", SN).stdout
        return dict(line.split(maxsplit=1) for line in text.splitlines())

    assert (shown()["commands_queued"], shown()["commands_sent"]) == ("0", "0")
    sent = add(terminal)
    hand_out(terminal, sent)
    change(terminal, sent, sent_at=ago(minutes=5))
    add_part(terminal, sent, 1, 8192)
    for minutes in (3, 20):
        terminal.execute(
            "UPDATE wac_commands SET created_at = now() - %s * interval '1min'"
            " WHERE trans_id = %s", (minutes, add(terminal, "get_status")))
    values = shown()
    assert values["commands_queued"] == "2, the oldest made 20 min ago"
    assert values["commands_sent"] == (
        f"1: {sent} GET_LOG_DATA, 5 min ago, 1 part, 8192 bytes received")
    row = wacctl("device", "show", SN, json=True).json
    assert (row["commands"], row["commands_queued"], row["commands_sent"]) == (
        3, 2, 1)
    assert row["sent_trans_id"] == sent


@pytest.mark.parametrize("columns, advice", (
    ("last_seen = now() - interval '2 h'",
     "1 command waits; the terminal was last heard 2 h ago."),
    ("last_seen = NULL", "1 command waits; the terminal was never heard."),
    ("state = 'pending'", "1 command waits: none is delivered to a device "
     "that is pending."),
    ("last_seen = now()", "although the terminal calls"),
))
def test_doctor_of_waiting_commands(wacctl, terminal, columns, advice):
    terminal.execute(f"UPDATE wac_devices SET {columns}")
    add(terminal, created_at="2026-01-01", expires_at="2099-01-01")
    assert advice in wacctl("doctor", SN).stdout
    assert any(advice in text for text in
               wacctl("doctor", SN, json=True).json["conclusions"])


def test_doctor_of_a_command_without_answer(wacctl, terminal):
    add(terminal, created_at="2026-01-01", expires_at="2099-01-01")
    sent = add(terminal)
    hand_out(terminal, sent)
    assert f"the terminal has not answered {sent} yet" in wacctl(
        "doctor", SN).stdout


def test_doctor_of_a_short_queue(wacctl, terminal):
    add(terminal)
    assert "Nothing is wrong" in wacctl("doctor", SN).stdout


def test_doctor_of_failed_commands(wacctl, terminal):
    for _ in range(7):
        last = add(terminal, "GET_USER_INFO")
        change(terminal, last, trans_status="failed", failure="no answer")
    old = add(terminal, "SET_TIME")
    terminal.execute(
        "UPDATE wac_commands SET trans_status = 'failed',"
        " trans_status_update_time = now() - interval '2 days'"
        " WHERE trans_id = %s", (old,))
    text = wacctl("doctor", SN).stdout
    assert ("7 commands failed or expired in the last day; the newest: "
            "GET_USER_INFO failed, no answer (\"wacctl command show "
            f"{last}\").") in text
    assert "SET_TIME" not in text
    answer = wacctl("doctor", SN, json=True).json
    assert len(answer["failed_commands"]) == 5
    assert answer["failed_commands"][0]["trans_id"] == last
