"""Corrective actions: a negative word that reopens a case begins one, with an owner, a deadline and a follow-up.

    open        begun; the company that answered for the case has to do it, in its own working time
    done        the case was resolved again, or its company said so; the customer is asked anew
    effective   his next word was positive: only that makes it so
    ineffective it was not; the next one is begun

Inside a ledger transaction, looked at by `promises.py`; talks to no partner. Next: `following_up.py`, `rounds.py`;
`corrective_cli.py` (what people do).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from hub.acting import By, CannotDo
from hub.agreement import Agreement
from hub.alliance import Alliance
from hub.calendars import worked_after
from hub.entries import Entry
from hub.ledger import Ledger
from hub.owing import owe_all
from hub.rounds import CLOSED, RESOLVED
from hub.state import CaseState
from hub.tables import cases, correctives
from hub.writing import Transaction

PROMISE = "corrective"
"""In the place of a commitment, where one is overdue."""
OPEN = ("open", "done")
_c = correctives.c


@dataclass(frozen=True, slots=True)
class Row:
    """One corrective action, as lists show it. state: open, done, effective or ineffective."""

    id: int
    case_id: str
    owner: str
    role: str
    state: str
    began_at: datetime
    due_at: datetime
    done_at: datetime | None
    ended_at: datetime | None


def look(
    tx: Transaction, alliance: Alliance, state: CaseState, story: Sequence[Entry]
) -> tuple[CaseState, datetime | None, int]:
    """Begin, end or call overdue what is to be; the case after it, when to look again, and how many were begun."""
    if alliance.agreement.closing.corrective is None:
        return state, None, 0
    rows, begun = _rows(tx, _c.case_id == state.id), 0
    after, seen = state, {int(entry.detail["no"]) for entry in story if entry.kind == "corrective"}
    words = [entry for entry in story if entry.kind == "reopened" and "score" in entry.detail]
    for word in words[len(seen) :]:  # each begins one, in their order
        rows = [_end(tx, after, row, "ineffective", word) if row.state in OPEN else row for row in rows]
        rows.append(_begin(tx, alliance.agreement, after, word))
        begun += 1
    last = rows[-1] if rows else None
    if last is not None and last.state == "open" and state.status in (RESOLVED, CLOSED):
        last = _do(tx, after, last, {"how": "resolved"})
    if last is not None and last.state == "done" and state.status == CLOSED:
        last = _end(tx, after, last, "effective", next(e for e in reversed(story) if e.kind in ("closed", "fed_back")))
    waits = last is not None and last.state == "open"
    now = (last.id, last.owner, last.role, last.due_at) if last is not None and waits else None
    if now != state.corrective:
        after = replace(state, corrective=now)
        tx.keep_case(after)
        owe_all(tx, alliance, after)
    if last is None or not waits:
        return after, None, begun
    if last.due_at > tx.now:
        return after, last.due_at, begun
    if not any(e.kind == "overdue" and e.detail.get("no") == last.id for e in story):
        detail = {"commitment": PROMISE, "of": last.owner, "no": last.id, "due_at": last.due_at.isoformat()}
        tx.append("overdue", after, last.owner, detail=detail)
    return after, None, begun


def hand_on(tx: Transaction, agreement: Agreement, state: CaseState, gone: str) -> CaseState:
    """The case once what this company, which left, had to do is to be done by who answers for it now."""
    mine = [_c.case_id == state.id, _c.owner == gone, _c.state.in_(OPEN)]
    role = owner_of(agreement, state.accountable)
    tx.connection.execute(sa.update(correctives).where(*mine).values(owner=state.accountable, role=role))
    if state.corrective is None or state.corrective[1] != gone:
        return state
    return replace(state, corrective=(state.corrective[0], state.accountable, role, state.corrective[3]))


def say_done(tx: Transaction, alliance: Alliance, number: int, by: By) -> Row:
    """Its company says that it is done. Raises CannotDo X511."""
    found = _rows(tx, _c.id == number)
    if not found or found[0].state not in OPEN:
        what = f"is {found[0].state} already" if found else "is not there"
        raise CannotDo("X511", f"corrective action {number} {what}.", fix="`casebridge corrective list` shows them.")
    state = tx.case(found[0].case_id)
    if state is None:
        raise CannotDo("X511", f"corrective action {number}: its case is gone.")
    done = _do(tx, state, found[0], {"how": "said", "who": by.who, "why": by.why})
    if state.corrective is not None and state.corrective[0] == number:
        state = replace(state, corrective=None)
        tx.keep_case(state)
        owe_all(tx, alliance, state)
    return done


def listed(ledger: Ledger, *, partner: str = "", every: bool = False) -> list[Row]:
    """Those that are not ended (every: all of them), what is due first first. partner: of this owner."""
    query = sa.select(correctives).order_by(_c.due_at, _c.id)
    query = query if every else query.where(_c.state.in_(OPEN))
    query = query.where(_c.owner == partner) if partner else query
    with ledger.connected() as connection, connection.begin() as begun:
        rows = [Row(**row) for row in connection.execute(query).mappings()]
        begun.rollback()
    return rows


def owner_of(agreement: Agreement, partner: str) -> str:
    """The role that sees to this company's corrective actions."""
    declared, company = agreement.closing.corrective, agreement.partners.get(partner)
    named = declared.owners.get(partner) if declared is not None else None
    if named is not None:
        return named.role
    return company.escalation[0].role if company is not None and company.escalation else partner


