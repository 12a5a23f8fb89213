"""wac_cloud: the cmd/ret JSON dialect as HTTP POST (CloudSolution 3.0). What
terminals are told, exactly; which rows it leaves; and HTTP as such."""

import datetime
import hashlib
import json
import pathlib
import re
import socket

import pytest
import requests

from wac.cloud_http import (PATH, SN, ask, checklive, compact, post, punch,
                            reg, request, sendlog)
from wac.terminal import Connection, exchange, request_bytes
from wac.wait import wait_for

CONF = """
%%TEST_GLOBALS%%
events { }
http {
    %%TEST_GLOBALS_HTTP%%
    wac_database "%%DATABASE%%";
    wac_time_zone Asia/Kolkata;
    client_max_body_size 32m;
    server {
        listen 127.0.0.1:%%PORT%%;
        location /api/device-http { wac_cloud on; }
        location /pub/api { wac_cloud on; }
        location /open { wac_cloud on; wac_enrolment open; }
        location /closed { wac_cloud on; wac_enrolment closed; }
        location /small { wac_cloud on; client_body_buffer_size 1k; }
        location /file { wac_cloud on; client_body_in_file_only clean; }
        location /limit { wac_cloud on; client_max_body_size 1m; }
        location /gzip { wac_cloud on; gzip on; gzip_min_length 0;
                         gzip_types *; gzip_proxied any;
                         gzip_http_version 1.0; }
        location /rewritten { rewrite ^ /open last; }
        location /both { wac_fk on; wac_cloud on; wac_enrolment open; }
        location /page { wac_cloud on; deny all;
                         error_page 403 405 /page.html; }
        location = /page.html { return 200 "a page"; }
        location /outer { wac_cloud on; wac_enrolment open;
                          location /outer/inner { }
                          location /outer/off { wac_cloud off;
                                                return 200 off; } }
    }
}
"""

VECTORS = pathlib.Path(__file__).parent / "vectors" / "cloud-json"
KOLKATA = datetime.timezone(datetime.timedelta(hours=5, minutes=30))


@pytest.fixture(scope="module")
def server(module_nginx):
    return module_nginx(CONF)


@pytest.fixture
def database(module_database):
    return module_database.emptied()


@pytest.fixture
def terminal(database):
    """The device is there, and was approved."""
    database.add_device(SN, protocol="cloud")
    return SN


def is_now(text, zone):
    """Whether a text of the server says the current time there."""
    if zone is datetime.timezone.utc:
        said = datetime.datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ")
    else:
        said = datetime.datetime.strptime(text, "%Y-%m-%d %H:%M:%S")
    return abs(datetime.datetime.now(zone) - said.replace(tzinfo=zone)) \
        < datetime.timedelta(seconds=60)


# ---- the vectors -------------------------------------------------------------

SHAPES = {"$time": r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d",
          "$iso": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z",
          "$any": r".*"}

EVA = {"enrollid": 5, "name": "Eva", "backupnum": 10, "admin": 0,
       "record": 4321}
COMMANDS = {
    "http-command-via-checklive": ("setuserinfo", EVA),
    "http-command-lost": ("getuserinfo", {"enrollid": 5, "backupnum": 10}),
}
NAMES = sorted(file.stem for file in VECTORS.glob("http-*.json"))


def play(server, database, steps):
    """Lets the time of a step pass by turning back clocks."""
    reply = None
    for step in steps:
        http = step["http"]
        if step["dir"] == "server":
            assert reply.status == http["status"], (step, reply)
            check(step, reply)
            continue
        seconds = step.get("after_ms", 0) / 1000
        database.execute("UPDATE wac_commands SET sent_at = sent_at "
                         "- make_interval(secs => %s)", (seconds,))
        frame = step.get("frame", "")
        reply = post(server, frame.encode() if isinstance(frame, str)
                     else frame, http["path"], method=http["method"],
                     headers=list(http.get("headers", {}).items()))


