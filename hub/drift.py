"""A partner's fields that change under us: found before anything is read or written with a mapping that no longer fits.

Every `watch` seconds (system.yaml) a step asks the partner's system for its description first and compares it with
described.yaml, which was looked at when the partner went live. What the mapping would now say wrongly stops the partner
(X402): a field that it uses is gone or of another type, a shorter length, a word that is taken from a picklist, a field
that must be given now. What harms nothing does not: a new field, a longer one, another label; nor a new word of a
picklist, since a record that bears it waits by itself. `casebridge describe` keeps the new description, and `resume`
lets the partner go on.
Knows no partner by name. Next: `describing.py` (what is kept), `pausing.py`, `exchange.py`, which asks here.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

import sqlalchemy as sa

from connectors.base import Connector
from connectors.errors import Refused
from hub import pausing
from hub.describing import Difference, Kept, differences, kept_in, kept_of
from hub.partners import Partner
from hub.state import HUB
from hub.statements import Statement
from hub.tables import partners
from hub.writing import Transaction
from mappings.description import check_description

MOST_TOLD: Final = 5
"""Fields in one text; `casebridge describe --diff` tells them all."""
HARMS: Final = frozenset({"M306", "M308", "M309", "M312"})
"""Of what `casebridge check` finds: all but a word of theirs that the mapping does not know (M307)."""
LOOKED = Statement(sa.select(partners.c.described_at).where(partners.c.name == sa.bindparam("partner")))


def due(tx: Transaction, partner: Partner) -> bool:
    """Whether it is time to look. Reads only."""
    row = LOOKED.row(tx.session, {"partner": partner.name})
    last = row["described_at"] if row is not None else None
    return last is None or tx.now >= last + timedelta(seconds=partner.system.watch)


def kept(partner: Partner) -> Kept | None:
    """The description that its mapping was proven against; None where nothing is kept. Raises DeclarationError."""
    return kept_in(partner.mapping.path.parent)


def look(partner: Partner, before: Kept, connector: Connector) -> tuple[Difference, ...]:
    """What changed there and would do harm. One call. Raises as the connector does.

    A system that does not tell, or not our user, has changed nothing that we could know of.
    """
    try:
        now = kept_of(connector.describe())
    except Refused as error:
        if error.code in ("C301", "C310", "C351"):
            raise
        return ()
    return harmful(partner, before, now) if now.fields else ()


def harmful(partner: Partner, before: Kept, now: Kept) -> tuple[Difference, ...]:
    """Of the differences, those with which the mapping does not fit any more."""
    faults = _faults(partner, now) - _faults(partner, before)
    used = {name for rule in partner.lens.rules for one in rule.branches if one.at for name in (one.field, one.at[0])}
    return tuple(
        one
        for one in differences(before, now)
        if one.field in faults or (one.field in used and _replaced(before, now, one.field))
    )


def _replaced(before: Kept, now: Kept, field: str) -> bool:
    """Whether the field is gone, or is of another type."""
    if field not in before.fields:
        return False
    return field not in now.fields or before.fields[field].type != now.fields[field].type


def _faults(partner: Partner, described: Kept) -> set[str]:
    """Fields of theirs that the mapping does not fit."""
    rules = [one for whole in partner.lens.rules for one in whole.branches if one.at]
    places = {rule.place: (rule.field, rule.at[0]) for rule in rules}
    found: set[str] = set()
    for fault in check_description(partner.lens, described.fields):
        if fault.code in HARMS:
            names = next((names for place, names in places.items() if fault.place[: len(place)] == place), ())
            found |= {*names} or {str(fault.value)}
    return found


def looked(tx: Transaction, partner: Partner, found: Sequence[Difference]) -> Refused | None:
    """Keep that it was looked; where something was found, pause the partner and give the error that says so.

    Then the next step looks again, whenever it is: who lets the partner go on without a word is stopped again.
    """
    if not found:
        tx.note_partner(partner.name, described_at=tx.now)
        return None
    tx.note_partner(partner.name, described_at=None)
    error = told(partner, found)
    pausing.pause(tx, "partner", partner.name, HUB, f"{error.code} {error.message} {error.fix}")
    return error


def told(partner: Partner, found: Sequence[Difference]) -> Refused:
    """The error: which field, what it was, what it is, what to do."""
    lines = [f"{one.field} was {_said(one.kept)}, is {_said(one.now)}" for one in found[:MOST_TOLD]]
    more = f"; and {len(found) - MOST_TOLD} more" if len(found) > MOST_TOLD else ""
    name = partner.name
    return Refused(
        f"{partner.system.title} changed what our mapping stands on: {'; '.join(lines)}{more}.",
        code="X402",
        where=f"{name} describe",
        value=found[0].field,
        fix="nothing is read or written there meanwhile. Where mapping.yaml fits no more, correct it, then: "
        f"casebridge describe {name}, casebridge check, casebridge resume --partner {name} --why ...",
    )


def _said(text: str | None) -> str:
    return "not there" if text is None else f"({text})"
