"""Many rows in one call: collections, their failures row by row, all or none, and /composite."""

from __future__ import annotations

from typing import Any

import pytest

CASE = {"attributes": {"type": "Case"}}
COMMENT = {"attributes": {"type": "CaseComment"}}
PATH = "composite/sobjects"


def test_rows_are_created_in_order_and_a_bad_one_stands_alone(org: Any) -> None:
    rows = [
        {**CASE, "Subject": "Первое"},
        {**CASE, "Subject": "Второе", "Status": "Open"},
        {**CASE, "Subject": "Третье"},
    ]
    first, second, third = org.call("POST", PATH, {"records": rows})
    assert org.answer.status_code == 200
    assert (first["success"], first["errors"], third["success"]) == (True, [], True)
    assert second == {
        "success": False,
        "errors": [
            {
                "statusCode": "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
                "message": "Статус: bad value for restricted picklist field: Open",
                "fields": ["Status"],
            }
        ],
    }
    assert [row["Subject"] for row in org.query("SELECT Subject FROM Case ORDER BY Id")] == ["Первое", "Третье"]


def test_all_or_none_rolls_back_the_good_rows(org: Any) -> None:
    rows = [{**CASE, "Subject": "Первое", "Hub_Case__c": "h"}, {**CASE, "Subject": "Второе", "Hub_Case__c": "h"}]
    good, bad = org.call("POST", PATH, {"allOrNone": True, "records": rows})
    assert good["errors"] == [
        {
            "statusCode": "ALL_OR_NONE_OPERATION_ROLLED_BACK",
            "message": "Record rolled back because not all records were valid and the request was using AllOrNone "
            "header",
            "fields": [],
        }
    ]
    assert bad["errors"][0]["statusCode"] == "DUPLICATE_VALUE"
    assert org.query("SELECT Id FROM Case") == []


def test_rows_are_updated_and_a_missing_one_says_so(org: Any) -> None:
    record_id, gone = org.case(), org.case()
    org.call("DELETE", f"sobjects/Case/{gone}")
    rows = [
        {**CASE, "id": record_id[:15], "Status": "В работе"},
        {**CASE, "Id": gone, "Status": "В работе"},
        {**CASE, "Status": "В работе"},
        {"Id": record_id},
    ]
    done, lost, nameless, shapeless = org.call("PATCH", PATH, {"records": rows})
    assert done == {"id": record_id, "success": True, "errors": []}
    assert lost["errors"][0]["statusCode"] == "ENTITY_IS_DELETED"
    assert nameless["errors"][0]["message"] == "Id not specified in an update call"
    assert shapeless["errors"][0]["message"] == "The 'type' attribute is required for each record"
    assert org.read(record_id)["Status"] == "В работе"


def test_cases_and_comments_go_in_one_call(org: Any) -> None:
    record_id = org.case()
    rows = [{**COMMENT, "ParentId": record_id, "CommentBody": f"№ {n}"} for n in range(3)]
    results = org.call("POST", PATH, {"records": [*rows, {**CASE, "Subject": "Ещё"}]})
    assert [one["id"][:3] for one in results] == ["00a", "00a", "00a", "500"]


@pytest.mark.parametrize(
    ("body", "code", "message"),
    [
        (
            {"records": [{**CASE, "Subject": "x"}] * 201}, "EXCEEDED_ID_LIMIT",
            "record limit reached. cannot submit more than 200 records into this call",
        ),
        (
            {"records": [{**CASE, "Subject": "x"}, COMMENT] * 6}, "LIMIT_EXCEEDED",
            "Cannot have more than 10 chunks in a single operation. Please rearrange the data to reduce chunking.",
        ),
        ({"records": []}, "REQUIRED_FIELD_MISSING", "Required fields are missing: [records]"),
        (
            {"records": [{**CASE, "Subject": "x"}, {**CASE, "Subject": 5}]}, "JSON_PARSER_ERROR",
            "Cannot deserialize instance of string from VALUE_NUMBER_INT value 5 or request may be missing a required "
            "field",
        ),
    ],
)  # fmt: skip
def test_a_call_that_cannot_be_meant_writes_nothing(org: Any, body: Any, code: str, message: str) -> None:
    assert org.refused("POST", PATH, body) == (400, code, message)
    assert org.query("SELECT Id FROM Case") == []


def test_rows_are_read_by_their_ids(org: Any) -> None:
    one, gone, two = org.case("Первое"), org.case("Ошибка"), org.case("Второе")
    org.call("DELETE", f"{PATH}?ids={gone},500WU0000000ZZZ")
    assert [row["success"] for row in org.answer.json()] == [True, False]
    rows = org.call(
        "POST", f"{PATH}/Case", {"ids": [two, gone, "nonsense", one[:15]], "fields": ["Subject", "CreatedBy"]}
    )
    assert org.answer.status_code == 400, "CreatedBy is a relationship, no field"
    rows = org.call("POST", f"{PATH}/Case", {"ids": [two, gone, "nonsense", one[:15]], "fields": ["Subject"]})
    assert [row and row["Subject"] for row in rows] == ["Второе", None, None, "Первое"]
    again = org.call("GET", f"{PATH}/Case", params={"ids": f"{two},{one}", "fields": "Id,Subject"})
    assert [row["Id"] for row in again] == [two, one]


