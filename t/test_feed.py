"""The live feed (DESIGN section 7): everything of every terminal, from every
process, to every dashboard that may see it, in one order, once."""

import itertools
import json
import threading

import pytest

from wac.dashboard import Dashboard, make_token
from wac.wait import wait_for
from wac.websocket import Closed
from test_cloud_session import CONF

SN = "ZX0006800001"

MARKS = itertools.count(1)


@pytest.fixture(scope="module")
def served(module_pair):
    return module_pair(CONF)


@pytest.fixture
def database(served):
    return served.emptied()


@pytest.fixture
def token(database):
    return make_token(database)


@pytest.fixture
def watch(served, token):
    """Subscribed dashboards, on the first worker unless told otherwise."""
    opened = []

    def make(path="/first", **more):
        connection = served.connect(path, max_queue=more.pop("max_queue", 32))
        dashboard = Dashboard(connection, more.pop("token", token))
        opened.append(dashboard)
        dashboard.subscribe(**more)
        return dashboard

    yield make
    for dashboard in opened:
        dashboard.connection.abort()


def note(database, number, sn="d1"):
    database.execute(
        "INSERT INTO wac_events (sn, event_type, payload) VALUES (%s, 'n', %s)",
        (sn, json.dumps({"number": number})))


def started(dashboard, database):
    """Its subscription has a place in the feed: an event made after that has
    come."""
    def marked():
        number = next(MARKS)
        database.execute(
            "INSERT INTO wac_events (sn, event_type, payload) "
            "VALUES ('test', 'mark', %s)", (json.dumps({"mark": number}),))
        try:
            return dashboard.wait_for(0.5, payload__mark=number)
        except TimeoutError:
            return None

    return wait_for(marked, what="the subscription to be live")


def numbers(dashboard):
    return [frame["payload"]["number"] for frame in dashboard.seen
            if frame.get("event_type") == "n"]


def test_a_punch_on_one_worker_is_seen_on_the_other(served, database, watch):
    dashboard = watch("/first")
    started(dashboard, database)
    with served.terminal(SN, "/second") as terminal:
        online = dashboard.wait_for(type="device_status", status="online")
        assert terminal.punch(enrollid=7)["result"]
        event = dashboard.wait_for(event_type="attendance")
    offline = dashboard.wait_for(type="device_status", status="offline")
    assert online["device_id"] == event["device_id"] == SN
    assert event["payload"]["enrollid"] == "7"
    assert event["payload"]["protocol"] == "cloud"
    assert event["timestamp"].endswith("Z")
    assert online["id"] < event["id"] < offline["id"]


def test_a_new_dashboard_is_told_where_all_terminals_are(
        served, database, watch):
    with served.terminal(SN, "/second"):
        database.execute(
            "INSERT INTO wac_devices (sn, protocol, state) "
            "VALUES ('away', 'fk', 'approved'), ('new', 'fk', 'pending')")
        dashboard = watch()
        started(dashboard, database)
    status = {frame["device_id"]: frame["status"] for frame in dashboard.seen
              if frame["type"] == "device_status"}
    assert status == {SN: "online", "away": "offline"}
    assert all("id" not in frame for frame in dashboard.seen
               if frame["type"] == "device_status")


def test_nothing_of_before_comes_without_since(database, watch):
    for number in range(5):
        note(database, number)
    dashboard = watch()
    started(dashboard, database)
    assert numbers(dashboard) == []


@pytest.mark.parametrize("path", ["/first", "/second"])
def test_since_an_id_replays_what_was_missed(database, watch, path):
    first = watch()
    started(first, database)
    note(database, 1)
    seen = first.wait_for(event_type="n")
    first.connection.abort()
    for number in range(2, 1300):
        note(database, number)
    second = watch(path, since=seen["id"])
    started(second, database)
    assert numbers(second) == list(range(2, 1300))
    ids = second.ids()
    assert ids == list(range(seen["id"] + 1, seen["id"] + 1 + len(ids)))


def test_since_a_time_replays_from_then_on(database, watch):
    first = watch()  # numbers what comes
    started(first, database)
    note(database, 1)
    (row,) = database.query("SELECT now() AS t, pg_sleep(0.01)")
    note(database, 2)
    note(database, 3)
    second = watch(since=row["t"].isoformat())
    started(second, database)
    assert numbers(second) == [2, 3]