def check(step, reply):
    if "frame" not in step:
        return
    answer = json.loads(reply.body)
    for key, expected in step["frame"].items():
        if expected == "$opt":
            continue
        assert key in answer, (key, answer)
        if isinstance(expected, str) and expected in SHAPES:
            assert re.fullmatch(SHAPES[expected], str(answer[key])), answer
        else:
            assert answer[key] == expected, (key, answer)
    assert not set(step.get("absent", ())) & set(answer), answer


@pytest.mark.parametrize("name", NAMES)
def test_vector(server, database, name):
    for sn in (SN, "BSX000000001"):
        database.add_device(sn, protocol="cloud")
    database.add_device("ZX12345679", protocol="cloud",
                        token_hash=hashlib.sha256(b"tok_test").digest())
    if name in COMMANDS:
        database.queue("BSX000000001", *COMMANDS[name], native=True)
    steps = json.loads((VECTORS / f"{name}.json").read_text("utf-8"))
    play(server, database, steps)
    commands = database.query("SELECT trans_status FROM wac_commands")
    assert all(row["trans_status"] == "succeeded" for row in commands)


def test_all_vectors_are_here():
    assert len(NAMES) == 8
    assert set(COMMANDS) < set(NAMES)


# ---- answers as the specification prints them --------------------------------

def test_reg(server, terminal):
    answer = ask(server, reg())
    assert list(answer)[:2] == ["ret", "result"]
    cloudtime = answer.pop("cloudtime")
    assert is_now(cloudtime, datetime.timezone.utc)
    assert answer == {"ret": "reg", "result": True, "nosenduser": True}


def test_sendlog(server, terminal):
    answer = ask(server, sendlog(
        punch(1, temp=36.5, image="base64_encoded_photo"),
        punch(2, "2026-06-12T09:20:15", mode=0, inout=1, temp=36.8)))
    assert list(answer)[:2] == ["ret", "result"]
    assert is_now(answer.pop("cloudtime"), datetime.timezone.utc)
    assert answer == {"ret": "sendlog", "result": True, "count": 2,
                      "access": 1}


def test_checklive(server, terminal):
    answer = ask(server, checklive())
    assert list(answer)[:2] == ["ret", "result"]
    assert is_now(answer.pop("cloudtime"), datetime.timezone.utc)
    assert answer == {"ret": "checklive", "result": True}


def test_blank_times_are_the_terminals_own(server, terminal, database):
    answer = ask(server, checklive(time="2026-06-12 09:30:00"))
    assert is_now(answer["cloudtime"], KOLKATA)
    database.execute("UPDATE wac_devices SET time_zone = 'UTC'")
    answer = ask(server, checklive(time="2026-06-12 09:30:00"))
    assert not is_now(answer["cloudtime"], KOLKATA)


def test_pub_api(server, terminal):
    answer = ask(server, sendlog(punch()), "/pub/api")
    assert is_now(answer.pop("cloudtime"), KOLKATA)
    assert answer == {"ret": "sendlog", "result": True, "count": 1,
                      "logindex": 10, "access": 1, "mark": True}
    assert ask(server, reg(), "/pub/api?x=/y")["tryseconds"] > 0
    assert "tryseconds" not in ask(server, reg(), PATH + "?x=/pub/api")


def test_compact_bytes(server, terminal):
    body = post(server, sendlog(punch())).body
    assert body.startswith(b'{"ret":"sendlog","result":true,')
    assert b" " not in body


