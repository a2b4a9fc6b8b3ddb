"""Answers over what is read of one: asked for in smaller pieces, and never brought about by a write."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.base import Change
from connectors.errors import Refused

HEAVY = {"Description": "ж" * 9_000}
SMALL = {"largest_answer": 200_000, "overlap": 0}


def test_pages_become_smaller_until_they_are_read(brightnet: Any) -> None:
    numbers = brightnet.create(60, **HEAVY)
    connector = brightnet.connector(**SMALL)
    pages = list(connector.pull(None))
    assert [one.body["CaseNumber"] for page in pages for one in page.records] == numbers
    assert max(len(page.records) for page in pages) == 7  # 500, 125, 31, 7
    brightnet.heard.clear()
    assert sum(len(page.records) for page in connector.pull(None)) == 60
    assert len(brightnet.calls()) == 9  # what was learned is kept


def test_many_ids_are_halved_until_they_are_read(brightnet: Any) -> None:
    brightnet.create(450, **HEAVY)
    ids = [one["Id"] for one in _ids(brightnet)]
    records = brightnet.connector(**SMALL).fetch(ids)
    assert [one.native_id for one in records] == ids


def test_a_record_that_is_too_large_by_itself_says_what_to_raise(brightnet: Any) -> None:
    brightnet.create(1, Description="ж" * 30_000)
    connector = brightnet.connector(largest_answer=20_000)
    with pytest.raises(Refused, match="C305") as caught:
        list(connector.pull(None))
    assert "raise `largest_answer`" in caught.value.fix
    with pytest.raises(Refused, match="C305"):
        connector.fetch([one["Id"] for one in _ids(brightnet)])


def test_a_write_brings_no_records_back_that_would_be_too_large(brightnet: Any) -> None:
    brightnet.create(40, **HEAVY)
    connector = brightnet.connector(**SMALL)
    known = [one for page in connector.pull(None) for one in page.records]
    heavy = [Change(one.native_id, "update", one.native_id, {"Agent__c": "Анна"}, "h", one.native_id) for one in known]
    receipts = list(connector.push(heavy))
    assert [(one.error, one.record) for one in receipts] == [(None, None)] * 40
    (few,) = connector.push(heavy[:1])
    assert few.record is not None
    made = [Change(f"c{n}", "create", f"c{n}", {"Subject": "Из узла", **HEAVY}, f"hub-{n}") for n in range(40)]
    receipts = list(brightnet.connector(**SMALL).push(made))  # it has read nothing yet: what is written weighs too
    assert [(one.error, one.record) for one in receipts] == [(None, None)] * 40


def _ids(brightnet: Any) -> list[dict[str, Any]]:
    plain = brightnet.connector()
    found: list[dict[str, Any]] = plain._calls.rows("SELECT Id FROM Case ORDER BY Id", "ids")
    return found
