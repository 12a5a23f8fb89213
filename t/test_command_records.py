"""What results carry lands where it belongs: pulled logs, people, their
credentials and photos, management logs; and a punch is one row, whether it
was pushed, pulled or both."""

import datetime

import pytest

from wac import fk_rows, vectors
from wac.commands import answered, sent
from wac.terminal import Terminal, exchange, frame

CONF = """
%%TEST_GLOBALS%%
events { }
http {
    %%TEST_GLOBALS_HTTP%%
    wac_database "%%DATABASE%%";
    wac_time_zone Asia/Kolkata;
    server {
        listen 127.0.0.1:%%PORT%%;
        location / { wac_fk on; }
    }
}
"""

SN = "D0000000000000A1"
JPEG = b"\xff\xd8\xff\xe0" + bytes(range(256)) * 8 + b"\xff\xd9"
NOON = datetime.datetime(2026, 9, 29, 12, 0, 30)
UTC = datetime.timezone.utc


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


def columns(rows, *names):
    return [tuple(row[name] for name in names) for row in rows]


def users(database):
    return database.query("SELECT * FROM wac_users ORDER BY enrollid")


def credentials(database):
    return {(row["enrollid"], row["backupnum"]): row["record"] or row["data"]
            for row in database.query("SELECT * FROM wac_credentials")}


def at(*fields):
    return datetime.datetime(*fields)


# ---- the captures ----------------------------------------------------------

CAPTURED_COMMANDS = {  # vector -> command, its parameters, data library
    "30-result-ok-empty": ("SET_TIME", None, "FKDataHS101"),
    "34-result-userlist-hs101": ("GET_USER_ID_LIST", None, "FKDATAHS101"),
    "35-result-userlist-hs103": ("GET_USER_ID_LIST", None, "FKDataHS103"),
    "38-result-device-status": ("GET_DEVICE_STATUS", None, "FKDataHS101"),
    "39-result-userinfo-0x7b": ("GET_USER_INFO", {"user_id": "4"},
                                "FKDATAHS101"),
    "40-result-log-hs101": ("GET_LOG_DATA", None, "FKDATAHS101"),
    "41-result-log-hs102": ("get_logs", None, "FKDataHS102"),
    "42-result-log-hs103": ("GET_LOG_DATA", None, "FKDataHS103"),
    "48-result-log-empty": ("GET_LOG_DATA", None, "FKDataHS101"),
    "67-result-enroll-data": ("GET_ENROLL_DATA",
                              {"user_id": "12", "backup_number": 0},
                              "FKDataHS101"),
}


@pytest.fixture
def send_capture(server, database):
    """Sends a captured result to the command that it answers; its row."""
    def send(name):
        request = vectors.load(f"{name}.req")
        task_id = (vectors.header_of(request, "trans_id")
                   or vectors.header_of(request, "cmd_id"))
        terminal = Terminal(server.port, vectors.header_of(request, "dev_id"))
        database.add_device(terminal.dev_id)
        cmd_code, param, lib = CAPTURED_COMMANDS[name]
        sent(terminal, database, cmd_code, param, lib, trans_id=task_id)
        reply = exchange(server.port, request)
        assert reply.response_code == "OK"
        row = database.command(task_id)
        assert (row["trans_status"], row["return_code"], row["failure"]) \
            == ("succeeded", "OK", None)
        assert row["late_at"] is None and row["result_raw"] is None
        return row

    return send


@pytest.fixture
def send_body(terminal, database):
    """The same of a capture that is a body alone."""
    def send(name, cmd_code, lib):
        row = answered(terminal, database, cmd_code,
                       vectors.load(f"{name}.body"), lib=lib)
        assert row["trans_status"] == "succeeded", row["failure"]
        return row

    return send


def stored(row):
    return row["records"], row["records_new"], row["records_invalid"]


def test_empty_result(send_capture):
    row = send_capture("30-result-ok-empty")
    assert row["result"] is None and not row["result_bin"]
    assert stored(row) == (0, 0, 0)
    assert row["result_received_at"] is not None


