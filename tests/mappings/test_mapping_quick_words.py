"""Times and footers are read quickly where they are the usual ones: never to another result than the long way's."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mappings import text
from mappings.errors import Unfit
from mappings.ops_time import Clock, Fold, Iso, Patterned, patterned
from mappings.ops_time_days import DAYS, Remembered
from mappings.ops_time_format import compiled

PATTERNS = ("%d/%m/%Y %H:%M:%S", "%Y-%m-%d %H:%M", "%d.%m.%Y, %H:%M", "%Y%m%d%H:%M:%S", "%S %d/%m/%Y %H:%M", "%Y-%m-%d")
ZONES = ("Europe/Madrid", "America/Bogota", "Australia/Lord_Howe", "Pacific/Apia", "America/Sao_Paulo", "UTC")
FOOTER = re.compile(r"(?:\r\n\r\n|\n\n)— [^\r\n]* \[([A-Za-z0-9._:/#-]{1,200})\][ \t\r\n]*\Z")
ISO = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]{1,9})?)?"
    r"(?:[Zz]|[+-][0-9]{2}(?::?[0-9]{2}){0,2})?"
)
WALLS = st.datetimes(datetime(1, 1, 1), datetime(9999, 12, 31, 23, 59, 59))  # noqa: DTZ001 - a wall has no zone
YEARS = st.datetimes(datetime(2005, 1, 1), datetime(2030, 1, 1))  # noqa: DTZ001
PIECES = st.sampled_from(["0", "9", "24", "60", ":", "/", "-", " ", "+01", "Z", "T", ".5", "٣", "\ud800", "W01"])


def op(pattern: str, zone: str, fold: Fold = "earlier") -> Patterned:
    return patterned(Clock(ZoneInfo(zone), fold, "1s" if "%S" in pattern else "1min"), pattern)


def outcome(act: Any, given: Any) -> Any:
    try:
        moment = act(given)
    except Unfit as unfit:
        return unfit.code, unfit.message
    return moment if isinstance(moment, str) else (moment, moment.utcoffset(), moment.fold, type(moment.tzinfo))


@settings(max_examples=250, deadline=None)
@given(
    pattern=st.sampled_from(PATTERNS), zone=st.sampled_from(ZONES), wall=WALLS | YEARS,
    fold=st.sampled_from(["earlier", "later", "refuse"]), cut=st.integers(0, 20), piece=st.just("") | PIECES,
)  # fmt: skip
@example(PATTERNS[0], "Europe/Madrid", datetime(2026, 3, 29, 2, 30), "earlier", 0, "")  # noqa: DTZ001
@example(PATTERNS[0], "Europe/Madrid", datetime(2026, 10, 25, 2, 30), "refuse", 0, "")  # noqa: DTZ001
@example(PATTERNS[1], "Pacific/Apia", datetime(2011, 12, 30, 9, 0), "earlier", 0, "")  # noqa: DTZ001
def test_a_word_is_read_as_on_the_long_way(
    pattern: str, zone: str, wall: datetime, fold: Fold, cut: int, piece: str
) -> None:
    made = op(pattern, zone, fold)
    word = compiled(pattern, 6).write(wall)
    word = word[:cut] + piece + word[cut + len(piece) :] if piece else word
    assert outcome(made.forward, word) == outcome(made._long_way, word)


@settings(max_examples=250, deadline=None)
@given(pattern=st.sampled_from(PATTERNS[:4]), zone=st.sampled_from(ZONES), wall=YEARS, minutes=st.integers(-840, 840))
def test_a_word_that_is_proved_is_the_one_that_is_written_and_reads_back(
    pattern: str, zone: str, wall: datetime, minutes: int
) -> None:
    made, moment = op(pattern, zone), wall.replace(tzinfo=UTC).astimezone(timezone(timedelta(minutes=minutes)))
    assert made.proved is not None
    try:
        word = made.proved(moment)
    except LookupError:
        return
    assert word == made.inverse(moment)
    assert made.same(made.forward(word), moment)


def test_days_on_which_clocks_change_are_not_taken_for_plain_ones() -> None:
    madrid = op(PATTERNS[0], "Europe/Madrid")
    assert madrid.proved is not None
    for day in ("29/03/2026", "25/10/2026"):
        with pytest.raises(LookupError):
            madrid.proved(datetime.strptime(day, "%d/%m/%Y").replace(hour=12, tzinfo=UTC))
    assert madrid.forward("29/03/2026 01:59:59").utcoffset() == timedelta(hours=1)
    assert madrid.forward("29/03/2026 03:00:00").utcoffset() == timedelta(hours=2)


@settings(max_examples=200)
@given(moment=WALLS, pattern=st.sampled_from(["%Y-%m-%d", "%d/%m/%Y %H:%M:%S.%f", "100%% %Y%m%d {0} %H", "%d%m%Y%H%M"]))
def test_a_pattern_writes_what_strftime_would(moment: datetime, pattern: str) -> None:
    year = f"{moment.year:04d}"  # strftime writes the year 987 with three digits
    assert compiled(pattern, 6).write(moment) == moment.strftime(pattern.replace("%Y", year))


def test_an_offset_is_written_in_whole_minutes() -> None:
    moment = datetime.fromisoformat("2026-07-01T09:30:15.250000-05:30")
    assert compiled("%z %Y%m%d %H%M%S,%f", 3).write(moment) == "-0530 20260701 093015,250"


@settings(max_examples=500)
@given(word=st.lists(PIECES, max_size=4).map("".join), start=st.sampled_from(["2026-07-01T09:30:00", "2026-07-01T09:"]))
@example("Z00", "2026-07-01T09:30:00")
@example("+01:", "2026-07-01T09:30:00")
@example("+01:00", "2026-07-01T09:30:00")
def test_iso_takes_only_what_it_says(word: str, start: str) -> None:
    read = outcome(Iso(Clock(None, "earlier", "1s")).forward, start + word)
    if not ISO.fullmatch(start + word):
        assert read[0] == "M205"


@settings(max_examples=500)
@given(
    pieces=st.lists(
        st.sampled_from(
            ["\n\n— ", "\r\n\r\n— ", "\r\n\n— ", "\n", "\r", " [", "]", " [a/1]", "a", "Ж", " ", "x" * 201]
        ),
        max_size=7,
    )
)
@example(["text", "\n\n— ", "Ana", "\n\n— ", "Tom, Acme", " [a/1]", "\n"])
@example(["text", "\r\n\r\n— ", "Tom, Acme", " [a/1]"])
def test_a_footer_is_the_one_that_the_whole_rule_finds(pieces: list[str]) -> None:
    whole = "".join(pieces)
    found = FOOTER.search(whole)
    assert text.unfooted(whole) == ((whole, None) if found is None else (whole[: found.start()], found[1]))


def test_what_is_remembered_is_bounded() -> None:
    asked: list[int] = []
    squares = Remembered(lambda key: asked.append(key) or key * key)
    assert [squares[3], squares[3]] == [9, 9]
    assert asked == [3]
    for number in range(3 * DAYS):
        assert squares[number] == number * number
        assert len(squares) <= DAYS
