"""send_cmd_result ends the command that it answers, once, whatever the
terminal says and whatever became of the command meanwhile. What cannot be
read is kept as it came. Records in results: test_command_records.py."""

import datetime

import pytest

from wac import fk_rows, vectors
from wac.commands import answered, sent
from wac.terminal import Terminal, exchange, frame, read_reply

CONF = """
%%TEST_GLOBALS%%
events { }
http {
    %%TEST_GLOBALS_HTTP%%
    wac_database "%%DATABASE%%";
    server {
        listen 127.0.0.1:%%PORT%%;
        location / { wac_fk on; }
    }
}
"""

SN = "D0000000000000A1"
NOON = datetime.datetime(2026, 9, 29, 12, 0, 30)


@pytest.fixture(scope="module")
def server(module_nginx):
    return module_nginx(CONF, workers=2)


@pytest.fixture
def database(module_database):
    return module_database.emptied()


@pytest.fixture
def terminal(server, database):
    database.add_device(SN)
    return Terminal(server.port, SN)


# ---- what the terminal says of it ------------------------------------------

@pytest.mark.parametrize("code", ["OK", "ok", "Success", "", None])
def test_success(terminal, database, code):
    row = answered(terminal, database, "GET_DEVICE_STATUS",
                   frame({"fp_count": 3}), cmd_return_code=code)
    assert (row["trans_status"], row["failure"]) == ("succeeded", None)
    assert row["result"] == {"fp_count": 3}
    assert (row["return_code"] or "") == (code or "")


@pytest.mark.parametrize("code", [
    "ERROR_INVALID_PARAMTER", "Error", "EEROR_NOT_EXIST", "ERROR_NO_ID",
    "DUPLICATED ERROR", "x" * 64])
def test_refusal_is_kept_verbatim(terminal, database, code):
    row = answered(terminal, database, "SET_TIME", b"", cmd_return_code=code)
    assert (row["trans_status"], row["return_code"]) == ("failed", code)
    assert row["failure"] == f"the terminal answered {code}"
    assert terminal.poll().response_code == "ERROR_NO_CMD"


def test_captured_refusal(server, terminal, database):
    sent(terminal, database, "SET_TIME", trans_id="1003")
    reply = exchange(server.port, vectors.load("32-result-error.req"))
    assert (reply.response_code, reply.header("trans_id")) == ("OK", "1003")
    row = database.command("1003")
    assert (row["trans_status"], row["return_code"]) \
        == ("failed", "ERROR_INVALID_PARAMTER")


def test_refusal_with_rows(terminal, database):
    """Of a refused command nothing is stored but the answer itself."""
    rows = [fk_rows.hs101_log(1, NOON)]
    row = answered(terminal, database, "GET_LOG_DATA", fk_rows.log_body(rows),
                   cmd_return_code="ERROR_NO_DATA")
    assert row["trans_status"] == "failed"
    assert row["result_bin"] == rows
    assert database.count("wac_attendance_logs") == 0


def test_other_answers_stay_as_they_came(terminal, database):
    document = {"anything": [1, {"deep": "Zoë"}], "a": "BIN_2"}
    bins = [b"first", bytes(range(256))]
    row = answered(terminal, database, "GET_LOG_IMAGE", frame(document, *bins),
                   {"user_id": "1", "log_time": "20260101000000"})
    assert (row["result"], row["result_bin"]) == (document, bins)


# ---- too late, too often, not at all ---------------------------------------

def test_cancelled_meanwhile(terminal, database):
    captured = read_reply(vectors.load("33-result-canceled.resp"))
    sent(terminal, database, "GET_LOG_DATA", trans_id="1003")
    database.set_command("1003", trans_status="'cancelled'")
    reply = terminal.result("1003", fk_rows.log_body(
        [fk_rows.hs101_log(7, NOON)]))
    assert reply.response_code == captured.response_code
    assert reply.header("trans_id") == captured.header("trans_id")
    row = database.command("1003")
    assert (row["trans_status"], row["return_code"]) == ("cancelled", "OK")
    assert row["late_at"] is not None
    assert row["result"]["log_count"] == 1
    assert (row["records"], row["records_new"]) == (1, 1)
    assert [punch["enrollid"] for punch in database.punches()] == ["7"]


