"""Runs wac-sim, and gives it peers that hand out commands: of the FK dialect,
and of the cloud dialect over WebSocket (python3-websockets) and HTTP."""

import asyncio
import contextlib
import http.server
import json
import signal
import socket
import struct
import subprocess
import threading

import websockets

from . import paths
from .wait import wait_for

WAC_SIM = paths.BUILD_DIR / "bin" / "wac-sim"


def sim(port, *options, status=0, timeout=60):
    """Runs it to its end and gives its --json summary."""
    run = subprocess.run(
        [WAC_SIM, "fk", "--url", f"http://127.0.0.1:{port}/", "--json",
         *map(str, options)],
        capture_output=True, text=True, timeout=timeout)
    assert run.returncode == status, run
    return json.loads(run.stdout)


def sim_until(condition, port, *options, status=0, number=signal.SIGINT):
    """Ends it by a signal once the condition holds."""
    run = subprocess.Popen(
        [WAC_SIM, "fk", "--url", f"http://127.0.0.1:{port}/", "--json",
         "--interval", "20ms", *map(str, options)],
        stdout=subprocess.PIPE, text=True)
    try:
        wait_for(condition)
        run.send_signal(number)
        output, _ = run.communicate(timeout=30)
    finally:
        run.kill()
    assert run.returncode == status
    return json.loads(output)


class Request:
    def __init__(self, head, body):
        _, *lines = head.decode().split("\r\n")
        self.headers = {}
        for line in lines:
            name, _, value = line.partition(":")
            self.headers.setdefault(name.lower(), value.strip())
        self.code = self.headers["request_code"]
        self.body = body


class Result:
    """A result whose parts were joined."""

    def __init__(self, task_id, return_code, body):
        self.task_id = task_id
        self.return_code = return_code
        self.raw = body
        self.json, self.bins = unframe(body)


def unframe(body):
    if not body:
        return None, []
    items = []
    while body:
        length, = struct.unpack_from("<I", body)
        assert length <= len(body) - 4
        items.append(body[4:4 + length])
        body = body[4 + length:]
    return json.loads(items[0].rstrip(b"\n\0")), items[1:]


class Peer:
    """Answers polls with `commands`, (code, body) each, everything else with
    OK. `answers` overrides the answer to a request_code."""

    def __init__(self, commands=(), task_id_header="trans_id", answers=None,
                 restart_by_code=False):
        self.commands = list(commands)
        self.task_id_header = task_id_header
        self.answers = answers or {}
        self.restart_by_code = restart_by_code
        self.requests = []
        self.results = []
        self._parts = []
        self._task = 1000
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def close(self):
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join(5)

    def _serve(self):
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            with connection:
                connection.settimeout(10)
                request = self._receive(connection)
                if request:
                    self.requests.append(request)
                    connection.sendall(self._answer(request))

    @staticmethod
    def _receive(connection):
        data = b""
        while b"\r\n\r\n" not in data:
            more = connection.recv(65536)
            if not more:
                return None
            data += more
        head, _, body = data.partition(b"\r\n\r\n")
        length = next(int(line.split(b":")[1]) for line in head.split(b"\r\n")
                      if line.startswith(b"Content-Length:"))
        while len(body) < length:
            more = connection.recv(65536)
            if not more:
                return None
            body += more
        return Request(head, body)

    def _answer(self, request):
        if request.code in self.answers:
            return self.answers[request.code]
        if request.code == "receive_cmd":
            return self._hand_out()
        if request.code == "send_cmd_result":
            self._take_part(request)
        return reply("OK")

    def _hand_out(self):
        if not self.commands:
            return reply("ERROR_NO_CMD")
        code, body = self.commands.pop(0)
        self._task += 1
        if code == "RESET_FK" and not self.restart_by_code:
            return reply("RESET_FK", self._task)
        return reply("OK", self._task, code, body, self.task_id_header)

    def _take_part(self, request):
        """In order, and numbered 1, 2, … and 0 (fk-http.md 4)."""
        self._parts.append(request)
        if request.headers.get("blk_no", "0") != "0":
            assert int(request.headers["blk_no"]) == len(self._parts)
            return
        self.results.append(Result(
            request.headers[self.task_id_header],
            request.headers["cmd_return_code"],
            b"".join(part.body for part in self._parts)))
        self._parts = []

    def codes(self):
        return [request.code for request in self.requests]

    def bodies(self, code):
        return [unframe(request.body) for request in self.requests
                if request.code == code]


def reply(response_code, task_id="", cmd_code="", body=b"", name="trans_id"):
    return (f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n"
            f"response_code: {response_code}\r\n{name}: {task_id}\r\n"
            f"cmd_code: {cmd_code}\r\n\r\n").encode() + body


# ---- the cloud dialect ----

CLOUD_TIME = "2026-03-02 08:00:00"


def cloud_sim(url, *options, status=0, timeout=60):
    """Runs it to its end and gives its --json summary."""
    run = subprocess.run(
        [WAC_SIM, "cloud", "--url", url, "--json", *map(str, options)],
        capture_output=True, text=True, timeout=timeout)
    assert run.returncode == status, run
    return json.loads(run.stdout)


