"""realtime_enroll_data: a person and all his credentials, the photo too."""

import hashlib

import pytest

from wac import vectors
from wac.terminal import Terminal, frame

CONF = """
%%TEST_GLOBALS%%
events { }
http {
    %%TEST_GLOBALS_HTTP%%
    wac_database "%%DATABASE%%";
    server {
        listen 127.0.0.1:%%PORT%%;
        location / { wac_fk on; }
    }
}
"""

SN = "D0000000000000A1"
PHOTO = b"\xff\xd8photo\xff\xd9"
FINGER = bytes(range(64))
FACE = b"\x00face\x00" * 3000


@pytest.fixture(scope="module")
def server(module_nginx):
    return module_nginx(CONF)


@pytest.fixture
def database(module_database):
    return module_database.emptied()


@pytest.fixture
def terminal(server, database):
    database.add_device(SN)
    return Terminal(server.port, SN)


def user(database):
    return database.one("SELECT * FROM wac_users")


def credentials(database):
    return {row["backupnum"]: row for row in
            database.query("SELECT * FROM wac_credentials")}


def test_answer(terminal):
    captured = vectors.load("16-glog-ok.resp")
    reply = terminal.enroll()
    for name in ("response_code", "trans_id", "cmd_code", "Content-Length",
                 "Content-Type", "Connection"):
        assert reply.header(name) == vectors.header_of(captured, name), name


def test_user(terminal, database):
    terminal.enroll(user_id="0013", name="Zoë 王", privilege="MANAGER")
    row = user(database)
    assert (row["sn"], row["enrollid"]) == (SN, "0013")
    assert row["name"] == "Zoë 王"
    assert row["privilege"] == "MANAGER"
    assert row["admin"] == 1
    assert row["photo_id"] is None
    assert row["raw"]["user_name"] == "Zoë 王"


@pytest.mark.parametrize("sent, privilege, admin", [
    ("USER", "USER", 0), ("MANAGER", "MANAGER", 1),
    ("OPERATOR", "OPERATOR", 2), ("REGISTER", "REGISTER", 3),
    ("REGISTOR", "REGISTER", 3), (1, "MANAGER", 1), ("0", "USER", 0)])
def test_privileges(terminal, database, sent, privilege, admin):
    terminal.enroll(privilege=sent)
    row = user(database)
    assert (row["privilege"], row["admin"]) == (privilege, admin)


def test_credentials(terminal, database):
    reply = terminal.enroll(
        user_id="13", photo=PHOTO,
        credentials=[(0, FINGER), (1, FINGER[::-1]), (10, b"1234"),
                     (11, b"0012345678\0"), (12, FACE)])
    assert reply.response_code == "OK"
    found = credentials(database)
    assert sorted(found) == [0, 1, 10, 11, 12]
    assert found[0]["data"] == FINGER
    assert found[1]["data"] == FINGER[::-1]
    assert found[12]["data"] == FACE
    assert found[10]["record"] == "1234"
    assert found[11]["record"] == "0012345678"
    for row in found.values():
        assert (row["sn"], row["enrollid"]) == (SN, "13")
        assert (row["record"] is None) != (row["data"] is None)
        assert row["mapped_usr_id"] is None


def test_photo(terminal, database):
    terminal.enroll(photo=PHOTO)
    photo = database.one("SELECT * FROM wac_photos")
    assert photo["content"] == PHOTO
    assert photo["sha256"] == hashlib.sha256(PHOTO).digest()
    assert user(database)["photo_id"] == photo["id"]


def test_captured_with_photo_and_two_fingers(terminal, database):
    body = vectors.body_of(vectors.load("20-enroll-photo-2fp.req"))
    assert terminal.send("realtime_enroll_data", body).response_code == "OK"
    row = user(database)
    assert (row["enrollid"], row["name"]) == ("857", "TEST")
    assert len(database.one("SELECT * FROM wac_photos")["content"]) == 22
    assert {number: len(c["data"])
            for number, c in credentials(database).items()} == {0: 64, 1: 64}


def test_captured_without_photo(terminal, database):
    body = vectors.body_of(vectors.load("21-enroll-no-photo.req"))
    assert terminal.send("realtime_enroll_data", body).response_code == "OK"
    row = user(database)
    assert (row["enrollid"], row["name"]) == ("13", "Zo\u00eb")
    assert row["privilege"] == "MANAGER"
    found = credentials(database)
    assert sorted(found) == [0, 10, 11, 12]
    assert found[10]["record"] == "1234"
    assert found[11]["record"] == "0012345678"
    assert len(found[12]["data"]) == 96


