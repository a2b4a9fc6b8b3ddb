"""`casebridge corrective`: corrective actions at a prompt. Thin: prints what `corrective.py` did.

Next: `cli.py`, which adds these commands.
"""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from hub.acting import by
from hub.feedback_cli import Who, Why, here

corrective_app = typer.Typer(no_args_is_help=True, help="What is done about a customer who was not satisfied.")
STYLES = {"effective": "green", "ineffective": "red"}


@corrective_app.command("list")
def show_all(
    partner: Annotated[str, typer.Option(help="Only those of this company.")] = "",
    every: Annotated[bool, typer.Option("--all", help="Those that are ended too.")] = False,
) -> None:
    """Corrective actions that are not ended, what is due first on top."""
    from hub.assembly import wall_clock  # noqa: PLC0415  a command imports what it needs, so that --help is quick
    from hub.corrective import listed, number_at  # noqa: PLC0415

    ledger, alliance = here()
    console, now = Console(), wall_clock()
    rows = listed(ledger, partner=partner, every=every)
    if not rows:
        console.print("No corrective action is open.")
        return
    table = Table("no.", "case", "whose", "who", "since", "due", "state", box=None, header_style="dim")
    for row in rows:
        late = row.state == "open" and row.due_at <= now
        state = "open, overdue" if late else row.state
        style = "red" if late else STYLES.get(row.state, "")
        table.add_row(str(row.id), escape(number_at(ledger, row.case_id)), escape(alliance.title(row.owner)),
                      escape(row.role), f"{row.began_at:%m-%d %H:%M}", f"{row.due_at:%m-%d %H:%M}",
                      f"[{style}]{state}[/]" if style else state)  # fmt: skip
    console.print(table)


@corrective_app.command()
def done(number: int, why: Why = "", who: Who = "") -> None:
    """Say that a corrective action is done, and in --why what was done. The customer's next word says whether it was
    effective."""
    from hub import corrective  # noqa: PLC0415
    from hub.assembly import wall_clock  # noqa: PLC0415

    ledger, alliance = here()
    act = by(who, why)
    with ledger.transaction(wall_clock()) as tx:
        row = corrective.say_done(tx, alliance, number, act)
    said = f"Corrective action {row.id} is done. The customer is asked once the case is resolved again."
    Console().print(said, highlight=False)
