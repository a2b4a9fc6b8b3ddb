"""How a system writes a time, and what instant that is.

A declaration gives the format and, where it is not the system's own, the zone of times without an offset. Knows no
kind. Next: `rest_system.py`, `soap_system.py`, whose declarations hold these.
"""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field

from connectors.declared import Declared


class Stamps(Declared):
    """How times are written."""

    format: str = Field("iso", description="strptime format, or iso for ISO 8601 (xsd:dateTime)")
    zone: str | None = Field(None, description="IANA zone of times without an offset; by default the system's zone")

    def check(self, zone: str) -> None:
        """Raises ValueError where the zone, or the system's in its place, is none."""
        name = self.zone or zone
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError(f"{name!r} is no time zone") from error

    def instant(self, text: object, zone: str) -> datetime:
        """One of their times, aware. zone: the system's. Raises ValueError for what the format does not fit."""
        if not isinstance(text, str):
            raise ValueError(f"{text!r} is no time")
        try:
            moment = (
                datetime.fromisoformat(text) if self.format == "iso" else datetime.strptime(text, self.format)  # noqa: DTZ007  the zone is given below
            )
        except ValueError:
            raise ValueError(f"{text!r} is no time of the format {self.format!r}") from None
        return moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(self.zone or zone))

    def text(self, moment: datetime, zone: str) -> str:
        """An instant as they write it. In the hour that a zone's clocks repeat in autumn, the hour's first pass: a list
        since that time then misses nothing."""
        local = moment.astimezone(ZoneInfo(self.zone or zone))
        first, second = local.replace(fold=0).utcoffset(), local.replace(fold=1).utcoffset()
        if first is not None and second is not None and first > second:
            local = local.replace(minute=0, second=0, microsecond=0, fold=0)
        return local.isoformat() if self.format == "iso" else local.strftime(self.format)

    def utc(self, moment: datetime, zone: str) -> str:
        """As `text`, but ISO 8601 in UTC with a Z, which a query string carries as it is."""
        if self.format == "iso":
            return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
        return self.text(moment, zone)