def test_a_subscriber_that_comes_back_again_and_again_misses_nothing(
        served, database, token):
    """Under load from several writers whose transactions end in any order,
    the dashboard changes workers all the time."""
    stop = threading.Event()
    written = [0] * 4

    def write(lane):
        with database.connect() as connection:
            while not stop.is_set():
                with connection.transaction():
                    for _ in range(lane + 1):
                        written[lane] += 1
                        connection.execute(
                            "INSERT INTO wac_events (sn, event_type, payload) "
                            "VALUES (%s, 'n', %s)",
                            (f"d{lane}",
                             json.dumps({"number": written[lane]})))
                    if written[lane] % 7 == lane:
                        connection.execute("SELECT pg_sleep(0.01)")

    dashboard = Dashboard(served.connect("/first"), token).subscribe()
    started(dashboard, database)
    writers = [threading.Thread(target=write, args=(lane,))
               for lane in range(4)]
    for writer in writers:
        writer.start()
    seen = []
    try:
        for turn in range(12):
            for _ in range(40):
                dashboard.next()
            dashboard.connection.abort()
            seen += dashboard.seen
            last = max(frame["id"] for frame in seen if "id" in frame)
            path = ["/second", "/first"][turn % 2]
            dashboard = Dashboard(served.connect(path), token)
            dashboard.subscribe(since=last)
    finally:
        stop.set()
        for writer in writers:
            writer.join()
    database.execute("INSERT INTO wac_events (sn, event_type, payload) "
                     "VALUES ('test', 'end', '{}')")
    dashboard.wait_for(event_type="end")
    dashboard.connection.abort()
    seen += dashboard.seen
    ids = [frame["id"] for frame in seen if "id" in frame]
    assert ids == list(range(ids[0], ids[0] + len(ids)))
    for lane in range(4):
        mine = [frame["payload"]["number"] for frame in seen
                if frame.get("device_id") == f"d{lane}"]
        assert mine == list(range(1, written[lane] + 1))


def test_a_transaction_that_ends_late_is_not_lost(database, watch):
    """Its rows have lower numbers than those that were shown before it."""
    dashboard = watch()
    started(dashboard, database)
    with database.connect() as late:
        with late.transaction():
            late.execute("INSERT INTO wac_events (sn, event_type, payload) "
                         "VALUES ('d1', 'late', '{}')")
            note(database, 1)
            before = dashboard.wait_for(event_type="n")
            dashboard.connection.abort()
    again = watch(since=before["id"])
    assert again.wait_for(event_type="late")["id"] > before["id"]


def test_filters(database, watch):
    one = watch(devices=["d1"], types=["event"])
    kinds = watch(types=["n", "mark", "telemetry"])
    single = watch(devices="d2")
    everything = watch()
    for dashboard in (one, kinds, single):
        dashboard.sync()  # it has its place, as the last one will have
    started(everything, database)
    note(database, 1, "d1")
    note(database, 2, "d2")
    database.execute("INSERT INTO wac_events (sn, event_type, payload) "
                     "VALUES ('d1', 'other', '{}'), ('d2', 'other', '{}')")
    database.execute("INSERT INTO wac_telemetry (sn, payload) "
                     "VALUES ('d1', '{}'), ('d2', '{}')")
    note(database, 3, "d1")
    note(database, 4, "d2")
    for dashboard, last in ((one, 3), (kinds, 4), (single, 4),
                            (everything, 4)):
        dashboard.wait_for(payload__number=last)

    def got(dashboard):
        return [(frame["device_id"], frame.get("event_type", frame["type"]))
                for frame in dashboard.seen if frame["device_id"] != "test"]

    assert got(one) == [("d1", "n"), ("d1", "other"), ("d1", "n")]
    assert got(kinds) == [("d1", "n"), ("d2", "n"), ("d1", "telemetry"),
                          ("d2", "telemetry"), ("d1", "n"), ("d2", "n")]
    assert got(single) == [("d2", "n"), ("d2", "other"), ("d2", "telemetry"),
                           ("d2", "n")]


@pytest.mark.parametrize("wrong, code", [
    ({"role": "device"}, "bad_role"),
    ({"since": "yesterday"}, "bad_since"),
    ({"since": 99999999999}, "bad_since"),
    ({"devices": 7}, "bad_filter"),
    ({"types": [1]}, "bad_filter")])
def test_wrong_subscriptions(watch, wrong, code):
    assert watch(**wrong).wait_for(type="error")["code"] == code


def test_events_that_are_not_kept_any_more_are_said_to_be_missing(
        database, watch):
    dashboard = watch()
    started(dashboard, database)
    for number in range(20):
        note(database, number)
    dashboard.wait_for(payload__number=19)
    first = dashboard.ids()[0]
    database.execute("DELETE FROM wac_feed WHERE id < %s", (first + 10,))
    again = watch(since=first)
    assert again.wait_for(type="error")["code"] == "since_too_old"
    started(again, database)
    assert again.ids()[0] == first + 10


# ---- who may see it ---------------------------------------------------------

@pytest.mark.parametrize("wrong", [None, "", "not-a-token"])
def test_no_token_no_feed(watch, database, wrong):
    dashboard = watch(token=wrong)
    assert dashboard.recv() == {
        "type": "error", "code": "auth_failed",
        "message": "a valid token is needed"}
    assert dashboard.wait_closed() == 4401