def _begin(tx: Transaction, agreement: Agreement, state: CaseState, word: Entry) -> Row:
    owner, role = word.accountable or state.accountable, owner_of(agreement, word.accountable or state.accountable)
    within = agreement.closing.corrective.within if agreement.closing.corrective is not None else None
    due = worked_after(agreement.own_calendar(owner), word.observed_at, within) if within is not None else tx.now
    row: dict[str, Any] = {
        "case_id": state.id, "owner": owner, "role": role, "state": "open", "began_at": tx.now, "due_at": due,
    }  # fmt: skip
    key = tx.connection.execute(sa.insert(correctives).values(row)).inserted_primary_key
    number = int(key[0]) if key is not None else 0
    text = next((one.text for one in reversed(state.feedback) if one.score == word.detail["score"]), None)
    detail = {"no": number, "role": role, "due_at": due.isoformat(), "score": word.detail["score"]}
    tx.append("corrective", state, owner, detail=detail, body={"text": text})
    return Row(**row, id=number, done_at=None, ended_at=None)


def _do(tx: Transaction, state: CaseState, row: Row, detail: dict[str, Any]) -> Row:
    tx.append("corrected", state, row.owner, detail={"no": row.id, **detail})
    return _set(tx, replace(row, state="done", done_at=row.done_at or tx.now))


def _end(tx: Transaction, state: CaseState, row: Row, how: Any, word: Entry) -> Row:
    tx.append(how, state, row.owner, detail={"no": row.id, "score": word.detail.get("score")})
    return _set(tx, replace(row, state=how, ended_at=tx.now))


def _set(tx: Transaction, row: Row) -> Row:
    values = {"state": row.state, "done_at": row.done_at, "ended_at": row.ended_at}
    tx.connection.execute(sa.update(correctives).where(_c.id == row.id).values(values))
    return row


def _rows(tx: Transaction, where: sa.ColumnElement[bool]) -> list[Row]:
    found = tx.connection.execute(sa.select(correctives).where(where).order_by(_c.id)).mappings()
    return [Row(**row) for row in found]


def number_at(ledger: Ledger, case_id: str) -> str:
    """What people call the case: its number at its contact point, else its id."""
    with ledger.connected() as connection, connection.begin() as begun:
        contact = connection.execute(sa.select(cases.c.contact_point).where(cases.c.id == case_id)).scalar()
        begun.rollback()
    return next((link.number for link in ledger.links(case_id) if link.partner == contact and link.number), case_id)
