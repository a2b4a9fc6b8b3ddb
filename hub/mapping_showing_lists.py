"""What `casebridge map` prints of the lists of a record: notes, what customers answered, files.

Next: `mapping_showing.py`, which prints the rest.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from hub.mapping_cells import plain, said
from hub.mapping_map import Look
from mappings.case import Visibility
from mappings.examples import MEMBERS

CROSSES: Mapping[str, str] = {
    "private": "stays in this company",
    "partners": "crosses to the other companies",
    "customer": "crosses, and the customer may read it",
}
NAMED: Mapping[str, str] = {"notes": "Notes", "feedback": "Feedback", "attachments": "Attachments"}
COUNTED: Mapping[str, tuple[str, str]] = {
    "notes": ("note", "notes"), "feedback": ("answer", "answers"), "attachments": ("attachment", "attachments"),
}  # fmt: skip


def show_lists(look: Look, console: Console) -> None:
    """A table of each list that has members."""
    tables = {"notes": _notes, "feedback": _feedback, "attachments": _attachments}
    for section, members in look.lists.items():
        if members:
            console.print(f"\n[bold]{NAMED[section]}[/]  {len(members)}")
            console.print(tables[section](members), highlight=False)


def counted(look: Look) -> str:
    """How many members each list has, for the end of a sentence."""
    return "".join(f", {len(members)} {COUNTED[section][len(members) != 1]}" for section, members in look.lists.items())


def lists_as_json(look: Look) -> dict[str, Any]:
    """The lists for machines: those that are declared, and the notes in any case."""
    return {
        section: [_member(member, MEMBERS[section][1]) for member in members]
        for section, members in {"notes": (), **look.lists}.items()
    }


def _member(member: Any, parts: Mapping[str, str]) -> dict[str, Any]:
    found = {key: getattr(member, name) for key, name in parts.items()}
    return {key: str(value) if isinstance(value, Visibility) else value for key, value in found.items()}


def _notes(members: tuple[Any, ...]) -> Table:
    table = plain("visibility", "author", "date", "text", "what becomes of it")
    for note in members:
        style = "dim" if note.visibility == "private" else "green"
        fate = "ours, come back" if note.ref else CROSSES[str(note.visibility)]
        table.add_row(f"[{style}]{note.visibility}[/]", escape(note.author), said(note.date), said(note.text),
                      f"[{style}]{fate}[/]")  # fmt: skip
    return table


def _feedback(members: tuple[Any, ...]) -> Table:
    table = plain("score", "date", "text", "what becomes of it")
    for answer in members:
        fate = "[green]a word of the customer's, taken once[/]"
        table.add_row(f"{answer.score} of 5", said(answer.date), said(answer.text), fate)
    return table


def _attachments(members: tuple[Any, ...]) -> Table:
    table = plain("visibility", "name", "type", "bytes", "author", "date", "what becomes of it")
    for file in members:
        told = (said(each) for each in (file.name, file.mime_type, file.size, file.author, file.date))
        private = file.visibility == "private"
        fate = "[dim]stays in this company[/]" if private else "[green]crosses as the agreement says[/]"
        table.add_row(str(file.visibility), *told, fate)
    return table
