"""Notes and files of a REST partner that are lists of their own, one a record: read page after page, and the notes'
texts with them where those are a list again.

Knows no writing. Next: `rest_notes.py` (notes that a record names by their ids), `rest_read.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote

from connectors import paths
from connectors.answer import Answer
from connectors.base import Record
from connectors.paging import Paging, Step
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
    walk = _Walk(system, answered, stuck, one.native_id, "notes", notes.limit, notes.paging)
    found = walk.listed(notes.path, "notes.records", notes.records)
    if notes.texts is not None:
        told = walk.listed(notes.texts.path, "notes.texts.records", notes.texts.records)
        found = _with_texts(system, notes.texts, found, told)
    if notes.filled:
        found = [note for note in found if paths.get(note, notes.text)]
    return _placed(one, notes.field, found)


def filed(system: RestSystem, answered: Answered, stuck: Callable[[], Exception], one: Record) -> Record:
    """The record with its files in it, where these are a list of their own."""
    files = system.files.list if system.files is not None else None
    if one.gone or files is None:
        return one
    walk = _Walk(system, answered, stuck, one.native_id, "files", files.limit, files.paging)
    found = walk.listed(files.path, "files.list.records", files.records)
    return _placed(one, files.field, [each for each in found if not files.having or paths.get(each, files.having)])


def _placed(one: Record, field: str, found: Sequence[Any]) -> Record:
    body = paths.copied(one.body)
    paths.put(body, field, found)
    return replace(one, body=body)


@dataclass(frozen=True, slots=True)
class _Walk:
    """How lists of one record are read."""

    system: RestSystem
    answered: Answered
    stuck: Callable[[], Exception]
    native_id: str
    what: str
    limit: str
    paging: Paging | None

    def listed(self, path: str, place: str, at: str) -> list[Any]:
        """What is listed there, page after page. place: key of the declaration; at: path in the answer."""
        found, before = list[Any](), None
        params = {self.limit: str(self.system.page)} if self.limit else {}
        params |= self.paging.first() if self.paging else {}
        path = path.format(id=quote(self.native_id, safe=""))
        while True:
            got = self.answered(path, self.what, params)
            answer = got.json()
            listed = paths.get(answer, at)
            if not isinstance(listed, list):
                raise broken(self.system, f"{self.system.name} {self.what} {self.native_id}", place, at)
            if listed and listed == before:
                raise self.stuck()
            found, before = found + listed, listed
            step: Step = None
            if self.paging is not None:
                step = self.paging.after(answer, len(listed), self.system.page, params, got.headers)
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
