"""What terminals answer commands with: the binary rows of fk-http.md 7, made
from its tables and not from our codec, and the bodies that carry them."""

import struct

from .terminal import frame


# ---- date-time words (7.1) -------------------------------------------------

def word_a(moment, valid=1):
    return struct.pack("<I", valid | (moment.year - 1900) << 2
                       | moment.month << 12 | moment.day << 16
                       | moment.hour << 21 | moment.minute << 26)


def word_b(moment, base=0):
    return struct.pack("<I", (moment.year - base) | moment.month << 12
                       | moment.day << 16 | moment.hour << 21
                       | moment.minute << 26)


# ---- log rows (7.2) --------------------------------------------------------

def hs101_log(user_id, moment, verify_mode=1, io_mode=0):
    return struct.pack("<IBBBB", user_id, 0, io_mode, verify_mode,
                       moment.second) + word_a(moment)


def hs102_log(user_id, moment, verify_mode=0x10000000, io_mode=0x01000000,
              work_code=0):
    return (struct.pack("<16sBBBB", user_id.encode(), 0, 0, work_code,
                        moment.second)
            + word_a(moment) + struct.pack("<II", io_mode, verify_mode))


def hs103_log(user_id, moment, verify_mode=0x10000000, io_mode=0x01000000,
              work_code=0):
    return (struct.pack("<32sBBBB", user_id.encode(), 1, 0, work_code,
                        moment.second)
            + word_a(moment, valid=2)
            + struct.pack("<II", io_mode, verify_mode))


# ---- user-id rows (7.3) ----------------------------------------------------

def flags(password=0, card=0, face=0, fingers=0, veins=0, palms=0):
    return (password | card << 1 | face << 2 | fingers << 3 | veins << 7
            | palms << 13)


def hs101_user(user_id, privilege=0, enabled=1, has=flags(fingers=1)):
    return struct.pack("<IBBH", user_id, privilege, enabled, has)


def hs102_user(user_id, privilege=0, enabled=1, has=flags(fingers=1)):
    return struct.pack("<16sBBH", user_id.encode(), privilege, enabled, has)


def hs103_user(user_id, privilege=0, enabled=1, has=flags(fingers=1)):
    return struct.pack("<32sBBH", user_id.encode(), privilege, enabled, has)


# ---- bodies (6.1) ----------------------------------------------------------

def log_body(rows, **more):
    """Of GET_LOG_DATA; `more` adds to its JSON or contradicts it."""
    return frame({"log_array": "BIN_1", "log_count": len(rows),
                  "one_log_size": len(rows[0]), **more}, b"".join(rows))


def user_list_body(rows, **more):
    """Of GET_USER_ID_LIST."""
    return frame({"one_user_id_size": len(rows[0]), "user_id_array": "BIN_1",
                  "user_id_count": len(rows), **more}, b"".join(rows))
