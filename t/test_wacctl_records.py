"""wacctl attendance and wacctl quarantine."""

import csv
import io
import json
import subprocess
import time

import pytest

from wac import paths
from wac.wacctl import add_punch, quarantine, refused


# --- attendance

@pytest.fixture
def punches(database):
    add_punch(database, enrollid="007", when="2024-01-30 23:59:59")
    add_punch(database, enrollid="8", when="2024-01-31 00:00:00")
    add_punch(database, enrollid="9", when="2024-01-31 23:59:59", sn="HD002")
    add_punch(database, enrollid="8", when="2024-02-01 00:00:00")


FILTERS = (
    ((), [4, 3, 2, 1]),
    (("--limit", "2"), [4, 3]),
    (("--sn", "HD002"), [3]),
    (("--enrollid", "007"), [1]),
    (("--enrollid", "7"), []),
    (("--from", "2024-01-31"), [4, 3, 2]),
    (("--to", "2024-01-31"), [3, 2, 1]),
    (("--from", "2024-01-31", "--to", "2024-01-31"), [3, 2]),
    (("--from", "2024-01-31 00:00:01", "--to", "2024-01-31T23:59"), []),
    (("--to", "2024-01-31 23:59:59"), [2, 1]),
    (("--enrollid", "8", "--from", "2024-02-01"), [4]),
    (("--sn", "' OR true --"), []),
)


def test_attendance_filters(wacctl, database, punches):
    for options, expected in FILTERS:
        listed = wacctl("attendance", "list", *options, json=True).json
        assert [punch["id"] for punch in listed] == expected, options
        if "--limit" in options:
            continue
        lines = wacctl("attendance", "export", "--format", "ndjson",
                       *options).stdout.splitlines()
        assert [json.loads(line)["id"] for line in lines] == expected[::-1]


def test_attendance_list(wacctl, database):
    assert wacctl("attendance", "list").stdout == "no punches\n"
    add_punch(database, name="Ann", method="finger", direction="in", mode=1,
              inout=2, photo_id=5)
    head, line = wacctl("attendance", "list").stdout.splitlines()
    assert head.split() == ["id", "record_time", "sn", "enrollid", "name",
                            "method", "direction", "mode", "inout", "resends",
                            "photo", "created_at"]
    assert line.split()[:12] == ["1", "2024-01-31", "08:00:00", "HD001", "7",
                                 "Ann", "finger", "in", "1", "2", "0", "yes"]
    punch, = wacctl("attendance", "list", json=True).json
    assert punch["record_time"] == "2024-01-31T08:00:00"
    assert punch["photo_id"] == 5 and punch["log_id"] is None


def test_attendance_export_csv(wacctl, database):
    formulas = ("=1+1", "+1", "-1", "@x", "\t=1", 'say "a", b\r\nnew line')
    for n, text in enumerate(formulas):
        add_punch(database, enrollid=str(n), name=text, latitude=-6.25,
                  raw='{"a": 1}')
    done = subprocess.run(
        [paths.WACCTL, "attendance", "export", "--database",
         database.conninfo], capture_output=True, check=True)
    text = done.stdout.decode()
    assert text.splitlines()[0].startswith("id,sn,enrollid,name,record_time,")
    assert text.count("\r\n") == 1 + len(formulas) + 1  # one inside a field
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    columns = database.query("SELECT column_name AS c FROM"
                             " information_schema.columns WHERE"
                             " table_name = 'wac_attendance_logs'"
                             " AND column_name <> 'xact'"
                             " ORDER BY ordinal_position")
    assert list(rows[0]) == [row["c"] for row in columns]
    assert [row["name"] for row in rows] == [
        "'=1+1", "'+1", "'-1", "'@x", "'\t=1", formulas[-1]]
    assert rows[0]["latitude"] == "-6.25"  # a number is not a formula
    assert rows[0]["mode"] == ""
    assert json.loads(rows[0]["raw"]) == {"a": 1}


