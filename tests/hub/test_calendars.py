"""Working time: hours, free days, zones and the two nights on which clocks are changed."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.calendars import DAYS, Calendar, DayAndNight, OfficeHours, worked_after, worked_between

LONDON = ZoneInfo("Europe/London")
DESK = OfficeHours(
    LONDON,
    {day: ((time(9), time(12)), (time(13), time(18))) for day in DAYS[:5]} | {"sat": ((time(9), time(13)),)},
    {date(2026, 12, 25): "Christmas Day", date(2026, 12, 28): "Boxing Day"},
)
NIGHTS = OfficeHours(LONDON, {day: ((time(22), time(6)),) for day in DAYS})
ALWAYS = DayAndNight()


def at(text: str, zone: ZoneInfo = LONDON) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


def hours(start: str, end: str, calendar: Calendar = DESK) -> float:
    return worked_between(calendar, at(start), at(end)) / timedelta(hours=1)


def test_only_the_hours_of_work_count() -> None:
    assert hours("2026-11-27T11:00", "2026-11-27T14:00") == 2  # an hour of lunch
    assert hours("2026-11-27T17:00", "2026-11-30T10:00") == 1 + 4 + 1  # friday, saturday, monday
    assert hours("2026-11-29T00:00", "2026-11-29T23:59") == 0  # a sunday
    assert hours("2026-12-24T17:00", "2026-12-29T10:00") == 1 + 4 + 1  # the 25th and the 28th are free


def test_a_day_of_a_clock_change_has_the_hours_that_it_has() -> None:
    assert hours("2026-03-28T12:00", "2026-03-29T12:00", NIGHTS) == 7  # one hour is left out in the night
    assert hours("2026-10-24T12:00", "2026-10-25T12:00", NIGHTS) == 9  # and comes twice in autumn
    assert hours("2026-03-29T00:00", "2026-03-30T00:00", ALWAYS) == 23


def test_a_promise_runs_over_the_weekend() -> None:
    due = worked_after(DESK, at("2026-11-27T16:30"), timedelta(hours=6))
    assert due == at("2026-11-30T09:30")
    assert worked_after(DESK, at("2026-11-29T08:00"), timedelta()) == at("2026-11-29T08:00")


def test_hours_in_another_zone_than_the_asker_s() -> None:
    almaty = OfficeHours(ZoneInfo("Asia/Almaty"), {"mon": ((time(9), time(18)),)})
    start = datetime(2026, 11, 30, 0, tzinfo=UTC)  # 05:00 there
    assert worked_after(almaty, start, timedelta(hours=1)) == datetime(2026, 11, 30, 5, tzinfo=UTC)


def test_a_calendar_in_which_nobody_works_is_said_to_be_empty() -> None:
    with pytest.raises(OverflowError, match="no working time of 1:00:00 after 2026-11-27"):
        worked_after(OfficeHours(LONDON, {}), at("2026-11-27T09:00"), timedelta(hours=1))


instants = st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001  in UTC by timezones
amounts = st.timedeltas(timedelta(0), timedelta(days=20))
calendars = st.sampled_from([DESK, NIGHTS, ALWAYS])


@given(calendars, instants, amounts)
def test_what_passes_until_it_is_due_is_what_was_promised(
    calendar: Calendar, start: datetime, amount: timedelta
) -> None:
    assert worked_between(calendar, start, worked_after(calendar, start, amount)) == amount


@given(calendars, instants, amounts, amounts)
def test_two_stretches_add_up(calendar: Calendar, start: datetime, one: timedelta, other: timedelta) -> None:
    middle, end = start + one, start + one + other
    whole = worked_between(calendar, start, end)
    assert whole == worked_between(calendar, start, middle) + worked_between(calendar, middle, end)
    assert timedelta() <= whole <= end - start
