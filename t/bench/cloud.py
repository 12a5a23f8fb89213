"""The cloud dialect over WebSocket, through nginx and wac-worker: what `run`
prints of it.

  (a) memory: what a registered, idle session takes in wac-worker, and in
      nginx, of 4,000;
  (b) durable sendlogs of one record, 200 terminals, each with one under way,
      beside a plain Node.js server (node_server/: ws and pg, a pool of 20,
      one INSERT … ON CONFLICT a record, committed before the reply) that is
      asked directly, without nginx; and beside the same with its statement
      prepared;
  (c) durable sendlogs of 50 records, in records, beside psql's \\copy of the
      very same rows into the same table, as one transaction;
  (d) a command's way: from its commit in wac_commands to its frame at the
      terminal's socket, with two wac-workers, nothing else to do, and
      terminals at both.

The load of (a) to (c) is cloud_load.cpp. Every answer must be result:true
and every record a row, else the bench fails.
"""

import base64
import json
import os
import pathlib
import re
import shutil
import socket
import statistics
import struct
import subprocess
import tempfile
import threading
import time

from machine import Failed, compare, print_comparison
from wac import paths
from wac.nginx import Nginx
from wac.wait import wait_for
from wac.worker import Worker

HERE = pathlib.Path(__file__).resolve().parent

SESSIONS = 4000
DEVICES = 200
COMMANDS = 600
COMMAND_TERMINALS = 20

CONF = """
load_module %%MODULE%%;
daemon off;
worker_processes %%WORKERS%%;
worker_rlimit_nofile 12000;
pid %%TMP%%/nginx.pid;
error_log %%TMP%%/error.log notice;

events {
    worker_connections 11900;
}

http {
    %%TEST_GLOBALS_HTTP%%
    wac_database "%%DATABASE%%";

    upstream wac_workers {
        zone wac_workers 128k;
        least_conn;
        %%SERVERS%%
    }

    server {
        listen 127.0.0.1:%%PORT%% backlog=4096 so_keepalive=5m:30s:4;

        location / {
            proxy_pass http://wac_workers;
            proxy_http_version 1.1;
            proxy_set_header Upgrade $http_upgrade;
            proxy_set_header Connection upgrade;
            proxy_set_header Host $host;
            proxy_set_header X-Real-IP $remote_addr;
            proxy_read_timeout 1h;
            proxy_buffer_size %%BUFFER%%;
            proxy_busy_buffers_size 16k;
        }
    }
}
"""

# what both sides of (c) write; the rest has its default
COLUMNS = ('sn, enrollid, name, record_time, record_instant, mode, "inout", '
           "event, verifymode, method, direction, temperature, log_id, "
           "photo_id, latitude, longitude, protocol, raw")


class Served:
    """nginx in front of so many wac-workers."""

    def __init__(self, options, database, workers=1, buffer="1k"):
        self.workers = [Worker(database, enrolment="open",
                               log_level="notice", socket_mode="0666")
                        for _ in range(workers)]
        servers = "\n".join(f"server unix:{worker.socket};"
                            for worker in self.workers)
        self.nginx = Nginx(CONF, database.conninfo, workers=options.workers,
                           SERVERS=servers, BUFFER=buffer)

    def __enter__(self):
        for worker in self.workers:
            worker.start()
        self.nginx.start()
        return self

    def __exit__(self, failed, *_):
        try:
            self.nginx.stop()
            for worker in self.workers:
                worker.stop()
            if not failed:
                for worker in self.workers:
                    worker.check()
                self.nginx.check_logs()
        finally:
            self.nginx.remove()
            for worker in self.workers:
                worker.remove()

    @property
    def port(self):
        return self.nginx.port


class NodeServer:
    def __init__(self, directory, database, prepared):
        self.port = paths.free_port()
        settings = {"host": str(database.cluster.directory),
                    "port": database.cluster.port, "user": "wac",
                    "database": database.name}
        self.process = subprocess.Popen(
            ["node", "server.js"], cwd=directory, stdout=subprocess.PIPE,
            text=True, env={**os.environ, "PORT": str(self.port),
                            "NODE_ENV": "production",
                            "PREPARED": "1" if prepared else "",
                            "DATABASE": json.dumps(settings)})

    def __enter__(self):
        if self.process.stdout.readline() != "ready\n":
            raise Failed("the Node.js server does not start")
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(10)


