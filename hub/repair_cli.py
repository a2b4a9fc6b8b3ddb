"""`casebridge parked list|show|retry|fix|drop`: what waits for a person, and what the person does about it.

Each act is a dry run until `--yes`, and says who and why. Thin: `repair.py` does it. Next: `repair_showing.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape

from connectors.errors import ConnectorError
from hub.acting import CannotDo, by
from hub.settings import Settings

if TYPE_CHECKING:
    from hub.entries import ParkedRow
    from hub.repair import Verb

parked_app = typer.Typer(no_args_is_help=True, help="What waits for a person.")

Which = Annotated[str, typer.Argument(help="Its number, or any id or number of its case or record in any system.")]
Partner = Annotated[str, typer.Option("--partner", help="Only what concerns this partner.")]
Code = Annotated[str, typer.Option("--code", help="Only what has this code.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do it; without it, only what would happen is told.")]
Why = Annotated[str, typer.Option("--why", help="Why; it stands in the audit trail. Needed with --yes.")]
Who = Annotated[str, typer.Option("--who", help="Whose act it is; your login name if you do not say.")]


@parked_app.command("list")
def parked_list(
    partner: Partner = "",
    code: Code = "",
    case: Annotated[str, typer.Option("--case", help="Only of the case or record with this id or number.")] = "",
) -> None:
    """Records, deliveries, conflicts and transfers that wait for a person, with cause and place."""
    from hub import repair  # noqa: PLC0415  a command imports what it needs, so that --help is quick
    from hub.ledger import Ledger  # noqa: PLC0415
    from hub.repair_showing import show_list  # noqa: PLC0415

    ledger = Ledger.open(Settings.from_environment())
    show_list(Console(), repair.waiting(ledger, partner=partner, code=code, search=case))


@parked_app.command("show")
def parked_show(which: Which) -> None:
    """One thing that waits, whole: both values, its case, the story's last lines, the ways out and the code."""
    from hub import repair  # noqa: PLC0415
    from hub.ledger import Ledger  # noqa: PLC0415
    from hub.repair_showing import show_one  # noqa: PLC0415
    from hub.showing import titles_here  # noqa: PLC0415

    ledger, titles, console = Ledger.open(Settings.from_environment()), titles_here(), Console()
    for number, row in enumerate(repair.meant(ledger, which)):
        if number:
            console.rule(style="dim")
        show_one(console, ledger, row, titles.get(row.partner, row.partner))


@parked_app.command("retry")
def parked_retry(
    which: Annotated[str, typer.Argument(help="Its number, or any id of its case or record; or --all.")] = "",
    every: Annotated[bool, typer.Option("--all", help="All that can be tried again, of --partner and --code.")] = False,
    partner: Partner = "",
    code: Code = "",
    yes: Yes = False,
    why: Why = "",
    who: Who = "",
) -> None:
    """Try it again: a delivery is owed anew, a record is read from its partner now."""
    from hub import repair  # noqa: PLC0415
    from hub.ledger import Ledger  # noqa: PLC0415

    if every == bool(which):
        raise CannotDo("X506", "say which: a number, or --all.")
    rows = (
        repair.waiting(Ledger.open(Settings.from_environment()), partner=partner, code=code) if every else [_one(which)]
    )
    _carry("retry", rows, {}, yes=yes, why=why, who=who, lenient=every)


@parked_app.command("fix")
def parked_fix(
    which: Which,
    said: Annotated[list[str] | None, typer.Option("--set", help="path=value of the case; empty: no value.")] = None,
    yes: Yes = False,
    why: Why = "",
    who: Who = "",
) -> None:
    """Set a value of the case as the hub's word, so that it is sent; a record is read from its partner now."""
    from hub.repair_values import values_said  # noqa: PLC0415

    values = values_said(said or ())
    _carry("fix", [_one(which)], values, yes=yes, why=why, who=who)


@parked_app.command("drop")
def parked_drop(which: Which, yes: Yes = False, why: Why = "", who: Who = "") -> None:
    """Decide that it is not carried. `parked show` says what exactly that means for it."""
    _carry("drop", [_one(which)], {}, yes=yes, why=why, who=who)


def _one(which: str) -> ParkedRow:
    from hub import repair  # noqa: PLC0415
    from hub.ledger import Ledger  # noqa: PLC0415
    from hub.repair_showing import only  # noqa: PLC0415

    return only(repair.meant(Ledger.open(Settings.from_environment()), which), which)


def _carry(
    verb: Verb,
    rows: Sequence[ParkedRow],
    values: dict[str, object],
    *,
    yes: bool,
    why: str,
    who: str,
    lenient: bool = False,
) -> None:
    """Plan each, tell it, and do it where --yes is said. lenient: what cannot be done is told, and the others go on."""
    from hub import repair  # noqa: PLC0415
    from hub.showing import exchange_here  # noqa: PLC0415

    console, exchange = Console(), exchange_here()
    deed = by(who, why) if yes else None
    done = 0
    for row in rows:
        try:
            made = repair.plan(exchange, verb, row, values)
            owed = repair.act(exchange, made, deed) if deed else frozenset()
        except (CannotDo, ConnectorError) as error:
            if not lenient:
                raise
            console.print(escape(str(error)), style="yellow", highlight=False, soft_wrap=True)
            continue
        done += 1
        told = f"{row.id}: {verb} {made.told}."
        if owed:
            told += f" Owed now: {', '.join(sorted(owed))}."
        console.print(escape(told), highlight=False, soft_wrap=True)
    exchange.close()
    if not yes and done:
        console.print(f"Nothing was done: a dry run of {done}. Add --yes and --why to do it.", highlight=False)
    elif not done:
        console.print("Nothing waits that this could be done for.")
