"""`casebridge demo`: everything up, the scripts performed, rest, the rollup, the closing table; then stay, or stop.

`run` is the whole of it in order. Whatever ends it (the end, a fault, Ctrl-C, SIGTERM), what it started is ended too.
Next: `play.py` (the phases), `ground.py`, `story.py`.
"""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from time import monotonic, sleep
from types import FrameType

from rich.console import Console
from rich.markup import escape

from hub.indicators import log_figures
from hub.settings import Settings
from sandbox.demo import closing, incidents
from sandbox.demo.acts import Script
from sandbox.demo.display import Display
from sandbox.demo.ground import Ground
from sandbox.demo.play import Ended, Play, opened
from sandbox.demo.story import story
from sandbox.replay.command import AGREEMENT, compare
from sandbox.replay.figures import figures_of
from sandbox.replay.log import LogError, Row

INTERRUPTED = 130


def run(*, once: bool, log: Path | None, cases: int, most_changes: int) -> int:
    """The demo; the exit code: 0, 1 where something did not go as it should, 130 after Ctrl-C before the end."""
    console = Console()
    try:
        rows = incidents.crossing(log, cases, most_changes) if log is not None else []
    except LogError as error:
        console.print(f"[red]{escape(str(error))}[/]", soft_wrap=True)
        return 1
    if log is not None and not rows:
        console.print(f"[red]{escape(str(log))}: no incident crosses within the three organisation lines.[/]")
        return 1
    scripts = tuple(map(incidents.script, rows)) if rows else story()
    ground = Ground(Settings.from_environment().home / "demo")
    with _interrupts():
        try:
            return _run(ground, scripts, rows, console, once=once)
        except KeyboardInterrupt:
            console.print("Stopped.")
            return INTERRUPTED
        finally:
            ground.clear()


def _run(ground: Ground, scripts: tuple[Script, ...], rows: list[list[Row]], console: Console, *, once: bool) -> int:
    started = monotonic()
    title = f"Casebridge: {len(scripts)} {'incidents of a real log' if rows else 'cases'} cross three companies"
    with ExitStack() as stack:
        with Display(console, lambda: monotonic() - started, title) as display:
            ended: list[Ended] = []
            try:
                play = stack.enter_context(opened(ground, scripts, display, AGREEMENT if rows else None))
                play.perform()
            except Ended as error:
                display.fail()
                ended.append(error)
            except KeyboardInterrupt:
                display.fail()
                display.say("Stopping Airflow and the companies …")
                raise
        if ended:
            closing.show_wrong(ended[0].reasons, console, pending=ended[0].pending)
            return 1
        outcome = play.outcome()
        closing.show_figures(outcome, console)
        equal = compare(figures_of(rows), log_figures(outcome.ledger.entries()), console) if rows else True
        if outcome.wrong:
            closing.show_wrong(outcome.wrong, console)
        if not once:
            _stay(play, console)
        console.print("[dim]Stopping Airflow and the companies …[/]")
        return 0 if equal and not outcome.wrong else 1


def _stay(play: Play, console: Console) -> None:
    """Up until Ctrl-C, or until something ends by itself."""
    closing.show_places(play.airflow, play.running, play.mails.url, play.home, play.stage, console)
    console.print("\nAll of it stays up, and goes on exchanging. Ctrl-C ends it.")
    with suppress(KeyboardInterrupt):
        try:
            while True:
                play.check_alive()
                sleep(0.5)
        except Ended as error:
            closing.show_wrong(error.reasons, console, pending=error.pending)


@contextmanager
def _interrupts() -> Iterator[None]:
    """SIGTERM and a closed terminal end the demo as Ctrl-C does."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    kept = {number: signal.signal(number, interrupt) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in kept.items():
            signal.signal(number, handler)