def test_the_python_example_of_the_page(server, terminal, database):
    """Its traffic, by the library it uses: register, send_logs, heartbeat."""
    url = f"http://127.0.0.1:{server.port}{PATH}"
    session = requests.Session()
    said = session.post(url, json=reg(devinfo={
        "modelname": "device-1", "usersize": 1000, "firmware": "v1.0.0",
        "mac": "00:11:22:33:44:55"})).json()
    assert (said["ret"], said["result"]) == ("reg", True)
    for minute in (15, 16):
        logs = [punch(time=f"2026-06-12T09:{minute}:00")]
        said = session.post(url, json=sendlog(*logs, logindex=0)).json()
        assert (said["ret"], said["result"], said["count"]) \
            == ("sendlog", True, 1)
    said = session.post(url, json=checklive()).json()
    assert (said["ret"], said["result"]) == ("checklive", True)
    assert len(database.punches()) == 2
    device = database.device(SN)
    assert (device["model"], device["firmware"], device["cpusn"]) \
        == ("device-1", "v1.0.0", "123456789")


# ---- rows --------------------------------------------------------------------

def test_row(server, terminal, database):
    record = punch(7, mode=8, inout=1, event=3, temp=36.5,
                   image="/9j/4AAQSkZJRg==", note={"msg": "hi"})
    ask(server, sendlog(record))
    (row,) = database.punches()
    assert (row["sn"], row["enrollid"], row["protocol"]) == (SN, "7", "cloud")
    assert row["record_time"] == datetime.datetime(2026, 6, 12, 9, 15, 30)
    assert row["record_instant"] == datetime.datetime(
        2026, 6, 12, 9, 15, 30, tzinfo=KOLKATA)
    assert (row["mode"], row["inout"], row["event"]) == (8, 1, 3)
    assert (row["method"], row["direction"]) == ("face", "out")
    assert row["temperature"] == 36.5
    photo = database.one("SELECT * FROM wac_photos")
    assert (row["photo_id"], photo["content"]) \
        == (photo["id"], b"\xff\xd8\xff\xe0\x00\x10JFIF")
    assert row["raw"]["note"] == {"msg": "hi"}
    assert row["raw"]["time"] == record["time"]
    assert "JFIF" not in str(row["raw"]) and "/9j/" not in str(row["raw"])


def test_stored_once(server, terminal, database):
    frame = sendlog(punch(1), punch(2))
    first = ask(server, frame)
    for _ in range(2):
        again = ask(server, frame)
        assert {**again, "cloudtime": ""} == {**first, "cloudtime": ""}
    assert [row["resends"] for row in database.punches()] == [2, 2]
    # another cut, and another way
    ask(server, sendlog(punch(2), punch(3), logindex=11), "/pub/api")
    assert [row["resends"] for row in database.punches()] == [2, 3, 0]


def test_senduser(server, terminal, database):
    answer = ask(server, {"cmd": "senduser", "sn": SN, "enrollid": 5,
                          "name": "Eva", "backupnum": 10, "admin": 0,
                          "record": "0123"})
    assert (answer["ret"], answer["result"]) == ("senduser", True)
    row = database.one("SELECT * FROM wac_credentials")
    assert (row["enrollid"], row["backupnum"], row["record"]) \
        == ("5", 10, "0123")
    assert database.one("SELECT * FROM wac_users")["name"] == "Eva"


def test_unknown_cmd_is_acknowledged_and_kept(server, terminal, database):
    answer = ask(server, {"cmd": "whatever", "sn": SN, "x": 1})
    assert (answer["ret"], answer["result"]) == ("whatever", True)
    event = database.one("SELECT * FROM wac_events")
    assert (event["event_type"], event["payload"]["x"]) == ("whatever", 1)


def test_bad_records_do_not_stop_good_ones(server, terminal, database):
    answer = ask(server, sendlog(punch(1), punch(2, "2026-99-99 00:00:00"),
                                 {"mode": 1}))
    assert (answer["result"], answer["count"]) == (True, 3)
    assert [row["enrollid"] for row in database.punches()] == ["1"]
    row = database.one("SELECT * FROM wac_quarantine")
    assert (row["protocol"], row["request"]) == ("cloud", "sendlog")
    assert b"2026-99-99" in row["frame"]


