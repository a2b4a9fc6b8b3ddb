"""What managers decided on a deviation: what, who does it, until when, and which indicator it is to move.

What the indicator was is computed and kept when the decision is; a report shows it beside what it is now, until the day
by which the effect is expected. Next: `report/changes.py`, which says so; `decision_cli.py`, which adds them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa

from hub.acting import CannotDo
from hub.ledger import Ledger
from hub.periods import Period
from hub.rollup import Rollup, Row
from hub.tables import decisions
from hub.writing import Transaction


@dataclass(frozen=True, slots=True)
class Decision:
    """One. scope: the key of the scope that it is about; before: what the indicator was there, in `period`; expected:
    what it is to be, None where nobody said; due: the day by which."""

    id: int
    decided_at: datetime
    what: str
    owner: str
    indicator: str
    scope: str
    period: str
    before: float | None
    expected: float | None
    due: date
    who: str


def decide(
    tx: Transaction, what: str, figure: Row, period: Period, *, owner: str, due: date, expected: float | None, who: str
) -> int:
    """Keep it; its number. figure: the indicator where it is to move, in the period that it was decided on."""
    values = {
        "decided_at": tx.now, "what": what, "owner": owner, "indicator": figure.indicator, "scope": figure.scope.key,
        "period": period.name, "before": figure.value, "expected": expected, "due": due.isoformat(), "who": who,
    }  # fmt: skip
    (number,) = tx.connection.execute(sa.insert(decisions).values(**values).returning(decisions.c.id)).one()
    return int(number)


def decided(ledger: Ledger) -> list[Decision]:
    """All of them, oldest first."""
    with ledger.engine.connect() as connection:
        rows = connection.execute(sa.select(decisions).order_by(decisions.c.id)).mappings()
        return [Decision(**{**row, "due": date.fromisoformat(row["due"])}) for row in rows]


def followed(of: Iterable[Decision], period: Period) -> tuple[Decision, ...]:
    """Those that a report of this period follows: decided before it ended, and due in it or later."""
    if period.start is None or period.end is None:
        return tuple(of)
    first = period.start.astimezone(period.tz).date()
    return tuple(one for one in of if one.decided_at < period.end and one.due >= first)


def figure_of(rollup: Rollup, indicator: str, scope: str) -> Row:
    """The indicator's figure in the scope of this key. Raises CannotDo R130 (indicator), R131 (scope)."""
    rows = [row for row in rollup.rows if row.indicator == indicator]
    if not rows:
        known = sorted({row.indicator for row in rollup.rows})
        raise CannotDo("R130", f"there is no indicator {indicator!r}.", value=indicator, known=known)
    found = next((row for row in rows if row.scope.key == scope), None)
    if found is None:
        known = [row.scope.key for row in rows]
        raise CannotDo(
            "R131", f"{indicator} has no figure for {scope!r} in {rollup.period.name}.", value=scope, known=known
        )
    return found
