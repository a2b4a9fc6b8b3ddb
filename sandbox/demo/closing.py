"""What you read at the end: the figures, where to look now, and what did not go as it should.

Next: `command.py`. The figures of crossings are the stage's own measurements; the others are counted in the ledger.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from rich.console import Console
from rich.markup import escape
from rich.rule import Rule
from rich.table import Table

from hub.entries import Entry
from hub.indicators import log_figures
from hub.ledger import Ledger
from sandbox.demo.airflow_process import LOGINS, Airflow
from sandbox.demo.stage import Stage
from sandbox.desks import LOGIN, Company


@dataclass(frozen=True, slots=True)
class Outcome:
    """How it went. first: seconds from the start to the first crossing; wall: to the rollup; wrong: what went wrong."""

    stage: Stage
    ledger: Ledger
    wall: float
    report: Path | None
    wrong: tuple[str, ...]

    @property
    def first(self) -> float | None:
        """Seconds from the start to the first crossing."""
        first = self.stage.first_crossing
        return first.at if first else None


def show_figures(outcome: Outcome, console: Console) -> None:
    """The closing table."""
    stage, entries = outcome.stage, list(outcome.ledger.entries())
    kinds, figures = Counter(entry.kind for entry in entries), log_figures(entries)
    parked = outcome.ledger.parked()
    planned = sum(len(run.script.planned) for run in stage.runs)
    seconds = sorted(arrival.seconds for arrival in stage.arrivals)
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(style="dim")
    table.add_column(justify="right", style="bold")
    table.add_column()
    table.add_row("cases", str(kinds["opened"]), f"{figures.crossing} of them crossed to another company")
    table.add_row("crossings", str(figures.handovers), f"hand-overs; {figures.pingpong_cases} cases came straight back")
    table.add_row("accepted", str(kinds["accepted"]), f"hand-overs; {_refused(entries)}")
    table.add_row("agents' acts", str(stage.acts_done), "at the companies' desks")
    table.add_row("arrivals", str(len(seconds)), f"of {stage.expected} that had to show at another company's desk")
    table.add_row("deliveries", str(kinds["delivered"]), f"receipts; {kinds['conflict']} conflicting edits were logged")
    table.add_row("customers' words", str(kinds["fed_back"]), f"{kinds['closed']} closed a case in all companies")
    if kinds["escalated"]:
        table.add_row("escalated", str(kinds["escalated"]), "by a contact point, and answered")
    if kinds["corrective"]:
        table.add_row("corrective", str(kinds["corrective"]), f"begun by a negative word; {kinds['effective']} proved")
    table.add_row("parked", str(len(parked)), _planned(len(parked), planned))
    if seconds:
        table.add_row("edit to arrival", f"{median(seconds):.1f} s", f"median; slowest {seconds[-1]:.1f} s")
        table.add_row("first crossing", f"{outcome.first:.0f} s", "after the start")
    table.add_row("wall time", _span(outcome.wall), "from the start to the rollup")
    console.print(Rule(style="dim"))
    console.print(table)
    if outcome.report is not None:
        console.print(f"\n[dim]report[/]  {escape(str(outcome.report))}", highlight=False, soft_wrap=True)


def _refused(entries: Sequence[Entry]) -> str:
    """How many were refused, and why."""
    refused = [entry for entry in entries if entry.kind == "refused" and entry.detail.get("how") == "refused"]
    reasons = Counter(str(entry.detail.get("reason", "")) or "no reason" for entry in refused)
    told = ", ".join(f"{count} × {reason}" if count > 1 else reason for reason, count in sorted(reasons.items()))
    return f"{reasons.total()} refused ({told})" if reasons else "none refused"


def _planned(parked: int, planned: int) -> str:
    if parked != planned:
        return f"wait for a person; {planned} meant to"
    return "waits for a person, as the script means it: no edge permits that" if planned else "as it should be"


def show_places(
    airflow: Airflow, running: Mapping[str, Company], mails: str, home: Path, stage: Stage, console: Console
) -> None:
    """Where to look, and who to be there."""
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(style="dim", no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    admin, viewer = (f"{name}/{password}" for name, password in LOGINS.items())
    table.add_row("board", f"{airflow.url}/plugin/casebridge", f"{viewer} or {admin}")
    table.add_row("Airflow", airflow.url, admin)
    table.add_row("mailbox", mails, "everybody's reports")
    for name, company in running.items():
        table.add_row(name.capitalize(), company.url, "/".join(LOGIN))
    console.print()
    console.print(table)
    told = max(stage.runs, key=lambda run: len(run.numbers))
    number = next(iter(told.numbers.values()))
    console.print(
        f"\n[dim]«{escape(told.script.title)}», told from entry to receipt:[/]\n"
        f"  CASEBRIDGE_HOME={escape(_relative(home))} .venv/bin/casebridge show {number}",
        highlight=False, soft_wrap=True,
    )  # fmt: skip


def show_wrong(wrong: Sequence[str], console: Console, *, pending: Sequence[str] = ()) -> None:
    """What did not go as it should, each with its reason. pending: what had not crossed yet when that ended it."""
    console.print(f"\n[bold red]{len(wrong)} {'thing' if len(wrong) == 1 else 'things'} went wrong[/]")
    for text in wrong:
        console.print(f"[red]✗[/] {escape(text)}", highlight=False, soft_wrap=True)
    if pending:
        console.print(f"\nBy then {len(pending)} acts had not crossed yet:")
        for text in pending:
            console.print(f"[dim]·[/] {escape(text)}", highlight=False, soft_wrap=True)


def _relative(path: Path) -> str:
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)


def _span(seconds: float) -> str:
    return f"{int(seconds) // 60} min {int(seconds) % 60:02d} s" if seconds >= 60 else f"{seconds:.0f} s"
