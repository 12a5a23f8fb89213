"""wac-sim cloud against peers that are none of ours: python3-websockets and
http.server. What simulated terminals send, how they carry out commands, how
they misbehave, and the command line."""

import collections
import json
import re
import signal
import socket
import subprocess
import threading

import pytest

from wac.sim import (WAC_SIM, CloudHttpPeer, CloudSocketPeer, cloud_answer,
                     cloud_sim, cloud_sim_running, end_cloud_sim)
from wac.wait import wait_for


@pytest.fixture
def peer():
    """Makes a peer: peer(commands, ..., kind=CloudHttpPeer)."""
    made = []

    def make(commands=(), kind=CloudSocketPeer, **options):
        made.append(kind(commands, **options))
        return made[-1]

    yield make
    for each in made:
        each.close()


both = pytest.mark.parametrize("kind", [CloudSocketPeer, CloudHttpPeer])


def assert_nothing_odd(summary):
    assert summary["complete"] is True
    assert summary["errors"] == summary["connect_failures"] == 0
    assert summary["refused"] == {}
    assert summary["punches_waiting"] == summary["unanswered"] == 0


# ---- what is sent ----

@both
def test_each_punch_is_sent_once(peer, kind):
    server = peer(kind=kind)
    summary = cloud_sim(server.url, "--sn", "GATE", "--devices", 10,
                        "--backlog", 7, "--batch", 3, "--rate", 200,
                        "--punches", 40)
    assert_nothing_odd(summary)
    assert summary["punches_acked"] == summary["punches_sent"] == 110
    records = server.records()
    assert len(records) == len(set(records)) == 110
    assert {sn for sn, _, _ in records} == {
        f"GATE{number:02}" for number in range(1, 11)}
    assert max(frame["count"] for frame in server.named("sendlog")) == 3
    assert summary["registered"] == len(server.named("reg")) == 10
    assert summary["resends"] == summary["links_lost"] == 0
    assert 0 < summary["punch_ms"]["p50"] <= summary["punch_ms"]["max"]


def test_logindex_counts_on(peer):
    server = peer()
    cloud_sim(server.url, "--logs", 100, "--backlog", 5, "--batch", 2,
              "--punches", 0)
    assert [(frame["logindex"], frame["count"])
            for frame in server.named("sendlog")] == [
                (100, 2), (102, 2), (104, 1)]


@both
@pytest.mark.parametrize("family,has_cpusn", [
    ("th", True), ("ai", False), ("bs", False)])
def test_families(peer, family, has_cpusn, kind):
    def answer(frame):
        return cloud_answer(frame) | (
            {"mark": True} if frame["cmd"] == "sendlog" else {})
    server = peer(kind=kind, answer=answer)
    cloud_sim(server.url + ("/pub/api" if kind is CloudHttpPeer else ""),
              "--family", family, "--backlog", 1, "--punches", 0)
    reg, = server.named("reg")
    assert ("cpusn" in reg) is has_cpusn
    assert ("facesize" in reg["devinfo"]) is not has_cpusn
    record, = server.named("sendlog")[0]["record"]
    assert ("verifymode" in record) is (family == "bs")
    if kind is CloudHttpPeer:
        assert set(server.paths) == {"/pub/api"}


def test_bs_over_http_wants_a_mark(peer):
    server = peer(kind=CloudHttpPeer)
    with cloud_sim_running(server.url, "--family", "bs", "--backlog",
                           1) as run:
        wait_for(lambda: len(server.named("sendlog")) > 1)
        summary = end_cloud_sim(run, status=1)
    assert summary["punches_acked"] == 0


def test_people_are_sent(peer):
    server = peer()
    summary = cloud_sim(server.url, "--users", 2, "--send-users", "--punches",
                        0)
    assert summary["enrolments_acked"] == 4
    frames = server.named("senduser")
    assert [(frame["enrollid"], frame["backupnum"]) for frame in frames] == [
        (1, 0), (1, 10), (1, 11), (2, 0)]
    assert frames[1]["record"] == 1234
    expanded = re.sub(r"\((\d+)\)", lambda run: "00" * int(run.group(1)),
                      frames[0]["record"])
    assert len(bytes.fromhex(expanded)) == 810


def test_photos_are_large_and_different(peer):
    server = peer()
    cloud_sim(server.url, "--family", "ai", "--backlog", 3, "--photo", 100000,
              "--punches", 0)
    images = [record["image"] for frame in server.named("sendlog")
              for record in frame["record"]]
    assert len(set(images)) == 3
    assert all(133000 < len(image) < 134000 and image.startswith("/9j/")
               for image in images)


def test_its_clock_is_set(peer):
    server = peer([{"cmd": "gettime"}])
    with cloud_sim_running(server.url, "--clock-offset", 86400) as run:
        wait_for(lambda: server.results)
        end_cloud_sim(run)
    assert server.results[0]["time"].startswith("2026-03-02 08:00:0")