@pytest.mark.parametrize("status", ["expired", "failed"])
def test_after_its_end(terminal, database, status):
    trans_id = sent(terminal, database, "GET_LOG_DATA")
    database.set_command(trans_id, trans_status=f"'{status}'",
                         failure="'its reason'")
    reply = terminal.result(trans_id, fk_rows.log_body(
        [fk_rows.hs101_log(7, NOON)]))
    assert (reply.response_code, reply.header("trans_id")) == ("OK", trans_id)
    row = database.command(trans_id)
    assert (row["trans_status"], row["failure"]) == (status, "its reason")
    assert row["late_at"] is not None
    assert (row["records"], row["records_new"]) == (1, 1)
    assert len(database.punches()) == 1


def test_queued_again_meanwhile(terminal, database):
    """Upkeep gave the terminal up too early: the answer is its answer."""
    trans_id = sent(terminal, database)
    database.set_command(trans_id, trans_status="'queued'")
    assert terminal.result(trans_id).response_code == "OK"
    assert database.command(trans_id)["trans_status"] == "succeeded"
    assert terminal.poll().response_code == "ERROR_NO_CMD"


@pytest.mark.parametrize("end", [None, "'cancelled'", "'expired'"])
def test_second_result_changes_nothing(terminal, database, end):
    trans_id = sent(terminal, database, "GET_LOG_DATA")
    if end:
        database.set_command(trans_id, trans_status=end)
    terminal.result(trans_id, fk_rows.log_body([fk_rows.hs101_log(7, NOON)]))
    before = database.command(trans_id)
    for body in (b"", fk_rows.log_body([fk_rows.hs101_log(8, NOON)]), b"?"):
        reply = terminal.result(trans_id, body, "Error")
        assert reply.response_code \
            == ("ERROR_CANCELED" if end == "'cancelled'" else "OK")
        assert reply.header("trans_id") == trans_id
        assert database.command(trans_id) == before
    (punch,) = database.punches()
    assert (punch["enrollid"], punch["resends"]) == ("7", 0)


def test_of_another_devices_command(terminal, database):
    trans_id = sent(terminal, database, "GET_LOG_DATA")
    before = database.command(trans_id)
    database.add_device("OTHER")
    body = fk_rows.log_body([fk_rows.hs101_log(7, NOON)])
    reply = Terminal(terminal.port, "OTHER").result(trans_id, body)
    assert (reply.response_code, reply.header("trans_id")) == ("OK", trans_id)
    assert database.command(trans_id) == before
    quarantined = database.one("SELECT * FROM wac_quarantine")
    assert (quarantined["sn"], quarantined["frame"]) == ("OTHER", body)
    assert database.count("wac_attendance_logs") == 0
    assert terminal.result(trans_id, body).response_code == "OK"
    assert database.command(trans_id)["trans_status"] == "succeeded"


@pytest.mark.parametrize("task_id", [
    "999999", "0", "9" * 40, "ReceiveCommandAction", "", None])
def test_of_an_unknown_command(terminal, database, task_id):
    body = fk_rows.log_body([fk_rows.hs101_log(7, NOON)])
    reply = terminal.result(task_id, body)
    assert reply.response_code == "OK"
    assert reply.header("trans_id") == (task_id or "")
    assert database.one("SELECT * FROM wac_quarantine")["frame"] == body
    assert database.count("wac_attendance_logs") == 0


def test_empty_one_of_an_unknown_command(terminal, database):
    assert terminal.result("999999").response_code == "OK"
    assert database.count("wac_quarantine") == 0


def test_of_a_command_that_was_never_sent(terminal, database):
    trans_id = database.queue(SN, "GET_LOG_DATA")
    before = database.command(trans_id)
    body = fk_rows.log_body([fk_rows.hs101_log(7, NOON)])
    assert terminal.result(trans_id, body).response_code == "OK"
    assert database.command(trans_id) == before
    assert database.one("SELECT * FROM wac_quarantine")["frame"] == body
    assert terminal.poll().header("trans_id") == trans_id


