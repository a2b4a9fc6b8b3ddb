"""Notes: a nested list whose members have an identity, an author, a moment, a text and a visibility.

Visibility is mandatory in the declaration, and a word that it does not name means private (never an error, never a
guess upward). A `marker` at the start of a text may lift a private note for systems whose notes have two visibilities
where we have three. What the hub writes ends in a footer (`text.py`) that reading takes off and returns as `ref`.
Next: `declare_notes.py` for how it is declared.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, NamedTuple

from mappings import text
from mappings.case import Note, Visibility
from mappings.errors import Place, Unfit, shown
from mappings.ops import Example, Op
from mappings.ops_text import Text
from mappings.ops_values import Table, Word
from mappings.paths import At, Body, getter, kind, put


class ReadNote(NamedTuple):
    """A note as a partner's record holds it. text: without the hub's footer; ref: what the footer said, None without
    one; whole: with the footer, for a ref that turns out not to be the hub's own (somebody copied the line)."""

    native_id: str
    author: str
    date: datetime
    text: str
    visibility: Visibility
    language: str | None
    ref: str | None
    whole: str


@dataclass(frozen=True, slots=True)
class Audience:
    """Who may read a note: their word, and where their words do not suffice a marker before the text."""

    table: Table
    markers: Mapping[str, Visibility]
    example: ClassVar[Example] = Example(
        "Who may read a note. Unknown means private. `marker` lifts a private note whose text starts so.",
        {"from": "IsPublished", "values": {True: "customer", False: "private"}, "marker": {"#partners ": "partners"}},
        True,
        "customer",
    )

    def read(self, word: Any, words: str) -> tuple[Visibility, str]:
        """The visibility, and the text without its marker."""
        if type(word) is not self.table.type or word not in self.table.words:
            return Visibility.PRIVATE, words
        visibility = Visibility(str(self.table.words[word]))
        if visibility is Visibility.PRIVATE:
            for marker, lifted in self.markers.items():
                if words.startswith(marker):
                    return lifted, words[len(marker) :]
        return visibility, words

    def takes(self, visibility: Visibility) -> bool:
        """Whether a note for these readers can be written."""
        return visibility in self.table.written or visibility in self.markers.values()

    def write(self, visibility: Visibility, words: str) -> tuple[Word, str]:
        """Their word, and the text with its marker."""
        if visibility is Visibility.PRIVATE and any(words.startswith(marker) for marker in self.markers):
            known = tuple(self.markers)
            raise Unfit("M218", "a private note starts with the mark that would show it to others.", None, known)
        if visibility not in self.table.written:
            for marker, lifted in self.markers.items():
                if lifted is visibility:
                    return self.table.inverse(Visibility.PRIVATE), marker + words
        return self.table.inverse(visibility), words


@dataclass(frozen=True, slots=True)
class Part:
    """One field of a note: where it is, and how it is read. at is empty for a constant."""

    at: At
    op: Op

    def read(self, item: Body) -> Any:
        """Our value; None where there is nothing. Raises Unfit."""
        word = getter(self.at)(item) if self.at else ""
        return None if (word is None or word == "") and self.at else self.op.forward(word)


@dataclass(frozen=True, slots=True)
class Notes:
    """All of it. audience: (), with a constant table, where every note of theirs has one visibility."""

    at: At
    id: At
    author: Part
    date: Part
    text: Part
    language: Part | None
    seen: At
    audience: Audience

    def read(self, body: Body) -> tuple[ReadNote, ...]:
        """The notes of a record, in the record's order. Raises MappingError."""
        place: Place = ("notes",)
        try:
            items = getter(self.at)(body)
            if items is None or items == "":
                return ()
            if not isinstance(items, (list, tuple)):
                raise Unfit("M217", f"a list of notes is expected, not {kind(items)}.")
            found: dict[str, ReadNote] = {}
            for number, item in enumerate(items, 1):
                note = self._note(item, number)
                if note.native_id in found:
                    raise Unfit("M217", f"two notes bear the id {shown(note.native_id)}.", note.native_id)
                found[note.native_id] = note
        except Unfit as unfit:
            raise unfit.at(place, ".".join(self.at)) from None
        return tuple(found.values())

    def _note(self, item: Any, number: int) -> ReadNote:
        if not isinstance(item, Mapping):
            raise Unfit("M217", f"note {number} is {kind(item)}, not an object.")
        step = "id"
        try:
            native = getter(self.id)(item)
            if isinstance(native, bool) or not isinstance(native, (str, int)) or native == "":
                raise Unfit("M217", f"an id is expected, not {kind(native)}.")
            step = "author"
            author = self.author.read(item)
            step = "date"
            date = self.date.read(item)
            if date is None:
                raise Unfit("M217", "it has none.")
            step = "text"
            whole = self.text.read(item) or ""
            step = "visibility"
            visibility, whole = self.audience.read(getter(self.seen)(item) if self.seen else True, whole)
            step = "language"
            language = None if self.language is None else self.language.read(item)
        except Unfit as unfit:
            raise Unfit(unfit.code, f"note {number}, {step}: {unfit.message}", unfit.value, unfit.known) from None
        words, ref = text.unfooted(whole)
        return ReadNote(str(native), author or "", date, words, visibility, language, ref, whole)

    def write(self, note: Note, *, company: str, ref: str) -> dict[str, Any]:
        """One note in their words: text with footer, visibility, language; its id, author and date are theirs to give.

        Raises MappingError (too long, no word for its visibility, a private text that bears a marker).
        """
        body: dict[str, Any] = {}
        step = "visibility"
        try:
            footed = text.footed(note.text, author=note.author, company=company, ref=ref)
            word, words = self.audience.write(note.visibility, footed)
            if self.seen:
                put(body, self.seen, word)
            step = "text"
            put(body, self.text.at, self.text.op.inverse(words))
            step = "language"
            if self.language is not None and self.language.at and note.language is not None:
                put(body, self.language.at, self.language.op.inverse(note.language))
        except Unfit as unfit:
            raise unfit.at(("notes", step), self._field(step)) from None
        return body

    def _field(self, step: str) -> str:
        at = {"visibility": self.seen, "text": self.text.at, "language": self.language.at if self.language else ()}[
            step
        ]
        return ".".join((*self.at, *at))


def constant_audience(visibility: Visibility) -> Audience:
    """Where every note of theirs has one visibility. Only such notes can be written."""
    return Audience(Table({True: visibility}, {visibility: True}), {})


PLAIN = Text()
