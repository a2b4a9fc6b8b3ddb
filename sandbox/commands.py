"""What the sandbox adds to `casebridge`: `replay`, `demo` and `sandbox`. Thin; the work is in `replay/` and `demo/`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def replay(
    log: Annotated[Path, typer.Argument(help="incidents.csv or .csv.gz, as the log's README describes it.")],
    cases: Annotated[int, typer.Option(help="The first so many incidents; 0: all.")] = 0,
) -> None:
    """Replay a real incident log through three companies, and compare the hub's figures with the file's."""
    from sandbox.replay.command import run  # noqa: PLC0415  a command imports what it needs

    raise typer.Exit(run(log, cases))


def demo(
    once: Annotated[bool, typer.Option(help="Stop everything at the end; exit 1 where a case did not cross.")] = False,
    log: Annotated[Path | None, typer.Option(help="Drive it with a real incident log.")] = None,
    cases: Annotated[int, typer.Option(help="With --log: the first so many crossing incidents.")] = 20,
    most_changes: Annotated[int, typer.Option(help="With --log: leave out incidents with more changes.")] = 8,
) -> None:
    """Three companies, Airflow and the hub: cases cross while you watch, and a rollup comes out."""
    from sandbox.demo.command import run  # noqa: PLC0415  a command imports what it needs

    raise typer.Exit(run(once=once, log=log, cases=cases, most_changes=most_changes))


def sandbox() -> None:
    """Start the three companies alone, and stay until Ctrl-C."""
    from sandbox.desks import stay  # noqa: PLC0415

    stay()
