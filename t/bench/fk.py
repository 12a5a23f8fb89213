"""The FK dialect over HTTP: what `run` prints of it.

  (a) durable punches, one a request, 64 keep-alive connections, beside
      pgbench: 64 clients, each transaction one prepared single-row
      INSERT … ON CONFLICT DO UPDATE into the same table; nginx keeps no
      access log, as pgbench and PostgreSQL keep none of each transaction;
  (b) the same punches with a new HTTP/1.0 connection each, beside nginx's
      own "return 200"; once more with ab, which posts one body over and over:
      the first is stored, all others are its resends;
  (c) polls that find no command, keep-alive and a connection each, beside
      "return 200";
  (d) polls that find no command while 100,000 further devices are
      registered, and while 1,000 commands wait for others of them, each
      beside the same polls without.

Every punch's answer must be OK and every OK a row, else the bench fails.
"""

import json
import pathlib
import re
import subprocess
import tempfile

from machine import Failed, compare, peak_kb, print_comparison
from wac import paths
from wac.nginx import Nginx
from wac.terminal import frame, glog

HERE = pathlib.Path(__file__).resolve().parent

CONNECTIONS = 64
DEVICES = 1000

CONF = """
load_module %%MODULE%%;
daemon off;
worker_processes %%WORKERS%%;
pid %%TMP%%/nginx.pid;
error_log %%TMP%%/error.log notice;

events {
    worker_connections 1024;
}

http {
    %%TEST_GLOBALS_HTTP%%
    access_log off;
    keepalive_requests 10000000;
    wac_database "%%DATABASE%%";

    server {
        listen 127.0.0.1:%%PORT%%;

        location / {
            wac_fk on;
        }

        location = /return {
            return 200;
        }
    }
}
"""

# like the module, it binds what was received and lets the server read it
RAW = ('{"fk_bin_data_lib":"FKDataHS101","io_mode":1,'
       '"io_time":"20260105000000","log_image":null,"user_id":"100000001",'
       '"verify_mode":1}')

PGBENCH = r"""
\set n :n + 1
\set row :n * 64 + :client_id
\set device :row % {devices}
INSERT INTO wac_attendance_logs AS l (sn, enrollid, record_time,
    record_instant, mode, "inout", verifymode, method, direction, protocol,
    raw)
VALUES ('BENCH' || :device::int, :row::bigint::text,
    timestamp '2026-01-05' + :n::int * interval '1 s',
    (timestamp '2026-01-05' + :n::int * interval '1 s') AT TIME ZONE 'UTC',
    1, 1, 1, 'finger', 'in', 'fk', :raw::jsonb)
ON CONFLICT ON CONSTRAINT wac_attendance_logs_once
    DO UPDATE SET resends = l.resends + 1;
"""


class Bench:
    def __init__(self, options, cluster, database, nginx):
        self.options = options
        self.cluster = cluster
        self.database = database
        self.url = f"http://127.0.0.1:{nginx.port}"
        self.temporary = tempfile.TemporaryDirectory(prefix="wac-bench-")
        self.scripts = pathlib.Path(self.temporary.name)

    # ---- the legs: each returns something a second ------------------------

    def fresh_table(self):
        """The same start for every leg."""
        self.database.execute("TRUNCATE wac_attendance_logs")
        with self.cluster.connect("postgres") as connection:
            connection.execute("CHECKPOINT")

    def wrk(self, kind, connection, expected, path="/"):
        run = subprocess.run(
            ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{self.options.seconds}s",
             "--timeout", "30s", "-s", HERE / "fk.lua", self.url + path, "--",
             kind, connection, expected, str(DEVICES)],
            capture_output=True, text=True)
        found = re.search(r"^BENCH (.*)$", run.stdout, re.M)
        if not found:
            raise Failed(f"wrk:\n{run.stdout}{run.stderr}")
        counts = json.loads(found[1])
        if counts["wrong"] or counts["connect_errors"] \
                or counts["socket_errors"] or not counts["right"]:
            raise Failed(f"{kind}, {connection}, {path}: {counts}")
        return counts["right"], counts["right"] / counts["seconds"]

    def punches(self, connection, expected="OK"):
        """With expected "rows" wrk takes every 200 for an OK: a refusal among
        them is a row too few."""
        self.fresh_table()
        acknowledged, rate = self.wrk("punch", connection, expected)
        rows = self.database.count("wac_attendance_logs")
        # wrk goes home at the end of its time without hearing the answers to
        # what it sent last, one a connection
        if not acknowledged <= rows <= acknowledged + CONNECTIONS:
            raise Failed(f"{acknowledged} acknowledged, {rows} rows")
        if self.database.value(
                "SELECT coalesce(sum(resends), 0) FROM wac_attendance_logs"):
            raise Failed("distinct punches were taken for resends")
        return rate

    def polls(self, connection):
        return self.wrk("poll", connection, "ERROR_NO_CMD")[1]

    def polls_among(self, devices=0, commands=0):
        """With so many devices that do not poll, and commands for them."""
        self.database.execute("DELETE FROM wac_commands")
        self.database.execute("DELETE FROM wac_devices WHERE sn LIKE 'OTHER%'")
        self.database.execute(
            "INSERT INTO wac_devices (sn, protocol, state) SELECT "
            "'OTHER' || n, 'fk', 'approved' FROM generate_series(1, %s) n",
            (max(devices, commands),))
        self.database.execute(
            "INSERT INTO wac_commands (sn, cmd_code) SELECT "
            "'OTHER' || n, 'GET_DEVICE_STATUS' FROM generate_series(1, %s) n",
            (commands,))
        with self.cluster.connect(self.database.name) as connection:
            connection.execute("VACUUM ANALYZE wac_devices, wac_commands")
            connection.execute("CHECKPOINT")
        return self.polls("keep")

    def returns(self, kind, connection):
        return self.wrk(kind, connection, "-", "/return")[1]

    def pgbench(self):
        self.fresh_table()
        script = self.scripts / "insert.sql"
        script.write_text(PGBENCH.format(devices=DEVICES))
        run = subprocess.run(
            [paths.POSTGRES_BIN / "pgbench", "-n", "-M", "prepared",
             "-c", str(CONNECTIONS), "-j", "2",
             "-D", "n=0", "-D", f"raw={RAW}",
             "-T", str(self.options.seconds), "-f", script,
             "-h", self.cluster.directory, "-p", str(self.cluster.port),
             "-U", "wac", self.database.name],
            capture_output=True, text=True)
        rate = re.search(r"^tps = ([0-9.]+)", run.stdout, re.M)
        done = re.search(r"actually processed: (\d+)", run.stdout)
        if run.returncode or not rate:
            raise Failed(f"pgbench:\n{run.stdout}{run.stderr}")
        rows = self.database.count("wac_attendance_logs")
        if rows != int(done[1]):
            raise Failed(f"pgbench did {done[1]} transactions, {rows} rows")
        return float(rate[1])

    def ab(self, path):
        body = self.scripts / "punch"
        body.write_bytes(frame(glog()))
        if path == "/":
            self.fresh_table()
        run = subprocess.run(
            ["ab", "-q", "-c", str(CONNECTIONS), "-n", "100000000",
             "-t", str(self.options.seconds), "-p", body,
             "-T", "application/octet-stream",
             "-H", "request_code: realtime_glog", "-H", "dev_id: BENCH0",
             self.url + path], capture_output=True, text=True)
        done = re.search(r"^Complete requests: +(\d+)", run.stdout, re.M)
        rate = re.search(r"^Requests per second: +([0-9.]+)", run.stdout, re.M)
        failed = re.search(r"^Failed requests: +(\d+)", run.stdout, re.M)
        if not rate or int(failed[1]) or "Non-2xx" in run.stdout:
            raise Failed(f"ab:\n{run.stdout}{run.stderr}")
        if path == "/":
            counted = self.database.one(
                "SELECT count(*) AS n, sum(resends) + 1 AS copies "
                "FROM wac_attendance_logs")
            if counted["n"] != 1 or not 0 <= (
                    counted["copies"] - int(done[1])) <= CONNECTIONS:
                raise Failed(f"ab: {done[1]} answers, counted {counted}")
        return float(rate[1])

    def compare(self, ours, theirs):
        return compare(ours, theirs, self.options.rounds)


