"""wacctl device: adding, approving, setting and removing terminals."""

import pytest

from wac.wacctl import add_punch, quarantine, refused


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
    assert "no device HD009" in refused(run, done_before=True)
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
