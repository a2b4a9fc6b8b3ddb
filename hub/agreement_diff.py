"""What another version of the agreement says otherwise, in words, and for whom.

Told by what it means at each edge: a sharing that lost a field is a field that crosses there no more. Pure.
Next: `agreement_replay.py`, for what last month's cases would have done; `agreement_cli.py`, which prints both.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Any

from hub.agreement import Agreement
from hub.commitments import ALL, EACH, Commitment, told
from hub.edges import Edge, choices

PLAIN = {
    "kind": "kind",
    "fires": "is moved by",
    "accepted_by": "is accepted by",
    "refusals": "may be refused for",
    "waits": "the first case waits for its task",
    "refused_to": "a refused case goes to",
    "language": "working language",
}
"""Parts of an edge that are told as they stand: name -> words."""


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that is otherwise. whom: the partners that it is of. place: an edge, a commitment, a company."""

    whom: tuple[str, ...]
    place: str
    text: str


def changes(before: Agreement, after: Agreement) -> list[Change]:
    """What `after` says otherwise than `before`, in the order of the file."""
    everybody = tuple(dict.fromkeys((*before.partners, *after.partners)))
    found = chain(
        _companies(before, after), _edges(before, after), _promises(before, after, everybody), _rules(before, after)
    )
    return [Change(each.whom or everybody, each.place, each.text) for each in found]


def _companies(before: Agreement, after: Agreement) -> Iterator[Change]:
    for name in (*before.partners, *(name for name in after.partners if name not in before.partners)):
        old, new = before.partners.get(name), after.partners.get(name)
        if old is None or new is None:
            yield Change((), name, "joins." if old is None else "leaves.")
            continue
        if before.calendars.get(old.calendar) != after.calendars.get(new.calendar) or old.calendar != new.calendar:
            yield Change((name,), name, "its working hours or holidays are others: all its clocks run otherwise.")
        if old.escalation != new.escalation:
            ways = [" then ".join(level.role for level in each.escalation) or "nobody" for each in (old, new)]
            yield Change((name,), name, f"asked about a broken promise: {ways[0]} -> {ways[1]}.")
        for path in {**old.competences, **new.competences}:
            was, now = old.competences.get(path, ()), new.competences.get(path, ())
            if was != now:
                yield Change((name,), name, f"solves by {path}: {_moved(was, now)}.")


def _edges(before: Agreement, after: Agreement) -> Iterator[Change]:
    olds, news = {edge.id: edge for edge in before.edges}, {edge.id: edge for edge in after.edges}
    for edge_id in dict.fromkeys((*olds, *news)):
        old, new = olds.get(edge_id), news.get(edge_id)
        if old is None and new is not None:
            yield Change((new.giver, new.receiver), edge_id, f"is new: {new.giver} -> {new.receiver}, {_when(new)}.")
        elif new is None and old is not None:
            yield Change((old.giver, old.receiver), edge_id, f"is gone: {old.giver} -> {old.receiver}, {_when(old)}.")
        elif old is not None and new is not None:
            whom = tuple(dict.fromkeys((old.giver, old.receiver, new.giver, new.receiver)))
            yield from (Change(whom, edge_id, text) for text in _of_edge(before, after, old, new))


def _of_edge(before: Agreement, after: Agreement, old: Edge, new: Edge) -> Iterator[str]:
    if (old.giver, old.receiver) != (new.giver, new.receiver):
        yield f"leads {old.giver} -> {old.receiver}, and then {new.giver} -> {new.receiver}."
    for path in {**old.when, **new.when}:
        was, now = _wanted(old.when, path), _wanted(new.when, path)
        if was != now:
            yield f"{path}: {_moved(was, now)}."
    for name, words in PLAIN.items():
        was, now = getattr(old, name), getattr(new, name)
        if was != now:
            yield f"{words} {_plainly(was)} -> {_plainly(now)}."
    if old.unanswered != new.unanswered:
        times = [told(each.unanswered) if each.unanswered else "never" for each in (old, new)]
        yield f"an offer without an answer goes back after {times[0]} -> {times[1]}."
    shared = before.sharing[old.crosses], after.sharing[new.crosses]
    for what in ("fields", "notes", "attachments"):
        was, now = (tuple(str(each) for each in getattr(sharing, what)) for sharing in shared)
        if set(was) != set(now):
            yield f"{what} that cross: {_moved(was, now)}."


