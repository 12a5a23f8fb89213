"""HTTP as terminals and nginx speak it: versions, keep-alive, lengths, what
falls through to other handlers, and bodies wherever nginx put them."""

import socket

import pytest

from wac.terminal import Connection, Terminal, exchange, frame, glog
from wac.wait import wait_for

CONF = """
%%TEST_GLOBALS%%
events { }
http {
    %%TEST_GLOBALS_HTTP%%
    wac_database "%%DATABASE%%";
    wac_enrolment open;
    server {
        listen 127.0.0.1:%%PORT%%;
        root %%TMP%%/html;
        location / { wac_fk on; }
        location /hdata.aspx { wac_fk on; }
        location /small { wac_fk on; client_body_buffer_size 1k; }
        location /file { wac_fk on; client_body_in_file_only clean; }
        location /one { wac_fk on; client_body_in_single_buffer on;
                        client_body_buffer_size 1k; }
        location /gzip { wac_fk on; gzip on; gzip_min_length 0;
                         gzip_types *; gzip_proxied any;
                         gzip_http_version 1.0; }
        location /denied { wac_fk on; deny all; }
        location /proxied { wac_fk on;
                            proxy_pass http://127.0.0.1:%%PORT2%%; }
    }
    server {
        listen 127.0.0.1:%%PORT2%%;
        return 200 "$request_method $request_uri $content_length";
    }
}
"""

SN = "D0000000000000A1"
KEEP = {"version": "1.1", "connection": "keep-alive"}


@pytest.fixture
def database(module_database):
    return module_database.emptied()


@pytest.fixture(scope="module")
def server(module_nginx):
    server = module_nginx(CONF, start=False)
    html = server.tmp / "html"
    html.mkdir()
    (html / "index.html").write_text("a web site\n")
    (html / "page.txt").write_text("a page\n")
    return server.start()


def get(server, target, method="GET", headers="", version="1.0"):
    with Connection(server.port) as connection:
        connection.send(f"{method} {target} HTTP/{version}\r\n"
                        f"Host: x\r\n{headers}\r\n".encode())
        return connection.reply(head_only=method == "HEAD")


# ---- connections ---------------------------------------------------------

def test_http_1_0(server):
    with Connection(server.port) as connection:
        connection.send(Terminal(server.port, SN).punch_request())
        reply = connection.reply()
        assert reply.version == "HTTP/1.1"
        assert reply.header("Connection") == "close"
        assert connection.closed_by_peer()
    assert reply.response_code == "OK"


def test_http_1_0_keep_alive(server):
    with Connection(server.port) as connection:
        for number in range(3):
            connection.send(Terminal(server.port, SN).punch_request(
                user_id=str(number), options={"connection": "keep-alive"}))
            assert connection.reply().response_code == "OK"


def test_http_1_1_keep_alive(server, database):
    """Punches, polls and other things on one connection."""
    terminal = Terminal(server.port, SN, **KEEP)
    with Connection(server.port) as connection:
        for number in range(20):
            connection.send(terminal.punch_request(user_id=str(number)))
            reply = connection.reply()
            assert reply.response_code == "OK"
            assert reply.header("Connection") == "keep-alive"
            connection.send(terminal.request("receive_cmd"))
            assert connection.reply().response_code == "ERROR_NO_CMD"
            connection.send(b"GET /page.txt HTTP/1.1\r\nHost: x\r\n\r\n")
            assert connection.reply().body == b"a page\n"
    assert len(database.punches()) == 20


def test_http_1_1_close(server):
    with Connection(server.port) as connection:
        connection.send(Terminal(server.port, SN, version="1.1")
                        .punch_request())
        reply = connection.reply()
        assert reply.header("Connection") == "close"
        assert connection.closed_by_peer()


def test_pipelined(server, database):
    """Answered one by one, in their order."""
    terminal = Terminal(server.port, SN, **KEEP)
    with Connection(server.port) as connection:
        connection.send(b"".join(
            terminal.punch_request(user_id=str(number))
            + terminal.request("receive_cmd")
            + terminal.request("send_cmd_result", task_id=1000 + number)
            for number in range(10)))
        for number in range(10):
            assert connection.reply().response_code == "OK"
            assert connection.reply().response_code == "ERROR_NO_CMD"
            assert connection.reply().header("trans_id") == str(1000 + number)
    assert [row["enrollid"] for row in database.punches()] \
        == [str(number) for number in range(10)]


@pytest.mark.parametrize("target", [
    "/", "/hdata.aspx", "/any/path?with=arguments", "http://192.0.2.10",
    "http://192.0.2.10/", "/page.txt"])
def test_targets(server, target):
    assert Terminal(server.port, SN, target=target).punch() \
        .response_code == "OK"


def test_bytes_that_trickle(server, database):
    """A slow terminal, whose every byte comes alone."""
    request = Terminal(server.port, SN).punch_request(image=b"x" * 100)
    with Connection(server.port) as connection:
        for place in range(len(request)):
            connection.send(request[place:place + 1])
        assert connection.reply().response_code == "OK"
    assert len(database.punches()) == 1


# ---- lengths -------------------------------------------------------------

@pytest.mark.parametrize("options", [{}, KEEP, {"version": "1.1"}],
                         ids=["1.0", "1.1 keep-alive", "1.1 close"])
