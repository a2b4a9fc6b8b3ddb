"""Numbers: whole or decimal, written as a number or as text. Never a float, never NaN, never without bounds.

Taken: JSON and XML numbers as int or Decimal, a finite float, and text such as "12.50". Refused: true and false, NaN,
infinity, other scripts' digits, more than 30 digits before or after the point. 12.5 and 12.50 mean the same.
Next: `ops_time.py`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar, Literal

from mappings.errors import Unfit, shown
from mappings.ops import Example
from mappings.paths import kind

DIGITS = 30
_PLAIN = re.compile(r"[+-]?[0-9]{1,60}(?:\.[0-9]{1,60})?")
_LONG = 10**DIGITS


@dataclass(frozen=True, slots=True)
class Number:
    """written: how a number goes out. least, most: what the path itself bounds (a feedback's score)."""

    kind: Literal["integer", "decimal"]
    written: Literal["number", "text"] = "number"
    least: int | None = None
    most: int | None = None
    example: ClassVar[Example] = Example(
        "A number: `integer` or `decimal`. `as: text` where their system keeps it as text.",
        {"from": "cost.amount", "number": "decimal", "as": "text"},
        "12.50",
        Decimal("12.50"),
    )

    def forward(self, word: Any) -> int | Decimal:
        return self._bounded(_exact(word))

    def inverse(self, value: Any) -> int | Decimal | str:
        number = self._bounded(_exact(value))
        return number if self.written == "number" else format(number, "f" if isinstance(number, Decimal) else "d")

    def same(self, one: Any, other: Any) -> bool:
        return bool(one == other)

    def _bounded(self, number: Decimal | int) -> Decimal | int:
        if self.kind == "integer":
            if number != int(number):
                raise Unfit("M211", f"a whole number is expected, not {shown(number)}.", number)
            number = int(number)
        elif isinstance(number, int):
            number = Decimal(number)
        if (self.least is not None and number < self.least) or (self.most is not None and number > self.most):
            raise Unfit("M211", f"{shown(number)} is not from {self.least} to {self.most}.", number)
        return number


def _exact(word: Any) -> Decimal | int:
    """The number that a word says, exactly."""
    if isinstance(word, bool) or not isinstance(word, (int, Decimal, float, str)):
        raise Unfit("M202", f"a number is expected, not {kind(word)}.", word)
    if isinstance(word, int):
        if not -_LONG < word < _LONG:
            raise Unfit("M210", f"the number has more than {DIGITS} digits.")
        return word
    if isinstance(word, str) and not _PLAIN.fullmatch(word):
        raise Unfit("M210", f"{shown(word)} is no plain number.", word)
    number = Decimal(repr(word) if isinstance(word, float) else word)
    if not number.is_finite():
        raise Unfit("M210", f"{shown(word)} is no number that can be kept.", word)
    exponent = number.as_tuple().exponent
    if number.adjusted() >= DIGITS or (isinstance(exponent, int) and exponent < -DIGITS):
        raise Unfit("M210", f"the number has more than {DIGITS} digits before or after the point.")
    return number if number else Decimal(0)
