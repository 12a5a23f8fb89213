"""realtime_glog: a punch becomes a row, its values kept as sent beside what
is derived from them, and only then the terminal hears OK."""

import datetime
import hashlib

import pytest

from wac import vectors
from wac.terminal import Terminal, frame, glog

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

SN = "D0000000000000A1"
JPEG = b"\xff\xd8\xff\xe0" + bytes(range(256)) * 8 + b"\xff\xd9"


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


def only_punch(database):
    (row,) = database.punches()
    return row


def test_answer(terminal):
    reply = terminal.punch()
    assert reply.status == 200
    assert reply.response_code == "OK"
    assert reply.header("Content-Length") == "0"
    assert reply.header("Content-Type") == "application/octet-stream"
    for name in ("cmd_code", "trans_id", "cmd_id"):
        assert not reply.has(name)


def test_answer_is_the_captured_one(terminal):
    captured = vectors.load("16-glog-ok.resp")
    reply = terminal.punch()
    for name in ("response_code", "trans_id", "cmd_code", "Content-Length",
                 "Content-Type", "Connection"):
        assert reply.header(name) == vectors.header_of(captured, name), name


def test_row(terminal, database):
    before = database.value("SELECT now() AS now")
    terminal.punch(user_id="0042", io_time="20260929173610", verify_mode=3,
                   io_mode=1)
    row = only_punch(database)
    assert row["sn"] == SN
    assert row["enrollid"] == "0042"
    assert row["record_time"] == datetime.datetime(2026, 9, 29, 17, 36, 10)
    assert row["record_instant"] == datetime.datetime(
        2026, 9, 29, 17, 36, 10, tzinfo=datetime.timezone.utc)
    assert (row["mode"], row["inout"]) == (3, 1)
    assert row["method"] == "card"
    assert row["direction"] is None
    assert row["protocol"] == "fk"
    assert row["resends"] == 0
    assert row["photo_id"] is None
    assert row["created_at"] >= before
    for empty in ("name", "event", "temperature", "latitude", "longitude"):
        assert row[empty] is None


HS101, HS103, M50 = "FKDataHS101", "FKDataHS103", "M50"


@pytest.mark.parametrize("lib, verify_mode, mode, method", [
    (HS101, 1, 1, "finger"),
    (HS101, 2, 2, "password"),
    (HS101, 3, 3, "card"),
    (HS101, "1", 1, "finger"),
    (HS101, 4, 4, "combined"),
    (HS101, 20, 20, "face"),
    (HS101, 40, 40, "palm"),
    (HS101, 33, 33, "finger"),               # 32 + 1: the door was opened
    (HS101, 65, 65, "finger"),               # 64 + 1
    (HS103, 0x10000000, 0x10000000, "finger"),
    (HS103, 0x20000000, 0x20000000, "password"),
    (HS103, 0x30000000, 0x30000000, "card"),
    (HS103, 0x40000000, 0x40000000, "face"),
    (HS103, "1073741824", 0x40000000, "face"),
    (HS103, 0x70000000, 0x70000000, "palm"),
    (HS103, 0x90000000, 0x90000000, "face"),
    (HS103, 0x12000000, 0x12000000, "combined"),
    (HS103, 0x43000000, 0x43000000, "combined"),
    (M50, 4, 4, "face"),
    (HS101, ["FP"], None, "finger"),
    (HS101, ["FP", "PASSWORD"], None, "combined"),
])
def test_method(terminal, database, lib, verify_mode, mode, method):
    assert terminal.punch(lib=lib, verify_mode=verify_mode) \
        .response_code == "OK"
    row = only_punch(database)
    assert (row["mode"], row["method"]) == (mode, method)
    assert row["raw"]["verify_mode"] == verify_mode


@pytest.mark.parametrize("lib, io_mode, inout, direction", [
    (HS103, 0x01000000, 0x01000000, "in"),
    (HS103, 0x02000000, 0x02000000, "out"),
    (HS103, "16777216", 0x01000000, "in"),
    (HS103, 0x05000000, 0x05000000, "overtime_in"),
    (HS103, 0x12000005, 0x12000005, "in"),  # flag says in, key 2, door 5
    (HS101, 0, 0, None),
    (HS101, 1, 1, None),
    (HS101, "0", 0, None),
])
def test_direction(terminal, database, lib, io_mode, inout, direction):
    assert terminal.punch(lib=lib, io_mode=io_mode).response_code == "OK"
    row = only_punch(database)
    assert (row["inout"], row["direction"]) == (inout, direction)


def test_small_io_modes_mean_what_the_operator_says(server, database):
    database.add_device(SN, io_modes='{"0": "in", "1": "out"}')
    terminal = Terminal(server.port, SN)
    terminal.punch(user_id="1", io_mode=0)
    terminal.punch(user_id="2", io_mode=1)
    terminal.punch(user_id="3", io_mode=7)
    assert [row["direction"] for row in database.punches()] \
        == ["in", "out", None]


