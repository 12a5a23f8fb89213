"""wacctl: every verb, its exit status, and what it must never print."""

import csv
import fcntl
import io
import json
import os
import pty
import struct
import subprocess
import termios
import time

import pytest

from wac import paths

HOSTILE = "\x1b[31mred\x1b[0m\u009b2J\u202eabc\r\n\x7f"
ESCAPED = r"\x1b[31mred\x1b[0m\u009b2J\u202eabc\r\n\x7f"


def add_punch(database, sn="HD001", enrollid="7", when="2024-01-31 08:00:00",
              **columns):
    columns = {"sn": sn, "enrollid": enrollid, "record_time": when,
               "protocol": "fk", **columns}
    names = ", ".join(f'"{name}"' for name in columns)
    marks = ", ".join(["%s"] * len(columns))
    database.execute(
        f"INSERT INTO wac_attendance_logs ({names}) VALUES ({marks})",
        tuple(columns.values()))


def quarantine(database, frame=b"\x00\x01ABC\x1b[2J", sn="HD001",
               reason="the body is not JSON"):
    return database.value(
        "INSERT INTO wac_quarantine (sn, protocol, request, reason, frame)"
        " VALUES (%s, 'fk', 'realtime_glog', %s, %s) RETURNING id",
        (sn, reason, frame))


def refused(run, status=1):
    """An error as it should be: one line on stderr that says who complains."""
    assert run.returncode == status, run
    assert run.stderr.startswith("wacctl: "), run
    return run.stderr


def on_a_terminal(*arguments, columns=80):
    """What wacctl writes when its standard output is a terminal."""
    master, slave = pty.openpty()
    try:
        fcntl.ioctl(slave, termios.TIOCSWINSZ,
                    struct.pack("HHHH", 24, columns, 0, 0))
        run = subprocess.Popen([paths.WACCTL, *map(str, arguments)],
                               stdout=slave, stderr=slave)
        os.close(slave)
        slave = None
        output = b""
        while True:
            try:
                more = os.read(master, 65536)
            except OSError:  # EIO: the other side is closed
                more = b""
            if not more:
                break
            output += more
        return run.wait(10), output.decode()
    finally:
        os.close(master)
        if slave is not None:
            os.close(slave)


# --- the command line itself

NOUNS = ("device", "attendance", "quarantine")
COMMANDS = (
    "migrate", "doctor", "device list", "device show", "device add",
    "device set", "device approve", "device block", "device token",
    "device reset", "device remove",
    "attendance list", "attendance export", "quarantine list",
    "quarantine show")


def test_help(wacctl, database):
    for command in ("", *NOUNS, *COMMANDS):
        run = wacctl(*command.split(), "--help", database=None)
        assert f"Usage: wacctl {command}".strip() in run.stdout
        assert command in NOUNS or "Example" in run.stdout


def test_version(wacctl, database):
    text = (paths.REPOSITORY / "CMakeLists.txt").read_text()
    version = text.split("project(wac VERSION ")[1].split()[0]
    assert wacctl("--version", database=None).stdout == f"wacctl {version}\n"


WRONG = (
    ("", "subcommand"),
    ("frobnicate", 'unknown command "frobnicate"'),
    ("device", "subcommand"),
    ("device frobnicate", 'unknown command "frobnicate"'),
    ("device list --frobnicate", "--frobnicate"),
    ("device list --state open", "--state"),
    ("device list --protocol smtp", "--protocol"),
    ("device list device", "not expected"),
    ("device show", "SN is required"),
    ("device approve", "SN is required"),
    ("device set HD001", "--time-zone"),
    ("attendance list --limit 0", "--limit"),
    ("attendance list --limit many", "--limit"),
    ("attendance list --from 2024-02-30", "--from"),
    ("attendance list --to yesterday", "--to"),
    ("attendance export --format xml", "--format"),
    ("attendance export --format csv --json", "contradict"),
    ("quarantine show", "ID is required"),
    ("quarantine show x", "ID"),
    ("quarantine show 1 --raw --json", "contradict"),
    ("migrate now", "now"),
)


