"""Amounts in another unit: their hours are our minutes, their cents are our money.

The amount is converted exactly and written to `places` digits after the point. Two amounts that they would write alike
mean the same, as two moments within one step do, so rounding starts no echo. Next: `ops_number.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from typing import Any, ClassVar

from mappings.errors import Unfit
from mappings.ops import Example
from mappings.ops_number import DIGITS, Number

UNITS: Mapping[str, Mapping[str, tuple[int, int]]] = {
    "effort.amount": {"seconds": (1, 60), "minutes": (1, 1), "hours": (60, 1)},
    "cost.amount": {"cents": (1, 100), "units": (1, 1)},
}
"""For each amount of ours: how many of ours one of theirs is, as a fraction. Effort is kept in minutes."""

_OURS = Decimal("1e-12")


@dataclass(frozen=True, slots=True)
class Measured:
    """ours = theirs * many / per. places: digits after the point that their field keeps."""

    number: Number
    many: int
    per: int
    places: int
    example: ClassVar[Example] = Example(
        "An amount in another unit: effort in `seconds`, `minutes` or `hours` (ours are minutes), money in `cents`. "
        "`places` is how many digits after the point their field keeps; amounts that they would write alike mean the "
        "same.",
        {"from": "hours", "number": "decimal", "unit": "hours", "places": 2},
        Decimal("1.50"),
        Decimal(90),
    )

    def forward(self, word: Any) -> Decimal:
        with localcontext() as context:
            context.prec = 2 * DIGITS
            ours = Decimal(self.number.forward(word)) * self.many / self.per
            return ours.quantize(_OURS).normalize() + Decimal(0)

    def inverse(self, value: Any) -> int | Decimal | str:
        return self.number.inverse(self._theirs(value))

    def same(self, one: Any, other: Any) -> bool:
        if one is None or other is None:
            return one is other
        try:
            return self._theirs(one) == self._theirs(other)
        except Unfit:
            return bool(one == other)

    def _theirs(self, value: Any) -> Decimal:
        with localcontext() as context:
            context.prec = 2 * DIGITS
            exact = Decimal(Number("decimal").forward(value)) * self.per / self.many
            return exact.quantize(Decimal(1).scaleb(-self.places), ROUND_HALF_EVEN)
