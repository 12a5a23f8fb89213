"""Connections to PostgreSQL that break in the middle of a message, at any
byte: OK is said only for what is there, and the record sent again is stored
once."""

import pytest

from wac.terminal import Terminal
from wac.wait import wait_for

CONF = """
%%TEST_GLOBALS%%
events { }
http {
    %%TEST_GLOBALS_HTTP%%
    wac_database "%%DATABASE%%";
    wac_enrolment open;
    wac_timeout 10s;
    server {
        listen 127.0.0.1:%%PORT%%;
        location / { wac_fk on; }
    }
}
"""

SN = "D0000000000000A1"


@pytest.fixture
def terminal(nginx, database, proxy):
    server = nginx(CONF, database=database.conninfo_by(proxy.conninfo))
    workers = server.worker_pids()
    terminal = Terminal(server.port, SN)
    wait_for(lambda: terminal.punch(user_id="first").response_code == "OK")
    yield terminal
    assert server.worker_pids() == workers, "a worker crashed"


def stored(database, user_id):
    return database.value("SELECT count(*) FROM wac_attendance_logs "
                          "WHERE enrollid = %s", (user_id,))


def deliver(terminal, database, user_id):
    """As a terminal does, until OK; then it must be there, once."""
    def accepted():
        reply = terminal.punch(user_id=user_id)
        assert reply.response_code in ("OK", "ERROR_DB_ACCESS"), reply
        if reply.response_code == "OK":
            assert stored(database, user_id) == 1
            return True
        return False

    wait_for(accepted, what="OK")


def test_replies_cut_anywhere(terminal, database, proxy):
    """The row may have been committed and its OK lost on the way."""
    for count in [*range(0, 60), 70, 85, 100, 150, 300, 1000]:
        proxy.cut_reply_after(count)
        deliver(terminal, database, f"r{count}")
    assert database.value(
        "SELECT count(*) - count(DISTINCT enrollid) "
        "FROM wac_attendance_logs") == 0


def test_requests_cut_anywhere(terminal, database, proxy):
    for count in [*range(0, 40, 3), 50, 100, 200, 300, 500, 800, 1200]:
        proxy.cut_request_after(count)
        deliver(terminal, database, f"q{count}")


def test_cut_before_the_reply(terminal, database, proxy):
    """Committed, and no word of it came through."""
    proxy.cut_reply_after(0)
    assert terminal.punch(user_id="x").response_code in (
        "OK", "ERROR_DB_ACCESS")
    deliver(terminal, database, "x")


def test_cut_while_connecting(terminal, database, proxy):
    """The greeting is cut too, several times over."""
    for count in (0, 1, 8, 50, 200, 400, 450):
        proxy.cut_all()
        proxy.cut_reply_after(count)
        deliver(terminal, database, f"c{count}")


def test_cut_with_an_image_under_way(terminal, database, proxy):
    image = bytes(range(256)) * 3000
    for count in (1000, 16384, 100_000, 500_000):
        proxy.cut_request_after(count)
        wait_for(lambda: terminal.punch(user_id=f"i{count}", image=image)
                 .response_code == "OK")
        assert stored(database, f"i{count}") == 1
    assert database.one("SELECT * FROM wac_photos")["content"] == image


def test_reset_again_and_again(terminal, database, proxy):
    for number in range(20):
        proxy.cut_all()
        deliver(terminal, database, f"n{number}")