def test_attendance_export_without_rows(wacctl, database):
    assert wacctl("attendance", "export").stdout.startswith("id,sn,enrollid")
    assert wacctl("attendance", "export", json=True).stdout == ""


def test_attendance_export_in_little_memory(wacctl, database):
    database.execute(
        "INSERT INTO wac_attendance_logs (sn, enrollid, record_time, protocol,"
        " raw) SELECT 'HD001', n::text, timestamp '2024-01-01' + n * interval"
        " '1 s', 'fk', to_jsonb(repeat('x', 300))"
        " FROM generate_series(1, 100000) n")
    limited = subprocess.run(
        ["sh", "-c", 'ulimit -v 262144; exec "$0" "$@"', paths.WACCTL,
         "attendance", "export", "--json", "--database", database.conninfo],
        capture_output=True, text=True, timeout=60, check=False)
    if "AddressSanitizer" in limited.stderr:
        pytest.skip("a sanitizer needs more memory than that")
    assert limited.returncode == 0, limited.stderr
    lines = limited.stdout.splitlines()
    assert len(lines) == 100000
    assert json.loads(lines[-1])["enrollid"] == "100000"


def test_attendance_export_tells_a_lost_server(wacctl, database):
    """What was written is not passed off as everything."""
    database.execute(
        "INSERT INTO wac_attendance_logs (sn, enrollid, record_time, protocol)"
        " SELECT 'HD001', n::text, timestamp '2024-01-01' + n * interval"
        " '1 s', 'fk' FROM generate_series(1, 200000) n")
    with subprocess.Popen(
            [paths.WACCTL, "attendance", "export", "--database",
             database.conninfo], stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True) as run:
        assert run.stdout.readline().startswith("id,")
        ended = []
        until = time.monotonic() + 10
        while not ended and time.monotonic() < until:
            ended = database.query(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE application_name = 'wacctl'"
                " AND datname = current_database()")
        assert ended
        _, errors = run.communicate(timeout=30)
    assert run.returncode == 1 and errors.startswith("wacctl: database: ")


# --- quarantine

def test_quarantine_list(wacctl, database):
    assert wacctl("quarantine", "list").stdout == "nothing in quarantine\n"
    first = quarantine(database)
    second = quarantine(database, sn="HD002", frame=b"xyz")
    assert [frame["id"] for frame in wacctl("quarantine", "list",
                                            json=True).json] == [second, first]
    frame, = wacctl("quarantine", "list", "--sn", "HD002", json=True).json
    assert (frame["bytes"], frame["request"]) == (3, "realtime_glog")
    assert len(wacctl("quarantine", "list", "--limit", "1",
                      json=True).json) == 1
    text = wacctl("quarantine", "list").stdout
    assert "the body is not JSON" in text and "HD002" in text


def test_quarantine_show(wacctl, database):
    frame = bytes(range(256)) + b"end"
    number = quarantine(database, frame=frame)
    text = wacctl("quarantine", "show", number).stdout
    assert "the body is not JSON" in text
    assert ("00000040: 4041 4243 4445 4647 4849 4a4b 4c4d 4e4f  "
            "@ABCDEFGHIJKLMNO\n") in text
    assert text.endswith("00000100: 656e 64" + " " * 34 + "end\n")
    shown = wacctl("quarantine", "show", number, json=True).json
    assert bytes.fromhex(shown["frame"]) == frame
    assert shown["bytes"] == 259
    raw = subprocess.run([paths.WACCTL, "quarantine", "show", str(number),
                          "--raw", "--database", database.conninfo],
                         capture_output=True, check=True)
    assert raw.stdout == frame
    assert "no quarantined frame 99" in refused(
        wacctl("quarantine", "show", 99, check=False))


def test_quarantine_of_an_empty_frame(wacctl, database):
    number = quarantine(database, frame=b"")
    assert "bytes" in wacctl("quarantine", "show", number).stdout
    assert wacctl("quarantine", "show", number, json=True).json["frame"] == ""
