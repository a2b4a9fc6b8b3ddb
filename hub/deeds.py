"""What people did at the hub, in words: the sentences of the entries that bear who and why; what the night found; and
what became of a promise.

Pure. Next: `board/words.py`, which tells all the other kinds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from hub.entries import Entry
from hub.urging import URGED


def _by(e: Entry) -> str:
    return f"{e.detail.get('who', 'Somebody')}"


def _why(e: Entry) -> str:
    return f": {e.detail['why']}" if e.detail.get("why") else "."


def _what(e: Entry, n: Any) -> str:
    whole = {"hub": "the whole hub", "partner": str(n[e.partner])}
    return whole.get(str(e.detail.get("scope")), "this case")


def _paths(e: Entry) -> str:
    return ", ".join(e.fields)


_ROLES: Mapping[str, str] = {"accountable": "answers for it", "contactPoint": "is its contact point"}

DEEDS: Mapping[str, Callable[[Entry, Any], str]] = {
    "paused": lambda e, n: f"{_by(e)} paused {_what(e, n)}{_why(e)}",
    "resumed": lambda e, n: f"{_by(e)} let {_what(e, n)} go on{_why(e)}",
    "retried": lambda e, n: f"{_by(e)} had what waited for {n[e.partner]} tried again{_why(e)}",
    "fixed": lambda e, n: f"{_by(e)} set {_paths(e) or 'nothing'} as the hub's word{_why(e)}",
    "dropped": lambda e, n: (
        f"{_by(e)} decided that {_paths(e) or 'what waited'} is not carried to or from {n[e.partner]}{_why(e)}"
    ),
    "resynced": lambda e, n: f"{_by(e)} had {n[e.partner]} read again{_why(e)}",
    "reconciled": lambda e, n: (
        f"The night's comparison with {n[e.partner]} repaired {e.detail.get('repaired', 0)} records; "
        f"{e.detail.get('gone', 0)} were gone, {e.detail.get('missing', 0)} not known there."
    ),
    "reminded": lambda e, n: (
        f"A person was asked for the {e.detail.get('times')}. time about what waits ({e.detail.get('code')})"
        + (f", now {e.detail['role']}." if e.detail.get("role") else ".")
    ),
    "left": lambda e, n: f"{n[e.partner]} left the alliance; {n[str(e.detail.get('to'))]} comes after it{_why(e)}",
    "succeeded": lambda e, n: (
        f"{n[e.partner]} {_ROLES.get(str(e.detail.get('role')), 'has it')} now, after {n[str(e.detail.get('left'))]} "
        f"left the alliance (by {_by(e)}){_why(e)}"
    ),
    "returned": lambda e, n: (
        f"{n[e.partner]} got its data: {e.detail.get('cases', 0)} cases and {e.detail.get('log', 0)} lines of log."
    ),
    "erasing": lambda e, n: f"{_by(e)} had what is kept of it removed here and at those who had it{_why(e)}",
    "erased": lambda e, n: f"Nothing of it is left at {n[e.partner]}: {e.detail.get('how', 'removed')}.",
    "signed_off": lambda e, n: f"{_by(e)} signed off the first contact with {n[e.partner]}{_why(e)}",
}


FEEDBACK: Mapping[str, Callable[[Entry, Any], str]] = {
    "corrective": lambda e, n: (
        f"The customer was not satisfied: corrective action {e.detail.get('no')} of {n[e.partner]} "
        f"({e.detail.get('role')}), due {_until(e, 'due_at')}."
    ),
    "corrected": lambda e, n: (
        f"Corrective action {e.detail.get('no')} of {n[e.partner]} is done: it resolved the case again."
        if e.detail.get("how") == "resolved"
        else f"{_by(e)} says that corrective action {e.detail.get('no')} of {n[e.partner]} is done{_why(e)}"
    ),
    "effective": lambda e, n: (
        f"Corrective action {e.detail.get('no')} of {n[e.partner]} was effective: the customer is content."
    ),
    "ineffective": lambda e, n: (
        f"Corrective action {e.detail.get('no')} of {n[e.partner]} was not effective: the customer is not content."
    ),
    "disputed": lambda e, n: f"{_disputes(e, n)} disputes {_DISPUTED.get(str(e.detail.get('dispute')), 'it')}{_why(e)}",
    "signal": lambda e, n: f"{_SIGNALS.get(str(e.detail.get('signal')), 'A signal')}{_about(e)}.",
    "classified": lambda e, n: f"{_by(e)} says what it is about{_about(e)}{_why(e)}",
}
"""What became of the customer's word."""

_SIGNALS: Mapping[str, str] = {
    "score": "The customer gave a score",
    "thanks": "The customer says thanks",
    "complaint": "The customer complains",
    "preference": "A preference of the customer's was noted",
    "repeat": "The customer comes again about the same product (he said nothing of it himself)",
    "reopen": "It had to be worked on again (the customer said nothing of it himself)",
}
_DISPUTED: Mapping[str, str] = {
    "durationDisputed": "how long it took (durationDisputed)",
    "narrativeDisputed": "what is said to have been done (narrativeDisputed)",
}


def _disputes(e: Entry, n: Any) -> str:
    return "The customer" if e.detail.get("by") == "customer" else str(n[e.partner])


def _about(e: Entry) -> str:
    said = [str(e.detail[key]) for key in ("component", "expected") if e.detail.get(key)]
    return f" ({', '.join(said)})" if said else ""


def _promise(e: Entry, n: Any) -> str:
    whose = "All together" if e.detail.get("of") == "all" else str(n[str(e.detail.get("of", e.partner))])
    return f"{whose} promised this ({e.detail.get('commitment')})"


def _until(e: Entry, key: str) -> str:
    at = e.detail.get(key)
    return f"{datetime.fromisoformat(at):%Y-%m-%d %H:%M} UTC" if at else "a time that stands still"


def _escalated(e: Entry, n: Any) -> str:
    urged = e.detail.get("commitment") == URGED
    why = "the contact point escalated it" if urged else f"{e.detail.get('commitment')} was not kept"
    return (
        f"{e.detail.get('role')} of {n[e.partner]} is asked to see to it, level {e.detail.get('level')}: {why}. "
        f"An act of that side is due until {_until(e, 'answer_by')}."
    )


PROMISES: Mapping[str, Callable[[Entry, Any], str]] = {
    "due_soon": lambda e, n: f"{_promise(e, n)} until {_until(e, 'due_at')}: little time is left.",
    "overdue": lambda e, n: f"{_promise(e, n)} until {_until(e, 'due_at')}, and it was not kept.",
    "timed_out": lambda e, n: (
        f"{n[str(e.detail.get('receiver'))]} gave no answer in time: the case went back to "
        f"{n[str(e.detail.get('back_to'))]}."
    ),
    "urged": lambda e, n: f"{n[e.partner]}, the contact point, escalates it (by {e.detail.get('by')}).",
    "escalated": _escalated,
}
