"""`casebridge leaktest`: proves before go-live, and in CI, that a company is given what was agreed and nothing else.

Thin: prints what `leaks/trial.py` found, and keeps when it was. Next: `passports.py`, which tells the last one.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from hub.acting import CannotDo, partner_named

if TYPE_CHECKING:
    from hub.leaks.trial import Verdict

Agreed = Annotated[
    Path | None,
    typer.Option(help="The agreement that was signed, to judge by; none: the one that the hub lives by."),
]
Scratch = Annotated[str, typer.Option("--ledger", help="URL of an empty database; none: one in memory.")]
Seed = Annotated[int | None, typer.Option(help="Of the marked words, to repeat a test; none: others each time.")]


def leaktest(
    partner: Annotated[str, typer.Argument(help="Whose share is looked at.")] = "",
    every: Annotated[bool, typer.Option("--all", help="Every partner's.")] = False,
    agreed: Agreed = None,
    ledger: Scratch = "",
    seed: Seed = None,
) -> None:
    """Plant marked words in all companies' cases, let them cross, and look for them in all that a partner was given.

    By the declarations as they are, on a ledger made for it, with companies in memory: no system is spoken to. In
    fields, notes, files and numbers, also encoded and packed; in reports, the log, tasks' returns and errors. What the
    agreement's text lets cross is allowed. Exit 1 on a leak, and where an edge could not be tried."""
    from random import Random  # noqa: PLC0415  a command imports what it needs, so that --help is quick

    from hub.assembly import load_alliance, wall_clock  # noqa: PLC0415
    from hub.declarations import read  # noqa: PLC0415
    from hub.leaks.kept import Kept, keep  # noqa: PLC0415
    from hub.leaks.trial import declared_hash, leak_test  # noqa: PLC0415
    from hub.settings import Settings  # noqa: PLC0415

    if bool(partner) == every:
        raise CannotDo("X521", "say whose share is looked at: a partner's name, or --all.")
    settings, console = Settings.from_environment(), Console()
    alliance = load_alliance(settings)
    companies = tuple(alliance.partners) if every else (partner_named(partner, alliance.partners),)
    text = read(agreed or settings.agreement_file).content
    chance = Random(seed)  # noqa: S311  marked words, no secrets
    verdict = leak_test(settings, alliance, text, companies, chance=chance, url=ledger)
    _show(verdict, console)
    kept = Kept(f"{wall_clock():%Y-%m-%dT%H:%M:%SZ}", companies, declared_hash(text, alliance), verdict.holds)
    keep(settings, kept)
    if not verdict.holds:
        raise typer.Exit(1)


def _show(verdict: Verdict, console: Console) -> None:
    if verdict.leaks:
        table = Table("given to", "where", "what", "of", "case", "fix", box=None, header_style="dim")
        for leak in verdict.leaks:
            table.add_row(*(escape(each) for each in (leak.to, leak.where, leak.what, leak.whose, leak.path, leak.fix)))
        console.print(table)
        console.print(f"{len(verdict.leaks)} leaks in {verdict.cases} cases.", style="red", highlight=False)
    else:
        table = Table("company", "words of others", "may have", "was given", "writes to it", "leaks", box=None)
        for one in verdict.looked:
            figures = (one.others, one.may, one.has, one.given, len(one.leaks))
            table.add_row(one.company, *(str(figure) for figure in figures))
        console.print(table)
    for line in verdict.untried:
        console.print(f"X522 not tried: {escape(line)}", style="red", highlight=False, soft_wrap=True)
