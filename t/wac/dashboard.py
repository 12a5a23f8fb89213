"""A dashboard on a WebSocket (cloud-json.md 6), and a device of the same
dialect.

    dashboard = Dashboard(pair.connect(), token).subscribe(types=["attendance"])
    event = dashboard.wait_for(event_type="attendance", device_id="ZX1")

    device = Device(pair.connect(), "6f1c…", "its token")
    device.register()
    device.telemetry(temperature=23.5)
    device.sync()                      # all before it is committed
"""

import hashlib
import json
import time

from .websocket import TIMEOUT


def make_token(database, name="tester", role="admin", token=None,
               expires_at=None):
    """A row as `wacctl token create` makes it; the token."""
    token = token or f"token-of-{name}"
    database.execute(
        "INSERT INTO wac_api_tokens (name, token_hash, role, expires_at) "
        "VALUES (%s, %s, %s, %s)",
        (name, hashlib.sha256(token.encode()).digest(), role, expires_at))
    return token


class _Talker:
    def __init__(self, connection):
        self.connection = connection

    def send(self, **frame):
        self.connection.send(json.dumps(frame))

    def recv(self, timeout=TIMEOUT):
        return json.loads(self.connection.recv(timeout))

    def sync(self):
        """Everything sent before is done with; what came meanwhile."""
        self.send(type="ping")
        came = []
        while (frame := self.recv()) != {"type": "pong"}:
            came.append(frame)
        return came

    def wait_closed(self):
        return self.connection.wait_closed()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.connection.abort()


class Dashboard(_Talker):
    """Everything that it was sent is in `seen`."""

    def __init__(self, connection, token=None):
        super().__init__(connection)
        self.token = token
        self.seen = []

    def subscribe(self, **more):
        frame = {"type": "subscribe", "role": "admin", **more}
        if self.token is not None:
            frame["token"] = self.token
        self.send(**frame)
        return self

    def next(self, timeout=TIMEOUT):
        frame = self.recv(timeout)
        self.seen.append(frame)
        return frame

    def wait_for(self, timeout=TIMEOUT, **wanted):
        """The first frame, of those seen before too, that has these members
       ; wanted payload members as payload__name."""
        end = time.monotonic() + timeout
        for frame in self.seen:
            if matches(frame, wanted):
                return frame
        while True:
            frame = self.next(max(0.1, end - time.monotonic()))
            if matches(frame, wanted):
                return frame

    def ids(self):
        return [frame["id"] for frame in self.seen if "id" in frame]


class Device(_Talker):
    def __init__(self, connection, device_id, token):
        super().__init__(connection)
        self.device_id = device_id
        self.token = token

    def register(self):
        self.send(type="register", device_id=self.device_id, token=self.token)
        answer = self.recv()
        assert answer["type"] == "registered", answer
        return answer

    def telemetry(self, **payload):
        self.send(type="telemetry", device_id=self.device_id, payload=payload)

    def event(self, event_type, **payload):
        self.send(type="event", device_id=self.device_id,
                  event_type=event_type, payload=payload)


def matches(frame, wanted):
    for key, value in wanted.items():
        name, _, member = key.partition("__")
        found = frame.get(name)
        if member:
            found = found.get(member) if isinstance(found, dict) else None
        if found != value:
            return False
    return True
