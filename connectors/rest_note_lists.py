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
from connectors.paging import Paging
from connectors.rest_records import broken
from connectors.rest_system import RestSystem
from connectors.rest_writes import FileList, NoteTexts
from connectors.wire import Params

Answered = Callable[[str, str, Params | None], Answer]
"""The good answer to one safe call: path, what for, parameters."""


def in_parts(system: RestSystem, answered: Answered, stuck: Callable[[], Exception], one: Record) -> Record:
    """The record with its notes and files in it, as far as these are lists of their own. stuck: the error of a list
    that does not go on."""
    if one.gone:
        return one
    walk = _Walk(system, answered, stuck, one.native_id)
    body, told = paths.copied(one.body), walk.notes()
    if told is not None:
        kept = [note for note in told if paths.get(note, system.notes.text)] if system.notes.filled else told
        paths.put(body, system.notes.field, kept)
    if system.files is not None and system.files.list is not None:
        paths.put(body, system.files.list.field, walk.files(system.files.list, told or ()))
    return replace(one, body=body)


@dataclass(frozen=True, slots=True)
class _Walk:
    """The lists of one record."""

    system: RestSystem
    answered: Answered
    stuck: Callable[[], Exception]
    native_id: str

    def notes(self) -> list[Any] | None:
        """Its notes, each with what it says; None where they are no list of their own."""
        notes = self.system.notes
        if notes.path is None:
            return None
        about = ("notes", notes.limit, notes.paging)
        found = self._listed(notes.path, "notes.records", notes.records, about)
        texts = notes.texts
        if texts is None or (not found and "{ids}" in texts.path):
            return found
        ids = [str(paths.get(note, notes.id)) for note in found]
        some = [ids[at : at + texts.most] for at in range(0, len(ids), texts.most)] if "{ids}" in texts.path else [[]]
        told = [self._listed(texts.path, "notes.texts.records", texts.records, about, part) for part in some]
        return _with_texts(self.system, texts, found, [text for part in told for text in part])

    def files(self, listed: FileList, notes: Sequence[Any]) -> list[Any]:
        """Its files, each with what it takes of its note."""
        found = self._listed(listed.path, "files.list.records", listed.records, ("files", listed.limit, listed.paging))
        by_id = {str(paths.get(note, self.system.notes.id)): note for note in notes}
        kept = [paths.copied(one) for one in found if not listed.having or paths.get(one, listed.having)]
        for file in kept:
            note = by_id.get(str(paths.get(file, listed.note))) if listed.note else None
            for name, path in listed.take.items():
                paths.put(file, name, paths.get(note, path))
        return kept

    def _listed(
        self, path: str, place: str, at: str, about: tuple[str, str, Paging | None], ids: Sequence[str] = ()
    ) -> list[Any]:
        """What is listed there, page after page. place: key of the declaration; at: path in the answer; about: what
        for, the parameter of the page's size, and how the list goes on; ids: of the notes that it is asked for."""
        what, limit, paging = about
        found, before = list[Any](), None
        params = {limit: str(self.system.page)} if limit else {}
        params |= paging.first() if paging else {}
        path = path.format(id=quote(self.native_id, safe=""), ids=",".join(quote(one, safe="") for one in ids))
        while True:
            got = self.answered(path, what, params)
            answer = got.json()
            listed = paths.get(answer, at)
            if not isinstance(listed, list):
                raise broken(self.system, f"{self.system.name} {what} {self.native_id}", place, at)
            if listed and listed == before:
                raise self.stuck()
            found, before = found + listed, listed
            step = paging.after(answer, len(listed), self.system.page, params, got.headers) if paging else None
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
