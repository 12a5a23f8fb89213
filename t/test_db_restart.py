"""PostgreSQL restarts under load: every acknowledged punch is there, exactly
once, and the terminals are served again without anybody's help."""

import pytest

from wac.load import Load, check_every_one_stored_once

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

DEVICES = [f"D{number:03}" for number in range(6)]


@pytest.mark.parametrize("mode", ["immediate", "fast"])
def test_restart_under_load(nginx, own_cluster, mode):
    """immediate is how a crash looks, fast is how an upgrade does."""
    cluster, database = own_cluster()
    server = nginx(CONF, database=database, workers=2)
    with Load(server.port, DEVICES) as load:
        load.wait_acknowledged(100)
        for _ in range(2):
            cluster.restart(mode)
            load.wait_acknowledged(100, timeout=60)
    assert len(load.acknowledged) >= 300
    assert set(load.other_answers) <= {"ERROR_DB_ACCESS"}
    check_every_one_stored_once(load, database)
    server.quit()


def test_sessions_killed_under_load(nginx, database):
    """An operator's pg_terminate_backend, again and again."""
    server = nginx(CONF, workers=2)
    with Load(server.port, DEVICES, keep_alive=True) as load:
        load.wait_acknowledged(50)
        for _ in range(10):
            database.query("SELECT pg_terminate_backend(pid) "
                           "FROM pg_stat_activity WHERE datname = %s "
                           "AND pid <> pg_backend_pid()", (database.name,))
            load.wait_acknowledged(30)
    assert set(load.other_answers) <= {"ERROR_DB_ACCESS"}
    check_every_one_stored_once(load, database)


def test_connections_cut_under_load(nginx, database, proxy):
    server = nginx(CONF, database=database.conninfo_by(proxy.conninfo))
    with Load(server.port, DEVICES) as load:
        load.wait_acknowledged(50)
        for count in (0, 7, 200, 1500, 3000):
            proxy.cut_reply_after(count)
            load.wait_acknowledged(30)
            proxy.cut_request_after(count)
            load.wait_acknowledged(30)
    assert set(load.other_answers) <= {"ERROR_DB_ACCESS"}
    check_every_one_stored_once(load, database)
