"""Two wac-workers behind one nginx, whose configuration stands in the test.
Beside the marks of nginx.py it has %%FIRST%% and %%SECOND%%: the workers'
sockets, as in `server unix:%%FIRST%%;`.
"""

import contextlib
import signal

from . import websocket
from .cloud import Terminal
from .wait import wait_for
from .worker import Worker

# nginx runs as another user than the workers when a test runs as root
OPTIONS = {"socket_mode": "0666", "enrolment": "open"}


class Pair:
    def __init__(self, make_nginx, conf, database, options, marks):
        self.database = database
        self.workers = [Worker(database, **{**OPTIONS, **options})
                        for _ in range(2)]
        self.first, self.second = self.workers
        self._make_nginx = make_nginx
        self._conf = conf
        self._marks = {"FIRST": self.first.socket,
                       "SECOND": self.second.socket, **marks}
        self.nginx = None

    def start(self):
        for worker in self.workers:
            worker.start()
        self.nginx = self._make_nginx(self._conf, **self._marks)
        return self

    def url(self, path="/ws", port="PORT", scheme="ws"):
        return f"{scheme}://127.0.0.1:{self.nginx.ports[port]}{path}"

    def connect(self, path="/ws", port="PORT", **options):
        return websocket.connect(self.url(path, port), **options)

    def terminal(self, sn, path="/ws", **reg):
        """Registered, on whichever worker is next, or on that of the path."""
        terminal = Terminal(self.connect(path), sn)
        terminal.register(**reg)
        return terminal

    def name_of(self, sn):
        """The worker that holds the terminal, as the database calls it."""
        return self.database.device(sn)["session_worker"]

    def holder(self, sn):
        """The Worker that holds the terminal."""
        name = wait_for(lambda: self.name_of(sn), what=f"{sn} to be held")
        (worker,) = [worker for worker in self.workers
                     if f"-{worker.pid}-" in name]
        return worker

    def wait_offline(self, sn, timeout=15):
        wait_for(lambda: self.database.device(sn)["status"] == "offline"
                 and self.name_of(sn) is None, timeout, f"{sn} to be offline")

    def wait_online(self, sn):
        wait_for(lambda: self.database.device(sn)["status"] == "online",
                 what=f"{sn} to be online")

    def allow_lost_database(self):
        """The test stops it."""
        for worker in self.workers:
            worker.allow_log("lost database at|cannot use database at")

    def allow_missing_sockets(self):
        """A worker that has ended in order takes its socket with it, which
        nginx calls critical."""
        self.nginx.allow_log(r"connect\(\) to unix:\S+ failed \(2: No such")

    def emptied(self):
        """The database, when the sessions of the test before are over: what
        comes late must not meet the rows of the next one."""
        wait_for(lambda: not self.database.query(
            "SELECT sn FROM wac_devices WHERE session_worker IS NOT NULL"),
            what="all sessions to be over")
        return self.database.emptied()

    def stop(self):
        """Their sockets close, so that nginx can end in order."""
        for worker in self.workers:
            if worker.running():
                worker.send_signal(signal.SIGTERM)
        for worker in self.workers:
            if worker.process is not None:
                worker.wait()
                print(worker.log()[-20000:])  # shown if the test failed
                worker.check()

    def remove(self):
        for worker in self.workers:
            worker.remove()


@contextlib.contextmanager
def making_pairs(make_nginx, default):
    """Gives a function that starts pairs; ends and checks them at the end."""
    started = []

    def make(conf, database=None, marks=None, **options):
        pair = Pair(make_nginx, conf, database or default, options,
                    marks or {})
        started.append(pair)
        return pair.start()

    try:
        yield make
        for pair in started:
            pair.stop()
    finally:
        for pair in started:
            pair.remove()
