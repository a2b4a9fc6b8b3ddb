"""`casebridge replay LOG`: companies up, rounds, then the hub's own figures beside the file's.

Everything is fresh: the companies' stores and the ledger lie in a folder below CASEBRIDGE_HOME that is emptied first.
Exit code 1 where a figure differs or a second run of the exchange writes anything. Next: `drive.py`.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import fields
from functools import partial
from itertools import islice
from pathlib import Path
from time import monotonic

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from hub.assembly import assemble, load_alliance, wall_clock
from hub.credentials import from_environment
from hub.exchange import Exchange
from hub.indicators import LogFigures, log_figures
from hub.ledger import Ledger
from hub.settings import Settings
from sandbox.desks import ANY_MOVES, Company, Desk, DeskError, companies, connections
from sandbox.replay.drive import Replay, Stuck
from sandbox.replay.figures import Figures, figures_of
from sandbox.replay.log import LogError, Row, incidents

AGREEMENT = Path(__file__).parent / "agreement.yaml"
FREE = {"northcable": 0, "telvoz": 0, "brightnet": 0}
TITLES = {
    "changes": "changes",
    "handovers": "hand-overs",
    "crossing": "crossing incidents",
    "pingpong_cases": "ping-pong incidents",
    "bounces": "ping-pong bounces",
    "mean_throughput_seconds": "mean throughput, seconds",
}


def run(log: Path, cases: int) -> int:
    """Replay the first `cases` incidents of the log (0: all); the exit code."""
    console = Console()
    try:
        wanted = list(islice(incidents(log), cases or None))
    except LogError as error:
        console.print(f"[red]{error}[/]")
        return 1
    if not wanted:
        console.print(f"[red]{log}: no incident stays within the three organisation lines.[/]")
        return 1
    home = Settings.from_environment().home / "replay"
    shutil.rmtree(home, ignore_errors=True)
    with companies(home / "companies", FREE, more=ANY_MOVES) as running:
        try:
            return _replay(wanted, home, running, console)
        except (Stuck, DeskError) as error:
            console.print(f"[red]{error}[/]")
            return 1


def _replay(wanted: Sequence[Sequence[Row]], home: Path, running: Mapping[str, Company], console: Console) -> int:
    exchange = _exchange(home, running)
    desks = {name: Desk(company) for name, company in running.items()}
    expected = figures_of(wanted)
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    started = monotonic()
    with Progress(*columns, console=console) as progress:
        bar = progress.add_task("changes", total=expected.changes)

        def told(round_number: int, done: int) -> None:
            progress.update(bar, completed=done, description=f"round {round_number}, changes")

        replay = Replay(wanted, desks, exchange, told)
        replay.run()
    seconds = monotonic() - started
    got = log_figures(exchange.ledger.entries())
    equal = compare(expected, got, console)
    head = exchange.ledger.head()
    quiet = replay.carry() == 0 and exchange.ledger.head() == head
    for desk in desks.values():
        desk.close()
    exchange.close()
    console.print(
        f"{len(wanted)} incidents, {expected.changes} changes in {seconds:.1f} s: "
        f"{expected.changes / seconds:.0f} changes a second. Parked: {len(exchange.ledger.parked())}. "
        f"A second run of the exchange wrote {'nothing' if quiet else '[red]something[/]'}.",
        highlight=False,
    )
    return 0 if equal and quiet else 1


def _exchange(home: Path, running: Mapping[str, Company]) -> Exchange:
    """The production exchange over a fresh ledger, under the replay's agreement."""
    environ = {
        **os.environ,
        "CASEBRIDGE_HOME": str(home),
        "CASEBRIDGE_LEDGER": f"sqlite:///{home / 'ledger.db'}",
        "CASEBRIDGE_KEYS": f"sqlite:///{home / 'keys.db'}",
        "CASEBRIDGE_AGREEMENT": str(AGREEMENT),
        **connections(running),
    }
    settings = Settings.from_environment(environ)
    alliance = load_alliance(settings)
    resolve = partial(from_environment, environ=environ)
    return assemble(Ledger.open(settings), alliance, resolve, wall_clock, settings.evidence_for)


def compare(expected: Figures, got: LogFigures, console: Console) -> bool:
    """Print both sides; whether every figure is equal (the mean to a thousandth of a second)."""
    table = Table("figure", "from the file", "from the hub's entries", "")
    equal = True
    for name in (field.name for field in fields(expected)):
        ours, theirs = getattr(expected, name), getattr(got, name)
        same = abs(ours - theirs) < 0.001
        equal = equal and same
        shown = [f"{value:,.2f}" if isinstance(value, float) else f"{value:,}" for value in (ours, theirs)]
        table.add_row(TITLES[name], *shown, "[green]equal[/]" if same else "[red]differs[/]")
    console.print(table)
    return equal
