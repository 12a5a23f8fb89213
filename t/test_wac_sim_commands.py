"""wac-sim fk against a peer that is no nginx: commands are executed and
answered as the protocol says, answers are read as strictly as terminals do,
and a signal ends it."""

import collections
import signal
import struct

import pytest

from wac.sim import Peer, reply, sim, sim_until
from wac.terminal import frame


@pytest.fixture
def peer():
    made = []

    def make(*commands, **options):
        made.append(Peer(commands, **options))
        return made[-1]

    yield make
    for each in made:
        each.close()


def execute(peer, *commands, options=(), polls=None, **peer_options):
    """The results of these commands, which all are answered."""
    server = peer(*commands, **peer_options)
    summary = sim(server.port, "--interval", "50ms", "--polls",
                  polls or len(commands) + 1, *options)
    wanted = collections.Counter(code for code, _ in commands)
    assert summary["commands"] == wanted
    assert summary["results_sent"] == len(server.results)
    assert summary["errors"] == 0
    server.summary = summary
    return server


def command(code, document=None, *binaries):
    return code, b"" if document is None else frame(document, *binaries)


USER = {"user_id": "9", "user_name": "Änne", "user_privilege": "MANAGER",
        "user_photo": "BIN_1", "enroll_data_array": [
            {"backup_number": 0, "enroll_data": "BIN_2"},
            {"backup_number": 10, "enroll_data": "BIN_3"}]}

# command, return code, JSON of the result, its binaries; in this order
SIXTEEN = [
    (command("SET_TIME", {"time": "20260102030405"}), "OK", None, []),
    (command("SET_FK_NAME", {"fk_name": "GATE"}), "OK", None, []),
    (command("SET_USER_INFO", USER, b"\xff\xd8photo", b"finger", b"4711"),
     "OK", None, []),
    (command("GET_USER_INFO", {"user_id": "9"}), "OK", USER,
     [b"\xff\xd8photo", b"finger", b"4711"]),
    (command("SET_ENROLL_DATA", {"user_id": "9", "backup_number": 11,
                                 "enroll_data": "BIN_1"}, b"0815"),
     "OK", None, []),
    (command("GET_ENROLL_DATA", {"user_id": "9", "backup_number": 11}),
     "OK", {"enroll_data": "BIN_1"}, [b"0815"]),
    (command("GET_ENROLL_DATA", {"user_id": "9", "backup_number": 3}),
     "ERROR_NO_ID", None, []),
    (command("SET_USER_NAME", {"user_id": "9", "user_name": "Eve"}),
     "OK", None, []),
    (command("SET_USER_PRIVILEGE", {"user_id": "9", "user_privilege": "USER"}),
     "OK", None, []),
    (command("GET_USER_INFO", {"user_id": "9"}), "OK",
     {"user_id": "9", "user_name": "Eve", "user_privilege": "USER",
      "user_photo": "BIN_1", "enroll_data_array": [
          {"backup_number": 0, "enroll_data": "BIN_2"},
          {"backup_number": 10, "enroll_data": "BIN_3"},
          {"backup_number": 11, "enroll_data": "BIN_4"}]},
     [b"\xff\xd8photo", b"finger", b"4711", b"0815"]),
    (command("GET_USER_ID_LIST"), "OK",
     {"user_id_count": 3, "one_user_id_size": 8, "user_id_array": "BIN_1"},
     [struct.pack("<IBBH", 1, 1, 1, 0x0b) + struct.pack("<IBBH", 2, 0, 1, 8) +
      struct.pack("<IBBH", 9, 0, 1, 0x0b)]),
    (command("DELETE_USER", {"user_id": "9"}), "OK", None, []),
    (command("DELETE_USER", {"user_id": "9"}), "ERROR_NO_ID", None, []),
    (command("GET_DEVICE_STATUS"), "OK",
     {"total_user_count": 2, "user_count": 1, "manager_count": 1,
      "fp_count": 2, "face_count": 0, "password_count": 1, "idcard_count": 1,
      "total_log_count": 4, "all_log_count": 4, "total_log_max": 200000}, []),
    (command("CLEAR_LOG_DATA"), "OK", None, []),
    (command("GET_LOG_DATA", {}), "OK",
     {"log_count": 0, "one_log_size": 12, "log_array": "BIN_1"}, [b""]),
    (command("CLEAR_ENROLL_DATA"), "OK", None, []),
    (command("GET_USER_ID_LIST"), "OK",
     {"user_id_count": 0, "one_user_id_size": 8, "user_id_array": "BIN_1"},
     [b""]),
]


