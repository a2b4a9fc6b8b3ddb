"""How long each case took from its giver's store to its receiver's: both stamp it, by one machine's clock.

The stores are read as files, for the microseconds that two of the companies' own protocols do not tell.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from math import ceil
from pathlib import Path

from sandbox.load.plan import Opening
from sandbox.words import COMPANIES, field


@dataclass(frozen=True, slots=True)
class Crossings:
    """Of one phase. seconds: of each case that arrived, ascending. doubled: counterparts too many."""

    phase: str
    opened: int
    seconds: Sequence[float]
    doubled: int

    def share(self, part: float) -> float:
        """The seconds within which this part of the cases arrived (nearest rank)."""
        return self.seconds[ceil(len(self.seconds) * part) - 1] if self.seconds else 0.0


def crossings(stores: Path, opened: Iterable[Opening]) -> list[Crossings]:
    """By phase, in the order of their beginnings. stores: the folder that has one of each company."""
    stamps = {name: _stamps(stores / name / f"{name}.db", name) for name in COMPANIES}
    by_phase: dict[str, list[Opening]] = {}
    for one in opened:
        by_phase.setdefault(one.phase, []).append(one)
    return [_of_phase(phase, some, stamps) for phase, some in by_phase.items()]


def _of_phase(phase: str, opened: Sequence[Opening], stamps: Mapping[str, Mapping[str, Sequence[int]]]) -> Crossings:
    took: list[float] = []
    doubled = 0
    for one in opened:
        there = stamps[one.receiver].get(one.reference, ())
        doubled += max(0, len(there) - 1)
        took += [(at - stamps[one.giver][one.reference][0]) / 1_000_000 for at in there[:1]]
    return Crossings(phase, len(opened), sorted(took), doubled)


def _stamps(path: Path, company: str) -> dict[str, list[int]]:
    """reference -> when each record with it was made, in microseconds, ascending."""
    found: dict[str, list[int]] = {}
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as store:
        rows = store.execute("SELECT created, json_extract(body, ?) FROM records ORDER BY id",
                             (f'$."{field(company, "reference")}"',))  # fmt: skip
        for created, reference in rows:
            found.setdefault(str(reference), []).append(created)
    return found