def test_wrong_usage(wacctl, database):
    for line, complaint in WRONG:
        run = wacctl(*line.split(), check=False)
        assert complaint in refused(run, 2), line
        assert run.stdout == ""
    run = wacctl("device", "add", "HD001", "--name", check=False,
                 database=None)
    assert "--name" in refused(run, 2)


def test_database_is_needed(wacctl, database):
    environment = {k: v for k, v in os.environ.items()
                   if k != "WAC_DATABASE_URL"}
    for empty in ({}, {"WAC_DATABASE_URL": ""}):
        run = wacctl("device", "list", check=False, database=None,
                     env={**environment, **empty})
        assert "WAC_DATABASE_URL" in refused(run, 2)


def test_database_from_the_environment(wacctl, database):
    environment = {**os.environ, "WAC_DATABASE_URL": database.conninfo}
    run = wacctl("device", "list", database=None, env=environment)
    assert run.stdout == "no devices\n"


def test_json_anywhere(wacctl, database):
    database.add_device("HD001")
    for line in ("--json device show HD001", "device --json show HD001",
                 "device show --json HD001", "device show HD001 --json"):
        assert wacctl(*line.split()).json["sn"] == "HD001"


CONNINFOS = (
    "host=127.0.0.1 port=1 user=u password=hunter2",
    "postgresql://u:hunter2@127.0.0.1:1/wac",
    "postgresql://u:hun@ter2@127.0.0.1:1/wac",
    "postgresql://u:hun/ter2@127.0.0.1:1/wac",
    "postgresql://u:hun%zzter2@127.0.0.1:1/wac",
    "postgresql://u:hunter2",
    "host=127.0.0.1 password=hun ter2",
    "password='hunter2",
    "hunter2",
)


def test_passwords_are_not_printed(wacctl, database):
    for conninfo in CONNINFOS:
        for command in (("device", "list"), ("doctor",), ("migrate",)):
            run = wacctl(*command, check=False, database=conninfo)
            assert run.returncode in (1, 2), run
            for part in ("hun", "ter2"):
                assert part not in run.stdout + run.stderr
    # given where no connection string belongs
    run = wacctl("postgresql://u:hunter2@h/d", "device", "list", check=False,
                 database=None)
    assert "hun" not in refused(run, 2)


def test_full_disk(database):
    database.add_device("HD001")
    for line in ("device list", "attendance export"):
        with open("/dev/full", "w", encoding="ascii") as full:
            run = subprocess.run(
                [paths.WACCTL, *line.split(), "--database", database.conninfo],
                stdout=full, stderr=subprocess.PIPE, text=True, check=False)
        assert run.returncode == 1
        assert "No space left" in run.stderr


# --- migrate

def versions(database):
    return [row["version"] for row in database.query(
        "SELECT version FROM wac_schema_migrations ORDER BY version")]


def test_migrate(wacctl, empty_database):
    dry = wacctl("migrate", "--dry-run")
    assert "would apply 001_devices\n" in dry.stdout
    assert "schema is at version 0\n" in dry.stdout
    assert empty_database.value("SELECT to_regclass('wac_devices')") is None

    first = wacctl("migrate")
    assert "applying 001_devices ... done" in first.stdout
    last = versions(empty_database)[-1]
    assert versions(empty_database) == list(range(1, last + 1))
    assert first.stdout.endswith(f"schema is at version {last}\n")

    assert wacctl("migrate").stdout == f"schema is at version {last}\n"
    assert wacctl("migrate", json=True).json == {"version": last,
                                                 "applied": []}


def test_migrate_protects_every_table(wacctl, empty_database):
    wacctl("migrate")
    assert not empty_database.query(
        "SELECT relname FROM pg_class WHERE relname LIKE 'wac%%'"
        " AND relkind = 'r' AND NOT relrowsecurity")


