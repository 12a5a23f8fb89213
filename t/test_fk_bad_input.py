"""Hostile and broken input: every request gets the answer the protocol has
for it, nothing crashes, and nothing of an approved device is lost."""

import hashlib
import struct

import pytest

from wac import vectors
from wac.terminal import Connection, Terminal, exchange, frame, glog
from wac.wait import wait_for

CONF = """
%%TEST_GLOBALS%%
events { }
http {
    %%TEST_GLOBALS_HTTP%%
    wac_database "%%DATABASE%%";
    server {
        listen 127.0.0.1:%%PORT%%;
        location / { wac_fk on; }
        location /large { wac_fk on; client_max_body_size 16m; }
    }
}
"""

SN = "D0000000000000A1"


@pytest.fixture(scope="module")
def one_nginx(module_nginx):
    return module_nginx(CONF)


@pytest.fixture
def database(module_database):
    return module_database.emptied()


@pytest.fixture
def server(one_nginx, database):
    """After every test its worker must be the same, and serve."""
    database.add_device(SN)
    workers = one_nginx.worker_pids()
    yield one_nginx
    assert one_nginx.worker_pids() == workers, "a worker crashed"
    assert Terminal(one_nginx.port, SN).punch(user_id="alive") \
        .response_code == "OK"


@pytest.fixture
def terminal(server):
    return Terminal(server.port, SN)


def quarantined(database):
    return database.one("SELECT * FROM wac_quarantine")


# ---- bodies that cannot be understood ------------------------------------

UNDECODABLE = {
    "three bytes": b"\1\2\3",
    "four bytes": b"\0\0\0\0",
    "lying length": struct.pack("<I", 1000) + b'{"user_id":"1"}\0',
    "largest length": b"\xff\xff\xff\xff{}",
    "negative length": struct.pack("<i", -4) + b'{"user_id":"1"}',
    "length wraps": struct.pack("<I", 0xfffffffc) + b"{}  ",
    "text": b"hello, terminal",
    "form": b"user_id=1&verify_mode=3",
    "cut json": frame(b'{"user_id":"1","io_time":"2026'),
    "array": frame(b"[1,2,3]"),
    "string": frame(b'"user_id"'),
    "null": frame(b"null"),
    "trailing comma": frame(b'{"user_id":"1",}'),
    "bad utf-8": frame(b'{"user_id":"\xff\xfe","io_time":"20260929080000"}'),
    "utf-16": '{"user_id":"1"}'.encode("utf-16"),
    "deep": frame(b'{"a":' * 20000),
    "deep array": frame(b'{"a":' + b"[" * 50000 + b"]" * 50000 + b"}"),
    "lone surrogate": frame(b'{"user_id":"\\ud800","io_time":"2026"}'),
    "huge number": frame(b'{"user_id":"1","io_time":"20260929080000",'
                         b'"verify_mode":1e999}'),
    "zeros": bytes(500),
    "binary past the end": frame({"user_id": "1"}) + b"\xff\0\0\0xx",
}


@pytest.mark.parametrize("code", ["realtime_glog", "realtime_enroll_data"])
@pytest.mark.parametrize("kind", UNDECODABLE)
def test_undecodable_body_is_kept_whole(terminal, database, code, kind):
    body = UNDECODABLE[kind]
    assert terminal.send(code, body).response_code == "OK"
    row = quarantined(database)
    assert row["frame"] == body
    assert (row["sn"], row["protocol"]) == (SN, "fk")
    assert row["reason"]
    assert database.count("wac_attendance_logs") == 0
    assert database.count("wac_users") == 0


@pytest.mark.parametrize("name", ["80", "81", "83", "84", "87"])
def test_bad_vectors(terminal, database, name):
    body = vectors.load(name)
    assert terminal.send("realtime_glog", body).response_code == "OK"
    assert quarantined(database)["frame"] == body


def test_empty_body_is_no_punch(terminal, database):
    assert terminal.send("realtime_glog", b"").response_code == "OK"
    assert quarantined(database)["frame"] == b""


# ---- records that make no sense ------------------------------------------

BAD_TIMES = [
    "", "0", "20261301000000", "20260001000000", "20260100000000",
    "20260230000000", "20250229000000", "20260929240000", "20260929006000",
    "20260929000060", "00000000000000", "99999999999999", "2026092908000",
    "202609290800000", "2026-09-29", "2026-09-29T08:00:00Z", "not a time",
    "2026092908000x", "-2026092908000", "２０２６0929080000", None, 0, [], {}, True]


@pytest.mark.parametrize("io_time", BAD_TIMES)
def test_absurd_times(terminal, database, io_time):
    body = frame(glog(io_time=io_time))
    assert terminal.send("realtime_glog", body).response_code == "OK"
    assert quarantined(database)["frame"] == body
    assert database.count("wac_attendance_logs") == 0


