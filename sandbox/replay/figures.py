"""The log's own figures, computed from its rows and from nothing of the hub.

Definitions are those published with the log: throughput is last minus first change of an incident, in UTC; a hand-over
is a change of the company after repeats are collapsed; a ping-pong (A, B, A) is a company equal to the one two steps
earlier, and each occurrence is a bounce. Next: `drive.py`, which sets them beside the hub's.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby

from sandbox.replay.log import Row


@dataclass(frozen=True, slots=True)
class Figures:
    """What both sides must agree on."""

    changes: int
    handovers: int
    crossing: int
    pingpong_cases: int
    bounces: int
    mean_throughput_seconds: float


def figures_of(incidents: Iterable[Sequence[Row]]) -> Figures:
    """The figures of these incidents."""
    changes = handovers = crossing = pingpong = bounces = count = 0
    total = Fraction(0)
    for rows in incidents:
        path = [company for company, _ in groupby(row.company for row in rows)]
        back = sum(path[i] == path[i - 2] for i in range(2, len(path)))
        count += 1
        changes += len(rows)
        handovers += len(path) - 1
        crossing += len(path) > 1
        pingpong += back > 0
        bounces += back
        total += Fraction((rows[-1].changed_at - rows[0].changed_at).total_seconds())
    mean = float(total / count) if count else 0.0
    return Figures(changes, handovers, crossing, pingpong, bounces, mean)
