"""Deliveries: what is owed to whom, and who is at it now.

One open delivery a case and partner: a newer case version moves it on, it never queues twice. A claim is a lease with a
fencing number; only the claim with the newest number may settle, however long another one slept. Every function works
inside a ledger transaction. Next: `intents.py` (what was about to be sent), `delivering.py`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import sqlalchemy as sa

from hub.entries import DeliveryState
from hub.pausing import IS_PAUSED
from hub.statements import Each, Statement, among
from hub.tables import deliveries
from hub.writing import Transaction

NOT_THERE = frozenset({"C605", "C653"})
"""Codes of a connector whose partner knows no such record, or has deleted it."""
_d = deliveries.c
_HELD = [_d.id == sa.bindparam("delivery"), _d.fence == sa.bindparam("with_fence")]
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
FENCES = Each(sa.select(_d.id, _d.fence).where(_d.state == "claimed"), _d.id)
RENEW = Statement(sa.update(deliveries).where(*_HELD, _d.state == "claimed").values(lease_until=sa.bindparam("until")))


@dataclass(frozen=True, slots=True)
class Claim:
    """A delivery that this worker has leased. attempts: claims so far, this one included. lapsed: when the lease of the
    worker ran out that it was taken over from; None where nobody was at it."""

    delivery_id: int
    case_id: str
    partner: str
    fence: int
    version: int
    attempts: int
    owed_at: datetime
    lapsed: datetime | None = None


@dataclass(frozen=True, slots=True)
class Open:
    """The open delivery of a lane, as far as owing needs it. code: of the error that it waits for."""

    delivery_id: int
    state: str
    version: int
    code: str


@dataclass(frozen=True, slots=True)
class Misfit:
    """Why a case cannot be said in a partner's words. place: file, line and column of its mapping."""

    code: str
    place: str
    text: str


def open_of(tx: Transaction, case_id: str) -> dict[str, Open]:
    """partner -> this case's open delivery to it."""
    rows = tx.standing.open_of(case_id)
    return {partner: Open(row["id"], row["state"], row["version"], row["code"]) for partner, row in rows.items()}


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
        _change(tx, case_id, partner, present, changed)
    return False


def _begin(tx: Transaction, case_id: str, partner: str, told: Mapping[str, Any]) -> None:
    lane = {"case_id": case_id, "partner": partner, "fence": 0, "attempts": 0, "owed_at": tx.now, "due_at": tx.now}
    tx.session.later(NEW, {**lane, **told}, touches=(case_id, partner))
    tx.standing.forget_open(case_id)


def _change(tx: Transaction, case_id: str, partner: str, present: Open, changed: Mapping[str, Any]) -> None:
    tx.session.later(
        _changing(tuple(changed)), {"delivery": present.delivery_id, **changed}, touches=(case_id, partner)
    )
    _stands(tx, case_id, partner, changed)


def _stands(tx: Transaction, case_id: str, partner: str, changed: Mapping[str, Any]) -> None:
    """Keep what is known of the lane in step."""
    rows = tx.standing.open_of(case_id)
    if changed.get("state") == "delivered":
        rows.pop(partner, None)
    elif partner in rows:
        rows[partner] |= {name: changed[name] for name in ("state", "version", "code") if name in changed}


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
        _change(tx, case_id, partner, present, told)
    tx.park("delivery", partner, case_id=case_id, native_id=None, code=why.code, place=why.place, why=why.text)
    return True


def disown(tx: Transaction, case_id: str, partner: str, present: Open | None) -> None:
    """Nothing is owed any more; a delivery that nobody is at is settled as it stands."""
    if present is None or present.state not in {"owed", "parked"}:
        return
    _change(tx, case_id, partner, present, {"state": "delivered", "settled_at": tx.now})
    if present.state == "parked":  # else what stands there is of an earlier delivery: they did not keep something
        tx.unpark("delivery", partner, native_id=None, case_id=case_id)


def revive(tx: Transaction, case_id: str, partner: str) -> None:
    """Their record is there: what was refused since it was not is owed again."""
    present = open_of(tx, case_id).get(partner)
    if present is not None and present.state == "parked" and present.code in NOT_THERE:
        _change(tx, case_id, partner, present, {"state": "owed", "due_at": tx.now, "code": "", "reason": ""})
        tx.unpark("delivery", partner, native_id=None, case_id=case_id)


def wake(tx: Transaction, case_id: str, partner: str, version: int, present: Open | None) -> None:
    """Something is owed that is no part of the case; what waits in this lane is tried along with it."""
    if present is None:
        _begin(tx, case_id, partner, {"version": version, "state": "owed", "code": "", "reason": ""})
    elif present.state == "parked" and present.code not in NOT_THERE:  # there is nowhere to tell it
        _change(tx, case_id, partner, present, {"state": "owed", "due_at": tx.now, "code": "", "reason": ""})


def set_aside(tx: Transaction, case_id: str, partner: str, present: Open, code: str) -> None:
    """Not carried at this version of the case, and nobody is asked any more; a newer version owes it anew."""
    _change(tx, case_id, partner, present, {"state": "parked", "code": code, "reason": ""})


def claim(tx: Transaction, partner: str, limit: int, lease: timedelta) -> list[Claim]:
    """Lease what is due, oldest first; a lease that ran out is taken over. Cases that a person paused are left out."""
    rows = DUE.rows(tx.session, {"at": partner, "now": tx.now, "most": limit})
    CLAIM.run_each(tx.session, [{"delivery": row["id"], "until": tx.now + lease} for row in rows])
    for row in rows:
        tx.standing.forget_open(row["case_id"])
    return [
        Claim(
            r["id"], r["case_id"], partner, r["fence"] + 1, r["version"], r["attempts"] + 1, r["owed_at"],
            r["lease_until"] if r["state"] == "claimed" else None,
        )
        for r in rows
    ]  # fmt: skip


def held(tx: Transaction, claims: Sequence[Claim]) -> list[Claim]:
    """Those of these claims that are still the newest: asked in the transaction that settles, and in one that plans.
    What stands of their cases is read along."""
    rows = FENCES.rows(tx.session, [claimed.delivery_id for claimed in claims])
    fences = {row["id"]: row["fence"] for row in rows}
    ours = [claimed for claimed in claims if fences.get(claimed.delivery_id) == claimed.fence]
    tx.standing.foresee([claimed.case_id for claimed in ours])
    return ours


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
    """End a claim that is held. due: not to be tried before. afresh: tries are counted from none again."""
    changed: dict[str, Any] = {"state": state, "code": code, "reason": why, "lease_until": None}
    changed["due_at"] = due or tx.now
    if state == "delivered":
        changed["settled_at"] = tx.now
    if afresh:
        changed["attempts"] = 0
    mine = {"delivery": claimed.delivery_id, "with_fence": claimed.fence}
    lane = (claimed.case_id, claimed.partner)
    tx.session.later(_changing(tuple(changed), fenced=True), {**mine, **changed}, touches=lane)
    _stands(tx, claimed.case_id, claimed.partner, changed)
