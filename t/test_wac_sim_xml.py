"""wac-sim xml against python3-websockets: what simulated terminals of both
XML dialects send, how they answer requests, how they misbehave, and the
command line."""

import base64
import json
import signal
import subprocess
import time

import pytest

from wac.sim import WAC_SIM, end_cloud_sim
from wac.sim_live import XmlPeer, live_sim, live_sim_running
from wac.wait import wait_for


@pytest.fixture
def peer():
    made = []

    def make(*arguments, **options):
        made.append(XmlPeer(*arguments, **options))
        return made[-1]

    yield make
    for each in made:
        each.close()


both = pytest.mark.parametrize("dialect", ["message", "operation"])


def assert_nothing_odd(summary):
    assert summary["complete"] is True
    assert summary["errors"] == summary["connect_failures"] == 0
    assert summary["refused"] == {}
    assert summary["punches_waiting"] == summary["unanswered"] == 0


# ---- what is sent ----

def test_each_log_is_sent_once(peer):
    server = peer()
    summary = live_sim("xml", server.url, "--sn", "GATE", "--devices", 10,
                       "--backlog", 7, "--rate", 200, "--punches", 40)
    assert_nothing_odd(summary)
    assert summary["punches_acked"] == summary["punches_sent"] == 110
    logs = server.named("TimeLog_v2")
    assert len({(log["DeviceSerialNo"], log["LogID"])
                for log in logs}) == len(logs) == 110
    assert {log["DeviceSerialNo"] for log in logs} == {
        f"GATE{number:02}" for number in range(1, 11)}
    assert all(log["TransID"] == log["LogID"] for log in logs)
    assert summary["tokens"] == summary["registered"] == 10
    assert len(server.named("Register")) == len(server.named("Login")) == 10
    assert summary["resends"] == summary["links_lost"] == 0


def test_operation_dialect(peer):
    server = peer()
    summary = live_sim("xml", server.url, "--dialect", "operation",
                       "--backlog", 3, "--admin-logs", 2, "--punches", 0,
                       "--utc-offset", 330, "--cloud-id", "tenant")
    assert_nothing_odd(summary)
    register, = server.named("Register")
    assert register == {"Operation": "Register", "DeviceSerialNo": "WACSIM1",
                        "CloudId": "tenant"}
    assert [log["LogId"] for log in server.named("TimeLog_v2")] == [
        "LOG1", "LOG2", "LOG3"]
    assert {log["GMT"] for log in server.named("TimeLog_v2")} == {"5.50"}
    assert [log["LogId"] for log in server.named("AdminLog_v2")] == [
        "ADMIN1", "ADMIN2"]
    assert server.named("Login") == []


def test_old_events(peer):
    server = peer()
    summary = live_sim("xml", server.url, "--old-events", "--backlog", 2,
                       "--admin-logs", 1, "--punches", 0)
    assert_nothing_odd(summary)
    logs = server.named("TimeLog") + server.named("AdminLog")
    assert len(logs) == 3 and not any("TransID" in log for log in logs)


@both
def test_photos_are_large_and_different(peer, dialect):
    server = peer()
    live_sim("xml", server.url, "--dialect", dialect, "--backlog", 3,
             "--photo", 100000, "--punches", 0)
    field = "LogImage" if dialect == "message" else "Photo"
    images = [base64.b64decode(log[field], validate=True)
              for log in server.named("TimeLog_v2")]
    assert len(set(images)) == 3
    assert all(99000 < len(image) < 101000 and
               image.startswith(b"\xff\xd8\xff") for image in images)


@both
def test_keepalives(peer, dialect):
    server = peer()
    # each is answered before the next one: only the newest one's time counts
    with live_sim_running("xml", server.url, "--dialect", dialect,
                          "--keepalive", "1s") as run:
        wait_for(lambda: len(server.named("KeepAlive")) > 2)
        summary = end_cloud_sim(run)
    assert summary["keepalives_acked"] >= 3 and summary["errors"] == 0


