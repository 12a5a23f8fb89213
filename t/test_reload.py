"""nginx -s reload: no request is lost, no record doubled, and the new
configuration counts."""

import os

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


@pytest.mark.parametrize("workers", [1, 2])
def test_under_load(nginx, database, workers):
    """Connections of one request each: none of them sees anything."""
    server = nginx(CONF, workers=workers)
    with Load(server.port, DEVICES) as load:
        load.wait_acknowledged(50)
        for _ in range(5):
            server.reload(wait_for_old=True)
            load.wait_acknowledged(50)
    assert load.other_answers == {}
    check_every_one_stored_once(load, database)


def test_under_load_on_kept_connections(nginx, database):
    """The old workers close what is idle; terminals connect again."""
    server = nginx(CONF, workers=2)
    with Load(server.port, DEVICES, keep_alive=True) as load:
        load.wait_acknowledged(50)
        for _ in range(5):
            server.reload(wait_for_old=True)
            load.wait_acknowledged(50)
    assert set(load.other_answers) <= {
        "ConnectionError", "ConnectionResetError", "BrokenPipeError"}
    check_every_one_stored_once(load, database)


def test_reloads_in_a_hurry(nginx, database):
    """The next one comes before the last one's workers are gone."""
    server = nginx(CONF, workers=2)
    with Load(server.port, DEVICES[:3]) as load:
        load.wait_acknowledged(20)
        for _ in range(5):
            server.reload()
        load.wait_acknowledged(50)
    assert load.other_answers == {}
    check_every_one_stored_once(load, database)


def test_request_under_way(nginx, database):
    """The old worker answers it, and only then goes."""
    server = nginx(CONF)
    terminal = Terminal(server.port, "D1")
    terminal.poll()
    with Connection(server.port) as waiting:
        with database.connect() as holder, holder.transaction():
            holder.execute("LOCK TABLE wac_attendance_logs "
                           "IN EXCLUSIVE MODE")
            waiting.send(terminal.punch_request())
            wait_for(lambda: database.query(
                "SELECT 1 FROM pg_stat_activity "
                "WHERE wait_event_type = 'Lock' AND datname = %s",
                (database.name,)), what="the insert")
            server.reload()
        assert waiting.reply().response_code == "OK"
    assert len(database.punches()) == 1
    wait_for(lambda: len(server.worker_pids()) == 1, what="the old worker")


def test_new_configuration(nginx, database):
    server = nginx(CONF)
    assert Terminal(server.port, "D1").punch().response_code == "OK"
    server.write_conf(CONF.replace("wac_enrolment open",
                                   "wac_enrolment closed"))
    server.reload(wait_for_old=True)
    assert Terminal(server.port, "D1").punch().response_code == "OK"
    assert Terminal(server.port, "D2").punch().response_code == "ERROR"


def test_another_database(nginx, database, databases, template):
    other = databases(template.name)
    server = nginx(CONF)
    assert Terminal(server.port, "D1").punch().response_code == "OK"
    server.write_conf(CONF.replace("%%DATABASE%%", other.conninfo))
    server.reload(wait_for_old=True)
    assert Terminal(server.port, "D2").punch().response_code == "OK"
    assert [row["sn"] for row in database.punches()] == ["D1"]
    assert [row["sn"] for row in other.punches()] == ["D2"]
    wait_for(lambda: not database.sessions(), what="the old sessions' end")


def test_turned_off_and_on(nginx, database):
    server = nginx(CONF)
    off = CONF.replace("wac_fk on;", "return 200 site;")
    off = off.replace('wac_database "%%DATABASE%%";', "")
    server.write_conf(off)
    server.reload(wait_for_old=True)
    assert Terminal(server.port, "D1").poll().body == b"site"
    wait_for(lambda: not database.sessions(), what="the sessions' end")
    server.write_conf(CONF)
    server.reload(wait_for_old=True)
    assert Terminal(server.port, "D1").punch().response_code == "OK"


@pytest.mark.skipif("TEST_WAC_ASAN" in os.environ,
                    reason="the sanitizer keeps freed memory for a while")
def test_memory_of_the_master(nginx, database):
    """A reload gives back what the configuration before it took."""
    server = nginx(CONF)

    def resident_kib():
        with open(f"/proc/{server.master.pid}/status") as file:
            (line,) = [line for line in file if line.startswith("VmRSS")]
        return int(line.split()[1])

    for _ in range(5):
        server.reload(wait_for_old=True)
    before = resident_kib()
    for _ in range(20):
        server.reload(wait_for_old=True)
    assert resident_kib() - before < 2048
