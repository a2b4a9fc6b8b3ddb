"""A mapping.yaml, already read into plain data, becomes rules; or all that is wrong with it is said at once.

    times:   {local: {format: "%d/%m/%Y %H:%M:%S", zone: America/Bogota, fold: earlier}}   # named once, used often
    tables:  {companies: {NORTHCABLE: northcable, TELVOZ: telvoz}}
    case:                                                        # canonical path: where and how they keep it
      name: {from: asunto, length: 255, required: true}
      creationDate: {from: fechaAlta, time: local, read_only: true}
    transitions: {New: [Open], Open: [Solved], Solved: []}       # stepping.py; where their system refuses some moves
    create:  {origen: hub}                                       # their fields, given once when the hub creates
    notes:   {from: notas.nota, ...}                             # declare_lists.py; so are feedback and attachments

Checked here: paths, sources, that no field is written by two rules, that nothing a case needs is missing.
Next: `declare_ops.py` for one rule, `lens.py` for what runs it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from mappings.case import PATHS, Visibility, is_path
from mappings.declare_lists import SECTIONS, Lists, lists
from mappings.declare_rule import rule
from mappings.declare_shape import Faults, Rule, Shared, described, is_key
from mappings.errors import Misdeclared, Place, shown
from mappings.ops_cut import Cut
from mappings.ops_notes import Notes
from mappings.ops_python import Functions
from mappings.paths import At, parse
from mappings.slots import is_sign
from mappings.stepping import Moves, transitions

KEYS = ("times", "tables", "case", "transitions", "create", *SECTIONS)


@dataclass(frozen=True, slots=True)
class Declared:
    """A declaration, compiled. create: their fields and values that are given when the hub creates a record."""

    rules: tuple[Rule, ...]
    create: tuple[tuple[At, Any], ...]
    lists: Lists
    transitions: Moves | None = None


def read(
    declaration: object,
    handed: Mapping[str, Mapping[Any, Any]] = MappingProxyType({}),
    functions: Functions = MappingProxyType({}),
) -> Declared:
    """The rules of a declaration. handed: tables of files by name. functions: the partner's own, by `module:name`, each
    with its inverse. Raises Misdeclared with every fault."""
    faults = Faults()
    whole = faults.mapping((), declaration, "a mapping")
    if whole is None:
        raise Misdeclared(faults.found)
    for key in whole:
        if key not in KEYS:
            faults.add((key,), "M101", f"{shown(key)} is no part of a mapping.", key, KEYS)
    tables, times, lines, create = (
        faults.mapping((part,), whole.get(part, {}), "a mapping") or {}
        for part in ("tables", "times", "case", "create")
    )
    shared = Shared(tables, times, handed, functions)
    rules = _rules(lines, faults, shared)
    given = _create(create, faults)
    made = lists(whole, faults, shared)
    moves = transitions(whole["transitions"], rules, faults) if "transitions" in whole else None
    _apart(rules, given, made, faults)
    _rests(rules, made.notes, "notes" in whole, faults)
    if not faults.found or (isinstance(whole.get("case", {}), Mapping) and "status" not in lines):
        _whole(lines, faults)
    if faults.found:
        # A table or a time that is named once and used often would be found wrong as often.
        raise Misdeclared({(fault.place, fault.code, fault.message): fault for fault in faults.found}.values())
    return Declared(tuple(rules), given, made, moves)


def _rules(lines: Mapping[Any, Any], faults: Faults, shared: Shared) -> list[Rule]:
    rules: list[Rule] = []
    for path, given in lines.items():
        place: Place = ("case", path)
        if not isinstance(path, str) or not is_path(path):
            faults.add(place, "M102", "no such path in a case.", path, sorted(PATHS))
            continue
        made = rule(place, path, given, faults, shared)
        if made is not None:
            rules.append(made)
    # A rule that stands by another field is written after the field: it has to see what that one becomes.
    return sorted(rules, key=lambda each: each.choice is not None)


def _create(given: Mapping[Any, Any], faults: Faults) -> tuple[tuple[At, Any], ...]:
    found: list[tuple[At, Any]] = []
    for way, value in given.items():
        at = parse(way)
        if at is None:
            faults.add(("create", way), "M108", f"{described(way)} is no way to a field.", way)
        elif not is_key(value):
            faults.add(("create", way), "M129", f"{described(value)} cannot be given to a new record.", value)
        else:
            found.append((at, value))
    return tuple(found)


def _apart(rules: Sequence[Rule], create: Sequence[tuple[At, Any]], made: Lists, faults: Faults) -> None:
    """No field may be written twice, and none may be both a field and an object of fields."""
    taken: list[tuple[At, Place, bool]] = [
        (at, rule.place, at in each.writes and not rule.read_only)
        for rule in rules
        for each in rule.branches
        for at in dict.fromkeys((*each.reads, *each.writes))
    ]
    taken += [(at, ("create", ".".join(at)), True) for at, _ in create]
    taken += [(each.at, (*each.place, "from"), False) for each in made.declared]
    for number, (at, place, writes) in enumerate(taken):
        for earlier, other, wrote in taken[:number]:
            short = min(len(at), len(earlier))
            if place == other or (at[:short] != earlier[:short] and not _is_sign_beside_name(at, earlier)):
                continue
            if at != earlier:
                message = f"{'.'.join(at)} and {'.'.join(earlier)} ({other[-1]}) lie one within the other."
                faults.add(place, "M109", message, ".".join(at))
            elif writes and wrote:
                message = f"{'.'.join(at)} is written for {other[-1]} already; make one of them `read_only: true`."
                faults.add(place, "M109", message, ".".join(at))


def _rests(rules: Sequence[Rule], made: Notes | None, mapped: bool, faults: Faults) -> None:
    """A rest that is to be a note needs notes that partners may read."""
    for each in (branch for whole in rules for branch in whole.branches):
        if not isinstance(each.op, Cut) or each.op.rest != "note" or (made is None and mapped):
            continue
        place = (*each.place, "truncate", "rest")
        if made is None:
            message = "`note` needs notes, and none are mapped. Map `notes`, or say `rest: drop` and `lossy: why`."
            faults.add(place, "M138", message, "note")
        elif not made.audience.takes(Visibility.PARTNERS):
            message = "`note` needs a word for notes to partners under notes.visibility, and there is none."
            faults.add(place, "M138", message, "note")


def _is_sign_beside_name(at: At, other: At) -> bool:
    """Whether one goes into a list or a part of a text where the other takes it for an object."""
    one, two = next((pair for pair in zip(at, other, strict=False) if pair[0] != pair[1]), ("", ""))
    return is_sign(one) != is_sign(two)


def _whole(lines: Mapping[Any, Any], faults: Faults) -> None:
    """What no case is without."""
    if "status" not in lines:
        faults.add(("case",), "M127", "`status` is not mapped, and no case is without one.", "status")
    for kind in ("effort", "cost"):
        amount, units = f"{kind}.amount" in lines, f"{kind}.units" in lines
        if amount != units:
            lacks = f"{kind}.{'units' if amount else 'amount'}"
            there = f"{kind}.{'amount' if amount else 'units'}"
            faults.add(
                ("case", there), "M128", f"`{lacks}` is not mapped, and one is nothing without the other.", lacks
            )
