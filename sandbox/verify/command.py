"""`casebridge verify vinst FILE`: the log through `history import`, and the figures beside the published ones."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table

from hub.entries import Entry
from hub.ledger import Ledger
from hub.past.declared import load_history
from hub.past.importing import import_past
from hub.past.reading import read_past
from sandbox.verify.vinst import Line, of_all, of_lines, of_teams

DECLARED = Path(__file__).with_name("vinst.yaml")


WAYS = ("org_line", "support_team", None)
"""Columns that stand for the company, each in an import of its own; None: all is one company's."""


def verified(log: Path, ways: Sequence[str | None] = WAYS) -> list[Line]:
    """Every figure of these imports, published and ours. Raises DeclarationError."""
    of = {"org_line": of_lines, "support_team": of_teams, None: of_all}
    return [line for way in ways for line in of[way](_entries(log, way))]


def _entries(log: Path, company: str | None) -> list[Entry]:
    """The log as a scratch ledger's entries. company: the column that stands for the company; None: all is one's."""
    declared, document = load_history(DECLARED)
    columns = declared.columns.model_copy(update={"company": company})
    declared = declared.model_copy(update={"columns": columns, "company": None if company else "everybody"})
    ledger = Ledger.in_memory()
    import_past(ledger, read_past(log, declared, document), datetime.now(UTC))
    return list(ledger.entries())


def run(log: Path, console: Console) -> bool:
    """Print the table; whether every figure is equal."""
    found = verified(log)
    table = Table("figure", "said by", "published", "ours", "")
    for column in table.columns[2:4]:
        column.justify = "right"
    for line in found:
        told = "[green]equal[/]" if line.is_equal else "[red]differs[/]"
        table.add_row(line.name, line.source, line.published, line.shown, told)
    console.print(table)
    differing = sum(not line.is_equal for line in found)
    console.print(
        f"{len(found)} figures, {differing or 'none'} differ{'s' if differing == 1 else ''}. header: the log's own; "
        "analyses: public, not peer-reviewed; computed: once, with another tool.",
        highlight=False, soft_wrap=True,
    )  # fmt: skip
    return not differing
