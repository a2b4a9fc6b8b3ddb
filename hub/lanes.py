"""Deliveries and intents: what is owed to whom, who is at it now, and what was about to be sent.

One open delivery a case and partner: a newer case version moves it on, it never queues twice. A claim is a lease with a
fencing number; only the claim with the newest number may settle, however long another one slept. An intent is written
before a push and says what was on its way, so that a later life looks before it sends again. Every function works
inside a ledger transaction. Next: `delivering.py`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from connectors.base import Change
from hub.codec import decode, encode
from hub.entries import DeliveryState
from hub.pausing import IS_PAUSED
from hub.tables import OPEN_DELIVERY, deliveries, intents
from hub.writing import Transaction

IS_OPEN = sa.text("state <> 'delivered'")
"""In the words of the index one_open_delivery, which is not used otherwise: every delivery there was would be read."""
OPEN_OF = sa.select(deliveries.c.partner, deliveries.c.id, deliveries.c.state, deliveries.c.version).where(
    deliveries.c.case_id == sa.bindparam("case_id"), deliveries.c.state.in_(OPEN_DELIVERY), IS_OPEN
)
IN_FLIGHT = (
    sa.select(intents)
    .where(
        intents.c.case_id == sa.bindparam("case_id"),
        intents.c.partner == sa.bindparam("at"),
        intents.c.state == "planned",
    )
    .order_by(intents.c.planned_at, intents.c.key)
)
DUE = (
    sa.select(deliveries)
    .where(
        deliveries.c.partner == sa.bindparam("at"),
        sa.or_(
            sa.and_(deliveries.c.state.in_(("owed", "unknown")), deliveries.c.due_at <= sa.bindparam("now")),
            sa.and_(deliveries.c.state == "claimed", deliveries.c.lease_until <= sa.bindparam("now")),
        ),
        ~IS_PAUSED,
    )
    .order_by(deliveries.c.id)
    .limit(sa.bindparam("most"))
)
HELD = sa.select(deliveries.c.id).where(
    deliveries.c.id == sa.bindparam("delivery"),
    deliveries.c.fence == sa.bindparam("with_fence"),
    deliveries.c.state == "claimed",
)


@dataclass(frozen=True, slots=True)
class Claim:
    """A delivery that this worker has leased. attempts: claims so far, this one included. lapsed: when the lease of the
    worker ran out that it was taken over from; None where nobody was at it."""

    delivery_id: int
    case_id: str
    fence: int
    version: int
    attempts: int
    owed_at: datetime
    lapsed: datetime | None = None


@dataclass(frozen=True, slots=True)
class Open:
    """The open delivery of a lane, as far as owing needs it."""

    delivery_id: int
    state: str
    version: int


@dataclass(frozen=True, slots=True)
class Misfit:
    """Why a case cannot be said in a partner's words. place: file, line and column of its mapping."""

    code: str
    place: str
    text: str


@dataclass(frozen=True, slots=True)
class Intent:
    """A change that was about to be pushed. values: canonical path -> the case's value in it. planned_at: when it was
    planned, or later, until when it may have been sent."""

    key: str
    case_id: str
    kind: str
    planned_at: datetime
    ref: str | None
    body: Mapping[str, Any]
    values: Mapping[str, Any]


def open_of(tx: Transaction, case_id: str) -> dict[str, Open]:
    """partner -> this case's open delivery to it."""
    rows = tx.connection.execute(OPEN_OF, {"case_id": case_id})
    return {row.partner: Open(row.id, row.state, row.version) for row in rows}


def owe(tx: Transaction, case_id: str, partner: str, version: int, present: Open | None) -> bool:
    """Owe this case version to this partner; True where a new delivery began. A parked one is tried again."""
    d = deliveries.c
    if present is None:
        tx.connection.execute(
            sa.insert(deliveries).values(
                case_id=case_id, partner=partner, version=version, state="owed", fence=0, attempts=0,
                owed_at=tx.now, due_at=tx.now, code="", reason="",
            )
        )  # fmt: skip
        return True
    if present.version < version:
        changed: dict[str, Any] = {"version": version}
        if present.state == "parked":
            changed |= {"state": "owed", "due_at": tx.now, "code": "", "reason": ""}
            tx.unpark("delivery", partner, native_id=None, case_id=case_id)
        tx.connection.execute(sa.update(deliveries).where(d.id == present.delivery_id).values(**changed))
    return False


def park(tx: Transaction, case_id: str, partner: str, version: int, why: Misfit, present: Open | None) -> bool:
    """This case version has no words in the partner's system: its delivery waits for a person, the others go on.

    False where that stands there already, or a worker is at the delivery and will find the same.
    """
    if present is not None and (present.state == "claimed" or (present.state, present.version) == ("parked", version)):
        return False
    told = {"version": version, "state": "parked", "code": why.code, "reason": why.text}
    if present is None:
        fresh = {"fence": 0, "attempts": 0, "owed_at": tx.now, "due_at": tx.now}
        tx.connection.execute(sa.insert(deliveries).values(case_id=case_id, partner=partner, **told, **fresh))
    else:
        tx.connection.execute(sa.update(deliveries).where(deliveries.c.id == present.delivery_id).values(**told))
    tx.park("delivery", partner, case_id=case_id, native_id=None, code=why.code, place=why.place, why=why.text)
    return True


