"""Facts counted up by DuckDB: the SQL that comes to the same tallies as the plain loops of `hub/tallying.py`.

All of a tally but its quantiles (`ordering.py`) adds up over cases: what cases that changed had counted is taken away,
what they count now is added, and the rest is never looked at. Sums are of whole microseconds. Builds statements and
runs none. Next: `store.py`, which runs them; `groups.py`.
"""

from __future__ import annotations

from collections.abc import Iterable

from hub.fact_store.groups import GROUPS, Group
from hub.scopes import LABELS

MINUTE = 60_000_000

_STANDING = """
    SELECT last.what AS what, case_no, last.company AS company, '' AS giver, last.origin AS origin, last.part AS part,
           {micros} AS micros, 0 AS place
    FROM (SELECT case_no, stock, arg_max(struct_pack(what := what, moment := moment, company := company,
                 origin := origin, part := part, micros := micros), place) AS last
          FROM {standings} WHERE moment < $until {only} GROUP BY case_no, stock)"""
_FLOWS = """
    SELECT what, case_no, company, giver, origin, part, micros, place
    FROM {facts} WHERE moment >= $since AND moment < $until {only}"""
_SUMS = (
    "sum(n)::BIGINT AS n, count(*) AS cases, sum(timed)::BIGINT AS timed, sum(micros)::HUGEINT AS micros, "
    "count(last) AS last_cases, sum(last)::HUGEINT AS last_micros"
)
_EACH = "count(*) AS n, count(micros) AS timed, sum(micros) AS micros, arg_max(micros, place) AS last"


def additive(suffix: str = "", cases: str = "") -> str:
    """The tallies of the period from $since to $until: (no, kind, a, b, n, cases, timed, micros, last_cases,
    last_micros). suffix: of the tables. cases: a table of the case_no that are looked at; "": all."""
    only = f"AND case_no IN (SELECT case_no FROM {cases})" if cases else ""
    flows = _FLOWS.format(facts=f"facts{suffix}", only=only)
    stocks = _STANDING.format(standings=f"standings{suffix}", only=only, micros="NULL::BIGINT")
    return f"""
    WITH g AS MATERIALIZED ({_grouped(flows, GROUPS, stock=False)} UNION ALL {_grouped(stocks, GROUPS, stock=True)}),
    one AS MATERIALIZED (SELECT no, case_no, {_EACH} FROM g GROUP BY no, case_no)
    {" UNION ALL ".join(_scopes(f"cases{suffix}"))}"""


def firsts(suffix: str = "") -> str:
    """How many cases were opened, or resolved, first in the period in which minute: (what, minute, n)."""
    return f"""
    SELECT what, minute, count(*) AS n
    FROM (SELECT what, min(moment) // {MINUTE} AS minute FROM facts{suffix}
          WHERE what IN ('opened', 'resolved') AND moment >= $since AND moment < $until GROUP BY what, case_no)
    GROUP BY ALL"""


def _grouped(rows: str, groups: Iterable[Group], *, stock: bool) -> str:
    """The rows once for each group that they belong to."""
    listed = [group for group in groups if group.stock == stock]
    if not listed:
        return f"SELECT 0 AS no, * FROM ({rows}) WHERE false"
    values = ", ".join(f"({group.no}, {_text(group.what)}, {_text(part)})" for group in listed
                       for part in group.parts or ("*",))  # fmt: skip
    return f"""
    SELECT k.no, f.case_no, f.company, f.giver, f.origin, f.part, f.micros, f.place
    FROM ({rows}) f JOIN (VALUES {values}) k(no, what, part) ON f.what = k.what AND (k.part = '*' OR k.part = f.part)"""


def _scopes(cases: str) -> Iterable[str]:
    yield f"SELECT no, 'whole' AS kind, '' AS a, '' AS b, {_SUMS} FROM one GROUP BY no"
    for label in LABELS:
        yield (f"SELECT no, '{label}', {label}, '', {_SUMS} FROM one JOIN {cases} USING (case_no) "
               f"WHERE {label} <> '' GROUP BY no, {label}")  # fmt: skip
    for side, rows in _ends():
        yield _by("company", "company", _text(side), rows)
    yield _by("edge", "giver", "company", f"SELECT * FROM g WHERE giver <> '' AND no IN {_numbers('by_edge')}")
    sorts = f"SELECT * FROM g WHERE part <> '' AND no IN {_numbers('by_sort')}"
    yield _by("sort", "part", "''", sorts)
    yield _by("sort", "part", "company", f"{sorts} AND company <> ''")


def _by(kind: str, a: str, b: str, rows: str) -> str:
    return (f"SELECT no, '{kind}', a, b, {_SUMS} FROM (SELECT no, {a} AS a, {b} AS b, case_no, {_EACH} FROM ({rows}) "
            "GROUP BY ALL) GROUP BY no, a, b")  # fmt: skip


def _ends() -> Iterable[tuple[str, str]]:
    """Each end of a fact by which companies have their own, and the rows with that company in `company`."""
    columns = "no, case_no, {} AS company, micros, place"
    for side in ("company", "giver", "origin", "alone", "either"):
        numbers = _those(group.no for group in GROUPS if group.on(side))
        end = {"giver": "giver", "origin": "origin"}.get(side, "company")
        rows = f"SELECT {columns.format(end)} FROM g WHERE no IN {numbers}"
        if side == "alone":
            rows += " AND giver = ''"
        if side == "either":
            rows += f" UNION ALL SELECT {columns.format('giver')} FROM g WHERE no IN {numbers} AND giver <> company"
        yield side, rows


def _numbers(which: str) -> str:
    return _those(group.no for group in GROUPS if getattr(group, which))


def _those(numbers: Iterable[int]) -> str:
    return f"({', '.join(map(str, [-1, *numbers]))})"


def _text(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
