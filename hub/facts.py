"""What happened, read off entries: hand-overs, resolutions, returns, arrivals; the one pass that all indicators share.

A Fact is placed at one time. What a company did is placed at its business time; what the exchange did (a receipt, a
parked record) at the hub's own observation time. A change that carries no business time takes that of its transaction,
and failing that is placed where the hub saw it; no duration is ever computed across the two clocks. Cases that bear the
test marker yield nothing; replayed and imported history counts like any other.

Pure: reads entries and nothing else, no clock, no SQL, no case body. Next: `happened.py` for the kinds of facts;
`facts_together.py`, `facts_time.py` and `facts_feedback.py` for the others; `indicators/`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from types import MappingProxyType

from hub import facts_feedback, facts_together
from hub.agreement import Agreement
from hub.entries import Entry
from hub.facts_time import time_facts
from hub.happened import Fact, What
from hub.story import CHANGES, Timed, in_order, seconds_between, with_business_time

MOVES = frozenset({"opened", "changed", "journaled", "offered", "refused", "timed_out", "succeeded"})
_EDITS = CHANGES | {"noted"}
_DONE = frozenset({"resolved", "closed"})
_ENDED = frozenset({"closed", "cancelled", "rejected"})
_IMPLIED = MappingProxyType({"resolved": "resolved", "closed": "closed", "reopened": "inProgress"})
_EXCHANGE: MappingProxyType[str, tuple[What, ...]] = MappingProxyType(
    {
        "delivered": ("delivered", "sent"),
        "unsent": ("sent",),
        "unknown": ("sent",),
        "parked": ("parked",),
        "conflict": ("conflict",),
    }
)
"""Facts of the exchange itself. A try that came to nothing was a call too."""


def facts_of(story: Sequence[Entry], agreement: Agreement | None = None) -> Iterator[Fact]:
    """The facts of one case's entries, which are in the ledger's order. agreement: whose promises are looked at."""
    told, story = story, in_order(story)
    timed = with_business_time(story)
    origin = next((entry.partner for entry in story if entry.kind == "opened"), "")
    yield from _changes(timed, origin)
    yield from _moves(timed, origin)
    phases = list(_phases(timed, origin))
    yield from phases
    yield from _first(phases, origin)
    yield from _arrivals(story, origin)
    yield from facts_together.told(timed, origin)
    yield from time_facts(told, origin, agreement)
    for what, entry, company, seconds, part in facts_feedback.told(story):
        yield Fact(what, entry.observed_at, entry.case_id, company, seconds=seconds, origin=origin, part=part)
    for entry in story:
        for what in _EXCHANGE.get(entry.kind, ()):
            whose = str(entry.detail.get("loser", entry.partner)) if entry.kind == "conflict" else entry.partner
            yield Fact(what, entry.observed_at, entry.case_id, whose, origin=origin)


def _changes(timed: Sequence[Timed], origin: str) -> Iterator[Fact]:
    """What a company saved. Where its history tells each saving, the record that brought it is not counted again."""
    first: datetime | None = None
    saved = {(entry.tx, entry.partner) for entry, _ in timed if entry.kind == "journaled"}
    seen: set[tuple[int, str, datetime | None]] = set()
    for entry, business in timed:
        if entry.kind not in CHANGES and entry.kind != "journaled":
            continue
        if entry.kind == "changed" and (entry.tx, entry.partner) in saved:
            continue
        if entry.kind == "journaled" and (saving := (entry.tx, entry.partner, entry.business_at)) in seen:
            continue
        elif entry.kind == "journaled":
            seen.add(saving)
        first = first or business
        since = seconds_between(first, business) if first and business else None
        at = business or entry.observed_at
        yield Fact("changed", at, entry.case_id, entry.partner, seconds=since, origin=origin)
        if entry.kind == "opened":
            yield Fact("opened", at, entry.case_id, entry.partner, origin=origin)


def _moves(timed: Sequence[Timed], origin: str) -> Iterator[Fact]:
    """Hand-overs: the holders in the ledger's order, repeats collapsed; a bounce equals the one two steps earlier."""
    before, present = "", ""
    for entry, business, holder in _holders(timed):
        if holder == present:
            continue
        if present:
            at = business or entry.observed_at
            yield Fact("handover", at, entry.case_id, holder, present, origin=origin)
            if holder == before:
                yield Fact("bounce", at, entry.case_id, holder, present, origin=origin)
        before, present = present, holder


