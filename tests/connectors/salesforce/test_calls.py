"""The calls that Brightnet's org answers for a thousand cases, and what a call with many parts may do."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from connectors import salesforce_composite as composite
from connectors.base import Change
from connectors.errors import ConnectorError
from sandbox.hostile.org import ONE, THREE, TWO, Asked, Org, Said, case, errors, no, ok, rows, update

MOST = 25


def note(lane: str, ref: str, text: str, native_id: str | None = None) -> Change:
    body = {"CommentBody": f"{text} [{ref}]", "IsPublished": False}
    return Change(f"note-{ref}", "add_note", lane, body, lane, native_id, ref=ref)


def with_notes(change: Change) -> list[Change]:
    return [change, *(note(change.lane, f"{change.lane[:8]}-{n}", f"заметка {n}", change.native_id) for n in (1, 2))]


def creation() -> Change:
    hub_id = str(uuid4())
    return Change(hub_id, "create", hub_id, {"Subject": "Из узла", "Status": "Новое"}, hub_id)


def pushed(connector: Any, lanes: list[list[Change]]) -> list[str]:
    """Push as the exchange does, a batch at a time with its read-back; the native ids."""
    native_ids: list[str] = []
    for start in range(0, len(lanes), connector.system.at_once):
        changes = [one for lane in lanes[start : start + connector.system.at_once] for one in lane]
        receipts = list(connector.push(changes))
        assert [one.error for one in receipts if one.error] == []
        written = list(dict.fromkeys(str(one.native_id) for one in receipts))
        unread = {str(one.native_id) for one in receipts if one.record is None}
        assert len(connector.fetch(sorted(unread))) == len(unread)
        native_ids += written
    return native_ids


def test_a_thousand_cases_with_two_notes_are_pulled_and_created_in_13_calls(brightnet: Any) -> None:
    for number, record in zip(brightnet.create(1000), brightnet.store.select("1 = 1", limit=1000), strict=True):
        assert record.number == number
        for n in (1, 2):
            brightnet.store.note(record.id, f"заметка {n}", "partners", author="Анна")
    connector = brightnet.connector()
    connector.check()
    brightnet.heard.clear()
    read = [one for page in connector.pull(None) for one in page.records]
    assert len(read) == 1000
    assert all(len(one.body["CaseComments"]) == 2 for one in read)
    assert len(brightnet.calls()) == 3
    native_ids = pushed(connector, [with_notes(creation()) for _ in range(1000)])
    assert len(brightnet.calls()) == 13 <= MOST
    assert len(native_ids) == 1000
    brightnet.heard.clear()
    records = connector.fetch(native_ids)
    assert len(brightnet.calls()) == 1
    assert [one.native_id for one in records] == native_ids
    told = [[one["CommentBody"][:9] for one in record.body["CaseComments"]] for record in records]
    assert all(one == ["заметка 1", "заметка 2"] for one in told)


def test_a_thousand_changed_cases_with_two_notes_cost_18_calls_read_again_before_and_after(brightnet: Any) -> None:
    brightnet.create(1000)
    connector = brightnet.connector()
    connector.check()
    brightnet.heard.clear()
    read = [one for page in connector.pull(None) for one in page.records]
    for start in range(0, 1000, 200):
        some = read[start : start + 200]
        assert len(connector.fetch([one.native_id for one in some])) == 200
        changes = [
            Change(f"u{one.native_id}", "update", one.native_id, {"Agent__c": "Анна"}, "hub", one.native_id)
            for one in some
        ]
        pushed(connector, [with_notes(change) for change in changes])
    assert len(brightnet.calls()) == 18 <= MOST


def test_a_write_brings_the_record_as_it_stands_after_it(brightnet: Any) -> None:
    connector = brightnet.connector()
    made = creation()
    (created,) = connector.push([made])
    assert created.record is not None
    assert (created.record.native_id, created.record.body["Hub_Case__c"]) == (created.native_id, made.hub_id)
    change = Change("u", "update", "a", {"Agent__c": "Анна"}, "a", created.native_id)
    updated, first, second = connector.push(with_notes(change))
    assert updated.record.body["Agent__c"] == "Анна"
    assert updated.record.body["CaseComments"] == []
    assert first.record == second.record
    assert [one["Id"] for one in second.record.body["CaseComments"]] == [first.note_id, second.note_id]
    assert connector.fetch([created.native_id]) == (second.record,)
    refused, noted = connector.push(
        [
            Change("v", "update", "b", {"Status": "нет такого"}, "b", created.native_id),
            note("c", "later", "и ещё", created.native_id),
        ]
    )
    assert (errors([refused]), refused.record) == (["Rejected C651"], None)
    assert len(noted.record.body["CaseComments"]) == 3


def test_where_it_is_declared_apart_a_write_brings_no_record(brightnet: Any) -> None:
    connector = brightnet.connector(read_back="apart")
    connector.check()
    brightnet.heard.clear()
    (created,) = connector.push([creation()])
    assert (created.error, created.record) == (None, None)
    assert brightnet.heard == ["POST /services/data/v60.0/composite/sobjects"]


def test_a_row_that_refuses_its_collection_is_found_in_composites_too(org: Org) -> None:
    def answer(asked: Asked) -> Said:
        collection, _ = asked.body["compositeRequest"]
        texts = [row["Subject"] for row in collection["body"]["records"]]
        if any("плохой" in one for one in texts):
            refused = [{"errorCode": "JSON_PARSER_ERROR", "message": "Cannot deserialize плохой"}]
            return _answered(asked, [(400, refused), (200, rows().body)])
        return _answered(asked, [(200, [ok() for _ in texts]), (200, rows(case(ONE)).body)])

    org.answer = answer
    changes = [update(str(n), f"5000000000{n:05}AAA", Subject="плохой" if n == 5 else "хороший") for n in range(8)]
    receipts = {one.key: one for one in org.connector(read_back="with_write").push(changes)}
    assert {key for key, one in receipts.items() if one.error} == {"5"}
    assert "C656 they refuse a request with this record" in str(receipts["5"].error)
    assert "JSON_PARSER_ERROR: Cannot deserialize [value]" in str(receipts["5"].error)
    assert len(org.asked) == 7


@pytest.mark.parametrize(
    ("status", "told"),
    [(400, [{"errorCode": "QUERY_TIMEOUT"}]), (200, {}), (200, rows({"Id": ONE}).body), (200, None)],
)
def test_what_is_not_read_back_with_the_write_is_left_to_a_fetch(org: Org, status: int, told: Any) -> None:
    org.answer = lambda asked: _answered(asked, [(200, [ok()]), (status, told)])
    (receipt,) = org.connector(read_back="with_write").push([update("a")])
    assert (receipt.error, receipt.record) == (None, None)
    assert len(org.asked) == 1


def test_calls_that_are_used_up_in_the_middle_are_waited_for(org: Org) -> None:
    used_up = [{"errorCode": "REQUEST_LIMIT_EXCEEDED", "message": "TotalRequests Limit exceeded."}]
    org.answer = lambda asked: _answered(asked, [(403, used_up), (403, used_up)])
    receipts = list(org.connector(read_back="with_write", batch=1).push([update("a"), update("b", TWO)]))
    assert errors(receipts) == ["Throttled C200"] * 2
    assert len(org.asked) == 1


def test_text_that_looks_like_a_reference_arrives_as_it_was_written(brightnet: Any) -> None:
    connector = brightnet.connector(batch=2)
    records = brightnet.create(3) and [one for page in connector.pull(None) for one in page.records]
    texts = ["обычный", "смотри @{part0.id} и @{x[0].y}", "обычный тоже"]
    changes = [
        change
        for record in records
        for change in (
            note(record.native_id, f"{record.native_id}-{n}", text, record.native_id) for n, text in enumerate(texts)
        )
    ]
    brightnet.heard.clear()
    assert [one.error for one in connector.push(changes) if one.error] == []
    assert [one.rpartition("/v60.0/")[2] for one in brightnet.calls()] == ["composite/sobjects"] * 2 + ["composite"] * 1
    for record in connector.fetch([one.native_id for one in records]):
        told = {one["CommentBody"].rpartition(" [")[0] for one in record.body["CaseComments"]}
        assert told == set(texts)


def _parts(asked: Asked) -> list[list[str]]:
    """Texts of each collection of a call."""
    if asked.path.endswith("sobjects"):
        return [[one["CommentBody"] for one in asked.body["records"]]]
    return [[row["CommentBody"] for row in one["body"]["records"]] for one in asked.body["compositeRequest"]]


def _answered(asked: Asked, bodies: list[tuple[int, Any]]) -> Said:
    told = [
        {"referenceId": one["referenceId"], "httpStatusCode": status, "httpHeaders": {}, "body": body}
        for one, (status, body) in zip(asked.body["compositeRequest"], bodies, strict=True)
    ]
    return Said(body={"compositeResponse": told})


def four_notes() -> list[Change]:
    return [note(f"lane{n}", f"r{n}", f"текст {n}", native_id) for n, native_id in enumerate((ONE, TWO, THREE, ONE))]


def test_a_collection_that_is_refused_goes_alone_and_its_neighbour_stands(org: Org) -> None:
    def answer(asked: Asked) -> Said:
        if asked.path.endswith("composite"):
            refused = [{"errorCode": "JSON_PARSER_ERROR", "message": "no"}]
            return _answered(asked, [(400, refused), (200, [ok(), no("UNABLE_TO_LOCK_ROW")])])
        bad = [{"errorCode": "JSON_PARSER_ERROR", "message": "no"}]
        texts = [one["CommentBody"] for one in asked.body["records"]]
        return Said(400, bad) if any("текст 1" in one for one in texts) else Said(body=[ok() for _ in texts])

    org.answer = answer
    receipts = {one.key: one for one in org.connector(batch=2).push(four_notes())}
    assert errors([receipts[f"note-r{n}"] for n in range(4)]) == ["applied", "Rejected C656", "applied", "applied"]
    assert [len(part) for asked in org.asked for part in _parts(asked)] == [2, 2, 2, 1, 1, 1]


@pytest.mark.parametrize(
    "told",
    [
        {},
        {"compositeResponse": []},
        {"compositeResponse": [{"httpStatusCode": 200, "referenceId": "part1", "body": []}] * 2},
        {"compositeResponse": [{"httpStatusCode": "200", "referenceId": "part0"}, 5]},
    ],
)
def test_an_answer_that_tells_of_no_part_is_unknown_for_each(org: Org, told: Any) -> None:
    org.answer = lambda asked: Said(body=told)
    assert errors(list(org.connector(batch=2).push(four_notes()))) == ["Unknown C450"] * 4
    assert len(org.asked) == 1


def test_a_part_that_failed_is_unknown_and_holds_the_rest_back(org: Org) -> None:
    org.answer = lambda asked: _answered(asked, [(500, []), *[(200, [ok()])] * 4])
    receipts = list(
        org.connector(batch=1).push([*four_notes(), note("e", "r4", "пять", ONE), note("f", "r5", "шесть", TWO)])
    )
    assert errors(receipts) == ["Unknown C403", *["applied"] * 4, "Unreachable C153"]
    assert len(org.asked) == 1


def test_many_ids_are_fetched_five_queries_a_call_and_a_failed_one_again_alone(org: Org) -> None:
    ids = [f"5000000000{n:05}" for n in range(450)]

    def answer(asked: Asked) -> Said:
        if asked.path.endswith("composite"):
            bodies: list[tuple[int, Any]] = [(200, rows(case(ids[n * 200])).body) for n in range(2)]
            return _answered(asked, [*bodies, (400, [{"errorCode": "QUERY_TIMEOUT"}])])
        return rows(case(ids[400]))

    org.answer = answer
    records = org.connector().fetch(ids)
    assert [one.native_id for one in records] == [ids[0], ids[200], ids[400]]
    assert [one.method for one in org.asked] == ["POST", "GET"]
    urls = [one["url"] for one in org.asked[0].body["compositeRequest"]]
    assert all(one.startswith("/services/data/v60.0/queryAll?q=SELECT%20Id%2C") for one in urls)


def test_a_reading_call_is_tried_again_although_it_is_a_post(org: Org) -> None:
    org.answer = lambda asked: Said(503, b"busy")
    with pytest.raises(ConnectorError, match="C105"):
        org.connector().fetch([f"5000000000{n:05}" for n in range(450)])
    assert len(org.asked) == 3


def test_an_answer_is_read_by_its_places() -> None:
    good = {"compositeResponse": [{"httpStatusCode": 200, "referenceId": "part0", "body": 1}]}
    assert composite.read(good, 1) == [composite.Part(200, 1)]
    assert composite.read(good, 2) is None
    assert composite.read({"compositeResponse": "x"}, 1) is None


def test_a_thousand_creates_without_an_answer_are_looked_for_in_one_call(start: Any) -> None:
    org = start()
    with org.store.together():
        for n in range(1000):
            org.store.create({"Subject": f"№ {n}", "Hub_Case__c": f"hub-{n}"}, by="casebridge")
    connector = org.connector()
    found = connector.find_all([f"hub-{n}" for n in range(1000)])
    assert len(found) == 1000
    assert [len(one) for one in found.values()] == [1] * 1000
    assert len(org.calls()) == 1
    assert connector.find_all([]) == {}
