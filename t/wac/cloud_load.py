"""Cloud terminals that punch over WebSocket and remember what was
acknowledged: as wac/load.py, whose check of the rows it shares, but hundreds
on one asyncio loop.

Each behaves as the field's do: it connects, registers, sends a batch until it
hears result:true, and then the next one; when the connection ends it comes
back after a moment.
"""

import asyncio
import contextlib
import datetime
import json
import threading

import websockets

from . import cloud
from .wait import wait_for

RETRY_S = 0.2  # a terminal's pause before it tries again


class LoadTerminal:
    def __init__(self, load, sn):
        self.load = load
        self.sn = sn
        self.acknowledged = []   # (sn, enrollid, time), as load.py's
        self.refused = 0         # result:false
        self.registered = 0
        self.closed = []         # codes of connections that ended
        self._number = 0

    async def run(self):
        while not self.load.ending:
            connection = None
            with contextlib.suppress(OSError, websockets.WebSocketException,
                                     asyncio.TimeoutError):
                connection = await asyncio.wait_for(websockets.connect(
                    self.load.url, ping_interval=None, compression=None,
                    max_size=None, close_timeout=1), 30)
                await self._talk(connection)
            if connection is not None:
                await self._leave(connection)
            await asyncio.sleep(RETRY_S)

    async def _leave(self, connection):
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(connection.close(), 5)
        if not self.load.ending:
            self.closed.append(connection.close_code)

    async def _talk(self, connection):
        if not await self._ask(connection, cloud.reg(self.sn)):
            return
        self.registered += 1
        while not self.load.ending:
            records = [cloud.punch(self._number + one, self._number + one)
                       for one in range(self.load.batch)]
            if await self._ask(connection, cloud.sendlog(
                    self.sn, records, self._number)):
                self.acknowledged += [
                    (self.sn, str(record["enrollid"]),
                     datetime.datetime.fromisoformat(record["time"]))
                    for record in records]
                self._number += len(records)
                await asyncio.sleep(self.load.pause_s)
            else:
                self.refused += 1
                await asyncio.sleep(RETRY_S)

    async def _ask(self, connection, frame):
        """Whether it heard true. Silence is not held against anybody."""
        await connection.send(cloud.compact(frame))
        while True:
            answer = json.loads(
                await asyncio.wait_for(connection.recv(), 60))
            if answer.get("ret") == frame["cmd"]:
                return answer["result"] is True


class CloudLoad:
    """`with CloudLoad(url, devices) as load:` punches while it runs."""

    def __init__(self, url, devices, pause_s=0.0, batch=1):
        self.url = url
        self.pause_s = pause_s
        self.batch = batch
        self.ending = False
        self.terminals = [LoadTerminal(self, sn) for sn in devices]
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self.stop()

    def _run(self):
        asyncio.run(self._everybody())

    async def _everybody(self):
        await asyncio.gather(*(terminal.run() for terminal in self.terminals))

    def stop(self, timeout=90):
        self.ending = True
        self._thread.join(timeout)
        assert not self._thread.is_alive(), "a terminal hears nothing"

    @property
    def acknowledged(self):
        return [record for terminal in self.terminals
                for record in list(terminal.acknowledged)]

    @property
    def refused(self):
        return sum(terminal.refused for terminal in self.terminals)

    @property
    def closed(self):
        """The codes with which connections ended under way."""
        return [code for terminal in self.terminals
                for code in list(terminal.closed)]

    def wait_acknowledged(self, more, timeout=60):
        """Until so many further records were acknowledged."""
        goal = len(self.acknowledged) + more
        wait_for(lambda: len(self.acknowledged) >= goal, timeout,
                 f"{more} acknowledged records")

    def wait_each(self, more=1, timeout=90):
        """Until each terminal has so many further ones acknowledged."""
        goals = [(terminal, len(terminal.acknowledged) + more)
                 for terminal in self.terminals]
        wait_for(lambda: all(len(terminal.acknowledged) >= goal
                             for terminal, goal in goals), timeout,
                 f"{more} acknowledged records of each terminal")
