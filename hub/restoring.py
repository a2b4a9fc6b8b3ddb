"""Reconciling a ledger that came back from a backup with what the companies kept: everything is read, nothing written.

What the lost day made stands in the companies' systems and bears the hub's marks: a hub id on each record, a ref on
each note that crossed. A plain pull reads company after company and would take a counterpart for a new case where the
case's own record comes later, and a note that crossed for one of theirs where its author's comes later. So all that
changed since the backup's cursors is read first; then cases' own records are taken before their counterparts, without
the notes that crossed, and then once more with them. Cursors move last: killed in between, it is run again.
Called by `casebridge ledger reconcile`, while nothing pulls or pushes. Next: `taking.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from connectors import paths
from connectors.base import Cursor, Record
from hub.alliance import Alliance
from hub.exchange import Exchange
from hub.noting import is_about
from hub.state import case_id_of, note_ref
from hub.taking import take
from mappings.errors import MappingError
from mappings.lens import Lens

PAGE = 100
FOLLOW_UPS = 20
"""Edits of one note that crossed as follow-ups and are known again."""


@dataclass(frozen=True, slots=True)
class Reconciled:
    """What was found. records: read; cases: known afterwards; parked: wait for a person now."""

    records: int
    cases: int
    parked: int


@dataclass(frozen=True, slots=True)
class _Read:
    """A record as read. own: it is the case's own record, no counterpart. at: the ledger's newest
    entry when the request began."""

    record: Record
    own: bool
    at: int


def reconcile(exchange: Exchange) -> Reconciled:
    """Take in all that changed at every company since the ledger's cursors. Raises ConnectorError before it begins."""
    ledger, alliance = exchange.ledger, exchange.alliance
    found: list[_Read] = []
    cursors: dict[str, Cursor] = {}
    for name in alliance.partners:
        cursors[name] = _read(exchange, name, found)
    refs = frozenset(ref for one in found for ref in _own_refs(alliance, one.record))
    found.sort(key=lambda one: not one.own)
    first = [replace(one, record=_without(alliance, one.record, refs)) for one in found]
    for start in range(0, len(first), PAGE):
        with ledger.transaction(exchange.clock()) as tx:
            for one in first[start : start + PAGE]:
                take(tx, alliance, one.record, read_from=one.at, after_loss=True)
    changed = [one for one, before in zip(found, first, strict=True) if one.record is not before.record]
    for start in range(0, len(changed), PAGE):
        with ledger.transaction(exchange.clock()) as tx:
            for one in changed[start : start + PAGE]:
                take(tx, alliance, one.record, read_from=tx.newest, after_loss=True)
    with ledger.transaction(exchange.clock()) as tx:
        for name, cursor in cursors.items():
            tx.note_partner(name, cursor=cursor.value, pulled_at=tx.now)
    return Reconciled(len(found), ledger.count_cases(), len(ledger.parked()))


def _read(exchange: Exchange, name: str, found: list[_Read]) -> Cursor:
    """Everything of this company since the cursor, added to what was found; the cursor that is right then."""
    kept = exchange.ledger.cursor(name)
    connector = exchange.connect(name)
    try:
        cursor = Cursor(kept or "")
        at = exchange.ledger.newest()
        for page in connector.pull(None if kept is None else Cursor(kept)):
            found += [_Read(record, _is_own(exchange.alliance, record), at) for record in page.records]
            cursor, at = page.cursor, exchange.ledger.newest()
    finally:
        connector.close()
    return cursor


def _is_own(alliance: Alliance, record: Record) -> bool:
    """Whether the case began with this record: it bears no hub id, or the one that follows from its own id."""
    try:
        hub_id = alliance.partners[record.partner].lens.look("id", record.body)
    except MappingError:
        return False
    return not hub_id or hub_id == case_id_of(record.partner, record.native_id)


def _own_refs(alliance: Alliance, record: Record) -> Iterator[str]:
    """The refs that this record's own notes bear wherever the hub carried them, follow-ups included."""
    lens = alliance.partners[record.partner].lens
    if record.gone or lens.notes is None:
        return
    try:
        notes = lens.read_notes(record.body)
    except MappingError:
        return  # it is parked when it is taken
    for note in notes:
        yield note_ref(record.partner, note.native_id)
        for number in range(2, FOLLOW_UPS):
            yield note_ref(record.partner, f"{note.native_id}#{number}")


def _without(alliance: Alliance, record: Record, refs: frozenset[str]) -> Record:
    """The record without the notes that crossed to it; the record itself where there are none."""
    lens: Lens = alliance.partners[record.partner].lens
    if record.gone or lens.notes is None or lens.notes_field is None:
        return record
    try:
        notes = lens.notes.read(record.body)
    except MappingError:
        return record
    crossed = {note.ref for note in notes if note.ref is not None and (note.ref in refs or is_about(note.ref, refs))}
    if not crossed:
        return record
    listed = paths.get(record.body, lens.notes_field)
    body = paths.copied(record.body)
    own = [kept for kept, note in zip(listed, notes, strict=True) if note.ref not in crossed]
    paths.put(body, lens.notes_field, own)
    return replace(record, body=body)
