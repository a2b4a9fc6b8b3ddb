"""Many rows in one call: /composite/sobjects (POST, PATCH, DELETE), its retrieve and its upsert.

A collection answers 200 with one result a row, in order, even where all failed; with allOrNone one failure rolls all
back. A row whose JSON type is wrong refuses the whole request. Limits as Salesforce has them: 200 rows (2000 read),
ten runs of rows of one object. All rows of a call are one transaction of the store.
Next: `brightnet_writes.py` (one row), `brightnet_composite.py` (many requests in one).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import groupby
from typing import Any

from sandbox.companies import brightnet_ids as ids
from sandbox.companies.brightnet_ask import Answer, Ask
from sandbox.companies.brightnet_beside import NOTHING, Beside
from sandbox.companies.brightnet_candidates import one_row
from sandbox.companies.brightnet_columns import Entity, same
from sandbox.companies.brightnet_faults import ROLLED_BACK, Fault, missing, no_method, no_resource
from sandbox.companies.brightnet_schema import CASE, ENTITIES
from sandbox.companies.brightnet_sobjects import columns, entity, shape
from sandbox.companies.brightnet_writes import HUB, create, delete, update, upsert
from sandbox.companies.store import Store

MOST_ROWS, MOST_READ, MOST_RUNS = 200, 2000, 10
Result = dict[str, Any]


class _RolledBack(Exception):
    """A row failed under allOrNone."""


def collections(store: Store, ask: Ask) -> Answer:
    """Everything below /composite/sobjects."""
    match ask.method, ask.path[2:]:
        case "POST", ():
            return Answer(200, _each(store, ask, _records(ask), lambda row: _done(create(store, *_kind(row)))))
        case "PATCH", ():
            return Answer(200, _each(store, ask, _records(ask), lambda row: _updated(store, row)))
        case "PATCH", (name, outside):
            if entity(name) is not CASE or not same(outside, HUB):
                raise no_resource()
            return Answer(200, _each(store, ask, _records(ask), lambda row: _upserted(store, row)))
        case "DELETE", ():
            wanted = [one for one in ask.params.get("ids", "").split(",") if one]
            bounded(wanted, MOST_ROWS)
            return Answer(200, _each(store, ask, wanted, lambda one: _done(delete(store, _by_prefix(one), one))))
        case "GET", (name,):
            asked = {key: ask.params.get(key, "").split(",") for key in ("ids", "fields")}
            return Answer(200, _retrieved(store, entity(name), asked, ask.version))
        case "POST", (name,):
            return Answer(200, _retrieved(store, entity(name), ask.thing(), ask.version))
        case method, _:
            raise no_method(method)


def _each(store: Store, ask: Ask, wanted: Sequence[Any], act: Callable[[Any], Result]) -> list[Result]:
    """A result for each row. Raises Fault where a row refuses the whole request."""
    told = ask.params.get("allOrNone") if ask.method == "DELETE" else ask.thing().get("allOrNone", False)
    whole = told in (True, "true")
    results: list[Result] = []
    try:
        with store.together():
            for one in wanted:
                results.append(_result(store, one, act))
            if whole and not all(one["success"] for one in results):
                raise _RolledBack
    except _RolledBack:
        message = "Record rolled back because not all records were valid and the request was using AllOrNone header"
        undone = Fault(400, ROLLED_BACK, message, []).row()
        return [undone if one["success"] else one for one in results]
    return results


def _result(store: Store, one: Any, act: Callable[[Any], Result]) -> Result:
    try:
        with store.together():
            return act(one)
    except Fault as fault:
        if fault.code == "JSON_PARSER_ERROR":
            raise
        return fault.row()


def _done(record_id: str) -> Result:
    return {"id": record_id, "success": True, "errors": []}


def _updated(store: Store, row: Mapping[str, Any]) -> Result:
    kind, body = _kind(row)
    record_id = next((value for name, value in body.items() if same(name, "id")), None)
    if not isinstance(record_id, str):
        raise Fault(400, "MISSING_ARGUMENT", "Id not specified in an update call", [])
    return _done(update(store, kind, record_id, body))


def _upserted(store: Store, row: Mapping[str, Any]) -> Result:
    _, body = _kind(row)
    hub_id = next((value for name, value in body.items() if same(name, HUB)), None)
    if not isinstance(hub_id, str) or not hub_id:
        raise Fault(400, "MISSING_ARGUMENT", f"{HUB} not specified", [HUB])
    record_id, new = upsert(store, hub_id, {name: value for name, value in body.items() if not same(name, HUB)})
    return {**_done(record_id), "created": new}


def _retrieved(store: Store, kind: Entity, asked: Mapping[str, Any], version: str) -> list[Result | None]:
    """Rows of these ids in their order; null for what is not there. Raises Fault INVALID_FIELD."""
    wanted, names = ([str(one).strip() for one in asked.get(key) or () if one] for key in ("ids", "fields"))
    if not wanted or not names:
        raise missing([key for key, value in (("ids", wanted), ("fields", names)) if not value])
    bounded(wanted, MOST_READ)
    chosen = columns(kind, names)
    if kind is CASE:
        numbers = [found[0] for one in wanted if (found := ids.numbers(one, ids.CASE))]
        rows = {ids.make(ids.CASE, one.id): one for one in store.by_ids(numbers) if not one.deleted}
        beside = Beside(store, [one.id for one in rows.values()])
        kept = [rows.get(ids.whole(one) or "") for one in wanted]
        return [None if row is None else shape(kind, chosen, row, beside, version) for row in kept]
    hung = [one_row(store, kind, one) for one in wanted]
    return [
        None if row is None or _gone(row) else shape(kind, chosen, row, _beside(store, row), version) for row in hung
    ]


def _gone(row: Any) -> bool:
    return not isinstance(row, str) and row.record.deleted


def _beside(store: Store, row: Any) -> Beside:
    return NOTHING if isinstance(row, str) else Beside(store, [row.record.id])


def _records(ask: Ask) -> list[dict[str, Any]]:
    """The rows of the body. Raises Fault: too many, too mixed, or no rows."""
    records = ask.thing().get("records")
    if not isinstance(records, list) or not records or not all(isinstance(one, dict) for one in records):
        raise missing(["records"])
    bounded(records, MOST_ROWS)
    if sum(1 for _ in groupby(records, lambda one: str(_type(one)).lower())) > MOST_RUNS:
        message = (
            f"Cannot have more than {MOST_RUNS} chunks in a single operation. Please rearrange the data to reduce "
            "chunking."
        )
        raise Fault(400, "LIMIT_EXCEEDED", message)
    return records


def bounded(rows: Sequence[Any], most: int) -> None:
    if len(rows) > most:
        message = f"record limit reached. cannot submit more than {most} records into this call"
        raise Fault(400, "EXCEEDED_ID_LIMIT", message)


def _kind(row: Mapping[str, Any]) -> tuple[Entity, Mapping[str, Any]]:
    """The row's object by attributes.type, and the row."""
    name = _type(row)
    if not isinstance(name, str):
        raise Fault(400, "MISSING_ARGUMENT", "The 'type' attribute is required for each record", [])
    try:
        return entity(name), row
    except Fault:
        raise Fault(400, "INVALID_TYPE", f"sObject type '{name}' is not supported.", []) from None


def _type(row: Mapping[str, Any]) -> Any:
    attributes = row.get("attributes")
    return attributes.get("type") if isinstance(attributes, dict) else None


def _by_prefix(record_id: str) -> Entity:
    return next((one for one in ENTITIES.values() if record_id.startswith(one.prefix)), CASE)
