"""A negative word that nobody owns: where no role is named to see to it, a person is asked to name one.

A word is owned where `closing.corrective` of the agreement begins an action and the company that answered for the case
has an owner there, or a first level of `escalation`. Else it becomes one of the things that wait (`reviewing.py`), once
for each word; it goes when a person says who sees to it, or once the case is closed on a better word. Inside a ledger
transaction; talks to nobody. Next: `corrective.py`, for words that are owned; `following_up.py`, which calls this.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from hub.agreement import Agreement
from hub.alliance import Alliance
from hub.entries import Entry
from hub.rounds import CLOSED
from hub.state import CaseState
from hub.writing import Transaction

SUBJECT: Final = "feedback"
CODE: Final = "X514"
PLACE: Final = "closing.corrective.owners"


def look(tx: Transaction, alliance: Alliance, state: CaseState, story: Sequence[Entry]) -> int:
    """Put each negative word of this case's entries that nobody owns before a person; how many were new."""
    asked = [entry for entry in story if entry.kind == "parked" and entry.detail.get("code") == CODE]
    known = {entry.detail.get("of") for entry in asked}
    new = 0
    for word in story:
        if word.kind != "reopened" or "score" not in word.detail or word.seq in known:
            continue
        said = word.accountable or state.accountable
        who = state.accountable if said in tx.left else said
        if is_owned(alliance.agreement, who):
            continue
        why = (
            f"the customer gave {word.detail['score']} of 5, and nobody at {alliance.title(who)} is named to see to "
            "it. The case is worked on again; what went wrong is nobody's."
        )
        tx.append("parked", state, who, detail={"code": CODE, "where": PLACE, "of": word.seq})
        tx.park(SUBJECT, who, case_id=state.id, native_id=None, code=CODE, place=PLACE, why=why)
        new += 1
    if state.status == CLOSED:
        for partner in {entry.partner for entry in asked}:
            tx.unpark(SUBJECT, partner, native_id=None, case_id=state.id)
    return new


def is_owned(agreement: Agreement, partner: str) -> bool:
    """Whether somebody of this company, by a role, sees to a negative word."""
    declared, company = agreement.closing.corrective, agreement.partners.get(partner)
    if declared is None:
        return False
    return partner in declared.owners or (company is not None and bool(company.escalation))
