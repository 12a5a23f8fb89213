"""nginx -s quit: requests under way are answered first; nothing that was
acknowledged is missing afterwards."""

import pytest

from wac.load import Load, check_every_one_stored_once
from wac.terminal import Connection, Terminal
from wac.wait import wait_for

CONF = """
%%TEST_GLOBALS%%
events { }
http {
    %%TEST_GLOBALS_HTTP%%
    wac_database "%%DATABASE%%";
    wac_enrolment open;
    server {
        listen 127.0.0.1:%%PORT%%;
        location / { wac_fk on; }
    }
}
"""

DEVICES = [f"D{number:03}" for number in range(6)]


def test_idle(nginx, database):
    server = nginx(CONF, workers=2)
    assert Terminal(server.port, "D1").punch().response_code == "OK"
    server.quit()


def test_never_used(nginx, database):
    nginx(CONF).quit()


def test_at_once_after_start(nginx, database):
    """Before the first session to the database is up."""
    for _ in range(3):
        nginx(CONF, workers=2).quit()


def test_request_under_way(nginx, database):
    server = nginx(CONF)
    terminal = Terminal(server.port, "D1")
    terminal.poll()
    connections = []
    with database.connect() as holder, holder.transaction():
        holder.execute("LOCK TABLE wac_attendance_logs IN EXCLUSIVE MODE")
        for number in range(10):
            connection = Connection(server.port)
            connection.send(terminal.punch_request(user_id=str(number)))
            connections.append(connection)
        wait_for(lambda: database.query(
            "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' "
            "AND datname = %s", (database.name,)), what="the insert")
        # connections are accepted in turn: when this one is answered, without
        # the database, all those before it are requests under way
        assert terminal.send("unknown").response_code \
            == "ERROR_INVLAID_REQUEST_CODE"
        server.send_signal(3)  # SIGQUIT
        wait_for(lambda: "gracefully shutting down" in server.error_log())
    for connection in connections:
        assert connection.reply().response_code == "OK"
        connection.close()
    server.quit()
    assert len(database.punches()) == 10


@pytest.mark.parametrize("keep_alive", [False, True],
                         ids=["one request", "keep-alive"])
def test_under_load(nginx, database, keep_alive):
    server = nginx(CONF, workers=2)
    with Load(server.port, DEVICES, keep_alive) as load:
        load.wait_acknowledged(100)
        server.quit()
    check_every_one_stored_once(load, database)


def test_fast_stop_under_load(nginx, database):
    """No time to answer; but what was answered is there."""
    server = nginx(CONF, workers=2)
    with Load(server.port, DEVICES) as load:
        load.wait_acknowledged(100)
        server.stop()
    check_every_one_stored_once(load, database)


def test_last_sign_of_life_is_written(nginx, database):
    """What is written behind is not left behind."""
    server = nginx(CONF)
    terminal = Terminal(server.port, "D1")
    assert terminal.punch(user_id="1").response_code == "OK"
    database.execute("UPDATE wac_devices SET last_seen = '2000-01-01'")
    assert terminal.punch(user_id="2").response_code == "OK"
    server.quit()
    assert database.device("D1")["last_seen"].year > 2000


def test_killed_master(nginx, database):
    """kill -9 of everything: a new nginx finds it all."""
    server = nginx(CONF, workers=2)
    with Load(server.port, DEVICES) as load:
        load.wait_acknowledged(100)
        server.kill_all()
    check_every_one_stored_once(load, database)
    again = nginx(CONF)
    assert Terminal(again.port, "D1").punch().response_code == "OK"
