"""Terminals that go away in the middle: nothing crashes or leaks, and the
record, sent again, is stored once."""

import pytest

from wac.terminal import Connection, Terminal
from wac.wait import wait_for

CONF = """
%%TEST_GLOBALS%%
events { worker_connections 64; }
http {
    %%TEST_GLOBALS_HTTP%%
    wac_database "%%DATABASE%%";
    server {
        listen 127.0.0.1:%%PORT%%;
        location / { wac_fk on; }
        location /small { wac_fk on; client_body_buffer_size 1k; }
    }
}
"""

SN = "D0000000000000A1"


@pytest.fixture
def server(nginx, database):
    database.add_device(SN)
    server = nginx(CONF)
    workers = server.worker_pids()
    yield server
    assert server.worker_pids() == workers, "a worker crashed"


@pytest.fixture
def terminal(server):
    return Terminal(server.port, SN)


def leave(connection, how):
    if how == "abort":
        connection.abort()
    else:
        connection.close()


def waiting_for_lock(database):
    return database.query(
        "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' "
        "AND datname = %s", (database.name,))


@pytest.mark.parametrize("how", ["abort", "close"])
def test_while_the_database_works(terminal, database, how):
    with database.connect() as holder, holder.transaction():
        holder.execute("LOCK TABLE wac_attendance_logs IN EXCLUSIVE MODE")
        connection = Connection(terminal.port)
        connection.send(terminal.punch_request(user_id="1"))
        wait_for(lambda: waiting_for_lock(database), what="the insert")
        leave(connection, how)
    assert terminal.punch(user_id="1").response_code == "OK"
    (row,) = database.punches()
    assert row["resends"] in (0, 1)


@pytest.mark.parametrize("how", ["abort", "close"])
def test_while_queued(terminal, database, how):
    """Behind a batch that is under way."""
    with database.connect() as holder, holder.transaction():
        holder.execute("LOCK TABLE wac_attendance_logs IN EXCLUSIVE MODE")
        connections = [Connection(terminal.port) for _ in range(20)]
        for number, connection in enumerate(connections):
            connection.send(terminal.punch_request(user_id=str(number)))
        wait_for(lambda: waiting_for_lock(database), what="the insert")
        for connection in connections[::2]:
            leave(connection, how)
    for connection in connections[1::2]:
        assert connection.reply().response_code == "OK"
        connection.close()
    for number in range(20):
        assert terminal.punch(user_id=str(number)).response_code == "OK"
    assert len(database.punches()) == 20


def test_all_of_a_batch_are_gone(terminal, database):
    with database.connect() as holder, holder.transaction():
        holder.execute("LOCK TABLE wac_attendance_logs IN EXCLUSIVE MODE")
        connections = [Connection(terminal.port) for _ in range(20)]
        for number, connection in enumerate(connections):
            connection.send(terminal.punch_request(user_id=str(number)))
        wait_for(lambda: waiting_for_lock(database), what="the insert")
        for connection in connections:
            connection.abort()
    assert terminal.punch(user_id="last").response_code == "OK"


@pytest.mark.parametrize("target", ["/", "/small"])
@pytest.mark.parametrize("part", [0.0, 0.3, 0.99])
def test_while_sending_the_body(terminal, database, part, target):
    request = terminal.punch_request(image=bytes(200_000),
                                     options={"target": target})
    head = request.index(b"\r\n\r\n") + 4
    for how in ("abort", "close"):
        connection = Connection(terminal.port)
        connection.send(request[:head + int(part * (len(request) - head))])
        leave(connection, how)
    assert terminal.punch(user_id="2").response_code == "OK"
    assert [row["enrollid"] for row in database.punches()] == ["2"]


def test_while_sending_the_head(terminal, database):
    connection = Connection(terminal.port)
    connection.send(terminal.punch_request()[:200])
    connection.abort()
    assert terminal.punch().response_code == "OK"


def test_before_reading_the_answer(terminal, database):
    for number in range(50):
        connection = Connection(terminal.port)
        connection.send(terminal.punch_request(user_id=str(number)))
        connection.abort()
    for number in range(50):
        assert terminal.punch(user_id=str(number)).response_code == "OK"
    assert len(database.punches()) == 50


def test_pipelined_and_gone(terminal, database):
    options = {"version": "1.1", "connection": "keep-alive"}
    for _ in range(5):
        connection = Connection(terminal.port)
        connection.send(b"".join(
            terminal.punch_request(user_id=str(number), options=options)
            for number in range(30)))
        connection.reply()
        connection.abort()
    assert terminal.punch(user_id="last").response_code == "OK"
    rows = database.punches()
    assert len(rows) == len({row["enrollid"] for row in rows})


def test_connections_are_given_back(terminal, database):
    """Ten times as many aborted requests as the worker has connections."""
    with database.connect() as holder:
        for _ in range(20):
            with holder.transaction():
                holder.execute("LOCK TABLE wac_attendance_logs "
                               "IN EXCLUSIVE MODE")
                connections = [Connection(terminal.port) for _ in range(30)]
                for number, connection in enumerate(connections):
                    connection.send(terminal.punch_request(
                        user_id=str(number)))
                for connection in connections:
                    connection.abort()
    assert terminal.punch(user_id="last").response_code == "OK"
