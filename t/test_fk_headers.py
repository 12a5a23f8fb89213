"""The protocol's headers are found whatever their order and case, with no
underscores_in_headers in the configuration."""

import random

import pytest

from wac.terminal import Connection, Terminal, exchange, frame, glog

CONF = """
%%TEST_GLOBALS%%
events { }
http {
    %%TEST_GLOBALS_HTTP%%
    wac_database "%%DATABASE%%";
    wac_enrolment open;
    server {
        listen 127.0.0.1:%%PORT%%;
        location / { wac_fk on; }
    }
}
"""

# the terminals' server is not the default one of its address; a second
# address has no terminals
CONF_SERVERS = """
%%TEST_GLOBALS%%
events { }
http {
    %%TEST_GLOBALS_HTTP%%
    wac_database "%%DATABASE%%";
    wac_enrolment open;
    server {
        listen 127.0.0.1:%%PORT%%;
        server_name default.example;
        return 200 "seen:$http_dev_id";
    }
    server {
        listen 127.0.0.1:%%PORT%%;
        server_name terminals.example;
        location / { }
        location /fk { wac_fk on; }
    }
    server {
        listen 127.0.0.1:%%PORT2%%;
        return 200 "seen:$http_dev_id";
    }
}
"""

SN = "D0000000000000A1"


@pytest.fixture(scope="module")
def server(module_nginx):
    return module_nginx(CONF)


@pytest.fixture
def database(module_database):
    return module_database.emptied()


def punch_with_headers(headers, body=None, version="1.0"):
    body = frame(glog()) if body is None else body
    lines = "\r\n".join([f"POST / HTTP/{version}", *headers, "", ""])
    return lines.encode() + body


BODY_LENGTH = len(frame(glog()))
HEADERS = ["Accept: */*", "Content-Type: application/octet-stream",
           "request_code: realtime_glog",
           "Content-Type: application/octet-stream",
           f"Content-Length: {BODY_LENGTH}", "trans_id: RTLogSendAction",
           f"dev_id: {SN}", "blk_no: 0", f"blk_len: {BODY_LENGTH}",
           "HOST: 192.0.2.10:8090"]


@pytest.mark.parametrize("seed", range(8))
def test_any_order(server, database, seed):
    headers = HEADERS[:]
    random.Random(seed).shuffle(headers)
    reply = exchange(server.port, punch_with_headers(headers))
    assert reply.response_code == "OK"
    assert database.punches()[0]["sn"] == SN


@pytest.mark.parametrize("change", [str.upper, str.lower, str.title])
def test_any_case(server, database, change):
    headers = [change(name) + ": " + value for name, value in
               (header.split(": ", 1) for header in HEADERS)]
    reply = exchange(server.port, punch_with_headers(headers))
    assert reply.response_code == "OK"
    assert database.punches()[0]["sn"] == SN


def test_host_last_in_upper_case(server):
    assert HEADERS[-1].startswith("HOST")
    assert exchange(server.port, punch_with_headers(HEADERS)) \
        .response_code == "OK"


def test_no_host(server):
    assert exchange(server.port, punch_with_headers(HEADERS[:-1])) \
        .response_code == "OK"


def test_blanks_around_values(server, database):
    headers = [header.replace(": ", ":   ") + "  " for header in HEADERS]
    assert exchange(server.port, punch_with_headers(headers)) \
        .response_code == "OK"
    assert database.punches()[0]["sn"] == SN


def test_no_blank_before_values(server, database):
    headers = [header.replace(": ", ":") for header in HEADERS]
    assert exchange(server.port, punch_with_headers(headers)) \
        .response_code == "OK"
    assert database.punches()[0]["sn"] == SN


def test_line_feeds_alone(server):
    request = punch_with_headers(HEADERS).replace(b"\r\n", b"\n")
    assert exchange(server.port, request).response_code == "OK"


def test_first_of_two_equal_names_counts(server, database):
    headers = HEADERS + ["dev_id: OTHER", "request_code: receive_cmd"]
    assert exchange(server.port, punch_with_headers(headers)) \
        .response_code == "OK"
    assert database.punches()[0]["sn"] == SN


@pytest.mark.parametrize("first", ["trans_id", "cmd_id"])
def test_trans_id_before_cmd_id(server, first):
    pair = ["trans_id: 17", "cmd_id: 18"]
    if first == "cmd_id":
        pair.reverse()
    reply = exchange(server.port, punch_with_headers(
        ["request_code: send_cmd_result", f"dev_id: {SN}", *pair], b""))
    assert reply.header("trans_id") == "17"
    assert not reply.has("cmd_id")


def test_names_in_the_answer(server):
    """Terminals compare by case: ours lower, nginx's own in title case."""
    reply = Terminal(server.port, SN).poll()
    names = [name for name, _ in reply.headers]
    for name in ("response_code", "trans_id", "cmd_code", "Content-Length",
                 "Content-Type", "Date", "Connection"):
        assert names.count(name) == 1, reply
    assert b"\r\ntrans_id: \r\n" in reply.raw_head + b"\r\n"
    assert b"\r\ncmd_code: \r\n" in reply.raw_head + b"\r\n"


def test_many_headers(server):
    """More than fit in one part of nginx's list."""
    extra = [(f"X-Number-{number}", number) for number in range(60)]
    assert Terminal(server.port, SN).punch(options={"extra": extra}) \
        .response_code == "OK"


def test_names_with_dashes_are_others(server, database):
    """request-code is not request_code."""
    headers = [header.replace("request_code", "request-code")
               for header in HEADERS]
    reply = exchange(server.port, punch_with_headers(headers))
    assert not reply.has("response_code")
    assert database.count("wac_attendance_logs") == 0


def test_default_server_of_the_address_keeps_underscores(nginx, database):
    """nginx reads headers by the rules of the default server, before it
    knows which server is meant."""
    server = nginx(CONF_SERVERS)
    terminal = Terminal(server.port, SN, host="terminals.example",
                        target="/fk")
    assert terminal.punch().response_code == "OK"
    assert database.punches()[0]["sn"] == SN
    reply = Terminal(server.port, SN, host="default.example").poll()
    assert reply.body == f"seen:{SN}".encode()


def test_other_addresses_keep_nginx_default(nginx, database):
    server = nginx(CONF_SERVERS)
    reply = Terminal(server.ports["PORT2"], SN).poll()
    assert reply.body == b"seen:"


@pytest.mark.parametrize("conf", [CONF, CONF_SERVERS])
def test_announced_by_the_configuration_test(nginx, database, conf):
    server = nginx(conf, start=False)
    run = server.test()
    assert run.returncode == 0, run.stderr
    assert "underscores_in_headers" in run.stderr


def test_nothing_to_announce(nginx, database):
    """It was on already, or no terminals are served."""
    said_so = CONF.replace("server {", "underscores_in_headers on; server {")
    for conf in (said_so, CONF.replace("wac_fk on", "wac_fk off")):
        run = nginx(conf, start=False).test()
        assert run.returncode == 0, run.stderr
        assert "underscores_in_headers" not in run.stderr


def test_huge_headers_are_nginx_business(server):
    with Connection(server.port) as connection:
        connection.send(Terminal(server.port, "x" * 20000).request(
            "receive_cmd"))
        assert connection.reply().status == 400
