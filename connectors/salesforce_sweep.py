"""What a pull cannot see: cases deleted and purged from the bin, and rows that were committed late.

Every so many seconds the org is asked by its own replication calls, getUpdated and getDeleted, from where it said that
it had covered all (`latestDateCovered`). Both count whole minutes; deletions are kept for 15 days, changes for 30.
Where the hub slept longer, the nightly reconciliation finds what was missed.
Knows no query of cases. Source: the public REST API documents. Next: `salesforce.py`, which fetches what is named here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from connectors.base import Record
from connectors.errors import Refused
from connectors.salesforce_calls import Calls
from connectors.salesforce_rows import instant, sortable

MINUTE = timedelta(minutes=1)
KEPT = timedelta(days=15) - timedelta(hours=1)
"""How far back is asked: an hour less than is kept, so that two clocks may differ."""


UNTOLD = ("INVALID_REPLICATION_DATE", "EXCEEDED_ID_LIMIT")
"""What they say to a time that they do not keep, and to one with more than 600,000 changes."""


@dataclass(frozen=True, slots=True)
class Swept:
    """What a sweep named. until: from where the next one asks. gone: id -> when it was deleted."""

    until: datetime
    updated: frozenset[str] = frozenset()
    gone: Mapping[str, datetime] = field(default_factory=dict)

    def buried(self, partner: str, named: Sequence[str], shown: set[str]) -> list[Record]:
        """Records without a body for those of these ids that are gone and not shown any more."""
        buried = {one: self.gone[one] for one in named if one in self.gone and one not in shown}
        return [Record(partner, one, sortable(at), {}, at, gone=True) for one, at in buried.items()]


class Sweep:
    """The sweeps of one org. clock: now, aware."""

    def __init__(self, calls: Calls, clock: Callable[[], datetime]) -> None:
        self._calls, self._clock = calls, clock
        self._system = calls.system

    def look(self, mark: str | None) -> Swept | None:
        """What was changed and deleted since the mark; None where no sweep is declared or due. mark None: a first pull
        reads everything, and sweeps begin now. Raises as Calls does."""
        declared = self._system.sweep
        if declared is None:
            return None
        now = self._clock().replace(second=0, microsecond=0)
        if mark is None:
            return Swept(now)
        start = max(datetime.fromisoformat(mark), now - KEPT).replace(second=0, microsecond=0)
        if now - start < max(timedelta(seconds=declared.every), MINUTE):
            return None
        try:
            updated, gone = self._ask("updated", start, now), self._ask("deleted", start, now)
        except Refused as error:
            if not any(code in error.said for code in UNTOLD):
                raise
            return Swept(now)  # they keep less than they should, or too much was changed: reconciling finds the rest
        return Swept(
            min(now, *(instant(told.get("latestDateCovered"), self._place(told)) for told in (updated, gone))),
            frozenset(str(one) for one in updated.get("ids") or ()),
            {
                str(one["id"]): instant(one.get("deletedDate"), self._place(one))
                for one in gone.get("deletedRecords") or ()
                if isinstance(one, dict) and "id" in one
            },
        )

    def _ask(self, which: str, start: datetime, end: datetime) -> Mapping[str, Any]:
        span = urlencode({"start": start.isoformat(), "end": end.isoformat()})
        told = self._calls.get(f"sobjects/{self._system.object}/{which}/?{span}", f"{which} since {start:%d %H:%M}")
        if not isinstance(told, dict):
            raise Refused("the answer names no records.", code="C353", where=f"{self._system.name} {which}")
        return told

    def _place(self, told: Mapping[str, Any]) -> str:
        return f"{self._system.name} sweep {told.get('id', 'latestDateCovered')}"
