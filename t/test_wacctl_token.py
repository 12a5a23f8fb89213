"""wacctl token: tokens of people and programs; the tokens of type and xml
terminals; their commands."""

import datetime
import hashlib

import pytest

from wac.wacctl import refused

WEEK = datetime.timedelta(days=7)


def row(database, name):
    return database.one("SELECT *, expires_at - created_at AS lives"
                        " FROM wac_api_tokens WHERE name = %s", (name,))


def sha256(text):
    return hashlib.sha256(text.encode()).digest()


def set_time(database, name, column, age):
    database.execute(f"UPDATE wac_api_tokens SET {column} = now() - "
                     "%s::interval WHERE name = %s", (age, name))


# --- of people and programs

@pytest.mark.parametrize("role", ("viewer", "operator", "admin"))
def test_create(wacctl, database, role):
    run = wacctl("token", "create", "reception", "--role", role)
    token = run.stdout.splitlines()[-1]
    assert len(token) == 32 and role in run.stdout.splitlines()[0]
    stored = row(database, "reception")
    assert bytes(stored["token_hash"]) == sha256(token)
    assert stored["role"] == role
    assert stored["expires_at"] is None and stored["last_used_at"] is None


def test_create_as_json(wacctl, database):
    made = wacctl("token", "create", "a.b_c-d@e", "--role", "viewer",
                  "--expires", "7d", json=True).json
    assert set(made) == {"name", "role", "created_at", "expires_at", "token"}
    stored = row(database, "a.b_c-d@e")
    assert bytes(stored["token_hash"]) == sha256(made["token"])
    assert stored["lives"] == WEEK


def test_a_name_is_taken_once(wacctl, database):
    wacctl("token", "create", "x", "--role", "viewer")
    before = row(database, "x")
    assert "token revoke x" in refused(
        wacctl("token", "create", "x", "--role", "admin", check=False))
    assert row(database, "x") == before


@pytest.mark.parametrize("arguments", (
    ("x",), ("x", "--role", "boss"), ("x", "--role", ""),
    ("", "--role", "viewer"), ("a b", "--role", "viewer"),
    ("x" * 65, "--role", "viewer"), ("x'", "--role", "viewer"),
    ("x", "--role", "viewer", "--expires", "0"),
    ("x", "--role", "viewer", "--expires", "3651d"),
    ("x", "--role", "viewer", "--expires", "soon"),
))
def test_bad_usage(wacctl, database, arguments):
    refused(wacctl("token", "create", *arguments, check=False), 2)
    assert database.count("wac_api_tokens") == 0


def test_ten_years(wacctl, database):
    wacctl("token", "create", "x", "--role", "viewer", "--expires", "3650d")
    assert row(database, "x")["lives"] == datetime.timedelta(days=3650)


def test_list(wacctl, database):
    assert wacctl("token", "list").stdout == "no tokens\n"
    assert wacctl("token", "list", json=True).json == []
    token = wacctl("token", "create", "b", "--role", "admin",
                   json=True).json["token"]
    wacctl("token", "create", "a", "--role", "viewer", "--expires", "1h")
    set_time(database, "a", "expires_at", "1 minute")
    set_time(database, "b", "last_used_at", "3 hours")
    text = wacctl("token", "list").stdout
    lines = text.splitlines()
    assert lines[1].startswith("a ") and "(over)" in lines[1]
    assert lines[2].startswith("b ") and "3 h ago" in lines[2]
    listed = wacctl("token", "list", json=True)
    assert [(t["name"], t["role"], t["expired"]) for t in listed.json] == [
        ("a", "viewer", True), ("b", "admin", False)]
    for shown in (text, listed.stdout):
        assert token not in shown and sha256(token).hex() not in shown


def test_revoke(wacctl, database):
    wacctl("token", "create", "x", "--role", "viewer")
    wacctl("token", "create", "y", "--role", "viewer")
    wacctl("token", "revoke", "x")
    assert wacctl("token", "revoke", "y", json=True).json["name"] == "y"
    assert database.count("wac_api_tokens") == 0
    assert "no token x" in refused(
        wacctl("token", "revoke", "x", check=False))
    wacctl("token", "create", "x", "--role", "admin")


# --- of terminals

@pytest.fixture
def device(database, request):
    """One that has all that a proof can be made of."""
    database.add_device("D1", protocol=request.param, cpusn="CPU1",
                        token_hash=sha256("old"), token_offer=sha256("new"))
    return database


def proof(database):
    device = database.device("D1")
    return tuple(device[column] is not None
                 for column in ("cpusn", "token_hash", "token_offer"))


