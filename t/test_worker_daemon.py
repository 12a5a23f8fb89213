"""wac-worker as a daemon: its socket, its configuration, its limits, and how
it ends. What sessions say is for other files."""

import grp
import json
import os
import re
import signal
import socket
import stat

import pytest

from wac.wait import wait_for
from wac.websocket import connect
from wac.worker import Worker, accepts_connections, run_worker


@pytest.fixture
def worker(database):
    """worker(start=True, **options) -> Worker; ends and checks it."""
    made = []

    def make(start=True, **options):
        made.append(Worker(options.pop("database", database), **options))
        return made[-1].start() if start else made[-1]

    yield make
    try:
        for each in made:
            if each.running():
                each.stop()
            print(each.log())
            each.check()
        wait_for(lambda: not database.sessions(), 15, "sessions to end")
    finally:
        for each in made:
            each.remove()


# ---- the socket ----------------------------------------------------------

def test_mode_and_group(worker):
    group = grp.getgrgid(os.getegid()).gr_name
    server = worker(socket_mode="0606", socket_group=group)
    found = server.socket.stat()
    assert stat.S_IMODE(found.st_mode) == 0o606
    assert found.st_gid == os.getegid()


def test_default_mode(worker):
    assert stat.S_IMODE(worker().socket.stat().st_mode) == 0o660


def test_stale_socket_replaced(worker):
    first = worker()
    first.kill()
    assert first.socket.exists()
    second = worker(listen=first.socket, start=False)
    second.socket = first.socket
    second.start()
    assert second.stop() == 0
    assert not first.socket.exists()


def test_second_instance_refused(worker):
    first = worker()
    second = worker(listen=first.socket, start=False).launch()
    assert second.wait() == 1
    assert f'another wac-worker listens on "{first.socket}"' in second.log()
    second.allow_log("another wac-worker")
    second.expected_status = 1
    assert accepts_connections(first.socket)


def test_socket_of_another_program(worker):
    server = worker(start=False)
    with socket.socket(socket.AF_UNIX) as other:
        other.bind(str(server.socket))
        other.listen()
        run = run_worker(*server.options)
    assert run.returncode == 1
    assert "another program listens" in run.stderr
    assert server.socket.exists()


def test_socket_activation(worker):
    """The descriptor is used as it is, and its file is not removed."""
    server = worker(start=False)
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(server.socket))
        listening.listen()
        fd = listening.fileno()
        server.environment = {"LISTEN_FDS": "1"}
        # what systemd does between fork and exec
        server.prefix = ["bash", "-c",
                         f'LISTEN_PID=$$ exec "$0" "$@" 3<&{fd}']
        server.launch(pass_fds=[fd])
        with connect(server.socket) as client:
            client.ping(b"x")
        assert server.stop() == 0
        assert server.socket.exists()


def test_ready_and_stopping_are_notified(worker):
    server = worker(start=False)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.settimeout(15)
        manager.bind(str(server.tmp / "notify"))
        server.environment = {"NOTIFY_SOCKET": str(server.tmp / "notify")}
        server.launch()
        assert manager.recv(100) == b"READY=1"
        assert accepts_connections(server.socket)
        server.send_signal(signal.SIGTERM)
        assert manager.recv(100) == b"STOPPING=1"


# ---- configuration -------------------------------------------------------

GOOD = "host=/run/postgresql dbname=wac"


def test_check_good():
    run = run_worker("--check", "--database", GOOD)
    assert run.returncode == 0, run.stderr
    assert "the configuration is good" in run.stderr


def test_check_reads_the_file(tmp_path):
    file = tmp_path / "worker.conf"
    file.write_text(f"database = {GOOD}\ntimeout = 3s\n")
    assert run_worker("-t", "-c", file).returncode == 0
    file.write_text(f"database = {GOOD}\ntimeout = 3s\ntimout = 3s\n")
    run = run_worker("-t", "-c", file)
    assert run.returncode == 1
    assert f'{file}:3: unknown key "timout"' in run.stderr


@pytest.mark.parametrize("option, said", [
    ("--time-zone=Mars/Base", "Mars/Base"),
    ("--enrolment=maybe", "approve, open, closed"),
    ("--timeout=soon", "soon"),
    ("--socket-group=no-such-group", "no-such-group"),
    ("--listen=worker.sock", "absolute"),
    ("--no-such", "no-such"),
])
def test_check_bad(option, said):
    run = run_worker("--check", "--database", GOOD, option)
    assert run.returncode == 1
    assert said in run.stderr


def test_bad_database_is_refused_and_not_shown(worker):
    for arguments in (["--database=password=geheim nonsense"],
                      ["postgresql://me:geheim@host/wac"]):
        run = run_worker(*arguments)
        assert run.returncode == 1
        assert "geheim" not in run.stderr
    assert run_worker().returncode == 1
    assert "no database" in run_worker().stderr


def test_example_configuration():
    example = os.path.join(
        os.path.dirname(__file__), "..", "conf.example", "wac_worker.conf")
    with open(example, encoding="utf-8") as file:
        text = file.read()
    # its group is Debian's nginx's, and exists where nginx is installed
    run = run_worker("--check", "--config", os.path.abspath(example))
    assert run.returncode == 0, run.stderr
    # what it offers in comments is a setting of the program
    names = re.findall(r"^#?([a-z-]+) = ", text, re.M)
    help_text = run_worker("--help").stdout
    assert names and all(f"--{name}" in help_text for name in names)
    offered = set(re.findall(r"--([a-z-]+) [A-Z]+", help_text))
    assert offered - {"config"} == set(names)


