"""A terminal of the cloud dialect over HTTP: requests byte by byte, and the
frames of the specification's page (times with a T)."""

import json

from .terminal import TIMEOUT, exchange

PATH = "/api/device-http"
SN = "ZX12345678"


def compact(frame):
    return json.dumps(frame, separators=(",", ":"),
                      ensure_ascii=False).encode()


def request(frame, path=PATH, *, method="POST", version="1.0", headers=(),
            host="wac.example"):
    """The bytes of one; `frame` may be a frame's bytes, right or wrong."""
    body = frame if isinstance(frame, bytes) else compact(frame)
    lines = [("Host", host), ("Content-Type", "application/json"),
             ("Content-Length", len(body)), *headers]
    head = "".join(f"{name}: {value}\r\n" for name, value in lines
                   if value is not None)
    return f"{method} {path} HTTP/{version}\r\n{head}\r\n".encode() + body


def post(server, frame, path=PATH, timeout=TIMEOUT, **options):
    """The Reply; a chunked one or one without a length is refused."""
    return exchange(server.port, request(frame, path, **options),
                    timeout=timeout)


def ask(server, frame, path=PATH, status=200, **options):
    """What the answer says."""
    reply = post(server, frame, path, **options)
    assert reply.status == status, reply
    assert reply.header("Content-Type") == "application/json"
    return json.loads(reply.body)


def reg(**more):
    return {"cmd": "reg", "sn": SN, "cpusn": "123456789", "devinfo": {
        "modelname": "tfs30", "usersize": 3000, "fpsize": 3000,
        "firmware": "th600wv6.1", "mac": "00-01-A9-01-00-01"}, **more}


def punch(enrollid=1, time="2026-06-12T09:15:30", **more):
    return {"enrollid": enrollid, "time": time, "mode": 1, "inout": 0,
            "event": 0, **more}


def sendlog(*records, **more):
    return {"cmd": "sendlog", "sn": SN, "count": len(records), "logindex": 10,
            "record": list(records), **more}


def checklive(**more):
    return {"cmd": "checklive", "sn": SN, "time": "2026-06-12T09:30:00",
            **more}