# ---- commands ----------------------------------------------------------------

def test_commands_only_in_answers_to_checklive(server, terminal, database):
    trans_id = database.queue(SN, "getdevinfo", native=True)
    assert ask(server, reg())["ret"] == "reg"
    assert ask(server, sendlog(punch()))["ret"] == "sendlog"
    command = ask(server, checklive())
    assert command == {"cmd": "getdevinfo", "sn": SN}
    assert ask(server, checklive())["ret"] == "checklive"
    answer = ask(server, {"ret": "getdevinfo", "sn": SN, "result": True,
                          "volume": 5})
    assert (answer["ret"], answer["result"]) == ("getdevinfo", True)
    row = database.command(trans_id)
    assert (row["trans_status"], row["result"]["volume"]) == ("succeeded", 5)


def test_a_terminal_that_takes_no_commands(server, terminal, database):
    trans_id = database.queue(SN, "getdevinfo", native=True)
    for _ in range(3):
        assert ask(server, checklive())["cmd"] == "getdevinfo"
        database.set_command(trans_id, sent_at="now() - interval '61 s'")
    assert ask(server, checklive())["ret"] == "checklive"
    row = database.command(trans_id)
    assert (row["trans_status"], row["failure"]) \
        == ("failed", "terminal takes no commands over HTTP")


def test_an_answer_that_nobody_waits_for(server, terminal):
    answer = ask(server, {"ret": "getdevinfo", "sn": SN, "result": True})
    assert (answer["ret"], answer["result"]) == ("getdevinfo", True)


# ---- refusals ----------------------------------------------------------------

EVERYTHING = [reg(), sendlog(punch()), checklive(),
              {"cmd": "senduser", "sn": SN, "enrollid": 5, "name": "Eva",
               "backupnum": 10, "admin": 0, "record": 1},
              {"cmd": "whatever", "sn": SN},
              {"ret": "getdevinfo", "sn": SN, "result": True}]


def assert_refused(server, path=PATH, **options):
    for frame in EVERYTHING:
        answer = ask(server, frame, path, **options)
        assert answer["ret"] == frame.get("cmd", frame.get("ret"))
        assert answer["result"] is False and answer["reason"]
        assert set(answer) == {"ret", "result", "reason"}


def nothing_stored(database):
    return all(database.count(table) == 0 for table in (
        "wac_attendance_logs", "wac_users", "wac_credentials", "wac_photos",
        "wac_events", "wac_quarantine"))


def test_pending(server, database):
    assert_refused(server)
    device = wait_for(lambda: (found := database.device(SN))["refusals"]
                      and found, what="counted refusals")
    assert (device["state"], device["protocol"]) == ("pending", "cloud")
    assert nothing_stored(database)


def test_open(server, database):
    assert ask(server, sendlog(punch()), "/open")["result"] is True
    assert database.device(SN)["state"] == "approved"
    assert len(database.punches()) == 1


def test_closed(server, database):
    assert_refused(server, "/closed")
    assert database.count("wac_devices") == 0
    database.add_device(SN, protocol="cloud")
    assert ask(server, sendlog(punch()), "/closed")["result"] is True


@pytest.mark.parametrize("path", [PATH, "/open", "/closed"])
def test_blocked(server, database, path):
    database.add_device(SN, "blocked", protocol="cloud")
    assert_refused(server, path)
    assert nothing_stored(database)


def test_another_cpusn(server, terminal):
    assert ask(server, reg())["result"] is True
    assert ask(server, reg(cpusn="987"))["result"] is False


def test_without_sn(server, database):
    answer = ask(server, {"cmd": "checklive"}, "/open")
    assert (answer["ret"], answer["result"]) == ("checklive", False)
    assert database.count("wac_devices") == 0


