"""What the companies promise, as agreement.yaml declares it: calendars, and commitments with their time by priority.

A commitment is of one clock (`Clock`): of one company, of each, of one edge, or of all together (`endToEnd`, the
customer's). Times are working time of a calendar. Pure: knows no case. Next: `clocks.py`, which runs them;
`commitment_checks.py`, which looks whether they can be kept.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, time, timedelta
from itertools import pairwise
from types import MappingProxyType
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from connectors.declared import Declared
from hub.calendars import DAYS, Calendar, DayAndNight, Hours, OfficeHours
from mappings.case import PICKLISTS

Clock = Literal["accept", "firstResponse", "update", "resolve", "endToEnd"]
ALWAYS = "always"
"""The calendar that never stops."""

EACH, ALL = "each", "all"
"""Whose a commitment is, where it is not one partner's."""

UNKNOWN_PRIORITY = "medium"
"""What a case without a priority counts as."""

_DURATION = re.compile(r"(?:(\d+) ?h)? ?(?:(\d+) ?min)?")
DAY = 24 * 60
_SHARE = re.compile(r"(\d{1,3}(?:\.\d+)?) ?%")


def _duration(given: object) -> object:
    if isinstance(given, timedelta):
        return given
    found = _DURATION.fullmatch(given.strip()) if isinstance(given, str) else None
    hours, minutes = (int(part or 0) for part in found.groups()) if found else (0, 0)
    if not hours and not minutes:
        raise ValueError(
            "a time is hours and minutes, such as 8 h, 15 min or 1 h 30 min (a day is not the same length everywhere)"
        )
    return timedelta(hours=hours, minutes=minutes)


def _share(given: object) -> object:
    if isinstance(given, float):
        return given
    found = _SHARE.fullmatch(given.strip()) if isinstance(given, str) else None
    if not found or not 0 < float(found[1]) <= 100:
        raise ValueError("a share is a percentage, such as 95 %")
    return float(found[1]) / 100


def told(amount: timedelta) -> str:
    """A time as it is declared: `1 h 30 min`."""
    hours, minutes = divmod(round(amount.total_seconds() / 60), 60)
    return " ".join([f"{hours} h"] * bool(hours) + [f"{minutes} min"] * bool(minutes or not hours))


Duration = Annotated[timedelta, BeforeValidator(_duration, json_schema_input_type=str)]
Share = Annotated[float, BeforeValidator(_share, json_schema_input_type=str)]


def _by_priority(given: object) -> object:
    """One time for all priorities, or one for each."""
    return dict.fromkeys(PICKLISTS["priority"], given) if isinstance(given, str) else given


def _each_priority(within: Mapping[str, timedelta]) -> Mapping[str, timedelta]:
    known = PICKLISTS["priority"]
    if wrong := [name for name in within if name not in known]:
        raise ValueError(f"{wrong[0]!r} is no priority; known: {', '.join(known)}")
    if lacks := [name for name in known if name not in within]:
        raise ValueError(f"a time for each priority, or one for all; there is none for {', '.join(lacks)}")
    return within


Within = Annotated[
    dict[str, Duration],
    BeforeValidator(_by_priority, json_schema_input_type=str | dict[str, str]),
    AfterValidator(_each_priority),
]


class WorkingHours(Declared):
    """When a company works."""

    zone: str = Field(description="IANA time zone")
    hours: dict[str, str | tuple[str, ...]] = Field(
        description="day or days (`mon`, `mon-fri`) -> `09:00-17:00`, or a list of such; an end at or before the start "
        "is on the next day"
    )
    holidays: dict[date, str] = Field(default_factory=dict, description="date -> what it is called; nobody works then")

    @model_validator(mode="after")
    def _can_be_read(self) -> WorkingHours:
        self.calendar()
        return self

    def calendar(self) -> OfficeHours:
        """The calendar to count in. Raises ValueError for what is no zone, day or time, and where hours overlap."""
        week: dict[str, list[Hours]] = {}
        for days, spans in self.hours.items():
            for day in _days(days):
                week.setdefault(day, []).extend(_span(text) for text in ((spans,) if isinstance(spans, str) else spans))
        ordered = {day: tuple(sorted(spans)) for day, spans in week.items()}
        _apart(ordered)
        return OfficeHours(_zone(self.zone), ordered, self.holidays)


