"""Results too large for one transaction: acknowledged when they are kept,
taken in bit by bit beside everything else that goes on, exactly once
whatever dies meanwhile."""

import contextlib
import datetime
import os
import signal
import threading

import pytest

from wac import fk_rows
from wac.terminal import (FK_INFO, Connection, Terminal, frame,
                          request_bytes)
from wac.wait import wait_for

CONF = """
%%TEST_GLOBALS%%
events { }
http {
    %%TEST_GLOBALS_HTTP%%
    wac_database "%%DATABASE%%";
    wac_timeout %%TIMEOUT%%;
    client_max_body_size 32m;
    server {
        listen 127.0.0.1:%%PORT%% reuseport;
        location / { wac_fk on; }
        location = /pid { return 200 $pid; }
    }
}
"""

SN = "D0000000000000A1"
MANY = 100_000
FIRST = datetime.datetime(2026, 1, 1, 8, 0, 0)
MEBIBYTE = 1024 * 1024


@pytest.fixture
def start(nginx, database):
    database.add_device(SN)

    def start(timeout="5s"):
        return nginx(CONF, workers=2, TIMEOUT=timeout)

    return start


def sent(terminal, database, cmd_code, lib="FKDataHS101", **columns):
    """A command that the terminal has."""
    trans_id = database.queue(terminal.dev_id, cmd_code, **columns)
    reply = terminal.poll(info={**FK_INFO, "fk_bin_data_lib": lib})
    assert reply.header("trans_id") == trans_id, reply
    return trans_id


def log_body(count):
    """One punch a second, of a hundred people."""
    return fk_rows.log_body([
        fk_rows.hs103_log(f"{number % 100:04}",
                          FIRST + datetime.timedelta(seconds=number))
        for number in range(count)])


def user_body(count):
    return fk_rows.user_list_body([
        fk_rows.hs101_user(number) for number in range(1, count + 1)])


def wait_for_the_end(database, trans_id, timeout=180):
    def ended():
        row = database.command(trans_id)
        return row["trans_status"] != "sent" and row

    return wait_for(ended, timeout, "the result to be taken in")


def check_counts(row, count):
    assert (row["trans_status"], row["return_code"], row["failure"]) \
        == ("succeeded", "OK", None)
    assert (row["records"], row["records_new"], row["records_invalid"]) \
        == (count, count, 0)
    assert row["result"]["stored"] \
        == {"records": count, "new": count, "invalid": 0}
    assert row["result_raw"] is None and not row["result_bin"]
    assert row["late_at"] is None


def check_logs(database, trans_id, count):
    """Each of log_body() is there once, and nobody looked at it twice."""
    check_counts(wait_for_the_end(database, trans_id), count)
    assert database.one(
        "SELECT count(*) AS rows, count(DISTINCT record_time) AS times,"
        " min(record_time) AS first, max(record_time) AS last,"
        " count(*) FILTER (WHERE enrollid <> lpad((extract(epoch FROM"
        "     record_time - %s)::int %% 100)::text, 4, '0')) AS wrong,"
        " sum(resends) AS resends"
        "  FROM wac_attendance_logs WHERE sn = %s", (FIRST, SN)) == {
            "rows": count, "times": count, "first": FIRST,
            "last": FIRST + datetime.timedelta(seconds=count - 1),
            "wrong": 0, "resends": 0}
    assert database.blocks() == []


def check_users(database, trans_id, count):
    check_counts(wait_for_the_end(database, trans_id), count)
    assert database.one(
        "SELECT count(*) AS rows, min(enrollid::int) AS first,"
        " max(enrollid::int) AS last FROM wac_users WHERE sn = %s", (SN,)) \
        == {"rows": count, "first": 1, "last": count}
    assert database.blocks() == []


class Bystander(threading.Thread):
    """Another device, which polls and punches all the time."""

    def __init__(self, port, dev_id):
        super().__init__(daemon=True)
        self.terminal = Terminal(port, dev_id)
        self.punched = 0
        self.wrong = []
        self._stop_event = threading.Event()

    def run(self):
        while not self._stop_event.is_set() and not self.wrong:
            try:
                self._turn()
            except (OSError, AssertionError) as error:
                self.wrong.append(repr(error))

    def _turn(self):
        moment = FIRST + datetime.timedelta(seconds=self.punched)
        for reply, answer in (
                (self.terminal.poll(), "ERROR_NO_CMD"),
                (self.terminal.punch(io_time=f"{moment:%Y%m%d%H%M%S}"),
                 "OK")):
            if reply.response_code != answer:
                self.wrong.append(str(reply))
                return
        self.punched += 1

    def stop(self):
        self._stop_event.set()
        self.join(60)
        assert not self.is_alive(), "a terminal hears nothing"


