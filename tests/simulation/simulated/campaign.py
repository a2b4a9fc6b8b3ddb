"""Many seeds over all cores: the campaign that finds what breaks a law, and the hunt for seeds that kill each mutant.

    python -m simulated.campaign --seeds 20000                  # resumable: what is done stays done
    python -m simulated.campaign --mutants                      # write mutants.yaml anew

What was played is kept in .casebridge/simulation/, under the fingerprint of the code that played it. A seed that breaks
a law prints its number, the law, and the shortest history that was found.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import sys
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from functools import cache
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from ruamel.yaml import YAML

from simulated.mutants import MUTANTS, living, said
from simulated.play import DEFECT, Outcome, played, shortest, told
from simulated.scenario import scenario
from simulated.scratch import Watched, scratch

ROOT = Path(__file__).resolve().parents[3]
KEPT = ROOT / ".casebridge" / "simulation"
RECORDED = Path(__file__).resolve().parents[1] / "mutants.yaml"
CHUNK = 50
MOST = 20_000
"""Seeds within which each mutant has to die."""
HEAD = f"""\
# What is wrong with each bad design (its docstring), seeds of the first {MOST:,} that kill it, and the law that it
# breaks in each. Written by `make mutants`; `make test` replays it."""
KILLS = 2
"""Killing seeds that are recorded of each: a change of the hub may move the draws of one of them."""


@cache
def ledger() -> Watched:
    """This process's scratch ledger."""
    return scratch()


def play_chunk(seeds: range) -> tuple[list[Outcome], float]:
    """These seeds, and the seconds of processor time that they took."""
    started = time.process_time()
    return [played(scenario(seed), ledger()) for seed in seeds], time.process_time() - started


