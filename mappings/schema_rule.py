"""The JSON Schema of one line under `case`: which keys stand there, what each takes, and what it is for.

What a line may say hangs on what its path holds, so each kind of path has a shape of its own, and each fixed list its
words. Next: `schema.py` for the whole, `declare_ops.py` and `declare_slots.py` for the compiler's own reading.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from mappings import declare_rule, declare_slots, declare_time, declare_values
from mappings.case import PATHS, PICKLISTS
from mappings.declare_ops import BESIDE, KEYS, KINDS, KINDS_OF_NUMBER, TAKES, WHOLE
from mappings.declare_shape import ATTACHMENT_SIZE, NAMED, expected, is_never_written, is_told
from mappings.ops_catalogue import OPS
from mappings.ops_cut import RESTS
from mappings.ops_format import FORMATS
from mappings.ops_time import FOLDS, STEPS
from mappings.ops_unit import UNITS
from mappings.slots import MANNERS

Schema = dict[str, Any]

NAME: Schema = {"type": "string", "minLength": 1}
WORD: Schema = {"type": ["string", "integer", "boolean"], "not": {"const": ""}}
PLAIN_WAY: Schema = {"anyOf": [NAME, {"type": "array", "items": NAME, "minItems": 1}]}
ANY_CHARACTERISTIC = "characteristic.x"
ANY_COUNTERPART = "counterpart.x"
HOLDS: Mapping[str, str] = {
    "text": "Text.",
    "word": "One of a fixed list: give a table, `values: {theirs: ours}`.",
    "time": "A time: say how theirs is written, `time: iso` for one.",
    "flag": "True or false: `flag: true`, or a table whose values are true and false.",
    "number": "A number: `number: integer` or `number: decimal`.",
    "score": "A score from 1 to 5: `number: integer`, or a table whose values are 1 to 5.",
    "size": "A number of bytes: `number: integer`.",
    "any": "Any value but a time.",
}
MEANS: Mapping[str, str] = {
    "from": "Their field, dotted where it lies within another: customer.name. Or an element of a list, a part of a "
    "text, several fields: see docs/mapping.md.",
    "time": "How their time is written: iso, epoch, epoch_ms, a name under `times`, or all of it.",
    "number": "A whole number or one with a fraction.",
    "back": "Ours to theirs: which of several words that mean the same is written.",
    "refuse": "Values of ours that they have no word for: such a case is parked, not bent.",
    "nearest": "Ours to theirs: a word that is near, for a value that they have no word for. It needs `lossy`.",
    "unknown": "A word that the table does not name: `refuse` parks the record, `keep` takes it as it is.",
    "as": "How it stands there: a number as text, the words of a table as integers.",
    "unit": "The unit that theirs is in.",
    "places": "Digits after the point that their field keeps.",
    "length": "Characters that their field takes. A longer text is refused, never cut in silence.",
    "bytes": "Bytes of UTF-8 that their field takes. A longer text is refused, never cut in silence.",
    "lossy": "Why something may be lost here. A loss is declared with its reason, or it is refused.",
    "read_only": "Read and never written.",
    "required": "Their system takes no record without it.",
}
SLOTS: Mapping[str, str] = {
    "list": "Their list; `where` finds the element in it.",
    "where": "What the element's other fields say: {id: 7}.",
    "value": "The field within it that holds the value.",
    "single": "The value is itself a list of one or none.",
    "write": "How a change is written: the element alone in a list, the whole list, or an object of name to value.",
    "field": "Their field, dotted.",
    "split": "What stands between the parts of the text.",
    "part": "Which part, from 1.",
    "of": "How many parts there are.",
    "join": "Their fields, in the order in which they make the text.",
    "with": "What stands between them.",
    "rest": "Which of them takes what is too much.",
}


def definitions() -> dict[str, Schema]:
    """Every shape that others refer to by name; `shape_of` says which path has which."""
    found: dict[str, Schema] = {"way": way(), "time": {"anyOf": [NAME, time_form()]}}
    for path in sorted((*PATHS, ANY_CHARACTERISTIC, ANY_COUNTERPART, ATTACHMENT_SIZE)):
        found[shape_of(path)], found[rule_of(path)] = line(path), long_form(path)
    return found


def ref(name: str) -> Schema:
    """A shape by its name. Draft 7 looks at nothing beside a `$ref`, so that stands in an `allOf`."""
    return {"allOf": [{"$ref": f"#/definitions/{name}"}]}


def shape_of(path: str) -> str:
    """The name of the shape of this path's line."""
    return f"{path if path in PICKLISTS or path in UNITS else expected(path)}-line"


