"""Whose figures: the whole, a company, an edge; and cases of one product, priority, channel, region or contact point.

An indicator that is also given by sort (a refusal's reason, what a word is about, a commitment) has scopes of those
too, for the whole and for each company. Knows no fact's figures. Next: `tallying.py`, which counts facts up by scope.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from hub.happened import Fact
from hub.measures import Indicator

Kind = Literal[
    "whole", "company", "edge", "product", "priority", "channel", "region", "contact", "reason", "component",
    "commitment", "stretch",
]  # fmt: skip


@dataclass(frozen=True, slots=True, order=True)
class Scope:
    """Whose figures. company: the company, or the giver of an edge, or the value that cases or facts have in common;
    to: the receiver of an edge, or the company of a sort."""

    kind: Kind
    company: str = ""
    to: str = ""

    @property
    def key(self) -> str:
        """whole, northcable, northcable>telvoz, priority:high, reason:not_ours, reason:not_ours:telvoz."""
        if self.kind == "edge":
            return f"{self.company}>{self.to}"
        named = {"whole": "whole", "company": self.company}.get(self.kind, f"{self.kind}:{self.company}")
        return f"{named}:{self.to}" if self.to else named


WHOLE = Scope("whole")
LABELS: tuple[Kind, ...] = ("product", "priority", "channel", "region", "contact")
"""Kinds of scopes that cases are sorted into by their labels."""


def scopes_of(fact: Fact, of: Indicator, labels: Mapping[str, str]) -> Iterator[Scope]:
    """Each scope in whose figure this fact counts. labels: of its case."""
    yield WHOLE
    for company in _companies(fact, of):
        yield Scope("company", company)
    if of.by_edge and fact.giver:
        yield Scope("edge", fact.giver, fact.company)
    for kind in LABELS:
        if kind in labels:
            yield Scope(kind, labels[kind])
    if of.by and fact.part:
        yield Scope(of.by, fact.part)
        if fact.company:
            yield Scope(of.by, fact.part, fact.company)


def _companies(fact: Fact, of: Indicator) -> tuple[str, ...]:
    if of.side == "giver":
        return (fact.giver,)
    if of.side == "origin":
        return (fact.origin,)
    if of.side == "either":
        return (fact.company,) if fact.giver == fact.company else (fact.company, fact.giver)
    return () if of.side == "alone" and fact.giver else (fact.company,)
