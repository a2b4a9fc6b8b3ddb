"""Logging in to Brightnet's org in each declared way: what is let in, what is refused and with which way out."""

from __future__ import annotations

import threading
import time
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
import simple_salesforce
from pydantic import ValidationError
from simple_salesforce.exceptions import SalesforceAuthenticationFailed

from connectors.base import Credentials
from connectors.errors import ConnectorError, Refused
from connectors.salesforce import Salesforce
from connectors.salesforce_system import SalesforceSystem
from sandbox.hostile.org import Org, Said

TOKEN = "Vx7mTq2LbR9sKd4W"
SOAP_LOGIN = "POST /services/Soap/u/60.0"


def made(system: SalesforceSystem, given: Credentials) -> Salesforce:
    return Salesforce(
        system, given, clock=lambda: datetime.now(UTC), sleep=time.sleep, monotonic=time.monotonic, random=lambda: 0.5
    )


def assured(org: Any, keys: Any, **extra: str) -> Credentials:
    """A connection that logs a user in by the app's key."""
    given: Credentials = org.user("", consumer_key="casebridge", private_key=keys.private, **extra)
    return given


def refusal(connector: Any) -> Refused:
    with pytest.raises(Refused) as caught:
        connector.check()
    return caught.value


def test_an_assertion_signed_by_our_key_lets_the_user_in(start: Any, keys: Any) -> None:
    org = start(certificate=keys.certificate)
    connector = org.connector(assured(org, keys), login="jwt_bearer")
    assert connector.check().startswith("user 005")
    assert connector.check().endswith(f"at {org.url}")
    assert org.logins() == 1
    mine = org.connector(assured(org, keys), login="jwt_bearer", audience=org.url)
    assert mine.check().startswith("user 005")


def test_a_key_of_one_line_is_the_same_key(start: Any, keys: Any) -> None:
    org = start(certificate=keys.certificate)
    given = org.user("", consumer_key="casebridge", private_key=keys.private.strip().replace("\n", "\\n"))
    assert org.connector(given, login="jwt_bearer").check().startswith("user 005")


@pytest.mark.parametrize(
    ("changed", "said", "fix"),
    [
        ({"audience": "https://test.salesforce.com"}, "audience is invalid", "set `audience` in system.yaml"),
        ({"key": "stranger"}, "invalid assertion", "certificate does not belong to the `private_key`"),
        ({"login": "boss@brightnet.example"}, "user hasn't approved this consumer", "pre-authorized"),
        ({"consumer_key": "other"}, "invalid_client_id", "check user name and consumer_key in the connection"),
    ],
)
def test_a_refused_assertion_says_what_to_mend(
    start: Any, keys: Any, stranger: Any, changed: dict[str, str], said: str, fix: str
) -> None:
    org = start(certificate=keys.certificate)
    given = assured(org, stranger if "key" in changed else keys)
    if "consumer_key" in changed:
        given = replace(given, extra={**given.extra, "consumer_key": "other"})
    given = replace(given, login=changed.get("login", given.login))
    declared = {"audience": changed["audience"]} if "audience" in changed else {}
    error = refusal(org.connector(given, login="jwt_bearer", **declared))
    assert error.code == "C350"
    assert said in error.said
    assert fix in error.fix


def test_an_app_without_a_certificate_takes_no_assertion(brightnet: Any, keys: Any) -> None:
    assert "invalid assertion" in refusal(brightnet.connector(assured(brightnet, keys), login="jwt_bearer")).said


def test_a_key_that_is_none_is_refused_before_anything_is_sent(brightnet: Any) -> None:
    given = brightnet.user("", consumer_key="casebridge", private_key="-----BEGIN NOTHING-----")
    error = refusal(brightnet.connector(given, login="jwt_bearer"))
    assert "C364 the private_key of the connection 'brightnet' is no RSA key in PEM" in str(error)
    assert "NOTHING" not in str(error)
    assert brightnet.heard == []


def test_a_user_logs_in_with_password_and_security_token(brightnet: Any) -> None:
    connector = brightnet.connector(brightnet.user(security_token=TOKEN), login="password")
    assert connector.check().startswith("user 005")
    assert connector.check().endswith(f"at {brightnet.url}")
    assert [one for one in brightnet.heard if "data" not in one] == [SOAP_LOGIN]


@pytest.mark.parametrize(
    ("password", "token", "said", "fix"),
    [
        ("bridge-secret", "", "LOGIN_MUST_USE_SECURITY_TOKEN", "put the user's `security_token` into the extra"),
        ("guessed & <wrong>", TOKEN, "INVALID_LOGIN: Invalid username, password", "check user name and password"),
        ("bridge-secret", "OldToken1234", "INVALID_LOGIN", "a new one is mailed with each new password"),
    ],
)
def test_a_refused_password_is_sent_once_a_login_and_three_times_in_all(
    brightnet: Any, password: str, token: str, said: str, fix: str
) -> None:
    connector = brightnet.connector(brightnet.user(password, security_token=token), login="password")
    error = refusal(connector)
    assert error.code == "C350"
    assert said in error.said
    assert fix in error.fix
    assert "guessed" not in str(error)
    assert brightnet.logins() == 1
    for _ in range(4):
        refusal(connector)
    assert brightnet.logins() == 3
    assert refusal(connector).code == "C351"


