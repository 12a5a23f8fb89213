"""wacctl migrate."""

import subprocess

import pytest

from wac import paths
from wac.wacctl import refused


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
    error = refused(run, done_before=True)
    assert "002_records" in error and "wac_users" in error
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
