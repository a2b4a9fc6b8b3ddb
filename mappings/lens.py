"""A lens: one partner's declaration, compiled once, then run both ways over records.

    lens = compile(declaration, partner="telvoz")
    reading = lens.to_case(body)                      # their words -> canonical values and lists
    patch = lens.to_partner(values, body)             # canonical values -> the least that must be written
    body = lens.apply(body, patch)

The laws. GetPut: what was read, written back, changes nothing. PutGet: what was written reads back the same. A word of
theirs stays while it means what is to be written. Fields that are not mapped survive. Before a word goes out it is read
back through its own op: a loss is refused (M216), never made. Pure; no YAML is looked at per record.
Next: `declare.py` (how a declaration becomes rules), `ops.py`, `laws.py` (the laws, checked).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from mappings.case import Note, Visibility
from mappings.content import content_hash
from mappings.declare import Declared, read
from mappings.declare_lists import Lists
from mappings.declare_shape import Rule
from mappings.errors import Unfit
from mappings.lens_lines import UNUSUAL
from mappings.lens_past import PastChange, past_changes, past_fields
from mappings.lens_reads import Reading, Reads, reads
from mappings.lens_writes import Writes, writes
from mappings.looking import looking
from mappings.ops import Value
from mappings.ops_attachments import Attachments, ReadAttachment
from mappings.ops_cut import MARK, Cut
from mappings.ops_feedback import ReadFeedback, Surveys
from mappings.ops_notes import Notes, ReadNote
from mappings.ops_python import Functions
from mappings.paths import At, Body, merged, put, without
from mappings.slots import Slot, own_names
from mappings.stepping import Moves, status_word, step_before, steps
from mappings.writing import write

__all__ = ["Body", "Lens", "Patch", "ReadAttachment", "ReadFeedback", "ReadNote", "Reading", "Value", "compile"]

Values = Mapping[str, Value | None]


@dataclass(frozen=True, slots=True)
class Patch:
    """The least to be written. body: nested as their record is, {} for nothing. paths: the canonical paths in it."""

    body: dict[str, Any]
    paths: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Lens:
    """paths: what it reads. told: what it only writes. hash: of the declaration's content, order and comments aside."""

    partner: str
    hash: str
    rules: tuple[Rule, ...]
    lists: Lists
    create: tuple[tuple[At, Any], ...]
    paths: frozenset[str]
    told: frozenset[str]
    _readers: tuple[tuple[Rule, Callable[[Body], Any]], ...] = field(repr=False)
    _checks: tuple[Rule, ...] = field(repr=False)
    _by_path: Mapping[str, Rule] = field(repr=False)
    _reads: Reads = field(repr=False)
    _writes: Writes = field(repr=False)
    transitions: Moves | None = None
    _slots: tuple[Slot, ...] = field(default=(), repr=False)
    _cuts: Mapping[str, Cut] = field(default_factory=dict, repr=False)

    @property
    def notes(self) -> Notes | None:
        """Their notes; None where these are not mapped."""
        return self.lists.notes

    @property
    def feedback(self) -> Surveys | None:
        """What their customers answered; None where that is not mapped as a list."""
        return self.lists.feedback

    @property
    def attachments(self) -> Attachments | None:
        """Their attachments; None where these are not mapped."""
        return self.lists.attachments

    @property
    def notes_field(self) -> str | None:
        """Their field that holds the notes, dotted; None where notes are not mapped."""
        return None if self.notes is None else self.notes.field

    @property
    def fields(self) -> frozenset[str]:
        """Every field of theirs that is read or written, dotted; of a list the list alone."""
        rules = [each for rule in self.rules for each in rule.branches]
        named = {".".join(own_names(at)) for rule in rules for at in (*rule.reads, *rule.writes)}
        named |= {".".join(rule.at) for rule in self.rules if rule.choice} | {".".join(at) for at, _ in self.create}
        return frozenset(named | {each.field for each in self.lists.declared})

    @property
    def read_fields(self) -> frozenset[str]:
        """Those of them that a case takes something from, its lists apart."""
        rules = [each for rule in self.rules for each in rule.branches]
        return frozenset(".".join(own_names(at)) for rule in rules for at in rule.reads)

    def to_case(self, body: Body) -> Reading:
        """Their record in our terms. Raises MappingError at the first field that does not fit."""
        try:
            return self._reads(body)
        except UNUSUAL:
            return self.read_the_long_way(body)

    def read_the_long_way(self, body: Body) -> Reading:
        """Rule by rule, with the place of what does not fit."""
        values: dict[str, Value | None] = {}
        rule = self.rules[0]
        try:
            for rule, look in self._readers:
                values[rule.path] = look(body)
        except Unfit as unfit:
            raise unfit.at(rule.place, rule.field) from None
        for rule in self._checks:
            if rule.beside is not None and values.get(rule.beside) is None:
                values[rule.path] = None
            elif rule.required and values[rule.path] is None:
                raise Unfit("M215", "it is required, and empty.").at(rule.place, rule.field)
        return Reading(
            values,
            self.read_notes(body),
            () if self.feedback is None else self.feedback.read(body),
            () if self.attachments is None else self.attachments.read(body),
        )

    def read_notes(self, body: Body) -> tuple[ReadNote, ...]:
        """The notes of a record, of one list after the other. Raises MappingError."""
        every = () if self.notes is None else (self.notes, *self.lists.more_notes)
        return tuple(note for one in every for note in one.read(body))

    def look(self, path: str, body: Body) -> Value | None:
        """What one rule alone reads in their record. Raises Unfit; KeyError for a path that is not mapped."""
        found: Value | None = self._by_path[path].look(body)
        return found

    def past(self, field: str, old: Any, new: Any, body: Body) -> Iterator[PastChange]:
        """What a change of this field of theirs meant, for each path that reads it; nothing of a field that is not
        mapped. body: the record as it is now."""
        return past_changes((rule for rule, _ in self._readers), field, old, new, body)

    @property
    def past_fields(self) -> frozenset[str]:
        """Fields of theirs of which `past` makes something; a member of a list with its sign, `fields[id=2].value`."""
        return past_fields(rule for rule, _ in self._readers)

    def to_partner(self, values: Values, base: Body | None) -> Patch:
        """What must be written so that their record says these values. Only paths in `values` are considered; of these
        only what differs from the base, or on a create (base None) what has a value. Raises MappingError.
        """
        if base is None:
            return self.write_the_long_way(values, base)
        try:
            body, paths = self._writes(values, base)
        except UNUSUAL:
            return self.write_the_long_way(values, base)
        return Patch(body, paths)

    def write_the_long_way(self, values: Values, base: Body | None) -> Patch:
        """Rule by rule, with the place of what does not fit."""
        body: dict[str, Any] = {}
        paths: list[str] = []
        if base is None:
            for at, word in self.create:
                put(body, at, word)
        for rule in self.rules:
            try:
                if rule.path in values:
                    if write(rule, values[rule.path], base, body):
                        paths.append(rule.path)
                elif rule.required and base is None and not rule.read_only:
                    raise Unfit("M215", "a new record needs it, and it is not given.")
            except Unfit as unfit:
                raise unfit.at(rule.place, rule.field) from None
        return Patch(body, tuple(paths))

    def rests(self, values: Values) -> dict[str, str]:
        """What of these values does not fit their fields and is to follow as a note, by path: `their field: …the rest`.
        Raises MappingError."""
        return {rule.path: f"{rule.field}: {MARK}{left}" for rule, left in self._left(values)} if self._cuts else {}

    def _left(self, values: Values) -> Iterator[tuple[Rule, str]]:
        for path, op in self._cuts.items():
            rule = self._by_path[path]
            try:
                left = op.left(values.get(path)) if op.rest == "note" else ""
            except Unfit as unfit:
                raise unfit.at(rule.place, rule.field) from None
            if left:
                yield rule, left

    def same(self, path: str, one: Value | None, other: Value | None) -> bool:
        """Whether two values mean the same in this partner's system: it may keep whole seconds only. Paths that it
        does not map are compared as they are."""
        rule = self._by_path.get(path)
        return one == other if rule is None else any(each.same(one, other) for each in rule.branches)

    def steps(self, before: Any, after: Any) -> tuple[str, ...]:
        """Their status words to be written one after the other to come from one to the other: one where nothing is
        declared under `transitions`. Raises MappingError M223 where no way leads there."""
        try:
            return steps(self.transitions, before, after)
        except Unfit as unfit:
            raise unfit.at(("transitions", str(before)), self._by_path["status"].field) from None

    def step_before(self, patch: Patch, base: Body) -> Patch | None:
        """The status step to be written alone, and read back, before this patch: their transitions allow no direct
        move. None where the patch may be written as it is. Raises MappingError M223 where no way leads there."""
        if self.transitions is None or "status" not in patch.paths:
            return None
        rule = self._by_path["status"]
        try:
            body = step_before(self.transitions, rule, base, self.apply(base, patch))
        except Unfit as unfit:
            raise unfit.at(("transitions", str(self.status_word(base))), rule.field) from None
        return None if body is None else Patch(body, ("status",))

    def status_word(self, body: Body) -> Any:
        """Their word in the field of the status, as it stands."""
        return status_word(self._by_path["status"], body)

    def to_note(self, note: Note, *, company: str, ref: str) -> dict[str, Any]:
        """One note in their words, its last line `— author, company [ref]`. Raises MappingError; ValueError where the
        ref could not be read back."""
        if self.notes is None:
            raise Unfit("M217", f"{self.partner} has no notes.").at(("notes",), "")
        return self.notes.write(note, company=company, ref=ref)

    def to_attachment(self, *, name: str, mime_type: str | None, visibility: Visibility) -> dict[str, Any]:
        """What is told of one file, in their words; what is in it goes another way. Raises MappingError, also where it
        would read back as something else."""
        if self.attachments is None:
            raise Unfit("M217", f"{self.partner} has no attachments.").at(("attachments",), "")
        return self.attachments.write(name, mime_type, visibility)

    def trim(self, body: Body) -> dict[str, Any]:
        """The record without its lists of notes, feedback and attachments."""
        whole: Body = body
        for each in self.lists.declared:
            whole = without(whole, each.at)
        return dict(whole)

    def apply(self, base: Body, patch: Patch | Body) -> dict[str, Any]:
        """A new record: the patch laid over the base, as their system would show it. What neither names is kept."""
        left = patch.body if isinstance(patch, Patch) else patch
        landed: list[tuple[Slot, Any]] = []
        for slot in self._slots:
            found = slot.said(left)
            if found is not None:
                word, left = found
                landed.append((slot, word))
        whole = merged(base, left)
        for slot, word in landed:
            whole = slot.store(whole, word)
        return whole


