"""A WHERE and an ORDER BY of one object, checked against its columns and made into plain functions of a row.

SOQL's own rules: texts compare without regard to capitals, ids with; != and NOT keep rows that hold nothing; < and >
never do; nothing sorts first unless NULLS LAST; a picklist sorts by its order of values. Faults are worded as
Salesforce words them, with the place marked. Knows no store. Next: `brightnet_query.py`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from operator import ge, gt, le, lt
from typing import Any

from sandbox.companies import brightnet_ids as ids
from sandbox.companies.brightnet_beside import Beside
from sandbox.companies.brightnet_columns import TEXTS, Cell, Column, Entity, same
from sandbox.companies.brightnet_faults import Fault, no_column
from sandbox.companies.brightnet_schema import ENTITIES
from sandbox.companies.brightnet_soql import Compare, Condition, Every, Not, Order, Path
from sandbox.companies.brightnet_tokens import MANY, ONE, Written, pointed

Reader = Callable[[Any, Beside], Cell]
Test = Callable[[Any, Beside], bool]
Key = Callable[[Any, Beside], tuple[int, Any]]
_FALSE: Test = lambda _row, _beside: False  # noqa: E731 - a constant of the same type as the others
_ORDERS: Mapping[str, Callable[[Any, Any], bool]] = {"<": lt, "<=": le, ">": gt, ">=": ge}
_KINDS = {"double": "number", "int": "number", "boolean": "boolean", "datetime": "dateTime"}
_WORDING = {
    "string": "must be of type string and should be enclosed in quotes",
    "number": "must be of type double and should not be enclosed in quotes",
    "boolean": "must be of type boolean and should not be enclosed in quotes",
    "dateTime": "must be of type dateTime and should not be enclosed in quotes",
}


def reach(entity: Entity, path: Path, text: str) -> tuple[Column, Reader]:
    """The column at the end of a path, and how to read it from a row of the entity. Raises Fault INVALID_FIELD."""
    *through, last = path.names
    here, readers = entity, list[Callable[[Any, Beside], Any]]()
    for name in through:
        parent = next((one for key, one in here.parents.items() if same(key, name)), None)
        if parent is None:
            message = (
                f"{pointed(text, path.at)}Didn't understand relationship '{name}' in field path. If you are attempting "
                "to use a custom relationship, be sure to append the '__r' after the custom relationship name. Please "
                "reference your WSDL or the describe call for the appropriate names."
            )
            raise Fault(400, "INVALID_FIELD", message)
        readers.append(parent.read)
        here = ENTITIES[parent.entity]
    column = here.column(last)
    if column is None:
        raise no_column(last, here.name, pointed(text, path.at))
    if not readers:
        return column, column.read

    def read(row: Any, beside: Beside) -> Cell:
        for one in readers:
            row = one(row, beside)
        return column.read(row, beside)

    return column, read


def test(entity: Entity, where: Condition | None, text: str) -> Test:
    """Whether a row fits. Raises Fault where the condition cannot be meant."""
    match where:
        case None:
            return lambda _row, _beside: True
        case Not(term):
            inner = test(entity, term, text)
            return lambda row, beside: not inner(row, beside)
        case Every(is_any, terms):
            tests = [test(entity, term, text) for term in terms]
            if is_any:
                return lambda row, beside: any(one(row, beside) for one in tests)
            return lambda row, beside: all(one(row, beside) for one in tests)
        case Compare(path, op, values):
            column, read = reach(entity, path, text)
            return _compared(column, read, op, values, text)


def key(entity: Entity, order: Order, text: str) -> Key:
    """What to sort by, ascending in the order's own sense of nothing first or last. Raises Fault."""
    column, read = reach(entity, order.path, text)
    if column.type == "textarea":
        message = f"{pointed(text, order.path.at)}field '{column.name}' can not be sorted in a query call"
        raise Fault(400, "MALFORMED_QUERY", message)
    # The whole key is reversed for DESC: what means "nothing" is turned round beforehand.
    empty = 1 if order.nulls_last != order.descending else -1
    places = {value: at for at, value in enumerate(column.values)}

    def sortable(row: Any, beside: Beside) -> tuple[int, Any]:
        value = read(row, beside)
        if value is None:
            return empty, 0
        if places:
            return 0, places[str(value)]
        return 0, value.casefold() if isinstance(value, str) and column.type in TEXTS else value

    return sortable


def _compared(column: Column, read: Reader, op: str, values: Sequence[Written], text: str) -> Test:
    at = values[0].at
    if not column.filterable:
        message = f"{pointed(text, at)}field '{column.name}' can not be filtered in a query call"
        raise Fault(400, "INVALID_FIELD", message)
    wanted = [_meant(column, value, op, text) for value in values]
    if op in ("=", "IN"):
        among = frozenset(wanted)
        return lambda row, beside: _plain(column, read(row, beside)) in among
    if op in ("!=", "NOT IN"):
        among = frozenset(wanted)
        return lambda row, beside: _plain(column, read(row, beside)) not in among
    if op == "LIKE":
        return _like(column, read, wanted[0], pointed(text, at))
    if column.type == "boolean":
        raise Fault(400, "INVALID_QUERY_FILTER_OPERATOR", f"{pointed(text, at)}invalid operator on boolean field")
    limit, holds = wanted[0], _ORDERS[op]
    if limit is None:
        return _FALSE

    def compared(row: Any, beside: Beside) -> bool:
        value = _plain(column, read(row, beside))
        return value is not None and holds(value, limit)

    return compared


def _meant(column: Column, written: Written, op: str, text: str) -> Cell:
    """The written value as the column's cells are compared. Raises Fault for a value of another type."""
    kind = _KINDS.get(column.type, "string")
    if written.kind == "null":
        return None
    if written.kind != kind:
        message = f"{pointed(text, written.at)}value of filter criterion for field '{column.name}' {_WORDING[kind]}"
        raise Fault(400, "INVALID_FIELD", message)
    value = written.value
    if column.type in ("id", "reference") and op != "LIKE":
        full = ids.whole(str(value))
        if full is None:
            message = f"{pointed(text, written.at)}invalid ID field: {value}"
            raise Fault(400, "INVALID_QUERY_FILTER_OPERATOR", message)
        return full
    if isinstance(value, str):
        return value.casefold() if op == "LIKE" else value.replace(ONE, "_").replace(MANY, "%").casefold()
    return value if isinstance(value, bool | Decimal | datetime) else None


def _plain(column: Column, value: Cell) -> Cell:
    return value.casefold() if isinstance(value, str) and column.type in TEXTS else value


def _like(column: Column, read: Reader, wanted: Cell, place: str) -> Test:
    if column.type not in TEXTS:
        raise Fault(400, "INVALID_QUERY_FILTER_OPERATOR", f"{place}invalid operator on {column.type} field")
    if wanted is None:
        return _FALSE
    marks = {"%": ".*", "_": ".", ONE: "_", MANY: "%"}
    pattern = re.compile("".join(marks.get(one, re.escape(one)) for one in str(wanted)), re.DOTALL)

    def like(row: Any, beside: Beside) -> bool:
        value = read(row, beside)
        return isinstance(value, str) and pattern.fullmatch(value.casefold()) is not None

    return like
