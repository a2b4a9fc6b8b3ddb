"""`make bench-mapping`: the mapping beside the same by hand and with five libraries, in one process; and its memory.

All sides map the same cases and must give the same before anything is measured. Sides take turns (A B C, A B C, ...),
since a machine is not equally fast all the time; what is told is the median of the turns, and the median of the ratios
between turns that followed each other. Memory is looked at in a process of its own.
"""

from __future__ import annotations

import argparse
import gc
import json
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

import mapping_by_hand as by_hand
from mapping_cases import changed, records
from mapping_libraries import LIBRARIES
from page import Section, put, table
from rich.console import Console
from rich.table import Table

from hub.declarations import read
from mappings import lens as lenses
from mappings.lens import Lens

CASES, ROUNDS, MANY = 10_000, 5, 1_000_000
WANTED = 0.75
OURS, MEMOISED, PLAIN = "Casebridge", "by hand, zones memoised", "by hand, plainly"
LONG = "ours, rule by rule"
Way = Callable[..., Any]


@dataclass(slots=True)
class Side:
    """One who maps. quick: takes a turn before each turn of another. *_s: seconds of each turn. *_of: how many records
    we map while this side maps one, in turns that followed each other."""

    name: str
    to_case: Way
    to_partner: Way | None = None
    quick: bool = False
    case_s: list[float] = field(default_factory=list)
    partner_s: list[float] = field(default_factory=list)
    case_of: list[float] = field(default_factory=list)
    partner_of: list[float] = field(default_factory=list)
    both_of: list[float] = field(default_factory=list)

    def turn(self, bodies: Sequence[Any], values: Sequence[Any]) -> None:
        """All cases once, each way."""
        began = time.perf_counter()
        for body in bodies:
            self.to_case(body)
        read_ = time.perf_counter()
        self.case_s.append(read_ - began)
        if self.to_partner is not None:
            for body, value in zip(bodies, values, strict=True):
                self.to_partner(value, body)
            self.partner_s.append(time.perf_counter() - read_)

    def compare(self, ours: Side) -> None:
        """Keep how the last turn stands to our last."""
        self.case_of.append(self.case_s[-1] / ours.case_s[-1])
        if self.partner_s:
            self.partner_of.append(self.partner_s[-1] / ours.partner_s[-1])
            both = self.case_s[-1] + self.partner_s[-1]
            self.both_of.append(both / (ours.case_s[-1] + ours.partner_s[-1]))


def compiled() -> Lens:
    """Our side."""
    return lenses.compile(read(Path(__file__).with_name("mapping.yaml")).content, partner="benchmark")


def sides(lens: Lens) -> list[Side]:
    """All of them, ours first."""
    libraries = [Side(name, made()) for name, made in LIBRARIES.items()]
    return [
        Side(OURS, lens.to_case, lens.to_partner, quick=True),
        Side(MEMOISED, by_hand.to_case, by_hand.to_partner, quick=True),
        Side(PLAIN, by_hand.plain_to_case, by_hand.plain_to_partner),
        Side(LONG, lens.read_the_long_way, lens.write_the_long_way),
        *libraries,
    ]


def agree(every: Sequence[Side], bodies: Sequence[Any], values: Sequence[Any]) -> None:
    """All give the same, or nothing is measured."""
    ours, *others = every
    for body, value in zip(bodies, values, strict=True):
        (*reading, feedback, attachments) = ours.to_case(body)  # the others know values and notes
        assert (feedback, attachments) == ((), ())
        patch = ours.to_partner(value, body) if ours.to_partner else None
        offsets = [moment.utcoffset() for moment in reading[0].values() if hasattr(moment, "utcoffset")]
        for side in others:
            found = list(side.to_case(body))[:2]
            assert found == reading, f"{side.name} reads {found}, we read {reading}"
            assert offsets == [each.utcoffset() for each in found[0].values() if hasattr(each, "utcoffset")], side.name
            if side.to_partner is not None and patch is not None:
                wrote = side.to_partner(value, body)
                wrote = (wrote.body, wrote.paths) if isinstance(wrote, lenses.Patch) else wrote
                assert wrote == (patch.body, patch.paths), f"{side.name} writes {wrote}, we write {patch}"


def measure(every: Sequence[Side], bodies: Sequence[Any], values: Sequence[Any], rounds: int) -> None:
    """The rounds. The quick sides take a turn before each of the others, for they are what the figures are about; which
    of them is first changes from turn to turn, lest one always run in the other's wake."""
    ours, quick = every[0], [side for side in every if side.quick]
    gc.collect()
    gc.freeze()  # the cases themselves are no garbage of any side
    for slow in [side for side in every if not side.quick] * rounds:
        quick.reverse()
        for side in (*quick, slow):
            side.turn(bodies, values)
        for side in (*quick, slow):
            side.compare(ours)


