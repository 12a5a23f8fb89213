"""record_time is what the terminal's clock showed; record_instant is when
that was, by the device's zone, else by wac_time_zone."""

import datetime

import pytest

from wac.terminal import Terminal
from wac.wait import wait_for

CONF = """
%%TEST_GLOBALS%%
events { }
http {
    %%TEST_GLOBALS_HTTP%%
    wac_database "%%DATABASE%%";
    wac_enrolment open;
    wac_time_zone Asia/Kolkata;
    server {
        listen 127.0.0.1:%%PORT%%;
        location / { wac_fk on; }
        location /berlin { wac_fk on; wac_time_zone Europe/Berlin; }
    }
    server {
        listen 127.0.0.1:%%PORT2%%;
        wac_time_zone America/New_York;
        location / { wac_fk on; }
    }
}
"""

SN = "D0000000000000A1"


@pytest.fixture
def server(nginx, database):
    return nginx(CONF)


def instant(database):
    (row,) = database.punches()
    return row["record_instant"].astimezone(datetime.timezone.utc).strftime(
        "%Y-%m-%d %H:%M:%S")


@pytest.mark.parametrize("port, target, expected", [
    ("PORT", "/", "2026-07-01 02:30:00"),
    ("PORT", "/berlin", "2026-07-01 06:00:00"),
    ("PORT2", "/", "2026-07-01 12:00:00"),
])
def test_inherited(server, database, port, target, expected):
    Terminal(server.ports[port], SN, target=target).punch(
        io_time="20260701080000")
    assert instant(database) == expected
    assert database.punches()[0]["record_time"] \
        == datetime.datetime(2026, 7, 1, 8)


def test_devices_own_zone_comes_first(server, database):
    database.add_device(SN, time_zone="Asia/Tokyo")
    Terminal(server.port, SN).punch(io_time="20260701080000")
    assert instant(database) == "2026-06-30 23:00:00"


@pytest.mark.parametrize("io_time, expected", [
    ("20260115080000", "2026-01-15 07:00:00"),  # winter
    ("20260715080000", "2026-07-15 06:00:00"),  # summer
    ("20260329023000", None),  # an hour that never was
    ("20261025023000", None),  # an hour that was twice
])
def test_summer_time(server, database, io_time, expected):
    reply = Terminal(server.port, SN, target="/berlin").punch(io_time=io_time)
    assert reply.response_code == "OK"
    assert database.punches()[0]["record_time"] \
        == datetime.datetime.strptime(io_time, "%Y%m%d%H%M%S")
    assert instant(database)
    assert expected is None or instant(database) == expected


def test_no_zone_at_all_is_the_servers(nginx, database):
    """The database server of these tests lives in UTC."""
    conf = CONF.replace("wac_time_zone Asia/Kolkata;", "")
    Terminal(nginx(conf).port, SN).punch(io_time="20260701080000")
    assert instant(database) == "2026-07-01 08:00:00"


def test_skew_by_the_devices_zone(server, database):
    """A clock that is right, in a zone far away, is not off."""
    database.add_device(SN, time_zone="Pacific/Auckland")
    now = database.value(
        "SELECT to_char(now() AT TIME ZONE 'Pacific/Auckland',"
        " 'YYYYMMDDHH24MISS')")
    Terminal(server.port, SN).poll(fk_time=now)

    def is_right():
        skew = database.device(SN)["clock_skew_s"]
        return skew is not None and abs(skew) < 60

    wait_for(is_right, what="clock_skew_s")


def test_times_at_the_edge(server, database):
    """A zone must not carry a valid time out of range."""
    terminal = Terminal(server.port, SN)
    for io_time in ("99991231235959", "00010101000000"):
        assert terminal.punch(io_time=io_time).response_code == "OK"
    kept = database.count("wac_attendance_logs") \
        + database.count("wac_quarantine")
    assert kept == 2
