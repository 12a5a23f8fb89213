"""A record delivered any number of times is stored once; later deliveries
are acknowledged and counted."""

import pytest

from wac.terminal import Connection, Terminal, frame, glog

CONF = """
%%TEST_GLOBALS%%
events { }
http {
    %%TEST_GLOBALS_HTTP%%
    wac_database "%%DATABASE%%";
    wac_time_zone UTC;
    server {
        listen 127.0.0.1:%%PORT%%;
        location / { wac_fk on; }
    }
}
"""

SN = "D0000000000000A1"
PHOTO = b"\xff\xd8" + b"face" * 500 + b"\xff\xd9"


@pytest.fixture
def server(nginx, database):
    database.add_device(SN)
    return nginx(CONF, workers=2)


@pytest.fixture
def terminal(server):
    return Terminal(server.port, SN)


def send_at_once(port, requests):
    """All on their way before the first answer is read."""
    connections = []
    for request in requests:
        connection = Connection(port)
        connection.send(request)
        connections.append(connection)
    replies = [connection.reply() for connection in connections]
    for connection in connections:
        connection.close()
    return replies


def test_second_delivery(terminal, database):
    for _ in range(3):
        assert terminal.punch(image=PHOTO).response_code == "OK"
    (row,) = database.punches()
    assert row["resends"] == 2


@pytest.mark.parametrize("change", [
    {"user_id": "2"}, {"user_id": "01"}, {"io_time": "20260929080001"},
    {"verify_mode": 3}, {"io_mode": 1}])
def test_another_record(terminal, database, change):
    terminal.punch()
    assert terminal.punch(**change).response_code == "OK"
    assert [row["resends"] for row in database.punches()] == [0, 0]


def test_same_record_written_otherwise(terminal, database):
    """As text or number, with other framing: the same punch."""
    terminal.punch(verify_mode=1, io_mode=0)
    terminal.punch(verify_mode="1", io_mode="0")
    terminal.send("realtime_glog", frame(glog(), terminator=b"\n\0"))
    (row,) = database.punches()
    assert row["resends"] == 2


def test_values_that_are_no_numbers(terminal, database):
    """Nulls do not make a record new."""
    for _ in range(3):
        assert terminal.punch(verify_mode=["FP"], io_mode=None) \
            .response_code == "OK"
    (row,) = database.punches()
    assert (row["mode"], row["inout"], row["resends"]) == (None, None, 2)


def test_two_terminals_say_the_same(server, database):
    database.add_device("OTHER")
    for sn in (SN, "OTHER"):
        assert Terminal(server.port, sn).punch().response_code == "OK"
    assert len(database.punches()) == 2


def test_deliveries_at_once(server, terminal, database):
    replies = send_at_once(
        server.port, [terminal.punch_request(image=PHOTO)] * 24)
    assert {reply.response_code for reply in replies} == {"OK"}
    (row,) = database.punches()
    assert row["resends"] == 23
    assert database.count("wac_photos") == 1


def test_deliveries_in_one_batch(server, terminal, database):
    """Held back until they wait together; several records, mixed."""
    with database.connect() as holder, holder.transaction():
        holder.execute("LOCK TABLE wac_attendance_logs IN EXCLUSIVE MODE")
        requests = [terminal.punch_request(user_id=str(number % 5))
                    for number in range(40)]
        connections = [Connection(server.port) for _ in requests]
        for connection, request in zip(connections, requests):
            connection.send(request)
    for connection in connections:
        assert connection.reply().response_code == "OK"
        connection.close()
    assert [(row["enrollid"], row["resends"])
            for row in sorted(database.punches(),
                              key=lambda row: row["enrollid"])] \
        == [(str(number), 7) for number in range(5)]


def test_deliveries_to_two_servers(nginx, server, database):
    """Any number of nginx run against one database."""
    other = nginx(CONF)
    requests = [Terminal(server.port, SN).punch_request(user_id=str(number))
                for number in range(10)]
    for port in (server.port, other.port):
        for reply in send_at_once(port, requests):
            assert reply.response_code == "OK"
    assert [row["resends"] for row in database.punches()] == [1] * 10


def test_photo_once(terminal, database):
    """The same image in two records, and in an enrolment."""
    terminal.punch(user_id="1", image=PHOTO)
    terminal.punch(user_id="2", image=PHOTO)
    terminal.enroll(user_id="3", photo=PHOTO)
    photo = database.one("SELECT * FROM wac_photos")
    assert {row["photo_id"] for row in database.punches()} == {photo["id"]}
    assert database.one("SELECT * FROM wac_users")["photo_id"] == photo["id"]


def test_photo_of_two_terminals(server, database):
    """Natural keys hold the serial number."""
    database.add_device("OTHER")
    for sn in (SN, "OTHER"):
        Terminal(server.port, sn).punch(image=PHOTO)
    assert database.count("wac_photos") == 2


def test_photo_that_came_late(terminal, database):
    """Sent again with the image that was missing at first."""
    terminal.punch()
    terminal.punch(image=PHOTO)
    (row,) = database.punches()
    assert row["photo_id"] == database.one("SELECT * FROM wac_photos")["id"]
    terminal.punch()
    (row,) = database.punches()
    assert row["photo_id"] is not None


def test_enrolments_at_once(server, terminal, database):
    requests = [terminal.enroll_request(
        user_id=str(number % 3), name=f"N{number}", photo=PHOTO,
        credentials=[(0, bytes([number])), (10, b"12")])
        for number in range(24)]
    replies = send_at_once(server.port, requests)
    assert {reply.response_code for reply in replies} == {"OK"}
    assert database.count("wac_users") == 3
    assert database.count("wac_credentials") == 6
    assert database.count("wac_photos") == 1


def test_quarantined_once(terminal, database):
    for _ in range(3):
        assert terminal.send("realtime_glog", b"junk").response_code == "OK"
    assert database.one("SELECT * FROM wac_quarantine")["resends"] == 2
