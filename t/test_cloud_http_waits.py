"""wac_cloud while the database is away or slow: terminals are told to try
again, keep their records, and may go away meanwhile; nginx may reload or
quit."""

import json
import time

import pytest

from wac.cloud_http import (SN, ask, checklive, punch, reg, request, sendlog)
from wac.terminal import Connection
from wac.wait import wait_for

CONF = """
%%TEST_GLOBALS%%
events { worker_connections 64; }
http {
    %%TEST_GLOBALS_HTTP%%
    log_format wac "$status|$wac_device|$wac_request|$wac_result";
    access_log %%TMP%%/wac.log wac;
    wac_database "%%DATABASE%%";
    wac_timeout %%TIMEOUT%%;
    server {
        listen 127.0.0.1:%%PORT%%;
        location / { wac_cloud on; }
        location /small { wac_cloud on; client_body_buffer_size 1k; }
        location /hasty { wac_cloud on; wac_timeout 700ms; }
    }
}
"""

EVERYTHING = [reg(), sendlog(punch()), checklive(),
              {"cmd": "senduser", "sn": SN, "enrollid": 5, "name": "Eva",
               "backupnum": 10, "admin": 0, "record": 1},
              {"cmd": "whatever", "sn": SN},
              {"ret": "getdevinfo", "sn": SN, "result": True}]


@pytest.fixture
def server(nginx, database):
    database.add_device(SN, protocol="cloud")
    server = nginx(CONF, TIMEOUT="60s")
    workers = server.worker_pids()
    yield server
    assert server.worker_pids() == workers, "a worker crashed"


def try_again(server, frame, path="/"):
    answer = ask(server, frame, path, status=503)
    assert answer["ret"] == frame.get("cmd", frame.get("ret"))
    assert answer["result"] is False and answer["reason"]


def waiting_for_lock(database):
    return database.query(
        "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' "
        "AND datname = %s", (database.name,))


def lock(holder, table="wac_attendance_logs"):
    holder.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")


# ---- away --------------------------------------------------------------------

def test_database_down_and_back(nginx, database, proxy):
    database.add_device(SN, protocol="cloud")
    server = nginx(CONF, database=database.conninfo_by(proxy.conninfo),
                   TIMEOUT="60s")
    assert ask(server, sendlog(punch(1)), "/")["result"] is True
    proxy.refuse()
    for frame in EVERYTHING:
        try_again(server, frame)
    assert len(database.punches()) == 1
    proxy.pass_through()

    def stored():
        with Connection(server.port) as connection:
            connection.send(request(sendlog(punch(2)), "/"))
            return json.loads(connection.reply().body)["result"]

    wait_for(stored, what="the database's return")
    assert [row["enrollid"] for row in database.punches()] == ["1", "2"]


def test_commands_are_not_lost(nginx, database, proxy):
    """Nothing is given out without a commit."""
    database.add_device(SN, protocol="cloud")
    trans_id = database.queue(SN, "getdevinfo", native=True)
    server = nginx(CONF, database=database.conninfo_by(proxy.conninfo),
                   TIMEOUT="60s")
    proxy.refuse()
    wait_for(lambda: ask_status(server, checklive()) == 503)
    try_again(server, checklive())
    assert database.command(trans_id)["attempts"] == 0


def ask_status(server, frame):
    with Connection(server.port) as connection:
        connection.send(request(frame, "/"))
        return connection.reply().status


# ---- slow --------------------------------------------------------------------

def test_deadline(server, database):
    with database.connect() as holder, holder.transaction():
        lock(holder)
        begun = time.monotonic()
        try_again(server, sendlog(punch()), "/hasty")
        assert 0.6 < time.monotonic() - begun < 10
    assert ask(server, sendlog(punch()), "/")["result"] is True
    (row,) = database.punches()
    assert row["resends"] in (0, 1)


def test_deadline_of_every_kind(server, database):
    with database.connect() as holder, holder.transaction():
        lock(holder, "wac_devices")
        for frame in EVERYTHING:
            try_again(server, frame, "/hasty")


# ---- gone --------------------------------------------------------------------

def leave(connection, how):
    if how == "abort":
        connection.abort()
    else:
        connection.close()


@pytest.mark.parametrize("how", ["abort", "close"])
def test_client_goes_while_the_database_works(server, database, how):
    with database.connect() as holder, holder.transaction():
        lock(holder)
        connections = [Connection(server.port) for _ in range(20)]
        for number, connection in enumerate(connections):
            connection.send(request(sendlog(punch(number)), "/"))
        wait_for(lambda: waiting_for_lock(database), what="the insert")
        for connection in connections[::2]:
            leave(connection, how)
    for connection in connections[1::2]:
        assert json.loads(connection.reply().body)["result"] is True
        connection.close()
    for number in range(20):
        assert ask(server, sendlog(punch(number)), "/")["result"] is True
    assert len(database.punches()) == 20


def test_who_went_is_in_the_log(server, database):
    with database.connect() as holder, holder.transaction():
        lock(holder)
        connection = Connection(server.port)
        connection.send(request(sendlog(punch()), "/"))
        wait_for(lambda: waiting_for_lock(database), what="the insert")
        connection.abort()
        line = wait_for(lambda: server.read("wac.log"), what="access log")
    assert line == f"499|{SN}|sendlog|-\n"


@pytest.mark.parametrize("path", ["/", "/small"])
@pytest.mark.parametrize("part", [0.0, 0.3, 0.99])
def test_client_goes_while_sending(server, database, part, path):
    data = request(sendlog(punch(image="QUJD" * 60_000)), path)
    head = data.index(b"\r\n\r\n") + 4
    for how in ("abort", "close"):
        connection = Connection(server.port)
        connection.send(data[:head + int(part * (len(data) - head))])
        leave(connection, how)
    assert ask(server, sendlog(punch(2)), "/")["result"] is True
    assert [row["enrollid"] for row in database.punches()] == ["2"]


def test_connections_are_given_back(server, database):
    """Ten times as many aborted requests as the worker has connections."""
    with database.connect() as holder:
        for _ in range(20):
            with holder.transaction():
                lock(holder)
                connections = [Connection(server.port) for _ in range(30)]
                for number, connection in enumerate(connections):
                    connection.send(request(sendlog(punch(number)), "/"))
                for connection in connections:
                    connection.abort()
    assert ask(server, sendlog(punch(99)), "/")["result"] is True


# ---- nginx comes and goes ----------------------------------------------------

@pytest.mark.parametrize("event", ["reload", "quit"])
def test_answered_all_the_same(nginx, database, event):
    """Who waits hears the end from the old worker."""
    database.add_device(SN, protocol="cloud")
    server = nginx(CONF, TIMEOUT="60s")
    connection = Connection(server.port)
    with database.connect() as holder, holder.transaction():
        lock(holder)
        connection.send(request(sendlog(punch()), "/"))
        wait_for(lambda: waiting_for_lock(database), what="the insert")
        if event == "reload":
            server.reload()
        else:
            server.send_signal(3)
            wait_for(lambda: "gracefully shutting down"
                     in server.error_log(), what="shutdown")
    assert json.loads(connection.reply().body)["result"] is True
    connection.close()
    assert len(database.punches()) == 1
