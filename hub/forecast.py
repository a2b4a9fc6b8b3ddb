"""What a push would send now, without sending it: each open delivery reckoned as the courier reckons it.

Claims nothing and asks no partner: it is what the ledger knows, before the records there are read again.
Next: `route.py` (what a partner lacks), `delivering.py` (who sends it).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import sqlalchemy as sa

from hub import adopting, route, telling
from hub.alliance import Alliance
from hub.pausing import IS_PAUSED
from hub.tables import deliveries
from hub.writing import Transaction
from mappings.errors import MappingError


@dataclass(frozen=True, slots=True)
class Planned:
    """One record that would be written. number: theirs, "" for a new one. problem: it would be parked in place."""

    case_id: str
    kind: Literal["create", "update", "note"]
    number: str
    paths: tuple[str, ...]
    notes: int
    problem: str = ""


def owed_cases(tx: Transaction, partner: str) -> set[str]:
    """Cases of which something may be sent to this partner, paused ones left out."""
    return set(_waiting(tx, partner))


def forecast(tx: Transaction, alliance: Alliance, partner: str) -> list[Planned]:
    """What would be sent, in the order in which it would be claimed."""
    found = (_planned(tx, alliance, partner, case_id) for case_id in _waiting(tx, partner))
    return [one for one in found if one is not None]


def _waiting(tx: Transaction, partner: str) -> Sequence[str]:
    d = deliveries.c
    waiting = [d.partner == partner, d.state.in_(("owed", "claimed", "unknown")), ~IS_PAUSED]
    return tx.connection.execute(sa.select(d.case_id).where(*waiting).order_by(d.id)).scalars().all()


def _planned(tx: Transaction, alliance: Alliance, partner: str, case_id: str) -> Planned | None:
    state, links = tx.case(case_id), tx.links_of(case_id)
    link = links.get(partner)
    untaken = tx.standing.untaken(case_id, partner) if state is None else None
    if untaken is not None and telling.of_untaken(alliance, untaken, tx.now) is not None:
        return Planned(case_id, "note", untaken.native_id, (), 1)
    if state is None or (link is not None and link.state == "gone"):
        return None
    lens = alliance.partners[partner].lens
    base = lens.to_case(link.base).values if link is not None and link.base else {}
    number = (link.number or link.native_id) if link is not None else ""
    try:
        owed = route.owed_to(partner, state, links, lens, alliance.agreement, base)
    except MappingError as error:
        return Planned(case_id, "update" if link else "create", number, (), 0, str(error))
    if not owed:
        return None
    if link is None and (why := adopting.unmet(tx, alliance, state, partner)) is not None:
        return Planned(case_id, "create", "", (), 0, why.text)
    kind: Literal["create", "update", "note"] = "create" if link is None else "update" if owed.patch.paths else "note"
    return Planned(case_id, kind, number, owed.patch.paths, len(owed.notes))
