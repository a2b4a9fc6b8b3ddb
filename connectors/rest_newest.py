"""What changed, by a list that is sorted by its change stamp, newest first, and cannot be filtered: read down to what
was known.

What is edited meanwhile goes to the top, where the next pull finds it; the others only move down, and are read twice.
One that is deleted meanwhile pulls the others up, and the one at a page's edge may be passed over: the nightly
reconciliation finds it. Next: `rest_read.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from connectors.base import Cursor, Page, Record
from connectors.rest_records import unsorted
from connectors.rest_system import RestSystem


def newest_first(
    system: RestSystem, leaves: Iterable[tuple[list[Record], bool]], cursor: Cursor | None
) -> Iterator[Page]:
    """Pages since the cursor, from (records, whether it is the last) of each answer. The cursor moves at the end, since
    what is older comes later. Raises Refused C304 where the list is in another order."""
    before = cursor.value if cursor else ""
    floor = datetime.fromisoformat(before) - timedelta(seconds=system.overlap) if before else None
    newest: datetime | None = None
    for records, last in leaves:
        stamps = [one.changed_at for one in records if one.changed_at is not None]
        if stamps != sorted(stamps, reverse=True):
            raise unsorted(system, "is not sorted by", ", newest first,")
        newest = newest or (stamps[0] if stamps else None)
        fresh = [one for one in records if floor is None or one.changed_at is None or one.changed_at >= floor]
        reached = last or len(fresh) < len(records)
        yield Page(tuple(reversed(fresh)), Cursor(_later(before, newest) if reached else before))
        if reached:
            return


def _later(before: str, newest: datetime | None) -> str:
    if newest is None or (before and newest <= datetime.fromisoformat(before)):
        return before
    return newest.isoformat()
