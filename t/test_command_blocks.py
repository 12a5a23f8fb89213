"""Messages in parts (blk_no): whoever takes them and whatever dies between
them, they are joined as they were cut, or refused; nothing is half stored."""

import contextlib
import datetime

import pytest

from wac import fk_rows, vectors
from wac.terminal import (FK_INFO, Connection, Terminal, exchange, frame,
                          request_bytes)
from wac.wait import wait_for

CONF = """
%%TEST_GLOBALS%%
events { }
http {
    %%TEST_GLOBALS_HTTP%%
    wac_database "%%DATABASE%%";
    wac_timeout 5s;
    client_max_body_size 16m;
    server {
        listen 127.0.0.1:%%PORT%% %%LISTEN%%;
        location / { wac_fk on; }
        location = /pid { return 200 $pid; }
    }
}
"""

SN = "D0000000000000A1"
HS103 = "C0000000000000B2"  # of the vectors 50 to 53
JPEG = b"\xff\xd8\xff\xe0" + bytes(range(256)) * 8 + b"\xff\xd9"
NOON = datetime.datetime(2026, 9, 29, 12, 0, 30)
REFUSED = "ERROR_ADD_BLOCK_DATA"
MEBIBYTE = 1024 * 1024

LOGS = [fk_rows.hs101_log(number, NOON) for number in range(1, 61)]
LOG_BODY = fk_rows.log_body(LOGS)


@pytest.fixture(scope="module")
def server(module_nginx):
    return module_nginx(CONF, workers=2, LISTEN="")


@pytest.fixture
def database(module_database):
    return module_database.emptied()


@pytest.fixture
def terminal(server, database):
    database.add_device(SN)
    return Terminal(server.port, SN)


def sent(terminal, database, cmd_code="GET_LOG_DATA", cmd_param=None,
         lib="FKDataHS101", **columns):
    """A command that the terminal has."""
    trans_id = database.queue(terminal.dev_id, cmd_code, cmd_param, **columns)
    reply = terminal.poll(info={**FK_INFO, "fk_bin_data_lib": lib})
    assert reply.header("trans_id") == trans_id, reply
    return trans_id


def part(terminal, trans_id, data, blk_no):
    """The response_code; the task's number must be echoed."""
    reply = terminal.result(trans_id, data, blk_no=blk_no)
    assert reply.header("trans_id") == trans_id
    return reply.response_code


def status_of(database, trans_id):
    return database.command(trans_id)["trans_status"]


def check_taken_in(database, trans_id, logs=len(LOGS)):
    row = database.command(trans_id)
    assert (row["trans_status"], row["records"], row["records_new"]) \
        == ("succeeded", logs, logs)
    assert sorted(int(punch["enrollid"]) for punch in database.punches()) \
        == list(range(1, logs + 1))
    assert database.blocks() == []


# ---- the captured sequences ------------------------------------------------

A, B, C, D = ("50a-block-1", "50b-block-2", "50c-block-0", "52-block-gap")


@pytest.fixture
def send_captures(server, database):
    """To the command that they answer; their response codes."""
    database.add_device(HS103)
    sent(Terminal(server.port, HS103), database, lib="FKDataHS103",
         trans_id="1020")

    def send(*names):
        replies = [exchange(server.port, vectors.load(f"{name}.req"))
                   for name in names]
        assert {reply.header("trans_id") for reply in replies} == {"1020"}
        return [reply.response_code for reply in replies]

    return send


@pytest.mark.parametrize("sequence, answers", [
    ((A, B, C), ["OK", "OK", "OK"]),
    ((A, B, B, C), ["OK"] * 4),                 # repeated part
    ((A, A, A, B, B, C), ["OK"] * 6),
    ((A, B, A, B, C), ["OK"] * 5),              # started over
    ((A, D, B, C), ["OK", REFUSED, "OK", "OK"]),        # gap mended
    ((A, D, A, B, C), ["OK", REFUSED, "OK", "OK", "OK"]),
    ((A, B, A, B, B, C, A, B, C), ["OK"] * 9),  # and the whole of it again
], ids=lambda value: "-".join(name[:3] for name in value))
def test_joined(send_captures, database, sequence, answers):
    assert send_captures(*sequence) == answers
    row = database.command("1020")
    assert (row["trans_status"], row["records"], row["records_new"]) \
        == ("succeeded", 60, 60)
    punches = database.punches()
    assert [punch["enrollid"] for punch in punches] \
        == [str(number) for number in range(100, 160)]
    assert {punch["resends"] for punch in punches} == {0}
    assert punches[0]["record_time"] == datetime.datetime(2026, 1, 1, 8, 0, 0)
    assert punches[-1]["record_time"] \
        == datetime.datetime(2026, 1, 4, 8, 59, 59)
    joined = vectors.load("50d-block-joined.body")
    assert "".join(punch["raw"]["row"] for punch in punches) \
        == joined[-60 * 48:].hex()
    assert database.blocks() == []
    assert database.count("wac_quarantine") == 0


