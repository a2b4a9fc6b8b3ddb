"""SOQL: whatever a value holds, it stays a value."""

import re
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.errors import Rejected
from connectors.salesforce_soql import among, beyond, equals, moment, name, quoted, select, since

# What the public reference says a reader does with a quoted string: the laws below are told against it.
MEANS = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", '"': '"', "'": "'", "\\": "\\"}
STRING = re.compile(r"'((?:[^'\\]|\\.)*)'", re.DOTALL)


def read_back(literal: str) -> str:
    whole = STRING.fullmatch(literal)
    assert whole, f"{literal!r} is not exactly one string"
    return re.sub(r"\\(.)", lambda found: MEANS[found.group(1)], whole.group(1), flags=re.DOTALL)


SAYABLE = st.text(st.characters(exclude_categories=("Cs",))).filter(
    lambda text: not any((ord(c) < 32 and c not in "\n\r\t\b\f") or ord(c) == 127 for c in text)
)


@given(SAYABLE)
def test_any_text_reads_back_as_itself_from_one_string(text: str) -> None:
    assert read_back(quoted(text)) == text
    assert "\n" not in quoted(text)


@given(st.lists(SAYABLE, min_size=1, max_size=5))
def test_a_list_of_any_texts_stays_that_list(texts: list[str]) -> None:
    inside = among("Id", texts).removeprefix("Id IN (").removesuffix(")")
    assert [read_back(found.group()) for found in STRING.finditer(inside)] == texts


@pytest.mark.parametrize(
    ("value", "literal"),
    [
        ("x' OR Name != '", r"'x\' OR Name != \''"),
        ("x\\' OR Id != '", r"'x\\\' OR Id != \''"),
        ("ends in a backslash\\", r"'ends in a backslash\\'"),
        ("two\nlines\r\n", r"'two\nlines\r\n'"),
        ('say "так"', r"'say \"так\"'"),
        ("кириллица ñ 漢字 🧩", "'кириллица ñ 漢字 🧩'"),
        ("%_ are no wildcards after =", "'%_ are no wildcards after ='"),
        ("", "''"),
    ],
)
def test_injections_become_plain_text(value: str, literal: str) -> None:
    assert quoted(value) == literal
    assert equals("Hub_Case__c", value) == f"Hub_Case__c = {literal}"


@pytest.mark.parametrize("value", ["nul \0", "lone \ud800", "bell \x07", "delete \x7f", "escape \x1b"])
def test_what_no_string_can_hold_is_refused_with_its_place(value: str) -> None:
    with pytest.raises(Rejected, match=r"^SOQL: C650 the character U\+[0-9A-F]{4} at \d+ cannot stand in a query\."):
        quoted(value)


@pytest.mark.parametrize("bad", ["", "Id FROM Case", "Id,Name", "1st", "Name)", "Имя", "a..b", "Id\n", "Id--", "a."])
def test_only_names_are_names(bad: str) -> None:
    with pytest.raises(ValueError, match="is no name of a field or object"):
        name(bad)
    with pytest.raises(ValueError, match="is no name of a field or object"):
        equals(bad, "x")
    assert name("CreatedBy.Name") == "CreatedBy.Name"


def test_moments_are_told_in_utc_with_milliseconds() -> None:
    almaty = timezone(timedelta(hours=5))
    assert moment(datetime(2026, 11, 21, 15, 0, 0, 123456, almaty)) == "2026-11-21T10:00:00.123Z"
    assert since("SystemModstamp", datetime(2026, 11, 21, tzinfo=UTC)) == "SystemModstamp >= 2026-11-21T00:00:00.000Z"
    with pytest.raises(ValueError, match="2026-11-21T00:00:00 has no zone: a query needs one"):
        moment(datetime(2026, 11, 21))  # noqa: DTZ001  # a naive time is what is refused here


def test_rows_beyond_a_key_are_asked_by_both_parts_of_the_key() -> None:
    at = datetime(2026, 11, 21, 10, tzinfo=UTC)
    assert beyond("SystemModstamp", at, "500x") == (
        "SystemModstamp >= 2026-11-21T10:00:00.000Z AND (SystemModstamp > 2026-11-21T10:00:00.000Z "
        "OR (SystemModstamp = 2026-11-21T10:00:00.000Z AND Id > '500x'))"
    )


def test_a_query_is_put_together_from_checked_parts() -> None:
    comments = select(("Id", "CommentBody"), "CaseComments", order=("CreatedDate", "Id"))
    text = select(("Id", "Subject", "Id"), "Case", equals("Id", "5"), children=[comments], order=("Id",), limit=2)
    assert text == (
        "SELECT Id, Subject, (SELECT Id, CommentBody FROM CaseComments ORDER BY CreatedDate, Id) FROM Case "
        "WHERE Id = '5' ORDER BY Id LIMIT 2"
    )


def test_a_query_that_salesforce_would_not_take_is_not_sent() -> None:
    with pytest.raises(Rejected, match=r"the query has 100\d+ characters, Salesforce takes 100000"):
        select(("Id",), "Case", equals("Subject", "x" * 100_000))
    with pytest.raises(ValueError, match="Id: IN needs at least one value"):
        among("Id", ())
