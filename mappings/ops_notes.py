"""Notes: a list whose members have an identity (`ops_list.py`), an author, a moment, a text and a visibility.

What the hub writes ends in a footer (`text.py`) that reading takes off and returns as `ref`.
Next: `ops_audience.py` for who may read one, `declare_lists.py` for how they are declared.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, NamedTuple

from mappings import text
from mappings.case import Note, Visibility
from mappings.errors import Place, Unfit
from mappings.ops_audience import Audience
from mappings.ops_list import Listing, Part, needed, optional, readable
from mappings.paths import At, Body, put


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
class Notes(Listing):
    """All of it. seen: where the visibility is, () with a constant table, where every note of theirs has one.

    number: which of several lists of notes it is, None where there is one. The first one is written to; of the others
    nothing is ours, whatever a text there ends in.
    """

    author: Part
    date: Part
    text: Part
    language: Part | None
    seen: At
    audience: Audience
    number: int | None = None
    section: ClassVar[str] = "notes"
    member: ClassVar[str] = "note"
    members: ClassVar[str] = "notes"

    @property
    def place(self) -> Place:
        return ("notes",) if self.number is None else ("notes", self.number)

    @property
    def prefix(self) -> str:
        return f"{self.field}/" if self.number else ""

    @property
    def readers(self) -> tuple[At, Audience] | None:
        return (self.seen, self.audience) if self.seen else None

    @property
    def parts(self) -> Mapping[str, Part]:
        more = {} if self.language is None else {"language": self.language}
        return {"author": self.author, "date": self.date, "text": self.text, **more}

    def read(self, body: Body) -> tuple[ReadNote, ...]:
        """The notes of a record, in the record's order. Raises MappingError."""
        return self.read_all(body)

    def one(self, native: str, item: Body) -> ReadNote:
        author = optional("author", self.author, item)
        date = needed("date", self.date, item)
        whole = optional("text", self.text, item) or ""
        visibility, whole = readable(self.seen, self.audience, item, whole)
        language = optional("language", self.language, item)
        words, ref = text.unfooted(whole) if not self.number else (whole, None)
        return ReadNote(native, author or "", date, words, visibility, language, ref, whole)

    def write(self, note: Note, *, company: str, ref: str) -> dict[str, Any]:
        """One note in their words: text with footer, visibility, language; its id, author and date are theirs to give.

        Raises MappingError (too long, no word for its visibility, a private text that bears a marker).
        """
        body: dict[str, Any] = {}
        here, at = "visibility", self.seen
        try:
            footed = text.footed(note.text, author=note.author, company=company, ref=ref)
            word, words = self.audience.write(note.visibility, footed)
            if self.seen:
                put(body, self.seen, word)
            here, at = "text", self.text.at
            put(body, self.text.at, self.text.op.inverse(words))
            here, at = "language", self.language.at if self.language else ()
            if self.language is not None and self.language.at and note.language is not None:
                put(body, self.language.at, self.language.op.inverse(note.language))
        except Unfit as unfit:
            raise unfit.at((*self.place, here), ".".join((*self.at, *at))) from None
        return body
