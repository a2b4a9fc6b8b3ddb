"""What `casebridge partner try` prints: each record in a line, then what is to be done. Next: `trying.py`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import UTC
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from hub.mapping_cells import plain, said
from hub.mapping_showing import look_as_json, show_look
from hub.trying import Seen, Tried, Way

MOST_LISTED = 12


def show_tried(tried: Tried, titles: Mapping[str, str], console: Console, *, whole: bool) -> None:
    """All of it. whole: each record field by field, too."""
    console.print(f"[bold]{escape(titles.get(tried.partner, tried.partner))}[/]  {len(tried.seen)} records read\n")
    if whole:
        for one in tried.seen:
            console.rule(f"record {escape(one.record.native_id)}", style="dim")
            show_look(one.look, console)
        console.rule(style="dim")
    console.print(_records(tried, titles), highlight=False)
    _unknown(tried, console)
    _left_over(tried, console)
    _ways(tried, titles, console)
    fit = sum(one.fits for one in tried.seen)
    mark = "[green]✓[/]" if fit == len(tried.seen) else "[red]✗[/]"
    console.print(
        f"\n{mark} {fit} of {len(tried.seen)} records are understood whole. Nothing was kept, nothing written."
    )


def _records(tried: Tried, titles: Mapping[str, str]) -> Table:
    table = plain("record", "changed, UTC", "what it is about", "status", "notes", "could go to", "")
    for one in tried.seen:
        changed = f"{one.record.changed_at.astimezone(UTC):%Y-%m-%d %H:%M}" if one.record.changed_at else ""
        to = ", ".join(dict.fromkeys(titles.get(way.edge.receiver, way.edge.receiver) for way in one.ways))
        told = f"[red]✗ {len(one.look.problems)} not understood[/]" if not one.fits else "[green]✓[/]"
        table.add_row(escape(one.record.native_id), changed, said(one.values.get("name")),
                      escape(str(one.values.get("status") or "–")), _notes(one), escape(to) or "[dim]stays[/]",
                      told)  # fmt: skip
    return table


def _notes(one: Seen) -> str:
    counts = Counter(str(note.visibility) for note in one.look.notes)
    return ", ".join(f"{times} {kind}" for kind, times in sorted(counts.items())) or "[dim]–[/]"


def _unknown(tried: Tried, console: Console) -> None:
    """Words that stop a record: it would wait for a person until the mapping says what they mean."""
    if not tried.unknown:
        return
    console.print(f"\n[bold red]Not understood[/]  {len(tried.unknown)}: such a record waits until the mapping says so")
    table = plain("their field", "their word", "records", "code", "say it at")
    for one in tried.unknown[:MOST_LISTED]:
        table.add_row(escape(one.field), said(one.word), str(one.times), one.error.code, f"[dim]{escape(one.at)}[/]")
    console.print(table, highlight=False)
    _more(len(tried.unknown), console)


def _left_over(tried: Tried, console: Console) -> None:
    """What no case holds, and what no record says: to be looked at, neither is an error."""
    if tried.unmapped:
        console.print(f"\n[bold]Not mapped[/]  {len(tried.unmapped)} of their fields stay with them")
        table = plain("their field", "filled in", "for example")
        for field, times, word in tried.unmapped[:MOST_LISTED]:
            table.add_row(escape(field), f"{times} of {len(tried.seen)}", said(word))
        console.print(table, highlight=False)
        _more(len(tried.unmapped), console)
    if tried.empty:
        console.print(f"\n[bold]Empty in all of them[/]  {len(tried.empty)}\n{', '.join(tried.empty)}", highlight=False)


def _ways(tried: Tried, titles: Mapping[str, str], console: Console) -> None:
    """Edge by edge, what would stand at the other company."""
    ways: dict[str, list[Way]] = {}
    for one in tried.seen:
        for way in one.ways:
            ways.setdefault(way.edge.id, []).append(way)
    if not ways:
        console.print("\nNo edge of the agreement leads from any of these cases to another company.")
        return
    console.print("\n[bold]What would cross[/]  if each were handed over")
    table = plain("edge", "to", "cases", "crosses", "kept back", "no field there", "notes, files", "would wait there")
    for name, some in ways.items():
        first = some[0].edge
        table.add_row(
            escape(name), escape(titles.get(first.receiver, first.receiver)), str(len(some)),
            str(len(_all(some, "crossing"))), ", ".join(_all(some, "withheld")) or "[dim]–[/]",
            ", ".join(_all(some, "nowhere")) or "[dim]–[/]",
            f"{sum(way.notes for way in some)}, {sum(way.files for way in some)}", _waiting(some),
        )  # fmt: skip
    console.print(table, highlight=False)


def _all(ways: list[Way], part: str) -> list[str]:
    return list(dict.fromkeys(path for way in ways for path in getattr(way, part)))


def _waiting(ways: list[Way]) -> str:
    codes = Counter(f"{error.code} {error.field}" for way in ways for _, error in way.refused)
    told = ", ".join(f"{escape(code)} ({times})" for code, times in codes.most_common(3))
    return f"[red]{told}[/]" if told else "[green]none[/]"


def _more(many: int, console: Console) -> None:
    if many > MOST_LISTED:
        console.print(f"[dim]... and {many - MOST_LISTED} more; --json has all[/]")


def tried_as_json(tried: Tried) -> dict[str, Any]:
    """All of it for machines."""
    return {
        "partner": tried.partner,
        "records": [
            {"record": one.record.native_id, **look_as_json(one.look), "ways": [_way_as_json(way) for way in one.ways]}
            for one in tried.seen
        ],
        "unknown": [
            {"field": one.field, "word": one.word, "code": one.error.code, "at": one.at, "records": one.times}
            for one in tried.unknown
        ],
        "unmapped": [{"field": field, "records": times} for field, times, _ in tried.unmapped],
        "empty": tried.empty,
        "notes": dict(tried.notes),
    }


def _way_as_json(way: Way) -> dict[str, Any]:
    return {
        "edge": way.edge.id, "to": way.edge.receiver, "crossing": list(way.crossing), "withheld": list(way.withheld),
        "nowhere": list(way.nowhere), "notes": way.notes, "files": way.files,
        "refused": [{"code": error.code, "field": error.field, "at": at} for at, error in way.refused],
    }  # fmt: skip
