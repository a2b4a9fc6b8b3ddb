"""A table as it is declared: `values`, `back`, `refuse`; total in both directions or a fault.

    status: {from: state, values: {New: acknowledged, Open: inProgress, Reopened: inProgress},
             back: {inProgress: Open}, refuse: [held]}

`values` may name one of the declaration's `tables`. The keys true and false are their true and false, not words, and
with `as: integer` the keys are numbers; `as: text` says that they are words all the same. Next: `ops_values.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from mappings.declare_shape import Faults, Shared, all_values, described, is_key, misfit
from mappings.errors import Key, Place, shown
from mappings.ops_values import Table

Words = dict[Key, Key]

UNKNOWN = ("refuse", "keep")
_TRUTH = {"true": True, "false": False}
_WHOLE = re.compile(r"-?[0-9]{1,18}")


def table(
    place: Place,
    path: str,
    given: Mapping[Any, Any],
    faults: Faults,
    shared: Shared,
    *,
    writes: bool,
    besides: Iterable[Key] = (),
) -> Table | None:
    """The table of a rule. writes: it must know the way back too. besides: our values that get across otherwise."""
    before = len(faults.found)
    words = _words(place, path, given, faults, shared)
    if words is None:
        return None
    refused = _refused(place, path, given.get("refuse", []), words, faults)
    nearest = _nearest(place, path, given, words, refused, faults)
    back = _back(place, given.get("back", {}), words, faults)
    written: Words = {}
    for ours in dict.fromkeys(words.values()):
        theirs = [word for word, meant in words.items() if meant == ours and type(meant) is type(ours)]
        if len(theirs) > 1 and ours not in back and writes:
            said = " and ".join(shown(word) for word in theirs)
            message = (
                f"{said} all mean {shown(ours)}: say which is written, `back: {{{_bare(ours)}: {_bare(theirs[0])}}}`."
            )
            faults.add((*place, "values"), "M105", message, ours, (_bare(word) for word in theirs))
        written[ours] = back.get(ours, theirs[0])
    missing = [ours for ours in all_values(path) if ours not in written and ours not in {*refused, *nearest, *besides}]
    if missing and writes:
        said = ", ".join(shown(ours) for ours in missing)
        message = f"no word of theirs means {said}: add one, or say `refuse: [{', '.join(_bare(m) for m in missing)}]`."
        faults.add((*place, "values"), "M106", message, tuple(missing))
    keep = given.get("unknown", "refuse") == "keep"
    return Table(words, written, refused, nearest, keep) if len(faults.found) == before else None


def lookup(
    place: Place, path: str, given: Mapping[Any, Any], faults: Faults, shared: Shared, *, writes: bool
) -> Table | None:
    """The table of a rule that names a file's table, handed in beside the declaration."""
    name, unknown = given["lookup"], given.get("unknown", "refuse")
    if unknown not in UNKNOWN:
        faults.add((*place, "unknown"), "M135", f"{described(unknown)} is nothing to do.", unknown, UNKNOWN)
        return None
    if not isinstance(name, str) or name not in shared.handed:
        message = f"{described(name)} is no table that stands beside this mapping."
        faults.add((*place, "lookup"), "M135", message, name, sorted(shared.handed))
        return None
    rest = {key: value for key, value in given.items() if key in {"back", "refuse", "unknown"}}
    return table(place, path, {**rest, "values": shared.handed[name], "as": "text"}, faults, shared, writes=writes)


def _words(place: Place, path: str, parts: Mapping[Any, Any], faults: Faults, shared: Shared) -> Words | None:
    """Theirs to ours, each looked at; the place is where the table stands."""
    where: Place = (*place, "values")
    given, written = parts["values"], parts.get("as")
    if written not in {None, "text", "integer"}:
        message = f"{described(written)} is no way to write a word."
        faults.add((*place, "as"), "M117", message, written, ("text", "integer"))
        return None
    if isinstance(given, str):
        if given not in shared.tables:
            known = tuple(str(name) for name in shared.tables)
            faults.add(where, "M120", f"{shown(given)} names no table under `tables`.", given, known)
            return None
        where, given = ("tables", given), shared.tables[given]
    if not isinstance(given, Mapping) or not given:
        faults.add(where, "M119", f"a table `theirs: ours` is expected, not {_said(given)}.", given)
        return None
    before = len(faults.found)
    kinds = {type(word) for word in given}
    if len(kinds) > 1 and all(is_key(word) for word in given):
        faults.add(where, "M119", "its words are of different kinds (text, number, true or false).", tuple(given))
    elif len({type(ours) for ours in given.values() if is_key(ours)}) > 1:
        faults.add(
            where, "M119", "its values are of different kinds (text, number, true or false).", tuple(given.values())
        )
    for word, ours in given.items():
        at: Place = (*where, word if is_key(word) else str(word))
        if not is_key(word) or word == "":
            faults.add(at, "M119", f"{described(word)} cannot be a word of theirs; empty means no value anyway.", word)
        elif not is_key(ours) or ours == "":
            faults.add(at, "M119", f"{described(ours)} cannot be a value of ours.", ours)
        elif wrong := misfit(path, ours):
            faults.add(at, "M103", wrong[0], ours, wrong[1])
    return _keyed(where, given, written, faults) if len(faults.found) == before else None


