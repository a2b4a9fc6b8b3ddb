"""The resources of single rows: /sobjects, /sobjects/Case, /describe, /{id}, /Hub_Case__c/{value}, updated,
deleted, and /sobjects/ContentVersion/{id}/VersionData.

Each takes an Ask, as the door read it from the wire, and gives an Answer or raises Fault. Knows no socket and no
session. Next: `brightnet_writes.py` (what a write does), `brightnet_door.py` (who calls these).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from sandbox.companies import brightnet_ids as ids
from sandbox.companies.brightnet_ask import Answer, Ask, Form
from sandbox.companies.brightnet_beside import NOTHING, Beside
from sandbox.companies.brightnet_candidates import one_row
from sandbox.companies.brightnet_columns import Column, Entity, same, shown
from sandbox.companies.brightnet_describe import base, describe, sobjects, summary
from sandbox.companies.brightnet_faults import Fault, deleted, no_column, no_method, no_record, no_resource
from sandbox.companies.brightnet_files import VERSION
from sandbox.companies.brightnet_schema import CASE, ENTITIES, QUERIED
from sandbox.companies.brightnet_uploads import data, from_form
from sandbox.companies.brightnet_values import instant
from sandbox.companies.brightnet_writes import HUB, USER, create, delete, update, upsert
from sandbox.companies.rows import Record
from sandbox.companies.store import Store

MINUTE = timedelta(minutes=1)
KEPT_UPDATED, KEPT_DELETED = timedelta(days=30), timedelta(days=15)


def rows(store: Store, ask: Ask) -> Answer:
    """Everything below /sobjects."""
    match ask.method, ask.path[1:]:
        case "GET", ():
            return Answer(200, sobjects(ask.version))
        case "POST", (name,):
            return _create(store, ask, entity(name))
        case "GET", (name, *about) if about in ([], ["describe"], ["updated"], ["deleted"]):
            return Answer(200, _about(store, ask, entity(name), "".join(about)))
        case "GET", (name, record_id, "VersionData") if entity(name) is VERSION:
            return Answer(200, data(store, record_id))
        case method, (name, record_id):
            return _row(store, ask, method, entity(name), record_id)
        case method, (name, outside, value):
            return _outside(store, ask, method, entity(name), (outside, value))
        case _:
            raise no_resource()


def _create(store: Store, ask: Ask, kind: Entity) -> Answer:
    form = ask.body if kind is VERSION and isinstance(ask.body, Form) else None
    record_id = create(store, kind, ask.thing()) if form is None else from_form(store, form, USER)
    url = f"{base(ask.version)}/sobjects/{kind.name}/{record_id}"
    return Answer(201, {"id": record_id, "success": True, "errors": []}, {"Location": url})


def _about(store: Store, ask: Ask, kind: Entity, what: str) -> dict[str, Any]:
    match what:
        case "":
            return {"objectDescribe": summary(kind, ask.version), "recentItems": []}
        case "describe":
            return describe(kind, ask.version)
        case _:
            return _changed(store, kind, what, ask.params)


def entity(name: str) -> Entity:
    """The object of that name. Raises Fault NOT_FOUND."""
    found = next((one for one in QUERIED if same(one, name)), None)
    if found is None:
        raise no_resource()
    return ENTITIES[found]


def columns(kind: Entity, names: Sequence[str]) -> list[Column]:
    """The columns of these names, each once; all of them where none is named. Raises Fault INVALID_FIELD."""
    chosen = []
    for name in names:
        column = kind.column(name)
        if column is None:
            raise no_column(name, kind.name)
        chosen.append(column)
    return list(dict.fromkeys(chosen)) or list(kind.columns.values())


def shape(kind: Entity, chosen: Sequence[Column], row: Any, beside: Beside, version: str) -> dict[str, Any]:
    """One row with these columns, and its Id in any case."""
    whole: dict[str, Any] = {"attributes": kind.attributes(row, beside, version)}
    whole.update((one.name, shown(one.read(row, beside))) for one in chosen)
    whole.setdefault("Id", kind.columns["Id"].read(row, beside))
    return whole


def _row(store: Store, ask: Ask, method: str, kind: Entity, record_id: str) -> Answer:
    match method:
        case "GET":
            return Answer(200, _read(store, ask, kind, record_id))
        case "PATCH":
            body = ask.thing()
            if any(same(name, "id") for name in body):
                message = "The Id field should not be specified in the sobject data."
                raise Fault(400, "INVALID_FIELD", message, ["Id"])
            update(store, kind, record_id, body, unmodified_since=_unmodified(ask.headers))
            return Answer(204)
        case "DELETE":
            delete(store, kind, record_id)
            return Answer(204)
        case _:
            raise no_method(method)


def _read(store: Store, ask: Ask, kind: Entity, record_id: str) -> dict[str, Any]:
    full = ids.whole(record_id)
    if full is None:
        raise Fault(400, "MALFORMED_ID", f"malformed id {record_id}")
    row = one_row(store, kind, full)
    if row is None:
        raise no_resource()
    chosen = columns(kind, [one.strip() for one in ask.params.get("fields", "").split(",") if one.strip()])
    if isinstance(row, str):
        return shape(kind, chosen, row, NOTHING, ask.version)
    record = row if isinstance(row, Record) else row.record
    if record.deleted:
        raise deleted()
    return shape(kind, chosen, row, Beside(store, [record.id]), ask.version)


def _outside(store: Store, ask: Ask, method: str, kind: Entity, asked: tuple[str, str]) -> Answer:
    """Rows by the hub's id. Two with one value cannot be: the field is unique, so 300 is never answered."""
    name, value = asked
    if kind is not CASE or not same(name, HUB):
        raise no_record()
    if method == "PATCH":
        record_id, new = upsert(store, value, ask.thing())
        return Answer(201 if new else 200, {"id": record_id, "success": True, "errors": [], "created": new})
    record = store.by_hub(value)
    if record is None:
        raise no_resource()
    return _row(store, ask, method, kind, ids.make(ids.CASE, record.id))


