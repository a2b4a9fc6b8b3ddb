"""Notes of a REST partner that are a list of their own, one a record: read page after page, and their texts with them
where those are a list again.

Knows no writing. Next: `rest_notes.py` (notes that a record names by their ids), `rest_read.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from connectors import paths
from connectors.answer import Answer
from connectors.base import Record
from connectors.paging import Step
from connectors.rest_records import broken
from connectors.rest_system import RestSystem
from connectors.rest_writes import NoteTexts
from connectors.wire import Params

Answered = Callable[[str, str, Params | None], Answer]
"""The good answer to one safe call: path, what for, parameters."""


def noted(system: RestSystem, answered: Answered, stuck: Callable[[], Exception], one: Record) -> Record:
    """The record with its notes in it. stuck: the error of a list that does not go on."""
    notes = system.notes
    if one.gone or notes.path is None:
        return one

    def listed(path: str, place: str, at: str) -> list[Any]:
        return _listed(system, answered, stuck, one.native_id, (path, place, at))

    found = listed(notes.path, "notes.records", notes.records)
    if notes.texts is not None:
        told = listed(notes.texts.path, "notes.texts.records", notes.texts.records)
        found = _with_texts(system, notes.texts, found, told)
    if notes.filled:
        found = [note for note in found if paths.get(note, notes.text)]
    body = paths.copied(one.body)
    paths.put(body, notes.field, found)
    return replace(one, body=body)


def _listed(
    system: RestSystem, answered: Answered, stuck: Callable[[], Exception], native_id: str, where: tuple[str, str, str]
) -> list[Any]:
    """What is listed there of a record. where: path, key of the declaration, path in the answer."""
    path, place, at = where
    notes, found, before = system.notes, list[Any](), None
    params = {notes.limit: str(system.page)} if notes.limit else {}
    params |= notes.paging.first() if notes.paging else {}
    path = path.format(id=quote(native_id, safe=""))
    while True:
        got = answered(path, "notes", params)
        answer = got.json()
        listed = paths.get(answer, at)
        if not isinstance(listed, list):
            raise broken(system, f"{system.name} notes {native_id}", place, at)
        if listed and listed == before:
            raise stuck()
        found, before = found + listed, listed
        step: Step = notes.paging.after(answer, len(listed), system.page, params, got.headers) if notes.paging else None
        if step is None:
            return found
        path, params = (step, {}) if isinstance(step, str) else (path, {**params, **step})


def _with_texts(system: RestSystem, texts: NoteTexts, listed: Sequence[Any], told: Sequence[Any]) -> list[Any]:
    """The notes, each with what it says: of those that name it the first that is not empty."""
    notes, by_note = system.notes, dict[str, list[Any]]()
    for text in told:
        by_note.setdefault(str(paths.get(text, texts.note)), []).append(text)
    whole = []
    for note in listed:
        said = paths.copied(note)
        for text in by_note.get(str(paths.get(note, notes.id)), ()):
            for name, path in texts.take.items():
                paths.put(said, name, paths.get(text, path))
            if paths.get(said, notes.text):
                break
        whole.append(said)
    return whole