class Bench:
    def __init__(self, options, cluster, database, directory):
        self.options = options
        self.cluster = cluster
        self.database = database
        self.directory = directory
        self.load_program = directory / "cloud_load"
        self.loads = []

    def prepare(self):
        self.compile("cloud_load")

    def compile(self, name):
        build = subprocess.run(
            ["g++", "-O2", "-std=c++20", "-o", self.directory / name,
             HERE / f"{name}.cpp"], capture_output=True, text=True)
        if build.returncode:
            raise Failed(f"{name}.cpp:\n{build.stderr}")

    def fresh_table(self):
        """The same start for every leg."""
        self.database.execute("TRUNCATE wac_attendance_logs")
        with self.cluster.connect("postgres") as connection:
            connection.execute("CHECKPOINT")

    def add_terminals(self, prefix, count):
        self.database.execute(
            "INSERT INTO wac_devices (sn, protocol, state) SELECT %s || n, "
            "'cloud', 'approved' FROM generate_series(0, %s) n "
            "ON CONFLICT DO NOTHING", (prefix, count - 1))
        with self.cluster.connect(self.database.name) as connection:
            connection.execute("VACUUM ANALYZE wac_devices")

    # ---- sendlogs ---------------------------------------------------------

    def load(self, port, records):
        """What cloud_load counted; each of its frames is in the table."""
        self.fresh_table()
        run = subprocess.run(
            [self.load_program, "load", str(port), "/", "BENCH",
             str(DEVICES), str(records), str(self.options.seconds)],
            capture_output=True, text=True)
        if run.returncode:
            raise Failed(run.stderr)
        found = json.loads(run.stdout)
        rows = self.database.count("wac_attendance_logs")
        if rows != found["frames"] * records:
            raise Failed(f"{found['frames']} answers to {records} records "
                         f"each, {rows} rows")
        if self.database.value("SELECT coalesce(sum(resends), 0) FROM "
                               "wac_attendance_logs"):
            raise Failed("distinct records were taken for resends")
        self.loads.append(found)
        return found["frames_in_time"] * records / found["seconds"]

    def node_server(self, prepared):
        directory = self.directory / "node_server"
        if not directory.exists():
            shutil.copytree(HERE / "node_server", directory,
                            ignore=shutil.ignore_patterns("node_modules"))
            npm = subprocess.run(
                ["npm", "install", "--no-audit", "--no-fund"],
                cwd=directory, capture_output=True, text=True)
            if npm.returncode:
                raise Failed(f"npm:\n{npm.stderr}")
        return NodeServer(directory, self.database, prepared)

    def copy(self):
        """The rows that the leg before has left, once more."""
        file = self.directory / "rows.csv"
        self.psql(rf"\copy wac_attendance_logs ({COLUMNS}) to '{file}' csv")
        rows = self.database.count("wac_attendance_logs")
        self.fresh_table()
        start = time.monotonic()
        self.psql(rf"\copy wac_attendance_logs ({COLUMNS}) from '{file}' csv")
        seconds = time.monotonic() - start
        if self.database.count("wac_attendance_logs") != rows:
            raise Failed("\\copy has lost rows")
        file.unlink()
        return rows / seconds

    def psql(self, command):
        run = subprocess.run(
            [paths.POSTGRES_BIN / "psql", "-X", "-q", "-v", "ON_ERROR_STOP=1",
             "-d", self.database.conninfo, "-c", command],
            capture_output=True, text=True)
        if run.returncode:
            raise Failed(f"psql:\n{run.stderr}")

    def load_summary(self):
        last = self.loads[-1]
        return (f"an answer after {last['p50_ms']:.1f} ms (p50), "
                f"{last['p99_ms']:.1f} ms (p99); the load itself used "
                f"{100 * last['cpu_seconds'] / last['seconds']:.0f}% of a "
                "processor")


# ---- (a) ------------------------------------------------------------------

def memory_kb(pids):
    """Resident and proportional memory of processes, together."""
    sums = {"Rss": 0, "Pss": 0}
    for pid in pids:
        text = pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text()
        for name in sums:
            sums[name] += int(re.search(rf"^{name}:\s+(\d+)", text, re.M)[1])
    return sums


