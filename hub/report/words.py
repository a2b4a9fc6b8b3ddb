"""How figures, times and findings are said in English: the one place where the report's sentences are made.

Pure: the month's and day's names are here and not the machine's locale's. Next: `page.py`, which places them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from hub.periods import Period, Step
from hub.rollup import Rollup, Row, Scope

MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_QUARTERS = ("First", "Second", "Third", "Fourth")
NOTHING = "–"


def title(company: str, titles: Mapping[str, str]) -> str:
    """What people call the company."""
    return titles.get(company) or company.replace("_", " ").title()


def number(value: int | float) -> str:
    """1,234 or 12.5."""
    return f"{value:,}" if isinstance(value, int) else f"{value:,.1f}"


def counted(value: int | float | None, one: str, many: str = "") -> str:
    """1 case, 12 cases, no case."""
    if not value:
        return f"no {one}"
    return f"{number(value)} {one if value == 1 else many or one + 's'}"


def duration(seconds: float) -> str:
    """Two parts of it at most: 0.4 s, 12 s, 5 min, 3 h 20 min, 2.5 days."""
    if seconds < 0:
        return f"-{duration(-seconds)}"
    if seconds < 99.5:
        return "under 0.1 s" if 0 < seconds < 0.05 else f"{seconds:.{1 if seconds < 9.95 else 0}f} s"
    minutes = round(seconds / 60)
    if minutes < 60:
        return f"{minutes} min"
    if minutes < 24 * 60:
        hours, rest = divmod(minutes, 60)
        return f"{hours} h {rest} min" if rest and hours < 10 else f"{round(minutes / 60)} h"
    return f"{seconds / 86400:,.1f} days"


MARK = "†"
"""Stands after a figure in which what came and went between two polls is missing."""


def figure(row: Row) -> str:
    """The value as people read it."""
    if row.value is None:
        return NOTHING
    return amount(row.value, row.unit)


def amount(value: int | float, unit: str) -> str:
    """A value of an indicator's unit."""
    if unit == "%":
        return f"{value:.0f} %"
    return duration(value) if unit == "s" else number(value)


def marked(row: Row) -> str:
    """The same, with its mark where it stands on samples."""
    return f"{figure(row)} {MARK}" if row.sampled is not None else figure(row)


def restated(rollup: Rollup) -> str:
    """How many figures of this period were told otherwise before, and up to which entry."""
    figures = len({(note.scope, note.indicator) for note in rollup.restated})
    since = min(note.head_before for note in rollup.restated)
    return f"{counted(figures, 'figure')} told otherwise in a report up to entry {number(since)}: events came late"


def sampled(rollup: Rollup, titles: Mapping[str, str]) -> str:
    """What the mark means, in sentences; nothing where no company is sampled."""
    told = [f"{title(name, titles)} every {duration(seconds)}" for name, seconds in rollup.sampled]
    if not told:
        return ""
    whose = "Its system tells" if len(told) == 1 else "Their systems tell"
    return (
        f"{MARK} Sampled: {', '.join(told)}. {whose} no change history, so what comes and goes there between two polls "
        "is not counted, and times go by what was seen."
    )


def day(at: datetime) -> str:
    """16 November."""
    return f"{at.day} {MONTHS[at.month - 1]}"


def moment(at: datetime) -> str:
    """22 November 2026, 00:15 UTC."""
    return f"{day(at)} {at.year}, {at:%H:%M} {at.tzname() or ''}".strip()


def tick(at: datetime, step: Step) -> str:
    """What stands below a column."""
    if step in ("minute", "5 minutes", "15 minutes", "hour"):
        return f"{at:%H:%M}"
    if step in ("day", "week"):
        return f"{at.day} {MONTHS[at.month - 1][:3]}"
    return str(at.year) if step == "year" else f"{MONTHS[at.month - 1][:3]} {at.year}"


