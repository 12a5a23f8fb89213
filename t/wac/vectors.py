"""The byte-exact captures of t/vectors."""

import pathlib

FK = pathlib.Path(__file__).resolve().parents[1] / "vectors" / "fk"


def read_hex(file):
    """Columns 10 to 56 of each line hold up to 16 bytes."""
    return b"".join(bytes.fromhex(line[10:57])
                    for line in file.read_text("ascii").splitlines())


def load(name):
    """A vector by its name without ".hex", or by its leading number."""
    file = FK / f"{name}.hex"
    if not file.exists():
        (file,) = FK.glob(f"{name}-*.hex")
    return read_hex(file)


def names(kind):
    """All vectors of a kind: req, resp, body."""
    ending = f".{kind}.hex"
    return sorted(file.name.removesuffix(".hex")
                  for file in FK.glob(f"*{ending}"))


def body_of(message):
    """What follows the blank line of an HTTP message."""
    return message.partition(b"\r\n\r\n")[2]


def header_of(message, name):
    """The first header of this name, case ignored; None if absent."""
    head = message.partition(b"\r\n\r\n")[0].decode("latin-1")
    for line in head.split("\r\n")[1:]:
        key, _, value = line.partition(":")
        if key.lower() == name.lower():
            return value.strip()
    return None
