"""The escape hatch: a named Python function and its inverse, kept in the partner's folder, under the same laws.

The room loads no module: whoever compiles a declaration hands the functions in. A ValueError of theirs says that a
word does not fit; what they give is looked at before it stands in a case. Next: `declare_more.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from mappings import text
from mappings.errors import Unfit, shown
from mappings.ops import Example
from mappings.paths import kind

Ways = tuple[Callable[[Any], Any], Callable[[Any], Any]]
"""Theirs to ours, and ours to theirs."""
Functions = Mapping[str, Ways]


@dataclass(frozen=True, slots=True)
class Named:
    """wants: the types that its path holds. known: its fixed list, () where it is open."""

    name: str
    wants: tuple[type[Any], ...]
    known: tuple[str, ...]
    there: Callable[[Any], Any]
    back: Callable[[Any], Any]
    example: ClassVar[Example] = Example(
        "A function of the partner's own folder and its inverse, `python: module:name`, for what no other op says. It "
        "stands under the same laws: `casebridge check` runs it both ways.",
        {"from": "telefono", "python": "phones:national"},
        "601 555 0142",
        "+57 601 555 0142",
    )

    def forward(self, word: Any) -> Any:
        value = self._run(self.there, word)
        if type(value) not in self.wants:
            raise Unfit("M222", f"the function {self.name} gave {kind(value)}, which is nothing for this path.", value)
        if self.known and value not in self.known:
            raise Unfit("M222", f"the function {self.name} gave {shown(value)}.", value, self.known)
        return text.sound(value) if isinstance(value, str) else value

    def inverse(self, value: Any) -> Any:
        return self._run(self.back, text.sound(value) if isinstance(value, str) else value)

    def same(self, one: Any, other: Any) -> bool:
        return text.same(one or None, other or None) if isinstance(one, str) else bool(one == other)

    def _run(self, way: Callable[[Any], Any], given: Any) -> Any:
        try:
            return way(given)
        except (ValueError, TypeError, LookupError, ArithmeticError, AttributeError) as error:
            raise Unfit("M222", f"the function {self.name} does not take it: {type(error).__name__}.", given) from None