def _keyed(place: Place, given: Mapping[Key, Key], written: object, faults: Faults) -> Words | None:
    """The table with keys as their system has them. YAML is read with words for keys, so `true` comes as text."""
    if written == "integer":
        strange = [word for word in given if not _WHOLE.fullmatch(str(word))]
        for word in strange:
            faults.add((*place, word), "M119", f"{shown(word)} is no whole number.", word)
        return None if strange else {int(word): ours for word, ours in given.items()}
    return _flagged(given) if written is None else dict(given)


def _flagged(given: Mapping[Key, Key]) -> Words:
    """Keys true and false as such, where there are no others."""
    return {_TRUTH[str(key)]: value for key, value in given.items()} if set(given) <= set(_TRUTH) else dict(given)


def _back(place: Place, given: object, words: Words, faults: Faults) -> Words:
    """Ours to the preferred one of theirs. What it says must read back as what it is said of."""
    where: Place = (*place, "back")
    if not isinstance(given, Mapping):
        faults.add(where, "M119", f"`ours: theirs` is expected, not {described(given)}.", given)
        return {}
    back: Words = {}
    for ours, word in (_flagged(given) if True in words.values() else given).items():
        at: Place = (*where, ours)
        if not is_key(word) or word not in words:
            known = tuple(_bare(each) for each in words)
            faults.add(at, "M107", f"{described(word)} is no word of the table.", word, known)
        elif words[word] != ours:
            message = f"{shown(word)} means {shown(words[word])}, so it would not read back as {shown(ours)}."
            known = tuple(_bare(each) for each, meant in words.items() if meant == ours)
            faults.add(at, "M107", message, word, known)
        else:
            back[ours] = word
    return back


def _refused(place: Place, path: str, given: object, words: Words, faults: Faults) -> frozenset[Key]:
    """Our values that this system has no word for, by declaration."""
    where: Place = (*place, "refuse")
    if not isinstance(given, list):
        faults.add(where, "M126", f"a list of our values is expected, not {described(given)}.", given)
        return frozenset()
    for number, ours in enumerate(given):
        at: Place = (*where, number)
        if not is_key(ours):
            faults.add(at, "M126", f"{described(ours)} cannot be a value of ours.", ours)
        elif wrong := misfit(path, ours):
            faults.add(at, "M126", wrong[0], ours, wrong[1])
        elif ours in words.values():
            faults.add(at, "M126", f"{shown(ours)} has a word in the table, so it cannot be refused.", ours)
    return frozenset(ours for ours in given if is_key(ours))


def _nearest(
    place: Place, path: str, parts: Mapping[Any, Any], words: Words, refused: frozenset[Key], faults: Faults
) -> Words:
    """Ours that go out as a word which means another one."""
    where, given = (*place, "nearest"), parts.get("nearest", {})
    if not isinstance(given, Mapping):
        faults.add(where, "M119", f"`ours: theirs` is expected, not {described(given)}.", given)
        return {}
    for ours, word in given.items():
        at: Place = (*where, ours)
        if wrong := misfit(path, ours):
            faults.add(at, "M103", wrong[0], ours, wrong[1])
        elif ours in words.values() or ours in refused:
            said = "is refused" if ours in refused else "has a word of its own"
            faults.add(at, "M126", f"{shown(ours)} {said}, so it needs none that is near.", ours)
        elif not is_key(word) or word not in words:
            faults.add(at, "M107", f"{described(word)} is no word of the table.", word, (_bare(each) for each in words))
    if given and not parts.get("lossy"):
        faults.add(where, "M140", "another word is a loss: say why, `lossy: reason`.", None)
    return dict(given)


def _bare(word: Key) -> str:
    """A word as it would stand in YAML."""
    return word if isinstance(word, str) else shown(word)


def _said(given: object) -> str:
    return "an empty one" if isinstance(given, Mapping) else described(given)
