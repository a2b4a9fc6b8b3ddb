"""The partner's own transitions: which status word of theirs may follow which, and the steps between two of them.

    transitions: {New: [Open], Open: [Solved, Waiting], Waiting: [Open], Solved: [Open, Closed], Closed: []}

Declared where their system refuses some moves. What the hub may do (`transitions.py`) must have a way in it, were it
over a step between; a word from which nothing follows (`Closed: []`) is an end by declaration. No way leads over a word
that ends a case: the hub closes, cancels and rejects nothing in passing. One over a word that means resolved is taken
where there is no other. Next: `lens.py`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mappings.declare_shape import Faults, Rule, described
from mappings.errors import Fault, Place, Unfit, shown
from mappings.ops_values import Table, Word
from mappings.paths import Body, getter, put
from mappings.transitions import MAY_FOLLOW

ENDS = frozenset({"closed", "cancelled", "rejected"})
AVOIDED = (ENDS | {"resolved"}, ENDS)
"""Meanings that no step between may have: tried in this order."""


@dataclass(frozen=True, slots=True)
class Moves:
    """follow: each word of theirs, as text, to those that may follow it. words: as text to the word itself and what it
    means."""

    follow: Mapping[str, tuple[str, ...]]
    words: Mapping[str, tuple[Word, str]]

    def after(self, word: str, avoided: frozenset[str] = frozenset(), goal: str = "") -> Iterator[str]:
        """The words that may follow, without those whose meaning is to be avoided; the goal is none of these."""
        for follower in self.follow.get(word, ()):
            if follower == goal or self.words[follower][1] not in avoided:
                yield follower


def transitions(given: object, rules: Sequence[Rule], faults: Faults) -> Moves | None:
    """`transitions:` of a declaration, each word looked up in the table of `status`."""
    place: Place = ("transitions",)
    parts = faults.mapping(place, given, "`their word: [words that may follow]`")
    table = next((rule.op for rule in rules if rule.path == "status"), None)
    if parts is None or not isinstance(table, Table):
        return None
    known = [str(word) for word in table.words]
    before = len(faults.found)
    for word, after in parts.items():
        if word not in known:
            faults.add((*place, word), "M131", f"{shown(word)} is no word of the status table.", word, known)
        if not isinstance(after, list):
            faults.add((*place, word), "M131", f"a list of words is expected, not {described(after)}.", after)
            continue
        for number, each in enumerate(after):
            if each not in known:
                message = f"{described(each)} is no word of the status table."
                faults.add((*place, word, number), "M131", message, each, known)
    for word in known:
        if word not in parts:
            faults.add(place, "M131", f"what may follow {shown(word)}? Say `{word}: []` where nothing does.", word)
    if len(faults.found) != before:
        return None
    words = {str(word): (word, str(ours)) for word, ours in table.words.items()}
    return Moves({str(word): tuple(after) for word, after in parts.items()}, words)


def steps(moves: Moves | None, before: Any, after: Any) -> tuple[str, ...]:
    """The words to be written one after the other, the last of which is `after`; () where it stands there already.
    Raises Unfit M223 where no way leads there."""
    if before == after:
        return ()
    if moves is None or before is None or before == "":
        return (str(after),)
    for avoided in AVOIDED:
        way = _way(moves, str(before), str(after), avoided)
        if way:
            return way
    raise Unfit("M223", f"no way leads from {shown(before)} to {shown(after)}.", after, tuple(moves.after(str(before))))


def _way(moves: Moves, before: str, after: str, avoided: frozenset[str]) -> tuple[str, ...]:
    """The shortest way that no word with an avoided meaning lies on; () where there is none."""
    came: dict[str, str] = {}
    waiting = deque([before])
    while waiting:
        word = waiting.popleft()
        for follower in moves.after(word, avoided, after):
            if follower in came or follower == before:
                continue
            came[follower] = word
            if follower == after:
                way = [follower]
                while came[way[0]] != before:
                    way.insert(0, came[way[0]])
                return tuple(way)
            waiting.append(follower)
    return ()


def status_word(rule: Rule, body: Body) -> Any:
    """Their word in the field of the status."""
    return getter(rule.at)(body) if rule.slot is None else rule.slot.look(body)


def step_before(moves: Moves, rule: Rule, base: Body, after: Body) -> dict[str, Any] | None:
    """What to write alone before the record may say `after`; None where it may at once. Raises Unfit M223."""
    way = steps(moves, status_word(rule, base), status_word(rule, after))
    if len(way) < 2:
        return None
    body: dict[str, Any] = {}
    word = moves.words[way[0]][0]
    if rule.slot is None:
        put(body, rule.at, word)
    else:
        rule.slot.put(body, base, word)
    return body


def check_moves(moves: Moves | None, rules: Sequence[Rule]) -> Iterator[Fault]:
    """Each move that the hub may make, and their transitions have no way for."""
    table = next((rule.op for rule in rules if rule.path == "status"), None)
    if moves is None or not isinstance(table, Table):
        return
    for word, ours in table.words.items():
        for next_ in sorted(MAY_FOLLOW.get(str(ours), ())) if moves.follow[str(word)] else ():
            target = table.written.get(next_)
            try:
                if target is not None and next_ != ours:
                    steps(moves, str(word), str(target))
            except Unfit:
                message = (
                    f"transitions.{word}: a case may go from {shown(ours)} to {shown(next_)}, and no way leads from "
                    f"{shown(word)} to {shown(target)}."
                )
                yield Fault(("transitions", str(word)), "M311", message, target, moves.follow[str(word)])
