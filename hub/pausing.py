"""Stopping the hub, a partner or one case, and letting it go on: by a person, with who and why, in the ledger.

A paused hub speaks to nobody. A paused partner is neither read nor written. A paused case is read, so that nothing is
lost, and nothing is sent for it to anybody; other cases flow. What is owed meanwhile waits and drains in order.
Inside a ledger transaction; knows no partner's system. Next: `exchange.py` and `lanes.py`, which keep to it.
"""

from __future__ import annotations

from typing import Any, Final, Literal

import sqlalchemy as sa

from hub.statements import Statement, among
from hub.tables import deliveries, pauses
from hub.writing import Transaction

Scope = Literal["hub", "partner", "case"]
LEFT: Final = "left"
"""The scope of a partner that left the alliance: nobody lets it go on."""

IS_PAUSED = sa.exists().where(pauses.c.scope == "case", pauses.c.name == deliveries.c.case_id)
"""Of a delivery: whether its case is paused."""
STOPPED = Statement(
    sa.select(pauses)
    .where(
        sa.or_(
            pauses.c.scope == "hub",
            sa.and_(among(pauses.c.scope, ("partner", LEFT)), pauses.c.name == sa.bindparam("partner")),
        )
    )
    .order_by(pauses.c.scope)
)


def pause(tx: Transaction, scope: Scope, name: str, who: str, why: str) -> bool:
    """Stop it; False where it stands already. name: the partner's or the case's id, "" for the hub."""
    if _row(tx, scope, name) is not None:
        return False
    tx.connection.execute(sa.insert(pauses).values(scope=scope, name=name, who=who, why=why, since=tx.now))
    _tell(tx, "paused", scope, name, who, why)
    return True


def resume(tx: Transaction, scope: Scope, name: str, who: str, why: str) -> bool:
    """Let it go on; False where nothing stopped it."""
    same = [pauses.c.scope == scope, pauses.c.name == name]
    if tx.connection.execute(sa.delete(pauses).where(*same)).rowcount == 0:
        return False
    _tell(tx, "resumed", scope, name, who, why)
    return True


def stopped(tx: Transaction, partner: str) -> str:
    """Why this partner is neither read nor written, in a sentence; nothing where it may be."""
    row = STOPPED.row(tx.session, {"partner": partner})
    if row is None:
        return ""
    since = row["since"].strftime("%Y-%m-%d %H:%M UTC")
    if row["scope"] == LEFT:
        return f"{partner} left the alliance at {since}, says {row['who']}: {row['why']}"
    what = "the hub" if row["scope"] == "hub" else partner
    return f"{what} was paused by {row['who']} at {since}: {row['why']}"


def leave(tx: Transaction, partner: str, who: str, why: str) -> bool:
    """The partner is neither read nor written from now on, for good; False where it had left before."""
    if _row(tx, LEFT, partner) is not None:
        return False
    tx.connection.execute(sa.insert(pauses).values(scope=LEFT, name=partner, who=who, why=why, since=tx.now))
    return True


def has_left(tx: Transaction, partner: str) -> bool:
    """Whether the partner left the alliance."""
    return _row(tx, LEFT, partner) is not None


def _row(tx: Transaction, scope: str, name: str) -> Any:
    query = sa.select(pauses).where(pauses.c.scope == scope, pauses.c.name == name)
    return tx.connection.execute(query).one_or_none()


def _tell(tx: Transaction, kind: Literal["paused", "resumed"], scope: Scope, name: str, who: str, why: str) -> None:
    case = (tx.case(name) or name) if scope == "case" else ""
    partner = name if scope == "partner" else "hub"
    tx.append(kind, case, partner, detail={"scope": scope, "who": who, "why": why})
