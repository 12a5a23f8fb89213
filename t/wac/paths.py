"""Where the built programs are, and free places to run them in."""

import collections
import os
import pathlib
import shutil
import socket
import tempfile

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
BUILD_DIR = pathlib.Path(
    os.environ.get("WAC_BUILD_DIR", REPOSITORY / "build")).resolve()

MODULE = BUILD_DIR / "modules" / "ngx_http_wac_module.so"
WACCTL = BUILD_DIR / "bin" / "wacctl"
NGINX = os.environ.get("TEST_NGINX_BINARY", "/usr/sbin/nginx")
POSTGRES_BIN = pathlib.Path(
    os.environ.get("TEST_POSTGRES_BIN", "/usr/lib/postgresql/15/bin"))


def is_root():
    return os.geteuid() == 0


def make_temp_dir(purpose):
    """A short directory that the users of nginx and PostgreSQL can enter."""
    path = pathlib.Path(tempfile.mkdtemp(prefix=f"wac-{purpose}-", dir="/tmp"))
    path.chmod(0o755)
    return path


def remove_temp_dir(path):
    if os.environ.get("TEST_WAC_LEAVE"):
        print(f"left: {path}")
        return
    shutil.rmtree(path, ignore_errors=True)


_ports = collections.deque(maxlen=1000)  # handed out, maybe not bound yet


def free_port():
    """A TCP port that nobody listens on. The kernel deals them out in no
    order, and may deal one again before it is used: so none is given twice,
    and each worker of pytest-xdist has ports of its own. (Linux keeps every
    other port for outgoing connections.)"""
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:])
    while True:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        if port // 2 % workers == worker % workers and port not in _ports:
            _ports.append(port)
            return port
