"""What went where: a row for each subscription, due time and target, so that however often a run is repeated, one goes.

    sending   somebody is at it until its lease ends; whoever was killed there is followed by the next run
    sent      done, for ever
    failed    it did not get there, and why; whoever tries again claims it again

Inside a ledger transaction, which is the only writer of its time. Next: `sending.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from hub.ledger import Ledger
from hub.tables import mailings
from hub.writing import Transaction

LEASE = timedelta(minutes=10)
"""Longer than a delivery may take."""
_m = mailings.c


@dataclass(frozen=True, slots=True)
class Mailing:
    """One row."""

    subscription: str
    due_at: datetime
    target: str
    period: str
    state: str
    lease_until: datetime
    tries: int
    sent_at: datetime | None
    error: str


def claim(tx: Transaction, subscription: str, due_at: datetime, period: str, target: str) -> bool:
    """Take it on; False where it was sent, or somebody else is at it."""
    row = _row(tx, subscription, due_at, target)
    if row is not None and (row.state == "sent" or (row.state == "sending" and row.lease_until > tx.now)):
        return False
    values = {"state": "sending", "lease_until": tx.now + LEASE, "tries": (row.tries if row else 0) + 1, "error": ""}
    if row is None:
        same = {"subscription": subscription, "due_at": due_at, "target": target, "period": period, "sent_at": None}
        tx.connection.execute(sa.insert(mailings).values(**same, **values))
    else:
        tx.connection.execute(_update(subscription, due_at, target).values(**values))
    return True


def settle(tx: Transaction, subscription: str, due_at: datetime, target: str, error: str = "") -> None:
    """How it went; error: why it did not get there."""
    values = {"state": "failed" if error else "sent", "error": error, "sent_at": None if error else tx.now}
    tx.connection.execute(_update(subscription, due_at, target).values(**values))


def waiting(rows: list[Mailing], targets: tuple[str, ...], now: datetime) -> bool:
    """Whether a target was not tried yet, or was left by somebody who was killed. What failed waits for a retry."""
    begun = {row.target: row for row in rows}
    return any(
        target not in begun or (begun[target].state == "sending" and begun[target].lease_until <= now)
        for target in targets
    )


def mailed(ledger: Ledger, subscription: str, due_at: datetime | None = None, limit: int = 50) -> list[Mailing]:
    """The subscription's rows, newest first; of one due time, or of all."""
    query = sa.select(mailings).where(_m.subscription == subscription).order_by(_m.due_at.desc(), _m.target)
    if due_at is not None:
        query = query.where(_m.due_at == due_at)
    with ledger.engine.connect() as connection:
        return [Mailing(**row) for row in connection.execute(query.limit(limit)).mappings()]


def _row(tx: Transaction, subscription: str, due_at: datetime, target: str) -> Mailing | None:
    query = sa.select(mailings).where(_m.subscription == subscription, _m.due_at == due_at, _m.target == target)
    found = tx.connection.execute(query).mappings().one_or_none()
    return None if found is None else Mailing(**found)


def _update(subscription: str, due_at: datetime, target: str) -> sa.Update:
    return sa.update(mailings).where(_m.subscription == subscription, _m.due_at == due_at, _m.target == target)
