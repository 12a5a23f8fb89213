"""What wacctl must never print, and how tables fit a screen."""

import csv
import io
import json
import subprocess

from wac import paths
from wac.wacctl import add_punch, on_a_terminal, quarantine, refused


HOSTILE = "\x1b[31mred\x1b[0m\u009b2J\u202eabc\r\n\x7f"
ESCAPED = r"\x1b[31mred\x1b[0m\u009b2J\u202eabc\r\n\x7f"


def make_hostile(database):
    database.add_device("HD001", name=HOSTILE, last_refusal=HOSTILE,
                        state="pending", model=HOSTILE, firmware=HOSTILE,
                        devinfo=json.dumps({"a": HOSTILE}))
    database.execute("UPDATE wac_devices SET last_seen = now()")
    add_punch(database, name=HOSTILE, enrollid=HOSTILE, method=HOSTILE,
              raw=json.dumps(HOSTILE))
    quarantine(database, reason=HOSTILE)


COMMANDS_THAT_SHOW = (
    "device list", "device show HD001", "attendance list",
    "attendance export", "attendance export --format ndjson",
    "quarantine list", "quarantine show 1", "doctor", "doctor HD001")


def test_terminals_get_no_control_characters(wacctl, database):
    make_hostile(database)
    for line in COMMANDS_THAT_SHOW:
        for options in ((), ("--json",)):
            status, output = on_a_terminal(
                *line.split(), *options, "--database", database.conninfo,
                columns=200)
            assert status in (0, 1)
            assert not set(output) & set("\x1b\u009b\u202e\x7f\a\b"), output
            assert "red" in output, line


def test_pipes_get_no_control_characters_but_in_csv(wacctl, database):
    make_hostile(database)
    for line in COMMANDS_THAT_SHOW:
        # the harness would read \r\n as \n
        text = subprocess.run(
            [paths.WACCTL, *line.split(), "--database", database.conninfo],
            capture_output=True, check=False).stdout.decode()
        if line == "attendance export":
            record, = csv.DictReader(io.StringIO(text, newline=""))
            assert record["name"] == record["enrollid"] == HOSTILE
            continue
        assert ESCAPED in text or "ndjson" in line
        assert not set(text) & set("\x1b\u009b\u202e\x7f\r")


def test_json_holds_the_texts_unchanged(wacctl, database):
    make_hostile(database)
    device = wacctl("device", "show", "HD001", json=True).json
    assert device["name"] == HOSTILE and device["devinfo"] == {"a": HOSTILE}
    punch, = wacctl("attendance", "list", json=True).json
    assert punch["name"] == HOSTILE and punch["raw"] == HOSTILE
    exported = wacctl("attendance", "export", "--format", "ndjson")
    assert json.loads(exported.stdout)["name"] == HOSTILE


def test_errors_are_escaped(wacctl, database):
    run = wacctl("device", "show", "\x1b[2J", check=False)
    assert r"no device \x1b[2J" in refused(run)
    run = wacctl("device", "\x1b[2J", check=False)
    assert r"\x1b[2J" in refused(run, 2)


def test_tables_fit_the_terminal(wacctl, database):
    for sn in ("HD001", "HD002"):
        database.add_device(sn, name="大門 " * 20, last_refusal="why " * 50)
    for columns in (20, 40, 80, 132):
        _, output = on_a_terminal("device", "list", "--database",
                                  database.conninfo, columns=columns)
        lines = [line for line in output.splitlines()
                 if "no room for" not in line]
        assert len(lines) == 3
        for line in lines:
            wide = sum(1 + (ord(character) > 0x2E80) for character in line)
            assert wide <= columns, line


def test_wide_characters_are_aligned(wacctl, database):
    database.add_device("HD001", name="大門", model="M1")
    database.add_device("HD002", name="gate", model="M2")
    lines = wacctl("device", "list").stdout.splitlines()
    assert lines[2].rindex("M2") - lines[1].rindex("M1") == 2