# ---- tokens ----

def test_a_token_is_kept(peer, tmp_path):
    tokens = tmp_path / "tokens"
    server = peer()
    for _ in range(2):
        live_sim("xml", server.url, "--backlog", 1, "--punches", 0,
                 "--token-file", tokens)
    assert tokens.read_text() == f"WACSIM1 {server.tokens['WACSIM1']}\n"
    assert len(server.named("Register")) == 1
    assert len(server.named("Login")) == 2


def test_an_unknown_token_is_dropped(peer, tmp_path):
    tokens = tmp_path / "tokens"
    tokens.write_text("WACSIM1 0000\n")
    server = peer()
    summary = live_sim("xml", server.url, "--punches", 0, "--token-file",
                       tokens)
    assert summary["refused"] == {"Login FailUnknownToken": 1}
    assert [fields["Token"] for fields in server.named("Login")] == [
        "0000", server.tokens["WACSIM1"]]
    assert summary["links"] == 1


def test_a_refused_login_is_a_new_link(peer):
    server = peer(login="Fail")
    with live_sim_running("xml", server.url, "--backlog", 1, "--reconnect",
                          "20ms") as run:
        wait_for(lambda: len(server.connections) > 2)
        summary = end_cloud_sim(run, status=1)
    assert len(server.named("Register")) == 1
    assert server.named("TimeLog_v2") == [] and summary["registered"] == 0


# ---- requests ----

REQUESTS = [
    ({"Request": "GetTime"}, {"Time": time.strftime("%Y-")}),
    ({"Request": "SetTime", "Time": "2026-05-12-T09:15:30Z"},
     {"Result": "OK"}),
    ({"Request": "GetTime"}, {"Time": "2026-05-12-T09:15:3"}),
    ({"Request": "GetDeviceStatusAll"}, {"UserCount": "2", "PwdCount": "1"}),
    ({"Request": "GetUserData", "UserID": "1"},
     {"Result": "OK", "Privilege": "Manager", "PWD": "1234"}),
    ({"Request": "SetUserData", "UserID": "5", "Type": "Set", "PWD": "1"},
     {"Result": "OK"}),
    ({"Request": "GetNextUserDataExt", "UserID": "2"},
     {"UserID": "5", "More": "No"}),
    ({"Request": "GetGlogPosInfo"}, {"LogCount": "4", "Result": "OK"}),
    ({"Request": "GetNextGlog", "BeginLogPos": "3"},
     {"LogID": "4", "Result": "OK"}),
    ({"Request": "GetNextGlog", "BeginLogPos": "4"}, {"Result": "Fail"}),
    ({"Request": "LockControl", "Mode": "1"}, {"Result": "OK"}),
    ({"Request": "EmptyTimeLog"}, {"Result": "OK"}),
    ({"Request": "GetFirmwareVersion"}, {"Version": "TestFace v1.2.3"}),
    ({"Request": "Whistle"}, {"Result": "Fail"}),
]


def test_requests(peer):
    server = peer([request for request, _ in REQUESTS])
    with live_sim_running("xml", server.url, "--users", 2, "--logs",
                          4) as run:
        wait_for(lambda: len(server.responses) == len(REQUESTS))
        summary = end_cloud_sim(run)
    for (request, wanted), reply in zip(REQUESTS, server.responses):
        assert reply["Response"] == request["Request"]
        assert reply["DeviceSerialNo"] == "WACSIM1"
        for name, value in wanted.items():
            assert reply[name].startswith(value), (request, reply)
    assert summary["results_sent"] == len(REQUESTS)
    assert summary["errors"] == 0


def test_enrolment_is_followed_by_an_admin_log(peer):
    server = peer([{"Request": "RemoteEnroll", "UserID": "20",
                    "Backup": "RemoteEnrollFP", "FingerNo": "0"}])
    with live_sim_running("xml", server.url) as run:
        wait_for(lambda: server.named("AdminLog_v2"))
        end_cloud_sim(run)
    assert server.responses[0]["ResultCode"] == "Success"
    log, = server.named("AdminLog_v2")
    assert (log["UserID"], log["Action"]) == ("20", "EnrollUserFP")


