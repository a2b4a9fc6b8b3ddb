"""`casebridge agreement diff`, printed: what changes for whom, and what the cases of the last weeks would have done.

Next: `agreement_diff.py`, `agreement_replay.py`, which find it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from hub.agreement import Agreement
from hub.agreement_diff import Change, changes
from hub.agreement_replay import Lived, lived
from hub.entries import Entry
from hub.ledger import Ledger
from hub.report.words import counted


def show(before: Agreement, after: Agreement, console: Console) -> None:
    """What is otherwise, a paragraph for each company."""
    console.print(f"agreement {before.version} ({before.text[:12]}, from {before.effective})  ->  "
                  f"{after.version} ({after.text[:12]}, from {after.effective})\n", highlight=False)  # fmt: skip
    found = changes(before, after)
    if not found:
        console.print("They say the same of every edge, promise and rule.", highlight=False)
    everybody = tuple(dict.fromkeys((*before.partners, *after.partners)))
    groups = {"for all": [each for each in found if len(each.whom) == len(everybody)]}
    for name in everybody:
        groups[name] = [each for each in found if name in each.whom and len(each.whom) < len(everybody)]
    for whom, told in groups.items():
        if told:
            _group(whom if whom == "for all" else f"for {_title(whom, before, after)}", told, console)


def _title(name: str, *agreements: Agreement) -> str:
    return next((each.partners[name].title for each in reversed(agreements) if name in each.partners), name)


def _group(head: str, told: Sequence[Change], console: Console) -> None:
    console.print(f"[bold]{escape(head)}[/]", highlight=False)
    table = Table(box=None, show_header=False, padding=(0, 0, 0, 2))
    for each in told:
        table.add_row(f"[cyan]{escape(each.place)}[/]", escape(each.text))
    console.print(table)
    console.print()


def recent(ledger: Ledger, now: datetime, days: int) -> Iterator[tuple[Sequence[Entry], Mapping[str, Any]]]:
    """(entries, values) of each case that began in these days, but for imported history and test cases."""
    since, offset = now - timedelta(days=days), 0
    while rows := ledger.cases(limit=200, offset=offset):
        for row in rows:
            if row.opened_at >= since and not row.history and not row.test:
                with ledger.look(now) as tx:
                    state = tx.case(row.id)
                if state is not None:
                    yield list(ledger.entries(case_id=row.id)), state.values
        offset += len(rows)


def show_lived(ledger: Ledger, before: Agreement, after: Agreement, now: datetime, days: int, console: Console) -> None:
    """What the cases of the last days would have done."""
    found = lived(recent(ledger, now, days), before, after, now)
    head = f"[bold]The {counted(found.cases, 'case')} of the last {days} days, under {escape(after.version)}[/]"
    console.print(head, highlight=False)
    if not found.cases:
        return
    lines = list(_told(found))
    for line in lines or [f"  {counted(found.handovers, 'hand-over')}: each as it was."]:
        console.print(f"  {escape(line.strip())}", highlight=False, soft_wrap=True)
    table = Table("", "kept", "broken", "kept then", "broken then", box=None, header_style="dim", pad_edge=False,
                  padding=(0, 2))  # fmt: skip
    for name, (kept, broken, kept_then, broken_then) in found.promises.items():
        if any((kept, broken, kept_then, broken_then)):
            worse = "red" if broken_then > broken else "green" if broken_then < broken else ""
            last = f"[{worse}]{broken_then}[/]" if worse else f"{broken_then}"
            table.add_row(escape(name), f"{kept}", f"{broken}", f"{kept_then}", last)
    if table.row_count:
        console.print()
        console.print(table)
    console.print("\nHand-overs are judged by what each case says today; what people would have done, nobody knows.",
                  style="dim", highlight=False)  # fmt: skip


def _told(found: Lived) -> Iterator[str]:
    of = counted(found.handovers, "hand-over")
    for edge, number in found.forbidden.most_common():
        yield f"{number} of {of}: over {edge}, which would not have been permitted."
    for (was, now), number in found.moved.most_common():
        yield f"{number} of {of}: over {now} in place of {was}."
    for edge, number in found.alone.most_common():
        yield f"{counted(number, 'case')} would have gone over {edge} by itself, and nobody gave it there."
    for edge, number in found.unreasoned.most_common():
        yield f"{counted(number, 'refusal')} over {edge} named no reason; it would have stayed offered."
