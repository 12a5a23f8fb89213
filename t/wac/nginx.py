"""Starts the stock nginx with the module, and looks after it.

A test's whole nginx.conf stands in the test. These marks are replaced:

    %%TEST_GLOBALS%%       load_module, daemon off, workers, pid, error log
    %%TEST_GLOBALS_HTTP%%  temporary paths, an access log, text/plain
    %%PORT%% %%PORT2%% …   free ports, the same number for the same mark
    %%MODULE%%             the module's file
    %%DATABASE%%           the test's conninfo
    %%TMP%%                a directory of its own, also served as "prefix"

and any other mark from the keyword arguments of the `nginx` fixture.
"""

import os
import pathlib
import re
import signal
import socket
import subprocess

from . import paths
from .wait import wait_for

GLOBALS = """
    load_module %%MODULE%%;
    daemon off;
    master_process on;
    worker_processes %%WORKERS%%;
    pid %%TMP%%/nginx.pid;
    error_log %%TMP%%/error.log info;
    lock_file %%TMP%%/nginx.lock;
"""

GLOBALS_HTTP = """
    access_log %%TMP%%/access.log;
    client_body_temp_path %%TMP%%/client_body_temp;
    proxy_temp_path %%TMP%%/proxy_temp;
    fastcgi_temp_path %%TMP%%/fastcgi_temp;
    scgi_temp_path %%TMP%%/scgi_temp;
    uwsgi_temp_path %%TMP%%/uwsgi_temp;
    default_type text/plain;
"""

MARK = re.compile(r"%%(\w+)%%")
BAD_LINES = re.compile(r"\[(alert|emerg|crit)\]")
# a leak check that could not be made is no leak
SANITIZER = re.compile(
    r"Sanitizer(?! has encountered a fatal error| does not work)"
    r"|runtime error:")


def sanitizer_environment():
    """What a stock nginx needs in order to load a sanitized module. The C++
    library goes along: libasan looks for its throw at start."""
    if not os.environ.get("TEST_WAC_ASAN"):
        return {}
    libraries = [
        subprocess.run(["gcc", f"-print-file-name={name}"], check=True,
                       capture_output=True, text=True).stdout.strip()
        for name in ("libasan.so", "libubsan.so", "libstdc++.so.6")]
    return {
        "LD_PRELOAD": ":".join(libraries),
        "ASAN_OPTIONS": f"detect_leaks={'TEST_WAC_LEAKS' in os.environ:d}:"
                        "abort_on_error=0:halt_on_error=1:"
                        "detect_stack_use_after_return=1",
        "LSAN_OPTIONS": "print_suppressions=0:suppressions="
                        f"{pathlib.Path(__file__).with_name('lsan.supp')}",
        "UBSAN_OPTIONS": "print_stacktrace=1:halt_on_error=1",
    }


def command_prefix():
    if os.environ.get("TEST_WAC_VALGRIND"):
        return ["valgrind", "-q", "--error-exitcode=9",
                "--log-file=%%TMP%%/valgrind.%p.log"]
    return []


