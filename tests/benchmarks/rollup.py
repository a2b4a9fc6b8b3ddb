"""`make bench-rollup`: a year's figures computed whole, beside DuckDB and polars from the same facts; and one day more.

    python tests/benchmarks/rollup.py [--entries 100000 1000000] [--write]

All sides give the same, which is asserted first. The hub's own two steps are told apart: facts out of entries, which
the others are given as Parquet, and figures out of facts. The day: cases of one more day come, and the figures of the
year, of the month and of the day are brought up to them.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from page import Section, put, show, table, verdict
from rich.console import Console
from rollup_cases import AGREEMENT, DAYS, Year, many, write_parquet
from rollup_duckdb import by_duckdb
from rollup_ours import AS_OF, figures, loaded, same
from rollup_polars import by_polars

from hub.facts import facts_of
from hub.periods import Period

PERIODS = ("all", "2026-11", "2026-11-02")
HEADS = ("entries", "facts of entries", "figures", "DuckDB", "polars", "ours : faster", "whole", "a day", "day : whole")
WANTED, DAY_WANTED, SAMPLE = 2.0, 0.01, 2_000
PEERS = (by_duckdb, by_polars)
MOST = 2_000_000
"""Entries up to which the side that is the slower by far is asked too."""


def main() -> None:
    """Each size in turn."""
    asked = argparse.ArgumentParser()
    asked.add_argument("--entries", type=int, nargs="+", default=[100_000, 1_000_000])
    asked.add_argument("--write", action="store_true")
    given = asked.parse_args()
    rows = [measured(entries) for entries in given.entries]
    show(Console(width=150), "The rollup", HEADS, [cells for cells, _, _ in rows])
    if given.write:
        print(
            put(Section("The rollup", f'make bench-rollup ENTRIES="{" ".join(map(str, given.entries))}"', said(rows)))
        )


def measured(entries: int) -> tuple[list[str], float, float]:
    """A row of the table; our figures to the faster of the others; the day to the whole."""
    cases = many(entries)
    rate = _rate()
    with TemporaryDirectory() as made:
        folder = Path(made)
        write_parquet(cases, folder)
        store = loaded(folder, cases)
        ours, took = timed(lambda: figures(store))
        sides = PEERS if entries <= MOST else PEERS[1:]
        theirs = [timed(lambda side=side: side(folder, AS_OF)) for side in sides]  # type: ignore[misc]
        for found, _ in theirs:
            same(ours, found)
        for name in PERIODS:
            store.rollup(Period.parse(name))
        year = Year(cases, max(1, cases // DAYS))
        made_of, brought = timed(lambda: store.bring_up(year, AGREEMENT))
        assert not made_of.whole
        _, told = timed(lambda: [store.rollup(Period.parse(name)) for name in PERIODS])
        store.close()
    faster = min(seconds for _, seconds in theirs)
    whole, day = entries * rate + took, brought + told
    times = [f"{seconds:.2f}" for _, seconds in theirs]
    others = times if len(times) == len(PEERS) else ["–", *times]
    shown = [f"{entries:,}", f"{entries * rate:.1f}", f"{took:.2f}", *others, f"{took / faster:.2f}", f"{whole:.1f}",
             f"{day:.2f}", f"{100 * day / whole:.2f} %"]  # fmt: skip
    return shown, took / faster, day / whole


def _rate() -> float:
    """Seconds that the facts of one entry take, of some cases."""
    stories = list(Year(SAMPLE).stories(None, Year(SAMPLE).head()))
    _, took = timed(lambda: [list(facts_of(story, AGREEMENT)) for story in stories])
    return took / sum(map(len, stories))


def timed(work: Callable[[], Any]) -> tuple[Any, float]:
    """What it gives, and the seconds that it took."""
    began = time.perf_counter()
    found = work()
    return found, time.perf_counter() - began


def said(rows: list[tuple[list[str], float, float]]) -> list[str]:
    """The section's lines."""
    worst, days = max(ratio for _, ratio, _ in rows), [day for _, _, day in rows]
    return [
        "Seconds. *Facts of entries*: the hub's own step from entries to facts, in Python, by the rate of "
        f"{SAMPLE:,} cases; the others are given its facts as Parquet. *Figures*: every indicator in every scope out "
        "of the store, whose tables stand beside the ledger; *DuckDB* (2 threads; a statement for each group of "
        "indicators and scope) and *polars* (group-bys) the same from Parquet. *Whole*: both steps. *A day*: the cases "
        "of one more day, a 365th of them all, from their entries into the figures of everything, the month and the "
        "day.",
        "",
        *table(HEADS, [cells for cells, _, _ in rows]),
        "",
        f"- figures out of facts within 2 times the faster: {worst:.2f} ({verdict(worst <= WANTED)}).",
        f"- the day under 1 % of the whole, at the most entries: {100 * days[-1]:.2f} % "
        f"({verdict(days[-1] < DAY_WANTED)}).",
        "- facts out of entries are not compared: no other side does that step. It is most of a full recomputation.",
    ]


if __name__ == "__main__":
    main()
