"""RESET_FK, reset and reboot: a restart overtakes everything, is done when it
is handed out, and may be the answer to a result."""

import pytest

from wac import vectors
from wac.fk_rows import hs101_user, user_list_body
from wac.terminal import Terminal, read_reply

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
RESTARTS = ["RESET_FK", "reset", "reboot"]


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


def status_of(database, trans_id):
    return database.command(trans_id)["trans_status"]


def sent(terminal, database, cmd_code="GET_DEVICE_STATUS", cmd_param=None):
    """A command that the terminal has."""
    trans_id = database.queue(terminal.dev_id, cmd_code, cmd_param)
    assert terminal.poll().header("trans_id") == trans_id
    return trans_id


# ---- at a poll -------------------------------------------------------------

@pytest.mark.parametrize("cmd_code", RESTARTS)
def test_answer_is_the_captured_one(terminal, database, cmd_code):
    captured = read_reply(vectors.load("09-reset_fk.resp"))
    trans_id = captured.header("trans_id")
    database.queue(SN, cmd_code, trans_id=trans_id)
    assert terminal.poll().essence == captured.essence
    row = database.command(trans_id)
    assert (row["trans_status"], row["attempts"]) == ("succeeded", 1)
    assert row["sent_at"] is not None
    assert terminal.poll().response_code == "ERROR_NO_CMD"


def test_overtakes_queued_commands(terminal, database):
    older = database.queue(SN, "GET_DEVICE_STATUS")
    restart = database.queue(SN, "RESET_FK")
    reply = terminal.poll()
    assert reply.response_code == "RESET_FK"
    assert reply.header("trans_id") == restart
    row = database.command(older)
    assert (row["trans_status"], row["attempts"]) == ("queued", 0)
    assert terminal.poll().header("trans_id") == older


def test_overtakes_a_hanging_command(terminal, database):
    """It has lost its answer, and comes again after the restart."""
    hanging = sent(terminal, database)
    restart = database.queue(SN, "reboot")
    reply = terminal.poll()
    assert (reply.response_code, reply.header("trans_id")) \
        == ("RESET_FK", restart)
    row = database.command(hanging)
    assert (row["trans_status"], row["attempts"]) == ("queued", 1)
    assert terminal.poll().header("trans_id") == hanging
    assert database.command(hanging)["attempts"] == 2


def test_overtakes_a_hanging_door(terminal, database):
    """That one is given out once."""
    door = sent(terminal, database, "open_door")
    database.queue(SN, "RESET_FK")
    assert terminal.poll().response_code == "RESET_FK"
    row = database.command(door)
    assert (row["trans_status"], row["failure"]) \
        == ("failed", "no answer after 1 delivery")
    assert terminal.poll().response_code == "ERROR_NO_CMD"


def test_several_are_one(terminal, database):
    restarts = [database.queue(SN, cmd_code) for cmd_code in RESTARTS * 2]
    other = database.queue(SN, "GET_DEVICE_STATUS")
    reply = terminal.poll()
    assert (reply.response_code, reply.header("trans_id")) \
        == ("RESET_FK", restarts[0])
    assert {status_of(database, trans_id) for trans_id in restarts} \
        == {"succeeded"}
    assert terminal.poll().header("trans_id") == other


def test_expired_one(terminal, database):
    # a poll passes over the commands that upkeep is at
    database.execute("UPDATE wac_upkeep SET ran_at = 'infinity'")
    restart = database.queue(SN, "RESET_FK")
    database.set_command(restart, expires_at="now()")
    assert terminal.poll().response_code == "ERROR_NO_CMD"
    assert status_of(database, restart) == "expired"


def test_cancelled_one(terminal, database):
    restart = database.queue(SN, "RESET_FK", trans_status="cancelled")
    trans_id = sent(terminal, database)
    assert terminal.result(trans_id).response_code == "OK"
    assert status_of(database, restart) == "cancelled"


def test_native_one(terminal, database):
    """For the model that wants it by its name (fk-http.md 5.4)."""
    restart = database.queue(SN, "RESET_FK", native=True)
    reply = terminal.poll()
    assert reply.response_code == "OK"
    assert reply.header("trans_id") == restart
    assert reply.header("cmd_code") == "RESET_FK"
    assert reply.body == b""
    assert status_of(database, restart) == "succeeded"
    assert terminal.poll().response_code == "ERROR_NO_CMD"


