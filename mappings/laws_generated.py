"""The laws of a lens over what is generated from its own declaration.

Each rule by itself: a word of theirs that can be read must go back as one that means the same; a value of ours is
written so that it reads back the same, or it is refused. Anything else is a loss: declared (`lossy: why`) or refused
here, M310, with the smallest case that shows it. Then whole records, which is what `laws.py` is about. The same in
every run. Next: `generate.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from random import Random
from typing import Any

from mappings.declare_shape import Rule
from mappings.description import Described
from mappings.errors import Fault, Unfit, shown, spoken
from mappings.generate import stored, values, words
from mappings.lens import Body, Lens
from mappings.ops_cut import MARK, Cut
from mappings.ops_time import Epoch, Iso, Patterned
from mappings.text import same

_SEED = 20_261_121
_PLAINED = 400
DRAWN = 25
"""How many words and values are drawn for each rule, besides the corners."""


def chance() -> Random:
    """The source that all draws of one check come from: the same in every run."""
    return Random(_SEED)  # noqa: S311 - repeatable on purpose, and no secret


def rule_laws(
    lens: Lens, bodies: Sequence[Body] = (), fields: Mapping[str, Described] | None = None, drawn: int = DRAWN
) -> Iterator[Fault]:
    """What is lost by single rules without being declared: at most one fault for each rule and direction."""
    source = chance()
    for whole in lens.rules:
        for rule in whole.branches:
            described = (fields or {}).get(rule.field)
            seen = tuple(word for word in (_word(rule, body) for body in bodies) if word is not None and word != "")
            theirs = list(words(rule, source, drawn, described, seen))
            ours = list(values(rule, source, drawn))
            yield from _first(rule, theirs, lost_reading)
            if not rule.read_only:
                yield from _first(rule, ours, lost_writing)


def _word(rule: Rule, body: Body) -> Any:
    """Their word as it stands in a record."""
    if not rule.at:
        return None
    try:
        if rule.slot is not None:
            return rule.slot.look(body)
        inner: Any = body
        for key in rule.at:
            inner = inner.get(key) if isinstance(inner, Mapping) else None
    except Unfit:
        return None
    return inner


def lost_reading(rule: Rule, word: Any) -> str | None:
    """How a word of theirs does not come back; None where it does, or is refused on the way in."""
    try:
        ours = rule.op.forward(word)
    except Unfit:
        return None
    if rule.read_only or ours == "":
        return None
    try:
        again = rule.op.inverse(ours)
    except Unfit as unfit:
        if unfit.code in {"M204", "M210", "M211"}:  # longer than it may be written: said at once, when it is
            return None
        return f"{shown(word)} is read as {shown(ours)}, and that cannot be written: {unfit.message}"
    return _unlike(rule, ours, again, f"{shown(word)} is read as {shown(ours)}, goes back as {shown(again)}")


def lost_writing(rule: Rule, ours: Any) -> str | None:
    """How a value of ours does not come back; None where it does, or is refused on the way out."""
    try:
        word = rule.op.inverse(ours)
    except Unfit:
        return None
    if isinstance(rule.op, Cut) and rule.op.rest == "note" and rule.op.cuts(ours):
        whole = str(word).removesuffix(MARK) + rule.op.left(ours)
        if not same(whole, ours):
            return f"{shown(ours)} is written as {shown(word)}, and with its rest it is {shown(whole)}."
    return _unlike(rule, ours, word, f"{shown(ours)} is written as {shown(word)}")


def _unlike(rule: Rule, ours: Any, word: Any, said: str) -> str | None:
    if isinstance(rule.op, (Iso, Patterned, Epoch)):  # which of two equal hours is meant: declared by `fold`
        return None
    try:
        back = None if word is None or word == "" else rule.op.forward(word)
    except Unfit as unfit:
        return f"{said} and cannot be read: {unfit.message}"
    return None if word is None or rule.same(back, ours) else f"{said} and reads as {shown(back)}."


def _first(rule: Rule, tried: Sequence[Any], law: Callable[[Rule, Any], str | None]) -> Iterator[Fault]:
    """The first that breaks the law, made as small as it can be."""
    for each in tried:
        if law(rule, each) is not None:
            small = smallest(each, lambda candidate: law(rule, candidate) is not None)
            said = law(rule, small)
            message = f"{spoken(rule.place)}: {said} Mend the rule, or say `lossy: why`."
            yield Fault(rule.place, "M310", message, small)
            return


def smallest(found: Any, fails: Callable[[Any], bool]) -> Any:
    """A smaller word that fails too: pieces of a text go, and its characters become plain, as far as it does."""
    if not isinstance(found, str):
        return found
    step = max(1, len(found) // 2)
    while step:
        at = 0
        while at < len(found):
            shorter = found[:at] + found[at + step :]
            if shorter and fails(shorter):
                found = shorter
            else:
                at += step
        step //= 2
    for at in range(min(len(found), _PLAINED)):
        plainer = f"{found[:at]}a{found[at + 1 :]}"
        if fails(plainer):
            found = plainer
    return found


def smallest_record(lens: Lens, body: Body, fails: Callable[[Body], bool]) -> Body:
    """A record with fewer fields that fails too."""
    for whole in lens.rules:
        for rule in whole.branches:
            if rule.at:
                emptied = stored(rule, body, None)
                if fails(emptied):
                    body = emptied
    return body