def rows(every: Sequence[Side], cases: int) -> list[list[str]]:
    """A line for each side: records a second each way, and how ours stands to it."""
    found = []
    for side in every:
        cells = [side.name]
        for seconds, ratios in ((side.case_s, side.case_of), (side.partner_s, side.partner_of)):
            cells.append(f"{cases / median(seconds):,.0f}" if seconds else "to_case only")
            cells.append("" if not seconds or side is every[0] else f"{median(ratios):.2f}")
        found.append(cells)
    return found


def rss() -> float:
    """MB of memory that this process holds now."""
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * 4096 / 1e6


def stream(number: int) -> list[float]:
    """So many records both ways, none kept: MB held after a tenth of them, and at the end."""
    lens, held = compiled(), []
    for at, body in enumerate(records(0, number), 1):
        lens.to_partner(changed(at, lens.to_case(body).values), body)
        if at in {number // 10, number}:
            gc.collect()
            held.append(rss())
    return held


def verdicts(every: Sequence[Side], held: Sequence[float], number: int) -> list[str]:
    """What was wanted, and what came."""
    hand = next(side for side in every if side.name == MEMOISED)
    told = []
    for way, ratios in (("to_case", hand.case_of), ("to_partner", hand.partner_of), ("both ways", hand.both_of)):
        reached = median(ratios)
        told.append(f"{way}: {reached:.2f} of hand-written Python that memoises its zones ({_of(reached >= WANTED)})")
    others = [side for side in every if side.name not in (OURS, MEMOISED, LONG)]
    ahead = all(median(ratios) > 1 for side in others for ratios in (side.case_of, side.partner_of) if ratios)
    told.append(f"ahead of plain hand-written Python and of each library ({_of(ahead)})")
    grown = held[1] - held[0]
    told.append(
        f"{number:,} records both ways in a stream: {held[0]:.1f} MB after a tenth of them, {held[1]:.1f} MB at "
        f"the end ({grown:+.1f} MB)"
    )
    return told


def _of(reached: bool) -> str:
    return "reached" if reached else "not reached"


HEADS = ("Side", "to_case /s", "ours : it", "to_partner /s", "ours : it")
SAYS = (
    "Records a second, medians of turns, one process on one core: 15 fields with three tables, times in two zones, and "
    "two notes; the way back gives the least patch for three fields that changed. All sides give the same, which is "
    "asserted first. Those by hand build bare tuples and look at no text for NUL or half a surrogate pair, as ours "
    "does. The libraries are given the quick times of the second side, and have no way back: no base, no least patch. "
    "*Rule by rule* is ours without what is written out at compile time, which runs when anything unusual turns up."
)


def main() -> int:
    """Measure, print, and write the page if asked to."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--cases", type=int, default=CASES)
    asked.add_argument("--rounds", type=int, default=ROUNDS)
    asked.add_argument("--stream", type=int, default=MANY, help="records for the look at memory")
    asked.add_argument("--memory", action="store_true", help="only that, as JSON")
    asked.add_argument("--write", action="store_true", help="write the section of docs/benchmarks.md")
    options = asked.parse_args()
    if options.memory:
        print(json.dumps(stream(options.stream)))
        return 0
    console, lens = Console(), compiled()
    bodies = list(records(0, options.cases))
    values = [changed(number, lens.to_case(body).values) for number, body in enumerate(bodies)]
    every = sides(lens)
    with console.status("All sides must agree ..."):
        agree(every, bodies, values)
    with console.status(f"{options.rounds} rounds of {options.cases:,} cases ..."):
        measure(every, bodies, values, options.rounds)
    with console.status(f"{options.stream:,} records in a stream ..."):
        again = [sys.executable, __file__, "--memory", "--stream", str(options.stream)]
        held = json.loads(subprocess.run(again, check=True, capture_output=True, text=True).stdout)
    found = rows(every, options.cases)
    shown = Table(*HEADS, title=f"One mapping, {options.cases:,} cases", title_style="bold", header_style="dim")
    for column in shown.columns[1:]:
        column.justify = "right"
    for cells in found:
        shown.add_row(*cells, style="bold green" if cells[0] == OURS else None)
    console.print(shown)
    told = verdicts(every, held, options.stream)
    for line in told:
        console.print(f"  {line}")
    if options.write:
        lines = [SAYS, "", *table(HEADS, found), "", *(f"- {line}." for line in told)]
        console.print(f"Written: {put(Section('The mapping', 'make bench-mapping', lines)).name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
