"""Marked words that stand nowhere else, and whose they are.

A word is 16 small letters and digits between two marks, a number is 12 digits after one: short enough for most fields,
long enough that none comes about by chance. Pure: the source of chance is brought. Next: `seeing.py`, which finds them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Literal

FOUND = re.compile(r"kq[a-z0-9]{12}qk|77\d{10}", re.IGNORECASE)
_LETTERS = "abcdefghijklmnoprstuvwxyz0123456789"  # no q: a mark begins and ends nowhere else

Kind = Literal[
    "field", "note", "note author", "file name", "file", "file author", "number", "misfit", "error", "secret"
]
"""misfit: a word in their field that no table knows. error: what their own system says where it fails. secret: of
our login there."""


@dataclass(frozen=True, slots=True)
class Canary:
    """One marked word. company: whose word it is. case: the story's name of the case. kind, name: where it was put:
    a path of the case, or the visibility of a note or a file."""

    token: str
    company: str
    case: str
    kind: Kind
    name: str = ""

    def __str__(self) -> str:
        return f"{self.kind} {self.name}".strip()


@dataclass(slots=True)
class Aviary:
    """All that were planted. chance: brought by the caller, so that a test can repeat itself."""

    chance: Random
    known: dict[str, Canary] = field(default_factory=dict)

    def word(self, company: str, case: str, kind: Kind, name: str = "") -> str:
        """A new marked word."""
        token = "kq" + "".join(self.chance.choice(_LETTERS) for _ in range(12)) + "qk"
        return self._keep(Canary(token, company, case, kind, name))

    def number(self, company: str, case: str, name: str) -> int:
        """A new marked number."""
        token = "77" + "".join(self.chance.choice("0123456789") for _ in range(10))
        return int(self._keep(Canary(token, company, case, "field", name)))

    def named_in(self, text: str) -> Iterator[Canary]:
        """Those that stand in this text, in capitals or not."""
        for token in dict.fromkeys(one.lower() for one in FOUND.findall(text)):
            if token in self.known:
                yield self.known[token]

    def forget(self, token: str) -> None:
        """It was planted nowhere after all: no field took it."""
        self.known.pop(token, None)

    def _keep(self, canary: Canary) -> str:
        self.known[canary.token] = canary
        return canary.token