def test_rows_are_upserted_by_the_hubs_id(org: Any) -> None:
    record_id = org.case(Hub_Case__c="h-1")
    rows = [
        {**CASE, "Hub_Case__c": "h-1", "Status": "В работе"},
        {**CASE, "Hub_Case__c": "h-2", "Subject": "Новое дело"},
    ]
    old, new = org.call("PATCH", f"{PATH}/Case/Hub_Case__c", {"records": rows})
    assert (old["id"], old["created"], new["created"]) == (record_id, False, True)


def test_a_composite_uses_an_earlier_answer(org: Any) -> None:
    base = "/services/data/v60.0"
    asked = [
        {"method": "POST", "url": f"{base}/sobjects/Case", "referenceId": "new", "body": {"Subject": "Нет связи"}},
        {
            "method": "POST", "url": f"{base}/sobjects/CaseComment", "referenceId": "note",
            "body": {"ParentId": "@{new.id}", "CommentBody": "Первый"},
        },
        {"method": "GET", "url": f"{base}/query?q=SELECT+Id+FROM+Case", "referenceId": "all"},
    ]  # fmt: skip
    told = org.call("POST", "composite", {"allOrNone": True, "compositeRequest": asked})["compositeResponse"]
    assert [one["httpStatusCode"] for one in told] == [201, 201, 200]
    assert [one["referenceId"] for one in told] == ["new", "note", "all"]
    assert told[2]["body"]["totalSize"] == 1


def test_a_composite_that_fails_under_all_or_none_leaves_nothing(org: Any) -> None:
    asked = [
        {"method": "POST", "url": "/services/data/v60.0/sobjects/Case", "referenceId": "a", "body": {"Subject": "x"}},
        {"method": "POST", "url": "/services/data/v60.0/sobjects/Case", "referenceId": "b", "body": {}},
    ]
    told = org.call("POST", "composite", {"allOrNone": True, "compositeRequest": asked})["compositeResponse"]
    assert [one["body"][0]["errorCode"] for one in told] == ["PROCESSING_HALTED", "REQUIRED_FIELD_MISSING"]
    assert org.query("SELECT Id FROM Case") == []


def test_five_queries_or_collections_are_the_most_of_a_call(org: Any) -> None:
    asked = [
        {"method": "GET", "url": "/services/data/v60.0/query?q=SELECT+Id+FROM+Case", "referenceId": f"r{n}"}
        for n in range(6)
    ]
    told = org.call("POST", "composite", {"compositeRequest": asked[:5]})
    assert [one["httpStatusCode"] for one in told["compositeResponse"]] == [200] * 5
    status, code, _ = org.refused("POST", "composite", {"compositeRequest": asked})
    assert (status, code) == (400, "LIMIT_EXCEEDED")


def test_a_composite_reaches_into_the_rows_of_an_answer(org: Any) -> None:
    case = org.case()
    data = "/services/data/v60.0"
    query = {"method": "GET", "url": f"{data}/query?q=SELECT+Id+FROM+Case", "referenceId": "found"}
    body = {"Priority": "Низкий"}
    write = {
        "method": "PATCH",
        "url": f"{data}/sobjects/Case/@{{found.records[0].Id}}",
        "referenceId": "w",
        "body": body,
    }
    told = org.call("POST", "composite", {"compositeRequest": [query, write]})
    assert [one["httpStatusCode"] for one in told["compositeResponse"]] == [200, 204]
    assert org.read(case, "Priority")["Priority"] == "Низкий"


def test_a_batch_is_requests_that_know_nothing_of_each_other(org: Any) -> None:
    good = {"method": "POST", "url": "v60.0/sobjects/Case", "richInput": {"Subject": "Раз"}}
    bad = {"method": "POST", "url": "v60.0/sobjects/Case", "richInput": {"Colour__c": "red"}}
    read = {"method": "GET", "url": "v60.0/query?q=SELECT+Id+FROM+Case"}
    told = org.call("POST", "composite/batch", {"batchRequests": [good, bad, read]})
    assert told["hasErrors"]
    assert [one["statusCode"] for one in told["results"]] == [201, 400, 200]
    assert told["results"][1]["result"][0]["errorCode"] == "INVALID_FIELD"
    assert told["results"][2]["result"]["totalSize"] == 1
    told = org.call("POST", "composite/batch", {"haltOnError": True, "batchRequests": [bad, good]})
    assert [one["statusCode"] for one in told["results"]] == [400, 412]
    assert told["results"][1]["result"][0]["errorCode"] == "BATCH_PROCESSING_HALTED"
    assert org.refused("POST", "composite/batch", {"batchRequests": []})[1] == "REQUIRED_FIELD_MISSING"