def test_record_is_kept_as_received(terminal, database):
    record = glog(user_id="7", work_code=5, temperature_like={"a": [1, 2.5]},
                  remark="Zoë 王")
    terminal.send("realtime_glog", frame(record))
    assert only_punch(database)["raw"] == record


@pytest.mark.parametrize("user_id", [
    "00000007", "EMP_7", "A-9", "0", "x" * 32, "Zoë"])
def test_user_ids_are_text(terminal, database, user_id):
    assert terminal.punch(user_id=user_id).response_code == "OK"
    assert only_punch(database)["enrollid"] == user_id


@pytest.mark.parametrize("io_time, moment", [
    ("20240229235959", datetime.datetime(2024, 2, 29, 23, 59, 59)),
    ("2025-11-06 12:30:55", datetime.datetime(2025, 11, 6, 12, 30, 55)),
    ("20000101000001", datetime.datetime(2000, 1, 1, 0, 0, 1)),
    ("20991231235959", datetime.datetime(2099, 12, 31, 23, 59, 59)),
])
def test_times(terminal, database, io_time, moment):
    terminal.punch(io_time=io_time)
    row = only_punch(database)
    assert row["record_time"] == moment
    assert row["raw"]["io_time"] == io_time


def test_image(terminal, database):
    assert terminal.punch(image=JPEG).response_code == "OK"
    photo = database.one("SELECT * FROM wac_photos")
    row = only_punch(database)
    assert row["photo_id"] == photo["id"]
    assert photo["sn"] == SN
    assert photo["content"] == JPEG
    assert photo["sha256"] == hashlib.sha256(JPEG).digest()
    assert row["raw"]["log_image"] == "BIN_1"


@pytest.mark.parametrize("log_image", [None, ""])
def test_no_image(terminal, database, log_image):
    assert terminal.punch(log_image=log_image).response_code == "OK"
    assert only_punch(database)["photo_id"] is None
    assert database.count("wac_photos") == 0


def test_image_that_did_not_come(terminal, database):
    """The field is rejected, the rest is kept."""
    assert terminal.punch(log_image="BIN_2").response_code == "OK"
    row = only_punch(database)
    assert row["photo_id"] is None
    assert row["raw"]["log_image"] == "BIN_2"


@pytest.mark.parametrize("body", [
    frame(glog(), terminator=b"\0"),
    frame(glog(), terminator=b"\n\0"),
    frame(glog(), terminator=b""),
    frame(glog(), terminator=b"\0\0"),
    frame(glog()) + b"\0\n",
    frame(glog())[4:],
    frame(glog())[4:-1],
    frame(b"\xef\xbb\xbf" + frame(glog())[4:-1]),
], ids=["nul", "lf-nul", "none", "nul-nul", "trailing", "unframed-nul",
        "unframed", "bom"])
def test_framing_met_in_the_field(terminal, database, body):
    assert terminal.send("realtime_glog", body).response_code == "OK"
    assert only_punch(database)["raw"] == glog()
    assert database.count("wac_quarantine") == 0


def test_json_whose_length_looks_like_a_brace(terminal, database):
    """A prefix of 123 is the character '{'."""
    record = glog(user_id="1")
    del record["log_image"]
    text = frame(record, terminator=b"")[4:]
    record["pad"] = "x" * (123 - len(text) - len(',"pad":""'))
    body = frame(record, terminator=b"")
    assert body[:2] == b"{\0"
    assert terminal.send("realtime_glog", body).response_code == "OK"
    assert only_punch(database)["raw"] == record


def test_json_dialect_gets_empty_names(terminal, database):
    """Firmware that sends dev_model re-synchronises if its id is echoed,
    and wants both headers, empty."""
    reply = terminal.send("realtime_glog", frame(glog())[4:-1],
                          task_id="RTLogSendAction",
                          extra=[("dev_model", "R6")])
    assert reply.response_code == "OK"
    assert reply.header("trans_id") == ""
    assert reply.header("cmd_code") == ""
    assert only_punch(database)["enrollid"] == "1"


def test_library_of_the_last_poll(terminal, database):
    """A punch that names no library is read by the one of the poll."""
    terminal.poll(info={"fk_bin_data_lib": "M50", "firmware": "M60 v1"})
    record = glog(verify_mode=4)
    del record["fk_bin_data_lib"]
    assert terminal.send("realtime_glog", frame(record)).response_code == "OK"
    assert only_punch(database)["method"] == "face"


def test_several_terminals(server, database):
    for number in range(5):
        sn = f"D{number}"
        database.add_device(sn)
        assert Terminal(server.port, sn).punch().response_code == "OK"
    assert [row["sn"] for row in database.punches()] \
        == ["D0", "D1", "D2", "D3", "D4"]
