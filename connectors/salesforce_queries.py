"""Queries that are bounded by ids, five of them a call. Next: `salesforce_calls.py`, one call; `salesforce.py`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from typing import Any

from connectors import salesforce_composite as composite
from connectors.evidence import About
from connectors.salesforce_answers import LocatorGone
from connectors.salesforce_calls import Calls


def rows_of(
    calls: Calls, soqls: Sequence[str], where: str, about: About, *, deleted: bool = False
) -> Iterator[dict[str, Any]]:
    """All rows of these queries, one query after the other; one that cannot be answered together with others is asked
    for by itself, which says why."""
    for start in range(0, len(soqls), composite.MOST):
        some = soqls[start : start + composite.MOST]
        parts: Sequence[composite.Part | None] = [None] * len(some)
        if len(some) > 1:
            body = composite.call(calls.system.api, [composite.query(soql, deleted=deleted) for soql in some])
            parts = composite.read(calls.read(composite.PATH, body, where, about), len(some)) or parts
        for soql, part in zip(some, parts, strict=True):
            yield from _rows_of(calls, soql, part, where, deleted, about)


def _rows_of(
    calls: Calls, soql: str, part: composite.Part | None, where: str, deleted: bool, about: About
) -> Iterable[dict[str, Any]]:
    if part is not None and part.status == 200:
        with suppress(LocatorGone):
            return calls.rows_in(part.told, where)
    return calls.rows(soql, where, deleted=deleted, about=about)
