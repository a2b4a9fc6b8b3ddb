"""What the sandbox adds to `casebridge`: `demo`, `replay`, `verify`, and `sandbox` with `misbehave`. Thin."""

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


verify = typer.Typer(no_args_is_help=True, add_completion=False, help="The hub's figures beside published ones.")


@verify.callback()
def about() -> None:
    """The hub's figures beside what others published of the same log."""


@verify.command()
def vinst(
    log: Annotated[Path, typer.Argument(help="incidents.csv or .csv.gz, as the log's README describes it.")],
) -> None:
    """Import a public log of 7,554 incidents (BPI Challenge 2013), and set the hub's figures beside the published ones.

    Exit 1 where one differs. The log: doi 10.4121/uuid:500573e6-accc-4b0c-9576-aa5468b10cee."""
    from rich.console import Console  # noqa: PLC0415

    from sandbox.verify.command import run  # noqa: PLC0415

    if not run(log, Console()):
        raise typer.Exit(1)


sandbox = typer.Typer(invoke_without_command=True, add_completion=False)


@sandbox.callback()
def companies(context: typer.Context) -> None:
    """Start the three companies alone, and stay until Ctrl-C."""
    from sandbox.desks import stay  # noqa: PLC0415

    if context.invoked_subcommand is None:
        stay()


@sandbox.command()
def misbehave(
    company: Annotated[str, typer.Argument(help="northcable, telvoz or brightnet; it has to run.")],
    fault: Annotated[str, typer.Argument(help="A name of docs/misbehaviours.md; none: what is on.")] = "",
    times: Annotated[int, typer.Option(help="Calls that it meets; 0: until it is ended.")] = 0,
    call: Annotated[str, typer.Option(help="What it meets: any, write, list, create, ...; none: its usual.")] = "",
    after: Annotated[int, typer.Option(help="Such calls that pass before.")] = 0,
    given: Annotated[list[str] | None, typer.Option("--with", help="An option of its own: field=agente.")] = None,
    end: Annotated[bool, typer.Option("--end", help="End it; without a name, all that is on.")] = False,
    state: Annotated[Path | None, typer.Option(help="Where the companies keep their stores.")] = None,
) -> None:
    """Tell a company's server to misbehave, or to leave it."""
    from sandbox.misbehave import tell  # noqa: PLC0415

    where = {**({"call": call} if call else {}), **({"after": after} if after else {})}
    options = {name: value for name, _, value in (one.partition("=") for one in given or ())}
    asked = {"fault": fault, "times": times or None, "where": where, "with": options}
    raise typer.Exit(tell(company, asked, end=end, state=state))
