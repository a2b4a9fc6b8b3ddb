"""Several rules for one path, one of which stands by the word in another field of theirs.

Forward and inverse take that word beside the word or the value. Next: `declare_when.py`; `lens.py`, which looks the
word up in the record, or in the patch where it is about to change.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from mappings.errors import Unfit, shown
from mappings.ops import Example, Op


@dataclass(frozen=True, slots=True)
class When:
    """by_word: the op of each word; otherwise: of every other."""

    by_word: Mapping[str, Op]
    otherwise: Op | None
    example: ClassVar[Example] = Example(
        "One of several rules, by the word in another field of theirs. Without `else` there is nothing to be read for "
        "other words, and a value for them is refused.",
        {"when": {"field": "kind", "is": {"Complaint": "complaint.text"}, "else": "comment"}},
        ("Complaint", "It took four days"),
        "It took four days",
    )

    def forward(self, word: Any) -> Any:
        chosen, said = word
        return self._op(chosen).forward(said)

    def inverse(self, value: Any) -> Any:
        chosen, ours = value
        return chosen, self._op(chosen).inverse(ours)

    def same(self, one: Any, other: Any) -> bool:
        ops = (*self.by_word.values(), *(() if self.otherwise is None else (self.otherwise,)))
        return any(op.same(one, other) for op in ops)

    def _op(self, chosen: str) -> Op:
        op = self.by_word.get(chosen, self.otherwise)
        if op is None:
            raise Unfit("M221", f"no rule stands for {shown(chosen)}.", chosen, tuple(self.by_word))
        return op
