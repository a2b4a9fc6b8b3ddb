"""docs/benchmarks.md: a section for each benchmark, written by a run of it when asked to, and committed by hand.

Its figures are of one run on one machine, so nothing regenerates them in `make test`. Any: `put(Section(...))`.
"""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table

PAGE = Path(__file__).resolve().parents[2] / "docs" / "benchmarks.md"
HEAD = """# Benchmarks

Each section is what one run of its command printed, and says when and on what. Run the command to have your own
figures. `load` is how many processes wanted the cores at the end: above two, compare the ratios, which are taken
between turns that follow each other, not the rates.
"""


@dataclass(frozen=True, slots=True)
class Section:
    """title: also what an earlier run's section is found by. command: how to repeat it. lines: Markdown."""

    title: str
    command: str
    lines: Sequence[str]

    def text(self) -> str:
        """The section with the command, the machine, how many processes wanted its cores, and the day."""
        python, load = platform.python_version(), os.getloadavg()[0]
        ran = f"`{self.command}`, {machine()}, load {load:.1f}, Python {python}, {datetime.now(UTC):%Y-%m-%d}."
        return "\n".join([f"## {self.title}", "", ran, "", *self.lines, ""])


def machine() -> str:
    """This one, in words."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{os.cpu_count()} cores, {memory:.0f} GiB"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """A Markdown table, numbers to the right."""
    marks = ["---", *("--:" for _ in head[1:])]
    return [f"| {' | '.join(cells)} |" for cells in (head, marks, *rows)]


def show(console: Console, title: str, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """A table for the terminal."""
    shown = Table(*heads, title=title, title_style="bold", header_style="dim")
    for column in shown.columns[1:]:
        column.justify = "right"
    for cells in rows:
        shown.add_row(*cells, style="bold green" if cells[0].startswith("Casebridge") else None)
    console.print(shown)


def verdict(reached: bool) -> str:
    """Of what was wanted."""
    return "reached" if reached else "not reached"


def put(section: Section) -> Path:
    """Write the section in the place of the earlier one, or at the end."""
    whole = PAGE.read_text(encoding="utf-8") if PAGE.exists() else HEAD
    there = re.compile(rf"^## {re.escape(section.title)}\n.*?(?=^## |\Z)", re.MULTILINE | re.DOTALL)
    found = there.search(whole)
    kept = (whole[: found.start()], whole[found.end() :]) if found else (f"{whole.rstrip()}\n\n", "")
    PAGE.write_text(kept[0] + section.text() + (f"\n{kept[1]}" if kept[1] else ""), encoding="utf-8")
    return PAGE
