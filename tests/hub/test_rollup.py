"""A rollup is the same whoever computes it and in whatever order; sums that must agree do, on any history."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.entries import Entry, EntryKind
from hub.facts import facts_of
from hub.happened import standing
from hub.periods import Buckets, Period, PeriodError
from hub.rollup import WHOLE, Rollup, Scope, rollup
from hub.story import by_case
from hub.worked import worked

COMPANIES = ("north", "south", "west")
ALL = Period.parse("all")
START = datetime(2026, 11, 1, tzinfo=UTC)
STATUSES = ("acknowledged", "inProgress", "pending", "resolved", "closed", "cancelled")
KINDS: tuple[EntryKind, ...] = ("changed", "offered", "refused", "owed", "delivered", "parked", "conflict", "noted")

acts = st.tuples(
    st.sampled_from(KINDS), st.sampled_from(COMPANIES), st.sampled_from(STATUSES), st.integers(0, 3 * 86_400)
)
histories = st.lists(st.tuples(st.sampled_from(COMPANIES), st.lists(acts, max_size=9), st.booleans()), max_size=6)


def told(history: list[tuple[str, list[tuple[EntryKind, str, str, int]], bool]]) -> list[Entry]:
    """The entries of a generated history, one case after the other; a marked case moves no figure."""
    entries: list[Entry] = []
    for number, (origin, steps, marked) in enumerate(history):
        at, holder, status, version = START + timedelta(hours=7 * number), origin, "acknowledged", 1
        opening: tuple[EntryKind, str, str, int] = ("opened", origin, "acknowledged", 0)
        for kind, company, after, later in (opening, *steps):
            at += timedelta(seconds=later)
            holder = company if kind in ("offered", "refused") else holder
            status = after if kind in ("opened", "changed") else status
            version += kind in ("changed", "offered", "refused", "noted")
            entries.append(
                Entry(
                    seq=len(entries) + 1,
                    tx=len(entries) + 1,
                    case_id=f"case-{number}",
                    kind=kind,
                    partner=company,
                    observed_at=at + timedelta(seconds=2),
                    business_at=at if kind not in ("owed", "delivered", "parked", "conflict") else None,
                    status=status,
                    holder=holder,
                    detail={"version": version},
                    test=marked and number % 3 == 2,
                )
            )
    return entries


def values(of: Rollup, indicator: str) -> dict[str, float]:
    return {row.scope.key: row.value or 0 for row in of.rows if row.indicator == indicator}


@given(histories)
def test_what_one_company_gives_another_receives(history: list) -> None:
    made = rollup(told(history), ALL, COMPANIES)
    into, out = values(made, "handovers_in"), values(made, "handovers_out")
    assert (
        sum(into[name] for name in COMPANIES) == sum(out[name] for name in COMPANIES) == into["whole"] == out["whole"]
    )
    edges = [scope.key for scope in made.edges]
    assert sum(into[key] for key in edges) == into["whole"]
    assert sum(into.get(f"{name}>south", 0) for name in COMPANIES) == into["south"]


@given(histories)
def test_what_is_open_at_the_end_was_opened_and_has_not_ended(history: list) -> None:
    entries = told(history)
    made = rollup(entries, ALL, COMPANIES)
    facts = [fact for story in by_case(entries).values() for fact in facts_of(story)]
    ended = sum(fact.what == "ended" for fact in standing(facts, None))
    opened, open_now = values(made, "opened"), values(made, "open_at_end")
    waiting = values(made, "awaiting_feedback")
    assert opened["whole"] - ended - waiting["whole"] == open_now["whole"]
    for stock in (opened, open_now, waiting):
        assert sum(stock[name] for name in COMPANIES) == stock["whole"]


@given(histories)
def test_the_whole_is_the_sum_where_each_fact_has_one_company(history: list) -> None:
    made = rollup(told(history), ALL, COMPANIES)
    for indicator in ("opened", "changes", "deliveries", "parked", "conflicts", "bounces", "open_at_end"):
        found = values(made, indicator)
        assert sum(found[name] for name in COMPANIES) == found["whole"], indicator
    for indicator in ("crossing_cases", "pingpong_cases", "resolved", "reopened"):
        found = values(made, indicator)
        assert max(found[name] for name in COMPANIES) <= found["whole"] <= sum(found[name] for name in COMPANIES)
    assert values(made, "pingpong_cases")["whole"] <= values(made, "crossing_cases")["whole"]


@given(histories, st.randoms(use_true_random=False))
def test_the_order_in_which_independent_cases_come_changes_nothing(history: list, chance) -> None:
    entries = told(history)
    mixed: list[Entry] = []
    queues = [list(story) for story in {name: [e for e in entries if e.case_id == name] for name in
                                        {entry.case_id for entry in entries}}.values()]  # fmt: skip
    while queues:
        queue = chance.choice(queues)
        mixed.append(replace(queue.pop(0), seq=len(mixed) + 1))
        queues = [rest for rest in queues if rest]
    assert rollup(mixed, ALL, COMPANIES) == rollup(entries, ALL, COMPANIES)
    chance.shuffle(mixed)
    assert rollup(mixed, ALL, COMPANIES) == rollup(entries, ALL, COMPANIES)


@settings(deadline=None, max_examples=25)
@given(histories)
def test_days_add_up_to_their_range(history: list) -> None:
    entries = told(history)
    last = date(2026, 12, 10)
    days = [rollup(entries, Period.day(date(2026, 11, 1) + timedelta(days=n)), COMPANIES) for n in range(40)]
    months = rollup(entries, Period.parse(f"2026-11-01..{last}"), COMPANIES)
    for indicator in ("opened", "changes", "deliveries", "handovers_in", "bounces", "parked", "conflicts"):
        for scope in (WHOLE, *(Scope("company", name) for name in COMPANIES)):
            assert sum(day.row(indicator, scope).n for day in days) == months.row(indicator, scope).n
    assert days[-1].row("open_at_end") == months.row("open_at_end")


@given(histories)
def test_what_companies_and_edges_made_the_customer_wait_is_all_that_he_waited_for_them(history: list) -> None:
    entries = told(history)
    made = rollup(entries, ALL, COMPANIES)
    shares = [row for row in made.rows if row.indicator == "share_of_wait" and row.scope.kind in ("company", "edge")]
    waited = any(made.row(key).value for key in ("time_in_hands", "time_with_third_party", "time_at_edge"))
    assert sum(row.value or 0 for row in shares) == pytest.approx(100 if waited else 0)
    assert made.row("orphan_time").value == 0


@given(histories)
def test_a_series_adds_up_to_its_figure(history: list) -> None:
    made = rollup(told(history), ALL, COMPANIES)
    for indicator in ("opened", "resolved"):
        assert sum(point.value for point in made.series if point.indicator == indicator) == made.row(indicator).value
    starts = [point.start for point in made.series if point.indicator == "opened"]
    assert all(before < after for before, after in pairwise(starts))


def test_a_flow_counts_where_it_happened_and_a_stock_where_it_stands() -> None:
    entries = [
        replace(entry, business_at=START + timedelta(days=day, hours=12))
        for entry, day in zip(
            worked("a 09:00 opened north", "a 10:00 offered north>south", "a 11:00 resolved south"),
            (0, 2, 4),
            strict=True,
        )
    ]
    first, third, fifth = (rollup(entries, Period.day(date(2026, 11, day)), COMPANIES) for day in (1, 3, 5))
    assert [made.row("opened").value for made in (first, third, fifth)] == [1, 0, 0]
    assert [made.row("handovers_in").value for made in (first, third, fifth)] == [0, 1, 0]
    assert [made.row("open_at_end").value for made in (first, third, fifth)] == [1, 1, 0]
    assert [made.row("open_at_end", Scope("company", "south")).value for made in (first, third, fifth)] == [0, 1, 0]
    assert fifth.row("time_to_resolve_median").value == 4 * 86_400
    assert (first.cases, rollup(entries, Period.parse("2026-10")).cases) == (1, 0)


def test_a_rollup_bears_what_it_was_computed_from() -> None:
    entries = [
        replace(entry, mapping_hash=f"{entry.partner}-{entry.seq}", history=entry.case_id == "b")
        for entry in worked("a 09:00 opened north", "a 10:00 changed south", "b 09:00 opened north")
    ]
    made = rollup(entries, ALL, ("west",), agreement_version="7", code_version="0.1.0")
    assert (made.head, made.agreement_version, made.code_version) == (3, "7", "0.1.0")
    assert made.mapping_hashes == (("north", "north-3"), ("south", "south-2"), ("north", "north-1"))
    assert made.companies == ("west", "north", "south")
    assert (made.cases, made.history) == (2, 1)


def test_an_empty_ledger_has_figures_too() -> None:
    made = rollup([], ALL, COMPANIES)
    assert made.row("opened").value == 0
    assert made.row("time_to_resolve_median").value is None
    assert (made.head, made.series, made.edges) == (0, (), ())
    with pytest.raises(KeyError, match="opened has no figure for north>south"):
        made.row("opened", Scope("edge", "north", "south"))


@pytest.mark.parametrize(
    ("name", "zone", "start", "end"),
    [
        ("2026-11-21", "UTC", "2026-11-21T00:00", "2026-11-22T00:00"),
        ("2026-11-21", "Asia/Almaty", "2026-11-20T19:00", "2026-11-21T19:00"),
        ("2026-10-25", "Europe/London", "2026-10-24T23:00", "2026-10-26T00:00"),
        ("2026-W47", "UTC", "2026-11-16T00:00", "2026-11-23T00:00"),
        ("2026-12", "America/Bogota", "2026-12-01T05:00", "2027-01-01T05:00"),
        ("2026-Q4", "UTC", "2026-10-01T00:00", "2027-01-01T00:00"),
        ("2026-11-01..2026-11-15", "UTC", "2026-11-01T00:00", "2026-11-16T00:00"),
    ],
)
def test_a_period_is_the_readers_calendar(name: str, zone: str, start: str, end: str) -> None:
    made = Period.parse(name, zone)
    assert (made.start, made.end) == (datetime.fromisoformat(f"{start}Z"), datetime.fromisoformat(f"{end}Z"))
    assert made.holds(made.start)
    assert not made.holds(made.end)


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("yesterday", "names no period"),
        ("2026-02-30", "is not in the calendar"),
        ("2026-W54", "is not in the calendar"),
        ("2026-13", "is not in the calendar"),
        ("2026-11-15..2026-11-01", "it ends before it starts"),
        ("9999-12-31", "is not in the calendar"),
    ],
)
def test_a_period_that_is_none_is_told_how_they_are_written(name: str, why: str) -> None:
    with pytest.raises(PeriodError, match=f"^R101 period: '{name}' .*{why}.*Known: all, 2026-11-21, 2026-W47, 2026-11"):
        Period.parse(name)


def test_an_unknown_zone_is_named() -> None:
    with pytest.raises(PeriodError, match="R102 zone: 'Europe/Londn' is no IANA time zone"):
        Period.parse("all", "Europe/Londn")


moments = st.datetimes(datetime(2009, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis adds the zone


@given(moments, moments, st.sampled_from(["UTC", "Europe/London", "Asia/Kathmandu", "America/Sao_Paulo"]))
def test_buckets_are_few_ascending_and_hold_what_falls_in_them(one: datetime, other: datetime, zone: str) -> None:
    first, last = min(one, other), max(one, other)
    buckets = Buckets.over(first, last, ZoneInfo(zone))
    assert 1 <= len(buckets.starts) <= 45
    assert all(before.timestamp() < after.timestamp() for before, after in pairwise(buckets.starts))
    for at in (first, last):
        place = buckets.index(at)
        assert buckets.starts[place].timestamp() <= at.timestamp()
        assert place == len(buckets.starts) - 1 or at.timestamp() < buckets.starts[place + 1].timestamp()
