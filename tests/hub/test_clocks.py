"""Where a case's time went, and how the promises stand in it: worked stories, and laws over any story."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.agreement import Agreement, load_agreement
from hub.clocks import Reading, clocks_of
from hub.declarations import DeclarationError
from hub.timeline import stretches
from hub.worked import worked

AGREEMENT = """\
version: "1"
effective: 2026-01-01
calendars:
  office: {zone: UTC, hours: {mon-fri: 08:00-18:00}}
  late: {zone: UTC, hours: {mon-fri: 12:00-20:00}}
partners:
  north: {title: North, calendar: office}
  south: {title: South, calendar: late}
sharing:
  standard: {fields: [name], notes: [partners]}
edges:
  - {id: phones, from: north, to: south}
  - {id: cables, from: south, to: north}
commitments:
  - {id: accept, clock: accept, of: each, within: {critical: 5 min, high: 30 min, medium: 1 h, low: 2 h}}
  - {id: answer, clock: firstResponse, of: each, within: 30 min}
  - {id: inform, clock: update, of: north, within: 1 h}
  - {id: resolve, clock: resolve, of: each, within: 2 h}
  - {id: south-resolves-phones, clock: resolve, of: south, edge: phones, within: 90 min}
  - {id: together, clock: endToEnd, of: all, within: 8 h, near: 50 %}