def _promises(before: Agreement, after: Agreement, everybody: tuple[str, ...]) -> Iterator[Change]:
    olds, news = {each.id: each for each in before.commitments}, {each.id: each for each in after.commitments}
    for name in dict.fromkeys((*olds, *news)):
        old, new = olds.get(name), news.get(name)
        if old is None and new is not None:
            yield Change(_whose(new, everybody), name, f"is promised newly: {new.clock} of {new.of}, {new.words}.")
        elif new is None and old is not None:
            yield Change(_whose(old, everybody), name, f"is promised no more: {old.clock} of {old.of}, {old.words}.")
        elif old is not None and new is not None:
            whom = tuple(dict.fromkeys((*_whose(old, everybody), *_whose(new, everybody))))
            yield from (Change(whom, name, text) for text in _of_promise(old, new))


def _of_promise(old: Commitment, new: Commitment) -> Iterator[str]:
    for priority, was in old.within.items():
        now = new.within[priority]
        if was != now:
            yield f"{priority}: {told(was)} -> {told(now)}."
    for name in ("clock", "of", "edge", "calendar", "otherwise"):
        if getattr(old, name) != getattr(new, name):
            yield f"{name}: {getattr(old, name) or 'none'} -> {getattr(new, name) or 'none'}."
    if old.target != new.target:
        yield f"kept in at least {old.target:.0%} -> {new.target:.0%} of the cases."


def _rules(before: Agreement, after: Agreement) -> Iterator[Change]:
    if before.closing != after.closing:
        old, new = before.closing.threshold, after.closing.threshold
        yield Change((), "closing", f"feedback is positive from {old} -> {new} of 5.")
    if before.escalated_by != after.escalated_by:
        ways = [_plainly(each.escalated_by) for each in (before, after)]
        yield Change((), "escalated_by", f"the contact point escalates by: {ways[0]} -> {ways[1]}.")
    if before.refusals != after.refusals:
        yield Change(
            (), "refusals", f"a case may be refused for: {_moved(tuple(before.refusals), tuple(after.refusals))}."
        )
    for path in {**before.ownership, **after.ownership}:
        was, now = before.ownership.get(path, "holder"), after.ownership.get(path, "holder")
        if was != now:
            yield Change((), "ownership", f"of two words for {path} the {was}'s -> the {now}'s stands.")


def _whose(promise: Commitment, everybody: tuple[str, ...]) -> tuple[str, ...]:
    return everybody if promise.of in (EACH, ALL) else (promise.of,)


def _when(edge: Edge) -> str:
    return "; ".join(f"{path}: {_plainly(wanted)}" for path, wanted in edge.when.items()) or "every case"


def _wanted(when: Mapping[str, Any], path: str) -> tuple[Any, ...]:
    return choices(when[path]) if path in when else ()


def _moved(was: Iterable[Any], now: Iterable[Any]) -> str:
    """`+ a, b; - c`, and `any` where nothing is asked for."""
    was, now = tuple(was), tuple(now)
    if not was or not now:
        return f"{_plainly(was)} -> {_plainly(now)}"
    more, less = [each for each in now if each not in was], [each for each in was if each not in now]
    parts = [f"{sign} {', '.join(map(str, these))}" for sign, these in (("+", more), ("-", less)) if these]
    return "; ".join(parts) or "in another order"


def _plainly(said: Any) -> str:
    if isinstance(said, Mapping):
        return "; ".join(f"{key} {_plainly(value)}".strip() for key, value in said.items()) or "any"
    if isinstance(said, list | tuple):
        return ", ".join(map(str, said)) or "any"
    return "none" if said is None else str(said)
