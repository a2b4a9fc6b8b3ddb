"""The ledger's list of records that are to be read again because a webhook named them.

A hint stands until the record was read after it came: one that comes while the record is being read stands on. The ids
of webhooks are kept for as long as a sender may try again (75 hours, says Standard Webhooks), so that one that is sent
twice is heeded once. Every function works inside a ledger transaction. Next: `heeding.py`, which reads the records.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Literal

import sqlalchemy as sa

from hub.statements import Statement, upserting
from hub.tables import hints, webhooks
from hub.writing import Transaction

REMEMBERED: Final = timedelta(days=4)
"""For which a webhook's id is known again."""
MOST: Final = 10_000
"""Hints of one partner that wait at once: whoever sends more is left to the next pull, which reads all."""

Noted = Literal["noted", "known", "full"]
"""What became of a webhook: its record is to be read again; it was sent before; too many wait."""

_h, _w = hints.c, webhooks.c
_AT: sa.BindParameter[str] = sa.bindparam("at")
SEEN = Statement(sa.select(_w.id).where(_w.partner == _AT, _w.id == sa.bindparam("named")))
FORGET = Statement(
    sa.delete(webhooks).where(_w.partner == _AT, _w.seen_at < sa.bindparam("before", type_=_w.seen_at.type))
)
SEE = upserting(webhooks, ("partner", "id"), ("seen_at",))
COUNT = Statement(sa.select(sa.func.count()).select_from(hints).where(_h.partner == _AT))
NOTE = upserting(hints, ("partner", "native_id"), ("webhook", "noted_at"))
OLDEST = Statement(
    sa.select(_h.native_id, _h.webhook).where(_h.partner == _AT).order_by(_h.noted_at).limit(sa.bindparam("most"))
)
ANY = Statement(sa.select(_h.webhook).where(_h.partner == _AT).order_by(_h.noted_at.desc()).limit(1))
HEEDED = Statement(
    sa.delete(hints).where(
        _h.partner == _AT, _h.native_id == sa.bindparam("read"), _h.webhook == sa.bindparam("because")
    )
)


@dataclass(frozen=True, slots=True)
class Hint:
    """One record to be read again. webhook: id of the newest one that named it."""

    native_id: str
    webhook: str


def note(tx: Transaction, partner: str, webhook: str, native_id: str | None) -> Noted:
    """A webhook came, and is theirs. native_id None: it names no record that could be read."""
    if SEEN.row(tx.session, {"at": partner, "named": webhook}) is not None:
        return "known"
    if native_id is not None and COUNT.scalar(tx.session, {"at": partner}) >= MOST:
        return "full"
    FORGET.run(tx.session, {"at": partner, "before": tx.now - REMEMBERED})
    SEE.run(tx.session, {"partner": partner, "id": webhook, "seen_at": tx.now})
    if native_id is not None:
        NOTE.run(tx.session, {"partner": partner, "native_id": native_id, "webhook": webhook, "noted_at": tx.now})
    return "noted"


def waiting(tx: Transaction, partner: str, most: int) -> list[Hint]:
    """What is to be read again of this partner, that which waits longest first."""
    return [Hint(row["native_id"], row["webhook"]) for row in OLDEST.rows(tx.session, {"at": partner, "most": most})]


def newest(tx: Transaction, partner: str) -> str:
    """The webhook that left the newest hint; empty where none waits."""
    row = ANY.row(tx.session, {"at": partner})
    return "" if row is None else str(row["webhook"])


def heeded(tx: Transaction, partner: str, read: Sequence[Hint]) -> None:
    """These were read. One that was named again meanwhile stands on."""
    for one in read:
        HEEDED.run(tx.session, {"at": partner, "read": one.native_id, "because": one.webhook})