def test_device_status(send_capture):
    row = send_capture("38-result-device-status")
    assert row["result"] == {
        "face_count": 1, "fp_count": 3, "idcard_count": 0, "manager_count": 1,
        "password_count": 2, "total_log_count": 1688, "total_user_count": 4,
        "user_count": 3}


def test_user_list_hs101(send_capture, database):
    assert stored(send_capture("34-result-userlist-hs101")) == (3, 3, 0)
    assert columns(users(database), "sn", "enrollid", "privilege", "admin",
                   "enabled", "name") == [
        ("2023000001", "1", "MANAGER", 1, True, None),
        ("2023000001", "2", "OPERATOR", 2, True, None),
        ("2023000001", "3", "MANAGER", 1, True, None)]
    assert all(row["raw"]["flags"]["fingers"] == 1 for row in users(database))
    # its flags count credentials, they do not name them
    assert database.count("wac_credentials") == 0


def test_user_list_hs103(send_capture, database):
    row = send_capture("35-result-userlist-hs103")
    assert row["result"]["stored"] == {"records": 3, "new": 3, "invalid": 0}
    assert columns(users(database), "enrollid", "admin", "enabled") \
        == [("0013", 0, True), ("1", 1, True), ("EMP_7", 0, False)]
    flags = [row["raw"]["flags"] for row in users(database)]
    names = ("password", "card", "face", "fingers", "palms")
    assert columns(flags, *names) == [(True, False, True, 1, 0),
                                      (False, False, True, 1, 0),
                                      (False, True, False, 0, 2)]


def test_user_list_hs102(send_body, database):
    send_body("36-result-userlist-hs102", "GET_USER_ID_LIST", "FKDataHS102")
    assert columns(users(database), "enrollid", "privilege") \
        == [("1042", "USER"), ("A-9", "MANAGER")]


def test_user_list_hs100(send_body, database):
    """A row for each credential, and one for each person in the end."""
    row = send_body("37-result-userlist-hs100", "list_users", "FKDataHS100")
    assert columns(users(database), "enrollid", "admin") \
        == [("5", 0), ("6", 1)]
    assert [user["raw"]["backup_numbers"] for user in users(database)] \
        == [[0, 10], [11]]
    assert stored(row) == (3, 2, 0)


def test_user_info(send_capture, database):
    row = send_capture("39-result-userinfo-0x7b")
    assert columns(users(database), "enrollid", "name", "privilege", "admin") \
        == [("4", "NN", "MANAGER", 1)]
    body = vectors.body_of(vectors.load("39-result-userinfo-0x7b.req"))
    assert credentials(database) == {("4", 0): body[-64:]}
    assert not row["result_bin"]


def test_enroll_data(send_capture, database):
    send_capture("67-result-enroll-data")
    body = vectors.body_of(vectors.load("67-result-enroll-data.req"))
    assert credentials(database) == {("12", 0): body[-64:]}
    assert database.count("wac_users") == 0 or users(database)[0]["name"] \
        is None


def test_logs_hs101(send_capture, database):
    row = send_capture("40-result-log-hs101")
    assert stored(row) == (5, 5, 0)
    assert row["result"] == {
        "log_array": "BIN_1", "log_count": "5", "one_log_size": "12",
        "stored": {"records": 5, "new": 5, "invalid": 0}}
    assert not row["result_bin"]
    punches = sorted(database.punches(), key=lambda row: row["record_time"])
    assert columns(punches, "enrollid", "record_time", "mode", "inout",
                   "method") == [
        ("1", at(2000, 1, 1, 7, 14, 29), 1, 0, "finger"),
        ("1", at(2025, 6, 5, 10, 14, 47), 1, 0, "finger"),
        ("2", at(2025, 6, 6, 0, 1, 36), 1, 0, "finger"),
        ("3", at(2025, 6, 8, 9, 9, 45), 33, 0, "finger"),
        ("5", at(2026, 8, 16, 13, 38, 32), 33, 0, "finger")]
    assert {(row["sn"], row["protocol"], row["resends"])
            for row in punches} == {("2023000001", "fk", 0)}
    assert punches[0]["raw"]["row"] == "010000000100011d9111e138"
    assert punches[0]["record_instant"] \
        == datetime.datetime(2000, 1, 1, 1, 44, 29, tzinfo=UTC)


