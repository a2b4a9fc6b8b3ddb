"""The lists with identity as they are declared: notes, feedback and attachments.

    notes:
      from: comments
      id: id
      author: author
      date: {from: created_at, time: iso}
      text: {from: body, length: 4000}
      language: language                                       # may be left out
      visibility: {from: audience, values: {internal: private, partners: partners, customer: customer}}
    notes:                                                     # where notes stand in several lists
      - {from: comments, ...}                                  # the first: what the hub writes goes here
      - from: mails                                            # the others are read alone
        id: id
        ...
        text: {from: body, else: {from: html, format: html}}   # else: where nothing stands there
        visibility: {constant: customer}
    feedback:                                                  # read, and never written
      from: surveys
      id: id
      score: {from: rating, number: integer}                   # or a table whose values are 1 to 5
      text: comment                                            # may be left out
      date: {from: answered_at, time: iso}
    attachments:
      from: files
      id: id
      name: {from: filename, length: 255}
      type: content_type                                       # these three may be left out
      size: {from: bytes, number: integer}
      date: {from: created_at, time: iso}
      author: author
      visibility: {from: audience, values: {internal: private, partners: partners, customer: customer}}

Of a note text, language and visibility are written, of an attachment name, type and visibility; all else is their
system's to give. visibility is mandatory; for a system where all are alike it is `{constant: private}`.
Ids of a further list of notes begin with its field, so that no two lists share one.
Next: `declare_members.py` for what they share, `ops_list.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mappings.declare_members import audience as audience_of
from mappings.declare_members import part, way
from mappings.declare_shape import ATTACHMENT_SIZE, Faults, Shared
from mappings.errors import Place
from mappings.ops_attachments import Attachments
from mappings.ops_feedback import Surveys
from mappings.ops_list import Listing, Part
from mappings.ops_notes import Notes
from mappings.paths import At


@dataclass(frozen=True, slots=True)
class Section:
    """What a list is declared with. one: what a member is called. like: its parts, each with the canonical path that
    holds what it holds. optional: what may be left out. written: what is also written. fixed: parts that can be no
    constant. seen: whether it says who may see a member. marked: whether a text may begin with a marker.
    several: whether there may be several such lists."""

    name: str
    one: str
    like: Mapping[str, str]
    optional: frozenset[str] = frozenset()
    written: frozenset[str] = frozenset()
    fixed: frozenset[str] = frozenset()
    seen: bool = True
    marked: bool = False
    several: bool = False

    @property
    def keys(self) -> tuple[str, ...]:
        """Every key, in the order in which they are said."""
        return ("from", "id", *self.like, *(["visibility"] if self.seen else []))

    @property
    def needed(self) -> tuple[str, ...]:
        """The keys that may not be left out."""
        return tuple(key for key in self.keys if key not in self.optional)


NOTES = Section(
    "notes",
    "note",
    {"author": "name", "date": "creationDate", "text": "description", "language": "name"},
    optional=frozenset({"language"}),
    written=frozenset({"text", "language"}),
    fixed=frozenset({"text"}),
    marked=True,
    several=True,
)
FEEDBACK = Section(
    "feedback",
    "answer",
    {"score": "feedback.score", "text": "feedback.text", "date": "feedback.date"},
    optional=frozenset({"text"}),
    fixed=frozenset({"text"}),
    seen=False,
)
ATTACHMENTS = Section(
    "attachments",
    "attachment",
    {"name": "name", "type": "name", "size": ATTACHMENT_SIZE, "author": "name", "date": "creationDate"},
    optional=frozenset({"type", "size", "date"}),
    written=frozenset({"name", "type"}),
    fixed=frozenset({"name"}),
)
SECTIONS: Mapping[str, Section] = {each.name: each for each in (NOTES, FEEDBACK, ATTACHMENTS)}


@dataclass(frozen=True, slots=True)
class Lists:
    """The lists of a declaration; None where one is not declared. more_notes: further lists of notes, read alone."""

    notes: Notes | None = None
    more_notes: tuple[Notes, ...] = ()
    feedback: Surveys | None = None
    attachments: Attachments | None = None

    @property
    def declared(self) -> tuple[Listing, ...]:
        """Those that there are."""
        return tuple(
            each for each in (self.notes, *self.more_notes, self.feedback, self.attachments) if each is not None
        )


def lists(whole: Mapping[Any, Any], faults: Faults, shared: Shared) -> Lists:
    """The lists of a declaration; faults, and None for the list, where one is not right."""
    notes = _all_notes(whole["notes"], faults, shared) if "notes" in whole else []
    return Lists(
        next(iter(notes), None),
        tuple(one for one in notes[1:] if one is not None),
        _feedback(whole["feedback"], faults, shared) if "feedback" in whole else None,
        _attachments(whole["attachments"], faults, shared) if "attachments" in whole else None,
    )


@dataclass(frozen=True, slots=True)
class _Made:
    """A section, read. seen: where the visibility stands and what its words mean."""

    at: At
    id: At
    parts: Mapping[str, Part]
    seen: Any


def _all_notes(given: object, faults: Faults, shared: Shared) -> list[Notes | None]:
    """One list, or several; None in the place of one that is not right."""
    if not isinstance(given, list):
        return [_notes(given, faults, shared, None)]
    if not given:
        faults.add(("notes",), "M123", "a list of notes, or several, are expected, and none is here.")
    made = [_notes(one, faults, shared, number) for number, one in enumerate(given)]
    for number, one in enumerate(made):
        if one is not None and any(other is not None and other.at == one.at for other in made[:number]):
            faults.add(("notes", number, "from"), "M109", f"two lists of notes stand in {one.field}.", one.field)
    return made


def _notes(given: object, faults: Faults, shared: Shared, number: int | None) -> Notes | None:
    place: Place = ("notes",) if number is None else ("notes", number)
    made = _section(NOTES, given, faults, shared, place, writes=not number)
    if made is None:
        return None
    p, (seen, audience) = made.parts, made.seen
    return Notes(made.at, made.id, p["author"], p["date"], p["text"], p.get("language"), seen, audience, number)


def _feedback(given: object, faults: Faults, shared: Shared) -> Surveys | None:
    made = _section(FEEDBACK, given, faults, shared, (FEEDBACK.name,))
    if made is None:
        return None
    return Surveys(made.at, made.id, made.parts["score"], made.parts.get("text"), made.parts["date"])


def _attachments(given: object, faults: Faults, shared: Shared) -> Attachments | None:
    made = _section(ATTACHMENTS, given, faults, shared, (ATTACHMENTS.name,))
    if made is None:
        return None
    p = made.parts
    return Attachments(
        made.at, made.id, p["name"], p.get("type"), p.get("size"), p["author"], p.get("date"), *made.seen
    )


def _section(
    section: Section, given: object, faults: Faults, shared: Shared, place: Place, *, writes: bool = True
) -> _Made | None:
    """What stands under one section; None and faults where it is not right. writes: whether anything is written."""
    parts = faults.mapping(place, given, "a mapping")
    if parts is None:
        return None
    before = len(faults.found)
    faults.keys(place, parts, section.keys, f"the {section.name}")
    for key in section.needed:
        if key not in parts:
            why = " Unknown means private, but it must be said where it stands." if key == "visibility" else ""
            faults.add(place, "M123", f"`{key}` is missing.{why}", key)
    if len(faults.found) > before:
        return None
    at, native = (way((*place, key), parts[key], faults) for key in ("from", "id"))
    made = {
        key: part(
            (*place, key), like, parts[key], faults, shared,
            one=section.one, writes=writes and key in section.written, constant=key not in section.fixed,
            other=not writes,
        )
        for key, like in section.like.items()
        if key in parts
    }  # fmt: skip
    seen = (
        audience_of(
            (*place, "visibility"),
            parts["visibility"],
            faults,
            shared,
            one=section.one,
            marked=section.marked,
            writes=writes,
        )
        if section.seen
        else ()
    )
    right = {key: each for key, each in made.items() if each is not None}
    if at is None or native is None or seen is None or len(right) < len(made) or len(faults.found) > before:
        return None
    return _Made(at, native, right, seen)
