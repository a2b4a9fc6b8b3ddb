"""The parts of a rule that go beyond words: units, formats, cutting, functions, defaults, declared losses.

    {from: hours, number: decimal, unit: hours, places: 2}
    {from: body, format: html, length: 32000}
    {from: summary, truncate: {at: 80, rest: note}}
    {from: telefono, python: "phones:national"}
    {from: severity, values: {...}, default: minor}        nothing of theirs means minor
    {..., lossy: why}                                      something is lost, and this is why that is right

Next: `declare_ops.py`, which calls them.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, cast

from mappings.case import PICKLISTS
from mappings.declare_shape import Expected, Faults, Shared, described, expected, is_key, is_told, misfit
from mappings.errors import Place
from mappings.ops import Op, Value
from mappings.ops_cut import RESTS, Cut, Rest
from mappings.ops_format import FORMATS, Format, Formatted
from mappings.ops_number import Number
from mappings.ops_python import Named
from mappings.ops_text import Text
from mappings.ops_unit import UNITS, Measured

_WANTS: Mapping[Expected, tuple[type[Any], ...]] = {
    "text": (str,), "word": (str,), "time": (datetime,), "flag": (bool,), "number": (int, Decimal), "score": (int,),
    "size": (int,),
    "any": (str, int, Decimal, bool),
}  # fmt: skip
_MOST_PLACES = 6
_LEAST_CUT = 2


def measured(place: Place, path: str, number: Number, parts: Mapping[Any, Any], faults: Faults) -> Op | None:
    """A number with `unit` or `places`."""
    unit, units = parts.get("unit"), UNITS.get(path, {})
    if not isinstance(unit, str) or unit not in units:
        said = f"{described(unit)} is no unit of this path." if unit is not None else "`places` stands beside `unit`."
        faults.add((*place, "unit" if "unit" in parts else "places"), "M136", said, unit, units)
        return None
    places = parts.get("places", 0 if number.kind == "integer" else 2)
    whole = isinstance(places, int) and not isinstance(places, bool)
    if not whole or not 0 <= places <= _MOST_PLACES or (places and number.kind == "integer"):
        most = 0 if number.kind == "integer" else _MOST_PLACES
        message = f"digits after the point from 0 to {most} are expected, not {described(places)}."
        faults.add((*place, "places"), "M136", message, places)
        return None
    return Measured(number, *units[unit], places)


def beyond(kind: str, place: Place, path: str, parts: Mapping[Any, Any], faults: Faults, shared: Shared) -> Op | None:
    """The op of `format`, `truncate` or `python`."""
    match kind:
        case "format":
            bounds = Text(parts.get("length"), parts.get("bytes"))
            return formatted((*place, "format"), parts["format"], bounds, faults)
        case "truncate":
            return cut(place, parts, faults)
        case "python":
            return named((*place, "python"), path, parts["python"], faults, shared)
    return None


def formatted(place: Place, given: object, bounds: Text, faults: Faults) -> Op | None:
    """The op of `format:`."""
    if not isinstance(given, str) or given not in FORMATS:
        faults.add(place, "M137", f"{described(given)} is no format of text.", given, FORMATS)
        return None
    return bounds if given == "plain" else Formatted(cast(Format, given), bounds)


def cut(place: Place, parts: Mapping[Any, Any], faults: Faults) -> Op | None:
    """The op of `truncate:`."""
    where = (*place, "truncate")
    given = faults.mapping(where, parts["truncate"], "`{at: length, rest: note or drop}`")
    if given is None:
        return None
    before = len(faults.found)
    faults.keys(where, given, ("at", "rest"), "`truncate`")
    at, rest = given.get("at"), given.get("rest")
    if isinstance(at, bool) or not isinstance(at, int) or at < _LEAST_CUT:
        faults.add((*where, "at"), "M138", f"a whole number from {_LEAST_CUT} is expected, not {described(at)}.", at)
    if rest not in RESTS:
        message = "what becomes of the rest? Say `rest: note`, or `rest: drop` and `lossy: why`."
        faults.add((*where, "rest"), "M138", message, rest, RESTS)
    elif rest == "drop" and not parts.get("lossy"):
        faults.add((*where, "rest"), "M140", "what is dropped is lost: say why, `lossy: reason`.", rest)
    return Cut(cast(int, at), cast(Rest, rest)) if len(faults.found) == before else None


def named(place: Place, path: str, given: object, faults: Faults, shared: Shared) -> Op | None:
    """The op of `python:`."""
    if not isinstance(given, str) or given not in shared.functions:
        message = f"{described(given)} is no function that was registered, `module:name`."
        faults.add(place, "M139", message, given, sorted(shared.functions))
        return None
    there, back = shared.functions[given]
    known = tuple(str(word) for word in PICKLISTS.get(path, ()))
    return Named(given, _WANTS[expected(path)], known, there, back)


def default(place: Place, path: str, parts: Mapping[Any, Any], faults: Faults) -> Value | None:
    """What nothing of theirs means; None where nothing means nothing."""
    if "default" not in parts:
        return None
    where, given = (*place, "default"), parts["default"]
    if (
        is_told(path)
        or path == "id"
        or expected(path) == "time"
        or "constant" in parts
        or parts.get("required") is True
    ):
        faults.add(where, "M134", "this path takes no default.", given)
    elif not is_key(given) or given == "":
        faults.add(where, "M134", f"{described(given)} cannot be a default.", given)
    elif wrong := misfit(path, given):
        faults.add(where, "M103", wrong[0], given, wrong[1])
    else:
        return cast(Value, given)
    return None


def lossy(place: Place, parts: Mapping[Any, Any], faults: Faults) -> str | None:
    """Why something may be lost."""
    given = parts.get("lossy")
    if given is None or (isinstance(given, str) and given.strip()):
        return given
    faults.add((*place, "lossy"), "M140", f"a reason in words is expected, not {described(given)}.", given)
    return None
