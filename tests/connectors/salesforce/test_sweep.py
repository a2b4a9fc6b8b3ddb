"""What polling cannot see and a sweep finds: cases that were purged, and rows that became visible late."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connectors.base import Cursor, Record
from connectors.errors import Refused
from connectors.salesforce import Salesforce
from sandbox.hostile.org import ONE, TWO, Asked, Org, Said, case, error, rows

SWEEP = {"sweep": {"every": 60}, "overlap": 0}


def pulled(connector: Salesforce, cursor: Cursor | None) -> tuple[list[Record], Cursor]:
    pages = list(connector.pull(cursor))
    return [one for page in pages for one in page.records], pages[-1].cursor


def earlier(cursor: Cursor, **ago: float) -> Cursor:
    """The cursor as if its last sweep had been that long ago."""
    at = datetime.now(UTC) - timedelta(**ago)
    return Cursor(json.dumps({**json.loads(cursor.value), "swept": at.isoformat()}))


def sweeps(org: Any) -> list[str]:
    return [one.rpartition("/Case/")[2].strip("/") for one in org.calls() if "/updated" in one or "/deleted" in one]


def test_a_case_that_was_purged_between_two_pulls_comes_as_gone(brightnet: Any) -> None:
    first, second = brightnet.create(2)
    connector = brightnet.connector(**SWEEP)
    known, cursor = pulled(connector, None)
    assert sweeps(brightnet) == []
    ids = {one.body["CaseNumber"]: one.native_id for one in known}
    brightnet.store.delete(brightnet.store.by_number(first).id, by="agent")
    brightnet.store.purge(first)
    unswept, _ = pulled(connector, cursor)
    assert ids[first] not in {one.native_id for one in unswept}
    records, then = pulled(connector, earlier(cursor, minutes=3))
    assert sweeps(brightnet) == ["updated", "deleted"]
    (gone,) = (one for one in records if one.native_id == ids[first])
    assert (gone.gone, gone.body) == (True, {})
    assert gone.version >= next(one.version for one in known if one.native_id == ids[first])
    assert gone.changed_at is not None
    again, _ = pulled(connector, earlier(cursor, minutes=3))
    assert gone in again  # the same record, so that the hub knows it for a replay
    assert [one.gone for one in records if one.native_id == ids[second]] == [False]
    assert json.loads(then.value)["swept"] > json.loads(earlier(cursor, minutes=2).value)["swept"]


def test_a_case_in_the_bin_comes_once_and_whole(brightnet: Any) -> None:
    (number,) = brightnet.create(1)
    connector = brightnet.connector(**SWEEP)
    _, cursor = pulled(connector, None)
    brightnet.store.delete(brightnet.store.by_number(number).id, by="agent")
    records, _ = pulled(connector, earlier(cursor, minutes=3))
    (gone,) = records
    assert (gone.gone, gone.body["CaseNumber"]) == (True, number)


def test_a_row_that_was_committed_late_is_fetched(brightnet: Any) -> None:
    late, _ = brightnet.create(2)
    connector = brightnet.connector(**SWEEP)
    _, cursor = pulled(connector, None)
    record = brightnet.store.by_number(late)
    brightnet.store.edit(record.id, {"Agent__c": "Анна"}, by="agent")
    stamp = int((datetime.now(UTC) - timedelta(seconds=90)).timestamp() * 1e6)
    brightnet.store._db.execute("UPDATE records SET changed = ? WHERE id = ?", (stamp, record.id))  # behind the cursor
    unswept, _ = pulled(connector, cursor)
    assert [one.body["CaseNumber"] for one in unswept] != [late]
    records, _ = pulled(connector, earlier(cursor, minutes=3))
    assert {one.body["CaseNumber"]: one.body["Agent__c"] for one in records}[late] == "Анна"


def test_sweeps_are_as_rare_as_declared_and_never_where_none_is(brightnet: Any) -> None:
    brightnet.create(1)
    connector = brightnet.connector(sweep={"every": 3600})
    _, cursor = pulled(connector, None)
    pulled(connector, earlier(cursor, minutes=58))
    assert sweeps(brightnet) == []
    pulled(connector, earlier(cursor, minutes=62))
    assert sweeps(brightnet) == ["updated", "deleted"]
    brightnet.heard.clear()
    _, plain = pulled(brightnet.connector(sweep=None), None)
    assert json.loads(plain.value)["swept"] is None
    assert sweeps(brightnet) == []


def test_a_hub_that_slept_for_a_month_asks_for_what_is_kept(brightnet: Any) -> None:
    brightnet.create(1)
    connector = brightnet.connector(**SWEEP)
    _, cursor = pulled(connector, None)
    _, then = pulled(connector, earlier(cursor, days=40))
    assert sweeps(brightnet) == ["updated", "deleted"]
    swept = datetime.fromisoformat(json.loads(then.value)["swept"])
    assert datetime.now(UTC) - swept < timedelta(minutes=2)
    with pytest.raises(Refused, match="C357"):
        pulled(connector, Cursor(json.dumps({**json.loads(cursor.value), "swept": "soon"})))


def _sweeping(updated: Any, deleted: Any) -> Any:
    def answer(asked: Asked) -> Said:
        if "/updated" in asked.path or "/deleted" in asked.path:
            told = updated if "/updated" in asked.path else deleted
            return told if isinstance(told, Said) else Said(body=told)
        if "WHERE Id IN" in asked.query:
            return rows(case(TWO))
        return rows(case(ONE)) if "FROM Case " in asked.query else rows()

    return answer


def _cursor(swept: str) -> Cursor:
    return Cursor(json.dumps({"stamp": "2026-11-20T00:00:00.000Z", "id": ONE, "comments": None, "swept": swept}))


def test_the_next_sweep_begins_where_they_say_that_they_have_covered_all(org: Org) -> None:
    covered = "2026-11-20T22:17:00.000+0000"
    org.answer = _sweeping(
        {"ids": [TWO], "latestDateCovered": "2026-11-21T00:00:00.000+0000"},
        {"deletedRecords": [], "earliestDateAvailable": covered, "latestDateCovered": covered},
    )
    records, cursor = pulled(org.connector(sweep={}, comments=None), _cursor("2026-11-20T20:00:00Z"))
    assert [one.native_id for one in records] == [ONE, TWO]
    assert json.loads(cursor.value)["swept"] == "2026-11-20T22:17:00.000Z"


def test_a_time_that_they_do_not_keep_is_left_to_reconciling(org: Org) -> None:
    org.answer = _sweeping(error(400, "INVALID_REPLICATION_DATE", "too early"), {})
    records, cursor = pulled(org.connector(sweep={}, comments=None), _cursor("2026-11-20T20:00:00Z"))
    assert [one.native_id for one in records] == [ONE]
    assert json.loads(cursor.value)["swept"] == "2026-11-21T00:00:00.000Z"


@pytest.mark.parametrize("told", [[], {"ids": [], "latestDateCovered": "soon"}, error(400, "INVALID_TYPE", "no")])
def test_an_answer_that_covers_nothing_is_refused(org: Org, told: Any) -> None:
    org.answer = _sweeping(told, {"deletedRecords": [], "latestDateCovered": "2026-11-21T00:00:00.000+0000"})
    with pytest.raises(Refused, match=r"C35[234]"):
        pulled(org.connector(sweep={}, comments=None), _cursor("2026-11-20T20:00:00Z"))


def test_what_was_named_comes_a_page_at_a_time_and_the_cursor_moves_at_the_end(brightnet: Any) -> None:
    brightnet.create(5)
    connector = brightnet.connector(page=2, **SWEEP)
    _, cursor = pulled(connector, None)
    stamp = int((datetime.now(UTC) - timedelta(seconds=90)).timestamp() * 1e6)
    brightnet.store._db.execute("UPDATE records SET changed = ? + id", (stamp,))
    begun = earlier(cursor, minutes=3)
    pages = list(connector.pull(begun))
    assert [len(page.records) for page in pages] == [2, 2, 1]
    marks = [json.loads(page.cursor.value)["swept"] for page in pages]
    assert marks[0] == marks[1] == json.loads(begun.value)["swept"] < marks[2]
