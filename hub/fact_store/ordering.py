"""Quantiles, exact, without sorting everything.

How many values lie in which bucket adds up over cases, as all else does; which bucket holds a quantile follows from
that, and only that bucket's values are looked at.

A length's bucket is its magnitude to one part in 128; a stock's value is when its case was opened, so that it stays
what it is while the case grows older, and its bucket the hour. Builds statements and runs none. Next: `counting.py`;
`tables.py`, which puts each fact in its bucket.
"""

from __future__ import annotations

from collections.abc import Iterable

from hub.fact_store.groups import GROUPS
from hub.measures import QUANTILES
from hub.scopes import LABELS

FINE = 7
"""Bits of a length that tell its bucket, below the first."""
HOUR = 3_600_000_000
FRACTIONS = tuple(QUANTILES.values())
_STOCK = """
    SELECT k.no, case_no, last.company AS company, '' AS giver, last.value AS value, last.bucket AS bucket
    FROM (SELECT case_no, stock, arg_max(struct_pack(what := what, company := company, value := micros - moment,
                 bucket := bucket), place) AS last
          FROM standings{suffix} WHERE moment < $until AND {among} GROUP BY case_no, stock)
    JOIN (VALUES {values}) k(no, what) ON last.what = k.what"""
_FLOW = """
    SELECT k.no, case_no, company, giver, micros AS value, bucket
    FROM facts{suffix} f JOIN (VALUES {values}) k(no, what) ON f.what = k.what
    WHERE moment >= $since AND moment < $until AND {among}"""
WANTED = f"""
    CREATE OR REPLACE TEMP TABLE wanted AS
    WITH sums AS (SELECT no, kind, a, b, bucket, n, sum(n) OVER scope AS upto, sum(n) OVER whole AS total
                  FROM buckets WHERE period = $period
                  WINDOW scope AS (PARTITION BY no, kind, a, b ORDER BY bucket),
                         whole AS (PARTITION BY no, kind, a, b)),
    places AS (SELECT *, f.q, least(f.parts_of * (total - 1) // f.parts + f.next, total - 1) AS place
               FROM sums, (VALUES {
    ", ".join(f"({2 * q + n}, {of}, {parts}, {n})" for q, (of, parts) in enumerate(FRACTIONS) for n in (0, 1))
}) f(q, parts_of, parts, next))
    SELECT no, kind, a, b, bucket, q, total::BIGINT AS total, (place - (upto - n))::BIGINT AS place FROM places
    WHERE place >= upto - n AND place < upto"""
"""Of each quantile's two neighbours (q: twice the quantile's number, and one more for the second) the bucket, and how
many of its values lie before."""


def bucket_of(micros: int) -> int:
    """Of a length: grows with it, and tells it to one part in 128."""
    if micros <= 0:
        return 0
    bits = micros.bit_length()
    return (bits << FINE) + ((micros << FINE >> (bits - 1)) - (1 << FINE))


def bucketed(suffix: str = "") -> str:
    """How many values of the period lie in each bucket: (no, kind, a, b, bucket, n). suffix: of the tables."""
    return f"""
    WITH g AS MATERIALIZED ({_valued(suffix, "bucket IS NOT NULL")})
    SELECT no, kind, a, b, bucket, count(*) AS n FROM ({_expanded(f"cases{suffix}")}) GROUP BY ALL"""


def looked_up() -> str:
    """The neighbours that are wanted: (no, kind, a, b, q, total, value)."""
    return f"""
    WITH few AS MATERIALIZED (SELECT DISTINCT no, bucket FROM wanted),
    g AS MATERIALIZED (SELECT * FROM ({_valued("", "bucket IN (SELECT bucket FROM few)")})
                       SEMI JOIN few USING (no, bucket)),
    sorted AS (SELECT no, kind, a, b, bucket, list_sort(list(value)) AS l
               FROM ({_expanded("cases")}) SEMI JOIN wanted USING (no, kind, a, b, bucket) GROUP BY ALL)
    SELECT no, kind, a, b, q, total, l[1 + place] FROM wanted JOIN sorted USING (no, kind, a, b, bucket)"""


def _valued(suffix: str, among: str) -> str:
    flows = ", ".join(f"({group.no}, '{group.what}')" for group in GROUPS if group.ordered and not group.stock)
    stocks = ", ".join(f"({group.no}, '{group.what}')" for group in GROUPS if group.ordered and group.stock)
    return (f"{_FLOW.format(suffix=suffix, values=flows, among=among)} UNION ALL "
            f"{_STOCK.format(suffix=suffix, values=stocks, among=among)}")  # fmt: skip


def _expanded(cases: str) -> str:
    return " UNION ALL ".join(_scopes(cases))


def _scopes(cases: str) -> Iterable[str]:
    yield "SELECT no, 'whole' AS kind, '' AS a, '' AS b, bucket, value FROM g"
    yield "SELECT no, 'company', company, 'company', bucket, value FROM g"
    yield "SELECT no, 'edge', giver, company, bucket, value FROM g WHERE giver <> ''"
    for label in LABELS:
        rows = f"g JOIN {cases} USING (case_no) WHERE {label} <> ''"
        yield f"SELECT no, '{label}', {label}, '', bucket, value FROM {rows}"