def test_logs_hs102(send_capture, database):
    send_capture("41-result-log-hs102")
    first, second = sorted(database.punches(), key=lambda row: row["id"])
    assert columns([first, second], "enrollid", "record_time", "mode",
                   "inout", "method", "direction") == [
        ("1042", at(2025, 10, 6, 9, 15), 0x40000000, 0x01000000, "face", "in"),
        ("A-9", at(2025, 12, 31, 23, 59, 59), 0x21000000, 0x12000005,
         "combined", "in")]
    assert second["raw"]["work_code"] == 3


def test_logs_hs103(send_capture, database):
    """Without log_array, the first binary is the array."""
    send_capture("42-result-log-hs103")
    assert columns(database.punches(), "enrollid", "record_time", "mode",
                   "inout", "direction") == [
        ("13", at(2026, 3, 26, 17, 36, 10), 0x10000000, 0x02000000, "out"),
        ("13", at(2026, 3, 26, 18, 30, 3), 0x40000000, 0x02000000, "out")]


@pytest.mark.parametrize("name, lib, punch", [
    ("43-result-log-hs105", "FKDataHS105",
     ("77", at(2024, 2, 29, 7, 8, 9), 0x31000000, 0x11000009, "combined")),
    ("44-result-log-hs100", "FKDataHS100",
     ("5", at(2024, 2, 29, 7, 8, 9), 3, 1, "card")),
    ("45-result-log-hs200", "FKDataHS200",
     ("5", at(2024, 2, 29, 7, 8, 9), 3, 17, "card")),
])
def test_logs_of_other_libraries(send_body, database, name, lib, punch):
    assert stored(send_body(name, "GET_LOG_DATA", lib)) == (1, 1, 0)
    assert columns(database.punches(), "enrollid", "record_time", "mode",
                   "inout", "method") == [punch]


@pytest.mark.parametrize("name, admin_log, raw", [
    ("46-result-slog-16", ("1", "857", "enrol_user"), {"backup_number": 0}),
    ("47-result-slog-40", ("1", "1042", "modify_user"),
     {"item": 0x81, "item_name": "name"}),
])
def test_management_logs(send_body, database, name, admin_log, raw):
    for number in (1, 2):
        row = send_body(name, "GET_SLOG_DATA", "FKDataHS101")
        assert stored(row) == (1, 1 if number == 1 else 0, 0)
    log = database.one("SELECT * FROM wac_admin_logs")
    assert (log["admin_id"], log["user_id"], log["action"]) == admin_log
    assert log["record_time"] == at(2024, 2, 29, 7, 8)
    assert log["record_instant"] \
        == datetime.datetime(2024, 2, 29, 1, 38, tzinfo=UTC)
    assert {key: log["raw"][key] for key in raw} == raw
    assert (log["sn"], log["resends"]) == (SN, 1)
    assert database.count("wac_attendance_logs") == 0


def test_no_logs(send_capture, database):
    row = send_capture("48-result-log-empty")
    assert stored(row) == (0, 0, 0)
    assert row["result"]["log_count"] == 0
    assert database.count("wac_attendance_logs") == 0


def test_no_logs_and_no_binary(terminal, database):
    row = answered(terminal, database, "GET_LOG_DATA",
                   frame({"log_count": 0, "one_log_size": 12}))
    assert row["trans_status"] == "succeeded"
    assert stored(row) == (0, 0, 0)


# ---- people ----------------------------------------------------------------