def disown(tx: Transaction, case_id: str, partner: str, present: Open | None) -> None:
    """Nothing is owed any more; a delivery that nobody is at is settled as it stands."""
    if present is None or present.state not in {"owed", "parked"}:
        return
    ended = sa.update(deliveries).where(deliveries.c.id == present.delivery_id)
    tx.connection.execute(ended.values(state="delivered", settled_at=tx.now))
    tx.unpark("delivery", partner, native_id=None, case_id=case_id)


def set_aside(tx: Transaction, present: Open, code: str) -> None:
    """Not carried at this version of the case, and nobody is asked any more; a newer version owes it anew."""
    aside = {"state": "parked", "code": code, "reason": ""}
    tx.connection.execute(sa.update(deliveries).where(deliveries.c.id == present.delivery_id).values(**aside))


def claim(tx: Transaction, partner: str, limit: int, lease: timedelta) -> list[Claim]:
    """Lease what is due, oldest first; a lease that ran out is taken over. Cases that a person paused are left out."""
    d = deliveries.c
    rows = tx.connection.execute(DUE, {"at": partner, "now": tx.now, "most": limit}).mappings().all()
    if rows:
        claimed = {"state": "claimed", "fence": d.fence + 1, "attempts": d.attempts + 1, "lease_until": tx.now + lease}
        ids = [row["id"] for row in rows]
        tx.connection.execute(sa.update(deliveries).where(d.id.in_(ids)).values(**claimed))
    return [
        Claim(
            r["id"], r["case_id"], r["fence"] + 1, r["version"], r["attempts"] + 1, r["owed_at"],
            r["lease_until"] if r["state"] == "claimed" else None,
        )
        for r in rows
    ]  # fmt: skip


def holds(tx: Transaction, claimed: Claim) -> bool:
    """Whether this claim is still the newest: asked in the transaction that settles, and before one that plans."""
    wanted = {"delivery": claimed.delivery_id, "with_fence": claimed.fence}
    return tx.connection.execute(HELD, wanted).one_or_none() is not None


def renew(tx: Transaction, claims: Sequence[Claim], lease: timedelta) -> list[Claim]:
    """Lengthen the leases of these claims; those that are still ours."""
    d = deliveries.c
    until = {"lease_until": tx.now + lease}
    kept = []
    for claimed in claims:
        mine = [d.id == claimed.delivery_id, d.fence == claimed.fence, d.state == "claimed"]
        if tx.connection.execute(sa.update(deliveries).where(*mine).values(**until)).rowcount:
            kept.append(claimed)
    return kept


def settle(
    tx: Transaction,
    claimed: Claim,
    state: DeliveryState,
    *,
    due: datetime | None = None,
    code: str = "",
    why: str = "",
    afresh: bool = False,
) -> None:
    """End the claim in this state. due: not to be tried before. afresh: tries are counted from none again."""
    changed: dict[str, Any] = {"state": state, "code": code, "reason": why, "lease_until": None}
    changed["due_at"] = due or tx.now
    if state == "delivered":
        changed["settled_at"] = tx.now
    if afresh:
        changed["attempts"] = 0
    d = deliveries.c
    tx.connection.execute(
        sa.update(deliveries).where(d.id == claimed.delivery_id, d.fence == claimed.fence).values(**changed)
    )


def in_flight(tx: Transaction, case_id: str, partner: str) -> list[Intent]:
    """Intents of this lane that have not been settled, oldest first."""
    rows = tx.connection.execute(IN_FLIGHT, {"case_id": case_id, "at": partner}).mappings().all()
    found = []
    for row in rows:
        kept = decode(tx.keyring.open(row["subject"], row["body"]))
        plain = {name: row[name] for name in ("key", "case_id", "kind", "planned_at", "ref")}
        found.append(Intent(**plain, body=kept["body"], values=kept["values"]))
    return found


def plan(
    tx: Transaction, claimed: Claim, partner: str, subject: str, change: Change, values: Mapping[str, Any]
) -> None:
    """Write down that this change is about to be pushed. The key is unique: the same intent twice is the same row."""
    sealed = tx.keyring.seal(subject, encode({"body": change.body, "values": values}))
    tx.connection.execute(sa.delete(intents).where(intents.c.key == change.key))
    tx.connection.execute(
        sa.insert(intents).values(
            key=change.key, delivery_id=claimed.delivery_id, case_id=claimed.case_id, partner=partner,
            kind=change.kind, state="planned", planned_at=tx.now, ref=change.ref, subject=subject, body=sealed,
        )
    )  # fmt: skip


def delay_intents(tx: Transaction, case_id: str, partner: str, until: datetime) -> None:
    """What is in flight in this lane may have been sent as late as this: patience counts from then."""
    i = intents.c
    flying = [i.case_id == case_id, i.partner == partner, i.state == "planned", i.planned_at < until]
    tx.connection.execute(sa.update(intents).where(*flying).values(planned_at=until))


def end_intents(tx: Transaction, keys: Sequence[str], state: str) -> None:
    """Settle or drop intents by key."""
    if keys:
        tx.connection.execute(sa.update(intents).where(intents.c.key.in_(keys)).values(state=state))
