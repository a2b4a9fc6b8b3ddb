"""From entries to the figures of one period: every indicator for the whole, each company, each edge and more, stamped.

Full recomputation in one pass over the entries grouped by case: pure, the same result for the same entries whatever the
order in which independent cases come. Next: `facts.py`, `tallying.py`, `indicators/`; `report/` draws it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType

from hub.agreement import Agreement
from hub.dimensions import labels
from hub.entries import Entry
from hub.facts import facts_of
from hub.happened import HUB, Fact, What
from hub.indicators import INDICATORS
from hub.measures import Tally, of_whole
from hub.periods import Buckets, Period, Step
from hub.scopes import WHOLE, Scope
from hub.story import by_case
from hub.tallying import Tallies, counting, tallies

__all__ = ["SERIES", "WHOLE", "Point", "Restated", "Rollup", "Row", "Scope", "rollup", "rows_of"]

NOTHING = Tally()
SERIES: tuple[str, ...] = ("opened", "resolved")
"""Indicators that a rollup also gives by step of time, for the whole."""


@dataclass(frozen=True, slots=True)
class Row:
    """One figure. value: None where there was nothing to compute it from; n: how many facts it stands on. sampled:
    seconds between two polls of the slowest company in it that tells no change history; None: none is in it, or it
    makes no difference. cases: how many different cases it stands on. held_back: it is kept from this reader."""

    scope: Scope
    indicator: str
    value: int | float | None
    unit: str
    n: int
    sampled: float | None = None
    cases: int = 0
    held_back: bool = False


@dataclass(frozen=True, slots=True)
class Point:
    """One step of a series: it starts at `start` (local to the reader)."""

    start: datetime
    indicator: str
    value: int


@dataclass(frozen=True, slots=True)
class Restated:
    """A figure of a period that was over and had been told, which late or corrected events made another one.

    scope: its key. before, after: the value as text; None where there was or is none to tell. head_before, head: the
    entries up to which it was told before, and is now.
    """

    period: str
    zone: str
    scope: str
    indicator: str
    before: str | None
    after: str | None
    head_before: int
    head: int


@dataclass(frozen=True, slots=True)
class Rollup:
    """The figures of one period and what they were computed from: anyone with the ledger can compute them again.

    head: the last entry's seq. mapping_hashes: (partner, hash) under which entries were read, newest first.
    cases, history: how many cases have entries up to the period's end, and how many of those are replayed or imported.
    step: how long a point of the series is. sampled: (company, seconds between two polls) of those that tell no change
    history, so that what comes and goes there between two polls is in no figure. restated: figures of it that were told
    otherwise before, the newest first.
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
    restated: tuple[Restated, ...] = ()

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
    agreement: Agreement | None = None,
    agreement_version: str = "",
    code_version: str = "",
    sampled: Mapping[str, float] = MappingProxyType({}),
) -> Rollup:
    """The rollup of the period. companies: shown even where nothing happened; those met in the entries are added.
    agreement: whose promises are looked at. sampled: seconds between two polls, by company that tells no history."""
    entries = list(entries)
    stories = by_case(entries)
    told = [story for case_id, story in stories.items() if case_id and _begun(story, period)]
    facts = [fact for story in stories.values() for fact in facts_of(story, agreement)]
    met = {name for fact in facts for name in (fact.company, fact.giver)} - {"", HUB}
    named = (*companies, *sorted(met - set(companies)))
    as_of = max((entry.observed_at for entry in entries), default=None)
    by_kind = counting(facts, period, as_of)
    step, series = _series(by_kind, period)
    return Rollup(
        period=period,
        head=max((entry.seq for entry in entries), default=0),
        agreement_version=agreement_version or (agreement.version if agreement is not None else ""),
        code_version=code_version,
        mapping_hashes=_hashes(entries),
        companies=named,
        cases=len(told),
        history=sum(any(entry.history for entry in story) for story in told),
        rows=rows_of(tallies(by_kind, {name: labels(story) for name, story in stories.items()}), named, sampled),
        step=step,
        series=series,
        sampled=tuple(sorted((name, seconds) for name, seconds in sampled.items() if name in named)),
    )


def _begun(story: Sequence[Entry], period: Period) -> bool:
    """Whether the case was there before the period ended."""
    first = story[0]
    return period.end is None or (first.business_at or first.observed_at) < period.end


def rows_of(tallies: Tallies, companies: Sequence[str], sampled: Mapping[str, float]) -> tuple[Row, ...]:
    """A row for each indicator of the whole, of each company and of each edge over which something went; of all other
    scopes where anything counted."""
    present = {scope for _, scope in tallies}
    edges = sorted(scope for scope in present if scope.kind == "edge")
    others = sorted(scope for scope in present if scope.kind not in ("whole", "company", "edge"))
    rows: list[Row] = []
    for scope in (WHOLE, *(Scope("company", name) for name in companies), *edges, *others):
        for of in INDICATORS:
            tally = tallies.get((of.id, scope))
            if tally is None and (scope in others or (scope.kind == "edge" and not of.by_edge)):
                continue
            tally = tally or NOTHING
            whole = tallies.get((of.id, WHOLE), NOTHING) if of.of_whole else None
            figure = of.take(tally) if whole is None else of_whole(tally, whole)
            seconds = _sampled(scope, companies, sampled) if of.sampled else None
            rows.append(Row(scope, of.id, figure.value, of.unit, figure.n, seconds, tally.cases))
    return tuple(rows)


def _sampled(scope: Scope, companies: Sequence[str], sampled: Mapping[str, float]) -> float | None:
    """Seconds between two polls of the slowest company in this scope that is sampled."""
    in_it = (scope.company, scope.to) if scope.kind in ("company", "edge") else companies
    return max((sampled[name] for name in in_it if name in sampled), default=None)


def _series(by_kind: Mapping[What, Sequence[Fact]], period: Period) -> tuple[Step, tuple[Point, ...]]:
    """Cases opened and resolved by step of time; a case counts in one step, where it first did. By whole minutes, of
    which the steps are made."""
    firsts: dict[tuple[str, str], datetime] = {}
    for indicator in SERIES:
        for fact in by_kind.get("opened" if indicator == "opened" else "resolved", ()):
            key = (indicator, fact.case_id)
            at = fact.at.astimezone(UTC).replace(second=0, microsecond=0)
            firsts[key] = min(firsts.get(key, at), at)
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
