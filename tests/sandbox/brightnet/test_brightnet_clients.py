"""simple-salesforce as anybody uses it, against Brightnet's org: a session, an address, and nothing of ours."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests
from simple_salesforce import Salesforce, format_soql
from simple_salesforce.exceptions import (
    SalesforceExpiredSession,
    SalesforceMalformedRequest,
    SalesforceOperationError,
    SalesforceResourceNotFound,
)


@pytest.fixture
def session(org: Any) -> Iterator[requests.Session]:
    with requests.Session() as plain:
        plain.verify, plain.trust_env = str(org.tls.authority), False
        yield plain


@pytest.fixture
def plain(org: Any, session: requests.Session) -> Salesforce:
    return Salesforce(session_id=org.token, instance_url=org.url, session=session, version="60.0")


def test_a_case_lives_and_dies_by_the_object_calls(plain: Salesforce) -> None:
    made = plain.Case.create({"Subject": "Нет связи", "Hub_Case__c": "h-1"})
    assert made["success"]
    assert plain.Case.update(made["id"], {"Priority": "Высокий"}) == 204
    assert plain.Case.get(made["id"])["Priority"] == "Высокий"
    assert plain.Case.get_by_custom_id("Hub_Case__c", "h-1")["Id"] == made["id"]
    assert plain.Case.upsert("Hub_Case__c/h-1", {"Subject": "Иначе"}) == 200
    assert plain.Case.upsert("Hub_Case__c/h-2", {"Subject": "Новое"}) == 201
    note = plain.CaseComment.create({"ParentId": made["id"], "CommentBody": "да", "IsPublished": True})
    assert plain.CaseComment.get(note["id"])["CommentBody"] == "да"
    assert plain.Case.delete(made["id"]) == 204
    with pytest.raises(SalesforceResourceNotFound):
        plain.Case.get(made["id"])


def test_queries_go_over_their_pages(org: Any, plain: Salesforce) -> None:
    with org.store.together():
        for n in range(2300):
            org.store.create({"Subject": f"Обращение {n}"}, by="agent")
    told = plain.query_all("SELECT Id, Subject FROM Case ORDER BY Id")
    assert (told["totalSize"], len(told["records"]), told["done"]) == (2300, 2300, True)
    soql = format_soql("SELECT Id FROM Case WHERE Subject = {}", "Обращение 7")
    assert plain.query(soql)["totalSize"] == 1
    assert len(list(plain.query_all_iter("SELECT Id FROM Case LIMIT 2100"))) == 2100


def test_what_the_org_says_of_itself(plain: Salesforce) -> None:
    described = plain.describe()
    assert described is not None
    assert {one["name"] for one in described["sobjects"]} >= {"Case", "CaseComment"}
    fields = {one["name"]: one for one in plain.Case.describe()["fields"]}
    assert fields["Hub_Case__c"]["unique"]
    assert plain.Case.metadata()["objectDescribe"]["name"] == "Case"
    assert plain.limits()["DailyApiRequests"]["Max"] == 100_000
    assert plain.api_usage["api-usage"].total == 100_000


def test_updated_and_deleted_are_asked_for_by_times(plain: Salesforce) -> None:
    kept, gone = (plain.Case.create({"Subject": one})["id"] for one in ("Раз", "Два"))
    plain.Case.delete(gone)
    start, end = datetime.now(UTC) - timedelta(days=1), datetime.now(UTC) + timedelta(minutes=1)
    assert plain.Case.updated(start, end)["ids"] == [kept]
    assert [one["id"] for one in plain.Case.deleted(start, end)["deletedRecords"]] == [gone]


def test_refusals_are_its_own_exceptions(org: Any, plain: Salesforce, session: requests.Session) -> None:
    with pytest.raises(SalesforceMalformedRequest, match="INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"):
        plain.Case.create({"Subject": "a", "Status": "нет такого"})
    with pytest.raises(SalesforceMalformedRequest, match="MALFORMED_QUERY"):
        plain.query("SELECT FROM")
    stranger = Salesforce(session_id="no", instance_url=org.url, session=session)
    with pytest.raises(SalesforceExpiredSession):
        stranger.query("SELECT Id FROM Case")


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_its_bulk2_handler_inserts_upserts_updates_and_deletes(plain: Salesforce) -> None:
    cases = plain.bulk2.Case
    records = [{"Subject": f"Раз, {n}", "Hub_Case__c": f"h-{n}"} for n in range(300)]
    (done,) = cases.insert(records=[*records, {"Subject": "", "Hub_Case__c": "h-x"}], wait=0)
    assert (done["numberRecordsProcessed"], done["numberRecordsFailed"], done["numberRecordsTotal"]) == (301, 1, 301)
    (failed,) = rows(cases.get_failed_records(done["job_id"]))
    assert failed["sf__Error"].startswith("REQUIRED_FIELD_MISSING:")
    made = {one["Hub_Case__c"]: one["sf__Id"] for one in rows(cases.get_successful_records(done["job_id"]))}
    assert len(made) == 300
    again = [{"Hub_Case__c": "h-1", "Subject": "Иначе"}, {"Hub_Case__c": "h-new", "Subject": "Новое"}]
    (done,) = cases.upsert(records=again, external_id_field="Hub_Case__c", wait=0)
    told = rows(cases.get_successful_records(done["job_id"]))
    assert {one["Hub_Case__c"]: one["sf__Created"] for one in told} == {"h-1": "false", "h-new": "true"}
    cases.update(records=[{"Id": made["h-2"], "Priority": "Низкий"}], wait=0)
    assert plain.Case.get(made["h-2"])["Priority"] == "Низкий"
    cases.delete(records=[{"Id": made["h-3"]}], wait=0)
    cases.hard_delete(records=[{"Id": made["h-4"]}], wait=0)
    gone = plain.query("SELECT Hub_Case__c FROM Case WHERE IsDeleted = true", include_deleted=True)["records"]
    assert [one["Hub_Case__c"] for one in gone] == ["h-3"]
    whole = cases.get_all_ingest_records(done["job_id"])
    assert [len(one) for one in whole.values()] == [2, 0, 0]


def test_its_bulk2_handler_reads_in_pieces(plain: Salesforce, tmp_path: Any) -> None:
    plain.bulk2.Case.insert(records=[{"Subject": f"Обращение {n}"} for n in range(5)], wait=0)
    pieces = list(plain.bulk2.Case.query("SELECT Id, Subject FROM Case ORDER BY Id", max_records=2, wait=0))
    found = [one["Subject"] for piece in pieces for one in rows(str(piece))]
    assert found == [f"Обращение {n}" for n in range(5)]
    (kept,) = plain.bulk2.Case.download("SELECT Subject FROM Case", path=str(tmp_path), wait=0)
    assert kept["number_of_records"] == 5


def test_a_bulk2_job_that_fails_is_told(plain: Salesforce) -> None:
    with pytest.raises(SalesforceOperationError, match="InvalidBatch : Field name not found : Colour__c"):
        plain.bulk2.Case.insert(records=[{"Subject": "a", "Colour__c": "red"}], wait=0)


def test_composite_calls_by_its_free_form(plain: Salesforce) -> None:
    rows = [{"attributes": {"type": "Case"}, "Subject": f"Обращение {n}"} for n in range(3)]
    told = plain.restful("composite/sobjects", method="POST", json={"allOrNone": False, "records": rows})
    assert told is not None
    assert [one["success"] for one in told] == [True] * 3
    asked = {"ids": [one["id"] for one in told], "fields": ["Subject"]}
    read = plain.restful("composite/sobjects/Case", method="POST", json=asked)
    assert read is not None
    assert [one["Subject"] for one in read] == [f"Обращение {n}" for n in range(3)]


def test_a_slow_job_is_waited_for(start: Callable[..., Any], session: requests.Session) -> None:
    org = start(bulk_pace=0.1)
    session.verify = str(org.tls.authority)
    plain = Salesforce(session_id=org.token, instance_url=org.url, session=session)
    (done,) = plain.bulk2.Case.insert(records=[{"Subject": str(n)} for n in range(500)], wait=0)
    assert done["numberRecordsProcessed"] == 500
