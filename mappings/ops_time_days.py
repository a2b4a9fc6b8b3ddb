"""Local times read quickly: of the days that a zone lived through with one offset, date and offset are remembered.

Nearly all records are of few days, and nearly no day is one on which clocks change. A word is read here only where its
pattern ends in %H:%M or %H:%M:%S, its day has one offset, and its year is not at the ends; every other word goes the
long way (`ops_time.py`), which alone says what is wrong with it. What is remembered is bounded. Next: `ops_time.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta, timezone, tzinfo
from functools import lru_cache
from typing import Any

from mappings.ops_time_format import Pattern, compiled, width

Read = Callable[[str], datetime]
DAYS = 4096
"""How many days are remembered for each rule: eleven years."""
_STEPS = {"%H:%M:%S": "1s", "%H:%M": "1min"}
_UNUSUAL = (LookupError, TypeError, ValueError)
OF_A_DAY = {f"{hour:02d}:{minute:02d}": time(hour, minute) for hour in range(24) for minute in range(60)}
"""Each minute by its word. Seconds are too many for that."""
COLONS = "::"
"""Every third character, from the third on, of 08:15:00. Python would take an offset for seconds, too: 08:15+01."""
_NONE = timedelta()
fixed = lru_cache(maxsize=256)(timezone)
"""One object an offset: 256 of them are all that there ever were."""


class Remembered(dict[Any, Any]):
    """What a function gave, by what it was given: a dict that asks where it does not know, and starts anew when it is
    full. Half as dear as lru_cache."""

    def __init__(self, ask: Callable[[Any], Any]) -> None:
        super().__init__()
        self._ask = ask

    def __missing__(self, key: Any) -> Any:
        if len(self) >= DAYS:
            self.clear()
        found = self[key] = self._ask(key)
        return found


class Days:
    """The days of one rule.

    start: where in a word the time of day begins. step: how fine the pattern is. day_of: from the part before to the
    day and its one offset; None for a day on which clocks change, LookupError for no day.
    """

    def __init__(self, head: str, start: int, step: str, zone: tzinfo) -> None:
        self.start, self.step = start, step
        self.day_of = Remembered(self._known)
        self._head, self._zone, self._named = compiled(head, 0), zone, Remembered(self._written)

    def reading(self, long_way: Read) -> Read:
        """What reads a word: as the long way does, and quickly where it can."""
        start, day_of, combine, fromisoformat = self.start, self.day_of, datetime.combine, time.fromisoformat

        def read_minutes(word: str) -> datetime:
            try:
                day, offset = day_of[word[:start]]  # a TypeError, where clocks change
                return combine(day, OF_A_DAY[word[start:]], offset)
            except _UNUSUAL:
                pass
            return long_way(word)

        def read_seconds(word: str) -> datetime:
            try:
                day, offset = day_of[word[:start]]  # a TypeError, where clocks change
                rest = word[start:]
                if rest[2::3] == COLONS:
                    return combine(day, fromisoformat(rest), offset)
            except _UNUSUAL:
                pass
            return long_way(word)

        return read_seconds if self.step == "1s" else read_minutes

    def proved(self, value: Any) -> str:
        """The word of a moment that reads back as one that means the same: on a day with one offset every word does.
        LookupError or TypeError for any other moment."""
        if type(value) is not datetime or value.tzinfo is None:
            raise TypeError("no moment")
        wall = value.astimezone(self._zone)
        text: str = self._named[wall.date()] + wall.time().isoformat("seconds" if self.step == "1s" else "minutes")
        return text

    def _known(self, head: str) -> tuple[date, timezone] | None:
        """From the part of a word that names the day to the day and its one offset."""
        begins = self._head.read(head)
        if begins is None or not 1 < begins.year < 9999:
            raise LookupError(head)
        hours = (begins.replace(hour=hour, fold=fold) for hour in range(24) for fold in (0, 1))
        ends = begins.replace(hour=23, minute=59, second=59)
        offsets = {self._zone.utcoffset(each.replace(tzinfo=self._zone)) or _NONE for each in (*hours, ends)}
        return (begins.date(), fixed(offsets.pop())) if len(offsets) == 1 else None

    def _written(self, day: date) -> str:
        """The part of a word that names the day."""
        head = self._head.write(datetime.combine(day, OF_A_DAY["00:00"]))
        if self.day_of[head] is None:
            raise LookupError(head)
        return head


def days_of(pattern: Pattern, zone: tzinfo | None) -> Days | None:
    """The days of a rule with this pattern; None where it is not of the usual kind."""
    tail = next((each for each in _STEPS if pattern.text.endswith(each)), "")
    head = pattern.text.removesuffix(tail)
    start = width(head)
    if zone is None or not tail or start is None or any(each in head for each in ("%H", "%M", "%S")):
        return None
    return Days(head, start, _STEPS[tail], zone)
