"""What another version of a mapping would change, in words and as one object.

Next: `mapping_diff.py`, which finds it; `mapping_showing.py`, whose way of showing values this shares.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from hub.mapping_cells import said
from hub.mapping_diff import Diff, Difference, Source, What

WORDS: Mapping[What, tuple[str, str]] = {
    "refused": ("red", "no longer fits: the record would be parked"),
    "gone": ("red", "is read no more"),
    "reads": ("yellow", "reads as another value"),
    "new": ("green", "is read now"),
    "fits": ("green", "fits now: the record would be unparked"),
    "member": ("yellow", "reads otherwise"),
    "writes": ("yellow", "is written as another word"),
}
SOURCES: Mapping[Source, tuple[str, str]] = {
    "example": ("example", "examples"),
    "case": ("open case", "open cases"),
    "parked": ("parked record", "parked records"),
}


def show_diff(diff: Diff, console: Console) -> None:
    """Both versions, what was tried, then each difference with one record that shows it, then the sum."""
    before, after = diff.before, diff.after
    console.print(
        f"[bold]{escape(before.name)}[/]  {escape(before.title)} [dim]{before.lens.hash}[/]  →  "
        f"{escape(after.title)} [dim]{after.lens.hash}[/]",
        highlight=False,
    )
    console.print(f"Tried on {_counted(diff.samples) or 'no record'}.\n", highlight=False)
    if not diff.differences:
        same = "are the same" if before.lens.hash == after.lens.hash else "say the same of every record tried"
        console.print(f"[green]✓[/] The two {same}.", highlight=False)
        return
    for one in diff.differences:
        _show(one, diff, console)
    console.print(_sum(diff), highlight=False)


def _show(one: Difference, diff: Diff, console: Console) -> None:
    style, words = WORDS[one.what]
    seen = ", ".join(_of(count, diff.samples[source], source) for source, count in one.seen.items())
    console.print(
        f"[{style}]●[/] [bold]{escape(one.path)}[/] {words}  [dim]{escape(one.at.rsplit('/', 1)[-1])}[/]",
        highlight=False,
        soft_wrap=True,
    )
    console.print(f"  {seen or 'no record tried has it now'}", highlight=False)
    if not one.seen and one.what in {"new", "gone"}:
        console.print()
        return
    table = Table(box=None, show_header=False, padding=(0, 1), pad_edge=False)
    table.add_column(style="dim")
    table.add_column(overflow="fold")
    if one.example:
        table.add_row("  such as", escape(one.example))
    if one.word is not None:
        table.add_row("  our value" if one.what == "writes" else "  their word", said(one.word))
    refused = f"[red]{escape(one.told)}[/]" if one.told else ""
    table.add_row("  before", refused if one.what == "fits" else said(one.before))
    table.add_row("  after", refused if one.what == "refused" else said(one.after))
    console.print(table, highlight=False)
    console.print()


def _of(count: int, whole: int, source: Source) -> str:
    return f"{count} of {whole} {SOURCES[source][1]}"


def _counted(samples: Mapping[Source, int]) -> str:
    return ", ".join(f"{count} {SOURCES[source][count != 1]}" for source, count in samples.items())


def _sum(diff: Diff) -> str:
    """How many live cases it touches, in a sentence; of examples alone where there was no ledger."""
    reads = [one for one in diff.differences if one.what != "writes"]
    paths = len({one.path for one in reads})
    writes = len({one.path for one in diff.differences if one.what == "writes"})
    said_of = f"{paths} {'path reads' if paths == 1 else 'paths read'} otherwise, {writes} written otherwise."
    if "case" in diff.samples or "parked" in diff.samples:
        return f"{said_of}  To bring live cases to it: [bold]casebridge mapping replay {escape(diff.after.name)}[/]"
    return f"{said_of}  What live cases would say: add [bold]--ledger[/]"


def diff_as_json(diff: Diff) -> dict[str, Any]:
    """The diff for machines."""
    return {
        "partner": diff.after.name,
        "before": {"version": diff.before.title, "mapping": diff.before.lens.hash},
        "after": {"version": diff.after.title, "mapping": diff.after.lens.hash},
        "tried": dict(diff.samples),
        "differences": [
            {
                "what": one.what, "path": one.path, "at": one.at, "seen": one.seen, "example": one.example,
                "word": _plain(one.word), "before": _plain(one.before), "after": _plain(one.after), "why": one.told,
            }
            for one in diff.differences
        ],
    }  # fmt: skip


def _plain(value: Any) -> Any:
    """A value as JSON has one."""
    return str(value) if value is not None and not isinstance(value, bool | int | str | Mapping | list) else value
