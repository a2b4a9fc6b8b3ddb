"""`casebridge history`: a company's past cases from an export, so that there is a base line. Thin. Next: `past/`."""

from __future__ import annotations

from datetime import UTC
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

history_app = typer.Typer(no_args_is_help=True, help="A company's past cases, from an export of its system.")


@history_app.command("import")
def import_history(
    log: Annotated[Path, typer.Argument(help="The export: .csv or .xes, also .gz; a row is a change of a case.")],
    declare: Annotated[Path, typer.Option(help="history.yaml: which columns are what, and what words mean.")],
    check: Annotated[bool, typer.Option("--check", help="Read it all, write nothing.")] = False,
) -> None:
    """Take past cases into the ledger, marked as history: figures count them, nobody is sent them.

    All of the file is understood or nothing is taken. The same export again writes nothing, a later one goes on."""
    from hub.assembly import wall_clock  # noqa: PLC0415  a command imports what it needs, so that --help is quick
    from hub.ledger import Ledger  # noqa: PLC0415
    from hub.past.declared import load_history  # noqa: PLC0415
    from hub.past.importing import import_past  # noqa: PLC0415
    from hub.past.reading import read_past  # noqa: PLC0415
    from hub.settings import Settings  # noqa: PLC0415

    console = Console()
    declared, document = load_history(declare)
    past = read_past(log, declared, document)
    times = [step.at.astimezone(UTC) for steps in past.cases.values() for step in (steps[0], steps[-1])]
    companies = sorted({step.company for steps in past.cases.values() for step in steps})
    console.print(
        f"{len(past.cases)} cases, {past.steps} changes, {min(times):%Y-%m-%d} to {max(times):%Y-%m-%d}; "
        f"{len(companies)} companies: {', '.join(companies[:8])}{' ...' if len(companies) > 8 else ''}",
        highlight=False, soft_wrap=True,
    )  # fmt: skip
    if check:
        return
    done = import_past(Ledger.open(Settings.from_environment()), past, wall_clock())
    console.print(
        f"{done.cases} cases with {done.steps} changes imported; {done.known} changes were there.", highlight=False
    )
    if done.differing:
        console.print(
            f"{len(done.differing)} cases stay as they were imported before: this export says otherwise of that time. "
            f"{', '.join(done.differing[:8])}{' ...' if len(done.differing) > 8 else ''}",
            style="red", highlight=False, soft_wrap=True,
        )  # fmt: skip
        raise typer.Exit(1)
