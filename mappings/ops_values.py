"""The table: their words and ours, several of theirs to one of ours where that is so.

`back` names the word that is written where several mean the same; `refuse` names those of our values that this system
has no word for, so that such a case is parked and not bent. Both directions are plain look-ups in a dict.
Next: `declare.py`, which checks that a table is total before it may be one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from mappings import text
from mappings.errors import Unfit, shown
from mappings.ops import Example
from mappings.paths import kind

Word = str | int | bool


@dataclass(frozen=True, slots=True)
class Table:
    """words: theirs to ours, all of one type (`type`). written: ours to the word that goes back. refused: ours without
    a word. nearest: ours that go out as a word which means another, a declared loss. keep: words that are not named
    cross as they are."""

    words: Mapping[Word, Word]
    written: Mapping[Word, Word]
    refused: frozenset[Word] = frozenset()
    nearest: Mapping[Word, Word] = field(default_factory=dict)
    keep: bool = False
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

    loss: ClassVar[Example] = Example(
        "`nearest` writes a value of ours as a word that means another one: a loss, so `lossy` says why. While the "
        "case says the first, their word is taken to mean it.",
        {
            "from": "state",
            "values": {"New": "acknowledged", "Open": "inProgress", "Waiting": "pending"},
            "nearest": {"held": "Waiting"},
            "lossy": "they have no word for a case on hold",
            "refuse": ["resolved", "closed", "cancelled", "rejected"],
        },
        "Waiting",
        "pending",
    )
    lookup: ClassVar[Example] = Example(
        "A table from a file beside the mapping: users, products, queues. `unknown: keep` lets a word that it does not "
        "name cross as it is; without it such a record is parked.",
        {"from": "owner", "lookup": "users.csv", "unknown": "keep"},
        "tom",
        "Tom Hardcastle",
    )

    def __post_init__(self) -> None:
        object.__setattr__(self, "type", type(next(iter(self.words))))

    def known(self) -> tuple[str, ...]:
        """Their words, for people."""
        return tuple(word if isinstance(word, str) else shown(word) for word in self.words)

    def proven(self) -> dict[Word, Word]:
        """Ours to the word that is written, where that reads back as ours."""
        return {
            ours: word
            for ours, word in self.written.items()
            if ours != "" and type(word) is self.type and self.words.get(word, "") == ours
        }

    def forward(self, word: Any) -> Word:
        # Python holds True and 1 to be one key of a dict: the type is looked at before the word.
        if type(word) is not self.type:
            raise Unfit("M202", f"one of the table's words is expected, not {kind(word)}.", word, self.known())
        try:
            return self.words[word]
        except KeyError:
            if self.keep:
                return text.sound(word)
            raise Unfit("M201", f"{shown(word)} is no word of the table.", word, self.known()) from None

    def inverse(self, value: Any) -> Word:
        try:
            return self.written[value]
        except (KeyError, TypeError):
            if isinstance(value, (str, int)) and value in self.nearest:
                return self.nearest[value]
            if self.keep and isinstance(value, str):
                return text.sound(value)
            said = "is refused here by declaration" if value in self.refused else "has no word here"
            known = tuple(shown(ours) if isinstance(ours, bool) else str(ours) for ours in self.written)
            raise Unfit("M212", f"{shown(value)} {said}.", value, known) from None

    def same(self, one: Any, other: Any) -> bool:
        return bool(one == other)
