"""Intents: what was about to be sent, written down before it was, so that a later life looks before it sends again.

Of one lane (a case and a partner). An intent is planned, then settled (it arrived and was read back), dropped (they
refused it) or absent (looked for and not found); of creates the last two are remembered, since one may turn up late.
Every function works inside a ledger transaction. Next: `looking_back.py`, `lanes.py`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from connectors.base import Change
from hub.codec import decode, encode
from hub.lanes import Claim
from hub.statements import Row, Statement, upserting
from hub.tables import intents
from hub.writing import Transaction

MOST_BEFORE = 5
"""Creates without an answer that are remembered: each takes minutes to be given up."""

_i = intents.c
DELAY = Statement(
    sa.update(intents)
    .where(
        _i.case_id == sa.bindparam("of_case"),
        _i.partner == sa.bindparam("at"),
        _i.state == "planned",
        _i.planned_at < sa.bindparam("until"),
    )
    .values(planned_at=sa.bindparam("until", type_=_i.planned_at.type))
)
PLAN = upserting(intents, ("key",), [one.name for one in _i if not one.primary_key])
END = Statement(sa.update(intents).where(_i.key == sa.bindparam("of_key")).values(state=sa.bindparam("now_is")))


@dataclass(frozen=True, slots=True)
class Intent:
    """A change that was about to be pushed. values: canonical path -> the case's value in it. planned_at: when it was
    planned, or later, until when it may have been sent. before: of a create, those that were sent before it and not
    found: (body, values) of each, newest first. file: of a file, (name, bytes) as it was sent."""

    key: str
    case_id: str
    kind: str
    planned_at: datetime
    ref: str | None
    body: Mapping[str, Any]
    values: Mapping[str, Any]
    before: tuple[tuple[Mapping[str, Any], Mapping[str, Any]], ...] = ()
    file: tuple[str, int] | None = None


def in_flight(tx: Transaction, case_id: str, partner: str) -> list[Intent]:
    """Intents of this lane that have not been settled, oldest first."""
    return [_opened(tx, row) for row in _of_lane(tx, case_id, partner) if row["state"] == "planned"]


def last_create(tx: Transaction, case_id: str, partner: str) -> Intent | None:
    """The create of this lane that may have made a record which turns up: on its way, or given up too early."""
    creates = [row for row in _of_lane(tx, case_id, partner) if row["kind"] == "create"]
    return _opened(tx, creates[-1]) if creates else None


def _of_lane(tx: Transaction, case_id: str, partner: str) -> list[Row]:
    return [row for row in tx.standing.sent_of(case_id) if row["partner"] == partner]


def _opened(tx: Transaction, row: Row) -> Intent:
    kept = decode(tx.keyring.open(row["subject"], row["body"]))
    plain = {name: row[name] for name in ("key", "case_id", "kind", "planned_at", "ref")}
    before = tuple((body, values) for body, values in kept.get("before", ()))
    file = tuple(kept["file"]) if "file" in kept else None
    return Intent(**plain, body=kept["body"], values=kept["values"], before=before, file=file)


def plan(
    tx: Transaction, claimed: Claim, partner: str, subject: str, change: Change, values: Mapping[str, Any]
) -> None:
    """Write down that this change is about to be pushed. The key is unique: the same intent twice is the same row, and
    a create remembers those before it that may turn up yet."""
    before = _given_up(tx, claimed.case_id, change.key) if change.kind == "create" else []
    told: dict[str, Any] = {"body": change.body, "values": values, "before": before[:MOST_BEFORE]}
    if change.content is not None:
        told["file"] = (change.content.name, change.content.size)
    sealed = tx.keyring.seal(subject, encode(told))
    lane = {"delivery_id": claimed.delivery_id, "case_id": claimed.case_id, "partner": partner, "kind": change.kind}
    row = {"key": change.key, "state": "planned", "planned_at": tx.now, "ref": change.ref}
    tx.session.later(PLAN, {**lane, **row, "subject": subject, "body": sealed}, touches=change.key)
    tx.standing.forget_sent(claimed.case_id)


def _given_up(tx: Transaction, case_id: str, key: str) -> list[tuple[Mapping[str, Any], Mapping[str, Any]]]:
    row = next((row for row in tx.standing.sent_of(case_id) if row["key"] == key), None)
    if row is None:
        return []
    last = _opened(tx, row)
    sent = [] if row["state"] == "dropped" else [(last.body, last.values)]
    return [*sent, *last.before]


def delay(tx: Transaction, case_id: str, partner: str, until: datetime) -> None:
    """What is in flight in this lane may have been sent as late as this: patience counts from then."""
    DELAY.run(tx.session, {"of_case": case_id, "at": partner, "until": until})
    tx.standing.forget_sent(case_id)


def end(tx: Transaction, case_id: str, keys: Sequence[str], state: str) -> None:
    """Intents of this case are settled, dropped or absent."""
    for key in keys:
        tx.session.later(END, {"of_key": key, "now_is": state}, touches=key)
        tx.standing.end_sent(case_id, key, state)
