"""A database that accepts and says nothing: a lost route, a stopped process.
Deadlines pass, nothing else waits, and it heals by itself."""

import pytest

from wac.terminal import Connection, Terminal
from wac.wait import wait_for

CONF = """
%%TEST_GLOBALS%%
events { }
http {
    %%TEST_GLOBALS_HTTP%%
    wac_database "%%DATABASE%%";
    wac_enrolment open;
    wac_timeout 500ms;
    server {
        listen 127.0.0.1:%%PORT%%;
        location / { wac_fk on; }
        location /patient { wac_fk on; wac_timeout 60s; }
        location /site { return 200 "here"; }
    }
}
"""

SN = "D0000000000000A1"


@pytest.fixture
def start(nginx, database, proxy):
    def start_nginx():
        server = nginx(CONF, database=database.conninfo_by(proxy.conninfo))
        return server, Terminal(server.port, SN)
    return start_nginx


def site_answers(terminal):
    return terminal.send("", target="/site",
                         without=["request_code"]).body == b"here"


def accepted(terminal, **record):
    return terminal.punch(**record).response_code == "OK"


def test_session_freezes(start, database, proxy):
    _, terminal = start()
    wait_for(lambda: accepted(terminal, user_id="1"))
    proxy.hang()
    assert terminal.punch(user_id="2").response_code == "ERROR_DB_ACCESS"
    assert terminal.poll().response_code == "ERROR_DB_CONNECT"
    assert site_answers(terminal)
    proxy.pass_through()
    wait_for(lambda: accepted(terminal, user_id="2"))
    assert sorted(row["enrollid"] for row in database.punches()) == ["1", "2"]


def test_connecting_freezes(start, database, proxy):
    """It hangs from the first connection on."""
    proxy.hang()
    _, terminal = start()
    assert terminal.punch().response_code == "ERROR_DB_ACCESS"
    assert terminal.poll().response_code == "ERROR_DB_CONNECT"
    assert site_answers(terminal)
    proxy.pass_through()
    wait_for(lambda: accepted(terminal), timeout=30)
    assert len(database.punches()) == 1


def test_event_loop_goes_on(start, proxy):
    """Other requests are answered while one waits in the same worker."""
    _, terminal = start()
    wait_for(lambda: accepted(terminal))
    proxy.hang()
    with Connection(terminal.port) as waiting:
        waiting.send(terminal.punch_request(
            user_id="2", options={"target": "/patient"}))
        for _ in range(20):
            assert site_answers(terminal)
        proxy.pass_through()
        assert waiting.reply().response_code == "OK"


def test_frozen_sessions_are_given_up(start, database, proxy):
    """A route lost for good: what was frozen never comes back, and new
    connections work. The terminals must not wait for the old ones."""
    _, terminal = start()
    wait_for(lambda: accepted(terminal, user_id="1"))
    proxy.hang()
    assert terminal.punch(user_id="2").response_code == "ERROR_DB_ACCESS"
    proxy.abandon_links()
    proxy.pass_through()
    wait_for(lambda: accepted(terminal, user_id="2"), timeout=45)
    assert len(database.punches()) == 2


def test_slow_bytes(start, database, proxy):
    """Replies that trickle in, three bytes at a time, are replies."""
    patient = {"timeout": 60, "options": {"target": "/patient"}}
    proxy.throttle(1024)  # a session begins with 40 kB of statements
    _, terminal = start()
    assert terminal.punch(**patient, user_id="0").response_code == "OK"
    proxy.throttle(3)
    for number in range(1, 4):
        reply = terminal.punch(**patient, user_id=str(number))
        assert reply.response_code == "OK"
    proxy.pass_through()
    assert len(database.punches()) == 4


def test_many_wait(start, database, proxy):
    """Each hears its answer when the deadline comes, or its OK."""
    _, terminal = start()
    wait_for(lambda: accepted(terminal, user_id="x"))
    proxy.hang()
    connections = [Connection(terminal.port) for _ in range(50)]
    for number, connection in enumerate(connections):
        connection.send(terminal.punch_request(user_id=str(number)))
    answers = [connection.reply().response_code for connection in connections]
    assert set(answers) == {"ERROR_DB_ACCESS"}
    for connection in connections:
        connection.close()
    proxy.pass_through()
    for number in range(50):
        wait_for(lambda: accepted(terminal, user_id=str(number)))
    assert len(database.punches()) == 51


def test_quit_does_not_wait_for_it(start, proxy):
    server, terminal = start()
    wait_for(lambda: accepted(terminal))
    proxy.hang()
    with Connection(terminal.port) as waiting:
        waiting.send(terminal.punch_request(user_id="2"))
        assert site_answers(terminal)  # connections are accepted in turn
        server.quit()
        assert waiting.reply().response_code == "ERROR_DB_ACCESS"
    proxy.pass_through()
