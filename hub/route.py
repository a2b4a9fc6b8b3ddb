"""Who is owed what: the case seen through one partner's sharing and lens, against what that partner has.

A delivery is owed when the difference is not empty, so a change goes to every link except its source without anybody
saying so, a partner that wrote something the case did not take is written back, and at rest nothing is owed. Pure.
Next: `taking.py` (owes), `delivering.py` (sends).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from hub.agreement import Agreement
from hub.codec import encode
from hub.edges import is_unshared
from hub.noting import Lacks, lacking_notes
from hub.rounds import CLOSED, RESOLVED, told_of
from hub.state import CaseState, Link, note_ref, rest_note
from hub.veiling import shown
from mappings.lens import Lens, Patch

ALWAYS = frozenset({"holder", "test", "channel"})
"""Paths that every link has to have, whatever its edge says."""

TOLD = frozenset({"accountable", "contactPoint", "holderNumber", "feedbackAsked", "feedbackLink"})
"""Paths that the hub tells and no partner says."""


@dataclass(frozen=True, slots=True)
class Owed:
    """What one partner lacks. values: what the patch was made from. step: what has to be written, alone, before it."""

    patch: Patch
    values: Mapping[str, Any]
    notes: tuple[Lacks, ...]
    step: Patch | None = None

    def __bool__(self) -> bool:
        return bool(self.patch.paths or self.notes)


def targets(state: CaseState, links: Mapping[str, Link]) -> list[str]:
    """Partners that hold, or are to hold, a counterpart of this case."""
    return sorted({*links, state.holder, *state.informed})


def shared_values(
    state: CaseState, partner: str, agreement: Agreement, links: Mapping[str, Link], base_status: Any
) -> dict[str, Any]:
    """The case as this partner may have it, and what the hub tells it besides."""
    sharing = agreement.sharing_of(partner, state.contact_point, state.edges.get(partner, ""))
    values = {
        path: shown(sharing, state.secret, partner, path, value)
        for path, value in state.values.items()
        if not is_unshared(path) and (path in ALWAYS or sharing.allows(path))
    }
    holder = links.get(state.holder) if state.holder != partner else None  # it knows its own number
    if targets(state, links) != [partner]:  # a case that never crossed is nobody's business: nothing is told
        values |= {
            "id": state.id,
            "accountable": state.accountable,
            "contactPoint": state.contact_point,
            "holderNumber": holder.number if holder and holder.number else None,
        }
    values |= told_of(state) if partner == state.contact_point else {}  # nothing where it is not asked
    if base_status == CLOSED and state.status == RESOLVED:
        del values["status"]  # their "closed" is their word; the case reads it as resolved
    return values


def digest(value: Any) -> str:
    """A short digest of one value."""
    return sha256(encode(value)).hexdigest()[:16]


def owed_to(
    partner: str, state: CaseState, links: Mapping[str, Link], lens: Lens, agreement: Agreement, base: Mapping[str, Any]
) -> Owed:
    """What this partner lacks of the case. base: its record's values as last seen, empty where it has none yet.

    Raises MappingError, also where no way leads from its status to ours.
    """
    link = links.get(partner)
    values = shared_values(state, partner, agreement, links, base.get("status"))
    if link is None:
        return Owed(lens.to_partner({k: v for k, v in values.items() if v is not None}, None), values, ())
    values = {k: v for k, v in values.items() if link.ignored.get(k) != digest(v)} if link.ignored else values
    sharing = agreement.sharing_of(partner, state.contact_point, state.edges.get(partner, ""))
    heard = [note for note in state.notes if not _is_unread(note.partner, links)]
    notes = tuple(lacking_notes(heard, partner, state.contact_point, link, sharing, lens))
    patch = lens.to_partner(values, link.base)
    notes += tuple(_rests(state, values, link, lens, agreement, base))
    return Owed(patch, values, notes, lens.step_before(patch, link.base))


def _is_unread(author: str, links: Mapping[str, Link]) -> bool:
    """Whether the record of a note's author says something that nobody has understood yet: it may be private by now."""
    home = links.get(author)
    return home is not None and home.unread


def _rests(
    state: CaseState, values: Mapping[str, Any], link: Link, lens: Lens, agreement: Agreement, base: Mapping[str, Any]
) -> Iterator[Lacks]:
    """What does not fit their fields and they were not told yet. Where their field holds the whole, nothing is left."""
    for path, text in lens.rests({path: value for path, value in values.items() if base.get(path) != value}).items():
        setter = state.setters.get(path, state.origin)
        company = agreement.partners.get(setter)
        note = rest_note(state, path, text, company.title if company else setter)
        if (ref := note_ref(note.partner, note.id)) not in link.notes:
            yield Lacks(note, ref)
