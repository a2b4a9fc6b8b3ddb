"""What an indicator is, and the few ways from facts to a figure: how many, how many cases, a share, a quantile, a mean.

Percentiles interpolate linearly; sums are exact (fsum), so that no order of the cases changes a digit.
Pure; knows no particular indicator. Next: `indicators.py`, the catalogue.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import floor, fsum
from types import MappingProxyType
from typing import Literal

from hub.entries import Entry
from hub.facts import Fact, What
from hub.worked import worked

Family = Literal["quantity", "timeliness", "quality", "cooperation"]
FAMILIES: tuple[Family, ...] = ("quantity", "timeliness", "quality", "cooperation")
Better = Literal["lower", "higher", "neither"]
Side = Literal["company", "giver", "either", "origin"]
Unit = Literal[
    "cases", "changes", "deliveries", "hand-overs", "bounces", "records", "fields", "askings", "actions", "%", "s"
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Figure:
    """A value and how many facts it stands on. None: nothing to compute it from. Seconds where the unit is s."""

    value: int | float | None
    n: int


@dataclass(frozen=True, slots=True)
class Example:
    """Entries in shorthand, and the value that each scope ("whole", "telvoz", "northcable>telvoz") must show."""

    words: str
    lines: tuple[str, ...]
    shows: Mapping[str, int | float | None]

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The lines as entries."""
        return worked(*self.lines)


@dataclass(frozen=True, slots=True)
class Story:
    """A worked story that several examples share."""

    words: str
    lines: tuple[str, ...]

    def shows(self, values: Mapping[str, int | float | None]) -> Example:
        """The story as the example of one indicator."""
        return Example(self.words, self.lines, MappingProxyType(dict(values)))


@dataclass(frozen=True, slots=True)
class Indicator:
    """What one figure means.

    formula: in words, for the whole and then for a company. fact, take and side say the same to the machine: which
    facts, how they are reduced, and by which end of a fact a company is its own. by_edge: each edge has one too.
    sampled: of a company that tells no change history, what came and went between two polls is not in it.
    """

    id: str
    name: str
    family: Family
    formula: str
    unit: Unit
    better: Better
    fact: What
    take: Callable[[Sequence[Fact]], Figure]
    example: Example
    side: Side = "company"
    by_edge: bool = False
    sampled: bool = False


def count(facts: Sequence[Fact]) -> Figure:
    """How many."""
    return Figure(len(facts), len(facts))


def cases(facts: Sequence[Fact]) -> Figure:
    """How many different cases."""
    found = len({fact.case_id for fact in facts})
    return Figure(found, found)


def median(facts: Sequence[Fact]) -> Figure:
    """The seconds within which half of them stay."""
    return _quantile(facts, 0.5)


def p90(facts: Sequence[Fact]) -> Figure:
    """The seconds within which nine of ten stay."""
    return _quantile(facts, 0.9)


def worst(facts: Sequence[Fact]) -> Figure:
    """The most seconds."""
    return _quantile(facts, 1.0)


def mean_of_cases(facts: Sequence[Fact]) -> Figure:
    """The mean, over cases, of the seconds that each case's last fact shows."""
    last = {fact.case_id: fact.seconds for fact in facts if fact.seconds is not None}
    return Figure(fsum(last.values()) / len(last), len(last)) if last else Figure(None, 0)


def share(facts: Sequence[Fact]) -> Figure:
    """In percent: of facts that are each 1 or 0, how many are 1."""
    found = [fact.seconds for fact in facts if fact.seconds is not None]
    return Figure(100 * fsum(found) / len(found), len(found)) if found else Figure(None, 0)


def _quantile(facts: Sequence[Fact], q: float) -> Figure:
    ordered = sorted(fact.seconds for fact in facts if fact.seconds is not None)
    if not ordered:
        return Figure(None, 0)
    place = q * (len(ordered) - 1)
    low = floor(place)
    high = min(low + 1, len(ordered) - 1)
    return Figure(ordered[low] + (place - low) * (ordered[high] - ordered[low]), len(ordered))
