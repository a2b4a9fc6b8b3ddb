"""How far a pull of a Salesforce org has read, and its text in a Cursor. Pure. Next: `salesforce.py`, which pulls."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from datetime import datetime

from connectors.base import Cursor, Record
from connectors.errors import Refused


@dataclass(frozen=True, slots=True)
class Place:
    """The key of the last case, (stamp, id), the stamps of the last comment, file and mail, and how far sweeps have
    covered; stamps as `sortable` writes them."""

    stamp: str | None = None
    id: str = ""
    comments: str | None = None
    swept: str | None = None
    files: str | None = None
    mails: str | None = None

    @classmethod
    def of(cls, cursor: Cursor | None, where: str) -> Place:
        """Raises Refused for a cursor that was not made here."""
        if cursor is None:
            return cls()
        try:
            place = cls(**json.loads(cursor.value))
            for stamp in (place.stamp, place.comments, place.swept, place.files, place.mails):
                if stamp is not None and datetime.fromisoformat(stamp).tzinfo is None:
                    raise ValueError(stamp)
        except (TypeError, ValueError):
            raise Refused(
                "the cursor kept for this partner was not made by a Salesforce pull.", code="C357", where=where,
                value=cursor.value[:100], fix="drop the partner's cursor: the next pull then reads everything.",
            ) from None  # fmt: skip
        return place

    @property
    def at(self) -> datetime | None:
        """The stamp as a time."""
        return datetime.fromisoformat(self.stamp) if self.stamp else None

    def after(self, last: Record) -> Place:
        """The place once that record is read; a pull never goes back by what its overlap reads again."""
        stamp, native_id = max((self.stamp or "", self.id), (last.version, last.native_id))
        return replace(self, stamp=stamp, id=native_id)

    def cursor(self) -> Cursor:
        """The place as the exchange keeps it."""
        return Cursor(json.dumps(asdict(self)))
