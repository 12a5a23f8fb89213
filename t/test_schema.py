"""A database without the schema, or with one that this build does not know:
nginx says so, tells terminals to try again, and serves as soon as it is
migrated."""

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


def complaints(server):
    """Of the one worker that runs now."""
    (worker,) = server.worker_pids()
    return [line for line in server.error_log().splitlines()
            if "wacctl migrate" in line and f" {worker}#" in line]


def refuses(terminal):
    return (terminal.punch().response_code == "ERROR_DB_ACCESS"
            and terminal.poll().response_code == "ERROR_DB_CONNECT")


def test_not_migrated(nginx, empty_database, wacctl):
    server = nginx(CONF)
    terminal = Terminal(server.port, SN)
    for _ in range(10):
        assert refuses(terminal)
    wait_for(lambda: complaints(server), what="a line in the log")
    assert len(complaints(server)) == 1
    wacctl("migrate")
    wait_for(lambda: terminal.punch().response_code == "OK", 30)
    assert terminal.poll().response_code == "ERROR_NO_CMD"
    assert len(empty_database.punches()) == 1


def test_schema_from_the_future(nginx, database):
    """A newer wacctl migrated it; this build must not guess."""
    database.execute(
        "INSERT INTO wac_schema_migrations "
        "SELECT (json_populate_record(m, json_build_object("
        "'version', m.version + 1000))).* FROM wac_schema_migrations m "
        "ORDER BY version DESC LIMIT 1")
    server = nginx(CONF)
    assert refuses(Terminal(server.port, SN))
    wait_for(lambda: "schema" in server.error_log(), what="a line in the log")
    assert database.count("wac_attendance_logs") == 0


def test_every_table_is_closed_to_other_roles(database):
    """Row level security without a policy, on each table of ours."""
    rows = database.query(
        "SELECT relname, relrowsecurity FROM pg_class "
        "WHERE relkind IN ('r', 'p') AND relname LIKE 'wac!_%' ESCAPE '!' "
        "AND relnamespace = 'public'::regnamespace")
    assert len(rows) >= 12
    assert [row["relname"] for row in rows if not row["relrowsecurity"]] == []
    assert database.query("SELECT * FROM pg_policies") == []
