"""Bulk API 2.0 jobs against Brightnet's org: when, what becomes of each row, and what a lost answer does not do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any
from uuid import uuid4

import pytest

from connectors import salesforce_tables as tables
from connectors.base import Change, Receipt
from connectors.errors import Rejected, Unknown, Unreachable
from connectors.salesforce import Salesforce

MANY = {"bulk": {"above": 30, "wait": 10}}
JOBS = "/services/data/v60.0/jobs/ingest"


def creation(n: int = 0, **fields: Any) -> Change:
    hub_id = str(uuid4())
    return Change(hub_id, "create", hub_id, {"Subject": f"Из узла {n}", "Status": "Новое", **fields}, hub_id)


def change(native_id: str, **fields: Any) -> Change:
    return Change(f"u-{native_id}", "update", native_id, fields, "hub", native_id)


def pushed(connector: Salesforce, changes: Sequence[Change]) -> list[Receipt]:
    """The receipts in the order of the changes, one each."""
    receipts = {one.key: one for one in connector.push(changes)}
    assert len(receipts) == len(changes)
    return [receipts[one.key] for one in changes]


def shapes(org: Any) -> Counter[str]:
    """Requests by method and what follows the job's id."""
    return Counter(
        " ".join([one.partition(" ")[0], *one.partition(JOBS)[2].split("/")[2:]]) for one in org.calls() if JOBS in one
    )


def subjects(org: Any) -> Counter[str]:
    return Counter(one.fields["Subject"] for one in org.store.select("deleted = 0"))


def test_many_creates_go_by_one_job_and_each_has_its_receipt(brightnet: Any) -> None:
    connector = brightnet.connector(**MANY)
    changes = [
        creation(n, Description='Ёж "в тумане",\nвторая строка', Minutes_Spent__c=n, Test__c=True) for n in range(450)
    ]
    receipts = pushed(connector, changes)
    assert [one.error for one in receipts if one.error] == []
    assert shapes(brightnet)["POST"] == 1
    assert shapes(brightnet)["PUT batches"] == 1
    assert not any("composite" in one for one in brightnet.calls())
    records = connector.fetch([str(one.native_id) for one in receipts])
    assert [one.body["Hub_Case__c"] for one in records] == [one.hub_id for one in changes]
    assert records[7].body["Description"] == 'Ёж "в тумане",\nвторая строка'
    assert (records[7].body["Minutes_Spent__c"], records[7].body["Test__c"]) == (7, True)


def test_fewer_go_by_collections_and_so_do_notes(brightnet: Any) -> None:
    connector = brightnet.connector(**MANY)
    receipts = pushed(connector, [creation(n) for n in range(29)])
    native_id = str(receipts[0].native_id)
    notes = [
        Change(
            f"n{n}", "add_note", f"l{n}", {"CommentBody": f"текст {n}", "IsPublished": False}, "h", native_id, ref="r"
        )
        for n in range(40)
    ]
    assert [one.error for one in pushed(connector, notes) if one.error] == []
    assert shapes(brightnet) == {"GET": 1}  # the look for what an earlier life left


def test_updates_leave_what_they_do_not_name_and_empty_what_they_do(brightnet: Any) -> None:
    connector = brightnet.connector(**MANY)
    made = pushed(connector, [creation(n, Agent__c="Анна", Team__c="Первая") for n in range(40)])
    ids = [str(one.native_id) for one in made]
    changes = [change(one, **({"Agent__c": None} if n % 2 else {"Priority": "Высокий"})) for n, one in enumerate(ids)]
    assert [one.error for one in pushed(connector, changes) if one.error] == []
    assert shapes(brightnet)["POST"] == 2
    told = [(one.body["Agent__c"], one.body["Priority"], one.body["Team__c"]) for one in connector.fetch(ids)]
    assert told == [("Анна", "Высокий", "Первая"), (None, None, "Первая")] * 20


