"""Terminals that punch without a pause, and remember what was acknowledged.

Each behaves as the field's do: a record is repeated until OK is heard, and
only then the next one is sent. Whatever happens to servers meanwhile, every
acknowledged record must be in the database exactly once.
"""

import datetime
import threading
import time

from .terminal import Connection, Terminal
from .wait import wait_for

FIRST_TIME = datetime.datetime(2026, 1, 1)


class LoadTerminal(threading.Thread):
    def __init__(self, port, dev_id, keep_alive, limit, stop):
        super().__init__(daemon=True)
        self.terminal = Terminal(port, dev_id)
        self.keep_alive = keep_alive
        self.limit = limit
        self.acknowledged = []     # (dev_id, user_id, time)
        self.other_answers = {}    # response_code or error -> how often
        self._stop_event = stop
        self._connection = None

    def run(self):
        for number in range(self.limit):
            moment = FIRST_TIME + datetime.timedelta(seconds=number)
            if not self._until_acknowledged(f"{number:05}", moment):
                break
        if self._connection:
            self._connection.close()

    def _until_acknowledged(self, user_id, moment):
        while not self._stop_event.is_set():
            answer = self._punch(user_id, f"{moment:%Y%m%d%H%M%S}")
            if answer == "OK":
                self.acknowledged.append(
                    (self.terminal.dev_id, user_id, moment))
                return True
            self.other_answers[answer] = self.other_answers.get(answer, 0) + 1
            time.sleep(0.01)  # as terminals do before they repeat a record
        return False

    def _punch(self, user_id, io_time):
        options = ({"version": "1.1", "connection": "keep-alive"}
                   if self.keep_alive else {})
        try:
            if self._connection is None:
                self._connection = Connection(self.terminal.port)
            self._connection.send(self.terminal.punch_request(
                user_id=user_id, io_time=io_time, options=options))
            reply = self._connection.reply()
        except OSError as error:
            self._drop()
            return type(error).__name__
        if reply.header("Connection") != "keep-alive":
            self._drop()
        if reply.status != 200:
            return str(reply.status)
        return reply.response_code

    def _drop(self):
        if self._connection:
            self._connection.close()
        self._connection = None


class Load:
    """`with Load(port, devices) as load:` punches while the block runs."""

    def __init__(self, port, devices, keep_alive=False, limit=100000):
        self._stop = threading.Event()
        self.terminals = [
            LoadTerminal(port, dev_id, keep_alive, limit, self._stop)
            for dev_id in devices]

    def __enter__(self):
        for terminal in self.terminals:
            terminal.start()
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        self._stop.set()
        self.join()

    def join(self, timeout=60):
        for terminal in self.terminals:
            terminal.join(timeout)
            assert not terminal.is_alive(), "a terminal hears nothing"

    @property
    def acknowledged(self):
        return [record for terminal in self.terminals
                for record in list(terminal.acknowledged)]

    @property
    def other_answers(self):
        total = {}
        for terminal in self.terminals:
            for answer, count in dict(terminal.other_answers).items():
                total[answer] = total.get(answer, 0) + count
        return total

    def wait_acknowledged(self, more, timeout=30):
        """Until so many further punches were acknowledged."""
        goal = len(self.acknowledged) + more
        wait_for(lambda: len(self.acknowledged) >= goal, timeout,
                 f"{more} acknowledged punches (others: {self.other_answers})")


def check_every_one_stored_once(load, database):
    """Each acknowledged record has one row; no record has two. A row may
    stand there whose OK was lost on its way: the last of its terminal."""
    rows = [(row["sn"], row["enrollid"], row["record_time"])
            for row in database.query(
                "SELECT sn, enrollid, record_time FROM wac_attendance_logs")]
    assert len(rows) == len(set(rows)), "a record was stored twice"
    acknowledged = load.acknowledged
    assert len(acknowledged) == len(set(acknowledged))
    missing = set(acknowledged) - set(rows)
    assert not missing, f"acknowledged but not stored: {sorted(missing)[:5]}"
    unheard = set(rows) - set(acknowledged)
    assert len(unheard) <= len(load.terminals), sorted(unheard)[:5]