@pytest.mark.parametrize("user_id", ["", None, [], {}, "x" * 33, "x" * 5000])
def test_absurd_user_ids(terminal, database, user_id):
    body = frame(glog(user_id=user_id))
    assert terminal.send("realtime_glog", body).response_code == "OK"
    assert quarantined(database)["frame"] == body


@pytest.mark.parametrize("field, value", [
    ("user_id", 5), ("user_id", True), ("user_id", "a\0b"),
    ("user_id", "a\nb"), ("user_id", "'; DROP TABLE wac_devices; --"),
    ("verify_mode", None), ("verify_mode", "FP"), ("verify_mode", {}),
    ("verify_mode", -1), ("verify_mode", 1.5), ("verify_mode", 2 ** 63),
    ("verify_mode", -2 ** 63), ("verify_mode", 10 ** 30),
    ("verify_mode", ["?"]), ("verify_mode", [[]]), ("verify_mode", [1]),
    ("verify_mode", ["FP"] * 10000), ("verify_mode", "9" * 400),
    ("io_mode", None), ("io_mode", []), ("io_mode", "in"), ("io_mode", ""),
    ("io_mode", 2 ** 63 - 1), ("io_mode", -2 ** 63),
    ("fk_bin_data_lib", None), ("fk_bin_data_lib", 7),
    ("fk_bin_data_lib", "x" * 10000),
    ("log_image", 5), ("log_image", "BIN_0"), ("log_image", "BIN_-1"),
    ("log_image", "BIN_"), ("log_image", "BIN_99999999999999999999"),
    ("log_image", "bin_1"), ("log_image", ["BIN_1"]),
    ("work_code", "\0"), ("work_code", "\ud7ff\U0010ffff"),
    ("work_code", "x" * 500000)])
def test_wrong_values(terminal, database, field, value):
    """Stored with what could be read of it, or kept in quarantine."""
    body = frame(glog(**{field: value}))
    assert terminal.send("realtime_glog", body).response_code == "OK"
    kept = database.count("wac_attendance_logs") \
        + database.count("wac_quarantine")
    assert kept == 1


@pytest.mark.parametrize("document", [
    {"user_id": 5}, {"user_id": ""}, {"user_id": None}, {},
    {"user_id": "1", "enroll_data_array": {}},
    {"user_id": "1", "enroll_data_array": "BIN_1"},
    {"user_id": "1", "enroll_data_array": [None, 5, "x", {}, []]},
    {"user_id": "1", "enroll_data_array": [
        {"backup_number": 2 ** 40, "enroll_data": "BIN_1"}]},
    {"user_id": "1", "enroll_data_array": [
        {"backup_number": -1, "enroll_data": "BIN_1"}]},
    {"user_id": "1", "enroll_data_array": [
        {"backup_number": 0, "enroll_data": "BIN_1"},
        {"backup_number": 0, "enroll_data": "BIN_1"}]},
    {"user_id": "1", "user_name": "a\0b"},
    {"user_id": "1", "user_name": 5, "user_privilege": [], "user_photo": {}},
    {"user_id": "1", "user_privilege": "x" * 10000},
    {"user_id": "1", "user_privilege": 2 ** 62},
])
def test_wrong_enrolments(terminal, database, document):
    body = frame(document, b"12\x0034")
    assert terminal.send("realtime_enroll_data", body).response_code == "OK"
    assert database.count("wac_users") + database.count("wac_quarantine") == 1


@pytest.mark.parametrize("secret", [b"\xff\xfe", b"12\x0034", b"", b"x" * 9999])
def test_passwords_that_are_no_text(terminal, database, secret):
    reply = terminal.enroll(credentials=[(10, secret), (0, b"finger")])
    assert reply.response_code == "OK"
    assert database.count("wac_users") + database.count("wac_quarantine") == 1


# ---- sizes ---------------------------------------------------------------

def test_image_of_10_megabytes(server, database):
    image = b"\xff\xd8" + bytes(range(256)) * 40960 + b"\xff\xd9"
    terminal = Terminal(server.port, SN, target="/large")
    assert terminal.punch(image=image).response_code == "OK"
    photo = database.one("SELECT * FROM wac_photos")
    assert hashlib.sha256(photo["content"]).digest() \
        == hashlib.sha256(image).digest() == photo["sha256"]
    assert database.punches()[0]["photo_id"] == photo["id"]


def test_image_beyond_the_limit(server, terminal, database):
    """nginx's own refusal; the terminal finds a response_code there too."""
    with Connection(server.port) as connection:
        request = terminal.punch_request(image=bytes(10 * 1024 * 1024))
        connection.send(request[:1000])
        reply = connection.reply()
    assert reply.status == 413
    assert reply.response_code == "ERROR"
    assert database.count("wac_attendance_logs") == 0
    assert database.count("wac_photos") == 0


def test_many_binaries(terminal, database):
    body = frame(glog(log_image="BIN_100"), *[b"x"] * 99, b"the one")
    assert terminal.send("realtime_glog", body).response_code == "OK"
    assert database.one("SELECT * FROM wac_photos")["content"] == b"the one"