@pytest.mark.parametrize("sn", ["a b", "a\"b", "\u00fc", "x" * 65, "a\nb"])
def test_impossible_sn(server, database, sn):
    assert ask(server, checklive(sn=sn), "/open")["result"] is False
    assert database.count("wac_devices") == 0


# ---- token -------------------------------------------------------------------

TOKEN = "tok+/ \u00e9=1"


@pytest.fixture
def token(database):
    database.add_device(SN, protocol="cloud",
                        token_hash=hashlib.sha256(TOKEN.encode()).digest())
    return TOKEN.encode().decode("latin-1")  # as a header field


def say(server, path=PATH, headers=(), **more):
    """Whether the terminal is served."""
    data = request(checklive(**more), path).split(b"\r\n\r\n", 1)
    lines = "".join(f"\r\n{name}: {value}" for name, value in headers)
    reply = exchange(server.port,
                     data[0] + lines.encode("latin-1") + b"\r\n\r\n" + data[1])
    return json.loads(reply.body)["result"]


def test_token(server, token):
    assert say(server) is False
    assert_refused(server)
    assert say(server, headers=[("Authorization", "Bearer wrong")]) is False
    for scheme in ("Bearer", "bearer", "BEARER", "Bearer  "):
        assert say(server, headers=[("Authorization", f"{scheme} {token}")])
    assert say(server, headers=[("X-Device-Token", token)])
    assert say(server, headers=[("x-device-token", token + " ")])
    assert say(server, PATH + "?a=b&token=tok%2B/%20%c3%A9=1&c=d")
    assert say(server, token=TOKEN)
    assert say(server, token="wrong") is False
    assert say(server, PATH + "?token=") is False
    assert say(server, PATH + "?nottoken=tok%2B/%20%c3%A9=1") is False


def test_other_credentials_are_no_token(server, token):
    """Those of auth_basic leave the other places to look at."""
    basic = ("Authorization", "Basic dTpw")
    assert say(server, headers=[basic]) is False
    assert say(server, headers=[basic, ("X-Device-Token", token)])


def test_tokens_stay_out_of_our_log(server, database):
    database.add_device(SN, protocol="cloud", token_hash=b"x" * 32)
    assert say(server, PATH + "?token=geheim1") is False
    assert say(server, headers=[("X-Device-Token", "geheim2")]) is False
    assert say(server, token="geheim3") is False
    lines = wait_for(lambda: [line for line in
                              server.error_log().splitlines()
                              if f"device {SN}, checklive: refused" in line],
                     what="log lines")
    assert "client: 127.0.0.1" in lines[-1]
    assert "geheim" not in server.error_log()


# ---- bad input ---------------------------------------------------------------

@pytest.mark.parametrize("body", [
    b"", b"{", b'{"cmd":', b"[]", b"null", b"7", b'"reg"', b"\0", b"\xff\xfe",
    b"<xml/>", b'{"cmd":"reg"} x', b"[" * 200_000,
    b'{"a":' * 200_000, b'{"a":[' + b"0," * 400_000 + b"0]}",
], ids=lambda body: f"{body[:8]!r}+{len(body)}")
def test_no_json_object(server, database, body):
    answer = ask(server, body, "/open", status=400)
    assert answer["result"] is False and answer["reason"]
    assert set(answer) == {"result", "reason"}
    assert database.count("wac_devices") == 0


@pytest.mark.parametrize("frame", [
    {}, {"sn": SN}, {"cmd": None, "sn": SN}, {"cmd": [], "sn": SN},
    {"cmd": "", "sn": SN}, {"cmd": "x" * 1000, "sn": SN},
    {"cmd": "checklive", "sn": {}}, {"cmd": "checklive", "sn": [SN]}])
def test_wrong_types(server, database, frame):
    assert ask(server, frame, "/open")["result"] is False
    assert database.count("wac_devices") == 0


