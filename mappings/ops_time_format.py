"""A pattern for times, compiled: to a regular expression for reading and to a function for writing.

The directives are those of C's strftime that mean the same in every locale: %Y %m %d %H %M %S %f %z and %%. Reading is
strict (two digits are two digits; four for a year); Python's own strptime takes "1/2/2026" for "%d/%m/%Y", and its
strftime writes the year 987 with three digits. Knows no zone. Next: `ops_time.py`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from operator import attrgetter
from typing import Any

DIRECTIVES: dict[str, str] = {
    "%Y": r"(?P<year>[0-9]{4})",
    "%m": r"(?P<month>[0-9]{2})",
    "%d": r"(?P<day>[0-9]{2})",
    "%H": r"(?P<hour>[0-9]{2})",
    "%M": r"(?P<minute>[0-9]{2})",
    "%S": r"(?P<second>[0-9]{2})",
    "%f": r"(?P<fraction>[0-9]{1,6})",
    "%z": r"(?P<offset>Z|[+-][0-9]{2}:?[0-9]{2})",
    "%%": "%",
}
_WRITTEN = {"%Y": ("%04d", "year"), "%m": ("%02d", "month"), "%d": ("%02d", "day"), "%H": ("%02d", "hour"),
            "%M": ("%02d", "minute"), "%S": ("%02d", "second")}  # fmt: skip
_WIDTHS = {"%Y": 4, "%m": 2, "%d": 2, "%H": 2, "%M": 2, "%S": 2, "%%": 1}
_ORDER = (
    ("%Y", "year"), ("%m", "month"), ("%d", "day"), ("%H", "hour"), ("%M", "minute"), ("%S", "second"),
    ("%f", "fraction"),
)  # fmt: skip
"""The order in which datetime takes them; none stands without those before it (`lacking`)."""
_TOKEN = re.compile(r"%.|[^%]+|%\Z", re.DOTALL)
_FINEST = (("%f", "1us"), ("%S", "1s"), ("%M", "1min"), ("%H", "1h"), ("%d", "1d"))


def unknown(pattern: str) -> list[str]:
    """Directives of the pattern that are not known, in order."""
    return [part for part in _TOKEN.findall(pattern) if part.startswith("%") and part not in DIRECTIVES]


def lacking(pattern: str) -> list[str]:
    """What a pattern needs to name one moment and does not have, or has twice."""
    parts = _TOKEN.findall(pattern)
    needed = [
        "%Y",
        "%m",
        "%d",
        *(coarse for fine, coarse in (("%M", "%H"), ("%S", "%M"), ("%f", "%S")) if fine in parts),
    ]
    twice = [part for part in DIRECTIVES if part != "%%" and parts.count(part) > 1]
    return [part for part in needed if part not in parts] + twice


def finest(pattern: str) -> str:
    """The smallest step that the pattern can tell apart."""
    return next(step for directive, step in _FINEST if directive in pattern)


def width(pattern: str) -> int | None:
    """How many characters a word of this pattern has; None where that is open."""
    parts = _TOKEN.findall(pattern)
    if "%f" in parts or "%z" in parts:
        return None
    return sum(_WIDTHS.get(part, len(part)) for part in parts)


@dataclass(frozen=True, slots=True)
class Pattern:
    """A compiled pattern. read gives a datetime, aware only where the pattern has %z; None where it does not match."""

    text: str
    read: Callable[[str], datetime | None]
    write: Callable[[datetime], str]
    zoned: bool


def compiled(pattern: str, fraction: int) -> Pattern:
    """The pattern, checked before with `unknown` and `lacking`. fraction: digits that %f is written with."""
    parts = _TOKEN.findall(pattern)
    match = re.compile("".join(DIRECTIVES.get(part, re.escape(part)) for part in parts)).fullmatch
    names = [name for directive, name in _ORDER if directive in parts]
    lacks = "0" * (len(_ORDER) - len(names))
    zoned = "%z" in parts

    def read(text: str) -> datetime | None:
        found = match(text)
        if found is None:
            return None
        digits: list[str] = [*found.group(*names), *lacks]
        year, month, day, hour, minute, second, fraction = digits
        return datetime(
            int(year), int(month), int(day), int(hour), int(minute), int(second), int(fraction.ljust(6, "0")),
            _zone(found["offset"]) if zoned else None,
        )  # fmt: skip

    return Pattern(pattern, read, _writer(parts, fraction), zoned)


def _writer(parts: Sequence[str], fraction: int) -> Callable[[datetime], str]:
    """What writes a moment. All numbers of it are got in one call where that is all there is to be written."""
    gets: Mapping[str, Callable[[datetime], Any]] = {
        "%f": lambda moment: f"{moment.microsecond:06d}"[:fraction],
        "%z": _offset,
        **{part: attrgetter(name) for part, (_, name) in _WRITTEN.items()},
    }
    shapes = {part: shape for part, (shape, _) in _WRITTEN.items()} | {"%f": "%s", "%z": "%s", "%%": "%%"}
    fill = "".join(shapes.get(part, part.replace("%", "%%")) for part in parts)
    if "%f" in parts or "%z" in parts:
        return lambda moment: fill % tuple(gets[part](moment) for part in parts if part in gets)
    numbers = attrgetter(*(_WRITTEN[part][1] for part in parts if part in _WRITTEN))
    return lambda moment: fill % numbers(moment)


def _zone(offset: str) -> timezone:
    if offset == "Z":
        return UTC
    minutes = int(offset[1:3]) * 60 + int(offset[-2:])
    return timezone(timedelta(minutes=-minutes if offset[0] == "-" else minutes))


def _offset(moment: datetime) -> str:
    """+0000, -0530: the offset in whole minutes."""
    seconds = int((moment.utcoffset() or timedelta()).total_seconds())
    hours, minutes = divmod(abs(seconds) // 60, 60)
    return f"{'-' if seconds < 0 else '+'}{hours:02d}{minutes:02d}"
