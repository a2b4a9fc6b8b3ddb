"""Entries in plain words: one sentence for each kind, written for a person who asks "what happened to this case?".

Pure: an entry and the companies' titles in, text out. The text is plain; the template escapes it.
Next: `hub/entries.py` for what the kinds mean, `templates/case.html` for where the sentences stand.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from hub.deeds import DEEDS, FEEDBACK, PROMISES
from hub.entries import Entry, ParkedRow
from hub.remedies import remedy
from mappings.case import Case

HUB = "hub"
"""Whose act it is when no partner's."""

STATUSES: Mapping[str, str] = {
    "acknowledged": "New",
    "inProgress": "In progress",
    "pending": "Waiting for customer",
    "held": "On hold",
    "resolved": "Resolved",
    "closed": "Closed",
    "cancelled": "Cancelled",
    "rejected": "Rejected",
}
"""A status as people say it."""

TONES: Mapping[str, str] = {
    **dict.fromkeys(("opened", "changed", "journaled", "noted", "withdrawn", "attached", "fetched", "linked"), "in"),
    **dict.fromkeys(("offered", "informed", "assigned", "answered", "reopened", "signal", "classified"), "in"),
    **dict.fromkeys(
        ("owed", "told", "asked", "stepped", "unparked", "retried", "fixed", "resynced", "reconciled", "resumed"), "out"
    ),
    **dict.fromkeys(("delivered", "arrived", "accepted", "resolved", "fed_back", "closed", "signed_off"), "good"),
    **dict.fromkeys(("corrected", "effective", "erased", "returned"), "good"),
    **dict.fromkeys(
        (
            "refused",
            "denied",
            "early",
            "conflict",
            "irregular",
            "asked_to_close",
            "unsent",
            "unknown",
            "due_soon",
            "silent",
        ),
        "warn",
    ),
    **dict.fromkeys(("timed_out", "paused", "left", "succeeded", "dropped", "reminded", "erasing", "disputed"), "warn"),
    **dict.fromkeys(("parked", "gone", "overdue", "urged", "escalated", "corrective", "ineffective"), "bad"),
}
"""What kind of news an entry is; the page colours it so, and says it in words too."""


@dataclass(frozen=True, slots=True)
class Telling:
    """An entry as the page tells it. more: a second, quieter line, or nothing."""

    entry: Entry
    tone: str
    text: str
    more: str = ""


def tell(entry: Entry, titles: Mapping[str, str]) -> Telling:
    """One entry in words. A kind that is not known yet is told by its name, never left out."""
    sentence = _SENTENCES.get(entry.kind)
    text = sentence(entry, _Names(titles)) if sentence else f"{entry.kind} at {_Names(titles)[entry.partner]}."
    return Telling(entry, TONES.get(entry.kind, "in"), text, _more(entry))


def status(name: str | None) -> str:
    """A status as people say it; one that is not known stays as it is."""
    return STATUSES.get(name or "", name or "")


def facts(case: Case) -> list[tuple[str, str]]:
    """What a case says of itself, as label and value, in reading order; what is empty is left out."""
    told: list[tuple[str, Any]] = [
        ("Severity", case.severity),
        ("Priority", case.priority),
        ("Type", case.ticket_type),
        ("Channel", case.channel),
        *((f"{party.role.capitalize()}", party.name or party.id) for party in case.related_party),
        *((f"{entity.role.capitalize()}", entity.name or entity.id) for entity in case.related_entity),
        ("Why", case.status_change_reason),
        ("Preference", case.preference),
        ("Area to improve", case.improvement_area),
        ("Effort", case.effort and f"{case.effort.amount} {case.effort.units}"),
        ("Cost", case.cost and f"{case.cost.amount} {case.cost.units}"),
        *(("Feedback", f"{word.score} of 5") for word in case.feedback),
        *((item.name, item.value) for item in case.characteristic),
    ]
    return [(label, str(value)) for label, value in told if value not in (None, "")]


def fix(row: ParkedRow, titles: Mapping[str, str]) -> tuple[str, str]:
    """What a person can do about something that waits, and the command for it."""
    ways = remedy(row, _Names(titles)[row.partner])
    verb = "retry" if "retry" in ways.can else "drop"
    then = {"retry": "Tries it again after that:", "drop": "Takes it off this list once that is done:"}[verb]
    return ways.suggestion, f"{then} casebridge parked {verb} {row.id}" if ways.can else ""


def field_name(path: str) -> str:
    """A case path as people say it: `relatedParty.customer.name` is customer name."""
    short = path.removeprefix("relatedParty.").removeprefix("relatedEntity.").removeprefix("characteristic.")
    return re.sub(r"(?<=[a-z])([A-Z])", lambda found: f" {found[0].lower()}", short).replace(".", " ")