def test_migrate_json(wacctl, empty_database):
    missing = wacctl("migrate", "--dry-run", json=True).json
    assert missing["version"] == 0
    applied = wacctl("migrate", json=True)
    assert applied.json["applied"] == missing["missing"]
    assert "applying 001_devices" in applied.stderr


def test_migrate_where_it_stopped(wacctl, empty_database):
    wacctl("migrate")
    last = versions(empty_database)[-1]
    empty_database.execute(
        "CREATE SCHEMA kept;"
        " ALTER TABLE wac_schema_migrations SET SCHEMA kept;"
        " DROP SCHEMA public CASCADE; CREATE SCHEMA public;"
        " ALTER TABLE kept.wac_schema_migrations SET SCHEMA public")
    for name in ("001_devices.sql", "002_records.sql"):
        empty_database.execute((paths.REPOSITORY / "shared" / "db" / "schema" / name).read_text("utf-8"))
    empty_database.execute(
        "DELETE FROM wac_schema_migrations WHERE version >= 3")
    assert "version 2" in wacctl("migrate", "--dry-run").stdout
    run = wacctl("doctor", check=False)
    assert "schema is at version 2" in run.stdout and run.returncode == 1
    wacctl("migrate")
    assert versions(empty_database)[-1] == last


def test_migrate_keeps_nothing_of_a_failure(wacctl, empty_database):
    empty_database.execute("CREATE TABLE wac_users (x int)")  # in 002's way
    run = wacctl("migrate", check=False)
    assert "002_records" in refused(run) and "wac_users" in run.stderr
    assert versions(empty_database) == [1]
    assert empty_database.value("SELECT to_regclass('wac_photos')") is None


@pytest.mark.parametrize("option", ((), ("--dry-run",)))
def test_migrate_refuses_a_changed_migration(wacctl, database, option):
    database.execute(
        "UPDATE wac_schema_migrations SET checksum = 'x' WHERE version = 2")
    assert "002_records" in refused(wacctl("migrate", *option, check=False))
    assert "002_records" in wacctl("doctor", check=False).stdout


@pytest.mark.parametrize("option", ((), ("--dry-run",)))
def test_migrate_refuses_a_newer_database(wacctl, database, option):
    database.execute("INSERT INTO wac_schema_migrations (version, name,"
                     " checksum) VALUES (999, '999_future', 'x')")
    assert "999" in refused(wacctl("migrate", *option, check=False))


def test_two_migrate_at_once(wacctl, empty_database):
    lock = 0x7761635F6D696772  # "wac_migr"
    command = [paths.WACCTL, "migrate", "--database", empty_database.conninfo]
    with empty_database.connect() as session:
        session.execute("SELECT pg_advisory_lock(%s)", (lock,))
        runs = [subprocess.Popen(command, stdout=subprocess.PIPE,
                                 stderr=subprocess.PIPE, text=True)
                for _ in range(3)]
        for run in runs:
            assert "waiting" in run.stderr.readline()
            assert run.poll() is None
    outputs = [run.communicate(timeout=30)[0] for run in runs]
    assert [run.returncode for run in runs] == [0, 0, 0]
    assert sum("applying 001_devices" in output for output in outputs) == 1


def test_commands_need_the_schema(wacctl, empty_database):
    for line in ("device list", "device add HD001", "attendance list",
                 "attendance export", "quarantine list", "doctor HD001"):
        assert "wacctl migrate" in refused(wacctl(*line.split(), check=False))


# --- device

def test_device_add(wacctl, database):
    wacctl("device", "add", "HD-0_1", "--name", "Main gate",
           "--time-zone", "asia/jakarta")
    device = database.device("HD-0_1")
    assert device["state"] == "approved" and device["protocol"] == "fk"
    assert device["name"] == "Main gate"
    assert device["time_zone"] == "Asia/Jakarta"

    made = wacctl("device", "add", "a.1", "--protocol", "cloud", json=True)
    assert made.json["sn"] == "a.1" and made.json["name"] is None


