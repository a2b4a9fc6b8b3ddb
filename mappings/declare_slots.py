"""Where a rule reads and writes, as it is declared.

    from: customer.name                                                   a name, dotted where it is nested
    from: {list: custom_fields, where: {id: 7}, value: value}             the element whose id is 7
    from: {list: CustomFields, where: {name: Product}, value: values, single: true, write: object}
    from: {field: priority, value: value}                                 {value: 2, display_value: High}, or 2
    from: {field: caller, split: " / ", part: 1, of: 2}                   one part of a text
    from: {join: [first, last], with: " "}                                several fields, one text
    from: status.id, to: status_id                                        read here, written there

`write` says how a change in a list is written: `element` (that element alone in a list), `whole` (the whole list, the
others as they are), `object` (an object of name to value). Next: `slots.py`, `slots_text.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeGuard, cast

from mappings.declare_shape import Faults, described, is_key
from mappings.errors import Place
from mappings.paths import At, parse
from mappings.slots import MANNERS, Apart, Listed, Manner, Slot, Wrapped
from mappings.slots_text import Joined, Piece

LISTED = ("list", "where", "value", "single", "write")
WRAPPED = ("field", "value")
PIECE = ("field", "split", "part", "of")
JOINED = ("join", "with", "rest")
RESTS = ("first", "last")


def where(place: Place, parts: Mapping[Any, Any], faults: Faults) -> tuple[At, Slot | None] | None:
    """The way of a rule, and the slot where it is no simple way; ((), None) for a constant; None and a fault."""
    if "constant" in parts:
        if "from" in parts:
            message = "a constant has no field: take `from` or `constant` away."
            faults.add((*place, "from"), "M118", message, parts["from"])
        return (), None
    if "from" not in parts:
        faults.add(place, "M108", "which of their fields? Say `from: field`.")
        return None
    given, at = parts["from"], (*place, "from")
    if isinstance(given, Mapping):
        if "to" in parts:
            faults.add((*place, "to"), "M130", "`to` stands only beside a simple `from`.", "to")
            return None
        slot = _slot(at, given, faults)
        return None if slot is None else (slot.reads[0], slot)
    read = way(at, given, faults)
    if read is None or "to" not in parts:
        return None if read is None else (read, None)
    written = way((*place, "to"), parts["to"], faults)
    return None if written is None else (read, Apart(read, written))


def way(place: Place, given: object, faults: Faults) -> At | None:
    """A simple way, or a fault and None."""
    at = parse(given)
    if at is None:
        faults.add(place, "M108", f"{described(given)} is no way to a field.", given)
    return at


def _slot(place: Place, given: Mapping[Any, Any], faults: Faults) -> Slot | None:
    before = len(faults.found)
    slot: Slot | None = None
    if "list" in given:
        faults.keys(place, given, LISTED, "a way into a list")
        slot = _listed(place, given, faults)
    elif "join" in given:
        faults.keys(place, given, JOINED, "a text from several fields")
        slot = _joined(place, given, faults)
    elif "split" in given:
        faults.keys(place, given, PIECE, "a part of a text")
        slot = _piece(place, given, faults)
    elif "field" in given:
        faults.keys(place, given, WRAPPED, "a field with its value inside")
        at = way((*place, "field"), given["field"], faults)
        value = way((*place, "value"), given.get("value"), faults)
        slot = Wrapped(at, value) if at and value else None
    else:
        message = "a way is a name, or a mapping with `list`, `field` or `join`."
        faults.add(place, "M130", message, next(iter(given), None), ("list", "field", "join"))
    return slot if len(faults.found) == before else None


def _listed(place: Place, given: Mapping[Any, Any], faults: Faults) -> Slot | None:
    at = way((*place, "list"), given["list"], faults)
    value = way((*place, "value"), given.get("value", "value"), faults)
    which, manner, single = given.get("where"), given.get("write", "element"), given.get("single", False)
    if not isinstance(which, Mapping) or not which or not all(is_key(each) for each in which.values()):
        message = "which element? Say `where: {id: 7}` or `where: {name: ...}`."
        faults.add((*place, "where"), "M130", message, which)
        return None
    if not isinstance(manner, str) or manner not in MANNERS:
        faults.add((*place, "write"), "M130", f"{described(manner)} is no way to write a list.", manner, MANNERS)
        return None
    if manner == "object" and len(which) != 1:
        faults.add((*place, "where"), "M130", "an object has one name for a value: give one condition.", None)
    if not isinstance(single, bool):
        faults.add((*place, "single"), "M125", f"true or false is expected, not {described(single)}.", single)
    if value is not None and value[0] in which:
        faults.add((*place, "value"), "M130", f"`{value[0]}` is what the element is found by.", value[0])
    if at is None or value is None:
        return None
    return Listed(at, dict(which), value, cast(Manner, manner), single is True)


def _piece(place: Place, given: Mapping[Any, Any], faults: Faults) -> Slot | None:
    at = way((*place, "field"), given.get("field"), faults)
    separator, part, of = given["split"], given.get("part"), given.get("of", 2)
    if not isinstance(separator, str) or not separator:
        faults.add((*place, "split"), "M132", f"a text to split at is expected, not {described(separator)}.", separator)
    if not _whole(of) or of < 2:
        faults.add((*place, "of"), "M132", f"a number of parts from 2 is expected, not {described(of)}.", of)
    elif not _whole(part) or not 1 <= part <= of:
        faults.add((*place, "part"), "M132", f"a part from 1 to {of} is expected, not {described(part)}.", part)
    return Piece(at, str(separator), part, of) if at and _whole(part) and _whole(of) else None


def _joined(place: Place, given: Mapping[Any, Any], faults: Faults) -> Slot | None:
    names, separator, rest = given["join"], given.get("with", " "), given.get("rest", "last")
    if not isinstance(names, list) or len(names) < 2:
        faults.add((*place, "join"), "M132", f"two fields or more are expected, not {described(names)}.", names)
        return None
    ways = [way((*place, "join", number), name, faults) for number, name in enumerate(names)]
    if not isinstance(separator, str) or not separator:
        faults.add((*place, "with"), "M132", f"a text between them is expected, not {described(separator)}.", separator)
        return None
    if rest not in RESTS:
        faults.add((*place, "rest"), "M132", f"{described(rest)} is no field that takes the rest.", rest, RESTS)
    found = tuple(at for at in ways if at is not None)
    return Joined(found, separator, rest == "first") if len(found) == len(names) else None


def _whole(given: object) -> TypeGuard[int]:
    return isinstance(given, int) and not isinstance(given, bool)
