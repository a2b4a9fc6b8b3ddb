"""`casebridge report`: who gets which report, and "send me this now". Thin: prints what `mailing/` did.

Next: `cli.py`, which adds these commands; `mailing/sending.py`.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

if TYPE_CHECKING:
    from hub.mailing.sending import Post

report_app = typer.Typer(no_args_is_help=True, help="Reports to those who subscribed: subscriptions.yaml.")
STYLES = {"sent": "green", "failed": "red", "sending": "yellow"}


@report_app.command("list")
def show_all() -> None:
    """Subscriptions, when each is due next, and where the last ones went."""
    from hub.assembly import wall_clock  # noqa: PLC0415  a command imports what it needs, so that --help is quick
    from hub.mailing.mailed import mailed  # noqa: PLC0415
    from hub.mailing.schedule import following  # noqa: PLC0415

    post, console, now = _post(), Console(), wall_clock()
    if not post.declared.subscriptions:
        console.print("Nobody subscribed; subscriptions.yaml says who gets which report.")
        return
    table = Table("name", "to", "what", "due next", "went last", box=None, header_style="dim")
    for name, one in post.declared.subscriptions.items():
        rows = mailed(post.ledger, name, limit=1)
        last = f"[{STYLES[rows[0].state]}]{rows[0].state}[/] {rows[0].due_at:%m-%d %H:%M}" if rows else ""
        to = ", ".join((*one.to, *((one.files,) if one.files else ())))
        what = f"{one.period}, {one.company or 'all'}, {one.language}"
        table.add_row(name, escape(to), what, f"{following(one, now).at:%m-%d %H:%M} UTC", last)
        if rows and rows[0].error:
            table.add_row("", "", "", "", escape(rows[0].error))
    console.print(table)


@report_app.command()
def send(
    name: Annotated[str, typer.Argument(help="A subscription's name.")],
    period: Annotated[str, typer.Option(help="Such as 2026-W47, 2026-11 or all; none: the last whole one.")] = "",
) -> None:
    """Send a subscription's report now. The mail server: AIRFLOW_CONN_<ID>.

    Exit 1 where it did not get everywhere."""
    from hub.mailing.relay import NotDelivered  # noqa: PLC0415
    from hub.periods import PeriodError  # noqa: PLC0415

    post, console = _post(), Console()
    try:
        (one,) = post.due((name,), period)
        reached = post.send(one.name, one.at, one.period)
    except (NotDelivered, PeriodError) as error:
        console.print(escape(str(error)), style="red", highlight=False, soft_wrap=True)
        raise typer.Exit(1) from None
    console.print(f"The report of {one.period} went to {escape(', '.join(reached))}.", highlight=False, soft_wrap=True)


def _post() -> Post:
    """What sends reports, with connections of the environment."""
    from hub.assembly import wall_clock  # noqa: PLC0415
    from hub.credentials import written_in  # noqa: PLC0415
    from hub.ledger import Ledger  # noqa: PLC0415
    from hub.mailing.sending import Place, Post  # noqa: PLC0415
    from hub.settings import Settings  # noqa: PLC0415
    from hub.showing import titles_here  # noqa: PLC0415

    def place(url: str) -> Place:
        from hub.runtime import place as of_airflow  # noqa: PLC0415  Airflow itself, where files are asked for

        return of_airflow(url)

    settings = Settings.from_environment()
    return Post(
        Ledger.open(settings), settings, titles_here(), lambda id_: written_in(os.environ, id_), place, wall_clock
    )
