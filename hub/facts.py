"""What happened, read off entries: hand-overs, resolutions, returns, arrivals; the one pass that all indicators share.

A Fact is placed at one time. What a company did is placed at its business time; what the exchange did (a receipt, a
parked record) at the hub's own observation time. A change that carries no business time takes that of its transaction,
and failing that is placed where the hub saw it; no duration is ever computed across the two clocks. Cases that bear the
test marker yield nothing; replayed and imported history counts like any other.

Pure: reads entries and nothing else, no clock, no SQL, no case body. Next: `indicators.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Literal, NamedTuple

from hub import facts_feedback
from hub.entries import Entry

What = Literal[
    "opened",  # the case came in at `company`
    "changed",  # one change by `company`; seconds: business time since the case's first change
    "handover",  # the holder went from `giver` to `company`
    "bounce",  # a hand-over back to the holder of two steps earlier
    "resolved",  # while `company` held it; seconds: business time since it was opened, on its first resolution only
    "reopened",  # resolved or closed, and worked again; `company` holds it then
    "delivered",  # `company` holds a version of the case
    "carried",  # a change of `giver` reached `company`; seconds on the hub's own clock
    "parked",  # a record or delivery of `company` was put before a person
    "conflict",  # of two edits of one field the one of `company` was not kept
    "open",  # from here the case is open at `company`
    "awaiting",  # from here it is resolved at `company` and waits for the customer's word
    "ended",  # from here it is closed, cancelled or rejected
    "asked",  # the customer's word is asked for, by `company`
    "silence",  # what became of the asking; seconds: 1 nobody answered, 0 somebody did
    "closure",  # a word ended what `company` answered for; seconds: 1 it closed the case, 0 it reopened it
    "repeat",  # the customer came again about the same
    "corrective",  # a corrective action of `company` was begun
    "corrected",  # it was done
    "effective",  # the customer's next word was positive
    "corrective open",  # from here the case has one of `company` that is not done
    "corrective over",  # from here it has none
]
HUB = "hub"
"""The hub where it acts by itself: in the whole's figures, and no company."""
PHASES: frozenset[What] = frozenset({"open", "awaiting", "ended"})
STOCKS: tuple[frozenset[What], ...] = (PHASES, frozenset({"corrective open", "corrective over"}))
"""Facts of which the last one before an instant says how a case stands then."""

CHANGES = frozenset({"opened", "changed"})
MOVES = frozenset({"opened", "changed", "journaled", "offered", "refused", "timed_out", "succeeded"})
_EDITS = CHANGES | {"noted"}
_DONE = frozenset({"resolved", "closed"})
_ENDED = frozenset({"closed", "cancelled", "rejected"})
_IMPLIED = MappingProxyType({"resolved": "resolved", "closed": "closed", "reopened": "inProgress"})
_Timed = tuple[Entry, datetime | None]
_EXCHANGE: MappingProxyType[str, What] = MappingProxyType(
    {"delivered": "delivered", "parked": "parked", "conflict": "conflict"}
)


class Fact(NamedTuple):
    """One thing that happened to one case. giver: the other side of an edge; origin: where the case was opened."""

    what: What
    at: datetime
    case_id: str
    company: str
    giver: str = ""
    seconds: float | None = None
    origin: str = ""


def by_case(entries: Iterable[Entry]) -> dict[str, list[Entry]]:
    """Entries of each case in the ledger's order, cases that bear the test marker left out, and tasks, which are
    parts of a case that counts itself.

    Entries of no case ("": a record that could not be read far enough) stand under "".
    """
    cases: dict[str, list[Entry]] = {}
    tests = set()
    for entry in entries:
        if entry.test or (entry.kind == "opened" and "task_of" in entry.detail):
            tests.add(entry.case_id)
            if not entry.case_id:
                continue
        cases.setdefault(entry.case_id, []).append(entry)
    for case_id in tests - {""}:
        del cases[case_id]
    for story in cases.values():
        story.sort(key=lambda entry: entry.seq)
    return cases


def facts_of(story: Sequence[Entry]) -> Iterator[Fact]:
    """The facts of one case's entries, which are in the ledger's order."""
    story = in_order(story)
    timed = with_business_time(story)
    origin = next((entry.partner for entry in story if entry.kind == "opened"), "")
    yield from _changes(timed, origin)
    yield from _moves(timed, origin)
    yield from _phases(timed, origin)
    yield from _arrivals(story, origin)
    for what, entry, company, part in facts_feedback.told(story):
        yield Fact(what, entry.observed_at, entry.case_id, company, seconds=part, origin=origin)
    for entry in story:
        if entry.kind in _EXCHANGE:
            whose = str(entry.detail.get("loser", entry.partner)) if entry.kind == "conflict" else entry.partner
            yield Fact(_EXCHANGE[entry.kind], entry.observed_at, entry.case_id, whose, origin=origin)