def test_an_ended_session_is_renewed_by_the_same_way(start: Any, keys: Any) -> None:
    org = start(certificate=keys.certificate, session_seconds=-1)
    for given, login in ((assured(org, keys), "jwt_bearer"), (org.user(security_token=TOKEN), "password")):
        org.heard.clear()
        connector = org.connector(given, login=login)
        assert refusal(connector).code == "C351"
        assert org.logins() == 3


def test_many_threads_log_in_once(start: Any, keys: Any) -> None:
    org = start(certificate=keys.certificate)
    connector = org.connector(assured(org, keys), login="jwt_bearer")
    threads = [threading.Thread(target=connector.check) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert org.logins() == 1
    assert len(org.calls()) == 6


def fault(code: str, words: str = "no") -> Said:
    inside = f"<f:Fault><faultcode>sf:{code}</faultcode><faultstring>{code}: {words}</faultstring></f:Fault>"
    text = f'<f:Envelope xmlns:f="http://schemas.xmlsoap.org/soap/envelope/"><f:Body>{inside}</f:Body></f:Envelope>'
    return Said(500, text.encode(), {"Content-Type": "text/xml"})


@pytest.mark.parametrize(
    ("said", "error"),
    [
        (Said(503, b"busy"), "Unreachable C154"),
        (fault("SERVER_UNAVAILABLE"), "Unreachable C105"),
        (fault("LOGIN_RATE_EXCEEDED"), "Throttled C200"),
        (fault("API_CURRENTLY_DISABLED"), "Refused C350"),
        (Said(404, b"gone"), "Refused C350"),
        (Said(200, b"<html>Log in</html>", {"Content-Type": "text/html"}), "Refused C353"),
        (Said(200, b"<!DOCTYPE x [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><x>&a;</x>"), "Refused C353"),
    ],
)
def test_each_answer_to_a_password_is_sent_for_once(org: Org, said: Said, error: str) -> None:
    org.answer = lambda asked: said
    given = Credentials(org.url, "user", "pass & <word>", {"ca_file": org.ca_file, "security_token": TOKEN})
    with closing(made(org.system(login="password"), given)) as connector:
        with pytest.raises(ConnectorError) as caught:
            connector.check()
        assert f"{type(caught.value).__name__} {caught.value.code}" == error
    (asked,) = org.asked
    assert f"<sf:password>pass &amp; &lt;word&gt;{TOKEN}</sf:password>" in asked.body
    assert "pass &" not in str(caught.value)


@pytest.mark.parametrize(
    ("login", "extra", "lacks"),
    [
        ("jwt_bearer", {}, "lacks consumer_key and private_key"),
        ("jwt_bearer", {"consumer_key": "app"}, "lacks private_key"),
        ("password", {}, "lacks password"),
    ],
)
def test_an_incomplete_connection_says_what_it_lacks(
    brightnet: Any, login: str, extra: dict[str, str], lacks: str
) -> None:
    with pytest.raises(Refused, match="C356") as caught:
        brightnet.connector(brightnet.user("", **extra), login=login)
    assert lacks in str(caught.value)


def test_a_version_without_soap_login_is_refused_in_the_declaration() -> None:
    told = {"name": "acme", "title": "Acme", "connection": "acme", "fields": ["Subject"], "login": "password"}
    with pytest.raises(ValidationError, match=r"needs an api of 64\.0 or lower"):
        SalesforceSystem.model_validate({**told, "api": "65.0"})
    assert SalesforceSystem.model_validate({**told, "api": "64.0"}).login == "password"


def test_another_client_logs_in_by_soap_unchanged(brightnet: Any) -> None:
    client = simple_salesforce.SalesforceLogin
    known = {"username": "casebridge@brightnet.example", "session": brightnet.plain_session()}
    session, host = client(**known, password="bridge-secret", security_token=TOKEN, scratch_url=brightnet.url)
    assert brightnet.url.endswith(host)
    plain = simple_salesforce.Salesforce(
        session_id=session, instance_url=brightnet.url, session=brightnet.plain_session()
    )
    assert plain.query("SELECT Id FROM Case")["totalSize"] == 0
    with pytest.raises(SalesforceAuthenticationFailed, match=r"code: INVALID_LOGIN\): Invalid username, password"):
        client(**known, password="wrong", security_token=TOKEN, scratch_url=brightnet.url)
    with pytest.raises(SalesforceAuthenticationFailed, match="INVALID_OPERATION"):
        client(**known, password="bridge-secret", security_token=TOKEN, scratch_url=brightnet.url, sf_version="65.0")
