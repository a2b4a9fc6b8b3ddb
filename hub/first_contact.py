"""How a partner goes live: cases from a cut-off date on, and a guard that asks before many records are written.

Cut-off: a record that was last changed before it opens no case of its own. It is read and known by its digest; at its
next change after the cut-off it is taken as any other. A record that bears the hub id of a case belongs to that case
whatever its age, and one whose age nobody tells is taken.

Guard: until a person signs the first contact off, all that is created or changed in the partner's system since the
beginning stays within `guard` records. A push that would pass it writes nothing at all and puts one row before a
person. Inside a ledger transaction. Next: `forecast.py` (what would be sent), `taking.py`, `exchange.py`.
"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from connectors.base import Record, System
from hub.alliance import Alliance, Taken
from hub.forecast import forecast, owed_cases
from hub.partners import Partner
from hub.state import Link
from hub.tables import intents, parked, partners
from hub.writing import Transaction
from mappings.lens import Reading

SUBJECT = "first contact"
WROTE = ("planned", "settled")
"""States of intents that were, or may have been, applied."""


def is_before(partner: Partner, record: Record, reading: Reading | None) -> bool:
    """Whether the record was last changed before the cut-off. reading None: it could not be read."""
    cut_off = partner.system.first_contact.cut_off
    if cut_off is None:
        return False
    moments: list[object] = [record.changed_at]
    if reading is not None:
        moments += [reading.values.get("lastUpdate"), reading.values.get("creationDate")]
    changed = next((one for one in moments if isinstance(one, datetime)), None)
    return changed is not None and changed < cut_off


def know(tx: Transaction, record: Record, digest: str, number: str = "") -> Taken:
    """Keep that it was seen, so that only its next change is news."""
    tx.keep_link(Link(record.partner, record.native_id, None, record.version, digest, number, state="known"), None)
    return Taken()


def guarded(tx: Transaction, alliance: Alliance, partner: str) -> str:
    """Why nothing may be written to this partner yet, in a sentence; nothing where it may. Reads only."""
    system = alliance.partners[partner].system
    guard = system.first_contact.guard
    if guard == "none" or _signed_off(tx, partner):
        return ""
    touched = _touched(tx, partner)
    if len(touched | owed_cases(tx, partner)) <= guard:
        return ""  # cheap, and true of every push of a quiet day
    planned = forecast(tx, alliance, partner)
    if len(touched | {one.case_id for one in planned}) <= guard:
        return ""
    return _told(system, guard, len(touched), [one.kind for one in planned])


def ask(tx: Transaction, partner: str, why: str) -> None:
    """Put it before a person, once."""
    open_row = [parked.c.partner == partner, parked.c.subject == SUBJECT, parked.c.ended_at.is_(None)]
    if tx.connection.execute(sa.select(parked.c.id).where(*open_row)).first() is not None:
        return
    place = f"{partner} first_contact.guard"
    tx.append("parked", "", partner, detail={"code": "X401", "where": place})
    tx.park(SUBJECT, partner, case_id=None, native_id=None, code="X401", place=place, why=why)


def sign_off(tx: Transaction, partner: str, who: str, why: str) -> bool:
    """A person has looked, and permits it; False where that was done before."""
    if _signed_off(tx, partner):
        return False
    tx.note_partner(partner, signed_off_at=tx.now)
    tx.unpark(SUBJECT, partner, native_id=None, case_id=None)
    tx.append("signed_off", "", partner, detail={"who": who, "why": why})
    return True


def _told(system: System, guard: int, touched: int, kinds: list[str]) -> str:
    creates = kinds.count("create")
    name = system.name
    return (
        f"the first contact with {system.title} is not signed off: {touched} records there were written so far, and "
        f"now {creates} would be created and {len(kinds) - creates} changed, more than {guard} in all. Nothing was "
        f"written. Look at them: casebridge push {name} --dry-run. Then: casebridge partner sign-off {name} --why ..."
    )


def _signed_off(tx: Transaction, partner: str) -> bool:
    query = sa.select(partners.c.signed_off_at).where(partners.c.name == partner)
    return tx.connection.execute(query).scalar() is not None


def _touched(tx: Transaction, partner: str) -> set[str]:
    """Cases whose record there was, or may have been, created or changed by us."""
    query = sa.select(intents.c.case_id).where(intents.c.partner == partner, intents.c.state.in_(WROTE)).distinct()
    return set(tx.connection.execute(query).scalars())
