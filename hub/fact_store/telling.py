"""What the store tells of a period: its cells as tallies, its quantiles, its series, and the rollup that they make.

Next: `counting.py` for the statements; `hub/rollup.py`, which makes rows of tallies.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import duckdb

from hub.fact_store.counting import MINUTE
from hub.fact_store.groups import GROUPS, scope_of
from hub.fact_store.ordering import FRACTIONS, WANTED, looked_up
from hub.fact_store.tables import instant, micros_at
from hub.happened import HUB
from hub.measures import QUANTILES, Tally
from hub.periods import Buckets, Period, Step
from hub.rollup import SERIES, Point, Rollup, rows_of
from hub.tallying import Tallies

FOREVER = 2**62
SHIFT = (
    """CREATE OR REPLACE TEMP TABLE shifted AS
    SELECT no, kind, a, b, sum(n)::BIGINT AS n, sum(cases)::BIGINT, sum(timed)::BIGINT, sum(micros)::HUGEINT,
           sum(last_cases)::BIGINT, sum(last_micros)::HUGEINT
    FROM (SELECT * EXCLUDE period FROM cells WHERE period = {period} UNION ALL FROM now UNION ALL
          SELECT no, kind, a, b, -n, -cases, -timed, -micros, -last_cases, -last_micros FROM was)
    GROUP BY no, kind, a, b HAVING sum(n) <> 0""",
    "DELETE FROM cells WHERE period = {period}",
    "INSERT INTO cells SELECT {period}, * FROM shifted",
    """CREATE OR REPLACE TEMP TABLE shifted AS SELECT no, kind, a, b, bucket, sum(n)::BIGINT AS n
    FROM (SELECT * EXCLUDE period FROM buckets WHERE period = {period} UNION ALL FROM lie UNION ALL
          SELECT no, kind, a, b, bucket, -n FROM lay)
    GROUP BY ALL HAVING sum(n) <> 0""",
    "DELETE FROM buckets WHERE period = {period}",
    "INSERT INTO buckets SELECT {period}, * FROM shifted",
    """CREATE OR REPLACE TEMP TABLE shifted AS SELECT what, minute, sum(n)::BIGINT AS n
    FROM (SELECT * EXCLUDE period FROM firsts WHERE period = {period} UNION ALL FROM begin_now UNION ALL
          SELECT what, minute, -n FROM began)
    GROUP BY ALL HAVING sum(n) <> 0""",
    "DELETE FROM firsts WHERE period = {period}",
    "INSERT INTO firsts SELECT {period}, * FROM shifted",
)
"""Statements that take away what touched cases had counted in a period, and add what they count."""


@dataclass(frozen=True, slots=True)
class Told:
    """A period that was asked for. no: the store's number of it. as_of: until when anything was known when it was told,
    in microseconds."""

    no: int
    period: Period
    as_of: int


def said(db: duckdb.DuckDBPyConnection, name: str) -> str | None:
    """What the store says of itself: head, as_of, stamp."""
    found = db.execute("SELECT said FROM stamp WHERE name = $1", [name]).fetchone()
    return None if found is None else str(found[0])


def periods(db: duckdb.DuckDBPyConnection) -> list[Told]:
    """Every period that was asked for."""
    rows = db.execute("SELECT period, name, zone, as_of FROM periods ORDER BY period").fetchall()
    return [Told(no, Period.parse(name, zone), as_of) for no, name, zone, as_of in rows]


def period(db: duckdb.DuckDBPyConnection, asked: Period) -> Told | None:
    """This one, where it was asked for."""
    key = (asked.name, asked.zone)
    return next((told for told in periods(db) if (told.period.name, told.period.zone) == key), None)


def remember(db: duckdb.DuckDBPyConnection, asked: Period) -> Told:
    """Ask for it from now on."""
    no = db.execute("SELECT coalesce(max(period), 0) + 1 FROM periods").fetchall()[0][0]
    db.execute("INSERT INTO periods VALUES ($1, $2, $3, 0, 0)", [no, asked.name, asked.zone])
    return Told(no, asked, 0)


def bounds(asked: Period, as_of: int | None = None) -> dict[str, int]:
    """The parameters of a statement about a period; as_of: of one that looks at ages."""
    until = FOREVER if asked.end is None else micros_at(asked.end)
    since = -FOREVER if asked.start is None else micros_at(asked.start)
    given = {"since": since, "until": until}
    return given if as_of is None else {**given, "as_of": min(until, as_of)}


def tallies(db: duckdb.DuckDBPyConnection, told: Told, as_of: int) -> Tallies:
    """Of each indicator in each scope, what was counted."""
    found: Tallies = {}
    cells = db.execute(
        "SELECT no, kind, a, b, n, cases, timed, micros, last_cases, last_micros FROM cells WHERE period = $1",
        [told.no],
    ).fetchall()
    for no, kind, a, b, *counts in cells:
        n, cases, timed, micros, last_cases, last_micros = (each or 0 for each in counts)
        for of in GROUPS[no].indicators:
            if scope := scope_of(of, kind, a, b):
                found[of.id, scope] = Tally(n, cases, timed, micros, last_cases, last_micros)
    for (no, kind, a, b), (n, picks) in neighbours(db, told, as_of).items():
        for of in GROUPS[no].indicators:
            if of.take in QUANTILES and (scope := scope_of(of, kind, a, b)):
                place = 2 * FRACTIONS.index(QUANTILES[of.take])
                found[of.id, scope] = replace(found[of.id, scope], timed=n, low=picks[place], high=picks[place + 1])
    return found


def neighbours(
    db: duckdb.DuckDBPyConnection, told: Told, as_of: int
) -> dict[tuple[int, str, str, str], tuple[int, dict[int, int]]]:
    """Of each group and scope, how many values there are, and the two neighbours of each quantile."""
    given = bounds(told.period, as_of)
    db.execute(WANTED, {"period": told.no})
    found: dict[tuple[int, str, str, str], tuple[int, dict[int, int]]] = {}
    for no, kind, a, b, q, total, value in db.execute(looked_up(), bounds(told.period)).fetchall():
        length = max(value + given["as_of"], 0) if GROUPS[no].stock else value
        found.setdefault((no, kind, a, b), (total, {}))[1][q] = length
    return found


def rollup(
    db: duckdb.DuckDBPyConnection,
    told: Told,
    companies: Sequence[str],
    sampled: Mapping[str, float],
    agreement_version: str,
    code_version: str,
) -> Rollup:
    """The rollup of a period whose cells are right."""
    as_of = int(said(db, "as_of") or 0)
    given = bounds(told.period, as_of)
    met = db.execute("SELECT name FROM names GROUP BY name HAVING sum(n) > 0 ORDER BY name").fetchall()
    named = (*companies, *(name for (name,) in met if name not in {"", HUB, *companies}))
    cases = db.execute(
        "SELECT count(*), count(*) FILTER (WHERE history) FROM cases WHERE case_id <> '' AND begun < $until",
        {"until": given["until"]},
    ).fetchall()[0]
    step, series = _series(db, told)
    mappings = db.execute("SELECT partner, digest FROM mappings ORDER BY seq DESC, partner, digest").fetchall()
    return Rollup(
        period=told.period,
        head=int(said(db, "head") or 0),
        agreement_version=agreement_version,
        code_version=code_version,
        mapping_hashes=tuple(mappings),
        companies=named,
        cases=cases[0],
        history=cases[1],
        rows=rows_of(tallies(db, told, as_of), named, sampled),
        step=step,
        series=series,
        sampled=tuple(sorted((name, seconds) for name, seconds in sampled.items() if name in named)),
    )


def _series(db: duckdb.DuckDBPyConnection, told: Told) -> tuple[Step, tuple[Point, ...]]:
    """Cases opened and resolved by step; a case counts where it first did."""
    first, last = db.execute("SELECT min(minute), max(minute) FROM firsts WHERE period = $1", [told.no]).fetchall()[0]
    if first is None:
        return "day", ()
    buckets = Buckets.over(instant(first * MINUTE), instant(last * MINUTE), told.period.tz)
    starts = [micros_at(start) // MINUTE for start in buckets.starts]
    rows = db.execute(
        "SELECT place, what, sum(n)::BIGINT FROM firsts JOIN (SELECT unnest($1::BIGINT[]) AS start, "
        "unnest($2::BIGINT[]) AS until, unnest($3::BIGINT[]) AS place) ON minute >= start AND minute < until "
        "WHERE period = $4 GROUP BY ALL",
        [starts, [*starts[1:], FOREVER], list(range(len(starts))), told.no],
    ).fetchall()
    counts = {(place, what): many for place, what, many in rows}
    return buckets.step, tuple(
        Point(start, of, counts.get((place, of), 0)) for place, start in enumerate(buckets.starts) for of in SERIES
    )


def keep(db: duckdb.DuckDBPyConnection, told: Told, made: Rollup) -> None:
    """Remember what was told of a period, so that it can be said when it changes."""
    as_of = said(db, "as_of") or "0"
    db.execute("UPDATE periods SET head = $1, as_of = $2 WHERE period = $3", [made.head, int(as_of), told.no])
    db.execute("DELETE FROM told WHERE period = $1", [told.no])
    columns: list[list[Any]] = [[], [], [], [], []]
    for row in made.rows:
        told_of = (row.scope.kind, row.scope.company, row.scope.to, row.indicator, repr(row.value))
        for column, value in zip(columns, told_of, strict=True):
            column.append(value)
    db.execute("INSERT INTO told SELECT $6, unnest($1::VARCHAR[]), unnest($2::VARCHAR[]), unnest($3::VARCHAR[]), "
               "unnest($4::VARCHAR[]), unnest($5::VARCHAR[])", [*columns, told.no])  # fmt: skip


def over(told: Told) -> bool:
    """Whether the period had ended when it was told."""
    return told.period.end is not None and told.as_of >= micros_at(told.period.end)
