"""send_cmd_result is answered sanely, whatever comes in it. What it does to
commands: test_command_*.py."""

import pytest

from wac import vectors
from wac.terminal import Terminal, frame

CONF = """
%%TEST_GLOBALS%%
events { }
http {
    %%TEST_GLOBALS_HTTP%%
    wac_database "%%DATABASE%%";
    client_max_body_size 16m;
    server {
        listen 127.0.0.1:%%PORT%%;
        location / { wac_fk on; }
    }
}
"""

SN = "D0000000000000A1"


@pytest.fixture(scope="module")
def server(module_nginx):
    return module_nginx(CONF)


@pytest.fixture
def database(module_database):
    return module_database.emptied()


@pytest.fixture
def terminal(server, database):
    database.add_device(SN)
    return Terminal(server.port, SN)


def test_answer_is_the_captured_one(terminal):
    captured = vectors.load("31-result-ok.resp")
    task_id = vectors.header_of(captured, "trans_id")
    reply = terminal.result(task_id)
    assert reply.status == 200
    for name in ("response_code", "trans_id", "Content-Length",
                 "Content-Type", "Connection"):
        assert reply.header(name) == vectors.header_of(captured, name), name
    assert reply.body == b""


def test_task_id_is_echoed_under_the_name_it_came_by(terminal):
    reply = terminal.result("1001", task_id_header="cmd_id")
    assert reply.response_code == "OK"
    assert reply.header("cmd_id") == "1001"
    assert not reply.has("trans_id")


@pytest.mark.parametrize("task_id", ["1", "9" * 16, "a-Z0", "x" * 32])
def test_any_task_id(terminal, task_id):
    """An unknown task is answered OK, else the terminal would hang on it."""
    reply = terminal.result(task_id)
    assert (reply.response_code, reply.header("trans_id")) == ("OK", task_id)


@pytest.mark.parametrize("code", [
    "OK", "Error", "ERROR_INVALID_PARAMTER", "EEROR_NOT_EXIST", "",
    "x" * 64, None])
def test_any_return_code(terminal, code):
    assert terminal.result("1001", cmd_return_code=code) \
        .response_code == "OK"


@pytest.mark.parametrize("body", [
    b"", frame({"user_id_count": 0}), b"\xff\xff\xff\xff", b"{",
    frame({"log_array": "BIN_1"}, b"x" * 5_000_000)],
    ids=["none", "json", "lying", "cut", "5 MB"])
def test_any_body(terminal, body):
    reply = terminal.result("1001", body)
    assert (reply.response_code, reply.header("trans_id")) == ("OK", "1001")


def test_no_content_length(terminal):
    """Legal by the vendor's text for a result without a body."""
    reply = terminal.result("1001", without=["Content-Length"])
    assert reply.response_code == "OK"


def test_stranger(server, database):
    reply = Terminal(server.port, "STRANGER").result("1001")
    assert reply.response_code == "ERROR"