COMPARISONS = [
    ("punches_keepalive", "pgbench",
     "(a) punches/s, keep-alive, beside pgbench's transactions",
     lambda bench: bench.compare(lambda: bench.punches("keep", "rows"),
                                 bench.pgbench)),
    ("punches_close", "return 200",
     "(b) punches/s, HTTP/1.0, a connection each (wrk)",
     lambda bench: bench.compare(lambda: bench.punches("close"),
                                 lambda: bench.returns("punch", "close"))),
    ("resends_close", "return 200",
     "(b) resends/s of one punch, HTTP/1.0, a connection each (ab)",
     lambda bench: bench.compare(lambda: bench.ab("/"),
                                 lambda: bench.ab("/return"))),
    ("polls_keepalive", "return 200",
     "(c) empty polls/s, keep-alive",
     lambda bench: bench.compare(lambda: bench.polls("keep"),
                                 lambda: bench.returns("poll", "keep"))),
    ("polls_close", "return 200",
     "(c) empty polls/s, HTTP/1.0, a connection each",
     lambda bench: bench.compare(lambda: bench.polls("close"),
                                 lambda: bench.returns("poll", "close"))),
    ("polls_100k_devices", "without",
     "(d) empty polls/s, keep-alive, 100,000 further devices registered",
     lambda bench: bench.compare(lambda: bench.polls_among(devices=100000),
                                 bench.polls_among)),
    ("polls_1000_commands", "without",
     "(d) empty polls/s, keep-alive, 1,000 commands queued for others",
     lambda bench: bench.compare(lambda: bench.polls_among(commands=1000),
                                 bench.polls_among)),
]


def run(options, cluster, database, say):
    database.execute(
        "INSERT INTO wac_devices (sn, protocol, state) SELECT "
        "'BENCH' || n, 'fk', 'approved' FROM generate_series(0, %s) n",
        (DEVICES - 1,))
    nginx = Nginx(CONF, database.conninfo, workers=options.workers)
    try:
        nginx.start()
        say(f"\nFK: nginx worker_processes {options.workers}, "
            f"{CONNECTIONS} connections, {DEVICES} devices")
        bench = Bench(options, cluster, database, nginx)
        result = {}
        for name, other, title, comparison in COMPARISONS:
            if options.only and options.only not in name:
                continue
            result[name] = {**comparison(bench), "beside": other}
            print_comparison(title, result[name], say)
        result["worker_peak_rss_kb"] = max(map(peak_kb, nginx.worker_pids()))
        result["master_peak_rss_kb"] = peak_kb(nginx.master.pid)
        say(f"\npeak RSS: worker process {result['worker_peak_rss_kb']} kB, "
            f"master {result['master_peak_rss_kb']} kB")
        nginx.quit()
        nginx.check_logs()
        return result
    finally:
        nginx.remove()
