"""What fails while cloud terminals send over WebSocket: every acknowledged
record is in the database exactly once, and the terminals are served again
without anybody's help. And terminals that resend without end."""

import collections
import json
import signal
import threading

import pytest

from wac import cloud
from wac.cloud import punch, sendlog, senduser
from wac.cloud_load import CloudLoad
from wac.load import check_every_one_stored_once
from wac.wait import wait_for
from wac.worker import accepts_connections

CONF = """
%%TEST_GLOBALS%%
worker_rlimit_nofile 8192;
worker_shutdown_timeout 1s;
events { worker_connections 4096; }
http {
    %%TEST_GLOBALS_HTTP%%
    upstream workers {
        server unix:%%FIRST%% max_fails=0;
        server unix:%%SECOND%% max_fails=0;
    }
    server {
        listen 127.0.0.1:%%PORT%% backlog=1024;
        location / {
            proxy_pass http://workers;
            proxy_http_version 1.1;
            proxy_set_header Upgrade $http_upgrade;
            proxy_set_header Connection upgrade;
            proxy_buffer_size 4k;
            proxy_read_timeout 1h;
        }
    }
}
"""

SN = "ZX0006800001"
THOUSAND = [f"D{number:04}" for number in range(1000)]
SOME = THOUSAND[:60]


@pytest.mark.parametrize("mode", ["immediate", "fast"])
def test_database_restarts_under_a_thousand(own_cluster, pair, mode):
    """Nobody is disconnected for it: terminals hear "try again"."""
    cluster, database = own_cluster()
    # enough for all to be let in at once, which nobody is to be refused
    served = pair(CONF, database=database, timeout="30s")
    served.allow_lost_database()
    with CloudLoad(served.url(), THOUSAND, pause_s=0.5) as load:
        load.wait_each(timeout=180)
        cluster.stop(mode)
        wait_for(lambda: load.refused >= 100, 60, "refusals")
        cluster.start()
        load.wait_each(timeout=180)
        assert load.closed == []
        assert all(terminal.registered == 1 for terminal in load.terminals)
        # at once; but if it was away for 20 s its upkeep may be the first
        wait_for(lambda: database.value(
            "SELECT count(*)::int FROM wac_devices "
            "WHERE status = 'online'") == len(THOUSAND), 30,
            "all to be online")
    check_every_one_stored_once(load, database)
    wait_for(lambda: database.value(
        "SELECT count(*)::int FROM wac_devices "
        "WHERE status = 'online'") == 0, 30, "all to be offline")


def test_database_away_for_long(own_cluster, pair):
    """Terminals come, go and send meanwhile; what the database says of them
    is right afterwards."""
    cluster, database = own_cluster()
    served = pair(CONF, database=database, timeout="2s")
    served.allow_lost_database()
    with served.terminal("STAYS") as stays:
        leaves = served.terminal("LEAVES")
        cluster.stop()
        leaves.connection.abort()
        assert stays.punch()["result"] is False
        with served.connect() as comes:
            comes.send(cloud.compact(cloud.reg("COMES")))
            assert json.loads(comes.recv())["result"] is False
            cluster.start()
            wait_for(lambda: tries(comes, cloud.reg("COMES")), 30,
                     "the third to be let in")
            wait_for(lambda: stays.punch()["result"], 30,
                     "the database to be back")
            served.wait_offline("LEAVES", 60)
            served.wait_online("STAYS")
            served.wait_online("COMES")
    assert len(database.punches()) == 1


def tries(connection, frame):
    connection.send(cloud.compact(frame))
    return json.loads(connection.recv())["result"]


def wait_closed(load, count):
    """An acknowledgement after it may have been on its way before."""
    wait_for(lambda: len(load.closed) >= count, 60,
             f"{count} connections to have ended")


def test_worker_stops_under_load(pair, database):
    """What is under way is answered; sockets close with 1001; the terminals
    come to the other worker, whose turn it is then."""
    served = pair(CONF)
    served.allow_missing_sockets()
    with CloudLoad(served.url(), SOME) as load:
        load.wait_each()
        held = database.value("SELECT count(*)::int FROM wac_devices "
                              "WHERE session_worker LIKE %s",
                              (f"%-{served.first.pid}-%",))
        assert 0 < held < len(SOME)
        assert served.first.stop(signal.SIGTERM) == 0
        wait_closed(load, held)
        load.wait_each()
        assert collections.Counter(load.closed) == {1001: held}
        served.first.start()
        assert served.second.stop(signal.SIGTERM) == 0
        wait_closed(load, held + len(SOME))
        load.wait_each()
        assert set(load.closed) == {1001}
        assert load.refused == 0
    check_every_one_stored_once(load, database)


def test_worker_killed_under_load(pair, database):
    served = pair(CONF)
    with CloudLoad(served.url(), SOME) as load:
        load.wait_each()
        for victim in (served.first, served.second):
            closed = len(load.closed)
            victim.kill()
            wait_closed(load, closed + 1)
            load.wait_each()
            victim.start()
        assert set(load.closed) == {1006}
    check_every_one_stored_once(load, database)


def insert_waits(database):
    return database.query(
        "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' "
        "AND datname = %s", (database.name,))


