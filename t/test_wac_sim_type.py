"""wac-sim type against python3-websockets: what simulated devices and
dashboards of the type dialect send, what they make of answers, and the
command line."""

import collections
import json
import signal
import subprocess

import pytest

from wac.sim import WAC_SIM, end_cloud_sim
from wac.sim_live import TypePeer, live_sim, live_sim_running
from wac.wait import wait_for


@pytest.fixture
def peer():
    made = []

    def make(*arguments, **options):
        made.append(TypePeer(*arguments, **options))
        return made[-1]

    yield make
    for each in made:
        each.close()


def error(code, **more):
    return {"type": "error", "code": code, "message": "no"} | more


# ---- devices ----

def test_each_message_is_sent_once(peer):
    server = peer()
    summary = live_sim("type run", server.url, "--sn", "D", "--devices", 10,
                       "--backlog", 7, "--batch", 3, "--rate", 200, "--count",
                       40, "--event", "door_opened", "--no-telemetry")
    assert summary["complete"] is True
    assert summary["messages_acked"] == summary["messages_sent"] == 110
    assert summary["messages_waiting"] == summary["messages_dropped"] == 0
    assert summary["errors"] == summary["resends"] == 0
    events = server.typed("event")
    assert {event["event_type"] for event in events} == {"door_opened"}
    assert len({(event["device_id"], event["payload"]["n"])
                for event in events}) == len(events) == 110
    assert {frame["device_id"]: frame["token"]
            for frame in server.typed("register")} == {
                f"D{number:02}": f"wac-sim-token-of-D{number:02}"
                for number in range(1, 11)}
    assert 0 < summary["message_ms"]["p50"] <= summary["message_ms"]["max"]


def test_one_message(peer):
    server = peer()
    summary = live_sim("type telemetry", server.url, "--payload", '{"t":23.5}',
                       "--token", "secret")
    assert summary["messages_acked"] == 1
    register, = server.typed("register")
    assert register["token"] == "secret"
    assert server.typed("telemetry") == [
        {"type": "telemetry", "device_id": "WACSIM1", "payload": {"t": 23.5}}]


def test_some_events(peer, tmp_path):
    tokens = tmp_path / "tokens"
    tokens.write_text("GATE1 first\nGATE2 second\n")
    server = peer()
    live_sim("type event door_opened", server.url, "--count", 3, "--sn",
             "GATE", "--devices", 2, "--tokens", tokens)
    assert collections.Counter(event["device_id"]
                               for event in server.typed("event")) == {
                                   "GATE1": 3, "GATE2": 3}
    assert {frame["token"] for frame in server.typed("register")} == {
        "first", "second"}


def test_telemetry_in_an_interval(peer):
    server = peer()
    with live_sim_running("type run", server.url, "--interval",
                          "50ms") as run:
        # one at a time, when those before are answered
        wait_for(lambda: len(server.typed("ping")) > 3)
        run.send_signal(signal.SIGINT)
        output, _ = run.communicate(timeout=30)
    summary = json.loads(output)
    assert summary["messages_acked"] >= 3
    # the newest may still be without its pong, which is no success
    assert run.returncode == (summary["messages_waiting"] > 0)


def test_commands_are_told_and_reported(peer):
    server = peer([{"command": "unlock", "payload": {"s": 5}, "id": "c-1"}])
    run = subprocess.Popen(
        [WAC_SIM, "type", "run", server.url, "--command-done",
         "--no-telemetry"], stdout=subprocess.PIPE, text=True)
    try:
        wait_for(lambda: server.typed("ping"))
        run.send_signal(signal.SIGINT)
        output, _ = run.communicate(timeout=30)
    finally:
        run.kill()
    assert run.returncode == 0
    assert output.splitlines()[0] == (
        'WACSIM1: command unlock {"s":5} (id "c-1")')
    assert server.typed("event") == [
        {"type": "event", "device_id": "WACSIM1",
         "event_type": "command_done",
         "payload": {"command": "unlock", "id": "c-1", "result": True}}]