def test_a_refused_row_parks_alone_and_a_twin_is_found(brightnet: Any) -> None:
    connector = brightnet.connector(**MANY)
    (there,) = pushed(connector, [first := creation(0)])
    changes = [creation(n) for n in range(40)]
    changes[3] = creation(3, Status="нет такого")
    changes[5] = Change("again", "create", first.lane, {"Subject": "Иначе", "Status": "Новое"}, first.hub_id)
    receipts = pushed(connector, changes)
    assert [n for n, one in enumerate(receipts) if one.error] == [3]
    assert isinstance(receipts[3].error, Rejected)
    assert "C651 Status has no such value: 'нет такого'" in str(receipts[3].error)
    assert (receipts[5].native_id, receipts[5].found) == (there.native_id, True)
    assert subjects(brightnet)["Иначе"] == 0


def test_a_job_that_is_refused_whole_goes_by_collections_which_find_the_row(brightnet: Any) -> None:
    connector = brightnet.connector(**MANY)
    changes = [creation(n) for n in range(40)]
    changes[9] = creation(9, Colour__c="red")
    receipts = pushed(connector, changes)
    assert [n for n, one in enumerate(receipts) if one.error] == [9]
    assert "Colour__c" in str(receipts[9].error)
    assert set(subjects(brightnet).values()) == {1}


def test_what_a_job_cannot_say_goes_by_collections(brightnet: Any) -> None:
    connector = brightnet.connector(**MANY)
    changes = [creation(n) for n in range(40)]
    changes[4] = creation(4, Description="#N/A")
    receipts = pushed(connector, changes)
    assert [one.error for one in receipts if one.error] == []
    (record,) = connector.fetch([str(receipts[4].native_id)])
    assert record.body["Description"] == "#N/A"
    assert len(brightnet.store.select("1 = 1")) == 40


@pytest.mark.parametrize(
    "lost", ["POST */jobs/ingest", "*/batches", "PATCH */jobs/ingest/*", "GET */successfulResults"]
)
def test_a_lost_answer_costs_no_row_and_doubles_none(brightnet: Any, lost: str) -> None:
    connector = brightnet.connector(**MANY)
    connector.push([])
    pushed(connector, [creation(0)])
    brightnet.lost.append(lost)
    receipts = pushed(connector, [creation(n) for n in range(40)])
    assert brightnet.lost == []
    assert [one.error for one in receipts if one.error] == []
    assert len(brightnet.store.select("1 = 1")) == 41
    assert shapes(brightnet)["POST"] == 1
    assert not any(one.endswith("composite/sobjects") for one in brightnet.calls())


def test_rows_that_never_arrived_go_by_collections(brightnet: Any) -> None:
    connector = brightnet.connector(**MANY)
    brightnet.unheard.append("*/batches")
    receipts = pushed(connector, [creation(n) for n in range(40)])
    assert [one.error for one in receipts if one.error] == []
    assert set(subjects(brightnet).values()) == {1}
    assert len(brightnet.store.select("1 = 1")) == 40


def test_a_job_that_cannot_be_opened_leaves_everything_provably_unsent(brightnet: Any) -> None:
    connector = brightnet.connector(**MANY)
    brightnet.unheard.append("POST */jobs/ingest")
    receipts = pushed(connector, [creation(n) for n in range(40)])
    assert {type(one.error) for one in receipts} == {Unreachable}
    assert "C153 no job could be opened" in str(receipts[0].error)
    assert brightnet.store.select("1 = 1") == []


def test_a_job_that_takes_too_long_is_aborted_and_its_results_say_what_was_done(start: Any) -> None:
    org = start(bulk_pace=1.0)
    connector = org.connector(bulk={"above": 30, "wait": 1.6})
    changes = [creation(n) for n in range(900)]
    receipts = pushed(connector, changes)
    done = [one for one in receipts if one.error is None]
    there = {one.fields["Hub_Case__c"] for one in org.store.select("1 = 1")}
    assert len(done) in (200, 400)
    assert {change.hub_id for change, one in zip(changes, receipts, strict=True) if one.error is None} == there
    assert {type(one.error) for one in receipts if one.error} == {Unreachable}
    assert "brightnet bulk job: C157 not written: the job took too long and was aborted before." in str(
        receipts[-1].error
    )
    assert any(one.startswith("PATCH") for one in org.calls()[-8:])