def stretch(at: datetime, step: Step) -> str:
    """What a column stands for, in full."""
    if step in ("minute", "5 minutes", "15 minutes", "hour"):
        return f"{day(at)}, {step} from {at:%H:%M}"
    if step == "day":
        return f"{DAYS[at.weekday()]}, {day(at)} {at.year}"
    if step == "week":
        return f"Week from {day(at)} {at.year}"
    return {"month": f"{MONTHS[at.month - 1]} {at.year}", "year": str(at.year)}.get(step, f"Quarter from {day(at)}")


def period(of: Period) -> str:
    """The period as a heading."""
    if of.start is None or of.end is None:
        return "Everything so far"
    first, last = of.start.astimezone(of.tz), (of.end - timedelta(microseconds=1)).astimezone(of.tz)
    if "W" in of.name:
        year, week, _ = first.isocalendar()
        return f"Week {week} of {year}, {_between(first, last)}"
    if "Q" in of.name:
        return f"{_QUARTERS[(first.month - 1) // 3]} quarter of {first.year}"
    if first.date() == last.date():
        return f"{DAYS[first.weekday()]}, {day(first)} {first.year}"
    if len(of.name) == len("2026-11"):
        return f"{MONTHS[first.month - 1]} {first.year}"
    return _between(first, last)


def _between(first: datetime, last: datetime) -> str:
    if first.year != last.year:
        return f"{day(first)} {first.year} to {day(last)} {last.year}"
    start = str(first.day) if first.month == last.month else day(first)
    return f"{start} to {day(last)} {last.year}"


def headline(rollup: Rollup) -> tuple[str, ...]:
    """What happened, in a few sentences."""
    value = {row.indicator: row.value for row in rollup.rows if row.scope.kind == "whole"}
    opened, resolved, held = value["opened"], value["resolved"], value["open_at_end"]
    if not any((opened, resolved, held, value["changes"])):
        return ("Nothing happened in this period.",)
    said = [
        f"{_capital(counted(opened, 'case'))} came in and {number(resolved or 0)} {_were(resolved)} resolved; "
        f"{number(held or 0)} {'is' if held == 1 else 'are'} open at the end."
    ]
    if crossing := value["crossing_cases"]:
        back = value["pingpong_cases"]
        said.append(
            f"{_capital(counted(crossing, 'case'))} crossed from company to company in "
            f"{counted(value['handovers_in'], 'hand-over')}; {number(back or 0)} of them came straight back."
        )
    if (typical := value["time_to_resolve_median"]) is not None:
        said.append(f"Half of the resolved cases took at most {duration(typical)}.")
    return tuple(said)


def findings(rollup: Rollup, titles: Mapping[str, str]) -> tuple[str, ...]:
    """What stands out at the edges, each with its evidence: the busiest, the one that sends back most, the slowest."""
    said = []
    if busiest := _most(rollup, "handovers_in"):
        whole = rollup.row("handovers_in").value or 1
        share = f"{100 * (busiest.value or 0) / whole:.0f} %"
        moved = counted(busiest.value, "hand-over")
        said.append(f"The busiest edge is {_edge(busiest.scope, titles)}: {moved}, {share} of all.")
    if returned := _most(rollup, "bounces"):
        moved = counted(rollup.row("handovers_in", returned.scope).value, "hand-over")
        said.append(
            f"Most came back over {_edge(returned.scope, titles)}: {number(returned.value or 0)} of its "
            f"{moved} returned a case to where it had just come from."
        )
    if slowest := _most(rollup, "transport_worst"):
        said.append(
            f"The slowest arrival took {duration(slowest.value or 0)}, over {_edge(slowest.scope, titles)} "
            f"(median there: {figure(rollup.row('transport_median', slowest.scope))})."
        )
    return tuple(said)


def _most(rollup: Rollup, indicator: str) -> Row | None:
    rows: Sequence[Row] = [row for row in rollup.rows if row.indicator == indicator and row.scope.kind == "edge"]
    return max((row for row in rows if row.value), key=lambda row: row.value or 0, default=None)


def _edge(scope: Scope, titles: Mapping[str, str]) -> str:
    return f"{title(scope.company, titles)} → {title(scope.to, titles)}"


def _were(value: int | float | None) -> str:
    return "was" if value == 1 else "were"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
