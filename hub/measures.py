"""What an indicator is, and the few ways from facts to a figure: how many, how many cases, a share, a quantile, a mean.

Facts are first tallied and a figure is made of the tally, so that an engine that tallies millions of facts (`store/`)
and the plain loop here come to the same figure. Seconds are tallied in whole microseconds and divided once, at the end:
no order of facts changes a digit. Quantiles are exact, interpolated linearly. Pure; knows no particular indicator.
Next: `indicators/`, the catalogue; `happened.py`, the kinds of facts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from hub.agreement import Agreement
from hub.entries import Entry
from hub.happened import Fact, What
from hub.worked import worked

Family = Literal["quantity", "quality", "timeliness", "cooperation", "cost", "satisfaction", "agreement"]
FAMILIES: tuple[Family, ...] = (
    "quantity", "quality", "timeliness", "cooperation", "cost", "satisfaction", "agreement",
)  # fmt: skip
Better = Literal["lower", "higher", "neither"]
Side = Literal["company", "giver", "either", "origin", "alone"]
Unit = Literal[
    "cases", "changes", "deliveries", "hand-overs", "bounces", "records", "fields", "askings", "actions", "offers",
    "escalations", "calls", "words", "a case", "of 5", "%", "s",
]  # fmt: skip
Sort = Literal["", "reason", "component", "commitment", "stretch"]
"""What the sorts of an indicator's facts are called, where it is also given by sort."""
MICRO = 1_000_000


@dataclass(frozen=True, slots=True)
class Figure:
    """A value and how many facts it stands on. None: nothing to compute it from. Seconds where the unit is s."""

    value: int | float | None
    n: int


@dataclass(frozen=True, slots=True)
class Tally:
    """Facts of one scope, counted up. timed, micros: those that bear a number, and their sum in millionths.

    last_cases, last_micros: of each case's last such fact. low, high: between which two the quantile lies.
    """

    n: int = 0
    cases: int = 0
    timed: int = 0
    micros: int = 0
    last_cases: int = 0
    last_micros: int = 0
    low: int = 0
    high: int = 0


Take = Callable[[Tally], Figure]


@dataclass(frozen=True, slots=True)
class Example:
    """Entries in shorthand, and the value that each scope ("whole", "telvoz", "northcable>telvoz") must show.
    agreement: whose promises are looked at."""

    words: str
    lines: tuple[str, ...]
    shows: Mapping[str, int | float | None]
    agreement: Agreement | None = None

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The lines as entries."""
        return worked(*self.lines)


@dataclass(frozen=True, slots=True)
class Story:
    """A worked story that several examples share."""

    words: str
    lines: tuple[str, ...]
    agreement: Agreement | None = None

    def shows(self, values: Mapping[str, int | float | None]) -> Example:
        """The story as the example of one indicator."""
        return Example(self.words, self.lines, MappingProxyType(dict(values)), self.agreement)


@dataclass(frozen=True, slots=True)
class Indicator:
    """What one figure means.

    question: of those who lead the companies, that it answers. formula: in words, for the whole and then for a company.
    fact, parts, take and side say the same to the machine: which facts (parts: of these sorts only), how they are
    reduced, and by which end of a fact a company is its own (alone: those at no edge). by_edge: each edge has one too.
    by: each sort has one too, and what sorts are called. of_whole: in percent of what the whole has.
    sampled: of a company that tells no change history, what came and went between two polls is not in it.
    """

    id: str
    name: str
    family: Family
    question: str
    formula: str
    unit: Unit
    better: Better
    fact: What
    take: Take
    example: Example
    side: Side = "company"
    parts: tuple[str, ...] = ()
    by: Sort = ""
    by_edge: bool = False
    of_whole: bool = False
    sampled: bool = False


def count(tally: Tally) -> Figure:
    """How many."""
    return Figure(tally.n, tally.n)


def cases(tally: Tally) -> Figure:
    """How many different cases."""
    return Figure(tally.cases, tally.cases)


def total(tally: Tally) -> Figure:
    """The sum of what they bear."""
    return Figure(tally.micros / MICRO, tally.timed)


def mean(tally: Tally) -> Figure:
    """The mean of what they bear."""
    return Figure(tally.micros / (tally.timed * MICRO), tally.timed) if tally.timed else Figure(None, 0)


def share(tally: Tally) -> Figure:
    """In percent: of facts that are each 1 or 0, how many are 1."""
    return Figure(100 * tally.micros / (tally.timed * MICRO), tally.timed) if tally.timed else Figure(None, 0)


def each_case(tally: Tally) -> Figure:
    """How many for each case that has any."""
    return Figure(tally.n / tally.cases, tally.cases) if tally.cases else Figure(None, 0)


def mean_of_sums(tally: Tally) -> Figure:
    """The mean, over cases that have any, of what each case's facts bear together."""
    return Figure(tally.micros / (tally.cases * MICRO), tally.cases) if tally.timed else Figure(None, 0)


def mean_of_cases(tally: Tally) -> Figure:
    """The mean, over cases, of the seconds that each case's last fact shows."""
    found = tally.last_cases
    return Figure(tally.last_micros / (found * MICRO), found) if found else Figure(None, 0)


def median(tally: Tally) -> Figure:
    """The seconds within which half of them stay."""
    return _between(tally, 1, 2)


def p90(tally: Tally) -> Figure:
    """The seconds within which nine of ten stay."""
    return _between(tally, 9, 10)


def p95(tally: Tally) -> Figure:
    """The seconds within which nineteen of twenty stay."""
    return _between(tally, 19, 20)


def worst(tally: Tally) -> Figure:
    """The most seconds."""
    return _between(tally, 1, 1)


QUANTILES: Mapping[Take, tuple[int, int]] = MappingProxyType(
    {median: (1, 2), p90: (9, 10), p95: (19, 20), worst: (1, 1)}
)
"""Measures that look at the order of the facts, and their quantile as a fraction."""


def tallied(facts: Sequence[Fact], take: Take) -> Tally:
    """The facts, counted up as far as this measure needs."""
    micros = [round(fact.seconds * MICRO) for fact in facts if fact.seconds is not None]
    last = {fact.case_id: fact.seconds for fact in facts if fact.seconds is not None} if take is mean_of_cases else {}
    low = high = 0
    if take in QUANTILES and micros:
        ordered, (of, parts) = sorted(micros), QUANTILES[take]
        place = of * (len(ordered) - 1) // parts
        low, high = ordered[place], ordered[min(place + 1, len(ordered) - 1)]
    return Tally(
        n=len(facts),
        cases=len({fact.case_id for fact in facts}),
        timed=len(micros),
        micros=sum(micros),
        last_cases=len(last),
        last_micros=sum(round(seconds * MICRO) for seconds in last.values()),
        low=low,
        high=high,
    )


def of_whole(tally: Tally, whole: Tally) -> Figure:
    """A sum in percent of the whole's."""
    return Figure(100 * tally.micros / whole.micros, tally.timed) if whole.micros else Figure(None, 0)


def _between(tally: Tally, of: int, parts: int) -> Figure:
    if not tally.timed:
        return Figure(None, 0)
    rest = of * (tally.timed - 1) % parts
    return Figure((tally.low * (parts - rest) + tally.high * rest) / (parts * MICRO), tally.timed)