def test_absurdly_many_binaries(terminal, database):
    body = frame(glog(), *[b""] * 200_000)
    assert terminal.send("realtime_glog", body).response_code == "OK"
    assert quarantined(database)["frame"] == body


def test_body_shorter_than_it_says(server, terminal, database):
    """The terminal goes away in the middle of its body."""
    with Connection(server.port) as connection:
        request = terminal.punch_request()
        connection.send(request[:-20])
    with Connection(server.port) as connection:
        connection.send(request[:-20])
        connection.abort()
    assert terminal.punch(user_id="2").response_code == "OK"
    assert [row["enrollid"] for row in database.punches()] == ["2"]


def test_body_longer_than_it_says(server, terminal, database):
    """What follows is no part of the request."""
    reply = exchange(server.port, terminal.punch_request() + b"x" * 100)
    assert reply.response_code == "OK"
    assert len(database.punches()) == 1


@pytest.mark.parametrize("length", ["-1", "abc", "99999999999999999999"])
def test_impossible_content_length(server, terminal, database, length):
    """nginx's parser refuses these before anybody is asked."""
    request = terminal.request("realtime_glog", frame(glog()),
                               content_length=length)
    with Connection(server.port) as connection:
        connection.send(request)
        assert connection.reply().status == 400
    assert database.count("wac_attendance_logs") == 0


# ---- who -----------------------------------------------------------------

@pytest.mark.parametrize("code", ["realtime_glog", "receive_cmd",
                                  "realtime_enroll_data", "send_cmd_result",
                                  "realtime_door_status", "realtime_slog"])
@pytest.mark.parametrize("dev_id", [
    None, "", "x" * 33, "x" * 1000, "a b", "a/b", "a'b", "a;b", "é",
    "../../etc/passwd", "a%00b", '"'])
def test_impossible_dev_ids(server, database, code, dev_id):
    before = database.count("wac_devices")
    reply = Terminal(server.port, dev_id).send(code, frame(glog()))
    assert reply.status == 200
    assert reply.response_code == "ERROR"
    assert database.count("wac_devices") == before
    assert database.count("wac_attendance_logs") == 0
    assert database.count("wac_quarantine") == 0


@pytest.mark.parametrize("dev_id", ["0", "001", "A-b_9", "x" * 32])
def test_possible_dev_ids(server, database, dev_id):
    database.add_device(dev_id)
    assert Terminal(server.port, dev_id).punch().response_code == "OK"
    assert database.punches()[0]["sn"] == dev_id


def test_dev_id_is_case_sensitive(server, database):
    assert Terminal(server.port, SN.lower()).punch().response_code == "ERROR"
    assert database.count("wac_attendance_logs") == 0


@pytest.mark.parametrize("blk_no", ["-1", "abc", "1x", "0x1", "1.5", "--1",
                                    "99999999999999999999", "1 2"])
@pytest.mark.parametrize("code", ["realtime_glog", "send_cmd_result"])
def test_impossible_part_numbers(terminal, database, code, blk_no):
    reply = terminal.send(code, frame(glog()), blk_no=blk_no)
    assert reply.response_code == "ERROR_INVLAID_BLOCK_NO"
    assert database.count("wac_attendance_logs") == 0


@pytest.mark.parametrize("blk_no", ["", "0", "00"])
def test_part_number_of_a_whole(terminal, database, blk_no):
    assert terminal.punch(options={"blk_no": blk_no}).response_code == "OK"
    assert len(database.punches()) == 1


def test_log_says_what_happened(server, database):
    """One line a bad record, naming the device."""
    database.add_device("LOGGED")
    Terminal(server.port, "LOGGED").send("realtime_glog", b"\1\2\3")
    wait_for(lambda: "LOGGED" in server.error_log(), what="a line in the log")
    lines = [line for line in server.error_log().splitlines()
             if "LOGGED" in line]
    assert len(lines) == 1, lines
    assert "quarantine" in lines[0]


# ---- noise ---------------------------------------------------------------

def test_random_damage(server, terminal, database):
    """A good enrolment with bytes changed, cut and doubled: an answer each
    time, and nothing but OK, for all of it is kept somewhere."""
    good = vectors.body_of(vectors.load("20-enroll-photo-2fp.req"))
    with Connection(server.port) as connection:
        for step in range(200):
            body = bytearray(good)
            place = step * 7919 % len(body)
            if step % 4 == 0:
                del body[place:]
            elif step % 4 == 1:
                body[place] ^= 1 << (step % 8)
            elif step % 4 == 2:
                body[place:place] = body[:place % 97]
            else:
                body[place:place + 4] = b"\xff\xff\xff\x7f"
            connection.send(terminal.request(
                "realtime_enroll_data", bytes(body), version="1.1",
                connection="keep-alive"))
            reply = connection.reply()
            assert reply.response_code == "OK", (step, bytes(body))
    assert database.count("wac_quarantine") > 0
