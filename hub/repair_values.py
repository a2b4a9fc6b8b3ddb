"""Values of a case that a person sets as the hub's word, and values that a person decides not to send.

Setting goes the way of any change: the case's next version, owed to every company that lacks it. Dropping keeps, for
each value that the company lacks now, the mark that it was not taken, so that it is sent again only once it changes.
Inside a ledger transaction. Next: `repair.py`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from pydantic import ValidationError

from hub import lanes, route
from hub.acting import CannotDo
from hub.alliance import Alliance
from hub.entries import ParkedRow
from hub.mapping_map import values_of
from hub.merge import OWN
from hub.owing import owe_all
from hub.state import HUB, CaseState, Link
from hub.writing import Transaction
from mappings.case import COUNTERPART, PATHS, TOLD
from mappings.errors import MappingError

NOT_BY_HAND = OWN | frozenset(TOLD) | {"statusChangeDate", "feedback.score", "feedback.text", "feedback.date"}
"""Each system's own, or an act of a company or of the customer."""


def values_said(said: Sequence[str]) -> dict[str, object]:
    """`path=value` of the command line; nothing after the sign means no value. Raises CannotDo X504."""
    given: dict[str, object] = {}
    for one in said:
        path, sign, value = one.partition("=")
        if not sign:
            raise CannotDo("X504", f"{one!r} is no path=value.", fix="such as priority=high.")
        given[path.strip()] = value if value else None
    for path in given:
        if path in NOT_BY_HAND or path.startswith(COUNTERPART):
            known = sorted(PATHS - NOT_BY_HAND)
            fix = "who holds a case, its status and feedback are acts: do them in a company's own system."
            raise CannotDo("X504", f"{path} is not set by hand.", value=path, known=known, fix=fix)
    try:
        return dict(values_of(given))
    except ValueError as error:
        raise CannotDo("X504", str(error)) from None


def set_values(tx: Transaction, alliance: Alliance, row: ParkedRow, values: Mapping[str, object]) -> frozenset[str]:
    """Set them as the hub's word. Names the partners that are owed something. Raises CannotDo X504."""
    after = with_values(tx, row, values)
    tx.keep_case(after)
    return owe_all(tx, alliance, after)


def with_values(tx: Transaction, row: ParkedRow, values: Mapping[str, object]) -> CaseState:
    """The case as it would be. Raises CannotDo X504."""
    state = tx.case(row.case_id) if row.case_id else None
    if state is None:
        raise CannotDo("X504", f"{row.id}: there is no case to set a value of.")
    after = replace(
        state,
        values={**state.values, **values},
        setters={**state.setters, **dict.fromkeys(values, HUB)},
        version=state.version + 1,
        updated_at=tx.now,
    )
    try:
        after.case({})
    except ValidationError as error:
        told = ", ".join(f"{path}={value}" for path, value in values.items())
        raise CannotDo(
            "X504", f"{told}: {error.errors()[0]['msg']}.", fix="take a value that the path knows."
        ) from None
    return after


def drop_values(tx: Transaction, alliance: Alliance, row: ParkedRow) -> tuple[Sequence[str], frozenset[str]]:
    """Send none of what the company lacks now: (paths, with `note` for notes; partners that are owed something).

    Of a case that cannot be said in its words, only what cannot be said. A record that was to be created has no place
    to keep that: its delivery stays set aside at this version of the case, and the next version owes it anew.
    """
    state = tx.case(row.case_id or "")
    if state is None:
        return (), frozenset()
    present = lanes.open_of(tx, state.id).get(row.partner)
    link = tx.links_of(state.id).get(row.partner)
    if link is None or link.state == "gone":
        if present is not None:
            lanes.set_aside(tx, state.id, row.partner, present, "dropped")
        return (), frozenset()
    if row.place in link.ignored:  # they took it and kept their own value: it is not sent already
        return (row.place,), frozenset()
    ignored, notes = _lacking(alliance, state, tx.links_of(state.id), link)
    kept = replace(link, ignored={**link.ignored, **ignored}, notes={**link.notes, **dict.fromkeys(notes, "")})
    tx.keep_link(kept, state.subject)
    lanes.disown(tx, state.id, row.partner, present)
    return (*ignored, *(["note"] if notes else ())), owe_all(tx, alliance, state)


def unignore(tx: Transaction, row: ParkedRow) -> None:
    """A value that the company took and did not keep is sent once more."""
    link = tx.links_of(row.case_id or "").get(row.partner)
    state = tx.case(row.case_id or "")
    if link is None or state is None or row.place not in link.ignored:
        return
    ignored = {path: digest for path, digest in link.ignored.items() if path != row.place}
    tx.keep_link(replace(link, ignored=ignored), state.subject)


def _lacking(
    alliance: Alliance, state: CaseState, links: Mapping[str, Link], link: Link
) -> tuple[dict[str, str], list[str]]:
    """path -> digest of the value that is not to be sent, and refs of the notes."""
    lens, agreement = alliance.partners[link.partner].lens, alliance.agreement
    base = lens.to_case(link.base).values if link.base else {}
    try:
        owed = route.owed_to(link.partner, state, links, lens, agreement, base)
        paths, notes = owed.patch.paths, [note.ref for note in owed.notes]
        return {path: route.digest(owed.values.get(path)) for path in paths}, notes
    except MappingError:
        values = route.shared_values(state, link.partner, agreement, links, base.get("status"))
        unsaid = [path for path, value in values.items() if not _says(lens, path, value, link.base)]
        return {path: route.digest(values[path]) for path in unsaid}, []


def _says(lens: Any, path: str, value: Any, base: Mapping[str, Any]) -> bool:
    try:
        lens.to_partner({path: value}, base)
    except MappingError:
        return False
    return True