@contextlib.contextmanager
def bystanders(server, database):
    """While the block runs, others hear what they should hear, and what
    they send is stored."""
    names = ["B1", "B2", "B3"]
    for sn in names:
        database.add_device(sn)
    threads = [Bystander(server.port, sn) for sn in names]
    for thread in threads:
        thread.start()
    try:
        yield threads
    finally:
        for thread in threads:
            thread.stop()
    for sn, thread in zip(names, threads):
        assert thread.wrong == []
        assert thread.punched > 0
        assert len(database.punches(sn)) == thread.punched


# ---- all of it -------------------------------------------------------------

def in_parts(terminal, trans_id, body):
    return terminal.result_in_parts(trans_id, body)


def in_one_request(terminal, trans_id, body):
    return terminal.result(trans_id, body)


@pytest.mark.parametrize("upload", [in_parts, in_one_request])
@pytest.mark.parametrize("cmd_code, lib, make_body, check", [
    ("GET_USER_ID_LIST", "FKDataHS101", user_body, check_users),
    ("GET_LOG_DATA", "FKDataHS103", log_body, check_logs),
], ids=["users", "logs"])
def test_a_hundred_thousand(start, database, upload, cmd_code, lib, make_body,
                            check):
    server = start()
    terminal = Terminal(server.port, SN)
    trans_id = sent(terminal, database, cmd_code, lib)
    body = make_body(MANY)
    with bystanders(server, database) as others:
        reply = upload(terminal, trans_id, body)
        assert (reply.response_code, reply.header("trans_id")) \
            == ("OK", trans_id)
        row = database.command(trans_id)
        assert row["result_received_at"] is not None
        wait_for_the_end(database, trans_id)
        done = [thread.punched for thread in others]
        wait_for(lambda: all(thread.punched > before or thread.wrong
                             for thread, before in zip(others, done)),
                 what="the others to go on")
    check(database, trans_id, MANY)
    assert terminal.poll().response_code == "ERROR_NO_CMD"


def test_polls_while_it_is_taken_in(start, database):
    """The terminal does not wait for the tables: what it hears is the next
    command, and never the answered one again."""
    server = start()
    terminal = Terminal(server.port, SN)
    trans_id = sent(terminal, database, "GET_USER_ID_LIST")
    with database.connect() as holder, holder.transaction():
        holder.execute("LOCK TABLE wac_users IN EXCLUSIVE MODE")
        row_comes = threading.Thread(
            target=terminal.result, args=(trans_id, user_body(5000)))
        row_comes.start()
        wait_for(lambda: database.command(trans_id)["result_raw"],
                 what="the result to be kept")
        assert terminal.poll().response_code == "ERROR_NO_CMD"
        following = database.queue(SN, "GET_DEVICE_STATUS")
        assert terminal.poll().header("trans_id") == following
        assert terminal.result(following).response_code == "OK"
        assert database.command(trans_id)["trans_status"] == "sent"
    row_comes.join()
    check_users(database, trans_id, 5000)
    assert database.command(trans_id)["attempts"] == 1


def test_acknowledged_when_it_is_kept(start, database):
    """OK also when wac_timeout passes before all is taken in."""
    server = start(timeout="3s")
    terminal = Terminal(server.port, SN)
    trans_id = sent(terminal, database, "GET_LOG_DATA", "FKDataHS103")
    with database.connect() as holder, holder.transaction():
        holder.execute("LOCK TABLE wac_attendance_logs IN EXCLUSIVE MODE")
        reply = terminal.result(trans_id, log_body(3000))
        assert (reply.response_code, reply.header("trans_id")) \
            == ("OK", trans_id)
        row = database.command(trans_id)
        assert row["trans_status"] == "sent"
        assert row["result_raw"] is not None
    check_logs(database, trans_id, 3000)


def test_second_result_while_the_first_is_taken_in(start, database):
    server = start(timeout="3s")
    terminal = Terminal(server.port, SN)
    trans_id = sent(terminal, database, "GET_LOG_DATA", "FKDataHS103")
    with database.connect() as holder, holder.transaction():
        holder.execute("LOCK TABLE wac_attendance_logs IN EXCLUSIVE MODE")
        for body in (log_body(3000), log_body(2000), b"", b"?"):
            assert terminal.result(trans_id, body).response_code == "OK"
    check_logs(database, trans_id, 3000)
    assert database.count("wac_quarantine") == 0


