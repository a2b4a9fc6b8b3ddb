"""`casebridge`: what an integration engineer does at a prompt. Thin: each command calls a room and prints.

Commands of rooms above (the sandbox's demo and replay) are found by the entry point group `casebridge.commands`.
Next: `checking.py` (check), `mapping_cli.py` (map, mapping), `showing.py` (show), `exchange.py` (pull, push).
"""

from __future__ import annotations

import os
import sys
from importlib.metadata import entry_points
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from connectors.errors import ConnectorError
from hub.acting import CannotDo
from hub.agreement_cli import agreement_app
from hub.audit_cli import audit_app
from hub.corrective_cli import corrective_app
from hub.decision_cli import decision_app
from hub.declarations import DeclarationError
from hub.erase_cli import erase
from hub.feedback_cli import feedback_app
from hub.going_live_cli import partner_app, reconcile, resync, show_forecast
from hub.history_cli import history_app
from hub.leaktest_cli import leaktest
from hub.leave_cli import erased, leave
from hub.mapping_cli import map_record, mapping_app
from hub.passport_cli import passport
from hub.periods import PeriodError
from hub.repair_cli import parked_app
from hub.report_cli import report_app
from hub.serve_cli import serve
from hub.settings import Settings
from hub.steering_cli import pause, paused, resume

app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False, add_completion=False, rich_markup_mode="rich")
ledger_app = typer.Typer(no_args_is_help=True, help="The ledger's schema, and the ledger after a restore.")
app.add_typer(ledger_app, name="ledger")
app.add_typer(agreement_app, name="agreement")
app.add_typer(audit_app, name="audit")
app.add_typer(parked_app, name="parked")
app.add_typer(feedback_app, name="feedback")
app.add_typer(corrective_app, name="corrective")
app.add_typer(history_app, name="history")
app.add_typer(mapping_app, name="mapping")
app.add_typer(partner_app, name="partner")
app.add_typer(report_app, name="report")
partner_app.command("leave")(leave)
partner_app.command("erased")(erased)
app.add_typer(decision_app, name="decision")
app.command("map")(map_record)
app.command()(resync)
app.command()(reconcile)
app.command()(pause)
app.command()(resume)
app.command()(paused)
app.command()(serve)
app.command()(leaktest)
app.command()(passport)
app.command()(erase)


@app.callback()
def about() -> None:
    """The hub between companies that serve one customer."""


@app.command()
def check(
    partner: Annotated[list[str] | None, typer.Argument(help="Partners; none: all, and the agreement.")] = None,
) -> None:
    """Check declarations: their form, their examples both ways, and the agreement. Opens no connection."""
    from hub.checking import check_all  # noqa: PLC0415  a command imports what it needs, so that --help is quick

    console = Console()
    problems = check_all(Settings.from_environment(), tuple(partner or ()), console.print)
    if problems:
        for problem in problems:
            console.print(escape(problem.text()), style="red", highlight=False, soft_wrap=True)
        raise typer.Exit(1)


@app.command()
def describe(
    partner: Annotated[str, typer.Argument(help="Whose system is asked. Credentials: AIRFLOW_CONN_<ID>.")],
    diff: Annotated[bool, typer.Option("--diff", help="Write nothing; exit 1 where it is not what is kept.")] = False,
) -> None:
    """Ask a partner's system for its fields, and keep them as described.yaml beside its mapping, for `check`.

    Exit 1 where its system lacks a field that system.yaml names."""
    from hub.describing_showing import describe_partner  # noqa: PLC0415

    if not describe_partner(partner, Settings.from_environment(), Console(), only_diff=diff):
        raise typer.Exit(1)


@app.command()
def explain(code: Annotated[str, typer.Argument(help="An error's code, such as M103.")]) -> None:
    """What an error code means, with an example and the fix."""
    from hub.checking import explain_code  # noqa: PLC0415

    text = explain_code(code)
    Console().print(escape(text), highlight=False)
    if text.startswith("No code"):
        raise typer.Exit(1)


@app.command()
def pull(partner: str) -> None:
    """Read what changed at a partner, once, without Airflow. Credentials: AIRFLOW_CONN_<ID>."""
    from hub.showing import exchange_here  # noqa: PLC0415

    done = exchange_here().intake(partner)
    if not done.read:
        _tell_held(done.held)
    Console().print(
        f"{partner}: {done.read} read, {done.applied} news, {done.known} known, {done.parked} parked; "
        f"owed now: {', '.join(sorted(done.owed)) or 'nobody'}"
    )
    if done.fetched or done.unfetched:
        Console().print(f"{partner}: {done.fetched} files read, {done.unfetched} to be tried again or parked")
    _tell_held(done.held)