"""


@pytest.fixture(scope="module")
def agreement(tmp_path_factory: pytest.TempPathFactory) -> Agreement:
    path = tmp_path_factory.mktemp("agreed") / "agreement.yaml"
    path.write_text(AGREEMENT, encoding="utf-8")
    return load_agreement(path, ("north", "south"))


def clock_at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-11-02T{text}").replace(tzinfo=UTC)  # a monday


def read(agreement: Agreement, name: str, until: str, *lines: str) -> list[Reading]:
    found = clocks_of(worked(*lines), agreement, clock_at(until))
    return [reading for reading in found if reading.commitment.id == name]


CROSSED = (
    "a 09:00 opened north",
    "a 10:00 offered north>south edge=phones owes south",
    "a 10:10 delivered south",
    "a 12:40 accepted south",
    "a 15:00 resolved south",
)


def test_the_time_of_a_case_is_cut_where_somebody_else_has_to_act() -> None:
    rows = [(f"{row.start:%H:%M}", row.who, row.what) for row in stretches(worked(*CROSSED))]
    assert rows == [
        ("09:00", "north", "work"),
        ("10:00", "hub", "transport"),
        ("10:10", "south", "queue"),
        ("12:40", "south", "work"),
        ("15:00", "north", "feedback"),
    ]


def test_a_case_that_is_offered_as_it_is_opened_was_the_giver_s_until_the_hub_saw_it() -> None:
    first, second = worked(
        "a 09:00 opened north seen=09:00:20", "a 09:00 offered north>south seen=09:00:20 edge=phones"
    )
    rows = stretches([first, second])
    assert [(row.who, row.what, (row.end or row.start) - row.start) for row in rows] == [
        ("north", "work", timedelta(seconds=20)),
        ("hub", "transport", timedelta()),
    ]


def test_who_has_to_act_before_it_accepts_is_told_from_who_has_not_looked() -> None:
    rows = stretches(worked(*CROSSED[:3], "a 11:00 noted south", "a 12:40 refused south>north"))
    assert [(f"{row.start:%H:%M}", row.what) for row in rows[2:]] == [
        ("10:10", "queue"), ("11:00", "decision"), ("12:40", "work"),
    ]  # fmt: skip


def test_a_promise_runs_in_the_hours_of_who_gave_it(agreement: Agreement) -> None:
    [accept] = read(agreement, "accept", "16:00", *CROSSED)
    assert (accept.who, accept.spent, accept.allowed, accept.state) == (
        "south", timedelta(minutes=40), timedelta(hours=1), "kept",
    )  # fmt: skip


def test_a_promise_of_the_edge_goes_before_one_of_each(agreement: Agreement) -> None:
    assert [r.who for r in read(agreement, "resolve", "16:00", *CROSSED)] == ["north"]
    [south] = read(agreement, "south-resolves-phones", "16:00", *CROSSED)
    assert (south.spent, south.state, south.due_at) == (timedelta(minutes=140), "broken", clock_at("14:10"))


def test_a_case_that_is_at_another_company_is_on_nobody_else_s_clock(agreement: Agreement) -> None:
    [north] = read(agreement, "resolve", "23:00", *CROSSED)
    assert (north.spent, north.state, north.ended_at) == (timedelta(hours=1), "kept", clock_at("10:00"))


def test_the_customer_s_clock_runs_across_companies_and_stops_while_the_customer_is_waited_for(
    agreement: Agreement,
) -> None:
    lines = (*CROSSED[:4], "a 13:00 changed south status=pending", "a 14:30 changed south status=inProgress")
    [whole] = read(agreement, "together", "14:00", *lines[:5])
    assert (whole.spent, whole.state, whole.due_at) == (timedelta(hours=4), "waiting", None)
    [whole] = read(agreement, "together", "15:00", *lines)
    assert (whole.spent, whole.state, whole.due_at) == (timedelta(hours=4, minutes=30), "near", clock_at("18:30"))
    [whole] = read(agreement, "together", "15:00", *lines, "a 14:50 resolved south")
    assert (whole.spent, whole.state) == (timedelta(hours=4, minutes=20), "kept")
    [whole] = read(agreement, "together", "20:00", *lines, "a 14:50 resolved south", "a 16:00 reopened south")
    assert (whole.spent, whole.state, whole.due_at) == (timedelta(hours=8, minutes=20), "broken", clock_at("19:40"))


def test_a_word_that_nobody_else_may_see_is_no_answer(agreement: Agreement) -> None:
    lines = ("a 09:00 opened north", "a 09:10 noted north visibility=private")
    [answer] = read(agreement, "answer", "09:25", *lines)
    assert (answer.spent, answer.state, answer.due_at) == (timedelta(minutes=25), "near", clock_at("09:30"))
    [answer] = read(agreement, "answer", "09:40", *lines, "a 09:20 noted north visibility=customer")
    assert (answer.spent, answer.state) == (timedelta(minutes=20), "kept")


def test_each_gap_between_two_words_is_a_promise_of_its_own(agreement: Agreement) -> None:
    gaps = read(agreement, "inform", "12:30", "a 09:00 opened north", "a 09:30 noted north visibility=partners",
                "a 11:30 noted north visibility=customer")  # fmt: skip
    assert [(gap.spent, gap.state) for gap in gaps] == [
        (timedelta(minutes=30), "kept"), (timedelta(hours=2), "broken"), (timedelta(hours=1), "near"),
    ]  # fmt: skip


def test_a_case_has_the_time_of_its_present_priority(agreement: Agreement) -> None:
    lines = ("a 09:00 opened north priority=low", *CROSSED[1:3], "a 12:05 changed north priority=critical")
    [accept] = read(agreement, "accept", "12:10", *lines)
    assert (accept.allowed, accept.state) == (timedelta(minutes=5), "broken")
    [unsaid] = read(agreement, "accept", "12:10", *CROSSED[:3])
    assert unsaid.allowed == timedelta(hours=1)  # medium


@given(st.lists(st.sampled_from([
    "changed north status=pending", "changed south status=held", "changed north status=inProgress", "resolved south",
    "reopened north", "offered north>south edge=phones owes south", "delivered south", "accepted south",
    "refused south>north", "offered south>north edge=cables owes north", "accepted north", "noted south",
]), max_size=12), st.lists(st.integers(1, 90), min_size=13, max_size=13))  # fmt: skip
def test_no_time_is_lost_and_none_counts_twice(acts: list[str], gaps: list[int]) -> None:
    at, lines = 0, ["a 00:00 opened north"]
    for act, gap in zip(acts, gaps, strict=False):
        at += gap
        lines.append(f"a {at // 60:02}:{at % 60:02} {act}")
    rows = stretches(worked(*lines))
    assert rows[0].start == clock_at("00:00")
    assert all(row.end == following.start for row, following in itertools.pairwise(rows))
    assert rows[-1].end is None
    assert all(row.who and row.accountable for row in rows)


def problems(tmp_path: Path, text: str) -> str:
    path = tmp_path / "agreement.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DeclarationError) as caught:
        load_agreement(path, ("north", "south"))
    return str(caught.value).replace(f"{tmp_path}/", "")


@pytest.mark.parametrize(
    ("given", "instead", "told"),
    [
        (
            "calendar: late",
            "calendar: lat",
            "8:25 A320 partners.south.calendar: 'lat' is no calendar of this agreement.\n"
            "  Known: always, office, late. Did you mean 'late'?",
        ),
        (
            "of: north",
            "of: nort",
            "17:33 A321 commitment inform: of: 'nort' is no partner of this agreement, nor 'each', nor",
        ),
        (
            "of: south, edge: phones",
            "of: north, edge: phones",
            "A322 commitment south-resolves-phones: of: a case that came over phones is with south, and this is a ",
        ),
        ("of: all", "of: each", "A322 commitment together: of: endToEnd is a promise of all together: say `of: all`."),
        (
            "clock: update, of: north",
            "clock: resolve, of: each",
            "A323 commitment resolve: inform says it already (resolve of each)",
        ),
        (
            "within: 8 h",
            "within: 2 h",
            "A324 commitment together: low: all together promise 2 h, and south alone may take "
            "3 h 30 min over phones (south-resolves-phones, accept): it cannot be kept.",
        ),
        ("within: 8 h", "within: 1 d", "a time is hours and minutes, such as 8 h, 15 min or 1 h 30 min"),
        ("near: 50 %", "near: 0.5 x", "a share is a percentage, such as 95 %"),
        (", low: 2 h", "", "a time for each priority, or one for all; there is none for low"),
        ("mon-fri: 12:00-20:00", "mon-fry: 12:00-20:00", "'mon-fry' is no day and no row of days; known: mon, tue"),
        ("mon-fri: 12:00-20:00", "mon-fri: 12-20h", "'12-20h' are no hours; they read 09:00-17:00"),
        (
            "mon-fri: 12:00-20:00",
            "mon-fri: [08:00-13:00, 12:00-20:00]",
            "hours of mon and mon overlap: they would count twice",
        ),
        ("mon-fri: 12:00-20:00", "mon-sun: 20:00-20:01, mon: 20:00-20:00", "hours of mon and mon overlap"),
        ("zone: UTC, hours: {mon-fri: 12", "zone: Mars, hours: {mon-fri: 12", "'Mars' is no IANA time zone"),
    ],
)
def test_a_promise_that_says_nonsense_is_told_where(tmp_path: Path, given: str, instead: str, told: str) -> None:
    assert given in AGREEMENT
    assert told in problems(tmp_path, AGREEMENT.replace(given, instead))