def test_user_with_everything(terminal, database):
    """BIN_n is an index, not an order; a NUL may end password and card."""
    finger, face = b"FP" * 300, b"FACE" * 500
    body = frame({
        "user_id": "0042", "user_name": "Zoë", "user_privilege": "USER",
        "user_photo": "BIN_5", "enable_flag": "ON",
        "enroll_data_array": [
            {"backup_number": 0, "enroll_data": "BIN_2"},
            {"backup_number": 10, "enroll_data": "BIN_1"},
            {"backup_number": 11, "enroll_data": "BIN_4"},
            {"backup_number": 12, "enroll_data": "BIN_3"}]},
        b"1234\0", finger, face, b"0012345678", JPEG)
    row = answered(terminal, database, "get_user", body, {"enrollid": "0042"})
    assert row["trans_status"] == "succeeded"
    assert not row["result_bin"]
    assert credentials(database) == {
        ("0042", 0): finger, ("0042", 10): "1234",
        ("0042", 11): "0012345678", ("0042", 12): face}
    user = database.one("SELECT * FROM wac_users")
    assert (user["enrollid"], user["name"], user["admin"]) \
        == ("0042", "Zoë", 0)
    photo = database.one("SELECT * FROM wac_photos")
    assert (user["photo_id"], photo["content"]) == (photo["id"], JPEG)


@pytest.mark.parametrize("cmd_code, param", [
    ("GET_ENROLL_DATA", {"user_id": "007", "backup_number": 10}),
    ("get_user", {"enrollid": "007", "backupnum": 10})])
@pytest.mark.parametrize("data", [b"1234", b"1234\0"])
def test_password_is_text(terminal, database, cmd_code, param, data):
    row = answered(terminal, database, cmd_code,
                   frame({"enroll_data": "BIN_1"}, data), param)
    assert row["trans_status"] == "succeeded"
    assert not row["result_bin"]
    credential = database.one("SELECT * FROM wac_credentials")
    assert (credential["enrollid"], credential["backupnum"]) == ("007", 10)
    assert (credential["record"], credential["data"]) == ("1234", None)


def test_list_says_less_than_an_enrolment(terminal, database):
    terminal.enroll(user_id="7", name="SEVEN", privilege="MANAGER",
                    photo=JPEG, credentials=[(0, b"finger")])
    before = database.one("SELECT * FROM wac_users")
    row = answered(terminal, database, "GET_USER_ID_LIST",
                   fk_rows.user_list_body([
                       fk_rows.hs101_user(7, privilege=1, enabled=0),
                       fk_rows.hs101_user(8)]))
    assert stored(row) == (2, 1, 0)
    seven, eight = users(database)
    assert (seven["name"], seven["admin"], seven["enabled"]) \
        == ("SEVEN", 1, False)
    assert seven["photo_id"] == before["photo_id"] is not None
    assert seven["raw"]["user_name"] == "SEVEN"
    assert eight["enrollid"] == "8"
    assert credentials(database) == {("7", 0): b"finger"}


# ---- one punch, however it comes -------------------------------------------

PUNCH_TIME = f"{NOON:%Y%m%d%H%M%S}"


def pull_hs101(terminal, database, *rows):
    return answered(terminal, database, "GET_LOG_DATA", fk_rows.log_body(
        rows or [fk_rows.hs101_log(7, NOON, verify_mode=1, io_mode=2)]))


def pull_hs103(terminal, database, *rows):
    return answered(terminal, database, "GET_LOG_DATA", fk_rows.log_body(
        rows or [fk_rows.hs103_log("0007", NOON, 0x40000000, 0x02000000)]),
        lib="FKDataHS103")


PUSHED_AND_PULLED = [
    (pull_hs101, dict(user_id="7", verify_mode=1, io_mode=2)),
    (pull_hs101, dict(user_id="7", verify_mode="1", io_mode="2")),
    (pull_hs103, dict(user_id="0007", verify_mode=0x40000000,
                      io_mode=0x02000000, lib="FKDataHS103")),
    # by their names, which no number tells: fk-http.md 8.1
    (pull_hs101, dict(user_id="7", verify_mode=["FP"], io_mode=2)),
]


@pytest.mark.parametrize("pull, punch", PUSHED_AND_PULLED)
def test_pushed_then_pulled(terminal, database, pull, punch):
    terminal.punch(io_time=PUNCH_TIME, image=JPEG, **punch)
    before = database.one("SELECT * FROM wac_attendance_logs")
    for resends in (1, 2):
        row = pull(terminal, database)
        assert stored(row) == (1, 0, 0)
        assert database.one("SELECT * FROM wac_attendance_logs") \
            == {**before, "resends": resends}


