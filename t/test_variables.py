"""$wac_*: in access logs, in limits, in maps, before and after the body."""

import re

import pytest

from wac import cloud_http
from wac.terminal import Connection, Terminal, exchange, frame
from wac.wait import wait_for

CONF = """
%%TEST_GLOBALS%%
events { }
http {
    %%TEST_GLOBALS_HTTP%%
    log_format wac "$wac_protocol|$wac_device|$wac_request|$wac_result|"
                   "$wac_records|$wac_commit_ms|$wac_trans_id";
    access_log %%TMP%%/wac.log wac;
    limit_req_zone $wac_device zone=device:1m rate=1r/m;
    map $wac_request $is_punch { default no; realtime_glog yes; }
    wac_database "%%DATABASE%%";
    server {
        listen 127.0.0.1:%%PORT%%;
        location / {
            wac_fk on;
            add_header X-Seen "$wac_protocol,$wac_device,$is_punch" always;
        }
        location /limited { wac_fk on; limit_req zone=device; }
        location /slow { wac_fk on; limit_req zone=device burst=5 nodelay;
                         limit_req_status 429; }
        location /cloud {
            wac_cloud on;
            add_header X-Seen "$wac_protocol,$wac_device,$wac_request" always;
        }
        location /both { wac_cloud on; wac_fk on; }
        location /plain { return 200 "[$wac_device$wac_request]"; }
    }
}
"""

SN = "D0000000000000A1"


@pytest.fixture
def server(nginx, database):
    database.add_device(SN)
    return nginx(CONF)


def logged(server, count=1):
    """The fields of the first lines of the access log."""
    wait_for(lambda: server.read("wac.log").count("\n") >= count,
             what="access log")
    return [line.split("|") for line in
            server.read("wac.log").splitlines()]


def test_punch(server):
    Terminal(server.port, SN).punch()
    ((protocol, device, request, result, records, commit_ms, trans_id),) \
        = logged(server)
    assert (protocol, device, request) == ("fk", SN, "realtime_glog")
    assert (result, records) == ("OK", "1")
    assert trans_id == "RTLogSendAction"
    assert re.fullmatch(r"\d+(\.\d+)?", commit_ms)


def test_poll(server):
    Terminal(server.port, SN).poll()
    ((protocol, device, request, result, records, _, trans_id),) \
        = logged(server)
    assert (protocol, device, request) == ("fk", SN, "receive_cmd")
    assert (result, records) == ("ERROR_NO_CMD", "0")
    assert trans_id == "ReceiveCommandAction"


def test_result_names_its_task(server):
    Terminal(server.port, SN).result("1001", task_id_header="cmd_id")
    assert logged(server)[0][2:4] == ["send_cmd_result", "OK"]
    assert logged(server)[0][6] == "1001"


def test_refusals(server):
    Terminal(server.port, "STRANGER").punch()
    Terminal(server.port, SN).send("nonsense")
    Terminal(server.port, SN).send("realtime_glog", b"junk")
    lines = logged(server, 3)
    assert lines[0][1:5] == ["STRANGER", "realtime_glog", "ERROR", "0"]
    assert lines[1][1:4] == [SN, "nonsense", "ERROR_INVLAID_REQUEST_CODE"]
    assert lines[2][1:4] == [SN, "realtime_glog", "OK"]


def test_other_requests_have_none(server):
    exchange(server.port, b"GET /plain HTTP/1.0\r\n\r\n")
    exchange(server.port, b"GET / HTTP/1.0\r\n\r\n")
    assert logged(server, 2) == [["-"] * 7] * 2


def test_no_injection(server):
    """What a terminal claims cannot break the log's lines."""
    Terminal(server.port, 'a"b').send("realtime_glog")
    logged(server)
    assert 'a"b' not in server.read("wac.log")


def test_before_the_body(server):
    """Known as soon as the head is: in headers of nginx's own answers."""
    reply = Terminal(server.port, SN).punch()
    assert reply.header("X-Seen") == f"fk,{SN},yes"
    terminal = Terminal(server.port, SN)
    with Connection(server.port) as connection:
        connection.send(terminal.request("realtime_glog",
                                         content_length=str(2 ** 21)))
        reply = connection.reply()
    assert reply.status == 413
    assert reply.header("X-Seen") == f"fk,{SN},yes"


