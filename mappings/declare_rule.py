"""One line under `case`: a rule, or several by turns.

    feedback.text: {when: {field: kind, is: {Complaint: complaint.text}, else: comment}}

Each of the several is a rule of its own. Next: `declare_slots.py` (where), `declare_ops.py` (what), `declare.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mappings.declare_more import default, lossy
from mappings.declare_ops import op, rule_mapping, truth
from mappings.declare_shape import Choice, Faults, Rule, Shared, described, is_never_written, is_told
from mappings.declare_slots import way, where
from mappings.errors import Place
from mappings.ops_when import When

KEYS = ("when", "read_only", "required")
WHEN = ("field", "is", "else")


def rule(place: Place, path: str, given: object, faults: Faults, shared: Shared) -> Rule | None:
    """The rule of one path; None and faults where it is none."""
    if isinstance(given, Mapping) and "when" in given:
        return _by_turns(place, path, given, faults, shared)
    parts = rule_mapping(place, given, faults)
    if parts is None:
        return None
    told = is_told(path)
    read_only, required = (truth(place, key, parts, faults) for key in ("read_only", "required"))
    if told or path == "id":
        for key in ("read_only", "constant"):
            if key in parts:
                message = "this path is what the hub tells them: it must be written."
                faults.add((*place, key), "M122", message, parts[key])
    read_only = read_only or is_never_written(path) or "constant" in parts
    found = where(place, parts, faults)
    made = op(place, path, parts, faults, shared, writes=not read_only)
    otherwise, reason = default(place, path, parts, faults), lossy(place, parts, faults)
    if found is None or made is None:
        return None
    at, slot = found
    beside = f"{path.removesuffix('.units')}.amount" if path in {"effort.units", "cost.units"} and at == () else None
    return Rule(path, at, made, place, read_only, told, required, beside, slot, otherwise, reason)


def _by_turns(place: Place, path: str, given: Mapping[Any, Any], faults: Faults, shared: Shared) -> Rule | None:
    before = len(faults.found)
    faults.keys(place, given, KEYS, "a rule with `when`")
    where_ = (*place, "when")
    parts = faults.mapping(where_, given["when"], "`{field: ..., is: {their word: rule}}`")
    if parts is None:
        return None
    faults.keys(where_, parts, WHEN, "`when`")
    at = way((*where_, "field"), parts.get("field"), faults)
    lines = parts.get("is")
    if not isinstance(lines, Mapping) or not lines:
        message = f"rules by their word are expected, not {described(lines)}."
        faults.add((*where_, "is"), "M133", message, lines)
        return None
    if is_told(path) or path in {"id", "status"}:
        faults.add(where_, "M133", "this path stands by no other field: it is always there.", path)
    made = {str(word): rule((*where_, "is", word), path, line, faults, shared) for word, line in lines.items()}
    rest = rule((*where_, "else"), path, parts["else"], faults, shared) if "else" in parts else None
    read_only, required = (truth(place, key, given, faults) for key in ("read_only", "required"))
    rules = {word: each for word, each in made.items() if each is not None}
    if at is None or len(faults.found) > before or (inner := [each for each in rules.values() if each.choice]):
        if at is not None and len(faults.found) == before and inner:
            faults.add(where_, "M133", "one `when` within another is not understood.", None)
        return None
    whole = When({word: each.op for word, each in rules.items()}, None if rest is None else rest.op)
    return Rule(
        path, at, whole, place, read_only or is_never_written(path), False, required, choice=Choice(at, rules, rest)
    )
