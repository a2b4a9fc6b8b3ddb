"""The agreement as figures: each commitment with its target, what was kept of it, and what may still be missed.

Pure: reads a rollup's rows and the agreement. Next: `rollup.py`; `indicators/agreement.py` for the shares themselves.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hub.agreement import Agreement
from hub.commitments import ALL, EACH, Commitment
from hub.rollup import Row, Scope


@dataclass(frozen=True, slots=True)
class Kept:
    """How one commitment of one company, or of all together (who: "all"), was kept in a period.

    target, actual: shares of 1; actual and deviation (actual less target) are None where nothing ended. n: clocks that
    ended or ran out. missed: how many of them broken. left: how many more may be broken before the target is missed;
    below 0: how many too many were.
    """

    commitment: str
    who: str
    target: float
    actual: float | None
    deviation: float | None
    n: int
    missed: int
    left: int


def kept(rows: Sequence[Row], agreement: Agreement) -> tuple[Kept, ...]:
    """Each commitment of the agreement, of everyone whom it binds, in the agreement's order."""
    found = {(row.indicator, row.scope): row for row in rows if row.scope.kind == "commitment"}
    told = []
    for commitment in agreement.commitments:
        for who in _bound(commitment, agreement):
            key, scope = "commitments_kept", Scope("commitment", commitment.id, who)
            if who == ALL:
                key, scope = "commitments_kept_together", Scope("commitment", commitment.id)
            told.append(_read(commitment, who, found.get((key, scope))))
    return tuple(told)


def _bound(commitment: Commitment, agreement: Agreement) -> Sequence[str]:
    return tuple(agreement.partners) if commitment.of == EACH else (commitment.of,)


def _read(commitment: Commitment, who: str, row: Row | None) -> Kept:
    target = commitment.target
    if row is None or row.value is None:
        return Kept(commitment.id, who, target, None, None, 0, 0, 0)
    good = round(row.value * row.n / 100)
    allowed = int((1 - target) * row.n + 1e-9)
    actual, missed = good / row.n, row.n - good
    return Kept(commitment.id, who, target, actual, actual - target, row.n, missed, allowed - missed)
