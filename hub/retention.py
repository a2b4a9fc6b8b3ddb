"""The daily sweep: what the agreement says is past its time is removed here, and erasures that were begun go on.

A customer's key is destroyed when all of his cases are past their time, not before: one open case keeps the others
readable. Next: `retaining.py` (the spans), `erasing.py` (the steps), `dags/retention.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import sqlalchemy as sa

from hub import files
from hub.acting import By
from hub.erasing import ask_all, begin, go_on_here
from hub.erasure import of_subject
from hub.exchange import Exchange
from hub.retaining import Retention
from hub.tables import cases
from hub.tables import files as file_table
from hub.writing import Transaction
from mappings.case import ENDED

MOST = 1000
"""Customers of one sweep: the next one goes on."""


@dataclass(frozen=True, slots=True)
class Swept:
    """erased: cases that are past their time. files: bytes let go of. asked, waiting: companies of earlier erasures
    that were asked now, and whose people have to act."""

    erased: int = 0
    files: int = 0
    asked: int = 0
    waiting: int = 0


def sweep(exchange: Exchange) -> Swept:
    """Do what is due. Killed in the middle, the next one goes on."""
    go_on_here(exchange)
    steps = ask_all(exchange)
    swept = Swept(asked=len(steps), waiting=sum(step.state == "waiting" for step in steps))
    kept = exchange.alliance.agreement.retention
    if kept is None:
        return swept
    return replace(swept, erased=_closed(exchange, kept), files=_files(exchange, kept))


def _closed(exchange: Exchange, kept: Retention) -> int:
    if kept.closed is None:
        return 0
    done, now = 0, exchange.clock()
    with exchange.ledger.look(now) as tx:
        subjects = _past(tx, kept.closed.before(now))
    for subject in subjects:
        with exchange.ledger.look(now) as tx:
            found = of_subject(tx, subject)
        begin(exchange, found, By("retention", f"closed: {kept.closed}"), ask=False)
        done += len(found.cases)
    return done


def _past(tx: Transaction, limit: datetime) -> Sequence[str]:
    """Subjects all of whose cases have ended and none has changed since this time."""
    lives = sa.or_(cases.c.status.not_in(ENDED), cases.c.updated_at >= limit)
    query = (
        sa.select(cases.c.subject)
        .group_by(cases.c.subject)
        .having(sa.func.sum(sa.case((lives, 1), else_=0)) == 0)
        .order_by(sa.func.max(cases.c.updated_at))
        .limit(MOST)
    )
    return tx.connection.execute(query).scalars().all()


def _files(exchange: Exchange, kept: Retention) -> int:
    """Bytes that waited too long are let go of: the pull of their company removes them."""
    if kept.files is None:
        return 0
    now = exchange.clock()
    late = [file_table.c.state == "kept", file_table.c.due_at < kept.files.before(now)]
    with exchange.ledger.transaction(now) as tx:
        rows = [files.FileRow(**row) for row in tx.connection.execute(sa.select(file_table).where(*late)).mappings()]
        for row in rows:
            files.keep(tx, replace(row, state="refused", spool=""))
    for row in rows:
        if exchange.ledger.spool is not None:
            exchange.ledger.spool.drop(row.spool)
    return len(rows)
