"""wac-sim fk against nginx: what simulated terminals send arrives once. And
its command line."""

import collections
import socket
import subprocess

import pytest

from wac.sim import WAC_SIM, sim, sim_until

CONF = """
%%TEST_GLOBALS%%
events { worker_connections 2048; }
http {
    %%TEST_GLOBALS_HTTP%%
    wac_database "%%DATABASE%%";
    wac_time_zone UTC;
    wac_enrolment open;
    server {
        listen 127.0.0.1:%%PORT%%;
        location / { wac_fk on; }
    }
}
"""

LIBRARIES = ("FKDataHS100", "FKDataHS101", "FKDataHS102", "FKDataHS103",
             "FKDataHS105", "FKDataHS200")


def usage_error(*options):
    run = subprocess.run([WAC_SIM, *map(str, options)], capture_output=True,
                         text=True, timeout=10)
    assert run.returncode == 2, run
    assert run.stderr.startswith("wac-sim: usage: "), run
    assert run.stdout == "", run
    return run.stderr


# ---- against nginx ----

@pytest.fixture(scope="module")
def server(module_nginx):
    return module_nginx(CONF)


@pytest.fixture
def database(server, module_database):
    return module_database.emptied()


def rows_of(database):
    """Each row of a punch as what makes it one; none may be there twice."""
    rows = [(row["sn"], row["enrollid"], row["record_time"])
            for row in database.punches()]
    assert len(rows) == len(set(rows))
    return rows


def test_punches_of_many_devices_arrive_once(server, database):
    summary = sim(server.port, "--sn", "GATE", "--devices", 20, "--backlog",
                  5, "--rate", 100, "--duration", "2s", "--interval", "500ms")
    rows = rows_of(database)
    assert summary["devices"] == 20
    assert summary["complete"] is True
    assert summary["punches_made"] > 100
    assert len(rows) == summary["punches_acked"] == summary["punches_made"]
    assert summary["punches_waiting"] == summary["resends"] == 0
    assert {sn for sn, _, _ in rows} == {f"GATE{i:02}" for i in range(1, 21)}
    assert summary["refused"] == {} and summary["errors"] == 0
    times = summary["punch_ms"]
    assert 0 < times["p50"] <= times["p95"] <= times["max"]
    assert sum(row["resends"] for row in database.punches()) == 0


def test_backlog_drains(server, database):
    summary = sim(server.port, "--sn", "OLD", "--devices", 3, "--backlog", 100,
                  "--polls", 1)
    assert summary["punches_sent"] == summary["punches_acked"] == 300
    assert summary["polls"] == 3
    per_device = collections.Counter(sn for sn, _, _ in rows_of(database))
    assert per_device == {"OLD1": 100, "OLD2": 100, "OLD3": 100}


@pytest.mark.parametrize("library", LIBRARIES)
def test_library(server, database, library):
    sim(server.port, "--sn", library, "--library", library, "--backlog", 4,
        "--polls", 1)
    rows = database.punches()
    assert [row["method"] for row in rows] == ["finger"] * 4
    packed = library[-3:] in ("102", "103", "105")
    assert [row["direction"] for row in rows] == (
        ["in", "out", "in", "out"] if packed else [None] * 4)


@pytest.mark.parametrize("options", [
    ("--terminator", "lfnul"), ("--terminator", "none"), ("--no-blk",),
    ("--no-second-content-type",), ("--absolute-target",),
    ("--counts-as-strings",), ("--task-id-header", "cmd_id")])
def test_dialect(server, database, options):
    summary = sim(server.port, "--backlog", 3, "--polls", 1, *options)
    assert summary["errors"] == 0 and summary["refused"] == {}
    assert len(rows_of(database)) == 3


def test_images(server, database):
    sim(server.port, "--backlog", 3, "--polls", 1, "--image")
    photos = database.query("SELECT content FROM wac_photos")
    assert len(photos) == 3
    assert all(bytes(row["content"]).startswith(b"\xff\xd8") for row in photos)


def test_clock_offset(server, database):
    sim(server.port, "--sn", "FAST", "--polls", 1, "--clock-offset", 3600)
    assert abs(database.device("FAST")["clock_skew_s"] - 3600) < 60