def test_device_add_refuses_strange_names(wacctl, database):
    for sn in ("", "a b", "a.b", "x" * 33, "ü", "a\n", "\x1b"):
        refused(wacctl("device", "add", sn, check=False), 2)
    for sn in ("", "a b", "x" * 65, "\x1b"):
        refused(wacctl("device", "add", sn, "--protocol", "xml", check=False),
                2)
    assert database.count("wac_devices") == 0


@pytest.mark.parametrize("state, hint", (
    ("pending", "wacctl device approve HD001"),
    ("blocked", "wacctl device approve HD001"),
    ("approved", "wacctl device set HD001")))
def test_device_add_leaves_a_known_one_alone(wacctl, database, state, hint):
    database.add_device("HD001", state=state, name="old")
    error = refused(wacctl("device", "add", "HD001", "--name", "new",
                           check=False))
    assert state in error and hint in error
    device = database.device("HD001")
    assert (device["state"], device["name"]) == (state, "old")


def test_bad_time_zone(wacctl, database):
    database.add_device("HD001")
    for zone in ("Mars/Phobos", "UTC+7", "'; DROP"):
        for verb, sn in (("add", "HD002"), ("set", "HD001")):
            run = wacctl("device", verb, sn, "--time-zone", zone, check=False)
            assert f'time zone "{zone}" not recognized' in refused(run)
    assert database.count("wac_devices") == 1


def test_device_set(wacctl, database):
    database.add_device("HD001", name="old", time_zone="UTC")
    wacctl("device", "set", "HD001", "--name", "new")
    wacctl("device", "set", "HD001", "--io-modes", '{"0": "in", "1": "out"}')
    device = database.device("HD001")
    assert (device["name"], device["time_zone"]) == ("new", "UTC")
    assert device["io_modes"] == {"0": "in", "1": "out"}

    changed = wacctl("device", "set", "HD001", "--name", "", "--time-zone", "",
                     "--io-modes", "", json=True).json
    assert changed["name"] is changed["time_zone"] is changed["io_modes"] is None
    assert "no device HD9" in refused(
        wacctl("device", "set", "HD9", "--name", "x", check=False))


BAD_IO_MODES = (
    "x", "[]", '"in"', "null", '{"0": "IN"}', '{"0": 1}', '{"0": ""}',
    '{"in": "0"}', '{"-1": "in"}', '{"00": "in"}', '{"0": "in", "0": "out"}',
    '{"0": "in\\u001b"}')


def test_bad_io_modes(wacctl, database):
    database.add_device("HD001")
    for modes in BAD_IO_MODES:
        run = wacctl("device", "set", "HD001", f"--io-modes={modes}",
                     check=False)
        assert "--io-modes" in refused(run, 2), modes
    assert database.device("HD001")["io_modes"] is None


def test_device_approve_and_block(wacctl, database):
    for sn in ("HD001", "HD002"):
        database.add_device(sn, state="pending")
    run = wacctl("device", "approve", "HD001", "HD009", "HD002", check=False)
    assert "no device HD009" in refused(run)
    assert "device HD001 is approved (was pending)\n" in run.stdout
    assert database.device("HD001")["state"] == "approved"
    assert database.device("HD002")["state"] == "approved"
    assert "already" in wacctl("device", "approve", "HD001").stdout

    run = wacctl("device", "block", "HD001", json=True)
    assert run.json == [{"sn": "HD001", "state": "blocked",
                         "previous_state": "approved"}]
    assert database.device("HD001")["state"] == "blocked"
    assert database.device("HD002")["state"] == "approved"


