"""What the command line shows of the ledger, and the few things it does to it.

Next: `ledger.py`, `exchange.py`; the board (`board/`) shows the same to people who would rather look at a page.
"""

from __future__ import annotations

import os
from pathlib import Path

import sqlalchemy as sa
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from hub.assembly import assemble, load_alliance, wall_clock
from hub.credentials import from_environment
from hub.entries import Entry
from hub.exchange import Exchange
from hub.ledger import Ledger, engine_for
from hub.partners import load_systems
from hub.reporting import write_reports
from hub.settings import Settings
from hub.tables import deliveries, links, parked

PASSING = {"delivered": "green", "parked": "yellow", "conflict": "yellow", "unknown": "yellow", "closed": "bold green"}


def exchange_here() -> Exchange:
    """The exchange of this environment, without Airflow. Raises DeclarationError, LedgerBehind."""
    settings = Settings.from_environment()
    return assemble(
        Ledger.open(settings),
        load_alliance(settings),
        lambda conn_id: from_environment(conn_id, os.environ),
        wall_clock,
    )


def show_case(search: str, console: Console) -> bool:
    """Print one case's story; False, with a sentence, where there is none or more than one."""
    ledger = Ledger.open(Settings.from_environment())
    found = ledger.cases(limit=6, search=search)
    if len(found) != 1:
        which = ", ".join(case.id for case in found) if found else "none"
        console.print(f"{search!r} names {which}: give a case's id, or its number in one system.")
        return False
    row = found[0]
    console.print(f"[bold]{escape(row.name)}[/]  {row.id}", highlight=False)
    console.print(
        f"{row.status}; held by {row.holder}, {row.accountable} answers for it, contact point {row.contact_point}; "
        + ", ".join(f"{link.partner} {link.number}" for link in row.links),
        highlight=False,
    )
    table = Table("seq", "seen", "what", "who", "fields and details", box=None, header_style="dim")
    for entry in ledger.entries(case_id=row.id):
        style = PASSING.get(entry.kind, "")
        seen = entry.observed_at.strftime("%m-%d %H:%M:%S")
        table.add_row(str(entry.seq), seen, f"[{style}]{entry.kind}[/]" if style else entry.kind, entry.partner,
                      escape(_details(entry)))  # fmt: skip
    console.print(table)
    return True


def _details(entry: Entry) -> str:
    said = ", ".join(entry.fields)
    more = ", ".join(f"{key} {value}" for key, value in entry.detail.items())
    return "; ".join(part for part in (said, more) if part)


def show_parked(console: Console) -> None:
    """Print what waits for a person."""
    rows = Ledger.open(Settings.from_environment()).parked()
    if not rows:
        console.print("Nothing waits for a person.")
        return
    table = Table("no.", "since", "what", "partner", "code", "where", "why")
    for row in rows:
        since = row.since.strftime("%m-%d %H:%M")
        table.add_row(str(row.id), since, row.subject, row.partner, row.code, escape(row.place), escape(row.message))
    console.print(table)


def retry_parked(number: int) -> str:
    """Make a parked delivery owed again, or have a parked record read again; what was done, in a sentence."""
    ledger, now = Ledger.open(Settings.from_environment()), wall_clock()
    with ledger.transaction(now) as tx:
        query = sa.select(parked).where(parked.c.id == number, parked.c.ended_at.is_(None))
        row = tx.connection.execute(query).mappings().one_or_none()
        if row is None:
            return f"There is no parked number {number}; `casebridge parked list` shows them."
        tx.connection.execute(sa.update(parked).where(parked.c.id == number).values(ended_at=now))
        if row["subject"] == "delivery":
            d = deliveries.c
            mine = [d.case_id == row["case_id"], d.partner == row["partner"], d.state == "parked"]
            tx.connection.execute(sa.update(deliveries).where(*mine).values(state="owed", due_at=now))
        elif row["subject"] == "record":
            mine = [links.c.partner == row["partner"], links.c.native_id == row["native_id"]]
            tx.connection.execute(sa.update(links).where(*mine).values(version="", digest=""))
            tx.note_partner(row["partner"], cursor=None)
        tx.append("unparked", row["case_id"] or "", row["partner"], native_id=row["native_id"], detail={"no": number})
    again = {
        "delivery": "is owed again",
        "record": f"is read again: the next pull of {row['partner']} reads everything",
    }
    return f"{row['subject']} of {row['partner']} {again.get(row['subject'], 'was taken off the list')}."


def write_rollup() -> list[Path]:
    """Write the reports that are due now; their files."""
    settings = Settings.from_environment()
    titles = {name: system.title for name, system in load_systems(settings.partners_dir).items()}
    return write_reports(Ledger.open(settings).entries(), settings, titles, wall_clock())


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


def verify_ledger() -> tuple[bool, str]:
    """Whether the chain verifies, and a sentence on it."""
    ledger = Ledger.open(Settings.from_environment())
    seq, digest = ledger.head()
    broken = ledger.broken_at()
    if broken is not None:
        return False, f"The chain is broken at transaction {broken}: an entry was edited, deleted or moved."
    return True, f"{seq} entries verify. Head {digest[:16]}; keep it elsewhere, a cut-off end is seen only against it."
