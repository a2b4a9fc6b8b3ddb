"""CSV as the Bulk API takes and gives it: a header of field names, `#N/A` for null, an empty cell for "leave it".

Pure. Next: `brightnet_jobs.py`.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

DELIMITERS = {"BACKQUOTE": "`", "CARET": "^", "COMMA": ",", "PIPE": "|", "SEMICOLON": ";", "TAB": "\t"}
ENDINGS = {"LF": "\n", "CRLF": "\r\n"}
NULL = "#N/A"
csv.field_size_limit(1 << 20)


class BadCsv(ValueError):
    """Why a text is no table."""


def read(text: str, delimiter: str) -> tuple[list[str], list[dict[str, str]]]:
    """The header, and the rows by it. Raises BadCsv."""
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), delimiter=delimiter, strict=True)
    try:
        lines = [line for line in reader if line]
    except csv.Error as error:
        raise BadCsv(str(error)) from error
    if not lines:
        return [], []
    header, *rows = lines
    for number, row in enumerate(rows, 2):
        if len(row) != len(header):
            raise BadCsv(f"row {number} has {len(row)} columns, the header has {len(header)}")
    return header, [dict(zip(header, row, strict=True)) for row in rows]


def write(header: Sequence[str], rows: Iterable[Mapping[str, str]], delimiter: str, ending: str) -> str:
    """A table, every cell in quotes."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter, lineterminator=ending, quoting=csv.QUOTE_ALL)
    writer.writerow(header)
    writer.writerows([row.get(name, "") for name in header] for row in rows)
    return text.getvalue()


def body(row: Mapping[str, str]) -> dict[str, Any]:
    """What a row says of its record."""
    return {name: None if value == NULL else value for name, value in row.items() if value != ""}


def cell(value: Any) -> str:
    """A value of a query's answer."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)
