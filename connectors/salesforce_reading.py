"""Cases of an org as Records: a page by its key, those of many ids in few calls, those that a write has just touched.

An answer over `largest_answer` is asked for again in smaller pieces; a write is never asked to bring back more than
half of that, for its own answer would be lost with it.
Knows no cursor and no change of ours. Next: `salesforce_queries.py` (calls), `salesforce.py`, which asks for these.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from connectors.base import Change, Record
from connectors.errors import ConnectorError, Refused
from connectors.evidence import About
from connectors.salesforce_answers import LocatorGone
from connectors.salesforce_calls import Calls
from connectors.salesforce_children import ChildRows
from connectors.salesforce_queries import rows_of
from connectors.salesforce_rows import record
from connectors.salesforce_soql import among, select

CHUNK = 200
"""Ids in one query: its URL stays below the 16 KiB that Salesforce takes."""

TOO_LARGE = "C305"
PUNCTUATION, SCALAR = 4, 24
"""Bytes: quotes, colon and comma of a text; a number, a truth or nothing."""


class Reading:
    """What is read of one org's cases."""

    def __init__(self, calls: Calls, children: ChildRows) -> None:
        self._calls, self._children, self._system = calls, children, calls.system
        self._limit, self._weight = self._system.page, 0.0

    def page(self, where: str) -> tuple[tuple[Record, ...], bool]:
        """One page of cases in the order of their key, and whether there are more."""
        order = (self._system.stamp, "Id")
        while True:
            try:
                answer = self._calls.query(self._select(where, order, self._limit), "pull", deleted=True)
            except Refused as error:
                if error.code != TOO_LARGE or self._limit == 1:
                    raise
                self._limit = max(self._limit // 4, 1)
                continue
            records = tuple(self._records(answer.rows))
            return records, bool(records) and (answer.rest is not None or len(records) >= self._limit)

    def among(self, field: str, values: Sequence[str], place: str, *, deleted: bool = False) -> list[Record]:
        """The records that have one of these values there, up to 1,000 a call."""
        about = About(native_ids=tuple(values)) if field == "Id" else About(hub_ids=tuple(values))
        wheres = [among(field, values[start : start + CHUNK]) for start in range(0, len(values), CHUNK)]
        try:
            soqls = [self._select(where) for where in wheres]
            return self._records(rows_of(self._calls, soqls, place, about, deleted=deleted))
        except Refused as error:
            if error.code != TOO_LARGE or len(values) == 1:
                raise
        middle = len(values) // 2
        halves = (values[:middle], values[middle:])
        return [one for half in halves for one in self.among(field, half, place, deleted=deleted)]

    def soql_of(self, changes: Sequence[Change]) -> str | None:
        """The query for the records that these changes write, new ones by hub id; None where it would be too long, or
        its answer too large for what such records weighed when they were read last."""
        if changes[0].kind == "create":
            field, values = self._system.hub_id, [change.hub_id for change in changes]
        else:
            field, values = "Id", list(dict.fromkeys(str(change.native_id) for change in changes))
        written = sum(_weight(change.body) for change in changes)
        if len(values) > CHUNK or self._weight * len(values) + written > self._system.largest_answer / 2:
            return None
        return self._select(among(field, values))

    def in_answer(self, told: Any) -> Sequence[Record]:
        """The records in the answer to that query; none where they cannot be read: they are fetched then."""
        try:
            return self._records(self._calls.rows_in(told, "read-back"))
        except (ConnectorError, LocatorGone):
            return ()

    def _records(self, rows: Iterable[Mapping[str, Any]]) -> list[Record]:
        found = [record(self._system, self._children.completed(row)) for row in rows]
        if found:
            self._weight = sum(_weight(one.body) for one in found) / len(found)
        return found

    def _select(self, where: str, order: Sequence[str] = (), limit: int | None = None) -> str:
        system = self._system
        merged = (system.merged_into,) if system.merged_into else ()
        fields = ("Id", "IsDeleted", *merged, system.stamp, system.hub_id, *system.fields)
        return select(fields, system.object, where, children=self._children.subqueries(), order=order, limit=limit)


def _weight(told: Any) -> int:
    """About how many bytes it takes in an answer, where most letters take two bytes at the most."""
    if isinstance(told, str):
        return 2 * len(told) + PUNCTUATION
    if isinstance(told, Mapping):
        return sum(_weight(key) + _weight(part) for key, part in told.items())
    return sum(_weight(one) for one in told) if isinstance(told, list) else SCALAR