def keep_sessions(bench, port, count, prefix):
    idle = subprocess.Popen(
        [bench.load_program, "idle", str(port), "/", prefix, str(count)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    if idle.stdout.readline() != "registered\n":
        raise Failed(f"{count} sessions were not all registered")
    return idle


def release_sessions(bench, idle):
    idle.stdin.close()
    idle.wait(30)
    wait_for(lambda: not bench.database.value(
        "SELECT count(*) FROM wac_devices WHERE session_worker IS NOT NULL"),
        60, "the sessions to end")


def measure_idle(bench, buffer):
    with Served(bench.options, bench.database, buffer=buffer) as served:
        # what the first sessions cost once is not what each costs
        release_sessions(bench, keep_sessions(bench, served.port, 20, "IDLE"))
        pids = {"worker": [served.workers[0].pid],
                "nginx": served.nginx.worker_pids()}
        before = {name: memory_kb(pids[name]) for name in pids}
        idle = keep_sessions(bench, served.port, SESSIONS, "IDLE")
        online = bench.database.value(
            "SELECT count(*) FROM wac_devices WHERE sn LIKE 'IDLE%%' "
            "AND status = 'online'")
        if online != SESSIONS:
            raise Failed(f"{online} of {SESSIONS} sessions are online")
        after = {name: memory_kb(pids[name]) for name in pids}
        release_sessions(bench, idle)
        return {f"{name}_{kind.lower()}_kb": round(
            (after[name][kind] - before[name][kind]) / SESSIONS, 2)
                for name in pids for kind in after[name]}


def idle_sessions(bench, say):
    bench.add_terminals("IDLE", SESSIONS)
    result = {"sessions": SESSIONS}
    say(f"\n(a) resident memory of an idle session, of {SESSIONS}")
    for buffer in ("1k", "4k"):
        found = measure_idle(bench, buffer)
        result[f"buffer_{buffer}"] = found
        say(f"    wac-worker {found['worker_rss_kb']:.1f} kB "
            f"(Pss {found['worker_pss_kb']:.1f})   nginx, proxy_buffer_size "
            f"{buffer}: {found['nginx_rss_kb']:.1f} kB "
            f"(Pss {found['nginx_pss_kb']:.1f})")
    return result


# ---- (b), (c) -------------------------------------------------------------

def sendlog_one(bench, say, prepared=False):
    if not shutil.which("npm"):
        say("\n(b) is left out: there is no npm")
        return {}
    bench.add_terminals("BENCH", DEVICES)
    with Served(bench.options, bench.database) as served, \
            bench.node_server(prepared) as node:
        found = compare(lambda: bench.load(served.port, 1),
                        lambda: bench.load(node.port, 1),
                        bench.options.rounds)
        found["beside"] = "Node.js"
        print_comparison("(b) records/s, one a sendlog, beside a plain "
                         "Node.js server" + (
                             " with a prepared statement" if prepared else ""),
                         found, say)
        say(f"    Node.js: {bench.load_summary()}")
        return found


def sendlog_fifty(bench, say):
    bench.add_terminals("BENCH", DEVICES)
    with Served(bench.options, bench.database) as served:
        found = compare(lambda: bench.load(served.port, 50), bench.copy,
                        bench.options.rounds)
        found["beside"] = "COPY"
        print_comparison("(c) records/s, 50 a sendlog, beside COPY of the "
                         "same rows", found, say)
        say(f"    wac: {bench.load_summary()}")
        return found


# ---- (d) ------------------------------------------------------------------

class Terminal:
    """One that answers commands, and tells when they came."""

    def __init__(self, port, sn):
        self.sn = sn
        self.came = threading.Event()
        self.came_at = None
        self._socket = socket.create_connection(("127.0.0.1", port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._file = self._socket.makefile("rb")
        key = base64.b64encode(os.urandom(16)).decode()
        self._socket.sendall(
            f"GET / HTTP/1.1\r\nHost: bench\r\nUpgrade: websocket\r\n"
            f"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            f"Sec-WebSocket-Key: {key}\r\n\r\n".encode())
        while self._file.readline() not in (b"\r\n", b""):
            pass
        self._send({"cmd": "reg", "sn": sn, "devinfo": {}})
        if not self._receive().startswith(b'{"ret":"reg","result":true'):
            raise Failed(f"{sn} was not registered")
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _send(self, message, opcode=1):
        data = message if isinstance(message, bytes) else json.dumps(
            message).encode()
        head = bytes([0x80 | opcode, 0x80 | len(data)]) if len(data) < 126 \
            else struct.pack(">BBH", 0x80 | opcode, 0xFE, len(data))
        self._socket.sendall(head + bytes(4) + data)  # the mask is 0

    def _receive(self):
        """The next message; pings are answered. None at the end."""
        while True:
            head = self._file.read(2)
            if len(head) < 2 or head[0] & 0x0F == 8:
                return None
            length = head[1] & 0x7F
            if length == 126:
                length, = struct.unpack(">H", self._file.read(2))
            data = self._file.read(length)
            if head[0] & 0x0F != 9:
                return data
            self._send(data, 10)

    def _serve(self):
        while (message := self._receive()) is not None:
            at = time.perf_counter()
            message = json.loads(message)
            if "cmd" in message:
                self._send({"ret": message["cmd"], "sn": self.sn,
                            "result": True, "time": "2026-01-05 00:00:00"})
                self.came_at = at
                self.came.set()

    def close(self):
        self._socket.shutdown(socket.SHUT_RDWR)
        self._thread.join(10)
        self._file.close()
        self._socket.close()


def percentile(values, percent):
    return sorted(values)[min(len(values) - 1, len(values) * percent // 100)]


def give_commands(bench, terminals):
    """Milliseconds from the begin of each INSERT, and from its commit, to the
    frame. Each waits until the command before has been completed."""
    from_insert, from_commit = [], []
    with bench.database.connect() as connection:
        for number in range(COMMANDS):
            terminal = terminals[number % len(terminals)]
            terminal.came.clear()
            begun = time.perf_counter()
            trans_id = connection.execute(
                "INSERT INTO wac_commands (sn, cmd_code, native) "
                "VALUES (%s, 'gettime', true) RETURNING trans_id",
                (terminal.sn,)).fetchone()["trans_id"]
            committed = time.perf_counter()
            if not terminal.came.wait(10):
                raise Failed(f"{terminal.sn} got no command")
            from_insert.append(1000 * (terminal.came_at - begun))
            # the frame may overtake the client's word of the commit
            from_commit.append(1000 * max(0, terminal.came_at - committed))
            wait_for(lambda trans_id=trans_id: connection.execute(
                "SELECT trans_status FROM wac_commands WHERE trans_id = %s",
                (trans_id,)).fetchone()["trans_status"] == "succeeded",
                10, "the command to be completed")
    return from_insert, from_commit


def command_latency(bench, say):
    bench.add_terminals("CMD", COMMAND_TERMINALS)
    with Served(bench.options, bench.database, workers=2) as served:
        terminals = [Terminal(served.port, f"CMD{n}")
                     for n in range(COMMAND_TERMINALS)]
        holders = bench.database.query(
            "SELECT session_worker, count(*) AS terminals FROM wac_devices "
            "WHERE session_worker IS NOT NULL GROUP BY 1")
        if len(holders) != 2:
            raise Failed(f"not two workers hold terminals: {holders}")
        from_insert, from_commit = give_commands(bench, terminals)
        for terminal in terminals:
            terminal.close()
    result = {"commands": COMMANDS}
    say(f"\n(d) {COMMANDS} commands to {COMMAND_TERMINALS} terminals at two "
        "workers, ms to the frame at the socket")
    for name, times in (("from the commit", from_commit),
                        ("from the begin of the INSERT", from_insert)):
        found = {"p50": round(statistics.median(times), 2),
                 "p99": round(percentile(times, 99), 2),
                 "most": round(max(times), 2)}
        result[name.replace(" ", "_").lower()] = found
        say(f"    {name}: p50 {found['p50']:.2f}   p99 {found['p99']:.2f}   "
            f"most {found['most']:.2f}")
    return result


COMPARISONS = [
    ("idle_sessions", idle_sessions),
    ("sendlog_one", sendlog_one),
    ("sendlog_one_prepared",
     lambda bench, say: sendlog_one(bench, say, prepared=True)),
    ("sendlog_fifty", sendlog_fifty),
    ("command_latency", command_latency),
]


def run(options, cluster, database, say):
    with tempfile.TemporaryDirectory(prefix="wac-bench-") as directory:
        bench = Bench(options, cluster, database, pathlib.Path(directory))
        bench.prepare()
        say(f"\ncloud: nginx worker_processes {options.workers}, {DEVICES} "
            "terminals with one sendlog under way each")
        return {name: comparison(bench, say)
                for name, comparison in COMPARISONS
                if not options.only or options.only in name}
