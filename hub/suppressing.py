"""What a reader may not see: figures of other companies that stand on fewer than five cases, and what would give them
away.

A company sees its own figures and those of its edges whole; of the others, of the whole and of its slices a figure
that stands on few cases is held back. Where it could be had by subtraction (the whole less all the others, a company
less its edges, a reason less its companies), further figures are held back, the smallest first, until it cannot: no
count that is held back is determined by those that are shown, nor is a sum of such counts as small itself, unless it is
of the reader's own cases alone. A figure of none is shown. Reports of different periods are not looked at together.
Pure. Next: `disclosing.py`, which says what is determined; `rollup.py`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace

from hub.disclosing import Relation, determined
from hub.indicators import INDICATORS
from hub.rollup import Rollup, Row
from hub.scopes import LABELS, WHOLE, Scope

FEW = 5
"""Figures on fewer cases are held back."""

Cell = tuple[str, Scope]
"""By which end of a fact a company is its own, and the scope: all figures of one kind of facts in one place."""
_OF = {of.id: of for of in INDICATORS}
_SORTS = frozenset(of.by for of in INDICATORS if of.by)


def suppress(rollup: Rollup, reader: str = "") -> Rollup:
    """The rollup as this company may see it; "": somebody of none, such as the coordination team."""
    by_fact: dict[str, list[Row]] = defaultdict(list)
    for row in rollup.rows:
        by_fact[_OF[row.indicator].fact].append(row)
    hidden = {fact: _hidden(rows, reader) for fact, rows in by_fact.items()}
    rows = tuple(_shown(row, hidden[_OF[row.indicator].fact]) for row in rollup.rows)
    dark = {row.indicator for row in rows if row.scope == WHOLE and row.held_back}
    return replace(
        rollup, rows=rows, restated=(), series=tuple(point for point in rollup.series if point.indicator not in dark)
    )


def _shown(row: Row, hidden: frozenset[Cell]) -> Row:
    if _cell(row) not in hidden:
        return row
    return replace(row, value=None, n=0, cases=0, held_back=True)


def _cell(row: Row) -> Cell:
    return (_OF[row.indicator].side if row.scope.kind == "company" else "", row.scope)


def _hidden(rows: Sequence[Row], reader: str) -> frozenset[Cell]:
    """The cells of one kind of facts that are held back."""
    sizes: dict[Cell, list[int]] = defaultdict(list)
    for row in rows:
        sizes[_cell(row)].append(row.cases)
    cases = {cell: max(found) for cell, found in sizes.items()}
    few = {cell for cell, found in sizes.items() if any(0 < one < FEW for one in found)}
    may_hide = {cell for cell in cases if cases[cell] and not _owns(cell[1], reader)}
    relations, hidden = list(_relations(tuple(cases))), few & may_hide
    while exposed := _exposed(relations, hidden, cases):
        near = {cell for relation in relations if not exposed.isdisjoint(relation) for cell in relation}
        beside = near & may_hide - hidden
        if not beside:
            break
        hidden.add(min(beside, key=lambda cell: (cell[1] == WHOLE, cases[cell], cell)))
    return frozenset(hidden)


def _owns(scope: Scope, reader: str) -> bool:
    return bool(reader) and (
        (scope.kind in ("company", "edge") and reader in (scope.company, scope.to))
        or (scope.kind in _SORTS and scope.to == reader)
    )


def _exposed(relations: Sequence[Relation[Cell]], hidden: set[Cell], cases: dict[Cell, int]) -> set[Cell]:
    """Held back cells that could be had back: what is shown determines them, or they are few even together."""
    found = set(determined(relations, hidden))
    for relation in relations:
        held = {cell for cell in relation if cell in hidden}
        if held and relation.total not in held and sum(cases[cell] for cell in held) < FEW:
            found |= held
    return found


def _relations(cells: Sequence[Cell]) -> Iterator[Relation[Cell]]:
    """Which cells sum to which: whole and companies, edges, slices, sorts; a company and its edges and sorts."""
    whole: Cell = ("", WHOLE)
    companies = [cell for cell in cells if cell[1].kind == "company"]
    edges = [cell for cell in cells if cell[1].kind == "edge"]
    sorts = [cell for cell in cells if cell[1].kind in _SORTS]
    for side in sorted({cell[0] for cell in companies}):
        yield Relation(whole, [*(cell for cell in companies if cell[0] == side), *(edges if side == "alone" else ())])
    for kind in LABELS:
        yield Relation(whole, [cell for cell in cells if cell[1].kind == kind])
    yield Relation(whole, edges)
    yield Relation(whole, [cell for cell in sorts if not cell[1].to])
    for cell in companies:
        side, scope = cell
        if side in ("company", "giver"):
            end = "to" if side == "company" else "company"
            yield Relation(cell, [edge for edge in edges if getattr(edge[1], end) == scope.company])
        yield Relation(cell, [sort for sort in sorts if sort[1].to == scope.company])
    for cell in sorts:
        if not cell[1].to:
            yield Relation(cell, [one for one in sorts if one[1].to and one[1].company == cell[1].company])
