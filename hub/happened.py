"""What can happen to a case: the kinds of facts, and a fact.

Figures count, sum and order these and know nothing else of a case. Knows no entry. Next: `facts.py`, which reads them
off entries; `measures.py`, which makes figures of them.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Literal, NamedTuple

What = Literal[
    "opened",  # the case came in at `company`
    "changed",  # one change by `company`; seconds: business time since the case's first change
    "handover",  # the holder went from `giver` to `company`
    "bounce",  # a hand-over back to the holder of two steps earlier
    "resolved",  # while `company` held it; seconds: business time since it was opened, on its first resolution only
    "reopened",  # resolved or closed, and worked again; `company` holds it then
    "closed",  # while `company` answered for it; seconds: business time since it was opened
    "responded",  # the first word of `company`, which answers for it, that others may see; seconds since it was opened
    "accepted",  # by `company`, from `giver`; seconds since it was offered
    "refused",  # by `company`, back to `giver`; part: the reason, "withdrawn" or "timed out"
    "escalated",  # a person of `company` is asked to see to it
    "escalation",  # what became of that; seconds: 1 the company acted, 0 the next level had to be asked
    "at front",  # first resolved; seconds: 1 nobody but `company`, where it was opened, ever held it; else 0
    "first time",  # first resolved, by `company`; seconds: 1 it was not reopened since, else 0
    "caused",  # a stretch of the customer's wait ended: by `company`, or at the edge from `giver`; part: what it was
    "waited",  # a stretch ended in which the customer was waited for; part: "customer" or "feedback"
    "orphan",  # a stretch ended in which nobody answered for the case
    "promise",  # a clock of `company` ended or ran out; part: the commitment; seconds: 1 kept, 0 broken
    "joint promise",  # the same of what all promise together
    "delivered",  # `company` holds a version of the case
    "carried",  # a change of `giver` reached `company`; seconds on the hub's own clock
    "sent",  # a call that wrote to `company`, whether it was answered or not
    "parked",  # a record or delivery of `company` was put before a person
    "conflict",  # of two edits of one field the one of `company` was not kept
    "open",  # from here the case is open at `company`; seconds: since it was opened
    "awaiting",  # from here it is resolved at `company` and waits for the customer's word
    "ended",  # from here it is closed, cancelled or rejected
    "asked",  # the customer's word is asked for, by `company`
    "silence",  # what became of the asking; seconds: 1 nobody answered, 0 somebody did
    "closure",  # a word ended what `company` answered for; seconds: 1 it closed the case, 0 it reopened it
    "score",  # a word about what `company` answered for; seconds: the score, 1 to 5
    "recovered",  # the word after a corrective action of `company`; seconds: 1 positive, 0 not
    "area",  # a word says what is to be improved; part: which of the six components of a service
    "preference",  # the customer says what he prefers
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
STANDING: frozenset[What] = frozenset().union(*STOCKS)


class Fact(NamedTuple):
    """One thing that happened to one case. giver: the other side of an edge; origin: where the case was opened.

    part: of what sort it was, where its kind has sorts."""

    what: What
    at: datetime
    case_id: str
    company: str
    giver: str = ""
    seconds: float | None = None
    origin: str = ""
    part: str = ""


def standing(facts: Iterable[Fact], end: datetime | None) -> list[Fact]:
    """How each case stands when the period ends: of each stock, its last fact of each case before end."""
    stock_of = {what: place for place, stock in enumerate(STOCKS) for what in stock}
    last: dict[tuple[int, str], Fact] = {}
    for fact in facts:
        if fact.what in stock_of and (end is None or fact.at < end):
            last[stock_of[fact.what], fact.case_id] = fact
    return list(last.values())
