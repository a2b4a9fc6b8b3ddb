"""Who comes after a partner that left: its open cases go to who was named, and are never without an accountable one.

What it answered for goes to the named owner, where the agreement lets that company have such a case (it has it already,
it is the contact point, or an edge leads there); else to the case's contact point, which needs no edge. What was
offered to it goes back to who offered it. The first part is pure, the second runs inside one ledger transaction and
talks to nobody. Next: `leaving.py`, which calls this for each case; `promises.py`, for one that is reopened later.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import sqlalchemy as sa

from hub import corrective
from hub.acting import By
from hub.agreement import Agreement
from hub.alliance import Alliance
from hub.assigning import ended
from hub.codec import decode
from hub.owing import owe_all
from hub.state import HUB, CaseState
from hub.tables import entries
from hub.writing import Transaction
from mappings.case import ENDED

ACCOUNTABLE, CONTACT = "accountable", "contactPoint"
"""Roles that another company takes."""


@dataclass(frozen=True, slots=True)
class Heirs:
    """Who comes after it. to: answers for its open cases. contact: is the contact point of those it was that of; "":
    nobody was named, and nobody had to be."""

    to: str
    contact: str = ""


def is_open(state: CaseState) -> bool:
    """Whether somebody has to answer for it."""
    return state.status not in ENDED and not state.history


def after(state: CaseState, agreement: Agreement, gone: str, heirs: Heirs) -> CaseState:
    """The open case once this partner is gone: holder, accountable and contact point are others."""
    contact = (heirs.contact or heirs.to) if state.contact_point == gone else state.contact_point
    owner, edges = state.accountable, dict(state.edges)
    if owner == gone:
        owner, ref = _owner(state, agreement, gone, contact, heirs.to)
        edges |= {owner: ref} if ref else {}
    holder = owner if state.holder == gone else state.holder
    informed = [name for name in state.informed if name != gone]
    bearers = () if state.parent else dict.fromkeys((owner, contact))  # of a task its receiver alone has a record
    informed += [name for name in bearers if name not in (holder, *informed)]
    return replace(
        state,
        values={**state.values, "holder": holder},
        setters=state.setters if holder == state.holder else {**state.setters, "holder": HUB},
        accountable=owner,
        contact_point=contact,
        edges=edges,
        informed=tuple(informed),
    )


def _owner(state: CaseState, agreement: Agreement, gone: str, contact: str, to: str) -> tuple[str, str]:
    """(who answers for it now, the ref of the edge that gives it to that company; "" where it needs none)."""
    present = state.edges.get(to, "")
    if to == contact or (agreement.edge_named(present) is not None and not agreement.is_informed(present)):
        return to, ""
    for giver in dict.fromkeys((gone, contact, state.holder)):
        edge = agreement.edge(giver, to, state.values)
        if edge is not None:
            return to, agreement.ref(edge)
    return contact, ""


def roles(before: CaseState, now: CaseState) -> Iterator[tuple[str, str]]:
    """(role, who has it now) of each that went to another company."""
    if now.accountable != before.accountable:
        yield ACCOUNTABLE, now.accountable
    if now.contact_point != before.contact_point:
        yield CONTACT, now.contact_point


def succeed(tx: Transaction, alliance: Alliance, state: CaseState, gone: str, heirs: Heirs, act: By) -> CaseState:
    """Hand the case on, an entry for each thing that moved, and owe the others what they lack by it."""
    agreement = alliance.agreement.without(tx.left)
    if state.parent and state.holder == gone:  # nobody has the task any more: who gave it is told
        now = ended(tx, state, "cancelled")
        tx.keep_case(now)
        detail = {"receiver": gone, "back_to": state.contact_point, "how": "withdrawn", "who": act.who, "why": act.why}
        tx.append("refused", now, HUB, detail=detail)
        return now
    now = replace(after(state, agreement, gone, heirs), version=state.version + 1, updated_at=tx.now)
    now = corrective.hand_on(tx, agreement, now, gone)
    tx.keep_case(now)
    by = {"who": act.who, "why": act.why}
    if state.holder == gone != state.accountable:
        detail = {"receiver": gone, "back_to": now.holder, "how": "withdrawn", **by}
        tx.append("refused", now, HUB, detail=detail)
    for role, heir in roles(state, now):
        over = now.edges.get(heir, "").partition("@") if role == ACCOUNTABLE else ("", "", "")
        detail = {"left": gone, "role": role, "edge": over[0], "agreement": over[2] or agreement.version, **by}
        tx.append("succeeded", now, heir, detail=detail)
    owe_all(tx, alliance, now)
    return now


def heirs_of(tx: Transaction, gone: str) -> tuple[Heirs, By] | None:
    """Who was named when this partner left, by whom and why."""
    e = entries.c
    query = sa.select(e.detail).where(e.kind == "left", e.partner == gone).order_by(e.seq.desc()).limit(1)
    row = tx.connection.execute(query).scalar()
    if row is None:
        return None
    said: Mapping[str, str] = decode(row)
    return Heirs(said["to"], said["contact"]), By(said["who"], said["why"])


def go_on(tx: Transaction, alliance: Alliance, state: CaseState) -> CaseState:
    """The case, with nobody in it who left: one that was ended then and is worked on again goes to the same heirs."""
    while is_open(state) and (gone := tx.left & {state.accountable, state.holder, state.contact_point}):
        name = min(gone)
        named = heirs_of(tx, name)
        if named is None:
            return state
        state = succeed(tx, alliance, state, name, *named)
    return state
