"""The live feed: what it costs that dashboards listen, and what they get:
what `run` prints of it.

  (e) 10,000 records/s offered, one a sendlog, by 200 terminals to two
      wac-workers behind one nginx: how many are acknowledged while 100
      dashboards listen to everything, beside how many while none does; how
      many frames they get a second, how late, and who uses the processors;
  (f) the same with 10 records a sendlog;
  (g) how many records/s are acknowledged when terminals do not pause, while
      0, 1, 10 and 100 dashboards listen;
  (h) as (f), the dashboards at the workers' own sockets, through nginx, and
      through nginx with the proxy_buffer_size of terminals;
  (i) 10,000 telemetry rows/s by SQL, while 100 dashboards listen to telemetry
      alone: the only class that a slow one may lose something of.

The load is cloud_load.cpp, the dashboards are feed_load.cpp. A dashboard that
misses an event of another class than telemetry, or gets one twice, fails the
bench, and so does a record without an event; that something is slow never
does. A dashboard that is cut off for being slow comes back with the last id
that it has, as it must, and is counted.
"""

import contextlib
import hashlib
import json
import os
import pathlib
import statistics
import subprocess
import tempfile
import time

from cloud import DEVICES, Bench, Served
from machine import Failed, compare, print_comparison
from wac.wait import wait_for

RATE = 10000
SUBSCRIBERS = 100
TOKEN = "token-of-the-bench"
TELEMETRY_BATCH = 100  # rows an INSERT

# what carries the feed need not be as small as what carries terminals
BUFFER = "16k"

TICKS = os.sysconf("SC_CLK_TCK")


# ---- processor time -------------------------------------------------------

def cpu_of(pid):
    """Seconds that a process has used, with its children that have ended."""
    stat = pathlib.Path(f"/proc/{pid}/stat").read_text()
    fields = stat.rpartition(") ")[2].split()
    return sum(map(int, fields[11:15])) / TICKS


def children_of(pid):
    tasks = pathlib.Path(f"/proc/{pid}/task/{pid}/children")
    return [int(child) for child in tasks.read_text().split()]


class Processors:
    """What wac-worker, nginx and PostgreSQL use from now on."""

    def __init__(self, served, cluster):
        postmaster = cluster.process.pid
        self.pids = {"workers": [worker.pid for worker in served.workers],
                     "nginx": served.nginx.worker_pids(),
                     "postgresql": [postmaster, *children_of(postmaster)]}
        self.begun = time.monotonic()
        self.before = self.used()

    def used(self):
        sums = dict.fromkeys(self.pids, 0.0)
        for name, pids in self.pids.items():
            for pid in pids:
                with contextlib.suppress(FileNotFoundError):  # it has ended
                    sums[name] += cpu_of(pid)
        return sums

    def percent(self):
        seconds = time.monotonic() - self.begun
        return {name: round(100 * (used - self.before[name]) / seconds)
                for name, used in self.used().items()}


# ---- dashboards -----------------------------------------------------------

