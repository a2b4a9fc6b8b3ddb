"""Which facts are counted up together: the indicators of the catalogue, sorted into groups of one kind and sorts.

Many indicators stand on the same facts and differ in what they make of the tally; each group is tallied once. Pure.
Next: `counting.py`, which tallies groups; `hub/indicators/`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256

from hub.happened import STANDING, What
from hub.indicators import INDICATORS
from hub.measures import QUANTILES, Indicator, mean_of_cases
from hub.scopes import LABELS, Scope


@dataclass(frozen=True, slots=True)
class Group:
    """Facts of one kind (parts: of these sorts only) and all indicators that stand on them."""

    no: int
    what: What
    parts: tuple[str, ...]
    indicators: tuple[Indicator, ...]

    @property
    def stock(self) -> bool:
        """Whether they say how a case stands."""
        return self.what in STANDING

    @property
    def ordered(self) -> bool:
        """Whether an indicator looks at the order of the values."""
        return any(of.take in QUANTILES for of in self.indicators)

    @property
    def last(self) -> bool:
        """Whether an indicator looks at each case's last value."""
        return any(of.take is mean_of_cases for of in self.indicators)

    @property
    def by_edge(self) -> bool:
        """Whether an indicator is given by edge."""
        return any(of.by_edge for of in self.indicators)

    @property
    def by_sort(self) -> bool:
        """Whether an indicator is given by sort."""
        return any(of.by for of in self.indicators)

    def on(self, side: str) -> bool:
        """Whether a company has its own by this end of a fact."""
        return any(of.side == side for of in self.indicators)


def _groups() -> Iterator[Group]:
    keys = list(dict.fromkeys((of.fact, of.parts) for of in INDICATORS))
    for no, (what, parts) in enumerate(keys):
        yield Group(no, what, parts, tuple(of for of in INDICATORS if (of.fact, of.parts) == (what, parts)))


GROUPS: tuple[Group, ...] = tuple(_groups())
DIGEST = sha256(repr([(group.no, group.what, group.parts) for group in GROUPS]).encode()).hexdigest()
"""Changes where tallies that are kept can no longer be read as they were."""


def scope_of(of: Indicator, kind: str, a: str, b: str) -> Scope | None:
    """The scope of an indicator that a counted cell is; None: it is none of this indicator's."""
    if kind == "company":
        return Scope("company", a) if b == of.side else None
    if kind == "edge":
        return Scope("edge", a, b) if of.by_edge else None
    if kind == "sort":
        return Scope(of.by, a, b) if of.by else None
    if kind == "whole":
        return Scope("whole")
    return next((Scope(label, a) for label in LABELS if label == kind), None)
