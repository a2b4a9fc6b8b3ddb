"""A lens's writing over a record, written out: what the record says already is left out, the rest is put into a patch.

    v1, w = given('status', k0), get0('state')
    said = k1.get(w, k2) if w.__class__ is str else None if w is None else k2
    if said != v1:
        word = k3.get(v1, k2)
        if word is k2:
            if write(k4, v1, base, body): paths.append('status')
        else: body['state'] = word; paths.append('status')

Whatever is not the usual goes to `write`, the general way, or raises. The proof that a word reads back as what was to
be written is made when this is written out for a table, lies in the word itself for a text, and in the day for a time
(`ops_time_days.py`); every other word is read back each time. A loss is refused as ever.
Next: `lens_lines.py` for the terms on which this runs, `writing.py` for the general way.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from mappings import text
from mappings.declare_shape import Rule
from mappings.lens_lines import Lines, odd_text
from mappings.lens_reads import plain
from mappings.ops_text import Constant, Text
from mappings.ops_values import Table
from mappings.paths import Body
from mappings.writing import write

Writes = Callable[[Mapping[str, Any], Body], tuple[dict[str, Any], tuple[str, ...]]]
_ABSENT, _UNKNOWN = object(), object()


def writes(rules: Sequence[Rule], told: str) -> Writes:
    """The function that gives the patch's body and the paths in it. told: what tracebacks show."""
    lines = Lines("base")
    lines.add("given, body, paths = values.get, {}, []")
    absent = lines.bound(_ABSENT)
    for number, rule in enumerate(rules):
        if rule.read_only and (rule.at or rule.choice):
            continue
        value = f"v{number}"
        lines.add(f"{value} = given({rule.path!r}, {absent})")
        if plain(rule):
            lines.add(f"w = {lines.way(rule.at)}")  # before the block: ways after it may begin alike
        with lines.block(f"if {value} is not {absent}:"):
            _rule(lines, rule, value)
    lines.add("return body, tuple(paths)")
    made: Writes = lines.function("writes(values, base)", told)
    return made


def _rule(lines: Lines, rule: Rule, value: str) -> None:
    op = rule.op
    if isinstance(op, Constant) and not rule.at:
        known = lines.bound(type(op.value))
        odd = f"{value} is not None and ({value}.__class__ is not {known} or {value} != {op.value!r})"
        _general(lines, rule, value, odd)
    elif not plain(rule):
        _general(lines, rule, value)
    elif isinstance(op, Text):
        _text(lines, rule, op, value)
    elif isinstance(op, Table) and not op.keep:
        _table(lines, rule, op, value)
    else:
        _other(lines, rule, value)


def _text(lines: Lines, rule: Rule, op: Text, value: str) -> None:
    with lines.block(f"if {odd_text(value)}:"):
        _general(lines, rule, value, f"{value} is not None or w is not None")
    with lines.block(f"elif {value} != w and not {lines.bound(text.same)}({value}, w):"):
        if op.octets is not None:
            _general(lines, rule, value)
        elif op.length is None:
            _put(lines, rule, value)
        else:
            _put_or_general(lines, rule, f"len({value}) <= {op.length}", value, value)


def _table(lines: Lines, rule: Rule, op: Table, value: str) -> None:
    words, kind, written = lines.bound(dict(op.words)), lines.bound(op.type), lines.bound(op.proven())
    unknown = lines.bound(_UNKNOWN)
    lines.add(f"said = {words}.get(w, {unknown}) if w.__class__ is {kind} else None if w is None else {unknown}")
    with lines.block(f"if said != {value}:"):
        lines.add(f"word = {written}.get({value}, {unknown})")
        _put_or_general(lines, rule, f"word is not {unknown}", "word", value)


def _other(lines: Lines, rule: Rule, value: str) -> None:
    read, same = lines.reader(rule.op), lines.bound(rule.op.same)
    with lines.block(f"if {value} is None or {value} == '' or w is None or w == '':"):
        nothing_is_nothing = rule.op.same(None, None)
        _general(lines, rule, value, f"{value} is not None or w is not None" if nothing_is_nothing else "True")
    with lines.block(f"elif not {same}({read}(w), {value}):"):
        proved = getattr(rule.op, "proved", None)
        lines.add(f"word = {lines.bound(proved or rule.op.inverse)}({value})")
        if proved is not None:
            _put(lines, rule, "word")
        else:
            good = f"word is not None and word != '' and {same}({read}(word), {value})"
            _put_or_general(lines, rule, good, "word", value)


def _put_or_general(lines: Lines, rule: Rule, good: str, word: str, value: str) -> None:
    with lines.block(f"if {good}:"):
        _put(lines, rule, word)
    with lines.block("else:"):
        _general(lines, rule, value)


def _put(lines: Lines, rule: Rule, word: str) -> None:
    into = "body" + "".join(f".setdefault({key!r}, {{}})" for key in rule.at[:-1])
    lines.add(f"{into}[{rule.at[-1]!r}] = {word}", f"paths.append({rule.path!r})")


def _general(lines: Lines, rule: Rule, value: str, odd: str = "True") -> None:
    wrote = f"{lines.bound(write)}({lines.bound(rule)}, {value}, base, body)"
    lines.add(f"if ({odd}) and {wrote}: paths.append({rule.path!r})")
