"""The laws of a lens, checked over bodies that are given: what does not hold comes back as faults, in words.

    GetPut   what was read and is written back changes nothing           M302
    PutGet   what is written reads back the same, and is then quiet      M303
    lists    a note or a file that is written reads back the same        M304

Each word of each table is put into the first body, so that a table is walked whole even where the bodies are few. Each
body's values are also written over its neighbour and into a new record. Pure and deterministic.
Next: `laws_lists.py`, `laws_generated.py`; `examples.py`, which brings bodies from examples.yaml; `description.py`,
which asks the partner's own system.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from mappings.declare_shape import Rule
from mappings.description import Described, check_description
from mappings.errors import Fault, MappingError, Place, shown, spoken
from mappings.generate import records as generated
from mappings.generate import stored
from mappings.laws_generated import chance, rule_laws, smallest_record
from mappings.laws_lists import corner_laws, list_laws, writable
from mappings.lens import Body, Lens, Reading
from mappings.ops_values import Table
from mappings.stepping import check_moves

RECORDS = 40
"""How many records are generated for a check."""


def check_laws(
    lens: Lens, bodies: Sequence[Body], fields: Mapping[str, Described] | None = None, records: int = RECORDS
) -> list[Fault]:
    """What does not hold over these records and over as many generated ones. fields: what their system says of its
    fields, by dotted name, where that is known. Empty: all does."""
    read: list[tuple[Body, Reading]] = []
    faults: list[Fault] = list(check_moves(lens.transitions, lens.rules))
    faults += check_description(lens, fields) if fields else []
    losses = list(rule_laws(lens, bodies, fields))
    faults += losses
    for body in (*bodies, *_every_word(lens, bodies)):
        try:
            read.append((body, lens.to_case(body)))
        except MappingError as error:
            faults.append(_unreadable(error))
    told = _told(lens)
    for number, (body, reading) in enumerate(read):
        faults += get_put(lens, body, reading)
        values = reading.values | told
        faults += put_get(lens, values, None)
        faults += put_get(lens, values, read[number - 1][0])
        faults += list_laws(lens, body, reading)
    if not losses:  # else each of them would break many records
        faults += record_laws(lens, bodies, fields or {}, records)
        faults += corner_laws(lens, bodies)
    return _told_once(faults)


def record_laws(lens: Lens, bodies: Sequence[Body], fields: Mapping[str, Described], records: int) -> Iterator[Fault]:
    """GetPut and PutGet over generated records, each written as a new one and over the one before."""
    before, told = None, _told(lens)
    for body in generated(lens, chance(), records, fields, bodies):
        found = _broken_by(lens, body, before, told)
        if found:
            small = smallest_record(lens, body, partial(_breaks, lens, before, told))
            yield from _broken_by(lens, small, before, told)
            return
        before = body


def _breaks(lens: Lens, before: Body | None, told: Mapping[str, Any], body: Body) -> bool:
    return bool(_broken_by(lens, body, before, told))


def _broken_by(lens: Lens, body: Body, before: Body | None, told: Mapping[str, Any]) -> list[Fault]:
    """What one generated record breaks. A record that is refused on the way in, or a value on the way out, is parked
    and told: that is no fault of the mapping."""
    try:
        reading = lens.to_case(body)
    except MappingError:
        return []
    faults = [*get_put(lens, body, reading), *list_laws(lens, body, reading, only=writable)]
    kept = {path: value for path, value in reading.values.items() if not _refused(lens, path, value)}
    values = kept | dict(told)
    for base in (None, before):
        faults += [fault for fault in put_get(lens, values, base) if fault.code != "M303" or not _late(fault)]
    return faults


def _refused(lens: Lens, path: str, value: Any) -> bool:
    try:
        lens.to_partner({path: value}, {})
    except MappingError:
        return True
    return False


def _late(fault: Fault) -> bool:
    return "required" in fault.message or "is not given" in fault.message


def get_put(lens: Lens, body: Body, reading: Reading) -> Iterator[Fault]:
    """What was read is written back: nothing may change."""
    try:
        patch = lens.to_partner(reading.values, body)
    except MappingError as error:
        yield _broken(error.place, "M302", f"what was read cannot be written back: {error.message}", error.value)
        return
    for path in patch.paths:
        value = shown(reading.values[path])
        yield _broken(("case", path), "M302", f"it is read as {value}, and writing that back changes their record.")


def put_get(lens: Lens, values: Mapping[str, Any], base: Body | None) -> Iterator[Fault]:
    """Values are written, over a record or as a new one: they must read back, and a second time nothing is written."""
    into = "a new record" if base is None else "another record"
    try:
        after = lens.apply(base or {}, lens.to_partner(values, base))
        back, again = lens.to_case(after).values, lens.to_partner(values, after)
    except MappingError as error:
        yield _broken(error.place, "M303", f"it cannot be written into {into}: {error.message}", error.value)
        return
    for rule in lens.rules:
        if rule.read_only or rule.told or rule.path not in values:
            continue
        wrote, got = values[rule.path], back.get(rule.path)
        if not lens.same(rule.path, wrote, got):
            message = f"{shown(wrote)} is written into {into} and reads back as {shown(got)}."
            yield _broken(rule.place, "M303", message, wrote)
    for path in again.paths:
        yield _broken(("case", path), "M303", f"{shown(values[path])} would be written again and again.", values[path])


def tables(lens: Lens) -> Iterator[tuple[Rule, Table]]:
    """The rules that have a table, with it."""
    for rule in lens.rules:
        if isinstance(rule.op, Table):
            yield rule, rule.op


def _every_word(lens: Lens, bodies: Sequence[Body]) -> Iterator[Body]:
    """The first record, once with each word of each table."""
    for rule, table in tables(lens):
        for word in table.words if bodies else ():
            yield stored(rule, bodies[0], word)


def _told(lens: Lens) -> dict[str, Any]:
    """Some value for each path that is only written."""
    some: dict[str, Any] = {rule.path: "NC-1042" for rule in lens.rules if rule.told}
    return some | {rule.path: next(iter(table.written)) for rule, table in tables(lens) if rule.told}


def _told_once(faults: Sequence[Fault]) -> list[Fault]:
    """Each fault once; of what is lost in a list, the smallest case of each part."""
    once: dict[tuple[Any, ...], Fault] = {}
    for fault in faults:
        key = (fault.place, fault.code, "" if fault.code == "M304" else fault.message)
        if key not in once or len(fault.message) < len(once[key].message):
            once[key] = fault
    return list(once.values())


def _unreadable(error: MappingError) -> Fault:
    return Fault(error.place, error.code, error.message, error.value, error.known)


def _broken(place: Place, code: str, message: str, value: object = None) -> Fault:
    return Fault(place, code, f"{spoken(place)}: {message}", value)
