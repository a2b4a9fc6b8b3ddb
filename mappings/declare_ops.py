"""One rule as it is declared: which op it is, where it reads and writes.

    name: title                                     text under another name
    status: {from: state, values: {...}}            one kind of op, its parameters beside it

Next: `declare_values.py`, `declare_time.py` for two of the ops; `declare.py` for the whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal

from mappings.declare_more import beyond, measured
from mappings.declare_shape import Expected, Faults, Shared, described, expected, is_key, misfit
from mappings.declare_time import time
from mappings.declare_values import lookup, table
from mappings.errors import Key, Place
from mappings.ops import Op
from mappings.ops_number import Number
from mappings.ops_text import Constant, Flag, Text
from mappings.paths import At, parse

KINDS = ("values", "time", "number", "flag", "constant", "lookup", "format", "truncate", "python")
BESIDE: Mapping[str, tuple[str, ...]] = {
    "back": ("values", "lookup"),
    "refuse": ("values", "lookup"),
    "nearest": ("values",),
    "unknown": ("lookup",),
    "as": ("number", "values"),
    "unit": ("number",),
    "places": ("number",),
}
KEYS = ("from", "to", *KINDS, *BESIDE, "length", "bytes", "default", "lossy", "read_only", "required", "when")
_TEXTS = ("lookup", "format", "truncate")

TAKES: Mapping[Expected, tuple[str, ...]] = {
    "time": ("time", "python"),
    "word": ("values", "constant", "python"),
    "flag": ("flag", "values", "constant", "python"),
    "number": ("number", "values", "constant", "python"),
    "score": ("number", "values", "python"),
    "size": ("number", "python"),
    "text": ("text", "values", "constant", "python", *_TEXTS),
    "any": ("text", "values", "number", "flag", "constant", "python", *_TEXTS),
}
_ADVICE: Mapping[Expected, str] = {
    "time": "a time stands here: say how theirs is written, `time: iso` for one.",
    "word": "one of a fixed list stands here: give a table, `values: {theirs: ours}`.",
    "flag": "true or false stands here: `flag: true`, or a table whose values are true and false.",
    "number": "a number stands here: `number: integer` or `number: decimal`.",
    "score": "a score from 1 to 5 stands here: `number: integer`, or a table whose values are 1 to 5.",
    "size": "a number of bytes stands here: `number: integer`.",
    "text": "text stands here: name their field, or give a table.",
    "any": "a characteristic cannot hold a time: keep it as text.",
}
KINDS_OF_NUMBER: tuple[Literal["integer", "decimal"], ...] = ("integer", "decimal")
WHOLE: Mapping[Expected, tuple[int, int]] = {"score": (1, 5), "size": (0, 2**63 - 1)}
"""What is a whole number, and its bounds."""


def rule_mapping(place: Place, given: object, faults: Faults) -> Mapping[Any, Any] | None:
    """A rule with its keys looked at; the shorthand `name: title` becomes `{from: title}`."""
    if isinstance(given, str):
        return {"from": given}
    parts = faults.mapping(place, given, "a field's name or a mapping")
    if parts is not None:
        faults.keys(place, parts, KEYS, "a rule")
    return parts


def source(place: Place, parts: Mapping[Any, Any], faults: Faults) -> At | None:
    """Where a rule reads: () for a constant, None and a fault where that is not said."""
    if "constant" in parts:
        if "from" in parts:
            faults.add(
                (*place, "from"), "M118", "a constant has no field: take `from` or `constant` away.", parts["from"]
            )
        return ()
    if "from" not in parts:
        faults.add(place, "M108", "which of their fields? Say `from: field`.")
        return None
    at = parse(parts["from"])
    if at is None:
        faults.add((*place, "from"), "M108", f"{described(parts['from'])} is no way to a field.", parts["from"])
    return at


def op(
    place: Place,
    path: str,
    parts: Mapping[Any, Any],
    faults: Faults,
    shared: Shared,
    *,
    writes: bool,
    besides: Iterable[Key] = (),
) -> Op | None:
    """The op of a rule; path says what it must give. None where a fault was found."""
    kinds = [key for key in KINDS if key in parts]
    if len(kinds) > 1:
        faults.add((*place, kinds[1]), "M111", f"`{kinds[0]}` and `{kinds[1]}` exclude each other.", kinds[1])
        return None
    kind = kinds[0] if kinds else "text"
    for key, owners in BESIDE.items():
        if key in parts and kind not in owners:
            faults.add((*place, key), "M111", f"`{key}` stands only beside `{'` or `'.join(owners)}`.", key)
    wanted = expected(path)
    if kind not in TAKES[wanted]:
        faults.add(place, "M110", _ADVICE[wanted], kind)
        return None
    sized = [_length((*place, key), key, kind, parts[key], faults) for key in ("length", "bytes") if key in parts]
    made: Op | None = None
    match kind:
        case "values":
            made = table(place, path, parts, faults, shared, writes=writes, besides=besides)
        case "time":
            made = time((*place, "time"), parts["time"], faults, shared)
        case "number":
            made = _number(place, path, wanted, parts, faults)
        case "flag":
            made = _flag((*place, "flag"), parts["flag"], faults)
        case "constant":
            made = _constant((*place, "constant"), path, parts["constant"], faults)
        case "lookup":
            made = lookup(place, path, parts, faults, shared, writes=writes)
        case "text" if all(sized):
            made = Text(parts.get("length"), parts.get("bytes"))
        case _ if all(sized):
            made = beyond(kind, place, path, parts, faults, shared)
    return made


def _flag(place: Place, given: object, faults: Faults) -> Flag | None:
    if given is True:
        return Flag()
    faults.add(place, "M111", "`flag: true` is all that it can say.", given)
    return None


def truth(place: Place, key: str, parts: Mapping[Any, Any], faults: Faults) -> bool:
    """The value of a key that is true or false, false where it is absent."""
    given = parts.get(key, False)
    if not isinstance(given, bool):
        faults.add((*place, key), "M125", f"true or false is expected, not {described(given)}.", given)
    return given is True


def _length(place: Place, key: str, kind: str, given: object, faults: Faults) -> bool:
    if kind not in {"text", "format"}:
        faults.add(place, "M121", f"`{key}` bounds text, and this is no text.", given)
        return False
    if isinstance(given, bool) or not isinstance(given, int) or given < 1:
        faults.add(place, "M121", f"a whole number from 1 is expected, not {described(given)}.", given)
        return False
    return True


def _number(place: Place, path: str, wanted: Expected, parts: Mapping[Any, Any], faults: Faults) -> Op | None:
    kind, written = parts["number"], parts.get("as", "number")
    known = {each: each for each in KINDS_OF_NUMBER if each == "integer" or wanted not in WHOLE}
    forms: Mapping[str, Literal["number", "text"]] = {"number": "number", "text": "text"}
    if not isinstance(kind, str) or kind not in known:
        faults.add((*place, "number"), "M117", f"{described(kind)} is no kind of number.", kind, known)
        return None
    if not isinstance(written, str) or written not in forms:
        faults.add((*place, "as"), "M117", f"{described(written)} is no way to write a number.", written, forms)
        return None
    number = Number(known[kind], forms[written], *WHOLE.get(wanted, (None, None)))
    return measured(place, path, number, parts, faults) if {"unit", "places"} & set(parts) else number


def _constant(place: Place, path: str, given: object, faults: Faults) -> Constant | None:
    if not isinstance(given, (str, int)) or not is_key(given) or given == "":
        faults.add(place, "M118", f"{described(given)} cannot be a constant.", given)
        return None
    wrong = misfit(path, given)
    if wrong is not None:
        faults.add(place, "M103", wrong[0], given, wrong[1])
        return None
    return Constant(given)
