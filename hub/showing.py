"""What the command line shows of the ledger, and the few things it does to it.

Next: `ledger.py`, `exchange.py`; the board (`board/`) shows the same to people who would rather look at a page.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from connectors.files import told_size
from hub.assembly import assemble, load_alliance, wall_clock
from hub.credentials import from_environment
from hub.entries import CaseRow
from hub.evidence_showing import show_calls
from hub.exchange import Exchange
from hub.fact_store.ledger_source import LedgerSource
from hub.file_names import safe_name
from hub.ledger import Ledger, engine_for
from hub.partners import load_systems
from hub.repair_showing import details
from hub.reporting import write_reports
from hub.rounds import lines_of
from hub.settings import Settings

PASSING = {
    "delivered": "green",
    "parked": "yellow",
    "conflict": "yellow",
    "unknown": "yellow",
    "overdue": "red",
    "silent": "yellow",
    "corrective": "red",
    "disputed": "yellow",
    "effective": "green",
    "closed": "bold green",
}


def exchange_here() -> Exchange:
    """The exchange of this environment, without Airflow. Raises DeclarationError, LedgerBehind."""
    settings = Settings.from_environment()
    return assemble(
        Ledger.open(settings),
        load_alliance(settings),
        lambda conn_id: from_environment(conn_id, os.environ),
        wall_clock,
        settings.evidence_for,
    )


def show_case(search: str, console: Console, *, calls: bool = False) -> bool:
    """Print one case's story, and the calls that were made for it; calls: with what was said in them. False, with a
    sentence, where there is none or more than one."""
    ledger = Ledger.open(Settings.from_environment())
    row = the_case(ledger, search, console)
    if row is None:
        return False
    console.print(f"[bold]{escape(row.name)}[/]  {row.id}", highlight=False)
    console.print(
        f"{row.status}; held by {row.holder}, {row.accountable} answers for it, contact point {row.contact_point}; "
        + ", ".join(f"{link.partner} {link.number}" for link in row.links),
        highlight=False,
    )
    for stop in ledger.pauses():
        if (stop.scope, stop.name) == ("case", row.id):
            console.print(f"[yellow]paused[/] by {escape(stop.who)}: {escape(stop.why)}", highlight=False)
    _show_feedback(ledger, row.id, console)
    _show_files(ledger, row.id, console)
    table = Table("seq", "seen", "what", "who", "fields and details", box=None, header_style="dim")
    for entry in ledger.entries(case_id=row.id):
        style = PASSING.get(entry.kind, "")
        seen = entry.observed_at.strftime("%m-%d %H:%M:%S")
        table.add_row(str(entry.seq), seen, f"[{style}]{entry.kind}[/]" if style else entry.kind, entry.partner,
                      escape(details(entry)))  # fmt: skip
    console.print(table)
    show_calls(ledger, row.id, console, whole=calls)
    return True


def the_case(ledger: Ledger, search: str, console: Console) -> CaseRow | None:
    """The one case that this names; None, with a sentence, where there is none or more than one."""
    found = ledger.cases(limit=6, search=search)
    if len(found) == 1:
        return found[0]
    which = ", ".join(case.id for case in found) if found else "none"
    console.print(f"{search!r} names {which}: give a case's id, or its number in one system.")
    return None


def _show_feedback(ledger: Ledger, case_id: str, console: Console) -> None:
    with ledger.look(wall_clock()) as tx:
        state = tx.case(case_id)
    for line in lines_of(state) if state is not None else ():
        console.print(f"[dim]feedback[/] {escape(line)}", highlight=False, soft_wrap=True)


def _show_files(ledger: Ledger, case_id: str, console: Console) -> None:
    case = ledger.case(case_id)
    for file in case.attachment if case is not None else ():
        name = "(private)" if file.visibility == "private" else safe_name(file.name)
        size = f", {told_size(file.size)}" if file.size is not None else ""
        console.print(f"[dim]file[/]   {escape(name)}{size}, of {file.partner}, {file.visibility}", highlight=False)


def titles_here() -> dict[str, str]:
    """The companies' names as people write them, by partner."""
    return {name: system.title for name, system in load_systems(Settings.from_environment().partners_dir).items()}


def write_rollup(periods: Sequence[str] = (), head: int = 0, reader: str | None = None) -> list[Path]:
    """Write the reports of these periods (none: those that are due now); their files. head, reader: as
    `reporting.write_reports` has them."""
    settings = Settings.from_environment()
    source = LedgerSource(Ledger.open(settings))
    return write_reports(source, settings, titles_here(), wall_clock(), periods, head=head, reader=reader)


def upgrade_ledger() -> str:
    """Bring the schema to this program's; what was done, in a sentence."""
    settings = Settings.from_environment()
    engine = engine_for(settings.ledger_url)
    Ledger.prepare(settings)
    return f"The ledger at {engine.url.render_as_string()} is at the schema of this program."


def reconcile_ledger() -> str:
    """Take in what the companies kept since the ledger's cursors; what was found, in a sentence."""
    from hub.restoring import reconcile  # noqa: PLC0415

    found = reconcile(exchange_here())
    return f"{found.records} records read again; {found.cases} cases are known, {found.parked} wait for a person."
