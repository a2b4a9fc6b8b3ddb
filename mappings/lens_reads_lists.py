"""The lists with identity of a record, written out: a part of `lens_reads.py`, which see.

items = get0('comments')
...
notes = {}
for note in items:
    ...
    notes[i] = make(ReadNote, (i, a, d, s, v, l, r, t))
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from mappings import text
from mappings.case import Visibility
from mappings.declare_lists import Lists
from mappings.lens_lines import Lines
from mappings.ops_attachments import Attachments, ReadAttachment
from mappings.ops_audience import Audience
from mappings.ops_feedback import LEAST, MOST, ReadFeedback, Surveys
from mappings.ops_list import Listing, Part
from mappings.ops_notes import Notes, ReadNote
from mappings.paths import At


def reads_lists(lines: Lines, lists: Lists) -> str:
    """Lines that read the lists; the expressions that they are then, in the order of a Reading. An unusual member
    raises."""
    every = [] if lists.notes is None else [lists.notes, *lists.more_notes]
    notes = " + ".join([_notes(lines, one) for one in every]) or "()"
    feedback = "()" if lists.feedback is None else _feedback(lines, lists.feedback)
    attachments = "()" if lists.attachments is None else _attachments(lines, lists.attachments)
    return f"{notes}, {feedback}, {attachments}"


@contextmanager
def _each(lines: Lines, listing: Listing) -> Iterator[str]:
    """The loop over a list, with the id of each member in `i`; the name that what is read of them goes into."""
    which = [str(part) for part in listing.place[1:]]
    found, member = "_".join([listing.section, *which]), "_".join([listing.member, *which])
    lines.add(
        f"items = {lines.way(listing.at)}",
        "if items is None or items == '': items = []",
        "if items.__class__ is not list: raise TypeError",
        f"{found} = {{}}",
    )
    with lines.block(f"for {member} in items:", root=member):
        lines.add(
            f"if {member}.__class__ is not dict: raise TypeError",
            f"i = {lines.way(listing.id)}",
            "if i.__class__ is int: i = str(i)",
            "elif i.__class__ is not str or not i: raise TypeError",
        )
        if listing.prefix:
            lines.add(f"i = {listing.prefix!r} + i")
        yield found
    lines.add(f"if len({found}) != len(items): raise LookupError")


def _notes(lines: Lines, notes: Notes) -> str:
    with _each(lines, notes) as found:
        _part(lines, "a", notes.author)
        _part(lines, "d", notes.date)
        lines.add("if d is None: raise LookupError")
        _part(lines, "t", notes.text)
        lines.add("if a is None: a = ''", "if t is None: t = ''")
        _visibility(lines, notes.seen, notes.audience)
        if notes.audience.markers:
            private = lines.bound(Visibility.PRIVATE)
            lines.add(f"if v is {private}: v, t = {lines.bound(notes.audience.read)}(w, t)")
        _part(lines, "l", notes.language)
        apart = f"{lines.bound(text.unfooted)}(t) if t[-1:] in {text.LAST!r} else (t, None)"
        lines.add(
            f"s, r = {'t, None' if notes.number else apart}",
            f"{found}[i] = {lines.bound(tuple.__new__)}({lines.bound(ReadNote)}, (i, a, d, s, v, l, r, t))",
        )
    return f"tuple({found}.values())"


def _feedback(lines: Lines, surveys: Surveys) -> str:
    """A member without a score says nothing yet."""
    with _each(lines, surveys) as found:
        _part(lines, "s", surveys.score)
        with lines.block("if s is None:"):
            lines.add(f"{found}[i] = None", "continue")
        lines.add(f"if s.__class__ is not int or not {LEAST} <= s <= {MOST}: raise LookupError")
        _part(lines, "t", surveys.text)
        _part(lines, "d", surveys.date)
        lines.add(
            "if d is None: raise LookupError",
            f"{found}[i] = {lines.bound(tuple.__new__)}({lines.bound(ReadFeedback)}, (i, s, t, d))",
        )
    return f"tuple(filter(None, {found}.values()))"


def _attachments(lines: Lines, attachments: Attachments) -> str:
    with _each(lines, attachments) as found:
        _part(lines, "n", attachments.name)
        lines.add("if not n: raise LookupError")
        _part(lines, "t", attachments.type)
        _part(lines, "z", attachments.size)
        _part(lines, "a", attachments.author)
        lines.add("if a is None: a = ''")
        _part(lines, "d", attachments.date)
        _visibility(lines, attachments.seen, attachments.audience)
        lines.add(f"{found}[i] = {lines.bound(tuple.__new__)}({lines.bound(ReadAttachment)}, (i, n, t, z, a, d, v))")
    return f"tuple({found}.values())"


def _part(lines: Lines, name: str, part: Part | None) -> None:
    if part is None:
        lines.add(f"{name} = None")
    elif part.at:
        lines.read(name, part.at, part.op)
        if part.other is not None:
            lines.way(part.other.at)  # looked for outside the block, where others may find it
            with lines.block(f"if {name} is None:"):
                _part(lines, name, part.other)
    else:
        lines.add(f"{name} = {lines.bound(part.op.forward)}('')")


def _visibility(lines: Lines, seen: At, audience: Audience) -> None:
    """What a word does not name is private; so is a word of another type than the table's."""
    table = audience.table
    meant = lines.bound({word: Visibility(str(ours)) for word, ours in table.words.items()})
    private, kind = lines.bound(Visibility.PRIVATE), lines.bound(table.type)
    lines.add(
        f"w = {lines.way(seen) if seen else True}",
        f"v = {meant}.get(w, {private}) if w.__class__ is {kind} else {private}",
    )