@pytest.mark.parametrize("more", [
    {"count": -1}, {"count": "many"}, {"count": 10 ** 30},
    {"logindex": {}}, {"record": None}, {"record": 7}, {"record": "x"},
    {"record": [None, 1, "x", [], {}]},
    {"record": [punch(), {**punch(), "time": []}]}])
def test_lies_in_sendlog(server, terminal, database, more):
    """It moves on, whatever it says."""
    answer = ask(server, sendlog(punch(), **more))
    assert (answer["ret"], answer["result"]) == ("sendlog", True)
    assert len(database.punches()) <= 1


def test_lenient_reader(server, terminal, database):
    text = (b'\xef\xbb\xbf {"cmd":"sendlog","sn":"' + SN.encode() + b'",'
            b'"count":"1","Record":[{"enrollid":"007 ","time":'
            b'" 2026-6-12 9:05:30","mode":01,}],}\0\n')
    assert ask(server, text)["result"] is True
    (row,) = database.punches()
    assert row["record_time"] == datetime.datetime(2026, 6, 12, 9, 5, 30)


@pytest.mark.parametrize("length", [8 * 1024 * 1024 + 1, 40_000_000])
def test_too_large(server, length):
    """8 MB whatever client_max_body_size allows, then that."""
    head = request(b"").replace(b"Content-Length: 0",
                                b"Content-Length: %d" % length)
    with Connection(server.port) as connection:
        connection.send(head)
        reply = connection.reply()
    assert reply.status == 413
    assert b"<html>" in reply.body


def test_too_large_in_chunks(server):
    chunk = b"100000\r\n" + b" " * 0x100000 + b"\r\n"
    with Connection(server.port) as connection:
        connection.send(chunked_head(PATH))
        for _ in range(9):
            connection.send(chunk)
        connection.send(b"0\r\n\r\n")
        assert connection.reply().status == 413


def test_limit_of_nginx(server, terminal):
    reply = post(server, b" " * 1_100_000, "/limit")
    assert reply.status == 413


def test_up_to_the_limit(server, terminal, database):
    photo = "QUJD" * 1_900_000
    assert ask(server, sendlog(punch(image=photo)))["result"] is True
    assert len(database.one("SELECT * FROM wac_photos")["content"]) \
        == 5_700_000


# ---- methods and places ------------------------------------------------------

@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE",
                                    "OPTIONS", "PATCH"])
def test_only_post(server, database, method):
    with Connection(server.port) as connection:
        connection.send(request(b"{}", method=method))
        reply = connection.reply(head_only=method == "HEAD")
    assert reply.status == 405
    assert reply.header("Allow") == "POST"
    assert database.count("wac_devices") == 0


def test_keep_alive_after_a_wrong_method(server, terminal):
    with Connection(server.port) as connection:
        connection.send(request(b"{}", method="PUT", version="1.1"))
        assert connection.reply().status == 405
        connection.send(request(checklive(), version="1.1"))
        assert json.loads(connection.reply().body)["result"] is True


def test_nginx_own_answers_stay_its_own(server):
    reply = post(server, checklive(), "/page")
    assert (reply.status, reply.body) == (403, b"a page")


@pytest.mark.parametrize("path", ["/outer", "/outer/inner", "/open/x/y?z"])
def test_every_path_of_the_location(server, path, database):
    assert ask(server, checklive(), path)["result"] is True


def test_off_inside(server):
    assert post(server, checklive(), "/outer/off").body == b"off"


def test_rewritten(server, database):
    """The channel is that of the path which was asked for."""
    assert "mark" not in ask(server, sendlog(punch()), "/rewritten")
    assert "mark" in ask(server, sendlog(punch()), "/rewritten/pub/api")


def test_beside_fk(server, database):
    fk = exchange(server.port, request_bytes("receive_cmd", "D1", b"",
                                             target="/both"))
    assert fk.response_code == "ERROR_NO_CMD"
    assert not post(server, checklive(), "/both").has("response_code")
    assert ask(server, checklive(), "/both")["result"] is True
    protocols = {row["sn"]: row["protocol"] for row in
                 database.query("SELECT * FROM wac_devices")}
    assert protocols == {"D1": "fk", SN: "cloud"}


