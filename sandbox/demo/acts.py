"""An act, as the script writes it: whose agent does what in its own company's tool, and where it must show then.

Also what a desk shows, compared with what it must show. Nothing here acts or waits. Values stand in the terms of
`../words.py`; each company's own words are found only when an act is done or looked for.
Next: `story.py` and `incidents.py` (write acts), `stage.py` (performs them).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sandbox.words import VALUES, fields, shown, word

NOTE = "note"
"""What a sight calls a note's text; every other key is one of words.FIELDS."""
TELVOZ_TIME = "%d/%m/%Y %H:%M:%S"
TELVOZ_ZONE = ZoneInfo("America/Bogota")

Sight = Mapping[str, Any]
"""key -> value: what one company's desk must show of a case."""


@dataclass(frozen=True, slots=True)
class Act:
    """One act of one agent. at: the company in whose tool it is done; says: fields, or a note with its audience.

    seen: company -> what must show there in consequence. kept_at: the ledger has to hold a change of this business
    time before the case goes on. does: the act in a few words.
    """

    at: str
    does: str
    says: Mapping[str, Any] = field(default_factory=dict)
    note: str = ""
    audience: str = ""
    author: str = ""
    seen: Mapping[str, Sight] = field(default_factory=dict)
    kept_at: datetime | None = None

    def action(self, number: str | None) -> dict[str, Any]:
        """The act as the desk takes it. number: of the case there; None where this act opens it."""
        if self.note:
            audience = word(self.at, "audience", self.audience)
            return {"op": "note", "number": number, "text": self.note, "audience": audience, "author": self.author}
        spoken = fields(self.at, self.says)
        return {"op": "create", "fields": spoken} if number is None else {"op": "edit", "number": number,
                                                                         "fields": spoken}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Script:
    """One case: the reference that every company's desk finds it by, and its acts in order.

    path: companies that hold it one after the other. private: texts that must show nowhere but at their company, and at
    which. hidden: (company, text) that the agreement keeps from that company. planned: codes that it is to be parked
    with.
    """

    reference: str
    title: str
    acts: tuple[Act, ...]
    path: tuple[str, ...]
    private: Mapping[str, str] = field(default_factory=dict)
    hidden: tuple[tuple[str, str], ...] = ()
    planned: tuple[str, ...] = ()

    @property
    def companies(self) -> tuple[str, ...]:
        """Who has a counterpart of it in the end, origin first."""
        return tuple(dict.fromkeys(self.path))


def missing(company: str, body: Mapping[str, Any], sight: Sight) -> dict[str, tuple[Any, Any]]:
    """key -> (what is shown, what was to be shown), in the company's own words; empty where all shows."""
    absent: dict[str, tuple[Any, Any]] = {}
    for key, value in sight.items():
        if key == NOTE:
            if value not in whole(body):
                absent[key] = (None, value)
            continue
        now = shown(company, body, key)
        wanted = word(company, key, value) if key in VALUES else value
        if not _same(company, now, wanted):
            absent[key] = (now, wanted)
    return absent


def whole(body: Mapping[str, Any]) -> str:
    """Everything that a desk shows of a case, notes included, as one text to search in."""
    return json.dumps(body, ensure_ascii=False)


def _same(company: str, now: Any, wanted: Any) -> bool:
    if isinstance(wanted, datetime):
        return bool(now) and abs((_moment(company, str(now)) - wanted).total_seconds()) < 1
    if isinstance(wanted, int) and now is not None:
        return float(now) == wanted
    return bool(now == wanted)


def _moment(company: str, text: str) -> datetime:
    """A time as a company's desk shows it."""
    if company == "telvoz":
        return datetime.strptime(text, TELVOZ_TIME).replace(tzinfo=TELVOZ_ZONE)
    return datetime.fromisoformat(text)
