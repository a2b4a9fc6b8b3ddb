"""Whether figures that are held back can be had back: which unknowns do sums of known and unknown ones determine.

Each relation is an equation, its parts sum to its total, over the unknown cells; one is determined when an equation of
it alone follows from all of them together. Exact, by elimination in fractions. Knows no figure. Next: `suppressing.py`.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Generic, TypeVar

C = TypeVar("C", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Relation(Generic[C]):
    """The parts sum to the total, as far as anybody knows."""

    total: C
    parts: Sequence[C]

    def __iter__(self) -> Iterator[C]:
        if self.parts:
            yield self.total
            yield from self.parts


def determined(relations: Sequence[Relation[C]], hidden: Collection[C]) -> list[C]:
    """The hidden cells whose values follow from the others."""
    rows: list[dict[C, Fraction]] = []
    for relation in relations:
        row = {cell: Fraction(-1 if cell == relation.total else 1) for cell in relation if cell in hidden}
        if row:
            rows.append(row)
    return [next(iter(row)) for row in _reduced(rows) if len(row) == 1]


def _reduced(rows: Sequence[dict[C, Fraction]]) -> list[dict[C, Fraction]]:
    """The same equations, each with a cell of its own that stands in no other."""
    done: list[tuple[C, dict[C, Fraction]]] = []
    for row in rows:
        for pivot, known in done:
            row = _less(row, known, pivot)  # noqa: PLW2901
        if not row:
            continue
        pivot = next(iter(row))
        scaled = {cell: value / row[pivot] for cell, value in row.items()}
        done = [(other, _less(known, scaled, pivot)) for other, known in done]
        done.append((pivot, scaled))
    return [row for _, row in done]


def _less(row: dict[C, Fraction], known: dict[C, Fraction], pivot: C) -> dict[C, Fraction]:
    """The row without the pivot: so many times the known equation taken away."""
    times = row.get(pivot)
    if not times:
        return row
    left = {cell: row.get(cell, Fraction(0)) - times * known.get(cell, Fraction(0)) for cell in {**row, **known}}
    return {cell: value for cell, value in left.items() if value}
