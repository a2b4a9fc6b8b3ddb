"""The same figures straight from the facts in Parquet, by polars.

As somebody would write it who needs them once: a frame for each group of indicators, and group-bys.
Next: `rollup_ours.py`, which asserts that all sides give the same before a time is told.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
from rollup_ours import Given

from hub.fact_store.groups import GROUPS, Group
from hub.measures import QUANTILES
from hub.scopes import LABELS


def by_polars(folder: Path, as_of: int) -> Given:
    """polars, as many threads as it takes."""
    cells: dict[Any, tuple[int, ...]] = {}
    picks: dict[Any, tuple[int, ...]] = {}
    cases = pl.scan_parquet(folder / "cases.parquet").select("case_no", *LABELS)
    facts = pl.scan_parquet(folder / "facts.parquet")
    stands = pl.scan_parquet(folder / "standings.parquet").group_by("case_no", "stock").agg(
        pl.all().exclude("case_no", "stock").sort_by("place").last())  # fmt: skip
    aged = pl.max_horizontal(pl.col("micros") + (as_of - pl.col("moment")), pl.lit(0))
    stocks = stands.with_columns(pl.when(pl.col("micros").is_not_null()).then(aged).alias("micros")).collect().lazy()
    for group in GROUPS:
        rows = (stocks if group.stock else facts).filter(pl.col("what") == group.what)
        rows = rows.filter(pl.col("part").is_in(group.parts)) if group.parts else rows
        needed = ("case_no", "place", "company", "giver", "origin", "part", "micros", *LABELS)
        frame = rows.join(cases, on="case_no").select(needed).collect()
        for kind, keys, chosen in _frames(group, frame):
            _count(group, kind, keys, chosen, cells, picks)
    return cells, picks


def _frames(group: Group, frame: pl.DataFrame) -> list[tuple[str, tuple[str, ...], pl.DataFrame]]:
    said = frame.with_columns(pl.lit("").alias("none"))
    found = [("whole", ("none", "none"), said)]
    found += [(label, (label, "none"), said.filter(pl.col(label) != "")) for label in LABELS]
    for side, end in {"company": "company", "giver": "giver", "origin": "origin", "alone": "company"}.items():
        if group.on(side):
            chosen = said.filter(pl.col("giver") == "") if side == "alone" else said
            found.append(("company", (end, "side"), chosen.with_columns(pl.lit(side).alias("side"))))
    if group.on("either"):
        other = said.filter(pl.col("giver") != pl.col("company")).with_columns(pl.col("giver").alias("company"))
        both = pl.concat([said, other]).with_columns(pl.lit("either").alias("side"))
        found.append(("company", ("company", "side"), both))
    if group.by_edge:
        found.append(("edge", ("giver", "company"), said.filter(pl.col("giver") != "")))
    if group.by_sort:
        sorted_out = said.filter(pl.col("part") != "")
        found += [("sort", ("part", "none"), sorted_out),
                  ("sort", ("part", "company"), sorted_out.filter(pl.col("company") != ""))]  # fmt: skip
    return found


def _count(group: Group, kind: str, keys: tuple[str, ...], frame: pl.DataFrame, cells: Any, picks: Any) -> None:
    values = pl.col("micros").drop_nulls()
    wanted = [pl.len().alias("n"), pl.col("case_no").n_unique().alias("cases"), values.len().alias("timed"),
              pl.col("micros").sum().alias("sum")]  # fmt: skip
    if group.ordered:
        most = values.len() - 1
        for place, (of, parts) in enumerate(QUANTILES.values()):
            at = of * most // parts
            wanted += [values.sort().get(at).alias(f"low{place}"),
                       values.sort().get(pl.min_horizontal(at + 1, most)).alias(f"high{place}")]  # fmt: skip
    lasts: dict[Any, int] = {}
    named = list(dict.fromkeys(keys))
    if group.last:
        ends = frame.filter(pl.col("micros").is_not_null()).group_by(*named, "case_no").agg(
            pl.col("micros").sort_by("place").last())  # fmt: skip
        for row in ends.group_by(named).agg(pl.col("micros").sum()).iter_rows(named=True):
            lasts[row[keys[0]], row[keys[1]]] = row["micros"]
    for row in frame.group_by(named).agg(wanted).iter_rows(named=True):
        key = (row[keys[0]], row[keys[1]])
        cells[group.no, kind, *key] = (row["n"], row["cases"], row["timed"], row["sum"], lasts.get(key, 0))
        if group.ordered and row["timed"]:
            picks[group.no, kind, *key] = tuple(row[f"{end}{place}"] for place in range(len(QUANTILES)) for end in
                                                ("low", "high"))  # fmt: skip