@pytest.mark.parametrize("sequence, answers", [
    ((A, D, C), ["OK", REFUSED, REFUSED]),      # gap
    ((A, D, D, C), ["OK", REFUSED, REFUSED, REFUSED]),
    ((B, C), [REFUSED, "OK"]),                  # no start: C is no message
    ((A, C), ["OK", REFUSED]),                  # only the bytes show this gap
], ids=lambda value: "-".join(name[:3] for name in value))
def test_not_joined(send_captures, database, sequence, answers):
    assert send_captures(*sequence) == answers
    assert database.count("wac_attendance_logs") == 0
    assert database.blocks() == []


def test_gap_leaves_the_command_open(send_captures, server, database):
    """It is given out again at the next poll, and then answered whole."""
    send_captures(A, D, C)
    row = database.command("1020")
    assert (row["trans_status"], row["result_received_at"]) == ("sent", None)
    reply = Terminal(server.port, HS103).poll()
    assert reply.header("trans_id") == "1020"
    assert send_captures(A, B, C) == ["OK", "OK", "OK"]
    assert status_of(database, "1020") == "succeeded"
    assert len(database.punches()) == 60


def test_captured_answers(send_captures, server):
    for name, captured in ((A, "51-block-ok"), (D, "53-block-gap")):
        message = vectors.load(f"{captured}.resp")
        reply = exchange(server.port, vectors.load(f"{name}.req"))
        for header in ("response_code", "trans_id", "Content-Length",
                       "Content-Type", "Connection"):
            assert reply.header(header) == vectors.header_of(message, header)


def test_tiny_parts(terminal, database):
    """Cut inside the length prefixes."""
    sent(terminal, database, "GET_ENROLL_DATA",
         {"user_id": "7", "backup_number": 0}, trans_id="1023")
    for name in ("56a-block-tiny-1", "56b-block-tiny-2", "56c-block-tiny-3",
                 "56d-block-tiny-0"):
        assert exchange(terminal.port, vectors.load(f"{name}.req")) \
            .response_code == "OK"
    assert status_of(database, "1023") == "succeeded"
    credential = database.one("SELECT * FROM wac_credentials")
    assert (credential["enrollid"], credential["data"]) \
        == ("7", b"\1\2\3\4\5")


def test_no_parts_at_all(terminal, database):
    """blk_no 0 and nothing before it: a complete message."""
    sent(terminal, database, trans_id="1021")
    assert exchange(terminal.port, vectors.load("54-block-orphan-0.req")) \
        .response_code == "OK"
    assert status_of(database, "1021") == "succeeded"
    assert [row["enrollid"] for row in database.punches()] == ["1"]


@pytest.mark.parametrize("blk_no", [
    "-1", "x", "1x", "0x1", "4294967297", "99999999999999999999", "1.0"])
def test_no_number(terminal, database, blk_no):
    trans_id = sent(terminal, database)
    assert part(terminal, trans_id, b"x", blk_no) == "ERROR_INVLAID_BLOCK_NO"
    assert database.blocks() == []
    assert status_of(database, trans_id) == "sent"


def test_captured_negative_number(terminal):
    reply = exchange(terminal.port, vectors.load("55-block-negative.req"))
    assert reply.response_code == "ERROR_INVLAID_BLOCK_NO"


# ---- whoever takes them ----------------------------------------------------

def connections_of_both_workers(stack, port):
    """A kept connection to each worker, by its pid."""
    by_pid = {}
    for _ in range(300):
        connection = stack.enter_context(Connection(port))
        connection.send(b"GET /pid HTTP/1.1\r\nHost: x\r\n\r\n")
        by_pid.setdefault(int(connection.reply().body), connection)
        if len(by_pid) == 2:
            return by_pid
    raise AssertionError(f"one worker takes everything: {by_pid}")


