"""A WebSocket client frame by frame (RFC 6455), for what no library does:
not reading, not answering pings, breaking off inside a frame."""

import base64
import os
import socket
import struct

TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10


class RawWebSocket:
    def __init__(self, port, path="/ws", receive_buffer=None, timeout=60):
        self.socket = socket.socket()
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF,
                                   receive_buffer)
        self.socket.settimeout(timeout)
        self.socket.connect(("127.0.0.1", port))
        self._received = b""
        key = base64.b64encode(os.urandom(16)).decode()
        self.socket.sendall(
            f"GET {path} HTTP/1.1\r\nHost: t\r\nUpgrade: websocket\r\n"
            f"Connection: Upgrade\r\nSec-WebSocket-Key: {key}\r\n"
            "Sec-WebSocket-Version: 13\r\n\r\n".encode())
        while b"\r\n\r\n" not in self._received:
            self._receive()
        head, _, self._received = self._received.partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 101 "), head

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def _receive(self):
        more = self.socket.recv(65536)
        if not more:
            raise ConnectionResetError("the other end has closed")
        self._received += more

    def _take(self, count):
        while len(self._received) < count:
            self._receive()
        taken = self._received[:count]
        self._received = self._received[count:]
        return taken

    def send(self, payload, opcode=TEXT, final=True):
        """Masked with zeroes, which changes nothing."""
        payload = payload.encode() if isinstance(payload, str) else payload
        self.socket.sendall(self.frame(payload, opcode, final))

    @staticmethod
    def frame(payload, opcode=TEXT, final=True):
        first = opcode | (0x80 if final else 0)
        if len(payload) < 126:
            head = struct.pack("!BB", first, 0x80 | len(payload))
        elif len(payload) < 1 << 16:
            head = struct.pack("!BBH", first, 0x80 | 126, len(payload))
        else:
            head = struct.pack("!BBQ", first, 0x80 | 127, len(payload))
        return head + bytes(4) + payload

    def frame_in(self):
        """(opcode, payload) of the next frame, control frames included."""
        first, length = self._take(2)
        assert first & 0x70 == 0 and length & 0x80 == 0
        if length == 126:
            length, = struct.unpack("!H", self._take(2))
        elif length == 127:
            length, = struct.unpack("!Q", self._take(8))
        return first & 0x0F, self._take(length)

    def next(self, opcode):
        """The payload of the next frame of this kind; others are passed."""
        for _ in range(100):
            found, payload = self.frame_in()
            if found == opcode:
                return payload
        raise AssertionError(f"no frame of kind {opcode} among 100")
