"""`casebridge partner leave`, `partner erased`: a company leaves the alliance, at a prompt, with who and why.

Thin: prints what `leaving.py` and `returning.py` did. Next: `cli.py`, which adds these commands.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape

from hub.acting import by, partner_named

if TYPE_CHECKING:
    from hub.exchange import Exchange
    from hub.leaving import Parting

Name = Annotated[str, typer.Argument(help="The company that leaves.")]
By = Annotated[str, typer.Option("--by", "--who", help="Whose act it is; your login name if you do not say.")]
Why = Annotated[str, typer.Option("--why", help="Why; it stands in the audit trail.")]


def leave(
    partner: Name,
    to: Annotated[str, typer.Option("--to", help="Who answers for its open cases from now on.")],
    contact: Annotated[
        str, typer.Option("--contact-point", help="Who is the contact point of cases that it was that of.")
    ] = "",
    export: Annotated[Path | None, typer.Option(help="Return its data: a file to write, JSON Lines.")] = None,
    erase: Annotated[bool, typer.Option("--erase", help="Remove its data here, and ask its people to do so.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would happen; write nothing.")] = False,
    by_whom: By = "",
    why: Why = "",
) -> None:
    """Let a company leave: its open cases go to another one, what it was owed is withdrawn, its access ends.

    Where no edge lets the new owner have a case, the case's contact point answers for it. Interrupted, run it again."""
    from hub import leaving, returning  # noqa: PLC0415  a command imports what it needs, so that --help is quick
    from hub.showing import exchange_here  # noqa: PLC0415
    from hub.succession import Heirs  # noqa: PLC0415

    exchange, console, heirs = exchange_here(), Console(), Heirs(to, contact)
    partner_named(partner, exchange.alliance.partners)
    if dry_run:
        done = leaving.plan(exchange.ledger, exchange.alliance, partner, heirs, exchange.clock())
    else:
        act = by(by_whom, why)
        done = leaving.leave(exchange.ledger, exchange.alliance, partner, heirs, act, exchange.clock)
    title = exchange.alliance.title(partner)
    verb = (
        "would leave"
        if dry_run
        else "has left"
        if not done.already
        else "had left before, and nothing else of it waits in"
    )
    console.print(f"[bold]{escape(title)}[/] {verb} the alliance.", highlight=False)
    for label, line in _told(done, exchange, heirs.to):
        _line(console, label, line)
    if dry_run:
        console.print("Nothing was written: a dry run.")
        return
    if export is not None:
        given = returning.export(exchange, partner, export, act)
        _line(console, "returned", f"{_many(given.cases, 'case')} and {_many(given.log, 'line')} of its log: {export}")
        _line(console, "", f"sha256 {given.digest}")
    if erase:
        gone = returning.remove(exchange, partner, act)
        told = f"{_many(gone.cases, 'case')} that nobody else has, {_many(gone.records, 'record')} of others"
        asked = f"; its people are asked to remove {gone.asked} there" if gone.asked else ""
        _line(console, "erased", told + asked)
    if not done.already:
        system = exchange.alliance.partners[partner].system
        todo = f"remove connection {system.connection} and folder {partner}, and sign the agreement without it"
        _line(console, "to do", todo)


def erased(partner: Name, by_whom: By = "", why: Why = "") -> None:
    """The people of a company that left say that they removed what the hub had written there: a receipt for each."""
    from hub import returning  # noqa: PLC0415
    from hub.showing import exchange_here  # noqa: PLC0415

    exchange = exchange_here()
    partner_named(partner, exchange.alliance.partners)
    done = returning.confirm(exchange, partner, by(by_whom, why))
    Console().print(f"{escape(exchange.alliance.title(partner))}: {_many(done, 'receipt')}.", highlight=False)


def _told(done: Parting, exchange: Exchange, to: str) -> Iterator[tuple[str, str]]:
    """(what, in words) of each thing that there is anything of."""
    title = exchange.alliance.title
    if done.owners:
        heirs = [f"{n} to {title(name)}" + ("" if name == to else " (contact point: no edge leads to the other)")
                 for name, n in done.owners.most_common()]  # fmt: skip
        yield "cases", f"{_many(done.owners.total(), 'open case')} that it answered for: {', '.join(heirs)}"
    if done.contacts:
        heirs = [f"{n} to {title(name)}" for name, n in done.contacts.most_common()]
        whole = _many(done.contacts.total(), "open case")
        yield "contact", f"{whole} that it was the contact point of: {', '.join(heirs)}"
    if done.returned:
        yield "offers", f"{_many(done.returned, 'case')} offered to it: back to who offered it"
    if done.withdrawn:
        yield "owed", f"{_many(done.withdrawn, 'delivery', 'deliveries')} withdrawn"
    if done.edges and not done.already:
        yield "edges", f"{', '.join(done.edges)}: no case goes over them any more"


def _line(console: Console, label: str, line: str) -> None:
    console.print(f"  [dim]{label:<9}[/] {escape(line)}", highlight=False, soft_wrap=True)


def _many(n: int, one: str, more: str = "") -> str:
    return f"{n} {one if n == 1 else more or one + 's'}"
