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
from functools import cache
from typing import Any

import sqlalchemy as sa

from connectors.base import Change
from hub.codec import decode, encode
from hub.entries import DeliveryState
from hub.pausing import IS_PAUSED
from hub.statements import Row, Statement, among
from hub.tables import OPEN_DELIVERY, deliveries, intents
from hub.writing import Transaction

MOST_BEFORE = 5
"""Creates without an answer that are remembered: each takes minutes to be given up."""

_d, _i = deliveries.c, intents.c
_IS_OPEN = sa.text("state <> 'delivered'")
"""In the words of the index one_open_delivery, which is not used otherwise: every delivery there was would be read."""
_HELD = [_d.id == sa.bindparam("delivery"), _d.fence == sa.bindparam("with_fence")]
_FLYING = [_i.case_id == sa.bindparam("of_case"), _i.partner == sa.bindparam("at"), _i.state == "planned"]
OPEN_OF = Statement(
    sa.select(_d.partner, _d.id, _d.state, _d.version).where(
        _d.case_id == sa.bindparam("of_case"), among(_d.state, OPEN_DELIVERY), _IS_OPEN
    )
)
NEW = Statement(
    sa.insert(deliveries).inline(),
    (
        "case_id", "partner", "version", "state", "fence", "attempts", "owed_at", "due_at", "code", "reason",
    ),
)  # fmt: skip
DUE = Statement(
    sa.select(deliveries)
    .where(
        _d.partner == sa.bindparam("at"),
        sa.or_(
            sa.and_(among(_d.state, ("owed", "unknown")), _d.due_at <= sa.bindparam("now")),
            sa.and_(_d.state == "claimed", _d.lease_until <= sa.bindparam("now")),
        ),
        ~IS_PAUSED,
    )
    .order_by(_d.id)
    .limit(sa.bindparam("most"))
)
CLAIM = Statement(
    sa.update(deliveries)
    .where(_d.id == sa.bindparam("delivery"))
    .values(state="claimed", fence=_d.fence + 1, attempts=_d.attempts + 1, lease_until=sa.bindparam("until"))
)
HELD = Statement(sa.select(_d.id).where(*_HELD, _d.state == "claimed"))
RENEW = Statement(sa.update(deliveries).where(*_HELD, _d.state == "claimed").values(lease_until=sa.bindparam("until")))
IN_FLIGHT = Statement(sa.select(intents).where(*_FLYING).order_by(_i.planned_at, _i.key))
LAST_CREATE = Statement(
    sa.select(intents)
    .where(*_FLYING[:2], _i.kind == "create", _i.state != "settled")
    .order_by(_i.planned_at.desc())
    .limit(1)
)
DELAY = Statement(
    sa.update(intents)
    .where(*_FLYING, _i.planned_at < sa.bindparam("until"))
    .values(planned_at=sa.bindparam("until", type_=_i.planned_at.type))
)
OF_KEY = Statement(sa.select(intents).where(_i.key == sa.bindparam("of_key")))
FORGET = Statement(sa.delete(intents).where(_i.key == sa.bindparam("of_key")))
PLAN = Statement(sa.insert(intents), tuple(intents.c.keys()))
END = Statement(sa.update(intents).where(_i.key == sa.bindparam("of_key")).values(state=sa.bindparam("now_is")))


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
    planned, or later, until when it may have been sent. before: of a create, those that were sent before it and not
    found: (body, values) of each, newest first."""

    key: str
    case_id: str
    kind: str
    planned_at: datetime
    ref: str | None
    body: Mapping[str, Any]
    values: Mapping[str, Any]
    before: tuple[tuple[Mapping[str, Any], Mapping[str, Any]], ...] = ()


def open_of(tx: Transaction, case_id: str) -> dict[str, Open]:
    """partner -> this case's open delivery to it."""
    rows = OPEN_OF.rows(tx.session, {"of_case": case_id})
    return {row["partner"]: Open(row["id"], row["state"], row["version"]) for row in rows}


def owe(tx: Transaction, case_id: str, partner: str, version: int, present: Open | None) -> bool:
    """Owe this case version to this partner; True where a new delivery began. A parked one is tried again."""
    if present is None:
        _begin(tx, case_id, partner, {"version": version, "state": "owed", "code": "", "reason": ""})
        return True
    if present.version < version:
        changed: dict[str, Any] = {"version": version}
        if present.state == "parked":
            changed |= {"state": "owed", "due_at": tx.now, "code": "", "reason": ""}
            tx.unpark("delivery", partner, native_id=None, case_id=case_id)
        _change(tx, present.delivery_id, changed)
    return False


def _begin(tx: Transaction, case_id: str, partner: str, told: Mapping[str, Any]) -> None:
    lane = {"case_id": case_id, "partner": partner, "fence": 0, "attempts": 0, "owed_at": tx.now, "due_at": tx.now}
    NEW.run(tx.session, {**lane, **told})


def _change(tx: Transaction, delivery_id: int, changed: Mapping[str, Any]) -> None:
    _changing(tuple(changed)).run(tx.session, {"delivery": delivery_id, **changed})


@cache
def _changing(columns: tuple[str, ...], *, fenced: bool = False) -> Statement:
    same = _HELD if fenced else _HELD[:1]
    return Statement(sa.update(deliveries).where(*same).values({name: sa.bindparam(name) for name in columns}))