def _unmodified(headers: Mapping[str, str]) -> datetime | None:
    text = headers.get("if-unmodified-since")
    if text is None:
        return None
    try:
        return parsedate_to_datetime(text).astimezone(UTC)
    except ValueError:
        raise Fault(400, "INVALID_HEADER", f"If-Unmodified-Since: {text} is no HTTP date") from None


def _changed(store: Store, kind: Entity, which: str, params: Mapping[str, str]) -> dict[str, Any]:
    """getUpdated and getDeleted of Case, in minute steps: 30 days back, and of deletions 15, purged ones too."""
    if kind is not CASE:
        raise no_resource()
    start, end = (instant(params.get(name, "").replace(" ", "+")) for name in ("start", "end"))
    if start is None or end is None or start >= end:
        raise Fault(400, "INVALID_REPLICATION_DATE", "start and end are ISO times, start before end")
    now = datetime.now(UTC)
    since, until = (one.replace(second=0, microsecond=0) for one in (start, min(end, now)))
    earliest = now - (KEPT_UPDATED if which == "updated" else KEPT_DELETED)
    if since < earliest:
        raise Fault(
            400, "INVALID_REPLICATION_DATE", f"start is before the earliest date that is kept: {shown(earliest)}"
        )
    latest = shown(until)
    if which == "updated":
        found = [one for one in store.since(since) if one.changed < until + MINUTE]
        return {"ids": [ids.make(ids.CASE, one.id) for one in found], "latestDateCovered": latest}
    gone = [
        {"id": ids.make(ids.CASE, record_id), "deletedDate": shown(at)}
        for record_id, at in store.graves(since, until + MINUTE)
    ]
    return {"deletedRecords": gone, "earliestDateAvailable": shown(earliest), "latestDateCovered": latest}
