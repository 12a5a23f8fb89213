"""wacctl doctor: of the system, of a device and of its commands."""

import pytest

from wac.wacctl import (  # noqa: F401 - a fixture
    SN, add, add_part, add_punch, ago, change, hand_out, quarantine,
    refused, terminal)


# --- the system and a device

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


# --- commands, and how "device show" counts them

def test_device_show_of_commands(wacctl, terminal):
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