def _holders(timed: Sequence[Timed]) -> Iterator[tuple[Entry, datetime | None, str]]:
    """Each word on who holds the case. One that is handed over as it is opened was held by the giver first."""
    givers = {entry.tx: str(entry.detail.get("giver", "")) for entry, _ in reversed(timed) if entry.kind == "offered"}
    for entry, business in timed:
        if entry.kind == "opened" and givers.get(entry.tx):
            yield entry, business, givers[entry.tx]
        if entry.kind in MOVES and entry.holder:
            yield entry, business, entry.holder


def _phase(status: str) -> What:
    return "ended" if status in _ENDED else "awaiting" if status == "resolved" else "open"


def _phases(timed: Sequence[Timed], origin: str) -> Iterator[Fact]:
    """Statuses as they stand after each entry: resolutions, reopenings, and where the case is open from when on.

    What an entry says by its kind comes first: of several acts in one transaction, each envelope has the last state.
    """
    opened: datetime | None = None
    begun: datetime | None = None
    status, holder = "", origin
    resolutions = 0
    for entry, business in timed:
        at = business or entry.observed_at
        if entry.kind == "opened":
            opened, begun = business, at
        after = _IMPLIED.get(entry.kind) or entry.status or status
        keeper = entry.holder or holder
        if not after or (after, keeper) == (status, holder):
            continue
        took = seconds_between(opened, business) if opened and business else None
        if after in _DONE and status not in _DONE:
            resolutions += 1
            whole = took if resolutions == 1 else None
            yield Fact("resolved", at, entry.case_id, keeper, seconds=whole, origin=origin)
        if after == "closed" and status != "closed":
            yield Fact("closed", at, entry.case_id, entry.accountable or keeper, seconds=took, origin=origin)
        if status in _DONE and after not in _DONE | _ENDED:
            yield Fact("reopened", at, entry.case_id, keeper, origin=origin)
        if not status or keeper != holder or _phase(after) != _phase(status):
            since = seconds_between(begun, at) if begun else None
            yield Fact(_phase(after), at, entry.case_id, keeper, seconds=since, origin=origin)
        status, holder = after, keeper


def _first(phases: Sequence[Fact], origin: str) -> Iterator[Fact]:
    """What may be said of a case's first resolution: nobody else held it before, and it stayed resolved."""
    places = [place for place, fact in enumerate(phases) if fact.what == "resolved"]
    if places:
        before, after = phases[: places[0] + 1], phases[places[0] + 1 :]
        resolved = phases[places[0]]
        front = all(fact.company == origin for fact in before)
        yield resolved._replace(what="at front", company=origin, seconds=float(front))
        stayed = not any(fact.what == "reopened" for fact in after)
        yield resolved._replace(what="first time", seconds=float(stayed))


def _arrivals(story: Sequence[Entry], origin: str) -> Iterator[Fact]:
    """From the change that began a delivery to its receipt, on the hub's own clock.

    An owed entry begins a delivery: later changes join it, and one that was withdrawn leaves no receipt. A receipt
    without one is of a change that came while the last delivery was on its way. What goes back to the change's own
    side is no crossing.
    """
    edits: list[Entry] = []
    owed: dict[str, Entry] = {}
    carried: dict[str, int] = {}
    for entry in story:
        if entry.kind in _EDITS:
            edits.append(entry)
        elif entry.kind == "owed":
            owed[entry.partner] = edits[-1] if edits else entry
        elif entry.kind == "delivered":
            to = entry.partner
            source = owed.pop(to, None) or next((edit for edit in reversed(edits) if edit.partner != to), entry)
            if source.partner != to and source.seq > carried.get(to, 0):
                carried[to] = source.seq
                took = seconds_between(source.observed_at, entry.observed_at)
                yield Fact("carried", entry.observed_at, entry.case_id, to, source.partner, took, origin)
