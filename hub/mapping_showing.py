"""What the mapping tools print: tables for people, one object for machines.

A value of a record is shown cut and with control characters escaped; it is text, never markup. Knows no ledger.
Next: `mapping_map.py`, `mapping_diff.py`, `mapping_replay.py` for what is told; `mapping_cli.py` for who asks.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from hub.mapping_cells import plain, said
from hub.mapping_map import Line, Look
from hub.mapping_showing_lists import counted, lists_as_json, show_lists
from mappings.errors import MappingError, nearest

STATES: Mapping[str, tuple[str, str]] = {
    "read": ("green", ""),
    "written": ("green", "is written"),
    "same": ("dim", "says so already"),
    "theirs": ("dim", "theirs to give"),
    "lost": ("yellow", "gets lost: no rule maps it"),
    "refused": ("red", ""),
}
QUIET: Mapping[str, str] = {"empty": "Empty in this record", "told": "Only written, by the hub"}


def show_look(look: Look, console: Console) -> None:
    """The whole look: fields, what is not mapped, notes, what does not fit, and the sum."""
    lens, back = look.version.lens, look.patch is not None
    arrow = "the case → their record" if back else "their record → the case"
    console.print(f"[bold]{lens.partner}[/]  {arrow}  [dim]mapping {lens.hash}[/]\n", highlight=False)
    console.print(_fields(look), highlight=False)
    for state, head in QUIET.items():
        quiet = [f"{one.path} [dim]{escape(one.field or 'a constant')}[/]" for one in look.lines if one.state == state]
        if quiet:
            console.print(f"\n[bold]{head}[/]  {len(quiet)}\n{', '.join(quiet)}", highlight=False)
    if look.unmapped:
        console.print(f"\n[bold yellow]Not mapped[/]  {len(look.unmapped)} fields stay with them; no case holds these")
        table = plain("their field", "their word")
        for field, word in look.unmapped.items():
            table.add_row(f"[yellow]{escape(field)}[/]", said(word))
        console.print(table, highlight=False)
    show_lists(look, console)
    for at, problem in look.problems:
        console.print(f"\n[red]✗[/] [bold]{escape(problem.field or at)}[/]  [dim]{escape(at)}[/]", highlight=False)
        for line in problem.text().splitlines():
            console.print(f"  {escape(line.strip())}", highlight=False, soft_wrap=True)
    console.print(f"\n{_sum(look)}", highlight=False)


def _fields(look: Look) -> Table:
    back = look.patch is not None
    fates = ("what becomes of it",) if back else ()
    table = plain("canonical path", "value", *fates, "their field", "their word", "said at")
    for line in look.lines:
        if line.state in QUIET:
            continue
        style, why = STATES[line.state]
        refused = f"[red]✗ {line.problem.code}[/]" if line.problem is not None else ""
        value = said(line.value) if line.value is not None else f"[{style}]emptied[/]"
        cells = [value, refused or f"[{style}]{why}[/]"] if back else [refused or value]
        field = escape(line.field) or ("[dim]a constant[/]" if line.state != "lost" else "")
        at = escape(_short(line.at, look.version.name))
        table.add_row(f"[{style}]{escape(line.path)}[/]", *cells, field, said(line.word), f"[dim]{at}[/]")
    return table


def _sum(look: Look) -> str:
    """How it ends, in a sentence."""
    states = Counter(line.state for line in look.lines)
    if look.problems:
        many = len(look.problems)
        fate = "nothing would be written" if look.patch is not None else "the record would be parked whole"
        return f"[red]✗[/] {many} {'field does' if many == 1 else 'fields do'} not fit: {fate}, and the others go on."
    if look.patch is None:
        told = f"{states['read']} paths read, {states['empty']} empty, {len(look.unmapped)} fields not mapped"
        return f"[green]✓[/] {told}{counted(look)}."
    lost = f", {states['lost']} not mapped" if states["lost"] else ""
    return f"[green]✓[/] {states['written']} paths written, {states['same']} said so already{lost}."


def look_as_json(look: Look) -> dict[str, Any]:
    """The look for machines."""
    return {
        "partner": look.version.name,
        "mapping": look.version.lens.hash,
        "fits": not look.problems,
        "values": {line.path: line.value for line in look.lines if line.state in {"read", "written", "same"}},
        "fields": [_line_as_json(line) for line in look.lines],
        "unmapped": dict(look.unmapped),
        **lists_as_json(look),
        "refused": [_problem_as_json(at, problem) for at, problem in look.problems],
        **({} if look.patch is None else {"patch": look.patch}),
    }  # fmt: skip


def _line_as_json(line: Line) -> dict[str, Any]:
    names = ("path", "value", "field", "word", "at", "state")
    return {name: getattr(line, name) for name in names}


def _problem_as_json(at: str, problem: MappingError) -> dict[str, Any]:
    return {
        "code": problem.code, "at": at, "field": problem.field, "message": problem.message, "word": problem.value,
        "known": list(problem.known), "nearest": nearest(problem.value, problem.known),
    }  # fmt: skip


def _short(at: str, name: str) -> str:
    """file:line:column without the folders, but for one that is not this partner's: a preset's."""
    folder, _, file = at.rpartition("/")
    nearest_folder = folder.rpartition("/")[2]
    return file if nearest_folder in {name, ""} else f"{nearest_folder}/{file}"


def listed(names: Iterable[str]) -> str:
    """Names as people list them."""
    found = sorted(names)
    return " and ".join([", ".join(found[:-1]), found[-1]] if len(found) > 1 else found)
