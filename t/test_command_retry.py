"""What time and silence do to commands: a lost answer, the end of their time
to live, a terminal that does not come back; and the rest of upkeep."""

import pytest

from wac.terminal import Terminal
from wac.wait import wait_for

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

URGENT = {
    "open_door": None,
    "lock_door": None,
    "OPEN_DOOR": None,
    "SET_DOOR_STATUS": {"door_status": "open"},
    "RESET_FK": None,
    "reset": None,
    "reboot": None,
    "enroll_user": {"enrollid": "2"},
    "SET_COMMAND": {"cmd": "enter_enroll",
                    "param": {"user_id": "2", "backup_number": 0}},
}


@pytest.fixture(scope="module")
def server(module_nginx):
    return module_nginx(CONF, workers=2)


@pytest.fixture
def database(module_database):
    """Without upkeep: a poll passes over the commands that it is at."""
    module_database.execute("UPDATE wac_upkeep SET ran_at = 'infinity'")
    module_database.emptied().add_device(SN)
    return module_database


@pytest.fixture
def terminal(server):
    return Terminal(server.port, SN)


@pytest.fixture
def unserved(databases, template):
    """A database that no nginx is at yet: upkeep comes with its start."""
    database = databases(template.name)
    database.add_device(SN)
    return database


def state_of(database, trans_id):
    row = database.command(trans_id)
    return row["trans_status"], row["failure"]


def ran_at(database, task="commands"):
    return database.value("SELECT nullif(ran_at, '-infinity') AS ran_at "
                          "FROM wac_upkeep WHERE task = %s", (task,))


def start_and_wait_for_upkeep(nginx, database):
    """Its first turn is over: what it did not do by now it will not do."""
    server = nginx(CONF, database=database, workers=2)
    wait_for(lambda: ran_at(database), what="upkeep")
    return server


def sent(database, cmd_code="GET_DEVICE_STATUS", ago="1 min", attempts=1,
         **columns):
    """A command that was given out so long ago."""
    trans_id = database.queue(SN, cmd_code, attempts=attempts,
                              trans_status="sent", **columns)
    database.set_command(trans_id, sent_at=f"now() - interval '{ago}'")
    return trans_id


# ---- lost answers ----------------------------------------------------------

def test_a_lost_answer(terminal, database):
    trans_id = database.queue(SN, "GET_USER_INFO", {"user_id": "7"})
    following = database.queue(SN, "GET_DEVICE_STATUS")
    first = terminal.poll()
    assert first.header("trans_id") == trans_id
    for attempt in (2, 3):
        assert terminal.poll().essence == first.essence
        row = database.command(trans_id)
        assert (row["trans_status"], row["attempts"]) == ("sent", attempt)
    assert terminal.poll().header("trans_id") == following
    assert state_of(database, trans_id) \
        == ("failed", "no answer after 3 deliveries")
    assert database.command(trans_id)["attempts"] == 3
    assert terminal.result(following).response_code == "OK"
    assert terminal.poll().response_code == "ERROR_NO_CMD"


def test_answered_at_last(terminal, database):
    trans_id = database.queue(SN, "GET_DEVICE_STATUS")
    terminal.poll()
    terminal.poll()
    assert terminal.result(trans_id).response_code == "OK"
    row = database.command(trans_id)
    assert (row["trans_status"], row["attempts"], row["failure"]) \
        == ("succeeded", 2, None)
    assert terminal.poll().response_code == "ERROR_NO_CMD"


@pytest.mark.parametrize("max_attempts, words", [
    (1, "1 delivery"), (2, "2 deliveries")])
def test_attempts_as_ordered(terminal, database, max_attempts, words):
    trans_id = database.queue(SN, "GET_DEVICE_STATUS",
                             max_attempts=max_attempts)
    for _ in range(max_attempts):
        assert terminal.poll().header("trans_id") == trans_id
    assert terminal.poll().response_code == "ERROR_NO_CMD"
    assert state_of(database, trans_id) \
        == ("failed", f"no answer after {words}")


# ---- classes ---------------------------------------------------------------

def limits(database, trans_id):
    """Seconds to live, and attempts."""
    row = database.command(trans_id)
    lives = row["expires_at"] - row["created_at"]
    return lives.total_seconds(), row["max_attempts"]