def test_binaries_out_of_order(terminal, database):
    """BIN_n is a number, not an order of appearance."""
    body = vectors.load("22-enroll-photo-last-nul-text.body")
    assert terminal.send("realtime_enroll_data", body).response_code == "OK"
    photo = database.one("SELECT * FROM wac_photos")["content"]
    assert photo[:2] == b"\xff\xd8" and photo[-2:] == b"\xff\xd9"
    for number in (10, 11):
        assert "\0" not in credentials(database)[number]["record"]


def test_empty_binary_keeps_its_number(terminal, database):
    body = vectors.load("23-enroll-zero-length-bin.body")
    assert terminal.send("realtime_enroll_data", body).response_code == "OK"
    assert database.count("wac_photos") == 0
    assert user(database)["photo_id"] is None
    (credential,) = credentials(database).values()
    assert len(credential["data"]) == 64


def test_binary_that_did_not_come(terminal, database):
    """That credential is left out, the rest is kept."""
    document = {"user_id": "5", "user_name": "A", "user_privilege": "USER",
                "enroll_data_array": [
                    {"backup_number": 0, "enroll_data": "BIN_1"},
                    {"backup_number": 1, "enroll_data": "BIN_9"}]}
    reply = terminal.send("realtime_enroll_data", frame(document, FINGER))
    assert reply.response_code == "OK"
    assert user(database)["enrollid"] == "5"
    assert list(credentials(database)) == [0]


def test_nobody_but_a_name(terminal, database):
    """enroll_data_array null: a person without credentials."""
    assert terminal.enroll(user_id="9").response_code == "OK"
    assert user(database)["enrollid"] == "9"
    assert credentials(database) == {}


def test_disabled_person(terminal, database):
    assert terminal.enroll(enable_flag="OFF").response_code == "OK"
    assert user(database)["enabled"] is False


def test_enrolled_again(terminal, database):
    """One row a person a terminal; the newest word counts."""
    terminal.enroll(user_id="5", name="Old", credentials=[(0, FINGER)])
    reply = terminal.enroll(user_id="5", name="New", photo=PHOTO,
                            credentials=[(0, FINGER[::-1]), (10, b"99")])
    assert reply.response_code == "OK"
    row = user(database)
    assert row["name"] == "New"
    assert row["photo_id"] is not None
    assert row["updated_at"] > row["created_at"]
    found = credentials(database)
    assert found[0]["data"] == FINGER[::-1]
    assert found[10]["record"] == "99"


def test_operators_own_key_stays(terminal, database):
    terminal.enroll(user_id="5", credentials=[(0, FINGER)])
    database.execute("UPDATE wac_credentials SET mapped_usr_id = 'hr-17'")
    terminal.enroll(user_id="5", credentials=[(0, FINGER[::-1])])
    assert credentials(database)[0]["mapped_usr_id"] == "hr-17"


def test_thirty_credentials(terminal, database):
    """M60 sends one JSON and some thirty binaries."""
    sent = {number: bytes([number]) * 700 for number in range(30)
            if number not in (10, 11)}
    assert terminal.enroll(credentials=list(sent.items())) \
        .response_code == "OK"
    assert {number: row["data"] for number, row
            in credentials(database).items()} == sent


def test_people_of_two_terminals_are_two(server, database):
    for sn in ("D1", "D2"):
        database.add_device(sn)
        Terminal(server.port, sn).enroll(user_id="5", name=sn)
    assert {row["sn"]: row["name"] for row in
            database.query("SELECT * FROM wac_users")} \
        == {"D1": "D1", "D2": "D2"}


def test_log_does_not_tell_secrets(server, terminal, database):
    """Neither of a record that was stored nor of one that was not."""
    terminal.enroll(credentials=[(10, b"73519"), (11, b"8675309")])
    terminal.send("realtime_enroll_data",
                  frame(b'{"user_id":5,"x":"73519"', b"8675309"))
    assert database.count("wac_quarantine") == 1
    for secret in ("73519", "8675309"):
        assert secret not in server.error_log()
