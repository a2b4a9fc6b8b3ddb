"""The table: their words and ours, several of theirs to one of ours where that is so.

`back` names the word that is written where several mean the same; `refuse` names those of our values that this system
has no word for, so that such a case is parked and not bent. Both directions are plain look-ups in a dict.
Next: `declare.py`, which checks that a table is total before it may be one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from mappings.errors import Unfit, shown
from mappings.ops import Example
from mappings.paths import kind

Word = str | int | bool


@dataclass(frozen=True, slots=True)
class Table:
    """words: theirs to ours, all of one type (`type`). written: ours to the word that goes back. refused: ours without
    a word."""

    words: Mapping[Word, Word]
    written: Mapping[Word, Word]
    refused: frozenset[Word] = frozenset()
    type: type[Any] = field(init=False, repr=False)
    example: ClassVar[Example] = Example(
        "A table of words. Two words of theirs may mean one of ours; `back` says which of them is written. "
        "An unknown word parks the record and names the words that are known. `refuse: [held]` says that they have no "
        "word for one of ours.",
        {
            "from": "state",
            "values": {"New": "acknowledged", "Open": "inProgress", "Reopened": "inProgress"},
            "back": {"inProgress": "Open"},
            "refuse": ["pending", "held", "resolved", "closed", "cancelled", "rejected"],
        },
        "Reopened",
        "inProgress",
        "Open",
    )

    def __post_init__(self) -> None:
        object.__setattr__(self, "type", type(next(iter(self.words))))

    def known(self) -> tuple[str, ...]:
        """Their words, for people."""
        return tuple(word if isinstance(word, str) else shown(word) for word in self.words)

    def forward(self, word: Any) -> Word:
        # Python holds True and 1 to be one key of a dict: the type is looked at before the word.
        if type(word) is not self.type:
            raise Unfit("M202", f"one of the table's words is expected, not {kind(word)}.", word, self.known())
        try:
            return self.words[word]
        except KeyError:
            raise Unfit("M201", f"{shown(word)} is no word of the table.", word, self.known()) from None

    def inverse(self, value: Any) -> Word:
        try:
            return self.written[value]
        except (KeyError, TypeError):
            said = "is refused here by declaration" if value in self.refused else "has no word here"
            known = tuple(shown(ours) if isinstance(ours, bool) else str(ours) for ours in self.written)
            raise Unfit("M212", f"{shown(value)} {said}.", value, known) from None

    def same(self, one: Any, other: Any) -> bool:
        return bool(one == other)
