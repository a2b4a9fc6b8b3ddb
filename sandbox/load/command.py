"""`make load`: companies and Airflow up, agents at the plan's pace, rest, then how long crossing took.

Exit code 1 where a case did not cross or crossed twice, or the 95th of a hundred took longer than two polls.
Next: `plan.py`, `crossings.py`.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from time import monotonic, sleep

from rich.console import Console
from rich.table import Table

from hub.partners import folders, load_system
from hub.settings import Settings
from sandbox.demo import closing
from sandbox.demo.display import Display
from sandbox.demo.ground import Ground
from sandbox.demo.play import Ended, Play, opened
from sandbox.demo.rest import MOVING
from sandbox.load.crossings import Crossings, crossings
from sandbox.load.plan import Opening, Phase, openings, phases

TICK = 0.2
"""Seconds between two rounds of the agents."""
PATIENCE = 300.0
"""Seconds for what is owed to drain after the last case was opened."""


def run(steady: float, burst: float) -> int:
    """The exit code. steady, burst: seconds that these phases last."""
    console = Console(highlight=False)
    started = monotonic()
    planned = phases(steady, burst)
    cases = list(openings(planned))
    ground = Ground(Settings.from_environment().home / "load")
    try:
        with Display(console, lambda: monotonic() - started, f"A day's load: {len(cases)} cases") as display:
            with opened(ground, (), display, None) as play:
                play.hub_up()
                _work(play, planned, cases)
                _drain(play)
            found = crossings(play.home / "companies", cases)
    except Ended as error:
        closing.show_wrong(error.reasons, console, pending=error.pending)
        return 1
    finally:
        ground.clear()
    return _tell(found, planned, console)


def _work(play: Play, planned: Sequence[Phase], cases: Sequence[Opening]) -> None:
    """Open each case when its time has come; those of one tick go to a desk together."""
    began, waiting, phase = monotonic(), list(reversed(cases)), ""
    while waiting:
        if waiting[-1].phase != phase:
            if phase:
                play.display.end("all opened")
            phase = waiting[-1].phase
            rate = next(one.rate for one in planned if one.name == phase)
            play.display.begin(f"{phase}: {rate:.2f} cases a second")
        due: dict[str, list[Opening]] = {}
        while waiting and waiting[-1].phase == phase and waiting[-1].at <= monotonic() - began:
            one = waiting.pop()
            due.setdefault(one.giver, []).append(one)
        for giver, some in due.items():
            play.desks[giver].act([{"op": "create", "fields": dict(one.fields)} for one in some])
        play.check_alive()
        play.display.tick()
        sleep(TICK)
    play.display.end("all opened")


def _drain(play: Play) -> None:
    """Until nothing is owed any more, twice in a row a poll apart: what was opened last has to be pulled first."""
    play.display.begin("What is owed drains")
    limit, quiet = monotonic() + PATIENCE, 0
    polls = max(load_system(folder).poll for folder in folders(Settings.from_environment().partners_dir))
    while quiet < 2 and monotonic() < limit:
        sleep(2 * polls)
        quiet = quiet + 1 if not play.ledger.deliveries(MOVING, limit=1) else 0
        play.check_alive()
    play.display.end("all is delivered" if quiet == 2 else f"not within {PATIENCE:.0f} s")


def _tell(found: Sequence[Crossings], planned: Sequence[Phase], console: Console) -> int:
    poll = max(load_system(folder).poll for folder in folders(Settings.from_environment().partners_dir))
    table = Table(box=None, header_style="dim", pad_edge=False)
    for heading in ("phase", "cases a second", "opened", "crossed", "median", "p95", "slowest", "doubled"):
        table.add_column(heading, justify="left" if heading == "phase" else "right")
    rates = {phase.name: phase.rate for phase in planned}
    for one in found:
        times = (one.share(0.5), one.share(0.95), one.share(1))
        counts = (f"{rates[one.phase]:.2f}", str(one.opened), str(len(one.seconds)))
        table.add_row(one.phase, *counts, *(f"{seconds:.1f} s" for seconds in times), str(one.doubled))
    console.print(table)
    whole = all(len(one.seconds) == one.opened and not one.doubled for one in found)
    quick = all(one.share(0.95) <= 2 * poll for one in found)
    load, cores = os.getloadavg()[1], os.cpu_count()
    console.print(
        f"\n{'All crossed once' if whole else '[red]Not all crossed once[/]'}; p95 "
        f"{'within' if quick else '[red]above[/]'} two polls of {poll:g} s.\n"
        f"[dim]{cores} cores, load {load:.1f}, Python {sys.version.split()[0]}, {datetime.now(UTC):%Y-%m-%d}[/]"
    )
    return 0 if whole and quick else 1


if __name__ == "__main__":
    sys.exit(run(*map(float, sys.argv[1:3])))
