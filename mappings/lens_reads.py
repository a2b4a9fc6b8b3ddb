"""A lens's reading, written out: from a record whose words are the usual ones to its values and lists.

    v0 = get0('title')
    if v0.__class__ is not str or not v0: v0 = None if v0 is None or v0 == '' else k0(v0)
    ...
    return {'name': v0, ...}, tuple(notes.values()), (), ()

Next: `lens_lines.py` for the terms on which this runs, `lens_reads_lists.py` for the lists.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from mappings.declare_lists import Lists
from mappings.declare_shape import Rule
from mappings.lens_lines import Lines
from mappings.lens_reads_lists import reads_lists
from mappings.ops import Value
from mappings.ops_attachments import ReadAttachment
from mappings.ops_feedback import ReadFeedback
from mappings.ops_notes import ReadNote
from mappings.ops_text import Constant
from mappings.paths import Body


class Reading(NamedTuple):
    """What a record says. values: every mapped path that is read; None where it has no value. The lists: in the
    record's order."""

    values: dict[str, Value | None]
    notes: tuple[ReadNote, ...]
    feedback: tuple[ReadFeedback, ...] = ()
    attachments: tuple[ReadAttachment, ...] = ()


Reads = Callable[[Body], Reading]


def reads(rules: Sequence[Rule], lists: Lists, told: str) -> Reads:
    """The function that reads a record: these rules in this order, and the lists. told: what tracebacks show."""
    lines = Lines("body")
    names = {rule.path: f"v{number}" for number, rule in enumerate(rules)}
    for rule in rules:
        _read(lines, names[rule.path], rule)
    for rule in rules:
        name, beside = names[rule.path], names.get(rule.beside or "")
        if rule.beside is not None:
            lines.add(f"if {beside} is None: {name} = None" if beside else f"{name} = None")
        elif rule.required:
            lines.add(f"if {name} is None: raise LookupError")
    found = reads_lists(lines, lists)
    values = ", ".join(f"{path!r}: {name}" for path, name in names.items())
    lines.add(f"return {lines.bound(tuple.__new__)}({lines.bound(Reading)}, ({{{values}}}, {found}))")
    made: Reads = lines.function("reads(body)", told)
    return made


def _read(lines: Lines, name: str, rule: Rule) -> None:
    if isinstance(rule.op, Constant) and not rule.at and rule.default is None:
        lines.add(f"{name} = {rule.op.value!r}")
    elif plain(rule):
        lines.read(name, rule.at, rule.op)
    else:
        lines.add(f"{name} = {lines.bound(rule.look)}(body)")


def plain(rule: Rule) -> bool:
    """Whether it is one field and one op, and nothing else."""
    return bool(rule.at) and rule.slot is None and rule.choice is None and rule.default is None and rule.lossy is None
