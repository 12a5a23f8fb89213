"""Runs wac-sim type and wac-sim xml; and peers for them to talk to, of
python3-websockets and not of ours."""

import contextlib
import json
import re
import subprocess
import uuid

import websockets

from .sim import WAC_SIM, CloudSocketPeer


def live_sim(command, url, *options, status=0, timeout=60):
    """Runs it to its end and gives its --json summary. `command` is a string
    of words: "type run", "xml"."""
    run = subprocess.run(
        [WAC_SIM, *command.split(), "--url", url, "--json",
         *map(str, options)],
        capture_output=True, text=True, timeout=timeout)
    assert run.returncode == status, run
    return json.loads(run.stdout)


@contextlib.contextmanager
def live_sim_running(command, url, *options):
    """Gives its process; what is left of it is killed."""
    run = subprocess.Popen(
        [WAC_SIM, *command.split(), "--url", url, "--json",
         *map(str, options)],
        stdout=subprocess.PIPE, text=True)
    try:
        yield run
    finally:
        run.kill()
        run.communicate()


class LivePeer(CloudSocketPeer):
    """Keeps all messages as they came; take(text) gives the answers to one,
    as a list of texts."""

    def __init__(self, **options):
        self.messages = []
        super().__init__(**options)

    def take(self, text):
        raise NotImplementedError

    def greeting(self):
        """What a new link is sent at once."""
        return []

    def post(self, text):
        """To every link."""
        def send():
            for connection in self._server.websockets:
                self._loop.create_task(connection.send(text))
        self._loop.call_soon_threadsafe(send)

    async def _talk(self, connection, path):
        self.connections.append((path, connection.request_headers))
        with contextlib.suppress(websockets.ConnectionClosed):
            for text in self.greeting():
                await connection.send(text)
            async for message in connection:
                self.kinds.append(type(message))
                text = (message if isinstance(message, str)
                        else message.decode())
                self.messages.append(text)
                for answer in self.take(text):
                    await connection.send(answer)
        self.closed.append(connection.close_code)


class TypePeer(LivePeer):
    """A server of the type dialect. `commands` are sent to each device after
    its registration. `refuse` gives an error frame for a frame, or None.
    Without `pongs` it does not answer pings."""

    def __init__(self, commands=(), refuse=lambda frame: None, feed=(),
                 pongs=True, **options):
        self.orders = list(commands)
        self.refuse = refuse
        self.feed = list(feed)
        self.pongs = pongs
        super().__init__(**options)

    def take(self, text):
        frame = json.loads(text)
        kind = frame["type"]
        error = self.refuse(frame)
        if error:
            return [json.dumps(error)]
        answers = []
        if kind == "register":
            answers = [{"type": "registered",
                        "device_id": frame["device_id"],
                        "server_time": "2026-03-02T08:00:00.000Z"},
                       *({"type": "command", **order}
                         for order in self.orders)]
        elif kind == "ping":
            answers = [{"type": "pong"}] * self.pongs
        elif kind == "subscribe":
            answers = self.feed
        return [json.dumps(answer) for answer in answers]

    def typed(self, kind):
        return [frame for frame in map(json.loads, self.messages)
                if frame["type"] == kind]


def xml_fields(text):
    """A flat document as (root, {name: value}), by regular expressions: the
    tests want no parser of ours, and nothing more is needed."""
    body = re.sub(r"^<\?xml.*?\?>\s*", "", text)
    root, inside = re.fullmatch(r"<(\w+)>(.*)</\1>\s*", body, re.S).groups()
    pairs = re.findall(r"<(\w+)>([^<]*)</\1>|<(\w+)/>", inside)
    names = [name or empty for name, _, empty in pairs]
    assert len(names) == len(set(names)), text
    return root, {name or empty: value for name, value, empty in pairs}


def xml_text(root, **fields):
    return (f"<{root}>" + "".join(f"<{name}>{value}</{name}>"
                                  for name, value in fields.items())
            + f"</{root}>")


class XmlPeer(LivePeer):
    """A server of both XML dialects. `requests`, dictionaries with Request,
    are sent one after the other, the next one when the last was answered.
    `amend(fields)` gives what is different in the answer, None for
    silence."""

    def __init__(self, requests=(), amend=lambda fields: {}, login="OK",
                 **options):
        self.requests = list(requests)
        self.amend = amend
        self.login = login
        self.tokens = {}
        self.responses = []
        super().__init__(**options)

    def take(self, text):
        root, fields = xml_fields(text)
        return (self._message if root == "Message" else self._operation)(
            fields)

    def named(self, name):
        """The fields of all requests and events of that name."""
        found = []
        for text in self.messages:
            _, fields = xml_fields(text)
            if name in (fields.get("Event"), fields.get("Request"),
                        fields.get("Operation")):
                found.append(fields)
        return found

    def _hand_out(self):
        return ([xml_text("Message", **self.requests.pop(0))]
                if self.requests else [])

    def _message(self, fields):
        if "Response" in fields:
            self.responses.append(fields)
            return self._hand_out()
        if "Request" in fields:
            return self._greet(fields)
        name = fields["Event"]
        answer = {"Response": name}
        if "TransID" in fields:
            answer["TransID"] = fields["TransID"]
        answer["Result"] = "OK"
        if name == "KeepAlive":
            answer |= {"DevTime": fields["DevTime"],
                       "ServerTime": fields["DevTime"]}
        other = self.amend(fields)
        return [] if other is None else [xml_text("Message",
                                                  **(answer | other))]

    def _greet(self, fields):
        serial = fields["DeviceSerialNo"]
        name = fields["Request"]
        answer = {"Response": name, "DeviceSerialNo": serial}
        if name == "Register":
            self.tokens[serial] = str(uuid.uuid4())
            answer |= {"Token": self.tokens[serial], "Result": "OK"}
            return [xml_text("Message", **answer)]
        known = self.tokens.get(serial) == fields.get("Token")
        answer["Result"] = self.login if known else "FailUnknownToken"
        return [xml_text("Message", **answer),
                *(self._hand_out() if answer["Result"] == "OK" else [])]

    def _operation(self, fields):
        answer = {"Result": "success"}
        if fields["Operation"] == "Register":
            answer |= {"Session": uuid.uuid4().hex,
                       "DeviceSerialNo": fields["DeviceSerialNo"]}
        elif fields["Operation"] == "KeepAlive":
            answer["ServerTime"] = "2026-03-02T08:00:00"
        else:
            answer["LogId"] = fields["LogId"]
        other = self.amend(fields)
        return [] if other is None else [xml_text("Response",
                                                  **(answer | other))]
