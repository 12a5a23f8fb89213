"""A terminal of the cloud dialect on a WebSocket (cloud-json.md): its frames,
and one that does what it is told.

    with Terminal(connection, "ZX1") as terminal:
        terminal.register()
        assert terminal.punch(enrollid=7)["result"]
        command = terminal.command()
        terminal.answer(command, time="2026-03-02 10:00:00")
"""

import datetime
import json

from . import talker
from .talker import Talker
from .websocket import TIMEOUT

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


class Terminal(Talker):
    def read(self, text):
        return json.loads(text)

    def asks(self, frame):
        return "cmd" in frame

    def send(self, frame):
        super().send(
            frame if isinstance(frame, (str, bytes, list)) else compact(frame))

    def command(self, timeout=TIMEOUT):
        """The next command of the server."""
        return self.asked(timeout)

    def ask(self, frame, timeout=TIMEOUT):
        reply = super().ask(frame, timeout)
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
        self.check_nothing_waits()


class Obedient(talker.Obedient):
    def name(self, frame):
        return frame["cmd"]


def pages(entries, size):
    """Answers to the frames of a paged command, the empty one at its end;
    `from` and `to` as capture has them."""
    made = []
    for first in range(0, len(entries), size):
        part = entries[first:first + size]
        made.append({"count": len(part), "from": first,
                     "to": first + len(part), "record": part})
    return [*made, {"count": 0, "from": 0, "to": 0, "record": []}]
