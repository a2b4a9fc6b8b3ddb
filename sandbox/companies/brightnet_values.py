"""What a client's JSON means as values of the store, by the columns of an object. Raises Fault, worded as Salesforce.

Names are taken with any capitals. A value of the wrong JSON type is JSON_PARSER_ERROR, and that refuses the whole
request, not only its row. Numbers may come as text, as Salesforce takes them. Knows no store but its refusals.
Next: `brightnet_writes.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from sandbox.companies import brightnet_ids as ids
from sandbox.companies.brightnet_columns import Column, Entity
from sandbox.companies.brightnet_faults import (
    Fault,
    bad_pick,
    deleted,
    duplicate,
    missing,
    no_column,
    not_json,
    read_only,
    too_long,
)
from sandbox.companies.brightnet_schema import CASE
from sandbox.companies.refusals import Duplicate, Refusal
from sandbox.companies.vocabulary import Value

_JSON_NAMES = {bool: "VALUE_BOOLEAN", int: "VALUE_NUMBER_INT", Decimal: "VALUE_NUMBER_FLOAT", str: "VALUE_STRING"}


def typed(entity: Entity, body: Mapping[str, Any]) -> dict[str, Value]:
    """The body's fields by their proper names, as values. `attributes` and Id are the caller's and left out.

    Raises Fault INVALID_FIELD, INVALID_FIELD_FOR_INSERT_UPDATE, JSON_PARSER_ERROR.
    """
    values: dict[str, Value] = {}
    refused: list[str] = []
    for name, value in body.items():
        if name == "attributes" or name.lower() == "id":
            continue
        column = entity.column(name)
        if column is None:
            raise no_column(name, entity.name)
        if not column.writable:
            refused.append(column.name)
        else:
            values[column.name] = _value(column, value)
    if refused:
        raise read_only(refused)
    return values


def said(refusal: Refusal) -> Fault:
    """The store's refusal in Salesforce's words."""
    column = CASE.columns.get(refusal.field)
    label = column.label if column else refusal.field
    if isinstance(refusal, Duplicate):
        return duplicate(refusal.field, ids.make(ids.CASE, refusal.existing.id))
    known: Mapping[str, Callable[[], Fault]] = {
        "unknown_value": lambda: bad_pick(refusal.field, label, refusal.value),
        "too_long": lambda: too_long(refusal.field, label, str(refusal.value), column.length if column else 0),
        "missing": lambda: missing([refusal.field]),
        "deleted": deleted,
        "not_found": deleted,
        "unknown_field": lambda: no_column(refusal.field, CASE.name),
        "read_only": lambda: read_only([refusal.field]),
        "file_name": lambda: Fault(400, "INVALID_FIELD", "Path On Client: not a file name", ["PathOnClient"]),
        "file_too_large": lambda: Fault(400, "FILE_SIZE_LIMIT_EXCEEDED", refusal.message, ["VersionData"]),
    }
    otherwise = not_json(f"Cannot deserialize {label} from value {refusal.value!r}")
    return known[refusal.code]() if refusal.code in known else otherwise


def instant(text: str) -> datetime | None:
    """An ISO time with its offset, in UTC; None for anything else."""
    try:
        moment = datetime.fromisoformat(text)
        return moment.astimezone(UTC) if moment.tzinfo else None
    except (ValueError, OverflowError):
        return None


def _value(column: Column, value: Any) -> Value:
    if value is None or value == "":
        return False if column.type == "boolean" else None
    match column.type:
        case "boolean":
            words = {"true": True, "false": False}
            truth = value if isinstance(value, bool) else words.get(value.lower()) if isinstance(value, str) else None
            if truth is None:
                raise _wrong("boolean", value)
            return truth
        case "double":
            return _number(column, value)
        case "datetime":
            moment = instant(value) if isinstance(value, str) else None
            if moment is None:
                raise _wrong("datetime", value)
            return moment
        case _:
            if not isinstance(value, str):
                raise _wrong("string", value)
            return value


def _number(column: Column, value: Any) -> Decimal | int:
    if isinstance(value, bool) or not isinstance(value, int | Decimal | str):
        raise _wrong("double", value)
    try:
        number = Decimal(value)
    except InvalidOperation:
        raise _wrong("double", value) from None
    if not number.is_finite() or abs(number) >= 10**16:
        message = f"{column.label}: number too large"
        raise Fault(400, "NUMBER_OUTSIDE_VALID_RANGE", message, [column.name])
    rounded = number.quantize(Decimal(1).scaleb(-column.scale), ROUND_HALF_UP)
    return rounded if column.scale else int(rounded)


def _wrong(wanted: str, value: Any) -> Fault:
    kind = _JSON_NAMES.get(type(value), "START_ARRAY" if isinstance(value, list) else "START_OBJECT")
    shown = value if isinstance(value, str | int | Decimal) else ""
    return not_json(
        f"Cannot deserialize instance of {wanted} from {kind} value {shown} or request may be missing a required field"
    )
