"""Host names in the connection string are looked up without holding up
anybody's request."""

import pytest

from wac import name_server
from wac.terminal import Terminal
from wac.wait import wait_for

CONF = """
%%TEST_GLOBALS%%
events { }
http {
    %%TEST_GLOBALS_HTTP%%
    wac_database "%%DATABASE%%";
    wac_enrolment open;
    wac_timeout 1s;
    server {
        listen 127.0.0.1:%%PORT%%;
        location / { wac_fk on; }
        location /site { return 200 "here"; }
    }
}
"""

SN = "D0000000000000A1"


def site_answers(terminal):
    return terminal.send("", target="/site",
                         without=["request_code"]).body == b"here"


def test_localhost(nginx, database):
    server = nginx(CONF, database=database.conninfo_by(
        f"host=localhost port={database.cluster.port}"))
    terminal = Terminal(server.port, SN)
    wait_for(lambda: terminal.punch().response_code == "OK")
    assert len(database.punches()) == 1


def test_name_that_is_none(nginx, database):
    server = nginx(CONF, database=database.conninfo_by(
        "host=no-such-host.invalid"))
    terminal = Terminal(server.port, SN)
    for _ in range(10):
        assert site_answers(terminal)
    assert terminal.punch().response_code == "ERROR_DB_ACCESS"
    assert terminal.poll().response_code == "ERROR_DB_CONNECT"
    wait_for(lambda: "no-such-host.invalid" in server.error_log(), 60,
             "the name in the log")


def test_second_host_serves_when_the_first_has_no_address(nginx, database):
    port = database.cluster.port
    server = nginx(CONF, database=database.conninfo_by(
        f"host=no-such-host.invalid,localhost port={port},{port}"))
    terminal = Terminal(server.port, SN)
    wait_for(lambda: terminal.punch().response_code == "OK", 60)


@pytest.fixture
def slow_names():
    if not name_server.possible():
        pytest.skip("needs root and mount namespaces")
    server = name_server.NameServer()
    yield server
    server.released.set()
    server.close()


def start_with(nginx, names, conninfo):
    server = nginx(CONF, database=conninfo, start=False)
    server.prefix = names.namespace_prefix(server.tmp)
    return server.start()


def test_lookup_that_hangs(nginx, database, slow_names):
    """Requests go on while the name server is silent; when it speaks, the
    database is found."""
    server = start_with(nginx, slow_names, database.conninfo_by(
        f"host=database.example port={database.cluster.port}"))
    terminal = Terminal(server.port, SN)
    assert slow_names.asked.wait(20)
    for _ in range(20):
        assert site_answers(terminal)
    assert terminal.punch().response_code == "ERROR_DB_ACCESS"
    assert site_answers(terminal)
    slow_names.released.set()
    wait_for(lambda: terminal.punch().response_code == "OK", 30)
    assert len(database.punches()) == 1


@pytest.mark.parametrize("how", ["quit", "stop"])
def test_end_while_a_lookup_hangs(nginx, database, slow_names, how):
    server = start_with(nginx, slow_names, database.conninfo_by(
        f"host=database.example port={database.cluster.port}"))
    assert slow_names.asked.wait(20)
    getattr(server, how)()


def test_reload_while_a_lookup_hangs(nginx, database, slow_names):
    server = start_with(nginx, slow_names, database.conninfo_by(
        f"host=database.example port={database.cluster.port}"))
    assert slow_names.asked.wait(20)
    server.reload(wait_for_old=True)
    slow_names.released.set()
    terminal = Terminal(server.port, SN)
    wait_for(lambda: terminal.punch().response_code == "OK", 30)
