"""No database: every terminal is told to try again, at once, and everything
heals by itself when it is back."""

import pytest

from wac.terminal import Terminal
from wac.wait import wait_for

# with this patience a test that has to wait for the deadline fails
CONF = """
%%TEST_GLOBALS%%
events { }
http {
    %%TEST_GLOBALS_HTTP%%
    wac_database "%%DATABASE%%";
    wac_enrolment open;
    wac_timeout 60s;
    server {
        listen 127.0.0.1:%%PORT%%;
        location / { wac_fk on; }
        location /site { return 200 "here"; }
    }
}
"""

SN = "D0000000000000A1"


@pytest.fixture
def server(nginx, database, proxy):
    server = nginx(CONF, database=database.conninfo_by(proxy.conninfo))
    return server


def assert_try_again(terminal):
    assert terminal.poll().response_code == "ERROR_DB_CONNECT"
    for reply in (terminal.punch(), terminal.enroll(),
                  terminal.result("1001"),
                  terminal.send("realtime_door_status", b"{}"),
                  terminal.send("realtime_slog", b"x"),
                  terminal.send("realtime_glog", b"junk")):
        assert reply.status == 200
        assert reply.response_code == "ERROR_DB_ACCESS"
        assert reply.header("Content-Length") == "0"


def known_to_be_down(terminal):
    return terminal.poll().response_code == "ERROR_DB_CONNECT"


def test_down_and_back(server, database, proxy):
    terminal = Terminal(server.port, SN)
    assert terminal.punch(user_id="1").response_code == "OK"
    proxy.refuse()
    wait_for(lambda: known_to_be_down(terminal))
    assert_try_again(terminal)
    assert database.count("wac_attendance_logs") == 1
    proxy.pass_through()
    wait_for(lambda: terminal.punch(user_id="2").response_code == "OK")
    assert terminal.poll().response_code == "ERROR_NO_CMD"
    assert [row["enrollid"] for row in database.punches()] == ["1", "2"]


def test_answer_of_a_poll(server, proxy):
    """Empty task id and cmd_code, as of an empty queue."""
    terminal = Terminal(server.port, SN)
    proxy.refuse()
    wait_for(lambda: known_to_be_down(terminal))
    reply = terminal.poll()
    assert reply.header("trans_id") == ""
    assert reply.header("cmd_code") == ""
    reply = terminal.result("1001", task_id_header="cmd_id")
    assert reply.header("cmd_id") == "1001"


def test_down_from_the_start(nginx, database, proxy):
    """nginx starts without a database, and finds it later."""
    proxy.refuse()
    server = nginx(CONF, database=database.conninfo_by(proxy.conninfo))
    terminal = Terminal(server.port, SN)
    wait_for(lambda: known_to_be_down(terminal))
    assert_try_again(terminal)
    proxy.pass_through()
    wait_for(lambda: terminal.punch().response_code == "OK")


def test_the_rest_of_nginx_works(server, proxy):
    proxy.refuse()
    reply = Terminal(server.port, SN).send("", target="/site",
                                           without=["request_code"])
    assert reply.body == b"here"


def test_log_tells_changes_not_requests(server, proxy):
    terminal = Terminal(server.port, SN)
    wait_for(lambda: terminal.punch().response_code == "OK")
    before = len(server.error_log().splitlines())
    proxy.refuse()
    wait_for(lambda: known_to_be_down(terminal))
    for _ in range(100):
        terminal.punch()
    proxy.pass_through()
    wait_for(lambda: terminal.punch().response_code == "OK")
    lines = [line for line in server.error_log().splitlines()[before:]
             if "wac" in line or "database" in line]
    assert any("[error]" in line for line in lines), lines
    assert 2 <= len(lines) <= 8, lines


def test_sessions_killed_while_idle(server, database):
    """pg_terminate_backend; the next record must not suffer for it."""
    terminal = Terminal(server.port, SN)
    assert terminal.punch(user_id="0").response_code == "OK"
    for number in range(1, 6):
        pids = {session["pid"] for session in database.sessions()}
        for pid in pids:
            database.query("SELECT pg_terminate_backend(%s)", (pid,))
        wait_for(lambda: terminal.punch(user_id=str(number))
                 .response_code == "OK")
    assert len(database.punches()) == 6


def test_connections_are_limited(nginx, database):
    """A server that takes no more sessions is a server that is down."""
    database.execute(f'ALTER DATABASE "{database.name}" CONNECTION LIMIT 0')
    database.execute("CREATE ROLE wac_limited LOGIN")
    try:
        conninfo = database.conninfo.replace("user=wac", "user=wac_limited")
        terminal = Terminal(nginx(CONF, database=conninfo).port, SN)
        wait_for(lambda: known_to_be_down(terminal))
        assert_try_again(terminal)
    finally:
        database.execute("DROP ROLE wac_limited")


def test_role_without_rights(nginx, database):
    """Row level security shows it nothing; it gets no OK."""
    database.execute("CREATE ROLE wac_nobody LOGIN")
    try:
        conninfo = database.conninfo.replace("user=wac", "user=wac_nobody")
        terminal = Terminal(nginx(CONF, database=conninfo).port, SN)
        assert terminal.punch().response_code == "ERROR_DB_ACCESS"
        assert database.count("wac_attendance_logs") == 0
    finally:
        database.execute("DROP ROLE wac_nobody")