@contextlib.contextmanager
def cloud_sim_running(url, *options):
    """Gives its process; what is left of it is killed."""
    run = subprocess.Popen(
        [WAC_SIM, "cloud", "--url", url, "--json", *map(str, options)],
        stdout=subprocess.PIPE, text=True)
    try:
        yield run
    finally:
        run.kill()
        run.communicate()


def end_cloud_sim(run, status=0, number=signal.SIGINT):
    """Ends it by a signal and gives its summary."""
    run.send_signal(number)
    output, _ = run.communicate(timeout=30)
    assert run.returncode == status
    return json.loads(output)


def cloud_answer(frame):
    """What the protocol wants to hear (cloud-json.md 2)."""
    name = frame["cmd"]
    answer = {"ret": name, "result": True}
    if name == "sendlog":
        answer.update(count=frame["count"], logindex=frame["logindex"])
    if name in ("reg", "sendlog", "senduser", "checklive"):
        answer["cloudtime"] = CLOUD_TIME
    return answer


class CloudPeer:
    """Keeps all frames, as (sn, frame) in order of arrival; gives each
    terminal `commands` one after the other, the next one when the last was
    answered. `answer` makes the answer to a frame with cmd: a dictionary, a
    list of several, or None."""

    def __init__(self, commands=(), answer=cloud_answer):
        self.commands = list(commands)
        self.answer = answer
        self.frames = []
        self.results = []

    def _take(self, frame):
        """The answers to a frame, without commands."""
        self.frames.append((frame.get("sn"), frame))
        if "cmd" not in frame or "result" in frame:
            self.results.append(frame)
            return []
        answer = self.answer(frame)
        return answer if isinstance(answer, list) else [answer]

    def named(self, cmd):
        return [frame for _, frame in self.frames
                if frame.get("cmd") == cmd and "result" not in frame]

    def records(self):
        """Each record that came, with its terminal."""
        return [(sn, record["enrollid"], record["time"])
                for sn, frame in self.frames if frame.get("cmd") == "sendlog"
                for record in frame["record"]]


class CloudSocketPeer(CloudPeer):
    """Over WebSocket."""

    def __init__(self, *arguments, unix=None, ping_interval=None,
                 ping_timeout=1, **options):
        super().__init__(*arguments, **options)
        self.unix = unix
        self.ping_interval = ping_interval
        self.ping_timeout = ping_timeout
        self.connections = []  # (path, request headers)
        self.kinds = []        # str or bytes, of each message
        self.closed = []       # (code, opened after how many frames)
        self.url = None
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        assert self._ready.wait(10)

    def close(self):
        self._loop.call_soon_threadsafe(self._end.set_result, None)
        self._thread.join(10)

    def drop_all(self):
        """Ends every connection without a word."""
        def drop():
            for connection in self._server.websockets:
                connection.transport.abort()
        self._loop.call_soon_threadsafe(drop)

    def send(self, frame):
        """To every terminal."""
        def post():
            for connection in self._server.websockets:
                asyncio.ensure_future(connection.send(json.dumps(frame)))
        self._loop.call_soon_threadsafe(post)

    def _run(self):
        self._loop.run_until_complete(self._serve())

    async def _serve(self):
        self._end = self._loop.create_future()
        settings = {"ping_interval": self.ping_interval,
                    "ping_timeout": self.ping_timeout,
                    "max_size": 8 << 20, "close_timeout": 1}
        if self.unix:
            serving = websockets.unix_serve(self._talk, str(self.unix),
                                            **settings)
            self.url = f"unix:{self.unix}"
        else:
            serving = websockets.serve(self._talk, "127.0.0.1", 0, **settings)
        async with serving as self._server:
            if not self.unix:
                port = self._server.sockets[0].getsockname()[1]
                self.url = f"ws://127.0.0.1:{port}/ws"
            self._ready.set()
            await self._end

    async def _talk(self, connection, path):
        self.connections.append((path, connection.request_headers))
        waiting = list(self.commands)
        with contextlib.suppress(websockets.ConnectionClosed):
            async for message in connection:
                self.kinds.append(type(message))
                frame = json.loads(message)
                for answer in self._take(frame):
                    if answer is not None:
                        await connection.send(json.dumps(answer))
                if waiting and (frame.get("cmd") == "reg" or
                                frame in self.results):
                    await connection.send(json.dumps(waiting.pop(0)))
        self.closed.append(connection.close_code)


class CloudHttpPeer(CloudPeer):
    """Over HTTP: commands are the answers to checklives."""

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        self.paths = []
        self.headers = []
        peer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):  # noqa: N802
                length = int(self.headers["Content-Length"])
                frame = json.loads(self.rfile.read(length))
                peer.paths.append(self.path)
                peer.headers.append(self.headers)
                body = json.dumps(peer.reply_to(frame)).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0),
                                                       Handler)
        port = self._server.server_address[1]
        self.url = f"http://127.0.0.1:{port}"
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()

    def close(self):
        self._server.shutdown()
        self._thread.join(10)
        self._server.server_close()

    def reply_to(self, frame):
        answers = self._take(frame)
        if frame.get("cmd") == "checklive" and self.commands:
            return self.commands.pop(0)
        return answers[0] if answers else {"ret": frame.get("ret"),
                                           "result": True}
