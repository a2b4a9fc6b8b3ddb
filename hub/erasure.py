"""Forgetting a person, in the ledger: who has what, what is removed here, and what has to be asked of whom.

Bodies of entries stay as they are, sealed under a key that is destroyed, so the chain still verifies; all else of the
case is removed. What stays: ids, times and statuses in the clear, and for each record that it is never to be taken
in again. Runs inside ledger transactions and talks to nobody. Next: `erasing.py` (the steps), `erase_cli.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from hub import tables
from hub.acting import By
from hub.keys import KeyLost
from hub.standing import case_state, link_state
from hub.state import HUB, CaseState
from hub.statements import Statement
from hub.writing import Transaction

_e, _k = tables.erasures.c, tables.links.c
BEGAN = ("opened", "linked")
"""Kinds of entries after which a record is a case's."""
BEFORE = Statement(sa.select(sa.func.count(sa.distinct(_e.case_id))).where(_e.subject == sa.bindparam("of_subject")))
BY_CASE = (tables.deliveries, tables.intents, tables.promises)
"""Tables whose rows of a case are removed with it."""


@dataclass(frozen=True, slots=True)
class Place:
    """A record that a company has of a case. stands: what stands there by our hand that cannot be blanked, in words.
    native_id: "" where a create is on its way and nobody knows yet whether it arrived."""

    case_id: str
    partner: str
    native_id: str
    number: str = ""
    stands: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """What is kept of one person. subjects: whose keys go. places: who has it, where it began first."""

    cases: tuple[CaseState, ...]
    subjects: tuple[str, ...]
    places: tuple[Place, ...]


def subject_of(tx: Transaction, partner: str, customer: object, case_id: str) -> str:
    """Under whose key a new case is sealed: its customer's, told in a way that names nobody, else its own. A customer
    who was forgotten and comes back has a new key."""
    if not customer:
        return f"case:{case_id}"
    subject = f"customer:{partner}:{tx.keyring.digest(str(customer).encode())[:32]}"
    while BEFORE.scalar(tx.session, {"of_subject": subject}):
        subject = f"{subject}+"
    return subject


def of_customer(tx: Transaction, customer: str) -> Found:
    """Everything of this customer, by the id that any company knows him by."""
    ids = [state.id for state in _cases(tx) if str(state.values.get("relatedParty.customer.id") or "") == customer]
    return _found(tx, ids)


def of_case(tx: Transaction, case_id: str) -> Found:
    """Everything of this case, and of the others that are sealed under the same key."""
    return _found(tx, [case_id])


def of_subject(tx: Transaction, subject: str) -> Found:
    """Everything that is sealed under this key."""
    query = sa.select(tables.cases.c.id).where(tables.cases.c.subject == subject)
    return _found(tx, tx.connection.execute(query).scalars().all())


def _cases(tx: Transaction) -> Iterator[CaseState]:
    for row in tx.connection.execute(sa.select(tables.cases)).mappings():
        try:
            yield case_state(dict(row), tx.keyring)
        except KeyLost:
            continue


def _found(tx: Transaction, case_ids: Sequence[str]) -> Found:
    known = [state for state in (tx.case(case_id) for case_id in case_ids) if state is not None]
    subjects = tuple(dict.fromkeys(state.subject for state in known))
    query = sa.select(tables.cases.c.id).where(tables.cases.c.subject.in_(subjects))
    every = tx.connection.execute(query.order_by(tables.cases.c.opened_at)).scalars().all()
    states = tuple(state for state in (tx.case(case_id) for case_id in every) if state is not None)
    return Found(states, subjects, tuple(place for state in states for place in _places(tx, state)))


def _places(tx: Transaction, state: CaseState) -> Iterator[Place]:
    known = dict[tuple[str, str], Place]()
    for row in tx.connection.execute(sa.select(tables.links).where(_k.case_id == state.id)).mappings():
        link = link_state(dict(row), tx.keyring)
        counts = {"note": len([one for one in link.notes.values() if one]), "file": len(link.files)}
        stands = ", ".join(f"{n} {what}{'s' * (n > 1)}" for what, n in counts.items() if n)
        known[link.partner, link.native_id] = Place(state.id, link.partner, link.native_id, link.number, stands)
    e = tables.entries.c
    told = sa.select(e.partner, e.native_id).where(e.case_id == state.id, e.kind.in_(BEGAN), e.native_id.is_not(None))
    for partner, native_id in tx.connection.execute(told.distinct()):
        now = tx.link(partner, native_id)
        if now is None or now.case_id in {None, state.id}:  # else it is another case's by now
            known.setdefault((partner, native_id), Place(state.id, partner, native_id))
    i = tables.intents.c
    sent = sa.select(i.partner).where(i.case_id == state.id, i.kind == "create", i.state != "settled")
    for partner in tx.connection.execute(sent.distinct()).scalars():
        if not any(at == partner for at, _ in known):
            known[partner, ""] = Place(state.id, partner, "")
    yield from sorted(known.values(), key=lambda place: (place.partner != state.origin, place.partner))