@pytest.mark.parametrize("pull, punch", PUSHED_AND_PULLED)
def test_pulled_then_pushed(terminal, database, pull, punch):
    assert stored(pull(terminal, database)) == (1, 1, 0)
    before = database.one("SELECT * FROM wac_attendance_logs")
    for resends in (1, 2):
        assert terminal.punch(io_time=PUNCH_TIME, **punch) \
            .response_code == "OK"
        assert database.one("SELECT * FROM wac_attendance_logs") \
            == {**before, "resends": resends}


@pytest.mark.parametrize("pull, punch", PUSHED_AND_PULLED)
def test_photo_comes_with_the_push(terminal, database, pull, punch):
    pull(terminal, database)
    terminal.punch(io_time=PUNCH_TIME, image=JPEG, **punch)
    row = database.one("SELECT * FROM wac_attendance_logs")
    assert row["photo_id"] == database.one("SELECT id FROM wac_photos")["id"]


def test_twice_in_one_answer(terminal, database):
    one = fk_rows.hs101_log(7, NOON)
    other = fk_rows.hs101_log(8, NOON)
    row = pull_hs101(terminal, database, one, other, one, one)
    assert stored(row) == (4, 2, 0)
    assert columns(database.punches(), "enrollid", "resends") \
        == [("7", 2), ("8", 0)]
    assert stored(pull_hs101(terminal, database, one, other, one)) == (3, 0, 0)
    assert columns(database.punches(), "enrollid", "resends") \
        == [("7", 4), ("8", 1)]


def test_alike_but_not_the_same(terminal, database):
    """Another second, mode, key, person: other punches."""
    rows = [fk_rows.hs101_log(7, NOON), fk_rows.hs101_log(8, NOON),
            fk_rows.hs101_log(7, NOON.replace(second=31)),
            fk_rows.hs101_log(7, NOON, verify_mode=3),
            fk_rows.hs101_log(7, NOON, io_mode=1)]
    assert stored(pull_hs101(terminal, database, *rows)) == (5, 5, 0)
    assert len(database.punches()) == 5


def test_leading_zeros(terminal, database):
    rows = [fk_rows.hs103_log(user_id, NOON)
            for user_id in ("7", "07", "0007", "EMP_7", "x" * 32)]
    pull_hs103(terminal, database, *rows)
    assert [row["enrollid"] for row in database.punches()] \
        == ["0007", "07", "7", "EMP_7", "x" * 32]


def test_zone_of_the_device(server, database):
    database.add_device(SN, time_zone="Pacific/Kiritimati")
    pull_hs101(Terminal(server.port, SN), database)
    row = database.one("SELECT * FROM wac_attendance_logs")
    assert row["record_time"] == NOON
    assert row["record_instant"] == at(2026, 9, 28, 22, 0, 30).replace(
        tzinfo=UTC)


def test_what_io_modes_mean_is_the_operators(server, database):
    database.add_device(SN, io_modes='{"2": "out"}')
    pull_hs101(Terminal(server.port, SN), database)
    assert database.one("SELECT * FROM wac_attendance_logs")["direction"] \
        == "out"


def test_impossible_times(terminal, database):
    """Kept aside whole; the others are stored."""
    good = fk_rows.hs101_log(7, NOON)
    bad = good[:8] + b"\x01\x00\x00\x00"
    row = pull_hs101(terminal, database, good, bad,
                     fk_rows.hs101_log(8, NOON))
    assert row["trans_status"] == "succeeded"
    assert stored(row) == (3, 2, 1)
    assert row["result"]["stored"] == {"records": 3, "new": 2, "invalid": 1}
    assert len(database.punches()) == 2
    quarantined = database.one("SELECT * FROM wac_quarantine")
    assert (quarantined["sn"], quarantined["frame"]) == (SN, bad)
    assert quarantined["request"] == "send_cmd_result"
