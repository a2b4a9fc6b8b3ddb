"""The hub's side of the rollup's benchmark: a store with these facts, its figures, and that others count the same.

Figures are {(group's number, kind, a, b): (n, cases, timed, sum, sum of each case's last)}, and for groups whose order
matters {the same key: neighbours of each quantile}. Next: `rollup.py`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rollup_cases import AGREEMENT, Year

from hub.fact_store import FactStore, telling
from hub.fact_store.counting import additive
from hub.fact_store.ordering import bucketed
from hub.fact_store.tables import KEPT, create
from hub.periods import Period

AS_OF = 1_793_750_400_000_000  # 4 November 2026, after all of them
Given = tuple[dict[Any, tuple[int, ...]], dict[Any, tuple[int, ...]]]


def loaded(folder: Path, cases: int) -> FactStore:
    """A store that has these facts, as if it had read their entries."""
    store = FactStore(folder / "facts.duckdb", threads=2)
    store.bring_up(Year(0), AGREEMENT)
    for name, columns in KEPT.items():
        store.execute(create(name, columns))
        store.execute(f"INSERT INTO {name} SELECT * FROM '{folder / name}.parquet' ORDER BY case_no")
    store.execute("DELETE FROM stamp WHERE name = 'newest'")
    store.execute(
        "INSERT OR REPLACE INTO stamp VALUES ('head', $1), ('as_of', $2)", [str(Year(cases).head()), str(AS_OF)]
    )
    return store


def figures(store: FactStore) -> Given:
    """All tallies of all facts, out of the store."""
    given = {"since": -(2**62), "until": 2**62}
    counted = store.execute(additive(), given).fetchall()
    cells = {row[:4]: (row[4], row[5], row[6], row[7] or 0, row[9] or 0) for row in counted}
    told = telling.remember(store.connection, Period.parse("all"))
    store.execute(f"INSERT INTO buckets SELECT {told.no}, * FROM ({bucketed()})", given)
    found = telling.neighbours(store.connection, told, AS_OF)
    store.execute("DELETE FROM buckets")
    store.execute("DELETE FROM periods")
    return cells, {key: tuple(picks[q] for q in sorted(picks)) for key, (_, picks) in found.items()}


def same(ours: Given, theirs: Given) -> None:
    """All sides count the same. Sums of ages, and lasts that nobody looks at, are not compared."""
    assert ours[0].keys() == theirs[0].keys(), sorted(ours[0].keys() ^ theirs[0].keys())[:5]
    for key, cell in ours[0].items():
        assert cell[:2] == theirs[0][key][:2], (key, cell, theirs[0][key])
        lasting = theirs[0][key][4]
        assert not lasting or cell[4] == lasting, key
    for key, found in theirs[1].items():
        if key in ours[1]:
            assert ours[1][key] == found, (key, ours[1][key], found)