@pytest.mark.parametrize("options,answers", [((), True),
                                             (("--no-pong",), False)])
def test_pings_of_the_dialect(peer, options, answers):
    server = peer()
    with live_sim_running("type run", server.url, "--no-telemetry",
                          "--command-done", *options) as run:
        wait_for(lambda: server.typed("register"))
        server.post('{"type":"ping"}')
        # what comes behind it is done: so is the ping
        server.post('{"type":"command","command":"x","payload":{}}')
        wait_for(lambda: server.typed("ping"))  # it confirms the event
        summary = end_cloud_sim(run)
    assert len(server.typed("event")) == 1
    assert summary["pings"] == 1
    assert len(server.typed("pong")) == answers


def test_a_lost_link_loses_nothing(peer):
    """No pong over the first link: all comes again over the next."""
    server = peer(refuse=lambda frame: {"type": "pang"} if
                  frame["type"] == "ping" and len(server.connections) == 1
                  else None)
    with live_sim_running("type run", server.url, "--backlog", 3,
                          "--no-telemetry", "--count", 0, "--reconnect",
                          "50ms") as run:
        wait_for(lambda: server.typed("ping"))
        server.drop_all()
        output, _ = run.communicate(timeout=30)
    summary = json.loads(output)
    assert run.returncode == 0
    assert summary["links"] == 2 and summary["links_lost"] == 1
    assert summary["messages_acked"] == summary["resends"] == 3
    numbers = [frame["payload"]["n"] for frame in server.typed("telemetry")]
    assert numbers == [0, 1, 2, 0, 1, 2]


def test_cut_frames_lose_nothing(peer):
    server = peer()
    summary = live_sim("type run", server.url, "--backlog", 40, "--batch", 2,
                       "--fault", "close-mid-frame=0.1", "--no-telemetry",
                       "--count", 0, "--reconnect", "5ms")
    assert summary["faults"]["close-mid-frame"] > 0
    assert summary["messages_acked"] == 40
    assert {frame["payload"]["n"]
            for frame in server.typed("telemetry")} == set(range(40))


def test_a_refused_message_is_no_success(peer):
    server = peer(refuse=lambda frame: error("rate_limited") if
                  frame.get("payload", {}).get("n") == 1 else None)
    summary = live_sim("type run", server.url, "--backlog", 3,
                       "--no-telemetry", "--count", 0, status=1)
    assert summary["refused"] == {"rate_limited": 1}
    assert summary["messages_acked"] == 2 and summary["messages_dropped"] == 1


def test_a_wrong_token(peer):
    server = peer(refuse=lambda frame: error("auth_failed") if
                  frame["type"] == "register" else None)
    with live_sim_running("type run", server.url, "--backlog", 1, "--event",
                          "x", "--no-telemetry") as run:
        wait_for(lambda: server.typed("register"))
        summary = end_cloud_sim(run, status=1)
    assert summary["complete"] is True and summary["messages_waiting"] == 1
    assert summary["registered"] == 0
    assert summary["refused"] == {"auth_failed": 1}
    assert server.typed("event") == []


# ---- dashboards ----

FEED = [
    {"type": "device_status", "device_id": "GATE1", "status": "online",
     "timestamp": "2026-03-02T08:00:00.000Z"},
    {"type": "telemetry", "device_id": "GATE1", "payload": {"t": 1},
     "timestamp": "2026-03-02T08:00:01.000Z", "id": 7},
    {"type": "event", "device_id": "GATE1", "event_type": "door_opened",
     "payload": {}, "timestamp": "2026-03-02T08:00:02.000Z", "id": 8},
]


def dashboard(server, *options, status=0):
    run = subprocess.run(
        [WAC_SIM, "type", "dashboard", server.url, *map(str, options)],
        capture_output=True, text=True, timeout=30)
    assert run.returncode == status, run
    return run.stdout.splitlines()


