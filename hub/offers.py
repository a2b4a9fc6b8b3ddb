"""Offers that nobody answers: after the working time that their edge gives, the case goes back to who answers for it.

The time is the receiver's: it runs while the case stands in its system, unseen or undecided, and not on the way there.
Whether it is long past is told from the entries each time. Next: `promises.py`, which looks each minute;
`timeline.py`, which says how long; `transfers.py` for offers that are answered.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from hub.agreement import Agreement
from hub.calendars import worked_after, worked_between
from hub.edges import Edge
from hub.entries import Entry
from hub.state import HUB, CaseState
from hub.timeline import stretches
from hub.versions import under
from hub.writing import Transaction

_WAITING = ("queue", "decision")


def lapses_at(story: Sequence[Entry], agreement: Agreement, now: datetime) -> tuple[Edge, datetime] | None:
    """(edge, when) of an offer that goes back by itself, where one stands open with its receiver."""
    rows = stretches(story)
    if not rows or rows[-1].end is not None or rows[-1].what not in _WAITING:
        return None
    last = rows[-1]
    edge = under(agreement, story).edge_named(last.edge)
    if edge is None or edge.unanswered is None:
        return None
    calendar, spent, start = agreement.own_calendar(last.receiver), timedelta(), last.start
    for row in reversed(rows[:-1]):  # a queue before a decision is one wait
        if row.what not in _WAITING or (row.receiver, row.giver, row.end) != (last.receiver, last.giver, start):
            break
        spent, start = spent + worked_between(calendar, row.start, start), row.start
    return edge, worked_after(calendar, last.start, max(edge.unanswered - spent, timedelta()))


def take_back(
    tx: Transaction, agreement: Agreement, state: CaseState, story: Sequence[Entry]
) -> tuple[CaseState, datetime | None]:
    """The case as it stands now: given back, where its time is over. And when it has to be looked at for that again."""
    open_one = lapses_at(story, agreement, tx.now) if state.holder != state.accountable else None
    if open_one is None:
        return state, None
    edge, at = open_one
    if at > tx.now:
        return state, at
    after = replace(
        state,
        version=state.version + 1,
        updated_at=tx.now,
        values={**state.values, "holder": state.accountable},
        setters={**state.setters, "holder": HUB},
    )
    tx.keep_case(after)
    detail = {"receiver": state.holder, "back_to": state.accountable, "edge": edge.id}
    tx.append("timed_out", after, state.holder, detail=detail)
    return after, None
