"""The plain ops: text as it stands, a flag, a constant.

Next: `text.py` for what is refused in a text and what is kept, `ops_values.py` for tables.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from mappings import text
from mappings.errors import Unfit, shown
from mappings.ops import Example
from mappings.paths import kind


@dataclass(frozen=True, slots=True)
class Text:
    """Text as it stands. length: characters that their field takes; octets: bytes in UTF-8. Nothing is ever cut."""

    length: int | None = None
    octets: int | None = None
    example: ClassVar[Example] = Example(
        "A field under another name. `length` (or `bytes`) is what their field takes: a longer text is refused.",
        {"from": "asunto", "length": 255},
        "Router sin señal",
        "Router sin señal",
    )

    def forward(self, word: Any) -> str:
        if type(word) is str and word.isascii() and "\0" not in word:  # the usual case, without a further call
            return word
        if not isinstance(word, str):
            raise Unfit("M202", f"text is expected, not {kind(word)}.", word)
        return text.sound(word)

    def inverse(self, value: Any) -> str:
        if not isinstance(value, str):
            raise Unfit("M202", f"text is expected, not {kind(value)}.", value)
        return text.fitting(text.sound(value), self.length, self.octets)

    def same(self, one: Any, other: Any) -> bool:
        return text.same(one or None, other or None)


@dataclass(frozen=True, slots=True)
class Flag:
    """A true or false that both sides write as such."""

    example: ClassVar[Example] = Example(
        "True or false on both sides. For words such as S and N use a table.",
        {"from": "test", "flag": True},
        True,
        True,
    )

    def forward(self, word: Any) -> bool:
        if not isinstance(word, bool):
            raise Unfit("M202", f"true or false is expected, not {kind(word)}.", word)
        return word

    def inverse(self, value: Any) -> bool:
        return self.forward(value)

    def same(self, one: Any, other: Any) -> bool:
        return one is other


@dataclass(frozen=True, slots=True)
class Constant:
    """A value that their system does not hold because it is always the same there. It is never written; a case that
    brings another value is refused, because the field beside it would then mean something else (2 h kept as 2 min)."""

    value: str | int | bool
    example: ClassVar[Example] = Example(
        "What is always so in their system and has no field: their minutes are minutes.",
        {"constant": "min"},
        None,
        "min",
    )

    def forward(self, word: Any) -> str | int | bool:
        return self.value

    def inverse(self, value: Any) -> None:
        if value != self.value:
            raise Unfit("M213", f"this system knows only {shown(self.value)}, not {shown(value)}.", value)

    def same(self, one: Any, other: Any) -> bool:
        return bool(one == other)
