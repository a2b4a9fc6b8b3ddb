"""Reading what changed since a stamp, from a service that pages by offset, while people go on working.

Records are listed by change stamp. A record that is edited while we read moves to the end and those behind it move one
place forward: the usual next offset would skip one. So each request starts at the last stamp that was read, an offset
counts only the records of that one stamp, and the answer must begin with the last record already read; where another
one stands there, the stamp is read again from its start. Records may come twice; none is left out.
Knows no envelope. Next: `soap.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from connectors.base import Cursor, Page, Record
from connectors.errors import Refused, Unreachable
from connectors.soap_system import SoapSystem

MOST_RESTARTS: Final = 20


@dataclass(frozen=True, slots=True)
class Listing:
    """One answer: records in the order of their stamps, and how many there are from that stamp on, if it says so."""

    records: tuple[Record, ...]
    total: int | None


List = Callable[[datetime | None, int], Listing]
"""Asks for records changed at a stamp or later (None: all), from an offset on."""


def pages(system: SoapSystem, ask: List, cursor: Cursor | None) -> Iterator[Page]:
    """All pages since the cursor, overlap included. Raises what `ask` raises, and Refused for an unordered list."""
    reached = datetime.fromisoformat(cursor.value) if cursor and cursor.value else None
    since = reached - timedelta(seconds=system.overlap) if reached else None
    offset, restarts, first = 0, 0, True
    last: Record | None = None  # the record that the next answer must begin with
    while True:
        listing = ask(since, offset)
        records = listing.records
        _check_list(system, since, records)
        if last is not None and not (records and _same(records[0], last)):
            offset, last, restarts = 0, None, restarts + 1
            _check_restarts(system, restarts)
            continue
        fresh = records if last is None else records[1:]
        if fresh:
            reached = max(filter(None, (reached, fresh[-1].changed_at)), default=None)
        if fresh or first:
            yield Page(fresh, Cursor(reached.astimezone(UTC).isoformat() if reached else ""))
        first = False
        if not fresh or (listing.total is not None and offset + len(records) >= listing.total):
            return
        last = fresh[-1]
        if since is None or (last.changed_at and last.changed_at > since):
            since, restarts = last.changed_at, 0
            offset = sum(1 for one in records if one.changed_at == since) - 1
        else:
            offset += len(records) - 1


def whole(system: SoapSystem, ask: List) -> Iterator[Page]:
    """Everything, by offset: of a service whose records bear no stamp. What is skipped because records moved while they
    were read comes at the next pull. Raises what `ask` raises, and Refused for a list that does not go on."""
    offset, first = 0, ""
    while True:
        listing = ask(None, offset)
        yield Page(listing.records, Cursor(""))
        offset += len(listing.records)
        if not listing.records or (listing.total is not None and offset >= listing.total):
            return
        if listing.records[0].native_id == first:
            fix = "correct the list operation's arguments in system.yaml; some services ignore an offset."
            raise Refused("the list begins anew at each offset.", code="C381", where=f"{system.name} list", fix=fix)
        first = listing.records[0].native_id


def _same(one: Record, other: Record | None) -> bool:
    return other is not None and (one.native_id, one.version) == (other.native_id, other.version)


def _check_restarts(system: SoapSystem, restarts: int) -> None:
    if restarts > MOST_RESTARTS:
        text, fix = "the list changes faster than it can be read.", "it is read again at the next pull."
        raise Unreachable(text, code="C171", where=f"{system.name} list", fix=fix)


def _check_list(system: SoapSystem, since: datetime | None, records: tuple[Record, ...]) -> None:
    """Raises Refused where the list cannot be trusted to be whole: out of order, or from another stamp than asked."""
    versions = [one.version for one in records]
    if versions != sorted(versions):
        fix = "the list operation must answer by change stamp, oldest first; without that, changes would be lost."
        raise Refused("the list is not ordered by its stamps.", code="C379", where=f"{system.name} list", fix=fix)
    first = records[0].changed_at if records else None
    if since is not None and first is not None and first < system.instant(system.stamp(since)):
        fix = "correct the list operation's arguments in system.yaml; some services ignore a filter that they misread."
        raise Refused(
            "the list does not start where it was asked to.", code="C380", where=f"{system.name} list", fix=fix
        )
