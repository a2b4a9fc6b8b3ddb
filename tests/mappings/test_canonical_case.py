"""The canonical case: built from paths, frozen, and moved only as the table allows."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from pydantic import ValidationError

from mappings.case import ENDED, PATHS, PICKLISTS, STATUSES, TIMES, Case, Note, Visibility, is_path, utc, visible
from mappings.transitions import MAY_FOLLOW, is_reopening, may_follow

WHEN = datetime(2026, 11, 21, 10, 0, tzinfo=timezone(timedelta(hours=-5)))
KEPT = {"id": "case-1", "accountable": "telvoz", "contact_point": "northcable"}


def test_a_case_is_built_from_paths_and_told_in_camel_case() -> None:
    case = Case.from_values(
        {
            "status": "inProgress", "holder": "telvoz", "name": "Sin línea", "description": None, "creationDate": WHEN,
            "relatedParty.customer.name": "Ann", "relatedParty.customer.id": "C-1", "relatedEntity.product.id": "PHONE",
            "characteristic.team": "V21", "effort.amount": 15, "effort.units": "min", "feedback.score": 5,
        },
        **KEPT,
    )  # fmt: skip
    told = case.model_dump(by_alias=True, exclude_none=True, exclude_defaults=True)
    assert told == {
        "id": "case-1", "name": "Sin línea", "status": "inProgress", "creationDate": WHEN,
        "relatedParty": ({"role": "customer", "id": "C-1", "name": "Ann"},),
        "relatedEntity": ({"role": "product", "id": "PHONE"},),
        "holder": "telvoz", "accountable": "telvoz", "contactPoint": "northcable",
        "effort": {"amount": Decimal(15), "units": "min"}, "characteristic": ({"name": "team", "value": "V21"},),
    }  # fmt: skip
    assert case.creation_date is not None
    assert case.creation_date.utcoffset() == timedelta(hours=-5)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"status": "open"}, "Input should be 'acknowledged'"),
        ({"status": "held", "creationDate": WHEN.replace(tzinfo=None)}, "Input should have timezone info"),
        ({"status": "held", "mood": "bad"}, "Extra inputs are not permitted"),
    ],
)
def test_a_case_that_is_none_is_refused(values: dict[str, object], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        Case.from_values({"holder": "telvoz", **values}, **KEPT)


def test_only_notes_that_somebody_may_read_are_visible() -> None:
    notes = [Note(partner="p", id=str(kind), author="A", date=WHEN, text="x", visibility=kind) for kind in Visibility]
    assert [note.id for note in visible(notes, [Visibility.CUSTOMER, Visibility.PARTNERS])] == ["partners", "customer"]
    assert visible(notes, []) == ()


def test_a_time_without_a_zone_is_no_instant() -> None:
    assert utc(WHEN) == datetime(2026, 11, 21, 15, 0, tzinfo=UTC)
    with pytest.raises(ValueError, match="has no zone"):
        utc(WHEN.replace(tzinfo=None))


def test_paths_with_a_list_or_a_time_are_paths() -> None:
    assert TIMES <= PATHS
    assert set(PICKLISTS) - {"visibility"} <= PATHS
    assert is_path("characteristic.team")
    assert not is_path("characteristic.")
    assert not is_path("titel")


def test_the_hub_moves_a_case_only_as_the_table_says() -> None:
    assert set(MAY_FOLLOW) == set(STATUSES)
    assert all(may_follow(status, status) for status in STATUSES)
    assert may_follow("resolved", "closed")
    assert not may_follow("inProgress", "closed")
    assert not any(may_follow(ended, "resolved") for ended in ENDED)
    with pytest.raises(ValueError, match="known statuses are acknowledged"):
        may_follow("open", "closed")


@pytest.mark.parametrize(
    ("before", "after", "reopens"),
    [
        ("resolved", "inProgress", True),
        ("closed", "pending", True),
        ("resolved", "closed", False),
        ("held", "inProgress", False),
    ],
)
def test_work_that_starts_again_is_a_reopening(before: str, after: str, reopens: bool) -> None:
    assert is_reopening(before, after) is reopens
