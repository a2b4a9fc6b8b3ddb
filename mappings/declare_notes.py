"""The notes as they are declared.

    notes:
      from: comments
      id: id
      author: author
      date: {from: created_at, time: iso}
      text: {from: body, length: 4000}
      language: language                                       # may be left out
      visibility: {from: audience, values: {internal: private, partners: partners, customer: customer}}

id, author and date are their system's to give; text, language and visibility are written. visibility is mandatory; for
a system whose notes are all alike it is `{constant: private}`. Next: `ops_notes.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mappings.case import Visibility
from mappings.declare_ops import op, rule_mapping, source
from mappings.declare_shape import Faults, Shared, described, misfit
from mappings.declare_values import table
from mappings.errors import Key, Place, shown
from mappings.ops_notes import Audience, Notes, Part, constant_audience
from mappings.paths import At, parse

KEYS = ("from", "id", "author", "date", "text", "language", "visibility")
NEEDED = ("from", "id", "author", "date", "text", "visibility")
NOT_HERE = ("to", "default", "lossy", "truncate", "when", "read_only", "required")
_LIKE: Mapping[str, str] = {"author": "name", "date": "creationDate", "text": "description", "language": "name"}
"""A canonical path that holds what a part of a note holds."""


def notes(given: object, faults: Faults, shared: Shared) -> Notes | None:
    """The notes of a declaration; None and faults where they are not right."""
    place: Place = ("notes",)
    parts = faults.mapping(place, given, "a mapping")
    if parts is None:
        return None
    before = len(faults.found)
    faults.keys(place, parts, KEYS, "the notes")
    for key in NEEDED:
        if key not in parts:
            why = " Unknown means private, but it must be said where it stands." if key == "visibility" else ""
            faults.add(place, "M123", f"`{key}` is missing.{why}", key)
    if len(faults.found) > before:
        return None
    at, native = (_way((*place, key), parts[key], faults) for key in ("from", "id"))
    made = {key: _part((*place, key), key, parts[key], faults, shared) for key in _LIKE if key in parts}
    seen = _audience((*place, "visibility"), parts["visibility"], faults, shared)
    if at is None or native is None or seen is None or len(faults.found) > before:
        return None
    author, date, text = made["author"], made["date"], made["text"]
    if author is None or date is None or text is None:
        return None
    return Notes(at, native, author, date, text, made.get("language"), *seen)


def _way(place: Place, given: object, faults: Faults) -> At | None:
    at = parse(given)
    if at is None:
        faults.add(place, "M108", f"{described(given)} is no way to a field.", given)
    return at


def _part(place: Place, key: str, given: object, faults: Faults, shared: Shared) -> Part | None:
    parts = rule_mapping(place, given, faults)
    if parts is None:
        return None
    for strange in (each for each in NOT_HERE if each in parts):
        faults.add((*place, strange), "M111", f"`{strange}` stands in no note: it is kept whole and as it is.", strange)
    at = source(place, parts, faults)
    if key == "text" and at == ():
        faults.add(place, "M118", "the text of a note cannot be a constant.", parts.get("constant"))
    made = op(place, _LIKE[key], parts, faults, shared, writes=key == "language")
    return None if at is None or made is None else Part(at, made)


def _audience(place: Place, given: object, faults: Faults, shared: Shared) -> tuple[At, Audience] | None:
    """Where the visibility stands and what its words mean."""
    parts = faults.mapping(place, given, "a table, or `{constant: private}`,")
    if parts is None:
        return None
    known = ("from", "values", "as", "back", "refuse", "marker", "constant")
    faults.keys(place, parts, known, "a note's visibility")
    at = source(place, parts, faults)
    if at == ():
        value = parts["constant"]
        wrong = misfit("visibility", value) if isinstance(value, str) else ("it is no word.", ())
        if wrong is not None:
            faults.add((*place, "constant"), "M103", wrong[0], value, wrong[1])
            return None
        return (), constant_audience(Visibility(value))
    if "values" not in parts:
        faults.add(place, "M110", "a table stands here: `values: {theirs: private, partners or customer}`.")
        return None
    before = len(faults.found)
    markers = _markers((*place, "marker"), parts.get("marker", {}), faults)
    lifted: tuple[Key, ...] = tuple(markers.values())
    made = table(place, "visibility", parts, faults, shared, writes=True, besides=lifted)
    if made is not None and markers and Visibility.PRIVATE not in made.written:
        faults.add((*place, "marker"), "M124", "a marker lifts a private note, and no word of theirs means private.")
    return (at, Audience(made, markers)) if at and made and len(faults.found) == before else None


def _markers(place: Place, given: object, faults: Faults) -> dict[str, Visibility]:
    parts: Mapping[Any, Any] | None = faults.mapping(place, given, '`"mark ": visibility`')
    markers: dict[str, Visibility] = {}
    for mark, lifted in (parts or {}).items():
        if not isinstance(mark, str) or not mark.strip():
            faults.add((*place, str(mark)), "M124", f"{shown(mark)} is no text that a note can start with.", mark)
        elif lifted not in {Visibility.PARTNERS, Visibility.CUSTOMER}:
            known = (str(Visibility.PARTNERS), str(Visibility.CUSTOMER))
            faults.add(
                (*place, mark),
                "M124",
                f"{described(lifted)} is nothing that a private note is lifted to.",
                lifted,
                known,
            )
        else:
            markers[mark] = Visibility(lifted)
    clash = [(one, two) for one in markers for two in markers if one != two and two.startswith(one)]
    for one, two in clash:
        faults.add((*place, two), "M124", f"{shown(two)} starts with the marker {shown(one)}.", two)
    return markers