def forget(tx: Transaction, found: Found, act: By, *, ask: bool) -> None:
    """Remove what is kept, but for the files' bytes and the keys, and write down who is to be asked. ask: the companies
    too; else what each of them has is its own matter."""
    for state in found.cases:
        partners = sorted({place.partner for place in found.places if place.case_id == state.id}) if ask else []
        tx.append("erasing", state.id, HUB, detail={"who": act.who, "why": act.why, "partners": partners})
        put_down(tx, Place(state.id, HUB, ""), state.subject)
    for place in found.places if ask else ():
        put_down(tx, place, "")
    for place in found.places:
        if place.native_id:
            bury(tx, place)
    for state in found.cases:
        _remove(tx, state.id)


def put_down(tx: Transaction, place: Place, subject: str, state: str = "planned") -> bool:
    """Write down that it is to be erased there; False where it was before, when its company left."""
    same = [_e.case_id == place.case_id, _e.partner == place.partner, _e.native_id == place.native_id]
    if tx.connection.execute(sa.select(_e.state).where(*same)).first() is not None:
        return False
    tx.connection.execute(
        sa.insert(tables.erasures).values(
            case_id=place.case_id, partner=place.partner, native_id=place.native_id, state=state,
            number=place.number, stands=place.stands, subject=subject, asked_at=tx.now,
        )
    )  # fmt: skip
    return True


def bury(tx: Transaction, place: Place) -> None:
    """Of the record no more is known than that it is never taken in again."""
    at = {"partner": place.partner, "native_id": place.native_id}
    nothing = {"case_id": None, "number": "", "state": "erased", "edge": "", "version": "", "digest": "",
               "synced_at": None, "subject": None, "body": None}  # fmt: skip
    same = [_k.partner == place.partner, _k.native_id == place.native_id]
    if tx.connection.execute(sa.update(tables.links).where(*same).values(**nothing)).rowcount == 0:
        tx.connection.execute(sa.insert(tables.links).values(**at, **nothing))
    for table in (tables.counterparts, tables.hints):
        tx.connection.execute(sa.delete(table).where(*(table.c[name] == value for name, value in at.items())))
    p = tables.parked.c
    _silence(tx, p.partner == place.partner, p.native_id == place.native_id)


def _remove(tx: Transaction, case_id: str) -> None:
    _silence(tx, tables.parked.c.case_id == case_id)
    for table in BY_CASE:
        tx.connection.execute(sa.delete(table).where(table.c.case_id == case_id))
    stop = tables.pauses.c
    tx.connection.execute(sa.delete(tables.pauses).where(stop.scope == "case", stop.name == case_id))
    tx.connection.execute(sa.delete(tables.cases).where(tables.cases.c.id == case_id))


def _silence(tx: Transaction, *which: Any) -> None:
    """What waited is over, and what it said, which may quote a person's words, is gone."""
    over = {"message": "", "place": "", "ended_at": sa.func.coalesce(tables.parked.c.ended_at, _text(tx.now))}
    tx.connection.execute(sa.update(tables.parked).where(*which).values(**over))


def _text(moment: datetime) -> Any:
    return sa.bindparam(None, moment, type_=tables.parked.c.ended_at.type)


@dataclass(frozen=True, slots=True)
class Asked:
    """One row of what was asked. state: planned (nobody was asked yet), waiting (for a person), done."""

    case_id: str
    partner: str
    native_id: str
    state: str
    number: str
    stands: str
    subject: str
    asked_at: datetime
    done_at: datetime | None


def asked(tx: Transaction, *states: str, case_id: str = "") -> list[Asked]:
    """What was asked and stands so, oldest first. case_id: of this case alone."""
    query = sa.select(tables.erasures).where(_e.state.in_(states)).order_by(_e.asked_at, _e.case_id, _e.partner)
    query = query.where(_e.case_id == case_id) if case_id else query
    return [Asked(**row) for row in tx.connection.execute(query).mappings()]


def moved(tx: Transaction, row: Asked, state: str, how: str = "", by: By | None = None) -> None:
    """It stands so from now on. how: of one that is done, its receipt in the ledger."""
    same = [_e.case_id == row.case_id, _e.partner == row.partner, _e.native_id == row.native_id]
    done = tx.now if state == "done" else None
    tx.connection.execute(sa.update(tables.erasures).where(*same).values(state=state, done_at=done))
    if state == "done":
        who = {} if by is None else {"who": by.who, "why": by.why}
        tx.append("erased", row.case_id, row.partner, native_id=row.native_id or None, detail={"how": how, **who})
