"""Runs wac-sim, and a peer for it that hands out commands."""

import json
import signal
import socket
import struct
import subprocess
import threading

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
        output, _ = run.communicate(timeout=10)
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
