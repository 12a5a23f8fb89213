"""An nginx worker dies at any instant: nothing acknowledged is lost, nothing
is doubled, and its successor serves on."""

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
LOST = {"ConnectionError", "ConnectionResetError", "BrokenPipeError"}


def test_under_load(nginx, database):
    server = nginx(CONF, workers=2)
    with Load(server.port, DEVICES) as load:
        load.wait_acknowledged(50)
        for _ in range(4):
            server.kill_worker()
            load.wait_acknowledged(50)
    assert set(load.other_answers) <= LOST
    check_every_one_stored_once(load, database)


def test_with_a_record_in_flight(nginx, database):
    """Committed, and nobody left to say so."""
    server = nginx(CONF)
    terminal = Terminal(server.port, "D1")
    terminal.poll()
    with database.connect() as holder, holder.transaction():
        holder.execute("LOCK TABLE wac_attendance_logs IN EXCLUSIVE MODE")
        connection = Connection(server.port)
        connection.send(terminal.punch_request())
        wait_for(lambda: database.query(
            "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' "
            "AND datname = %s", (database.name,)), what="the insert")
        server.kill_worker()
    assert terminal.punch().response_code == "OK"
    wait_for(lambda: len(database.sessions()) <= 4,
             what="the dead worker's sessions to end")
    assert len(database.punches()) == 1
