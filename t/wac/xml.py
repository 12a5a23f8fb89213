"""A terminal of the XML dialects on a WebSocket (biometric-xml.md): its
frames, and one that does what it is told.

    with Terminal(connect(worker.socket), "TST0000001") as terminal:
        terminal.register()
        terminal.login()
        assert terminal.log(log_id=7) == OK
        request = terminal.request()
        terminal.answer(request, LogCount=0)

The second dialect, `<Request>` and `<Operation>`, is OperationTerminal.
"""

import contextlib
import hashlib
from typing import NamedTuple
from xml.etree import ElementTree
from xml.sax.saxutils import escape

from . import talker
from .talker import Talker
from .wait import wait_for
from .websocket import TIMEOUT
from .worker import Worker

OK = "OK"
SN = "TST0000001"
CLOUD_ID = "cloud-test-1"
TOKEN = "7d1c9a40-52f3-4e8b-b6a1-90c3f27e5d18"
ZONE = "Etc/GMT-8"  # +08:00, the year round
JPEG = bytes.fromhex("ffd8ffe000104a464946") + bytes(40) + b"\xff\xd9"


class Frame(NamedTuple):
    root: str
    fields: dict

    @property
    def request(self):
        return self.fields.get("Request")

    @property
    def result(self):
        return self.fields.get("Result")


def read(text):
    """The form of all frames: a root, and below it texts, each once."""
    assert isinstance(text, str)  # terminals were only ever sent text
    root = ElementTree.fromstring(text)
    assert not root.attrib
    fields = {}
    for child in root:
        assert len(child) == 0 and not child.attrib, text
        assert child.tag not in fields, text
        fields[child.tag] = (child.text or "").strip()
    return Frame(root.tag, fields)


def write(root, fields):
    return f"<{root}>" + "".join(
        f"<{name}>{escape(str(value))}</{name}>"
        for name, value in fields.items() if value is not None) + f"</{root}>"


def message(**fields):
    return write("Message", fields)


def operation(name, **fields):
    return write("Request", {"Operation": name, **fields})


def moment(number, separator="-T", end="Z"):
    """Another second for each number, as terminals write it."""
    hours, rest = divmod(number, 3600)
    assert hours < 12
    return (f"2026-05-12{separator}{hours + 8:02}:{rest // 60:02}:"
            f"{rest % 60:02}{end}")


def timelog(sn, log_id=1, **more):
    """Its time and its TransID tell the LogID, unless said otherwise; None
    leaves an element out."""
    fields = {"TerminalType": "F500", "TerminalID": 1, "DeviceSerialNo": sn,
              "Event": "TimeLog_v2", "LogID": log_id,
              "Time": moment(log_id) if isinstance(log_id, int)
              and 0 <= log_id < 36000 else moment(0),
              "UserID": 42, "Action": "FP", "AttendStat": "Duty On",
              "APStat": "None", "JobCode": 0, "Photo": "No",
              "TransID": log_id, **more}
    return message(**fields)


def adminlog(sn, log_id=1, **more):
    return message(**{
        "TerminalType": "F500", "TerminalID": 1, "DeviceSerialNo": sn,
        "Event": "AdminLog_v2", "LogID": log_id, "Time": moment(log_id),
        "AdminID": 1, "UserID": 42, "Action": "EnrollFace", "Stat": 0,
        "TransID": log_id, **more})


def add_device(database, sn, token=TOKEN, **columns):
    """An approved one, which holds this token; None: none."""
    database.add_device(
        sn, protocol="xml", time_zone=columns.pop("time_zone", ZONE),
        token_hash=token and hashlib.sha256(token.encode()).digest(),
        **columns)


@contextlib.contextmanager
def running(database, **options):
    """A worker, which must end in order."""
    worker = Worker(database, **options)
    try:
        yield worker.start()
        worker.stop()
        print(worker.log()[-20000:])  # shown if the test failed
        worker.check()
    finally:
        worker.remove()


def emptied(database):
    """When the sessions of the test before are over."""
    wait_for(lambda: not database.query(
        "SELECT sn FROM wac_devices WHERE session_worker IS NOT NULL"),
        what="all sessions to be over")
    return database.emptied()


