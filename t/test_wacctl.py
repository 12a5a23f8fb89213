"""wacctl: its command line, and the database that it is given."""

import os
import subprocess

from wac import paths
from wac.wacctl import refused


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
