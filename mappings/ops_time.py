"""Times: ISO 8601 with an offset, a pattern of their own with a zone, seconds since 1970.

A time without an offset is read in the zone that is declared; without one it is refused. Where clocks go back, `fold`
says whether the earlier or the later of the two is meant, or that such a time is refused; where they go forward, a
local time that never was is refused. The offset of the source is kept. `step` is how fine their field is: two moments
of one step mean the same, and what is written is cut to it. Years 1 to 9999 in UTC.

The result has a fixed offset, never a ZoneInfo: Python compares two times of one ZoneInfo by their wall clocks and
overlooks fold. Zones come from the system's (or tzdata's) tables by the declaration's compiler. Next: `declare.py`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Any, ClassVar, Literal

from mappings.errors import Unfit, shown
from mappings.ops import Example
from mappings.ops_number import Number
from mappings.ops_time_days import Days, days_of, fixed
from mappings.ops_time_format import Pattern, compiled
from mappings.paths import kind

Fold = Literal["earlier", "later", "refuse"]
FOLDS: tuple[str, ...] = ("earlier", "later", "refuse")

STEPS: dict[str, timedelta] = {
    "1us": timedelta(microseconds=1),
    "1ms": timedelta(milliseconds=1),
    "1s": timedelta(seconds=1),
    "1min": timedelta(minutes=1),
    "1h": timedelta(hours=1),
    "1d": timedelta(days=1),
}
_FRACTION = {"1us": 6, "1ms": 3}
_TIMESPEC = {"1us": "microseconds", "1ms": "milliseconds"}
_FINE = frozenset({"1ms", "1s"})
_WHOLE = Number("integer")
_NONE = timedelta()
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ISO = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]{1,9})?)?"
    r"(?:[Zz]|[+-][0-9]{2}(?::?[0-9]{2}){0,2})?"
)
_USUAL = frozenset({"--T::Z", "--T::+:", "--T::-:"})
"""Every third character, from the fifth on, of 2026-07-01T09:30:00Z and of 2026-07-01T09:30:00+01:00."""


@dataclass(frozen=True, slots=True)
class Clock:
    """What each kind of time declares. zone: of a time without offset, and of what is written (None: UTC)."""

    zone: tzinfo | None
    fold: Fold
    step: str

    def placed(self, moment: datetime, word: object) -> datetime:
        """The moment with a fixed offset; raises Unfit M206 (never was), M207 (no zone), M208 (twice), M209 (year)."""
        if moment.tzinfo is None:
            moment = self._local(moment, word)
        if not 1 < moment.year < 9999:
            try:
                moment.astimezone(UTC)
            except OverflowError:
                raise Unfit("M209", f"{shown(word)} is outside the years 1 to 9999 in UTC.", word) from None
        return moment

    def _local(self, wall: datetime, word: object) -> datetime:
        if self.zone is None:
            raise Unfit("M207", f"{shown(word)} has no offset, and no zone is declared for it.", word)
        # A zone tells the offset of a wall clock; datetime.replace would cost four times as much as building anew.
        first = self.zone.utcoffset(wall) or _NONE
        again = datetime(
            wall.year, wall.month, wall.day, wall.hour, wall.minute, wall.second, wall.microsecond, self.zone, fold=1
        )
        second = self.zone.utcoffset(again) or _NONE
        if first < second:
            raise Unfit("M206", f"{shown(word)} never was in {self.zone}: clocks went forward over it.", word)
        if first > second and self.fold == "refuse":
            raise Unfit("M208", f"{shown(word)} was twice in {self.zone}: clocks went back over it.", word)
        return datetime.combine(wall, wall.time(), fixed(second if self.fold == "later" else first))

    def cut(self, value: Any) -> datetime:
        """Our moment on their wall clock, cut to their step."""
        if not isinstance(value, datetime) or value.tzinfo is None:
            raise Unfit("M202", "a time with an offset is expected.", value)
        try:
            wall = value.astimezone(self.zone or UTC)
        except OverflowError:
            raise Unfit("M209", f"{shown(value)} is outside the years 1 to 9999.", value) from None
        micro = wall.microsecond
        if self.step == "1us" or (not micro and self.step in _FINE):
            return wall
        match self.step:
            case "1ms":
                return wall.replace(microsecond=micro - micro % 1000)
            case "1s":
                return wall.replace(microsecond=0)
            case "1min":
                return wall.replace(microsecond=0, second=0)
            case "1h":
                return wall.replace(microsecond=0, second=0, minute=0)
        return wall.replace(microsecond=0, second=0, minute=0, hour=0)

    def same(self, one: Any, other: Any) -> bool:
        """Whether two moments fall into one step. Their walls alone would not do: an hour comes twice a year."""
        if one is None or other is None:
            return one is other
        if type(one) is type(other) is datetime and type(one.tzinfo) is type(other.tzinfo) is timezone:
            apart = one - other
            if not apart:
                return True
            if abs(apart) >= STEPS[self.step]:
                return False
        try:
            walls = self.cut(one).replace(tzinfo=None), self.cut(other).replace(tzinfo=None)
        except Unfit:
            return bool(one == other)
        return walls[0] == walls[1] and abs(one - other) < STEPS[self.step]


@dataclass(frozen=True, slots=True)
class Iso:
    """ISO 8601. Written with the offset of the declared zone, of UTC without one."""

    clock: Clock
    example: ClassVar[Example] = Example(
        "ISO 8601 with an offset, which is kept. Written in `zone` (UTC where none is named), to `step` (1s).",
        {"from": "created_at", "time": {"format": "iso", "zone": "Europe/London", "step": "1ms"}, "read_only": True},
        "2026-07-01T09:30:00.250+01:00",
        datetime(2026, 7, 1, 9, 30, 0, 250_000, timezone(timedelta(hours=1))),
    )

    def forward(self, word: Any) -> datetime:
        if not isinstance(word, str):
            raise Unfit("M202", f"a time is expected, not {kind(word)}.", word)
        try:
            moment = datetime.fromisoformat(word) if word[4::3] in _USUAL or _ISO.fullmatch(word) else None
        except ValueError:
            moment = None
        if moment is None:
            raise Unfit("M205", f"{shown(word)} is no time in ISO 8601.", word)
        return self.clock.placed(moment, word)

    def inverse(self, value: Any) -> str:
        return self.clock.cut(value).isoformat(timespec=_TIMESPEC.get(self.clock.step, "seconds"))

    def same(self, one: Any, other: Any) -> bool:
        return self.clock.same(one, other)


@dataclass(frozen=True, slots=True)
class Patterned:
    """A pattern of their own, such as 31/12/2026 23:59:59.

    days, read, proved: what is remembered of its days, and what reads and writes quickly by that, where it can.
    """

    clock: Clock
    pattern: Pattern
    days: Days | None = field(init=False, repr=False, compare=False)
    read: Callable[[str], datetime] = field(init=False, repr=False, compare=False)
    proved: Callable[[Any], str] | None = field(init=False, repr=False, compare=False)
    example: ClassVar[Example] = Example(
        "A pattern of their own, in their zone. `fold` says which is meant of the hour that comes twice in autumn.",
        {
            "from": "fechaEstado",
            "time": {"format": "%d/%m/%Y %H:%M:%S", "zone": "America/Bogota", "fold": "earlier", "step": "1s"},
        },
        "21/11/2026 08:15:00",
        datetime(2026, 11, 21, 8, 15, tzinfo=timezone(timedelta(hours=-5))),
    )

    def __post_init__(self) -> None:
        days = days_of(self.pattern, self.clock.zone)
        object.__setattr__(self, "days", days)
        object.__setattr__(self, "read", days.reading(self._long_way) if days else self._long_way)
        object.__setattr__(self, "proved", days.proved if days and days.step == self.clock.step else None)

    def forward(self, word: Any) -> datetime:
        return self.read(word)

    def _long_way(self, word: Any) -> datetime:
        if not isinstance(word, str):
            raise Unfit("M202", f"a time is expected, not {kind(word)}.", word)
        try:
            moment = self.pattern.read(word)
        except ValueError:
            moment = None
        if moment is None:
            raise Unfit("M205", f"{shown(word)} is no time of the form {self.pattern.text}.", word)
        return self.clock.placed(moment, word)

    def inverse(self, value: Any) -> str:
        return self.pattern.write(self.clock.cut(value))

    def same(self, one: Any, other: Any) -> bool:
        return self.clock.same(one, other)


@dataclass(frozen=True, slots=True)
class Epoch:
    """Whole seconds or milliseconds since 1970 in UTC."""

    clock: Clock
    unit: Literal["s", "ms"]
    example: ClassVar[Example] = Example(
        "Whole seconds since 1970 (`epoch`) or milliseconds (`epoch_ms`), as a number.",
        {"from": "opened", "time": "epoch"},
        1795219200,
        datetime(2026, 11, 21, tzinfo=UTC),
    )

    def forward(self, word: Any) -> datetime:
        try:
            count = int(_WHOLE.forward(word))
        except Unfit:
            named = "seconds" if self.unit == "s" else "milliseconds"
            raise Unfit("M205", f"whole {named} since 1970 are expected, not {shown(word)}.", word) from None
        try:
            return _EPOCH + count * STEPS["1" + self.unit]
        except OverflowError:
            raise Unfit("M209", f"{shown(word)} is outside the years 1 to 9999 in UTC.", word) from None

    def inverse(self, value: Any) -> int:
        return (self.clock.cut(value) - _EPOCH) // STEPS["1" + self.unit]

    def same(self, one: Any, other: Any) -> bool:
        return self.clock.same(one, other)


def patterned(clock: Clock, pattern: str) -> Patterned:
    """The op of a pattern that was checked before."""
    return Patterned(clock, compiled(pattern, _FRACTION.get(clock.step, 6)))
