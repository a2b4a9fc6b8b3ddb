"""Brightnet's files over its API, as Salesforce has them: ContentVersion, ContentDocument, ContentDocumentLink."""

from __future__ import annotations

import json
from base64 import b64encode
from hashlib import md5
from typing import Any

import requests

RAW = bytes(range(256)) * 5000
ROW = {"Title": "Снимок", "PathOnClient": "снимок.png", "Audience__c": "partners"}


def upload(org: Any, row: dict[str, Any], raw: bytes, name: str = "снимок.png") -> requests.Response:
    """As the public documents have it: the row first, then the bytes."""
    parts = {
        "entity_content": (None, json.dumps(row), "application/json"),
        "VersionData": (name, raw, "application/octet-stream"),
    }
    answer: requests.Response = org.http.post(f"{org.url}/services/data/v60.0/sobjects/ContentVersion", files=parts)
    return answer


def files_of(org: Any, case: str) -> list[dict[str, Any]]:
    inner = "SELECT Id, Visibility, ContentDocument.LatestPublishedVersion.PathOnClient FROM ContentDocumentLinks"
    (row,) = org.query(f"SELECT Id, ({inner}) FROM Case WHERE Id = '{case}'")
    return row["ContentDocumentLinks"]["records"] if row["ContentDocumentLinks"] else []


def test_a_file_comes_as_a_form_and_reads_back_with_its_checksum(org: Any) -> None:
    case = org.case()
    made = upload(org, {**ROW, "FirstPublishLocationId": case}, RAW)
    assert (made.status_code, made.json()["success"]) == (201, True)
    version = made.json()["id"]
    assert (version[:3], len(version)) == ("068", 18)
    told = org.call("GET", f"sobjects/ContentVersion/{version}")
    assert (told["ContentSize"], told["Title"], told["FileExtension"]) == (len(RAW), "Снимок", "png")
    assert told["PathOnClient"] == "Снимок.png"
    assert told["Checksum"] == md5(RAW).hexdigest()
    answer = org.http.get(f"{org.url}{told['VersionData']}")
    assert (answer.content, answer.headers["Content-Type"]) == (RAW, "application/octetstream")
    assert "Sforce-Limit-Info" in answer.headers
    (link,) = files_of(org, case)
    assert link["Visibility"] == "InternalUsers"
    assert link["ContentDocument"]["LatestPublishedVersion"]["PathOnClient"] == "Снимок.png"


def test_a_file_comes_as_base64_too(org: Any) -> None:
    case = org.case()
    row = {"PathOnClient": "a.txt", "VersionData": b64encode(b"da").decode(), "FirstPublishLocationId": case}
    version = org.call("POST", "sobjects/ContentVersion", row)["id"]
    data = f"{org.url}/services/data/v60.0/sobjects/ContentVersion/{version}/VersionData"
    assert org.http.get(data).content == b"da"
    (found,) = org.query(f"SELECT Id, ContentDocumentId FROM ContentVersion WHERE FirstPublishLocationId = '{case}'")
    document = org.call("GET", f"sobjects/ContentDocument/{found['ContentDocumentId']}")
    assert document["LatestPublishedVersionId"] == version


def test_the_customer_sees_it_once_its_link_says_so(org: Any) -> None:
    case = org.case()
    upload(org, {**ROW, "FirstPublishLocationId": case}, b"x")
    (link,) = files_of(org, case)
    path = f"sobjects/ContentDocumentLink/{link['Id']}"
    org.call("PATCH", path, {"Visibility": "AllUsers"})
    assert org.answer.status_code == 204
    assert org.query("SELECT Audience__c FROM ContentVersion")[0]["Audience__c"] == "customer"
    org.call("PATCH", path, {"Visibility": "InternalUsers"})
    assert org.query("SELECT Audience__c FROM ContentVersion")[0]["Audience__c"] == "private"
    assert org.refused("PATCH", path, {"Visibility": "Nobody"})[1] == "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"


def test_new_files_are_found_by_their_stamp_and_links_only_by_where_they_lead(org: Any) -> None:
    case = org.case()
    assert org.query("SELECT Id FROM ContentVersion WHERE SystemModstamp >= 2020-01-01T00:00:00Z") == []
    upload(org, {**ROW, "FirstPublishLocationId": case}, b"x")
    soql = "SELECT FirstPublishLocationId, ContentDocumentId FROM ContentVersion WHERE SystemModstamp >= {}"
    (found,) = org.query(soql.format("2020-01-01T00:00:00Z"))
    assert found["FirstPublishLocationId"] == case
    assert org.query(soql.format("2999-01-01T00:00:00Z")) == []
    soql = f"SELECT LinkedEntityId FROM ContentDocumentLink WHERE ContentDocumentId IN ('{found['ContentDocumentId']}')"
    assert org.query(soql)[0]["LinkedEntityId"] == case
    code = org.refused("GET", "query", params={"q": "SELECT Id FROM ContentDocumentLink"})
    assert code[:2] == (400, "MALFORMED_QUERY")
    assert code[2].startswith("Implementation restriction: ContentDocumentLink requires a filter")


def test_what_is_no_file_is_refused(org: Any) -> None:
    case = org.case()
    assert upload(org, {"Colour__c": "red", "FirstPublishLocationId": case}, b"x").json()[0]["errorCode"] == (
        "INVALID_FIELD"
    )
    elsewhere = upload(org, {**ROW, "FirstPublishLocationId": "001000000000001"}, b"x")
    assert elsewhere.json()[0]["errorCode"] == "FIELD_INTEGRITY_EXCEPTION"
    assert upload(org, {**ROW, "FirstPublishLocationId": case, "Audience__c": "all"}, b"x").status_code == 400
    assert org.refused("POST", "sobjects/ContentVersion", {"PathOnClient": "a"})[1] == "REQUIRED_FIELD_MISSING"
    row = {"PathOnClient": "a", "VersionData": "no base64!", "FirstPublishLocationId": case}
    assert org.refused("POST", "sobjects/ContentVersion", row)[1] == "JSON_PARSER_ERROR"
    assert org.refused("GET", "sobjects/ContentVersion/068WU0000000zzz/VersionData")[0] == 404
    assert files_of(org, case) == []
