"""Reading from a Salesforce org that misbehaves: pages, locators, cursors, comments."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from connectors.base import Cursor
from connectors.errors import Refused, Unreachable
from sandbox.hostile.org import DATA, ONE, TWO, Asked, Org, Said, case, error, errors, rows, update


def test_a_page_in_html_is_refused_when_read_and_unknown_when_written(org: Org) -> None:
    org.answer = lambda asked: Said(200, b"<html>Maintenance</html>", {"Content-Type": "text/html"})
    connector = org.connector()
    with pytest.raises(Refused, match="C304"):
        connector.fetch([ONE])
    assert errors(list(connector.push([update("a")]))) == ["Unknown C404"]


@pytest.mark.parametrize("body", [b"", b"5", b"null", b'{"records":[],"records":[]}', b'{"totalSize":NaN}'])
def test_answers_that_are_no_answers_are_refused(org: Org, body: bytes) -> None:
    org.answer = lambda asked: Said(200, body)
    with pytest.raises(Refused, match=r"C304|C353"):
        org.connector().fetch([ONE])


def test_an_unknown_field_says_what_to_compare(org: Org) -> None:
    org.answer = lambda asked: error(400, "INVALID_FIELD", "No such column 'Colour__c' on entity 'Case'")
    with pytest.raises(Refused) as caught:
        list(org.connector(fields=("Colour__c",), comments=None).pull(None))
    assert str(caught.value).startswith(
        "brightnet pull: C352 they refuse the request itself (400). They said: INVALID_"
    )
    assert "No such column 'Colour__c'" in str(caught.value)
    assert "casebridge describe brightnet" in str(caught.value)


def test_rows_come_without_attributes_and_comments_as_a_plain_list(org: Org) -> None:
    comment = {"attributes": {}, "Id": "00a1", "CommentBody": "да", "CreatedBy": {"attributes": {}, "Name": "Анна"}}
    org.answer = lambda asked: rows(
        case(ONE, CaseComments={"totalSize": 1, "done": True, "records": [comment]}, IsDeleted=True), case(TWO)
    )
    one, two = org.connector().fetch([ONE, TWO])
    assert one.body["CaseComments"] == [{"Id": "00a1", "CommentBody": "да", "CreatedBy": {"Name": "Анна"}}]
    assert (two.body["CaseComments"], two.gone, one.gone) == ([], False, True)
    assert "attributes" not in one.body
    assert one.version == "2026-11-21T10:00:00.000Z"
    assert one.changed_at == datetime(2026, 11, 21, 10, tzinfo=UTC)


def _with_long_thread(asked: Asked) -> Said:
    first = {"Id": "00a1", "CommentBody": "раз"}
    inner = {"totalSize": 2, "done": False, "nextRecordsUrl": f"{DATA}/query/01gXX-1", "records": [first]}
    if asked.path.endswith("/query/01gXX-1"):
        return rows({"attributes": {}, "Id": "00a2", "CommentBody": "два"})
    return rows(case(ONE, CaseComments=inner))


def test_a_long_thread_of_comments_is_read_to_its_end(org: Org) -> None:
    org.answer = _with_long_thread
    (one,) = org.connector().fetch([ONE])
    assert [note["CommentBody"] for note in one.body["CaseComments"]] == ["раз", "два"]


def test_a_lost_locator_is_made_good_by_asking_again(org: Org) -> None:
    def answer(asked: Asked) -> Said:
        if asked.path.endswith("/query/01gXX-1"):
            return error(400, "INVALID_QUERY_LOCATOR", "invalid query locator")
        if "FROM CaseComment WHERE ParentId" in asked.query:
            return rows(*({"Id": f"00a{n}", "CommentBody": "снова"} for n in range(3)))
        return _with_long_thread(asked)

    org.answer = answer
    (one,) = org.connector().fetch([ONE])
    assert [note["Id"] for note in one.body["CaseComments"]] == ["00a0", "00a1", "00a2"]


def test_a_locator_that_is_always_lost_ends_as_unreachable(org: Org) -> None:
    def answer(asked: Asked) -> Said:
        gone = asked.path.endswith("01gYY-1")
        return error(400, "INVALID_QUERY_LOCATOR") if gone else rows(case(ONE), rest=f"{DATA}/query/01gYY-1")

    org.answer = answer
    with pytest.raises(Unreachable, match="C155 the rest of the rows was not kept"):
        org.connector().fetch([ONE])


@pytest.mark.parametrize("rest", ["@evil.example/x", "https://evil.example/x", f"{DATA}/query/../../oauth2/revoke", 5])
def test_an_address_of_next_rows_that_leads_elsewhere_is_refused(org: Org, rest: Any) -> None:
    org.answer = lambda asked: rows(case(ONE), rest=rest)
    with pytest.raises(Refused, match="C353 the address of the next rows is none"):
        org.connector().fetch([ONE])
    assert len(org.asked) == 1


def test_rows_without_end_are_cut(org: Org, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors.salesforce_calls.MOST_ANSWERS", 5)
    org.answer = lambda asked: rows(case(ONE), rest=f"{DATA}/query/01gZZ-1")
    with pytest.raises(Refused, match="C359 more than 5 answers to one query"):
        org.connector().fetch([ONE])


def test_a_pull_whose_rows_do_not_move_on_is_ended(org: Org) -> None:
    org.answer = lambda asked: rows(case(ONE, 5)) if "FROM Case " in asked.query else rows()
    with pytest.raises(Refused, match="C358 the rows do not come in the order of SystemModstamp"):
        list(org.connector(page=1).pull(None))
    assert len(org.asked) < 5


@pytest.mark.parametrize("value", ["", "17", '{"seq": 4}', '{"stamp": "2026-11-21T10:00:00"}', '{"stamp": "soon"}'])
def test_a_cursor_of_another_kind_is_refused_with_the_way_out(org: Org, value: str) -> None:
    with pytest.raises(Refused, match="C357 the cursor kept for this partner was not made by a Salesforce pull"):
        next(org.connector().pull(Cursor(value)))


def test_a_case_whose_comment_alone_is_new_is_pulled(org: Org) -> None:
    asked_since: list[str] = []

    def answer(asked: Asked) -> Said:
        if "FROM CaseComment " in asked.query:
            asked_since.append(asked.query)
            return rows({"Id": "00a1", "ParentId": TWO, "SystemModstamp": "2026-11-21T10:00:40.000+0000"})
        return rows(case(TWO, 1)) if "WHERE Id IN" in asked.query else rows(case(ONE, 9))

    org.answer = answer
    connector = org.connector(overlap=2)
    (first,) = connector.pull(None)
    (second,) = connector.pull(first.cursor)
    assert [one.native_id for one in first.records] == [ONE]
    assert [one.native_id for one in second.records] == [ONE, TWO]
    assert "SystemModstamp >= 2026-11-21T10:00:38.000Z" in asked_since[-1]
    assert second.cursor == first.cursor
    org.asked.clear()
    list(org.connector(comments={"moves_case": True}).pull(second.cursor))
    assert len(org.asked) == 1


def test_a_first_pull_that_breaks_off_still_watches_the_comments_of_what_it_read(org: Org) -> None:
    def answer(asked: Asked) -> Said:
        if "FROM CaseComment " in asked.query:
            return rows({"Id": "00a1", "ParentId": ONE, "SystemModstamp": "2026-11-21T10:00:40.000+0000"})
        if "WHERE Id IN" in asked.query:
            return rows(case(ONE, 1))
        return (
            rows(case(TWO, 2)) if "Id > " in asked.query or "SystemModstamp >=" in asked.query else rows(case(ONE, 1))
        )

    org.answer = answer
    broken = next(org.connector(page=1).pull(None))
    (again,) = org.connector(page=2).pull(broken.cursor)
    assert [one.native_id for one in broken.records] == [ONE]
    assert [one.native_id for one in again.records] == [TWO, ONE]


def test_a_server_error_while_reading_is_tried_again_by_the_scheduler(org: Org) -> None:
    org.answer = lambda asked: error(500, "UNKNOWN_EXCEPTION")
    with pytest.raises(Unreachable, match="C105 answered 500"):
        org.connector().fetch([ONE])
