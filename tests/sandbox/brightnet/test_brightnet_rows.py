"""Cases and comments one at a time over Salesforce's REST: written, read, refused, deleted, and what history tells."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest


def test_a_case_is_created_and_read_back(org: Any) -> None:
    told = org.call("POST", "sobjects/Case", {"Subject": "Нет связи", "Priority": "Высокий", "minutes_spent__c": "15"})
    assert org.answer.status_code == 201
    assert told == {"id": told["id"], "success": True, "errors": []}
    row = org.read(told["id"])
    assert row["attributes"] == {"type": "Case", "url": f"/services/data/v60.0/sobjects/Case/{told['id']}"}
    assert (row["Status"], row["Holder__c"], row["CaseNumber"], row["Test__c"]) == (
        "Новое", "Брайтнет", "00001001", False,
    )  # fmt: skip
    assert row["Minutes_Spent__c"] == 15.0
    assert row["Severity__c"] is None
    for stamp in ("CreatedDate", "LastModifiedDate", "SystemModstamp", "Status_Changed_At__c"):
        assert row[stamp].endswith(".000+0000")


def test_a_case_is_known_by_15_and_by_18_characters(org: Any) -> None:
    record_id = org.case()
    assert len(record_id) == 18
    short = org.read(record_id[:15], "Subject")
    assert (short["Id"], short["Subject"]) == (record_id, "Нет связи")
    assert list(short) == ["attributes", "Subject", "Id"]


def test_a_time_is_kept_to_the_second_in_utc(org: Any) -> None:
    record_id = org.case(Status_Changed_At__c="2026-11-21T15:00:00.750+05:00")
    assert org.read(record_id)["Status_Changed_At__c"] == "2026-11-21T10:00:00.000+0000"


def test_an_edit_moves_the_stamp_and_tells_history(org: Any) -> None:
    record_id = org.case()
    org.call("PATCH", f"sobjects/Case/{record_id}", {"Status": "Закрыто", "Description": "Готово", "Cost__c": 12.5})
    assert org.answer.status_code == 204
    assert not org.answer.content
    row = org.read(record_id)
    assert (row["Status"], row["IsClosed"], row["Cost__c"]) == ("Закрыто", True, 12.5)
    assert row["ClosedDate"] == row["LastModifiedDate"]
    lines = org.query(
        "SELECT Field, OldValue, NewValue, CreatedBy.Name, CaseId, CreatedDate FROM CaseHistory "
        f"WHERE CaseId = '{record_id}' ORDER BY CreatedDate, Id"
    )
    told = {line["Field"]: (line["OldValue"], line["NewValue"]) for line in lines}
    assert told["created"] == (None, None)
    assert told["Status"] == ("Новое", "Закрыто")
    assert told["Description"] == (None, None), "a long text is told without its values"
    assert {line["CreatedBy"]["Name"] for line in lines} == {"casebridge"}
    assert {line["CaseId"] for line in lines} == {record_id}


def test_a_write_on_the_condition_of_no_change_since(org: Any) -> None:
    record_id = org.case()
    path = f"sobjects/Case/{record_id}"
    late = {"If-Unmodified-Since": "Sat, 01 Jan 2050 00:00:00 GMT"}
    early = {"If-Unmodified-Since": "Sat, 01 Jan 2000 00:00:00 GMT"}
    org.call("PATCH", path, {"Subject": "Первое"}, headers=late)
    assert org.answer.status_code == 204
    status, code, _ = org.refused("PATCH", path, {"Subject": "Второе"}, headers=early)
    assert (status, code, org.read(record_id)["Subject"]) == (412, "PRECONDITION_FAILED", "Первое")


@pytest.mark.parametrize(
    ("fields", "code", "message", "names"),
    [
        ({}, "REQUIRED_FIELD_MISSING", "Required fields are missing: [Subject]", ["Subject"]),
        (
            {"Priority": "Urgent"}, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
            "Приоритет: bad value for restricted picklist field: Urgent", ["Priority"],
        ),
        (
            {"SuppliedPhone": "7" * 41}, "STRING_TOO_LONG",
            f"Телефон: data value too large: {'7' * 41} (max length=40)", ["SuppliedPhone"],
        ),
        ({"Foo__c": "x"}, "INVALID_FIELD", "No such column 'Foo__c' on sobject of type Case", None),
        (
            {"CreatedDate": "2026-01-01T00:00:00Z", "IsClosed": True}, "INVALID_FIELD_FOR_INSERT_UPDATE",
            "Unable to create/update fields: CreatedDate, IsClosed. Please check the security settings of this field "
            "and verify that it is read/write for your profile or permission set.", ["CreatedDate", "IsClosed"],
        ),
        ({"Id": "500WU00000000G9"}, "INVALID_FIELD_FOR_INSERT_UPDATE", "cannot specify Id in an insert call", ["Id"]),
        (
            {"Minutes_Spent__c": "many"}, "JSON_PARSER_ERROR",
            "Cannot deserialize instance of double from VALUE_STRING value many or request may be missing a required "
            "field", None,
        ),
        (
            {"Status_Changed_At__c": "2026-11-21T10:00:00"}, "JSON_PARSER_ERROR",
            "Cannot deserialize instance of datetime from VALUE_STRING value 2026-11-21T10:00:00 or request may be "
            "missing a required field", None,
        ),
    ],
)  # fmt: skip
def test_a_case_that_does_not_fit_is_refused(
    org: Any, fields: dict[str, Any], code: str, message: str, names: list[str] | None
) -> None:
    body = fields if not fields else {"Subject": "Нет связи", **fields}
    assert org.refused("POST", "sobjects/Case", body) == (400, code, message)
    assert org.answer.json()[0].get("fields") == names
    assert org.query("SELECT Id FROM Case") == []


def test_a_second_case_with_the_hubs_id_names_the_first(org: Any) -> None:
    first = org.case(Hub_Case__c="c-1")
    status, code, message = org.refused("POST", "sobjects/Case", {"Subject": "Ещё", "Hub_Case__c": "c-1"})
    assert (status, code) == (400, "DUPLICATE_VALUE")
    assert message == f"duplicate value found: Hub_Case__c duplicates value on record with id: {first}"


def test_an_upsert_by_the_hubs_id_creates_and_then_edits(org: Any) -> None:
    path = "sobjects/Case/Hub_Case__c/c%2F7"
    told = org.call("PATCH", path, {"Subject": "Нет связи"})
    assert org.answer.status_code == 201
    assert told["created"] is True
    again = org.call("PATCH", path, {"Status": "В работе"})
    assert org.answer.status_code == 200
    assert (again["id"], again["created"]) == (told["id"], False)
    row = org.call("GET", path)
    assert (row["Id"], row["Subject"], row["Status"], row["Hub_Case__c"]) == (
        told["id"],
        "Нет связи",
        "В работе",
        "c/7",
    )
    assert org.refused("PATCH", path, {"Hub_Case__c": "x"})[1:] == (
        "INVALID_FIELD", "The Hub_Case__c field should not be specified in the sobject data.",
    )  # fmt: skip
    assert org.refused("GET", "sobjects/Case/Hub_Case__c/none")[:2] == (404, "NOT_FOUND")
    assert org.refused("GET", "sobjects/Case/Subject/x") == (
        404, "NOT_FOUND", "Provided external ID field does not exist or is not accessible",
    )  # fmt: skip


def test_a_deleted_case_is_in_the_bin_only(org: Any) -> None:
    kept, gone = org.case(), org.case("Ошибка", Hub_Case__c="c-2")
    org.call("DELETE", f"sobjects/Case/{gone}")
    assert org.answer.status_code == 204
    for method, body in (("GET", None), ("PATCH", {"Subject": "x"}), ("DELETE", None)):
        refused = org.refused(method, f"sobjects/Case/{gone}", body)
        assert refused == (404, "ENTITY_IS_DELETED", "entity is deleted")
    assert [row["Id"] for row in org.query("SELECT Id FROM Case")] == [kept]
    binned = org.query("SELECT Id FROM Case WHERE IsDeleted = true", deleted=True)
    assert [row["Id"] for row in binned] == [gone]
    assert org.case("Снова", Hub_Case__c="c-2") not in (kept, gone), "the bin holds no hub id"


@pytest.mark.parametrize(
    ("method", "record_id", "expected"),
    [
        ("GET", "abc", (400, "MALFORMED_ID", "malformed id abc")),
        ("GET", "500WU00000000ZZ", (404, "NOT_FOUND", "The requested resource does not exist")),
        ("PATCH", "abc", (400, "MALFORMED_ID", "Case ID: id value of incorrect type: abc")),
        ("PATCH", "00aWU0000000001", (400, "MALFORMED_ID", "Case ID: id value of incorrect type: 00aWU0000000001")),
        (
            "DELETE", "500WU00000000ZZ",
            (404, "INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id: 500WU00000000ZZ"),
        ),
    ],
)  # fmt: skip
def test_an_id_that_is_none_is_refused(org: Any, method: str, record_id: str, expected: tuple[int, str, str]) -> None:
    assert (
        org.refused(method, f"sobjects/Case/{record_id}", {"Subject": "x"} if method == "PATCH" else None) == expected
    )


def test_a_body_that_is_no_json_is_refused(org: Any) -> None:
    for raw, words in ((b"{", "not JSON"), (b'{"Subject": NaN}', "NaN"), (b"", "required")):
        org.answer = org.http.post(
            f"{org.url}/services/data/v60.0/sobjects/Case", data=raw, headers={"Content-Type": "application/json"}
        )
        (told,) = org.answer.json()
        assert (org.answer.status_code, told["errorCode"]) == (400, "JSON_PARSER_ERROR")
        assert words in told["message"]


def test_comments_show_who_may_read_them(org: Any) -> None:
    record_id = org.case()
    said = (("Только нам", False), ("#partners Компаниям", False), ("Клиенту", True))
    for text, published in said:
        body = {"ParentId": record_id[:15], "CommentBody": text, "IsPublished": published}
        assert org.call("POST", "sobjects/CaseComment", body)["id"].startswith("00a")
    (row,) = org.query(
        "SELECT Id, (SELECT Id, CommentBody, IsPublished, CreatedDate, CreatedBy.Name FROM CaseComments "
        f"ORDER BY CreatedDate, Id) FROM Case WHERE Id = '{record_id}'"
    )
    comments = row["CaseComments"]
    assert (comments["totalSize"], comments["done"]) == (3, True)
    assert [(one["CommentBody"], one["IsPublished"]) for one in comments["records"]] == list(said)
    assert [note.audience for note in org.store.by_number("00001001").notes] == ["private", "partners", "customer"]
    one = org.call("GET", f"sobjects/CaseComment/{comments['records'][1]['Id']}")
    assert (one["CommentBody"], one["ParentId"]) == ("#partners Компаниям", record_id)
    assert len(org.query(f"SELECT Id FROM CaseComment WHERE ParentId = '{record_id}' AND IsPublished = false")) == 2
    assert len(org.query("SELECT Id FROM CaseComment WHERE Parent.CaseNumber = '00001001'")) == 3


def test_a_private_note_never_begins_as_one_for_partners(org: Any) -> None:
    """An agent wrote the mark into a note that is private: the protocol must not turn it into one that leaves."""
    org.case()
    org.store.note(1001, "#partners тайна", "private", author="agent")
    (row,) = org.query("SELECT CommentBody, IsPublished, CreatedBy.Name FROM CaseComment")
    assert (row["CommentBody"], row["IsPublished"], row["CreatedBy"]["Name"]) == (" #partners тайна", False, "agent")


def test_a_comment_moves_its_cases_stamp(org: Any) -> None:
    record_id = org.case()
    before = org.store.get(1001)
    org.call("POST", "sobjects/CaseComment", {"ParentId": record_id, "CommentBody": "x"})
    assert org.store.get(1001).changed > before.changed
    assert org.store.get(1001).version == before.version + 1


@pytest.mark.parametrize(
    ("body", "code", "message"),
    [
        ({"CommentBody": "x"}, "REQUIRED_FIELD_MISSING", "Required fields are missing: [ParentId]"),
        ({"ParentId": "500"}, "REQUIRED_FIELD_MISSING", "Required fields are missing: [CommentBody]"),
        ({"ParentId": "500", "CommentBody": "x"}, "MALFORMED_ID", "Parent ID: id value of incorrect type: 500"),
        (
            {"ParentId": "500WU00000000G9", "CommentBody": "я" * 2001}, "STRING_TOO_LONG",
            f"Body: data value too large: {'я' * 255} (max length=4000)",
        ),
    ],
)  # fmt: skip
def test_a_comment_that_does_not_fit_is_refused(org: Any, body: dict[str, Any], code: str, message: str) -> None:
    org.case()
    assert org.refused("POST", "sobjects/CaseComment", body) == (400, code, message)


def test_changes_of_a_span_are_listed_and_what_was_purged_too(org: Any) -> None:
    kept, gone, purged = org.case(), org.case(), org.case()
    number = org.read(purged, "CaseNumber")["CaseNumber"]
    for one in (gone, purged):
        org.call("DELETE", f"sobjects/Case/{one}")
    org.store.purge(number)
    now = datetime.now(UTC)
    span = {"start": (now - timedelta(days=14)).isoformat(), "end": (now + timedelta(days=9)).isoformat()}
    updated = org.call("GET", "sobjects/Case/updated/", params=span)
    assert updated["ids"] == [kept]
    assert updated["latestDateCovered"] == f"{now:%Y-%m-%dT%H:%M}:00.000+0000"
    deleted = org.call("GET", "sobjects/Case/deleted/", params=span)
    assert [one["id"] for one in deleted["deletedRecords"]] == [gone, purged]
    assert {one["Id"] for one in org.query("SELECT Id FROM Case", deleted=True)} == {kept, gone}


@pytest.mark.parametrize(("which", "days"), [("deleted", 16), ("updated", 31)])
def test_a_span_before_what_is_kept_is_refused(org: Any, which: str, days: int) -> None:
    now = datetime.now(UTC)
    span = {"start": (now - timedelta(days=days)).isoformat(), "end": now.isoformat()}
    assert org.refused("GET", f"sobjects/Case/{which}/", params=span)[:2] == (400, "INVALID_REPLICATION_DATE")