def ago(moment: datetime | None, now: datetime) -> str:
    """How long ago, in the unit that a person would choose; `never` for None."""
    if moment is None:
        return "never"
    return f"{span(now - moment)} ago" if now >= moment else f"in {span(moment - now)}"


def span(length: timedelta) -> str:
    """A length of time in its largest fitting unit: `4 s`, `12 min`, `3 h`, `5 days`."""
    seconds = max(0, int(length.total_seconds()))
    for size, unit in ((172800, "days"), (7200, "h"), (120, "min")):
        if seconds >= size:
            return f"{seconds // {'days': 86400, 'h': 3600, 'min': 60}[unit]} {unit}"
    return f"{seconds} s"


class _Names(dict[str, str]):
    """Titles of companies; a name without a title stands for itself."""

    def __missing__(self, key: str) -> str:
        return "the hub" if key == HUB else key or "nobody"


def _list(names: tuple[str, ...]) -> str:
    return ", ".join(names[:-1]) + " and " + names[-1] if len(names) > 1 else "".join(names)


def _said(entry: Entry, key: str) -> str:
    value = entry.detail.get(key)
    return "" if value is None else str(value)


def _more(entry: Entry) -> str:
    """Times that differ and the partner's record: what an engineer asks next."""
    parts = []
    if entry.native_id:
        parts.append(
            f"their record {entry.native_id}" + (f" at {entry.native_version}" if entry.native_version else "")
        )
    if entry.business_at and abs((entry.business_at - entry.observed_at).total_seconds()) >= 1:
        parts.append(f"happened {entry.business_at.isoformat(sep=' ', timespec='seconds')}")
    if entry.history:
        parts.append("imported history")
    return "; ".join(parts)


def _changed(e: Entry, n: _Names) -> str:
    if not e.fields:
        return f"{n[e.partner]} saved its record; nothing that is mapped changed."
    tail = f" The case is now {status(e.status).lower()}." if "status" in e.fields and e.status else ""
    return f"{n[e.partner]} changed {_list(tuple(map(field_name, e.fields)))}.{tail}"


def _journaled(e: Entry, n: _Names) -> str:
    """What the partner's own history tells; it may have come and gone between two polls."""
    if e.detail.get("unread"):
        return f"{n[e.partner]} changed {_list(tuple(map(field_name, e.fields)))}, to or from a word that nobody knows."
    moved = e.detail.get("status")
    if moved:
        before, after = status(moved["before"]).lower() or "nothing", status(moved["after"]).lower() or "nothing"
        return f"{n[e.partner]} moved it from {before} to {after}, as its own history tells."
    return f"{n[e.partner]} changed {_list(tuple(map(field_name, e.fields)))}, as its own history tells."


def _linked(e: Entry, n: _Names) -> str:
    how = {
        "created": "was created in the system of",
        "found": "was found, after an unanswered try, in the system of",
        "adopted": "was already there in the system of",
    }.get(_said(e, "how"), "is in the system of")
    number = f"{_said(e, 'number')} " if e.detail.get("number") else ""
    return f"Its counterpart {number}{how} {n[e.partner]}."


def _conflict(e: Entry, n: _Names) -> str:
    winner, loser = n[_said(e, "winner")], n[_said(e, "loser")]
    return (
        f"Two sides changed {field_name(_said(e, 'field'))}: {winner}'s word {_quoted(e, 'kept')}stands, "
        f"{loser}'s {_quoted(e, 'lost')}is kept here."
    )


def _quoted(entry: Entry, key: str) -> str:
    return f"“{_said(entry, key)}” " if key in entry.detail else ""


def _reopened(e: Entry, n: _Names) -> str:
    if "score" in e.detail:
        return f"Reopened: the customer gave only {_said(e, 'score')} of 5."
    return f"{n[e.partner]} reopened it, after it was {status(_said(e, 'before')).lower()}."


def _delivered(e: Entry, n: _Names) -> str:
    waited = e.detail.get("milliseconds")
    took = f", {waited / 1000:.1f} s after it was owed" if isinstance(waited, int) else ""
    verb = "has a record of its own now, at" if e.detail.get("created") else "holds"
    return f"{n[e.partner]} {verb} version {_said(e, 'version')}{took}."


def _offered(e: Entry, n: _Names) -> str:
    by = f", by the agreement's edge {_said(e, 'edge')}" if e.detail.get("by") == HUB else ""
    return f"{n[_said(e, 'giver')]} handed the case to {n[_said(e, 'receiver')]}{by}."


def _refused(e: Entry, n: _Names) -> str:
    receiver, back_to = n[_said(e, "receiver")], n[_said(e, "back_to")]
    if e.detail.get("how") == "withdrawn":
        return f"{back_to} took it back before {receiver} accepted it."
    reason = f": {_said(e, 'reason')}" if e.detail.get("reason") else ""
    return f"{receiver} refused it, and it went back to {back_to}{reason}."