@app.command()
def push(
    partner: str,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would be sent; claim and write nothing.")
    ] = False,
) -> None:
    """Write what a partner is owed, once, without Airflow. Credentials: AIRFLOW_CONN_<ID>."""
    from hub.showing import exchange_here  # noqa: PLC0415

    if dry_run:
        show_forecast(partner, Console())
        return
    done = exchange_here().deliver(partner)
    if not done.claimed:
        _tell_held(done.held)
    Console().print(
        f"{partner}: {done.sent} changes sent, {done.delivered} deliveries settled, {done.parked} parked, "
        f"{done.unknown} unknown, {done.retry} to try again"
    )
    _tell_held(done.held)


def _tell_held(why: str) -> None:
    """Say that a step spoke to nobody, or stopped; exit code 1."""
    if why:
        Console().print(escape(why), style="yellow", highlight=False, soft_wrap=True)
        Console().print(
            "`casebridge paused` lists what is stopped, `casebridge resume` lets it go on.", highlight=False
        )
        raise typer.Exit(1)


@app.command()
def show(
    case: Annotated[str, typer.Argument(help="A case's id, or its number in any company's system.")],
    calls: Annotated[
        bool, typer.Option("--calls", help="Requests and answers too, as far as they are kept; secrets hidden.")
    ] = False,
) -> None:
    """One case's story, from entry to receipt, and the calls that were made for it."""
    from hub.showing import show_case  # noqa: PLC0415

    if not show_case(case, Console(), calls=calls):
        raise typer.Exit(1)


@app.command("calls")
def calls_of(partner: Annotated[str, typer.Argument(help="Whose system was called.")]) -> None:
    """What the newest runs with a partner called, a line each, and what failed in them."""
    from hub.evidence_showing import show_runs  # noqa: PLC0415
    from hub.ledger import Ledger  # noqa: PLC0415

    show_runs(Ledger.open(Settings.from_environment()), partner, Console())


@app.command()
def clock(
    case: Annotated[str, typer.Argument(help="A case's id, or its number in any company's system.")],
    at: Annotated[str, typer.Option(help="As it stood then: 2026-03-01, or 2026-03-01T09:00+01:00; none: now.")] = "",
) -> None:
    """Where a case's time went, stretch by stretch, and how each promise of the agreement stands in it."""
    from hub.clock_showing import show_clocks  # noqa: PLC0415

    if not show_clocks(case, at, Console()):
        raise typer.Exit(1)


@app.command()
def promises() -> None:
    """Look which promises come to their end, were not kept, or want a higher level, and whose word is to be asked for;
    write it down. Without Airflow."""
    from hub.clock_showing import watch_promises  # noqa: PLC0415

    Console().print(watch_promises())


@app.command()
def rollup(
    period: Annotated[
        list[str] | None, typer.Argument(help="such as all, 2026-11, 2026-W47; none: those that are due")
    ] = None,
    head: Annotated[int, typer.Option(help="as it was when this entry was the newest; 0: now")] = 0,
    reader: Annotated[
        str | None, typer.Option(help='as this company may see it; "": as one of none. Else everything')
    ] = None,
) -> None:
    """Write reports, now: those that are due, of these periods, or as they were up to an entry that one bears."""
    from hub.showing import write_rollup  # noqa: PLC0415

    for path in write_rollup(period or (), head, reader):
        Console().print(str(path), soft_wrap=True)


@ledger_app.command("upgrade")
def ledger_upgrade() -> None:
    """Bring the ledger's schema to this program's."""
    from hub.showing import upgrade_ledger  # noqa: PLC0415

    Console().print(upgrade_ledger())


@ledger_app.command("reconcile")
def ledger_reconcile() -> None:
    """After a backup was restored, and before anything is pushed: take in what the companies kept of the lost time."""
    from hub.showing import reconcile_ledger  # noqa: PLC0415

    Console().print(reconcile_ledger())


def main() -> None:
    """The program. Errors of ours are printed as they are, without a traceback; exit code 1."""
    for found in sorted(entry_points(group="casebridge.commands"), key=lambda entry: entry.name):
        loaded = found.load()
        if isinstance(loaded, typer.Typer):
            app.add_typer(loaded, name=found.name)
        else:
            app.command(found.name)(loaded)
    try:
        app()
    except (DeclarationError, ConnectorError, CannotDo, PeriodError) as error:
        Console(stderr=True).print(escape(str(error)), style="red", highlight=False, soft_wrap=True)
        sys.exit(1)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
