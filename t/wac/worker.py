"""Starts wac-worker on a Unix socket of its own, and looks after it."""

import os
import re
import signal
import socket
import subprocess

from . import paths
from .nginx import SANITIZER
from .wait import wait_for

WAC_WORKER = paths.BUILD_DIR / "bin" / "wac-worker"

LINE = re.compile(r"\[(\w+)\] \d+: (.*)")


class Worker:
    """Options are long flags without the dashes in front, with _ for -:
    Worker(database, enrolment="open", register_timeout="1s")."""

    def __init__(self, database, directory=None, **options):
        assert WAC_WORKER.exists(), f"no {WAC_WORKER}: build first"
        self.tmp = paths.make_temp_dir("worker")
        self.socket = (directory or self.tmp) / "worker.sock"
        self.process = None
        self._killed = False
        self._allowed = []
        options = {"database": getattr(database, "conninfo", database),
                   "listen": self.socket, "log_level": "debug", **options}
        self.options = [f"--{name.replace('_', '-')}={value}"
                        for name, value in options.items()
                        if value is not None]
        self.environment = {}
        self.expected_status = 0
        self.prefix = []  # words before the command: another program's

    # ---- life ------------------------------------------------------------

    def launch(self, **more):
        """Starts it and does not wait; `more` is for Popen."""
        with open(self.tmp / "stderr.log", "ab") as log:
            self.process = subprocess.Popen(
                [*self.prefix, WAC_WORKER, *self.options], cwd="/",
                env={**environment(), **self.environment},
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, **more)
        return self

    def start(self):
        """Returns when it accepts connections."""
        self.launch()
        wait_for(self._started, 60, "wac-worker to start")
        return self

    def _started(self):
        if self.process.poll() is not None:
            raise AssertionError(f"wac-worker does not start:\n{self.log()}")
        return accepts_connections(self.socket)

    @property
    def pid(self):
        return self.process.pid

    def running(self):
        return self.process is not None and self.process.poll() is None

    def send_signal(self, number):
        self.process.send_signal(number)

    def stop(self, number=signal.SIGTERM, timeout=30):
        """In order; the exit status."""
        if self.running():
            self.send_signal(number)
        return self.wait(timeout)

    def wait(self, timeout=30):
        try:
            return self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            log = self.log()
            self.kill()
            raise AssertionError(
                f"wac-worker did not end:\n{log}") from None

    def kill(self):
        self._killed = True
        self.process.kill()
        self.process.wait(10)

    def resident_bytes(self):
        """0 under a sanitizer, which keeps freed memory for a while."""
        if "TEST_WAC_ASAN" in os.environ:
            return 0
        with open(f"/proc/{self.pid}/status", encoding="ascii") as file:
            kilobytes, = re.findall(r"VmRSS:\s+(\d+) kB", file.read())
        return int(kilobytes) * 1024

    # ---- what it said ----------------------------------------------------

    def log(self):
        file = self.tmp / "stderr.log"
        return file.read_text(errors="replace") if file.exists() else ""

    def wait_for_log(self, text, timeout=15):
        wait_for(lambda: text in self.log(), timeout,
                 f"the log to say {text!r}")

    def allow_log(self, pattern):
        """Declares an error line that the test provokes."""
        self._allowed.append(re.compile(pattern))

    def check(self):
        """When it has ended: no sanitizer report, no error line, and the
        status that was to be expected."""
        if self.process is None:
            return
        log = self.log()
        assert not SANITIZER.search(log), f"sanitizer report:\n{log}"
        bad = [line for level, line in LINE.findall(log)
               if level == "error"
               and not any(allowed.search(line) for allowed in self._allowed)]
        assert not bad, "wac-worker complained:\n" + "\n".join(bad)
        status = self.process.returncode
        assert self._killed or status == self.expected_status, \
            f"wac-worker ended with {status}:\n{log}"

    def remove(self):
        if self.running():
            self.kill()
        paths.remove_temp_dir(self.tmp)


def environment():
    """Of the worker: none of ours that would tell it something."""
    kept = {name: value for name, value in os.environ.items()
            if name not in ("WAC_DATABASE_URL", "JOURNAL_STREAM",
                            "NOTIFY_SOCKET", "LISTEN_FDS", "LISTEN_PID")}
    return {**kept, "ASAN_OPTIONS": "detect_stack_use_after_return=1",
            "LSAN_OPTIONS": "print_suppressions=0",
            "UBSAN_OPTIONS": "print_stacktrace=1:halt_on_error=1"}


def run_worker(*arguments, env=None, timeout=60):
    """Runs it to its end: .returncode, .stdout, .stderr."""
    return subprocess.run(
        [WAC_WORKER, *map(str, arguments)], cwd="/",
        env={**environment(), **(env or {})}, stdin=subprocess.DEVNULL,
        capture_output=True, text=True, timeout=timeout)


def accepts_connections(path):
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(5)
        try:
            probe.connect(str(path))
        except OSError:
            return False
    return True
