"""How figures, times and periods are said: a value in, words of the reader's language out.

    say = Words(tongue("es"), {"telvoz": "Telvoz"})
    say.figure(row)      say.period(rollup.period)      say.edge(scope)

Pure; the sentences are those of the language's catalogue. Next: `sentences.py`, which says what happened;
`page.py` and `mail.py`, which place it all.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from babel.dates import format_date

from hub.periods import Period, Step
from hub.rollup import Row, Scope
from hub.tongue import SOURCE, Tongue, tongue

NOTHING = "–"
MARK = "†"
"""Stands after a figure in which what came and went between two polls is missing."""
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ufffe\uffff]+")
_CLOCKED = ("minute", "5 minutes", "15 minutes", "hour")


@dataclass(frozen=True, slots=True)
class Words:
    """A language, and what people call the companies."""

    say: Tongue = field(default_factory=lambda: tongue(SOURCE))
    titles: Mapping[str, str] = field(default_factory=dict)

    def title(self, company: str) -> str:
        """What people call the company, on one line."""
        return one_line(self.titles.get(company) or company.replace("_", " ").title())

    def edge(self, scope: Scope) -> str:
        """Northcable → Telvoz; for a company its name, for the whole that."""
        if scope.to:
            return f"{self.title(scope.company)} → {self.title(scope.to)}"
        return self.title(scope.company) if scope.company else self.say("The whole")

    def number(self, value: int | float) -> str:
        """1,234 or 12.5."""
        return self.say.number(value)

    def cases(self, value: int | float | None) -> str:
        """1 case, 12 cases, no case."""
        return self.say.many("{n} case", "{n} cases", value) if value else self.say("no case")

    def handovers(self, value: int | float | None) -> str:
        """1 hand-over, 12 hand-overs, no hand-over."""
        return self.say.many("{n} hand-over", "{n} hand-overs", value) if value else self.say("no hand-over")

    def duration(self, seconds: float) -> str:
        """Two parts of it at most: 0.4 s, 12 s, 5 min, 3 h 20 min, 2.5 days."""
        if seconds < 0:
            return f"-{self.duration(-seconds)}"
        if 0 < seconds < 0.05:
            return self.say("under {time}", time=self.say("{n} s", n=self.say.number(0.1)))
        if seconds < 99.5:
            return self.say("{n} s", n=self.say.number(float(seconds), 1 if seconds < 9.95 else 0))
        return self._longer(round(seconds / 60), seconds)

    def _longer(self, minutes: int, seconds: float) -> str:
        if minutes < 60:
            return self.say("{n} min", n=minutes)
        if minutes >= 24 * 60:
            return self.say("{n} days", n=self.say.number(seconds / 86_400))
        hours, rest = divmod(minutes, 60)
        if rest and hours < 10:
            return self.say("{h} h {min} min", h=hours, min=rest)
        return self.say("{n} h", n=round(minutes / 60))

    def figure(self, row: Row) -> str:
        """The value as people read it."""
        if row.held_back:
            return self.say("held back")
        return NOTHING if row.value is None else self.amount(row.value, row.unit)

    def amount(self, value: int | float, unit: str) -> str:
        """A value of an indicator's unit."""
        if unit == "%":
            return f"{self.say.number(value, 0)} %"
        return self.duration(value) if unit == "s" else self.number(value)

    def marked(self, row: Row) -> str:
        """The same, with its mark where it stands on samples."""
        return f"{self.figure(row)} {MARK}" if row.sampled is not None else self.figure(row)

    def day(self, at: datetime) -> str:
        """16 November."""
        return self.say.named("MMMMd", at)

    def date(self, at: datetime) -> str:
        """16 November 2026."""
        return str(format_date(at, "long", locale=self.say.locale))

    def moment(self, at: datetime) -> str:
        """22 November 2026, 00:15 UTC."""
        return f"{self.date(at)}, {at:%H:%M} {at.tzname() or ''}".strip()

    def tick(self, at: datetime, step: Step) -> str:
        """What stands below a column."""
        if step in _CLOCKED:
            return f"{at:%H:%M}"
        if step in ("day", "week"):
            return self.say.named("MMMd", at)
        return str(at.year) if step == "year" else self.say.named("yMMM", at)

    def step(self, step: Step) -> str:
        """How long a column is."""
        said = {
            "minute": self.say("by minute"),
            "5 minutes": self.say("by 5 minutes"),
            "15 minutes": self.say("by 15 minutes"),
            "hour": self.say("by hour"),
            "day": self.say("by day"),
            "week": self.say("by week"),
            "month": self.say("by month"),
            "quarter": self.say("by quarter"),
            "year": self.say("by year"),
        }
        return said[step]

    def stretch(self, at: datetime, step: Step) -> str:
        """What a column stands for, in full."""
        if step in _CLOCKED:
            return self.say("{day}, from {time}", day=self.day(at), time=f"{at:%H:%M}")
        if step == "day":
            return self._weekday(at)
        if step in ("week", "quarter"):
            return self.say("From {day}", day=self.date(at))
        return self.say.named("yMMMM", at) if step == "month" else str(at.year)

    def period(self, of: Period) -> str:
        """The period as a heading."""
        if of.start is None or of.end is None:
            return self.say("Everything so far")
        first, last = of.start.astimezone(of.tz), (of.end - timedelta(microseconds=1)).astimezone(of.tz)
        if "W" in of.name:
            year, week, _ = first.isocalendar()
            return self.say("Week {week} of {year}, {days}", week=week, year=year, days=self._between(first, last))
        if "Q" in of.name:
            return self.say("Quarter {quarter} of {year}", quarter=(first.month + 2) // 3, year=first.year)
        if first.date() == last.date():
            return self._weekday(first)
        if len(of.name) == len("2026-11"):
            return capital(self.say.named("yMMMM", first))
        return self._between(first, last)

    def _weekday(self, at: datetime) -> str:
        return capital(str(format_date(at, "full", locale=self.say.locale)))

    def _between(self, first: datetime, last: datetime) -> str:
        start = self.date(first) if first.year != last.year else self.day(first)
        return self.say("{first} to {last}", first=start, last=self.date(last))


def one_line(text: str) -> str:
    """The text on one line, without control characters: such as a header, a sentence and a picture take."""
    return " ".join(_CONTROL.sub(" ", text).split())


def capital(text: str) -> str:
    """The same, as a sentence begins."""
    return text[:1].upper() + text[1:]


def counted(value: int | float | None, one: str, many: str = "") -> str:
    """In English: 1 case, 12 cases, no case."""
    if not value:
        return f"no {one}"
    return f"{tongue(SOURCE).number(value)} {one if value == 1 else many or one + 's'}"
