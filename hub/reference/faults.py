"""The page of the fault catalogue: what can go wrong, how it is brought about, what must hold, what test covers it.

Made from tests/faults.yaml, which is no part of the wheel: without it there is no such page. Next: `pages.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from hub.declarations import read
from hub.reference.markdown import code, page, table

CATALOGUE = Path(__file__).resolve().parents[2] / "tests" / "faults.yaml"
HEADS = ("row", "fault", "how it is brought about", "law", "figure to reach", "reached", "covered by")

Row = Mapping[str, Any]


def faults() -> str:
    """The whole page."""
    rows: list[Row] = read(CATALOGUE).content["faults"]
    covered = sum(1 for row in rows if row["test"])
    return page(
        "Fault catalogue",
        f"{covered} of {len(rows)} rows are covered by a test. A row that is not says so: nothing here is promised "
        "that no test brings about.",
        "From `tests/faults.yaml`. A test reads it too: every test that is named exists. L1 to L10 are the laws of the "
        "exchange. Where a long run was made, `reached` says what it came to, and the command that repeats it; else "
        "the tests that are named assert the figure.",
        *_parts(rows),
    )


def _parts(rows: Sequence[Row]) -> Iterator[str]:
    """A heading and a table for each part of the project, in the order in which the catalogue first names it."""
    for work in dict.fromkeys(row["work"] for row in rows):
        mine = [row for row in rows if row["work"] == work]
        yield f"## {work}\n\n{sum(1 for row in mine if row['test'])} of {len(mine)} covered."
        yield table(HEADS, (_cells(row) for row in mine))


def _cells(row: Row) -> tuple[str, ...]:
    plain = (str(row.get(key) or "") for key in ("row", "fault", "injection", "law", "figure"))
    reached = row.get("reached") or ("asserted" if row["test"] else "")
    return (*plain, reached, ", ".join(code(name) for name in row["test"] or ()) or "not yet")
