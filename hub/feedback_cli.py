"""`casebridge feedback`: the customer's word, at a prompt. Thin: prints what `asking.py` did.

Next: `cli.py`, which adds these commands.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from hub.acting import CannotDo, case_named
from hub.settings import Settings

if TYPE_CHECKING:
    from hub.alliance import Alliance
    from hub.ledger import Ledger

feedback_app = typer.Typer(no_args_is_help=True, help="The customer's word on a case.")
Case = Annotated[str, typer.Argument(help="A case's id, or its number in any company's system.")]


def _here() -> tuple[Ledger, Alliance]:
    from hub.assembly import load_alliance  # noqa: PLC0415  a command imports what it needs, so that --help is quick
    from hub.ledger import Ledger  # noqa: PLC0415

    settings = Settings.from_environment()
    return Ledger.open(settings), load_alliance(settings)


@feedback_app.command()
def link(
    case: Case,
    base: Annotated[
        str, typer.Option(help="Address of `casebridge serve`; none: CASEBRIDGE_FEEDBACK_URL, else this machine's.")
    ] = "",
) -> None:
    """The link by which this case's customer can answer, once. Asks for feedback where nobody has yet."""
    from hub import asking  # noqa: PLC0415
    from hub.assembly import wall_clock  # noqa: PLC0415
    from hub.rounds import is_open, round_of  # noqa: PLC0415

    ledger, alliance = _here()
    case_id = case_named(ledger, case)
    alliance = replace(alliance, feedback_url=base.rstrip("/") or alliance.feedback_url or "http://127.0.0.1:8090")
    with ledger.transaction(wall_clock()) as tx:
        state = tx.case(case_id)
        if state is None or not is_open(state, round_of(state)):
            told = state.status if state is not None else "gone"
            raise CannotDo("X509", f"{case} is {told}: its customer is asked once it is resolved.")
        if state.asked is None or state.asked.round != round_of(state):
            state = asking.ask(tx, alliance, state)
        address, until, used = asking.link_of(tx, alliance, state)
    if used:
        raise CannotDo("X510", f"{case}: its customer has answered by this link already.")
    console = Console(soft_wrap=True)
    console.print(address, highlight=False)
    console.print(f"Good for one answer, until {until:%Y-%m-%d %H:%M} UTC.", style="dim", highlight=False)
