"""Independent clients of Salesforce, whole and unchanged: they log in by themselves and are given the org's address.

simple-salesforce knows hosts below salesforce.com only, so the address is given as a hosts file gives one: the session
that it takes leads NAME.salesforce.com to the org.
"""

from __future__ import annotations

import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from requests.adapters import HTTPAdapter
from simple_salesforce import Salesforce
from simple_salesforce.exceptions import SalesforceAuthenticationFailed, SalesforceExpiredSession

from sandbox.companies.brightnet_logins import SECURITY_TOKEN

USER = {"username": "casebridge@brightnet.example", "password": "bridge-secret", "security_token": SECURITY_TOKEN}
DOMAIN = "brightnet.my"


class Leading(HTTPAdapter):
    """Leads the host that the client knows to the org."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self._url = url

    def send(self, request: requests.PreparedRequest, *args: Any, **more: Any) -> requests.Response:
        request.url = (request.url or "").replace(f"https://{DOMAIN}.salesforce.com", self._url)
        return super().send(request, *args, **more)


@pytest.fixture
def session() -> Iterator[Callable[[Any], requests.Session]]:
    plain = requests.Session()
    plain.trust_env = False

    def leading(org: Any) -> requests.Session:
        plain.verify = str(org.tls.authority)
        plain.mount("https://", Leading(org.url))
        return plain

    yield leading
    plain.close()


def key_pair() -> tuple[str, str]:
    """A private key and its certificate, PEM."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name, now = x509.Name([]), datetime.now(UTC)
    made = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    signed = made.not_valid_before(now).not_valid_after(now + timedelta(days=1)).sign(key, hashes.SHA256())
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return pem.decode(), signed.public_bytes(serialization.Encoding.PEM).decode()


def test_a_user_logs_in_by_soap_and_works_for_longer_than_a_session_lives(
    start: Callable[..., Any], session: Callable[[Any], requests.Session]
) -> None:
    org = start(session_seconds=2.0)
    plain = Salesforce(**USER, domain=DOMAIN, session=session(org), version="60.0")
    made = plain.Case.create({"Subject": "Нет связи"})
    time.sleep(2.1)
    assert plain.Case.get(made["id"])["Subject"] == "Нет связи"  # it logged in again by itself
    assert plain.query_all("SELECT Id FROM Case")["totalSize"] == 1


def test_an_app_logs_in_by_its_secret_and_a_user_by_an_assertion(
    start: Callable[..., Any], session: Callable[[Any], requests.Session]
) -> None:
    key, certificate = key_pair()
    org = start(certificate=certificate)
    given = {"domain": DOMAIN, "session": session(org), "version": "60.0"}
    app = Salesforce(consumer_key="casebridge", consumer_secret="bridge-secret", **given)
    assert app.query("SELECT Id FROM Case")["totalSize"] == 0
    with pytest.raises(SalesforceAuthenticationFailed, match="audience is invalid"):
        Salesforce(username=USER["username"], consumer_key="casebridge", privatekey=key, **given)
    # Its assertion is for https://DOMAIN.salesforce.com, which is login.salesforce.com by default.
    session(org).mount("https://", Login(org.url))
    user = Salesforce(username=USER["username"], consumer_key="casebridge", privatekey=key, session=given["session"])
    assert user.query("SELECT Id FROM Case")["totalSize"] == 0


class Login(Leading):
    """The same for the host where everybody logs in."""

    def send(self, request: requests.PreparedRequest, *args: Any, **more: Any) -> requests.Response:
        request.url = (request.url or "").replace("https://login.salesforce.com", self._url)
        return super().send(request, *args, **more)


@pytest.mark.parametrize("wrong", [{"password": "x"}, {"security_token": ""}])
def test_a_login_that_is_refused_is_its_own_exception(
    org: Any, session: Callable[[Any], requests.Session], wrong: dict[str, str]
) -> None:
    with pytest.raises(SalesforceAuthenticationFailed, match=r"INVALID_LOGIN|LOGIN_MUST_USE_SECURITY_TOKEN"):
        Salesforce(**{**USER, **wrong}, domain=DOMAIN, session=session(org), version="60.0")


def test_all_of_a_days_work_by_one_client_that_logged_in_by_soap(
    org: Any, session: Callable[[Any], requests.Session]
) -> None:
    plain = Salesforce(**USER, domain=DOMAIN, session=session(org), version="60.0")
    start, end = datetime.now(UTC) - timedelta(hours=1), datetime.now(UTC) + timedelta(minutes=2)
    (done,) = plain.bulk2.Case.insert(records=[{"Subject": f"№ {n}", "Hub_Case__c": f"h-{n}"} for n in range(2100)])
    assert done["numberRecordsProcessed"] == 2100
    found = plain.query_all("SELECT Id, Hub_Case__c FROM Case ORDER BY Id")["records"]
    assert len(found) == 2100
    first = found[0]["Id"]
    plain.Case.delete(first)
    assert [one["id"] for one in plain.Case.deleted(start, end)["deletedRecords"]] == [first]
    assert len(plain.Case.updated(start, end)["ids"]) == 2099
    fields = {one["name"]: one for one in plain.Case.describe()["fields"]}
    assert (fields["Status"]["type"], fields["Description"]["length"]) == ("picklist", 32_000)
    assert plain.is_sandbox() is False
    (me,) = plain.query(f"SELECT Id, Name FROM User WHERE Username = '{USER['username']}'")["records"]
    assert plain.Case.get(found[1]["Id"])["CreatedById"] == plain.User.get(me["Id"])["Id"]
    data = {"PathOnClient": "a.bin", "VersionData": b64encode(b"\x00\xff").decode()}
    version = plain.ContentVersion.create({**data, "FirstPublishLocationId": found[1]["Id"]})["id"]
    assert plain.ContentVersion.get_base64(version, "VersionData") == b"\x00\xff"
    assert {one["name"] for one in plain.ContentVersion.describe()["fields"]} >= {"Title", "VersionData", "Checksum"}


def test_a_session_that_is_given_is_not_renewed(org: Any, session: Callable[[Any], requests.Session]) -> None:
    plain = Salesforce(session_id="no", instance_url=org.url, session=session(org))
    with pytest.raises(SalesforceExpiredSession):
        plain.query("SELECT Id FROM Case")