def test_limit_by_device(server, database):
    database.add_device("OTHER")
    first = Terminal(server.port, SN, target="/limited")
    assert first.punch().response_code == "OK"
    refused = first.punch(user_id="2")
    assert refused.status == 503
    assert refused.response_code == "ERROR"
    other = Terminal(server.port, "OTHER", target="/limited")
    assert other.punch().response_code == "OK"
    assert len(database.punches()) == 2


def test_other_requests_are_not_counted(server):
    """An empty key is no key: the web site beside has no limit."""
    for _ in range(5):
        reply = exchange(server.port, b"GET /limited HTTP/1.0\r\n\r\n")
        assert reply.status == 404


def test_limit_with_another_status(server, database):
    terminal = Terminal(server.port, SN, target="/slow")
    answers = [terminal.send("realtime_door_status",
                             frame({"door_status": "open"}))
               for _ in range(8)]
    assert [reply.status for reply in answers[:6]] == [200] * 6
    assert [reply.status for reply in answers[6:]] == [429] * 2
    for reply in answers[6:]:
        assert reply.response_code == "ERROR"
    assert database.count("wac_events") == 6


# ---- cloud -------------------------------------------------------------------

def ask(server, frame, path="/cloud", **options):
    return cloud_http.ask(server, {**frame, "sn": SN}, path, **options)


@pytest.fixture
def cloud(database):
    database.execute("UPDATE wac_devices SET protocol = 'cloud'")


def test_cloud_sendlog(server, cloud):
    ask(server, cloud_http.sendlog(cloud_http.punch(1), cloud_http.punch(2)))
    ((*said, commit_ms, trans_id),) = logged(server)
    assert said == ["cloud", SN, "sendlog", "true", "2"]
    assert re.fullmatch(r"\d+", commit_ms)
    assert trans_id == "-"


def test_cloud_command(server, cloud, database):
    queued = database.queue(SN, "getdevinfo", native=True)
    ask(server, cloud_http.checklive())
    ask(server, {"ret": "getdevinfo", "result": True})
    given_out, answered = logged(server, 2)
    assert given_out[2:4] == ["checklive", "true"]
    assert answered[2:4] == ["getdevinfo", "true"]
    assert given_out[6] == answered[6] == queued


def test_cloud_refusals(server):
    """Also where nothing was understood."""
    cloud_http.ask(server, cloud_http.checklive(sn="STRANGER"), "/cloud")
    cloud_http.post(server, b"{", "/cloud")
    cloud_http.post(server, b"", "/cloud", method="PUT")
    lines = logged(server, 3)
    assert lines[0][:5] == ["cloud", "STRANGER", "checklive", "false", "0"]
    assert lines[1][:5] == ["cloud", "-", "-", "false", "0"]
    assert lines[2] == ["-"] * 7


def test_cloud_after_the_body(server, cloud):
    """Headers of the answer may hold them, nginx's own answers cannot."""
    reply = cloud_http.post(server, cloud_http.checklive(sn=SN), "/cloud")
    assert reply.header("X-Seen") == f"cloud,{SN},checklive"
    with Connection(server.port) as connection:
        connection.send(b"POST /cloud HTTP/1.0\r\n"
                        b"Content-Length: 2000000\r\n\r\n")
        reply = connection.reply()
    assert reply.status == 413
    assert reply.header("X-Seen") == "cloud,,"


@pytest.mark.parametrize("key", ["sn", "cmd"])
@pytest.mark.parametrize("text", ['a"b', "a\r\nX-More: b", "\u00fc", "a\0b",
                                  "x" * 1000])
def test_cloud_no_injection(server, key, text):
    frame = {**cloud_http.checklive(), key: text}
    reply = cloud_http.post(server, frame, "/cloud")
    assert not reply.has("X-More")
    assert logged(server)[0][1 if key == "sn" else 2] == "-"


def test_fk_wins_over_cloud(server, database):
    assert Terminal(server.port, SN, target="/both").punch() \
        .response_code == "OK"
    database.add_device("C1", protocol="cloud")
    cloud_http.ask(server, cloud_http.checklive(sn="C1"), "/both")
    assert [line[0:2] for line in logged(server, 2)] \
        == [["fk", SN], ["cloud", "C1"]]
