"""wacctl command send --wait: following a command to its end. The terminals'
side is played with SQL."""

import contextlib
import json
import re
import signal
import subprocess

import pytest

from wac import paths
from wac.wacctl import (  # noqa: F401 - a fixture
    SN, STEERING, Screen, add, add_part, change, command, hand_out,
    only_trans_id, terminal)


@pytest.fixture
def database(module_database):
    return module_database.emptied()


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