def test_reboot_is_a_new_connection(peer):
    server = peer([{"Request": "LockControl", "Mode": "5"}])
    with live_sim_running("xml", server.url, "--reboot-time", "50ms") as run:
        wait_for(lambda: len(server.named("Login")) > 1)
        summary = end_cloud_sim(run)
    assert server.responses[0]["Result"] == "OK"
    assert wait_for(lambda: server.closed)[0] == 1006  # without a word
    assert summary["links_lost"] == 0


def test_misbehaviour(peer):
    server = peer([{"Request": "GetTime"}])
    with live_sim_running("xml", server.url, "--error",
                          "GetTime=Device Not Ready", "--no-answer",
                          "LockControl") as run:
        wait_for(lambda: server.responses)
        server.post("<Message><Request>LockControl</Request><Mode>1</Mode>"
                    "</Message>")
        server.post("<Message><Request>GetDeviceStatusAll</Request>"
                    "</Message>")
        wait_for(lambda: len(server.responses) == 2)
        summary = end_cloud_sim(run)
    first, second = server.responses
    assert first["Result"] == "Device Not Ready"
    assert second["Response"] == "GetDeviceStatusAll"
    assert summary["commands"]["LockControl"] == 1


# ---- what is not acknowledged ----

@pytest.mark.parametrize("amend", [
    {"Result": "Fail"}, {"Result": "ok"}, {"Result": ""}, {"TransID": "2"},
    {"TransID": ""}, {"Response": "TimeLog"}, None])
def test_answers_that_acknowledge_nothing(peer, amend):
    server = peer(amend=lambda fields: amend if
                  fields.get("Event") == "TimeLog_v2" else {})
    with live_sim_running("xml", server.url, "--backlog", 1) as run:
        wait_for(lambda: server.named("TimeLog_v2"))
        summary = end_cloud_sim(run, status=1)
    assert summary["punches_acked"] == 0 and summary["punches_waiting"] == 1


def test_a_refusal_is_overcome(peer):
    refusals = iter(["Fail", "Fail"])
    server = peer(amend=lambda fields: {
        "Result": next(refusals, "OK")} if "LogID" in fields else {})
    summary = live_sim("xml", server.url, "--backlog", 2, "--punches", 0)
    assert summary["refused"] == {"TimeLog Fail": 2}
    assert summary["resends"] == 2 and summary["punches_acked"] == 2
    first = [text for text in server.messages if "<LogID>1<" in text]
    assert len(first) == 3 and len(set(first)) == 1


def test_silence_is_overcome(peer):
    silences = iter([None, None])
    server = peer(amend=lambda fields: next(silences, {}) if
                  "LogID" in fields else {})
    summary = live_sim("xml", server.url, "--backlog", 1, "--punches", 0,
                       "--resend", "1s")
    logs = server.named("TimeLog_v2")
    assert summary["resends"] == len(logs) - 1 >= 2
    assert summary["punches_acked"] == summary["links"] == 1


@both
def test_a_lost_link_loses_nothing(peer, dialect):
    server = peer(amend=lambda fields: {} if len(server.connections) > 1 or
                  "Operation" in fields and fields["Operation"] == "Register"
                  else None)
    with live_sim_running("xml", server.url, "--dialect", dialect,
                          "--backlog", 3, "--punches", 0, "--reconnect",
                          "20ms") as run:
        wait_for(lambda: server.named("TimeLog_v2"))
        server.drop_all()
        output, _ = run.communicate(timeout=30)
    summary = json.loads(output)
    assert run.returncode == 0
    assert summary["links_lost"] == 1 and summary["links"] == 2
    first, second, *_ = server.named("TimeLog_v2")
    assert first == second
    assert summary["punches_acked"] == 3 and summary["resends"] == 1


