"""A terminal of the FK dialect, made of a socket.

It sends what real terminals send, header by header in their order and casing
(fk-http.md 1.1), and reads answers as strictly as they do: names matched by
case, Content-Length required and exact, no chunked coding.
"""

import json
import socket
import struct

ACCEPT = ("image/gif, image/x-xbitmap, image/jpeg, image/pjpeg, "
          "application/vnd.ms-excel, application/msword, "
          "application/vnd.ms-powerpoint, */*")

TIMEOUT = 20.0


# ---- bytes ---------------------------------------------------------------

def frame(document, *binaries, terminator=b"\0"):
    """The length-prefixed body of fk-http.md 2.1: JSON, then binaries.
    `document` may also be the JSON's bytes, right or wrong."""
    if not isinstance(document, bytes):
        document = json.dumps(document, separators=(",", ":"),
                              ensure_ascii=False).encode()
    text = document + terminator
    body = struct.pack("<I", len(text)) + text
    for binary in binaries:
        body += struct.pack("<I", len(binary)) + binary
    return body


def unframe(body):
    """(JSON text, [binaries]) of a command's body, read as strictly as a
    terminal does: one NUL, counted, and not a byte behind the last item."""
    items = []
    while body:
        (length,) = struct.unpack_from("<I", body)
        assert length <= len(body) - 4, body
        items.append(body[4:4 + length])
        body = body[4 + length:]
    text = items[0]
    assert text.endswith(b"}\0"), text
    return text[:-1].decode(), items[1:]


def request_bytes(code, dev_id, body=b"", *, target="/", version="1.0",
                  task_id=None, task_id_header="trans_id",
                  cmd_return_code=None, blk_no=0, connection="close",
                  content_length=True, host="192.0.2.10:8090", extra=(),
                  without=()):
    """A whole request. None leaves a header out, `extra` adds pairs before
    HOST, `without` drops headers by name."""
    headers = [
        ("Accept", ACCEPT),
        ("Accept-Language", "en-us"),
        ("Accept-Encoding", "gzip, deflate"),
        ("User-Agent", "Mozilla/4.0"),
        ("Content-Type", "application/octet-stream"),
        ("Connection", connection),
        ("request_code", code),
        ("Content-Type", "application/octet-stream"),
        ("Content-Length", len(body) if content_length is True
         else content_length or None),
        (task_id_header, task_id),
        ("cmd_return_code", cmd_return_code),
        ("dev_id", dev_id),
        ("blk_no", blk_no),
        ("blk_len", None if blk_no is None else len(body)),
        *extra,
        ("HOST", host),
    ]
    lines = [f"{name}: {value}" for name, value in headers
             if value is not None and name not in without]
    head = "\r\n".join([f"POST {target} HTTP/{version}", *lines, "", ""])
    return head.encode() + body


# ---- answers -------------------------------------------------------------

class Reply:
    """An answer, header names in the casing they came in."""

    def __init__(self, raw_head, body):
        self.raw_head = raw_head
        self.body = body
        status_line, *lines = raw_head.decode("latin-1").split("\r\n")
        self.version, status, *_ = status_line.split(" ", 2)
        self.status = int(status)
        self.headers = [tuple(line.split(": ", 1)) if ": " in line
                        else (line.rstrip(":"), "") for line in lines]

    def all(self, name):
        """Values of a header, matched as terminals match: by exact case."""
        return [value for key, value in self.headers if key == name]

    def header(self, name):
        values = self.all(name)
        assert len(values) <= 1, f"{name} came {len(values)} times: {self}"
        return values[0] if values else None

    def has(self, name):
        """In any casing, for headers that must not be there at all."""
        return any(key.lower() == name.lower() for key, _ in self.headers)

    @property
    def response_code(self):
        return self.header("response_code")

    @property
    def essence(self):
        """All that matters to a terminal, in no order."""
        return (self.status,
                sorted((name, value) for name, value in self.headers
                       if name not in ("Server", "Date")),
                self.body)

    def __str__(self):
        return self.raw_head.decode("latin-1") + f"\n+ {len(self.body)} bytes"

    __repr__ = __str__


def read_reply(message):
    """The bytes of a whole answer, such as a capture, as a Reply."""
    head, _, body = message.partition(b"\r\n\r\n")
    return Reply(head, body)


