"""How the companies' promises stand in one case: clocks, computed from its entries each time and kept nowhere.

A clock counts the stretches of `timeline.py` that are its own, in the working time of its calendar; what it does not
count (the customer was waited for, another party was, the case was across an edge) stands in the timeline with its
name. A case that changes its priority has the time of its present one. Pure: entries, the agreement and an instant.
Next: `commitments.py` (what is promised), `clock_showing.py` (what `casebridge clock` prints).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Literal

from hub.agreement import Agreement
from hub.calendars import Calendar, worked_after, worked_between
from hub.commitments import UNKNOWN_PRIORITY, Commitment
from hub.entries import Entry
from hub.timeline import Stretch, What, stretches
from hub.versions import under

State = Literal["running", "near", "waiting", "kept", "broken"]
_NEWS = frozenset({"partners", "customer"})
_WITHOUT_CUSTOMER: tuple[What, ...] = ("work", "third party", "transport", "queue", "decision")
_ANSWERING: tuple[What, ...] = ("work", "customer", "third party")


@dataclass(frozen=True, slots=True)
class Reading:
    """One clock of one case, as it stands at an instant.

    who: whose promise, a partner or "all". counted: the stretches that it counts, cut at the instant. spent, allowed:
    working time. near_at: when it comes near its end, while it runs and has not. due_at: when it runs out, or ran out;
    None while it stands still in time. state: `running`, `near`
    its end, `waiting` (it stands still), and for good `kept` or `broken`; one that ran out is broken while it runs too.
    """

    commitment: Commitment
    who: str
    edge: str
    counted: tuple[Stretch, ...]
    spent: timedelta
    allowed: timedelta
    near_at: datetime | None
    due_at: datetime | None
    ended_at: datetime | None
    state: State

    @property
    def since(self) -> datetime:
        """When it began: with the commitment and whose it is, which of a case's clocks it is."""
        return self.counted[0].start


@dataclass(frozen=True, slots=True)
class _Run:
    """What a clock counted: its stretches, and when it stopped for good."""

    who: str
    edge: str
    counted: tuple[Stretch, ...]
    ended_at: datetime | None


def clocks_of(
    story: Sequence[Entry], agreement: Agreement, now: datetime, rows: Sequence[Stretch] | None = None
) -> tuple[Reading, ...]:
    """The clocks of one case's entries, in the agreement's order and then in time's: of the version
    that it was handed over under. rows: its stretches, where they are known."""
    rows, agreement = stretches(story) if rows is None else rows, under(agreement, story)
    priority = _priority(story)
    found = []
    for commitment in agreement.commitments:
        runs = _RUNS[commitment.clock]
        for run in runs(rows, story):
            if agreement.promise(commitment.clock, run.who, run.edge) is commitment:
                calendar = agreement.calendar(commitment, run.who)
                found.append(_read(commitment, run, calendar, commitment.within[priority], now.astimezone(UTC)))
    return tuple(found)


def _priority(story: Sequence[Entry]) -> str:
    """The case's present priority."""
    told = (entry.detail.get("about", {}).get("priority") for entry in reversed(story))
    return next((str(each) for each in told if each), UNKNOWN_PRIORITY)


def _read(commitment: Commitment, run: _Run, calendar: Calendar, allowed: timedelta, now: datetime) -> Reading:
    spent, ran_out = timedelta(), None
    for stretch in run.counted:
        end = min(stretch.end or now, now)
        worked = worked_between(calendar, stretch.start, end)
        if ran_out is None and spent + worked > allowed:
            ran_out = worked_after(calendar, stretch.start, allowed - spent)
        spent += worked
    runs = run.ended_at is None and bool(run.counted) and run.counted[-1].end is None
    due = ran_out or (worked_after(calendar, now, allowed - spent) if runs else None)
    to_near = allowed * commitment.near - spent
    near = worked_after(calendar, now, to_near) if runs and to_near > timedelta() else None
    return Reading(commitment, run.who, run.edge, run.counted, spent, allowed, near, due, run.ended_at,
                   _state(spent, allowed, commitment.near, runs=runs, ended=run.ended_at is not None))  # fmt: skip


