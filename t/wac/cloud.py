"""A terminal of the cloud dialect on a WebSocket (cloud-json.md): its frames,
and one that does what it is told.

    with Terminal(connection, "ZX1") as terminal:
        terminal.register()
        assert terminal.punch(enrollid=7)["result"]
        command = terminal.command()
        terminal.answer(command, time="2026-03-02 10:00:00")
"""

import collections
import datetime
import json
import threading
import time

from .websocket import TIMEOUT, Closed

CPUSN = "123456789"
FIRST_TIME = datetime.datetime(2026, 3, 2, 8, 0, 0)

TH_INFO = {"modelname": "tfs30", "usersize": 3000, "fpsize": 3000,
           "logsize": 100000, "useduser": 1, "usedlog": 2,
           "fpalgo": "thbio3.0", "firmware": "TH600 V9.9",
           "time": "2026-03-02 08:00:01", "mac": "00-01-A9-01-00-01"}


def compact(frame):
    return json.dumps(frame, separators=(",", ":"), ensure_ascii=False)


def moment(number):
    """Another second for each number, as terminals write it."""
    return f"{FIRST_TIME + datetime.timedelta(seconds=number):%F %T}"


def reg(sn, cpusn=CPUSN, devinfo=TH_INFO, **more):
    frame = {"cmd": "reg", "sn": sn, "devinfo": devinfo, **more}
    if cpusn:
        frame["cpusn"] = cpusn
    return frame


def punch(enrollid=1, number=0, **more):
    """A record of sendlog; `number` tells its time."""
    return {"enrollid": enrollid, "time": moment(number), "mode": 1,
            "inout": 0, "event": 0, **more}


def sendlog(sn, records, logindex=0):
    return {"cmd": "sendlog", "sn": sn, "count": len(records),
            "logindex": logindex, "record": records}


def senduser(sn, enrollid, backupnum, record, **more):
    return {"cmd": "senduser", "sn": sn, "enrollid": enrollid, "name": "",
            "backupnum": backupnum, "admin": 0, "record": record, **more}


class Terminal:
    """Reads answers and commands apart, as they come."""

    def __init__(self, connection, sn):
        self.connection = connection
        self.sn = sn
        self._commands = collections.deque()
        self._answers = collections.deque()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.connection.abort()

    def send(self, frame):
        self.connection.send(
            frame if isinstance(frame, (str, bytes, list)) else compact(frame))

    def _read_into(self, wanted, timeout):
        deadline = time.monotonic() + timeout
        while not wanted:
            left = max(deadline - time.monotonic(), 0)
            frame = json.loads(self.connection.recv(left))
            (self._commands if "cmd" in frame
             else self._answers).append(frame)
        return wanted.popleft()

    def reply(self, timeout=TIMEOUT):
        """The next answer of the server."""
        return self._read_into(self._answers, timeout)

    def command(self, timeout=TIMEOUT):
        """The next command of the server."""
        return self._read_into(self._commands, timeout)

    def ask(self, frame, timeout=TIMEOUT):
        """Sends a message; its answer, which must be the next one."""
        self.send(frame)
        reply = self.reply(timeout)
        assert reply["ret"] == frame["cmd"], reply
        return reply

    def register(self, **reg_fields):
        reply = self.ask(reg(self.sn, **reg_fields))
        assert reply["result"] is True, reply
        return reply

    def punch(self, enrollid=1, number=0, **more):
        return self.ask(sendlog(self.sn, [punch(enrollid, number, **more)]))

    def answer(self, command, result=True, **fields):
        frame = {"ret": command["cmd"], "sn": self.sn, "result": result,
                 **fields}
        for key in ("enrollid", "backupnum"):
            if key in command:
                frame.setdefault(key, command[key])
        self.send({key: value for key, value in frame.items()
                   if value is not None})

    def hears_nothing_more(self):
        """Everything that was meant for it came before this answer."""
        self.ask({"cmd": "heartbeat", "sn": self.sn})
        assert not self._commands, list(self._commands)
        assert not self._answers, list(self._answers)


class Obedient(threading.Thread):
    """Answers commands while a test waits for their end: `script` has for
    each name an answer's fields, a list of such, one for each time it is
    asked, or a function of the frame. None: no answer. Messages of its own
    can be sent meanwhile: between()."""

    def __init__(self, terminal, script):
        super().__init__(daemon=True)
        self.terminal = terminal
        self.script = script
        self.heard = []
        self.error = None

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, kind, *_):
        self.terminal.connection.abort()
        self.join(TIMEOUT)
        if kind is None and self.error:
            raise self.error

    def run(self):
        try:
            while True:
                command = self.terminal.command(timeout=120)
                self.heard.append(command)
                self._obey(command)
        except Closed:
            pass
        except Exception as error:  # noqa: BLE001 - shown by the test
            self.error = error

    def _obey(self, command):
        answer = self.script[command["cmd"]]
        if isinstance(answer, list):
            answer = answer.pop(0)
        if callable(answer):
            answer = answer(command)
        if answer is not None:
            self.terminal.answer(command, **answer)

    def names(self):
        return [command["cmd"] for command in self.heard]


def pages(entries, size):
    """Answers to the frames of a paged command, the empty one at its end;
    `from` and `to` as capture has them."""
    made = []
    for first in range(0, len(entries), size):
        part = entries[first:first + size]
        made.append({"count": len(part), "from": first,
                     "to": first + len(part), "record": part})
    return [*made, {"count": 0, "from": 0, "to": 0, "record": []}]
