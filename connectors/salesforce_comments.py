"""The notes of cases, which Salesforce keeps in an object of their own: read along, completed, watched and searched.

That a new comment moves the case's own stamp is not documented, so the comments' stamps are watched too, unless the
declaration says `moves_case`. A subquery's answer may hold only the first comments; the rest is asked for by its
locator, or afresh where that is gone. Knows no login and no case of ours. Next: `salesforce.py`, which asks for cases.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from connectors.salesforce_answers import LocatorGone, locator
from connectors.salesforce_calls import Calls
from connectors.salesforce_rows import instant, sortable
from connectors.salesforce_soql import equals, newest, select, since
from connectors.salesforce_system import Comments

_NEVER = sortable(datetime(1970, 1, 1, tzinfo=UTC))


class CommentShelf:
    """The comments of one org, as the declaration names them; kept None: it has none, and each answer is empty."""

    def __init__(self, kept: Comments | None, calls: Calls) -> None:
        self._kept, self._calls = kept, calls

    def subqueries(self) -> list[str]:
        """What to add to a query of cases so that their comments ride along."""
        kept = self._kept
        return [] if kept is None else [select(kept.fields, kept.relationship, order=kept.order)]

    def completed(self, row: Mapping[str, Any]) -> Mapping[str, Any]:
        """The case's row with all its comments."""
        kept = self._kept
        inner = row.get(kept.relationship) if kept is not None else None
        if kept is None or not isinstance(inner, dict) or inner.get("done", True):
            return row
        place = f"comments of {row.get('Id')}"
        try:
            rows = [*inner["records"], *self._calls.rest(locator(inner.get("nextRecordsUrl"), place), place)]
        except LocatorGone:
            rows = self._of_case(kept, str(row["Id"]), kept.fields, place)
        return {**row, kept.relationship: rows}

    def find(self, native_id: str, ref: str) -> str | None:
        """The id of the comment on that case whose text bears the ref. SOQL cannot search long texts: we do."""
        kept = self._kept
        if kept is None or not ref:
            return None
        rows = self._of_case(kept, native_id, ("Id", kept.text), f"comments of {native_id}")
        return next((str(row["Id"]) for row in rows if ref in str(row.get(kept.text) or "")), None)

    def watched(self, mark: str | None, overlap: float) -> tuple[str | None, set[str]]:
        """The newest comment's stamp, and the ids of the cases with comments since `mark`.

        Asked before the cases are, so that a comment written meanwhile is seen by the next pull at the latest.
        mark None: a first pull, whose cases all bring their comments along.
        """
        kept = self._kept
        if kept is None or kept.moves_case:
            return None, set()
        if mark is None:
            rows = self._calls.query(newest(kept.stamp, kept.object), "newest comment").rows
            return max([_NEVER, *map(self._stamp, rows)]), set()
        where = since(kept.stamp, datetime.fromisoformat(mark) - timedelta(seconds=overlap))
        soql = select(("Id", kept.parent, kept.stamp), kept.object, where, order=(kept.stamp, "Id"))
        rows = self._calls.rows(soql, "new comments")
        return max([mark, *map(self._stamp, rows)]), {str(row[kept.parent]) for row in rows}

    def _stamp(self, row: Mapping[str, Any]) -> str:
        stamp = self._kept.stamp if self._kept else ""
        return sortable(instant(row.get(stamp), f"{self._calls.system.name} comment {row.get('Id')} {stamp}"))

    def _of_case(self, kept: Comments, native_id: str, fields: tuple[str, ...], place: str) -> list[dict[str, Any]]:
        return self._calls.rows(select(fields, kept.object, equals(kept.parent, native_id), order=kept.order), place)
