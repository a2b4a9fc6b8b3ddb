"""When a report is due, and of which period it is then: by the clock and the calendar of the reader's zone.

    newest(subscription, now) -> Due(at, period)

Pure; the clock is given. An hour that the clock skips is the one after it. Next: `sending.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hub.mailing.subscriptions import DAYS, Subscription

_QUARTERS = (1, 4, 7, 10)


@dataclass(frozen=True, slots=True)
class Due:
    """at: when, in UTC. period: which one is reported, as `Period.parse` reads it in the subscription's zone."""

    at: datetime
    period: str


def newest(of: Subscription, now: datetime) -> Due:
    """What was due last, at this time or before."""
    zone = ZoneInfo(of.zone)
    day = now.astimezone(zone).date()
    while not (_is_day(of, day) and _instant(of, day, zone) <= now):
        day -= timedelta(days=1)
    return Due(_instant(of, day, zone), _before(of, day))


def following(of: Subscription, now: datetime) -> Due:
    """What is due next, after this time."""
    zone = ZoneInfo(of.zone)
    day = now.astimezone(zone).date()
    while not (_is_day(of, day) and _instant(of, day, zone) > now):
        day += timedelta(days=1)
    return Due(_instant(of, day, zone), _before(of, day))


def _is_day(of: Subscription, day: date) -> bool:
    if of.period == "day":
        return True
    if of.period == "week":
        return DAYS[day.weekday()] == (of.day or DAYS[0])
    return day.day == (of.day or 1) and (of.period == "month" or day.month in _QUARTERS)


def _instant(of: Subscription, day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, of.at, zone).astimezone(UTC)


def _before(of: Subscription, day: date) -> str:
    """The last whole period before this day."""
    if of.period == "day":
        return (day - timedelta(days=1)).isoformat()
    if of.period == "week":
        year, week, _ = (day - timedelta(days=7)).isocalendar()
        return f"{year}-W{week:02}"
    first = day.replace(day=1)
    if of.period == "month":
        return f"{first - timedelta(days=1):%Y-%m}"
    last = first.replace(month=first.month - (first.month - 1) % 3) - timedelta(days=1)
    return f"{last.year}-Q{(last.month + 2) // 3}"