def test_the_token_of_the_upgrade_request_counts(served, database, token):
    for headers, query in (({"Authorization": f"Bearer {token}"}, ""),
                           ({}, f"?token={token}")):
        with Dashboard(served.connect(f"/first{query}",
                                      headers=headers)) as dashboard:
            dashboard.subscribe()
            started(dashboard, database)


def test_an_expired_token_is_none(database, watch):
    make_token(database, "old", expires_at="2020-01-01")
    assert watch(token="token-of-old").wait_closed() == 4401


def test_a_viewer_sees(database, watch):
    make_token(database, "eyes", "viewer")
    started(watch(token="token-of-eyes"), database)


@pytest.mark.slow
def test_a_revoked_token_ends_what_it_began(database, watch):
    dashboard = watch()
    started(dashboard, database)
    database.execute("DELETE FROM wac_api_tokens")
    wait_for(lambda: not dashboard.connection.open, 40, "it to be closed")
    assert dashboard.wait_closed() == 4401


# ---- those who do not keep up -----------------------------------------------

def test_one_that_does_not_read_loses_telemetry_then_its_connection(
        served, database, watch):
    """And nobody else loses anything."""
    good = watch("/first", max_queue=None)
    started(good, database)
    slow = watch("/first", max_queue=1, since=good.ids()[-1])
    count = 300

    def keeps_up(number, **wanted):
        """Far below what is kept for one that does not read."""
        if number % 10 == 9:
            good.wait_for(payload__number=number, **wanted)

    for number in range(count):
        database.execute(
            "INSERT INTO wac_telemetry (sn, payload) VALUES ('d1', %s)",
            (json.dumps({"number": number, "filling": "x" * 50000}),))
        keeps_up(number, type="telemetry")
    for number in range(count):
        database.execute(
            "INSERT INTO wac_events (sn, event_type, payload) "
            "VALUES ('d1', 'n', %s)",
            (json.dumps({"number": number, "filling": "x" * 50000}),))
        keeps_up(number, event_type="n")
    good.wait_for(event_type="n", payload__number=count - 1)
    assert numbers(good) == list(range(count))
    assert len([frame for frame in good.seen
                if frame["type"] == "telemetry"]) == count
    served.first.wait_for_log("too slow")
    with pytest.raises(Closed):  # what was on its way before
        while True:
            slow.next()
    events = numbers(slow)
    assert events == list(range(len(events)))  # none is missing before the end
    assert len(events) < count
    assert len([frame for frame in slow.seen
                if frame["type"] == "telemetry"]) < count


# ---- faults -----------------------------------------------------------------

def test_it_goes_on_after_the_feeds_session_was_cut(database, watch):
    dashboard = watch()
    started(dashboard, database)
    note(database, 1)
    dashboard.wait_for(payload__number=1)
    database.query(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE datname = current_database() AND query LIKE '%wac_feed%' "
        "AND query NOT LIKE '%wac_upkeep%' AND pid <> pg_backend_pid()")
    for number in range(2, 30):
        note(database, number)
    dashboard.wait_for(payload__number=29)
    assert numbers(dashboard) == list(range(1, 30))


def test_a_worker_that_is_restarted_misses_nothing(module_pair):
    """The dashboard comes back with the last id that it has seen."""
    pair = module_pair(CONF)
    database = pair.emptied()
    pair.allow_missing_sockets()
    token = make_token(database)
    dashboard = Dashboard(pair.connect("/first"), token).subscribe()
    started(dashboard, database)
    with pair.terminal(SN, "/second") as terminal:
        terminal.punch(enrollid=1)
        last = dashboard.wait_for(event_type="attendance")["id"]
        pair.first.stop()
        assert dashboard.wait_closed() == 1001
        terminal.punch(enrollid=2)
        pair.first.start()
        again = Dashboard(pair.connect("/first"), token)
        again.subscribe(since=last)
        terminal.punch(enrollid=3)
        again.wait_for(event_type="attendance", payload__enrollid="3")
    people = [frame["payload"]["enrollid"] for frame in again.seen
              if frame.get("event_type") == "attendance"]
    assert people == ["2", "3"]
    again.connection.abort()


def test_a_feed_that_does_not_answer(pair, databases, template):
    """The dashboard hears of it, and may ask again."""
    database = databases(template.name)
    served = pair(CONF, database=database, timeout="2s")
    served.allow_lost_database()
    with Dashboard(served.connect(), make_token(database)) as dashboard:
        with database.connect() as holder, holder.transaction():
            holder.execute("LOCK wac_feed_state, wac_feed")
            dashboard.subscribe()
            assert dashboard.next()["code"] == "try_again"
            assert dashboard.sync() == []
        dashboard.subscribe()
        started(dashboard, database)
