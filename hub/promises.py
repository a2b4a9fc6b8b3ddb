"""Keeping watch over promises: what `lapses.py` finds new about a case's becomes entries.

A case is looked at when something of it was written down, and when a clock of it would come near its end, run out, or
an escalation stay without an answer: a look costs what changed, not what is open. Whoever looks how often, each thing
is written down once. Imported history is left alone. Talks to no partner. Next: `lapses.py`; `dags/promises.py`, which
calls this each minute.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import sqlalchemy as sa

from hub import reading
from hub.agreement import Agreement
from hub.lapses import KINDS, lapses
from hub.ledger import Ledger
from hub.tables import entries, promises, readers
from hub.writing import Transaction

NAME = "promises"
READ = 500
"""Entries that are read in one step, and cases whose time has come."""


@dataclass(frozen=True, slots=True)
class Watched:
    """Cases that were looked at, and how many of each kind were written down."""

    looked: int = 0
    due_soon: int = 0
    overdue: int = 0
    escalated: int = 0


def watch(ledger: Ledger, agreement: Agreement, clock: Callable[[], datetime]) -> Watched:
    """Look at every case that has to be looked at, and write down what is new."""
    total, more = Watched(), True
    while more:
        with ledger.transaction(clock()) as tx:
            case_ids, more = _to_look_at(tx)
            for case_id in case_ids:
                total = _look(tx, agreement, case_id, total)
    return total


def _to_look_at(tx: Transaction) -> tuple[Sequence[str], bool]:
    """Cases of which something was written down since the last look, or whose time has come; and whether there may be
    more. What was read counts as read once this transaction is kept."""
    run = tx.connection.execute
    seq = run(sa.select(readers.c.seq).where(readers.c.name == NAME)).scalar()
    e = entries.c
    written = sa.select(e.seq, e.case_id, e.kind).where(e.seq > (seq or 0)).order_by(e.seq).limit(READ)
    rows = run(written).all()
    due = sa.select(promises.c.case_id).where(promises.c.look_at <= tx.now).order_by(promises.c.look_at).limit(READ)
    came = run(due).scalars().all()
    if rows and seq is None:
        run(sa.insert(readers).values(name=NAME, seq=rows[-1].seq))
    elif rows:
        run(sa.update(readers).where(readers.c.name == NAME).values(seq=rows[-1].seq))
    touched = [row.case_id for row in rows if row.case_id and row.kind not in KINDS]
    return tuple(dict.fromkeys([*touched, *came])), READ in (len(rows), len(came))


def _look(tx: Transaction, agreement: Agreement, case_id: str, total: Watched) -> Watched:
    tx.connection.execute(sa.delete(promises).where(promises.c.case_id == case_id))
    state = tx.case(case_id)
    if state is None or state.history:
        return total
    news, again = lapses(list(reading.entries(tx.connection, 0, case_id)), agreement, tx.now)
    for lapse in news:
        tx.append(lapse.kind, state, lapse.partner, detail=lapse.detail)
        total = replace(total, **{lapse.kind: getattr(total, lapse.kind) + 1})
    if again is not None:
        tx.connection.execute(sa.insert(promises).values(case_id=case_id, look_at=again))
    return replace(total, looked=total.looked + 1)
