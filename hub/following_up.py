"""Following a resolved case up until its customer has spoken: who is asked, who is asked again, when it is silent.

Looked at by `promises.py`, in its one transaction and as often as it looks; each thing is done once. A case that stayed
with its company is that company's own: nothing is written to its record, unless the agreement has every customer asked
(`closing.ask`) and that company declares where it reads so. Talks to no partner: what its agents are to read is owed to
them. Next: `asking.py` (the link), `corrective.py` (what a bad word brings about), `signals.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from hub import asking, corrective, route, signals, unowned
from hub.alliance import Alliance
from hub.calendars import worked_after
from hub.entries import Entry
from hub.owing import owe_all
from hub.rounds import RESOLVED, round_of, wanted
from hub.state import Asked, CaseState
from hub.writing import Transaction

ASKS = frozenset({"feedbackAsked", "feedbackLink"})
"""Paths of a mapping by which a contact point reads that it is to ask."""


class Done(NamedTuple):
    """What a look did: the case after it, when to look again if nothing happens before, and how many of each."""

    state: CaseState
    again: datetime | None
    asked: int = 0
    silent: int = 0
    corrective: int = 0


def follow_up(tx: Transaction, alliance: Alliance, state: CaseState, story: Sequence[Entry]) -> Done:
    """Ask for the customer's word where that is due, or call the case silent; see to what he said. story: its entries,
    up to now."""
    if state.parent:  # a task has no customer of its own: his word is asked for on the case that it is of
        return Done(state, None)
    signals.look(tx, alliance.agreement, state, story)
    state, due, begun = corrective.look(tx, alliance, state, story)
    unowned.look(tx, alliance, state, story)
    done = _ask(tx, alliance, state)
    again = min((at for at in (due, done.again) if at is not None), default=None)
    return done._replace(again=again, corrective=begun)


def _ask(tx: Transaction, alliance: Alliance, state: CaseState) -> Done:
    if state.history or state.status != RESOLVED or not _concerns(tx, alliance, state):
        return Done(state, None)
    present = wanted(state)
    if present is None:
        state = asking.ask(tx, alliance, state)
        owe_all(tx, alliance, state)
        return Done(state, _next(alliance, state), asked=1)
    times, silent_at = _times(alliance, state, present)
    if silent_at is not None and present.silent is None and silent_at <= tx.now:
        state = _keep(tx, alliance, state, replace(present, silent=tx.now))
        tx.append("silent", state, state.contact_point, detail={"round": present.round, "times": present.times})
        return Done(state, None, silent=1)
    come = 1 + sum(1 for at in times if at <= tx.now)
    if come > present.times and present.silent is None:
        state = _keep(tx, alliance, state, replace(present, times=come))
        detail = {"round": present.round, "times": come, "until": present.until.isoformat()}
        tx.append("asked", state, state.contact_point, detail=detail)
        return Done(state, _next(alliance, state), asked=1)
    return Done(state, _next(alliance, state))


def _concerns(tx: Transaction, alliance: Alliance, state: CaseState) -> bool:
    """Whether its customer is asked at all: where another company had a part in it; else where all are to be asked, and
    the contact point has declared where it reads so."""
    if state.tasks or route.targets(state, tx.links_of(state.id)) != [state.contact_point]:
        return True
    partner = alliance.partners.get(state.contact_point)
    if alliance.agreement.closing.ask != "all" or partner is None:
        return False
    told = partner.system.told
    return (told is not None and "feedback" in told.tells) or bool(ASKS & partner.lens.told)


def _keep(tx: Transaction, alliance: Alliance, state: CaseState, asked: Asked) -> CaseState:
    state = replace(state, asked=asked)
    tx.keep_case(state)
    owe_all(tx, alliance, state)
    return state


def _times(alliance: Alliance, state: CaseState, asked: Asked) -> tuple[list[datetime], datetime | None]:
    """When it is asked for again, and when it is silent."""
    closing, calendar = alliance.agreement.closing, alliance.agreement.own_calendar(state.contact_point)
    again = [worked_after(calendar, asked.since, after) for after in closing.ask_again]
    silent = closing.silent_after
    return again, None if silent is None else worked_after(calendar, asked.since, silent)


def _next(alliance: Alliance, state: CaseState) -> datetime | None:
    """When something of it is due."""
    present = wanted(state)
    if present is None or present.silent is not None or present.round != round_of(state):
        return None
    again, silent = _times(alliance, state, present)
    upcoming = [*again[present.times - 1 :], *([silent] if silent is not None else [])]
    return min(upcoming, default=None)
