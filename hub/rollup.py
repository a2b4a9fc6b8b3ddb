"""From entries to the figures of one period: every indicator for the whole, each company and each edge, stamped.

Full recomputation in one pass over the entries grouped by case: pure, the same result for the same entries whatever the
order in which independent cases come. A flow (opened, handed over) counts where it is placed in the period; a stock
(open at the end) is what stands when the period ends. Next: `facts.py`, `indicators.py`; `report/` draws it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Literal

from hub.entries import Entry
from hub.facts import HUB, STOCKS, Fact, What, by_case, facts_of, standing
from hub.indicators import INDICATORS
from hub.measures import Indicator
from hub.periods import Buckets, Period, Step

STANDING: frozenset[What] = frozenset().union(*STOCKS)
SERIES: tuple[str, ...] = ("opened", "resolved")
"""Indicators that a rollup also gives by step of time, for the whole."""


@dataclass(frozen=True, slots=True, order=True)
class Scope:
    """Whose figures. company: the company, or the giver of an edge; to: the receiver of an edge."""

    kind: Literal["whole", "company", "edge"]
    company: str = ""
    to: str = ""

    @property
    def key(self) -> str:
        """whole, northcable, northcable>telvoz."""
        return {"whole": "whole", "company": self.company}.get(self.kind, f"{self.company}>{self.to}")


WHOLE = Scope("whole")


@dataclass(frozen=True, slots=True)
class Row:
    """One figure. value: None where there was nothing to compute it from; n: how many facts it stands on. sampled:
    seconds between two polls of the slowest company in it that tells no change history; None: none is in it, or it
    makes no difference."""

    scope: Scope
    indicator: str
    value: int | float | None
    unit: str
    n: int
    sampled: float | None = None


@dataclass(frozen=True, slots=True)
class Point:
    """One step of a series: it starts at `start` (local to the reader)."""

    start: datetime
    indicator: str
    value: int


@dataclass(frozen=True, slots=True)
class Rollup:
    """The figures of one period and what they were computed from: anyone with the ledger can compute them again.

    head: the last entry's seq. mapping_hashes: (partner, hash) under which entries were read, newest first.
    cases, history: how many cases have entries up to the period's end, and how many of those are replayed or imported.
    step: how long a point of the series is. sampled: (company, seconds between two polls) of those that tell no change
    history, so that what comes and goes there between two polls is in no figure.
    """

    period: Period
    head: int
    agreement_version: str
    code_version: str
    mapping_hashes: tuple[tuple[str, str], ...]
    companies: tuple[str, ...]
    cases: int
    history: int
    rows: tuple[Row, ...]
    step: Step
    series: tuple[Point, ...]
    sampled: tuple[tuple[str, float], ...] = ()

    def row(self, indicator: str, scope: Scope = WHOLE) -> Row:
        """The figure of an indicator in a scope. Raises KeyError."""
        for row in self.rows:
            if row.indicator == indicator and row.scope == scope:
                return row
        raise KeyError(f"{indicator} has no figure for {scope.key}")

    @property
    def edges(self) -> tuple[Scope, ...]:
        """The edges over which something went, ordered by name."""
        return tuple(sorted({row.scope for row in self.rows if row.scope.kind == "edge"}))


def rollup(
    entries: Iterable[Entry],
    period: Period,
    companies: Sequence[str] = (),
    *,
    agreement_version: str = "",
    code_version: str = "",
    sampled: Mapping[str, float] = MappingProxyType({}),
) -> Rollup:
    """The rollup of the period. companies: shown even where nothing happened; those met in the entries are added.
    sampled: seconds between two polls, by company that tells no change history."""
    entries = list(entries)
    stories = by_case(entries)
    told = [story for case_id, story in stories.items() if case_id and _begun(story, period)]
    facts = [fact for story in stories.values() for fact in facts_of(story)]
    met = {name for fact in facts for name in (fact.company, fact.giver)} - {"", HUB}
    named = (*companies, *sorted(met - set(companies)))
    sides = _sides(facts, period)
    step, series = _series(sides, period)
    return Rollup(
        period=period,
        head=max((entry.seq for entry in entries), default=0),
        agreement_version=agreement_version,
        code_version=code_version,
        mapping_hashes=_hashes(entries),
        companies=named,
        cases=len(told),
        history=sum(any(entry.history for entry in story) for story in told),
        rows=tuple(_rows(sides, named, sampled)),
        step=step,
        series=series,
        sampled=tuple(sorted((name, seconds) for name, seconds in sampled.items() if name in named)),
    )


def _begun(story: Sequence[Entry], period: Period) -> bool:
    """Whether the case was there before the period ended."""
    first = story[0]
    return period.end is None or (first.business_at or first.observed_at) < period.end


def _sides(facts: Sequence[Fact], period: Period) -> dict[What, list[Fact]]:
    """The facts that count, by kind: flows placed in the period, stocks as they stand at its end."""
    sorted_out: dict[What, list[Fact]] = {}
    bounded = period.start is not None or period.end is not None
    for fact in facts:
        if fact.what not in STANDING and (not bounded or period.holds(fact.at)):
            sorted_out.setdefault(fact.what, []).append(fact)
    for fact in standing(facts, period.end):
        sorted_out.setdefault(fact.what, []).append(fact)
    return sorted_out


def _rows(by_kind: dict[What, list[Fact]], companies: Sequence[str], sampled: Mapping[str, float]) -> list[Row]:
    figures: dict[tuple[Scope, str], Row] = {}
    scopes = {WHOLE: None, **{Scope("company", name): None for name in companies}}
    edges: dict[Scope, None] = {}
    for what in ("handover", "carried"):
        edges |= {Scope("edge", fact.giver, fact.company): None for fact in by_kind.get(what, ()) if fact.giver}
    for indicator in INDICATORS:
        facts = by_kind.get(indicator.fact, [])
        parts = _parts(indicator, facts)
        for scope in (*scopes, *(edges if indicator.by_edge else ())):
            figure = indicator.take(facts if scope == WHOLE else parts.get((scope.company, scope.to), []))
            seconds = _sampled(scope, companies, sampled) if indicator.sampled else None
            figures[scope, indicator.id] = Row(scope, indicator.id, figure.value, indicator.unit, figure.n, seconds)
    order = {scope: place for place, scope in enumerate((*scopes, *sorted(edges)))}
    return sorted(figures.values(), key=lambda row: order[row.scope])


def _sampled(scope: Scope, companies: Sequence[str], sampled: Mapping[str, float]) -> float | None:
    """Seconds between two polls of the slowest company in this scope that is sampled."""
    in_it = companies if scope == WHOLE else (scope.company, scope.to)
    return max((sampled[name] for name in in_it if name in sampled), default=None)


def _parts(indicator: Indicator, facts: Sequence[Fact]) -> dict[tuple[str, str], list[Fact]]:
    """The facts of each company (company, "") and edge (giver, receiver), as the indicator's side has it."""
    parts: dict[tuple[str, str], list[Fact]] = defaultdict(list)
    for fact in facts:
        if indicator.side == "giver":
            parts[fact.giver, ""].append(fact)
        elif indicator.side == "origin":
            parts[fact.origin, ""].append(fact)
        else:
            parts[fact.company, ""].append(fact)
        if indicator.side == "either":
            parts[fact.giver, ""].append(fact)
        if indicator.by_edge and fact.giver:
            parts[fact.giver, fact.company].append(fact)
    return parts


