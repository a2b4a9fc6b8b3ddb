"""The notes of a record, written out: a part of `lens_reads.py`, which see."""

from __future__ import annotations

from mappings import text
from mappings.case import Visibility
from mappings.lens_lines import Lines
from mappings.ops_notes import Notes, Part, ReadNote


def reads_notes(lines: Lines, notes: Notes) -> str:
    """Lines that read the notes; the expression that they are then. An unusual note raises."""
    lines.add(
        f"items = {lines.way(notes.at)}",
        "if items is None or items == '': items = []",
        "if items.__class__ is not list: raise TypeError",
        "notes = {}",
    )
    with lines.block("for item in items:", root="item"):
        lines.add(
            "if item.__class__ is not dict: raise TypeError",
            f"i = {lines.way(notes.id)}",
            "if i.__class__ is int: i = str(i)",
            "elif i.__class__ is not str or not i: raise TypeError",
        )
        _part(lines, "a", notes.author)
        _part(lines, "d", notes.date)
        lines.add("if d is None: raise LookupError")
        _part(lines, "t", notes.text)
        lines.add("if a is None: a = ''", "if t is None: t = ''")
        _visibility(lines, notes)
        _part(lines, "l", notes.language)
        lines.add(
            f"s, r = {lines.bound(text.unfooted)}(t) if t[-1:] in {text.LAST!r} else (t, None)",
            f"notes[i] = {lines.bound(tuple.__new__)}({lines.bound(ReadNote)}, (i, a, d, s, v, l, r, t))",
        )
    lines.add("if len(notes) != len(items): raise LookupError")
    return "tuple(notes.values())"


def _part(lines: Lines, name: str, part: Part | None) -> None:
    if part is None:
        lines.add(f"{name} = None")
    elif part.at:
        lines.read(name, part.at, part.op)
    else:
        lines.add(f"{name} = {lines.bound(part.op.forward)}('')")


def _visibility(lines: Lines, notes: Notes) -> None:
    """What a word does not name is private; so is a word of another type than the table's."""
    table = notes.audience.table
    meant = lines.bound({word: Visibility(str(ours)) for word, ours in table.words.items()})
    private, kind = lines.bound(Visibility.PRIVATE), lines.bound(table.type)
    lines.add(
        f"w = {lines.way(notes.seen) if notes.seen else True}",
        f"v = {meant}.get(w, {private}) if w.__class__ is {kind} else {private}",
    )
    if notes.audience.markers:
        lines.add(f"if v is {private}: v, t = {lines.bound(notes.audience.read)}(w, t)")
