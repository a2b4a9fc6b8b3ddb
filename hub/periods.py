"""Which stretch of time a rollup speaks of, in the reader's zone: a day, a week, a month, a quarter, a range, or all.

A period starts where its first day starts in the zone and ends where the next one starts, so a day with a clock change
has 23 or 25 hours. Weeks are ISO weeks. Knows no entry and no clock. Next: `rollup.py`, which cuts facts by it.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, tzinfo
from types import MappingProxyType
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

Step = Literal["minute", "5 minutes", "15 minutes", "hour", "day", "week", "month", "quarter", "year"]
KNOWN = "all, 2026-11-21, 2026-W47, 2026-11, 2026-Q4, 2026-11-01..2026-11-15"
_PACE: Mapping[Step, timedelta] = MappingProxyType(
    {
        "minute": timedelta(minutes=1),
        "5 minutes": timedelta(minutes=5),
        "15 minutes": timedelta(minutes=15),
        "hour": timedelta(hours=1),
        "day": timedelta(days=1),
        "week": timedelta(weeks=1),
        "month": timedelta(days=30),
        "quarter": timedelta(days=91),
        "year": timedelta(days=365),
    }
)


class PeriodError(ValueError):
    """The name says no period. The text carries the code, the value and what would be understood."""


@dataclass(frozen=True, slots=True)
class Period:
    """From start (included) to end (not included), in UTC; None is open. name: as given, and good for a file name."""

    name: str
    start: datetime | None = None
    end: datetime | None = None
    zone: str = "UTC"

    @classmethod
    def parse(cls, name: str, zone: str = "UTC") -> Period:
        """The period called name, as the calendar of zone has it. Raises PeriodError."""
        place = _zone(zone)
        if name == "all":
            return cls("all", zone=zone)
        for pattern, days in _FORMS:
            if found := re.fullmatch(pattern, name):
                try:
                    first, after = days(found.groups())
                    if after <= first:
                        raise ValueError("it ends before it starts")
                    return cls(name, _midnight(first, place), _midnight(after, place), zone)
                except (ValueError, OverflowError) as wrong:
                    raise PeriodError(
                        f"R101 period: {name!r} is not in the calendar ({wrong}). Known: {KNOWN}."
                    ) from wrong
        raise PeriodError(f"R101 period: {name!r} names no period. Known: {KNOWN}.")

    @classmethod
    def day(cls, day: date, zone: str = "UTC") -> Period:
        """One day."""
        return cls.parse(day.isoformat(), zone)

    @property
    def tz(self) -> tzinfo:
        """The reader's zone."""
        return _zone(self.zone)

    @property
    def preceding(self) -> Period | None:
        """The period of the same kind that ends where this one starts; None where it is of all time."""
        if self.start is None or self.end is None:
            return None
        first, last = (at.astimezone(self.tz).date() for at in (self.start, self.end))
        before = first - timedelta(days=1)
        if "W" in self.name:
            year, week, _ = before.isocalendar()
            return Period.parse(f"{year}-W{week:02}", self.zone)
        if "Q" in self.name:
            return Period.parse(f"{before.year}-Q{(before.month + 2) // 3}", self.zone)
        if len(self.name) == len("2026-11"):
            return Period.parse(f"{before:%Y-%m}", self.zone)
        if last - first == timedelta(days=1):
            return Period.day(before, self.zone)
        return Period.parse(f"{first - (last - first)}..{before}", self.zone)

    def holds(self, at: datetime) -> bool:
        """Whether the instant lies in it."""
        return (self.start is None or at >= self.start) and (self.end is None or at < self.end)


