"""wac_enrolment: who is served. approve, open, closed; blocked devices;
what a refused terminal hears, and what the operator sees of it."""

import pytest

from wac.terminal import Connection, Terminal, frame
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
        location /approve { wac_fk on; wac_enrolment approve; }
        location /open { wac_fk on; wac_enrolment open; }
        location /closed { wac_fk on; wac_enrolment closed; }
    }
}
"""

SN = "NEW0001"


@pytest.fixture
def server(nginx, database):
    return nginx(CONF)


def devices(database):
    return {row["sn"]: row["state"] for row in
            database.query("SELECT * FROM wac_devices")}


def nothing_stored(database):
    return all(database.count(table) == 0 for table in (
        "wac_attendance_logs", "wac_users", "wac_credentials", "wac_photos",
        "wac_events", "wac_quarantine"))


def everything_a_terminal_says(terminal):
    """(name, answer) of one request of each kind."""
    return [
        ("receive_cmd", terminal.poll()),
        ("realtime_glog", terminal.punch(image=b"\xff\xd8")),
        ("realtime_enroll_data", terminal.enroll(photo=b"\xff\xd8")),
        ("realtime_door_status", terminal.send(
            "realtime_door_status", frame({"door_status": "open"}))),
        ("realtime_slog", terminal.send("realtime_slog", frame({}))),
        ("junk", terminal.send("realtime_glog", b"\1\2\3")),
        ("send_cmd_result", terminal.result("1001")),
    ]


def assert_refused(answers):
    for name, reply in answers:
        expected = "ERROR_NO_CMD" if name == "receive_cmd" else "ERROR"
        assert (reply.status, reply.response_code) == (200, expected), name


# ---- approve -------------------------------------------------------------

@pytest.mark.parametrize("target", ["/", "/approve"])
def test_first_contact_is_pending_and_refused(server, database, target):
    terminal = Terminal(server.port, SN, target=target)
    assert_refused(everything_a_terminal_says(terminal))
    assert devices(database) == {SN: "pending"}
    assert nothing_stored(database)


def test_any_first_word_makes_the_row(server, database):
    """A terminal with a backlog may never come to poll."""
    assert Terminal(server.port, SN).punch().response_code == "ERROR"
    device = database.device(SN)
    assert (device["state"], device["protocol"]) == ("pending", "fk")


def test_operator_sees_what_was_refused(server, database):
    terminal = Terminal(server.port, SN)
    terminal.poll()
    for _ in range(3):
        terminal.punch()
    device = wait_for(lambda: (found := database.device(SN))["refusals"] >= 3
                      and found, what="counted refusals")
    assert "approval" in device["last_refusal"]
    assert device["firmware"] and device["devinfo"]
    assert device["last_seen"]
    assert str(device["last_addr"]).startswith("127.0.0.1")


def test_approved_is_served(server, database):
    terminal = Terminal(server.port, SN)
    assert terminal.punch().response_code == "ERROR"
    database.execute("UPDATE wac_devices SET state = 'approved'")
    assert terminal.punch().response_code == "OK"
    assert len(database.punches()) == 1


def test_approved_by_wacctl(server, database, wacctl):
    terminal = Terminal(server.port, SN)
    terminal.poll()
    wacctl("device", "approve", SN)
    assert terminal.punch().response_code == "OK"


# ---- open ----------------------------------------------------------------

def test_open_serves_the_first_contact(server, database):
    assert Terminal(server.port, SN, target="/open").punch() \
        .response_code == "OK"
    assert devices(database) == {SN: "approved"}
    assert len(database.punches()) == 1


def test_open_serves_everything(server, database):
    for name, reply in everything_a_terminal_says(
            Terminal(server.port, SN, target="/open")):
        expected = "ERROR_NO_CMD" if name == "receive_cmd" else "OK"
        assert reply.response_code == expected, name
    assert devices(database) == {SN: "approved"}


def test_many_at_once_each_become_one_device(server, database):
    """Twenty connections of five new terminals, answered together."""
    connections = []
    for number in range(20):
        terminal = Terminal(server.port, f"D{number % 5}", target="/open")
        connection = Connection(server.port)
        connection.send(terminal.punch_request(user_id=str(number)))
        connections.append(connection)
    for connection in connections:
        assert connection.reply().response_code == "OK"
        connection.close()
    assert devices(database) == {f"D{n}": "approved" for n in range(5)}
    assert len(database.punches()) == 20


# ---- closed --------------------------------------------------------------

def test_closed_leaves_no_row_of_strangers(server, database):
    assert_refused(everything_a_terminal_says(
        Terminal(server.port, SN, target="/closed")))
    assert devices(database) == {}
    assert nothing_stored(database)


def test_closed_serves_devices_made_beforehand(server, database, wacctl):
    wacctl("device", "add", SN)
    terminal = Terminal(server.port, SN, target="/closed")
    assert terminal.poll().response_code == "ERROR_NO_CMD"
    assert terminal.punch().response_code == "OK"
    device = wait_for(lambda: (found := database.device(SN))["devinfo"]
                      and found, what="devinfo")
    assert device["state"] == "approved"


# ---- blocked -------------------------------------------------------------

@pytest.mark.parametrize("target", ["/", "/open", "/closed"])
def test_blocked_is_refused(server, database, target):
    database.add_device(SN, "blocked")
    assert_refused(everything_a_terminal_says(
        Terminal(server.port, SN, target=target)))
    assert devices(database) == {SN: "blocked"}
    assert nothing_stored(database)
    device = wait_for(lambda: (found := database.device(SN))["refusals"]
                      and found, what="counted refusals")
    assert "blocked" in device["last_refusal"]


def test_blocked_while_being_served(server, database):
    """From the next request on, in every worker."""
    terminal = Terminal(server.port, SN, target="/open")
    assert terminal.punch(user_id="1").response_code == "OK"
    database.execute("UPDATE wac_devices SET state = 'blocked'")
    assert terminal.punch(user_id="2").response_code == "ERROR"
    database.execute("UPDATE wac_devices SET state = 'approved'")
    assert terminal.punch(user_id="2").response_code == "OK"


def test_removed_device_is_a_stranger_again(server, database):
    terminal = Terminal(server.port, SN)
    database.add_device(SN)
    assert terminal.punch(user_id="1").response_code == "OK"
    database.execute("DELETE FROM wac_devices")
    assert terminal.punch(user_id="2").response_code == "ERROR"
    assert devices(database) == {SN: "pending"}


# ---- junk ----------------------------------------------------------------

def test_junk_ids_are_bounded(server, database):
    """Somebody who invents a new id with every request."""
    for start in range(0, 1500, 100):
        with Connection(server.port) as connection:
            connection.send(b"".join(
                Terminal(server.port, f"JUNK{number}").request(
                    "receive_cmd", version="1.1", connection="keep-alive")
                for number in range(start, start + 100)))
            for _ in range(100):
                assert connection.reply().response_code == "ERROR_NO_CMD"
    assert len(devices(database)) <= 1000
    # those who are known are not in danger
    database.add_device("KNOWN")
    assert Terminal(server.port, "KNOWN").punch().response_code == "OK"
