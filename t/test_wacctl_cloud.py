"""wacctl and terminals of the cloud dialect: what is set for one of them,
its token, and how its session is shown."""

import hashlib

import pytest

from wac.wacctl import refused


@pytest.fixture
def terminal(database):
    database.add_device("ZX01", protocol="cloud", cpusn="CPU1")
    return "ZX01"


def options_of(database, sn="ZX01"):
    return database.device(sn)["cloud_options"]


def set_options(wacctl, *options, sn="ZX01", **more):
    return wacctl("device", "set", sn,
                  *(word for option in options
                    for word in ("--cloud-option", option)), **more)


# --- cloud options

def test_options_are_stored_by_their_types(wacctl, database, terminal):
    set_options(wacctl, "nosenduser=false", "profile=th", "tryseconds=60")
    assert options_of(database) == {
        "nosenduser": False, "profile": "th", "tryseconds": 60}


def test_options_leave_the_others_alone(wacctl, database, terminal):
    set_options(wacctl, "minimal_reg=true", "always_string=true")
    set_options(wacctl, "always_string=false", "minimal_reg=")
    assert options_of(database) == {"always_string": False}
    set_options(wacctl, "always_string=")
    assert options_of(database) is None


@pytest.mark.parametrize("option", (
    "nosenduser", "nosenduser=maybe", "minimal_reg=1", "profile=fk",
    "tryseconds=4", "tryseconds=301", "tryseconds=60s", "nosendlog=true",
    "=true", "NOSENDUSER=true",
))
def test_bad_options(wacctl, database, terminal, option):
    error = refused(set_options(wacctl, option, check=False), 2)
    assert "--cloud-option" in error
    assert options_of(database) is None


def test_an_option_given_twice(wacctl, database, terminal):
    error = refused(set_options(wacctl, "profile=th", "profile=",
                                check=False), 2)
    assert "profile is given twice" in error


def test_options_are_for_the_cloud_dialect(wacctl, database):
    database.add_device("HD001")
    error = refused(set_options(wacctl, "profile=th", sn="HD001",
                                check=False))
    assert "HD001 speaks fk" in error
    assert "no device HD9" in refused(
        set_options(wacctl, "profile=th", sn="HD9", check=False))
    assert options_of(database, "HD001") is None


# --- what it proves itself with

def test_token(wacctl, database, terminal):
    token = wacctl("device", "token", terminal).stdout.splitlines()[-1]
    assert len(token) == 32
    stored = database.device(terminal)["token_hash"]
    assert bytes(stored) == hashlib.sha256(token.encode()).digest()

    other = wacctl("device", "token", terminal, json=True).json
    assert other["sn"] == terminal and other["token"] != token
    stored = database.device(terminal)["token_hash"]
    assert bytes(stored) == hashlib.sha256(other["token"].encode()).digest()


def test_token_cleared(wacctl, database, terminal):
    wacctl("device", "token", terminal)
    wacctl("device", "token", terminal, "--clear")
    device = database.device(terminal)
    assert device["token_hash"] is None and device["cpusn"] == "CPU1"


def test_reset(wacctl, database, terminal):
    wacctl("device", "token", terminal)
    wacctl("device", "reset", terminal)
    device = database.device(terminal)
    assert device["token_hash"] is None and device["cpusn"] is None
    assert device["state"] == "approved"


@pytest.mark.parametrize("verb", ("token", "reset"))
def test_proof_of_an_unknown_device(wacctl, database, verb):
    assert "no device ZX9" in refused(
        wacctl("device", verb, "ZX9", check=False))


# --- showing

def test_add(wacctl, database):
    wacctl("device", "add", "ZX02", "--protocol", "cloud")
    device = database.device("ZX02")
    assert (device["protocol"], device["state"]) == ("cloud", "approved")
    refused(wacctl("device", "add", "ZX'3", "--protocol", "cloud",
                   check=False), 2)


def test_show(wacctl, database, terminal):
    set_options(wacctl, "profile=th")
    database.execute("UPDATE wac_devices SET session_worker = 'host-7-ab',"
                     " session_epoch = 12")
    text = wacctl("device", "show", terminal).stdout
    values = dict(line.split(maxsplit=1) for line in text.splitlines())
    assert values["session_worker"] == "host-7-ab"
    assert values["session_epoch"] == "12"
    assert "profile" in values["cloud_options"]
    device = wacctl("device", "show", terminal, json=True).json
    assert device["cloud_options"] == {"profile": "th"}
    assert device["session_epoch"] == 12


def test_show_of_fk_has_no_session(wacctl, database):
    database.add_device("HD001")
    assert "session_worker" not in wacctl("device", "show", "HD001").stdout


def conclusions(wacctl, sn):
    return " ".join(wacctl("doctor", sn, json=True).json["conclusions"])


def test_doctor_of_an_idle_socket(wacctl, database, terminal):
    """An open socket may be silent for hours."""
    database.execute("UPDATE wac_devices SET session_worker = 'host-7-ab',"
                     " last_seen = now() - interval '5 hours'")
    said = conclusions(wacctl, terminal)
    assert "Nothing is wrong" in said and "host-7-ab" in said

    database.execute("UPDATE wac_devices SET session_worker = NULL")
    said = conclusions(wacctl, terminal)
    assert "Silent" in said and "wac-worker" in said and "wac_cloud" in said


def test_doctor_of_commands_that_wait(wacctl, database, terminal):
    database.execute("UPDATE wac_devices SET last_seen = now()")
    trans_id = database.queue(terminal, "getdevinfo")
    database.set_command(trans_id, created_at="now() - interval '1 hour'")
    assert "checklive" in conclusions(wacctl, terminal)
    database.execute("UPDATE wac_devices SET session_worker = 'host-7-ab'")
    assert "see the log of that wac-worker" in conclusions(wacctl, terminal)
