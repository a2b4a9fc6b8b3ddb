"""A mapping beside what the partner's own system says of its fields: picklists, lengths, names.

Pure: the caller brings the description (connectors' FieldDescription has the two attributes that are looked at).
A picklist value that the table does not name would park a record some day; a word that the system no longer has would
be rejected on the way out. Both are found here, before. Next: `laws.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

from mappings.declare_shape import Rule
from mappings.errors import Fault, Place, shown, spoken
from mappings.lens import Lens
from mappings.ops_cut import Cut
from mappings.ops_text import Text
from mappings.ops_values import Table


class Described(Protocol):
    """What a system says of one field. length: characters, None where it has no bound. values: its picklist."""

    @property
    def length(self) -> int | None: ...

    @property
    def values(self) -> Sequence[str]: ...


def check_description(lens: Lens, fields: Mapping[str, Described]) -> list[Fault]:
    """What in the mapping does not fit the described fields, by dotted name. Empty: all does."""
    faults: list[Fault] = []
    for rule in lens.rules:
        if not rule.at:
            continue
        described = fields.get(rule.field) or fields.get(rule.at[0])
        if described is None:
            # What only their system writes (numbers, stamps) is not described by every system.
            faults += (
                []
                if rule.read_only
                else [_fault(rule, "M306", f"they have no field {rule.field}.", rule.field, fields)]
            )
        elif isinstance(rule.op, Table):
            faults += _words(rule, rule.op, described)
        elif isinstance(rule.op, Text) and rule.op.length and described.length and rule.op.length > described.length:
            message = f"the field takes {described.length} characters, not {rule.op.length}."
            faults.append(_fault(rule, "M309", message, rule.op.length, (), "length"))
        elif isinstance(rule.op, Cut) and described.length and rule.op.at > described.length:
            message = f"the field takes {described.length} characters, not {rule.op.at}."
            faults.append(_fault(rule, "M309", message, rule.op.at, (), "truncate"))
    return faults


def _words(rule: Rule, table: Table, described: Described) -> Iterator[Fault]:
    """Their picklist against the table."""
    values = tuple(described.values)
    if not values or table.type is not str:
        return
    for word in values:
        if word not in table.words:
            yield _fault(rule, "M307", f"{shown(word)} is in their picklist and not in the table.", word, (), "values")
    for known in table.words:
        if known not in values:
            yield _fault(rule, "M308", f"{shown(known)} is not in their picklist.", known, values, "values")


def _fault(
    rule: Rule, code: str, message: str, value: object, known: Sequence[str] | Mapping[str, object], key: str = ""
) -> Fault:
    place: Place = (*rule.place, key) if key else rule.place
    return Fault(place, code, f"{spoken(rule.place)}: {message}", value, tuple(known))