def test_parts_over_both_workers(nginx, databases, template):
    """reuseport: the kernel deals connections out."""
    database = databases(template.name)
    database.add_device(SN)
    server = nginx(CONF, database=database, workers=2, LISTEN="reuseport")
    trans_id = sent(Terminal(server.port, SN), database)
    cuts = range(0, len(LOG_BODY), 100)
    with contextlib.ExitStack() as stack:
        by_pid = connections_of_both_workers(stack, server.port)
        assert sorted(by_pid) == sorted(server.worker_pids())
        for number, cut in enumerate(cuts, 1):
            connection = list(by_pid.values())[number % 2]
            connection.send(request_bytes(
                "send_cmd_result", SN, LOG_BODY[cut:cut + 100],
                task_id=trans_id, cmd_return_code="OK", version="1.1",
                connection="keep-alive",
                blk_no=0 if cut == cuts[-1] else number))
            assert connection.reply().response_code == "OK"
    check_taken_in(database, trans_id)


def kill_all_workers(server):
    victims = set(server.worker_pids())
    while victims & set(server.worker_pids()):
        server.kill_worker()


def reload(server):
    server.reload(wait_for_old=True)


@pytest.mark.parametrize("disturb", [kill_all_workers, reload])
def test_workers_that_come_and_go(nginx, databases, template, disturb):
    """No worker has seen the part before."""
    database = databases(template.name)
    database.add_device(SN)
    server = nginx(CONF, database=database, workers=2, LISTEN="")
    terminal = Terminal(server.port, SN)
    trans_id = sent(terminal, database)
    size = len(LOG_BODY) // 3
    for number in (1, 2):
        data = LOG_BODY[(number - 1) * size:number * size]
        assert part(terminal, trans_id, data, number) == "OK"
        disturb(server)
    assert part(terminal, trans_id, LOG_BODY[2 * size:], 0) == "OK"
    check_taken_in(database, trans_id)


def test_database_that_goes_and_comes(nginx, own_cluster):
    """A part that it could not keep is refused, and only that one has to
    come again."""
    cluster, database = own_cluster()
    database.add_device(SN)
    server = nginx(CONF, database=database, workers=2, LISTEN="")
    terminal = Terminal(server.port, SN)
    trans_id = sent(terminal, database)
    size = len(LOG_BODY) // 3
    first, second, last = (LOG_BODY[:size], LOG_BODY[size:2 * size],
                           LOG_BODY[2 * size:])

    def until_ok(data, blk_no):
        answers = []

        def taken():
            answers.append(part(terminal, trans_id, data, blk_no))
            return answers[-1] == "OK"

        wait_for(taken, 60, f"part {blk_no} to be taken")
        assert set(answers[:-1]) <= {"ERROR_DB_ACCESS"}

    assert part(terminal, trans_id, first, 1) == "OK"
    cluster.stop("immediate")
    assert part(terminal, trans_id, second, 2) == "ERROR_DB_ACCESS"
    cluster.start()
    assert [row["body"] for row in database.blocks()] == [first]
    until_ok(second, 2)
    cluster.stop("fast")
    assert part(terminal, trans_id, last, 0) == "ERROR_DB_ACCESS"
    cluster.start()
    assert status_of(database, trans_id) == "sent"
    assert database.count("wac_attendance_logs") == 0
    until_ok(last, 0)
    check_taken_in(database, trans_id)
    server.quit()


# ---- which messages --------------------------------------------------------

@pytest.mark.parametrize("size", [1000, 333, 17])
def test_punch_with_image(terminal, database, size):
    body = frame({"fk_bin_data_lib": "FKDataHS101", "io_mode": 0,
                  "io_time": "20260929120030", "log_image": "BIN_1",
                  "user_id": "7", "verify_mode": 1}, JPEG)
    reply = terminal.in_parts("realtime_glog", body, size,
                              task_id="RTLogSendAction")
    assert reply.response_code == "OK"
    row = database.one("SELECT * FROM wac_attendance_logs")
    assert (row["enrollid"], row["record_time"]) == ("7", NOON)
    assert database.one("SELECT * FROM wac_photos")["content"] == JPEG
    assert row["photo_id"] is not None
    assert database.blocks() == []
    assert database.count("wac_quarantine") == 0