@pytest.mark.parametrize("cmd_code", URGENT)
def test_limits_of_urgent_commands(database, cmd_code):
    param = URGENT[cmd_code]
    later = database.value("SELECT now() + interval '1 d' AS later")
    assert limits(database, database.queue(SN, cmd_code, param)) == (30, 1)
    for native in (False, True):
        trans_id = database.queue(SN, cmd_code, param, max_attempts=5,
                                 native=native, expires_at=later)
        assert limits(database, trans_id) == (120, 1)
    shorter = database.value("SELECT now() + interval '5 s' AS soon")
    trans_id = database.queue(SN, cmd_code, param, expires_at=shorter)
    assert database.command(trans_id)["expires_at"] == shorter


@pytest.mark.parametrize("cmd_code, param", [
    ("GET_LOG_DATA", None), ("set_user", {"enrollid": "1"}),
    ("SET_COMMAND", {"cmd": "other"})])
def test_limits_of_other_commands(database, cmd_code, param):
    day = 24 * 3600
    assert limits(database, database.queue(SN, cmd_code, param)) == (day, 3)
    week = database.value("SELECT now() + interval '7 d' AS week")
    trans_id = database.queue(SN, cmd_code, param, max_attempts=9,
                             expires_at=week)
    row = database.command(trans_id)
    assert (row["expires_at"], row["max_attempts"]) == (week, 9)


@pytest.mark.parametrize("cmd_code", ["open_door", "enroll_user"])
def test_urgent_commands_are_given_out_once(terminal, database, cmd_code):
    trans_id = database.queue(SN, cmd_code, URGENT[cmd_code])
    assert terminal.poll().header("trans_id") == trans_id
    assert terminal.poll().response_code == "ERROR_NO_CMD"
    assert state_of(database, trans_id) \
        == ("failed", "no answer after 1 delivery")
    assert terminal.poll().response_code == "ERROR_NO_CMD"


# ---- the end of their time -------------------------------------------------

def test_expired_ones_are_not_delivered(terminal, database):
    """More of them than a poll looks at."""
    stale = [database.queue(SN, "open_door") for _ in range(7)]
    for trans_id in stale:
        database.set_command(trans_id, expires_at="now() - interval '1 s'")
    fresh = database.queue(SN, "GET_DEVICE_STATUS")

    def given_out():
        reply = terminal.poll()
        assert reply.header("trans_id") in ("", fresh)
        return reply.response_code == "OK"

    wait_for(given_out, what="the command that is in time")
    for trans_id in stale:
        assert state_of(database, trans_id) \
            == ("expired", "not delivered in time")
        assert database.command(trans_id)["attempts"] == 0


def test_expired_at_the_poll(terminal, database):
    trans_id = database.queue(SN, "GET_DEVICE_STATUS")
    database.set_command(trans_id, expires_at="now()")
    assert terminal.poll().response_code == "ERROR_NO_CMD"
    assert state_of(database, trans_id) == ("expired", "not delivered in time")


def test_expired_when_its_answer_was_lost(terminal, database):
    trans_id = database.queue(SN, "GET_DEVICE_STATUS")
    assert terminal.poll().header("trans_id") == trans_id
    database.set_command(trans_id, expires_at="now()")
    assert terminal.poll().response_code == "ERROR_NO_CMD"
    assert state_of(database, trans_id) == ("expired", "no answer in time")


def test_many_expired_do_not_hold_up_a_good_one(terminal, database):
    expired = [database.queue(SN, "GET_DEVICE_STATUS") for _ in range(10)]
    for trans_id in expired:
        database.set_command(trans_id, expires_at="now() - interval '1 s'")
    good = database.queue(SN, "GET_DEVICE_STATUS")
    assert terminal.poll().header("trans_id") == good


def test_expired_without_any_poll(nginx, unserved):
    """By upkeep, which comes every five seconds."""
    server = start_and_wait_for_upkeep(nginx, unserved)
    queued = unserved.queue(SN, "GET_DEVICE_STATUS")
    living = unserved.queue(SN, "GET_DEVICE_STATUS")
    unserved.set_command(queued, expires_at="now()")
    wait_for(lambda: state_of(unserved, queued)
             == ("expired", "not delivered in time"), what="the expiry")
    assert state_of(unserved, living) == ("queued", None)
    assert Terminal(server.port, SN).poll().header("trans_id") == living


def test_a_sent_one_expires_only_in_silence(nginx, unserved):
    """Not in the seconds that a terminal needs to answer, nor while its
    answer is arriving."""
    silent = sent(unserved, ago="16 s", expires_at="now")
    working = sent(unserved, ago="0 s", expires_at="now")
    arriving = sent(unserved, ago="1 min", expires_at="now")
    stuck = sent(unserved, ago="1 min", expires_at="now")
    for trans_id, age in ((arriving, "0 s"), (stuck, "16 s")):
        unserved.execute(
            "INSERT INTO wac_command_blocks (sn, trans_id, blk_no, body, upto,"
            " received_at) VALUES (%s, %s, 1, 'x', 1, now() - %s::interval)",
            (SN, trans_id, age))
    start_and_wait_for_upkeep(nginx, unserved)
    for trans_id in (silent, stuck):
        assert state_of(unserved, trans_id) == ("expired", "no answer in time")
    for trans_id in (working, arriving):
        assert state_of(unserved, trans_id) == ("sent", None)