def test_device_list(wacctl, database):
    database.add_device("HD001")
    database.add_device("HD002", state="pending", last_refusal="it is pending",
                        refusals=3)
    database.add_device("C1", protocol="cloud")
    lines = wacctl("device", "list").stdout.splitlines()
    assert [line.split()[0] for line in lines] == ["sn", "C1", "HD001",
                                                   "HD002"]
    column = lines[0].index("state")
    assert [line[column:].split()[0] for line in lines[1:]] == [
        "approved", "approved", "pending"]
    assert "never" in lines[1] and "-" in lines[1].split()

    def listed(*options):
        return [device["sn"] for device in
                wacctl("device", "list", *options, json=True).json]

    assert listed() == ["C1", "HD001", "HD002"]
    assert listed("--state", "pending") == ["HD002"]
    assert listed("--protocol", "fk", "--state", "approved") == ["HD001"]
    assert listed("--state", "blocked") == []
    assert wacctl("device", "list", "--state", "blocked").stdout == (
        "no devices\n")


def test_device_show(wacctl, database):
    database.add_device("HD001", devinfo='{"a": [1]}', clock_skew_s=2.5,
                        last_addr="10.0.0.7", token_hash=b"secret")
    database.execute(
        "UPDATE wac_devices SET last_seen = now() - interval '12 minutes'")
    add_punch(database)
    quarantine(database)
    text = wacctl("device", "show", "HD001").stdout
    assert "(12 min ago)" in text
    assert "10.0.0.7" in text
    values = dict(line.split(maxsplit=1) for line in text.splitlines())
    assert values["punches"] == values["quarantined"] == "1"
    assert values["users"] == "0" and values["model"] == "-"

    device = wacctl("device", "show", "HD001", json=True).json
    assert device.keys() >= database.device("HD001").keys()
    assert device["devinfo"] == {"a": [1]} and device["clock_skew_s"] == 2.5
    assert device["token_hash"] == "set"
    assert device["attendance_logs"] == 1
    assert "no device HD9" in refused(
        wacctl("device", "show", "HD9", check=False))


def test_device_remove(wacctl, database):
    database.add_device("HD001")
    add_punch(database)
    error = refused(wacctl("device", "remove", "HD001", check=False))
    assert "--yes" in error and "1 punch" in error
    assert database.count("wac_devices") == 1
    run = wacctl("device", "remove", "HD001", "--yes")
    assert "1 punch" in run.stdout
    assert database.count("wac_devices") == 0
    assert database.count("wac_attendance_logs") == 1
    assert "no device HD001" in refused(
        wacctl("device", "remove", "HD001", "--yes", check=False))


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


# --- doctor

@pytest.fixture
def sound(own_cluster):
    """A database on a server that keeps what it promised."""
    server, database = own_cluster("doctor")
    server.settings = {"fsync": "on", "full_page_writes": "on"}
    server.restart("fast")
    return database


def test_doctor_of_a_sound_system(wacctl, database, sound):
    run = wacctl("doctor", database=sound)
    assert {line.split()[0] for line in run.stdout.splitlines()} == {"ok"}
    answer = wacctl("doctor", json=True, database=sound).json
    assert answer["problems"] == 0
    assert {check["level"] for check in answer["checks"]} == {"ok"}


def test_doctor_sees_lax_settings(wacctl, database):
    database.execute(f'ALTER DATABASE "{database.name}"'
                     " SET synchronous_commit = off")
    run = wacctl("doctor", check=False)
    assert run.returncode == 1
    problems = [line for line in run.stdout.splitlines()
                if line.startswith("problem ")]
    for setting in ("fsync", "full_page_writes", "synchronous_commit"):
        assert any(f"{setting} is off" in line for line in problems)
    assert wacctl("doctor", check=False, json=True).json["problems"] == 3


def test_doctor_sees_what_needs_attention(wacctl, database):
    database.add_device("HD001", clock_skew_s=-3600)
    database.add_device("HD002", state="pending", refusals=3,
                        last_refusal="the device is pending")
    database.add_device("HD003", state="blocked", last_refusal="long ago")
    database.execute(
        "UPDATE wac_devices SET last_seen = now() - CASE sn WHEN 'HD003'"
        " THEN interval '2 days' ELSE interval '5 minutes' END")
    number = quarantine(database)
    text = wacctl("doctor", check=False).stdout
    assert ("3 devices: 1 approved, 1 pending, 1 blocked" in text)
    assert ("warning  device HD002 was refused 3 times, last heard 5 min ago: "
            "the device is pending\n") in text
    assert "long ago" not in text
    assert "the clock of device HD001 is 60 min slow" in text
    assert f"wacctl quarantine show {number}" in text


