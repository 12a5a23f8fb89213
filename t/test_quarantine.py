"""What an approved terminal sends and nobody understands is kept whole, with
the reason, and can be found by the operator."""

import hashlib

import pytest

from wac.terminal import Terminal, frame, glog

CONF = """
%%TEST_GLOBALS%%
events { }
http {
    %%TEST_GLOBALS_HTTP%%
    wac_database "%%DATABASE%%";
    server {
        listen 127.0.0.1:%%PORT%%;
        location / { wac_fk on; client_max_body_size 16m; }
    }
}
"""

SN = "D0000000000000A1"


@pytest.fixture
def terminal(nginx, database):
    database.add_device(SN)
    return Terminal(nginx(CONF).port, SN)


def rows(database):
    return database.query("SELECT * FROM wac_quarantine ORDER BY id")


def test_row(terminal, database):
    before = database.value("SELECT now() AS now")
    body = frame(glog(io_time="never"), b"\0\1\2")
    reply = terminal.send("realtime_glog", body)
    assert reply.response_code == "OK"
    assert not reply.has("trans_id") and not reply.has("cmd_code")
    (row,) = rows(database)
    assert (row["sn"], row["protocol"]) == (SN, "fk")
    assert row["request"] == "realtime_glog"
    assert row["frame"] == body
    assert row["received_at"] >= before
    assert "io_time" in row["reason"]


def test_terminal_moves_on(terminal, database):
    """The next record is not held up."""
    terminal.send("realtime_glog", b"junk")
    assert terminal.punch().response_code == "OK"
    assert len(database.punches()) == 1


def test_sent_again(terminal, database):
    for _ in range(3):
        terminal.send("realtime_glog", b"junk")
    terminal.send("realtime_glog", b"other junk")
    terminal.send("realtime_enroll_data", b"junk")
    assert [(row["request"], row["frame"], row["resends"])
            for row in rows(database)] == [
        ("realtime_glog", b"junk", 2), ("realtime_glog", b"other junk", 0),
        ("realtime_enroll_data", b"junk", 0)]


def test_large_frame(terminal, database):
    body = b"\xff\xff\xff\x7f" + bytes(range(256)) * 20000  # 5 MB
    assert terminal.send("realtime_enroll_data", body).response_code == "OK"
    kept = rows(database)[0]["frame"]
    assert hashlib.sha256(kept).digest() == hashlib.sha256(body).digest()


def test_strangers_fill_nothing(terminal, database):
    """Only what an approved terminal says is kept."""
    reply = Terminal(terminal.port, "STRANGER").send("realtime_glog", b"junk")
    assert reply.response_code == "ERROR"
    assert rows(database) == []


def test_poll_and_unknown_code_are_no_records(terminal, database):
    terminal.send("receive_cmd", b"junk")
    terminal.send("no_such_code", b"junk")
    assert rows(database) == []


def test_wacctl_lists_and_shows(terminal, database, wacctl):
    terminal.send("realtime_glog", frame(b'{"user_id":'))
    (listed,) = wacctl("quarantine", "list", json=True).json
    assert listed["sn"] == SN
    assert listed["reason"] == rows(database)[0]["reason"]
    assert SN in wacctl("quarantine", "list").stdout
    assert SN in wacctl("quarantine", "show", listed["id"]).stdout