def _state(spent: timedelta, allowed: timedelta, near: float, *, runs: bool, ended: bool) -> State:
    if spent > allowed:
        return "broken"
    if ended:
        return "kept"
    if not runs:
        return "waiting"
    return "near" if spent >= allowed * near else "running"


def _end_to_end(rows: Sequence[Stretch], story: Sequence[Entry]) -> Iterator[_Run]:
    """The customer's: from opened until resolved, again while it is reopened."""
    counted = tuple(row for row in rows if row.what in _WITHOUT_CUSTOMER)
    if counted:
        done = rows[-1].what == "feedback" or rows[-1].end is not None
        yield _Run("all", "", counted, counted[-1].end if done else None)


def _resolve(rows: Sequence[Stretch], story: Sequence[Entry]) -> Iterator[_Run]:
    """A company's: while it answers for the case and works on it. It stops when the case is resolved or another
    company has accepted it."""
    for who in dict.fromkeys(row.accountable for row in rows):
        counted = tuple(row for row in rows if row.what == "work" and row.who == who)
        if counted:
            over = rows[-1].accountable != who or rows[-1].what == "feedback" or rows[-1].end is not None
            yield _Run(who, counted[-1].edge, counted, counted[-1].end if over else None)


def _accept(rows: Sequence[Stretch], story: Sequence[Entry]) -> Iterator[_Run]:
    """A receiver's: from when an offered case stands in its system until it accepts or gives it back, each offer."""
    offer: list[Stretch] = []
    for row in (*rows, None):
        if row is not None and row.what in ("queue", "decision") and (not offer or _follows(offer[-1], row)):
            offer.append(row)
            continue
        if offer:
            yield _Run(offer[-1].who, offer[-1].edge, tuple(offer), offer[-1].end)
        offer = [row] if row is not None and row.what in ("queue", "decision") else []


def _follows(before: Stretch, after: Stretch) -> bool:
    return (before.receiver, before.giver, before.end) == (after.receiver, after.giver, after.start)


def _until_news(rows: Sequence[Stretch], story: Sequence[Entry], *, first: bool) -> Iterator[_Run]:
    """From when a company answers for the case, or from its last word, until its next one that the others may see."""
    heard: set[str] = set()
    for spell in _spells(rows):
        who, start, end = spell[0].accountable, spell[0].start, spell[-1].end
        if first and who in heard:
            continue
        heard.add(who)
        marks = sorted({start, *(at for at in _news(story, who) if at > start and (end is None or at < end))})
        for begins, stops in list(zip(marks, [*marks[1:], end], strict=True))[: 1 if first else None]:
            yield _Run(who, spell[0].edge, tuple(_cut(spell, begins, stops)), stops)


def _spells(rows: Sequence[Stretch]) -> Iterator[list[Stretch]]:
    """The rows in which one company answers and no other side has to do anything, in one piece."""
    spell: list[Stretch] = []
    for row in rows:
        if row.what in _ANSWERING and (
            not spell or (spell[-1].accountable, spell[-1].end) == (row.accountable, row.start)
        ):
            spell.append(row)
            continue
        if spell:
            yield spell
        spell = [row] if row.what in _ANSWERING else []
    if spell:
        yield spell


def _news(story: Sequence[Entry], who: str) -> Iterator[datetime]:
    for entry in story:
        tells = entry.kind == "noted" and entry.detail.get("visibility") in _NEWS
        moves = entry.kind in ("changed", "journaled") and "status" in entry.fields
        if entry.partner == who and (tells or moves):
            yield (entry.business_at or entry.observed_at).astimezone(UTC)


def _cut(rows: Sequence[Stretch], start: datetime, end: datetime | None) -> Iterator[Stretch]:
    for row in rows:
        begins = max(row.start, start)
        ends = row.end if end is None else min(row.end or end, end)
        if ends is None or ends > begins:
            yield Stretch(begins, ends, row.who, row.what, row.seq, row.accountable, row.giver, row.receiver, row.edge)


_RUNS: dict[str, Callable[[Sequence[Stretch], Sequence[Entry]], Iterator[_Run]]] = {
    "accept": _accept,
    "firstResponse": partial(_until_news, first=True),
    "update": partial(_until_news, first=False),
    "resolve": _resolve,
    "endToEnd": _end_to_end,
}