def test_answered_after_its_time_while_sent(terminal, database):
    """Until it is expired, the answer is its answer."""
    trans_id = database.queue(SN, "open_door")
    assert terminal.poll().header("trans_id") == trans_id
    database.set_command(trans_id, expires_at="now()")
    assert terminal.result(trans_id).response_code == "OK"
    row = database.command(trans_id)
    assert (row["trans_status"], row["late_at"]) == ("succeeded", None)


# ---- terminals that do not come back ---------------------------------------

def test_ten_minutes_without_an_answer(nginx, unserved):
    again = sent(unserved, ago="601 s")
    last = sent(unserved, ago="601 s", attempts=3)
    door = sent(unserved, "open_door", ago="601 s")
    unserved.set_command(door, expires_at="now() + interval '1 h'")
    younger = sent(unserved, ago="8 min")
    arriving = sent(unserved, ago="1 h")
    unserved.execute(
        "INSERT INTO wac_command_blocks (sn, trans_id, blk_no, body, upto) "
        "VALUES (%s, %s, 1, 'x', 1)", (SN, arriving))
    received = sent(unserved, ago="1 h")
    unserved.set_command(received, result_received_at="now()")
    start_and_wait_for_upkeep(nginx, unserved)
    assert state_of(unserved, again) == ("queued", None)
    assert state_of(unserved, last) \
        == ("failed", "no answer after 3 deliveries")
    assert state_of(unserved, door) == ("failed", "no answer after 1 delivery")
    for trans_id in (younger, arriving, received):
        assert state_of(unserved, trans_id) == ("sent", None)


def test_given_out_again_after_ten_minutes(nginx, unserved):
    trans_id = sent(unserved, ago="11 min")
    server = start_and_wait_for_upkeep(nginx, unserved)
    assert Terminal(server.port, SN).poll().header("trans_id") == trans_id
    row = unserved.command(trans_id)
    assert (row["trans_status"], row["attempts"]) == ("sent", 2)


# ---- the rest of upkeep ----------------------------------------------------

def test_upkeep_goes_on(nginx, unserved):
    """Also when the worker that did it last is gone."""
    server = start_and_wait_for_upkeep(nginx, unserved)
    first = ran_at(unserved)
    server.kill_worker()
    wait_for(lambda: ran_at(unserved) > first, what="upkeep's next turn")
    second = ran_at(unserved)
    assert (second - first).total_seconds() >= 4.5
    assert (ran_at(unserved, "devices") - first).total_seconds() < 1


def status_of(database, sn):
    return database.device(sn)["status"]


def test_offline(nginx, unserved):
    for sn, silence in (("GONE", "301 s"), ("HERE", "4 min")):
        unserved.add_device(sn, status="online")
        unserved.execute("UPDATE wac_devices SET last_seen = now() - "
                         "%s::interval WHERE sn = %s", (silence, sn))
    server = start_and_wait_for_upkeep(nginx, unserved)
    assert status_of(unserved, "GONE") == "offline"
    assert status_of(unserved, "HERE") == "online"
    Terminal(server.port, "GONE").poll()
    wait_for(lambda: status_of(unserved, "GONE") == "online",
             what="the device to be online again")


def test_forgotten_uploads_are_swept(nginx, unserved):
    """Half an hour after the last of their parts came."""
    uploads = {"forgotten": ("40 min", "31 min"), "young": ("20 min",),
               "growing": ("50 min", "40 min", "1 min")}
    for sn, ages in uploads.items():
        unserved.add_device(sn)
        for blk_no, age in enumerate(ages, 1):
            unserved.execute(
                "INSERT INTO wac_command_blocks (sn, trans_id, blk_no, body, "
                "upto, received_at) "
                "VALUES (%s, '7', %s, 'x', %s, now() - %s::interval)",
                (sn, blk_no, blk_no, age))
    start_and_wait_for_upkeep(nginx, unserved)
    assert [(row["sn"], row["blk_no"]) for row in unserved.blocks()] \
        == [("growing", 1), ("growing", 2), ("growing", 3), ("young", 1)]
