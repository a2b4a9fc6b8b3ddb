"""Brightnet as others meet it: simple-salesforce, people at the desk, and a process that is killed and restarted."""

from __future__ import annotations

import contextlib
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st
from simple_salesforce import Salesforce
from simple_salesforce.exceptions import (
    SalesforceExpiredSession,
    SalesforceMalformedRequest,
    SalesforceRefusedRequest,
    SalesforceResourceNotFound,
)

from sandbox.companies import brightnet_ids as ids
from sandbox.companies.brightnet_tls import certificate


@pytest.fixture
def client(org: Any) -> Salesforce:
    return Salesforce(instance_url=org.url, session_id=org.token, session=org.http, version="60.0")


def test_simple_salesforce_works_on_cases(client: Salesforce) -> None:
    made = client.Case.create({"Subject": "Нет связи", "Hub_Case__c": "c-1"})
    assert made["success"] is True
    assert client.Case.update(made["id"], {"Status": "В работе"}) == 204
    assert client.Case.get(made["id"])["Status"] == "В работе"
    assert client.Case.upsert("Hub_Case__c/c-1", {"Priority": "Высокий"}) == 200
    assert client.Case.upsert("Hub_Case__c/c-2", {"Subject": "Второе"}) == 201
    assert client.Case.get_by_custom_id("Hub_Case__c", "c-1")["Priority"] == "Высокий"
    assert client.query("SELECT Id FROM Case WHERE Hub_Case__c = 'c-1'")["records"][0]["Id"] == made["id"]
    assert client.Case.delete(made["id"]) == 204
    assert client.query("SELECT Id FROM Case", include_deleted=True)["totalSize"] == 2
    assert client.api_usage["api-usage"].total == 100_000


def test_simple_salesforce_reads_all_pages(client: Salesforce, org: Any) -> None:
    rows = [{"attributes": {"type": "Case"}, "Subject": f"№ {n}"} for n in range(200)]
    for _ in range(2):
        client.restful("composite/sobjects", method="POST", json={"records": rows})
    client.Case.create({"Subject": "Последнее"})
    found = client.query_all("SELECT Subject FROM Case", headers={"Sforce-Query-Options": "batchSize=200"})
    assert found["totalSize"] == len(found["records"]) == 401


def test_simple_salesforce_describes(client: Salesforce) -> None:
    fields = {one["name"]: one for one in client.Case.describe()["fields"]}
    status, hub, made = fields["Status"], fields["Hub_Case__c"], fields["CreatedDate"]
    assert [one["value"] for one in status["picklistValues"]][:2] == ["Новое", "В работе"]
    assert (status["label"], status["type"], status["nillable"]) == ("Статус", "picklist", False)
    assert (hub["externalId"], hub["unique"], hub["length"], hub["custom"]) == (True, True, 64, True)
    assert (made["type"], made["createable"], made["updateable"]) == ("datetime", False, False)
    objects = [one["name"] for one in client.describe()["sobjects"]]
    files = ["ContentVersion", "ContentDocument", "ContentDocumentLink"]
    assert objects == ["Case", "CaseComment", "EmailMessage", "CaseHistory", *files, "User", "Organization"]
    comment = {one["name"]: one for one in client.CaseComment.describe()["fields"]}
    assert (comment["CommentBody"]["type"], comment["CommentBody"]["filterable"]) == ("textarea", False)


def test_simple_salesforce_raises_its_own_errors(client: Salesforce, start: Any) -> None:
    with pytest.raises(SalesforceMalformedRequest) as malformed:
        client.Case.create({"Subject": "x", "Type": "Fault"})
    assert malformed.value.content[0]["errorCode"] == "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"
    with pytest.raises(SalesforceResourceNotFound) as absent:
        client.Case.get("500WU00000000ZZ")
    assert absent.value.content[0]["errorCode"] == "NOT_FOUND"
    with pytest.raises(SalesforceMalformedRequest, match="unexpected token: 'FRO'"):
        client.query("SELECT Id FRO Case")
    full = start(daily_limit=0)
    with pytest.raises(SalesforceRefusedRequest, match="REQUEST_LIMIT_EXCEEDED"):
        Salesforce(instance_url=full.url, session_id=full.token, session=full.http).query("SELECT Id FROM Case")
    org = start(session_seconds=0.0)
    with pytest.raises(SalesforceExpiredSession) as expired:
        Salesforce(instance_url=org.url, session_id=org.token, session=org.http).query("SELECT Id FROM Case")
    assert expired.value.content[0]["errorCode"] == "INVALID_SESSION_ID"


