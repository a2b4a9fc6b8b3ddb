"""What a past change of one of their fields means: by the same rules as the record, whatever shape the field has."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from mappings import lens as lenses
from mappings.lens import Lens

COMPANIES = {"North": "north", "South": "south"}
DECLARED: dict[str, Any] = {
    "case": {
        "name": "title",
        "status": {
            "from": "status.id", "to": "status_id", "as": "integer",
            "values": {1: "acknowledged", 2: "inProgress", 3: "resolved"},
            "refuse": ["pending", "held", "closed", "cancelled", "rejected"],
        },
        "priority": {
            "from": "priority", "values": {"P1": "high", "P2": "low", "P3": "medium"}, "default": "medium",
            "refuse": ["critical"],
        },
        "holder": {"from": {"list": "custom", "where": {"id": 2}}, "values": COMPANIES},
        "statusChangeDate": {"from": "moved", "time": "iso"},
        "relatedParty.customer.id": {"from": {"field": "caller", "part": 1, "of": 2, "split": " / "}},
        "relatedParty.customer.name": {"from": {"field": "caller", "part": 2, "of": 2, "split": " / "}},
        "relatedParty.solver.name": {"from": {"join": ["first", "last"], "with": " "}},
        "cost.amount": {"from": "cost", "number": "decimal"},
        "cost.units": {"constant": "EUR"},
        "accountable": {"from": "answerer", "values": COMPANIES},
    },
}  # fmt: skip
NOW: dict[str, Any] = {
    "title": "No signal", "status": {"id": 3, "name": "Solved"}, "priority": "P1", "caller": "77 / Ann Lee",
    "custom": [{"id": 1, "value": "x"}, {"id": 2, "value": "North"}], "first": "Ana", "last": "Gómez", "cost": "2.50",
}  # fmt: skip


@pytest.fixture(scope="module")
def lens() -> Lens:
    return lenses.compile(DECLARED, partner="acme")


def told(lens: Lens, field: str, old: Any, new: Any) -> list[tuple[str, Any, Any]]:
    return [(one.path, one.before, one.after) for one in lens.past(field, old, new, NOW)]


@pytest.mark.parametrize(
    ("field", "old", "new", "means"),
    [
        ("title", "No sound", "No signal", [("name", "No sound", "No signal")]),
        ("status.id", 1, 3, [("status", "acknowledged", "resolved")]),
        ("status_id", "1", "3", [("status", "acknowledged", "resolved")]),  # as it is written, and numbers as text
        ("priority", "P2", None, [("priority", "low", "medium")]),
        ("custom[id=2].value", "South", "North", [("holder", "south", "north")]),
        ("custom[id=2].value", "", "North", [("holder", None, "north")]),
        ("moved", "2026-11-28T10:00:00Z", None, [
            ("statusChangeDate", datetime(2026, 11, 28, 10, tzinfo=UTC), None),
        ]),
        ("caller", "76 / Ann", "77 / Ann Lee", [
            ("relatedParty.customer.id", "76", "77"), ("relatedParty.customer.name", "Ann", "Ann Lee"),
        ]),
        ("first", "Eva", "Ana", [("relatedParty.solver.name", "Eva Gómez", "Ana Gómez")]),
        ("cost", "2", "2.50", [("cost.amount", Decimal(2), Decimal("2.50"))]),
    ],
)  # fmt: skip
def test_a_change_means_what_the_record_would_have_meant(
    lens: Lens, field: str, old: Any, new: Any, means: list[tuple[str, Any, Any]]
) -> None:
    assert told(lens, field, old, new) == means


@pytest.mark.parametrize("field", ["colour", "custom", "custom[id=1].value", "status", "", "answerer"])
def test_a_field_that_no_line_reads_means_nothing(lens: Lens, field: str) -> None:
    assert told(lens, field, "a", "b") == []


def test_a_word_that_nobody_knows_says_why_and_where(lens: Lens) -> None:
    (one,) = lens.past("status.id", 1, 99, NOW)
    assert (one.before, one.after) == (None, None)
    assert one.unread is not None
    assert (one.unread.code, one.unread.place) == ("M201", ("case", "status"))


@pytest.mark.parametrize("word", ["NaN", "1e999999", "9" * 100, {"id": 1}, [1], True])
def test_an_odd_word_is_not_understood_and_breaks_nothing(lens: Lens, word: Any) -> None:
    (one,) = lens.past("status.id", word, 3, NOW)
    assert one.unread is not None


def test_the_record_is_left_as_it_was(lens: Lens) -> None:
    before = repr(NOW)
    for field in sorted(lens.past_fields):
        list(lens.past(field, "a", "b", NOW))
    assert repr(NOW) == before


def test_the_fields_of_which_something_is_made_are_named(lens: Lens) -> None:
    assert lens.past_fields == {
        "title", "status.id", "status_id", "priority", "custom[id=2].value", "moved", "caller", "first", "last", "cost",
    }  # fmt: skip
