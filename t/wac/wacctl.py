"""What tests of wacctl have in common: an error as it should be, a screen,
and the other side of commands, played with SQL."""

import datetime
import fcntl
import os
import pty
import struct
import subprocess
import termios

import pytest

from . import paths
from .wait import wait_for

SN = "HD001"
STEERING = set("\x1b\u009b\u202e\x7f\a\b")


def refused(run, status=1, done_before=False):
    """An error as it should be: one line on stderr that says who complains,
    and nothing on stdout but what was done before."""
    assert run.returncode == status, run
    assert run.stderr.startswith("wacctl: "), run
    assert bool(run.stdout) == done_before, run
    return run.stderr


class Screen:
    """wacctl with its standard output on a terminal."""

    def __init__(self, *arguments, columns=80):
        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ,
                    struct.pack("HHHH", 24, columns, 0, 0))
        self.output = ""
        self.run = subprocess.Popen([paths.WACCTL, *map(str, arguments)],
                                    stdout=slave, stderr=slave)
        os.close(slave)

    def _read(self):
        try:
            more = os.read(self.master, 65536)
        except OSError:  # EIO: the other side is closed
            more = b""
        self.output += more.decode()
        return more

    def until(self, text):
        while text not in self.output:
            assert self._read(), self.output

    def end(self):
        while self._read():
            pass
        os.close(self.master)
        return self.run.wait(30)


def on_a_terminal(*arguments, columns=80):
    """Its status, and what it writes when its standard output is one."""
    screen = Screen(*arguments, columns=columns)
    return screen.end(), screen.output


# --- records

def add_punch(database, sn="HD001", enrollid="7", when="2024-01-31 08:00:00",
              **columns):
    columns = {"sn": sn, "enrollid": enrollid, "record_time": when,
               "protocol": "fk", **columns}
    names = ", ".join(f'"{name}"' for name in columns)
    marks = ", ".join(["%s"] * len(columns))
    database.execute(
        f"INSERT INTO wac_attendance_logs ({names}) VALUES ({marks})",
        tuple(columns.values()))


def quarantine(database, frame=b"\x00\x01ABC\x1b[2J", sn="HD001",
               reason="the body is not JSON"):
    return database.value(
        "INSERT INTO wac_quarantine (sn, protocol, request, reason, frame)"
        " VALUES (%s, 'fk', 'realtime_glog', %s, %s) RETURNING id",
        (sn, reason, frame))


# --- commands

@pytest.fixture
def terminal(database):
    """A database with one approved terminal that was heard just now."""
    database.add_device(SN)
    database.execute("UPDATE wac_devices SET last_seen = now()")
    return database


def command(database, trans_id):
    return database.one(
        "SELECT *, extract(epoch FROM expires_at - created_at)::int AS ttl"
        " FROM wac_commands WHERE trans_id = %s", (trans_id,))


def add(database, cmd_code="GET_LOG_DATA", sn=SN, **columns):
    """A command made by SQL; its trans_id."""
    columns = {"sn": sn, "cmd_code": cmd_code, **columns}
    marks = ", ".join(["%s"] * len(columns))
    return database.value(
        f"INSERT INTO wac_commands ({', '.join(columns)}) VALUES ({marks})"
        " RETURNING trans_id", tuple(columns.values()))


def change(database, trans_id, **columns):
    """What a terminal, or time, does to a command."""
    settings = "".join(f", {name} = %s" for name in columns)
    database.execute(
        f"UPDATE wac_commands SET trans_status_update_time = now(){settings}"
        " WHERE trans_id = %s", (*columns.values(), trans_id))


def ago(**time):
    """In minutes, which are shown alike for half a minute."""
    return datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(
        **time)


def hand_out(database, trans_id):
    database.execute(
        "UPDATE wac_commands SET trans_status = 'sent', sent_at = now(),"
        " attempts = attempts + 1, trans_status_update_time = now()"
        " WHERE trans_id = %s", (trans_id,))


def add_part(database, trans_id, blk_no, upto):
    database.execute(
        "INSERT INTO wac_command_blocks (trans_id, sn, blk_no, body, upto)"
        " VALUES (%s, %s, %s, 'x', %s)", (trans_id, SN, blk_no, upto))


def only_trans_id(database):
    """Of the command that wacctl is about to queue, once it has."""
    (row,) = wait_for(lambda: database.query(
        "SELECT trans_id FROM wac_commands"), what="the command")
    return row["trans_id"]


def binaries(tmp_path, *contents):
    """The options that send them, each from a file."""
    options = []
    for n, content in enumerate(contents):
        file = tmp_path / f"bin{n}"
        file.write_bytes(content)
        options += ["--bin", file]
    return options
