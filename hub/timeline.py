"""Where a case's time went: one row of stretches from opened to ended, each with who answered for it and what it waited
for. Nothing lies between two of them, and they sum to the whole.

A stretch at an edge is cut in three: `transport` until the case stands in the receiver's system, `queue` until somebody
there acts, `decision` until that side accepts or refuses. Edges are measured by the hub's own clock, all else by the
partners' business times; a time that lies before the one before it counts as that one, so that no stretch is negative.
Pure: reads entries, no clock, no SQL, no case body. Next: `clocks.py`, which counts promises in stretches.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import groupby
from typing import Literal

from hub.entries import Entry
from hub.story import in_order, with_business_time

What = Literal["work", "customer", "third party", "transport", "queue", "decision", "feedback"]
EDGE: tuple[What, ...] = ("transport", "queue", "decision")
_MOVES = frozenset({"offered", "accepted", "refused", "timed_out", "succeeded"})
_ACTS = frozenset({"changed", "noted", "attached"})
_ENDED = frozenset({"closed", "cancelled", "rejected"})
_WAITS: dict[str, What] = {"pending": "customer", "held": "third party", "resolved": "feedback"}


@dataclass(frozen=True, slots=True)
class Stretch:
    """From start to end (None: still) the case was in this state. Times are in UTC.

    who: the partner that the time is on: who answers for it; the receiver in `queue` and `decision`; "hub" in
    `transport`; the contact point in `feedback`. giver, receiver, edge: of an offer that is open. seq: of the entry
    that began it.
    """

    start: datetime
    end: datetime | None
    who: str
    what: What
    seq: int
    accountable: str
    giver: str = ""
    receiver: str = ""
    edge: str = ""

    def goes_on(self, before: Stretch) -> bool:
        """Whether nothing but the time is another than in the one before."""
        return (
            (self.what, self.who, self.accountable) == (before.what, before.who, before.accountable)
            and (self.giver, self.receiver, self.edge) == (before.giver, before.receiver, before.edge)
            and self.end == before.end
        )

    def until(self, end: datetime) -> Stretch:
        """The same, ended."""
        return Stretch(self.start, end, self.who, self.what, self.seq, self.accountable, self.giver, self.receiver,
                       self.edge)  # fmt: skip


@dataclass(slots=True)
class _Standing:
    """What the entries have said so far."""

    status: str = ""
    holder: str = ""
    accountable: str = ""
    contact: str = ""
    edges: dict[str, str] = field(default_factory=dict)
    owed: int = 0
    arrived: bool = False
    acted: bool = False


def stretches(story: Sequence[Entry]) -> tuple[Stretch, ...]:
    """The stretches of one case's entries, which are in the ledger's order. The last one is open while the case is."""
    found: list[Stretch] = []
    for at, stretch in _moments(story):
        if found and found[-1].end is None:
            last = found[-1]
            if stretch is not None and stretch.goes_on(last):
                continue
            found[-1] = last.until(max(at, last.start))
        if stretch is not None:
            start = max(at, found[-1].end or at) if found else at
            found.append(stretch if start == stretch.start else replace(stretch, start=start))
    return tuple(each for each in found if each.end is None or each.end > each.start)


def _moments(story: Sequence[Entry]) -> Iterator[tuple[datetime, Stretch | None]]:
    """Each instant at which the state may have changed, with the stretch that begins there; None: the case ended."""
    now, story = _Standing(), in_order(story)
    offers = {entry.tx: entry for entry in reversed(story) if entry.kind in _MOVES}
    for _, each in groupby(with_business_time(story), key=_moment):
        group = list(each)
        entries = [entry for entry, _ in group]
        business = next((when for _, when in group if when is not None), None)
        moved = [entry for entry in entries if entry.kind in _MOVES]
        seen, last = entries[0].observed_at.astimezone(UTC), entries[-1]
        told = (business or seen).astimezone(UTC)
        if (
            entries[0].kind == "opened" and last.tx in offers and (moved or not last.history)
        ):  # worked on by the giver until the hub saw the offer
            moved = [offers[last.tx]]
            giver = str(moved[0].detail.get("giver", entries[0].partner))
            first = _Standing(last.status or "", giver, giver, last.contact_point or entries[0].partner)
            yield told, _stretch(first, told, entries[0].seq)
        if _take(now, entries):
            at = seen if (moved or _at_edge(now)) and not last.history else told
            yield at, _stretch(now, at, entries[0].seq)


def _moment(timed: tuple[Entry, datetime | None]) -> tuple[int, datetime | None]:
    """A transaction is one moment, but for what is told of the past: each change of it has its own."""
    entry, when = timed
    return entry.tx, when if entry.history or entry.kind == "journaled" else None


def _take(now: _Standing, entries: Sequence[Entry]) -> bool:
    """Bring the standing up to the transaction; whether it says anything of the case."""
    before = (now.holder, now.accountable)
    for entry in entries:
        now.status, now.holder = entry.status or now.status, entry.holder or now.holder
        now.accountable = entry.accountable or now.accountable or now.holder
        now.contact = entry.contact_point or now.contact or entry.partner
        if entry.kind == "offered":
            now.edges[str(entry.detail.get("receiver", ""))] = str(entry.detail.get("edge", ""))
        if entry.kind == "succeeded" and entry.detail.get("edge"):
            now.edges[entry.partner] = str(entry.detail["edge"])
    if (now.holder, now.accountable) != before:
        now.owed, now.arrived, now.acted = 0, entries[-1].history, False  # how it was carried, no past tells
    for entry in entries:
        if entry.partner != now.holder:
            continue
        if entry.kind == "owed":
            now.owed = int(entry.detail.get("version", 0))
        elif entry.kind == "arrived" or (entry.kind == "delivered" and int(entry.detail.get("version", 0)) >= now.owed):
            now.arrived = True
        elif entry.kind in _ACTS and before == (now.holder, now.accountable):
            now.arrived = now.acted = True
    return bool(now.status)


def _at_edge(now: _Standing) -> bool:
    return now.holder != now.accountable and now.status not in _ENDED and now.status != "resolved"


def _stretch(now: _Standing, at: datetime, seq: int) -> Stretch | None:
    """The stretch that this standing begins."""
    if now.status in _ENDED:
        return None
    if not _at_edge(now):
        who = now.contact if now.status == "resolved" else now.accountable
        edge = now.edges.get(now.accountable, "")
        return Stretch(at, None, who, _WAITS.get(now.status, "work"), seq, now.accountable, edge=edge)
    what: What = "decision" if now.acted else "queue" if now.arrived else "transport"
    who = "hub" if what == "transport" else now.holder
    edge = now.edges.get(now.holder, "")
    return Stretch(at, None, who, what, seq, now.accountable, now.accountable, now.holder, edge)
