"""How the mapping tools show a value in a table: on one line, cut, control characters escaped, never as markup.

Next: `mapping_showing.py`, `mapping_diff_showing.py`, `mapping_replay_showing.py`.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from rich.markup import escape
from rich.table import Table

from mappings.errors import shown

WIDE = 44
"""Characters of a value that a table shows."""


def said(value: Any) -> str:
    """A value as a table shows it: one line, cut, no markup."""
    if value is None:
        return "[dim]–[/]"
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="milliseconds" if value.microsecond else "seconds")
    if isinstance(value, str):
        return escape(_cut(value))
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal | int):
        return escape(shown(value, WIDE))
    return f"[dim]{'a list of ' + str(len(value)) if isinstance(value, list | tuple) else 'an object'}[/]"


def _cut(text: str) -> str:
    """Control characters as what they are called, the end cut."""
    plain = text.replace("\r\n", "↵").replace("\n", "↵")
    safe = "".join(sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in plain[:WIDE])
    return safe + ("…" if len(plain) > WIDE else "")


def plain(*heads: str) -> Table:
    """A table without lines, with these heads."""
    table = Table(box=None, header_style="dim", pad_edge=False)
    for head in heads:
        table.add_column(head, overflow="fold")
    return table
