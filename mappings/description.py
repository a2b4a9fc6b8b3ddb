"""A mapping beside what the partner's own system says of its fields: picklists, lengths, names, what must be given.

Pure: the caller brings the description (connectors' FieldDescription has the attributes that are looked at).
A picklist value that the table does not name would park a record some day; a word that the system no longer has, a text
longer than its field, an empty field that it requires would be rejected on the way out. All are found here, before.
Next: `laws.py`.
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
    """What a system says of one field. length: characters, None where it has no bound. values: its picklist.
    required: it refuses a record without one."""

    @property
    def length(self) -> int | None: ...

    @property
    def values(self) -> Sequence[str]: ...

    @property
    def required(self) -> bool: ...


GIVEN = frozenset({"id", "status", "holder", "accountable", "contactPoint"})
"""Paths that no case which the hub brings to a partner is without."""


def check_description(lens: Lens, fields: Mapping[str, Described]) -> list[Fault]:
    """What in the mapping does not fit the described fields, by dotted name. Empty: all does."""
    faults: list[Fault] = []
    for rule in (branch for whole in lens.rules for branch in whole.branches):
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
            continue
        if isinstance(rule.op, Table):
            faults += _words(rule, rule.op, described)
        elif not rule.read_only:
            faults += _length(rule, described)
    return faults + list(_required(lens, fields))


def _length(rule: Rule, described: Described) -> Iterator[Fault]:
    """How long a text may be that is written, against what the field takes."""
    op, most = rule.op, described.length
    if most is None or not isinstance(op, (Text, Cut)) or (isinstance(op, Text) and op.octets is not None):
        return
    declared, key = (op.at, "truncate") if isinstance(op, Cut) else (op.length, "length")
    if declared is None:
        message = f"the field takes {most} characters, and any length would be written. Say `length: {most}`."
        yield _fault(rule, "M309", message, None, ())
    elif declared > most:
        yield _fault(rule, "M309", f"the field takes {most} characters, not {declared}.", declared, (), key)


def _required(lens: Lens, fields: Mapping[str, Described]) -> Iterator[Fault]:
    """Fields that a new record may not be without: given by each case, or once by `create`."""
    written = {rule.field: rule for whole in lens.rules for rule in whole.branches if rule.at and not rule.read_only}
    given = {".".join(at) for at, _ in lens.create}
    for name, described in fields.items():
        rule = written.get(name)
        if not described.required or name in given:
            continue
        if rule is None:
            message = f"they require {name}, and nothing gives it. Map it, or give it once under `create`."
            yield Fault(("case",), "M312", message, name)
        elif not rule.required and rule.path not in GIVEN:
            yield _fault(
                rule, "M312", f"they require {name}, and a case may be without. Say `required: true`.", name, ()
            )


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
