"""Notes that a REST partner's records only name: read for many records at once, and put where their ids stood.

A note that the answer leaves out (deleted, or not for our eyes) is left out of its record too. Sends nothing.
Next: `rest_read.py`, which asks for them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from connectors import paths
from connectors.base import Record
from connectors.rest_records import broken
from connectors.rest_system import RestSystem
from connectors.rest_writes import Notes


def note_ids(notes: Notes, one: Record) -> list[str]:
    """Ids of the record's notes, in its order; each stands there by itself or in an object that has it."""
    named = paths.get(one.body, notes.field)
    return [_id(notes, note) for note in named] if isinstance(named, list) else []


def listed_notes(system: RestSystem, answer: Any) -> list[Any]:
    """The notes of an answer. Raises Refused C304."""
    by_ids = system.notes.by_ids
    path = by_ids.records if by_ids else ""
    found = paths.get(answer, path)
    if not isinstance(found, list):
        raise broken(system, f"{system.name} notes", "notes.by_ids.records", path)
    return found


def placed(notes: Notes, found: Sequence[Record], told: Sequence[Any]) -> list[Record]:
    """The same records, notes in the place of their ids."""
    by_id = {_id(notes, note): note for note in told}
    whole = []
    for one in found:
        if one.gone:
            whole.append(one)
            continue
        body = paths.copied(one.body)
        paths.put(body, notes.field, [by_id[note_id] for note_id in note_ids(notes, one) if note_id in by_id])
        whole.append(replace(one, body=body))
    return whole


def _id(notes: Notes, note: Any) -> str:
    return str(paths.get(note, notes.id) if isinstance(note, Mapping) else note)