# ---- as the answer to a result ---------------------------------------------

def test_answer_to_a_result(terminal, database):
    trans_id = sent(terminal, database, "GET_USER_ID_LIST")
    waits = database.queue(SN, "GET_DEVICE_STATUS")
    restart = database.queue(SN, "RESET_FK")
    reply = terminal.result(trans_id, user_list_body([hs101_user(7)]))
    assert (reply.response_code, reply.header("trans_id")) \
        == ("RESET_FK", restart)
    assert status_of(database, trans_id) == "succeeded"
    assert status_of(database, restart) == "succeeded"
    assert status_of(database, waits) == "queued"
    assert database.one("SELECT enrollid FROM wac_users") == {"enrollid": "7"}
    assert terminal.poll().header("trans_id") == waits


def test_answer_to_a_result_by_cmd_id(terminal, database):
    trans_id = sent(terminal, database)
    restart = database.queue(SN, "reset")
    reply = terminal.result(trans_id, task_id_header="cmd_id")
    assert (reply.response_code, reply.header("cmd_id")) \
        == ("RESET_FK", restart)
    assert not reply.has("trans_id")


@pytest.mark.parametrize("body", [b"", b"what is this"])
def test_answer_to_an_unknown_result(terminal, database, body):
    restart = database.queue(SN, "RESET_FK")
    reply = terminal.result("999999", body)
    assert (reply.response_code, reply.header("trans_id")) \
        == ("RESET_FK", restart)
    assert status_of(database, restart) == "succeeded"
    assert database.count("wac_quarantine") == (1 if body else 0)


def test_answer_to_the_last_part_only(terminal, database):
    trans_id = sent(terminal, database, "GET_USER_ID_LIST")
    restart = database.queue(SN, "RESET_FK")
    body = user_list_body([hs101_user(number) for number in range(100)])
    reply = terminal.result_in_parts(trans_id, body, size=300)
    assert (reply.response_code, reply.header("trans_id")) \
        == ("RESET_FK", restart)
    assert status_of(database, trans_id) == "succeeded"
    assert database.count("wac_users") == 100


def test_answer_to_a_large_result(terminal, database):
    """One that is kept first and then taken in."""
    trans_id = sent(terminal, database, "GET_USER_ID_LIST")
    restart = database.queue(SN, "RESET_FK")
    body = user_list_body([hs101_user(number) for number in range(1, 1201)])
    reply = terminal.result(trans_id, body)
    assert (reply.response_code, reply.header("trans_id")) \
        == ("RESET_FK", restart)
    assert status_of(database, trans_id) == "succeeded"
    assert database.count("wac_users") == 1200


def test_answer_to_the_result_of_a_cancelled_command(terminal, database):
    trans_id = sent(terminal, database)
    database.set_command(trans_id, trans_status="'cancelled'")
    restart = database.queue(SN, "RESET_FK")
    reply = terminal.result(trans_id)
    assert (reply.response_code, reply.header("trans_id")) \
        == ("RESET_FK", restart)
    assert database.command(trans_id)["late_at"] is not None


def test_native_one_waits_for_a_poll(terminal, database):
    """A terminal looks for a command's name only there."""
    trans_id = sent(terminal, database)
    restart = database.queue(SN, "RESET_FK", native=True)
    reply = terminal.result(trans_id)
    assert (reply.response_code, reply.header("trans_id")) == ("OK", trans_id)
    assert status_of(database, restart) == "queued"
    reply = terminal.poll()
    assert (reply.header("trans_id"), reply.header("cmd_code")) \
        == (restart, "RESET_FK")


def test_not_for_other_devices(terminal, database):
    database.add_device("OTHER")
    restart = database.queue("OTHER", "RESET_FK")
    trans_id = sent(terminal, database)
    assert terminal.result(trans_id).response_code == "OK"
    assert terminal.poll().response_code == "ERROR_NO_CMD"
    assert status_of(database, restart) == "queued"
