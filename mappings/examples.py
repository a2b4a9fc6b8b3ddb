"""A partner's examples.yaml, run in both directions: real records of theirs beside what they mean to us.

    - name: a closed complaint
      body: {...}                 # exactly as the connector gives it
      case: {status: closed, creationDate: "2026-11-20T09:15:00+00:00", ...}
      notes: [{id: "7", author: Ana, date: "...", text: ..., visibility: private}]
      feedback: [{id: "3", score: 5, date: "..."}]
      attachments: [{id: "9", name: bill.pdf, type: application/pdf, author: Ana, visibility: customer}]

`case` names every path that has a value; a mapped path that it leaves out must be empty. Times are in ISO 8601 with
the offset of the source, amounts may be quoted. Then the laws are checked over all the bodies. A fault's place leads
into examples.yaml where its code is M301 or M305, else into mapping.yaml. Next: `laws.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from mappings.case import Visibility
from mappings.description import Described
from mappings.errors import Fault, MappingError, Place, shown
from mappings.laws import check_laws
from mappings.lens import Body, Lens, Reading

MEMBERS: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "notes": ("note", {
        "id": "native_id", "author": "author", "date": "date", "text": "text", "visibility": "visibility",
        "language": "language", "ref": "ref",
    }),
    "feedback": ("answer", {"id": "native_id", "score": "score", "text": "text", "date": "date"}),
    "attachments": ("attachment", {
        "id": "native_id", "name": "name", "type": "mime_type", "size": "size", "author": "author", "date": "date",
        "visibility": "visibility",
    }),
}  # fmt: skip
"""The lists of an example: what a member is called, its keys, and what they say of what is read."""
KEYS = ("name", "body", "case", *MEMBERS)


def check_examples(lens: Lens, examples: object, fields: Mapping[str, Described] | None = None) -> list[Fault]:
    """What does not hold in the examples, given as plain data. fields: what their system says of its fields, by dotted
    name, where that is known. Empty: all does, both ways."""
    faults: list[Fault] = []
    bodies: list[Body] = []
    if not isinstance(examples, Sequence) or isinstance(examples, str) or not examples:
        return [Fault((), "M305", f"examples: a list of `{{{', '.join(KEYS)}}}` is expected.", examples)]
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
    for section, (one, keys) in MEMBERS.items():
        yield from _list_shape((number, section), f"{said}: ", example.get(section, []), one, tuple(keys))


def _list_shape(place: Place, said: str, members: object, one: str, keys: tuple[str, ...]) -> Iterator[Fault]:
    if not isinstance(members, list) or not all(isinstance(member, Mapping) for member in members):
        yield Fault(place, "M305", f"{said}`{place[-1]}` must be a list of mappings.")
        return
    for index, member in enumerate(members):
        for key in member:
            if key not in keys:
                message = f"{said}{shown(key)} is no key of {'an' if one[0] == 'a' else 'a'} {one}."
                yield Fault((*place, index, key), "M305", message, key, keys)


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
    for section, (one, keys) in MEMBERS.items():
        members = getattr(reading, section)
        yield from _list(f"{said}, ", (number, section), example.get(section, []), members, one, keys)


def _list(
    said: str, place: Place, expected: Sequence[Any], members: Sequence[Any], one: str, keys: Mapping[str, str]
) -> Iterator[Fault]:
    """The members of one list, beside what the example says of them."""
    if len(expected) != len(members):
        message = f"{said}{place[-1]}: {len(expected)} are expected, {len(members)} were read."
        yield Fault(place, "M301", message)
        return
    for index, (wanted, member) in enumerate(zip(expected, members, strict=True)):
        for key, name in keys.items():
            value = getattr(member, name)
            got = str(value) if isinstance(value, Visibility) else value
            if (key in wanted or key == "ref") and not alike(wanted.get(key), got):
                found = f"{shown(wanted.get(key))} is expected, {shown(got)} was read."
                yield Fault((*place, index, key), "M301", f"{said}{one} {member.native_id}, {key}: {found}", got)


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
