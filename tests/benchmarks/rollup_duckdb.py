"""The same figures straight from the facts in Parquet, by DuckDB.

As somebody would write it who needs them once: a statement for each group of indicators and kind of scope, with
distinct counts, over the files.
Next: `rollup_ours.py`, which asserts that all sides give the same before a time is told.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb
from rollup_ours import Given

from hub.fact_store.groups import GROUPS, Group
from hub.measures import QUANTILES
from hub.scopes import LABELS

_AGE = "least(greatest(micros + ($as_of - moment), 0), 9e18)::BIGINT"


def by_duckdb(folder: Path, as_of: int, groups: Sequence[Group] = GROUPS) -> Given:
    """DuckDB, two threads."""
    db = duckdb.connect()
    db.execute("SET threads = 2")
    cells: dict[Any, tuple[int, ...]] = {}
    picks: dict[Any, tuple[int, ...]] = {}
    for group in groups:
        for kind, a, b, rows in _scopes(group, _rows(group, folder)):
            statement = _last(a, b, rows) if group.last else _plain(a, b, rows, ordered=group.ordered)
            given = {"as_of": as_of} if "$as_of" in statement else None
            for x, y, n, cases, timed, micros, last, values in db.execute(statement, given).fetchall():
                if n:
                    cells[group.no, kind, x, y] = (n, cases, timed, micros or 0, last or 0)
                if values:
                    picks[group.no, kind, x, y] = neighbours(values)
    db.close()
    return cells, picks


def _plain(a: str, b: str, rows: str, *, ordered: bool) -> str:
    values = "list_sort(list(micros) FILTER (WHERE micros IS NOT NULL))" if ordered else "NULL"
    return (f"SELECT {a}, {b}, count(*), count(DISTINCT case_no), count(micros), sum(micros)::BIGINT, NULL, {values} "
            f"FROM {rows} GROUP BY ALL")  # fmt: skip


def _last(a: str, b: str, rows: str) -> str:
    each = (f"SELECT {a} AS a, {b} AS b, case_no, count(*) AS n, count(micros) AS timed, sum(micros) AS micros, "
            f"arg_max(micros, place) AS last FROM {rows} GROUP BY ALL")  # fmt: skip
    return ("SELECT a, b, sum(n)::BIGINT, count(*), sum(timed)::BIGINT, sum(micros)::BIGINT, sum(last)::BIGINT, NULL "
            f"FROM ({each}) GROUP BY a, b")  # fmt: skip


def _rows(group: Group, folder: Path) -> str:
    parts = f" AND part IN ({', '.join(map(repr, group.parts))})" if group.parts else ""
    facts, cases = f"'{folder / 'facts.parquet'}'", f"'{folder / 'cases.parquet'}'"
    labels = ", ".join(f"c.{label}" for label in LABELS)
    if group.stock:
        last = (f"(SELECT case_no, arg_max(what, place) AS what, arg_max(moment, place) AS moment, "
                f"arg_max(company, place) AS company, '' AS giver, arg_max(origin, place) AS origin, '' AS part, "
                f"0 AS place, arg_max(coalesce(micros, -1), place) AS micros "
                f"FROM '{folder / 'standings.parquet'}' GROUP BY case_no, stock)")  # fmt: skip
        facts = f"(SELECT * REPLACE (CASE WHEN micros >= 0 THEN {_AGE} END AS micros) FROM {last})"
    return f"(SELECT f.*, {labels} FROM {facts} f JOIN {cases} c USING (case_no) WHERE what = '{group.what}'{parts})"


def _scopes(group: Group, rows: str) -> list[tuple[str, str, str, str]]:
    """(kind, a, b, rows)."""

    def where(condition: str) -> str:
        return f"(FROM {rows} WHERE {condition})"

    found = [("whole", "''", "''", rows)]
    found += [(label, label, "''", where(f"{label} <> ''")) for label in LABELS]
    ends = {"company": "company", "giver": "giver", "origin": "origin", "alone": "company"}
    found += [("company", end, f"'{side}'", where("giver = ''") if side == "alone" else rows)
              for side, end in ends.items() if group.on(side)]  # fmt: skip
    if group.on("either"):
        other = f"SELECT * REPLACE (giver AS company) FROM {rows} WHERE giver <> company"
        found.append(("company", "company", "'either'", f"(FROM {rows} UNION ALL {other})"))
    if group.by_edge:
        found.append(("edge", "giver", "company", where("giver <> ''")))
    if group.by_sort:
        found.append(("sort", "part", "''", where("part <> ''")))
        found.append(("sort", "part", "company", where("part <> '' AND company <> ''")))
    return found


def neighbours(ordered: Any) -> tuple[int, ...]:
    """Of sorted values, the two that each quantile lies between."""
    most = len(ordered) - 1
    places = [of * most // parts for of, parts in QUANTILES.values()]
    return tuple(int(ordered[at]) for place in places for at in (place, min(place + 1, most)))