class Level(Declared):
    """One step of a company's escalation: a role that has to see to it that its side acts."""

    role: str = Field(description="what the person is, as the companies call it; no name")
    contact: str = Field("", description="where the role is reached")
    answer: Duration = Field(
        description="working time in which the company has to act on the case; else the next level is asked"
    )


class Commitment(Declared):
    """What one company, each of them, or all together promise."""

    id: str = Field(pattern=r"^[a-z][a-z0-9-]*$")
    clock: Clock = Field(
        description="`accept`: from when the case stands in the receiver's system until it accepts or refuses. "
        "`firstResponse`: from when a company answers for it until its first word, a note that others may see or a "
        "new status. `update`: from one word of the company that answers for it to its next. `resolve`: while a "
        "company answers for it and works. `endToEnd`: from opened until resolved, without the time that the customer "
        "was waited for"
    )
    of: str = Field(description="a partner; `each`: every one for itself; `all`: all together (endToEnd only)")
    edge: str = Field("", description="only for cases that came over this edge; goes before one without")
    within: Within = Field(
        description="working time, one for all priorities or one for each; a case without a priority counts as "
        f"{UNKNOWN_PRIORITY}"
    )
    calendar: str = Field("", description=f"in whose hours; none: the partner's own, else `{ALWAYS}`")
    target: Share = Field(
        "95 %", validate_default=True, description="share of the cases of a period in which it is to be kept"
    )
    near: Share = Field(
        "80 %", validate_default=True, description="share of the time after which those who can still act are told"
    )
    otherwise: str = Field("", description="what a deviation from the target brings about, for the people who read it")

    @property
    def words(self) -> str:
        """What is promised, short: `critical 15 min, high 1 h`."""
        times = {told(amount) for amount in self.within.values()}
        if len(times) == 1:
            return times.pop()
        return ", ".join(f"{name} {told(self.within[name])}" for name in reversed(PICKLISTS["priority"]))


def calendars_of(declared: Mapping[str, WorkingHours]) -> Mapping[str, Calendar]:
    """Every calendar by name, `always` among them."""
    return MappingProxyType({ALWAYS: DayAndNight(), **{name: hours.calendar() for name, hours in declared.items()}})


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as unknown:  # ZoneInfoNotFoundError is a KeyError
        raise ValueError(f"{name!r} is no IANA time zone; known are names such as Europe/London") from unknown


def _days(text: str) -> tuple[str, ...]:
    first, _, last = text.partition("-")
    if first not in DAYS or (last and last not in DAYS):
        raise ValueError(f"{text!r} is no day and no row of days; known: {', '.join(DAYS)}, and such as mon-fri")
    return DAYS[DAYS.index(first) : DAYS.index(last or first) + 1]


def _span(text: str) -> Hours:
    try:
        opens, shuts = text.replace(" ", "").replace("24:00", "00:00").split("-")
        return time.fromisoformat(opens), time.fromisoformat(shuts)
    except ValueError as wrong:
        raise ValueError(f"{text!r} are no hours; they read 09:00-17:00") from wrong


def _minutes(at: time) -> int:
    return at.hour * 60 + at.minute


def _apart(week: Mapping[str, tuple[Hours, ...]]) -> None:
    """Raises ValueError where hours overlap, over midnight too: they would count twice."""
    if not any(week.values()):
        raise ValueError("hours: nobody works at any hour of the week")
    marks = []
    for day, spans in week.items():
        for opens, shuts in spans:
            begins = DAYS.index(day) * DAY + _minutes(opens)
            marks.append((begins, begins + ((_minutes(shuts) - _minutes(opens)) % DAY or DAY), day))
    marks.sort()
    again = (marks[0][0] + len(DAYS) * DAY, 0, marks[0][2])  # the week comes round
    for (_, ends, day), (begins, _, following) in pairwise([*marks, again]):
        if ends > begins:
            raise ValueError(f"hours of {day} and {following} overlap: they would count twice")
