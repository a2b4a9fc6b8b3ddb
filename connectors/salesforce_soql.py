"""SOQL written safely: every value passes `quoted` or `moment`, every name is checked, nothing else enters a query.

Knows no connection and no object of Salesforce in particular. Source: the public SOQL reference, "Quoted String Escape
Sequences" (a backslash before anything that is not in its table is an error) and "Date Formats and Date Literals".
Next: `salesforce.py` asks these queries, `salesforce_system.py` names the fields.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime

from connectors.errors import Rejected

LONGEST = 100_000
"""Characters that Salesforce takes in one query."""

NAME = r"^[A-Za-z][A-Za-z0-9_]*$"
PATH = r"^[A-Za-z][A-Za-z0-9_]*(\.[A-Za-z][A-Za-z0-9_]*){0,5}$"
_PATH = re.compile(PATH.removesuffix("$") + r"\Z")
_ESCAPES = str.maketrans({
    "\\": "\\\\", "'": "\\'", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f",
})  # fmt: skip
_UNSAYABLE = re.compile("[\x00-\x07\x0b\x0e-\x1f\x7f\ud800-\udfff]")


def quoted(text: str) -> str:
    """The text as a SOQL string, quotes included. Raises Rejected for what no string of SOQL can hold.

    Control characters without an escape and lone surrogates are refused: left raw they would be dropped or replaced
    on the way, and the query would ask for another value than the one meant.
    """
    found = _UNSAYABLE.search(text)
    if found:
        raise Rejected(
            f"the character U+{ord(found.group()):04X} at {found.start()} cannot stand in a query.", code="C650",
            where="SOQL", fix="take the character out of the value; it belongs to no text that people write.",
        )  # fmt: skip
    return f"'{text.translate(_ESCAPES)}'"


def moment(instant: datetime) -> str:
    """The instant as a dateTime literal in UTC, whole milliseconds; ValueError where it has no zone."""
    if instant.tzinfo is None:
        raise ValueError(f"{instant.isoformat()} has no zone: a query needs one")
    return instant.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def name(path: str) -> str:
    """The name of a field or object, dotted through parents, unchanged; ValueError where it is none."""
    if not _PATH.match(path):
        raise ValueError(f"{path!r} is no name of a field or object")
    return path


def equals(field: str, value: str) -> str:
    """field = 'value'"""
    return f"{name(field)} = {quoted(value)}"


def among(field: str, values: Sequence[str]) -> str:
    """field IN ('a', 'b'); ValueError for none, which SOQL cannot say."""
    if not values:
        raise ValueError(f"{field}: IN needs at least one value")
    return f"{name(field)} IN ({', '.join(map(quoted, values))})"


def since(field: str, instant: datetime) -> str:
    """field >= instant"""
    return f"{name(field)} >= {moment(instant)}"


def beyond(field: str, instant: datetime, record_id: str) -> str:
    """The rows after (instant, id) in the order `field, Id`.

    The first condition says nothing new; it lets Salesforce use its index, which an OR alone does not.
    """
    at = moment(instant)
    field = name(field)
    return f"{field} >= {at} AND ({field} > {at} OR ({field} = {at} AND Id > {quoted(record_id)}))"


def newest(field: str, source: str) -> str:
    """The highest value of one field, in one row."""
    return " ".join(["SELECT", name(field), "FROM", name(source), "ORDER BY", field, "DESC LIMIT 1"])


def select(
    fields: Sequence[str],
    source: str,
    where: str = "",
    *,
    children: Sequence[str] = (),
    order: Sequence[str] = (),
    limit: int | None = None,
) -> str:
    """One query. where: conditions made by the functions above. children: subqueries made by this one.

    order: names, ascending. Raises Rejected where the whole is longer than Salesforce takes.
    """
    asked = [*(name(field) for field in dict.fromkeys(fields)), *(f"({child})" for child in children)]
    parts = ["SELECT", ", ".join(asked), "FROM", name(source)]
    if where:
        parts += ["WHERE", where]
    if order:
        parts += ["ORDER BY", ", ".join(map(name, order))]
    if limit is not None:
        parts += ["LIMIT", str(int(limit))]
    text = " ".join(parts)
    if len(text) > LONGEST:
        text = f"the query has {len(text)} characters, Salesforce takes {LONGEST}."
        raise Rejected(text, code="C650", where="SOQL", fix="ask for fewer fields or fewer records at once.")
    return text