def test_two_results_at_once(start, database):
    """Both find the command unanswered: the row decides."""
    server = start()
    terminal = Terminal(server.port, SN)
    trans_id = sent(terminal, database, "GET_LOG_DATA", "FKDataHS103")
    threads = [threading.Thread(target=terminal.result,
                                args=(trans_id, log_body(3000)))
               for _ in range(4)]

    def waiting():
        return len(database.query(
            "SELECT FROM pg_stat_activity WHERE datname = %s "
            "AND wait_event_type = 'Lock' AND state = 'active'",
            (database.name,)))

    with database.connect() as holder, holder.transaction():
        holder.execute("SELECT FROM wac_commands FOR UPDATE")
        # one first: a worker that meets all of them at once sends one batch
        threads[0].start()
        wait_for(waiting, what="a session to wait")
        for thread in threads[1:]:
            thread.start()
        wait_for(lambda: waiting() >= 2, what="two sessions to wait")
    for thread in threads:
        thread.join()
    check_logs(database, trans_id, 3000)


def test_cancelled_while_it_is_taken_in(start, database):
    server = start(timeout="3s")
    terminal = Terminal(server.port, SN)
    trans_id = sent(terminal, database, "GET_USER_ID_LIST")
    with database.connect() as holder, holder.transaction():
        holder.execute("LOCK TABLE wac_users IN EXCLUSIVE MODE")
        assert terminal.result(trans_id, user_body(3000)) \
            .response_code == "OK"
        database.set_command(trans_id, trans_status="'cancelled'")
    wait_for(lambda: database.command(trans_id)["late_at"],
             what="the late result to be taken in")
    row = database.command(trans_id)
    assert (row["trans_status"], row["records"], row["result_raw"]) \
        == ("cancelled", 3000, None)
    assert database.count("wac_users") == 3000


@pytest.mark.parametrize("body", [
    bytes(range(256)) * 8192,
    fk_rows.user_list_body([fk_rows.hs101_user(7)] * 200_000,
                           user_id_count=200_001),
    frame({"user_id_count": 2_000_000, "one_user_id_size": 1,
           "user_id_array": "BIN_2"}, bytes(2_000_000)),
], ids=["garbage", "miscounted", "no array"])
def test_malformed(start, database, body):
    server = start()
    terminal = Terminal(server.port, SN)
    trans_id = sent(terminal, database, "GET_USER_ID_LIST")
    assert terminal.result(trans_id, body).response_code == "OK"
    row = wait_for_the_end(database, trans_id)
    assert row["trans_status"] == "failed"
    assert row["failure"]
    assert row["result_bin"] == [body]
    assert row["result_raw"] is None
    assert database.count("wac_users") == 0


# ---- whoever dies ----------------------------------------------------------

def worker_that_takes(server, trans_id, body):
    """Sends a result, and says which worker has it: (pid, thread)."""
    connection = Connection(server.port)
    connection.send(b"GET /pid HTTP/1.1\r\nHost: x\r\n\r\n")
    pid = int(connection.reply().body)

    def send():
        with contextlib.suppress(OSError), connection:
            connection.send(request_bytes(
                "send_cmd_result", SN, body, version="1.1", task_id=trans_id,
                cmd_return_code="OK"))
            connection.reply()

    thread = threading.Thread(target=send, daemon=True)
    thread.start()
    return pid, thread


def kill(server, pid):
    server.allow_log(rf"worker process {pid} exited on signal 9")
    os.kill(pid, signal.SIGKILL)


def kill_all(server):
    wait_for(lambda: len(server.worker_pids()) == 2, what="both workers")
    for pid in server.worker_pids():
        kill(server, pid)


def session_pids(database):
    return {session["pid"] for session in database.sessions()}


def expire_lease(database, trans_id, sessions=()):
    """When these sessions have ended (PostgreSQL brings to an end what a dead
    worker had asked for), the rest is for whoever looks next: upkeep, which
    is due."""
    wait_for(lambda: not session_pids(database).intersection(sessions),
             what="the dead workers' sessions to end")
    database.execute("UPDATE wac_upkeep SET ran_at = '-infinity'")
    database.execute("UPDATE wac_commands SET taken_in_until = now() "
                     "WHERE trans_id = %s AND result_raw IS NOT NULL",
                     (trans_id,))


# The rows behind the first ones wait until somebody lets go.
HALF_WAY = """
CREATE FUNCTION half_way() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM wac_commands WHERE records > 0) THEN
        PERFORM pg_advisory_xact_lock_shared(1);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER half_way BEFORE INSERT ON wac_attendance_logs
    FOR EACH STATEMENT EXECUTE FUNCTION half_way()
"""


@contextlib.contextmanager
def half_way(server, database, count):
    """While the block runs, some rows of a result are in the table and some
    are not: (trans_id, the pid of the worker that has it). At its end the
    sender has its answer, or will have none."""
    with database.connect() as holder:
        holder.execute(HALF_WAY)
        holder.execute("SELECT pg_advisory_lock(1)")
        trans_id = sent(Terminal(server.port, SN), database, "GET_LOG_DATA",
                        "FKDataHS103")
        pid, thread = worker_that_takes(server, trans_id, log_body(count))
        wait_for(lambda: database.command(trans_id)["records"] > 0,
                 what="the first rows")
        yield trans_id, pid
    thread.join(60)