def test_enrolment(terminal, database):
    """As M60 terminals send it: JSON first, then binary after binary."""
    face = bytes(range(256)) * 80
    document = frame({"user_id": "7", "user_name": "SEVEN",
                      "user_privilege": "MANAGER", "user_photo": "BIN_1",
                      "enroll_data_array": [
                          {"backup_number": 12, "enroll_data": "BIN_2"},
                          {"backup_number": 10, "enroll_data": "BIN_3"}]})
    whole = frame({"user_id": "7", "user_name": "SEVEN",
                   "user_privilege": "MANAGER", "user_photo": "BIN_1",
                   "enroll_data_array": [
                       {"backup_number": 12, "enroll_data": "BIN_2"},
                       {"backup_number": 10, "enroll_data": "BIN_3"}]},
                  JPEG, face, b"1234")
    cuts = [0, len(document), len(document) + 4 + len(JPEG), len(whole) - 8,
            len(whole)]
    for number, (begin, end) in enumerate(zip(cuts, cuts[1:]), 1):
        reply = terminal.send(
            "realtime_enroll_data", whole[begin:end],
            task_id="RTEnrollDataAction",
            blk_no=0 if end == len(whole) else number)
        assert reply.response_code == "OK"
    user = database.one("SELECT * FROM wac_users")
    assert (user["enrollid"], user["name"], user["admin"]) \
        == ("7", "SEVEN", 1)
    assert database.one("SELECT * FROM wac_photos")["content"] == JPEG
    assert {row["backupnum"]: row["record"] or row["data"] for row in
            database.query("SELECT * FROM wac_credentials")} \
        == {12: face, 10: "1234"}
    assert database.blocks() == []


def test_undecodable_punch_in_parts(terminal, database):
    """It must not block the terminal: the whole of it is put aside."""
    reply = terminal.in_parts("realtime_glog", b"what is this", 5,
                              task_id="RTLogSendAction")
    assert reply.response_code == "OK"
    assert database.one("SELECT * FROM wac_quarantine")["frame"] \
        == b"what is this"
    assert database.blocks() == []


def test_punch_in_parts_with_a_gap(terminal, database):
    body = terminal.punch_request(image=JPEG).partition(b"\r\n\r\n")[2]
    options = {"task_id": "RTLogSendAction"}
    assert terminal.send("realtime_glog", body[:500], blk_no=1, **options) \
        .response_code == "OK"
    for blk_no in (3, 0):
        assert terminal.send("realtime_glog", body[1000:], blk_no=blk_no,
                             **options).response_code == REFUSED
    assert database.count("wac_attendance_logs") == 0
    assert database.count("wac_quarantine") == 0
    assert database.blocks() == []
    assert terminal.in_parts("realtime_glog", body, 500, **options) \
        .response_code == "OK"
    assert database.count("wac_attendance_logs") == 1


def test_of_an_unknown_command(terminal, database):
    assert terminal.result_in_parts("999999", LOG_BODY, 100) \
        .response_code == "OK"
    assert database.one("SELECT * FROM wac_quarantine")["frame"] == LOG_BODY
    assert database.count("wac_attendance_logs") == 0
    assert database.blocks() == []


def test_cancelled_while_it_comes(terminal, database):
    trans_id = sent(terminal, database)
    for number in (1, 2):
        data = LOG_BODY[(number - 1) * 200:number * 200]
        assert part(terminal, trans_id, data, number) == "OK"
        database.set_command(trans_id, trans_status="'cancelled'")
    assert part(terminal, trans_id, LOG_BODY[400:], 0) == "ERROR_CANCELED"
    row = database.command(trans_id)
    assert row["trans_status"] == "cancelled"
    assert row["late_at"] is not None
    assert (row["records"], row["records_new"]) == (60, 60)
    assert len(database.punches()) == 60
    assert database.blocks() == []


def test_answered_a_second_time_in_parts(terminal, database):
    trans_id = sent(terminal, database)
    assert terminal.result_in_parts(trans_id, LOG_BODY, 300) \
        .response_code == "OK"
    before = database.command(trans_id)
    other = fk_rows.log_body([fk_rows.hs101_log(99, NOON)])
    assert terminal.result_in_parts(trans_id, other, 30).response_code == "OK"
    assert database.command(trans_id) == before
    check_taken_in(database, trans_id)


# ---- what is refused, and what is dropped ----------------------------------

