"""Which values may stand in a report: those that the agreement names, and those of closed lists.

A product or a region is whatever a partner's record says, and not everybody may see that; one that the agreement names
(competences, conditions of edges) is known to all who signed it. Figures of other values count in the whole and are not
shown apart. Pure. Next: `rolling_up.py`, which drops the others; `dimensions.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from hub.agreement import Agreement
from hub.dimensions import DIMENSIONS
from hub.rollup import Rollup
from hub.scopes import Kind

FREE: tuple[Kind, ...] = ("product", "region")
"""Kinds of scopes whose values come from no closed list."""


def nameable(rollup: Rollup, agreement: Agreement) -> Rollup:
    """The rollup without the scopes of values that the agreement does not name."""
    named = {kind: frozenset(_named(agreement, DIMENSIONS[kind])) for kind in FREE}
    rows = tuple(row for row in rollup.rows if row.scope.company in named.get(row.scope.kind, (row.scope.company,)))
    return replace(rollup, rows=rows)


def _named(agreement: Agreement, path: str) -> Iterator[str]:
    for company in agreement.partners.values():
        yield from map(str, company.competences.get(path, ()))
    for edge in agreement.edges:
        wanted = edge.when.get(path, ())
        yield from map(str, wanted if isinstance(wanted, list | tuple) else (wanted,))