def kill_half_way(server, database, count):
    """The worker dies with some rows in the table and some not. The command's
    trans_id."""
    with half_way(server, database, count) as (trans_id, pid):
        sessions = session_pids(database)
        kill(server, pid)
        wait_for(lambda: pid not in server.worker_pids(), what="its death")
    wait_for(lambda: sessions - session_pids(database) and not any(
        session["state"] == "active" for session in database.sessions()),
        what="PostgreSQL to end what the dead worker had asked for")
    row = database.one(
        "SELECT trans_status, records, (SELECT count(*) FROM"
        " wac_attendance_logs) AS rows FROM wac_commands WHERE trans_id = %s",
        (trans_id,))
    assert 0 < row["records"] < count
    assert (row["trans_status"], row["rows"]) == ("sent", row["records"])
    return trans_id


def test_another_worker_goes_on_when_the_lease_of_20_s_ends(start, database):
    """Takes half a minute: nobody may touch the answer before the dead
    worker's lease on it has run out, and upkeep comes every five seconds."""
    server = start()
    trans_id = kill_half_way(server, database, 50_000)
    before = database.one(
        "SELECT records, taken_in_until FROM wac_commands "
        "WHERE trans_id = %s AND taken_in_until > now()", (trans_id,))

    def goes_on():
        row = database.command(trans_id)
        return row["records"] > before["records"]

    with bystanders(server, database):
        wait_for(goes_on, 60, "somebody else to go on")
        assert database.value("SELECT now() AS now") \
            > before["taken_in_until"]
        wait_for_the_end(database, trans_id)
    check_logs(database, trans_id, 50_000)


def test_all_workers_die(start, database):
    """The lease is cut short here."""
    server = start()
    trans_id = kill_half_way(server, database, 50_000)
    sessions = session_pids(database)
    kill_all(server)
    expire_lease(database, trans_id, sessions)
    check_logs(database, trans_id, 50_000)


def test_worker_dies_right_after_its_ok(start, database):
    server = start(timeout="3s")
    terminal = Terminal(server.port, SN)
    trans_id = sent(terminal, database, "GET_USER_ID_LIST")
    with database.connect() as holder, holder.transaction():
        holder.execute("LOCK TABLE wac_users IN EXCLUSIVE MODE")
        assert terminal.result(trans_id, user_body(20_000)) \
            .response_code == "OK"
        sessions = session_pids(database)
        kill_all(server)
        row = database.command(trans_id)
        assert (row["trans_status"], row["records"]) == ("sent", 0)
    expire_lease(database, trans_id, sessions)
    check_users(database, trans_id, 20_000)


def test_postgresql_restarts_half_way(nginx, own_cluster):
    cluster, database = own_cluster()
    database.add_device(SN)
    server = nginx(CONF, database=database, workers=2, TIMEOUT="5s")
    with half_way(server, database, 50_000) as (trans_id, _):
        cluster.restart()
    assert database.command(trans_id)["records"] < 50_000
    expire_lease(database, trans_id)
    check_logs(database, trans_id, 50_000)
    server.quit()


def test_reload_half_way(start, database):
    """An old worker need not stay for it."""
    server = start()
    old = set(server.worker_pids())
    with half_way(server, database, 50_000) as (trans_id, _):
        sessions = session_pids(database)
        server.reload()
    wait_for(lambda: not old & set(server.worker_pids()), 60,
             "the old workers to go")
    expire_lease(database, trans_id, sessions)
    check_logs(database, trans_id, 50_000)


# ---- memory ----------------------------------------------------------------

def resident_mebibytes(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        (line,) = [line for line in file if line.startswith("VmRSS:")]
    return int(line.split()[1]) / 1024


@pytest.mark.skipif("TEST_WAC_ASAN" in os.environ
                    or "TEST_WAC_VALGRIND" in os.environ,
                    reason="they keep freed memory")
def test_memory(start, database):
    """Three results of 10 MB, one after the other; the rows are all alike,
    so that the table does not take long."""
    server = start()
    terminal = Terminal(server.port, SN)
    body = fk_rows.log_body([fk_rows.hs103_log("7", FIRST)] * 218_000)
    assert len(body) > 9.9 * MEBIBYTE
    for _ in range(3):
        trans_id = sent(terminal, database, "GET_LOG_DATA", "FKDataHS103")
        assert terminal.result(trans_id, body).response_code == "OK"
        row = wait_for_the_end(database, trans_id)
        assert (row["trans_status"], row["records"]) == ("succeeded", 218_000)
    assert database.punches()[0]["resends"] == 3 * 218_000 - 1
    for pid in server.worker_pids():
        assert resident_mebibytes(pid) < 150