def in_order(story: Sequence[Entry]) -> list[Entry]:
    """The story with what a history told late put where it belongs: with the record that it led to, as if it had been
    read with it. A record is read without its history where it is the answer to a write of ours. Only the partner's own
    times are compared, and where two are one the order of the ledger stands."""
    if not any(entry.kind == "journaled" for entry in story):
        return list(story)
    records: dict[tuple[str, str | None], list[Entry]] = {}
    led_to: dict[int, list[Entry]] = {}
    late: set[int] = set()
    for entry in story:
        if entry.kind in CHANGES:
            records.setdefault((entry.partner, entry.native_id), []).append(entry)
    for entry in story:
        if entry.kind == "journaled":
            record = _led_to(entry, records.get((entry.partner, entry.native_id), ()))
            if record is not None:
                led_to.setdefault(record.seq, []).append(replace(entry, tx=record.tx, observed_at=record.observed_at))
                late.add(entry.seq)
    placed: list[Entry] = []
    for entry in story:
        past = led_to.get(entry.seq, [])
        if entry.seq not in late:
            placed += [_as_it_began(entry, past), *past] if entry.kind == "opened" else [*past, entry]
    return placed


def _led_to(past: Entry, records: Sequence[Entry]) -> Entry | None:
    """The record that this change led to, where that was taken in earlier; None where the change stands right."""
    beside = any(record.tx == past.tx for record in records)
    for record in records:
        at, when = record.reported_at, past.business_at
        if record.tx >= past.tx or at is None or when is None:
            continue
        if when < at or (when == at and not beside):
            return record
    return None


def _as_it_began(opened: Entry, past: Sequence[Entry]) -> Entry:
    """A case opens in the status that the first of these changes found, and not after it."""
    first = next((entry for entry in past if entry.status is not None), None)
    if first is None:
        return opened
    times = [at for at in (opened.business_at, first.business_at) if at is not None]
    return replace(
        opened, status=first.detail["status"]["before"] or opened.status, business_at=min(times, default=None)
    )


def standing(facts: Iterable[Fact], end: datetime | None) -> list[Fact]:
    """How each case stands when the period ends: of each stock, its last fact of each case before end."""
    stock_of = {what: place for place, stock in enumerate(STOCKS) for what in stock}
    last: dict[tuple[int, str], Fact] = {}
    for fact in facts:
        if fact.what in stock_of and (end is None or fact.at < end):
            last[stock_of[fact.what], fact.case_id] = fact
    return list(last.values())


def seconds_between(first: datetime, last: datetime) -> float:
    """Elapsed time. Both go to UTC first: Python subtracts wall clocks where two times share one zone object."""
    return (last.astimezone(UTC) - first.astimezone(UTC)).total_seconds()


def with_business_time(story: Sequence[Entry]) -> list[_Timed]:
    """Each entry with its business time: its own, or that of the entry before it, or after it, in one transaction."""
    first = {entry.tx: entry.business_at for entry in reversed(story) if entry.business_at is not None}
    timed: list[_Timed] = []
    for entry in story:
        before = timed[-1][1] if timed and timed[-1][0].tx == entry.tx else None
        timed.append((entry, entry.business_at or before or first.get(entry.tx)))
    return timed


def _changes(timed: Sequence[_Timed], origin: str) -> Iterator[Fact]:
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


def _moves(timed: Sequence[_Timed], origin: str) -> Iterator[Fact]:
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


def _holders(timed: Sequence[_Timed]) -> Iterator[tuple[Entry, datetime | None, str]]:
    """Each word on who holds the case. One that is handed over as it is opened was held by the giver first."""
    givers = {entry.tx: str(entry.detail.get("giver", "")) for entry, _ in reversed(timed) if entry.kind == "offered"}
    for entry, business in timed:
        if entry.kind == "opened" and givers.get(entry.tx):
            yield entry, business, givers[entry.tx]
        if entry.kind in MOVES and entry.holder:
            yield entry, business, entry.holder


def _phase(status: str) -> What:
    return "ended" if status in _ENDED else "awaiting" if status == "resolved" else "open"


def _phases(timed: Sequence[_Timed], origin: str) -> Iterator[Fact]:
    """Statuses as they stand after each entry: resolutions, reopenings, and where the case is open from when on.

    What an entry says by its kind comes first: of several acts in one transaction, each envelope has the last state.
    """
    opened: datetime | None = None
    status, holder = "", origin
    resolutions = 0
    for entry, business in timed:
        if entry.kind == "opened":
            opened = business
        after = _IMPLIED.get(entry.kind) or entry.status or status
        keeper = entry.holder or holder
        if not after or (after, keeper) == (status, holder):
            continue
        at = business or entry.observed_at
        if after in _DONE and status not in _DONE:
            whole = seconds_between(opened, business) if opened and business and not resolutions else None
            resolutions += 1
            yield Fact("resolved", at, entry.case_id, keeper, seconds=whole, origin=origin)
        if status in _DONE and after not in _DONE | _ENDED:
            yield Fact("reopened", at, entry.case_id, keeper, origin=origin)
        if not status or keeper != holder or _phase(after) != _phase(status):
            yield Fact(_phase(after), at, entry.case_id, keeper, origin=origin)
        status, holder = after, keeper


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
