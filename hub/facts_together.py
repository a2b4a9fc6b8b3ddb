"""How the companies worked together, read off entries: accepted, refused and why, escalated, and whether they acted.

An acceptance is measured on the hub's own clock, as all that happens at an edge; in imported history, which the hub did
not see happen, by the business times. Pure. Next: `facts.py`, which places all the others; `indicators/cooperation.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from hub.entries import Entry
from hub.happened import Fact
from hub.story import Timed, seconds_between

_ACTS = frozenset({"changed", "noted", "attached", "accepted", "refused"})
"""Acts by which a company answers an escalation."""
_WORDS = frozenset({"partners", "customer"})


def told(timed: Sequence[Timed], origin: str) -> Iterator[Fact]:
    """The facts of one case's entries in their order."""
    story = [entry for entry, _ in timed]
    offers: dict[str, tuple[Entry, datetime]] = {}
    for entry, business in timed:
        at = business or entry.observed_at
        when = at if entry.history else entry.observed_at
        if entry.kind == "offered":
            offers[str(entry.detail.get("receiver", ""))] = entry, when
        elif entry.kind == "accepted" and entry.partner in offers:
            offer, since = offers.pop(entry.partner)
            giver, took = str(offer.detail.get("giver", "")), seconds_between(since, when)
            yield Fact("accepted", at, entry.case_id, entry.partner, giver, max(took, 0.0), origin)
        elif entry.kind in ("refused", "timed_out"):
            yield _refusal(entry, at, origin)
        elif entry.kind == "escalated":
            yield Fact("escalated", entry.observed_at, entry.case_id, entry.partner, origin=origin)
            yield from _answer(entry, story, origin)
    yield from _first_words(timed, origin)


def _refusal(entry: Entry, at: datetime, origin: str) -> Fact:
    """A refusal names its reason where the agreement lists reasons; without one it is no more than that."""
    detail = entry.detail
    sort = "timed out" if entry.kind == "timed_out" else str(detail.get("reason") or detail.get("how") or "refused")
    who = str(detail.get("receiver") or entry.partner)
    return Fact("refused", at, entry.case_id, who, str(detail.get("back_to", "")), origin=origin, part=sort)


def _answer(escalated: Entry, story: Sequence[Entry], origin: str) -> Iterator[Fact]:
    """Whether the company acted before the next level was asked; nothing while neither has come."""
    same = ("commitment", "of", "since")
    for entry in story:
        if entry.seq <= escalated.seq:
            continue
        acted = entry.partner == escalated.partner and entry.kind in _ACTS
        climbed = entry.kind == "escalated" and all(entry.detail.get(k) == escalated.detail.get(k) for k in same)
        if acted or climbed:
            yield Fact("escalation", entry.observed_at, entry.case_id, escalated.partner, "", float(acted), origin)
            return


def _first_words(timed: Sequence[Timed], origin: str) -> Iterator[Fact]:
    """The case's first word from who answers for it: a note that others may see, or a new status."""
    opened = next((business for entry, business in timed if entry.kind == "opened"), None)
    for entry, business in timed:
        tells = entry.kind == "noted" and entry.detail.get("visibility") in _WORDS
        moves = entry.kind in ("changed", "journaled", "resolved") and (
            entry.kind == "resolved" or "status" in entry.fields
        )
        if (tells or moves) and entry.partner == (entry.accountable or entry.partner):
            took = max(seconds_between(opened, business), 0.0) if opened and business else None
            yield Fact("responded", business or entry.observed_at, entry.case_id, entry.partner, "", took, origin)
            return
