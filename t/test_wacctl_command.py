"""wacctl command: list, show, cancel and codes; what must not be seen on a
screen. The terminals' side is played with SQL."""

import json
import os
import subprocess

import pytest

from wac import paths
from wac.wait import wait_for
from wac.wacctl import (  # noqa: F401 - a fixture
    SN, STEERING, Screen, add, add_part, ago, binaries, change, command,
    hand_out, refused, terminal)


@pytest.fixture
def database(module_database):
    return module_database.emptied()


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
