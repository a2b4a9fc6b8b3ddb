"""`casebridge pause`, `resume`, `paused`: stopping the hub, a partner or a case at a prompt, with who and why.

Thin: prints what `pausing.py` and `breaker.py` did. Next: `cli.py`, which adds these commands.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from hub.acting import CannotDo, by, case_named, partner_named
from hub.settings import Settings

if TYPE_CHECKING:
    from hub.ledger import Ledger
    from hub.pausing import Scope

Hub = Annotated[bool, typer.Option("--hub", help="The whole hub.")]
Partner = Annotated[str, typer.Option("--partner", help="A partner: it is neither read nor written.")]
Case = Annotated[str, typer.Option("--case", help="A case, by its id or its number in any company's system.")]
Why = Annotated[str, typer.Option("--why", help="Why; it stands in the audit trail.")]
Who = Annotated[str, typer.Option("--who", help="Whose act it is; your login name if you do not say.")]


def pause(hub: Hub = False, partner: Partner = "", case: Case = "", why: Why = "", who: Who = "") -> None:
    """Stop the hub, a partner, or one case. What is owed meanwhile waits, and drains in order after `resume`.

    A paused case is still read, so that nothing is lost; nothing is sent for it, and other cases flow.
    """
    from hub import pausing  # noqa: PLC0415  a command imports what it needs, so that --help is quick
    from hub.assembly import wall_clock  # noqa: PLC0415

    ledger, scope, name = _meant(hub, partner, case)
    act = by(who, why)
    with ledger.transaction(wall_clock()) as tx:
        done = pausing.pause(tx, scope, name, act.who, act.why)
    what = _called(scope, name)
    Console().print(f"{what} is paused." if done else f"{what} was paused already.", highlight=False)


def resume(hub: Hub = False, partner: Partner = "", case: Case = "", why: Why = "", who: Who = "") -> None:
    """Let it go on; a partner that was left alone after failures is spoken to again at once."""
    from hub import breaker, pausing  # noqa: PLC0415
    from hub.assembly import wall_clock  # noqa: PLC0415

    ledger, scope, name = _meant(hub, partner, case)
    act = by(who, why)
    with ledger.transaction(wall_clock()) as tx:
        if scope == "partner" and name in tx.left:
            raise CannotDo(
                "X506", f"{pausing.stopped(tx, name)}.", fix="a company comes back as a new partner's folder."
            )
        done = pausing.resume(tx, scope, name, act.who, act.why)
        closed = scope == "partner" and breaker.close(tx, name)
        if closed and not done:
            tx.append("resumed", "", name, detail={"scope": scope, "who": act.who, "why": act.why})
    what = _called(scope, name)
    Console().print(f"{what} goes on." if done or closed else f"{what} was not paused.", highlight=False)


def paused() -> None:
    """What is paused, by whom and why; and which partners are left alone after failures."""
    from hub.assembly import wall_clock  # noqa: PLC0415
    from hub.ledger import Ledger  # noqa: PLC0415

    ledger, console, now = Ledger.open(Settings.from_environment()), Console(), wall_clock()
    rows = ledger.pauses()
    if rows:
        table = Table("what", "since", "who", "why", box=None, header_style="dim")
        for row in rows:
            table.add_row(_called(row.scope, row.name), f"{row.since:%Y-%m-%d %H:%M} UTC", escape(row.who),
                          escape(row.why))  # fmt: skip
        console.print(table)
    alone = [row for row in ledger.partners() if row.open_until is not None and row.open_until > now]
    for one in alone:
        console.print(
            f"{one.name} is left alone until {one.open_until:%Y-%m-%d %H:%M:%S} UTC, after {one.failures} failures: "
            f"{escape(one.error)}",
            highlight=False,
        )
    if not rows and not alone:
        console.print("Nothing is paused.")


def _meant(hub: bool, partner: str, case: str) -> tuple[Ledger, Scope, str]:
    from hub.ledger import Ledger  # noqa: PLC0415
    from hub.partners import folders  # noqa: PLC0415

    settings = Settings.from_environment()
    if [hub, bool(partner), bool(case)].count(True) != 1:
        raise CannotDo("X506", "say what: one of --hub, --partner NAME, --case ID.")
    ledger = Ledger.open(settings)
    if hub:
        return ledger, "hub", ""
    if partner:
        return ledger, "partner", partner_named(partner, (folder.name for folder in folders(settings.partners_dir)))
    return ledger, "case", case_named(ledger, case)


def _called(scope: str, name: str) -> str:
    whole = {"hub": "the hub", "partner": name, "left": f"{name} (left the alliance)"}
    return whole.get(scope, f"case {name}")
