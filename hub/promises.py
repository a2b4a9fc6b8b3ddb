"""Keeping watch over promises: what `lapses.py` finds new about a case's becomes entries, and an offer that nobody
answered in its time goes back.

A case is looked at when something of it was written down, and when a clock of it would come near its end, run out, or
an escalation stay without an answer: a look costs what changed, not what is open. Whoever looks how often, each thing
is written down once. In the same look its customer's word is followed up, and its tasks are given. Imported history is
left alone. Talks to no partner. Next: `lapses.py`, `following_up.py`, `assigning.py`; `dags/promises.py`, which calls
this each minute.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import sqlalchemy as sa

from hub import assigning, reading
from hub.agreement import Agreement
from hub.alliance import Alliance
from hub.clocks import clocks_of
from hub.entries import Entry
from hub.following_up import follow_up
from hub.lapses import KINDS, lapses
from hub.ledger import Ledger
from hub.offers import take_back
from hub.owing import owe_all
from hub.state import CaseState
from hub.succession import go_on
from hub.tables import entries, promises, readers
from hub.urging import urging
from hub.writing import Transaction

NAME = "promises"
TOLD = frozenset({"accept", "resolve"})
"""Clocks that agents are told of: those of work. What is due of words comes anew with each."""
READ = 500
"""Entries that are read in one step, and cases whose time has come."""


@dataclass(frozen=True, slots=True)
class Watched:
    """Cases that were looked at, and how many of each kind were written down."""

    looked: int = 0
    due_soon: int = 0
    overdue: int = 0
    escalated: int = 0
    timed_out: int = 0
    asked: int = 0
    silent: int = 0
    corrective: int = 0


def watch(
    ledger: Ledger, agreement: Agreement, clock: Callable[[], datetime], alliance: Alliance | None = None
) -> Watched:
    """Look at every case that has to be looked at, and write down what is new. alliance: whose agents are told by when
    what is due; None: nobody is."""
    total, more = Watched(), True
    alliance = alliance and replace(alliance, spool=ledger.spool)
    while more:
        with ledger.transaction(clock()) as tx:
            case_ids, more = _to_look_at(tx)
            for case_id in case_ids:
                total = _look(tx, agreement, case_id, total, alliance)
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


def _look(tx: Transaction, agreement: Agreement, case_id: str, total: Watched, alliance: Alliance | None) -> Watched:
    tx.connection.execute(sa.delete(promises).where(promises.c.case_id == case_id))
    state = tx.case(case_id)
    if state is None or state.history:
        return total
    story = list(reading.entries(tx.connection, 0, case_id))
    after, open_until = (state, None) if alliance is None else take_back(tx, agreement, state, story)
    if alliance is not None and after is not state:
        owe_all(tx, alliance, after)
        story = list(reading.entries(tx.connection, 0, case_id))
        total, state = replace(total, timed_out=total.timed_out + 1), after
    if (present := go_on(tx, alliance, state) if alliance is not None else state) is not state:
        state, story = present, list(reading.entries(tx.connection, 0, case_id))
    news, again = lapses(story, agreement, tx.now)
    again = min((at for at in (again, open_until) if at is not None), default=None)
    urge = urging(story, agreement, tx.now)
    again = min((at for at in (again, urge.again) if at is not None), default=None)
    for lapse in (*news, *urge.news):
        tx.append(lapse.kind, state, lapse.partner, detail=lapse.detail)
        total = replace(total, **{lapse.kind: getattr(total, lapse.kind) + 1})
    if alliance is not None:
        done = follow_up(tx, alliance, state, story)
        state = done.state
        total = replace(total, asked=total.asked + done.asked, silent=total.silent + done.silent,
                        corrective=total.corrective + done.corrective)  # fmt: skip
        again = min((at for at in (again, done.again) if at is not None), default=None)
        state = assigning.look(tx, alliance, state)
    if again is not None:
        tx.connection.execute(sa.insert(promises).values(case_id=case_id, look_at=again))
    if alliance is not None:
        _tell_due(tx, alliance, replace(state, urged=urge.asked), state, story)
    return replace(total, looked=total.looked + 1)


def _tell_due(tx: Transaction, alliance: Alliance, state: CaseState, before: CaseState, story: Sequence[Entry]) -> None:
    """Keep which promise of work runs out next and who is to answer an escalation, where that is another one now, and
    owe agents who are told of it. before: the case as it is kept."""
    running = (one for one in clocks_of(story, alliance.agreement, tx.now) if one.ended_at is None)
    due = min(
        ((one.due_at, str(one.commitment.clock), one.who) for one in running
         if one.due_at is not None and one.commitment.clock in TOLD),
        default=None,
    )  # fmt: skip
    if due != (None if state.due is None else (*state.due,)) or state.urged != before.urged:
        after = replace(state, due=due)
        tx.keep_case(after)
        owe_all(tx, alliance, after)