def test_the_commands_of_the_vendor_text(peer):
    server = execute(peer, *(row[0] for row in SIXTEEN),
                     options=("--users", 2, "--logs", 4))
    assert [result.task_id for result in server.results] == [
        str(1001 + i) for i in range(len(SIXTEEN))]
    for (sent, return_code, document, bins), result in zip(SIXTEEN,
                                                           server.results):
        assert result.return_code == return_code, sent
        assert result.json == document, sent
        assert result.bins == bins, sent
    # no pause between them, and each poll tells what the last one changed
    assert server.codes() == ["receive_cmd", "send_cmd_result"] * len(
        SIXTEEN) + ["receive_cmd"]
    polls = [document for document, _ in server.bodies("receive_cmd")]
    assert polls[1]["fk_time"].startswith("20260102030")
    assert polls[0]["fk_name"] == "" and polls[2]["fk_name"] == "GATE"


@pytest.mark.parametrize("begin,end,count", [
    (None, None, 50), ("", "", 50), ("20000101000000", "20000102000000", 0)])
def test_log_range(peer, begin, end, count):
    bounds = {key: value for key, value in
              (("begin_time", begin), ("end_time", end)) if value is not None}
    server = execute(peer, command("GET_LOG_DATA", bounds or None),
                     options=("--logs", 50))
    result, = server.results
    assert result.json["log_count"] == count
    assert len(result.bins[0]) == count * result.json["one_log_size"]


@pytest.mark.parametrize("library,size", [
    ("HS100", 12), ("HS101", 12), ("HS102", 32), ("HS103", 48), ("HS105", 20),
    ("HS200", 12)])
def test_log_of_library(peer, library, size):
    server = execute(peer, command("GET_LOG_DATA"),
                     options=("--logs", 7, "--library", library))
    result, = server.results
    assert result.json["one_log_size"] == size
    assert len(result.bins[0]) == 7 * size


def test_blocks(peer):
    server = execute(peer, command("GET_LOG_DATA"),
                     options=("--logs", 100, "--block-size", 500))
    parts = [request for request in server.requests
             if request.code == "send_cmd_result"]
    assert [part.headers["blk_no"] for part in parts] == ["1", "2", "0"]
    assert [len(part.body) for part in parts[:2]] == [500, 500]
    assert all(part.headers["blk_len"] == str(len(part.body))
               for part in parts)
    assert len(server.results[0].bins[0]) == 1200


def test_result_without_blocks(peer):
    server = execute(peer, command("GET_LOG_DATA"),
                     options=("--logs", 5000, "--no-blk"))
    assert "blk_no" not in server.requests[1].headers
    assert len(server.requests[1].body) > 60000


def test_large_stores(peer):
    """Megabytes in blocks, and memory in proportion."""
    server = execute(
        peer, command("GET_LOG_DATA"), command("GET_USER_ID_LIST"),
        options=("--logs", 100000, "--users", 100000, "--library", "HS103"))
    logs, users = server.results
    assert logs.json["log_count"] == 100000
    assert len(logs.bins[0]) == 4800000
    assert users.json["user_id_count"] == 100000
    assert len(users.bins[0]) == 3600000


def test_dialect_of_results(peer):
    server = execute(
        peer, command("GET_LOG_DATA"), task_id_header="cmd_id",
        options=("--logs", 3, "--task-id-header", "cmd_id",
                 "--counts-as-strings", "--no-log-array", "--terminator",
                 "lfnul"))
    result, = server.results
    assert result.json == {"log_count": "3", "one_log_size": "12"}
    assert len(result.bins[0]) == 36
    length, = struct.unpack_from("<I", result.raw)
    assert result.raw[4:4 + length].endswith(b"}\n\0")
    assert "trans_id" not in server.requests[1].headers


def test_command_under_the_other_header_is_not_seen(peer):
    server = peer(command("CLEAR_LOG_DATA"))
    summary = sim(server.port, "--task-id-header", "cmd_id", "--polls", 1)
    assert summary["commands"] == {} and summary["errors"] == 1


def test_remote_enrolment(peer):
    server = execute(peer, command(
        "SET_COMMAND", {"cmd": "enter_enroll",
                        "param": {"user_id": "5", "backup_number": 1}}))
    assert server.results[0].raw == b""
    (document, bins), = server.bodies("realtime_enroll_data")
    assert document["user_id"] == "5"
    assert [each["backup_number"]
            for each in document["enroll_data_array"]] == [0, 1]
    assert len(bins[1]) == 612
    assert server.summary["enrolments_acked"] == 1


def test_all_users(peer):
    server = execute(peer, command("GET_ALL_USER_INFO"),
                     options=("--users", 12))
    assert [document["user_id"] for document, _ in
            server.bodies("realtime_enroll_data")] == [
                str(number) for number in range(1, 13)]


