"""wacctl command send: what is queued and what is refused."""

import json
import os
import re
import subprocess

import pytest

from wac import paths
from wac.wait import wait_for
from wac.wacctl import (  # noqa: F401 - a fixture
    SN, binaries, change, command, refused, terminal)


@pytest.fixture
def database(module_database):
    return module_database.emptied()


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
