"""A text that is cut for a short field: only where it is declared, and with what happens to the rest.

What they show ends in a mark then, and two texts that they would show alike mean the same, so the cut text never
comes back as the case's own. Where the rest is to be a note, what is left over is told by `Lens.rests`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal
from unicodedata import combining

from mappings import text
from mappings.ops import Example
from mappings.ops_text import Text

Rest = Literal["note", "drop"]
RESTS: tuple[str, ...] = ("note", "drop")
MARK = "…"
_JOINER = "\u200d"


@dataclass(frozen=True, slots=True)
class Cut:
    """at: characters that their field takes, the mark included. No character is parted from its marks."""

    at: int
    rest: Rest
    example: ClassVar[Example] = Example(
        "A text that is cut where their field ends, by declaration alone. `rest: note`: what is left over follows as a "
        "note for partners, once, and again when it changes; `rest: drop`, beside `lossy: why`: they do without it. "
        "The whole text stays ours; an edit of what they see takes its place.",
        {"from": "summary", "truncate": {"at": 12, "rest": "note"}},
        "No signal s…",
        "No signal s…",
    )

    def forward(self, word: Any) -> str:
        return _PLAIN.forward(word)

    def inverse(self, value: Any) -> str:
        whole = _PLAIN.inverse(value)
        if not self.cuts(whole):
            return whole
        end = self.at - len(MARK)
        while end > 0 and (combining(whole[end]) or _JOINER in (whole[end], whole[end - 1])):
            end -= 1
        return whole[:end] + MARK

    def left(self, value: Any) -> str:
        """What does not fit: joined to what they show, without its mark, it is the whole text. "" where all fits."""
        if not self.cuts(value):
            return ""
        return _PLAIN.inverse(value)[len(self.inverse(value)) - len(MARK) :]

    def cuts(self, value: Any) -> bool:
        """Whether this text does not fit."""
        return isinstance(value, str) and len(value) > self.at

    def same(self, one: Any, other: Any) -> bool:
        return text.same(self._shown(one), self._shown(other))

    def _shown(self, value: Any) -> Any:
        return self.inverse(value) if self.cuts(value) else value or None


_PLAIN = Text()