def test_settings_and_door(peer):
    server = execute(
        peer, command("SET_DEVICE_SETTING", {"Volume": "3"}),
        command("GET_DEVICE_SETTING"),
        command("SET_DEVICE_SETTING", {"Volume": 3}),
        command("SET_DOOR_STATUS", {"door_status": "open"}),
        command("SET_DOOR_STATUS", {"door_status": "ajar"}),
        command("CLEAR_MANAGER"), command("GET_DEVICE_STATUS"))
    codes = [result.return_code for result in server.results]
    assert codes == ["OK", "OK", "ERROR_INVALID_PARAMTER", "OK",
                     "ERROR_INVALID_PARAMTER", "OK", "OK"]
    assert server.results[1].json["Volume"] == "3"
    assert server.results[6].json["manager_count"] == 0


@pytest.mark.parametrize("unanswered", [
    command("GET_USER_INFO", {"user_id": "404"}), command("WHISTLE"),
    command("CLEAR_LOG_DATA")])
def test_commands_that_go_unanswered(peer, unanswered):
    server = execute(peer, unanswered, command("GET_DEVICE_STATUS"),
                     options=("--no-answer", "CLEAR_LOG_DATA,OTHER"))
    assert [result.task_id for result in server.results] == ["1002"]
    assert server.codes() == ["receive_cmd", "receive_cmd", "send_cmd_result",
                              "receive_cmd"]


def test_ordered_errors(peer):
    server = execute(peer, command("SET_FK_NAME", {"fk_name": "x"}),
                     options=("--error", "SET_FK_NAME=ERROR_NOT_SUPPORTED"))
    assert server.results[0].return_code == "ERROR_NOT_SUPPORTED"
    assert server.bodies("receive_cmd")[1][0]["fk_name"] == ""


@pytest.mark.parametrize("by_code", [False, True])
def test_restart(peer, by_code):
    """No result follows; what the terminal holds stays."""
    server = execute(peer, command("SET_FK_NAME", {"fk_name": "x"}),
                     command("RESET_FK"), command("GET_DEVICE_STATUS"),
                     restart_by_code=by_code)
    assert server.codes() == [
        "receive_cmd", "send_cmd_result", "receive_cmd", "receive_cmd",
        "send_cmd_result", "receive_cmd"]
    assert server.bodies("receive_cmd")[2][0]["fk_name"] == "x"


def test_another_server(peer):
    """SET_WEB_SERVER_INFO counts from the next restart on."""
    second = peer()
    first = peer(
        command("SET_WEB_SERVER_INFO", {"server_ip": "127.0.0.1",
                                        "server_port": second.port}),
        command("GET_DEVICE_STATUS"), command("RESET_FK"))
    sim(first.port, "--interval", "50ms", "--polls", 4)
    assert len(first.results) == 2
    assert second.codes() == ["receive_cmd"]
    assert second.requests[0].headers["host"] == f"127.0.0.1:{second.port}"


@pytest.mark.parametrize("answer", [
    b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nResponse_code: OK\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nresponse_code: OK\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
    b"HTTP/1.1 500 Oops\r\nContent-Length: 0\r\nresponse_code: OK\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n"
    b"response_code: OK\r\n\r\n0\r\n\r\n", b""])
def test_answers_that_terminals_do_not_understand(peer, answer):
    """The punch is not taken as acknowledged, and repeated."""
    server = peer(answers={"realtime_glog": answer})
    summary = sim_until(lambda: server.codes().count("realtime_glog") > 1,
                        server.port, "--backlog", 1, status=1)
    assert summary["punches_acked"] == 0 and summary["punches_waiting"] == 1
    assert summary["errors"] == 1 + summary["resends"] > 1


def test_slow_requests(peer):
    server = peer()
    summary = sim(server.port, "--backlog", 1, "--polls", 1, "--fault",
                  "slow=1")
    assert summary["faults"] == {"slow": 2}
    assert summary["punches_acked"] == 1
    assert summary["punch_ms"]["p50"] > 1000


def test_what_waits_is_drained_for_a_while(peer):
    """A run that is over keeps trying for 10 s, and says what is left."""
    server = peer(answers={"realtime_glog": reply("ERROR_DB_ACCESS")})
    summary = sim(server.port, "--backlog", 2, "--duration", "100ms", status=1)
    assert summary["complete"] is True
    assert summary["punches_waiting"] == 2 and summary["punches_sent"] == 1
    assert summary["refused"] == {"ERROR_DB_ACCESS": 1 + summary["resends"]}
    assert server.codes()[-1] == "realtime_glog"


# ---- signals ----

@pytest.mark.parametrize("options,status", [
    ((), 0),                       # without a limit, that is its end
    (("--duration", "1h"), 1)])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signals(peer, options, status, number):
    server = peer()
    summary = sim_until(lambda: server.requests, server.port, *options,
                        status=status, number=number)
    assert summary["complete"] is (status == 0)
    assert summary["polls"] == len(server.requests)
