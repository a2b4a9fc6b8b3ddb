"""When a company works: hours a week in its own zone, and the days on which nobody does.

A promise of four hours runs while people work: from Friday 17:00 it is kept on Monday. Hours are local: a day of a
clock change has an hour more or less where the hours of work lie across it. `DayAndNight` never stops. Pure: knows no
case and no clock. Next: `commitments.py`, which declares them; `clocks.py`, which counts in them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
FAR = timedelta(days=3660)
"""No promise runs longer: a sum of time that has not passed by then is refused."""

Hours = tuple[time, time]
"""From (included) to (not included), local; hours that end before they begin, or at 00:00, end on the next day."""
Spell = tuple[datetime, datetime]
"""A stretch of work, in UTC."""


class Calendar(Protocol):
    """What counts as working time."""

    def spells(self, start: datetime, end: datetime) -> Iterator[Spell]:
        """The stretches of work between two instants, in order, none of them empty."""


@dataclass(frozen=True, slots=True)
class DayAndNight:
    """Works always, as the customer waits."""

    def spells(self, start: datetime, end: datetime) -> Iterator[Spell]:
        """The stretch itself."""
        if end > start:
            yield start.astimezone(UTC), end.astimezone(UTC)


@dataclass(frozen=True, slots=True)
class OfficeHours:
    """Works at these hours of a week in a zone, and not on holidays.

    week: by day of `DAYS`, in order and apart; a day without is free. What began before midnight is of its own day.
    """

    zone: ZoneInfo
    week: Mapping[str, tuple[Hours, ...]]
    holidays: Mapping[date, str] = field(default_factory=dict)

    def spells(self, start: datetime, end: datetime) -> Iterator[Spell]:
        """The stretches of work between two instants, in order."""
        start, end = start.astimezone(UTC), end.astimezone(UTC)
        day, last = start.astimezone(self.zone).date() - timedelta(days=1), end.astimezone(self.zone).date()
        while day <= last:
            for opens, shuts in () if day in self.holidays else self.week.get(DAYS[day.weekday()], ()):
                begins = max(start, self._instant(day, opens))
                ends = min(end, self._instant(day if shuts > opens else day + timedelta(days=1), shuts))
                if ends > begins:
                    yield begins, ends
            day += timedelta(days=1)

    def _instant(self, day: date, at: time) -> datetime:
        return datetime.combine(day, at, self.zone).astimezone(UTC)


def worked_between(calendar: Calendar, start: datetime, end: datetime) -> timedelta:
    """How much of the time from start to end is working time. Zero where end is not after start."""
    return sum((ends - begins for begins, ends in calendar.spells(start, end)), timedelta())


def worked_after(calendar: Calendar, start: datetime, amount: timedelta) -> datetime:
    """The first instant by which this much working time has passed since start. Raises OverflowError where it has not
    passed within `FAR`."""
    left = amount
    if not left:
        return start.astimezone(UTC)
    for begins, ends in calendar.spells(start, start + FAR):
        if ends - begins >= left:
            return begins + left
        left -= ends - begins
    raise OverflowError(f"no working time of {amount} after {start}: the calendar is empty")