def test_doctor_of_an_empty_database(wacctl, empty_database):
    run = wacctl("doctor", check=False)
    assert run.returncode == 1
    assert 'problem  there is no schema: run "wacctl migrate"' in run.stdout


def test_doctor_without_a_server(wacctl, database):
    run = wacctl("doctor", check=False,
                 database="host=127.0.0.1 port=1 dbname=wac")
    assert run.returncode == 1
    assert run.stdout.startswith("problem  database: connection to server")


def test_doctor_sees_missing_rights(wacctl, database):
    role = f"{database.name[:40]}_reader"
    database.execute(f'CREATE ROLE "{role}" LOGIN')
    try:
        conninfo = database.conninfo.replace("user=wac", f"user={role}")
        run = wacctl("doctor", check=False, database=conninfo)
        assert "problem  no right to read and write wac_devices" in run.stdout
        database.execute("GRANT ALL ON ALL TABLES IN SCHEMA public"
                         f' TO "{role}"')
        run = wacctl("doctor", check=False, database=conninfo)
        assert ("problem  row level security hides wac_devices"
                in run.stdout)
    finally:
        database.execute(f'DROP OWNED BY "{role}"')
        database.execute(f'DROP ROLE "{role}"')


@pytest.mark.parametrize("state, last_seen, advice", (
    ("pending", "3 s", "wacctl device approve HD001"),
    ("blocked", "3 s", "It is blocked"),
    ("approved", None, "Never heard"),
    ("approved", "3 h", "Silent, last heard 3 h ago"),
    ("approved", "3 s", "Nothing is wrong"),
))
def test_doctor_of_a_device(wacctl, database, state, last_seen, advice):
    database.add_device("HD001", state=state)
    database.execute("UPDATE wac_devices SET last_seen = now() - %s::interval",
                     (last_seen,))
    assert advice in wacctl("doctor", "HD001").stdout
    assert any(advice in text for text in
               wacctl("doctor", "HD001", json=True).json["conclusions"])


def test_doctor_tells_a_devices_history(wacctl, database):
    database.add_device("HD001", state="blocked", clock_skew_s=90,
                        last_addr="10.0.0.7", firmware="F1.2", refusals=4,
                        last_refusal="the device is blocked")
    for n in range(7):
        add_punch(database, enrollid=f"E{n}")
        quarantine(database, frame=bytes([n]), reason=f"reason {n}")
    database.execute("INSERT INTO wac_commands (trans_id, sn, cmd_code) VALUES"
                     " ('42', 'HD001', 'GET_USER_ID_LIST')")
    text = wacctl("doctor", "HD001").stdout
    for part in ("10.0.0.7", "F1.2", "fk", "90 s fast", "refused 4 times",
                 "the device is blocked", "E6", "E2", "reason 6", "reason 2",
                 "GET_USER_ID_LIST", "queued"):
        assert part in text
    assert "E1" not in text and "reason 1" not in text
    answer = wacctl("doctor", "HD001", json=True).json
    assert [p["enrollid"] for p in answer["last_attendance_logs"]] == [
        "E6", "E5", "E4", "E3", "E2"]
    assert len(answer["last_quarantine"]) == 5
    assert answer["waiting_commands"][0]["trans_id"] == "42"


def test_doctor_of_an_unknown_device(wacctl, database):
    database.add_device("00HD001")
    add_punch(database, sn="hd001")
    error = refused(wacctl("doctor", "hd001", check=False))
    assert "no device hd001" in error
    for hint in ("wac_enrolment", "terminal's menu", "request_code",
                 "underscores_in_headers", "there is a device 00HD001",
                 "1 record"):
        assert hint in error


# --- hostile texts

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