def compile(  # noqa: A001 - the house's word, as re.compile
    declaration: Mapping[str, Any],
    *,
    partner: str,
    tables: Mapping[str, Mapping[Any, Any]] = MappingProxyType({}),
    functions: Functions = MappingProxyType({}),
) -> Lens:
    """The lens of a mapping.yaml, given as plain data. tables: what `lookup` names, theirs to ours, by file name.
    functions: what `python` names, (theirs to ours, ours to theirs), by `module:name`. Raises Misdeclared with every
    fault in it."""
    declared: Declared = read(declaration, tables, functions)
    rules = tuple(looking(rule) for rule in declared.rules)
    readers = tuple((rule, rule.look) for rule in rules if not rule.told)
    return Lens(
        partner=partner,
        hash=content_hash(declaration, tables),
        rules=rules,
        lists=declared.lists,
        create=declared.create,
        paths=frozenset(rule.path for rule, _ in readers),
        told=frozenset(rule.path for rule in rules if rule.told),
        _readers=readers,
        _checks=tuple(rule for rule, _ in readers if rule.required or rule.beside),
        _by_path={rule.path: rule for rule in rules},
        _reads=reads([rule for rule, _ in readers], declared.lists, f"mapping of {partner}"),
        _writes=writes(rules, f"mapping of {partner}"),
        transitions=declared.transitions,
        _slots=tuple(each.slot for rule in rules for each in rule.branches if each.slot is not None),
        _cuts={rule.path: each.op for rule in rules for each in rule.branches if isinstance(each.op, Cut)},
    )
