"""A partner leaves the alliance: its access ends, what it was owed is withdrawn, its open cases go to who was named.

Each step is transactions of a page each, and each can be killed: a second run goes on where the first one stopped, and
one after the last finds nothing to do. Its access ends first, so that nothing is owed to it anew. Its folder and its
connection are the operator's to remove. Talks to no partner. Next: `succession.py` (who has a case after it),
`returning.py` (its data), `leave_cli.py`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa

from hub import pausing
from hub.acting import By, CannotDo, partner_named
from hub.alliance import Alliance
from hub.ledger import Ledger
from hub.state import CaseState
from hub.succession import ACCOUNTABLE, Heirs, after, heirs_of, is_open, roles, succeed
from hub.tables import OPEN_DELIVERY, cases, deliveries, files, grants, hints, intents, parked
from hub.writing import Transaction
from mappings.case import ENDED

PAGE = 100
"""Cases, or deliveries, of one transaction."""
WITHDRAWN = "X540"
"""Of a delivery that is carried no more since its partner left."""

_c, _d = cases.c, deliveries.c


@dataclass(frozen=True, slots=True)
class Parting:
    """What leaving does, or did. owners, contacts: company -> how many open cases it answers for, or is the contact
    point of, from now on. returned: offers that go back. withdrawn: deliveries. edges: ids of those that end. already:
    it had left before."""

    owners: Counter[str] = field(default_factory=Counter)
    contacts: Counter[str] = field(default_factory=Counter)
    returned: int = 0
    withdrawn: int = 0
    edges: tuple[str, ...] = ()
    already: bool = False


def plan(ledger: Ledger, alliance: Alliance, name: str, heirs: Heirs, now: datetime) -> Parting:
    """What leaving would do. Writes nothing. Raises CannotDo X502, X541, X542."""
    partner_named(name, alliance.partners)
    with ledger.look(now) as tx:
        for heir in (heirs.to, *([heirs.contact] if heirs.contact else [])):
            _check_heir(tx, alliance, name, heir)
        agreement = alliance.agreement.without(tx.left | {name})
        found = [(state, after(state, agreement, name, heirs)) for state in _touched(tx, name)]
        kept = sum(1 for before, _ in found if before.contact_point == name)
        if kept and not heirs.contact:
            raise CannotDo(
                "X542", f"{alliance.title(name)} is the contact point of {kept} open cases, and nobody is named to "
                "be it after it: their customers would have nobody to turn to.", known=_others(tx, alliance, name),
                fix=f"add --contact-point COMPANY, such as {heirs.to}; from then on it sees all of these cases.",
            )  # fmt: skip
        return _counted(tx, alliance, name, found)


def leave(
    ledger: Ledger, alliance: Alliance, name: str, heirs: Heirs, act: By, clock: Callable[[], datetime]
) -> Parting:
    """Let it leave. Whatever a run before has done stays done; the same errors as `plan`."""
    planned = plan(ledger, alliance, name, heirs, clock())
    with ledger.transaction(clock()) as tx:
        fresh = pausing.leave(tx, name, act.who, act.why)
        if fresh or heirs_of(tx, name) is None or _names_another(tx, name, heirs):
            detail = {"to": heirs.to, "contact": heirs.contact, "who": act.who, "why": act.why}
            tx.append("left", "", name, detail=detail)
    withdrawn = _each_page(ledger, clock, lambda tx: _withdraw(tx, name, act))
    with ledger.transaction(clock()) as tx:
        _shut(tx, name, alliance.partners[name].system.connection)
    _each_page(ledger, clock, lambda tx: _hand_on(tx, alliance, name, heirs, act))
    return Parting(
        planned.owners, planned.contacts, planned.returned, withdrawn, planned.edges, already=not fresh
    )  # fmt: skip


def _each_page(ledger: Ledger, clock: Callable[[], datetime], step: Callable[[Transaction], int]) -> int:
    """How much there was to be done, in transactions of a page each."""
    total = 0
    while True:
        with ledger.transaction(clock()) as tx:
            done = step(tx)
        total += done
        if done < PAGE:
            return total


def _check_heir(tx: Transaction, alliance: Alliance, name: str, heir: str) -> None:
    """Whether this company can take cases now."""
    known = _others(tx, alliance, name)
    if heir in known and not (why := pausing.stopped(tx, heir)):
        return
    if heir == name:
        said, fix = f"{heir} is the company that leaves.", "name another one."
    elif heir in tx.left:
        said, fix = f"{heir} left the alliance itself.", "name another one."
    elif heir not in known:
        said, fix = f"{heir!r} is no company of the agreement.", "name one of them."
    else:
        said, fix = f"nothing can be handed to {heir} now: {why}.", f"casebridge resume --partner {heir}, or another."
    raise CannotDo("X541", said, value=heir, known=known, fix=fix)


def _others(tx: Transaction, alliance: Alliance, name: str) -> list[str]:
    here = alliance.agreement.partners.keys() & alliance.partners.keys()
    return sorted(here - tx.left - {name})


def _names_another(tx: Transaction, name: str, heirs: Heirs) -> bool:
    named = heirs_of(tx, name)
    return named is not None and named[0] != heirs


def _touched(tx: Transaction, name: str, most: int | None = None) -> Iterator[CaseState]:
    """Open cases that this company answers for, holds, or is the contact point of; oldest first."""
    here = sa.or_(_c.accountable == name, _c.holder == name, _c.contact_point == name)
    query = sa.select(_c.id).where(here, _c.status.not_in(ENDED), _c.history.is_(False))
    for case_id in tx.connection.execute(query.order_by(_c.opened_at, _c.id).limit(most)).scalars().all():
        state = tx.case(case_id)
        if state is not None and is_open(state):
            yield state


def _counted(tx: Transaction, alliance: Alliance, name: str, found: Iterable[tuple[CaseState, CaseState]]) -> Parting:
    owners, contacts, returned = Counter[str](), Counter[str](), 0
    for before, now in found:
        for role, heir in roles(before, now):
            (owners if role == ACCOUNTABLE else contacts)[heir] += 1
        returned += before.holder == name != before.accountable
    open_ones = sa.select(sa.func.count()).where(_d.partner == name, _d.state.in_(OPEN_DELIVERY))
    edges = tuple(edge.id for edge in alliance.agreement.edges if name in (edge.giver, edge.receiver))
    withdrawn = tx.connection.execute(open_ones).scalar_one()
    return Parting(owners, contacts, returned, withdrawn, edges, already=name in tx.left)


def _withdraw(tx: Transaction, name: str, act: By) -> int:
    """What it was still owed is carried no more. The fence moves on: who is at it cannot settle it any more."""
    open_ones = sa.select(_d.id, _d.case_id, _d.version).where(_d.partner == name, _d.state.in_(OPEN_DELIVERY))
    rows = tx.connection.execute(open_ones.order_by(_d.id).limit(PAGE)).all()
    i = intents.c
    for row in rows:
        over = {"state": "delivered", "fence": _d.fence + 1, "lease_until": None, "settled_at": tx.now,
                "code": WITHDRAWN, "reason": ""}  # fmt: skip
        tx.connection.execute(sa.update(deliveries).where(_d.id == row.id).values(over))
        lane = [i.case_id == row.case_id, i.partner == name, i.state == "planned"]
        tx.connection.execute(sa.update(intents).where(*lane).values(state="dropped"))
        tx.standing.forget_open(row.case_id)
        tx.standing.forget_sent(row.case_id)
        detail = {"version": row.version, "who": act.who, "why": act.why}
        tx.append("dropped", tx.case(row.case_id) or row.case_id, name, detail=detail)
    return len(rows)


def _shut(tx: Transaction, name: str, connection: str) -> None:
    """Nothing waits at its door any more but what it is to erase: no question, no file, no webhook, no token."""
    p, run = parked.c, tx.connection.execute
    waits = [p.partner == name, p.ended_at.is_(None), p.subject != "erasure"]
    run(sa.update(parked).where(*waits).values(ended_at=tx.now))
    run(sa.update(files).where(files.c.partner == name, files.c.state == "wanted").values(state="refused"))
    run(sa.delete(hints).where(hints.c.partner == name))
    run(sa.delete(grants).where(grants.c.connection == connection))


def _hand_on(tx: Transaction, alliance: Alliance, name: str, heirs: Heirs, act: By) -> int:
    states = [*_touched(tx, name, PAGE)]
    for state in states:
        succeed(tx, alliance, state, name, heirs, act)
    return len(states)
