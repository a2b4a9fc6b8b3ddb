"""One record through one mapping, field by field: what each word means, where that is said, and what would be lost.

    look_in(version, body)              their record -> our values      `casebridge map PARTNER record.json`
    look_out(version, values, base)     our values -> their words       `casebridge map PARTNER --to-partner case.json`

The lens stops at the first field that does not fit, as a record that is parked needs no second reason; a person who
mends a mapping wants all of them, so here each rule is tried by itself. Opens no connection and no ledger.
Next: `../mappings/lens.py`, `mapping_showing.py`, which prints this.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from hub.mapping_version import Version
from mappings.case import PATHS, TIMES, is_path
from mappings.declare_shape import Rule, is_never_written
from mappings.errors import MappingError, Place, Unfit, nearest
from mappings.lens import Body, Lens, ReadNote
from mappings.paths import getter


@dataclass(frozen=True, slots=True)
class Line:
    """One canonical path. field, word: theirs. at: file:line:column of the rule, or of the word in its table.

    state: `read`, `empty`, `told` (only the hub writes it), `written`, `same` (their record says so already),
    `theirs` (theirs to give, never written), `lost` (no rule maps it), `refused` (problem says why).
    """

    path: str
    value: Any
    field: str
    word: Any
    at: str
    state: str
    problem: MappingError | None = None


@dataclass(frozen=True, slots=True)
class Look:
    """What a mapping makes of a record (or of a case). unmapped: their field -> its word, which no case will hold.

    patch: what would be written, None where a record is read. lists: as read, by the section that declares each;
    list_problems: why one cannot be read.
    """

    version: Version
    lines: tuple[Line, ...]
    unmapped: Mapping[str, Any] = field(default_factory=dict)
    lists: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    list_problems: Mapping[str, MappingError] = field(default_factory=dict)
    patch: Mapping[str, Any] | None = None

    @property
    def problems(self) -> list[tuple[str, MappingError]]:
        """(file:line:column, why) of everything that does not fit."""
        found = [(line.at, line.problem) for line in self.lines if line.problem is not None]
        return found + [(self.version.place((section,)), why) for section, why in self.list_problems.items()]

    @property
    def notes(self) -> tuple[ReadNote, ...]:
        """The notes, as read."""
        return self.lists.get("notes", ())


def look_in(version: Version, body: Body) -> Look:
    """A record of theirs in our terms."""
    lens = version.lens
    values, problems = each(lens, body)
    lines = tuple(_line_in(version, rule, body, values.get(rule.path), problems.get(rule.path)) for rule in lens.rules)
    lists, wrong = _lists(lens, body)
    return Look(version, lines, dict(_unmapped(body, lens.fields)), lists, wrong)


def look_out(version: Version, values: Mapping[str, Any], base: Body | None) -> Look:
    """Our values in their words: over their record, or as a new one where base is None."""
    lens = version.lens
    rules = {rule.path: rule for rule in lens.rules}
    asked = [path for path, rule in rules.items() if path in values or (rule.required and base is None)]
    lines = [_line_out(version, rules[path], values, base) for path in asked]
    lines += [Line(path, values[path], "", None, "", "lost") for path in values if path not in rules]
    fit = {line.path: values[line.path] for line in lines if line.state in {"written", "same"}}
    whole = not any(line.problem for line in lines)
    patch = lens.to_partner(fit, base if base is not None or whole else {}).body
    return Look(version, tuple(lines), patch=patch)


def values_of(content: object) -> dict[str, Any]:
    """A case from JSON: path -> value, or what `casebridge map --json` printed. Times and amounts may be text.

    Raises ValueError with a sentence that says what is wrong, what is known and what was probably meant.
    """
    if isinstance(content, Mapping) and isinstance(content.get("values"), Mapping):
        content = content["values"]
    if not isinstance(content, Mapping):
        raise ValueError('a case is an object, path by path: {"status": "held", "relatedParty.customer.name": "Ana"}.')
    return {path: _value(path, value) for path, value in content.items()}


def _value(path: str, value: Any) -> Any:
    if not is_path(path):
        near = nearest(path, sorted(PATHS))
        said = f" Did you mean {near!r}?" if near else " A path is such as name, status, relatedParty.customer.id."
        raise ValueError(f"{path!r} is no path of a case.{said}")
    if isinstance(value, Mapping | list):
        raise ValueError(f"{path}: one value is expected; a case is flat, so write {path}.… for what lies within.")
    if value is None or not isinstance(value, str):
        return value
    try:
        if path in TIMES:
            moment = datetime.fromisoformat(value)
            if moment.tzinfo is None:
                raise ValueError(f"{path}: {value!r} has no offset; write 2026-11-22T10:00:00+00:00.")
            return moment
        return Decimal(value) if path in {"effort.amount", "cost.amount"} else value
    except ArithmeticError:
        raise ValueError(f"{path}: {value!r} is no number.") from None
    except ValueError as error:
        said = (
            str(error) if str(error).startswith(path) else f"{path}: {value!r} is no time in ISO 8601 with an offset."
        )
        raise ValueError(said) from None


def each(lens: Lens, body: Body) -> tuple[dict[str, Any], dict[str, MappingError]]:
    """Every rule by itself: path -> value of those that fit, path -> why of those that do not."""
    values: dict[str, Any] = {}
    problems: dict[str, MappingError] = {}
    for rule in lens.rules:
        if rule.told:
            continue
        try:
            values[rule.path] = lens.look(rule.path, body)
        except Unfit as unfit:
            problems[rule.path] = unfit.at(rule.place, rule.field)
    for rule in lens.rules:
        if rule.beside is not None and values.get(rule.beside) is None:
            values[rule.path] = None
        elif rule.required and rule.path in values and values[rule.path] is None:
            problems[rule.path] = Unfit("M215", "it is required, and empty.").at(rule.place, rule.field)
    return values, problems


def _line_in(version: Version, rule: Rule, body: Body, value: Any, problem: MappingError | None) -> Line:
    word, stands = their_word(rule, body), standing_for(rule, body)
    state = "refused" if problem else "told" if rule.told else "empty" if value is None else "read"
    return Line(rule.path, value, stands.field, word, place_of(version, stands, word), state, problem)


def _line_out(version: Version, rule: Rule, values: Mapping[str, Any], base: Body | None) -> Line:
    """One path written by itself, over their record or over an empty one."""
    value, there = values.get(rule.path), base if base is not None else {}
    try:
        if rule.required and value is None and (base is None or rule.path in values):
            raise Unfit("M215", "a new record needs it, and it is not given.").at(rule.place, rule.field)
        patch = version.lens.to_partner({rule.path: value}, there)
    except MappingError as error:
        stands = standing_for(rule, there)
        return Line(rule.path, value, stands.field, None, version.place(stands.place), "refused", error)
    after = version.lens.apply(there, patch)
    word, stands = their_word(rule, after), standing_for(rule, after)
    given = is_never_written(rule.path) or rule.read_only
    state = "written" if patch.paths else "theirs" if given and stands.field else "same"
    return Line(rule.path, value, stands.field, word, place_of(version, stands, word), state)


def their_word(rule: Rule, body: Body) -> Any:
    """What stands in their record; None where nothing does, or where the way there leads through a text."""
    rule = standing_for(rule, body)
    try:
        if rule.slot is not None:
            return rule.slot.look(body)
        return getter(rule.at)(body) if rule.at else None
    except Unfit:
        return None


def standing_for(rule: Rule, body: Body) -> Rule:
    """The rule that stands for this record, of several that stand by turns."""
    if rule.choice is None:
        return rule
    try:
        return rule.choice.of(getter(rule.choice.at)(body)) or rule
    except Unfit:
        return rule


def place_of(version: Version, rule: Rule, word: Any) -> str:
    """file:line:column of what decided: the word in the rule's table where it has one, else the rule."""
    content: Any = version.document.content
    for part in rule.place:
        content = content.get(part) if isinstance(content, Mapping) else None
    table = content.get("values") if isinstance(content, Mapping) else None
    place: Place = ("tables", table) if isinstance(table, str) else (*rule.place, "values")
    words = version.document.content.get("tables", {}).get(table) if isinstance(table, str) else table
    said = str(word).lower() if isinstance(word, bool) else str(word)
    return version.place((*place, said) if isinstance(words, Mapping) and said in words else rule.place)


def _lists(lens: Lens, body: Body) -> tuple[dict[str, tuple[Any, ...]], dict[str, MappingError]]:
    """The lists that can be read, and why the others cannot."""
    read: dict[str, tuple[Any, ...]] = {}
    wrong: dict[str, MappingError] = {}
    for each in lens.lists.declared:
        try:
            read[each.section] = (*read.get(each.section, ()), *each.read_all(body))
        except MappingError as error:
            wrong[each.section] = error
    return read, wrong


def _unmapped(body: Any, mapped: frozenset[str], way: str = "") -> Iterator[tuple[str, Any]]:
    """Their fields that no rule names and that are not empty, dotted; a list is one field."""
    for key, word in body.items():
        here = f"{way}.{key}" if way else str(key)
        if here in mapped or word in (None, "", [], {}):
            continue
        if isinstance(word, Mapping):
            yield from _unmapped(word, mapped, here)
        else:
            yield here, word
