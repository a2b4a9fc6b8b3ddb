"""The JSON Schema of mapping.yaml, so that an editor completes, explains and checks it as it is written.

Made from what the compiler itself knows: its keys, its paths, its lists of values, its ops' own words. The schema tells
shapes; what only the whole tells (a table that is not total, two rules over one field) `casebridge check` says. Pure.
Next: `schema_rule.py` for one line, `declare.py` for the real reading, `../hub/reference/schemas.py`, which writes it.
"""

from __future__ import annotations

from collections.abc import Mapping

from mappings import declare
from mappings.case import PATHS
from mappings.declare_lists import SECTIONS, Section
from mappings.declare_members import AUDIENCE
from mappings.declare_ops import TAKES
from mappings.declare_shape import expected
from mappings.schema_rule import (
    ANY_CHARACTERISTIC,
    ANY_COUNTERPART,
    NAME,
    PLAIN_WAY,
    WORD,
    Schema,
    definitions,
    meaning,
    one_of_ours,
    ref,
    rule_of,
    said_of,
    shape_of,
    table,
    time_form,
)

DRAFT = "http://json-schema.org/draft-07/schema#"
PARTS: Mapping[str, str] = {
    "extends": "A preset that this mapping starts from. A line here takes the place of the preset's line of the same "
    "name, whole; a line set to null is dropped; tables are merged word by word.",
    "times": "How their times are written, each form named once and used often: `time: NAME`.",
    "tables": "Tables of words, each named once and used often: `values: NAME`.",
    "case": "Our path on the left, their field and what its words mean on the right. `status` is always needed.",
    "transitions": "Which status word of theirs may follow which, where their system refuses some moves: the hub then "
    "writes the words between first. Every word is named; `Closed: []` is an end.",
    "create": "Their fields that are given once, when the hub makes a record there.",
    "notes": "Their list of notes. Who may read a note must be said; a word that is not named means private.",
    "feedback": "Their list of what customers answered. Each answer is one word of the customer's; it is read and "
    "never written.",
    "attachments": "Their list of files: what they are called; how their bytes are read and added says `files` in "
    "system.yaml. Who may see a file must be said; a word that is not named means private.",
}
LISTS: Mapping[str, Mapping[str, str]] = {
    "notes": {
        "from": "Their field that holds the list of notes, dotted.",
        "id": "The note's own id, within the note.",
        "author": "Who wrote it, within the note.",
        "date": "When, within the note; it needs `time`.",
        "text": "What it says, within the note.",
        "language": "The language that it is written in, within the note. May be left out.",
        "visibility": "Who may read it. For a system whose notes are all alike: `{constant: private}`.",
    },
    "feedback": {
        "from": "Their field that holds the list of answers, dotted.",
        "id": "The answer's own id, within the answer. An answer is taken once.",
        "score": "From 1 to 5, within the answer: `number: integer`, or a table. Without one it is not answered yet.",
        "text": "What the customer wrote, within the answer. May be left out.",
        "date": "When, within the answer; it needs `time`. Answers are taken in this order.",
    },
    "attachments": {
        "from": "Their field that holds the list of files, dotted.",
        "id": "The file's own id, within its member of the list.",
        "name": "What the file is called, within its member. It is kept as it is.",
        "type": "Its MIME type, within its member. May be left out.",
        "size": "Its bytes, within its member: `number: integer`. May be left out.",
        "author": "Who put it there, within its member.",
        "date": "When, within its member; it needs `time`. May be left out.",
        "visibility": "Who may see it. For a system whose files are all alike: `{constant: private}`.",
    },
}
"""The keys of each list with identity, in the order in which they are said."""


