"""Rounds of asking for the customer's word: one begins each time a case is resolved, and is over once it is worked on.

Pure: reads a case's state. Next: `asking.py` (links), `telling.py` and `route.py` (how the contact point is asked).
"""

from __future__ import annotations

from typing import Any

from hub.state import Asked, CaseState
from mappings.case import utc

RESOLVED, CLOSED = "resolved", "closed"


def round_of(state: CaseState) -> int:
    """How often the case was resolved: the number of its round of asking."""
    return sum(1 for line in state.statuses if line.status == RESOLVED)


def is_open(state: CaseState, number: int) -> bool:
    """Whether a word of this round still says how the case stands: it was not worked on since."""
    return state.status in (RESOLVED, CLOSED) and round_of(state) == number and not state.history


def wanted(state: CaseState) -> Asked | None:
    """The asking that has no answer yet, or None."""
    asked = state.asked
    waits = asked is not None and state.status == RESOLVED and is_open(state, asked.round)
    return asked if waits else None


def told_of(state: CaseState) -> dict[str, Any]:
    """What the contact point is told of it, by path; nothing of a case that was never asked for."""
    if state.asked is None:
        return {}
    now = wanted(state)
    if now is None:
        return {"feedbackAsked": "no", "feedbackLink": None}
    how = "silent" if now.silent else "again" if now.times > 1 else "asked"
    return {"feedbackAsked": how, "feedbackLink": now.link or None}


def lines_of(state: CaseState) -> list[str]:
    """What people at the hub are shown of it, a sentence each: the words that were heard, then what is waited for."""
    said = [f"{word.score} of 5, {utc(word.date):%Y-%m-%d %H:%M} UTC" if word.date else f"{word.score} of 5"
            for word in state.feedback]  # fmt: skip
    lines = [f"heard: {', '.join(said)}"] if said else []
    if asked := wanted(state):
        since = f"asked {asked.times} times since {asked.since:%Y-%m-%d %H:%M} UTC"
        silent = f"; silent since {asked.silent:%Y-%m-%d %H:%M} UTC" if asked.silent else ""
        lines.append(f"{since}{silent}; the link ends {asked.until:%Y-%m-%d %H:%M} UTC")
    if state.corrective is not None:
        number, owner, role, due = state.corrective
        lines.append(f"corrective action {number} of {owner} ({role}), due {due:%Y-%m-%d %H:%M} UTC")
    return lines