def code_print() -> str:
    """Of all code that a seed depends on: another program's seeds are other seeds."""
    digest = hashlib.sha256()
    for room in ("hub", "mappings", "connectors", "tests/simulation"):
        for path in sorted((ROOT / room).rglob("*.py")):
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def campaign(seeds: int, first: int, console: Console) -> int:
    """Play what has not been played yet. 1 where a law was broken."""
    KEPT.mkdir(parents=True, exist_ok=True)
    path = KEPT / f"{code_print()}.jsonl"
    done = [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
    played_before = {line["first"] for line in done}
    wanted = range(first, first + seeds)
    chunks = [wanted[at : at + CHUNK] for at in range(0, seeds, CHUNK) if wanted[at] not in played_before]
    totals = Totals()
    for line in done:
        if line["first"] in wanted:
            totals.add(line)
    with (
        ProcessPoolExecutor(os.cpu_count()) as pool,
        path.open("a") as kept,
        Progress(TextColumn("seeds"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), console=console) as bar,
    ):
        task = bar.add_task("", total=seeds, completed=seeds - sum(map(len, chunks)))
        for outcomes, seconds in pool.map(play_chunk, chunks):
            line = summed(outcomes, seconds)
            totals.add(line)
            kept.write(json.dumps(line) + "\n")
            kept.flush()
            bar.advance(task, len(outcomes))
    console.print(totals.table())
    for seed, law in sorted(totals.broken.items())[:3]:
        history = shortest(scenario(seed), ledger(), law.split(":")[0])
        console.print(f"\n[red]seed {seed}[/]: {law}\n", highlight=False)
        console.print(told(history, ledger()), highlight=False, markup=False)
    return int(bool(totals.broken))


def summed(outcomes: list[Outcome], seconds: float) -> dict[str, object]:
    """A chunk in one line."""
    counts: Counter[str] = Counter()
    for outcome in outcomes:
        counts.update(outcome.counts)
    return {
        "first": outcomes[0].seed,
        "seeds": len(outcomes),
        "seconds": round(seconds, 3),
        "windows": sum(outcome.windows for outcome in outcomes),
        "doubled": sum(outcome.doubled for outcome in outcomes),
        "counts": counts,
        "broken": {str(o.seed): str(o.broken) for o in outcomes if o.broken is not None},
    }


class Totals:
    """What a campaign came to."""

    def __init__(self) -> None:
        self.seeds, self.seconds, self.windows, self.doubled = 0, 0.0, 0, 0
        self.counts: Counter[str] = Counter()
        self.broken: dict[int, str] = {}

    def add(self, line: dict[str, object]) -> None:
        """One chunk more."""
        self.seeds += int(str(line["seeds"]))
        self.seconds += float(str(line["seconds"]))
        self.windows += int(str(line["windows"]))
        self.doubled += int(str(line["doubled"]))
        self.counts.update(line["counts"])  # type: ignore[call-overload]  # a mapping of counts, as written
        self.broken.update({int(seed): law for seed, law in line["broken"].items()})  # type: ignore[attr-defined]

    def table(self) -> Table:
        """For people."""
        table = Table(title=f"{self.seeds:,} seeds", title_justify="left", show_header=False)
        rate = self.seeds / self.seconds if self.seconds else 0
        table.add_row("seeds a second and core", f"{rate:.1f}")
        table.add_row("laws broken", f"[{'red' if self.broken else 'green'}]{len(self.broken)}[/]")
        table.add_row("edits written over in a window that abilities leave", f"{self.windows:,}")
        table.add_row("records doubled by a worker that slept", f"{self.doubled:,}")
        for fault, times in sorted(self.counts.items(), key=lambda pair: -pair[1]):
            table.add_row(f"  {fault}", f"{times:,}")
        return table


def killers(name: str, known: Iterable[int], most: int) -> dict[int, str]:
    """Seeds that kill this mutant, those that are known first, and the law that it breaks in each. A mutant that merely
    fails has not been found out."""
    found: dict[int, str] = {}
    for seed in dict.fromkeys((*known, *range(most))):
        if len(found) == KILLS:
            break
        with living(name):
            outcome = played(scenario(seed), ledger())
        law = DEFECT if outcome.broken is None else outcome.broken.law
        if law != DEFECT and played(scenario(seed), ledger()).broken is None:
            found[seed] = law
    return found


def hunt(names: Sequence[str], most: int, console: Console) -> int:
    """Find killing seeds of these mutants (none named: of all) and record them as they are found. 1 where one lives."""
    yaml = YAML(typ="safe")
    kept = yaml.load(RECORDED.read_text()) or {}
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        wanted = names or tuple(MUTANTS)
        hunts = {pool.submit(killers, name, tuple(kept.get(name, {}).get("kills", ())), most): name for name in wanted}
        for hunted in as_completed(hunts):
            name, kills = hunts[hunted], hunted.result()
            told = ", ".join(f"{seed} ({law})" for seed, law in kills.items())
            console.print(f"{name:34} {told or '[red]lives[/]'}", highlight=False)
            kept[name] = {"kills": kills}
            RECORDED.write_text(record(kept))
    return int(not all(kept.get(name, {}).get("kills") for name in MUTANTS))


def record(kept: Mapping[str, Mapping[str, Any]]) -> str:
    """The file that `make test` and the page of docs/ read."""
    lines = [HEAD]
    for name in MUTANTS:
        kills = ", ".join(f"{seed}: {law}" for seed, law in kept.get(name, {}).get("kills", {}).items())
        lines += [f"{name}:", f"  wrong: {json.dumps(said(name), ensure_ascii=False)}", f"  kills: {{{kills}}}"]
    return "\n".join(lines) + "\n"


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=1000)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--mutants", nargs="*", metavar="NAME", help="look for killing seeds of these, or of all")
    parser.add_argument("--most", type=int, default=MOST)
    given = parser.parse_args()
    console = Console()
    if given.mutants is None:
        return campaign(given.seeds, given.first, console)
    return hunt(given.mutants, given.most, console)


if __name__ == "__main__":
    sys.exit(main())
