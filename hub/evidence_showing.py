"""Evidence of calls at a prompt: a line each, or all that was said. Next: `evidence_words.py`, `evidence.py`."""

from __future__ import annotations

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from hub.acting import partner_named
from hub.assembly import wall_clock
from hub.evidence_words import line_of, lines_of, pages_of, proven, run_line
from hub.ledger import Ledger
from hub.partners import folders
from hub.settings import Settings

RUNS = 20


def show_calls(ledger: Ledger, case_id: str, console: Console, *, whole: bool) -> None:
    """Print the calls that were made for a case; whole: requests and answers too."""
    rows = ledger.evidence(case_id, wall_clock() - Settings.from_environment().evidence_for)
    if not rows:
        if whole:
            console.print("No evidence of calls is kept for this case.", style="dim")
        return
    console.print("[bold]Calls[/]" + ("" if whole else "  [dim](--calls: what was said in them)[/]"), highlight=False)
    if not whole:
        heads = ("ended", "partner", "delivery", "what", "asked", "status", "ms", "tries", "outcome")
        table = Table(*heads, box=None, header_style="dim")
        for line in lines_of(rows):
            outcome, asked = escape(line.outcome), escape(line.asked)
            told = (f"{line.at:%m-%d %H:%M:%S}", line.partner, line.delivery, escape(line.what), asked, line.status)
            outcome = outcome if line.good else f"[yellow]{outcome}[/]"
            table.add_row(*told, str(line.ms), str(line.tries), outcome)
        console.print(table)
        return
    entries = list(ledger.entries(case_id=case_id))
    for row in rows:
        what = f"delivery {row.delivery_id}" if row.delivery_id is not None else f"reading of {row.native_id}"
        proof = proven(row, entries)
        title = f"{row.at:%Y-%m-%d %H:%M:%S} UTC  {row.partner}  {what}" + (f"  ({proof})" if proof else "")
        console.print(f"\n[bold]{escape(title)}[/]", highlight=False, soft_wrap=True)
        for page in pages_of(row):
            console.print(escape(page), highlight=False, soft_wrap=True)


def show_runs(ledger: Ledger, partner: str, console: Console) -> None:
    """Print the newest runs with a partner, and what failed in them. Raises CannotDo X502."""
    settings = Settings.from_environment()
    partner_named(partner, (folder.name for folder in folders(settings.partners_dir)))
    rows = ledger.evidence_of_runs(partner, wall_clock() - settings.evidence_for, RUNS)
    if not rows:
        console.print(f"No evidence of calls to {escape(partner)} is kept.", style="dim")
    for row in reversed(rows):
        console.print(f"{row.at:%m-%d %H:%M:%S}  {escape(run_line(row))}", highlight=False, soft_wrap=True)
        for failed in row.lines[0]["failed"]:
            line = line_of(row, failed)
            console.print(f"    [yellow]{escape(f'{line.asked}: {line.outcome}')}[/]", highlight=False, soft_wrap=True)
