"""What people did at the hub, in words: the sentences of the entries that bear who and why; and what the night found.

Pure. Next: `board/words.py`, which tells all the other kinds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from hub.entries import Entry


def _by(e: Entry) -> str:
    return f"{e.detail.get('who', 'Somebody')}"


def _why(e: Entry) -> str:
    return f": {e.detail['why']}" if e.detail.get("why") else "."


def _what(e: Entry, n: Any) -> str:
    whole = {"hub": "the whole hub", "partner": str(n[e.partner])}
    return whole.get(str(e.detail.get("scope")), "this case")


def _paths(e: Entry) -> str:
    return ", ".join(e.fields)


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
    "signed_off": lambda e, n: f"{_by(e)} signed off the first contact with {n[e.partner]}{_why(e)}",
}