@both
def test_checklives(peer, kind):
    server = peer(kind=kind)
    with cloud_sim_running(server.url, "--interval", "20ms") as run:
        wait_for(lambda: len(server.named("checklive")) > 3)
        summary = end_cloud_sim(run)
    assert summary["checklives"] > 3 and summary["errors"] == 0


# ---- the frames that carry it ----

@pytest.mark.parametrize("options,kind", [
    ((), str), (("--binary",), bytes), (("--fragment", 100), str),
    (("--fragment", 1, "--binary"), bytes)])
def test_frames(peer, options, kind):
    server = peer()
    summary = cloud_sim(server.url, "--backlog", 60, "--punches", 0, *options)
    assert_nothing_odd(summary)
    assert set(server.kinds) == {kind}
    assert len(server.records()) == 60
    wait_for(lambda: server.closed == [1000])


def test_path_and_headers(peer):
    server = peer()
    cloud_sim(server.url[:-3] + "/pub/chat?token=1", "--header", "X-Real-IP: "
              "10.0.0.1", "--punches", 0)
    (path, headers), = server.connections
    assert path == "/pub/chat?token=1"
    assert headers["X-Real-IP"] == "10.0.0.1"
    assert "Sec-WebSocket-Extensions" not in headers


@pytest.mark.parametrize("suffix,path", [("", "/ws"), (":/chat", "/chat")])
def test_unix_socket(peer, tmp_path, suffix, path):
    server = peer(unix=tmp_path / "s")
    assert_nothing_odd(cloud_sim(server.url + suffix, "--backlog", 5,
                                 "--punches", 0))
    assert server.connections[0][0] == path


@pytest.mark.parametrize("options,lost", [((), False), (("--no-pong",), True)])
def test_pings(peer, options, lost):
    """python3-websockets leaves a peer that does not pong in time."""
    server = peer(ping_interval=0.1, ping_timeout=1 if lost else 30)
    with cloud_sim_running(server.url, *options) as run:
        wait_for(lambda: len(server.connections) > 1 if lost
                 else len(server.kinds) > 0)
        if not lost:
            server.send({"cmd": "gettime"})
            wait_for(lambda: server.results)
        summary = end_cloud_sim(run)
    assert (summary["links_lost"] > 0) is lost
    assert (summary["pings"] > 0) or not lost


def test_many_idle_terminals(peer):
    """All at once, and quiet after the reg."""
    server = peer()
    with cloud_sim_running(server.url, "--devices", 500, "--ramp",
                           5000) as run:
        wait_for(lambda: len(server.named("reg")) == 500, 60)
        summary = end_cloud_sim(run)
    assert summary["registered"] == summary["links"] == 500
    assert len(server.frames) == 500


# ---- commands ----

COMMANDS = [
    ({"cmd": "getuserlist", "stn": True}, {
        "result": True, "count": 3, "from": 0, "to": 3, "record": [
            {"enrollid": 1, "admin": 1, "backupnum": number}
            for number in (0, 10, 11)]}),
    ({"cmd": "setuserinfo", "enrollid": 5, "name": "Änne", "backupnum": 10,
      "admin": 0, "record": 4321},
     {"result": True, "enrollid": 5, "backupnum": 10}),
    ({"cmd": "getuserinfo", "enrollid": 5, "backupnum": 10},
     {"result": True, "enrollid": 5, "name": "Änne", "backupnum": 10,
      "admin": 0, "record": 4321}),
    ({"cmd": "deleteuser", "enrollid": 5, "backupnum": 13},
     {"result": True, "enrollid": 5, "backupnum": 13}),
    ({"cmd": "getusername", "enrollid": 5}, {"result": False, "reason": 1}),
    ({"cmd": "getnewlog", "stn": True},
     {"result": True, "count": 0, "from": 0, "to": 0, "record": []}),
    ({"cmd": "opendoor", "doornum": 1}, {"result": True}),
    ({"cmd": "whistle"}, {"result": False, "reason": 1}),
]


@both
def test_commands(peer, kind):
    server = peer([command for command, _ in COMMANDS], kind=kind)
    with cloud_sim_running(server.url, "--users", 1, "--interval",
                           "20ms") as run:
        wait_for(lambda: len(server.results) == len(COMMANDS))
        summary = end_cloud_sim(run)
    assert server.results == [
        {"ret": command["cmd"], "sn": "WACSIM1"} | result
        for command, result in COMMANDS]
    assert summary["commands"] == collections.Counter(
        command["cmd"] for command, _ in COMMANDS)
    assert summary["results_sent"] == len(COMMANDS)
    assert summary["errors"] == 0