@pytest.mark.parametrize("blk_no", [1, 2])
def test_empty_part(terminal, database, blk_no):
    trans_id = sent(terminal, database)
    if blk_no == 2:
        assert part(terminal, trans_id, LOG_BODY[:100], 1) == "OK"
    before = database.blocks()
    assert part(terminal, trans_id, b"", blk_no) == REFUSED
    assert [row["body"] for row in database.blocks()] \
        == [row["body"] for row in before]


def test_blocked_device(terminal, database):
    """Midway: nothing is added any more, and nothing of it is used."""
    trans_id = sent(terminal, database)
    assert part(terminal, trans_id, LOG_BODY[:100], 1) == "OK"
    kept = database.blocks()
    database.execute("UPDATE wac_devices SET state = 'blocked'")
    for blk_no in (2, 1, 0):
        assert part(terminal, trans_id, LOG_BODY[100:], blk_no) == "ERROR"
        assert database.blocks() == kept
    assert database.count("wac_attendance_logs") == 0
    assert status_of(database, trans_id) == "sent"
    database.execute("UPDATE wac_devices SET state = 'approved'")
    assert part(terminal, trans_id, LOG_BODY[100:], 0) == "OK"
    check_taken_in(database, trans_id)


@pytest.mark.parametrize("code, answer", [
    ("receive_cmd", "ERROR_NO_CMD"), ("send_cmd_result", "ERROR"),
    ("realtime_glog", "ERROR"), ("realtime_enroll_data", "ERROR"),
    ("realtime_operation", "ERROR")])
@pytest.mark.parametrize("blk_no", [1, 0])
def test_stranger(server, database, code, answer, blk_no):
    """Shows up, is refused, and leaves nothing but its name."""
    stranger = Terminal(server.port, "STRANGER")
    reply = stranger.send(code, b"part", blk_no=blk_no)
    assert reply.response_code == answer
    assert database.one("SELECT sn, state FROM wac_devices") \
        == {"sn": "STRANGER", "state": "pending"}
    assert database.blocks() == []
    assert database.count("wac_quarantine") == 0


def test_new_upload_drops_the_old_one(terminal, database):
    """A terminal sends one message at a time."""
    trans_id = sent(terminal, database)
    assert part(terminal, trans_id, LOG_BODY[:100], 1) == "OK"
    assert part(terminal, trans_id, LOG_BODY[100:200], 2) == "OK"
    body = terminal.punch_request(image=JPEG).partition(b"\r\n\r\n")[2]
    assert terminal.send("realtime_glog", body[:50], blk_no=1,
                         task_id="RTLogSendAction").response_code == "OK"
    (block,) = database.blocks()
    assert (block["request_code"], block["body"]) \
        == ("realtime_glog", body[:50])
    assert part(terminal, trans_id, LOG_BODY[200:300], 3) == REFUSED
    assert terminal.send("realtime_glog", body[50:], blk_no=0,
                         task_id="RTLogSendAction").response_code == "OK"
    assert database.one("SELECT * FROM wac_photos")["content"] == JPEG


def test_uploads_of_two_devices(terminal, database):
    database.add_device("OTHER")
    other = Terminal(terminal.port, "OTHER")
    tasks = {each: sent(each, database) for each in (terminal, other)}
    size = 100
    for number, cut in enumerate(range(0, len(LOG_BODY), size), 1):
        for each, trans_id in tasks.items():
            last = cut + size >= len(LOG_BODY)
            assert part(each, trans_id, LOG_BODY[cut:cut + size],
                        0 if last else number) == "OK"
    for each, trans_id in tasks.items():
        assert status_of(database, trans_id) == "succeeded"
        assert len(database.punches(each.dev_id)) == 60


def test_too_long(terminal, database):
    """16 MB for all parts together; the next message is taken again."""
    trans_id = sent(terminal, database)
    for blk_no in (1, 2):
        assert part(terminal, trans_id, bytes(8 * MEBIBYTE), blk_no) == "OK"
    assert part(terminal, trans_id, b"x", 3) == REFUSED
    assert len(database.blocks()) == 2
    assert part(terminal, trans_id, b"x", 0) == REFUSED
    assert database.blocks() == []
    assert status_of(database, trans_id) == "sent"
    assert terminal.result_in_parts(trans_id, LOG_BODY, 300) \
        .response_code == "OK"
    check_taken_in(database, trans_id)