def test_length_always_chunks_never(server, options):
    terminal = Terminal(server.port, SN, **options)
    for request in (terminal.punch_request(), terminal.request("receive_cmd"),
                    terminal.request("send_cmd_result", task_id=1),
                    terminal.request("nonsense"),
                    terminal.request("realtime_glog", b"junk")):
        with Connection(server.port) as connection:
            connection.send(request)
            reply = connection.reply()  # refuses chunks, wants a length
            assert reply.header("Content-Length") == "0"


def test_gzip_keeps_away(server):
    terminal = Terminal(server.port, SN, target="/gzip")
    for reply in (terminal.punch(), terminal.poll()):
        assert not reply.has("Content-Encoding")
        assert reply.header("Content-Length") == "0"
        assert reply.status == 200


# ---- methods and other handlers ------------------------------------------

@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE",
                                    "OPTIONS", "PATCH"])
def test_only_post_carries_the_protocol(server, database, method):
    reply = get(server, "/", method,
                f"request_code: realtime_glog\r\ndev_id: {SN}\r\n")
    assert reply.status == 405
    assert database.count("wac_devices") == 0


def test_web_site_beside_terminals(server):
    assert get(server, "/").body == b"a web site\n"
    assert get(server, "/page.txt").body == b"a page\n"
    assert get(server, "/page.txt", "HEAD").header("Content-Length") == "7"
    assert get(server, "/none").status == 404


def test_post_without_request_code_is_not_ours(server):
    """A static file cannot be posted to: nginx's own answer."""
    reply = exchange(server.port, b"POST /page.txt HTTP/1.0\r\n"
                     b"Content-Length: 3\r\n\r\nabc")
    assert reply.status == 405
    assert not reply.has("response_code")


def test_empty_request_code_is_none(server):
    reply = Terminal(server.port, SN, target="/proxied").send("")
    assert reply.body == b"POST /proxied 0"


def test_falls_through_to_a_proxy(server):
    reply = exchange(server.port, b"POST /proxied/x?y=1 HTTP/1.0\r\n"
                     b"Content-Length: 3\r\n\r\nabc")
    assert reply.body == b"POST /proxied/x?y=1 3"
    assert get(server, "/proxied").body == b"GET /proxied "


def test_terminal_in_front_of_a_proxy(server):
    assert Terminal(server.port, SN, target="/proxied").punch() \
        .response_code == "OK"


# ---- nginx's own refusals ------------------------------------------------

def test_denied(server, database):
    """The terminal finds a response_code, and keeps its record."""
    terminal = Terminal(server.port, SN, target="/denied")
    reply = terminal.punch()
    assert reply.status == 403
    assert reply.response_code == "ERROR"
    assert terminal.poll().status == 403
    assert database.count("wac_attendance_logs") == 0


def test_denied_browser_gets_no_response_code(server):
    reply = get(server, "/denied")
    assert reply.status == 403
    assert not reply.has("response_code")


def test_too_large(server):
    terminal = Terminal(server.port, SN)
    with Connection(server.port) as connection:
        connection.send(terminal.request(
            "realtime_glog", content_length=str(2 ** 21)))
        reply = connection.reply()
    assert reply.status == 413
    assert reply.response_code == "ERROR"


# ---- bodies --------------------------------------------------------------

IMAGE = bytes(range(256)) * 1200  # 300 kB


@pytest.mark.parametrize("target", ["/", "/small", "/file", "/one"])
@pytest.mark.parametrize("image", [None, IMAGE], ids=["small", "300 kB"])
def test_body_in_memory_or_file(server, database, target, image):
    terminal = Terminal(server.port, SN, target=target)
    assert terminal.punch(image=image).response_code == "OK"
    assert len(database.punches()) == 1
    if image:
        assert database.one("SELECT * FROM wac_photos")["content"] == image
    # nginx removes the file when it is done with the connection
    wait_for(lambda: not [
        file for file in (server.tmp / "client_body_temp").rglob("*")
        if file.is_file()], what="the file to be removed")


@pytest.mark.parametrize("target", ["/", "/small"])
def test_chunked_request(server, database, target):
    terminal = Terminal(server.port, SN, target=target)
    body = frame(glog(log_image="BIN_1"), IMAGE)
    head = terminal.request("realtime_glog", version="1.1",
                            connection="close", blk_no=None,
                            without=["Content-Length"],
                            extra=[("Transfer-Encoding", "chunked")])
    with Connection(server.port) as connection:
        connection.send(head)
        for place in range(0, len(body), 70000):
            piece = body[place:place + 70000]
            connection.send(b"%x\r\n%s\r\n" % (len(piece), piece))
        connection.send(b"0\r\n\r\n")
        assert connection.reply().response_code == "OK"
    assert database.one("SELECT * FROM wac_photos")["content"] == IMAGE


def test_expect_100_continue(server):
    """curl does so for large bodies."""
    terminal = Terminal(server.port, SN, version="1.1",
                        extra=[("Expect", "100-continue")])
    request = terminal.punch_request(image=IMAGE)
    head, blank, body = request.partition(b"\r\n\r\n")
    with Connection(server.port) as connection:
        connection.send(head + blank)
        assert connection.socket.recv(25, socket.MSG_WAITALL) \
            == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.send(body)
        assert connection.reply().response_code == "OK"