@both
def test_adduser_is_followed_by_the_user(peer, kind):
    server = peer([{"cmd": "adduser", "enrollid": 20, "backupnum": 0,
                    "admin": 0, "name": "Neu", "flag": 10}], kind=kind)
    with cloud_sim_running(server.url, "--interval", "20ms") as run:
        wait_for(lambda: server.named("senduser"))
        end_cloud_sim(run)
    names = [frame.get("cmd", frame.get("ret")) for _, frame in server.frames]
    assert names.index("adduser") < names.index("senduser")
    frame, = server.named("senduser")
    assert (frame["enrollid"], frame["name"]) == (20, "Neu")


def test_reboot_is_a_new_connection(peer):
    server = peer([{"cmd": "reboot"}])
    with cloud_sim_running(server.url, "--reboot-time", "50ms") as run:
        wait_for(lambda: len(server.connections) > 1)
        summary = end_cloud_sim(run)
    assert server.results == []
    assert wait_for(lambda: server.closed)[0] == 1006  # without a word
    assert summary["links_lost"] == 0
    assert summary["commands"]["reboot"] >= 1


def test_misbehaviour(peer):
    server = peer([{"cmd": "gettime"}, {"cmd": "opendoor"}])
    with cloud_sim_running(server.url, "--answer-as-cmd", "--error",
                           "gettime=7", "--no-answer", "opendoor") as run:
        wait_for(lambda: server.results)
        server.send({"cmd": "getdevinfo"})
        wait_for(lambda: len(server.results) == 2)
        summary = end_cloud_sim(run)
    first, second = server.results
    assert first == {"cmd": "gettime", "sn": "WACSIM1", "result": False,
                     "reason": 7}
    assert second["cmd"] == "getdevinfo"
    assert summary["commands"]["opendoor"] == 1


def test_a_command_may_cost_the_link(peer):
    server = peer([{"cmd": "gettime"}])
    with cloud_sim_running(server.url, "--fault", "close-unanswered=1") as run:
        wait_for(lambda: len(server.connections) > 2)
        summary = end_cloud_sim(run)
    assert server.results == []
    assert summary["faults"]["close-unanswered"] >= 2


# ---- what is not acknowledged ----

@pytest.mark.parametrize("answer", [
    {"ret": "sendlog", "result": True},
    {"ret": "sendlog", "result": True, "count": 2, "logindex": 0},
    {"ret": "sendlog", "result": True, "count": 1, "logindex": 1},
    {"ret": "sendlog", "result": False, "reason": 1},
    {"ret": "sendlog", "result": 1, "count": 1, "logindex": 0},
    {"ret": "senduser", "result": True}, {"result": True}, [], None])
def test_answers_that_acknowledge_nothing(peer, answer):
    server = peer(answer=lambda frame: answer if frame["cmd"] == "sendlog"
                  else cloud_answer(frame))
    with cloud_sim_running(server.url, "--backlog", 1) as run:
        wait_for(lambda: server.named("sendlog"))
        summary = end_cloud_sim(run, status=1)
    assert summary["punches_acked"] == 0 and summary["punches_waiting"] == 1


@both
def test_a_refusal_is_overcome(peer, kind):
    refusals = iter([True, True])
    lock = threading.Lock()

    def answer(frame):
        with lock:
            if frame["cmd"] == "sendlog" and next(refusals, False):
                return {"ret": "sendlog", "result": False, "reason": 1}
        return cloud_answer(frame)
    server = peer(kind=kind, answer=answer)
    summary = cloud_sim(server.url, "--backlog", 2, "--punches", 0)
    assert summary["refused"] == {"sendlog 1": 2}
    assert summary["resends"] == 2 and summary["punches_acked"] == 2
    sent = [json.dumps(frame) for frame in server.named("sendlog")]
    assert len(sent) == 3 and len(set(sent)) == 1


def test_a_lost_link_loses_nothing(peer):
    """The same frame comes again on the next link."""
    server = peer(answer=lambda frame: cloud_answer(frame) if
                  frame["cmd"] == "reg" or len(server.connections) > 1
                  else None)
    with cloud_sim_running(server.url, "--backlog", 3, "--punches",
                           0) as run:
        wait_for(lambda: server.named("sendlog"))
        server.drop_all()
        output, _ = run.communicate(timeout=30)
    summary = json.loads(output)
    assert run.returncode == 0
    assert summary["links_lost"] == 1 and summary["links"] == 2
    first, second = server.named("sendlog")
    assert first == second
    assert summary["punches_acked"] == 3 and summary["resends"] == 1


@both
def test_cut_frames_lose_nothing(peer, kind):
    server = peer(kind=kind)
    summary = cloud_sim(server.url, "--backlog", 20, "--batch", 1, "--fault",
                        "close-mid-frame=0.2", "--punches", 0)
    assert summary["faults"]["close-mid-frame"] > 0
    assert summary["punches_acked"] == 20
    assert len(set(server.records())) == 20


