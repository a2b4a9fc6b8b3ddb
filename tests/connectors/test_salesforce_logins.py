"""Logging in to a Salesforce org that misbehaves: how often, where to, and what is told."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime
from typing import Any

import pytest

from connectors.base import Credentials
from connectors.errors import Refused, Unreachable
from connectors.salesforce import Salesforce
from connectors.salesforce_login import Login
from connectors.salesforce_system import SalesforceSystem
from sandbox.hostile.org import ONE, SECRET, TWO, Asked, Org, Said, case, error, errors, ok, rows, update


def test_one_login_serves_many_calls_and_says_who_we_are(org: Org) -> None:
    org.answer = lambda asked: rows(case(ONE))
    connector = org.connector()
    assert connector.check() == f"user 005000000000001AAA of org 00D000000000001EAA at {org.url}"
    connector.fetch([ONE])
    assert org.logins == 1
    assert {asked.headers["Authorization"] for asked in org.asked} == {"Bearer token-1"}


def test_a_wrong_secret_is_refused_with_their_words_and_the_fix(org: Org) -> None:
    told = {"error": "invalid_client", "error_description": f"invalid client credentials {SECRET}"}
    org.token = lambda n: Said(400, told)
    with pytest.raises(Refused) as caught:
        org.connector().check()
    assert caught.value.code == "C350"
    assert "invalid_client" in str(caught.value)
    assert "Fix: check consumer key and secret in the connection 'brightnet'" in str(caught.value)
    assert SECRET not in str(caught.value)
    assert org.logins == 1


def test_a_login_that_nobody_answered_is_no_login(org: Org) -> None:
    org.token = lambda n: Said(500) if n <= 12 else org.good_token()
    org.answer = lambda asked: rows()
    connector = org.connector()
    for _ in range(4):  # each of them is tried three times by the wire
        with pytest.raises(Unreachable, match="brightnet login: C105 answered 500"):
            connector.check()
    org.logins = 12
    assert connector.check().startswith("user 005")


def test_a_wrong_secret_is_not_tried_again_and_again(org: Org) -> None:
    org.token = lambda n: Said(400, {"error": "invalid_client"})
    connector = org.connector()
    for _ in range(6):
        with pytest.raises(Refused):
            connector.check()
    assert org.logins == 3


def test_a_session_that_expires_costs_one_login_and_no_call_is_lost(org: Org) -> None:
    def answer(asked: Asked) -> Said:
        if asked.headers["Authorization"] == "Bearer token-1" and len(org.asked) > 1:
            return error(401, "INVALID_SESSION_ID", "Session expired or invalid")
        return Said(body=[ok()] * len(asked.body["records"])) if asked.method == "PATCH" else rows(case(ONE))

    org.answer = answer
    connector = org.connector()
    connector.fetch([ONE])
    assert errors(list(connector.push([update("a"), update("b", TWO)]))) == ["applied", "applied"]
    assert org.logins == 2


@pytest.mark.parametrize(
    "refusal", [error(401, "INVALID_SESSION_ID"), Said(401, b"<html>Log in</html>", {"Content-Type": "text/html"})]
)
def test_an_org_that_refuses_every_session_sees_three_logins_and_no_more(org: Org, refusal: Said) -> None:
    org.answer = lambda asked: refusal
    connector = org.connector()
    for _ in range(3):
        with pytest.raises(Refused, match="C351 3 logins in a row gave no session that they let in"):
            connector.fetch([ONE])
    assert errors(list(connector.push([update("a")]))) == ["Refused C351"]
    assert org.logins == 3


def test_many_threads_that_find_the_session_expired_make_one_login(org: Org) -> None:
    org.token = lambda n: (time.sleep(0.1), org.good_token())[1]
    connector = org.connector()
    login: Login = connector._calls.login
    sessions: list[Any] = []
    threads = [threading.Thread(target=lambda: sessions.append(login.session())) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    old = sessions[0]
    for _ in range(8):
        login.expired(old)
        login.session()
    assert org.logins == 2
    assert len({id(one) for one in sessions}) == 1


@pytest.mark.parametrize("instance", ["https://evil.example", "http://localhost:1", "https://localhost@evil.example"])
def test_the_token_goes_to_no_other_host(org: Org, instance: str) -> None:
    org.token = lambda n: org.good_token(instance_url=instance)
    with pytest.raises(Refused, match="C355 the login answered an address that is not this org's"):
        org.connector().check()
    assert org.asked == []


def test_a_login_page_in_place_of_a_token_is_refused(org: Org) -> None:
    org.token = lambda n: Said(200, b"<html>Welcome</html>", {"Content-Type": "text/html"})
    with pytest.raises(Refused, match="C304 answered 200 with no JSON"):
        org.connector().check()


@pytest.mark.parametrize(
    ("credentials", "said"),
    [
        (Credentials(""), "C356 the connection 'brightnet' lacks host (or instance_url) and login (or consumer_key)"),
        (Credentials("https://localhost", "app"), "lacks password (or consumer_secret)"),
        (Credentials("http://localhost", "app", "x"), "C356 a Salesforce org is spoken to over https only."),
    ],
)
def test_an_incomplete_connection_is_refused_before_anything_is_sent(credentials: Credentials, said: str) -> None:
    system = SalesforceSystem(name="brightnet", title="B", connection="brightnet", fields=("Subject",))
    with pytest.raises(Refused) as caught:
        Salesforce(system, credentials, clock=lambda: datetime.now(UTC), sleep=time.sleep, monotonic=time.monotonic)
    assert said in str(caught.value)


def test_the_fields_of_airflows_own_salesforce_connection_are_understood(org: Org) -> None:
    org.answer = lambda asked: rows()
    extra = {
        "extra__salesforce__consumer_key": "app",
        "consumer_secret": SECRET,
        "instance_url": org.url,
        "domain": "",
        "ca_file": org.ca_file,
    }
    system = org.connector().system
    connector = Salesforce(
        system,
        Credentials("", "people@brightnet", "their password", extra),
        clock=lambda: datetime.now(UTC),
        sleep=time.sleep,
        monotonic=time.monotonic,
    )
    assert connector.check().startswith("user 005")
    assert "password" not in repr(connector.wire.credentials)
