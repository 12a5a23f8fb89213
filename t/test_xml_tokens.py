"""Who of the XML dialects is given a token, and whom it lets in; what the
CloudId decides, and what the operator."""

import hashlib

import pytest

from test_cloud_session import CONF
from wac.wait import wait_for
from wac.xml import (CLOUD_ID, OK, SN, TOKEN, OperationTerminal, add_device,
                     call, check_row, message, online)

OTHER = "TST0000009"


@pytest.fixture(scope="module")
def served(module_pair):
    return module_pair(CONF)


@pytest.fixture
def database(served):
    return served.emptied()


@pytest.fixture(scope="module")
def tenant(module_pair, module_databases, template):
    """A pair that wants a CloudId."""
    return module_pair(CONF, database=module_databases(template.name),
                       cloud_id=CLOUD_ID)


def sha256(token):
    return hashlib.sha256(token.encode()).digest()


def wait_refusal(database, text, sn=SN):
    wait_for(lambda: text in (database.device(sn)["last_refusal"] or ""),
             what=f"a refusal: {text}")


# ---- tokens ----------------------------------------------------------------

def test_first_time(served, database):
    """Register, then Login; nobody is online before. It keeps its token for
    later connections."""
    with call(served) as terminal:
        reply = terminal.register(ProductName="S-FB3K", FWVersion=12)
        assert reply.fields["DeviceSerialNo"] == SN
        check_row(database, token_hash=None, token_offer=sha256(
            terminal.token), status="offline", session_worker=None,
            protocol="xml", state="approved", model="S-FB3K")
        assert TOKEN != terminal.token
        assert CLOUD_ID not in str(database.device(SN)["devinfo"])
        assert terminal.login() == OK
        check_row(database, token_hash=sha256(terminal.token),
                  token_offer=None, status="online", session_epoch=1)
        token = terminal.token
        assert terminal.log(1) == OK
    served.wait_offline(SN)
    with call(served) as again:
        assert again.login(token) == OK
        assert again.log(2) == OK
    check_row(database, session_epoch=2)


def test_tokens_are_of_no_pattern(served, database):
    tokens = set()
    with call(served) as terminal:
        for _ in range(20):
            terminal.register()
            tokens.add(terminal.token)
    assert len(tokens) == 20
    assert len({token[:8] for token in tokens}) == 20
    assert database.count("wac_devices") == 1


def test_a_wrong_token_makes_it_register(served, database, wacctl):
    """Its own is taken back by the operator; it finds out by itself."""
    add_device(database, SN)
    with call(served) as terminal:
        for wrong in ("11111111-52f3-4e8b-b6a1-90c3f27e5d18", TOKEN[:-1],
                      TOKEN + "0", TOKEN.upper()):
            assert terminal.login(wrong) == "FailUnknownToken"
        reply = terminal.ask(message(Request="Login", DeviceSerialNo=SN))
        assert reply.result == "FailUnknownToken"
        wait_refusal(database, "bad token")
        check_row(database, status="offline", token_hash=sha256(TOKEN))
        wacctl("device", "reset", SN, database=database)
        assert terminal.login(TOKEN) == "FailUnknownToken"
        assert terminal.register().result == OK
        assert terminal.login() == OK
        assert terminal.log() == OK
    check_row(database, token_hash=sha256(terminal.token))


def test_second_register_without_a_reset(served, database, wacctl):
    """It holds a token: who registers as it may be anybody."""
    add_device(database, SN)
    with online(served) as terminal, call(served) as stranger:
        assert stranger.register().result == "Fail"
        wait_refusal(database, "device reset")
        assert stranger.login("guess") == "FailUnknownToken"
        check_row(database, token_hash=sha256(TOKEN), token_offer=None)
        assert terminal.log() == OK  # and is undisturbed
        wacctl("device", "reset", SN, database=database)
        assert stranger.register().result == OK
        assert terminal.log(2) == OK  # until somebody has logged in
        assert stranger.login() == OK
        assert terminal.wait_closed() == 1000


