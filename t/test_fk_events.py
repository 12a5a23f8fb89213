"""Everything else that terminals push: door status, and codes that this
build does not know. Nothing blocks a terminal's queue."""

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


@pytest.mark.parametrize("status", ["open", "close"])
def test_door_status(terminal, database, status):
    reply = terminal.send("realtime_door_status",
                          frame({"door_status": status}))
    assert reply.response_code == "OK"
    assert not reply.has("cmd_code") and not reply.has("trans_id")
    event = database.one("SELECT * FROM wac_events")
    assert event["sn"] == SN
    assert event["event_type"] == "door_status"
    assert event["payload"] == {"door_status": status}


def test_door_status_that_makes_no_sense(terminal, database):
    reply = terminal.send("realtime_door_status", b"\1\2\3")
    assert reply.response_code == "OK"
    assert database.count("wac_events") == 0
    row = database.one("SELECT * FROM wac_quarantine")
    assert row["frame"] == b"\1\2\3"
    assert row["request"] == "realtime_door_status"


@pytest.mark.parametrize("code", [
    "realtime_slog", "realtime_operation", "realtime_barcode",
    "realtime_never_heard_of"])
@pytest.mark.parametrize("body", [frame({"user_id": "1"}, b"\0\1"), b"",
                                  b"\xff\xfe"], ids=["json", "none", "junk"])
def test_unknown_realtime_code(terminal, database, code, body):
    """Kept whole, so that the terminal moves on and nothing is lost."""
    reply = terminal.send(code, body)
    assert reply.response_code == "OK"
    row = database.one("SELECT * FROM wac_quarantine")
    assert row["sn"] == SN
    assert row["protocol"] == "fk"
    assert row["request"] == code
    assert "unknown request_code" in row["reason"]
    assert row["frame"] == body


def test_captured_unknown_code(terminal, database):
    request = vectors.load("19-unknown-code.req")
    assert terminal.send("realtime_operation", vectors.body_of(request)) \
        .response_code == "OK"
    assert database.one("SELECT * FROM wac_quarantine")["frame"] \
        == vectors.body_of(request)


@pytest.mark.parametrize("code", [
    "send_glog_data", "door_visit", "Opera_glog", "REALTIME_GLOG",
    "Receive_Cmd", "x", "x" * 32])
def test_unknown_code(terminal, database, code):
    reply = terminal.send(code, frame({"user_id": "1"}))
    assert reply.status == 200
    assert reply.response_code == "ERROR_INVLAID_REQUEST_CODE"
    for table in ("wac_quarantine", "wac_events", "wac_attendance_logs"):
        assert database.count(table) == 0


@pytest.mark.parametrize("code", ["x" * 33, "a b", "a-b", "a/b", "é", '"'])
def test_impossible_code(terminal, database, code):
    reply = terminal.send(code, frame({"user_id": "1"}))
    assert reply.response_code == "ERROR_INVLAID_REQUEST_CODE"
    assert database.count("wac_quarantine") == 0
