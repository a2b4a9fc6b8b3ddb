"""The exchange beside bare loops and three libraries: the same cases pulled, mapped and pushed, over loopback.

    make bench-exchange                    # CASES, KILLED, SIDES, WAYS; WRITE=1: into docs/benchmarks.md
    make bench-exchange STORED=1000000     # only a run with 100 changes, with so many cases stored
    make bench-exchange PROFILE=1          # only where our processor's time goes

Each side is a process a run; the server asserts by its store that all is there once and right before any figure is
told, and of ours that the calls were the least that there can be. Next: `exchange_runs.py`, `exchange_stored.py`.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from statistics import median
from typing import Any

from exchange_profile import shares
from exchange_runs import (
    BARE,
    PEERS,
    POSTGRES,
    SIDES,
    SQLITE,
    WAYS,
    Server,
    Side,
    least,
    place,
    postgres_server,
    right,
    server,
)
from exchange_stored import CHANGES, stored
from page import Section, put, show, table, verdict
from rich.console import Console

WANTED = 1.5
MEMORY = 150
SAYS = (
    "Seconds of each run's work, start and imports left out: {cases:,} cases pulled in pages of 100, mapped and "
    "pushed; then (at {late:.0f} ms) a run with no change and one with 1 % changed. *CPU* is what the first of these "
    "took of a core. *Singly* is a POST each over 16 connections, *batches* are of 200. The bare loop keeps no ledger; "
    "it runs again before each of ours, and the ratio is to the median. singer-sdk is a tap and a target with a pipe "
    "between (its CPU and memory are the target's), and hands its sink one record at a time. simple-salesforce is read "
    "for by the bare loop and pushes to Salesforce-shaped addresses, which answer ids only. What arrived is compared "
    "with what should have, record by record, before any figure is told, and our calls with the least there can be: a "
    "call a page, then {cases:,} or {batches}; 1 for a run with no change; for 1 % one page, and a call a case or one "
    "in all. Nothing is read back: the answers carry the records."
)
KILLED = (
    "Killed (SIGKILL) when half of {cases:,} cases had arrived, the last of them unanswered, and run again, at a "
    "target that refuses no second record with the same outside id."
)


def firsts(at: Server, side: Side, way: str, pg: str, cases: int, latency: float) -> list[dict[str, Any]]:
    """The first run, one with no change, one with 1 % changed."""
    with place(side, way, pg) as one:
        at.ask("reset", cases=cases, latency=latency)
        runs = []
        for changed, creates, updates in ((0, cases, 0), (0, 0, 0), (cases // 100, 0, cases // 100)):
            if changed:
                at.ask("change", count=changed)
            told = one.run(at)
            right(told, cases, side.name)
            if side.is_ours:
                pages = -(-cases // 100) if creates else 1
                least(told, way, pages=pages, creates=creates, updates=updates)
            runs.append(told)
        return runs


WIDE = 120
"""Columns of what is printed: its tables have nine."""


def wanted(sides: Sequence[Side], options: argparse.Namespace) -> list[Side]:
    """Those that were asked for."""
    return [side for side in sides if not options.sides or any(name in side.name for name in options.sides)]


def turns(
    at: Server, sides: Sequence[Side], way: str, pg: str, cases: int, latency: float, console: Console
) -> Iterator[tuple[Side, list[dict[str, Any]], float]]:
    """(a side, its three runs, the median of the bare loop's first run by then)."""
    bare: list[float] = []
    for side in sides:
        for one in (BARE, side) if side.is_ours else (side,):
            with console.status(f"{one.name}, {way}, {latency * 1000:.0f} ms ..."):
                runs = firsts(at, one, way, pg, cases, latency)
            if one is BARE:
                bare.append(runs[0]["seconds"])
        yield side, runs, median(bare)


def compared(at: Server, options: argparse.Namespace, pg: str, console: Console) -> list[str]:
    """The sections of both ways, as Markdown lines."""
    lines, ahead, reached, peak = [], True, [], 0.0
    sides = wanted(SIDES, options)
    for way in options.ways:
        heads = headsverdict(options.latency)
        cells: dict[str, list[str]] = {side.name: [side.name] for side in sides}
        for latency in options.latency:
            first: dict[str, float] = {}
            for side, runs, bare in turns(at, sides, way, pg, options.cases, latency, console):
                first[side.name] = seconds = runs[0]["seconds"]
                cells[side.name] += [f"{seconds:,.1f}", f"{seconds / bare:.2f}"]
                if latency == options.latency[-1]:
                    peaks = max(run["peak_mb"] for run in runs)
                    cells[side.name] += [
                        f"{runs[0]['cpu']:.1f}",
                        *(f"{run['seconds']:.2f}" for run in runs[1:]),
                        f"{peaks:.0f}",
                    ]
                    peak = max(peak, peaks) if side.is_ours else peak
                    if side.is_ours:
                        reached.append(f"{side.name} {way}: {seconds / bare:.2f} ({verdict(seconds / bare <= WANTED)})")
            peers = [value for name, value in first.items() if name not in (SQLITE.name, POSTGRES.name, *LOOPS)]
            ours = [first[name] for name in (SQLITE.name, POSTGRES.name) if name in first]
            ahead = ahead and bool(ours) and len(peers) == len(PEERS) and max(ours) < min(peers)
        show(console, f"{options.cases:,} cases, {way}", heads, list(cells.values()))
        lines += [f"**{way.capitalize()}**", "", *table(heads, list(cells.values())), ""]
    told = [
        "calls are the least that there can be (reached)",
        f"first run within {WANTED} of the bare loop at {options.latency[-1] * 1000:.0f} ms: {'; '.join(reached)}",
        f"ahead of all {len(PEERS)} libraries at every latency and way ({verdict(ahead)})",
        f"peak memory under {MEMORY} MB: {peak:.0f} ({verdict(peak < MEMORY)})",
    ]
    told = told if reached else []  # ours was not run
    for line in told:
        console.print(f"  {line}")
    return [*lines, *(f"- {line}." for line in told), ""]


def headsverdict(latencies: Sequence[float]) -> list[str]:
    """The table's head."""
    timed = [head for latency in latencies for head in (f"{latency * 1000:.0f} ms", "to bare")]
    return ["Side", *timed, "CPU", "no change", "1 % changed", "peak MB"]


LOOPS = (BARE.name, "bare loop, pycurl")
KILL_HEADS = (
    "Side",
    "way",
    "arrived before",
    "doubled",
    "sent again",
    "seconds to the end",
    "calls of the second life",
)


def killed(at: Server, options: argparse.Namespace, pg: str, console: Console) -> list[str]:
    """What becomes of a run that is killed at half, as Markdown lines."""
    rows = []
    for way in options.ways:
        for side in wanted(SIDES, options):
            with place(side, way, pg, lease=2.0) as one, console.status(f"{side.name}, {way}, killed ..."):
                at.ask("reset", cases=options.killed, latency=options.latency[-1], unique=False,
                       stop_at=options.killed // 2)  # fmt: skip
                told = one.killed(at, options.killed // 2)
            if side.is_ours:
                right(told, options.killed, side.name)
                assert told["sent_again"] == 0, told
            calls = ", ".join(f"{count} {kind.split()[1]}" for kind, count in sorted(told["calls"].items()))
            rows.append([side.name, way, *(f"{told[name]:,}" for name in ("arrived", "doubled", "sent_again")),
                         f"{told['seconds']:.1f}", calls])  # fmt: skip
    show(console, f"Killed at half of {options.killed:,}", KILL_HEADS, rows)
    waits = (
        "Ours waits for the dead worker's lease (120 s; here 2) and 5 s for what may arrive yet, and looks for each "
        "write that had no answer before it sends anything again."
    )
    return [KILLED.format(cases=options.killed), "", *table(KILL_HEADS, rows), "", waits, ""]


PROFILED = 1000
PROFILE_HEADS = ("Room", "share", "ms a case")


def profiled(at: Server, console: Console) -> list[str]:
    """Where our time goes, as Markdown lines."""
    with console.status("Under the profiler ..."):
        found = shares(at, PROFILED)
    rows = [[room, f"{share:.0%}", f"{spent:.2f}"] for room, share, spent in found]
    show(console, "Where our processor's time goes", PROFILE_HEADS, rows)
    says = (
        f"Where our processor's time goes: {PROFILED:,} cases in batches, SQLite, each function's own time by the room "
        "it is in, under a profiler, which makes all of it longer and small functions most."
    )
    return [says, "", *table(PROFILE_HEADS, rows), ""]


STORED_HEADS = ("Ledger", "way", "cases stored", "no change, s", f"{CHANGES} changed, s", "calls", "peak MB")


def grown(at: Server, options: argparse.Namespace, pg: str, console: Console) -> list[str]:
    """What a run costs beside what is stored, as Markdown lines."""
    rows, peak = [], 0.0
    for side in wanted((SQLITE, POSTGRES), options):
        for size in options.stored:
            for way in options.ways:
                with console.status(f"{side.name}, {size:,} stored ..."):
                    told = stored(at, side, way, pg, size)
                peak = max(peak, told["peak_mb"])
                rows.append([side.name, way, f"{size:,}", f"{told['quiet']:.2f}", f"{told['seconds']:.2f}",
                             str(sum(told["calls"].values())), f"{told['peak_mb']:.0f}"])  # fmt: skip
    show(console, "Beside what is stored", STORED_HEADS, rows)
    says = (
        "A run with 100 changes beside what is stored, without latency. The first thousand cases went through the "
        "exchange; the others are copies of their rows, which the database made itself."
    )
    return [says, "", *table(STORED_HEADS, rows), "", f"- peak memory: {peak:.0f} MB ({verdict(peak < MEMORY)}).", ""]


def main() -> int:
    """Measure, print, and write the page if asked to."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--cases", type=int, default=10_000)
    asked.add_argument("--latency", type=float, nargs="+", default=[0.0, 0.02], help="seconds, the last one counts")
    asked.add_argument("--ways", nargs="+", choices=WAYS, default=list(WAYS))
    asked.add_argument("--sides", nargs="+", help="parts of names; default: all")
    asked.add_argument("--killed", type=int, default=2000, help="cases of the runs that are killed; 0: none")
    asked.add_argument("--stored", type=int, nargs="+", help="only a run with 100 changes, with so many cases stored")
    asked.add_argument("--profile", action="store_true", help="only where our processor's time goes")
    asked.add_argument("--write", action="store_true", help="write the section of docs/benchmarks.md")
    options = asked.parse_args()
    known = "; ".join(side.name for side in SIDES)
    for part in options.sides or ():
        if not any(part in side.name for side in SIDES):
            asked.error(f"--sides: {part!r} is part of no side's name. Known: {known}.")
    console = Console(width=WIDE, highlight=False)
    with ExitStack() as stack:
        at, pg = stack.enter_context(server()), stack.enter_context(postgres_server())
        if options.stored:
            lines = grown(at, options, pg, console)
            sizes, ways = " ".join(str(size) for size in options.stored), " ".join(options.ways)
            command = f'make bench-exchange WAYS="{ways}" STORED="{sizes}"'
            section = Section("The exchange beside what is stored", command, lines[:-1])
        elif options.profile:
            section = Section(
                "Where the exchange's time goes", "make bench-exchange PROFILE=1", profiled(at, console)[:-1]
            )
        else:
            says = SAYS.format(cases=options.cases, late=options.latency[-1] * 1000, batches=-(-options.cases // 200))
            lines = [says, "", *compared(at, options, pg, console)]
            lines += killed(at, options, pg, console) if options.killed else []
            command = f"make bench-exchange CASES={options.cases} KILLED={options.killed}"
            section = Section("The exchange", command, lines[:-1])
    if options.write:
        console.print(f"Written: {put(section).name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
