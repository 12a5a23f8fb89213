"""A WebSocket client that tests can use line by line: Debian's
python3-websockets, which is asyncio only, on a thread of its own.

    with connect(worker.socket) as client:          # a Unix socket
    with connect("ws://127.0.0.1:7788/ws") as client:   # by URL, such as nginx
        client.send('{"cmd":"reg"}')
        answer = client.recv()

Every wait has a deadline. It answers pings by itself, sends none, and takes
messages of any size.
"""

import asyncio
import concurrent.futures
import pathlib
import threading

import websockets

TIMEOUT = 60.0  # of a hang; nobody waits for it otherwise

Closed = websockets.ConnectionClosed
Refused = websockets.InvalidStatusCode


class _Loop:
    """One asyncio loop for all clients of the test process."""

    def __init__(self):
        self._loop = None
        self._lock = threading.Lock()

    def run(self, coroutine, timeout):
        with self._lock:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                threading.Thread(target=self._loop.run_forever,
                                 daemon=True).start()
        future = asyncio.run_coroutine_threadsafe(coroutine, self._loop)
        try:
            return future.result(timeout)
        except concurrent.futures.TimeoutError:
            future.cancel()
            raise TimeoutError(f"nothing for {timeout:g} s") from None


_loop = _Loop()


class WebSocket:
    def __init__(self, protocol):
        self._protocol = protocol

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.abort()

    def send(self, message, timeout=TIMEOUT):
        """str: text, bytes: binary, a list of either: that many fragments."""
        _loop.run(self._protocol.send(message), timeout)

    def recv(self, timeout=TIMEOUT):
        """The next message; Closed if there is none any more."""
        return _loop.run(self._protocol.recv(), timeout)

    def ping(self, data=b"", timeout=TIMEOUT):
        """Sends one and waits for its pong."""
        async def exchange():
            await (await self._protocol.ping(data))
        _loop.run(exchange(), timeout)

    def close(self, code=1000, timeout=TIMEOUT):
        _loop.run(self._protocol.close(code), timeout)

    def wait_closed(self, timeout=TIMEOUT):
        """The code the other end closed with; 1006 if it just went."""
        _loop.run(self._protocol.wait_closed(), timeout)
        return self._protocol.close_code

    @property
    def open(self):
        return self._protocol.open

    @property
    def close_reason(self):
        return self._protocol.close_reason

    def abort(self):
        """Ends the connection without a close frame."""
        async def end():
            self._protocol.transport.abort()
            await self._protocol.wait_closed()
        _loop.run(end(), TIMEOUT)


def connect(where, path="/", headers=None, timeout=TIMEOUT, **options):
    """`where`: the path of a Unix socket, or a URL. `headers` go along with
    the upgrade request."""
    options = {"ping_interval": None, "max_size": None, "compression": None,
               "open_timeout": None, "extra_headers": headers or {},
               **options}
    url = str(where)

    async def begin():
        if isinstance(where, pathlib.Path) or url.startswith("/"):
            return await websockets.unix_connect(
                url, f"ws://localhost{path}", **options)
        return await websockets.connect(url, **options)
    return WebSocket(_loop.run(begin(), timeout))
