"""Bulk API 2.0 of Brightnet's org, as its resources tell it."""

from __future__ import annotations

import time
from typing import Any

import pytest

JOB = {"object": "Case", "operation": "insert", "contentType": "CSV", "lineEnding": "LF"}


def opened(org: Any, **asked: Any) -> str:
    told = org.call("POST", "jobs/ingest", {**JOB, **asked})
    assert told["state"] == "Open"
    return str(told["id"])


def upload(org: Any, job: str, table: str) -> int:
    org.answer = org.http.put(
        f"{org.url}/services/data/v60.0/jobs/ingest/{job}/batches",
        data=table.encode(),
        headers={"Content-Type": "text/csv"},
    )
    return int(org.answer.status_code)


def ended(org: Any, job: str) -> dict[str, Any]:
    until = time.monotonic() + 10
    while time.monotonic() < until:
        told: dict[str, Any] = org.call("GET", f"jobs/ingest/{job}")
        if told["state"] in ("JobComplete", "Failed", "Aborted"):
            return told
        time.sleep(0.02)
    raise AssertionError(told)


def table(org: Any, job: str, which: str) -> list[str]:
    text: str = org.http.get(f"{org.url}/services/data/v60.0/jobs/ingest/{job}/{which}").text
    return text.splitlines()


def test_a_job_goes_from_open_to_its_results(org: Any) -> None:
    job = opened(org)
    assert upload(org, job, 'Subject,Hub_Case__c,Status\n"Раз, два",h-1,\nТри,h-2,нет такого\n') == 201
    assert org.call("PATCH", f"jobs/ingest/{job}", {"state": "UploadComplete"})["state"] == "UploadComplete"
    told = ended(org, job)
    assert (told["state"], told["numberRecordsProcessed"], told["numberRecordsFailed"]) == ("JobComplete", 2, 1)
    header, row = table(org, job, "successfulResults")
    assert header == '"sf__Id","sf__Created","Subject","Hub_Case__c","Status"'
    assert row.startswith('"500')
    assert row.endswith('"true","Раз, два","h-1",""')
    _, failed = table(org, job, "failedResults")
    assert "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST:" in failed
    assert ':Status --","Три"' in failed
    assert table(org, job, "unprocessedrecords") == ['"Subject","Hub_Case__c","Status"']
    assert [one["id"] for one in org.call("GET", "jobs/ingest")["records"]] == [job]


def test_an_upsert_makes_and_changes_by_the_outside_id(org: Any) -> None:
    org.case("Есть", Hub_Case__c="h-1")
    job = opened(org, operation="upsert", externalIdFieldName="Hub_Case__c")
    upload(org, job, "Hub_Case__c,Subject,Description\nh-1,Изменено,#N/A\nh-2,Новое,текст\n")
    org.call("PATCH", f"jobs/ingest/{job}", {"state": "UploadComplete"})
    assert ended(org, job)["numberRecordsFailed"] == 0
    assert [one.split(",")[1] for one in table(org, job, "successfulResults")[1:]] == ['"false"', '"true"']
    assert [one["Subject"] for one in org.query("SELECT Subject FROM Case ORDER BY Hub_Case__c")] == [
        "Изменено",
        "Новое",
    ]


def test_an_unknown_column_fails_the_job_and_leaves_its_rows_undone(org: Any) -> None:
    job = opened(org)
    upload(org, job, "Subject,Colour__c\nРаз,red\n")
    org.call("PATCH", f"jobs/ingest/{job}", {"state": "UploadComplete"})
    told = ended(org, job)
    assert (told["state"], told["errorMessage"]) == ("Failed", "InvalidBatch : Field name not found : Colour__c")
    assert table(org, job, "unprocessedRecords") == ['"Subject","Colour__c"', '"Раз","red"']
    assert org.query("SELECT Id FROM Case") == []


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"operation": "merge"}, "INVALIDJOB"),
        ({"contentType": "JSON"}, "INVALIDJOB"),
        ({"operation": "upsert", "externalIdFieldName": "Subject"}, "INVALIDJOB"),
        ({"object": "Nothing"}, "NOT_FOUND"),
        ({"columnDelimiter": "SPACE"}, "INVALIDJOB"),
    ],
)
def test_a_job_that_cannot_be_is_refused(org: Any, asked: dict[str, str], code: str) -> None:
    assert org.refused("POST", "jobs/ingest", {**JOB, **asked})[1] == code


def test_rows_come_once_and_only_while_it_is_open(org: Any) -> None:
    job = opened(org)
    assert upload(org, job, "Subject\nРаз\n") == 201
    assert upload(org, job, "Subject\nДва\n") == 400
    assert "Found multiple contents for job" in org.answer.json()[0]["message"]
    org.call("PATCH", f"jobs/ingest/{job}", {"state": "Aborted"})
    assert org.refused("PATCH", f"jobs/ingest/{job}", {"state": "UploadComplete"})[1] == "INVALIDJOBSTATE"
    assert org.call("DELETE", f"jobs/ingest/{job}") is None
    assert org.refused("GET", f"jobs/ingest/{job}")[0] == 404


def test_a_query_job_is_read_in_pieces_to_the_null_locator(org: Any) -> None:
    for n in range(5):
        org.case(f"Обращение {n}")
    made = org.call("POST", "jobs/query", {"operation": "query", "query": "SELECT Subject FROM Case ORDER BY Id"})
    assert org.call("GET", f"jobs/query/{made['id']}")["state"] == "JobComplete"
    lines, locator = [], ""
    while locator != "null":
        asked = {"maxRecords": "2", **({"locator": locator} if locator else {})}
        answer = org.http.get(f"{org.url}/services/data/v60.0/jobs/query/{made['id']}/results", params=asked)
        lines += answer.text.splitlines()[1:]
        locator = answer.headers["Sforce-Locator"]
    assert lines == [f'"Обращение {n}"' for n in range(5)]
