"""An escalation with authority: the contact point's agent says in his own tool that a case has to move, and who has it
answers, level by level.

What says so is declared (`escalated_by` in agreement.yaml: a status, a priority, a field); each time is an entry,
`urged`. The first level of the company that has the case is asked at once; where that company does nothing on the case
in the level's time, the next one is. An act of its people is the answer. It is over once the case is resolved. Pure.
Next: `lapses.py`, whose levels go by a clock; `promises.py`, which writes down what is new; `acts.py`, which hears it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from hub.agreement import Agreement
from hub.calendars import worked_after
from hub.entries import Entry
from hub.lapses import ACTS, Lapse
from mappings.case import ENDED

URGED = "contactPoint"
"""In the place of a commitment, where it is the contact point that escalates."""


class Urging(NamedTuple):
    """news: what is to be written down. again: when to look again if nothing happens before. asked: (until when, who by
    role, of which company) an answer is waited for; None where none is."""

    news: tuple[Lapse, ...] = ()
    again: datetime | None = None
    asked: tuple[datetime, str, str] | None = None


def urging(story: Sequence[Entry], agreement: Agreement, now: datetime) -> Urging:
    """What is new of the newest escalation of one case's entries."""
    urge, last = _newest(story), next((e for e in reversed(story) if e.holder is not None), None)
    if urge is None or last is None:
        return Urging()
    company = next((one for one in (last.holder, last.accountable) if one and one != last.contact_point), "")
    levels = agreement.partners[company].escalation if company in agreement.partners else ()
    after = [e for e in story if e.seq > urge.seq and e.partner == company]
    if not levels or any(e.kind in ACTS for e in after):
        return Urging()
    before = [e for e in after if e.kind == "escalated" and e.detail.get("commitment") == URGED]
    if before:
        until = datetime.fromisoformat(before[-1].detail["answer_by"])
        if until > now or len(before) == len(levels):
            return Urging((), until if until > now else None, (until, str(before[-1].detail["role"]), company))
    level = levels[len(before)]
    until = worked_after(agreement.own_calendar(company), now, level.answer)
    detail = {"commitment": URGED, "of": company, "since": urge.observed_at.isoformat(), "due_at": "",
              "level": len(before) + 1, "role": level.role, "answer_by": until.isoformat()}  # fmt: skip
    return Urging((Lapse("escalated", company, detail),), until, (until, level.role, company))


def _newest(story: Sequence[Entry]) -> Entry | None:
    """The newest escalation since the case was resolved last, where it is worked on now."""
    status = next((e.status for e in reversed(story) if e.status is not None), None)
    if status is None or status == "resolved" or status in ENDED:
        return None
    for entry in reversed(story):
        if entry.kind == "resolved":
            return None
        if entry.kind == "urged":
            return entry
    return None
