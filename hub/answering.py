"""The customer's answer on the hub's own page, taken into the ledger: once, as feedback of the case as any other.

What it means (close, reopen) `acts.py` says; what each company lacks then is owed to it. One ledger transaction, and no
word of it in any log. Next: `asking.py` (the links), `serve/feedback.py` (the page).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo

from hub import acts, asking
from hub.alliance import Alliance
from hub.keys import KeyLost
from hub.merge import Event, Fold
from hub.owing import owe_all
from hub.rounds import RESOLVED, is_open
from hub.state import HUB, CaseState
from hub.writing import Transaction
from mappings.case import Feedback

MOST_CHARACTERS = 2000
"""Of a customer's text."""

Stands = Literal["open", "used", "ended", "expired", "forged"]
"""open: it may be answered. used: it was. ended: the case is worked on again, or was resolved anew and asked again.
expired: its time is over. forged: it is none of ours, or the case is no more."""


@dataclass(frozen=True, slots=True)
class Question:
    """One link as the page shows it. company: the contact point's name, its language and number of the case; "" where
    the link is none of ours. day: when it was resolved, in the contact point's zone."""

    stands: Stands
    company: str = ""
    language: str = ""
    number: str = ""
    day: datetime | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What the customer said. text: plain, as it was written, or None. language: of the page."""

    score: int
    text: str | None
    language: str


def question(tx: Transaction, alliance: Alliance, token: str) -> Question:
    """What this link is about, and how it stands."""
    named = asking.read_token(tx.keyring, token, tx.now)
    row = asking.found(tx, named.asking) if named.asking else None
    state = _case(tx, row["case_id"]) if row is not None else None
    if row is None or state is None:
        return Question("forged")
    partner = alliance.partners.get(state.contact_point)
    link = tx.links_of(state.id).get(state.contact_point)
    stands: Stands = named.wrong or "open"
    if stands == "open":
        stands = "used" if row["used_at"] else "open" if is_open(state, row["round"]) else "ended"
    return Question(
        stands,
        alliance.title(state.contact_point),
        partner.system.language if partner is not None else "",
        link.number if link is not None else "",
        _day(state, row["round"], partner.system.zone if partner is not None else "UTC"),
    )


def answer(tx: Transaction, alliance: Alliance, token: str, said: Answer) -> tuple[Stands, frozenset[str]]:
    """Take the answer, if the link is good: ("open", who is owed what it changed). Else how the link stands, and
    nothing is written."""
    now = question(tx, alliance, token)
    named = asking.read_token(tx.keyring, token, tx.now).asking
    if now.stands != "open":
        return now.stands, frozenset()
    row = asking.found(tx, named)
    state = tx.case(row["case_id"]) if row is not None else None
    if row is None or state is None or not asking.use(tx, named):
        return "used", frozenset()
    detail = {"via": "page", "round": row["round"], "language": said.language}
    return "open", hear(tx, alliance, state, said, detail)


def hear(
    tx: Transaction, alliance: Alliance, state: CaseState, said: Answer, detail: dict[str, object]
) -> frozenset[str]:
    """The customer's word as the case's newest: its fields, what it means, who is owed it now."""
    contact = state.contact_point
    word = Feedback(partner=contact, score=said.score, text=said.text, date=tx.now)
    fold = Fold(partner=HUB, state=state, theirs={}, base={}, flight={}, synced={}, agreement=alliance.agreement,
                now=tx.now)  # fmt: skip
    fold.put_all({"feedback.score": word.score, "feedback.text": word.text, "feedback.date": word.date}, HUB)
    fold.state = replace(fold.state, feedback=(*fold.state.feedback, word))
    fold.events.append(Event("fed_back", {"score": word.score, **detail}, {"text": word.text}))
    acts.fold_closing(fold, [word])
    after = replace(fold.state, version=state.version + 1, updated_at=tx.now)
    for event in fold.events:
        who = contact if event.kind == "fed_back" else HUB
        tx.append(event.kind, after, who, detail=event.detail, body=event.body, business_at=tx.now)
    tx.keep_case(after)
    return owe_all(tx, alliance, after)


def _case(tx: Transaction, case_id: str) -> CaseState | None:
    """The case; None where its customer was forgotten: nobody can read it any more."""
    try:
        return tx.case(case_id)
    except KeyLost:
        return None


def _day(state: CaseState, number: int, zone: str) -> datetime | None:
    """When it was resolved for the number-th time."""
    times = [line.status_change_date for line in state.statuses if line.status == RESOLVED]
    return times[number - 1].astimezone(ZoneInfo(zone)) if 0 < number <= len(times) else None
