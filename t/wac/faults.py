"""A proxy between nginx and PostgreSQL that can fail in the ways networks
and servers fail: refuse, hang, cut a reply in the middle, trickle bytes."""

import contextlib
import socket
import struct
import threading

CHUNK = 16384


class Proxy:
    """Listens on 127.0.0.1 (.port) and passes bytes to `target`, a Unix
    socket's path or a (host, port) pair. Faults may be switched on and off
    at any time; they act on open connections too."""

    def __init__(self, target):
        self.target = target
        self._lock = threading.Lock()
        self._links = []
        self._abandoned = []
        self._released = threading.Event()
        self._released.set()
        self._bytes_per_step = None
        self._reply_budget = None
        self._request_budget = None
        self._accepted = 0
        self._listener = None
        self.port = 0
        self._listen()

    @property
    def conninfo(self):
        return f"hostaddr=127.0.0.1 port={self.port}"

    @property
    def accepted(self):
        """Connections so far."""
        return self._accepted

    @property
    def open_links(self):
        with self._lock:
            return len(self._links)

    # ---- faults ----------------------------------------------------------

    def pass_through(self):
        """Ends every fault; what a hang held back is delivered now."""
        self._bytes_per_step = None
        self._reply_budget = None
        self._request_budget = None
        self._released.set()
        self._listen()

    def refuse(self):
        """Connection refused, and open ones are reset: a stopped server."""
        self._close_listener()
        self.cut_all()

    def hang(self):
        """Accepts and says nothing; open connections freeze: a lost route
        or a stopped process."""
        self._released.clear()

    def cut_all(self):
        """Resets the connections that are open now."""
        with self._lock:
            links = list(self._links)
        for link in links:
            reset(*link)

    def abandon_links(self):
        """Connections that are open now never carry a byte again, nor do
        they end: not even when pass_through() ends the hang."""
        with self._lock:
            links, self._links = self._links, []
            self._abandoned.extend(links)

    def cut_reply_after(self, count):
        """Lets `count` more bytes of PostgreSQL's replies through, then
        resets that connection. Once."""
        self._reply_budget = count

    def cut_request_after(self, count):
        """The same for bytes towards PostgreSQL."""
        self._request_budget = count

    def throttle(self, bytes_per_step):
        """At most so many bytes every few milliseconds, each way."""
        self._bytes_per_step = bytes_per_step

    def close(self):
        self._close_listener()
        with self._lock:
            self._links += self._abandoned
            self._abandoned = []
        self._released.set()
        self.cut_all()

    # ---- works -----------------------------------------------------------

    def _listen(self):
        if self._listener is not None:
            return
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", self.port))
        listener.listen(128)
        self.port = listener.getsockname()[1]
        self._listener = listener
        threading.Thread(target=self._accept, args=(listener,),
                         daemon=True).start()

    def _close_listener(self):
        listener, self._listener = self._listener, None
        if listener is not None:
            # shutdown wakes the accepting thread, close alone would not
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            listener.close()

    def _accept(self, listener):
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            self._accepted += 1
            threading.Thread(target=self._serve, args=(client,),
                             daemon=True).start()

    def _connect(self):
        if isinstance(self.target, (str, bytes)):
            server = socket.socket(socket.AF_UNIX)
            server.connect(self.target)
            return server
        return socket.create_connection(self.target)

    def _serve(self, client):
        self._released.wait()
        try:
            server = self._connect()
        except OSError:
            reset(client)
            return
        for side in (client, server):
            if side.family == socket.AF_INET:
                side.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        link = (client, server)
        with self._lock:
            self._links.append(link)
        if self._listener is None:  # refuse() did not see this one
            reset(*link)
        back = threading.Thread(
            target=self._pump, args=(link, server, client, "_reply_budget"),
            daemon=True)
        back.start()
        self._pump(link, client, server, "_request_budget")
        back.join()
        with self._lock:
            if link in self._abandoned:
                return
            if link in self._links:
                self._links.remove(link)
        client.close()
        server.close()

    def _pump(self, link, source, sink, budget_name):
        """Copies until either side ends, then ends both."""
        pause = threading.Event()
        try:
            while True:
                step = self._bytes_per_step
                data = source.recv(step or CHUNK)
                if not data:
                    break
                self._released.wait()
                if link in self._abandoned:
                    return
                if step:
                    pause.wait(0.002)
                if self._over_budget(data, sink, budget_name):
                    reset(source, sink)
                    return
                sink.sendall(data)
        except OSError:
            reset(source, sink)
            return
        for side in (source, sink):
            with contextlib.suppress(OSError):
                side.shutdown(socket.SHUT_RDWR)

    def _over_budget(self, data, sink, budget_name):
        with self._lock:
            budget = getattr(self, budget_name)
            if budget is None:
                return False
            if budget > len(data):
                setattr(self, budget_name, budget - len(data))
                return False
            setattr(self, budget_name, None)
        with contextlib.suppress(OSError):
            sink.sendall(data[:budget])
        return True


def reset(*sockets):
    for side in sockets:
        with contextlib.suppress(OSError):
            side.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                            struct.pack("ii", 1, 0))
        with contextlib.suppress(OSError):
            side.shutdown(socket.SHUT_RDWR)