def test_a_job_whose_results_cannot_be_read_is_unknown(brightnet: Any) -> None:
    connector = brightnet.connector(**MANY)
    connector.check()
    brightnet.unheard += ["GET */successfulResults"] * 3  # a reading is tried three times
    receipts = pushed(connector, [creation(n) for n in range(40)])
    assert {type(one.error) for one in receipts} == {Unknown}
    assert "brightnet bulk job: C450 a job was closed, and its results cannot be read." in str(receipts[0].error)
    assert len(brightnet.store.select("1 = 1")) == 40


def test_a_job_of_an_earlier_life_is_waited_for_before_anything_is_sent(start: Any) -> None:
    org = start(bulk_pace=0.7)
    (made,) = pushed(org.connector(), [creation(0, Agent__c="старое")])
    plain = org.connector()
    opened = plain._calls.write("POST", "jobs/ingest", b'{"object":"Case","operation":"update","lineEnding":"LF"}', "t")
    row = tables.table([{"Id": made.native_id, "Agent__c": "из прежней жизни"}])
    plain._calls.upload(f"jobs/ingest/{opened['id']}/batches", row, "t")
    plain._calls.write("PATCH", f"jobs/ingest/{opened['id']}", b'{"state":"UploadComplete"}', "t")
    hasty = org.connector(bulk={"above": 30, "wait": 0.1})
    (receipt,) = hasty.push([change(str(made.native_id), Agent__c="новое")])
    assert "C156 an earlier job of ours is still under way there." in str(receipt.error)
    patient = org.connector(**MANY)
    (receipt,) = patient.push([change(str(made.native_id), Agent__c="новое")])
    assert receipt.error is None
    assert patient.fetch([str(made.native_id)])[0].body["Agent__c"] == "новое"


def test_a_push_is_brought_as_many_changes_as_make_a_job(brightnet: Any) -> None:
    assert brightnet.connector().system.at_once == 200
    assert brightnet.connector(bulk={}).system.at_once == 2000


def test_two_thousand_creates_cost_fewer_calls_than_collections_would(brightnet: Any) -> None:
    connector = brightnet.connector(bulk={})
    connector.check()
    brightnet.heard.clear()
    receipts = pushed(connector, [creation(n) for n in range(2000)])
    records = connector.fetch([str(one.native_id) for one in receipts])
    assert len(records) == 2000
    assert len(brightnet.calls()) <= 14


@pytest.mark.parametrize(
    ("cell", "code", "message", "fields"),
    [
        ("REQUIRED_FIELD_MISSING:Required fields are missing: [Subject]:Subject --", "REQUIRED_FIELD_MISSING",
         "Required fields are missing: [Subject]", ["Subject"]),
        ("DUPLICATE_VALUE:duplicate value found: a duplicates value on record with id: 5:--", "DUPLICATE_VALUE",
         "duplicate value found: a duplicates value on record with id: 5", []),
        ("INVALID_CROSS_REFERENCE_KEY:x: y:A,B --", "INVALID_CROSS_REFERENCE_KEY", "x: y", ["A", "B"]),
        ("something else", "UNKNOWN_EXCEPTION", "something else", []),
    ],
)  # fmt: skip
def test_an_error_cell_is_read(cell: str, code: str, message: str, fields: list[str]) -> None:
    assert tables.refusal(cell)["errors"] == [{"statusCode": code, "message": message, "fields": fields}]


def test_a_table_quotes_every_cell_and_results_are_read_strictly() -> None:
    raw = tables.table([{"attributes": {}, "A": 'x"y', "B": None}, {"A": "a\nb", "C": False}])
    assert raw.decode() == '"A","B","C"\n"x""y","#N/A",""\n"a\nb","","false"\n'
    assert tables.results(b"") == []
    assert tables.results('\ufeff"a","b"\n"1","2"\n'.encode()) == [{"a": "1", "b": "2"}]
    for bad in (b'"a"\n"1","2"\n', b'"a\n', b'"a"x\n', b"\xff"):
        with pytest.raises(ValueError):  # noqa: PT011  whatever is wrong with it
            tables.results(bad)
