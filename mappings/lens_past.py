"""What a past change of one of their fields means: its words before and after, read by the same rules as the record.

A word is put where the field stands in the record as it is now, and the rule looks there: so its table, its op and its
slot are the mapping's own. What no rule reads means nothing here. Histories often tell numbers as text where the record
has numbers; a text that does not fit is read once more as the number that it writes. Pure. Next: `lens.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from mappings.declare_shape import Rule
from mappings.errors import MappingError, Unfit
from mappings.ops import Value
from mappings.paths import At, Body
from mappings.slots import Listed, own_names, replaced


@dataclass(frozen=True, slots=True)
class PastChange:
    """One of our paths, before and after. unread: why their words were not understood; both are None then."""

    path: str
    before: Value | None
    after: Value | None
    unread: MappingError | None = None


def past_changes(rules: Iterable[Rule], field: str, old: Any, new: Any, body: Body) -> Iterator[PastChange]:
    """What a change of this field of theirs means, for each of our paths that reads it. body: the record now."""
    for rule in rules:
        place = _place(rule, field)
        if place is None:
            continue
        try:
            yield PastChange(rule.path, _said(rule, place, old, body), _said(rule, place, new, body))
        except Unfit as unfit:
            yield PastChange(rule.path, None, None, unfit.at(rule.place, field))


def past_fields(rules: Iterable[Rule]) -> frozenset[str]:
    """Their fields of which a past change means something, as `past_changes` is given them."""
    return frozenset(name for rule in rules for each in rule.branches for name in _names(each))


def _names(rule: Rule) -> Iterator[str]:
    if isinstance(rule.slot, Listed):
        yield rule.slot.named
        return
    yield from (".".join(own_names(at)) for at in rule.reads)
    yield from (".".join(own_names(at)) for at in (rule.slot.writes if rule.slot is not None else ()))


def _place(rule: Rule, field: str) -> tuple[Rule, At] | None:
    """Which of the rules that stand here by turns has this field, and the way to it; () where its slot knows it.

    A member of a list is named with its sign, `custom_fields[id=2].value`: the list's name says nothing of it.
    """
    for each in rule.branches:
        if isinstance(each.slot, Listed):
            if field == each.slot.named:
                return each, ()
            continue
        for at in map(own_names, each.reads):
            if ".".join(at) == field:
                return each, at
        if each.slot is not None and field in {".".join(at) for at in map(own_names, each.slot.writes)}:
            return each, ()
    return None


def _said(rule: Rule, place: tuple[Rule, At], word: Any, body: Body) -> Value | None:
    """The value that the rule reads once this word stands there. Raises Unfit."""
    each, at = place

    def look(said: Any) -> Value | None:
        stored = replaced(body, at, said) if at or each.slot is None else each.slot.store(body, said)
        found: Value | None = rule.look(stored)
        return found

    try:
        return look(word)
    except Unfit:
        number = _number(word)
        if number is None:
            raise
        return look(number)


def _number(word: Any) -> int | Decimal | None:
    if not isinstance(word, str) or len(word) > 60:
        return None
    try:
        number = Decimal(word)
    except InvalidOperation:
        return None
    if not number.is_finite() or abs(number.adjusted()) > 30:
        return None
    return int(number) if number == number.to_integral_value() else number