@dataclass(frozen=True, slots=True)
class Buckets:
    """Equal calendar steps over a stretch. starts: local times, ascending; bucket i ends where i + 1 starts."""

    step: Step
    starts: tuple[datetime, ...]
    _instants: tuple[float, ...] = field(repr=False)

    @classmethod
    def over(cls, first: datetime, last: datetime, zone: tzinfo, most: int = 45) -> Buckets:
        """The finest steps of which `most` reach from first to last, both included. Years are not bounded."""
        span = last - first
        step: Step = next((step for step, pace in _PACE.items() if span / pace < most - 1), "year")
        starts = [_floor(first.astimezone(zone), step)]
        while (following := _following(starts[-1], step, zone)).timestamp() <= last.timestamp():
            starts.append(following)
        return cls(step, tuple(starts), tuple(start.timestamp() for start in starts))

    def index(self, at: datetime) -> int:
        """Which bucket holds the instant; before the first or after the last it is the nearest."""
        return max(0, bisect_right(self._instants, at.timestamp()) - 1)


def _zone(name: str) -> tzinfo:
    try:
        return UTC if name == "UTC" else ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as unknown:
        raise PeriodError(
            f"R102 zone: {name!r} is no IANA time zone. Known are names such as Europe/London."
        ) from unknown


def _midnight(day: date, zone: tzinfo) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)


def _days(groups: Sequence[str]) -> tuple[date, date]:
    first = date.fromisoformat(groups[0])
    return first, first + timedelta(days=1)


def _week(groups: Sequence[str]) -> tuple[date, date]:
    first = date.fromisocalendar(int(groups[0]), int(groups[1]), 1)
    return first, first + timedelta(weeks=1)


def _month(groups: Sequence[str]) -> tuple[date, date]:
    first = date(int(groups[0]), int(groups[1]), 1)
    return first, _later_month(first, 1)


def _quarter(groups: Sequence[str]) -> tuple[date, date]:
    first = date(int(groups[0]), 3 * int(groups[1]) - 2, 1)
    return first, _later_month(first, 3)


def _range(groups: Sequence[str]) -> tuple[date, date]:
    return date.fromisoformat(groups[0]), date.fromisoformat(groups[1]) + timedelta(days=1)


_FORMS: tuple[tuple[str, Callable[[Sequence[str]], tuple[date, date]]], ...] = (
    (r"(\d{4}-\d\d-\d\d)", _days),
    (r"(\d{4})-W(\d\d)", _week),
    (r"(\d{4})-(\d\d)", _month),
    (r"(\d{4})-Q([1-4])", _quarter),
    (r"(\d{4}-\d\d-\d\d)\.\.(\d{4}-\d\d-\d\d)", _range),
)


def _later_month(first: date, months: int) -> date:
    years, month = divmod(first.month - 1 + months, 12)
    return date(first.year + years, month + 1, 1)


def _floor(local: datetime, step: Step) -> datetime:
    """Where the step that holds this local time starts."""
    whole = local.replace(second=0, microsecond=0)
    if step in ("minute", "5 minutes", "15 minutes"):
        width = int(_PACE[step] / _PACE["minute"])
        return whole.replace(minute=local.minute - local.minute % width)
    if step == "hour":
        return whole.replace(minute=0)
    midnight = whole.replace(hour=0, minute=0, fold=0)
    if step == "day":
        return midnight
    if step == "week":
        return midnight - timedelta(days=midnight.weekday())
    month = {"month": midnight.month, "quarter": midnight.month - (midnight.month - 1) % 3}.get(step, 1)
    return midnight.replace(month=month, day=1)


def _following(start: datetime, step: Step, zone: tzinfo) -> datetime:
    """Where the next step starts: by the clock below a day, by the calendar from a day on."""
    if _PACE[step] < _PACE["day"]:
        return (start.astimezone(UTC) + _PACE[step]).astimezone(zone)
    if step in ("day", "week"):
        return start + _PACE[step]  # wall-clock arithmetic: same midnight, whatever the offset does
    months = {"month": 1, "quarter": 3}.get(step, 12)
    first = _later_month(start.date(), months)
    return start.replace(year=first.year, month=first.month, day=1)
