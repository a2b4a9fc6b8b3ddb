"""Figures of a period that was over and had been told, and that late or corrected events made others: a note of each.

Next: `store.py`, which says when a period changed; `telling.py`.
"""

from __future__ import annotations

from typing import Any

import duckdb

from hub.fact_store import telling
from hub.rollup import Restated, Rollup
from hub.scopes import Scope


def restate(db: duckdb.DuckDBPyConnection, told: telling.Told, head_before: int, head: int) -> int:
    """Compare a period's figures with those that were told, note what differs, and tell these from now on; how many."""
    if not telling.over(told):
        return 0
    named = [name for (name,) in db.execute("SELECT DISTINCT a FROM told WHERE period = $1 AND kind = 'company'",
                                            [told.no]).fetchall()]  # fmt: skip
    made: Rollup = telling.rollup(db, told, sorted(named), {}, "", "")
    db.execute("CREATE OR REPLACE TEMP TABLE before AS SELECT kind, a, b, indicator, said FROM told WHERE period = $1",
               [told.no])  # fmt: skip
    telling.keep(db, told, made)
    rows = db.execute(
        "INSERT INTO restated SELECT $1, $2, $3, kind, a, b, indicator, before.said, after.said FROM before "
        "FULL JOIN (SELECT kind, a, b, indicator, said FROM told WHERE period = $1) after "
        "USING (kind, a, b, indicator) "
        "WHERE coalesce(before.said, 'None') <> coalesce(after.said, 'None') RETURNING 1",
        [told.no, head_before, head],
    ).fetchall()
    return len(rows)


def restated(db: duckdb.DuckDBPyConnection) -> tuple[Restated, ...]:
    """Every note, the newest first."""
    rows = db.execute(
        "SELECT name, zone, kind, a, b, indicator, before, after, head_before, restated.head FROM restated "
        "JOIN periods USING (period) ORDER BY restated.head DESC, period, kind, a, b, indicator"
    ).fetchall()
    return tuple(_note(row) for row in rows)


def _note(row: Any) -> Restated:
    name, zone, kind, a, b, indicator, before, after, head_before, head = row
    was, now = (None if said in (None, "None") else str(said) for said in (before, after))
    return Restated(name, zone, Scope(kind, a, b).key, indicator, was, now, head_before, head)
