"""The notes of cases, which Salesforce keeps in an object of their own: read along, watched and searched.

That a new comment moves the case's own stamp is not documented, so the comments' stamps are watched too, unless the
declaration says `moves_case`. Knows no login and no case of ours. Next: `salesforce_children.py` (how they ride along),
`salesforce.py`, which asks for cases.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from connectors.salesforce_calls import Calls
from connectors.salesforce_children import Children
from connectors.salesforce_rows import instant, sortable
from connectors.salesforce_soql import newest, select, since
from connectors.salesforce_system import Comments, Mails

_NEVER = sortable(datetime(1970, 1, 1, tzinfo=UTC))


class CommentShelf:
    """The comments of one org, or its mails, as the declaration names them; kept None: it has none, and each answer is
    empty."""

    def __init__(self, kept: Comments | Mails | None, calls: Calls) -> None:
        self._kept, self._calls = kept, calls
        self.children: tuple[Children, ...] = ()
        if kept is not None:
            self.children = (Children(kept.object, kept.relationship, kept.parent, kept.fields, kept.order),)

    def find(self, native_id: str, ref: str) -> str | None:
        """The id of the comment on that case whose text bears the ref. SOQL cannot search long texts: we do."""
        if not isinstance(self._kept, Comments) or not ref:
            return None
        text, place = self._kept.text, f"comments of {native_id}"
        rows = self.children[0].of_case(self._calls, native_id, place, ("Id", text))
        return next((str(row["Id"]) for row in rows if ref in str(row.get(text) or "")), None)

    def watched(self, mark: str | None, overlap: float) -> tuple[str | None, set[str]]:
        """The newest comment's stamp, and the ids of the cases with comments since `mark`: see `watched`."""
        kept = self._kept
        if kept is None or kept.moves_case:
            return None, set()
        mark, rows = watched(self._calls, (kept.object, kept.stamp), (kept.parent,), mark, overlap)
        return mark, {str(row[kept.parent]) for row in rows}


def watched(
    calls: Calls, watch: tuple[str, str], fields: Sequence[str], mark: str | None, overlap: float
) -> tuple[str, list[dict[str, Any]]]:
    """The newest stamp of an object's rows, and those rows since `mark`. watch: the object and its stamp.

    Asked before the cases are, so that a row written meanwhile is seen by the next pull at the latest.
    mark None: a first pull, whose cases all bring theirs along.
    """
    source, stamp = watch

    def told(row: Mapping[str, Any]) -> str:
        return sortable(instant(row.get(stamp), f"{calls.system.name} {source} {row.get('Id')} {stamp}"))

    if mark is None:
        rows = calls.query(newest(stamp, source), f"newest {source}").rows
        return max([_NEVER, *map(told, rows)]), []
    where = since(stamp, datetime.fromisoformat(mark) - timedelta(seconds=overlap))
    rows = calls.rows(select(("Id", *fields, stamp), source, where, order=(stamp, "Id")), f"new {source}")
    return max([mark, *map(told, rows)]), rows