def rule_of(path: str) -> str:
    """The name of the shape of this path's rule, written out."""
    return shape_of(path).removesuffix("line") + "rule"


def said_of(path: str) -> str:
    """What stands at a path, in words."""
    if path == ANY_COUNTERPART:
        return (
            "Their field that holds another partner's number of the same case: what both had before the hub is adopted "
            "by it, never made again. It is read and never written, and crosses to nobody."
        )
    said = HOLDS[expected(path)]
    if path in PICKLISTS:
        said += f" A {NAMED[path]} is one of: {', '.join(map(str, PICKLISTS[path]))}."
    if is_never_written(path):
        said += " Their system gives it: it is read and never written."
    return said + (" The hub tells them: it is written and never read." if is_told(path) else "")


def line(path: str) -> Schema:
    """One line: the short form where it is enough, a mapping, several by turns, or null (drops a preset's line)."""
    one = ref(rule_of(path))
    short = [NAME] if "text" in TAKES[expected(path)] else []
    return {"anyOf": [{"type": "null"}, *short, one, _by_turns([*short, one])]}


def long_form(path: str) -> Schema:
    """A rule written out."""
    kinds, known = TAKES[expected(path)], _keys(path)
    owned = {key: set(owners) & set(kinds) for key, owners in BESIDE.items()}
    keys = [key for key in KEYS if key != "when" and (key in kinds or key not in KINDS) and owned.get(key, {key})]
    if "text" not in kinds:
        keys = [key for key in keys if key not in {"length", "bytes"}]
    shapes = {key: {**known.get(key, {}), "description": meaning(key)} for key in keys}
    sayings = [{"required": [kind]} for kind in kinds if kind in KINDS]
    where: Schema = {"required": ["from"]}
    if "constant" in kinds:
        where = {"oneOf": [{"required": ["from"]}, {"required": ["constant"]}]}
    said: Schema = {} if "text" in kinds else {"anyOf": sayings}
    return {"type": "object", "properties": shapes, "additionalProperties": False, "allOf": [where, said]}


def _by_turns(forms: list[Schema]) -> Schema:
    """Several rules, of which their word in one field chooses."""
    parts: dict[str, Schema] = {
        "field": {**PLAIN_WAY, "description": "Their field whose word chooses."},
        "is": {
            "type": "object", "minProperties": 1, "additionalProperties": {"anyOf": forms},
            "description": "Their word, and the rule that stands then.",
        },
        "else": {"anyOf": forms, "description": "The rule for every other word."},
    }  # fmt: skip
    known = {key: parts.get(key, {}) for key in declare_rule.WHEN}
    when = {"type": "object", "properties": known, "required": ["field", "is"], "additionalProperties": False}
    flags: dict[str, Schema] = {
        key: {"type": "boolean", "description": MEANS[key]} for key in ("read_only", "required")
    }
    shapes = {"when": {**when, "description": meaning("when")}, **flags}
    return {"type": "object", "properties": shapes, "required": ["when"], "additionalProperties": False}


def meaning(key: str) -> str:
    """What a key of a rule is for: said here, or by the op that it declares."""
    return MEANS[key] if key in MEANS else OPS[key].says


