"""What an op is: one step between a partner's word and our value, that knows its own way back.

Each op is a small frozen class with

    forward(word)      theirs to ours; raises Unfit. Never sees None or "": these are None on both sides
    inverse(value)     ours to theirs; raises Unfit
    same(one, other)   whether two of our values mean the same through this op, that is, whether writing the one over
                       the other would be pointless. This is what lets a partner's own word stay
    example            a rule as it stands in mapping.yaml, a word of theirs and the value of ours; a test runs it both
                       ways, and docs show it

An op may also have, for speed alone and with the same results,

    read(word)         forward as one plain function: what a compiled lens calls
    proved(value)      inverse where it is sure that the word reads back; LookupError where it is not

`OPS` names them all. Ops know no path, no field and no record: the lens adds these to what they say.
Next: `ops_text.py` (text, flag, constant), `ops_values.py`, `ops_number.py`, `ops_time.py`, `ops_notes.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar, Protocol

Value = str | int | Decimal | bool | datetime
"""What stands at a canonical path, besides None. Times are aware and keep the offset of their source."""


@dataclass(frozen=True, slots=True)
class Example:
    """How an op is declared and what it does. back: the word that is written, where it is not the one that was read."""

    says: str
    rule: Mapping[str, Any]
    theirs: Any
    ours: Value
    back: Any = None

    @property
    def written(self) -> Any:
        """The word that the value goes back as."""
        return self.theirs if self.back is None else self.back


class Op(Protocol):
    """One step, both ways."""

    example: ClassVar[Example]

    def forward(self, word: Any) -> Value:
        """Our value of their word."""

    def inverse(self, value: Any) -> Any:
        """Their word for our value."""

    def same(self, one: Any, other: Any) -> bool:
        """Whether both of our values, or None, mean the same here."""
