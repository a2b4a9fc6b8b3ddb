"""`casebridge feedback`: the customer's word, at a prompt. Thin: prints what `asking.py` did.

Next: `cli.py`, which adds these commands.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from hub.acting import CannotDo, by, case_named
from hub.settings import Settings

if TYPE_CHECKING:
    from hub.alliance import Alliance
    from hub.ledger import Ledger

feedback_app = typer.Typer(no_args_is_help=True, help="The customer's word on a case.")
Case = Annotated[str, typer.Argument(help="A case's id, or its number in any company's system.")]

Why = Annotated[str, typer.Option("--why", help="Why; it stands in the audit trail.")]
Who = Annotated[str, typer.Option("--who", help="Whose act it is; your login name if you do not say.")]


def here() -> tuple[Ledger, Alliance]:
    """The ledger and the companies of this environment."""
    from hub.assembly import load_alliance  # noqa: PLC0415  a command imports what it needs, so that --help is quick
    from hub.ledger import Ledger  # noqa: PLC0415

    settings = Settings.from_environment()
    return Ledger.open(settings), load_alliance(settings)


@feedback_app.command()
def classify(
    case: Case,
    component: Annotated[str, typer.Option(help="product, procedures, facilities, systems, information, people.")] = "",
    expected: Annotated[str, typer.Option(help="quality, quantity, opportunity, cost.")] = "",
    of: Annotated[int, typer.Option(help="Which entry's word; 0: the newest.")] = 0,
    why: Why = "",
    who: Who = "",
) -> None:
    """Say what the customer's word is about; it goes before what the agreement's rules made of it."""
    from hub import signals  # noqa: PLC0415
    from hub.assembly import wall_clock  # noqa: PLC0415

    ledger, _ = here()
    case_id, act = case_named(ledger, case), by(who, why)
    with ledger.transaction(wall_clock()) as tx:
        number = signals.classify(tx, case_id, act, component=component, expected=expected, of=of)
    Console().print(f"The word of entry {number} is classified.", highlight=False)


@feedback_app.command()
def dispute(
    case: Case,
    kind: Annotated[str, typer.Option(help="durationDisputed or narrativeDisputed.")],
    of: Annotated[str, typer.Option("--by", help="Whose dispute: customer or contactPoint.")] = "contactPoint",
    why: Why = "",
    who: Who = "",
) -> None:
    """Record that how the case was ended is disputed: how long it took, or what is said to have been done."""
    from hub import signals  # noqa: PLC0415
    from hub.assembly import wall_clock  # noqa: PLC0415

    ledger, _ = here()
    case_id, act = case_named(ledger, case), by(who, why)
    with ledger.transaction(wall_clock()) as tx:
        signals.dispute(tx, case_id, kind, act, whose=of)
    Console().print("It stands in the case's story.", highlight=False)


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
    from hub.owing import owe_all  # noqa: PLC0415
    from hub.rounds import is_open, round_of  # noqa: PLC0415

    ledger, alliance = here()
    case_id = case_named(ledger, case)
    shown = replace(alliance, feedback_url=base.rstrip("/") or alliance.feedback_url or "http://127.0.0.1:8090")
    with ledger.transaction(wall_clock()) as tx:
        state = tx.case(case_id)
        if state is None or not is_open(state, round_of(state)):
            told = state.status if state is not None else "gone"
            raise CannotDo("X509", f"{case} is {told}: its customer is asked once it is resolved.")
        if state.asked is None or state.asked.round != round_of(state):
            state = asking.ask(tx, alliance, state)
            owe_all(tx, alliance, state)
        address, until, used = asking.link_of(tx, shown, state)
    if used:
        raise CannotDo("X510", f"{case}: its customer has answered by this link already.")
    console = Console(soft_wrap=True)
    console.print(address, highlight=False)
    console.print(f"Good for one answer, until {until:%Y-%m-%d %H:%M} UTC.", style="dim", highlight=False)