def test_the_desk_and_the_api_see_one_case(org: Any) -> None:
    acts = [
        {
            "op": "create",
            "fields": {"Subject": "Нет связи", "Status_Changed_At__c": "21.11.2026 15:00:00", "Test__c": "да"},
        },
        {"op": "edit", "number": "00001001", "fields": {"Holder__c": "Телвоз"}},
        {"op": "note", "number": "00001001", "text": "Проверили линию", "audience": "partners", "author": "Айгуль"},
        {"op": "edit", "number": "00001001", "fields": {"Hub_Case__c": "x"}},
    ]  # fmt: skip
    desk = {"auth": ("agent", "agent"), "headers": {"Authorization": None}}
    told = org.http.post(f"{org.url}/desk/api/actions", json={"actions": acts}, **desk).json()["results"]
    assert [one.get("number") for one in told] == ["00001001"] * 3 + [None]
    assert told[3]["code"] == "read_only"
    (row,) = org.query("SELECT Subject, Status_Changed_At__c, Holder__c, Test__c, CreatedBy.Name FROM Case")
    assert (row["Status_Changed_At__c"], row["Holder__c"], row["Test__c"]) == (
        "2026-11-21T10:00:00.000+0000", "Телвоз", True,
    )  # fmt: skip
    assert row["CreatedBy"]["Name"] == "agent"
    (body,) = org.http.get(f"{org.url}/desk/api/cases", params={"numbers": "00001001"}, **desk).json()["cases"]
    assert body["CaseNumber"] == "00001001"
    assert body["Id"].startswith("500")
    (comment,) = body["CaseComments"]
    assert (comment["CommentBody"], comment["IsPublished"]) == ("#partners Проверили линию", False)
    assert comment["CreatedBy"] == {"Name": "Айгуль"}


def test_the_desk_speaks_russian(org: Any) -> None:
    org.http.headers.pop("Authorization")
    page = org.http.get(org.url)
    assert page.status_code == 200
    assert '<html lang="ru"' in page.text
    assert "Брайтнет" in page.text
    assert "Войти" in page.text


@contextlib.contextmanager
def process(state: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Brightnet in a process of its own; killed at the end, as power loss would."""
    command = [sys.executable, "-m", "sandbox.companies.brightnet", "--port", "0", "--state", str(state)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[3]) as running:
        try:
            assert running.stdout is not None
            ready = re.match(r"READY (https://127\.0\.0\.1:\d+)\n", running.stdout.readline())
            assert ready, "no READY line"
            yield running, ready.group(1)
        finally:
            running.kill()
            running.wait()


def test_what_was_acknowledged_survives_a_kill(tmp_path: Path) -> None:
    with requests.Session() as http:
        http.trust_env, http.verify = False, str(tmp_path / "tls" / "ca.pem")
        login = {"grant_type": "client_credentials", "client_id": "casebridge", "client_secret": "bridge-secret"}
        with process(tmp_path) as (_, url):
            token = http.post(f"{url}/services/oauth2/token", data=login).json()["access_token"]
            http.headers["Authorization"] = f"Bearer {token}"
            made = http.post(f"{url}/services/data/v60.0/sobjects/Case", json={"Subject": "Нет связи"}).json()
        authority = (tmp_path / "tls" / "ca.pem").read_bytes()
        with process(tmp_path) as (_, url):
            row = http.get(f"{url}/services/data/v60.0/sobjects/Case/{made['id']}").json()
        assert row["Subject"] == "Нет связи", "the session, the certificate and the case hold over a restart"
        assert (tmp_path / "tls" / "ca.pem").read_bytes() == authority


def test_the_certificate_is_made_once_and_its_key_is_the_servers_alone(tmp_path: Path) -> None:
    first = certificate(tmp_path)
    kept = first.server.read_bytes()
    assert b"PRIVATE KEY" in kept
    assert b"PRIVATE KEY" not in first.authority.read_bytes()
    assert first.server.stat().st_mode & 0o077 == 0
    assert certificate(tmp_path).server.read_bytes() == kept


@pytest.mark.parametrize(
    "known", ["001D000000IqhSLIAZ", "001xx000003DGb2AAG", "001RM000003oLrHYAU", "0012o00003OBzVSAA1"]
)
def test_ids_bear_salesforces_checksum(known: str) -> None:
    assert ids.whole(known[:15]) == known
    assert ids.whole(known) == known


@given(number=st.integers(0, 62**5 - 1), within=st.integers(0, 62**5 - 1))
def test_an_id_leads_back_to_its_numbers(number: int, within: int) -> None:
    made = ids.make(ids.COMMENT, number, within)
    assert len(made) == 18
    assert ids.numbers(made, ids.COMMENT) == ids.numbers(made[:15], ids.COMMENT) == (number, within)
    assert ids.numbers(made, ids.CASE) is None
    assert ids.whole(made[:15] + "###") is None


@given(one=st.integers(0, 62**5 - 1), other=st.integers(0, 62**5 - 1))
def test_ids_sort_as_their_records_were_made(one: int, other: int) -> None:
    assert (one < other) == (ids.make(ids.CASE, one) < ids.make(ids.CASE, other))
