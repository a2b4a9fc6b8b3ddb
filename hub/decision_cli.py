"""`casebridge decision`: what managers decided, at a prompt. Thin: prints what `decisions.py` did.

Next: `cli.py`, which adds these commands.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from hub.feedback_cli import Who, here

decision_app = typer.Typer(no_args_is_help=True, help="What managers decided on a deviation, and what came of it.")


@decision_app.command()
def add(
    what: Annotated[str, typer.Argument(help="What is to be done, in a sentence.")],
    indicator: Annotated[str, typer.Option(help="The indicator's id that it is to move: docs/indicators.md.")],
    owner: Annotated[str, typer.Option(help="Who does it.")],
    by: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="The day by which its effect is to show.")],
    period: Annotated[str, typer.Option(help="The period that it was decided on, such as 2026-W46.")],
    whose: Annotated[str, typer.Option(help="whole, a company, or an edge: telvoz>brightnet.")] = "whole",
    expect: Annotated[float | None, typer.Option(help="What the indicator is to be then; times in seconds.")] = None,
    who: Who = "",
) -> None:
    """Keep a decision; reports show its effect, before and after, until the day is over."""
    from hub.acting import login_name  # noqa: PLC0415  a command imports what it needs, so that --help is quick
    from hub.assembly import wall_clock  # noqa: PLC0415
    from hub.decisions import decide, figure_of  # noqa: PLC0415
    from hub.fact_store.ledger_source import LedgerSource  # noqa: PLC0415
    from hub.periods import Period, PeriodError  # noqa: PLC0415
    from hub.report.words import Words  # noqa: PLC0415
    from hub.reporting import figures  # noqa: PLC0415
    from hub.settings import Settings  # noqa: PLC0415

    ledger, alliance = here()
    try:
        of = Period.parse(period)
    except PeriodError as error:
        Console(stderr=True).print(escape(str(error)), style="red", highlight=False, soft_wrap=True)
        raise typer.Exit(1) from None
    (made,) = figures(LedgerSource(ledger), Settings.from_environment(), [of], alliance.agreement, None)
    found = figure_of(made, indicator, whose)
    with ledger.transaction(wall_clock()) as tx:
        number = decide(tx, what, found, of, owner=owner, due=by.date(), expected=expect, who=who or login_name())
    Console().print(
        f"Decision {number} is kept. {indicator} of {whose} was {Words().figure(found)} in {period}; reports show what "
        f"it is until {by:%Y-%m-%d}.", highlight=False, markup=False, soft_wrap=True,
    )  # fmt: skip


@decision_app.command("list")
def show_all() -> None:
    """All decisions, oldest first."""
    from hub.decisions import decided  # noqa: PLC0415

    ledger, _ = here()
    table = Table("no.", "decided", "what", "who does it", "moves", "was", "to be", "by", box=None, header_style="dim")
    for one in decided(ledger):
        moves = f"{one.indicator} of {one.scope}"
        table.add_row(str(one.id), f"{one.decided_at:%Y-%m-%d}", escape(one.what), escape(one.owner), moves,
                      _shown(one.before), _shown(one.expected), str(one.due))  # fmt: skip
    Console().print(table)


def _shown(value: float | None) -> str:
    return "" if value is None else f"{value:g}"
