"""From the facts of a period to the tally of each indicator in each scope, by plain loops that an engine must equal.

A flow (opened, handed over) counts where it is placed in the period; a stock (open at the end) is what stands when the
period ends, with its age then. Pure. Next: `measures.py`, which makes figures of tallies; `rollup.py`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from hub.happened import STANDING, Fact, What, standing
from hub.indicators import INDICATORS
from hub.measures import Tally, tallied
from hub.periods import Period
from hub.scopes import Scope, scopes_of
from hub.story import seconds_between

Tallies = dict[tuple[str, Scope], Tally]
"""(indicator's id, scope) -> what was counted; a scope that nothing counted in is not there."""


def counting(facts: Iterable[Fact], period: Period, as_of: datetime | None) -> dict[What, list[Fact]]:
    """The facts that count, by kind: flows placed in the period, stocks as they stand at its end. as_of: until when
    anything is known."""
    facts = list(facts)
    sorted_out: dict[What, list[Fact]] = {}
    bounded = period.start is not None or period.end is not None
    for fact in facts:
        if fact.what not in STANDING and (not bounded or period.holds(fact.at)):
            sorted_out.setdefault(fact.what, []).append(fact)
    end = ends(period, as_of)
    for fact in standing(facts, period.end):
        if end is not None and fact.seconds is not None:
            fact = fact._replace(seconds=max(fact.seconds + seconds_between(fact.at, end), 0.0))  # noqa: PLW2901
        sorted_out.setdefault(fact.what, []).append(fact)
    return sorted_out


def ends(period: Period, as_of: datetime | None) -> datetime | None:
    """When ages are taken: at the period's end, or when the newest entry was seen if that is earlier."""
    return min((at for at in (period.end, as_of) if at is not None), default=None)


def tallies(by_kind: Mapping[What, Sequence[Fact]], labels: Mapping[str, Mapping[str, str]]) -> Tallies:
    """What was counted, of each indicator in each scope. labels: of each case."""
    found: Tallies = {}
    for of in INDICATORS:
        parts: dict[Scope, list[Fact]] = defaultdict(list)
        for fact in by_kind.get(of.fact, ()):
            if not of.parts or fact.part in of.parts:
                for scope in scopes_of(fact, of, labels.get(fact.case_id, {})):
                    parts[scope].append(fact)
        for scope, facts in parts.items():
            found[of.id, scope] = tallied(facts, of.take)
    return found