def _keys(path: str) -> dict[str, Schema]:
    """The shape of what stands at each key of a rule of this path."""
    ours = one_of_ours(path)
    words: Schema = {"type": "object", "additionalProperties": WORD}
    named: Schema = {**words, "propertyNames": ours} if path in PICKLISTS else words
    flag: Schema = {"type": "boolean"}
    least = {"type": "integer", "minimum": 1}
    numbers = KINDS_OF_NUMBER[:1] if expected(path) in WHOLE else KINDS_OF_NUMBER
    return {
        "from": ref("way"), "to": PLAIN_WAY, "values": {"anyOf": [NAME, table(ours)]}, "time": ref("time"),
        "flag": {"const": True}, "number": {"enum": list(numbers)}, "constant": ours, "lookup": NAME,
        "format": {"enum": list(FORMATS)},
        "truncate": {
            "type": "object", "required": ["at", "rest"], "additionalProperties": False,
            "properties": {
                "at": {"type": "integer", "minimum": 2, "description": "Characters that their field takes."},
                "rest": {"enum": list(RESTS), "description": "What becomes of the rest."},
            },
        },
        "python": {"type": "string", "pattern": ":"}, "back": named, "nearest": named,
        "refuse": {"type": "array", "items": ours}, "unknown": {"enum": list(declare_values.UNKNOWN)},
        "as": {"enum": ["text", "integer", "number"]}, "unit": {"enum": list(UNITS.get(path, {}))},
        "places": {"type": "integer", "minimum": 0, "maximum": 6}, "length": least, "bytes": least, "default": ours,
        "lossy": {"type": "string", "pattern": r"\S"}, "read_only": flag, "required": flag,
    }  # fmt: skip


def one_of_ours(path: str) -> Schema:
    """A value that a path may have."""
    if path in PICKLISTS:
        return {"enum": [str(word) for word in PICKLISTS[path]]}
    by_kind: Mapping[str, Schema] = {
        "flag": {"type": "boolean"}, "score": {"type": "integer", "minimum": 1, "maximum": 5},
        "number": {"type": "integer"}, "text": NAME,
    }  # fmt: skip
    return by_kind.get(expected(path), WORD)


def table(ours: Schema) -> Schema:
    """Their words on the left, ours on the right."""
    return {"type": "object", "minProperties": 1, "additionalProperties": ours}


def way() -> Schema:
    """Where a word stands."""
    parts: dict[str, Schema] = {
        "list": PLAIN_WAY, "where": table(WORD), "value": PLAIN_WAY, "single": {"type": "boolean"},
        "write": {"enum": list(MANNERS)}, "field": PLAIN_WAY, "split": NAME, "part": {"type": "integer", "minimum": 1},
        "of": {"type": "integer", "minimum": 2}, "with": NAME, "rest": {"enum": list(declare_slots.RESTS)},
        "join": {"type": "array", "minItems": 2, "items": PLAIN_WAY},
    }  # fmt: skip

    def slot(keys: Iterable[str], *needed: str) -> Schema:
        shapes = {key: {**parts.get(key, {}), "description": SLOTS[key]} for key in keys}
        return {"type": "object", "properties": shapes, "required": list(needed), "additionalProperties": False}

    slots = [
        slot(declare_slots.LISTED, "list", "where"), slot(declare_slots.WRAPPED, "field", "value"),
        slot(declare_slots.PIECE, "field", "split", "part"), slot(declare_slots.JOINED, "join"),
    ]  # fmt: skip
    return {"anyOf": [*PLAIN_WAY["anyOf"], *slots]}


def time_form() -> Schema:
    """All of it. A format without an offset needs a zone, which only the format tells."""
    shapes: dict[str, Schema] = {
        "format": {
            "description": "iso, epoch, epoch_ms, or a pattern such as %d/%m/%Y %H:%M:%S.",
            "anyOf": [{"enum": list(declare_time.BUILT_IN)}, {"type": "string", "pattern": "%"}],
        },
        "zone": {"type": "string", "description": "Their zone by its IANA name, such as America/Bogota."},
        "fold": {"enum": list(FOLDS), "description": "Which one is meant when an hour comes twice."},
        "step": {"enum": list(STEPS), "description": "How fine their field is."},
    }
    known = {key: shapes[key] for key in declare_time.KEYS}
    return {"type": "object", "properties": known, "required": ["format"], "additionalProperties": False}