def _denied(e: Entry, n: _Names) -> str:
    move = f"hand this case from {n[_said(e, 'giver')]} to {n[_said(e, 'receiver')]}"
    if e.detail.get("why") == "moved on":
        return f"{n[_said(e, 'by')]} wanted to {move}, but the case had moved on."
    why = {
        "no reason": "it named no reason for which the agreement lets it be refused",
        "only informed": "it has the case to read",
        "a task": "a task stays where it was given",
    }.get(_said(e, "why"), "the agreement has no edge for it")
    return f"{n[_said(e, 'by') or e.partner]} wanted to {move}; {why}."


def _asked(e: Entry, n: _Names) -> str:
    again = ", once more" if e.detail.get("times", 1) > 1 else ""
    return f"{n[e.partner]} is asked to obtain the customer's word{again}."


def _gone(e: Entry, n: _Names) -> str:
    if e.detail.get("merged_into"):
        return f"{n[e.partner]} merged its record into {_said(e, 'merged_into')}; the case itself stays."
    how = "does not know its record any more" if e.detail.get("how") else "deleted its record"
    return f"{n[e.partner]} {how}; the case itself stays."


def _parked(e: Entry, n: _Names) -> str:
    where = f" at {_said(e, 'where')}" if e.detail.get("where") else ""
    return f"Waits for a person ({n[e.partner]}): {_said(e, 'code')}{where}."


_SENTENCES: Mapping[str, Callable[[Entry, Any], str]] = {
    "opened": lambda e, n: f"{n[e.partner]} opened the case.",
    "changed": _changed,
    "journaled": _journaled,
    "noted": lambda e, n: f"{n[e.partner]} wrote a note ({_said(e, 'visibility') or 'private'}).",
    "withdrawn": lambda e, n: (
        f"{n[e.partner]} gave a note again." if e.detail.get("again") else f"{n[e.partner]} took a note back."
    ),
    "attached": lambda e, n: f"{n[e.partner]} attached a file ({_said(e, 'visibility') or 'private'}).",
    "fetched": lambda e, n: f"A file of {n[e.partner]} was read, {_said(e, 'bytes')} bytes, and is on its way.",
    "linked": _linked,
    "offered": _offered,
    "informed": lambda e, n: f"{n[_said(e, 'receiver')]} gets the case to read, by edge {_said(e, 'edge')}.",
    "assigned": lambda e, n: (
        f"{n[e.partner]} gave {n[_said(e, 'receiver')]} a task, by edge {_said(e, 'edge')}: a case of its own."
    ),
    "answered": lambda e, n: f"{n[e.partner]}'s task came to its end: {status(_said(e, 'status')).lower()}.",
    "early": lambda e, n: f"{n[e.partner]} resolved it before its tasks had ended; it was written back.",
    "accepted": lambda e, n: f"{n[e.partner]} accepted it and answers for it now.",
    "refused": _refused,
    **PROMISES,
    **FEEDBACK,
    "denied": _denied,
    "conflict": _conflict,
    "irregular": lambda e, n: (
        f"{n[e.partner]} moved it from {status(_said(e, 'before')).lower()} to {status(_said(e, 'after')).lower()}, "
        "a move that the hub itself would not make; it was applied."
    ),
    "asked_to_close": lambda e, n: f"{n[e.partner]} closed its record: read as resolved until the customer agrees.",
    "reopened": _reopened,
    "resolved": lambda e, n: f"{n[e.partner]} resolved it.",
    "asked": _asked,
    "silent": lambda e, n: (
        f"The customer did not answer, though he was asked {_said(e, 'times')} times: it stays resolved, silent."
    ),
    "fed_back": lambda e, n: (
        f"The customer gave {_said(e, 'score')} of 5{', on our own page' if e.detail.get('via') == 'page' else ''}."
    ),
    "closed": lambda e, n: f"Closed: the customer gave {_said(e, 'score')}, {_said(e, 'threshold')} is enough.",
    "owed": lambda e, n: f"Version {_said(e, 'version')} is owed to {n[e.partner]}.",
    "delivered": _delivered,
    "arrived": lambda e, n: f"What was sent to {n[e.partner]} stands there, though no answer said so.",
    "told": lambda e, n: f"{n[e.partner]}'s agents were told, in their own tool, how it stands.",
    "stepped": lambda e, n: f"{n[e.partner]} took a status between, as its own transitions ask; the rest follows.",
    "unsent": lambda e, n: f"A try to deliver to {n[e.partner]} failed before it was sent ({_said(e, 'code')}).",
    "unknown": lambda e, n: f"{n[e.partner]} gave no answer: the hub looks there before it sends again.",
    "parked": _parked,
    "unparked": lambda e, n: f"It goes on to {n[e.partner]}.",
    "gone": _gone,
    **DEEDS,
}