def test_an_offered_token_can_be_lost(served, database):
    """Of those that were never shown the last one counts."""
    with call(served) as terminal:
        terminal.register()
        lost = terminal.token
        terminal.register()
        assert terminal.login(lost) == "FailUnknownToken"
        assert terminal.login() == OK


def test_register_while_logged_in(served, database):
    """Answered as ever; the older token is good until the new one is
    shown."""
    add_device(database, SN)
    with online(served) as terminal:
        assert terminal.register().result == OK
        new = terminal.token
        assert new != TOKEN and terminal.log(1) == OK
        check_row(database, token_hash=sha256(TOKEN),
                  token_offer=sha256(new), status="online")
        assert terminal.login(TOKEN) == OK
        assert terminal.login(new) == OK
        assert terminal.log(2) == OK
        assert terminal.login(TOKEN) == "FailUnknownToken"
    check_row(database, token_hash=sha256(new), session_epoch=3)


@pytest.mark.parametrize("cloud_id", ["", "cloud-test-", "cloud-test-11",
                                      "CLOUD-TEST-1", None])
def test_wrong_cloud_id(tenant, cloud_id):
    database = tenant.emptied()
    add_device(database, SN, token=None)
    with call(tenant) as terminal:
        assert terminal.register(cloud_id).result == "Fail"
        assert terminal.wait_closed() == 1008
    check_row(database, token_offer=None, status="offline")


def test_right_cloud_id(tenant):
    """It is as good as a reset: a terminal that lost its token has another.
    A stranger to the operator leaves no row, one with the CloudId does."""
    database = tenant.emptied()
    with call(tenant, OTHER) as stranger:
        assert stranger.register("guess").result == "Fail"
    with call(tenant, OTHER) as stranger:
        assert stranger.login("guess") == "FailUnknownToken"
    assert database.count("wac_devices") == 0
    with call(tenant) as terminal:
        for _ in range(2):
            assert terminal.register().result == OK
            assert terminal.login() == OK
    with call(tenant, kind=OperationTerminal) as stranger:
        assert stranger.register("guess").result == "fail"
        assert stranger.wait_closed() == 1008


# ---- who is let in ---------------------------------------------------------

def test_pending_until_approved(own, wacctl):
    served = own(enrolment="approve")
    database = served.database
    with call(served) as terminal, \
            call(served, OTHER, kind=OperationTerminal) as operator:
        assert terminal.register().result == "Fail"
        assert terminal.login("guess") == "Fail"
        assert operator.register().result == "fail"
        for sn in (SN, OTHER):
            check_row(database, sn, state="pending", token_hash=None,
                      token_offer=None, session_worker=None)
            wacctl("device", "approve", sn, database=database)
        assert terminal.register().result == OK
        assert terminal.login() == OK
        assert operator.register().result == "success"
        assert (terminal.log(), operator.log()) == (OK, "success")
    assert len(database.punches()) == 2


def test_closed_to_strangers(own):
    served = own(enrolment="closed")
    add_device(served.database, SN, token=None)
    with call(served, OTHER) as stranger:
        assert stranger.register().result == "Fail"
        assert stranger.login(TOKEN) == "Fail"
    with call(served) as terminal:
        assert terminal.register().result == OK
        assert terminal.login() == OK
    assert served.database.count("wac_devices") == 1


def test_blocked(served, database, wacctl):
    """Its log is refused, and so it keeps it; then it is disconnected."""
    add_device(database, SN)
    with online(served) as terminal:
        assert terminal.log(1) == OK
        wacctl("device", "block", SN, database=database)
        assert terminal.log(2) == "Fail"
        assert terminal.wait_closed() == 1008
    with call(served) as terminal:
        assert terminal.login() == "Fail"
        assert terminal.register().result == "Fail"
    assert len(database.punches()) == 1


def test_sn_of_another_protocol(served, database):
    database.add_device(SN, protocol="cloud", last_seen="2026-01-01")
    with call(served) as terminal:
        assert terminal.register().result == "Fail"
    check_row(database, protocol="cloud")