def test_gzip_keeps_away(server, terminal):
    reply = post(server, sendlog(punch()), "/gzip",
                 headers=[("Accept-Encoding", "gzip")])
    assert not reply.has("Content-Encoding")
    assert json.loads(reply.body)["ret"] == "sendlog"


# ---- HTTP --------------------------------------------------------------------

def test_http_1_0_without_host(server, terminal):
    with Connection(server.port) as connection:
        connection.send(request(checklive(), host=None))
        reply = connection.reply()
        assert connection.closed_by_peer()
    assert json.loads(reply.body)["result"] is True


def test_without_content_type(server, terminal):
    data = request(checklive()).replace(b"Content-Type: application/json\r\n",
                                        b"")
    assert b"true" in exchange(server.port, data).body


def test_keep_alive_and_pipelined(server, terminal, database):
    frames = [frame for number in range(10)
              for frame in (sendlog(punch(number)), checklive(), b"{")]
    with Connection(server.port) as connection:
        connection.send(b"".join(request(frame, version="1.1")
                                 for frame in frames))
        for frame in frames:
            reply = connection.reply()
            if frame == b"{":
                assert reply.status == 400
            else:
                assert json.loads(reply.body)["ret"] == frame["cmd"]
    assert len(database.punches()) == 10


def chunked_head(path):
    return (f"POST {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
            "Transfer-Encoding: chunked\r\n\r\n").encode()


IMAGE = "QUJD" * 100_000


@pytest.mark.parametrize("path", [PATH, "/small?", "/file?"])
def test_chunked_request(server, database, path):
    database.add_device(SN, protocol="cloud")
    body = compact(sendlog(punch(image=IMAGE)))
    with Connection(server.port) as connection:
        connection.send(chunked_head(path))
        for place in range(0, len(body), 70000):
            piece = body[place:place + 70000]
            connection.send(b"%x\r\n%s\r\n" % (len(piece), piece))
        connection.send(b"0\r\n\r\n")
        assert json.loads(connection.reply().body)["result"] is True
    assert database.one("SELECT * FROM wac_photos")["content"] \
        == b"ABC" * 100_000


@pytest.mark.parametrize("path", [PATH, "/small", "/file"])
@pytest.mark.parametrize("image", [None, IMAGE], ids=["small", "400 kB"])
def test_body_in_memory_or_file(server, terminal, database, path, image):
    assert ask(server, sendlog(punch(image=image)), path)["result"] is True
    assert database.count("wac_photos") == (1 if image else 0)
    # nginx removes it behind its answer
    wait_for(lambda: not [
        file for file in (server.tmp / "client_body_temp").rglob("*")
        if file.is_file()], what="the body's file to be gone")


def test_expect_100_continue(server, terminal):
    head, blank, body = request(checklive(), version="1.1", headers=[
        ("Expect", "100-continue"), ("Connection", "close")]) \
        .partition(b"\r\n\r\n")
    with Connection(server.port) as connection:
        connection.send(head + blank)
        assert connection.socket.recv(25, socket.MSG_WAITALL) \
            == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.send(body)
        assert json.loads(connection.reply().body)["result"] is True


def test_bytes_that_trickle(server, terminal, database):
    with Connection(server.port) as connection:
        for byte in request(sendlog(punch())):
            connection.send(bytes([byte]))
        assert json.loads(connection.reply().body)["result"] is True
    assert len(database.punches()) == 1


def test_answers_are_plain_http(server, terminal):
    """No header that a simple client could stumble over."""
    reply = post(server, checklive())
    assert {name for name, _ in reply.headers} \
        == {"Server", "Date", "Content-Type", "Content-Length", "Connection"}