def test_worker_stops_with_a_record_in_flight(pair, database):
    """It is committed and acknowledged before the connection closes; what
    came after it is neither."""
    served = pair(CONF, timeout="60s", drain_timeout="60s")
    served.allow_missing_sockets()
    with served.terminal(SN) as terminal:
        holder = served.holder(SN)
        with database.connect() as lock, lock.transaction():
            lock.execute("LOCK TABLE wac_attendance_logs IN EXCLUSIVE MODE")
            terminal.send(sendlog(SN, [punch(number=1)]))
            wait_for(lambda: insert_waits(database), what="the insert")
            holder.send_signal(signal.SIGTERM)
            wait_for(lambda: not accepts_connections(holder.socket),
                     what="it to listen no more")
            terminal.send(sendlog(SN, [punch(number=2)]))
            with served.terminal("OTHER") as other:  # at the other worker
                assert other.connection.open
        assert terminal.reply()["result"] is True
        assert terminal.connection.wait_closed() == 1001
        assert holder.wait() == 0
    (row,) = database.punches()
    assert f"{row['record_time']:%F %T}" == cloud.moment(1)


def test_worker_killed_with_a_record_in_flight(pair, database):
    """Committed, and nobody left to say so."""
    served = pair(CONF)
    with served.terminal(SN) as terminal:
        with database.connect() as lock, lock.transaction():
            lock.execute("LOCK TABLE wac_attendance_logs IN EXCLUSIVE MODE")
            terminal.send(sendlog(SN, [punch()]))
            wait_for(lambda: insert_waits(database), what="the insert")
            served.holder(SN).kill()
            assert terminal.connection.wait_closed() == 1006
        with served.terminal(SN) as again:
            assert again.punch()["result"] is True
    # whichever of the two inserts is the first
    wait_for(lambda: [row["resends"] for row in database.punches()] == [1],
             what="both to be committed")


def test_nginx_reloads_under_load(pair, database):
    """Old nginx processes let their connections go after a second."""
    served = pair(CONF)
    with CloudLoad(served.url(), SOME) as load:
        load.wait_each()
        served.nginx.reload(wait_for_old=True)
        wait_for(lambda: all(terminal.registered > 1
                             for terminal in load.terminals), 60,
                 "all to have come back")
        load.wait_each()
        assert all(terminal.registered == 2 for terminal in load.terminals)
    check_every_one_stored_once(load, database)


def test_sessions_killed_under_load(pair, database):
    """An operator's pg_terminate_backend, again and again."""
    served = pair(CONF)
    served.allow_lost_database()
    with CloudLoad(served.url(), SOME) as load:
        load.wait_each()
        for _ in range(10):
            database.query("SELECT pg_terminate_backend(pid) "
                           "FROM pg_stat_activity WHERE datname = %s "
                           "AND pid <> pg_backend_pid()", (database.name,))
            load.wait_acknowledged(100)
        assert load.closed == []
    check_every_one_stored_once(load, database)


# ---- storms (cloud-json.md 1.1) --------------------------------------------

class Storm(threading.Thread):
    """Sends so many copies in bursts, not waiting for an answer in between;
    each is answered in the end."""

    def __init__(self, terminal, frame, copies, burst):
        super().__init__(daemon=True)
        self.terminal = terminal
        self.text = cloud.compact(frame)
        self.copies = copies
        self.burst = burst
        self.answers = []
        self.error = None

    def run(self):
        try:
            while len(self.answers) < self.copies:
                count = min(self.burst, self.copies - len(self.answers))
                for _ in range(count):
                    self.terminal.send(self.text)
                for _ in range(count):
                    self.answers.append(self.terminal.reply())
        except Exception as error:  # noqa: BLE001 - shown by the test
            self.error = error


def rage(served, frame, copies, burst):
    """How often another terminal of the same worker was answered while the
    storm went on."""
    with served.terminal(SN) as terminal:
        storm = Storm(terminal, frame, copies, burst)
        other = served.terminal("OTHER")
        number = 0
        with other:
            storm.start()
            while storm.is_alive():
                assert other.punch(number=number)["result"] is True
                number += 1
            storm.join()
        assert storm.error is None
        assert len(storm.answers) == copies
        for answer in storm.answers:
            assert (answer["ret"], answer["result"]) == (frame["cmd"], True)
    return number


def test_storm_of_a_batch(pair, database):
    """448 transmissions of one batch, twelve to sixteen in a second."""
    served = pair(CONF)
    records = [punch(number, number) for number in (1, 2, 3)]
    answered = rage(served, sendlog(SN, records, 13), 448, 16)
    assert answered > 1
    stored = database.punches(SN)
    assert len(stored) == 3
    assert [row["resends"] for row in stored] == [447] * 3
    assert len(database.punches("OTHER")) == answered


def test_storm_of_a_credential(pair, database):
    """2898 identical ones; one row that was written once."""
    served = pair(CONF)
    answered = rage(served, senduser(SN, 7, 0, "00aa(50)bb" * 80), 2898, 32)
    assert answered > 1
    row = database.one("SELECT * FROM wac_credentials")
    assert row["record"] == "00aa(50)bb" * 80
    assert database.value("SELECT count(*) FROM wac_users") == 1


def test_a_flood_is_held_back(pair, database):
    """Messages that have no answer, as fast as they can be sent: no more of
    them are read than can be stored."""
    served = pair(CONF, timeout="60s")  # the lock is no error
    with served.terminal(SN) as terminal:
        holder = served.holder(SN)
        before = holder.resident_bytes()
        text = cloud.compact({"cmd": "sendgps", "sn": SN,
                              "location": "x" * 20000})
        with database.connect() as lock, lock.transaction():
            lock.execute("LOCK TABLE wac_events IN EXCLUSIVE MODE")
            sender = threading.Thread(
                target=lambda: [terminal.connection.send(text, timeout=60)
                                for _ in range(1000)], daemon=True)
            sender.start()
            with served.terminal("OTHER") as other:
                for number in range(20):
                    assert other.punch(number=number)["result"] is True
            assert sender.is_alive()
            assert holder.resident_bytes() - before < 8 << 20
        sender.join(60)
        assert terminal.punch()["result"] is True
    assert database.count("wac_events") == 1000