def test_dashboard_lines(peer):
    server = peer(feed=FEED)
    assert dashboard(server, "--count", 3, "--token", "t", "--since", 6,
                     "--device", "GATE1", "--device", "GATE2", "--type",
                     "event") == [
        "2026-03-02T08:00:00.000Z GATE1 device_status online",
        '2026-03-02T08:00:01.000Z GATE1 telemetry {"t":1}',
        "2026-03-02T08:00:02.000Z GATE1 event door_opened {}"]
    assert server.typed("subscribe") == [
        {"type": "subscribe", "role": "admin", "token": "t", "since": 6,
         "devices": ["GATE1", "GATE2"], "types": ["event"]}]


def test_dashboard_frames(peer):
    server = peer(feed=FEED)
    lines = dashboard(server, "--count", 2, "--json")
    assert [json.loads(line) for line in lines] == FEED[:2]


def test_a_dashboard_that_is_shown_something_was_let_in(peer):
    server = peer(feed=FEED, pongs=False)
    assert len(dashboard(server, "--count", 2)) == 2


def test_dashboard_orders(peer):
    server = peer(refuse=lambda frame: error(
        "device_offline", device_id="GATE2", command="lock") if
        frame.get("device_id") == "GATE2" else None)
    assert dashboard(server, "--count", 1, "--send", 'GATE1 unlock {"s":5}',
                     "--send", "GATE2 lock", status=1) == [
        "GATE2 error device_offline lock no"]
    assert server.typed("command") == [
        {"type": "command", "device_id": "GATE1", "command": "unlock",
         "payload": {"s": 5}},
        {"type": "command", "device_id": "GATE2", "command": "lock"}]


def test_dashboard_goes_on_where_it_was(peer):
    server = peer(feed=FEED)
    with live_sim_running("type dashboard", server.url, "--quiet",
                          "--dashboards", 2, "--count", 6, "--reconnect",
                          "50ms") as run:
        wait_for(lambda: len(server.typed("ping")) == 2)
        server.drop_all()
        output, _ = run.communicate(timeout=30)
    summary = json.loads(output)
    assert run.returncode == 0
    assert summary["subscribed"] == 2 and summary["links_lost"] == 2
    assert summary["frames"]["event"] == 4
    assert [frame.get("since") for frame in server.typed("subscribe")] == [
        None, None, 8, 8]


def test_dashboard_that_is_not_let_in(peer):
    server = peer(refuse=lambda frame: error("auth_failed") if
                  frame["type"] == "subscribe" else None)
    assert dashboard(server, "--count", 1, status=1) == [
        "error auth_failed no"]


# ---- the command line and signals ----

@pytest.mark.parametrize("options", [
    (), ("fly",), ("run", "--fly"), ("run", "--devices", 0),
    ("run", "--count", 5), ("run", "--payload", "{"), ("run", "--rate", "-1"),
    ("run", "--fault", "resend-punch=1"), ("run", "--sn", "x" * 65),
    ("run", "--url", "http://127.0.0.1/"), ("event",),
    ("event", "x", "--count", 0), ("dashboard", "--count", 0),
    ("dashboard", "--send", "GATE1"), ("dashboard", "--send", "GATE1 x {"),
    ("dashboard", "--dashboards", 0)])
def test_usage_errors(options):
    run = subprocess.run([WAC_SIM, "type", *map(str, options)],
                         capture_output=True, text=True, timeout=10)
    assert run.returncode == 2, run
    assert run.stderr.startswith("wac-sim: usage: "), run
    assert run.stdout == ""


@pytest.mark.parametrize("options,status", [
    ((), 0), (("--duration", "1h"), 1)])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signals(peer, options, status, number):
    server = peer()
    with live_sim_running("type run", server.url, *options) as run:
        wait_for(lambda: server.typed("register"))
        summary = end_cloud_sim(run, status, number)
    assert summary["complete"] is (status == 0)
    wait_for(lambda: server.closed == [1000])
