"""The laws of a lens, checked over bodies that are given: what does not hold comes back as faults, in words.

    GetPut   what was read and is written back changes nothing           M302
    PutGet   what is written reads back the same, and is then quiet      M303
    notes    a note that is written reads back the same                  M304

Each word of each table is put into the first body, so that a table is walked whole even where the bodies are few. Each
body's values are also written over its neighbour and into a new record. Pure and deterministic.
Next: `examples.py`, which brings bodies from examples.yaml; `description.py`, which asks the partner's own system.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from mappings.case import Note, Visibility
from mappings.declare_shape import Rule
from mappings.description import Described, check_description
from mappings.errors import Fault, MappingError, Place, shown, spoken
from mappings.generate import CORNERS, stored
from mappings.generate import records as generated
from mappings.laws_generated import chance, rule_laws, smallest_record
from mappings.lens import Body, Lens, Reading
from mappings.ops_notes import ReadNote
from mappings.ops_values import Table
from mappings.paths import merged, put
from mappings.stepping import check_moves

RECORDS = 40
"""How many records are generated for a check."""
REF = "casebridge/example-1"


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
        faults += note_laws(lens, body, reading.notes)
    if not losses:  # else each of them would break many records
        faults += record_laws(lens, bodies, fields or {}, records)
        faults += corner_notes(lens, bodies)
    return list({(fault.place, fault.code, fault.message): fault for fault in faults}.values())


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
    faults = list(get_put(lens, body, reading))
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


def note_laws(lens: Lens, body: Body, notes: Iterable[ReadNote]) -> Iterator[Fault]:
    """Each note that was read is written as the hub would, and read again."""
    if lens.notes is None:
        return
    for note in notes:
        carried = Note(
            partner="elsewhere", id=note.native_id, author=note.author, date=note.date,
            text=note.text, visibility=note.visibility, language=note.language,
        )  # fmt: skip
        try:
            back = _read_back(lens, lens.to_note(carried, company="Example", ref=REF), body, note)
        except MappingError as error:
            yield _broken(error.place, "M304", f"it cannot be written back: {error.message}", error.value)
            continue
        expected = (note.text, note.visibility, REF, note.language)
        if (back.text, back.visibility, back.ref, back.language) != expected:
            said = f"{shown(note.text)} for {note.visibility} reads back as {shown(back.text)} for {back.visibility}."
            yield _broken(("notes",), "M304", said, note.text)


def corner_notes(lens: Lens, bodies: Sequence[Body]) -> Iterator[Fault]:
    """Notes with texts that systems have been seen to change, for each visibility, in the place of a real one."""
    for body in bodies:
        for real in lens.to_case(body).notes[:1]:
            for text in (*CORNERS, "x\n\n— Ana, Company [a/1]"):
                for visibility in Visibility:
                    note = real._replace(text=text, visibility=visibility)
                    if _writable(lens, note):
                        yield from note_laws(lens, body, [note])
            return


def _writable(lens: Lens, note: ReadNote) -> bool:
    """Whether such a note is not refused by declaration."""
    carried = Note(
        partner="elsewhere", id=note.native_id, author=note.author, date=note.date,
        text=note.text, visibility=note.visibility, language=note.language,
    )  # fmt: skip
    try:
        lens.to_note(carried, company="Example", ref=REF)
    except MappingError:
        return False
    return True


def _read_back(lens: Lens, written: Mapping[str, Any], body: Body, note: ReadNote) -> ReadNote:
    """The written note as their system would tell it: with an id, an author and a date of its own."""
    assert lens.notes is not None
    items: Any = body
    for key in lens.notes.at:
        items = items[key]
    found = next(i for i, other in enumerate(lens.notes.read(body)) if other.native_id == note.native_id)
    whole: dict[str, Any] = {}
    put(whole, lens.notes.at, [merged(items[found], written)])
    return lens.notes.read(whole)[0]


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


def _unreadable(error: MappingError) -> Fault:
    return Fault(error.place, error.code, error.message, error.value, error.known)


def _broken(place: Place, code: str, message: str, value: object = None) -> Fault:
    return Fault(place, code, f"{spoken(place)}: {message}", value)
