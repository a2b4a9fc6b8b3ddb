"""The partner's own transitions: which status word of theirs may follow which, and the steps between two of them.

    transitions: {New: [Open], Open: [Solved, Waiting], Waiting: [Open], Solved: [Open, Closed], Closed: []}

Declared where their system refuses some moves. What the hub may do (`transitions.py`) must have a way in it, were it
over a step between; a word from which nothing follows (`Closed: []`) is an end by declaration. Next: `lens.py`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from mappings.declare_shape import Faults, Rule, described
from mappings.errors import Fault, Place, Unfit, shown
from mappings.ops_values import Table
from mappings.transitions import MAY_FOLLOW

Moves = Mapping[str, tuple[str, ...]]


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
    return {str(word): tuple(after) for word, after in parts.items()} if len(faults.found) == before else None


def steps(moves: Moves | None, before: Any, after: Any) -> tuple[str, ...]:
    """The words to be written one after the other, the last of which is `after`; () where it stands there already.
    Raises Unfit M223 where no way leads there."""
    if before == after:
        return ()
    if moves is None or before is None or before == "":
        return (str(after),)
    came: dict[str, str] = {}
    waiting = deque([str(before)])
    while waiting:
        word = waiting.popleft()
        for follower in moves.get(word, ()):
            if follower in came or follower == before:
                continue
            came[follower] = word
            if follower == after:
                way = [follower]
                while came[way[0]] != before:
                    way.insert(0, came[way[0]])
                return tuple(way)
            waiting.append(follower)
    raise Unfit("M223", f"no way leads from {shown(before)} to {shown(after)}.", after, moves.get(str(before), ()))


def check_moves(moves: Moves | None, rules: Sequence[Rule]) -> Iterator[Fault]:
    """Each move that the hub may make, and their transitions have no way for."""
    table = next((rule.op for rule in rules if rule.path == "status"), None)
    if moves is None or not isinstance(table, Table):
        return
    for word, ours in table.words.items():
        for next_ in sorted(MAY_FOLLOW.get(str(ours), ())) if moves[str(word)] else ():
            target = table.written.get(next_)
            try:
                if target is not None and next_ != ours:
                    steps(moves, str(word), str(target))
            except Unfit:
                message = (
                    f"transitions.{word}: a case may go from {shown(ours)} to {shown(next_)}, and no way leads from "
                    f"{shown(word)} to {shown(target)}."
                )
                yield Fault(("transitions", str(word)), "M311", message, target, moves[str(word)])
