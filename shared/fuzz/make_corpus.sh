#!/bin/sh
# Writes the fuzzers' seeds: make_corpus.sh OUT
#
# OUT, which belongs in a build tree, gets one folder per dialect, filled
# from t/vectors/<dialect>/*.hex. FK: bodies (.body, .req) as bare bytes,
# request heads as text, replies (.resp) whole.
set -eu

out=${1:?usage: make_corpus.sh OUT}
vectors=$(dirname "$0")/../../t/vectors

mkdir -p "$out/fk"
/usr/bin/python3 - "$vectors/fk" "$out/fk" <<'PYTHON'
import pathlib
import sys

vectors, out = map(pathlib.Path, sys.argv[1:])
for path in sorted(vectors.glob("*.hex")):
    lines = path.read_text().splitlines()
    data = b"".join(bytes.fromhex(line[10:57]) for line in lines)
    name = path.stem
    if name.endswith(".req"):
        head, body = data.split(b"\r\n\r\n", 1)
        (out / (name + ".head")).write_bytes(head)
        (out / (name + ".body")).write_bytes(body)
    else:
        (out / name).write_bytes(data)
PYTHON
