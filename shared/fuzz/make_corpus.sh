#!/bin/sh
# Writes the fuzzers' seeds: make_corpus.sh OUT
#
# OUT, which belongs in a build tree, gets one folder per fuzzer, filled from
# t/vectors/. fk: bodies (.body, .req) as bare bytes, request heads as text,
# replies (.resp) whole. fk_result: bodies of answers behind two bytes, the
# command and the library; fk_data_lib: their arrays of rows behind two bytes,
# the library and the size of a row. cloud, type: the frames that terminals and
# dashboards send; json: all of these again, as far as they are text.
# xml: the frames of both sides, hostile ones among them.
set -eu

out=${1:?usage: make_corpus.sh OUT}
vectors=$(dirname "$0")/../../t/vectors

mkdir -p "$out/fk" "$out/fk_result" "$out/fk_data_lib" "$out/cloud" \
    "$out/type" "$out/xml" "$out/json"
/usr/bin/python3 - "$vectors" "$out" <<'PYTHON'
import json
import pathlib
import struct
import sys

vectors, top = map(pathlib.Path, sys.argv[1:])
out = top / "fk"

# indices in kCommands and kLibraries of the fuzzers
GET_LOG_DATA, GET_USER_ID_LIST, GET_SLOG_DATA, GET_USER_INFO = range(4)
GET_ENROLL_DATA = 4
HS100, HS101, HS102, HS103, HS104, HS105, HS200 = range(2, 9)
COMMANDS = {
    "log": GET_LOG_DATA,
    "block": GET_LOG_DATA,
    "userlist": GET_USER_ID_LIST,
    "slog": GET_SLOG_DATA,
    "userinfo": GET_USER_INFO,
    "enroll": GET_ENROLL_DATA,
}


def read(path):
    lines = path.read_text().splitlines()
    return b"".join(bytes.fromhex(line[10:57]) for line in lines)


def answer(name, data):
    """An answer and its rows, for the fuzzers of both."""
    body = data.split(b"\r\n\r\n", 1)[1] if name.endswith(".req") else data
    words = name.partition(".")[0].split("-")[1:]
    kinds = [COMMANDS[word] for word in words if word in COMMANDS]
    for command in kinds or range(10):
        for library in (0, HS100, HS101, HS103, HS200):
            seed = bytes((command, library)) + body
            (top / "fk_result" / f"{name}-{command}-{library}").write_bytes(seed)
    rows_at = 4 + struct.unpack("<I", body[:4].ljust(4, b"\0"))[0] + 4
    rows = body[rows_at:]
    for library in range(HS100, HS200 + 1):
        for size in (0, 8, 12, 16, 20, 32, 36, 40, 48):
            if rows and (size == 0 or len(rows) % size == 0):
                seed = bytes((library, size)) + rows
                file = f"{name}-{library}-{size}"
                (top / "fk_data_lib" / file).write_bytes(seed)


for path in sorted((vectors / "fk").glob("*.hex")):
    data = read(path)
    name = path.stem
    if name[0] in "3456" and not name.endswith(".resp"):
        answer(name, data)
    if name.endswith(".req"):
        head, body = data.split(b"\r\n\r\n", 1)
        (out / (name + ".head")).write_bytes(head)
        (out / (name + ".body")).write_bytes(body)
        text = body[4:].split(b"\0", 1)[0].strip()
        (top / "json" / name).write_bytes(text)
    else:
        (out / name).write_bytes(data)

for path in sorted((vectors / "cloud-json").glob("*.json")):
    for number, step in enumerate(json.loads(path.read_text())):
        frame = step.get("frame") if step["dir"] != "server" else None
        if isinstance(frame, dict):
            frame = json.dumps(frame, ensure_ascii=False, separators=",:")
        if frame is not None:
            seed = frame.replace("$now", "2026-03-02 08:00:00")
            folder = "type" if path.stem.startswith("type-") else "cloud"
            for place in (folder, "json"):
                (top / place / f"{path.stem}-{number}").write_text(seed)

SHORT = 10000  # what is longer only slows a fuzzer down
for path in sorted((vectors / "xml").rglob("*.xml")):
    if path.stat().st_size < SHORT:
        (top / "xml" / path.stem).write_bytes(path.read_bytes())
PYTHON