# ---- connections ---------------------------------------------------------

def test_any_path_and_query_and_origin(worker):
    server = worker()
    for path in ("/", "/ws", "/pub/chat?sn=1&x", "/a/b/../c"):
        with connect(server.socket, path=path, origin="http://elsewhere"):
            pass


def test_ping_is_answered(worker):
    with connect(worker().socket) as client:
        client.ping(b"hello")


def test_extensions_are_not_used(worker):
    with connect(worker().socket, compression="deflate") as client:
        client.ping(b"x")


def test_too_large_message(worker):
    server = worker(max_message="64k")
    with connect(server.socket) as client:
        client.send(["{" + "x" * 40000, "x" * 40000])
        assert client.wait_closed() == 1009


def test_largest_message_in_fragments_and_binary(worker):
    """It is joined and taken: bad JSON is no protocol error."""
    server = worker(max_message="64k")
    with connect(server.socket) as client:
        client.send(["{" + "x" * 64999, "y" * 536])
        client.send(b"\x00\xff\xfe")
        client.ping(b"still here")


def test_register_timeout(worker):
    server = worker(register_timeout="1s")
    with connect(server.socket) as client:
        assert client.wait_closed() == 1008
        assert client.close_reason == "not registered"


def test_max_connections(worker):
    server = worker(max_connections=2)
    with connect(server.socket) as first, connect(server.socket):
        with pytest.raises(Exception):
            connect(server.socket)
        server.wait_for_log("--max-connections is reached")
        first.close()
        wait_for(lambda: can_connect(server.socket), what="room again")


def can_connect(path):
    try:
        with connect(path):
            return True
    except Exception:  # whatever the client makes of a closed connection
        return False


def test_more_than_the_limit_of_open_files(worker):
    """--max-connections beyond it is cut to what can be had."""
    server = worker(start=False, max_connections=1000000)
    server.start()
    server.wait_for_log("serves")
    with connect(server.socket) as client:
        client.ping(b"x")


def test_plain_http(worker):
    server = worker()
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(15)
        client.connect(str(server.socket))
        client.sendall(b"GET /ws HTTP/1.1\r\nHost: x\r\n\r\n")
        answer = b""
        while part := client.recv(4096):
            answer += part
    assert answer.startswith(b"HTTP/1.1 426")
    assert answer.endswith(b"\r\n\r\nWebSocket only\n")


def test_half_a_handshake_ends(worker):
    server = worker()
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(60)
        client.connect(str(server.socket))
        client.sendall(b"GET /ws HTTP/1.1\r\nHost")
        assert client.recv(100) == b""


def test_unknown_dialect_is_closed_after_a_while(worker):
    server = worker()
    with connect(server.socket) as client, connect(server.socket) as blank:
        for _ in range(3):
            client.send('{"no dialect": "has this"}')
            assert json.loads(client.recv())["code"] == "malformed"
            blank.send(" \r\n")
        assert client.wait_closed() == 1003
        assert blank.wait_closed() == 1003
    assert server.log().count("speaks no dialect") == 1


@pytest.mark.parametrize("message", [
    "no dialect begins so", "\ufefftext", b"\x00\x00\x00<", b"\xff\xfe{\x00",
    b"\xff\xfe\x00\x00<\x00\x00\x00"])
def test_neither_xml_nor_json_is_closed_at_once(worker, message):
    server = worker()
    with connect(server.socket) as client:
        client.send(message)
        assert client.wait_closed() == 1007
        assert client.close_reason == "neither XML nor JSON"
    server.wait_for_log("speaks no dialect")


# ---- the end -------------------------------------------------------------

def test_sigterm_idle(worker):
    server = worker()
    assert server.stop() == 0
    assert not server.socket.exists()


def test_sigint(worker):
    assert worker().stop(signal.SIGINT) == 0


def test_sigterm_closes_with_going_away(worker):
    server = worker()
    with connect(server.socket) as silent:
        server.send_signal(signal.SIGTERM)
        assert silent.wait_closed() == 1001
        assert server.wait() == 0


def test_sigterm_with_a_terminal_that_does_not_answer(worker):
    """It neither reads nor closes; --drain-timeout is what it has."""
    server = worker(drain_timeout="1s")
    with raw_connection(server.socket):
        assert server.stop() == 0


def test_second_signal_ends_at_once(worker):
    server = worker(drain_timeout="1h")
    with raw_connection(server.socket):
        server.send_signal(signal.SIGTERM)
        server.wait_for_log("ending")
        wait_for(lambda: accepts_nothing(server.socket),
                 what="it to listen no more")
        server.send_signal(signal.SIGTERM)
        assert server.wait() == 0
        assert "ended at once" in server.log()


def raw_connection(path):
    """Upgraded, and then silent whatever comes."""
    client = socket.socket(socket.AF_UNIX)
    client.settimeout(15)
    client.connect(str(path))
    client.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n"
                   b"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                   b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
    assert client.recv(4096).startswith(b"HTTP/1.1 101")
    return client


def accepts_nothing(path):
    return not accepts_connections(path)


# ---- the database --------------------------------------------------------

def test_missing_database_at_start(worker, database):
    """It starts, says so once, and listens."""
    server = worker(database="host=/nowhere dbname=wac", drain_timeout="1s")
    server.allow_log("cannot use database")
    with connect(server.socket) as client:
        client.ping(b"x")
    assert server.stop() == 0
