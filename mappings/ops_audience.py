"""Who may read a note or a file: their word, and where their words do not suffice a marker before the text.

Visibility is mandatory in the declaration, and a word that it does not name means private (never an error, never a
guess upward). A `marker` at the start of a text may lift a private note for systems whose notes have two visibilities
where we have three. Next: `ops_notes.py`, `ops_attachments.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from mappings.case import Visibility
from mappings.errors import Unfit
from mappings.ops import Example
from mappings.ops_values import Table, Word


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


def constant_audience(visibility: Visibility) -> Audience:
    """Where all of theirs have one visibility. Only such can be written."""
    return Audience(Table({True: visibility}, {visibility: True}), {})