class Dashboards:
    """feed_load, from when each of them listens."""

    def __init__(self, bench, servers, count, since, types):
        self.count = count
        self.process = subprocess.Popen(
            [bench.directory / "feed_load", ",".join(map(str, servers)),
             TOKEN, str(count), str(since), *types], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        if self.process.stdout.readline() != "subscribed\n":
            raise Failed(self.process.communicate()[1])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()

    def finish(self, last):
        """What they got, up to the event `last`."""
        out, errors = self.process.communicate(f"{last}\n")
        if not out:
            raise Failed(errors)
        return json.loads(out)


def check_complete(found, count):
    if found["complete"] != count:
        raise Failed(f"{count - found['complete']} of {count} dashboards did "
                     f"not get the last event: {found}")
    if found["doubles"]:
        raise Failed(f"{found['doubles']} frames came twice")


class FeedBench(Bench):
    def prepare(self):
        super().prepare()
        self.compile("feed_load")
        self.database.execute(
            "INSERT INTO wac_api_tokens (name, token_hash, role) "
            "VALUES ('bench', %s, 'viewer')",
            (hashlib.sha256(TOKEN.encode()).digest(),))
        self.add_terminals("BENCH", DEVICES)

    def served(self, buffer=BUFFER):
        """Two workers; nobody that ran before is said to listen."""
        self.database.execute("DELETE FROM wac_feed_listeners")
        return Served(self.options, self.database, workers=2, buffer=buffer)

    def fresh_feed(self):
        """Nothing but the rest of what happened before; the last number that
        was given."""
        self.fresh_table()
        self.database.execute("TRUNCATE wac_feed_notices, wac_events, "
                              "wac_telemetry")
        wait_for(lambda: self.database.value(
            "SELECT wac_feed_advance(100000)") == 0, 60, "the feed")
        self.database.execute("TRUNCATE wac_feed")
        return self.database.value("SELECT last_id FROM wac_feed_state")

    def mark(self):
        return self.database.value(
            "INSERT INTO wac_events (sn, event_type, payload) "
            "VALUES ('bench', 'mark', '{}') RETURNING id")

    def number_of(self, mark):
        return wait_for(lambda: self.database.value(
            "SELECT max(id) FROM wac_feed WHERE kind = 'event' AND ref = %s",
            (mark,)), 60, "an event's number")

    def watched(self, served, produce, count, servers=None, types=()):
        """What `produce` found, and what dashboards got meanwhile."""
        since = self.fresh_feed()
        if count == 0:
            processors = Processors(served, self.cluster)
            found = produce()
            return found, {"cpu": processors.percent()}
        self.mark()
        with Dashboards(self, servers or [served.port], count, since,
                        types) as dashboards:
            if self.database.count("wac_feed_listeners") < min(2, count):
                raise Failed("not both workers have dashboards")
            processors = Processors(served, self.cluster)
            found = produce()
            ended = time.monotonic()
            cpu = processors.percent()
            last = self.number_of(self.mark())
            got = dashboards.finish(last)
            late = time.monotonic() - ended
        check_complete(got, count)
        cpu["dashboards"] = round(100 * got["cpu_seconds"]
                                  / (found["seconds"] + late))
        return found, {**got, "events": last - since, "cpu": cpu,
                       "late_seconds": round(late, 2),
                       "frames_per_second": round(
                           got["frames"] / (found["seconds"] + late))}

    # ---- sendlogs ---------------------------------------------------------

    def sendlogs(self, port, records, rate):
        run = subprocess.run(
            [self.load_program, "load", str(port), "/", "BENCH",
             str(DEVICES), str(records), str(self.options.seconds),
             *([str(rate)] if rate else [])], capture_output=True, text=True)
        if run.returncode:
            raise Failed(run.stderr)
        return json.loads(run.stdout)

    def ingest(self, served, count, records=1, rate=RATE, servers=None):
        """One leg: records/s, and all that was found."""
        load, got = self.watched(
            served, lambda: self.sendlogs(served.port, records, rate), count,
            servers)
        rows = self.database.count("wac_attendance_logs")
        if rows != load["frames"] * records:
            raise Failed(f"{load['frames']} answers to {records} records "
                         f"each, {rows} rows")
        if count:
            self.check_feed(rows, got)
        return {"records_per_second": round(
                    load["frames_in_time"] * records / load["seconds"]),
                "offered_percent": round(
                    100 * load["frames_in_time"] / load["offered"], 1),
                "answer_p50_ms": load["p50_ms"],
                "answer_p99_ms": load["p99_ms"], **got}

    def check_feed(self, rows, got):
        numbered = self.database.one(
            "SELECT count(*) AS events, count(DISTINCT ref) AS refs "
            "FROM wac_feed WHERE kind = 'attendance'")
        if numbered["events"] != rows or numbered["refs"] != rows:
            raise Failed(f"{rows} records are {numbered} of the feed")
        if got["missing"]:
            raise Failed(f"{got['missing']} events were missed")

    # ---- telemetry --------------------------------------------------------

    def telemetry(self):
        """Rows at RATE, as evenly as one session makes them."""
        rows = 0
        with self.database.connect() as connection:
            start = time.monotonic()
            while (passed := time.monotonic() - start) < self.options.seconds:
                if rows >= RATE * passed:
                    time.sleep(0.001)
                    continue
                connection.execute(
                    "INSERT INTO wac_telemetry (sn, payload) "
                    "SELECT 'BENCH' || n, '{\"temperature\": 23.5}' "
                    "FROM generate_series(1, %s) n", (TELEMETRY_BATCH,))
                rows += TELEMETRY_BATCH
        return {"seconds": passed, "rows": rows}


# ---- what is printed ------------------------------------------------------

def median_of(legs):
    """Of each figure; the sum of what must not be hidden by a median."""
    found = {}
    for name, value in legs[0].items():
        values = [leg[name] for leg in legs]
        if isinstance(value, dict):
            found[name] = median_of(values)
        elif name in ("missing", "doubles", "cuts"):
            found[name] = sum(values)
        else:
            found[name] = round(statistics.median(values), 1)
    return found


def users_of(cpu):
    return ", ".join(f"{name} {percent:.0f}%" for name, percent in cpu.items())


def say_delivery(found, say):
    say(f"    {found['frames_per_second']:.0f} frames/s to the dashboards, "
        f"all {found['events']:.0f} events to each; the last one "
        f"{found['late_seconds']:.1f} s after the load; cut off: "
        f"{found['cuts']}\n"
        f"    ms from receipt to the frame: p50 {found['p50_ms']:.0f}   p99 "
        f"{found['p99_ms']:.0f}   most {found['most_ms']:.0f}\n"
        f"    of a processor: {users_of(found['cpu'])}")


def paced(bench, say, letter, records):
    legs = {SUBSCRIBERS: [], 0: []}
    with bench.served() as served:
        def leg(count):
            legs[count].append(bench.ingest(served, count, records))
            return legs[count][-1]["records_per_second"]

        found = compare(lambda: leg(SUBSCRIBERS), lambda: leg(0),
                        bench.options.rounds)
    found["beside"] = "with none"
    with_all, with_none = (median_of(legs[n]) for n in (SUBSCRIBERS, 0))
    print_comparison(
        f"({letter}) records/s of {RATE} offered, {records} a sendlog, with "
        f"{SUBSCRIBERS} dashboards, beside none", found, say)
    for count, leg in ((SUBSCRIBERS, with_all), (0, with_none)):
        say(f"    with {count}: {leg['offered_percent']:.1f}% of what was "
            f"offered, an answer after {leg['answer_p50_ms']:.1f} ms (p50), "
            f"{leg['answer_p99_ms']:.1f} ms (p99)")
    say_delivery(with_all, say)
    say(f"    without dashboards: {users_of(with_none['cpu'])}")
    return {**found, "with": with_all, "without": with_none}


def closed_loop(bench, say):
    counts = (0, 1, 10, SUBSCRIBERS)
    legs = {count: [] for count in counts}
    with bench.served() as served:
        for _ in range(bench.options.rounds):
            for count in counts:
                legs[count].append(bench.ingest(served, count, rate=0))
    found = {count: median_of(legs[count]) for count in counts}
    say("\n(g) records/s, one a sendlog, as fast as they are acknowledged\n"
        "    dashboards  records/s  ratio   frames/s  p50 ms  p99 ms  "
        "late s  cut off")
    for count, leg in found.items():
        ratio = leg["records_per_second"] / found[0]["records_per_second"]
        line = f"    {count:10}  {leg['records_per_second']:9.0f}  {ratio:5.2f}"
        if count:
            line += (f"  {leg['frames_per_second']:9.0f}  "
                     f"{leg['p50_ms']:6.0f}  {leg['p99_ms']:6.0f}  "
                     f"{leg['late_seconds']:6.1f}  {leg['cuts']:7}")
        say(line)
    return {str(count): leg for count, leg in found.items()}


def ways(bench, say):
    found = {}
    say(f"\n(h) {RATE} records/s offered, 10 a sendlog, {SUBSCRIBERS} "
        "dashboards")
    for name, buffer in (("the workers' sockets", BUFFER),
                         (f"nginx, {BUFFER}", BUFFER), ("nginx, 1k", "1k")):
        with bench.served(buffer) as served:
            servers = None if name.startswith("nginx") else [
                worker.socket for worker in served.workers]
            leg = median_of([bench.ingest(served, SUBSCRIBERS, 10,
                                          servers=servers)
                             for _ in range(bench.options.rounds)])
        found[name] = leg
        say(f"  {name}: {leg['records_per_second']:.0f} records/s")
        say_delivery(leg, say)
    return found


def telemetry(bench, say):
    with bench.served() as served:
        load, got = bench.watched(served, bench.telemetry, SUBSCRIBERS,
                                  types=("telemetry", "mark"))
    rate = load["rows"] / load["seconds"]
    lost = 100 * got["missing"] / (load["rows"] * SUBSCRIBERS)
    say(f"\n(i) {rate:.0f} telemetry rows/s, {SUBSCRIBERS} dashboards that "
        f"listen to it alone: {lost:.2f}% lost")
    say_delivery(got, say)
    return {"rows_per_second": round(rate), "lost_percent": round(lost, 2),
            **got}


COMPARISONS = [
    ("feed_one", lambda bench, say: paced(bench, say, "e", 1)),
    ("feed_ten", lambda bench, say: paced(bench, say, "f", 10)),
    ("feed_closed_loop", closed_loop),
    ("feed_ways", ways),
    ("feed_telemetry", telemetry),
]


def run(options, cluster, database, say):
    with tempfile.TemporaryDirectory(prefix="wac-bench-") as directory:
        bench = FeedBench(options, cluster, database, pathlib.Path(directory))
        bench.prepare()
        say(f"\nfeed: nginx worker_processes {options.workers}, two "
            f"wac-workers, {DEVICES} terminals")
        return {name: comparison(bench, say)
                for name, comparison in COMPARISONS
                if not options.only or options.only in name}
