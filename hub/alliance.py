"""The companies and what they agreed on, as one thing that the exchange is given; and what became of a record.

Next: `taking.py`, `delivering.py`, `exchange.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from hub.agreement import Agreement
from hub.noting import title
from hub.partners import Partner
from hub.spool import Spool
from hub.state import CaseState


@dataclass(frozen=True, slots=True)
class Alliance:
    """The companies and what they agreed on. spool: where files wait on their way; None: none is carried.
    feedback_url: where customers reach the hub's own page; "": nowhere."""

    partners: Mapping[str, Partner]
    agreement: Agreement
    spool: Spool | None = None
    feedback_url: str = ""

    def title(self, partner: str) -> str:
        """The company's name as people write it; the hub has one too."""
        return title(self.agreement, partner)


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of one record. news: an entry was written. owed: partners that now lack something. after: the case,
    where that has to be reckoned anew. arrived: no news, but what was on its way stands there now.
    unclear: whether it is older or newer than what is known cannot be told; it has to be read again."""

    case_id: str | None = None
    news: bool = False
    parked: bool = False
    owed: frozenset[str] = frozenset()
    after: CaseState | None = None
    unclear: bool = False
    arrived: bool = False
