"""Rows as the CSV of a bulk job, and the CSV of its results as verdicts' raw material. Pure.

In a job an empty cell means "leave it" and `#N/A` means null, so a text that is `#N/A` itself cannot be said there.
Sources: "Prepare CSV Files" and "Get Job Failed Record Results" of the Bulk API 2.0 developer guide; the form of an
error, `CODE:message:Field,Field --`, from public threads. Next: `salesforce_bulk.py`.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

NULL = "#N/A"
_ERROR = re.compile(r"([A-Z][A-Z0-9_]*):(.*):([^:]*?) ?--\Z", re.DOTALL)


def sayable(row: Mapping[str, Any]) -> bool:
    """Whether a job can carry this row: plain values, no text that means null there, none with a carriage return."""
    values = [value for name, value in row.items() if name != "attributes"]
    return all(
        isinstance(value, str | int | Decimal | None) and value != NULL and "\r" not in str(value) for value in values
    )


def table(rows: Sequence[Mapping[str, Any]]) -> bytes:
    """The rows under a header of all their fields."""
    header = list(dict.fromkeys(name for row in rows for name in row if name != "attributes"))
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_ALL)
    writer.writerow(header)
    writer.writerows([_cell(row[name]) if name in row else "" for name in header] for row in rows)
    return text.getvalue().encode()


def _cell(value: Any) -> str:
    if value is None or value == "":
        return NULL
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def results(raw: bytes) -> list[dict[str, str]]:
    """The rows of a result. Raises ValueError for what is none."""
    try:
        lines = [line for line in csv.reader(io.StringIO(raw.decode("utf-8-sig"), newline=""), strict=True) if line]
    except csv.Error as error:
        raise ValueError(str(error)) from None
    if not lines:
        return []
    header, *rows = lines
    if any(len(row) != len(header) for row in rows):
        raise ValueError("a row has more or fewer columns than the header")
    return [dict(zip(header, row, strict=True)) for row in rows]


def refusal(error: str) -> dict[str, Any]:
    """A row's error in the form that a collection has."""
    found = _ERROR.match(error)
    code, message, fields = found.groups() if found else ("UNKNOWN_EXCEPTION", error, "")
    named = [one.strip() for one in fields.split(",") if one.strip()]
    return {"success": False, "errors": [{"statusCode": code, "message": message, "fields": named}]}
