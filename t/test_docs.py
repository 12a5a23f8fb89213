"""What the documents say, as far as a program can tell: their links lead
somewhere, all options and commands stand in them, and the programs that they
print run."""

import itertools
import json
import os
import re
import subprocess
import sys

import pytest

from wac import paths
from wac.dashboard import make_token
from wac.wait import wait_for
from wac.worker import WAC_WORKER
from test_cloud_session import CONF

DOCUMENTS = [paths.REPOSITORY / name
             for name in ("README.md", "CONTRIBUTING.md")]
DOCUMENTS += sorted((paths.REPOSITORY / "docs").glob("*.md"))

# where the commands of each dialect stand
REFERENCES = {"fk": "fk-commands.md", "cloud": "cloud-commands.md",
              "type": "type.md", "xml": "xml.md"}


def document(name):
    return (paths.REPOSITORY / "docs" / name).read_text(encoding="utf-8")


def anchors(text):
    """As GitHub makes them out of headings."""
    headings = re.findall(r"^#+ (.*)$", text, re.M)
    return {re.sub(r"[^\w\- ]", "", heading).lower().replace(" ", "-")
            for heading in headings}


@pytest.mark.parametrize("file", DOCUMENTS, ids=lambda file: file.name)
def test_links_lead_somewhere(file):
    text = file.read_text(encoding="utf-8")
    broken = []
    for target in re.findall(r"\]\(([^)]+)\)", text):
        path, _, anchor = target.partition("#")
        other = file.parent / path if path else file
        if not other.exists() or (anchor and anchor not in anchors(
                other.read_text(encoding="utf-8"))):
            broken.append(target)
    assert not broken


def test_all_options_of_the_worker_are_told():
    help_text = subprocess.run([WAC_WORKER, "--help"], capture_output=True,
                               text=True, check=True).stdout
    offered = set(re.findall(r"--([a-z-]+)", help_text.split("Options:")[1]))
    table = document("wac-worker.md").split("## Options")[1].split("\n## ")[0]
    rows = "".join(line.split("|")[1] for line in table.splitlines()
                   if line.startswith("| `"))
    told = set(re.findall(r"--([a-z-]+)", rows))
    assert told and told == offered


@pytest.mark.parametrize("protocol", REFERENCES)
def test_all_commands_are_told(protocol):
    answer = subprocess.run(
        [paths.WACCTL, "--json", "command", "codes", "--protocol", protocol],
        capture_output=True, text=True, check=True)
    codes = {command["cmd_code"] for command in json.loads(answer.stdout)}
    text = document(REFERENCES[protocol])
    assert codes
    assert {code for code in codes if f"`{code}`" not in text} == set()


def test_example_of_a_dashboard(pair, database, tmp_path):
    """In Python, through a restart of the worker that it is connected to."""
    served = pair(CONF)
    program, = re.findall(r"^```python\n(.*?)^```", document("feed.md"),
                          re.M | re.S)
    program = program.replace("ws://127.0.0.1:8080/ws", served.url("/first"))
    printed = tmp_path / "printed"
    with open(printed, "wb") as output, subprocess.Popen(
            [sys.executable, "-u", "-c", program], stdout=output,
            env={**os.environ, "WAC_TOKEN": make_token(database)}) as client:
        try:
            numbers = itertools.count()
            # its subscription begins a little after it came
            wait_for(lambda: punch(database, next(numbers)) or people(printed),
                     60, "the example to show a punch")
            served.allow_missing_sockets()
            served.first.stop()
            for _ in range(10):
                punch(database, next(numbers))
            served.first.start()
            last = next(numbers)
            punch(database, last)
            # it tries again after a pause that grows
            wait_for(lambda: last in people(printed), 60,
                     "the example to show what came last")
        finally:
            client.kill()
    shown = people(printed)
    assert shown == list(range(shown[0], last + 1))


def punch(database, number):
    database.execute(
        "INSERT INTO wac_attendance_logs (sn, enrollid, record_time, protocol)"
        " VALUES ('d', %s, now(), 'cloud')", (str(number),))


def people(printed):
    return [int(number) for number in
            re.findall(r"'enrollid': '(\d+)'", printed.read_text())]