@pytest.mark.parametrize("fault", ["close-mid-body=0.3", "resend-punch=0.5",
                                   "two-polls=0.5,foreign-result=0.5"])
def test_faults_lose_and_double_nothing(server, database, fault):
    summary = sim(server.port, "--sn", "BAD", "--devices", 20, "--backlog", 5,
                  "--polls", 2, "--interval", "200ms", "--fault", fault)
    assert len(rows_of(database)) == summary["punches_acked"] == 100
    assert set(summary["faults"]) == {each.split("=")[0]
                                      for each in fault.split(",")}
    if fault.startswith("resend-punch"):
        resends = sum(row["resends"] for row in database.punches())
        assert summary["resends"] == resends > 0


def test_same_seed_same_faults(server, database):
    faults = [sim(server.port, "--sn", f"S{number}", "--backlog", 50, "--polls",
                  1, "--fault", "resend-punch=0.5", "--seed", seed)["faults"]
              for number, seed in enumerate((7, 7, 8))]
    assert faults[0] == faults[1] != faults[2]


def test_refused_punches(server, database):
    """A blocked terminal keeps its punches, and that is a failure."""
    database.add_device("BLOCKED", state="blocked")
    summary = sim_until(lambda: database.device("BLOCKED")["refusals"] > 1,
                        server.port, "--sn", "BLOCKED", "--backlog", 2,
                        status=1)
    assert summary["complete"] is True
    assert summary["punches_sent"] == 1 and summary["punches_waiting"] == 2
    assert summary["refused"]["ERROR"] == 1 + summary["resends"]
    assert rows_of(database) == []


def test_summary_for_people(server, database):
    run = subprocess.run(
        [WAC_SIM, "fk", "--url", f"http://127.0.0.1:{server.port}/",
         "--backlog", "2", "--polls", "1", "--verbose"],
        capture_output=True, text=True, timeout=30)
    assert run.returncode == 0
    assert "2 sent, 2 acknowledged, 0 waiting" in run.stdout
    lines = run.stderr.splitlines()
    assert len(lines) == 3
    assert lines[0].startswith("WACSIM1 realtime_glog: OK, ")
    assert lines[2].startswith("WACSIM1 receive_cmd: ERROR_NO_CMD, ")


# ---- the command line ----

@pytest.mark.parametrize("options", [
    (), ("walk",), ("fk", "--fly"), ("fk", "--devices", 0),
    ("fk", "--devices", "many"), ("fk", "--interval", "soon"),
    ("fk", "--interval", "0"), ("fk", "--rate", "-1"),
    ("fk", "--library", "FKDataHS999"), ("fk", "--block-size", 0),
    ("fk", "--terminator", "cr"), ("fk", "--fault", "fire=1"),
    ("fk", "--fault", "slow"), ("fk", "--fault", "slow=2"),
    ("fk", "--error", "SET_TIME"), ("fk", "--error", "SET_TIME=a b"),
    ("fk", "--polls", 1, "--duration", "1s"), ("fk", "--url", "ftp://x/"),
    ("fk", "--url", "https://127.0.0.1/"), ("fk", "--url", "http://"),
    ("fk", "--url", "http://127.0.0.1:0/"), ("fk", "--sn", "two words"),
    ("fk", "--sn", "x" * 33), ("fk", "--users", 0, "--rate", 1)])
def test_usage_errors(options):
    usage_error(*options)


def test_too_many_devices_are_refused():
    run = subprocess.run(
        ["sh", "-c", f"ulimit -n 100; exec {WAC_SIM} fk --devices 90"],
        capture_output=True, text=True, timeout=10)
    assert run.returncode == 2
    assert "need 122 open files, and this process may have 100" in run.stderr


def test_nobody_listens():
    with socket.socket() as mute:  # bound, so that nobody else listens there
        mute.bind(("127.0.0.1", 0))
        summary = sim(mute.getsockname()[1], "--polls", 2, "--interval",
                      "50ms")
    assert summary["connect_failures"] == summary["polls"] == 2
    assert summary["errors"] == 0
