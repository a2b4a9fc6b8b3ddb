"""What is new about a case's promises: one that comes to its end, one that was broken, and who is asked about it now.

Each is told once for a clock, which its commitment, its company and its beginning name; what was told before stands in
the case's entries. An escalation is answered by an act of that company on the case, not by a word about it; without one
in its time the next level is asked. Pure: entries, the agreement and an instant. Next: `promises.py`, which writes it
down; `clocks.py`, which says how a promise stands.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from hub.agreement import Agreement
from hub.calendars import worked_after
from hub.clocks import Reading, clocks_of
from hub.commitments import ALL
from hub.entries import Entry

Kind = Literal["due_soon", "overdue", "escalated"]
KINDS: tuple[Kind, ...] = ("due_soon", "overdue", "escalated")
ACTS = frozenset({"changed", "noted", "attached", "accepted", "refused"})
"""Kinds of entries that are an answer to an escalation, where they are of the company that was asked."""


@dataclass(frozen=True, slots=True)
class Lapse:
    """Something to be written down, as an entry of this kind with this detail. partner: who can still act."""

    kind: Kind
    partner: str
    detail: Mapping[str, Any]


def lapses(story: Sequence[Entry], agreement: Agreement, now: datetime) -> tuple[list[Lapse], datetime | None]:
    """What is new about one case's promises, and when they have to be looked at again if nothing happens before."""
    news: list[Lapse] = []
    upcoming: list[datetime | None] = []
    for clock in clocks_of(story, agreement, now):
        asked = clock.who if clock.who != ALL else story[-1].accountable or ""
        new = list(_of_clock(clock, asked, story, agreement, now))
        news += new
        upcoming += [clock.near_at, clock.due_at, *(_answer_by(one.detail) for one in new)]
        if clock.state == "broken" and clock.ended_at is None:
            upcoming += [_answer_by(entry.detail) for entry in story if _is_of(entry, clock)]
    return news, min((at for at in upcoming if at is not None and at > now), default=None)


def _of_clock(
    clock: Reading, asked: str, story: Sequence[Entry], agreement: Agreement, now: datetime
) -> Iterator[Lapse]:
    told = {entry.kind for entry in story if entry.kind in KINDS and _is_of(entry, clock)}
    detail = {
        "commitment": clock.commitment.id,
        "of": clock.who,
        "since": clock.since.isoformat(),
        "due_at": clock.due_at.isoformat() if clock.due_at else "",
        **({"edge": clock.edge} if clock.edge else {}),
    }
    if clock.state == "near" and not told:
        yield Lapse("due_soon", asked, detail)
    if clock.state == "broken" and "overdue" not in told:
        yield Lapse("overdue", asked, detail)
    if clock.state == "broken" and clock.ended_at is None:
        yield from _escalation(clock, asked, story, agreement, now, detail)


def _escalation(
    clock: Reading, asked: str, story: Sequence[Entry], agreement: Agreement, now: datetime, detail: Mapping[str, Any]
) -> Iterator[Lapse]:
    """The next level that is asked, if one is."""
    before = [entry for entry in story if entry.kind == "escalated" and _is_of(entry, clock)]
    if before and (_answered(before[-1], story) or datetime.fromisoformat(before[-1].detail["answer_by"]) > now):
        return
    levels = agreement.partners[asked].escalation if asked in agreement.partners else ()
    if len(before) < len(levels):
        level = levels[len(before)]
        by = worked_after(agreement.own_calendar(asked), now, level.answer)
        number = {"level": len(before) + 1, "role": level.role, "answer_by": by.isoformat()}
        yield Lapse("escalated", asked, {**detail, **number})


def _answered(escalated: Entry, story: Sequence[Entry]) -> bool:
    return any(e.seq > escalated.seq and e.partner == escalated.partner and e.kind in ACTS for e in story)


def _is_of(entry: Entry, clock: Reading) -> bool:
    """Whether an entry of ours speaks of this clock."""
    told = (entry.detail.get("commitment"), entry.detail.get("of"), entry.detail.get("since"))
    return told == (clock.commitment.id, clock.who, clock.since.isoformat())


def _answer_by(detail: Mapping[str, Any]) -> datetime | None:
    return datetime.fromisoformat(detail["answer_by"]) if "answer_by" in detail else None