def park(tx: Transaction, case_id: str, partner: str, version: int, why: Misfit, present: Open | None) -> bool:
    """This case version has no words in the partner's system: its delivery waits for a person, the others go on.

    False where that stands there already, or a worker is at the delivery and will find the same.
    """
    if present is not None and (present.state == "claimed" or (present.state, present.version) == ("parked", version)):
        return False
    told = {"version": version, "state": "parked", "code": why.code, "reason": why.text}
    if present is None:
        _begin(tx, case_id, partner, told)
    else:
        _change(tx, present.delivery_id, told)
    tx.park("delivery", partner, case_id=case_id, native_id=None, code=why.code, place=why.place, why=why.text)
    return True


def disown(tx: Transaction, case_id: str, partner: str, present: Open | None) -> None:
    """Nothing is owed any more; a delivery that nobody is at is settled as it stands."""
    if present is None or present.state not in {"owed", "parked"}:
        return
    _change(tx, present.delivery_id, {"state": "delivered", "settled_at": tx.now})
    if present.state == "parked":  # else what stands there is of an earlier delivery: they did not keep something
        tx.unpark("delivery", partner, native_id=None, case_id=case_id)


def set_aside(tx: Transaction, present: Open, code: str) -> None:
    """Not carried at this version of the case, and nobody is asked any more; a newer version owes it anew."""
    _change(tx, present.delivery_id, {"state": "parked", "code": code, "reason": ""})


def claim(tx: Transaction, partner: str, limit: int, lease: timedelta) -> list[Claim]:
    """Lease what is due, oldest first; a lease that ran out is taken over. Cases that a person paused are left out."""
    rows = DUE.rows(tx.session, {"at": partner, "now": tx.now, "most": limit})
    CLAIM.run_each(tx.session, [{"delivery": row["id"], "until": tx.now + lease} for row in rows])
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
    return HELD.row(tx.session, wanted) is not None


def renew(tx: Transaction, claims: Sequence[Claim], lease: timedelta) -> list[Claim]:
    """Lengthen the leases of these claims; those that are still ours."""
    until = tx.now + lease
    kept = []
    for claimed in claims:
        mine = {"delivery": claimed.delivery_id, "with_fence": claimed.fence, "until": until}
        if RENEW.run(tx.session, mine):
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
    mine = {"delivery": claimed.delivery_id, "with_fence": claimed.fence}
    _changing(tuple(changed), fenced=True).run(tx.session, {**mine, **changed})


def in_flight(tx: Transaction, case_id: str, partner: str) -> list[Intent]:
    """Intents of this lane that have not been settled, oldest first."""
    rows = IN_FLIGHT.rows(tx.session, {"of_case": case_id, "at": partner})
    return [_intent(tx, row) for row in rows]


def last_create(tx: Transaction, case_id: str, partner: str) -> Intent | None:
    """The create of this lane that may have made a record which turns up: on its way, or given up too early."""
    row = LAST_CREATE.row(tx.session, {"of_case": case_id, "at": partner})
    return None if row is None else _intent(tx, row)


def _intent(tx: Transaction, row: Row) -> Intent:
    kept = decode(tx.keyring.open(row["subject"], row["body"]))
    plain = {name: row[name] for name in ("key", "case_id", "kind", "planned_at", "ref")}
    before = tuple((body, values) for body, values in kept.get("before", ()))
    return Intent(**plain, body=kept["body"], values=kept["values"], before=before)


def plan(
    tx: Transaction, claimed: Claim, partner: str, subject: str, change: Change, values: Mapping[str, Any]
) -> None:
    """Write down that this change is about to be pushed. The key is unique: the same intent twice is the same row, and
    a create remembers those before it that may turn up yet."""
    before = _given_up(tx, change.key) if change.kind == "create" else []
    sealed = tx.keyring.seal(subject, encode({"body": change.body, "values": values, "before": before[:MOST_BEFORE]}))
    FORGET.run(tx.session, {"of_key": change.key})
    lane = {"delivery_id": claimed.delivery_id, "case_id": claimed.case_id, "partner": partner, "kind": change.kind}
    told = {"key": change.key, "state": "planned", "planned_at": tx.now, "ref": change.ref}
    PLAN.run(tx.session, {**lane, **told, "subject": subject, "body": sealed})


def _given_up(tx: Transaction, key: str) -> list[tuple[Mapping[str, Any], Mapping[str, Any]]]:
    row = OF_KEY.row(tx.session, {"of_key": key})
    if row is None or row["state"] == "settled":
        return []
    last = _intent(tx, row)
    sent = [] if row["state"] == "dropped" else [(last.body, last.values)]
    return [*sent, *last.before]


def delay_intents(tx: Transaction, case_id: str, partner: str, until: datetime) -> None:
    """What is in flight in this lane may have been sent as late as this: patience counts from then."""
    DELAY.run(tx.session, {"of_case": case_id, "at": partner, "until": until})


def end_intents(tx: Transaction, keys: Sequence[str], state: str) -> None:
    """Settle or drop intents by key."""
    END.run_each(tx.session, [{"of_key": key, "now_is": state} for key in keys])
