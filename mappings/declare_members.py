"""What the members of a list are declared with: ways into them, their parts, who may read them.

Next: `declare_lists.py`, which has the lists; `ops_list.py`, `ops_audience.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from mappings.case import Visibility
from mappings.declare_ops import op, rule_mapping, source
from mappings.declare_shape import Faults, Shared, described, misfit
from mappings.declare_values import table
from mappings.errors import Key, Place, shown
from mappings.ops_audience import Audience, constant_audience
from mappings.ops_list import Part
from mappings.paths import At, parse

NOT_HERE = ("to", "default", "lossy", "truncate", "when", "read_only", "required")
AUDIENCE = ("from", "values", "as", "back", "refuse", "constant")


def way(place: Place, given: object, faults: Faults) -> At | None:
    """A way into their record or a member; a fault and None where it is none."""
    at = parse(given)
    if at is None:
        faults.add(place, "M108", f"{described(given)} is no way to a field.", given)
    return at


def part(
    place: Place, like: str, given: object, faults: Faults, shared: Shared, *, one: str, writes: bool, constant: bool,
    other: bool = False,
) -> Part | None:  # fmt: skip
    """One field of a member. like: the canonical path that holds what this part holds. one: what a member is called.
    constant: whether it may be one. other: whether it may say what is read where nothing stands there."""
    if isinstance(given, Mapping) and "else" in given:
        return _with_other(place, like, given, faults, shared, one=one, other=other)
    parts = rule_mapping(place, given, faults)
    if parts is None:
        return None
    for strange in (each for each in NOT_HERE if each in parts):
        said = f"`{strange}` stands in no {one}: it is kept whole and as it is."
        faults.add((*place, strange), "M111", said, strange)
    at = source(place, parts, faults)
    if at == () and not constant:
        faults.add(place, "M118", f"the {place[-1]} of {_article(one)} cannot be a constant.", parts.get("constant"))
    made = op(place, like, parts, faults, shared, writes=writes)
    return None if at is None or made is None else Part(at, made)


def _with_other(
    place: Place, like: str, given: Mapping[Any, Any], faults: Faults, shared: Shared, *, one: str, other: bool
) -> Part | None:
    """Two fields of a member, of which the second is read where nothing stands in the first."""
    if not other:
        message = "`else` stands only in a further list of notes, which is read alone."
        faults.add((*place, "else"), "M111", message, "else")
        return None
    first = {key: value for key, value in given.items() if key != "else"}
    found = part(place, like, first, faults, shared, one=one, writes=False, constant=False)
    second = part((*place, "else"), like, given["else"], faults, shared, one=one, writes=False, constant=False)
    return None if found is None or second is None else replace(found, other=second)


def _article(word: str) -> str:
    return f"{'an' if word[0] in 'aeiou' else 'a'} {word}"


def audience(
    place: Place, given: object, faults: Faults, shared: Shared, *, one: str, marked: bool, writes: bool = True
) -> tuple[At, Audience] | None:
    """Where the visibility stands and what its words mean. marked: a text of the member's may begin with a marker.
    writes: the words must be known the way back too."""
    parts = faults.mapping(place, given, "a table, or `{constant: private}`,")
    if parts is None:
        return None
    known = (*AUDIENCE, "marker") if marked else AUDIENCE
    faults.keys(place, parts, known, f"{_article(one)}'s visibility")
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
    markers = _markers((*place, "marker"), parts.get("marker", {}) if marked else {}, faults)
    lifted: tuple[Key, ...] = tuple(markers.values())
    made = table(place, "visibility", parts, faults, shared, writes=writes, besides=lifted)
    if made is not None and writes and markers and Visibility.PRIVATE not in made.written:
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