def _series(by_kind: dict[What, list[Fact]], period: Period) -> tuple[Step, tuple[Point, ...]]:
    """Cases opened and resolved by step of time; a case counts in one step, where it first did."""
    firsts: dict[tuple[str, str], datetime] = {}
    for indicator in SERIES:
        for fact in by_kind.get("opened" if indicator == "opened" else "resolved", ()):
            key = (indicator, fact.case_id)
            firsts[key] = min(firsts.get(key, fact.at), fact.at)
    if not firsts:
        return "day", ()
    buckets = Buckets.over(min(firsts.values()), max(firsts.values()), period.tz)
    counts = {indicator: [0] * len(buckets.starts) for indicator in SERIES}
    for (indicator, _), at in firsts.items():
        counts[indicator][buckets.index(at)] += 1
    return buckets.step, tuple(
        Point(start, indicator, counts[indicator][place])
        for place, start in enumerate(buckets.starts)
        for indicator in SERIES
    )


def _hashes(entries: Sequence[Entry]) -> tuple[tuple[str, str], ...]:
    newest: dict[tuple[str, str], int] = {}
    for entry in entries:
        if entry.mapping_hash:
            key = (entry.partner, entry.mapping_hash)
            newest[key] = max(newest.get(key, 0), entry.seq)
    return tuple(sorted(newest, key=lambda key: (-newest[key], key)))
