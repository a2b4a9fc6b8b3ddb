"""`casebridge partner sign-off`, `push --dry-run`, `resync`, `reconcile`: looking before much is written or read.

Thin: prints what `first_contact.py`, `forecast.py`, `resync.py` and `reconciling.py` say.
Next: `cli.py`, which adds these commands.
"""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from hub.acting import CannotDo, by, partner_named
from hub.settings import Settings

partner_app = typer.Typer(no_args_is_help=True, help="A partner's first contact, and its own log.")


@partner_app.command("door")
def own_door_link(
    partner: Annotated[str, typer.Argument(help="Whose door.")],
    days: Annotated[int, typer.Option(min=1, max=366, help="How long the link is good.")] = 90,
) -> None:
    """A link to this company's own page of `casebridge serve`: there it sees its own log and may stop its own edges,
    with who and why, without you. Give it to the company alone: whoever has it is the company until it ends."""
    from datetime import timedelta  # noqa: PLC0415  a command imports what it needs, so that --help is quick

    from hub.assembly import wall_clock  # noqa: PLC0415
    from hub.ledger import Ledger  # noqa: PLC0415
    from hub.own_door import PATH, token  # noqa: PLC0415
    from hub.partners import folders  # noqa: PLC0415

    settings = Settings.from_environment()
    partner_named(partner, (folder.name for folder in folders(settings.partners_dir)))
    until = wall_clock() + timedelta(days=days)
    made = token(Ledger.open(settings).keyring, partner, until)
    typer.echo(f"{settings.feedback_url}{PATH}{made}")
    typer.echo(f"Good until {until:%Y-%m-%d %H:%M} UTC.", err=True)


@partner_app.command("log")
def own_log(
    partner: Annotated[str, typer.Argument(help="Whose log.")],
    most: Annotated[int, typer.Option(help="Newest lines shown.")] = 50,
) -> None:
    """What this company itself may see of the exchange: its deliveries and what waits at its door, newest first. In its
    own numbers, without a word of any other company: to be given to it as it is."""
    from hub.ledger import Ledger  # noqa: PLC0415  a command imports what it needs, so that --help is quick
    from hub.own_log import own_log as lines  # noqa: PLC0415
    from hub.partners import folders  # noqa: PLC0415

    settings = Settings.from_environment()
    partner_named(partner, (folder.name for folder in folders(settings.partners_dir)))
    for line in lines(Ledger.open(settings), partner, most):
        typer.echo(str(line))


@partner_app.command("try")
def try_partner(
    partner: Annotated[str, typer.Argument(help="Whose records are looked at. Credentials: AIRFLOW_CONN_<ID>.")],
    most: Annotated[int, typer.Option(min=1, max=500, help="How many records.")] = 20,
    since: Annotated[str, typer.Option(help="Changed since then, such as 2026-03-01; none: the oldest.")] = "",
    whole: Annotated[bool, typer.Option("--whole", help="Each record field by field, too.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object, for machines.")] = False,
) -> None:
    """Read a few of a partner's real records, and see each as a case: what is not understood, what no case holds, what
    would cross to whom. Keeps nothing and writes nothing; exit 1 where a record is not understood whole."""
    from connectors.strict_json import dump  # noqa: PLC0415  a command imports what it needs, so that --help is quick
    from hub.resync import since_said  # noqa: PLC0415
    from hub.trying import try_here  # noqa: PLC0415
    from hub.trying_showing import show_tried, tried_as_json  # noqa: PLC0415

    tried, titles = try_here(partner, Settings.from_environment(), most, since_said(since))
    if as_json:
        typer.echo(dump(tried_as_json(tried)).decode())
    else:
        show_tried(tried, titles, Console(), whole=whole)
    if not all(one.fits for one in tried.seen):
        raise typer.Exit(1)


@partner_app.command("scan")
def scan_partners(
    partner: Annotated[list[str] | None, typer.Argument(help="Whose health; none: everybody's.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line, for machines.")] = False,
) -> None:
    """How each partner does right now, and what to do about what is not well: does it let us in, are its fields as they
    were, is it polled, what waits by cause, what is owed for long, its quota, its clock. Writes nothing anywhere.

    Exit 1 where something is grave."""
    from functools import partial  # noqa: PLC0415  a command imports what it needs, so that --help is quick

    from connectors.strict_json import dump  # noqa: PLC0415
    from hub.assembly import wall_clock  # noqa: PLC0415
    from hub.describing import opened  # noqa: PLC0415
    from hub.ledger import Ledger  # noqa: PLC0415
    from hub.partners import load_partners  # noqa: PLC0415
    from hub.scanning import scan  # noqa: PLC0415
    from hub.scanning_showing import scan_as_json, show_scan  # noqa: PLC0415

    settings, console, grave = Settings.from_environment(), Console(), False
    known, ledger = load_partners(settings.partners_dir), Ledger.open(settings)
    for name in partner or sorted(known):
        one = known[partner_named(name, known)]
        found = scan(ledger, one, partial(opened, settings.partners_dir / name), wall_clock())
        grave = grave or any(finding.weight == "grave" for finding in found.findings)
        typer.echo(dump(scan_as_json(found)).decode()) if as_json else show_scan(found, one.system.title, console)
    if grave:
        raise typer.Exit(1)