@both
@pytest.mark.parametrize("fault", ["close-mid-frame", "lose-ack",
                                   "resend-punch"])
def test_faults_lose_nothing(peer, dialect, fault):
    server = peer()
    # only what gets no answer is to be sent again early
    early = ("--resend", "200ms") if fault == "lose-ack" else ()
    summary = live_sim("xml", server.url, "--dialect", dialect, "--backlog",
                       20, "--fault", f"{fault}=0.3", "--punches", 0,
                       "--reconnect", "5ms", *early)
    assert summary["faults"][fault] > 0
    assert summary["punches_acked"] == 20
    ids = [log.get("LogID") or log["LogId"]
           for log in server.named("TimeLog_v2")]
    assert len(set(ids)) == 20
    assert (len(ids) > 20) is (fault != "close-mid-frame")


def test_a_request_may_cost_the_link(peer):
    server = peer([{"Request": "GetTime"}] * 3)
    with live_sim_running("xml", server.url, "--fault", "close-unanswered=1",
                          "--reconnect", "20ms") as run:
        wait_for(lambda: len(server.connections) > 2)
        summary = end_cloud_sim(run)
    assert server.responses == []
    assert summary["faults"]["close-unanswered"] >= 2


# ---- the frames that carry it ----

@pytest.mark.parametrize("options,kind", [
    (("--binary",), bytes), (("--fragment", 100), str),
    (("--fragment", 1), str)])
def test_frames(peer, options, kind):
    server = peer()
    summary = live_sim("xml", server.url, "--backlog", 5, "--punches", 0,
                       *options)
    assert_nothing_odd(summary)
    assert set(server.kinds) == {kind}
    wait_for(lambda: server.closed == [1000])


@pytest.mark.parametrize("frame", [
    "<Message><Request>GetTime</Request></Message>", "{}", "<a/>",
    "<Message><Response>Login</Response><Result>OK</Result></Message>"])
def test_what_comes_before_login_is_an_error(peer, frame):
    server = peer(login="Fail")
    server.greeting = lambda: [frame]
    with live_sim_running("xml", server.url) as run:
        wait_for(lambda: server.named("Login"))
        summary = end_cloud_sim(run)
    assert summary["errors"] == 1 and summary["registered"] == 0
    assert server.responses == []


# ---- the command line and signals ----

@pytest.mark.parametrize("options", [
    ("--fly",), ("--dialect", "json"), ("--devices", 0), ("--keepalive", "x"),
    ("--fault", "fire=1"), ("--fault", "lose-ack=2"), ("--error", "GetTime"),
    ("--error", "GetTime="), ("--utc-offset", 900), ("--punches", 5),
    ("--url", "http://127.0.0.1/"), ("--sn", "two words"), ("--sn", "x" * 65),
    ("--users", 0, "--rate", 1)])
def test_usage_errors(options):
    run = subprocess.run([WAC_SIM, "xml", *map(str, options)],
                         capture_output=True, text=True, timeout=10)
    assert run.returncode == 2, run
    assert run.stderr.startswith("wac-sim: usage: "), run
    assert run.stdout == ""


@pytest.mark.parametrize("options,status", [
    ((), 0), (("--duration", "1h"), 1)])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signals(peer, options, status, number):
    server = peer()
    with live_sim_running("xml", server.url, *options) as run:
        wait_for(lambda: server.named("Login"))
        summary = end_cloud_sim(run, status, number)
    assert summary["complete"] is (status == 0)
    wait_for(lambda: server.closed == [1000])


def test_summary_for_people(peer):
    server = peer()
    run = subprocess.run(
        [WAC_SIM, "xml", server.url, "--backlog", "2", "--punches", "0",
         "--verbose"], capture_output=True, text=True, timeout=30)
    assert run.returncode == 0
    assert "punches acked     2\n" in run.stdout
    assert run.stderr.splitlines()[0].startswith("WACSIM1 > <?xml")
