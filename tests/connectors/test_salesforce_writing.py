"""Writing to a Salesforce org that misbehaves: rows refused, locked, rolled back, there already."""

from __future__ import annotations

import time
from typing import Any

import pytest

from connectors.base import Change
from connectors.errors import ConnectorError, Rejected, Unknown
from sandbox.hostile.org import ONE, THREE, TWO, Asked, Org, Said, case, create, error, errors, no, ok, rows, update


def test_a_write_without_an_answer_is_unknown_for_each_and_the_rest_waits(org: Org) -> None:
    def answer(asked: Asked) -> Said:
        time.sleep(1.6)
        return Said(body=[])

    org.answer = answer
    connector = org.connector(deadline=1.0, batch=2)
    receipts = list(connector.push([update("a"), update("b", TWO), update("c", THREE), update("d", TWO, lane="b")]))
    by_key = {one.key: f"{type(one.error).__name__} {one.error.code if one.error else ''}" for one in receipts}
    assert by_key == {"a": "Unknown C401", "b": "Unknown C401", "c": "Unreachable C153", "d": "Stale C550"}
    assert len(org.asked) == 1


@pytest.mark.parametrize(
    "said", [Said(500, []), Said(503, b"busy"), Said(200, []), Said(200, [ok(), ok()]), Said(200, [{"success": True}])]
)
def test_a_write_whose_answer_tells_nothing_is_unknown(org: Org, said: Said) -> None:
    org.answer = lambda asked: said
    (receipt,) = org.connector().push([create("a")])
    assert isinstance(receipt.error, Unknown)
    assert receipt.native_id is None


def test_one_bad_row_of_two_hundred_parks_that_row_alone(org: Org) -> None:
    def answer(asked: Asked) -> Said:
        if asked.method == "GET":
            field_told = {
                "name": "Status",
                "type": "picklist",
                "picklistValues": [{"value": "Новое"}, {"value": "Закрыто"}],
            }
            return Said(body={"fields": [field_told]})
        bad = no("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", "bad value for restricted picklist field: Ноаое", "Status")
        return Said(body=[bad if one.get("Status") == "Ноаое" else ok() for one in asked.body["records"]])

    org.answer = answer
    changes = [create(str(n), Status="Ноаое" if n == 77 else "Новое") for n in range(200)]
    receipts = list(org.connector().push(changes))
    (parked,) = (one for one in receipts if one.error)
    assert parked.key == "77"
    assert isinstance(parked.error, Rejected)
    assert str(parked.error) == (
        "brightnet create Case Status: C651 Status has no such value: 'Ноаое'. They said: "
        "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST: bad value for restricted picklist field: Ноаое\n"
        "  Known: Новое, Закрыто. Did you mean 'Новое'?\n"
        "  Fix: map to one of the known values in mapping.yaml, or ask them to add this one."
    )
    assert len([one for one in org.asked if one.method == "POST"]) == 1


def test_an_error_never_repeats_what_people_wrote(org: Org) -> None:
    text = "Клиент Иванов живёт на улице Абая"
    org.answer = lambda asked: Said(
        body=[no("STRING_TOO_LONG", f"data value too large: {text} (max length=9)", "Subject")]
    )
    (receipt,) = org.connector().push([update("a", Subject=text)])
    assert "C652 they refuse Subject. They said: STRING_TOO_LONG: data value too large: [value] (max" in str(
        receipt.error
    )
    assert "Иванов" not in str(receipt.error)


def test_a_request_refused_as_a_whole_is_halved_until_the_bad_row_stands_alone(org: Org) -> None:
    def answer(asked: Asked) -> Said:
        if any("Colour__c" in one for one in asked.body["records"]):
            return error(400, "INVALID_FIELD", "No such column 'Colour__c' on sobject of type Case")
        return Said(body=[ok() for _ in asked.body["records"]])

    org.answer = answer
    changes = [create(str(n), **({"Colour__c": "red"} if n == 5 else {})) for n in range(16)]
    receipts = list(org.connector().push(changes))
    assert {one.key: type(one.error).__name__ for one in receipts if one.error} == {"5": "Rejected"}
    assert len(receipts) == 16
    assert len(org.asked) == 9


def test_halving_is_bounded_and_what_is_left_is_provably_unsent(org: Org) -> None:
    org.answer = lambda asked: error(400, "INVALID_FIELD")
    receipts = list(org.connector().push([create(str(n)) for n in range(200)]))
    assert len(receipts) == 200
    assert set(errors(receipts)) == {"Rejected C656", "Stale C554"}
    assert len(org.asked) == 40


def test_a_locked_row_is_tried_again_alone_with_pauses(org: Org) -> None:
    def answer(asked: Asked) -> Said:
        locked = no("UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access to this record")
        return Said(body=[locked if one["id"] == TWO and len(org.asked) < 3 else ok() for one in asked.body["records"]])

    org.answer = answer
    receipts = list(org.connector().push([update("a"), update("b", TWO)]))
    assert errors(receipts) == ["applied", "applied"]
    assert [len(one.body["records"]) for one in org.asked] == [2, 1, 1]
    assert org.naps == [0.5, 1.0]


def test_a_row_that_stays_locked_is_tried_five_times_and_holds_no_other_back(org: Org) -> None:
    org.answer = lambda asked: Said(
        body=[no("UNABLE_TO_LOCK_ROW") if one["id"] == TWO else ok() for one in asked.body["records"]]
    )
    changes = [update("b", TWO), update("b2", TWO, "b", Subject="после"), update("c", THREE)]
    receipts = {one.key: one for one in org.connector(batch=1).push(changes)}
    assert errors([receipts["b"], receipts["c"]]) == ["Stale C551", "applied"]
    assert "C550 not sent: an earlier change of this case is not settled" in str(receipts["b2"].error)
    assert len(org.asked) == 6