@partner_app.command("sign-off")
def sign_off(
    partner: Annotated[str, typer.Argument(help="The partner whose first contact is permitted.")],
    why: Annotated[str, typer.Option("--why", help="Why; it stands in the audit trail.")] = "",
    who: Annotated[str, typer.Option("--who", help="Whose act it is; your login name if you do not say.")] = "",
) -> None:
    """Permit a partner's first contact: from now on as much is written there as is owed. Look first at
    `casebridge push PARTNER --dry-run`."""
    from hub import first_contact  # noqa: PLC0415  a command imports what it needs, so that --help is quick
    from hub.assembly import wall_clock  # noqa: PLC0415
    from hub.ledger import Ledger  # noqa: PLC0415
    from hub.partners import folders  # noqa: PLC0415

    settings = Settings.from_environment()
    partner_named(partner, (folder.name for folder in folders(settings.partners_dir)))
    act = by(who, why)
    with Ledger.open(settings).transaction(wall_clock()) as tx:
        done = first_contact.sign_off(tx, partner, act.who, act.why)
    said = "is signed off; the next push writes what is owed." if done else "was signed off before."
    Console().print(f"The first contact with {partner} {said}", highlight=False)


def resync(
    partner: Annotated[str, typer.Argument(help="The partner that is read again.")],
    since: Annotated[
        str, typer.Option("--since", help="From this time on, such as 2026-03-01; none: everything.")
    ] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Take it in; without it, only what would be is told.")] = False,
    why: Annotated[str, typer.Option("--why", help="Why; it stands in the audit trail. Needed with --yes.")] = "",
    who: Annotated[str, typer.Option("--who", help="Whose act it is; your login name if you do not say.")] = "",
) -> None:
    """Read a partner again, and take in what the ledger lacks. A dry run really reads, and writes nothing."""
    from hub import resync as again  # noqa: PLC0415
    from hub.showing import exchange_here  # noqa: PLC0415

    exchange, console, moment = exchange_here(), Console(), again.since_said(since)
    partner_named(partner, exchange.alliance.partners)
    deed = by(who, why) if yes else None
    if held := exchange.held(partner, "pull"):
        raise CannotDo("X506", f"nothing is read from {partner} now: {held}.", fix="resume it first.")
    found = again.take_in(exchange, partner, moment, deed) if deed else again.look(exchange, partner, moment)
    exchange.close()
    console.print(
        f"{partner}: {found.read} records read, {found.new} unknown to the ledger, {found.differ} other than it has "
        f"them, {found.older} older (left as they are).",
        highlight=False,
    )
    for what, native_id in found.named:
        console.print(f"  {escape(native_id)} {what}", highlight=False)
    if found.new + found.differ + found.older > len(found.named):
        console.print(f"  ... and {found.new + found.differ + found.older - len(found.named)} more")
    if not yes:
        console.print("Nothing was written: a dry run. Add --yes and --why to take them in.")
        return
    owed = ", ".join(sorted(found.owed)) or "nobody"
    console.print(f"{found.taken} news, {found.parked} parked; owed now: {owed}.", highlight=False)


def reconcile(
    partner: Annotated[str, typer.Argument(help="The partner that is compared with the ledger.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Read and compare; write nothing.")] = False,
) -> None:
    """Read everything of a partner now and repair what polling missed, as its DAG does each night. The cursor stays."""
    from hub.showing import exchange_here  # noqa: PLC0415

    exchange, console = exchange_here(), Console()
    partner_named(partner, exchange.alliance.partners)
    found = exchange.reconcile(partner, dry=dry_run)
    exchange.close()
    if found.held and not found.read:
        fix = "pull it, or resume it, first."
        raise CannotDo("X506", f"nothing is read from {partner} now: {found.held}.", fix=fix)
    verb = "to be repaired" if dry_run else "repaired"
    console.print(
        f"{partner}: {found.read} records read, {found.repaired} {verb}, {found.gone} gone, {found.missing} not known "
        f"there, {found.parked} parked.",
        highlight=False,
    )
    for what, native_id in found.named:
        console.print(f"  {escape(native_id)} {what}", highlight=False)
    if found.news > len(found.named):
        console.print(f"  ... and {found.news - len(found.named)} more")
    if found.held:
        console.print(escape(f"It stopped there: {found.held}"), style="yellow", highlight=False, soft_wrap=True)
        raise typer.Exit(1)
    if dry_run:
        console.print("Nothing was written: a dry run.")
    else:
        console.print(f"Owed now: {', '.join(sorted(found.owed)) or 'nobody'}.", highlight=False)


def show_forecast(partner: str, console: Console) -> None:
    """Print what a push would send now. Speaks to nobody."""
    from hub.assembly import load_alliance, wall_clock  # noqa: PLC0415
    from hub.forecast import forecast  # noqa: PLC0415
    from hub.ledger import Ledger  # noqa: PLC0415

    settings = Settings.from_environment()
    alliance = load_alliance(settings)
    partner_named(partner, alliance.partners)
    with Ledger.open(settings).look(wall_clock()) as tx:
        planned = forecast(tx, alliance, partner)
    if not planned:
        console.print(f"{partner}: nothing would be sent.")
        return
    table = Table("case", "kind", "their number", "paths and notes", box=None, header_style="dim")
    for one in planned:
        notes = f"{one.notes} note{'' if one.notes == 1 else 's'}" if one.notes else ""
        told = one.problem or "; ".join(part for part in (", ".join(one.paths), notes) if part)
        table.add_row(one.case_id, "parked" if one.problem else one.kind, one.number, escape(told))
    console.print(table)
    kinds = [one.kind for one in planned if not one.problem]
    problems = len(planned) - len(kinds)
    console.print(
        f"{partner}: {kinds.count('create')} records would be created, {len(kinds) - kinds.count('create')} changed, "
        f"{problems} parked. Nothing was sent.",
        highlight=False,
    )
