"""Entries in shorthand, for worked examples: one line is one transaction of one case.

    a 09:00 opened northcable owes telvoz       the case a comes in, and telvoz is owed it
    a 09:00:05 delivered telvoz                 the receipt
    a 10:00 offered northcable>telvoz           holder moves
    a 11:00 changed telvoz status=pending seen=11:00:04
    a 11:30 accepted telvoz                     accountable moves
    a 12:00 resolved telvoz

A line reads: case, time, kind, partner or giver>receiver, then `status=`, `seen=` (observed later than it happened),
`edge=` of an offer, `reason=` of a refusal, `visibility=` of a note, `score=`, `times=` (asked so often), `signal=`,
`component=`, and `priority=`, `product=`, `channel=`, `region=` of the case, the words `test` and `history`, and last
`owes` with companies. Every line happens on 2 November 2026, in UTC; versions of
deliveries count themselves. What the line does not say stays as it was, as the envelope of an entry has it.
Knows no indicator. Next: `stories.py`, whose examples are written so; the tests, which run them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time
from types import MappingProxyType
from typing import Any, get_args

from hub.dimensions import DIMENSIONS
from hub.entries import Entry, EntryKind

KINDS: Mapping[str, EntryKind] = MappingProxyType({kind: kind for kind in get_args(EntryKind)})
_STATUS = MappingProxyType(
    {"opened": "acknowledged", "resolved": "resolved", "reopened": "inProgress", "closed": "closed"}
)
_BUSINESS = frozenset(
    {"opened", "changed", "journaled", "offered", "refused", "resolved", "reopened", "closed", "noted", "accepted"}
)


@dataclass(slots=True)
class _Case:
    """What a case's envelope says so far."""

    status: str | None = None
    holder: str | None = None
    accountable: str | None = None
    contact: str | None = None
    version: int = 0
    held: dict[str, int] = field(default_factory=dict)


def worked(*lines: str) -> tuple[Entry, ...]:
    """The entries that the lines say, in their order. Raises ValueError or KeyError where a line is not understood."""
    cases: dict[str, _Case] = {}
    entries: list[Entry] = []
    for tx, line in enumerate(lines, start=1):
        case = cases.setdefault(line.split()[0], _Case())
        entries += _entries(line.split(), case, tx, len(entries))
    return tuple(entries)


def _entries(words: list[str], case: _Case, tx: int, seq: int) -> list[Entry]:
    case_id, clock, verb, who, *more = words
    kind = KINDS[verb]
    giver, _, receiver = who.partition(">")
    options = dict(word.split("=", 1) for word in more if "=" in word)
    owing = more[more.index("owes") + 1 :] if "owes" in more else []
    case.status = options.get("status") or _STATUS.get(kind, case.status)
    case.holder = receiver or case.holder or giver
    case.contact = case.contact or giver
    case.accountable = giver if kind == "accepted" else case.accountable or giver
    case.version += kind in _BUSINESS
    case.held |= dict.fromkeys(owing, case.version)
    detail: dict[str, Any] = {"giver": giver, "receiver": receiver} if receiver else {}
    if kind in ("refused", "timed_out"):
        detail = {"receiver": giver, "back_to": receiver, "how": kind}
    said = ("edge", "reason", "visibility", "signal", "component")
    detail |= {name: options[name] for name in said if name in options}
    detail |= {name: int(options[name]) for name in ("score", "times") if name in options}
    if about := {name: options[name] for name in DIMENSIONS if name in options}:
        detail["about"] = about
    if kind == "delivered":
        detail["version"] = case.held.get(giver, case.version)
    first = Entry(
        seq=seq + 1,
        tx=tx,
        case_id=case_id,
        kind=kind,
        partner=giver,
        observed_at=_at(options.get("seen", clock)),
        business_at=_at(clock) if kind in _BUSINESS else None,
        status=case.status,
        holder=case.holder,
        accountable=case.accountable,
        contact_point=case.contact,
        detail=detail,
        history="history" in more,
        test="test" in more,
    )
    owed = (
        replace(
            first, seq=seq + 2 + place, kind="owed", partner=partner, business_at=None, detail={"version": case.version}
        )
        for place, partner in enumerate(owing)
    )
    return [first, *owed]


def _at(clock: str) -> datetime:
    return datetime.combine(datetime(2026, 11, 2, tzinfo=UTC).date(), time.fromisoformat(clock), tzinfo=UTC)
