"""What one company may see of the exchange: its own deliveries, and what waits for a person at its own door.

In its own numbers, and no word of any other company. Reads only. Next: `leaks/story.py`, which looks whether it is so.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from hub.leaving import WITHDRAWN
from hub.ledger import Ledger
from hub.tables import deliveries, links, parked


@dataclass(frozen=True, slots=True)
class OwnLine:
    """One line. at: when it was owed, settled, or began to wait. number: theirs of the case, "" before there is one.
    what: a delivery's state, or `waits`. code, place: of what stands in the way, "" where nothing does."""

    at: datetime
    number: str
    what: str
    code: str = ""
    place: str = ""

    def __str__(self) -> str:
        why = f" {self.code} {self.place}".rstrip() if self.code else ""
        return f"{self.at:%Y-%m-%d %H:%M:%S} {self.number or '(none yet)'} {self.what}{why}"


def own_log(ledger: Ledger, partner: str, most: int = 200) -> Sequence[OwnLine]:
    """The newest lines of this company, newest first."""
    found = [*_delivered(ledger, partner, most), *_waiting(ledger, partner)]
    return sorted(found, key=lambda line: line.at, reverse=True)[:most]


def _delivered(ledger: Ledger, partner: str, most: int) -> Iterator[OwnLine]:
    d, k = deliveries.c, links.c
    number = sa.and_(k.case_id == d.case_id, k.partner == d.partner, k.state.not_in(("parked", "merged")))
    query = (
        sa.select(sa.func.coalesce(d.settled_at, d.owed_at).label("at"), d.state, d.code, k.number)
        .select_from(deliveries.outerjoin(links, number))
        .where(d.partner == partner)
        .order_by(d.id.desc())
        .limit(most)
    )
    with ledger.connected() as connection:
        for row in connection.execute(query).mappings():
            state = "withdrawn" if row["code"] == WITHDRAWN else row["state"]
            yield OwnLine(_moment(row["at"]), row["number"] or "", state, row["code"])


def _waiting(ledger: Ledger, partner: str) -> Iterator[OwnLine]:
    p, k = parked.c, links.c
    same = sa.and_(k.native_id == p.native_id, k.partner == p.partner)
    query = (
        sa.select(p.since, p.subject, p.code, k.number)
        .select_from(parked.outerjoin(links, same))
        .where(p.partner == partner, p.ended_at.is_(None))
        .order_by(p.id)
    )
    with ledger.connected() as connection:
        for row in connection.execute(query).mappings():
            yield OwnLine(row["since"], row["number"] or "", "waits", row["code"], row["subject"])


def _moment(told: datetime | str) -> datetime:
    """A reckoned column comes as it is kept."""
    return told if isinstance(told, datetime) else datetime.fromisoformat(told)
