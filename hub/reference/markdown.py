"""The few forms of Markdown that the pages are made of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from io import StringIO
from typing import Any

from ruamel.yaml import YAML

MADE = "<!-- Written from the code by `make docs`; change the code, not this page. -->"


def page(title: str, *parts: str) -> str:
    """A whole page of these blocks."""
    return "\n\n".join([MADE, f"# {title}", *(part.strip("\n") for part in parts if part)]) + "\n"


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; nothing where there are no rows."""
    lines = [f"| {' | '.join(cell(text) for text in row)} |" for row in rows]
    return "\n".join([f"| {' | '.join(heads)} |", f"|{' --- |' * len(heads)}", *lines]) if lines else ""


def cell(text: str) -> str:
    """Text on one line that cannot end its cell."""
    return " ".join(text.split()).replace("|", "\\|")


def code(text: str) -> str:
    """Code within a line."""
    fence = "``" if "`" in text else "`"
    pad = " " if "`" in text else ""
    return f"{fence}{pad}{text}{pad}{fence}" if text else ""


def block(text: str, language: str = "") -> str:
    """Code in lines of its own."""
    return f"```{language}\n{text.rstrip()}\n```"


def flow(value: Any) -> str:
    """A value as YAML on one line."""
    writer = YAML(typ="safe", pure=True)
    writer.default_flow_style = True
    writer.width = 10_000
    writer.sort_base_mapping_type_on_output = False  # type: ignore[assignment]  # typed as its default, None
    writer.allow_unicode = True
    written = StringIO()
    writer.dump({"": _plain(value)}, written)
    return written.getvalue().strip().removeprefix("{'': ").removesuffix("}")


def _plain(value: Any) -> Any:
    """The value with its decimals as YAML writes numbers."""
    if isinstance(value, Mapping):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return float(value) if isinstance(value, Decimal) else value