class Nginx:
    def __init__(self, conf, database="", workers=1, **marks):
        assert paths.MODULE.exists(), f"no {paths.MODULE}: build first"
        self.tmp = paths.make_temp_dir("nginx")
        self.master = None
        self.worker_processes = workers
        self.prefix = []  # words before the command: another program's
        self.ports = {}
        self._allowed = []
        self._killed = False
        self._marks = {"TEST_GLOBALS": GLOBALS,
                       "TEST_GLOBALS_HTTP": GLOBALS_HTTP,
                       "MODULE": paths.MODULE, "TMP": self.tmp,
                       "WORKERS": workers, "DATABASE": database, **marks}
        self.write_conf(conf)

    # ---- configuration ---------------------------------------------------

    def write_conf(self, conf):
        """Replaces nginx.conf; a running nginx sees it at reload()."""
        (self.tmp / "nginx.conf").write_text(self.fill_in(conf))

    def fill_in(self, text):
        while MARK.search(text):  # a mark's value may hold marks
            text = MARK.sub(lambda mark: self._value(mark[1]), text)
        return text

    def _value(self, mark):
        if re.fullmatch(r"PORT\d*", mark):
            return str(self.ports.setdefault(mark, paths.free_port()))
        return str(self._marks[mark])

    @property
    def port(self):
        return self.ports["PORT"]

    def _command(self, *arguments, log=None):
        log = log or self.tmp / "error.log"
        prefix = [*self.prefix,
                  *(self.fill_in(word) for word in command_prefix())]
        return [*prefix, paths.NGINX, "-p", str(self.tmp), "-e", str(log),
                "-c", str(self.tmp / "nginx.conf"), *arguments]

    def _environment(self):
        return {**os.environ, **sanitizer_environment()}

    def test(self):
        """nginx -t: .returncode, and .stderr with what it said."""
        return subprocess.run(
            self._command("-t", log="stderr"), env=self._environment(),
            stdin=subprocess.DEVNULL, capture_output=True, text=True,
            timeout=60)

    # ---- life ------------------------------------------------------------

    def start(self):
        with open(self.tmp / "stderr.log", "ab") as stderr:
            self.master = subprocess.Popen(
                self._command(), env=self._environment(), cwd="/",
                stdin=subprocess.DEVNULL, stdout=stderr, stderr=stderr,
                start_new_session=True)
        wait_for(self._started, 60, "nginx to start")
        if os.environ.get("TEST_WAC_RELOAD"):
            self.reload(wait_for_old=True)
        return self

    def _started(self):
        if self.master.poll() is not None:
            raise AssertionError(f"nginx does not start:\n{self.all_logs()}")
        return (self.pid_file_is_ours()
                and len(self.worker_pids()) >= self.worker_processes
                and all(map(accepts_connections, self.ports.values())))

    def pid_file_is_ours(self):
        file = self.tmp / "nginx.pid"
        return file.exists() and file.read_text().strip() == str(self.master.pid)

    def running(self):
        return self.master is not None and self.master.poll() is None

    def send_signal(self, number):
        self.master.send_signal(number)

    def reload(self, wait_for_old=False):
        """HUP. Returns when new workers run; the old ones may still be
        answering, unless told to wait for them too."""
        old = set(self.worker_pids())
        self.send_signal(signal.SIGHUP)
        wait_for(lambda: len(set(self.worker_pids()) - old)
                 >= self.worker_processes, 60, "new workers after reload")
        if wait_for_old:
            wait_for(lambda: not old & set(self.worker_pids()), 60,
                     "old workers to go after reload")

    def reload_refused(self):
        """HUP with a configuration that nginx does not take."""
        before = self.error_log().count("[emerg]")
        self.send_signal(signal.SIGHUP)
        wait_for(lambda: self.error_log().count("[emerg]") > before, 60,
                 "nginx to refuse its new configuration")

    def quit(self, timeout=30):
        """Graceful: waits for requests under way."""
        self._end(signal.SIGQUIT, timeout)

    def stop(self, timeout=30):
        """Fast."""
        self._end(signal.SIGTERM, timeout)

    def _end(self, number, timeout):
        if not self.running():
            return
        self.send_signal(number)
        try:
            self.master.wait(timeout)
        except subprocess.TimeoutExpired:
            logs = self.all_logs()
            os.killpg(self.master.pid, signal.SIGKILL)
            self.master.wait(10)
            raise AssertionError(
                f"nginx did not end on signal {number}:\n{logs}") from None

    def kill_all(self):
        """kill -9, master and workers."""
        os.killpg(self.master.pid, signal.SIGKILL)
        self.master.wait(10)
        self._killed = True

    def worker_pids(self):
        """Workers alive, those that are shutting down included."""
        return [pid for pid, parent, _ in processes()
                if parent == self.master.pid]

    def kill_worker(self, number=signal.SIGKILL):
        """Kills one worker the hard way; the master starts another."""
        victim = self.worker_pids()[0]
        if number == signal.SIGKILL:
            self.allow_log(rf"worker process {victim} exited on signal 9")
        os.kill(victim, number)
        wait_for(lambda: victim not in self.worker_pids()
                 and len(self.worker_pids()) >= self.worker_processes,
                 30, "the killed worker's successor")

    # ---- what it said ----------------------------------------------------

    def read(self, name):
        file = self.tmp / name
        return file.read_text(errors="replace") if file.exists() else ""

    def error_log(self):
        return self.read("error.log")

    def all_logs(self):
        reports = [self.read(file.name)
                   for file in sorted(self.tmp.glob("valgrind.*.log"))]
        return "".join([self.error_log(), self.read("stderr.log"), *reports])

    def allow_log(self, pattern):
        """Declares an [alert], [crit] or [emerg] that the test provokes."""
        self._allowed.append(re.compile(pattern))

    def bad_log_lines(self):
        lines = self.all_logs().splitlines()
        return [line for line in lines
                if BAD_LINES.search(line)
                and not any(allowed.search(line) for allowed in self._allowed)]

    def check_logs(self):
        logs = self.all_logs()
        assert not SANITIZER.search(logs), f"sanitizer report:\n{logs}"
        assert not any(self.read(file.name)
                       for file in self.tmp.glob("valgrind.*.log")), logs
        bad = self.bad_log_lines()
        assert not bad, "nginx complained:\n" + "\n".join(bad)

    def check_ended(self):
        if self.master is None:
            return
        assert self.master.returncode == 0 or self._killed, \
            f"nginx ended with {self.master.returncode}:\n{self.all_logs()}"
        wait_for(lambda: not [pid for pid, _, group in processes()
                              if group == self.master.pid],
                 15, "nginx's processes to be gone")

    def remove(self):
        if self.running():
            os.killpg(self.master.pid, signal.SIGKILL)
            self.master.wait(10)
        paths.remove_temp_dir(self.tmp)


def accepts_connections(port):
    try:
        socket.create_connection(("127.0.0.1", port), timeout=5).close()
    except OSError:
        return False
    return True


def processes():
    """(pid, parent, process group) of every process that is not a zombie."""
    found = []
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        try:
            with open(f"/proc/{name}/stat", encoding="latin-1") as file:
                fields = file.read().rpartition(")")[2].split()
        except OSError:
            continue
        if fields[0] != "Z":
            found.append((int(name), int(fields[1]), int(fields[2])))
    return found
