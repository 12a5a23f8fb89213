"""Several hosts in the connection string: the one that takes writes is used,
whichever it is at the moment."""

import pytest

from wac import paths
from wac.faults import Proxy
from wac.terminal import Terminal
from wac.wait import wait_for

CONF = """
%%TEST_GLOBALS%%
events { }
http {
    %%TEST_GLOBALS_HTTP%%
    wac_database "%%DATABASE%%";
    wac_enrolment open;
    wac_timeout 2s;
    server {
        listen 127.0.0.1:%%PORT%%;
        location / { wac_fk on; }
    }
}
"""

SN = "D0000000000000A1"
HOSTS = "host=127.0.0.1,127.0.0.1 port={},{} user=wac dbname=wac {}"


def accepted(terminal, user_id="1"):
    return terminal.punch(user_id=user_id).response_code == "OK"


def make_standby(cluster):
    """Every session starts read-only, as on a standby; also the sessions
    that are open already."""
    cluster.settings["default_transaction_read_only"] = "on"
    with cluster.connect("postgres") as connection:
        connection.execute(
            "ALTER SYSTEM SET default_transaction_read_only = on")
        connection.execute("SELECT pg_reload_conf()")
    wait_for(lambda: read_only(cluster), what="the demotion")


def read_only(cluster):
    with cluster.connect("postgres") as connection:
        return connection.execute("SHOW transaction_read_only").fetchone()[
            "transaction_read_only"] == "on"


@pytest.mark.parametrize("extra", ["", "target_session_attrs=read-write"])
def test_first_one_is_dead(nginx, own_cluster, extra):
    cluster, database = own_cluster()
    server = nginx(CONF, database=HOSTS.format(paths.free_port(),
                                               cluster.port, extra))
    wait_for(lambda: accepted(Terminal(server.port, SN)))
    assert len(database.punches()) == 1
    server.quit()


@pytest.mark.parametrize("extra", ["", "target_session_attrs=read-write"])
def test_first_one_is_a_standby(nginx, own_cluster, extra):
    """With several hosts, read-write is what we mean if nothing is said."""
    standby, standby_database = own_cluster("pg2")
    cluster, database = own_cluster("pg3")
    make_standby(standby)
    server = nginx(CONF, database=HOSTS.format(standby.port, cluster.port,
                                               extra))
    wait_for(lambda: accepted(Terminal(server.port, SN)))
    assert len(database.punches()) == 1
    assert len(standby_database.punches()) == 0
    server.quit()


def test_primary_dies(nginx, own_cluster):
    """The second host takes over."""
    first, first_database = own_cluster("pg2")
    second, second_database = own_cluster("pg3")
    server = nginx(CONF, database=HOSTS.format(first.port, second.port, ""))
    terminal = Terminal(server.port, SN)
    wait_for(lambda: accepted(terminal, "1"))
    assert len(first_database.punches()) == 1
    first.stop()
    wait_for(lambda: accepted(terminal, "2"))
    assert [row["enrollid"] for row in second_database.punches()] == ["2"]
    server.quit()


def test_primary_is_demoted(nginx, own_cluster):
    """Its sessions stay, and refuse every write: they must be given up."""
    first, first_database = own_cluster("pg2")
    second, second_database = own_cluster("pg3")
    server = nginx(CONF, database=HOSTS.format(first.port, second.port, ""))
    terminal = Terminal(server.port, SN)
    wait_for(lambda: accepted(terminal, "1"))
    make_standby(first)
    wait_for(lambda: accepted(terminal, "2"), timeout=30)
    assert [row["enrollid"] for row in first_database.punches()] == ["1"]
    assert [row["enrollid"] for row in second_database.punches()] == ["2"]
    for database in (first_database, second_database):
        assert database.count("wac_quarantine") == 0
    server.quit()


def test_first_one_hangs(nginx, own_cluster):
    """It accepts and says nothing; connect_timeout moves on to the next."""
    cluster, database = own_cluster()
    hung = Proxy(("127.0.0.1", cluster.port))
    try:
        hung.hang()
        server = nginx(CONF, database=HOSTS.format(
            hung.port, cluster.port, "connect_timeout=2"))
        wait_for(lambda: accepted(Terminal(server.port, SN)), timeout=30)
        assert len(database.punches()) == 1
        server.quit()
    finally:
        hung.close()


def test_all_are_dead_and_one_comes_back(nginx, own_cluster):
    cluster, database = own_cluster()
    cluster.stop()
    server = nginx(CONF, database=HOSTS.format(cluster.port,
                                               paths.free_port(), ""))
    terminal = Terminal(server.port, SN)
    assert terminal.punch().response_code == "ERROR_DB_ACCESS"
    cluster.start()
    wait_for(lambda: accepted(terminal), timeout=30)
    assert len(database.punches()) == 1
    server.quit()
