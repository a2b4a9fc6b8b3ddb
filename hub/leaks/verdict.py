"""Looking for every marked word in all that each company was given, and in what is given to nobody in particular.

A field that takes no marked word is looked at by its path: it may not be written at all where the text does not allow
it. A test in which nothing crossed proves nothing: an edge over which no case came is told as not tried.
Next: `trial.py`.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from hub.dimensions import DIMENSIONS
from hub.leaks.allowed import Reached, Text, may_be_told, may_have
from hub.leaks.canaries import Aviary, Canary
from hub.leaks.seeing import seen
from hub.leaks.standins import Given, StandIn
from hub.leaks.story import Story
from hub.leaks.tales import Tale
from mappings.lens import Lens
from mappings.paths import getter

NOBODY = Reached("")


@dataclass(frozen=True, slots=True)
class Leak:
    """Something that was given where it may not be. to: a company, or what is shared by all. where: the place in what
    was given. what, whose: the word. path: the case, as the story calls it."""

    to: str
    where: str
    what: str
    whose: str
    path: str
    fix: str


@dataclass(frozen=True, slots=True)
class Looked:
    """How one company came off. others: words planted by other companies. may: of these, such as it may have. has: of
    these, such as it was given. given: writes to it."""

    company: str
    others: int
    may: int
    has: int
    given: int
    leaks: tuple[Leak, ...]


def looked_at(story: Story, company: str) -> Looked:
    """What this company was given, compared with what the text allows."""
    told = {tale.case_id: tale for tale in story.tales}
    reached = {tale.name: tale.reached for tale in story.tales}
    stand, leaks, has = story.stands[company], dict[tuple[str, str], Leak](), set[str]()
    for given in stand.given:
        for where, canary in _stands_in(story.aviary, given):
            tale = reached.get(canary.case, NOBODY)
            if may_have(story.text, tale, canary, company):
                has |= {canary.token} if canary.company != company else set()
            else:
                leaks.setdefault((where, canary.token), _leak(company, where, canary, story.text, tale))
        for leak in _by_path(story.text, stand, given, told.get(given.hub_id)):
            leaks.setdefault((leak.where, leak.path), leak)
    others = [one for one in story.aviary.known.values() if one.company != company]
    may = sum(may_have(story.text, reached.get(one.case, NOBODY), one, company) for one in others)
    return Looked(
        company, len(others), may, len(has), sum(bool(one.hub_id) for one in stand.given), tuple(leaks.values())
    )


def shared_leaks(story: Story, surfaces: Mapping[str, Iterable[bytes]]) -> Iterator[Leak]:
    """What stands where all may look. surfaces: name -> what was given there."""
    for surface, pieces in surfaces.items():
        found = {canary.token: canary for piece in {*pieces} for canary in _in(story.aviary, piece)}
        for canary in found.values():
            if not _is_clear(surface, canary):
                fix = "nothing of a case may stand there: a fault of the hub; stop the roll-out and report it."
                yield Leak(surface, surface, str(canary), canary.company, canary.case, fix)


def _is_clear(surface: str, canary: Canary) -> bool:
    """Entries tell numbers of cases and what figures are counted by, in the clear, as their rooms declare."""
    counted = canary.kind == "field" and canary.name in DIMENSIONS.values()
    return surface == "an entry's envelope" and (canary.kind == "number" or counted)


def not_tried(story: Story) -> Iterator[str]:
    """Edges over which nothing came, though the text lets it: what is said of them is not proven."""
    for tale in story.tales:
        for company, edges in tale.reached.by.items():
            made = any(one.hub_id == tale.case_id for one in story.stands[company].given)
            if not made:
                waits = [row.message for row in story.ledger.parked(tale.case_id)]
                why = f": {waits[0]}" if waits else ""
                yield f"{tale.name}: nothing came to {company} over {', '.join(sorted(edges))}{why}"


def _stands_in(aviary: Aviary, given: Given) -> Iterator[tuple[str, Canary]]:
    for place, word in _leaves(given.told):
        for canary in _in(aviary, f"{word}".encode()):
            yield f"{given.kind} {place}", canary
    whole = json.dumps(given.told, ensure_ascii=False, default=str).encode()
    for canary in _in(aviary, whole):  # a name of a field, or a word that is cut between two of them
        if not any(canary.token in f"{word}".lower() for _, word in _leaves(given.told)):
            yield given.kind, canary
    for canary in _in(aviary, given.raw):
        yield f"{given.kind} bytes", canary


def _in(aviary: Aviary, raw: bytes) -> Iterator[Canary]:
    known = set[str]()
    for form in seen(raw) if raw else ():
        for canary in aviary.named_in(form):
            if canary.token not in known:
                known.add(canary.token)
                yield canary


def _leaves(told: Any, place: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(told, Mapping):
        for key, inner in told.items():
            yield from _leaves(inner, f"{place}.{key}" if place else str(key))
    elif isinstance(told, list | tuple):
        for number, inner in enumerate(told):
            yield from _leaves(inner, f"{place}[{number}]")
    elif told is not None:
        yield place, told


def _by_path(text: Text, stand: StandIn, given: Given, tale: Tale | None) -> Iterator[Leak]:
    """What was written to fields that may not be."""
    if given.kind not in {"create", "update"} or tale is None:
        return
    company = stand.partner.name
    for path, field in _written(stand.partner.lens, given.told):
        if not may_be_told(text, tale.reached, path, company):
            fix = _fix_of(text, tale.reached.edges(company), path)
            yield Leak(company, f"{given.kind} {field}", f"a value of {path}", tale.origin, tale.name, fix)


def _written(lens: Lens, body: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for rule in lens.rules:
        for branch in rule.branches:
            if any(getter(at)(body) not in (None, "") for at in branch.writes):
                yield rule.path, branch.field


def _leak(company: str, where: str, canary: Canary, text: Text, reached: Reached) -> Leak:
    fix = _fix_of(text, reached.edges(company), canary.name if canary.kind == "field" else str(canary))
    return Leak(company, where, str(canary), canary.company, canary.case, fix)


def _fix_of(text: Text, edges: Collection[str], what: str) -> str:
    if not edges:
        return "it has no part in this case: look who handed it over, and pause the partner."
    named = [str(each.get("crosses", "standard")) for each in text.edges if each["id"] in edges]
    sharing = ", ".join(sorted(set(named))) or "the contact point's"
    return f"sharing {sharing} as agreed does not let {what} cross: take it out of agreement.yaml, or have it agreed."