@both
def test_storm(peer, kind):
    """Never satisfied: copies of everything, each of which is answered."""
    server = peer(kind=kind)
    summary = cloud_sim(server.url, "--users", 1, "--send-users", "--backlog",
                        2, "--batch", 1, "--storm", 50, "--punches", 0)
    assert_nothing_odd(summary)
    sent = collections.Counter(
        json.dumps(frame) for _, frame in server.frames
        if frame.get("cmd") in ("sendlog", "senduser"))
    assert sorted(sent.values()) == [51] * 5  # 3 credentials, 2 punches
    assert summary["resends"] == 250
    assert summary["punches_acked"] == 2
    assert summary["enrolments_acked"] == 3


def test_punches_sent_again_after_the_acknowledgement(peer):
    server = peer()
    summary = cloud_sim(server.url, "--backlog", 20, "--batch", 1, "--fault",
                        "resend-punch=0.5", "--punches", 0)
    again = summary["faults"]["resend-punch"]
    assert again > 0 and summary["acks_again"] == again
    assert len(server.records()) == 20 + again
    assert len(set(server.records())) == 20


def test_silent_terminals(peer):
    """They stay connected, and do not even pong: the peer is who leaves."""
    server = peer(ping_interval=0.1, ping_timeout=3)
    with cloud_sim_running(server.url, "--silent-after", "2s") as run:
        wait_for(lambda: server.closed)
        summary = end_cloud_sim(run)
    assert len(server.connections) == 1 and len(server.named("reg")) == 1
    assert summary["pings"] > 0 and summary["links_lost"] == 0


# ---- servers that are none ----

@pytest.mark.parametrize("reply", [
    b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}",
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
    b"Connection: Upgrade\r\nSec-WebSocket-Accept: no\r\n\r\n", b""])
def test_no_upgrade(reply):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(30)
        port = listener.getsockname()[1]
        with cloud_sim_running(f"ws://127.0.0.1:{port}") as run:
            connection, _ = listener.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(reply)
            with listener.accept()[0]:  # so it is done with the first
                summary = end_cloud_sim(run)
    assert summary["links"] == summary["registered"] == 0
    assert summary["errors"] + summary["connect_failures"] >= 1


@pytest.mark.parametrize("scheme", ["ws", "http"])
def test_nobody_listens(scheme):
    with socket.socket() as mute:  # bound, so that nobody else listens there
        mute.bind(("127.0.0.1", 0))
        summary = cloud_sim(f"{scheme}://127.0.0.1:{mute.getsockname()[1]}",
                            "--duration", "2s")
    assert summary["connect_failures"] >= 1
    assert summary["errors"] == summary["registered"] == 0


# ---- the command line and signals ----

@pytest.mark.parametrize("options", [
    ("--fly",), ("--devices", 0), ("--ramp", 0), ("--family", "xy"),
    ("--interval", "soon"), ("--rate", "-1"), ("--batch", 0),
    ("--fault", "fire=1"), ("--fault", "resend-punch"),
    ("--fault", "resend-punch=2"), ("--error", "gettime"),
    ("--error", "gettime=x"), ("--header", "X"), ("--fragment", 0),
    ("--punches", 5), ("--url", "ftp://x/"), ("--url", "wss://127.0.0.1/"),
    ("--url", "https://127.0.0.1/"), ("--url", "ws://"), ("--url", "unix:"),
    ("--url", "unix:/" + "x" * 200), ("--url", "unix:/x:y"),
    ("--sn", "two words"), ("--sn", "x" * 33), ("--users", 0, "--rate", 1)])
def test_usage_errors(options):
    run = subprocess.run([WAC_SIM, "cloud", *map(str, options)],
                         capture_output=True, text=True, timeout=10)
    assert run.returncode == 2, run
    assert run.stderr.startswith("wac-sim: usage: "), run
    assert run.stdout == ""


@pytest.mark.parametrize("options,status", [
    ((), 0), (("--duration", "1h"), 1)])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signals(peer, options, status, number):
    server = peer()
    with cloud_sim_running(server.url, *options) as run:
        wait_for(lambda: server.named("reg"))
        summary = end_cloud_sim(run, status, number)
    assert summary["complete"] is (status == 0)
    wait_for(lambda: server.closed == [1000])


def test_summary_for_people(peer):
    server = peer()
    run = subprocess.run([WAC_SIM, "cloud", "--url", server.url, "--backlog",
                          "2", "--punches", "0", "--verbose"],
                         capture_output=True, text=True, timeout=30)
    assert run.returncode == 0
    assert "punches acked     2\n" in run.stdout
    lines = run.stderr.splitlines()
    assert lines[0].startswith('WACSIM1 > {"cmd":"reg","sn":"WACSIM1",')
    assert lines[1].startswith('WACSIM1 < {"ret": "reg", ')
