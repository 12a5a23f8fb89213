"""receive_cmd: a poll with nothing waiting gets the field's answer, and what
the terminal says about itself is kept."""

import datetime

import pytest

from wac import vectors
from wac.terminal import FK_INFO, Terminal, frame
from wac.wait import wait_for

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

SN = "C2600000000000A1"


@pytest.fixture
def terminal(nginx, database):
    database.add_device(SN)
    return Terminal(nginx(CONF).port, SN)


def test_nothing_waiting(terminal):
    reply = terminal.poll()
    assert reply.status == 200
    assert reply.response_code == "ERROR_NO_CMD"
    assert reply.header("trans_id") == ""
    assert reply.header("cmd_code") == ""
    assert reply.header("Content-Length") == "0"
    assert reply.header("Content-Type") == "application/octet-stream"
    assert not reply.has("cmd_id")


def test_answer_is_the_captured_one(terminal):
    captured = vectors.load("06-no-command.resp")
    reply = terminal.poll()
    for name in ("response_code", "trans_id", "cmd_code", "Content-Length",
                 "Content-Type", "Connection"):
        assert reply.header(name) == vectors.header_of(captured, name), name


def test_task_id_is_named_as_the_request_named_it(terminal):
    reply = terminal.poll(task_id_header="cmd_id")
    assert reply.response_code == "ERROR_NO_CMD"
    assert reply.header("cmd_id") == ""
    assert reply.header("cmd_code") == ""
    assert not reply.has("trans_id")


def test_no_task_id_at_all_is_answered_as_trans_id(terminal):
    reply = terminal.poll(task_id=None, blk_no=None)
    assert reply.header("trans_id") == ""
    assert not reply.has("cmd_id")


def test_device_tells_about_itself(terminal, database):
    terminal.poll(fk_name="Gate 1")
    device = wait_for(lambda: (found := database.device(SN))["devinfo"]
                      and found, what="devinfo")
    assert device["devinfo"] == {**FK_INFO, "fk_name": "Gate 1"}
    assert device["protocol"] == "fk"
    assert device["state"] == "approved"


def test_first_contact_brings_firmware(nginx, database):
    terminal = Terminal(nginx(CONF).port, "NEW1")
    terminal.poll()
    device = wait_for(lambda: (found := database.device("NEW1"))["firmware"]
                      and found, what="firmware")
    assert device["firmware"] == FK_INFO["firmware"]
    assert device["devinfo"]["fk_bin_data_lib"] == "FKDataHS101"


def test_seen_online_from_where(terminal, database):
    before = database.value("SELECT now() AS now")
    terminal.poll()
    device = wait_for(lambda: (found := database.device(SN))["last_seen"]
                      and found, what="last_seen")
    assert device["status"] == "online"
    assert str(device["last_addr"]).split("/")[0] == "127.0.0.1"
    assert device["last_seen"] >= before - datetime.timedelta(seconds=5)


def test_last_seen_moves_on(terminal, database):
    terminal.poll()
    first = wait_for(lambda: database.device(SN)["last_seen"])

    def moved():
        terminal.poll()
        return database.device(SN)["last_seen"] > first

    wait_for(moved, what="a later last_seen")


@pytest.mark.parametrize("digits", ["%Y%m%d%H%M%S", "%y%m%d%H%M%S"])
def test_clock_skew(terminal, database, digits):
    ahead = (datetime.datetime.now(datetime.timezone.utc)
             + datetime.timedelta(hours=1))
    terminal.poll(fk_time=ahead.strftime(digits))

    def skew():
        return database.device(SN)["clock_skew_s"] or 0

    wait_for(lambda: 3540 < skew() < 3660, what="clock_skew_s")


def test_devinfo_follows_changes(terminal, database):
    terminal.poll()
    wait_for(lambda: database.device(SN)["devinfo"])
    info = {**FK_INFO, "fp_data_ver": 128}

    def followed():
        terminal.poll(info=info)
        return database.device(SN)["devinfo"].get("fp_data_ver") == 128

    wait_for(followed, what="the changed devinfo")


@pytest.mark.parametrize("body", [
    b"", b"\xff\xff\xff\xff", b"{", frame(b"[]"), frame({"fk_info": 7}),
    frame({"fk_time": 5, "fk_name": None}), frame(b'{"fk_name":"\xff"}')])
def test_any_body_is_answered(terminal, body):
    assert terminal.send("receive_cmd", body).response_code == "ERROR_NO_CMD"
    assert terminal.poll().response_code == "ERROR_NO_CMD"


def test_text_that_the_database_cannot_hold(terminal):
    """jsonb has no place for a NUL character."""
    reply = terminal.poll(info={"firmware": "a\0b"}, fk_name="\0")
    assert reply.response_code == "ERROR_NO_CMD"


def test_address_behind_a_proxy(nginx, database):
    """real_ip decides what the peer's address is."""
    conf = CONF.replace("location /", """
        set_real_ip_from 127.0.0.1;
        real_ip_header X-Real-IP;
        location /""")
    database.add_device(SN)
    terminal = Terminal(nginx(conf).port, SN)
    terminal.poll(extra=[("X-Real-IP", "203.0.113.9")])
    wait_for(lambda: str(database.device(SN)["last_addr"]).startswith(
        "203.0.113.9"), what="the address from the header")