def test_a_rolled_back_call_is_retried_later_not_parked(org: Org) -> None:
    org.answer = lambda asked: Said(body=[no("ALL_OR_NONE_OPERATION_ROLLED_BACK"), no("PROCESSING_HALTED")])
    receipts = list(org.connector().push([update("a"), update("b", TWO)]))
    assert errors(receipts) == ["Stale C552", "Stale C552"]


def test_a_record_that_was_deleted_is_parked(org: Org) -> None:
    org.answer = lambda asked: Said(body=[no("ENTITY_IS_DELETED", "entity is deleted")])
    (receipt,) = org.connector().push([update("a")])
    assert "C653 the record is not there any more" in str(receipt.error)


def _twin(named: str, field: str = "Hub_Case__c") -> dict[str, Any]:
    return no("DUPLICATE_VALUE", f"duplicate value found: {field} duplicates value on record with id: {named}")


@pytest.mark.parametrize("told", [_twin(ONE[:15]), _twin(ONE), _twin("<unknown>", "<unknown>")])
def test_a_create_that_was_there_already_is_found_and_read(org: Org, told: dict[str, Any]) -> None:
    org.answer = lambda asked: rows(case(ONE, Hub_Case__c="hub-a")) if asked.method == "GET" else Said(body=[told])
    (receipt,) = org.connector().push([create("a")])
    assert (receipt.native_id, receipt.found, receipt.error) == (ONE, True, None)
    assert receipt.record is not None
    assert receipt.record.body["Hub_Case__c"] == "hub-a"


def test_a_duplicate_of_something_else_is_not_taken_for_ours(org: Org) -> None:
    org.answer = lambda asked: rows() if asked.method == "GET" else Said(body=[_twin(ONE, "Reference__c")])
    (receipt,) = org.connector().push([create("a")])
    assert errors([receipt]) == ["Rejected C652"]
    assert len(org.asked) == 1
    org.answer = lambda asked: rows() if asked.method == "GET" else Said(body=[_twin(ONE)])
    (receipt,) = org.connector().push([create("a")])
    assert "C654 refused as a duplicate, and 0 records bear the hub id" in str(receipt.error)


def test_a_twin_that_cannot_be_read_now_is_tried_again(org: Org) -> None:
    org.answer = lambda asked: error(500, "X") if asked.method == "GET" else Said(body=[_twin(ONE)])
    (receipt,) = org.connector().push([create("a")])
    assert errors([receipt]) == ["Unreachable C105"]


def test_lanes_keep_their_order_and_no_record_stands_twice_in_a_call(org: Org) -> None:
    def answer(asked: Asked) -> Said:
        return Said(body=[ok(one.get("id") or ONE) for one in asked.body["records"]])

    org.answer = answer
    note = Change("a2", "add_note", "a", {"CommentBody": "привет", "IsPublished": True}, "hub-a", ref="r1")
    changes = [create("a1", lane="a"), note, update("b1", TWO, "b"), update("c1", TWO, "c"), update("b2", TWO, "b")]
    receipts = {one.key: one for one in org.connector().push(changes)}
    assert all(one.error is None for one in receipts.values())
    assert (receipts["a2"].note_id, receipts["a2"].native_id) == (ONE, ONE)
    sent = [[one["attributes"]["type"] for one in asked.body["records"]] for asked in org.asked]
    assert sent == [["Case"], ["Case"], ["Case"], ["CaseComment"], ["Case"]]
    assert org.asked[3].body["records"][0]["ParentId"] == ONE
    assert org.asked[0].body["allOrNone"] is False


def test_a_note_on_a_case_that_was_never_made_is_rejected(org: Org) -> None:
    org.answer = lambda asked: Said(body=[no("REQUIRED_FIELD_MISSING", "missing", "Subject")])
    note = Change("a2", "add_note", "a", {"CommentBody": "привет"}, "hub-a", ref="r1")
    receipts = list(org.connector().push([create("a1", lane="a"), note]))
    assert errors(receipts) == ["Rejected C652", "Rejected C655"]


def test_an_update_of_nothing_is_not_sent(org: Org) -> None:
    (receipt,) = org.connector().push([Change("a", "update", "a", {}, "hub-a", ONE)])
    assert (receipt.error, receipt.native_id, org.asked) == (None, ONE, [])


def test_a_value_that_cannot_be_said_parks_its_change_alone(org: Org) -> None:
    org.answer = lambda asked: Said(body=[ok() for _ in asked.body["records"]])
    receipts = list(org.connector().push([update("a", Subject="nul \0"), update("b", TWO)]))
    assert sorted(errors(receipts)) == ["Rejected C657", "applied"]


@pytest.mark.parametrize("status", [300, 304, 400, 404, 405, 409, 413, 414, 415, 418, 429, 500, 503])
def test_no_error_is_outside_the_tree(org: Org, status: int) -> None:
    connector = org.connector()
    for body in (b"", b"{}", b"[]", b"[1]", b'"x"', b"<html>", b'[{"errorCode":5}]'):
        said = Said(status, body if status != 304 else b"")
        org.answer = lambda asked, said=said: said
        with pytest.raises(ConnectorError):
            connector.fetch([ONE])
        (receipt,) = connector.push([update("a")])
        assert receipt.error is not None
