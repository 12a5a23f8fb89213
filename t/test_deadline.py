"""wac_timeout: the longest a terminal waits for the database before it is
told to try again."""

import time

import pytest

from wac.terminal import Connection, Terminal
from wac.wait import wait_for

CONF = """
%%TEST_GLOBALS%%
events { }
http {
    %%TEST_GLOBALS_HTTP%%
    wac_database "%%DATABASE%%";
    wac_timeout 700ms;
    server {
        listen 127.0.0.1:%%PORT%%;
        location / { wac_fk on; }
        location /patient { wac_fk on; wac_timeout 60s; }
        location /lingering { wac_fk on; wac_timeout 2s;
                              lingering_close always;
                              lingering_time 4s; lingering_timeout 4s; }
        location /site { return 200 "here"; }
    }
}
"""

SN = "D0000000000000A1"


@pytest.fixture
def terminal(nginx, database):
    database.add_device(SN)
    return Terminal(nginx(CONF).port, SN)


def held(holder, table):
    holder.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")


def test_punch(terminal, database):
    with database.connect() as holder, holder.transaction():
        held(holder, "wac_attendance_logs")
        begun = time.monotonic()
        reply = terminal.punch()
        waited = time.monotonic() - begun
        assert reply.response_code == "ERROR_DB_ACCESS"
        assert 0.6 < waited < 10
    wait_for(lambda: terminal.punch().response_code == "OK")
    assert len(database.punches()) == 1


def test_every_kind(terminal, database):
    """Each in its dialect's words, none of them OK."""
    requests = {
        "receive_cmd": terminal.request("receive_cmd",
                                        terminal.poll_body()),
        "realtime_glog": terminal.punch_request(),
        "realtime_enroll_data": terminal.enroll_request(),
        "realtime_door_status": terminal.request("realtime_door_status",
                                                 b"{}"),
        "realtime_slog": terminal.request("realtime_slog", b"x"),
        "send_cmd_result": terminal.request("send_cmd_result", task_id=1),
    }
    answers = {}
    with database.connect() as holder, holder.transaction():
        held(holder, "wac_devices")
        connections = {code: Connection(terminal.port) for code in requests}
        for code, connection in connections.items():
            connection.send(requests[code])
        for code, connection in connections.items():
            answers[code] = connection.reply().response_code
    assert answers.pop("receive_cmd") == "ERROR_DB_CONNECT"
    assert set(answers.values()) == {"ERROR_DB_ACCESS"}


def test_own_patience_of_a_location(terminal, database):
    """The hasty ones give up first; the patient one gets its OK."""
    with Connection(terminal.port) as patient:
        with database.connect() as holder, holder.transaction():
            held(holder, "wac_attendance_logs")
            patient.send(terminal.punch_request(
                user_id="patient", options={"target": "/patient"}))
            assert terminal.punch(user_id="hasty").response_code \
                == "ERROR_DB_ACCESS"
        assert patient.reply().response_code == "OK"


def test_others_are_served_meanwhile(terminal, database):
    with database.connect() as holder, holder.transaction():
        held(holder, "wac_attendance_logs")
        with Connection(terminal.port) as waiting:
            waiting.send(terminal.punch_request(
                options={"target": "/patient"}))
            reply = terminal.send("", target="/site",
                                  without=["request_code"])
            assert reply.body == b"here"


def test_keep_alive_goes_on_after_it(terminal, database):
    options = {"version": "1.1", "connection": "keep-alive"}

    def answer():
        connection.send(terminal.punch_request(options=options))
        return connection.reply().response_code

    with Connection(terminal.port) as connection:
        with database.connect() as holder, holder.transaction():
            held(holder, "wac_attendance_logs")
            assert answer() == "ERROR_DB_ACCESS"
        wait_for(lambda: answer() == "OK")
    assert len(database.punches()) == 1


def test_late_row_is_the_same_record(terminal, database):
    """What was told to come again may have been stored after all."""
    with database.connect() as holder, holder.transaction():
        held(holder, "wac_attendance_logs")
        for number in range(5):
            assert terminal.punch(user_id="1").response_code \
                == "ERROR_DB_ACCESS"
    wait_for(lambda: terminal.punch(user_id="1").response_code == "OK")
    assert len(database.punches()) == 1


def test_deadline_of_an_answered_request(terminal, database):
    """nginx keeps it for a while to read what the terminal still sends; its
    deadline passes in that time, and must not answer it again."""
    with Connection(terminal.port) as connection:
        connection.send(terminal.punch_request(
            options={"target": "/lingering"}) + b"more")
        assert connection.reply().response_code == "OK"

        def let_go():
            try:
                connection.send(b"and more")
            except OSError:
                return True
            return False

        wait_for(let_go, what="the end of lingering")
