"""What a replay does, or would do, told as it goes: how a record reads, what becomes of its case, who is owed.

Next: `mapping_replay.py`, which does it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from hub.mapping_cells import said
from hub.mapping_replay import Replay, Told
from hub.mapping_showing import listed

WHATS: Mapping[str, tuple[str, str, str]] = {
    "unparked": ("green", "fits now, and goes on", "goes on"),
    "changed": ("yellow", "reads otherwise", "read again"),
    "owed": ("yellow", "reads the same, and is written otherwise", "owed"),
    "stuck": ("red", "does not fit", "left as it is"),
    "busy": ("dim", "reads otherwise, and a write to it is on its way: run this again later", "left for later"),
    "overtaken": ("dim", "was read in a newer version since: it waits no more", "taken off the list"),
    "erased": ("dim", "cannot be opened: its subject was erased", "left as it is"),
}


def show_replay(replay: Replay, console: Console) -> None:
    """Run it, printing each record as it is done, and the sum."""
    how = "[bold red]writing[/]" if replay.really else "[bold]a rehearsal, nothing is written[/]"
    name, lens = replay.partner.name, replay.partner.lens
    console.print(f"[bold]{escape(name)}[/]  mapping [dim]{lens.hash}[/]  {how}\n", highlight=False)
    whats: Counter[str] = Counter()
    owed: Counter[str] = Counter()
    for told in replay.run():
        whats[told.what] += 1
        owed.update(told.owed)
        _show(told, console)
    if not whats:
        console.print("[green]✓[/] Every open case says what its record reads, and nothing of it is parked.")
        return
    console.print(_sum(whats, owed, really=replay.really), highlight=False)
    if not replay.really and any(whats[what] for what in ("unparked", "changed", "owed")):
        command = f"casebridge mapping replay {name} --apply --who NAME --why TEXT"
        console.print(f"To do it: [bold]{escape(command)}[/]", highlight=False, soft_wrap=True)


def _show(told: Told, console: Console) -> None:
    style, words, _ = WHATS[told.what]
    console.print(f"[{style}]●[/] [bold]{escape(told.number)}[/] {words}  [dim]case {told.case_id}[/]", highlight=False)
    if told.problem is not None:
        console.print(f"  [red]{escape(told.problem.text())}[/]", highlight=False, soft_wrap=True)
    held = {one.path: one.after for one in told.case}
    if told.new:
        console.print(
            f"  becomes a case of {len(told.case)} paths: {said(held.get('name'))}, {said(held.get('status'))}, "
            f"held by {said(held.get('holder'))}",
            highlight=False,
        )
    elif told.record or told.case:
        console.print(_changed(told), highlight=False)
    if told.owed:
        console.print(f"  owed now: [bold]{escape(listed(told.owed))}[/]", highlight=False)
    console.print()


def _changed(told: Told) -> Table:
    """Path by path: how the record read and reads, what the case held and holds."""
    record, case = ({one.path: one for one in changes} for changes in (told.record, told.case))
    heads = ("their record read", "it reads") if record else ()
    table = Table(box=None, header_style="dim", padding=(0, 1), pad_edge=False)
    for head in ("  path", *heads, "the case held", "it holds"):
        table.add_column(head, overflow="fold")
    for path in sorted({*record, *case}):
        theirs, ours = record.get(path), case.get(path)
        cells = [said(theirs.before), said(theirs.after)] if theirs else [""] * len(heads)
        cells += [said(ours.before), f"[bold]{said(ours.after)}[/]"] if ours else ["[dim]stays[/]", ""]
        table.add_row(f"  {escape(path)}", *cells)
    return table


def _sum(whats: Mapping[str, int], owed: Mapping[str, int], *, really: bool) -> str:
    parts = [f"{count} {WHATS[what][2]}" for what, count in whats.items()]
    due = ", ".join(f"{name} ({count} {'case' if count == 1 else 'cases'})" for name, count in sorted(owed.items()))
    verb = "are" if really else "would be"
    return f"{', '.join(parts)}; {verb} owed: {escape(due) or 'nobody'}."