@pytest.mark.parametrize("state", ["pending", "blocked"])
def test_of_a_device_that_is_not_approved(terminal, database, state):
    trans_id = sent(terminal, database, "GET_LOG_DATA")
    database.execute("UPDATE wac_devices SET state = %s", (state,))
    before = database.command(trans_id)
    body = fk_rows.log_body([fk_rows.hs101_log(7, NOON)])
    assert terminal.result(trans_id, body).response_code == "ERROR"
    assert database.command(trans_id) == before
    for table in ("wac_attendance_logs", "wac_quarantine"):
        assert database.count(table) == 0


# ---- what cannot be read ---------------------------------------------------

ROWS = [fk_rows.hs101_log(7, NOON), fk_rows.hs101_log(8, NOON)]
UNREADABLE = {
    "80": vectors.load("80-bad-length-too-big.body"),
    "81": vectors.load("81-bad-bin-length.body"),
    "83": vectors.load("83-bad-three-bytes.body"),
    "84": vectors.load("84-bad-max-length.body"),
    "87": vectors.load("87-bad-json.body"),
    "more rows counted": fk_rows.log_body(ROWS, log_count=3),
    "fewer rows counted": fk_rows.log_body(ROWS, log_count=1),
    "no whole rows": fk_rows.log_body([ROWS[0] + b"x"], one_log_size=12),
    "negative count": fk_rows.log_body(ROWS, log_count=-1),
    "no binary": frame({"log_array": "BIN_1", "log_count": 1,
                        "one_log_size": 12}),
    "another binary": fk_rows.log_body(ROWS, log_array="BIN_2"),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_unreadable(terminal, database, name):
    body = UNREADABLE[name]
    row = answered(terminal, database, "GET_LOG_DATA", body)
    assert row["trans_status"] == "failed"
    assert row["failure"]
    assert row["return_code"] == "OK"
    assert (row["result"], row["result_bin"]) == (None, [body])
    assert database.count("wac_attendance_logs") == 0
    assert terminal.poll().response_code == "ERROR_NO_CMD"


def test_unreadable_for_the_database(terminal, database):
    """jsonb has no place for a NUL character."""
    body = frame({"name": "a\0b"})
    row = answered(terminal, database, "GET_DEVICE_SETTING", body)
    assert row["trans_status"] == "failed"
    assert row["failure"] and row["result_bin"] == [body]


@pytest.mark.parametrize("lib, size", [
    ("FKDataHS999", 17), ("M50", 12), ("FKDataHS101", 99)])
def test_unknown_library(terminal, database, lib, size):
    rows = [bytes(range(size)), bytes(size)]
    row = answered(terminal, database, "GET_LOG_DATA", fk_rows.log_body(rows),
                   lib=lib)
    assert row["trans_status"] == "succeeded"
    assert str(size) in row["result"]["not_decoded"]
    assert row["result"]["log_count"] == 2
    assert row["result_bin"] == [b"".join(rows)]
    assert database.count("wac_attendance_logs") == 0


def test_user_without_his_binaries(terminal, database):
    """Unlike an enrolment, it can be asked for again."""
    body = frame({"user_id": "7", "user_name": "SEVEN",
                  "enroll_data_array": [{"backup_number": 0,
                                         "enroll_data": "BIN_2"}]}, b"x")
    row = answered(terminal, database, "GET_USER_INFO", body,
                   {"user_id": "7"})
    assert row["trans_status"] == "failed"
    assert row["result_bin"] == [body]
    assert database.count("wac_users") == 0


def test_return_code_fit_for_the_log(terminal, database):
    row = answered(terminal, database, "SET_TIME", b"",
                   cmd_return_code="caf\xe9" + "x" * 100)
    assert row["return_code"].startswith("caf?")
    assert len(row["return_code"]) == 64