class _Talker(Talker):
    def read(self, text):
        return read(text)

    def asks(self, frame):
        return bool(frame.request)

    def request(self, timeout=TIMEOUT):
        """The next request of the server."""
        return self.asked(timeout)

    def wait_closed(self):
        return self.connection.wait_closed()

    def heard_no_request(self):
        """Among what was read so far."""
        return not self._asked


class Terminal(_Talker):
    """Dialect M."""

    token = TOKEN

    def register(self, cloud_id=CLOUD_ID, **more):
        """Keeps the token; the answer."""
        reply = self.ask(message(
            Request="Register", TerminalType="F500", DeviceSerialNo=self.sn,
            CloudId=cloud_id, **more))
        assert reply.fields["Response"] == "Register", reply
        assert ("Token" in reply.fields) == (reply.result == OK)
        self.token = reply.fields.get("Token", self.token)
        return reply

    def login(self, token=None):
        """The Result."""
        reply = self.ask(message(Request="Login", DeviceSerialNo=self.sn,
                                 Token=token or self.token))
        assert reply.fields.keys() == {"Response", "DeviceSerialNo", "Result"}
        return reply.result

    def log(self, log_id=1, timeout=TIMEOUT, **more):
        """The Result of a TimeLog_v2, which must be answered next."""
        reply = self.ask(timelog(self.sn, log_id, **more), timeout)
        assert reply.fields["Response"] == more.get("Event", "TimeLog_v2")
        return reply.result

    def keep_alive(self, **more):
        reply = self.ask(message(DeviceSerialNo=self.sn, Event="KeepAlive",
                                 **more))
        assert reply.fields["Response"] == "KeepAlive", reply
        return reply

    def hears_nothing_more(self):
        """All that was meant for it came before this answer."""
        self.keep_alive()
        self.check_nothing_waits()

    def answer(self, request, **fields):
        """`Result` is OK unless it is said to be something else."""
        echoed = {name: value for name, value in request.fields.items()
                  if name in ("UserID", "FingerNo", "ParamName", "DeptNo",
                              "TimeZoneNo", "Type")}
        self.send(message(**{
            "TerminalType": "F500", "TerminalID": 1,
            "DeviceSerialNo": self.sn, "Response": request.request,
            **echoed, "Result": OK, **fields}))

    def settle(self):
        """Answers what comes after Login: it has kept no logs."""
        for name, fields in (("SetTime", {}),
                             ("GetGlogPosInfo", {"LogCount": 0})):
            request = self.request()
            assert request.request == name, request
            self.answer(request, **fields)
        return self


class OperationTerminal(_Talker):
    """Dialect O, which knows no requests of the server."""

    def register(self, cloud_id=CLOUD_ID):
        return self.ask(operation("Register", DeviceSerialNo=self.sn,
                                  CloudId=cloud_id))

    def log(self, log_id="LOG001", **more):
        reply = self.ask(operation("TimeLog_v2", **{
            "LogId": log_id, "UserId": "EMP123",
            "PunchTime": moment(0, "T", ""), "GMT": 8, "AttendStat": 0,
            "APStat": 1, "Action": "FP", "JobCode": 0, **more}))
        assert reply.fields["LogId"] == log_id, reply
        return reply.result


def call(served, sn=SN, path="/ws", kind=Terminal, **options):
    """A terminal on a connection through a Pair's nginx."""
    return kind(served.connect(path, **options), sn)


def online(served, sn=SN, path="/ws"):
    """One that was known before, logged in."""
    terminal = call(served, sn, path)
    assert terminal.login() == OK
    return terminal


def check_row(database, sn=SN, **columns):
    row = database.device(sn)
    assert {name: row[name] for name in columns} == columns


class Obedient(talker.Obedient):
    """It says, too, that it has kept no logs. What is answered to messages of
    the terminal's own is in `answers`."""

    def __init__(self, terminal, script=None):
        super().__init__(terminal,
                         {"SetTime": {}, "GetGlogPosInfo": {"LogCount": 0},
                          **(script or {})})
        self.answers = []

    def name(self, frame):
        return frame.request

    def listen(self):
        while True:
            frame = read(self.terminal.connection.recv(120))
            if frame.request:
                return frame
            self.answers.append(frame)
