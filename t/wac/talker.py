"""What test terminals on a WebSocket have in common, whatever they speak.

Talker     reads answers and what it is asked apart, as they come
Obedient   does what a terminal is asked while a test waits for its end
"""

import collections
import threading
import time

from .websocket import TIMEOUT, Closed


class Talker:
    """A subclass knows its frames: read(text), and whether one asks."""

    def __init__(self, connection, sn):
        self.connection = connection
        self.sn = sn
        self._asked = collections.deque()
        self._answers = collections.deque()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.connection.abort()

    def read(self, text):
        raise NotImplementedError

    def asks(self, frame):
        raise NotImplementedError

    def send(self, frame):
        self.connection.send(frame)

    def _read_into(self, wanted, timeout):
        deadline = time.monotonic() + timeout
        while not wanted:
            left = max(deadline - time.monotonic(), 0)
            frame = self.read(self.connection.recv(left))
            (self._asked if self.asks(frame) else self._answers).append(frame)
        return wanted.popleft()

    def reply(self, timeout=TIMEOUT):
        """The next answer of the server."""
        return self._read_into(self._answers, timeout)

    def asked(self, timeout=TIMEOUT):
        """The next command or request of the server."""
        return self._read_into(self._asked, timeout)

    def ask(self, frame, timeout=TIMEOUT):
        """Sends a message; its answer, which must be the next one."""
        self.send(frame)
        return self.reply(timeout)

    def check_nothing_waits(self):
        assert not self._asked, list(self._asked)
        assert not self._answers, list(self._answers)


class Obedient(threading.Thread):
    """`script` has for each name an answer's fields, a list of such, one for
    each time it is asked, or a function of the frame. None: no answer. A
    subclass says what a frame's name is, and listens."""

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

    def name(self, frame):
        raise NotImplementedError

    def listen(self):
        """The next frame that asks."""
        return self.terminal.asked(timeout=120)

    def run(self):
        try:
            while True:
                frame = self.listen()
                self.heard.append(frame)
                self._obey(frame)
        except Closed:
            pass
        except Exception as error:  # noqa: BLE001 - shown by the test
            self.error = error

    def _obey(self, frame):
        answer = self.script[self.name(frame)]
        if isinstance(answer, list):
            answer = answer.pop(0)
        if callable(answer):
            answer = answer(frame)
        if answer is not None:
            self.terminal.answer(frame, **answer)

    def names(self):
        return [self.name(frame) for frame in self.heard]
