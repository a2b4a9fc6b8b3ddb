"""A partner's examples.yaml, run in both directions: real records of theirs beside what they mean to us.

    - name: a closed complaint
      body: {...}                 # exactly as the connector gives it
      case: {status: closed, creationDate: "2026-11-20T09:15:00+00:00", ...}
      notes: [{id: "7", author: Ana, date: "...", text: ..., visibility: private}]

`case` names every path that has a value; a mapped path that it leaves out must be empty. Times are in ISO 8601 with
the offset of the source, amounts may be quoted. Then the laws are checked over all the bodies. A fault's place leads
into examples.yaml where its code is M301 or M305, else into mapping.yaml. Next: `laws.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from mappings.description import Described
from mappings.errors import Fault, MappingError, Place, shown
from mappings.laws import check_laws
from mappings.lens import Body, Lens, Reading
from mappings.ops_notes import ReadNote

KEYS = ("name", "body", "case", "notes")
NOTE_KEYS = ("id", "author", "date", "text", "visibility", "language", "ref")


def check_examples(lens: Lens, examples: object, fields: Mapping[str, Described] | None = None) -> list[Fault]:
    """What does not hold in the examples, given as plain data. fields: what their system says of its fields, by dotted
    name, where that is known. Empty: all does, both ways."""
    faults: list[Fault] = []
    bodies: list[Body] = []
    if not isinstance(examples, Sequence) or isinstance(examples, str) or not examples:
        return [Fault((), "M305", "examples: a list of `{name, body, case, notes}` is expected.", examples)]
    for number, example in enumerate(examples):
        wrong = list(_shape(number, example))
        faults += wrong
        if wrong:
            continue
        try:
            reading = lens.to_case(example["body"])
        except MappingError as error:
            message = f"{_named(number, example)}: {error.message}"
            faults.append(Fault(error.place, error.code, message, error.value, error.known))
            continue
        bodies.append(example["body"])
        faults += _forward(lens, reading, number, example)
    return faults + check_laws(lens, bodies, fields)


def _shape(number: int, example: Any) -> Iterator[Fault]:
    """What is wrong with how one example is written."""
    if not isinstance(example, Mapping):
        yield Fault((number,), "M305", f"example {number + 1}: a mapping is expected.", example)
        return
    said = f"example {number + 1}"
    for key in example:
        if key not in KEYS:
            yield Fault((number, key), "M305", f"{said}: {shown(key)} is no key of an example.", key, KEYS)
    for key in ("body", "case"):
        if not isinstance(example.get(key), Mapping):
            yield Fault((number, key), "M305", f"{said}: `{key}` must be a mapping.", key)
    notes = example.get("notes", [])
    if not isinstance(notes, list) or not all(isinstance(note, Mapping) for note in notes):
        yield Fault((number, "notes"), "M305", f"{said}: `notes` must be a list of mappings.")
        return
    for index, note in enumerate(notes):
        for key in note:
            if key not in NOTE_KEYS:
                message = f"{said}: {shown(key)} is no key of a note."
                yield Fault((number, "notes", index, key), "M305", message, key, NOTE_KEYS)


def _named(number: int, example: Mapping[str, Any]) -> str:
    return f"example {example.get('name', number + 1)!r}"


def _forward(lens: Lens, reading: Reading, number: int, example: Mapping[str, Any]) -> Iterator[Fault]:
    """Their record in our terms, beside what the example says it means."""
    said = _named(number, example)
    expected = example["case"]
    for path in expected:
        if path not in lens.paths:
            message = f"{said}, {path}: this path is not read from their records."
            yield Fault((number, "case", path), "M301", message, path, tuple(sorted(lens.paths)))
    for path, got in reading.values.items():
        place: Place = (number, "case", path) if path in expected else (number, "case")
        if not alike(expected.get(path), got):
            message = f"{said}, {path}: {shown(expected.get(path))} is expected, {shown(got)} was read."
            yield Fault(place, "M301", message, got)
    notes = example.get("notes", [])
    if len(notes) != len(reading.notes):
        message = f"{said}, notes: {len(notes)} are expected, {len(reading.notes)} were read."
        yield Fault((number, "notes"), "M301", message)
        return
    for index, (wanted, note) in enumerate(zip(notes, reading.notes, strict=True)):
        yield from _note(said, (number, "notes", index), wanted, note)


def _note(said: str, place: Place, wanted: Mapping[str, Any], note: ReadNote) -> Iterator[Fault]:
    got: dict[str, Any] = {
        "id": note.native_id, "author": note.author, "date": note.date, "text": note.text,
        "visibility": str(note.visibility), "language": note.language, "ref": note.ref,
    }  # fmt: skip
    for key, value in got.items():
        if (key in wanted or key == "ref") and not alike(wanted.get(key), value):
            message = (
                f"{said}, note {note.native_id}, {key}: {shown(wanted.get(key))} is expected, {shown(value)} was read."
            )
            yield Fault((*place, key), "M301", message, value)


def alike(expected: object, got: object) -> bool:
    """Whether an example's plain value says what was read: a time with its offset, a number however it is written."""
    if isinstance(got, datetime):
        try:
            moment = datetime.fromisoformat(str(expected))
        except ValueError:
            return False
        return moment.tzinfo is not None and moment == got and moment.utcoffset() == got.utcoffset()
    if isinstance(got, (int, Decimal)) and not isinstance(got, bool):
        try:
            return not isinstance(expected, bool) and Decimal(str(expected)) == got
        except InvalidOperation:
            return False
    return type(expected) is type(got) and expected == got
