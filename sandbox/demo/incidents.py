"""A real log as scripts: each incident a case, each row an act of the agent whose company holds it then.

Change k+1 waits until the ledger holds change k and, after a hand-over, until the receiver's store shows that row.
Next: `../replay/log.py` (reads it), `stage.py` (performs it), `closing.py` (compares the figures).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby, islice
from pathlib import Path

from sandbox.demo.acts import Act, Script
from sandbox.replay.log import Row, incidents
from sandbox.replay.rows import said


def crossing(log: Path, cases: int, most_changes: int) -> list[list[Row]]:
    """The first so many incidents that cross, each of at most so many changes. Raises LogError."""
    return list(islice(incidents(log, most_changes=most_changes, crossing_only=True), cases))


def script(rows: Sequence[Row]) -> Script:
    """One incident."""
    path = tuple(company for company, _ in groupby(row.company for row in rows))
    first = rows[0]
    givers = [first.company, *(row.company for row in rows)]
    acts = tuple(_act(giver, row) for giver, row in zip(givers, rows, strict=False))
    return Script(first.incident, str(said(first)["title"]), acts, path)


def _act(giver: str, row: Row) -> Act:
    handed = row.company != giver
    does = f"hands it to {row.company.capitalize()}" if handed else f"{row.status}, {row.sub_status}"
    seen = {row.company: {"holder": row.company, "status_at": row.changed_at}} if handed else {}
    return Act(giver, does, said(row), seen=seen, kept_at=row.changed_at)
