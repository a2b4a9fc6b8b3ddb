"""The figures by which a replayed log is compared with its file, from the very same pieces as all others.

Next: `hub/facts.py`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain

from hub.entries import Entry
from hub.facts import facts_of
from hub.happened import Fact
from hub.indicators.catalogue import indicator
from hub.measures import Indicator, tallied
from hub.story import by_case


@dataclass(frozen=True, slots=True)
class LogFigures:
    """The figures by which a replayed log is compared with its file. mean_throughput_seconds: 0.0 without cases."""

    changes: int
    handovers: int
    crossing: int
    pingpong_cases: int
    bounces: int
    mean_throughput_seconds: float


def log_figures(entries: Iterable[Entry]) -> LogFigures:
    """The production indicators over all entries, for the whole. Cases that bear the test marker are left out."""
    stories = by_case(entries)
    facts = list(chain.from_iterable(facts_of(story) for case_id, story in stories.items() if case_id))

    def figure(key: str) -> int | float:
        return _whole(indicator(key), facts) or 0

    return LogFigures(
        changes=int(figure("changes")),
        handovers=int(figure("handovers_in")),
        crossing=int(figure("crossing_cases")),
        pingpong_cases=int(figure("pingpong_cases")),
        bounces=int(figure("bounces")),
        mean_throughput_seconds=float(figure("throughput_mean")),
    )


def _whole(of: Indicator, facts: Iterable[Fact]) -> int | float | None:
    return of.take(tallied([fact for fact in facts if fact.what == of.fact], of.take)).value
