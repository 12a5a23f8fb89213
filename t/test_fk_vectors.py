"""Every captured request of t/vectors/fk through the real nginx, byte for
byte: its answer, and the row it leaves."""

import datetime

import pytest

from wac import vectors
from wac.terminal import exchange

CONF = """
%%TEST_GLOBALS%%
events { }
http {
    %%TEST_GLOBALS_HTTP%%
    wac_database "%%DATABASE%%";
    wac_time_zone UTC;
    server {
        listen 127.0.0.1:%%PORT%%;
        location / { wac_fk on; }
    }
}
"""

NO_COMMAND = ("ERROR_NO_CMD", "")
STORED = ("OK", None)


def result(task_id, code="OK"):
    return (code, task_id)


# name -> (response_code, task id or None where no such header is sent)
ANSWERS = {
    "01-receive_cmd-hs101": NO_COMMAND,
    "02-receive_cmd-hs103": NO_COMMAND,
    "03-receive_cmd-seed-minimal": NO_COMMAND,
    "04-receive_cmd-cmd_id-dialect": NO_COMMAND,
    "05-receive_cmd-absolute-uri": NO_COMMAND,
    "10-glog-hs101": STORED,
    "11-glog-hs102": STORED,
    "12-glog-hs103-image": STORED,
    "13-glog-m60": STORED,
    "14-glog-seed-array": STORED,
    "15-glog-unframed": ("OK", ""),  # carries dev_model
    "18-door-status": STORED,
    # DESIGN 2.3 overrules the vector: an unknown push is kept, not refused
    "19-unknown-code": STORED,
    "20-enroll-photo-2fp": STORED,
    "21-enroll-no-photo": STORED,
    "30-result-ok-empty": result("1001"),
    "32-result-error": result("1003"),
    "34-result-userlist-hs101": result("1004"),
    "35-result-userlist-hs103": result("1005"),
    "38-result-device-status": result("1006"),
    "39-result-userinfo-0x7b": result("1007"),
    "40-result-log-hs101": result("1010"),
    "41-result-log-hs102": result("1011"),
    "42-result-log-hs103": result("1012"),
    "48-result-log-empty": result("1013"),
    # parts belong to the life of commands, which comes later
    "50a-block-1": result("1020"),
    "50b-block-2": result("1020", "ERROR_ADD_BLOCK_DATA"),
    "50c-block-0": result("1020"),
    "52-block-gap": result("1020", "ERROR_ADD_BLOCK_DATA"),
    "54-block-orphan-0": result("1021"),
    "55-block-negative": result("1022", "ERROR_INVLAID_BLOCK_NO"),
    "56a-block-tiny-1": result("1023"),
    "56b-block-tiny-2": result("1023", "ERROR_ADD_BLOCK_DATA"),
    "56c-block-tiny-3": result("1023", "ERROR_ADD_BLOCK_DATA"),
    "56d-block-tiny-0": result("1023"),
    "67-result-enroll-data": result("201"),
}

PUNCHES = {
    "10-glog-hs101": dict(
        enrollid="1", record_time=datetime.datetime(2018, 10, 5, 16, 59, 17),
        mode=3, inout=1, method="card", direction=None),
    "11-glog-hs102": dict(
        enrollid="1042", record_time=datetime.datetime(2025, 10, 6, 9, 15),
        mode=0x40000000, inout=0x01000000, method="face", direction="in"),
    "12-glog-hs103-image": dict(
        enrollid="0013",
        record_time=datetime.datetime(2026, 9, 29, 17, 36, 10),
        mode=0x12000000, inout=0x02000000, method="combined",
        direction="out"),
    "13-glog-m60": dict(
        enrollid="00000007",
        record_time=datetime.datetime(2025, 11, 6, 12, 30, 55),
        mode=4, inout=0, direction=None),
    "14-glog-seed-array": dict(
        enrollid="12", mode=None, method="combined", photo_id=None),
    "15-glog-unframed": dict(protocol="fk"),
}

PEOPLE = {
    "20-enroll-photo-2fp": dict(enrollid="857", name="TEST",
                                privilege="USER", admin=0),
    "21-enroll-no-photo": dict(enrollid="13", name="Zo\u00eb",
                               privilege="MANAGER", admin=1),
}


@pytest.fixture(scope="module")
def server(module_nginx):
    return module_nginx(CONF)


@pytest.fixture
def database(module_database):
    return module_database.emptied()


@pytest.fixture
def send(server, database):
    """Sends a vector as its device, which is approved."""
    def send_vector(name):
        request = vectors.load(f"{name}.req")
        database.add_device(vectors.header_of(request, "dev_id"))
        return exchange(server.port, request)

    return send_vector


def test_all_are_here():
    assert sorted(ANSWERS) == [name.removesuffix(".req")
                               for name in vectors.names("req")]


@pytest.mark.parametrize("name", ANSWERS)
def test_answer(send, name):
    response_code, task_id = ANSWERS[name]
    request = vectors.load(f"{name}.req")
    reply = send(name)
    assert reply.status == 200
    assert reply.response_code == response_code
    assert reply.header("Content-Length") == "0"
    assert reply.header("Connection") == "close"
    if task_id is None:
        assert not reply.has("trans_id") and not reply.has("cmd_id")
        return
    used, other = ("trans_id", "cmd_id")
    if vectors.header_of(request, "cmd_id") is not None:
        used, other = other, used
    assert reply.header(used) == task_id
    assert not reply.has(other)


@pytest.mark.parametrize("name", PUNCHES)
def test_punch(send, database, name):
    send(name)
    (row,) = database.punches()
    expected = PUNCHES[name]
    assert {column: row[column] for column in expected} == expected
    assert database.count("wac_quarantine") == 0


@pytest.mark.parametrize("name", PEOPLE)
def test_person(send, database, name):
    send(name)
    row = database.one("SELECT * FROM wac_users")
    expected = PEOPLE[name]
    assert {column: row[column] for column in expected} == expected


def test_image(send, database):
    send("12-glog-hs103-image")
    content = database.one("SELECT * FROM wac_photos")["content"]
    assert len(content) == 22
    assert content[:2] == b"\xff\xd8" and content[-2:] == b"\xff\xd9"


def test_door(send, database):
    send("18-door-status")
    event = database.one("SELECT * FROM wac_events")
    assert event["event_type"] == "door_status"
    assert event["payload"] == {"door_status": "open"}


def test_unknown_code(send, database):
    send("19-unknown-code")
    assert database.one("SELECT * FROM wac_quarantine")["request"] \
        == "realtime_operation"


def test_all_in_a_row(server, database):
    """As approved devices, twice: no second row of anything."""
    requests = [vectors.load(name) for name in vectors.names("req")]
    for dev_id in {vectors.header_of(request, "dev_id")
                   for request in requests}:
        database.add_device(dev_id)
    for request in requests:
        assert exchange(server.port, request).status == 200
    tables = ("wac_attendance_logs", "wac_photos", "wac_users",
              "wac_credentials", "wac_quarantine")
    once = {table: database.count(table) for table in tables}
    assert once["wac_attendance_logs"] == len(PUNCHES)
    for request in requests:
        assert exchange(server.port, request).status == 200
    assert {table: database.count(table) for table in tables} == once