def mapping_schema() -> Schema:
    """The whole of it, draft 7."""
    dropped: Schema = {"type": "null"}
    parts: dict[str, Schema] = {
        "extends": NAME,
        "times": {"type": "object", "additionalProperties": {"anyOf": [dropped, time_form()]}},
        "tables": {"type": "object", "additionalProperties": {"anyOf": [dropped, _words()]}},
        "case": _case(),
        "transitions": {"type": "object", "additionalProperties": {"anyOf": [dropped, _list_of(NAME)]}},
        "create": {"type": "object", "additionalProperties": {"anyOf": [dropped, {**WORD}]}},
        **{name: _section(section) for name, section in SECTIONS.items()},
    }
    whole = {name: {"required": list(section.needed)} for name, section in SECTIONS.items()}
    return {
        "$schema": DRAFT,
        "title": "mapping.yaml: what a partner's words mean",
        "description": "One declaration, both ways. `casebridge check` says the rest; docs/mapping.md has the ops.",
        "type": "object",
        "additionalProperties": False,
        "properties": {key: {**parts[key], "description": PARTS[key]} for key in ("extends", *declare.KEYS)},
        "if": {"required": ["extends"]},
        "else": {"required": ["case"], "properties": {"case": {"required": ["status"]}, **whole}},
        "definitions": definitions(),
    }


def _case() -> Schema:
    """Every path with what it holds."""
    return {
        "type": "object",
        "properties": {path: _line(path) for path in sorted(PATHS)},
        "patternProperties": {
            r"^characteristic\..+$": _line(ANY_CHARACTERISTIC),
            r"^counterpart\..+$": _line(ANY_COUNTERPART),
        },
        "additionalProperties": False,
    }


def _line(path: str) -> Schema:
    return {"description": said_of(path), **ref(shape_of(path))}


def _words() -> Schema:
    """A word of a table that is merged into a preset's may be null."""
    return table({**WORD, "type": [*WORD["type"], "null"]})


def _list_of(one: Schema) -> Schema:
    return {"type": "array", "items": one}


def _section(section: Section) -> Schema:
    """A list with identity; over a preset's, some of its lines."""
    shapes: dict[str, Schema] = {"from": PLAIN_WAY, "id": PLAIN_WAY}
    for key, like in section.like.items():
        rule = ref(rule_of(like))
        shapes[key] = {"anyOf": [NAME, rule]} if "text" in TAKES[expected(like)] else rule
    if section.seen:
        shapes["visibility"] = _visibility(section)
    known = {key: {**shapes[key], "description": LISTS[section.name][key]} for key in section.keys}
    if section.several:
        further = {**known, "text": {"anyOf": [known["text"], _or_else()], "description": known["text"]["description"]}}
        one: Schema = {"type": "object", "properties": known, "additionalProperties": False}
        others = {**one, "properties": further, "required": list(section.needed)}
        several: Schema = {
            "type": "array", "minItems": 1, "additionalItems": others,
            "items": [{**one, "required": list(section.needed)}],
        }  # fmt: skip
        return {"anyOf": [{**one, "type": ["object", "null"]}, several]}
    return {"type": ["object", "null"], "properties": known, "additionalProperties": False}


def _or_else() -> Schema:
    """A text that is read elsewhere where nothing stands in its field."""
    said = "What is read where nothing stands in the field: another field of the note, such as its HTML."
    shape: Schema = {
        "from": {**PLAIN_WAY, "description": meaning("from")},
        "format": {"description": meaning("format")},
        "else": {"anyOf": [NAME, ref(rule_of("description"))], "description": said},
    }
    return {"type": "object", "properties": shape, "additionalProperties": False, "required": ["from", "else"]}


def _visibility(section: Section) -> Schema:
    """A table, or one word for all."""
    ours = one_of_ours("visibility")
    shapes: dict[str, Schema] = {
        "from": PLAIN_WAY, "values": {"anyOf": [NAME, table(ours)]}, "as": {"enum": ["text", "integer"]},
        "back": {"type": "object", "propertyNames": ours, "additionalProperties": WORD}, "refuse": _list_of(ours),
        "constant": ours,
    }  # fmt: skip
    told = {key: {**shapes[key], "description": meaning(key)} for key in AUDIENCE}
    if section.marked:
        told["marker"] = {
            "description": "A mark at the start of a text that lifts a private note.",
            "type": "object",
            "additionalProperties": {"enum": ["partners", "customer"]},
        }
    both: list[Schema] = [{"required": ["from", "values"]}, {"required": ["constant"]}]
    return {"type": "object", "properties": told, "additionalProperties": False, "oneOf": both}