class Connection:
    """A TCP connection on which requests may be sent one after another,
    pipelined, in pieces, or not to the end."""

    def __init__(self, port, host="127.0.0.1", timeout=TIMEOUT):
        self.socket = socket.create_connection((host, port), timeout)
        self._rest = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def send(self, data):
        self.socket.sendall(data)

    def _receive(self):
        data = self.socket.recv(65536)
        if not data:
            raise ConnectionError(f"connection closed after {self._rest!r}")
        self._rest += data

    def reply(self, head_only=False):
        """Reads one answer; its Content-Length must be there."""
        while b"\r\n\r\n" not in self._rest:
            self._receive()
        head, _, self._rest = self._rest.partition(b"\r\n\r\n")
        reply = Reply(head, b"")
        assert not reply.has("Transfer-Encoding"), f"chunked: {reply}"
        length = reply.header("Content-Length")
        assert length is not None, f"no Content-Length: {reply}"
        if not head_only:
            while len(self._rest) < int(length):
                self._receive()
            reply.body = self._rest[:int(length)]
            self._rest = self._rest[int(length):]
        return reply

    def closed_by_peer(self):
        """Waits for the end; nothing may come before it."""
        try:
            data = self._rest + self.socket.recv(65536)
        except ConnectionResetError:
            data = self._rest
        return data == b""

    def abort(self):
        """Resets the connection instead of closing it."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                               struct.pack("ii", 1, 0))
        self.socket.close()

    def close(self):
        self.socket.close()


def exchange(port, request, host="127.0.0.1", timeout=TIMEOUT):
    """One request on a connection of its own, as terminals do. The whole
    answer is read to the end of the connection and must end there."""
    with Connection(port, host, timeout) as connection:
        connection.send(request)
        reply = connection.reply()
        if reply.header("Connection") == "close":
            assert connection.closed_by_peer(), f"more than an answer: {reply}"
        return reply


# ---- the terminal --------------------------------------------------------

FK_INFO = {
    "fk_bin_data_lib": "FKDataHS101",
    "firmware": "ZFKL101HS100 V2.69 MG BS2A",
    "firmware_filename": "ZFKL101HS100",
    "supported_enroll_data": ["PASSWORD", "IDCARD", "FP"],
}


def glog(user_id="1", io_time="20260929080000", verify_mode=1, io_mode=0,
         lib="FKDataHS101", log_image=None, **more):
    """The JSON of a punch, keys in the terminals' alphabetical order."""
    record = {"fk_bin_data_lib": lib, "io_mode": io_mode, "io_time": io_time,
              "log_image": log_image, "user_id": user_id,
              "verify_mode": verify_mode, **more}
    return {key: record[key] for key in sorted(record) if key != "absent"}


class Terminal:
    """One device. Every method opens a connection, asks, and returns the
    Reply. Header options of request_bytes() are passed through."""

    def __init__(self, port, dev_id="D0000000000000A1", **options):
        self.port = port
        self.dev_id = dev_id
        self.options = options

    def request(self, code, body=b"", **options):
        """The bytes of a request, unsent."""
        return request_bytes(code, self.dev_id, body,
                             **{**self.options, **options})

    def send(self, code, body=b"", *, timeout=TIMEOUT, **options):
        return exchange(self.port, self.request(code, body, **options),
                        timeout=timeout)

    # polls

    def poll_body(self, fk_time="20260929200000", fk_name="", info=None):
        return frame({"fk_info": FK_INFO if info is None else info,
                      "fk_name": fk_name, "fk_time": fk_time})

    def poll(self, *, fk_time="20260929200000", fk_name="", info=None,
             **options):
        options.setdefault("task_id", "ReceiveCommandAction")
        return self.send("receive_cmd",
                         self.poll_body(fk_time, fk_name, info), **options)

    # punches; the keyword arguments of glog() are the record

    def punch_request(self, image=None, options=None, **record):
        """The bytes of a punch, unsent."""
        binaries = [] if image is None else [image]
        if image is not None:
            record.setdefault("log_image", "BIN_1")
        return self.request("realtime_glog", frame(glog(**record), *binaries),
                            **{"task_id": "RTLogSendAction",
                               **(options or {})})

    def punch(self, image=None, options=None, timeout=TIMEOUT, **record):
        return exchange(self.port,
                        self.punch_request(image, options, **record),
                        timeout=timeout)

    # enrolments

    def enroll_request(self, user_id="1", name="TEST USER", privilege="USER",
                       photo=None, credentials=(), options=None, **more):
        """`credentials` are pairs of backup number and bytes."""
        document = {"user_id": user_id, "user_name": name,
                    "user_privilege": privilege}
        binaries = []
        if photo is not None:
            binaries.append(photo)
            document["user_photo"] = "BIN_1"
        array = []
        for backup_number, data in credentials:
            binaries.append(data)
            array.append({"backup_number": backup_number,
                          "enroll_data": f"BIN_{len(binaries)}"})
        document["enroll_data_array"] = array or None
        return self.request("realtime_enroll_data",
                            frame({**document, **more}, *binaries),
                            **{"task_id": "RTEnrollDataAction",
                               **(options or {})})

    def enroll(self, timeout=TIMEOUT, **user):
        return exchange(self.port, self.enroll_request(**user),
                        timeout=timeout)

    # command results

    def result(self, task_id, body=b"", cmd_return_code="OK", **options):
        return self.send("send_cmd_result", body, task_id=task_id,
                         cmd_return_code=cmd_return_code, **options)

    # messages in parts

    def in_parts(self, code, body, size=8192, **options):
        """Numbers the parts as terminals do, the last one 0; its Reply. Each
        of the others must hear OK."""
        cuts = range(0, len(body), size)
        for number, cut in enumerate(cuts[:-1], 1):
            reply = self.send(code, body[cut:cut + size], blk_no=number,
                              **options)
            assert reply.response_code == "OK", f"part {number}: {reply}"
        return self.send(code, body[cuts[-1]:], blk_no=0, **options)

    def result_in_parts(self, task_id, body, size=8192, cmd_return_code="OK",
                        **options):
        return self.in_parts("send_cmd_result", body, size, task_id=task_id,
                             cmd_return_code=cmd_return_code, **options)