@pytest.mark.parametrize("device", ("type",), indirect=True)
def test_token_of_a_type_terminal(wacctl, device):
    token = wacctl("device", "token", "D1").stdout.splitlines()[-1]
    assert bytes(device.device("D1")["token_hash"]) == sha256(token)
    cleared = wacctl("device", "token", "D1", "--clear").stdout
    assert "wacctl device token D1" in cleared
    assert device.device("D1")["token_hash"] is None


@pytest.mark.parametrize("device", ("xml",), indirect=True)
@pytest.mark.parametrize("flags", ((), ("--clear",)))
def test_an_xml_terminal_gets_its_token_by_itself(wacctl, device, flags):
    error = refused(wacctl("device", "token", "D1", *flags, check=False))
    assert "when it registers" in error and "device reset D1" in error
    assert bytes(device.device("D1")["token_hash"]) == sha256("old")


@pytest.mark.parametrize("device", ("cloud", "type", "xml"), indirect=True)
def test_reset_forgets_all_proof(wacctl, device):
    assert proof(device) == (True, True, True)
    wacctl("device", "reset", "D1")
    assert proof(device) == (False, False, False)


@pytest.mark.parametrize("device, said", (
    ("cloud", "processor number"), ("type", "wacctl device token D1"),
    ("xml", "is given one")), indirect=["device"])
def test_reset_says_what_comes_next(wacctl, device, said):
    assert said in wacctl("device", "reset", "D1").stdout


@pytest.mark.parametrize("device", ("xml",), indirect=True)
def test_hashes_are_not_shown(wacctl, device):
    for json in (False, True):
        for words in (("device", "show", "D1"), ("doctor", "D1")):
            shown = wacctl(*words, json=json).stdout
            assert sha256("old").hex() not in shown
            assert sha256("new").hex() not in shown
    shown = wacctl("device", "show", "D1", json=True).json
    assert (shown["token_hash"], shown["token_offer"]) == ("set", "set")


def test_add_a_type_terminal(wacctl, database):
    said = wacctl("device", "add", "6f1c2d3e-0000-4000-8000-000000000001",
                  "--protocol", "type").stdout
    assert "wacctl device token 6f1c2d3e" in said
    conclusions = wacctl("doctor", "6f1c2d3e-0000-4000-8000-000000000001",
                         json=True).json["conclusions"]
    assert any("has no token" in text for text in conclusions)


@pytest.mark.parametrize("sn, status", (
    ("TST0000001", 0), ("a.b_c-d", 0), ("x" * 64, 0), ("x" * 65, 2),
    ("a+b", 2), ("a b", 2)))
def test_serial_numbers_of_xml_terminals(wacctl, database, sn, status):
    run = wacctl("device", "add", sn, "--protocol", "xml", check=False)
    assert run.returncode == status
    assert database.count("wac_devices") == (status == 0)


# --- their commands

@pytest.mark.parametrize("device", ("type",), indirect=True)
def test_any_command_for_a_type_terminal(wacctl, device):
    sent = wacctl("command", "send", "D1", "set the lamp", "--param",
                  '{"on": true}', json=True).json
    assert device.command(sent["trans_id"])["cmd_param"] == {"on": True}
    unlock = wacctl("command", "send", "D1", "unlock", json=True).json
    lives = device.value(
        "SELECT extract(epoch FROM expires_at - created_at)::int"
        " FROM wac_commands WHERE trans_id = %s", (unlock["trans_id"],))
    assert lives == 30
    for word, reason in (("get_user", "no such command"),
                         ("clear_users", "no such command")):
        assert reason in refused(wacctl("command", "send", "D1", word,
                                        check=False))
    assert "Add --yes" in refused(
        wacctl("command", "send", "D1", "clear_users", "--native",
               check=False))
    assert "120 s" in refused(
        wacctl("command", "send", "D1", "unlock", "--ttl", "1h", check=False))


@pytest.mark.parametrize("device", ("xml",), indirect=True)
def test_a_command_for_an_xml_terminal(wacctl, device):
    sent = wacctl("command", "send", "D1", "get_user", "--param",
                  '{"enrollid": "12"}', json=True).json
    assert device.command(sent["trans_id"])["cmd_code"] == "get_user"
    assert wacctl("command", "list", json=True).json[0]["sn"] == "D1"


@pytest.mark.parametrize("protocol, codes", (
    ("type", {"open_door", "unlock", "lock"}),
    ("xml", {"open_door", "get_user", "list_users"})))
def test_codes(wacctl, protocol, codes):
    listed = wacctl("command", "codes", "--protocol", protocol, json=True,
                    database=None).json
    assert {code["protocol"] for code in listed} == {protocol}
    assert codes <= {code["cmd_code"] for code in listed}


def test_a_code_of_all_dialects(wacctl):
    listed = wacctl("command", "codes", "open_door", json=True,
                    database=None).json
    assert [code["protocol"] for code in listed] == [
        "fk", "cloud", "type", "xml"]
