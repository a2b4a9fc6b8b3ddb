"""A lens: one partner's declaration, compiled once, then run both ways over records.

    lens = compile(declaration, partner="telvoz")
    reading = lens.to_case(body)                      # their words -> canonical values and notes
    patch = lens.to_partner(values, body)             # canonical values -> the least that must be written
    body = lens.apply(body, patch)

The laws. GetPut: what was read, written back, changes nothing. PutGet: what was written reads back the same. A word of
theirs stays while it means what is to be written. Fields that are not mapped survive. Before a word goes out it is read
back through its own op: a loss is refused (M216), never made. Pure; no YAML is looked at per record.
Next: `declare.py` (how a declaration becomes rules), `ops.py`, `laws.py` (the laws, checked).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from mappings.case import Note
from mappings.declare import Declared, read
from mappings.declare_shape import Rule
from mappings.errors import Unfit, shown
from mappings.ops import Value
from mappings.ops_notes import Notes, ReadNote
from mappings.paths import At, Body, getter, merged, put, without

__all__ = ["Body", "Lens", "Patch", "ReadNote", "Reading", "Value", "compile"]

Values = Mapping[str, Value | None]


@dataclass(frozen=True, slots=True)
class Reading:
    """What a record says. values: every mapped path that is read; None where it has no value. notes: in its order."""

    values: dict[str, Value | None]
    notes: tuple[ReadNote, ...]


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
    notes: Notes | None
    create: tuple[tuple[At, Any], ...]
    paths: frozenset[str]
    told: frozenset[str]
    _readers: tuple[tuple[Rule, Callable[[Body], Any]], ...] = field(repr=False)
    _looks: Mapping[str, Callable[[Body], Any]] = field(repr=False)
    _checks: tuple[Rule, ...] = field(repr=False)
    _by_path: Mapping[str, Rule] = field(repr=False)

    @property
    def notes_field(self) -> str | None:
        """Their field that holds the notes, dotted; None where notes are not mapped."""
        return None if self.notes is None else ".".join(self.notes.at)

    @property
    def fields(self) -> frozenset[str]:
        """Every field of theirs that is read or written, dotted; of the notes the list alone."""
        named = {rule.field for rule in self.rules if rule.at} | {".".join(at) for at, _ in self.create}
        return frozenset(named | ({self.notes_field} if self.notes_field else set()))

    def to_case(self, body: Body) -> Reading:
        """Their record in our terms. Raises MappingError at the first field that does not fit."""
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
        return Reading(values, () if self.notes is None else self.notes.read(body))

    def to_partner(self, values: Values, base: Body | None) -> Patch:
        """What must be written so that their record says these values. Only paths in `values` are considered; of these
        only what differs from the base, or on a create (base None) what has a value. Raises MappingError.
        """
        body: dict[str, Any] = {}
        paths: list[str] = []
        if base is None:
            for at, word in self.create:
                put(body, at, word)
        for rule in self.rules:
            try:
                if rule.path in values:
                    wrote = self._write(rule, values[rule.path], base, body)
                    paths += [rule.path] if wrote else []
                elif rule.required and base is None and not rule.read_only:
                    raise Unfit("M215", "a new record needs it, and it is not given.")
            except Unfit as unfit:
                raise unfit.at(rule.place, rule.field) from None
        return Patch(body, tuple(paths))

    def _write(self, rule: Rule, value: Value | None, base: Body | None, body: dict[str, Any]) -> bool:
        """Put what one rule must write into the body; whether it was anything. Raises Unfit."""
        empty = value is None or value == ""
        if not rule.at and not empty:
            rule.op.inverse(value)  # a constant is not written, it only has to be the same
        if rule.read_only or (base is None and empty and not rule.required):
            return False
        if base is not None and self._says(rule, base, None if empty else value):
            return False
        if empty and rule.required:
            raise Unfit("M215", "it is required, and would be empty.")
        put(body, rule.at, None if value is None or value == "" else proven(rule, value))
        return True

    def _says(self, rule: Rule, base: Body, value: Value | None) -> bool:
        """Whether the base says this already. What cannot be read says nothing."""
        try:
            return rule.op.same(self._looks[rule.path](base), value)
        except Unfit:
            return False

    def same(self, path: str, one: Value | None, other: Value | None) -> bool:
        """Whether two values mean the same in this partner's system: it may keep whole seconds only. Paths that it
        does not map are compared as they are."""
        rule = self._by_path.get(path)
        return one == other if rule is None else rule.op.same(one, other)

    def to_note(self, note: Note, *, company: str, ref: str) -> dict[str, Any]:
        """One note in their words, its last line `— author, company [ref]`. Raises MappingError; ValueError where the
        ref could not be read back."""
        if self.notes is None:
            raise Unfit("M217", f"{self.partner} has no notes.").at(("notes",), "")
        return self.notes.write(note, company=company, ref=ref)

    def trim(self, body: Body) -> dict[str, Any]:
        """The record without its notes."""
        return dict(body) if self.notes is None else without(body, self.notes.at)

    def apply(self, base: Body, patch: Patch | Body) -> dict[str, Any]:
        """A new record: the patch laid over the base. What neither names is kept."""
        return merged(base, patch.body if isinstance(patch, Patch) else patch)


def compile(declaration: Mapping[str, Any], *, partner: str) -> Lens:  # noqa: A001 - the house's word, as re.compile
    """The lens of a mapping.yaml, given as plain data. Raises Misdeclared with every fault in it."""
    declared: Declared = read(declaration)
    looks = {rule.path: _look(rule) for rule in declared.rules}
    readers = tuple((rule, looks[rule.path]) for rule in declared.rules if not rule.told)
    return Lens(
        partner=partner,
        hash=sha256(_canonical(declaration).encode()).hexdigest()[:16],
        rules=declared.rules,
        notes=declared.notes,
        create=declared.create,
        paths=frozenset(rule.path for rule, _ in readers),
        told=frozenset(rule.path for rule in declared.rules if rule.told),
        _readers=readers,
        _looks=looks,
        _checks=tuple(rule for rule, _ in readers if rule.required or rule.beside),
        _by_path={rule.path: rule for rule in declared.rules},
    )


def proven(rule: Rule, value: Value) -> Any:
    """Their word for our value, once it is seen to read back as that value. Raises Unfit."""
    word = rule.op.inverse(value)
    back = None if word == "" else rule.op.forward(word)
    if not rule.op.same(back, value):
        raise Unfit("M216", f"{shown(value)} would be written as {shown(word)} and read back as {shown(back)}.", value)
    return word


def _look(rule: Rule) -> Callable[[Body], Any]:
    """A function from a record to what one rule reads in it."""
    forward = rule.op.forward
    if not rule.at:
        return lambda _: forward(None)
    if len(rule.at) == 1:
        key = rule.at[0]

        def look(body: Body) -> Any:
            word = body.get(key)
            return None if word is None or word == "" else forward(word)

        return look
    get = getter(rule.at)

    def look_in(body: Body) -> Any:
        word = get(body)
        return None if word is None or word == "" else forward(word)

    return look_in


def _canonical(given: object) -> str:
    """One text for one content: keys in order, types told apart."""
    if isinstance(given, Mapping):
        inner = sorted(f"{_canonical(key)}:{_canonical(value)}" for key, value in given.items())
        return "{" + ",".join(inner) + "}"
    if isinstance(given, (list, tuple)):
        return "[" + ",".join(_canonical(each) for each in given) + "]"
    return f"{type(given).__name__} {given!r}"
