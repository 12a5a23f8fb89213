"""One record that the database will not take harms nobody else's: of a
batch, only its own sender hears about it."""

import pytest

from wac.terminal import Connection, Terminal

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

# what an operator's own rules may do to a record
TRIGGER = """
    CREATE FUNCTION poison() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF NEW.enrollid = '666' THEN
            RAISE EXCEPTION 'no such employee' USING ERRCODE = '{}';
        END IF;
        RETURN NEW;
    END $$;
    CREATE TRIGGER poison BEFORE INSERT ON wac_attendance_logs
        FOR EACH ROW EXECUTE FUNCTION poison();
"""


@pytest.fixture
def terminal(nginx, database):
    database.add_device(SN)
    return Terminal(nginx(CONF).port, SN)


def send_together(database, terminal, records):
    """Holds the table until all of them wait, so that they go out in few
    batches; returns the answers in order."""
    connections = []
    with database.connect() as holder, holder.transaction():
        holder.execute("LOCK TABLE wac_attendance_logs IN EXCLUSIVE MODE")
        for record in records:
            connection = Connection(terminal.port)
            connection.send(terminal.punch_request(**record))
            connections.append(connection)
    answers = [connection.reply().response_code for connection in connections]
    for connection in connections:
        connection.close()
    return answers


def people(count, *poison):
    """Fifty people, the poisonous ones among them."""
    records = [{"user_id": str(number)} for number in range(count)]
    for place, record in poison:
        records.insert(place, record)
    return records


def stored(database):
    return {row["enrollid"] for row in database.punches()}


def test_trigger_that_raises(terminal, database):
    database.execute(TRIGGER.format("P0001"))
    records = people(50, (25, {"user_id": "666"}))
    answers = send_together(database, terminal, records)
    assert answers[25] == "ERROR_DB_ACCESS"
    assert set(answers[:25] + answers[26:]) == {"OK"}
    assert stored(database) == {str(number) for number in range(50)}
    assert database.count("wac_quarantine") == 0


def test_repeated_until_the_operator_relents(terminal, database):
    """The terminal keeps the record; it is not lost."""
    database.execute(TRIGGER.format("P0001"))
    for _ in range(3):
        assert terminal.punch(user_id="666").response_code \
            == "ERROR_DB_ACCESS"
    database.execute("DROP TRIGGER poison ON wac_attendance_logs")
    assert terminal.punch(user_id="666").response_code == "OK"
    assert stored(database) == {"666"}


def test_check_of_the_operator(terminal, database):
    database.execute("ALTER TABLE wac_attendance_logs ADD CONSTRAINT mine "
                     "CHECK (enrollid <> '666')")
    records = people(50, (0, {"user_id": "666"}))
    answers = send_together(database, terminal, records)
    assert answers[0] == "ERROR_DB_ACCESS"
    assert set(answers[1:]) == {"OK"}
    assert len(stored(database)) == 50


def test_value_that_does_not_fit(terminal, database):
    """The record's own fault: it can never be stored, so it is kept in
    quarantine and the terminal moves on."""
    database.execute("ALTER TABLE wac_attendance_logs ADD COLUMN small "
                     "smallint GENERATED ALWAYS AS (mode::smallint) STORED")
    records = people(50, (30, {"user_id": "x", "verify_mode": 99999}))
    answers = send_together(database, terminal, records)
    assert set(answers) == {"OK"}
    assert stored(database) == {str(number) for number in range(50)}
    row = database.one("SELECT * FROM wac_quarantine")
    assert (row["sn"], row["request"]) == (SN, "realtime_glog")
    assert b'"verify_mode":99999' in row["frame"]


def test_data_exception_of_a_trigger(terminal, database):
    database.execute(TRIGGER.format("22001"))
    records = people(20, (5, {"user_id": "666"}))
    assert set(send_together(database, terminal, records)) == {"OK"}
    assert len(stored(database)) == 20
    assert b'"666"' in database.one("SELECT * FROM wac_quarantine")["frame"]


def test_several_poisons(terminal, database):
    database.execute(TRIGGER.format("P0001"))
    records = people(40, *((place, {"user_id": "666", "io_mode": place})
                           for place in (0, 7, 8, 9, 31)))
    answers = send_together(database, terminal, records)
    bad = [place for place, answer in enumerate(answers)
           if answer != "OK"]
    assert bad == [0, 7, 8, 9, 31]
    assert {answers[place] for place in bad} == {"ERROR_DB_ACCESS"}
    assert len(stored(database)) == 40


def test_text_that_jsonb_cannot_hold(terminal, database):
    """A NUL character in a field that nobody reads."""
    records = people(50, (10, {"user_id": "x", "remark": "a\0b"}))
    answers = send_together(database, terminal, records)
    assert set(answers) == {"OK"}
    assert stored(database) >= {str(number) for number in range(50)}
    kept = database.count("wac_attendance_logs") \
        + database.count("wac_quarantine")
    assert kept == 51


def test_poison_of_another_kind(terminal, database):
    """An enrolment that is refused does not harm punches beside it."""
    database.execute("ALTER TABLE wac_users ADD CONSTRAINT mine "
                     "CHECK (enrollid <> '666')")
    connections = []
    with database.connect() as holder, holder.transaction():
        holder.execute("LOCK TABLE wac_attendance_logs, wac_users "
                       "IN EXCLUSIVE MODE")
        for number in range(20):
            request = (terminal.enroll_request(user_id="666", photo=b"\xff")
                       if number == 10 else
                       terminal.punch_request(user_id=str(number)))
            connection = Connection(terminal.port)
            connection.send(request)
            connections.append(connection)
    answers = [connection.reply().response_code for connection in connections]
    assert answers[10] == "ERROR_DB_ACCESS"
    assert set(answers[:10] + answers[11:]) == {"OK"}
    assert len(stored(database)) == 19
    assert database.count("wac_users") == 0
